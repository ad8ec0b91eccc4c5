"""Tipping points: closed form, and every one assessed again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from causation.analyses.tipping import REACH, tipping_points
from causation.case import load_case
from causation.dossier.assessment import assess
from causation.scales import Z90, logit
from causation.sweeping.sweep import DRAFT

TWO = load_case("data/published/three-suspect-burglary.yaml").replace(
    {
        "findings.item.likelihood": {"suspect_1": 0.8, "suspect_2": 0.1, "suspect_3": 0.0},
        "findings.time.likelihood": {"suspect_1": 0.5, "suspect_2": 0.5, "suspect_3": 0.5},
        "sources.suspect_1.weight": (0.5, 2.0),
        "sources.suspect_2.weight": (0.8, 1.25),
    }
)
SD = np.log([2.0 / 0.5, 1.25 / 0.8]) / (2.0 * Z90)
"""Standard deviations of the two log weights; suspect 3 is excluded."""

BISECTION = 0.01
"""How far inside the last bracket a tipping point may lie, in standard deviations."""


@pytest.mark.parametrize("threshold", [0.7, 0.95])
def test_one_dimensional_in_closed_form(threshold: float) -> None:
    found = tipping_points(TWO, standard=threshold)
    gap = logit(threshold) - math.log(8.0) - 0.5 * float(SD[0] ** 2 - SD[1] ** 2)
    points = {p.path: p for p in found.points}
    first = points["sources.suspect_1.weight"]
    assert first.steps == pytest.approx(gap / SD[0], abs=BISECTION)
    assert np.sign(first.steps) == np.sign(gap)
    assert found.side == ("defendant" if threshold < 0.8 else "plaintiff")
    second = [p for p in found.points if p.path == "sources.suspect_2.weight"]
    expected = abs(gap) / SD[1] <= REACH
    assert bool(second) == expected
    if not expected:
        assert "sources.suspect_2.weight" in found.out_of_reach


def test_joint_in_closed_form() -> None:
    """Log odds are linear in both steps, so the nearest point is the foot of a perpendicular."""
    threshold = 0.95
    found = tipping_points(TWO, standard=threshold)
    gap = logit(threshold) - math.log(8.0) - 0.5 * float(SD[0] ** 2 - SD[1] ** 2)
    joint = found.joint
    assert joint is not None
    # the findings move too: by the standard deviation of a second elicitation, 0.5 logits
    p = np.array([0.8, 0.1])
    slopes = np.concatenate(
        [[SD[0], -SD[1]], 0.5 * (1 - p) * [1, -1], 0.5 * 0.5 * np.array([1, -1])]
    )
    assert joint.distance == pytest.approx(abs(gap) / float(np.linalg.norm(slopes)), rel=0.05)
    assert joint.steps["sources.suspect_1.weight"] > 0.0 > joint.steps["sources.suspect_2.weight"]


@pytest.mark.parametrize("name", ["shen-2018", "gao-2024"])
def test_every_point_is_on_the_other_side_when_assessed_again(name: str) -> None:
    found = tipping_points(name, settings=DRAFT)
    case = load_case(name)
    met = found.probability >= found.threshold
    assert met == (found.side == "defendant")
    assert found.points
    distances = [abs(p.steps) for p in found.points]
    assert distances == sorted(distances)
    for point in found.points[::7]:
        single = assess(case.replace({point.path: point.value}), settings=DRAFT)
        assert point.probability == pytest.approx(single.probability, abs=1e-9)
        assert single.meets_standard != met
        assert point.sentence["en"].startswith("With ")
        assert point.sentence["zh"].startswith("仅将")
    assert found.joint is not None
    assert found.joint.distance <= distances[0] + BISECTION
    changed = dict(found.joint.changes)
    single = assess(case.replace(changed), settings=DRAFT)
    # steps below 0.001 standard deviations are not listed
    assert single.probability == pytest.approx(found.threshold, abs=2e-3)


def test_what_cannot_tip_is_out_of_reach() -> None:
    found = tipping_points(TWO, standard=0.999999999)
    assert not found.points
    assert found.joint is None
    assert "sources.suspect_1.weight" in found.out_of_reach
