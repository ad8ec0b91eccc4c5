"""The posterior for every prior, and the prior at which the standard is reached.

Only the split between the proposition's routes and all others moves; weights among the routes on
either side stay. The evidence is frozen, so the curve rises everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from causation.analyses.bound import BOUNDED, held, log10_prior_odds, role_factor
from causation.document.mappings import Fixed
from causation.inference.evaluate import Answer

GRID = 4.0
"""The grid runs over prior odds from 10^-4 to 10^4."""


@dataclass(frozen=True, eq=False)
class PriorCurve:
    """Posterior of the proposition for every prior of its routes, on a grid.

    `posterior` is the model's, `held` with the likelihood ratio limited to the validated range;
    both NaN, with the reason, for a proposition that has no ratio (who supplied a field), or that
    is about every route or none. At `prior_at_standard` the posterior reaches the threshold, at
    `held_prior_at_standard` the held one; never rounded, None where no prior does.
    """

    prior: np.ndarray
    posterior: np.ndarray
    held: np.ndarray
    prior_at_standard: float | None
    held_prior_at_standard: float | None
    case_prior: float
    threshold: float
    why_missing: Mapping[str, str] | None = None


_WHY = Fixed({"en": "the proposition has no likelihood ratio", "zh": "待证事实没有似然比"})


def prior_curve(
    answer: Answer, *, bound: float | None, threshold: float | None = None, points: int = 201
) -> PriorCurve:
    """Compute the curve on a grid even in log odds, and where it reaches the standard.

    Parameters
    ----------
    threshold : float, optional
        In place of the standard of the case.
    points : int
    """
    filled = answer.model.filled
    level = filled.threshold if threshold is None else threshold
    ratio, limited = float(answer.log10_lr[0]), float(held(answer, bound).log10_lr[0])
    grid = np.linspace(-GRID, GRID, points)
    odds = float(log10_prior_odds(answer)[0])
    if filled.proposition.role not in BOUNDED or np.isnan(ratio):
        nothing = np.full(points, np.nan)
        case_prior = float(_probability(np.array(odds)))
        return PriorCurve(_probability(grid), nothing, nothing, None, None, case_prior, level, _WHY)
    rest = float(role_factor(answer, elsewhere=True)[0])
    factor = float(role_factor(answer)[0]) - rest
    return PriorCurve(
        prior=_probability(grid),
        posterior=rest + factor * _probability(grid + ratio),
        held=rest + factor * _probability(grid + limited),
        prior_at_standard=_prior_at(level - rest, factor, ratio),
        held_prior_at_standard=_prior_at(level - rest, factor, limited),
        case_prior=float(_probability(np.array(odds))),
        threshold=level,
    )


def _probability(log10_odds: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        result: np.ndarray = 1.0 / (1.0 + 10.0**-log10_odds)
    return result


def _prior_at(threshold: float, factor: float, log10_lr: float) -> float | None:
    """Solve ``factor * P(odds * LR) = threshold`` for the prior."""
    if factor <= threshold or np.isneginf(log10_lr):
        return None
    if threshold <= 0.0:
        return 0.0
    odds = threshold / (factor - threshold)
    return float(_probability(np.array(np.log10(odds) - log10_lr)))
