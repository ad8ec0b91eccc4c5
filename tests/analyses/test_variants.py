"""Which variants a case has, and that each is what it says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from causation.analyses.sets import SetResult, set_result
from causation.analyses.steady import MANY
from causation.analyses.variant_plan import planned_variants, uncertain_groups
from causation.analyses.variants import (
    VariantResult,
    range_of_opinion,
    variants,
    with_membership_counted,
)
from causation.case import Case, bundled_prior_sets, fill, load_case
from causation.document.mappings import Fixed
from causation.dossier.assessment import Assessment, assess
from causation.errors import CaseError
from causation.inference.evaluate import Answer, evaluate
from causation.model.structure import Model, Scenarios, build_model
from tests.analyses.tables import Table, bic, case_of, model_of


def found(model: Model, rule: object = None) -> tuple[dict[str, VariantResult], Table]:
    """Results of a table of zeros, or by a rule, and the table."""
    table = Table(rule or (lambda _items, _centers: 0.0))  # type: ignore[arg-type]
    return {v.id: v for v in variants(model, bound=None, evaluate=table)}, table


def names(model: Model) -> list[str]:
    return [v.id for v in planned_variants(model)]


SHOPS: dict[str, object] = {
    "sources": {
        "shop": {"kind": "custodian", "holds": ["phone"], "disclosure": {"phone": [0.5, 0.9]}},
        "carrier": {"kind": "custodian", "holds": ["phone"]},
    },
    "victims": [
        {"id": "first", "plaintiff": True, "disclosed": ["phone"]},
        {"id": "others", "count": 3, "disclosed": ["phone", "email"], "users_of": ["shop"]},
        {"id": "more", "count": 2, "disclosed": ["phone"], "users_of": ["shop"], "linkage": 0.5},
        {"id": "sure", "count": 2, "disclosed": ["phone"], "linkage": 1.0,
         "known_by": {"published_all": ["phone"]}},
    ],
}  # fmt: skip


def test_variants_of_the_beijing_case() -> None:
    assert names(bic()) == [
        "chains_off",
        "residual_2",
        "without.co_victims",
        "residual_4",
        "insiders-as-in-judgments",
        "insiders-as-in-arrests",
        "silence_others",
        "variants.same_fields",
        "no_security",
        "no_defence",
    ]


def test_variants_that_hang_on_the_facts() -> None:
    assert set(names(model_of(**SHOPS))) == {
        "chains_off", "residual_2", "residual_4", "kind_intervals", "one_class", "as_listed",
        "silence_plaintiff", "silence_others", "without.others", "without.more",
        "without_uncertain", "insiders-as-in-judgments", "insiders-as-in-arrests",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "share"), [("insiders-as-in-judgments", 0.5), ("insiders-as-in-arrests", 2300 / 64000)]
)
def test_insiders_by_either_body_of_evidence(name: str, share: float) -> None:
    """Without security records, the prior of routes that begin at a custodian is the share."""
    for model in (model_of(**SHOPS), bic()):
        plan = {v.id: v for v in planned_variants(model)}
        assert not plan[name].binding
        rows = plan[name].make()
        assert isinstance(rows, Scenarios)
        centers = {n.path: rows.center[0, k] for k, n in enumerate(model.numbers)}
        weights = {model.filled.weight_of(s.name).path: s.kind for s in model.filled.sources}
        total = sum(np.exp(centers[path]) for path in weights)
        custodians = [path for path, kind in weights.items() if kind == "custodian"]
        assert sum(np.exp(centers[path]) for path in custodians) / total == pytest.approx(share)
        base = model.base().center[0]
        ratios = {centers[path] - base[model.columns[path]] for path in custodians}
        assert max(ratios) - min(ratios) < 1e-12  # all custodians by the same factor


def test_which_bind_and_what_is_asked_of_them() -> None:
    plan = {v.id: v for v in planned_variants(model_of(**SHOPS))}
    binding = {"chains_off", "residual_2", "kind_intervals", "one_class", "as_listed"}
    assert {v.id for v in plan.values() if v.binding} == binding
    half = {"without.others", "without.more", "without_uncertain"}
    assert {v.id: v.needed for v in plan.values() if v.needed is not None} == (
        dict.fromkeys(binding, 0.75) | dict.fromkeys(half, 0.5)
    )


def test_the_same_bind_where_the_standard_is_one_half() -> None:
    plan = {v.id: v.binding for v in planned_variants(build_model("hutton-2018"))}
    assert plan["chains_off"]
    assert plan["residual_2"]
    assert not plan["residual_4"]
    assert not plan["without.others"]


def test_readings_and_models() -> None:
    plan = {v.id: v.kind for v in planned_variants(model_of(**SHOPS))}
    readings = {v for v, kind in plan.items() if kind == "reading"}
    assert readings == {
        "as_listed", "silence_plaintiff", "silence_others",
        "without.others", "without.more", "without_uncertain",
    }  # fmt: skip


def test_what_does_not_apply_is_left_out() -> None:
    model = model_of(exhaustive=True, sources={"shop": {"kind": "custodian"},
                                               "traces": {"kind": "inference"}})  # fmt: skip
    assert names(model) == ["insiders-as-in-judgments", "insiders-as-in-arrests"]


def test_groups_of_certain_linkage_are_not_uncertain() -> None:
    assert [g.id for g in uncertain_groups(model_of(**SHOPS))] == ["others", "more"]
    certain = model_of(**{**SHOPS, "actor": {"linkage": 1.0}})
    assert [g.id for g in uncertain_groups(certain)] == ["more"]


def test_rows_of_the_model_are_two_calls() -> None:
    """Those that a verdict compares, and the rest."""
    model = bic()
    _, table = found(model)
    assert [len(rows) for m, rows in table.calls if m is model] == [1 + 2, 1 + 5]


def test_what_is_taken_at_once_changes_no_variant(monkeypatch: pytest.MonkeyPatch) -> None:
    victims: list[object] = [
        {"id": f"v{n}", "count": n, "disclosed": ["phone"], "linkage": 0.5} for n in range(1, 21)
    ]
    first = {"id": "first", "plaintiff": True, "disclosed": ["phone"]}
    model = model_of(victims=[first, *victims])

    def rule(items: frozenset[str], _: Mapping[str, float]) -> float:
        return 0.01 * sum(int(i[9:]) for i in items if i[:9] == "victims.v" and i[9:].isdigit())

    whole, once = found(model, rule)
    assert max(len(rows) for _, rows in once.calls) > 20
    monkeypatch.setattr("causation.analyses.variants._CELLS", 1)
    parts, few = found(model, rule)
    assert max(len(rows) for _, rows in few.calls) == MANY + 1  # the case as it is goes first
    assert parts == whole
    assert len({v.probability for v in whole.values()}) > 20


def test_the_residual_twice_and_four_times() -> None:
    model = bic()
    path = "sources.unknown.weight"

    def rule(_: frozenset[str], centers: Mapping[str, float]) -> float:
        return centers[path]

    results, _ = found(model, rule)
    at = model.base().center[0, model.columns[path]]
    for times in (2, 4):
        odds = 0.25 * 10 ** (at + np.log(times))
        assert results[f"residual_{times}"].probability == pytest.approx(odds / (1 + odds))


def test_what_is_left_out() -> None:
    model = model_of(
        **{**SHOPS,
           "security": {"shop": {"incidents": {"count": 1, "years": 3}}},
           "findings": [{"id": "bare", "template": "no_alternative_shown", "about": "shop"},
                        {"id": "audit", "template": "clean_access_log_audit", "about": "shop"}]}
    )  # fmt: skip
    everything = {x.id for x in model.items}

    def rule(items: frozenset[str], _: object) -> float:
        missing.append(everything - items)
        return 0.0

    missing: list[set[str]] = []
    found(model, rule)
    for gone in (
        {"security.shop"},
        {"findings.bare"},
        {"victims.others"},
        {"victims.others", "victims.more"},
    ):
        assert gone in missing


def test_numbers_alone_make_a_row() -> None:
    """The kind's intervals, and a variant of the case that changes a number."""
    model = model_of(
        **{**SHOPS,
           "variants": {"heavy": {"set": {"sources.shop.weight": 3.0}, "binding": True}}}
    )  # fmt: skip
    path = "sources.shop.disclosure.phone"

    def rule(_: frozenset[str], centers: Mapping[str, float]) -> float:
        return 0.3 * centers[path] + centers["sources.shop.weight"]

    results, table = found(model, rule)
    base = model.base().center[0]
    usual = 0.5 * (np.log(0.55 / 0.45) + np.log(99.0))
    expected = {
        "kind_intervals": 0.3 * usual + base[model.columns["sources.shop.weight"]],
        "variants.heavy": 0.3 * base[model.columns[path]] + np.log(3.0),
    }
    for name, ratio in expected.items():
        odds = 0.25 * 10**ratio
        assert results[name].probability == pytest.approx(odds / (1 + odds))
    assert results["variants.heavy"].binding
    assert results["variants.heavy"].needed == 0.75
    others = [m for m, _ in table.calls if m is not model]
    assert {m.filled.single for m in others} == {True, False}  # chains off; the readings
    assert len(others) == len({"chains_off", "one_class", "as_listed", "silence_plaintiff",
                               "silence_others"})  # fmt: skip


