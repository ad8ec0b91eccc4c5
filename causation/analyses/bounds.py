r"""Robust bounds: the least and the greatest probability over whole sets of inputs.

Sets are: every prior that deviates by a share ``epsilon`` from the case's own (contaminated
priors), every prior whose routes gain at most a factor against each other, every combination of
prior weights and shares that go on within their intervals, every combination of findings within
theirs. The evidence of the victims is free of the prior, and so is what any route would give: the
background is frozen. For a single route ``i`` and contaminated priors, with
``m = sum_z pi_z L_z``,

.. math::

    \sup P_i = \frac{(1-\varepsilon)\pi_i L_i + \varepsilon L_i}
        {(1-\varepsilon) m + \varepsilon L_i},
    \qquad
    \inf P_i = \frac{(1-\varepsilon)\pi_i L_i}{(1-\varepsilon) m + \varepsilon \max_{j\ne i} L_j}.

The probability is a ratio of two linear functions of the prior, so its extremes are found by
solving ``max_w sum_z w_z L_z (r_z - P)`` again and again (Dinkelbach), where ``r`` is the chance
of the proposition given a route. Where what is free for one route is tied to what is free for
another, bounds may be wider than needed, never narrower.

References
----------
J. O. Berger (1990), "Robust Bayesian analysis: sensitivity to the prior", Journal of
Statistical Planning and Inference 25, 303-328.
W. Dinkelbach (1967), "On nonlinear fractional programming", Management Science 13, 492-498.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from causation.analyses.boxes import Corner, FindingBoxes, WeightBox
from causation.errors import InputError
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from causation.analyses.evaluating import Evaluate
    from causation.model.structure import Given

_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Interval:
    """Least and greatest probability of the proposition over a set of inputs.

    Where they are not `attained` by inputs of the set they may be wider than needed; every
    assessment of the set lies between them.
    """

    lower: float
    upper: float
    attained: bool


@dataclass(frozen=True, slots=True)
class RobustBounds:
    """What holds of the proposition whatever inputs of a set are chosen.

    `contaminated` is over all priors ``(1 - epsilon) prior + epsilon (any prior)``, `density_ratio`
    over all whose odds between routes lie within the factor `ratio`, `weights` over all prior
    weights and shares that go on within their intervals, `findings` over all probabilities of
    findings within theirs, `weights_and_findings` over both together. `probability` is with the
    inputs as they are.
    """

    probability: float
    threshold: float
    epsilon: float
    ratio: float
    contaminated: Interval
    density_ratio: Interval
    weights: Interval
    findings: Interval
    weights_and_findings: Interval


class Priors(Protocol):
    """A set of priors over the routes, up to a common factor."""

    def best(self, gain: np.ndarray) -> tuple[np.ndarray, bool]:
        """Prior with the greatest ``sum(prior * gain)``, and whether the set has it."""


def robust_bounds(
    case: Given,
    *,
    epsilon: float = 0.1,
    ratio: float = 2.0,
    evaluate: Evaluate = evaluate,
    **options: Any,
) -> RobustBounds:
    """Bound the probability of the proposition over sets of inputs.

    Parameters
    ----------
    epsilon : float
        Share of the prior that may be anything, in [0, 1].
    ratio : float
        Factor between routes of the prior, at least 1.

    Raises
    ------
    InputError
        If `epsilon` is no share or `ratio` is below 1.

    Examples
    --------
    >>> from causation.case import data_path
    >>> found = robust_bounds(data_path("published", "three-suspect-burglary.yaml"))
    >>> round(found.contaminated.lower, 6), round(found.contaminated.upper, 6)
    (0.86747, 0.91866)
    """
    if not 0.0 <= epsilon <= 1.0:
        raise InputError(f"epsilon is a share of the prior, from 0 to 1; found {epsilon:g}")
    if not ratio >= 1.0:
        raise InputError(f"ratio is a factor of the prior odds, 1 or more; found {ratio:g}")
    model = build_model(case, **options)
    everything = model.base()
    bare = model.without([[f"findings.{f.id}" for f in model.filled.findings]])
    answer, victims = evaluate(model, everything), evaluate(model, bare)
    prior, credit = np.exp(answer.log_prior[0]), answer.credit[0]
    fixed = [Corner(_scaled(answer.log_evidence[0]), (), ())]
    boxes = list(FindingBoxes(model, _scaled(victims.log_evidence[0])).corners())
    here, weights = _Box(prior, prior), WeightBox(model)

    def over(priors: Priors, corners: Sequence[Corner]) -> Interval:
        upper, above = max(_greatest(priors, corner, credit) for corner in corners)
        other, below = max(_greatest(priors, corner, 1.0 - credit) for corner in corners)
        upper = min(1.0, upper)
        return Interval(min(upper, max(0.0, 1.0 - other)), upper, attained=above and below)

    return RobustBounds(
        probability=float(answer.probability[0]),
        threshold=model.filled.threshold,
        epsilon=epsilon,
        ratio=ratio,
        contaminated=over(_Contaminated(prior, epsilon), fixed),
        density_ratio=over(_Box(prior, ratio * prior), fixed),
        weights=over(weights, fixed),
        findings=over(here, boxes),
        weights_and_findings=over(weights, boxes),
    )


def _scaled(log_evidence: np.ndarray) -> np.ndarray:
    top = log_evidence.max()
    result: np.ndarray = np.exp(log_evidence - (top if np.isfinite(top) else 0.0))
    return result


def _greatest(priors: Priors, corner: Corner, chance: np.ndarray) -> tuple[float, bool]:
    """Greatest probability of what has these chances given the routes, and if it is attained."""
    best, attained = -1.0, True
    for _ in range(_ROUNDS):
        likelihood, possible = corner.best(chance > best)
        prior, allowed = priors.best(likelihood * (chance - best))
        weight = prior * likelihood
        total = float(weight.sum())
        found = float(weight @ chance) / total if total > 0.0 else best
        if found <= best + 1e-15:
            break
        best, attained = found, possible and allowed
    return max(best, 0.0), attained


@dataclass(frozen=True, eq=False)
class _Contaminated:
    """``(1 - epsilon) prior + epsilon q`` for every distribution ``q``."""

    prior: np.ndarray
    epsilon: float

    def best(self, gain: np.ndarray) -> tuple[np.ndarray, bool]:
        found = (1.0 - self.epsilon) * self.prior
        found[int(np.argmax(gain))] += self.epsilon
        return found, True


@dataclass(frozen=True, eq=False)
class _Box:
    """Every prior between two ends, up to a factor."""

    lo: np.ndarray
    hi: np.ndarray

    def best(self, gain: np.ndarray) -> tuple[np.ndarray, bool]:
        return np.where(gain > 0.0, self.hi, self.lo), True
