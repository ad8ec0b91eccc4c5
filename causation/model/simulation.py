"""Complete cases with a known source, drawn from a model.

A model serves as a design: how many victims there are, which fields, profile items and
memberships are looked at, which findings are sought. What is seen is drawn anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from causation.errors import InputError
from causation.evidence import KINDS
from causation.evidence.base import Branch
from causation.evidence.findings import simulate_finding_group
from causation.evidence.security import incident_factor, simulate_incidents
from causation.model.build import Model, SecurityRecord

__all__ = ["SimulatedCase", "one_victim_groups", "simulate", "with_evidence"]

MAX_VICTIMS = 200
"""Most victims of a simulated case."""

MAX_UNCERTAIN = 10
"""Most victims of uncertain linkage: inference sums over every set of them."""


@dataclass(frozen=True, eq=False)
class SimulatedCase:
    """A case whose source is known.

    Parameters
    ----------
    model : Model
        The design with what was drawn in place of what was seen; one victim a group.
    source : str
        The true source.
    branch : int
        `Branch.ELICITED`, or `Branch.VAGUE` where the source did not behave as elicited.
    linked : ndarray of bool, shape (G,)
        Whether each group belongs to the series.
    latents : dict of str to ndarray
        The latents of the true source, for the series.
    log_prior : ndarray, shape (S,)
        Natural log of the prior before any number of incidents is known.
    """

    model: Model
    source: str
    branch: int
    linked: np.ndarray
    latents: dict[str, np.ndarray]
    log_prior: np.ndarray


def simulate(model: Model, *, source: str | None = None, rng: np.random.Generator) -> SimulatedCase:
    """Draw a complete case from every kind of evidence.

    Drawn are, in this order: the source (from the prior, unless given), earlier incidents,
    whether the source behaves as elicited, which groups belong to the series, the latents,
    profiles, fields and memberships of every victim, and the findings. A group that does not
    belong to the series comes from an independent draw of the source and its latents. A group
    of uncertain linkage and several victims becomes as many groups of one, each of its own
    linkage, since its victims need not be alike.

    Parameters
    ----------
    model : Model
        The design.
    source : str, optional
        The true source.
    rng : numpy.random.Generator

    Returns
    -------
    SimulatedCase

    Raises
    ------
    InputError
        If there is no such source, or the design has too many victims.

    Examples
    --------
    >>> from causation.case import load_case, resolve
    >>> from causation.model.build import build_model
    >>> model = build_model(resolve(load_case("bic-2025-doxxing")))
    >>> simulate(model, source="osint", rng=np.random.default_rng(1)).source
    'osint'
    """
    design, records = _before_incidents(one_victim_groups(model))
    log_prior = design.log_prior
    if source is not None and source not in model.sources:
        raise InputError(
            f"simulation: there is no source {source!r}; allowed: {', '.join(model.sources)}"
        )
    chosen = (
        int(rng.choice(log_prior.size, p=np.exp(log_prior)))
        if source is None
        else model.sources.index(source)
    )
    design = replace(design, security=_draw_records(design, records, chosen, rng))
    branch = _draw_branch(design, chosen, rng)
    linked = rng.random(len(design.groups)) < design.linkage
    drawn, latents = _draw_victims(design, chosen, branch, rng)
    for g in np.flatnonzero(~linked):
        other = int(rng.choice(log_prior.size, p=np.exp(design.log_prior)))
        alone, _ = _draw_victims(
            _rows(design, np.array([g]), design.groups[g : g + 1]),
            other,
            _draw_branch(design, other, rng),
            rng,
        )
        for name in drawn:
            drawn[name][g] = alone[name][0]
    findings = tuple(
        simulate_finding_group(group, chosen, design.log_prior, rng)
        for group in design.finding_groups
    )
    return SimulatedCase(
        model=replace(design, finding_groups=findings, **drawn),
        source=model.sources[chosen],
        branch=branch,
        linked=linked,
        latents=latents,
        log_prior=log_prior,
    )


def one_victim_groups(model: Model) -> Model:
    """The same model with every victim a group of its own.

    Raises
    ------
    InputError
        If there are too many victims, or too many of uncertain linkage.
    """
    count = model.count.astype(int)
    uncertain = int(count[(model.linkage > 0.0) & (model.linkage < 1.0)].sum())
    if count.sum() > MAX_VICTIMS:
        raise InputError(f"simulation: {count.sum()} victims; allowed: at most {MAX_VICTIMS}")
    if uncertain > MAX_UNCERTAIN:
        raise InputError(
            f"simulation: {uncertain} victims of uncertain linkage; "
            f"allowed: at most {MAX_UNCERTAIN}"
        )
    names = [
        f"{name}.{i + 1}" if n > 1 else name
        for name, n in zip(model.groups, count, strict=True)
        for i in range(n)
    ]
    single = replace(model, count=np.ones(count.size))
    return _rows(single, np.repeat(np.arange(count.size), count), names)


def _rows(model: Model, rows: np.ndarray, names: Sequence[str]) -> Model:
    """The model on some of its groups, in any order and number."""
    return replace(
        model,
        groups=tuple(names),
        group_stage=tuple(model.group_stage[g] for g in rows),
        count=model.count[rows],
        linkage=model.linkage[rows],
        disclosed=model.disclosed[rows],
        withheld=model.withheld[rows],
        profile=model.profile[rows],
        user=model.user[rows],
    )


def with_evidence(model: Model, case: SimulatedCase) -> Model:
    """A model's own numbers on the evidence of a case drawn from another of the same design."""
    drawn = case.model
    own = one_victim_groups(model)
    factors = {r.id: r.log_factor for r in drawn.security}
    return replace(
        own,
        disclosed=drawn.disclosed,
        withheld=drawn.withheld,
        profile=drawn.profile,
        user=drawn.user,
        finding_groups=tuple(
            replace(
                seen,
                reliability=group.reliability,
                repeats=group.repeats if seen.repeats > 0.0 else 0.0,
            )
            for group, seen in zip(own.finding_groups, drawn.finding_groups, strict=True)
        ),
        security=tuple(replace(r, log_factor=factors[r.id]) for r in own.security),
    )


