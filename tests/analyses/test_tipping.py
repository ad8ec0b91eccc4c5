"""Tipping points: closed form of a known function, and printed values stated again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from causation.analyses.crossing import REACH
from causation.analyses.spread import spreads_of
from causation.analyses.tipping import tipping_points
from causation.case.files import load_case
from causation.dossier.wording import shown_value
from causation.inference.evaluate import Answer, evaluate
from causation.model.structure import Model, Scenarios, build_model
from causation.scales import LN10, logit
from tests.analyses.faking import linear

CASE = "bic-2025-doxxing"
SLOPES = {
    "sources.platform.weight": 1.0,
    "sources.osint.weight": -0.4,
    "actor.publishes": 0.02,
}
ROUNDING = 0.02
"""What three figures away from the base may add, in standard deviations."""


@pytest.mark.parametrize("base", [2.0, 0.5])
def test_known_function_in_closed_form(base: float) -> None:
    model = build_model(CASE)
    fake = linear(base, SLOPES)
    found = tipping_points(model, evaluate=fake, rough=fake)
    gap = logit(model.filled.threshold) - base
    sds = {s.path: s.sd for s in spreads_of(model)}
    assert found.side == ("defendant" if gap < 0.0 else "plaintiff")
    points = {p.path: p for p in found.points}
    for path, slope in SLOPES.items():
        steps = gap / (slope * sds[path])
        if abs(steps) > REACH:
            assert path in found.out_of_reach
            continue
        point = points.pop(path)
        assert np.sign(point.steps) == np.sign(steps)
        assert abs(steps) <= abs(point.steps) + 1e-9 <= abs(steps) + ROUNDING
        over = point.probability - model.filled.threshold
        assert np.sign(over) == np.sign(gap)
        assert abs(over) < 0.01
    assert not points
    assert len(found.points) + len(found.out_of_reach) == len(sds)


def test_joint_in_closed_form() -> None:
    """Of a linear function the nearest point is the foot of the perpendicular."""
    model = build_model(CASE)
    fake = linear(3.0, SLOPES)
    joint = tipping_points(model, evaluate=fake, rough=fake).joint
    assert joint is not None
    sds = {s.path: s.sd for s in spreads_of(model)}
    slope = np.array([SLOPES[path] * sds[path] for path in SLOPES])
    gap = logit(model.filled.threshold) - 3.0
    foot = gap * slope / (slope @ slope)
    distance = float(np.linalg.norm(foot))
    assert distance <= joint.distance + 1e-3
    assert joint.distance < 1.04 * distance + 0.02
    listed = dict(zip(SLOPES, foot, strict=True))
    for path, steps in joint.steps.items():
        assert steps == pytest.approx(listed[path], rel=0.06)
    assert "actor.publishes" not in joint.steps  # moves too little to be told
    assert joint.probability < model.filled.threshold


@pytest.mark.parametrize("name", [CASE, "gao-2024"])
def test_a_printed_value_meets_its_claim_when_it_is_stated(name: str) -> None:
    found, case = tipping_points(name), load_case(name)
    met = found.side == "defendant"
    assert met == (found.probability >= found.threshold)
    assert found.points
    for point in found.points:
        assert shown_value(point.value) in point.sentence["en"]
        assert shown_value(point.value) in point.sentence["zh"]
        if point.path.startswith(("chains.", "ages.")):  # of the prior set
            continue
        ends = point.value if isinstance(point.value, tuple) else (point.value,)
        printed = shown_value(point.value).strip("[]").split(", ")
        assert [float(x) for x in printed] == list(ends)
        single = evaluate(build_model(case.replace({point.path: point.value})))
        assert (single.probability[0] >= found.threshold) != met
        assert single.probability[0] == pytest.approx(found.threshold, abs=0.01)
    assert found.joint is not None
    changes = {p: v for p, v in found.joint.changes.items() if not p.startswith("chains.")}
    if len(changes) == len(found.joint.changes):
        single = evaluate(build_model(case.replace(dict(changes))))
        assert (single.probability[0] >= found.threshold) != met


def test_the_bound_limits_what_the_conclusion_rests_on() -> None:
    """Prior odds even, a ratio of 10^3: held to 10 the odds are 10, which misses .95."""
    model = build_model(load_case(CASE).replace(standard=0.95))
    inside = sum("platform" in name for name in model.route_names)
    prior_odds = inside / (len(model.routes) - inside)
    fake = linear(math.log(prior_odds) + 3.0 * LN10, SLOPES)
    free = tipping_points(model, evaluate=fake, rough=fake)
    held = tipping_points(model, bound=1.0, evaluate=fake, rough=fake)
    assert free.side == "defendant"
    assert held.side == "plaintiff"
    odds = 10.0 * prior_odds
    assert held.probability == pytest.approx(odds / (1.0 + odds))
    assert not held.points  # the ratio is limited whatever moves


def test_what_cannot_tip_is_out_of_reach() -> None:
    model = build_model(CASE)
    fake = linear(60.0, SLOPES)
    found = tipping_points(model, evaluate=fake, rough=fake)
    assert not found.points
    assert found.joint is None
    assert "sources.platform.weight" in found.out_of_reach


def test_both_searches_ask_in_the_same_calls() -> None:
    """Each input by itself takes ten steps at most where values are printed once; not twice."""
    model, calls = build_model(CASE), list[int]()
    fake = linear(2.0, SLOPES)

    def counted(of: Model, rows: Scenarios) -> Answer:
        calls.append(len(rows))
        return fake(of, rows)

    found = tipping_points(model, evaluate=counted, rough=counted)
    assert found.points
    assert found.joint is not None
    assert len(calls) <= 12
