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
from causation.model.build import Model
from causation.scales import Scale

__all__ = ["INTERVAL_MASS", "InputSensitivity", "input_sensitivity"]

INTERVAL_MASS = 0.9
"""Mass of the central interval that is reported."""

CORRELATION_REACH = 0.25
"""Half-width of the uniform distribution of each correlation about its elicited value."""

MOST_DRAWS, LEAST_DRAWS = 500, 60
BUDGET = 8_000
"""About as many integrals are computed anew at the most."""

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
    integrals_redrawn : bool
        False where disclosures, memberships and correlations kept their values.
    """

    probability: np.ndarray
    threshold: float
    elicitation_sd: float
    random_seed: int
    integrals_redrawn: bool = True

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
    model: Model, *, draws: int | None = None, random_seed: int = 20250723
) -> InputSensitivity:
    """Redraw the elicited inputs and recompute the posterior.

    Weights, reliabilities, linkages and findings are drawn from their intervals; the centre of
    every logit-normal disclosure and membership is shifted by a normal with the case's
    elicitation standard deviation; each correlation is uniform within 0.25 of its value.

    Parameters
    ----------
    model : Model
    draws : int, optional
        By default 500, fewer where every draw needs many integrals. Where even the fewest would
        take too long, disclosures, memberships and correlations keep their values, and
        ``InputSensitivity.integrals_redrawn`` says so.
    random_seed : int

    Returns
    -------
    InputSensitivity
    """
    rng = np.random.default_rng(random_seed)
    sd = model.case.elicitation_sd
    sources = len(model.sources)
    narrow = _narrow_sources(model)
    states = len(Layout.of(model).states)
    anew = len(narrow) * states
    redrawn = anew * LEAST_DRAWS <= 3 * BUDGET
    if draws is None:
        most = min(BUDGET // max(anew, 1), 8 * BUDGET // (sources * states))
        draws = int(np.clip(most, LEAST_DRAWS, MOST_DRAWS)) if redrawn else MOST_DRAWS
    lo = np.maximum(model.correlation - CORRELATION_REACH, 0.0)
    hi = np.minimum(model.correlation + CORRELATION_REACH, 1.0)
    change = _Change(
        model,
        rng.normal(0.0, sd, (draws, sources, len(model.fields))),
        rng.normal(0.0, sd, (draws, sources, len(model.custodians))),
        rng.uniform(lo, hi, (draws, sources)),
        random_seed,
    )
    log_prior = _draw_log_prior(model, draws, rng)
    linkage = _draw_linkage(model, draws, rng)
    findings = _draw_findings(model, draws, rng, log_prior)
    if redrawn:
        log_integral = _components(change, narrow)
    else:
        log_integral = compute_components([model], replace(_CHEAP, random_seed=random_seed))[
            0
        ].log_integral.mean(axis=0, keepdims=True)
    log_evidence = mix(log_integral, Layout.of(model), log_prior, linkage, model.misfit) + findings
    log_weight = log_prior + log_evidence
    log_weight -= logsumexp(np, log_weight, axis=-1)[:, None]
    probability = np.exp(log_weight[:, model.proposition]).sum(axis=1)
    return InputSensitivity(
        np.minimum(probability, 1.0), model.case.threshold, sd, random_seed, redrawn
    )


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


@dataclass(frozen=True, eq=False)
class _Change:
    """Redrawn inputs of the integrals.

    Shifts of the centres, (draws, S, F) and (draws, S, C) in logits; correlations (draws, S).
    """

    model: Model
    field_shift: np.ndarray
    member_shift: np.ndarray
    correlation: np.ndarray
    random_seed: int

    @property
    def draws(self) -> int:
        return len(self.correlation)

    def take(self, index: np.ndarray) -> _Change:
        """Only these draws."""
        return replace(
            self,
            field_shift=self.field_shift[index],
            member_shift=self.member_shift[index],
            correlation=self.correlation[index],
        )


def _narrow_sources(model: Model) -> list[int]:
    """Sources with an interval too narrow, or a correlation too high, for reweighting."""
    narrow = (model.field_sd < _REWEIGHT_SD).any(axis=1)
    narrow |= (model.member_sd < _REWEIGHT_SD).any(axis=1)
    return [int(s) for s in np.flatnonzero(narrow | (model.correlation >= 1.0))]


def _components(change: _Change, narrow: list[int]) -> np.ndarray:
    """Log integrals (natural) under every draw, shape (draws, S, 2, Q)."""
    wide = [s for s in range(len(change.model.sources)) if s not in narrow]
    parts = [_recomputed(change, narrow)] if narrow else []
    if wide:
        near, far = _reweighted(change, wide)
        if 0 < far.size * len(wide) * near.shape[-1] <= BUDGET:
            near[far] = _recomputed(change.take(far), wide)
        parts.append(near)
    return sum(parts[1:], parts[0])


def _recomputed(change: _Change, sources: list[int]) -> np.ndarray:
    """Integrate again under every draw; other sources than these are left at 0."""
    model = change.model
    models = [
        replace(
            model,
            field_center=model.field_center + fields,
            member_center=model.member_center + members,
            correlation=r,
        )
        for fields, members, r in zip(
            change.field_shift, change.member_shift, change.correlation, strict=True
        )
    ]
    settings = replace(_CHEAP, random_seed=change.random_seed)
    plan = Plan(models, sources=sources)
    values = [
        logsumexp(np, i.log_replicates[None], axis=-1) - np.log(settings.replicates)
        for i in integrate(plan.problems, settings)
    ]
    return np.concatenate([plan.assemble(m, values, 1) for m in range(len(models))])


def _reweighted(change: _Change, sources: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Reweight the points of the present integrals: the likelihood is not looked at again.

    Returns the log integrals, 0 for other sources than these, and the draws that lie so far off
    that few points carry their weight.
    """
    model = change.model
    plan = Plan([model], sources=sources)
    settings = replace(_CHEAP, random_seed=change.random_seed)
    integrals = integrate(plan.problems, settings, keep_points=True)
    result = np.zeros((change.draws, len(model.sources), 2, len(plan.layouts[0].states)))
    effective = np.full(change.draws, np.inf)
    known: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
    for (s, branch, q), places in plan.places[0].items():
        if branch < 0:
            continue
        for place in places:
            if place < 0:
                result[:, s, branch, q] = -np.inf
            elif branch == Branch.VAGUE:
                result[:, s, branch, q] += integrals[place].log_value
            else:
                if (s, place) not in known:
                    known[s, place] = _shifted(
                        plan.problems[place],
                        integrals[place],
                        change.field_shift[:, s],
                        change.member_shift[:, s],
                        before=float(model.correlation[s]),
                        after=change.correlation[:, s],
                    )
                value, size = known[s, place]
                result[:, s, branch, q] += value
                effective = np.minimum(effective, size)
    return result, np.flatnonzero(effective < _EFFECTIVE)


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
