"""Lattice points: known quantiles, uniformity, integrals of known value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t as student

from causation.inference.lattice import (
    SIZES,
    generating_vector,
    shifted_lattice,
    student_log_density,
    student_quantile,
)


def test_quantile_and_density() -> None:
    u = np.array([1e-15, 1e-9, 0.01, 0.3, 0.5, 0.77, 0.999, 1.0 - 1e-9])
    np.testing.assert_allclose(student_quantile(u), student.ppf(u, 4), rtol=1e-6, atol=1e-7)
    x = np.array([-1e4, -3.0, 0.0, 0.5, 40.0])
    np.testing.assert_allclose(student_log_density(x[:, None]), student.logpdf(x, 4), rtol=1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_sizes_are_prime(size: int) -> None:
    assert all(size % d for d in range(2, math.isqrt(size) + 1))


@pytest.mark.parametrize("size", SIZES[:4])
def test_every_coordinate_is_evenly_spread(size: int) -> None:
    vector = generating_vector(size, 12)
    points = np.arange(size)[:, None] * vector % size
    for column in points.T:
        assert np.unique(column).size == size
    # a component that stands twice would make two latents move together
    assert np.unique(vector).size == vector.size


@pytest.mark.parametrize("size", SIZES[:4])
def test_every_pair_of_coordinates_is_evenly_spread(size: int) -> None:
    """A function of any two of twelve coordinates, against as many random points."""
    x = student_quantile(shifted_lattice(size, 12, 64, 0))
    random = np.random.default_rng(0).standard_t(4, (100_000, 2))
    monte_carlo = np.exp(-0.5 * np.diff(random)[:, 0] ** 2).std() / math.sqrt(size)
    spread = np.array(
        [
            np.exp(-0.5 * (x[..., i] - x[..., j]) ** 2).mean(axis=1).std()
            for i in range(12)
            for j in range(i)
        ]
    )
    assert spread.max() < monte_carlo
    assert np.median(spread) < 0.3 * monte_carlo


@pytest.mark.parametrize("dim", [2, 5, 9])
def test_a_smooth_integral(dim: int) -> None:
    """``prod (1 + x - 1/2)`` has mean one; the spread over shifts tells the error."""
    u = shifted_lattice(4093, dim, 8, 1)
    values = np.prod(0.5 + u, axis=-1).mean(axis=1)
    error = values.std(ddof=1) / math.sqrt(8)
    assert abs(values.mean() - 1.0) < 5.4 * error + 1e-12  # t, 7 degrees of freedom, 0.999
    assert error < 1e-3
    # plain Monte Carlo would have a standard error above ten times as large
    assert error < 0.1 * math.sqrt(((13.0 / 12.0) ** dim - 1.0) / (8 * 4093))


def test_shifts_are_independent_of_each_other_and_fixed_by_the_seed() -> None:
    first, again, other = (shifted_lattice(257, 3, 4, s) for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.isclose(first, other).all()
    assert not np.isclose(first[0], first[1]).all()
    assert first.min() > 0.0
    assert first.max() < 1.0
