"""Scales of evidence and of elicited numbers.

Likelihood ratios, odds and weights of evidence in bans (log10); the verbal scale for
likelihood ratios; and the intervals in which experts state what they know.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np

LN10 = math.log(10.0)
Z90 = 1.6448536269514722
"""Standard normal quantile at 0.95: an elicited interval is a central 90 % interval."""


class Scale(StrEnum):
    """What kind of quantity an elicited number is, hence on which scale it is normal.

    A probability is logit-normal, a positive quantity lognormal. A unit number (a correlation,
    a chance of misfit, an overlap) is a plain number in [-1, 1] that carries no spread of its
    own; a count is a plain number that is never drawn again.
    """

    PROBABILITY = "probability"
    POSITIVE = "positive"
    UNIT = "unit"
    COUNT = "count"


def logit(p: float) -> float:
    """Log odds (natural) of a probability, infinite at 0 and 1.

    Examples
    --------
    >>> logit(0.5)
    0.0
    """
    if p <= 0.0:
        return -math.inf
    if p >= 1.0:
        return math.inf
    return math.log(p) - math.log1p(-p)


@dataclass(frozen=True, slots=True)
class Elicited:
    """A number as it was elicited: a central 90 % interval, or a single value (``lo == hi``).

    A probability is logit-normal, a positive quantity lognormal; the interval's ends are
    its 5 % and 95 % points.

    Parameters
    ----------
    lo, hi : float
        Ends of the interval, ``lo <= hi``.
    scale : Scale
        Probability (within [0, 1]) or positive quantity.

    Examples
    --------
    >>> Elicited(0.5, 2.0, Scale.POSITIVE).center
    0.0
    >>> Elicited(0.3, 0.3, Scale.PROBABILITY).mean()
    0.3
    """

    lo: float
    hi: float
    scale: Scale

    @property
    def is_point(self) -> bool:
        """Whether a single number was stated."""
        return self.lo == self.hi

    @property
    def center(self) -> float:
        """Mean on the logit (probability) or natural-log (positive) scale."""
        f = logit if self.scale is Scale.PROBABILITY else _log
        if self.is_point:
            return f(self.lo)
        middle = 0.5 * (f(self.lo) + f(self.hi))
        return 0.0 if abs(middle) < 1e-14 else middle  # [0.05, 0.95] is centred exactly

    @property
    def sd(self) -> float:
        """Standard deviation on the logit or natural-log scale; 0 for a single number."""
        if self.is_point:
            return 0.0
        f = logit if self.scale is Scale.PROBABILITY else _log
        return (f(self.hi) - f(self.lo)) / (2.0 * Z90)

    def mean(self) -> float:
        """Mean of the logit-normal or lognormal (never the midpoint of the interval)."""
        if self.is_point:
            return self.lo
        if self.scale is Scale.POSITIVE:
            return math.exp(self.center + 0.5 * self.sd**2)
        return logit_normal_mean(self.center, self.sd)


def _log(x: float) -> float:
    return math.log(x) if x > 0.0 else -math.inf


@lru_cache(maxsize=4096)
def logit_normal_mean(center: float, sd: float) -> float:
    """Mean of ``logistic(center + sd z)``, z standard normal.

    The trapezoid rule is used to 9.5 beyond the peak of the integrand; for one that is analytic
    in a strip its error falls like ``exp(-2 pi^2 / (sd h))``, so the step follows ``sd``.

    Examples
    --------
    >>> round(logit_normal_mean(0.0, 3.0), 12)
    0.5
    """
    if sd == 0.0 or math.isinf(center):
        return 1.0 / (1.0 + math.exp(-center)) if center > -700 else math.exp(center)
    step = min(0.1, 0.5 / sd)
    # below the middle the integrand peaks where the logit does, at most sd above z = 0
    half = math.ceil((9.5 + min(sd, abs(center) / sd)) / step)
    z = step * np.arange(-half, half + 1)
    weight = np.exp(-0.5 * z * z)
    x = center + sd * z
    p = np.exp(-(np.maximum(-x, 0.0) + np.log1p(np.exp(-np.abs(x)))))
    return float(np.dot(weight, p) / weight.sum())


def log10_odds(p: float) -> float:
    """Odds of a probability in bans.

    Examples
    --------
    >>> log10_odds(0.5)
    0.0
    """
    return logit(p) / LN10


def probability_from_log10_odds(bans: float) -> float:
    """Probability that has these log10 odds.

    Examples
    --------
    >>> probability_from_log10_odds(0.0)
    0.5
    """
    if bans >= 0:
        return 1.0 / (1.0 + 10.0**-bans) if bans < 320 else 1.0
    odds = 10.0**bans if bans > -320 else 0.0
    return odds / (1.0 + odds)


_BANDS = (
    (math.log10(2.0), "none"),
    (1.0, "weak"),
    (2.0, "moderate"),
    (3.0, "moderately_strong"),
    (4.0, "strong"),
    (6.0, "very_strong"),
    (math.inf, "extremely_strong"),
)


def verbal_scale(log10_lr: float) -> str:
    """Band of the ENFSI (2015) verbal scale for a likelihood ratio, never for a posterior.

    Parameters
    ----------
    log10_lr : float
        log10 of the likelihood ratio; its sign (which way it points) does not matter. NaN, the
        ratio of two sources that are both excluded, supports neither.

    Returns
    -------
    str
        ``none``, ``weak``, ``moderate``, ``moderately_strong``, ``strong``, ``very_strong``
        or ``extremely_strong``.

    Examples
    --------
    >>> verbal_scale(2.5), verbal_scale(-2.5), verbal_scale(0.0)
    ('moderately_strong', 'moderately_strong', 'none')
    """
    size = 0.0 if math.isnan(log10_lr) else abs(log10_lr)
    return next(name for upper, name in _BANDS if size < upper or math.isinf(upper))


def change_in_bans(after: float, before: float) -> float:
    """Difference of two log10 odds or ratios; from an infinity to the same is no change.

    Examples
    --------
    >>> change_in_bans(2.0, 0.5), change_in_bans(math.inf, math.inf)
    (1.5, 0.0)
    """
    return 0.0 if after == before else after - before


def finite_or_none(x: float | None) -> float | None:
    """A number for JSON, None for an infinity or NaN.

    Examples
    --------
    >>> finite_or_none(1.5), finite_or_none(math.inf)
    (1.5, None)
    """
    return float(x) if x is not None and math.isfinite(x) else None
