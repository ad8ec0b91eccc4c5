"""Several experts, one number: pools of what they said.

Every expert's answer is a normal distribution on the scale of the quantity (logit of a
probability, logarithm of a positive quantity). The pools are those of O'Hagan et al. (2006),
*Uncertain Judgements: Eliciting Experts' Probabilities*, chapter 9.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import Literal, get_args

from causation.scales import Z90

type Normal = tuple[float, float]
"""Centre and standard deviation on the scale of the quantity."""

Pool = Literal["linear", "log", "quantile"]
"""Average of densities, of their logarithms, or of quantiles (on the scale of the quantity)."""
POOLS: tuple[Pool, ...] = get_args(Pool)


def linear_quantile(
    share: float,
    cdfs: Sequence[Callable[[float], float]],
    weights: Sequence[float],
    *,
    within: tuple[float, float],
) -> float:
    """Quantile of a mixture.

    Parameters
    ----------
    share : float
        In (0, 1).
    cdfs : sequence of callable
        Distribution functions.
    weights : sequence of float
        They add up to 1.
    within : tuple of float
        Bounds between which the quantile lies.
    """
    from scipy.optimize import brentq

    def over(x: float) -> float:
        return math.fsum(w * cdf(x) for w, cdf in zip(weights, cdfs, strict=True)) - share

    return float(brentq(over, *within, xtol=1e-13, rtol=1e-14))


def _cdf(part: Normal) -> Callable[[float], float]:
    m, sd = part
    if sd == 0.0:
        return lambda x: float(x >= m)
    return lambda x: 0.5 * math.erfc((m - x) / (sd * math.sqrt(2.0)))


def pooled_points(
    parts: Sequence[Normal], weights: Sequence[float], pool: Pool, shares: Sequence[float]
) -> tuple[float, ...]:
    """Quantiles of a pool, on the scale of the quantity.

    Parameters
    ----------
    parts : sequence of (centre, sd)
        One for each expert. A log pool needs every sd positive.
    weights : sequence of float
        They add up to 1.
    pool : {"linear", "log", "quantile"}
    shares : sequence of float
        In (0, 1).
    """
    if pool == "linear":
        within = (min(m - 9 * sd for m, sd in parts) - 1, max(m + 9 * sd for m, sd in parts) + 1)
        cdfs = [_cdf(part) for part in parts]
        return tuple(linear_quantile(q, cdfs, weights, within=within) for q in shares)
    m, sd = pooled(parts, weights, pool)
    return tuple(m + sd * NormalDist().inv_cdf(q) for q in shares)


def pooled(parts: Sequence[Normal], weights: Sequence[float], pool: Pool) -> Normal:
    """Pool the experts' distributions into one.

    A linear pool is no normal distribution; the one with its 5 % and 95 % points is returned.

    Parameters
    ----------
    parts, weights, pool
        See `pooled_points`.

    Examples
    --------
    >>> pooled([(0.0, 1.0), (2.0, 1.0)], [0.5, 0.5], "log")
    (1.0, 1.0)
    """
    return _pooled(tuple(parts), tuple(weights), pool)


@lru_cache(maxsize=1024)
def _pooled(parts: tuple[Normal, ...], weights: tuple[float, ...], pool: Pool) -> Normal:
    if pool == "linear" and len(set(parts)) > 1:
        lo, hi = pooled_points(parts, weights, pool, (0.05, 0.95))
        return 0.5 * (lo + hi), (hi - lo) / (2.0 * Z90)
    if pool == "log":
        precision = math.fsum(w / sd**2 for w, (_, sd) in zip(weights, parts, strict=True))
        center = math.fsum(w * m / sd**2 for w, (m, sd) in zip(weights, parts, strict=True))
        return center / precision, precision**-0.5
    center = math.fsum(w * m for w, (m, _) in zip(weights, parts, strict=True))
    return center, math.fsum(w * sd for w, (_, sd) in zip(weights, parts, strict=True))


def apart(parts: Sequence[Normal], weights: Sequence[float]) -> tuple[float, ...]:
    """How far each expert stands from the others: weighted so that the squares add up.

    Returns
    -------
    tuple of float
        ``sqrt(w) * (m - mean)`` by expert; the sum of their squares is the variance between
        the experts' centres.
    """
    mean = math.fsum(w * m for w, (m, _) in zip(weights, parts, strict=True))
    return tuple(math.sqrt(w) * (m - mean) for w, (m, _) in zip(weights, parts, strict=True))
