"""Input sensitivity: the same numbers, elicited a second time.

Monte Carlo over the elicited inputs themselves. Its spread is not a probability of the
probability: it says how far the conclusion depends on who was asked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from causation.case.resolved import BearsOn, Input
from causation.evidence.base import Branch, Problem, logsumexp
from causation.evidence.findings import finding_group_log_likelihood
from causation.inference.components import Layout, Plan, compute_components, mix
from causation.inference.integrate import Integral, IntegratorSettings, integrate
from causation.model import Model
from causation.scales import Scale

__all__ = ["INTERVAL_MASS", "InputSensitivity", "input_sensitivity"]

INTERVAL_MASS = 0.9
"""Mass of the central interval that is reported."""

CORRELATION_REACH = 0.25
"""Half-width of the uniform distribution of each correlation about its elicited value."""

_REWEIGHT_SD = 0.6
_EFFECTIVE = 6.0
"""Fewest effective points with which a reweighted integral is kept."""

_CHEAP = IntegratorSettings(points=127, replicates=2, tolerance=0.02, limit=0.1)


@dataclass(frozen=True, eq=False)
class InputSensitivity:
    """Spread of the proposition's probability over redrawn inputs.

    Parameters
    ----------
    probability : ndarray, shape (draws,)
        Posterior probability of the proposition under each draw of the inputs.
    threshold : float
        Standard of proof.
    elicitation_sd : float
        Standard deviation of the shift of each logit-normal centre, in logits.
    random_seed : int
    """

    probability: np.ndarray
    threshold: float
    elicitation_sd: float
    random_seed: int

    @property
    def interval(self) -> tuple[float, float]:
        """Central 90 % interval of the probability."""
        tail = 0.5 * (1.0 - INTERVAL_MASS)
        lo, hi = np.quantile(self.probability, [tail, 1.0 - tail])
        return float(lo), float(hi)

    @property
    def share(self) -> float:
        """Share of the draws that meet the standard."""
        return float((self.probability >= self.threshold).mean())

    @property
    def robust(self) -> bool:
        """Whether the lower end of the interval meets the standard."""
        return self.interval[0] >= self.threshold


def input_sensitivity(
    model: Model, *, draws: int = 500, random_seed: int = 20250723
) -> InputSensitivity:
    """Redraw the elicited inputs and recompute the posterior.

    Weights, reliabilities, linkages and findings are drawn from their intervals; the centre of
    every logit-normal disclosure and membership is shifted by a normal with the case's
    elicitation standard deviation; each correlation is uniform within 0.25 of its value.

    Parameters
    ----------
    model : Model
    draws : int
    random_seed : int

    Returns
    -------
    InputSensitivity
    """
    rng = np.random.default_rng(random_seed)
    sd = model.case.elicitation_sd
    sources = len(model.sources)
    field_shift = rng.normal(0.0, sd, (draws, sources, len(model.fields)))
    member_shift = rng.normal(0.0, sd, (draws, sources, len(model.custodians)))
    lo = np.maximum(model.correlation - CORRELATION_REACH, 0.0)
    hi = np.minimum(model.correlation + CORRELATION_REACH, 1.0)
    correlation = rng.uniform(lo, hi, (draws, sources))
    log_prior = _draw_log_prior(model, draws, rng)
    linkage = _draw_linkage(model, draws, rng)
    findings = _draw_findings(model, draws, rng, log_prior)
    log_integral, layout = _components(
        model, field_shift, member_shift, correlation, random_seed=random_seed
    )
    log_evidence = mix(log_integral, layout, log_prior, linkage, model.misfit) + findings
    log_weight = log_prior + log_evidence
    log_weight -= logsumexp(np, log_weight, axis=-1)[:, None]
    probability = np.exp(log_weight[:, model.proposition]).sum(axis=1)
    return InputSensitivity(np.minimum(probability, 1.0), model.case.threshold, sd, random_seed)


def _draw_log(value: Input, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draws of the natural log of an elicited number from its own interval."""
    elicited = value.value
    if elicited.is_point:
        return np.full(draws, math.log(elicited.lo) if elicited.lo > 0.0 else -math.inf)
    x = elicited.center + elicited.sd * rng.standard_normal(draws)
    return x if elicited.scale is Scale.POSITIVE else -np.logaddexp(0.0, -x)


def _draw_log_prior(model: Model, draws: int, rng: np.random.Generator) -> np.ndarray:
    weight = np.array([_draw_log(s.weight, draws, rng) for s in model.case.sources]).T
    for record in model.security:
        weight[:, record.source] += record.log_factor
    result: np.ndarray = weight - logsumexp(np, weight, axis=-1)[:, None]
    return result


