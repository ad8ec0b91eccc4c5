"""Randomly shifted rank-1 lattice rules, as points of a Student t.

The generating vectors are made on first use by fast component-by-component construction
(Nuyens & Cools 2006) for a prime number of points; each random shift is an independent
randomisation, so the spread over shifts is an honest error estimate.

References
----------
D. Nuyens, R. Cools (2006), "Fast algorithms for component-by-component construction of rank-1
lattice rules in shift-invariant reproducing kernel Hilbert spaces", Math. Comp. 75, 903-920.
R. Cranley, T. N. L. Patterson (1976), "Randomization of number theoretic methods for multiple
integration", SIAM J. Numer. Anal. 13, 904-914.
"""

from __future__ import annotations

from functools import lru_cache
from math import log

import numpy as np

SIZES = (127, 257, 1021, 4093, 16381, 65521)
"""Numbers of points on offer, all prime."""


def _primitive_root(prime: int) -> int:
    order, factors, rest, d = prime - 1, set(), prime - 1, 2
    while rest > 1:
        if rest % d == 0:
            factors.add(d)
            rest //= d
        else:
            d += 1
    return next(g for g in range(2, prime) if all(pow(g, order // q, prime) != 1 for q in factors))


@lru_cache(maxsize=64)
def generating_vector(points: int, dim: int) -> np.ndarray:
    """Generating vector of a lattice rule with a prime number of points, shape (dim,)."""
    half = (points - 1) // 2
    root = _primitive_root(points)
    powers = np.ones(half, dtype=np.int64)
    for i in range(1, half):
        powers[i] = powers[i - 1] * root % points
    powers = np.minimum(powers, points - powers)
    x = powers / points
    # weights that keep every factor positive: with heavier ones a few points come to dominate the
    # product and from the sixth dimension on the same component is chosen again and again
    kernel = 2.0 * (x * x - x + 1.0 / 6.0)
    spectrum = np.fft.rfft(kernel)
    product = np.ones(half)
    chosen = []
    for j in range(dim):
        error = np.fft.irfft(spectrum * np.fft.rfft(product), n=half)
        best = int(np.argmin(error)) if j else 0
        chosen.append(int(powers[best]))
        weight = 0.9**j
        order = (best - np.arange(half)) % half
        product = product * (1.0 + weight * kernel[order])
    return np.array(chosen, dtype=np.int64)


def shifted_lattice(points: int, dim: int, replicates: int, random_seed: int) -> np.ndarray:
    """Uniform points of independently shifted lattices, tent-transformed.

    Returns
    -------
    ndarray, shape (replicates, points, dim)
    """
    vector = generating_vector(points, dim)
    lattice = (np.arange(points)[:, None] * vector % points) / points
    shift = np.random.default_rng([random_seed, dim]).random((replicates, 1, dim))
    u = np.abs(2.0 * ((lattice + shift) % 1.0) - 1.0)
    result: np.ndarray = np.clip(u, 1e-15, 1.0 - 1e-15)
    return result


def student_quantile(u: np.ndarray) -> np.ndarray:
    """Quantile of Student's t with four degrees of freedom, in closed form.

    References
    ----------
    W. T. Shaw (2006), "Sampling Student's T distribution", J. Comput. Finance 9, 37-73.

    Examples
    --------
    >>> round(float(student_quantile(np.array([0.975]))[0]), 6)
    2.776445
    """
    alpha = 4.0 * u * (1.0 - u)
    root = np.sqrt(alpha)
    q = np.cos(np.arccos(np.minimum(root, 1.0)) / 3.0) / root
    result: np.ndarray = np.sign(u - 0.5) * 2.0 * np.sqrt(np.maximum(q - 1.0, 0.0))
    return result


def student_log_density(t: np.ndarray) -> np.ndarray:
    """Log density (natural) of independent Student t(4) coordinates (last axis).

    Examples
    --------
    >>> round(float(np.exp(student_log_density(np.zeros((1, 1))))[0]), 6)
    0.375
    """
    result: np.ndarray = (log(0.375) - 2.5 * np.log1p(0.25 * t * t)).sum(axis=-1)
    return result
