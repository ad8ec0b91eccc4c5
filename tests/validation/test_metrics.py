"""Measures of likelihood ratios against closed forms and against the NFI's package."""

from __future__ import annotations

import numpy as np
import pytest
from lir.algorithms.bayeserror import elub
from lir.algorithms.devpav import devpav
from lir.data.models import LLRData
from lir.metrics import cllr as lir_cllr
from lir.metrics import cllr_min as lir_cllr_min

from causation.validation.metrics import (
    cllr,
    dev_pav,
    empirical_bounds,
    empirical_cross_entropy,
    pav,
    performance,
    tippett,
    turing_excess,
)


def _ratios(seed: int, *, scale: float = 1.0, size: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated ratios of two normals a distance d apart, times a scale on the log."""
    rng = np.random.default_rng(seed)
    is_true = rng.random(size) < 0.4
    d = 2.0
    x = rng.normal(np.where(is_true, d / 2, -d / 2))
    return scale * d * x / np.log(10.0), is_true


def test_cllr_published() -> None:
    assert cllr(np.zeros(10), np.arange(10) % 2 == 0) == 1.0
    always_right = np.array([1.0, -1.0])
    assert cllr(always_right, np.array([True, False])) == pytest.approx(np.log2(1.1), rel=1e-12)


def test_pav_by_hand() -> None:
    """Three cases out of order are pooled; the ends are pure."""
    log10_lr = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    is_true = np.array([False, True, False, False, True])
    expected = np.log10((1 / 2) / (2 / 3))
    np.testing.assert_allclose(
        pav(log10_lr, is_true), [-np.inf, expected, expected, expected, np.inf], rtol=1e-12
    )


def test_pav_pools_equal_ratios() -> None:
    value = pav(np.zeros(4), np.array([True, True, True, False]))
    np.testing.assert_allclose(value, 0.0, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("scale", [1.0, 2.5, 0.4])
def test_against_lir(seed: int, scale: float) -> None:
    """Two implementations of the same formulas; lir works in base 10."""
    log10_lr, is_true = _ratios(seed, scale=scale)
    data = LLRData(features=log10_lr.reshape(-1, 1), hypothesis=is_true.astype(int))
    assert cllr(log10_lr, is_true) == pytest.approx(lir_cllr(data), rel=1e-10)
    least = cllr(pav(log10_lr, is_true), is_true)
    assert least == pytest.approx(lir_cllr_min(data), rel=1e-9)
    assert dev_pav(log10_lr, is_true) == pytest.approx(devpav(data), rel=1e-6)
    # thresholds in steps of 0.01
    assert empirical_bounds(log10_lr, is_true) == pytest.approx(elub(data), abs=0.0101)


def test_perfect_calibration_has_little_to_lose() -> None:
    log10_lr, is_true = _ratios(9, size=4000)
    result = performance(log10_lr, is_true)
    # pooling overfits 4000 cases by less than 0.01 bits
    assert 0.0 <= result.cllr_cal < 0.01
    assert result.turing_worst <= 1.0
    over = performance(3.0 * log10_lr, is_true)
    assert over.cllr_cal > 0.1
    assert over.turing_worst > 1.0
    assert over.cllr_min == pytest.approx(result.cllr_min, rel=1e-12)


def test_cross_entropy_at_even_odds_is_cllr() -> None:
    log10_lr, is_true = _ratios(3)
    value = empirical_cross_entropy(log10_lr, is_true, np.array([0.0]))
    assert value[0] == pytest.approx(cllr(log10_lr, is_true), rel=1e-12)


def test_tippett_counts() -> None:
    share = tippett(np.array([-1.0, 0.0, 1.0, 2.0]), np.array([-2.0, 0.0, 1.5, 2.0]))
    np.testing.assert_array_equal(share, [1.0, 0.5, 0.25, 0.0])


def test_turing_bound() -> None:
    share, allowed = turing_excess(
        np.array([2.0, 0.5, -1.0, 3.0]), np.array([False, False, False, True]), np.array([1.0])
    )
    assert share[0] == pytest.approx(1 / 3)
    assert allowed[0] == pytest.approx(0.1 + 3.09 * np.sqrt(0.09 / 3))


def test_bounds_grow_with_the_number_of_cases() -> None:
    small, large = (_ratios(4, size=n) for n in (100, 20_000))
    assert empirical_bounds(*small)[1] < empirical_bounds(*large)[1] < np.log10(20_000)
