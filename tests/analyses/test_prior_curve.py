"""The prior curve against hand arithmetic, and against cases that have those priors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from causation.analyses.prior_curve import prior_curve
from causation.inference.evaluate import evaluate
from tests.analyses.tables import answer_of, bic


def test_the_curve_is_bayes() -> None:
    curve = prior_curve(answer_of(bic(), [1.3], credit=0.9), bound=1.0)
    odds = curve.prior / (1 - curve.prior)
    assert curve.posterior == pytest.approx(0.9 * odds * 10**1.3 / (1 + odds * 10**1.3))
    assert curve.held == pytest.approx(0.9 * odds * 10 / (1 + odds * 10))
    assert curve.case_prior == pytest.approx(0.2)
    assert (np.diff(curve.posterior) > 0).all()


def test_the_prior_at_the_standard() -> None:
    curve = prior_curve(answer_of(bic(), [1.3], credit=0.9), bound=1.0)

    def excess(prior: float, ratio: float) -> float:
        odds = prior / (1 - prior) * ratio
        return 0.9 * odds / (1 + odds) - 0.75

    assert curve.prior_at_standard == pytest.approx(brentq(excess, 1e-9, 1 - 1e-9, (10**1.3,)))
    assert curve.held_prior_at_standard == pytest.approx(brentq(excess, 1e-9, 1 - 1e-9, (10.0,)))


def test_another_standard() -> None:
    curve = prior_curve(answer_of(bic(), [0.0]), bound=None, threshold=0.6)
    assert curve.prior_at_standard == pytest.approx(0.6)
    assert curve.threshold == 0.6


def test_no_prior_is_enough_where_the_role_is_not() -> None:
    curve = prior_curve(answer_of(bic(), [1.3], credit=0.7), bound=None)
    assert curve.prior_at_standard is None


def test_an_excluded_proposition_reaches_nothing() -> None:
    curve = prior_curve(answer_of(bic(), [-math.inf]), bound=2.0)
    assert curve.prior_at_standard is None
    assert curve.held_prior_at_standard is not None  # nothing shows that so much can be trusted


def test_a_proposition_without_a_ratio_says_so() -> None:
    model = bic(proposition={"source": "platform", "role": "sole", "fields": ["phone"]})
    curve = prior_curve(answer_of(model, [1.0]), bound=2.0)
    assert np.isnan(curve.posterior).all()
    assert curve.prior_at_standard is None
    assert curve.why_missing is not None


def test_a_case_with_that_prior_has_that_posterior() -> None:
    """The platform's weight moves nothing but the split: nobody goes on to it."""
    model = bic()
    rows = model.rows([{}, {}])
    curve = prior_curve(evaluate(model), bound=None)
    at = curve.prior_at_standard
    assert at is not None
    shift = math.log(at / (1 - at)) - math.log(curve.case_prior / (1 - curve.case_prior))
    rows.center[1, model.columns["sources.platform.weight"]] += shift
    moved = evaluate(model, rows)
    assert moved.prior[1] == pytest.approx(at)
    assert moved.probability[1] == pytest.approx(0.75, abs=1e-9)
