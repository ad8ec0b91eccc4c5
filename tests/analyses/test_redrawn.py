"""Input sensitivity: the two ways to redraw agree, and the draws are what they should be."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from causation.analyses import redrawn as inputs
from causation.analyses.redrawn import InputSensitivity, input_sensitivity
from causation.inference import infer
from causation.inference.components import Layout, mix
from causation.model.build import Model
from causation.scales import LN10
from tests.build import document, model_of_document

DRAWS = 60


ALL = [0, 1, 2]


def redrawn(model: Model, *, sd: float = 0.5) -> inputs._Change:
    rng = np.random.default_rng(7)
    sources = len(model.sources)
    lo = np.maximum(model.correlation - 0.25, 0.0)
    hi = np.minimum(model.correlation + 0.25, 1.0)
    return inputs._Change(
        model,
        rng.normal(0.0, sd, (DRAWS, sources, len(model.fields))),
        rng.normal(0.0, sd, (DRAWS, sources, len(model.custodians))),
        rng.uniform(lo, hi, (DRAWS, sources)),
        3,
    )


@pytest.mark.parametrize("correlation", [0.5, 0.8, 0.9])
@pytest.mark.parametrize("spread", [None, 0.6])
def test_reweighting_agrees_with_recomputing(correlation: float, spread: float | None) -> None:
    """Draw by draw, for every component of the likelihood.

    Each path has an error of its own: 0.02 bans for a new integral, and for a reweighted one
    that of six effective points at the worst. Stated: 0.5 bans for the worst component of the
    worst draw, 0.06 bans root mean square.
    """
    model = model_of_document()
    model = dataclasses.replace(model, correlation=np.full(3, correlation))
    if spread is not None:
        model = dataclasses.replace(
            model,
            field_sd=np.full_like(model.field_sd, spread),
            member_sd=np.full_like(model.member_sd, spread),
        )
    change = redrawn(model)
    one = inputs._components(change, narrow=[])
    two = inputs._components(change, narrow=ALL)
    finite = np.isfinite(two)
    np.testing.assert_array_equal(np.isfinite(one), finite)
    difference = np.abs(one[finite] - two[finite]) / LN10
    assert difference.max() < 0.5
    assert np.sqrt((difference**2).mean()) < 0.06
    assert one.shape == (DRAWS, 3, 2, len(Layout.of(model).states))


def test_recomputing_is_inference_on_the_changed_model() -> None:
    model = model_of_document()
    change = redrawn(model)
    components, layout = inputs._recomputed(change, ALL), Layout.of(model)
    for i in (0, 17, 59):
        changed = dataclasses.replace(
            model,
            field_center=model.field_center + change.field_shift[i],
            member_center=model.member_center + change.member_shift[i],
            correlation=change.correlation[i],
        )
        expected = infer(changed.reduced(without_findings=["audit"])).log_evidence
        ours = mix(components[i], layout, model.log_prior, model.linkage, model.misfit)
        # few points: 0.02 bans a component
        np.testing.assert_allclose(ours, expected, atol=0.08)


def test_wide_and_narrow_sources_side_by_side() -> None:
    """One source reweighted, another integrated anew: each as if alone."""
    model = model_of_document()
    field_sd = model.field_sd.copy()
    field_sd[1] = 0.1
    model = dataclasses.replace(model, field_sd=field_sd)
    assert inputs._narrow_sources(model) == [1]
    change = redrawn(model)
    mixed = inputs._components(change, [1])
    np.testing.assert_array_equal(mixed[:, 1], inputs._recomputed(change, [1])[:, 1])
    new = inputs._components(change, ALL)
    finite = np.isfinite(new)
    assert np.abs(mixed[finite] - new[finite]).max() / LN10 < 0.5


def test_where_nothing_can_be_redrawn_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the budget only weights, linkages and findings move."""
    monkeypatch.setattr(inputs, "BUDGET", 1)
    doc = document()
    doc["sources"]["osint"]["disclosure"] = {"phone": 0.1, "real_name": 0.3}
    fixed = input_sensitivity(model_of_document(**doc), draws=100)
    assert not fixed.integrals_redrawn
    assert fixed.probability.std() > 0.0
    monkeypatch.undo()
    free = input_sensitivity(model_of_document(**doc), draws=100)
    assert free.integrals_redrawn
    assert free.probability.std() > fixed.probability.std()


