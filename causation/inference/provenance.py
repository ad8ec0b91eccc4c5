"""Who supplied what: chances of a proposition given a route and its latents."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.arrays import logistic
from causation.evidence.base import At, Route, Victim
from causation.evidence.fields import Mixture, factor_of, facts_of
from causation.evidence.records import carriers_of
from causation.evidence.series import dated, reached_share
from causation.inference.pooled import Pooled

if TYPE_CHECKING:
    from causation.case.filled import Proposition
    from causation.evidence.fields import Suppliers
    from causation.evidence.series import Series
    from causation.model.density import Density
    from causation.model.structure import Model

type Function = Callable[[At, np.ndarray], Any]
"""From a point of evaluation and log_b to chances, shape (..., Q)."""
type Who = tuple[bool, ...]
"""Which of a route's sources supplied a field."""
type Sets = tuple[tuple[str, frozenset[Who]], ...]
"""Published fields, each with the sets of suppliers that it had one of."""


@dataclass(frozen=True)
class Event:
    """Something about who supplied a victim's fields, given which his fields are independent.

    Parameters
    ----------
    terms : tuple of (float, Sets)
        The indicator as a sum of products.
    """

    terms: tuple[tuple[float, Sets], ...]

    def __invert__(self) -> Event:
        """That it is not so."""
        return _event([(1.0, ()), *((-c, s) for c, s in self.terms)])

    def __and__(self, other: Event) -> Event:
        """That both are so."""
        found = []
        for c, mine in self.terms:
            for d, theirs in other.terms:
                both = dict(mine)
                for f, sets in theirs:
                    both[f] = both[f] & sets if f in both else sets
                if all(both.values()):
                    found.append((c * d, tuple(sorted(both.items()))))
        return _event(found)

    def chance(self, suppliers: Sequence[Suppliers]) -> Any:
        """Chance given the latents."""
        total: Any = 0.0
        for c, sets in self.terms:
            term: Any = c
            for block in suppliers:
                term = term * block.among(dict(sets))
            total = total + term
        return total


def _event(terms: Sequence[tuple[float, Sets]]) -> Event:
    merged: dict[Sets, float] = {}
    for c, s in terms:
        merged[s] = merged.get(s, 0.0) + c
    return Event(tuple((c, s) for s, c in merged.items() if c != 0.0))


def _whos(within: Who, chosen: Callable[[list[bool]], bool]) -> frozenset[Who]:
    """Sets of suppliers by whether those that gave are within."""
    every = product((False, True), repeat=len(within))
    return frozenset(
        who
        for who in every
        if any(who) and chosen([w for w, gave in zip(within, who, strict=True) if gave])
    )


def supplied_event(carriers: Sequence[str], within: Who, *, only: bool) -> Event:
    """That some of these sources supplied a field, or that no other did, by what carried it."""
    chosen = _whos(within, all if only else lambda gave: not any(gave))
    whole = _event([(1.0, tuple((f, chosen) for f in sorted(carriers)))])
    return whole if only else ~whole


def role_event(published: Sequence[str], within: Who) -> Event:
    """At least one published field came from these sources of the route."""
    return supplied_event(published, within, only=False)


@dataclass(frozen=True)
class Claim:
    """A chance that is wanted: of an event about one victim.

    Parameters
    ----------
    victim : int
    event : Event
    linked : bool
        Whether he is to belong to the series too, or to have been reached.
    """

    victim: int
    event: Event
    linked: bool = False


CERTAIN, NEVER = Event(((1.0, ()),)), Event(())


def carriers(victim: Victim, field: str, implies: Any) -> tuple[str, ...]:
    """Published fields that carry a field: itself, or those that imply it."""
    return carriers_of(field, facts_of(victim).published, implies)