def test_other_facts_make_another_model() -> None:
    model = bic()
    table = Table(lambda _items, _centers: 0.0)
    variants(model, bound=None, evaluate=table)
    asked = [m.filled for m, _ in table.calls if m is not model]
    disclosed = [next(g.disclosed for g in f.groups if g.id == "co_victims") for f in asked]
    assert ("account_link", "id_photo", "phone", "real_name") in disclosed
    assert any(f.single for f in asked)


def test_as_listed_is_the_reading_of_the_case() -> None:
    model = model_of(**SHOPS)
    plan = {v.id: v for v in planned_variants(model)}
    listed = plan["as_listed"].make()
    assert isinstance(listed, Case)
    assert listed == model.filled.case.reading("as_listed")
    assert [
        g.known_by.users_of for g in listed.victims if g.id in {"others", "more"} and g.known_by
    ] == [
        ("shop",),
        ("shop",),
    ]


def test_one_that_cannot_be_built_says_why() -> None:
    model = model_of(variants={"gone": {"set": {"victims.nobody.count": 2}, "binding": True}})
    results, _ = found(model)
    gone = results["variants.gone"]
    assert (gone.probability, gone.held, gone.meets) == (None, None, None)
    assert gone.why_missing is not None
    assert "nobody" in gone.why_missing["en"]
    assert gone.why_missing["zh"].startswith("无法据此建立模型")
    assert results["residual_2"].probability is not None


