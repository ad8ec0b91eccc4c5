"""Measures of likelihood ratios whose truth is known, in base 10.

The performance characteristics of Meuwly, Ramos and Haraksim: discrimination, calibration and
their sum, and the rules that calibrated ratios obey.

References
----------
D. Meuwly, D. Ramos, R. Haraksim (2017), "A guideline for the validation of likelihood ratio
methods used for forensic evidence evaluation", Forensic Sci. Int. 276, 142-153.
N. Brümmer, J. du Preez (2006), "Application-independent evaluation of speaker detection",
Computer Speech and Language 20, 230-275.
P. Vergeer et al. (2021), "Measuring calibration of likelihood-ratio systems: a comparison of
four metrics, including a new metric devPAV", Forensic Sci. Int. 321, 110722.
P. Vergeer et al. (2016), "Numerical likelihood ratios outputted by LR systems are often based
on extrapolation: when to stop extrapolating?", Science and Justice 56, 482-491.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from causation.scales import LN10


def cllr(log10_lr: np.ndarray, is_true: np.ndarray) -> float:
    r"""Cost of log likelihood ratio, in bits.

    .. math::

        \tfrac12 \Big[ \overline{\log_2(1 + 1/LR)}\big|_{H_1}
            + \overline{\log_2(1 + LR)}\big|_{H_2} \Big]

    Of ratios of shape (N,), by whether the proposition is true.

    Examples
    --------
    >>> cllr(np.zeros(2), np.array([True, False]))
    1.0
    >>> round(cllr(np.array([1.0, -1.0]), np.array([True, False])), 4)
    0.1375
    """
    loss = np.logaddexp(0.0, np.where(is_true, -1.0, 1.0) * log10_lr * LN10) / np.log(2.0)
    return float(0.5 * (loss[is_true].mean() + loss[~is_true].mean()))


def pav(log10_lr: np.ndarray, is_true: np.ndarray) -> np.ndarray:
    """Ratios (log10) recalibrated on the same cases by pooling adjacent violators, shape (N,).

    A non-decreasing function of `log10_lr`; infinite at the ends where the cases are all of one
    kind.
    """
    values, place, count = np.unique(log10_lr, return_inverse=True, return_counts=True)
    true = np.bincount(place, weights=is_true, minlength=values.size)
    share = np.clip(isotonic_regression(true / count, weights=count).x, 0.0, 1.0)
    with np.errstate(divide="ignore"):
        odds = np.log10(share) - np.log10(1.0 - share)
    result: np.ndarray = (odds - np.log10(is_true.sum() / (~is_true).sum()))[place]
    return result


def dev_pav(log10_lr: np.ndarray, is_true: np.ndarray) -> float:
    """Mean distance in bans between a ratio and its recalibrated value.

    The area between the PAV transform and the identity, over the ratios at which the
    transform is finite, divided by their range.
    """
    recalibrated = pav(log10_lr, is_true)
    finite = np.isfinite(recalibrated)
    x, where = np.unique(log10_lr[finite], return_index=True)
    if not x.size:
        return float("nan")
    gap = recalibrated[finite][where] - x
    if x.size == 1:
        return float(abs(gap[0]))
    left, right, width = gap[:-1], gap[1:], np.diff(x)
    crossing = left * right < 0.0
    total = np.abs(left) + np.abs(right)
    safe = np.where(crossing, total, 1.0)
    mean = np.where(crossing, 0.5 * (left**2 + right**2) / safe, 0.5 * total)
    return float((mean * width).sum() / (x[-1] - x[0]))


def empirical_cross_entropy(
    log10_lr: np.ndarray, is_true: np.ndarray, log10_prior_odds: np.ndarray
) -> np.ndarray:
    """Mean information lacking after the evidence, bits, at each prior; `cllr` at even odds."""
    prior = 1.0 / (1.0 + 10.0**-log10_prior_odds)
    odds = (log10_lr[:, None] + log10_prior_odds) * LN10
    true = np.logaddexp(0.0, -odds[is_true]).mean(axis=0)
    false = np.logaddexp(0.0, odds[~is_true]).mean(axis=0)
    result: np.ndarray = (prior * true + (1.0 - prior) * false) / np.log(2.0)
    return result


def tippett(log10_lr: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Share of ratios above each value of a grid, shape (grid,)."""
    ordered = np.sort(log10_lr)
    result: np.ndarray = 1.0 - np.searchsorted(ordered, grid, side="right") / ordered.size
    return result


