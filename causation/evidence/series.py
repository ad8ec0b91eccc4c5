"""The series of victims: how they came to be known, and who belongs to it.

What put a person on the list is not evidence: it is divided out. Further victims belong to the
actor's series with a probability; those who do not are independent of it and of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causation import evidence
from causation.evidence.base import At, Item, Kind, Route, Victim
from causation.evidence.dates import States, mixture_of, states_of
from causation.evidence.fields import FIELDS, VAGUE, Mixture, facts_of
from causation.evidence.listing import log_listing

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledGroup
    from causation.document.numbers import Number

REACH = "own:e"
RANKS = "ranks"
"""What a point remembers of the states: which publication was the first of the series."""


@dataclass(frozen=True)
class Series:
    """Victims in effect, unlike each other, with how many there are of each.

    Parameters
    ----------
    victims : tuple of Victim
    count : ndarray, shape (V,)
    groups : mapping of str to int
        Which victim stands for each group of the case.
    """

    victims: tuple[Victim, ...]
    count: np.ndarray
    groups: dict[str, int]


def group_items(filled: Filled, kinds: Sequence[Kind]) -> tuple[Item, ...]:
    """Everything about victims that can be left out; a group whole, then its parts."""
    found: list[Item] = []
    for g in filled.groups:
        found.append(Item(f"victims.{g.id}", "series", g.id, g.stage, g.label))
        for kind in kinds:
            found += kind.items(filled, g)
    return tuple(found)


def linkage_numbers(filled: Filled) -> tuple[Number, ...]:
    """Linkage of the series and of groups with one of their own, reach of the sources."""
    found: list[Number] = []
    others = [g for g in filled.groups if not g.plaintiff and g.known_by.how != "attempt"]
    if any(g.linkage is None for g in others):
        found.append(filled.number("actor.linkage"))
    found += [g.linkage for g in others if g.linkage is not None]
    if any(g.known_by.how == "attempt" for g in filled.groups):
        found += [filled.number(f"sources.{s.name}.reach") for s in filled.sources]
    return tuple(found)


def build_series(filled: Filled, present: Callable[[str], bool]) -> Series:
    """Pool the victims that are there by what counts of them.

    Parameters
    ----------
    present : callable
        Whether an item, by its id, is there.
    """
    place: dict[Any, int] = {}
    victims: list[Victim] = []
    count: list[int] = []
    groups: dict[str, int] = {}
    for g in filled.groups:
        if g.count == 0 or not present(f"victims.{g.id}"):
            continue
        victim = _victim(filled, g, present)
        if victim.key not in place:
            place[victim.key] = len(victims)
            victims.append(victim)
            count.append(0)
        groups[g.id] = place[victim.key]
        count[groups[g.id]] += g.count
    return Series(tuple(victims), np.array(count, float), groups)


def _victim(filled: Filled, group: FilledGroup, present: Callable[[str], bool]) -> Victim:
    facts: dict[str, Any] = {}
    for kind in evidence.KINDS:
        found = kind.facts(filled, group, present, facts)
        if found is not None:
            facts[kind.name] = found
    attempt = group.known_by.how == "attempt"
    linkage = None
    if not (group.plaintiff or attempt):
        linkage = "latent" if group.linkage is None else group.linkage.path
    return Victim(facts, attempt, linkage)


def latents_of(victims: Sequence[Victim], route: Route) -> tuple[str, ...]:
    """Names of the latents of a route, the linkage's last."""
    names = [name for kind in evidence.KINDS for name in kind.latents(victims, route)]
    if any(v.attempt for v in victims):
        names.append(REACH)
    if any(v.linkage == "latent" for v in victims):
        names.append("kappa")
    return tuple(dict.fromkeys(names))


def log_victims(victims: Sequence[Victim], route: Route, at: At, reach: str) -> tuple[Any, Any]:
    """Log likelihood (natural) of every victim given the latents.

    Parameters
    ----------
    reach : str
        Path of the number that says what share of those attempted the entrance reaches.

    Returns
    -------
    log_weight : array of shape (..., K), or None
        Log probability of the states of the snapshots, None where there is but one.
    log_l : array of shape (..., V), or (..., K, V) where there are states
    """
    other: Any = 0.0
    for kind in evidence.KINDS:
        if kind is not FIELDS:
            other = other + kind.log_factor(victims, route, at)
    states, mixtures = dated(victims, route, at)
    count = 0 if states.log_weight is None else states.log_weight.shape[-1]
    at.memo[RANKS] = states.rank
    fields = FIELDS.log_factor(victims, route, at, mixtures, count)
    if count and not isinstance(other, float):
        other = other[..., None, :]
    return states.log_weight, _attempted(victims, fields + other, at, reach, states=count > 0)


def dated(victims: Sequence[Victim], route: Route, at: At) -> tuple[States, list[Mixture | None]]:
    """States of the snapshots and mixtures of the victims: they hang on no latent."""
    key = ("dates", route, id(victims))  # who keeps constants keeps the victims
    kept = None if at.constants is None else at.constants.get(key)
    if kept is None:
        states = states_of(victims, route, at)
        kept = states, [mixture_of(v, route, at, states) for v in victims]
        if at.constants is not None:
            at.constants[key] = kept
    found: tuple[States, list[Mixture | None]] = kept
    return found


def width_of(victims: Sequence[Victim], route: Route, at: At) -> int:
    """How many numbers dates make of one, at most: states of the snapshots, and cells."""
    states, mixtures = dated(victims, route, at)
    count = 1 if states.log_weight is None else states.log_weight.shape[-1]
    return int(count * max((len(m.missing) for m in mixtures if m is not None), default=1))


def log_listed(victims: Sequence[Victim], route: Route, at: At) -> Any:
    """Log probability (natural) of what put each victim on the list, shape (..., V), or 0."""
    return log_listing(victims, route, at)


def reached_share(path: str, at: At) -> Any:
    """Share of those chosen beforehand whom the entrance reaches.

    The stand-in has the residual's; in a case without a residual it is as vague as its fields.
    """
    if at.has(path):
        return at.share(path, REACH)
    return at.xp.logistic(VAGUE.sd * at.z[REACH])


def _attempted(victims: Sequence[Victim], log_l: Any, at: At, reach: str, *, states: bool) -> Any:
    """Mix in those whom the actor did not reach, where victims were chosen beforehand."""
    if not any(v.attempt for v in victims):
        return log_l
    xp = at.xp
    e = reached_share(reach, at)
    reached, missed = xp.log(e), xp.log(1.0 - e)
    if states:
        reached, missed = reached[..., None], missed[..., None]
    columns = []
    for i, v in enumerate(victims):
        column = log_l[..., i] if not isinstance(log_l, float) else reached * 0.0
        if v.attempt:
            column = column + reached
            if not facts_of(v).shown:
                column = xp.logaddexp(column, missed)
        columns.append(column)
    return xp.stack(columns)
