"""Nested quadrature against the sampler, against finer nodes, and against plain averages."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from causation.analyses.redrawn import redrawn_rows
from causation.case import Case, fill
from causation.inference import evaluation
from causation.inference.counting import Plan, Stand, polynomial, separable, states_of
from causation.inference.dated import dated_of
from causation.inference.evaluate import evaluate
from causation.inference.evaluation import Evaluation
from causation.inference.integrate import DRAFT, IntegratorSettings
from causation.inference.memo import Memo
from causation.inference.nested import additive_kinds
from causation.inference.quadrature import MISSING, STRANGER, USER, Accuracy, Axis, line
from causation.inference.roles import find_roles
from causation.inference.spreading import Many, integrate_nested
from causation.model.structure import build_model
from tests.benchmarks.engine import FIELDS, made
from tests.evidence.small import case, sources
from tests.inference.comparing import Compared
from tests.reference.random_cases import random_tree

LN10 = math.log(10.0)
BOTH, FIRST = (USER, USER), frozenset({(True, False)})


def stated() -> Any:
    """Published and withheld fields, a non-user, a list, own and shared linkage, an attempt."""
    return case(
        {"id": "g", "count": 2, "disclosed": ["phone", "real_name"], "not_disclosed": ["id_photo"],
         "linkage": 0.6, "known_by": {"published_all": ["phone"]}},
        {"id": "h", "disclosed": ["phone"], "not_users_of": ["forum"],
         "traits": {"handle_reuse": 0.7}},
        plaintiff={"not_disclosed": ["id_photo"]},
    )  # fmt: skip


def test_powers_of_shares_by_hand() -> None:
    """Terms of a field's factor, against the factor at some shares."""
    a, b, other, omega = 0.3, 0.6, 0.2, 0.7
    q, strange = 1 - (1 - a) * (1 - b), 1 - (1 - other) * (1 - b)
    key = ((BOTH, (), 2, 1), ((STRANGER, USER), (), 1, 2), ((MISSING, USER), (), 0, 1))
    terms = polynomial(key, (BOTH, (), FIRST), 2)
    shares = ((a, 1 - a, other, 1 - other), (b, 1 - b, 1.0, 1.0))
    total = 0.0
    for t, c in enumerate(terms.coefficient):
        term = c * omega ** terms.omega[t] * (1 - omega) ** terms.rest[t]
        for side, powers in zip(shares, terms.powers, strict=True):
            term *= math.prod(x**n for x, n in zip(side, powers[t], strict=True))
        total += term
    expected = q**2 * (1 - omega * q) * strange * (1 - omega * strange) ** 2 * (1 - omega * b)
    assert total == pytest.approx(expected * a * (1 - b), rel=1e-12)
    assert (terms.coefficient > 0.0).all()


def test_powers_of_shares_of_agreement_by_hand() -> None:
    """Two values that agree with a register of the first source; one that differs, of the first."""
    a, b, mu, alpha = 0.3, 0.6, 0.95, 0.2
    agrees, differs = (((0, 1, (True, False), x),) for x in (True, False))
    terms = polynomial(((BOTH, agrees, 2, 0),), (BOTH, differs, FIRST), 2)
    shares = ((a, 1 - a, 1.0, 1.0), (b, 1 - b, 1.0, 1.0))
    total = 0.0
    for t, c in enumerate(terms.coefficient):
        term = c * math.prod(
            x**n for x, n in zip((mu, 1 - mu, alpha, 1 - alpha), terms.further[t], strict=True)
        )
        for side, powers in zip(shares, terms.powers, strict=True):
            term *= math.prod(x**n for x, n in zip(side, powers[t], strict=True))
        total += term
    by_hand = (a * mu + (1 - a) * b * alpha) ** 2 * a * (1 - b) * (1 - mu)
    assert total == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize(("center", "sd"), [(0.4, 0.9), (-9.0, 1.5), (4.0, 0.6), (1.0, 0.0)])
def test_nodes_that_are_exact_for_powers_of_a_share(center: float, sd: float) -> None:
    rule = Axis.exact(np.array([center]), np.array([sd]), 5)
    z = np.linspace(-10.0, 10.0, 4001)
    w = np.exp(-0.5 * z * z) / np.exp(-0.5 * z * z).sum()
    for has, lacks in ((0, 0), (1, 0), (9, 0), (0, 9), (4, 5)):
        x = center + sd * z
        expected = w @ np.exp(-has * np.logaddexp(0.0, -x) - lacks * np.logaddexp(0.0, x))
        found = rule.weight[0] @ np.exp(has * rule.log_has[0] + lacks * rule.log_lacks[0])
        assert found == pytest.approx(expected, rel=1e-8), (has, lacks)


