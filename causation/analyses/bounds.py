r"""Robust bounds: the least and the greatest probability over whole sets of inputs.

Three sets: every prior within a distance ``epsilon`` of the case's own (contaminated priors),
every combination of prior weights within their intervals, every combination of findings within
theirs. For an evidence ``L_s`` that is free of the prior the bounds are attained; for a single
source ``i`` and contaminated priors they are, with ``m = sum_s pi_s L_s``,

.. math::

    \sup P_i = \frac{(1-\varepsilon)\pi_i L_i + \varepsilon L_i}
        {(1-\varepsilon) m + \varepsilon L_i},
    \qquad
    \inf P_i = \frac{(1-\varepsilon)\pi_i L_i}{(1-\varepsilon) m + \varepsilon \max_{j\ne i} L_j}.

Where a linkage or a reliability lies below 1 the evidence depends on the prior: what does not
belong to the series comes from a source drawn from it. Each such background is then let loose
over its own range. Given the backgrounds the probability is a ratio of linear functions of the
prior, given the prior it is monotone in each background: the extremes lie in corners, which are
all visited. Such bounds contain every assessment of the set, and may be wider than needed.

References
----------
J. O. Berger (1990), "Robust Bayesian analysis: sensitivity to the prior", Journal of
Statistical Planning and Inference 25, 303-328.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from causation.analyses.spread import Scenarios
from causation.case import Case, bundled_prior_sets, resolve
from causation.case.resolved import BearsOn, Input, ResolvedCase
from causation.errors import InputError
from causation.inference.components import Components, compute_components
from causation.inference.infer import infer_many
from causation.inference.integrate import IntegratorSettings
from causation.model.build import Model, build_model
from causation.sweeping.paths import Priors

__all__ = ["Interval", "RobustBounds", "robust_bounds"]

_MOST_CORNERS = 4096
"""Most corners of the backgrounds that are visited."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Least and greatest probability of the proposition over a set of inputs.

    Parameters
    ----------
    lower, upper : float
    attained : bool
        Whether both ends are reached by inputs of the set; else they may be wider than needed,
        and every assessment of the set lies between them.
    """

    lower: float
    upper: float
    attained: bool


@dataclass(frozen=True, slots=True)
class RobustBounds:
    """What holds whatever inputs of a set are chosen.

    Parameters
    ----------
    probability : float
        Of the proposition, with the inputs as they are.
    threshold : float
        Standard of proof.
    epsilon : float
        Share of the prior that may be anything.
    contaminated : Interval
        Over all priors ``(1 - epsilon) prior + epsilon (any prior)``.
    weights : Interval
        Over all prior weights within their intervals.
    findings : Interval
        Over all probabilities of findings within their intervals.
    weights_and_findings : Interval
        Over both together.
    prior_sets : dict of str to float
        Probability under every bundled prior set.
    """

    probability: float
    threshold: float
    epsilon: float
    contaminated: Interval
    weights: Interval
    findings: Interval
    weights_and_findings: Interval
    prior_sets: dict[str, float]


def robust_bounds(
    case: Case | str | Path,
    *,
    epsilon: float = 0.1,
    priors: Priors = None,
    standard: str | float | None = None,
    settings: IntegratorSettings | None = None,
) -> RobustBounds:
    """Bound the probability of the proposition over sets of inputs.

    Parameters
    ----------
    case : Case, str or Path
    epsilon : float
        Share of the prior that may be anything, in [0, 1].
    priors, standard
        In place of those of the case.
    settings : IntegratorSettings, optional

    Returns
    -------
    RobustBounds

    Raises
    ------
    InputError
        If `epsilon` is no share, or too many groups depend on the prior.

    Examples
    --------
    >>> from causation.case import data_path
    >>> found = robust_bounds(data_path("published", "three-suspect-burglary.yaml"))
    >>> round(found.contaminated.lower, 6), round(found.contaminated.upper, 6)
    (0.86747, 0.91866)
    """
    if not 0.0 <= epsilon <= 1.0:
        raise InputError(f"epsilon is a share of the prior, from 0 to 1; found {epsilon:g}")
    scenarios = Scenarios.of(case, priors, standard, settings)
    resolved = scenarios.resolved
    model = build_model(resolved)
    components = compute_components([model], scenarios.settings)[0]
    solver = _Solver(model, components, _finding_boxes(resolved, model))
    contaminated = _Contaminated(np.exp(model.log_prior), epsilon)
    box = _Box(*_weight_box(resolved, model))
    prior = np.exp(model.log_prior)
    here = _Box(prior, prior)
    return RobustBounds(
        probability=_probability(model, scenarios.settings),
        threshold=resolved.threshold,
        epsilon=epsilon,
        contaminated=solver.bounds(contaminated, vary_findings=False),
        weights=solver.bounds(box, vary_findings=False),
        findings=solver.bounds(here, vary_findings=True),
        weights_and_findings=solver.bounds(box, vary_findings=True),
        prior_sets=_prior_sets(scenarios),
    )


def _probability(model: Model, settings: IntegratorSettings) -> float:
    [posterior] = infer_many([model], random_seed=settings.random_seed, settings=settings)
    return posterior.proposition_probability


def _prior_sets(scenarios: Scenarios) -> dict[str, float]:
    names = bundled_prior_sets()
    models = [
        build_model(resolve(scenarios.case, priors=name, standard=scenarios.standard))
        for name in names
    ]
    seed = scenarios.settings.random_seed
    found = infer_many(models, random_seed=seed, settings=scenarios.settings)
    return {name: p.proposition_probability for name, p in zip(names, found, strict=True)}


# --- sets of priors ----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Contaminated:
    """``(1 - epsilon) prior + epsilon q`` for every distribution ``q``."""

    prior: np.ndarray
    epsilon: float

    @property
    def _corners(self) -> np.ndarray:
        corners = self.epsilon * np.eye(self.prior.size)
        result: np.ndarray = (1.0 - self.epsilon) * self.prior + corners
        return result

    def mean(self, x: np.ndarray) -> np.ndarray:
        """Greatest prior mean of each row of x, (..., S) -> (...)."""
        result: np.ndarray = (x @ self._corners.T).max(axis=-1)
        return result

    def greatest(self, likelihood: np.ndarray, own: np.ndarray) -> np.ndarray:
        """Greatest probability of the sources `own`, likelihood (..., S) -> (...)."""
        weight = likelihood[..., None, :] * self._corners
        total = weight.sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = weight[..., own].sum(axis=-1) / total
        return np.where(total > 0.0, share, -np.inf).max(axis=-1)


@dataclass(frozen=True, eq=False)
class _Box:
    """Every combination of weights between two ends, normalised."""

    lo: np.ndarray
    hi: np.ndarray

    def mean(self, x: np.ndarray) -> np.ndarray:
        """Greatest prior mean of each row of x: large weights go to the large values."""
        order = np.argsort(-x, axis=-1)
        value = np.take_along_axis(x, order, axis=-1)
        hi, lo = self.hi[order], self.lo[order]
        best = np.full(x.shape[:-1], -np.inf)
        for k in range(x.shape[-1] + 1):
            weight = np.concatenate([hi[..., :k], lo[..., k:]], axis=-1)
            best = np.maximum(best, (weight * value).sum(axis=-1) / weight.sum(axis=-1))
        return best

    def greatest(self, likelihood: np.ndarray, own: np.ndarray) -> np.ndarray:
        """Greatest probability of the sources `own`, likelihood (..., S) -> (...)."""
        weight = likelihood * np.where(own, self.hi, self.lo)
        total = weight.sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = weight[..., own].sum(axis=-1) / total
        return np.where(total > 0.0, share, -np.inf)


def _weight_box(case: ResolvedCase, model: Model) -> tuple[np.ndarray, np.ndarray]:
    factor = np.ones(len(model.sources))
    for record in model.security:
        factor[record.source] *= math.exp(record.log_factor)
    values = [s.weight.value for s in case.sources]
    lo, hi = np.array([v.lo for v in values]), np.array([v.hi for v in values])
    scale = hi.max()
    return lo / scale * factor, hi / scale * factor


# --- findings ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _FindingBox:
    """Joint probability of a group of findings: as it is, and its ends, each (S,)."""

    middle: np.ndarray
    lo: np.ndarray
    hi: np.ndarray
    reliability: float


def _finding_boxes(case: ResolvedCase, model: Model) -> list[_FindingBox]:
    by_id = {f.id: f for f in case.findings if f.bears_on is BearsOn.SOURCE}
    boxes = []
    for group in model.finding_groups:
        rows = [[by_id[f].likelihood[s] for s in model.sources] for f in group.findings]
        middle, lo, hi = (
            _joint(np.array([[end(x) for x in row] for row in rows]), group.repeats)
            for end in (_mean, _lo, _hi)
        )
        boxes.append(_FindingBox(middle, lo, hi, group.reliability))
    return boxes


def _mean(x: Input) -> float:
    return x.value.mean()


def _lo(x: Input) -> float:
    return x.value.lo


def _hi(x: Input) -> float:
    return x.value.hi


def _joint(p: np.ndarray, repeats: float) -> np.ndarray:
    """Probability of all findings of a group, increasing in each of them."""
    result: np.ndarray = repeats * p[0] + (1.0 - repeats) * p.prod(axis=0)
    return result


# --- corners -----------------------------------------------------------------------------------


class _Solver:
    """Extremes of the probability over corners of the backgrounds."""

    def __init__(
        self, model: Model, components: Components, findings: Sequence[_FindingBox]
    ) -> None:
        self._own = model.proposition
        self._findings = findings
        self._linkage = model.linkage[components.first[components.uncertain]]
        self._multiplicity = components.multiplicity[components.uncertain]
        with np.errstate(divide="ignore"):
            branch = np.log(np.stack([1.0 - model.misfit, model.misfit], axis=-1))
        by_state = np.logaddexp.reduce(components.log_integral + branch[..., None], axis=-2)
        number = by_state.shape[-1] - components.uncertain.size
        self._states = components.states[:number][:, components.uncertain]
        alone = by_state[..., number:]  # (R, S, T)
        top = alone.max(axis=(0, 1), initial=-np.inf, keepdims=True)
        top = np.where(np.isfinite(top), top, 0.0)
        self._alone = np.exp(alone - top)
        apart = self._multiplicity - self._states
        mixture = by_state[..., :number] + (apart * top).sum(axis=-1)
        self._mixture = np.exp(mixture - mixture.max())  # (R, S, Q)
        corners = math.prod(int(m) + 1 for m in self._multiplicity)
        corners *= 2 ** sum(f.reliability < 1.0 for f in findings)
        if corners > _MOST_CORNERS:
            raise InputError(
                f"{corners} corners of groups whose evidence depends on the prior are too many "
                f"to bound (at most {_MOST_CORNERS}); state linkage or reliability 1 where they "
                "are not in doubt"
            )
        self._loose = corners > 1
        if not self._loose:  # the randomisations can be averaged first
            self._mixture = self._mixture.mean(axis=0, keepdims=True)

    def bounds(self, priors: _Contaminated | _Box, *, vary_findings: bool) -> Interval:
        """Bounds over a set of priors, and over the boxes of findings if these vary."""
        upper = self._greatest(priors, self._own, vary_findings=vary_findings)
        other = self._greatest(priors, ~self._own, vary_findings=vary_findings)
        return Interval(max(0.0, 1.0 - other), min(1.0, upper), attained=not self._loose)

    def _greatest(
        self, priors: _Contaminated | _Box, own: np.ndarray, *, vary_findings: bool
    ) -> float:
        """Greatest probability of a union of sources.

        The posterior is a ratio of sums over randomisations, so it lies between the least and
        the greatest of those of each by itself.
        """
        best = -math.inf
        for replicate in range(len(self._mixture)):
            factors = [self._victims(replicate, priors)]
            factors += [self._finding(f, priors, own, vary=vary_findings) for f in self._findings]
            for choice in itertools.product(*factors):
                likelihood = np.prod(np.stack(choice), axis=0)
                best = max(best, float(priors.greatest(likelihood, own)))
        return best

    def _victims(self, replicate: int, priors: _Contaminated | _Box) -> list[np.ndarray]:
        """Likelihood of the victims in each corner of their backgrounds, each (S,)."""
        alone = self._alone[replicate].T  # (T, S)
        ends = [(-priors.mean(-row), priors.mean(row)) for row in alone]
        found = []
        for high in itertools.product(*(range(int(m) + 1) for m in self._multiplicity)):
            coefficient = np.ones(len(self._states))
            for t, k in enumerate(high):
                m, kappa = int(self._multiplicity[t]), float(self._linkage[t])
                symmetric = _elementary(float(ends[t][0]), float(ends[t][1]), m - k, k)
                linked = self._states[:, t]
                apart = m - linked
                coefficient = coefficient * kappa**linked * (1.0 - kappa) ** apart
                coefficient = coefficient * symmetric[apart]
            found.append(self._mixture[replicate] @ coefficient)
        return found

    def _finding(
        self, box: _FindingBox, priors: _Contaminated | _Box, own: np.ndarray, *, vary: bool
    ) -> list[np.ndarray]:
        lo, hi = (box.lo, box.hi) if vary else (box.middle, box.middle)
        joint = np.where(own, hi, lo)
        if box.reliability == 1.0:
            return [joint]
        rho = box.reliability
        ends = (-priors.mean(-lo), priors.mean(hi))
        return [rho * joint + (1.0 - rho) * end for end in ends]


def _elementary(lo: float, hi: float, low: int, high: int) -> np.ndarray:
    """Elementary symmetric polynomials of `low` copies of lo and `high` of hi, by degree.

    Examples
    --------
    >>> _elementary(2.0, 3.0, 1, 1).tolist()
    [1.0, 5.0, 6.0]
    """
    result = np.ones(1)
    for x in [lo] * low + [hi] * high:
        result = np.convolve(result, [1.0, x])
    return result