@dataclass(frozen=True, eq=False)
class Wanted:
    """The proposition as a function of latents, route by route.

    Parameters
    ----------
    proposition : Proposition
    place : int or None
        Of the victim whom it is about in the series.
    victim : Victim or None
    fields : tuple of tuple of str
        Published fields that carry each of those it names.
    lost : bool
        Whether a field that it names was not published: nobody supplied that one.
    open : bool
        Whether he may not belong to the series, or was chosen beforehand and maybe not reached.
    """

    proposition: Proposition
    place: int | None
    victim: Victim | None
    fields: tuple[tuple[str, ...], ...]
    lost: bool = False
    open: bool = False

    @staticmethod
    def group(model: Model) -> str:
        """The group of the victim whom the proposition is about."""
        stated = model.filled.proposition.victim
        return str(stated or next((g.id for g in model.filled.groups if g.first), None))

    @classmethod
    def of(cls, model: Model, series: Series) -> Wanted:
        """Make it for the victims that are there."""
        proposition, place = model.filled.proposition, series.groups.get(cls.group(model))
        victim = None if place is None else series.victims[place]
        found = [
            c
            for f in proposition.fields
            if victim is not None and (c := carriers(victim, f, model.filled.implies))
        ]
        lost = len(found) < len(proposition.fields)
        unsure = victim is not None and (
            victim.linkage is not None or (victim.attempt and not facts_of(victim).shown)
        )
        return cls(proposition, place, victim, tuple(dict.fromkeys(found)), lost, unsure)

    def within(self, route: Route) -> Who:
        """For each source of a route, whether the proposition is about it."""
        return tuple(s.name in self.proposition.sources for s in route.sources)

    def misfit(self, route: Route) -> float:
        """Where a route does not behave as elicited its entrance is credited."""
        if self.proposition.role == "alone":
            return float(all(self.within(route)))
        return float(self.within(route)[0])

    def constant(self, route: Route) -> float | None:
        """Chance of the proposition where it does not hang on the latents, else None."""
        within, role = self.within(route), self.proposition.role
        if role == "entrance":
            return float(within[0])
        if role in {"supplied", "sole"} and (
            not self.fields or (self.lost and not self.proposition.any)
        ):
            return 0.0
        if role == "alone" or all(within) or not any(within) or self.victim is None:
            return float(all(within) if role == "alone" else any(within))
        if role == "role" and within[0]:
            return 1.0
        if role == "role" and not facts_of(self.victim).published:
            return 0.0
        return None

    def claims(self, route: Route | None) -> tuple[Claim, ...]:
        """Return the chances that `credit` is made of; those of the stand-in for None."""
        found: list[Claim] = []
        if self.place is None:
            return ()
        if route is not None and self.constant(route) is None:
            found.append(Claim(self.place, self.event(route), linked=self.open))
        if self.open:
            found.append(Claim(self.place, CERTAIN, linked=True))
        return tuple(found)

    def event(self, route: Route) -> Event:
        """What of the suppliers makes the proposition true, where it hangs on the latents."""
        within, proposition = self.within(route), self.proposition
        if proposition.role == "role" and self.victim is not None:
            return role_event(facts_of(self.victim).published, within)
        event = CERTAIN
        for f in self.fields:
            one = supplied_event(f, within, only=proposition.role == "sole")
            event = event & (~one if proposition.any else one)
        return ~event if proposition.any else event

    def credit(self, route: Route, means: Any, apart: Any, *, odd: bool = False) -> Any:
        """Chance of the proposition given a route, from means of its claims, shape (..., Q).

        Parameters
        ----------
        apart : array
            Chance of the proposition if its victim does not belong to the series.
        odd : bool
            Whether the route does not behave as elicited; the means are the stand-in's.
        """
        fixed = self.constant(route)
        if odd and fixed is None:
            fixed = self.misfit(route)
        if means is None:
            return np.asarray(fixed)
        linked = np.minimum(means[..., -1], 1.0) if self.open else 1.0
        return (means[..., 0] if fixed is None else fixed * linked) + (1.0 - linked) * apart


def claimed(density: Density, claims: Sequence[Claim]) -> Function:
    """Chances of claims given latents, on a last axis."""
    route, victims = density.route, density.series.victims
    about: dict[tuple[int, bool], list[Event]] = {}
    for c in claims:
        if any(sets for _, sets in c.event.terms):
            about.setdefault((c.victim, c.linked), []).append(c.event)

    def function(at: At, log_b: np.ndarray, count: np.ndarray | None = None) -> Any:
        weights = log_states(density, at, log_b, count) if about else None
        average = Averages(victims, route, at)
        linked = belonging(density, at, log_b, count) if any(c.linked for c in claims) else {}
        chance = {}
        for (i, of_series), events in about.items():
            states, by_state = weights, linked[i][1] if of_series and i in linked else None
            if states is not None and by_state is not None:  # both hang on the snapshots
                states = states + by_state
            table = average(victims[i], events, log_states=states)
            chance.update({(i, of_series, e): table[..., k] for k, e in enumerate(events)})
        columns = []
        for c in claims:
            value = chance.get((c.victim, c.linked, c.event), sum(x for x, _ in c.event.terms))
            columns.append(
                value * linked[c.victim][0] if c.linked and c.victim in linked else value
            )
        whole = np.broadcast_arrays(*columns, np.zeros((1, 1)))
        return np.stack(whole[:-1], axis=-1)

    return function