def test_the_bound_holds_for_variants_too() -> None:
    table = Table(lambda _items, _centers: 3.0)
    results = variants(bic(), bound=1.0, evaluate=table)
    assert {round(v.held, 12) for v in results if v.held is not None} == {round(2.5 / 3.5, 12)}
    assert not any(v.meets for v in results)


def test_what_a_verdict_compares_near_its_level_is_evaluated_again() -> None:
    """Each against its own level: the standard where it binds, one half without a group."""
    model = model_of(**SHOPS)
    asked: dict[str, list[float]] = {}

    def ratio_for(p: float) -> float:
        return float(np.log10(p / (1 - p) / 0.25))

    def rule(items: frozenset[str], centers: Mapping[str, float]) -> float:
        if "victims.others" not in items:
            return ratio_for(0.53 if "victims.more" in items else 0.4)
        if "victims.more" not in items:
            return ratio_for(0.74)  # near the standard, but one half is asked
        doubled = centers["sources.unknown.weight"] > at + 0.1
        return ratio_for(0.79 if doubled else 0.9)

    def precise(level: float) -> Table:
        def again(items: frozenset[str], centers: Mapping[str, float]) -> float:
            asked.setdefault(f"{level}", []).append(len(items))
            return rule(items, centers) + 0.01

        return Table(again)

    at = model.base().center[0, model.columns["sources.unknown.weight"]]
    results = {
        v.id: v.probability
        for v in variants(model, bound=None, evaluate=Table(rule, error=0.01), precise=precise)
    }
    n = len(model.items)
    gone = sum(x.group == "others" and x.kind == "series" for x in model.items)
    assert asked == {"0.75": [n], "0.5": [n - gone]}
    assert results["residual_2"] == pytest.approx(0.79, abs=0.01)
    assert results["residual_2"] != pytest.approx(0.79, abs=1e-6)
    assert results["without.more"] == pytest.approx(0.74)
    assert results["without_uncertain"] == pytest.approx(0.4)


def test_labels_are_in_both_languages() -> None:
    for v in planned_variants(model_of(**SHOPS)):
        assert v.label["en"]
        assert v.label["zh"]
        assert v.label["en"] != v.label["zh"]


def test_chains_off_is_the_case_without_chains() -> None:
    """With the integrator: what whoever edits the file would get."""
    model = build_model("shen-2018")
    results = {v.id: v for v in variants(model, bound=None, evaluate=full)}
    edited = evaluate(build_model(model.filled.case.replace(routes="single")))
    assert results["chains_off"].probability == pytest.approx(
        float(edited.probability[0]), abs=1e-9
    )
    doubled = evaluate(
        build_model(model.filled.case.replace({"sources.unknown.weight": (0.5, 2.0)}))
    )
    assert results["residual_2"].probability == pytest.approx(
        float(doubled.probability[0]), abs=1e-4
    )
    apart = evaluate(build_model(model.filled.case.with_variant("separate_hazards")))
    assert results["variants.separate_hazards"].probability == pytest.approx(
        float(apart.probability[0]), abs=1e-4
    )


def full(model: Model, rows: Scenarios) -> Answer:
    return evaluate(model, rows)


# --- prior sets ---------------------------------------------------------------------------


