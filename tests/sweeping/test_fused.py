"""Compiled arithmetic against the same in NumPy, compiled and as plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

from causation.case import load_case
from causation.sweeping import fused
from causation.sweeping.sweep import DRAFT, sweep

ROUNDING = 1e-14


def plain(function: Any, compiled: bool) -> Any:
    return function if compiled else function.py_func


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("wide", [True, False])
def test_mix_once(compiled: bool, wide: bool) -> None:
    rng = np.random.default_rng(0)
    prior = rng.random((3, 600 if wide else 1))
    kappa = rng.random(1 if wide else 600)
    linked, factor, apart = rng.random(3), rng.random(3), rng.random((3, 3))
    out = np.empty((3, 600))
    plain(fused.mix_once, compiled)(prior, linked, apart, kappa, factor, out)
    mixture = kappa * linked[:, None] + (1.0 - kappa) * (apart @ prior)
    np.testing.assert_allclose(out, prior * factor[:, None] * mixture, rtol=ROUNDING)


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(
    ("weight", "prior", "joint", "rho"),
    [(600, 600, 600, 600), (1, 600, 1, 1), (600, 1, 600, 1), (1, 1, 1, 600)],
)
def test_multiply_finding(compiled: bool, weight: int, prior: int, joint: int, rho: int) -> None:
    rng = np.random.default_rng(1)
    w, pi, p = (rng.random((3, n)) for n in (weight, prior, joint))
    r = rng.random(rho)
    out = np.empty((3, 600))
    plain(fused.multiply_finding, compiled)(w, pi, p, r, out)
    expected = w * (r * p + (1.0 - r) * (pi * p).sum(axis=0))
    np.testing.assert_allclose(out, np.broadcast_to(expected, out.shape), rtol=ROUNDING)
    if weight == 600:  # in place
        plain(fused.multiply_finding, compiled)(w, pi, p, r, w)
        np.testing.assert_array_equal(w, out)


@pytest.mark.parametrize("compiled", [True, False])
def test_normalise(compiled: bool) -> None:
    rng = np.random.default_rng(2)
    weight, constant = rng.random((3, 600)), rng.random(3)
    whole = np.full((3, 1000), -1.0)
    least = plain(fused.normalise, compiled)(weight, constant, whole.reshape(-1), 100, 1000)
    product = weight * constant[:, None]
    np.testing.assert_allclose(whole[:, 100:700], product / product.sum(axis=0), rtol=ROUNDING)
    assert (whole[:, :100] == -1.0).all()
    assert (whole[:, 700:] == -1.0).all()
    assert least == pytest.approx(product.sum(axis=0).min(), rel=ROUNDING)


RULE = "findings.no_alternative_route"


@pytest.mark.parametrize(
    "grid",
    [
        {"sources.osint.weight": [0.1, 1.0, 9.0], "victims.co_victims.linkage": [0.2, 0.5, 1.0]},
        {f"{RULE}.likelihood.osint": [0.0, 0.5, 1.0], f"{RULE}.reliability": [0.5, 1.0]},
        {"sources.osint.weight": [0.1, 9.0], "sources.osint.correlation": [0.1, 0.5, 0.9]},
        {"sources.osint.weight": [0.1, 9.0], f"{RULE}.likelihood.osint": [0.2, 0.3]},
        {"standard": [0.5, 0.9]},
    ],
)
def test_a_compiled_sweep_is_the_same(
    grid: dict[str, list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = load_case("bic-2025-doxxing")
    usual = sweep(case, grid, settings=DRAFT)
    monkeypatch.setattr("causation.sweeping.kernel._LARGE", 0)
    xr.testing.assert_allclose(sweep(case, grid, settings=DRAFT), usual, rtol=1e-12, atol=1e-13)


def test_what_leaves_the_range_of_a_double(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of victims: some sources lie hundreds of decades behind."""
    case = load_case("bic-2025-doxxing").replace({"victims.co_victims.count": 10_000})
    grid = {"sources.osint.weight": [1e-90, 1.0, 1e90], "victims.co_victims.linkage": [0.2, 1.0]}
    usual = sweep(case, grid, settings=DRAFT)
    monkeypatch.setattr("causation.sweeping.kernel._LARGE", 0)
    found = sweep(case, grid, settings=DRAFT)
    xr.testing.assert_allclose(found, usual, rtol=1e-10, atol=1e-13)
    assert np.isfinite(found["log10_lr"]).all()