def _draw_linkage(model: Model, draws: int, rng: np.random.Generator) -> np.ndarray:
    by_id = {g.id: g for g in model.case.groups}
    table = [_draw_log(by_id[g].linkage, draws, rng) for g in model.groups]
    return np.exp(table).reshape(len(table), draws).T


def _draw_findings(
    model: Model, draws: int, rng: np.random.Generator, log_prior: np.ndarray
) -> np.ndarray:
    """Natural log-likelihood of all findings, shape (draws, S)."""
    by_id = {f.id: f for f in model.case.findings if f.bears_on is BearsOn.SOURCE}
    total = np.zeros((draws, len(model.sources)))
    for group in model.finding_groups:
        members = [by_id[f] for f in group.findings]
        log_p = np.array(
            [[_draw_log(f.likelihood[s], draws, rng) for s in model.sources] for f in members]
        )
        total += finding_group_log_likelihood(
            log_p.transpose(2, 0, 1),
            np.exp(_draw_log(members[0].reliability, draws, rng)),
            group.repeats,
            log_prior,
        )
    return total


def _components(
    model: Model,
    field_shift: np.ndarray,
    member_shift: np.ndarray,
    correlation: np.ndarray,
    *,
    random_seed: int,
) -> tuple[np.ndarray, Layout]:
    """Log integrals (natural) under every draw, shape (draws, S, 2, Q), and their layout."""
    spread = np.concatenate([model.field_sd.ravel(), model.member_sd.ravel()])
    reweight = bool((spread >= _REWEIGHT_SD).all() and (model.correlation < 1.0).all())
    change = _reweighted if reweight else _recomputed
    return change(model, field_shift, member_shift, correlation, random_seed=random_seed)


def _recomputed(
    model: Model,
    field_shift: np.ndarray,
    member_shift: np.ndarray,
    correlation: np.ndarray,
    *,
    random_seed: int,
) -> tuple[np.ndarray, Layout]:
    """Integrate again under every draw: right for narrow intervals and single numbers."""
    models = [
        replace(
            model,
            field_center=model.field_center + fields,
            member_center=model.member_center + members,
            correlation=r,
        )
        for fields, members, r in zip(field_shift, member_shift, correlation, strict=True)
    ]
    settings = replace(_CHEAP, random_seed=random_seed)
    components = compute_components(models, settings)
    log_integral = np.stack([c.log_integral for c in components])
    mean = logsumexp(np, log_integral, axis=1) - np.log(settings.replicates)
    return mean, Layout.of(model)


def _reweighted(
    model: Model,
    field_shift: np.ndarray,
    member_shift: np.ndarray,
    correlation: np.ndarray,
    *,
    random_seed: int,
) -> tuple[np.ndarray, Layout]:
    """Reweight the points of the present integrals: the likelihood is not looked at again.

    Where a draw lies so far off that few points carry its weight, it is integrated anew.
    """
    plan = Plan([model])
    settings = IntegratorSettings(points=127, replicates=2, tolerance=0.02, random_seed=random_seed)
    integrals = integrate(plan.problems, settings, keep_points=True)
    draws = len(field_shift)
    result = np.zeros((draws, len(model.sources), 2, len(plan.layouts[0].states)))
    effective = np.full(draws, np.inf)
    for (s, branch, q), places in plan.places[0].items():
        if branch < 0:
            continue
        for place in places:
            if place < 0:
                result[:, s, branch, q] = -np.inf
            elif branch == Branch.VAGUE:
                result[:, s, branch, q] += integrals[place].log_value
            else:
                value, size = _shifted(
                    plan.problems[place],
                    integrals[place],
                    field_shift[:, s],
                    member_shift[:, s],
                    before=float(model.correlation[s]),
                    after=correlation[:, s],
                )
                result[:, s, branch, q] += value
                effective = np.minimum(effective, size)
    far = np.flatnonzero(effective < _EFFECTIVE)
    if far.size:
        result[far], _ = _recomputed(
            model, field_shift[far], member_shift[far], correlation[far], random_seed=random_seed
        )
    return result, plan.layouts[0]


def _shifted(
    problem: Problem,
    integral: Integral,
    field_shift: np.ndarray,
    member_shift: np.ndarray,
    *,
    before: float,
    after: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Natural log of one integral under every draw, and its effective points, each (draws,)."""
    if integral.points is None or integral.log_weight is None:
        return np.full(len(after), integral.log_value), np.full(len(after), np.inf)
    ratio = problem.log_prior_ratio(
        integral.points, field_shift, member_shift, before=before, after=after
    )
    ratio += integral.log_weight
    top = ratio.max(axis=-1, keepdims=True)
    np.exp(np.subtract(ratio, top, out=ratio), out=ratio)
    total = ratio.sum(axis=-1)
    return top[:, 0] + np.log(total), total**2 / np.einsum("dp,dp->d", ratio, ratio)