REGISTERS = [
    {"of": ["forum", "bank"], "agrees": ["phone"]},
    {"of": ["forum"], "agrees": ["phone"], "differs": ["real_name"]},
]


def held_against_registers(*, hidden: bool = False) -> Any:
    """Two custodians with one register, of whom one has another; victims compared with both."""
    other = {"kind": "custodian", "holds": ["phone", "real_name"]}
    return case(
        {"id": "g", "count": 2, "disclosed": ["phone", "real_name"], "linkage": 0.6,
         **({"not_disclosed": ["id_number"]} if hidden else {}), "record": REGISTERS[0]},
        plaintiff={"disclosed": ["phone", "id_photo"], "record": REGISTERS},
        sources=sources(bank=other), routes={"forum/bank": 0.2},
    )  # fmt: skip


@pytest.mark.parametrize("hidden", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_registers_against_the_sampler(monkeypatch: pytest.MonkeyPatch, *, hidden: bool) -> None:
    """Chains of which both sources, one, and none share a register; a name that a photo shows."""
    model = build_model(fill(held_against_registers(hidden=hidden)))
    monkeypatch.setattr(evaluation, "integrate", None)  # nothing is sampled
    mine = evaluate(model)
    roles = find_roles(model, mine)
    monkeypatch.setattr(Evaluation, "accuracy", Accuracy(0.6, 6.0))
    finer = evaluate(model)
    assert (np.abs(mine.log_evidence - finer.log_evidence) / LN10 <= mine.error + 1e-9).all()
    assert np.abs(mine.log_evidence - finer.log_evidence).max() / LN10 < 1e-4
    monkeypatch.undo()
    monkeypatch.setattr(evaluation, "separable", lambda *_: False)
    monkeypatch.setattr(Plan, "of", classmethod(lambda *_: None))
    monkeypatch.setattr(Many, "of", classmethod(lambda *_: None))
    theirs = evaluate(model)
    gap = np.abs(mine.log_evidence - theirs.log_evidence) / LN10
    assert (gap < 4.0 * np.hypot(mine.error, theirs.error)).all()
    assert (theirs.error > 1e-4).all()
    sampled = find_roles(model, theirs)
    for table, other in ((roles.supplied, sampled.supplied), (roles.sole, sampled.sole)):
        for source, row in table.items():
            for field, chance in row.items():
                assert chance == pytest.approx(other[source][field], abs=0.01), (source, field)


@pytest.mark.slow
def test_dates_against_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot for the series, strangers published on several days; nothing is sampled."""
    compared = Compared(random_tree(2, "snapshots"), {"tolerance": 0.008, "draws": 3000})
    monkeypatch.setattr(evaluation, "integrate", None)
    compared.check_evidence()
    compared.check_posterior()
    compared.check_roles()


def test_cells_of_dates() -> None:
    """In a chain whichever source could have it; with one source there is nothing to choose.

    No data are before June 2023 and after January 2024: of nine choices of who has what, the two
    in which one source has neither are none.
    """
    windows = {"phone": {"since": "2023-06"}, "real_name": {"until": "2024-01"}}
    entry = {"disclosed": ["phone", "real_name"], "posted": "2024-05-03", "dates": windows}
    model = build_model(fill(case(plaintiff=entry)))
    e = Evaluation(model, model.base(), IntegratorSettings())
    tables = e._tables(e.accuracy)
    for route in model.routes:
        cells = dated_of(tables, e.series.victims, route).cells[0]
        assert len(cells) == (7 if len(route.sources) == 2 else 1), route.name
        stand = Stand.of(e.series, route, (cells,))
        plan = Plan.of(e.series, stand, additive_kinds())
        assert plan is not None
        assert len(plan.sorted) == len(cells)
        assert (plan.count == 1).all()
    assert states_of(np.array([2]), np.array([True]), [2]).tolist() == [
        [0, 0], [0, 1], [1, 0], [0, 2], [1, 1], [2, 0]
    ]  # fmt: skip


def test_values_that_two_fields_carry_are_left_to_the_sampler() -> None:
    """A name that two published fields show, or that one shows of one victim and one of another."""
    record = {"of": ["forum"], "agrees": ["real_name"]}
    for shown, of_all in ((["id_photo"], ["real_name"]), (["real_name"], ["id_photo"])):
        entry = {"id": "g", "disclosed": shown, "record": record}
        model = build_model(fill(case(entry, plaintiff={"disclosed": of_all, "record": record})))
        e = Evaluation(model, model.base(), IntegratorSettings())
        assert not separable(e.series.victims, additive_kinds())


def test_nodes_integrate_the_normal_density() -> None:
    rule = line(0.9, 6.0, 7.0)
    for power, moment in ((1, 0.0), (2, 1.0), (4, 3.0), (6, 15.0)):
        assert rule.weight @ rule.z**power == pytest.approx(moment, abs=1e-5)
    assert rule.half @ rule.z**2 == pytest.approx(1.0, abs=0.1)


def test_against_the_sampler(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build_model(fill(stated()))
    mine = evaluate(model)
    monkeypatch.setattr(Plan, "of", classmethod(lambda *_: None))
    theirs = evaluate(model)
    gap = np.abs(mine.log_evidence - theirs.log_evidence) / LN10
    assert (gap < 4.0 * np.hypot(mine.error, theirs.error)).all()
    assert (theirs.error > 1e-4).all()  # it was sampled
    np.testing.assert_allclose(mine.credit, theirs.credit, atol=0.01)


def test_the_stated_error_holds_against_finer_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build_model(fill(stated()))
    found = {}
    for step in (0.4, 0.9, 1.3, 1.6):
        monkeypatch.setattr(Evaluation, "accuracy", Accuracy(step, 6.5))
        found[step] = evaluate(model, settings=IntegratorSettings(tolerance=1.0))
    exact = found.pop(0.4).log_evidence
    for step, answer in found.items():
        gap = np.abs(answer.log_evidence - exact) / LN10
        assert (gap <= answer.error + 1e-9).all(), step
        assert gap.max() < 0.01


def test_rows_of_a_batch_are_those_alone() -> None:
    model = build_model(fill(stated()))
    base = model.base()
    rng = np.random.default_rng(2)
    shift = 0.5 * rng.standard_normal((5, base.center.shape[1])) * (base.sd > 0.0)
    rows = model.rows([{}] * 5)
    rows = type(rows)(rows.center + shift, rows.sd, rows.present)
    whole = evaluate(model, rows)
    for i in range(5):
        one = evaluate(model, rows.take([i]))
        gap = np.abs(whole.log_evidence[i] - one.log_evidence[0]) / LN10
        assert gap.max() < 1e-4
        assert abs(whole.probability[i] - one.probability[0]) < 1e-4
    rough = evaluate(model, rows, settings=DRAFT)
    assert np.abs(rough.log_evidence - whole.log_evidence).max() / LN10 < 0.01


def test_rows_that_differ_in_the_second_source_alone() -> None:
    model = build_model("bic-2025-doxxing")
    rows = model.rows([{}, {"sources.library.disclosure.phone": (0.2, 0.4)}])
    whole = evaluate(model, rows)
    for i in range(2):
        one = evaluate(model, rows.take([i]))
        np.testing.assert_allclose(whole.log_evidence[i], one.log_evidence[0], atol=1e-5)


def test_few_rows_at_once_where_their_tables_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build_model("bic-2025-doxxing")
    rows = redrawn_rows(model, 0.5, 60, random_seed=1)
    whole = evaluate(model, rows)
    sizes = []

    class Watched(Evaluation):
        def run(self) -> dict[str, np.ndarray]:
            sizes.append(len(self.rows))
            return super().run()

    monkeypatch.setattr(evaluation, "_CELLS", 6000)
    monkeypatch.setattr("causation.inference.evaluate.Evaluation", Watched)
    few = evaluate(model, rows)
    assert sum(sizes) == 60
    assert max(sizes) < 20
    np.testing.assert_allclose(few.log_evidence, whole.log_evidence, atol=1e-4)
    np.testing.assert_allclose(few.probability, whole.probability, atol=1e-5)


def test_the_same_numbers_again() -> None:
    model = build_model(fill(stated()))
    one, other = (evaluate(model, settings=IntegratorSettings(random_seed=s)) for s in (1, 2))
    np.testing.assert_array_equal(one.log_evidence, other.log_evidence)


def test_rows_share_what_earlier_calls_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each integral once: a weight reads none, a share those of its routes, a looser call none."""
    model, memo = build_model(fill(stated())), Memo()
    asked: list[str] = []

    def counted(*args: Any, **options: Any) -> Any:
        asked.append(args[2].name)
        return integrate_nested(*args, **options)

    monkeypatch.setattr(evaluation, "integrate_nested", counted)
    path = next(p for p in model.columns if p.startswith("sources.") and ".disclosure." in p)
    owner = path.split(".")[1]
    rows = model.rows([{}, {f"sources.{owner}.weight": 3.0}, {path: (0.2, 0.4)}])
    evaluate(model, rows.take([0]), memo=memo)
    assert len(asked) == len(set(asked)) == len(model.routes)  # the stand-in and the residual
    asked.clear()
    evaluate(model, rows.take([0, 1]), memo=memo, settings=DRAFT)
    assert asked == []
    found = evaluate(model, rows, memo=memo)
    read = [r.name for r in model.routes if owner in {s.name for s in r.sources}]
    assert set(read) <= set(asked)
    alone = evaluate(model, rows)
    np.testing.assert_allclose(found.log_evidence, alone.log_evidence, atol=1e-6)
    np.testing.assert_allclose(found.log_prior, alone.log_prior, rtol=1e-12)
    np.testing.assert_allclose(found.credit, alone.credit, atol=1e-6)


def test_large_grids_without_the_nodes_that_have_no_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    names = list(FIELDS[:8])
    entry = {"id": "g", "count": 6, "disclosed": names[:4], "not_disclosed": names[4:]}
    model = made([entry])
    mine = evaluate(model)
    monkeypatch.setattr("causation.inference.nested.Nest.most", math.inf)
    whole = evaluate(model)
    assert np.abs(mine.log_evidence - whole.log_evidence).max() / LN10 < 1e-5
    np.testing.assert_allclose(mine.credit, whole.credit, atol=1e-5)


def test_role_of_one_who_may_not_belong_where_both_hang_on_a_snapshot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether he belongs to the series and who had his value are told by the same date."""
    model = build_model(fill(Case.model_validate(random_tree(2, "snapshots"))))
    with monkeypatch.context() as none_sampled:
        none_sampled.setattr(evaluation, "integrate", None)
        exact = find_roles(model, evaluate(model)).victims
    monkeypatch.setattr(Evaluation, "_nested", lambda *_: None)  # all is sampled
    sampled = find_roles(model, evaluate(model)).victims
    for group, parts in exact.items():
        for source, p in parts.items():
            assert sampled[group][source] == pytest.approx(p, abs=0.008), (group, source)


@pytest.mark.parametrize("users", [True, False])
def test_who_supplied_a_field_that_was_withheld_of_many(
    monkeypatch: pytest.MonkeyPatch, users: bool
) -> None:
    """Shares are the same whether a field's factor is a sum of powers or taken on nodes."""
    strangers = {} if users else {"not_users_of": ["forum"]}
    model = build_model(fill(case(
        {"id": "a", "disclosed": ["phone", "real_name"], "linkage": [0.3, 0.8],
         "known_by": "exposure"},
        {"id": "b", "count": 35, "disclosed": ["id_number"], "not_disclosed": ["phone"],
         "linkage": 1.0, "known_by": "exposure"} | strangers,
        plaintiff={"disclosed": ["real_name"]},
    )))  # fmt: skip
    sums, roles = evaluate(model), find_roles(model, evaluate(model))
    monkeypatch.setattr("causation.inference.laws._MANY", 20)
    nodes = evaluate(model)
    np.testing.assert_allclose(nodes.log_evidence, sums.log_evidence, atol=2e-3)
    np.testing.assert_allclose(nodes.credit, sums.credit, atol=2e-4)
    again = find_roles(model, nodes)
    for name in ("entrance", "alone", "role"):
        want, found = getattr(roles, name), getattr(again, name)
        assert found == pytest.approx(want, abs=2e-4), name
    for source, table in roles.victims.items():
        assert again.victims[source] == pytest.approx(table, abs=2e-4), source


def test_victims_in_another_order_are_not_taken_for_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who is left with less than his like stands elsewhere; what is kept is not mixed up."""
    like = {"disclosed": ["phone", "real_name"], "not_disclosed": ["id_photo"], "count": 3}
    model = build_model(fill(case(
        {"id": "a"} | like, {"id": "b"} | like, {"id": "c", "disclosed": ["real_name"]},
    )))  # fmt: skip
    one, other = (model.without([[f"victims.{g}.fields.real_name"]]) for g in "ab")
    monkeypatch.setattr(evaluation, "integrate_nested", lambda *_, **__: None)
    alone, memo = evaluate(model, other), Memo()
    for rows in (model.base(), one):
        evaluate(model, rows, memo=memo)
    after = evaluate(model, other, memo=memo)
    gap = np.abs(after.log_evidence - alone.log_evidence) / LN10
    assert (gap <= 4.0 * np.hypot(after.error, alone.error) + 1e-3).all()
