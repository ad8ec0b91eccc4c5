"""The dependence audit: latents that are shared, and what further victims are worth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from causation.analyses.dependence import audit_dependence, count_curve, shared_latents
from causation.analyses.naive import naive_log_evidence
from causation.evidence.series import build_series
from causation.inference.evaluate import Answer, evaluate, log10_ratio
from causation.model.structure import Model, Scenarios, build_model
from tests.analyses.tables import Table, answer_of, bic, model_of


def test_latents_and_the_items_that_share_them() -> None:
    shared = {s.name: s for s in shared_latents(bic())}
    fields = {
        f"victims.plaintiff.fields.{f}" for f in ("account_link", "id_photo", "phone", "real_name")
    }
    # the five are known by their account link: it is no item, it comes with the group
    assert set(shared["u.platform"].items) == fields | {"victims.co_victims"}
    assert set(shared["v"].items) == fields | {"victims.co_victims"}
    assert set(shared["c.platform.account_link"].items) == {
        "victims.plaintiff.fields.account_link",
        "victims.co_victims",
    }
    assert set(shared["b.anonymous"].items) == {
        "victims.plaintiff.traits.anonymous",
        "victims.co_victims.traits.anonymous",
    }
    assert "c.platform.phone" not in shared  # the plaintiff's alone
    assert "kappa" not in shared  # one group alone


def test_every_shared_latent_has_words_in_both_languages() -> None:
    model = model_of(
        victims=[
            {"id": "first", "plaintiff": True, "disclosed": ["phone"],
             "traits": {"anonymous": True},
             "not_users_of": ["shop"], "record": {"of": ["shop"], "agrees": ["phone"]}},
            {"id": "a", "disclosed": ["phone"], "traits": {"anonymous": True},
             "not_users_of": ["shop"], "record": {"of": ["shop"], "agrees": ["phone"]}},
            {"id": "b", "disclosed": ["phone"]},
        ]
    )  # fmt: skip
    shared = {s.name: s.label for s in shared_latents(model)}
    heads = {name.split(".")[0] for name in shared}
    assert {"v", "u", "c", "b", "h", "kappa", "mu", "alpha"} <= heads
    for name, label in shared.items():
        assert label["en"] != name
        assert label["zh"] not in {"", name}
        assert "{" not in label["en"] + label["zh"]


def test_an_attempt_shares_the_reach() -> None:
    sources = {"shop": {"kind": "custodian", "reach": [0.2, 0.8]},
               "library": {"kind": "leaked_library", "reach": 0.3},
               "osint": {"kind": "inference", "reach": 0.3},
               "unknown": {"kind": "residual", "reach": 0.3}}  # fmt: skip
    victims = [{"id": "first", "plaintiff": True, "disclosed": ["phone"]}]
    victims += [{"id": x, "disclosed": ["phone"], "known_by": "attempt"} for x in "ab"]
    shared = {s.name: s.items for s in shared_latents(model_of(sources=sources, victims=victims))}
    assert shared["e"] == ("victims.a", "victims.b")


def test_bans_of_the_model_and_of_the_product() -> None:
    model = bic()

    def rule(items: frozenset[str], _: object) -> float:
        return 1.5 if "victims.co_victims" in items else 1.1

    table = Table(rule)
    found = audit_dependence(model, evaluate=table)
    assert len(table.calls) == 1
    (row,) = found.co_victims
    prior = answer_of(model, [0.0])

    def naive(*without: str) -> float:
        evidence = naive_log_evidence(model, without=without)[None]
        return float(log10_ratio(prior.log_prior, evidence, prior.inside)[0])

    independent = naive() - naive("victims.co_victims")
    assert found.log10_lr == pytest.approx(1.5)
    assert found.independent_log10_lr == pytest.approx(naive())
    assert row.bans == pytest.approx(0.4)
    assert row.independent_bans == pytest.approx(independent)
    assert row.equivalent == pytest.approx(0.4 / (independent / 5))


def test_no_number_of_independent_victims_where_they_point_the_other_way() -> None:
    def rule(items: frozenset[str], _: object) -> float:
        return 1.0 if "victims.co_victims" in items else 1.4

    (row,) = audit_dependence(bic(), evaluate=Table(rule)).co_victims
    assert row.independent_bans > 0.0
    assert row.equivalent is None


def test_other_sizes_are_other_cases() -> None:
    model = bic()
    sizes: list[int] = []

    def by_size(m: Model, scenarios: Scenarios) -> Answer:
        series = build_series(m.filled, lambda _: True)
        n = int(series.count.sum()) - 1
        sizes.append(n)
        return answer_of(m, [math.log10(1 + n)] * len(scenarios))

    curve = count_curve(model, "co_victims", bound=1.0, counts=(0, 2, 50), evaluate=by_size)
    assert sizes == [0, 2, 5, 50]
    assert curve.count.tolist() == sizes
    assert curve.own == 5
    assert curve.log10_lr == pytest.approx(np.log10([1, 3, 6, 51]))
    odds = 0.25 * np.array([1.0, 3.0, 6.0, 10.0])
    assert curve.held == pytest.approx(odds / (1 + odds))


def test_with_the_integrator() -> None:
    """Nobody is the file without the group; ten are not twice five, the product says they are."""
    case = bic().filled.case.replace({"victims.co_victims.known_by": "exposure"})
    model = build_model(case)
    curve = count_curve(model, "co_victims", bound=None, counts=(0, 5, 10))
    less = evaluate(build_model(case.without("co_victims")))
    assert curve.probability[0] == pytest.approx(float(less.probability[0]), abs=0.004)
    gain = np.diff(curve.log10_lr)
    assert 0.0 < gain[1] < 0.7 * gain[0]
    naive = np.diff(curve.independent_log10_lr)
    assert naive[0] > gain[0]


def test_an_exclusion() -> None:
    found = audit_dependence(bic(), evaluate=Table(lambda _items, _centers: -math.inf))
    assert found.log10_lr == -math.inf
    assert found.co_victims[0].bans == 0.0
    assert "u.platform" in {s.name for s in found.shared}
