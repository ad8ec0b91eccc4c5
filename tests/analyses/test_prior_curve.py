"""The prior curve against assessing again with other weights."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from causation.analyses.prior_curve import PriorCurve, compute_prior_curve
from causation.evidence.findings import FindingGroup
from causation.inference import infer
from causation.inference.components import compute_components
from causation.inference.integrate import IntegratorSettings
from causation.model.build import Model
from tests.bridge import model_of
from tests.build import model_of_document
from tests.reference.evidence import Group, Problem, Source


def curve_of(model: Model, threshold: float) -> PriorCurve:
    (components,) = compute_components([model], IntegratorSettings())
    return compute_prior_curve(model, components, threshold)


def again(model: Model, prior: float) -> float:
    """Posterior of the proposition with its prior changed and the rest scaled."""
    h = model.proposition
    own = np.exp(model.log_prior)
    weight = np.where(h, prior * own / own[h].sum(), (1.0 - prior) * own / own[~h].sum())
    changed = dataclasses.replace(model, log_weight=np.log(weight), security=())
    return infer(changed).proposition_probability


def two_sources(p: float, *, kappa: float, count: int = 1) -> Model:
    """One group of `count` victims, explained by the first source with odds `p` to one half."""
    sources = [
        Source("custodian", [math.log(p / (1 - p))], [0.0]),
        Source("custodian", [0.0], [0.0]),
    ]
    groups = [Group(count, [True], [False], kappa=kappa)]
    return model_of(Problem(sources, groups, selected=False, pi=[0.3, 0.7]))


MODELS = {
    "case": model_of_document(),
    "security": model_of_document(security={"platform": {"incidents": {"count": 3, "years": 1}}}),
    "union": model_of_document(proposition=["platform", "osint"]),
}


@pytest.mark.parametrize("name", MODELS)
def test_every_point_is_an_assessment(name: str) -> None:
    model = MODELS[name]
    curve = curve_of(model, 0.75)
    for i in (0, 40, 90, 100, 133, 200):
        # the same integrals: rounding only
        assert curve.posterior[i] == pytest.approx(again(model, curve.prior[i]), rel=1e-8)
    assert curve.case_prior == pytest.approx(
        float(np.exp(model.log_prior)[model.proposition].sum()), rel=1e-12
    )
    assert again(model, curve.case_prior) == pytest.approx(
        infer(model).proposition_probability, rel=1e-9
    )


@pytest.mark.parametrize("threshold", [0.05, 0.5, 0.75, 0.95, 0.999])
@pytest.mark.parametrize("name", MODELS)
def test_prior_at_standard(name: str, threshold: float) -> None:
    at = curve_of(MODELS[name], threshold).prior_at_standard
    assert at is not None
    # seven rounds narrow a quarter of a ban 16-fold each
    assert again(MODELS[name], at) == pytest.approx(threshold, rel=1e-6)
    assert again(MODELS[name], at * (1 + 1e-5)) > threshold
    assert again(MODELS[name], at * (1 - 1e-5)) < threshold


def test_closed_form() -> None:
    """Linked with certainty, the posterior odds are LR times the prior odds."""
    curve = curve_of(two_sources(0.9, kappa=1.0), 0.75)
    assert curve.prior_at_standard == pytest.approx(3.0 / (3.0 + 1.8), rel=1e-7)
    np.testing.assert_allclose(
        curve.posterior / (1 - curve.posterior), 1.8 * curve.prior / (1 - curve.prior), rtol=1e-9
    )


def test_a_curve_that_falls_before_it_rises() -> None:
    """Two groups that the rest cannot explain: the rarer the proposition, the more their being
    one series speaks for it. The standard counts as reached only where it stays reached.

    With linkage 1/2 the posterior odds are ``(1 + pi)^2 / (pi (1 - pi))``: 9 at 0.2 and at 0.5,
    8 between them.
    """
    sources = [Source("custodian", [math.log(9.0)], [0.0]), Source("custodian", [0.0], [0.0])]
    groups = [Group(n, [True], [False], kappa=0.5) for n in (10_000, 20_000)]
    model = model_of(Problem(sources, groups, selected=False, pi=[0.3, 0.7]))
    curve = curve_of(model, 0.9)
    assert curve.prior_at_standard == pytest.approx(0.5, rel=1e-6)
    x = curve.prior
    np.testing.assert_allclose(
        curve.posterior, 1.0 / (1.0 + x * (1.0 - x) / (1.0 + x) ** 2), rtol=1e-9
    )
    assert again(model, 0.1) > 0.9
    assert again(model, 1.0 / 3.0) == pytest.approx(8.0 / 9.0, rel=1e-9)


def test_one_group_that_the_rest_cannot_explain() -> None:
    """Odds ``(kappa + (1 - kappa) pi) / ((1 - kappa)(1 - pi))``, whatever the count."""
    model = two_sources(0.9, kappa=0.7, count=10_000)
    expected = (3.0 * 0.3 - 0.7) / (0.3 + 3.0 * 0.3)
    assert curve_of(model, 0.75).prior_at_standard == pytest.approx(expected, rel=1e-6)
    anyhow = two_sources(0.9, kappa=0.9, count=10_000)  # odds of 9 and more
    assert curve_of(anyhow, 0.75).prior_at_standard == pytest.approx(1e-12, rel=1e-3)


def with_finding(*p: float) -> Model:
    with np.errstate(divide="ignore"):
        group = FindingGroup("f", ("f",), np.log([p]), 1.0, 0.0)
    return dataclasses.replace(two_sources(0.6, kappa=1.0), finding_groups=(group,))


def test_excluded_sources() -> None:
    """With the proposition excluded no prior helps; with all the rest excluded any does."""
    assert curve_of(with_finding(0.0, 0.5), 0.75).prior_at_standard is None
    curve = curve_of(with_finding(0.5, 0.0), 0.75)
    assert curve.prior_at_standard == pytest.approx(1e-12, rel=1e-9)
    assert (curve.posterior == 1.0).all()


def test_out_of_reach() -> None:
    """A ratio of 1e-13 leaves every prior up to 1 - 1e-12 short of even odds."""
    assert curve_of(with_finding(1e-13, 1.0), 0.75).prior_at_standard is None
