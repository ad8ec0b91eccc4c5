"""Scales against quadrature and against plain arithmetic."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from causation.scales import (
    LN10,
    Elicited,
    Scale,
    log10_odds,
    logit,
    logit_normal_mean,
    probability_from_log10_odds,
    verbal_scale,
)


def mean_by_quadrature(center: float, sd: float) -> float:
    """By adaptive quadrature in 40 digits, panels a standard deviation apart."""
    with mpmath.workdps(40):
        m, s = mpmath.mpf(center), mpmath.mpf(sd)
        value = mpmath.quad(
            lambda z: mpmath.npdf(z) / (1 + mpmath.exp(-(m + s * z))),
            [-20, *(k for k in range(-12, 30, 3)), 40],
        )
        return float(value)


@pytest.mark.parametrize("center", [-200.0, -90.0, -12.0, -0.7, 0.0, 3.0, 40.0])
@pytest.mark.parametrize("sd", [0.01, 0.8, 3.0, 12.0])
def test_mean_of_a_logit_normal(center: float, sd: float) -> None:
    # trapezoid and quadrature are both spectral: 1e-10 relative
    assert logit_normal_mean(center, sd) == pytest.approx(mean_by_quadrature(center, sd), rel=1e-10)


@pytest.mark.parametrize(
    ("center", "expected"), [(-math.inf, 0.0), (math.inf, 1.0), (0.0, 0.5), (-800.0, 0.0)]
)
def test_mean_of_a_certain_number(center: float, expected: float) -> None:
    assert logit_normal_mean(center, 0.0) == expected


def test_interval_is_a_central_90_percent_interval() -> None:
    probability = Elicited(0.2, 0.95, Scale.PROBABILITY)
    positive = Elicited(0.5, 8.0, Scale.POSITIVE)
    for tail, p, q in ((0.05, 0.2, 0.5), (0.95, 0.95, 8.0)):
        z = norm.ppf(tail)
        assert 1.0 / (1.0 + math.exp(-(probability.center + probability.sd * z))) == pytest.approx(
            p, rel=1e-12
        )
        assert math.exp(positive.center + positive.sd * z) == pytest.approx(q, rel=1e-12)


def test_mean_is_not_the_midpoint() -> None:
    value = Elicited(0.5, 8.0, Scale.POSITIVE)
    expected, _ = quad(
        lambda z: norm.pdf(z) * math.exp(value.center + value.sd * z), -12, 14, epsabs=1e-13
    )
    assert value.mean() == pytest.approx(expected, rel=1e-10)
    assert Elicited(0.001, 0.3, Scale.PROBABILITY).mean() == pytest.approx(
        mean_by_quadrature(
            0.5 * (logit(0.001) + logit(0.3)), (logit(0.3) - logit(0.001)) / (2 * norm.ppf(0.95))
        ),
        rel=1e-10,
    )


@pytest.mark.parametrize("scale", list(Scale))
@pytest.mark.parametrize("x", [0.0, 1e-300, 0.3, 1.0])
def test_a_single_number_is_itself(x: float, scale: Scale) -> None:
    value = Elicited(x, x, scale)
    assert value.is_point
    assert value.mean() == x
    assert value.sd == 0.0


@given(st.floats(1e-12, 1.0 - 1e-12))
@settings(max_examples=50)
def test_odds_and_back(p: float) -> None:
    assert log10_odds(p) == pytest.approx(float(mpmath.log10(mpmath.mpf(p) / (1 - mpmath.mpf(p)))))
    # rounding of the odds, relative to the smaller of p and 1 - p
    assert probability_from_log10_odds(log10_odds(p)) == pytest.approx(p, rel=1e-12)


@pytest.mark.parametrize(
    ("bans", "p"), [(-math.inf, 0.0), (math.inf, 1.0), (-1e6, 0.0), (1e6, 1.0), (-300.0, 1e-300)]
)
def test_odds_at_the_edge(bans: float, p: float) -> None:
    assert probability_from_log10_odds(bans) == pytest.approx(p, rel=1e-12)


def test_logit_at_the_edge() -> None:
    assert (logit(0.0), logit(1.0)) == (-math.inf, math.inf)
    assert logit(1e-300) == pytest.approx(-300.0 * LN10, rel=1e-15)


@pytest.mark.parametrize(
    ("ratio", "band"),
    [
        (1.0, "none"),
        (1.99, "none"),
        (2.01, "weak"),
        (9.99, "weak"),
        (10.01, "moderate"),
        (99.0, "moderate"),
        (101.0, "moderately_strong"),
        (999.0, "moderately_strong"),
        (1001.0, "strong"),
        (9999.0, "strong"),
        (10001.0, "very_strong"),
        (999_999.0, "very_strong"),
        (1_000_001.0, "extremely_strong"),
        (1e300, "extremely_strong"),
    ],
)
def test_verbal_bands(ratio: float, band: str) -> None:
    """ENFSI (2015): 1-2, 2-10, 10-100, 100-1000, 1000-10 000, 10 000-1 000 000, above."""
    assert verbal_scale(math.log10(ratio)) == band
    assert verbal_scale(-math.log10(ratio)) == band


def test_verbal_scale_of_what_is_not_a_number() -> None:
    assert verbal_scale(math.inf) == "extremely_strong"
    assert verbal_scale(-math.inf) == "extremely_strong"
    assert verbal_scale(math.nan) == "none"


@given(st.floats(-50, 50), st.floats(0.0, 30.0))
@settings(max_examples=30, deadline=None)
def test_mean_and_complement_sum_to_one(center: float, sd: float) -> None:
    total = logit_normal_mean(center, sd) + logit_normal_mean(-center, sd)
    # two sums of some thousand terms
    assert total == pytest.approx(1.0, rel=1e-12)
    assert np.isfinite(total)