def _draw_branch(model: Model, source: int, rng: np.random.Generator) -> int:
    return Branch.VAGUE if rng.random() < model.misfit[source] else Branch.ELICITED


def _draw_victims(
    model: Model, source: int, branch: int, rng: np.random.Generator
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What is seen of one victim of every group, and the latents."""
    seen: dict[str, Any] = {}
    latents: dict[str, np.ndarray] = {}
    for kind in KINDS.values():
        drawn = kind.simulate(model, source, branch, rng)
        latents.update(drawn.pop("latents"))
        seen.update(drawn)
    return seen, latents


@dataclass(frozen=True, slots=True)
class _Incidents:
    """What is needed to draw the incidents of one security record."""

    shape: float
    rate: float
    years: float


def _before_incidents(model: Model) -> tuple[Model, dict[str, _Incidents]]:
    """The model before incidents are counted, and how they come about, by record."""
    stated = {r.source: r for r in getattr(model.case, "security", ())}
    found: dict[str, _Incidents] = {}
    security = []
    for record in model.security:
        own = stated.get(model.sources[record.source])
        if own is not None:
            shape, rate = own.breach_shape.value.mean(), own.breach_rate.value.mean()
            factor = incident_factor(shape, rate, own.incidents, own.incident_years)
            found[record.id] = _Incidents(shape, rate, own.incident_years)
            security.append(replace(record, log_factor=record.log_factor - math.log(factor)))
        else:
            security.append(record)
    return replace(model, security=tuple(security)), found


def _draw_records(
    model: Model, records: dict[str, _Incidents], source: int, rng: np.random.Generator
) -> tuple[SecurityRecord, ...]:
    drawn = []
    for record in model.security:
        factor = 1.0
        if record.id in records:
            how = records[record.id]
            number = simulate_incidents(
                how.shape, how.rate, how.years, rng, is_source=record.source == source
            )
            factor = incident_factor(how.shape, how.rate, number, how.years)
        drawn.append(replace(record, log_factor=record.log_factor + math.log(factor)))
    return tuple(drawn)