def turing_excess(
    log10_lr: np.ndarray, is_true: np.ndarray, thresholds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Turing's rule: a calibrated ratio exceeds ``x`` in at most ``1/x`` of the false cases.

    Returns the share of false cases above each (log10) threshold, and the largest share that is
    compatible with the rule at 99.9 % (its bound plus 3.09 binomial standard errors).
    """
    false = log10_lr[~is_true]
    share = (false[:, None] > thresholds).mean(axis=0)
    bound = np.minimum(1.0, 10.0**-thresholds)
    return share, bound + 3.09 * np.sqrt(bound * (1.0 - bound) / false.size)


def empirical_bounds(
    log10_lr: np.ndarray, is_true: np.ndarray, *, step: float = 0.01
) -> tuple[float, float]:
    """Ratios beyond which the cases do not bear out a ratio (ELUB), log10 lower and upper.

    At a threshold ``x`` a decision by the ratio must cost no more than one without it, with one
    misleading case added to either side: ``P(LR <= x | H1) + x P(LR > x | H2) <= min(1, x)``.
    The bounds are the first thresholds on either side of 1 at which that fails.
    """
    true, false = log10_lr[is_true], log10_lr[~is_true]
    high = min(max(float(log10_lr.max()), 0.0), float(np.log10(false.size + 1)))
    low = max(min(float(log10_lr.min()), 0.0), -float(np.log10(true.size + 1)))
    grid = np.arange(np.floor(low / step), np.ceil(high / step) + 1) * step
    miss = (1.0 - tippett(true, grid)) * true.size + 1.0
    alarm = tippett(false, grid) * false.size + 1.0
    cost = miss / (true.size + 1) + 10.0**grid * alarm / (false.size + 1)
    fails = cost > np.minimum(1.0, 10.0**grid)
    upper = grid[(grid >= 0.0) & fails]
    lower = grid[(grid <= 0.0) & fails]
    top = float(upper.min() - step) if upper.size else float(grid[-1])
    bottom = float(lower.max() + step) if lower.size else float(grid[0])
    return min(bottom, 0.0), max(top, 0.0)


@dataclass(frozen=True, slots=True)
class Performance:
    """Performance characteristics of a set of ratios.

    Parameters
    ----------
    cases, true : int
        Cases, and those in which the proposition is true.
    cllr, cllr_min, cllr_cal : float
        Cost in bits; after recalibration (discrimination); and the difference (calibration).
    dev_pav : float
        Mean distance from the recalibrated ratio, bans.
    misleading_strong : float
        Share of all cases with a ratio above 100 for the wrong side.
    turing_worst : float
        Largest share over what Turing's rule allows, at thresholds 2, 5, 10, 20, 50, 100, of
        ratios for the proposition where it is false and against it where it is true (a value at
        or below 1 agrees with the rule).
    """

    cases: int
    true: int
    cllr: float
    cllr_min: float
    cllr_cal: float
    dev_pav: float
    misleading_strong: float
    turing_worst: float


TURING_THRESHOLDS = np.log10([2.0, 5.0, 10.0, 20.0, 50.0, 100.0])


def performance(log10_lr: np.ndarray, is_true: np.ndarray) -> Performance:
    """All measures of a set of ratios; shapes (N,)."""
    cost = cllr(log10_lr, is_true)
    least = cllr(pav(log10_lr, is_true), is_true)
    sides = (
        turing_excess(log10_lr, is_true, TURING_THRESHOLDS),
        turing_excess(-log10_lr, ~is_true, TURING_THRESHOLDS),
    )
    wrong = np.where(is_true, -log10_lr, log10_lr) > 2.0
    return Performance(
        cases=int(is_true.size),
        true=int(is_true.sum()),
        cllr=cost,
        cllr_min=least,
        cllr_cal=cost - least,
        dev_pav=dev_pav(log10_lr, is_true),
        misleading_strong=float(wrong.mean()),
        turing_worst=max(float((share / allowed).max()) for share, allowed in sides),
    )


@dataclass(frozen=True, slots=True)
class Reliability:
    """How often something was true among cases of like probability; arrays of shape (bins,).

    ``predicted`` is the mean posterior probability, ``observed`` the share that were true, between
    ``low`` and ``high`` in 99.7 % of runs if the posterior is calibrated.
    """

    predicted: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray
    count: np.ndarray

    @property
    def covered(self) -> bool:
        """Whether every observed share lies in its interval."""
        return bool(((self.low <= self.observed) & (self.observed <= self.high)).all())


def reliability(probability: np.ndarray, is_true: np.ndarray, *, bins: int = 10) -> Reliability:
    """Reliability of probabilities (N,) in bins of equal width; empty bins are left out."""
    place = np.minimum((probability * bins).astype(int), bins - 1)
    rows = [place == b for b in np.unique(place)]
    count = np.array([int(r.sum()) for r in rows])
    predicted = np.array([probability[r].mean() for r in rows])
    observed = np.array([is_true[r].mean() for r in rows])
    spread = np.array([np.sqrt((probability[r] * (1.0 - probability[r])).sum()) for r in rows])
    # one case more or less than the normal approximation, which is poor for rare events
    half = (3.0 * spread + 1.0) / count
    return Reliability(predicted, observed, predicted - half, predicted + half, count)