def test_both_paths_give_the_same_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw by draw in the probability itself."""
    model = model_of_document()
    one = input_sensitivity(model, draws=120)
    monkeypatch.setattr(inputs, "_REWEIGHT_SD", 1e9)
    two = input_sensitivity(model, draws=120)
    difference = np.abs(one.probability - two.probability)
    assert difference.max() < 0.1
    assert difference.mean() < 0.01
    np.testing.assert_allclose(one.interval, two.interval, atol=0.02)


def certain_document() -> dict[str, Any]:
    doc = document()
    for name, source in doc["sources"].items():
        source.pop("odds_ratio", None)
        source |= {
            "weight": {"platform": 1, "osint": 2, "unknown": 0.5}[name],
            "disclosure": {"phone": 0.4, "real_name": 0.3},
            "membership": {"platform": 0.8},
            "correlation": 0.5,
            "misfit": 0,
        }
    doc["victims"] = [{**doc["victims"][0], "profile": {}}]
    doc["findings"] = [
        {
            "id": "f",
            "likelihood": {"platform": 0.9, "osint": 0.3, "unknown": 0.5},
            "reliability": 1,
        }
    ]
    return doc


def test_point_inputs_vary_by_the_elicitation_alone() -> None:
    """Numbers without an interval keep their value; only the logit centres are shifted."""
    doc = certain_document()
    doc["victims"] = []
    still = input_sensitivity(model_of_document(**doc), draws=50)
    assert np.ptp(still.probability) < 1e-12
    assert still.probability[0] == pytest.approx(0.9 / (0.9 + 2 * 0.3 + 0.5 * 0.5), rel=1e-12)
    doc["victims"] = certain_document()["victims"]
    moving = input_sensitivity(model_of_document(**doc), draws=50)
    assert moving.probability.std() > 0.01


def test_weights_follow_their_intervals() -> None:
    """With nothing but a weight uncertain, the log odds are normal with its sd."""
    doc = certain_document() | {"victims": []}
    doc["sources"]["platform"]["weight"] = [0.5, 2.0]
    ours = input_sensitivity(model_of_document(**doc), draws=4000)
    log_odds = np.log(ours.probability / (1 - ours.probability))
    expected_sd = np.log(4.0) / (2 * 1.6448536)
    center = np.log(0.9 / (2 * 0.3 + 0.5 * 0.5))
    # four standard errors of a mean and of a standard deviation
    assert abs(log_odds.mean() - center) < 4.0 * expected_sd / np.sqrt(4000)
    assert abs(log_odds.std() - expected_sd) < 4.0 * expected_sd / np.sqrt(8000)


def test_summary() -> None:
    p = np.linspace(0.0, 1.0, 101)
    result = InputSensitivity(p, 0.75, 0.5, 1)
    assert result.interval == pytest.approx((0.05, 0.95))
    assert result.share == pytest.approx(26 / 101)
    assert not result.robust
    assert InputSensitivity(p, 0.0499, 0.5, 1).robust


def test_seeds() -> None:
    model = model_of_document()
    first, again, other = (input_sensitivity(model, draws=40, random_seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(first.probability, again.probability)
    assert not np.isclose(first.probability, other.probability).all()


def test_extreme_intervals_stay_finite() -> None:
    """Probabilities of 1e-300 are drawn as logarithms."""
    doc = document()
    doc["findings"][0] |= {
        "likelihood": {
            "platform": [1e-300, 0.5],
            "osint": [1e-300, 1e-299],
            "unknown": [1e-300, 1e-290],
        },
        "reliability": [1e-300, 0.5],
    }
    doc["victims"][1]["linkage"] = [1e-12, 1e-6]
    ours = input_sensitivity(model_of_document(**doc), draws=200)
    assert np.isfinite(ours.probability).all()
    assert ((ours.probability >= 0.0) & (ours.probability <= 1.0)).all()


def test_certain_memberships_are_recomputed() -> None:
    """A certain share cannot move: no reweighting, no NaN."""
    doc = document()
    doc["sources"]["platform"]["membership"] = {"platform": 1}
    doc["sources"]["osint"]["membership"] = {"platform": 0}
    doc["sources"]["osint"]["misfit"] = 0
    ours = input_sensitivity(model_of_document(**doc), draws=40)
    assert np.isfinite(ours.probability).all()