def test_every_prior_set_as_an_assessment_under_it_has_it() -> None:
    """The same verdict, reasons and numbers, by the same randomisation."""
    a = assess("shen-2018")
    assert [s.id for s in a.sets] == [a.filled.priors.id, *(
        name for name in bundled_prior_sets() if name != a.filled.priors.id
    )]  # fmt: skip
    assert [s.id for s in a.sets if s.own] == ["neutral"]
    direct = assess("shen-2018", priors="respondent", standard=a.threshold)
    found = next(s for s in a.sets if s.id == "respondent")
    pair = (direct.probability, direct.held.probability)
    assert (found.probability, found.held) == pytest.approx(pair, abs=1e-6)
    assert found.meets == (direct.held.probability >= a.threshold)
    assert found.verdict == direct.verdict
    under = a.by_set["respondent"]
    assert isinstance(under, Assessment)
    assert [r.id for r in under.judgement.because] == [r.id for r in direct.judgement.because]
    np.testing.assert_allclose(under.redraws.held, direct.redraws.held, atol=1e-3)
    assert found.verdict == under.judgement.verdict
    assert found.label == direct.filled.priors.title


def test_a_set_that_does_not_fill_the_case() -> None:
    mine = set_result("mine", CaseError("lacks a number"), own=False)
    assert (mine.probability, mine.meets, mine.verdict) == (None, None, None)
    assert mine.why_missing == "lacks a number"


# --- membership counted -------------------------------------------------------------------


def test_membership_counted_is_for_comparison() -> None:
    """Two listed users: each multiplies by their share of users, known exactly here."""
    case = case_of(
        exhaustive=True,
        routes="single",
        sources={
            "shop": {"kind": "custodian", "holds": ["phone"], "membership": 0.99, "misfit": 0,
                     "disclosure": {"phone": 0.5}, "weight": 1},
            "traces": {"kind": "inference", "misfit": 0, "disclosure": {"phone": 0.5},
                       "weight": 1},
        },
        actor={"users": {"shop": 0.3}, "publishes": 0.5, "linkage": 0.5},
        victims=[
            {"id": "first", "plaintiff": True, "disclosed": ["phone"]},
            {"id": "w", "count": 2, "plaintiff": True, "disclosed": ["phone"],
             "known_by": {"users_of": ["shop"], "published_all": ["phone"]}},
        ],
    )  # fmt: skip
    model = build_model(case)
    plain = evaluate(model)
    found = with_membership_counted(model, bound=None)
    assert found is not None
    assert float(plain.probability[0]) == pytest.approx(0.5, abs=1e-9)
    assert found.probability == pytest.approx(0.99**2 / (0.99**2 + 0.3**2), abs=2e-3)
    assert found.id not in {v.id for v in planned_variants(model)}


def test_without_a_list_of_users_there_is_nothing_to_compare() -> None:
    case = bic().filled.case.replace({"victims.co_victims.known_by": "exposure"})
    assert with_membership_counted(build_model(case), bound=None) is None


# --- range of opinion ---------------------------------------------------------------------


def result(name: str, p: float | None, held: float | None, meets: bool | None) -> VariantResult:
    return VariantResult(name, Fixed({"en": name}), "model", False, p, held, meets)


def test_the_envelope() -> None:
    rows: list[VariantResult | SetResult] = [
        result("a", 0.6, 0.55, False),
        result("b", 0.9, 0.8, True),
        result("c", None, None, None),
        SetResult("d", Fixed({"en": "d"}), False, 0.3, 0.35, False),
    ]
    found = range_of_opinion(0.76, 0.76, rows)
    assert (found.lo, found.hi, found.held_lo, found.held_hi) == (0.3, 0.9, 0.35, 0.8)
    alone = range_of_opinion(0.76, 0.7, [])
    assert (alone.lo, alone.held_hi) == (0.76, 0.7)


def test_a_field_of_the_cases_own_keeps_what_is_stated_under_the_usual_intervals() -> None:
    """No kind has an interval for it: with nothing else stated there is no such variant."""
    own = load_case("dresden-2025")
    plans = {v.id for v in planned_variants(build_model(own))}
    assert "kind_intervals" not in plans
    more = own.replace({"sources.platform.correlation": 0.9})
    (plan,) = (v for v in planned_variants(build_model(more)) if v.id == "kind_intervals")
    assert plan.make() == own


def test_a_group_without_a_label_is_called_by_the_same_name_as_elsewhere() -> None:
    case = load_case("bic-2025-doxxing").replace({"victims.co_victims.label": None})
    without = next(v for v in planned_variants(build_model(fill(case))) if v.id[:8] == "without.")
    assert without.label["zh"] == "不计入其他被公开者（第1组）"
    assert "co" in without.label["en"]
