"""Counts by incident, as the interval for the next incident.

61 of 100 in one incident tell what happened in that one. How far incidents differ is told by
several of them, and that is what the interval of the next one has to cover. The fit is by moments,
as in Kleinman (1973), *Proportions with extraneous variance*.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from causation.document.pooling import Normal
from causation.scales import Z90, logit, logit_normal_mean

WIDEST = 4.2
"""Largest standard deviation in logits: that of the interval [0.001, 0.999]. A share that is 0 or
1 in each incident has no logit-normal; this wide, it keeps its mean and is nearly that."""


def share_center(count: float, of: float) -> float:
    """Logit of a share; where it is 0 or 1, half an observation is put on either side."""
    return logit(count / of) if 0 < count < of else logit((count + 0.5) / (of + 1.0))


def beta_binomial(counts: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Fit a beta-binomial to counts by incident, by mean and variance.

    Every incident counts once, whatever its size. The variance is that of the share in the next
    incident: between incidents, less what counting within them adds, and of the mean itself.

    Parameters
    ----------
    counts : sequence of (k, n)
        At least two.

    Returns
    -------
    mean : float
        Of the share, in (0, 1).
    ratio : float
        Variance of the share over ``mean (1 - mean)``, in (0, 1]: 1 is all or nothing.
    """
    size, total = len(counts), sum(n for _, n in counts)
    shares = [k / n for k, n in counts]
    mean = min(max(math.fsum(shares) / size, 0.5 / (total + 1)), 1 - 0.5 / (total + 1))
    most = mean * (1.0 - mean)
    seen = math.fsum((p - mean) ** 2 for p in shares) / (size - 1) / most
    within = math.fsum(1.0 / n for _, n in counts) / size  # binomial part of the variance
    between = 1.0 if within == 1.0 else (seen - within) / (1.0 - within)
    between = min(max(between, 0.0), 1.0)
    of_mean = (within + (1.0 - within) * between) / size
    return mean, min(between + of_mean, 1.0)


@lru_cache(maxsize=1024)
def next_incident(counts: tuple[tuple[int, int], ...]) -> Normal:
    """The logit-normal whose 90 % interval is that of the share in the next incident.

    Parameters
    ----------
    counts : tuple of (k, n)
        At least two.

    Examples
    --------
    >>> m, sd = next_incident(((3, 10), (9, 12), (6, 11)))
    >>> -0.5 < m < 0.7, 0.5 < sd < 2.0
    (True, True)
    """
    from scipy.special import betaincinv

    mean, ratio = beta_binomial(counts)
    size = 1.0 / ratio - 1.0
    if size <= 0.0:
        return all_or_nothing(mean)
    a, b = mean * size, (1.0 - mean) * size
    # 1 - q keeps its digits where q is near 1
    lo, rest = float(betaincinv(a, b, 0.05)), float(betaincinv(b, a, 0.05))
    if lo <= 0.0 or rest <= 0.0:
        return all_or_nothing(mean)
    low, high = logit(lo), -logit(rest)
    sd = (high - low) / (2.0 * Z90)
    return all_or_nothing(mean) if sd > WIDEST else (0.5 * (low + high), sd)


@lru_cache(maxsize=1024)
def all_or_nothing(mean: float) -> Normal:
    """The widest logit-normal that is used, with this mean.

    Examples
    --------
    >>> m, sd = all_or_nothing(0.63)
    >>> round(logit_normal_mean(m, sd), 12)
    0.63
    """
    from scipy.optimize import brentq

    def over(m: float) -> float:
        return logit_normal_mean(m, WIDEST) - mean

    return float(brentq(over, -60.0, 60.0, xtol=1e-12)), WIDEST


def mixed(own: Normal, data: tuple[float, float | None], relevance: float) -> Normal:
    """Mix a number of the prior set with what data say, by their relevance.

    Parameters
    ----------
    own : (centre, sd)
        Of the prior set.
    data : (centre, sd or None)
        None where the spread over incidents is not known: the centre moves, the sd stays.
    relevance : float
        0 leaves the prior set's number, 1 takes the data's.

    Examples
    --------
    >>> mixed((0.0, 1.0), (2.0, 1.0), 0.5)
    (1.0, 1.4142135623730951)
    """
    center = (1.0 - relevance) * own[0] + relevance * data[0]
    if data[1] is None:
        return center, own[1]
    variance = (
        (1.0 - relevance) * own[1] ** 2
        + relevance * data[1] ** 2
        + relevance * (1.0 - relevance) * (own[0] - data[0]) ** 2
    )
    return center, math.sqrt(variance)