def belonging(
    density: Density, at: At, log_b: np.ndarray, count: np.ndarray | None = None
) -> dict[int, tuple[Any, Any]]:
    """Chance that a victim belongs to the series, given the latents, where it is not certain.

    Of those chosen beforehand of whom nothing was published: that they were reached.

    Returns
    -------
    dict of int to tuple
        The chance, and its log in every state of the snapshots, (..., K), or None.
    """
    if density.parts:
        found: dict[int, tuple[Any, Any]] = {}
        for part, places, mine in density.parts:
            some = None if count is None else count[..., places]
            inside = belonging(part, at, log_b[..., mine], some)
            found |= {int(places[i]): chance for i, chance in inside.items()}
        return found
    victims = density.series.victims
    chosen = [i for i, v in enumerate(victims) if v.attempt and not facts_of(v).shown]
    if not chosen and not density.uncertain.size:
        return {}
    if isinstance(density, Pooled) and density.atoms is not None:
        chances = logistic(density.log_odds(at, log_b))
        return {i: (chances[..., k], None) for k, i in enumerate(density.uncertain.tolist())}
    weight, log_l = density.log_l(at)
    found = {}
    if chosen:
        missed = 1.0 - reached_share(density.reach, at)
        # nothing of theirs hangs on the age of a library's data
        first = log_l if weight is None else log_l[..., 0, :]
        found = {i: (1.0 - missed * np.exp(-first[..., i]), None) for i in chosen}
    if not density.uncertain.size:
        return found
    log_k, log_k0 = density.log_linked(at)
    apart = log_k0 + log_b
    if weight is not None:
        states = weight + density.mix(at, log_l, log_b, states=True, count=count)
        log_k, apart = log_k[..., None, :], apart[..., None, :]
    inside = log_k + log_l[..., density.uncertain]
    either = np.logaddexp(inside, apart)
    chance = np.exp(inside - either)
    if weight is not None and (order := density.order(at)) is not None:
        before, first = order
        each = density.series.count if count is None else count
        each = each[..., density.uncertain]
        each = each[..., None, :] if each.ndim > 2 else each
        gain = (np.where(first, either - apart, 0.0) * each).sum(axis=-1)
        some = np.maximum(-np.expm1(-gain), 1e-300)[..., None]  # that one of them belongs to it
        chance = np.where(before, 0.0, np.where(first, np.minimum(chance / some, 1.0), chance))
    by_state = None
    if weight is not None:
        by_state = np.log(np.maximum(chance, 1e-300))
        share = np.exp(states - np.logaddexp.reduce(states, axis=-1)[..., None])
        chance = (share[..., None] * chance).sum(axis=-2)
    return found | {
        i: (chance[..., k], None if by_state is None else by_state[..., k])
        for k, i in enumerate(density.uncertain.tolist())
    }


class Averages:
    """Chances of events about single victims given the latents, under one route."""

    def __init__(self, victims: Sequence[Victim], route: Route, at: At) -> None:
        self.victims, self.route = victims, route
        self.factor = factor_of(victims, route, at)
        self.states, self.mixtures = dated(victims, route, at)
        self._kept: dict[Hashable, Any] = {}

    def __call__(self, victim: Victim, events: Sequence[Event], *, log_states: Any = None) -> Any:
        """Chances of events, shape (..., Q), over the cells of the victim's dates.

        Parameters
        ----------
        log_states : array of shape (..., K), optional
            Log weight of the states of the snapshots, others' evidence and his included.
        """
        mixture = self.mixtures[self.victims.index(victim)]
        if mixture is not None and mixture.log_weight is not None:
            return _over_cells(self, victim, mixture, events, log_states)
        whole = mixture or Mixture(((frozenset(),) * len(self.route.sources),))
        if mixture is not None:
            return _stacked(events, self.factor.suppliers(victim, whole, 0))
        facts = facts_of(victim)  # of whom the same was published, the same holds
        key = (facts.published, facts.stranger_to, victim.facts.get("records"), tuple(events))
        if key not in self._kept:
            self._kept[key] = _stacked(events, self.factor.suppliers(victim, whole, 0))
        return self._kept[key]


def _over_cells(
    given: Averages, victim: Victim, mixture: Mixture, events: Sequence[Event], log_states: Any
) -> Any:
    factor, states = given.factor, given.states
    cells = range(len(mixture.missing))
    log_p = np.stack(
        np.broadcast_arrays(*(factor.log_probability(victim, mixture, c) for c in cells)), axis=-1
    )
    log_w = log_p[..., None, :] + mixture.log_weight
    share = np.exp(log_w - np.logaddexp.reduce(log_w, axis=-1)[..., None])
    if log_states is not None and states.log_weight is not None:
        top = np.logaddexp.reduce(log_states, axis=-1)[..., None]
        share = share * np.exp(log_states - top)[..., None]
    elif states.log_weight is not None:
        of_him = states.log_weight + np.logaddexp.reduce(log_w, axis=-1)
        share = share * np.exp(of_him - np.logaddexp.reduce(of_him, axis=-1)[..., None])[..., None]
    cell = share.sum(axis=-2)
    total: Any = 0.0
    for c in cells:
        chances = _stacked(events, factor.suppliers(victim, mixture, c))
        total = total + cell[..., c, None] * chances
    return total


def _stacked(events: Sequence[Event], suppliers: Sequence[Suppliers]) -> Any:
    columns = [np.asarray(e.chance(suppliers)) for e in events]
    return np.stack(np.broadcast_arrays(*columns), axis=-1)


def log_states(density: Density, at: At, log_b: np.ndarray, count: np.ndarray | None = None) -> Any:
    """Log weight of the states of the snapshots given the latents and all victims, or None.

    But for a constant: victims without dates say nothing of them.
    """
    if density.parts:
        part, places, mine = density.parts[-1]
        return log_states(part, at, log_b[..., mine], None if count is None else count[..., places])
    weight, log_l = density.log_l(at)
    if weight is None:
        return None
    return weight + density.mix(at, log_l, log_b, states=True, count=count)
