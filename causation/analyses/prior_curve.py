"""The posterior for every prior, and the prior at which the standard is reached.

Only the split between the proposition and the rest moves; the weights among the sources on
either side stay. Where linkage or reliability is below 1 the evidence itself depends on the
prior (an unlinked group comes from a source drawn from it), and that is taken into account.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causation.evidence.base import logsumexp
from causation.evidence.findings import finding_group_log_likelihood
from causation.inference.components import Components
from causation.model.build import Model
from causation.scales import LN10

__all__ = ["PriorCurve", "compute_prior_curve", "log_posterior_under"]

_LIMIT = 12.0


@dataclass(frozen=True, eq=False)
class PriorCurve:
    """Posterior of the proposition for every prior of the proposition.

    Parameters
    ----------
    prior, posterior : ndarray, shape (points,)
    log10_lr : ndarray, shape (points,)
        log10 LR of the proposition against the rest at each prior.
    prior_at_standard : float or None
        Least prior from which on the standard is met with every greater one; None if there is
        none between 1e-12 and 1 - 1e-12. (Where linkage is below 1 the curve can fall as well:
        the less likely the proposition, the more a coincidence of like victims speaks for it.)
    case_prior : float
        Prior of the proposition in the case.
    """

    prior: np.ndarray
    posterior: np.ndarray
    log10_lr: np.ndarray
    prior_at_standard: float | None
    case_prior: float

    def log10_lr_range(self, lo: float = 0.01, hi: float = 0.99) -> tuple[float, float]:
        """Least and greatest log10 LR against the rest over priors between two ends.

        Equal where every linkage and reliability is 0 or 1: then the ratio is free of the prior.
        """
        kept = (self.prior >= lo) & (self.prior <= hi)
        return float(self.log10_lr[kept].min()), float(self.log10_lr[kept].max())


def log_posterior_under(model: Model, components: Components, log_prior: np.ndarray) -> np.ndarray:
    """Unnormalised log posterior (natural) of every source under other priors.

    Parameters
    ----------
    log_prior : ndarray, shape (..., S)
        Normalised log priors (natural).

    Returns
    -------
    ndarray, shape (..., S)
    """
    replicates = components.log_evidence(log_prior, model.linkage, model.misfit)
    total = logsumexp(np, replicates, axis=0) - np.log(len(replicates)) + log_prior
    for group in model.finding_groups:
        total = total + finding_group_log_likelihood(
            group.log_likelihood, group.reliability, group.repeats, log_prior
        )
    result: np.ndarray = total
    return result


def compute_prior_curve(
    model: Model, components: Components, threshold: float, *, points: int = 201
) -> PriorCurve:
    """Prior curve on a grid even in log odds from 1e-4 to 1 - 1e-4, and the crossing."""
    h = model.proposition

    def posterior_log10_odds(log10_odds: np.ndarray) -> np.ndarray:
        log_prior = np.empty((log10_odds.size, h.size))
        x = log10_odds * LN10
        for side, sign in ((h, -1.0), (~h, 1.0)):
            own = model.log_prior[side] - logsumexp(np, model.log_prior[side], axis=-1)
            log_prior[:, side] = own - np.logaddexp(0.0, sign * x)[:, None]
        weight = log_posterior_under(model, components, log_prior)
        result: np.ndarray = (
            logsumexp(np, weight[:, h], axis=-1) - logsumexp(np, weight[:, ~h], axis=-1)
        ) / LN10
        return result

    grid = np.linspace(-4.0, 4.0, points)
    with np.errstate(over="ignore", invalid="ignore"):
        odds = posterior_log10_odds(grid)
        prior, posterior = (1.0 / (1.0 + 10.0**-x) for x in (grid, odds))
        target = np.log10(threshold / (1.0 - threshold))
        scan = np.linspace(-_LIMIT, _LIMIT, 97)
        met = posterior_log10_odds(scan) >= target
        at: float | None = None
        if met[-1]:
            first = int(met.size - np.argmin(met[::-1])) if not met.all() else 0
            lo, hi = scan[max(first - 1, 0)], scan[first]
            for _ in range(7):  # each round narrows the bracket 16-fold
                inner = np.linspace(lo, hi, 17)
                below = np.flatnonzero(posterior_log10_odds(inner[:-1]) < target)
                k = int(below[-1]) + 1 if below.size else 0
                lo, hi = inner[max(k - 1, 0)], inner[k]
            at = float(1.0 / (1.0 + 10.0**-hi))
    case_prior = float(np.exp(logsumexp(np, model.log_prior[h], axis=-1)))
    return PriorCurve(prior, posterior, odds - grid, at, case_prior)
