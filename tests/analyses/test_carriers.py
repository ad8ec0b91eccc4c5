"""Inputs that carry the answer, on a table; the residual needed, by hand and by the integrator."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from scipy.optimize import brentq

from causation.analyses.carriers import carriers, residual_needed
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model
from causation.scales import Scale
from tests.analyses.tables import Table, answer_of, bic, model_of, shifts

SLOPES = {
    "sources.platform.weight": 0.5,
    "sources.library.disclosure.id_photo": -0.3,
    "actor.publishes": 0.1,
}


def rule(_: frozenset[str], centers: Mapping[str, float]) -> float:
    return 1.2 + sum(s * centers[p] for p, s in SLOPES.items())


def test_those_that_move_most_come_first() -> None:
    model = bic()
    table = Table(rule)
    found = carriers(shifts(model, evaluate=table), bound=None, most=3).inputs
    assert [c.path for c in found] == list(SLOPES)
    at = rule(frozenset(), dict(zip(model.columns, model.base().center[0].tolist(), strict=True)))

    def p(ratio: float) -> float:
        return 0.25 * 10**ratio / (1 + 0.25 * 10**ratio)

    for c in found:
        assert c.low == pytest.approx(p(at - SLOPES[c.path]))
        assert c.high == pytest.approx(p(at + SLOPES[c.path]))
        assert c.move == pytest.approx(max(abs(c.low - p(at)), abs(c.high - p(at))))
    assert len(table.calls) == 1


def test_every_elicited_number_is_shifted_and_no_other() -> None:
    model = bic()
    found = carriers(shifts(model, evaluate=Table(rule)), bound=None, most=None).inputs
    elicited = {n.path for n in model.numbers if n.scale in {Scale.PROBABILITY, Scale.POSITIVE}}
    assert {c.path for c in found} == elicited


def test_shares_that_go_on_still_fit() -> None:
    model = model_of(
        sources={"shop": {"kind": "custodian"}, "traces": {"kind": "inference"}},
        routes={"traces/shop": 0.5, "traces/library": 0.4},
    )
    found = {c.path: c for c in carriers(shifts(model), bound=None, most=None).inputs}
    assert math.isfinite(found["routes.traces/shop"].high)


def test_what_carries_the_beijing_case() -> None:
    """Three weights and the ID photo of the platform and the library."""
    found = carriers(shifts(bic()), bound=None, most=5).inputs
    assert {c.path for c in found} == {
        "sources.platform.weight",
        "sources.library.weight",
        "sources.unknown.weight",
        "sources.platform.disclosure.id_photo",
        "sources.library.disclosure.id_photo",
    }


def test_the_residual_needed_by_hand() -> None:
    """P = a / (a + b + f c), with f the factor on the residual's weight."""
    model = bic()
    answer = answer_of(model, [1.3])
    residual = next(z for z, r in enumerate(model.routes) if r.entrance.name == "unknown")
    inside = answer.inside
    joint = np.exp(answer.log_prior[0] + answer.log_evidence[0])
    a, c = joint[inside].sum(), joint[residual]
    b = joint[~inside].sum() - c
    factor = (a / 0.75 - a - b) / c
    found = residual_needed(answer, bound=None)
    assert found is not None
    assert found.weight == pytest.approx(0.5)
    assert found.needed == pytest.approx(0.5 * factor)


def test_the_residual_needed_under_a_bound() -> None:
    """The limited ratio moves with the weight while it is below the bound, then stays."""
    model = bic()
    answer = answer_of(model, [3.0])
    inside = answer.inside
    residual = np.array([r.entrance.name == "unknown" for r in model.routes])

    def excess(log_factor: float) -> float:
        w = np.exp(answer.log_prior[0]) * np.where(residual, np.exp(log_factor), 1.0)
        evidence = np.exp(answer.log_evidence[0])
        ratio = (w * evidence)[inside].sum() / w[inside].sum()
        ratio /= (w * evidence)[~inside].sum() / w[~inside].sum()
        odds = w[inside].sum() / w[~inside].sum() * min(ratio, 10.0**1.5)
        return float(odds / (1 + odds) - 0.75)

    found = residual_needed(answer, bound=1.5)
    assert found is not None
    assert found.needed == pytest.approx(0.5 * math.exp(brentq(excess, -5.0, 12.0)))


def test_at_that_weight_the_standard_is_just_met() -> None:
    model = bic()
    found = residual_needed(evaluate(model), bound=None)
    assert found is not None
    assert found.needed is not None
    rows = model.rows([{found.path: found.needed}, {found.path: 1.01 * found.needed}])
    at, more = evaluate(model, rows).probability
    assert at == pytest.approx(0.75, abs=1e-9)
    assert more < 0.75


def test_a_further_victim_may_be_a_stranger_at_that_weight_too() -> None:
    model = bic(proposition={"source": "platform", "victim": "co_victims"}, standard=0.5)
    found = residual_needed(evaluate(model), bound=None)
    assert found is not None
    assert found.needed is not None
    at = evaluate(model, model.rows([{found.path: found.needed}])).probability[0]
    assert at == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize("ratio", [-3.0, 30.0])
def test_where_no_weight_changes_the_side(ratio: float) -> None:
    found = residual_needed(answer_of(bic(), [ratio]), bound=None)
    assert found is not None
    assert found.needed is None
    assert found.why_missing is not None
    assert set(found.why_missing) == {"en", "zh"}


def test_a_proposition_about_the_residual() -> None:
    model = bic(proposition="unknown")
    found = residual_needed(answer_of(model, [1.0]), bound=None)
    assert found is not None
    assert found.needed is None


def test_a_case_without_a_residual() -> None:
    model = model_of(
        exhaustive=True,
        sources={"shop": {"kind": "custodian"}, "traces": {"kind": "inference"}},
    )
    assert carriers(shifts(model), bound=None).residual is None


def test_as_many_as_asked_for() -> None:
    found = carriers(shifts(bic(), evaluate=Table(rule)), bound=None, most=2)
    assert len(found.inputs) == 2
    assert found.residual is not None
    assert found.residual.path == "sources.unknown.weight"


def test_the_answer_given_serves_for_the_residual() -> None:
    model = build_model("shen-2018")
    answer = answer_of(model, [2.0])
    found = carriers(
        shifts(model, evaluate=Table(lambda _items, _centers: -9.0)), bound=None, answer=answer
    )
    assert found.residual == residual_needed(answer, bound=None)


def test_a_plain_number_stays_one_when_it_is_shifted() -> None:
    model = bic(**{"sources.platform.misfit": 1.0, "sources.osint.misfit": 0.8})
    table = Table(rule)
    shifts(model, evaluate=table)
    rows = table.calls[0][1].center
    assert {0.5, 1.0} == set(rows[:, model.columns["sources.platform.misfit"]])
    assert {0.4, 0.8, 0.99} == set(rows[:, model.columns["sources.osint.misfit"]])
