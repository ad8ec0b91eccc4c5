from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causation.report.precision import (
    MOST_DECIMALS,
    Precision,
    decimals_of,
    fixed,
    percent,
    precision_of,
    probability_decimals,
    ratio_text,
    stated,
)
from causation.scales import LN10

probabilities = st.floats(1e-5, 1.0 - 1e-5)


@given(p=probabilities, u=st.floats(1e-6, 0.5), tau=st.sampled_from([0.5, 0.63, 0.75, 0.95]))
def test_a_printed_probability_is_on_the_right_side_of_zero_one_and_the_standard(
    p: float, u: float, tau: float
) -> None:
    decimals = probability_decimals(p, u, threshold=tau)
    shown = float(percent(p, decimals)) / 100.0
    # half a unit of the last place is what rounding may move it by
    assert abs(shown - p) <= 0.5000001 * 10.0**-decimals
    assert 0.0 < shown < 1.0
    if decimals < MOST_DECIMALS and p != tau:
        assert (shown >= tau) == (p >= tau)


@given(value=st.floats(0.01, 1e5), u=st.floats(1e-6, 10.0))
def test_digits_follow_the_first_digit_of_the_uncertainty(value: float, u: float) -> None:
    decimals = decimals_of(value, u)
    shown = float(fixed(value, decimals).replace("−", "-"))
    assert abs(shown - value) <= 0.5000001 * 10.0**-decimals
    assert decimals <= max(-np.floor(np.log10(u)), -np.floor(np.log10(value))) + 1e-9


def test_precision_of_odds_that_are_normal_is_their_standard_deviation() -> None:
    rng = np.random.default_rng(1)
    bans = rng.normal(1.0, 0.3, 200_000)
    p = 1.0 / (1.0 + 10.0**-bans)
    # the quantiles of 200 000 draws are good to about 0.3 %
    assert precision_of(p).inputs == pytest.approx(0.3, rel=0.01)


def test_the_uncertainty_of_a_probability_is_its_derivative_by_the_log_odds() -> None:
    p, step = 0.8, 1e-6
    odds = np.log10(p / (1 - p)) + step
    slope = (1.0 / (1.0 + 10.0**-odds) - p) / step
    # forward difference: error of the order of the step
    assert Precision(0.2).probability(p) == pytest.approx(0.2 * slope, rel=1e-5)
    assert Precision(0.0).probability(p, 0.01) == 0.01
    assert slope == pytest.approx(p * (1 - p) * LN10, rel=1e-5)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.0, "1"), (0.98, "0.98"), (1e-7, "1 × 10^−7"), (-0.5, "−0.5"), (5.0, "5")],
)
def test_what_was_stated_is_printed_as_stated(value: float, text: str) -> None:
    assert stated(value) == text


def test_ratios_are_rounded_to_what_is_known() -> None:
    assert ratio_text(np.log10(328.0), 0.32) == "300"
    assert ratio_text(np.log10(2480.0), 0.32) == "2,000"
    assert ratio_text(np.log10(2480.0), 0.32, separator="") == "2000"
    assert ratio_text(6.99, 0.3) == "1 × 10^7"
