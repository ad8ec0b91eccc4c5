"""Who supplied what: chances of a proposition given a route and its latents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.base import At, Route, Victim
from causation.evidence.dates import mixture_of, states_of
from causation.evidence.fields import Mixture, factor_of, facts_of

if TYPE_CHECKING:
    from causation.case.filled import Proposition
    from causation.evidence.fields import Suppliers
    from causation.evidence.series import Series
    from causation.model.density import Density
    from causation.model.structure import Model

__all__ = ["Event", "Wanted", "average", "carriers", "log_states", "role_event"]

type Event = Callable[[dict[str, Suppliers]], Any]
"""From who supplied each published field, given the latents, to chances, shape (..., Q)."""


def carriers(victim: Victim, field: str, implies: Any) -> str | None:
    """Published field that carries a field: itself, or one that implies it."""
    published = facts_of(victim).published
    if field in published:
        return field
    return next((g for g in published if field in implies.get(g, ())), None)


def role_event(within: tuple[bool, ...]) -> Event:
    """At least one published field came from these sources of the route."""

    def event(suppliers: dict[str, Suppliers]) -> Any:
        none: Any = 1.0
        for s in suppliers.values():
            none = none * (1.0 - s.share(within, only=False))
        return np.asarray(1.0 - none)[..., None]

    return event


def _fields_event(
    within: tuple[bool, ...], fields: Sequence[str], *, only: bool, some: bool
) -> Event:
    def event(suppliers: dict[str, Suppliers]) -> Any:
        total: Any = 1.0
        for f in fields:
            p = suppliers[f].share(within, only=only)
            total = total * (1.0 - p if some else p)
        return np.asarray(1.0 - total if some else total)[..., None]

    return event


@dataclass(frozen=True, eq=False)
class Wanted:
    """The proposition as a function of latents, route by route.

    Parameters
    ----------
    proposition : Proposition
    victim : Victim or None
        Whom it is about.
    fields : tuple of str
        Published fields that carry those it names.
    lost : bool
        Whether a field that it names was not published: nobody supplied that one.
    """

    proposition: Proposition
    victim: Victim | None
    fields: tuple[str, ...]
    lost: bool = False

    @classmethod
    def of(cls, model: Model, series: Series) -> Wanted:
        """Make it for the victims that are there."""
        proposition = model.filled.proposition
        group = proposition.victim or next((g.id for g in model.filled.groups if g.first), None)
        victim = series.victims[series.groups[group]] if group in series.groups else None
        found = [
            c
            for f in proposition.fields
            if victim is not None and (c := carriers(victim, f, model.filled.implies)) is not None
        ]
        lost = len(found) < len(proposition.fields)
        return cls(proposition, victim, tuple(dict.fromkeys(found)), lost)

    def within(self, route: Route) -> tuple[bool, ...]:
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

    def function(self, density: Density) -> Callable[[At, np.ndarray], Any]:
        """Return the chance given latents, with a last axis of one."""
        route, series = density.route, density.series
        within = self.within(route)
        if self.proposition.role == "role":
            event = role_event(within)
        else:
            event = _fields_event(
                within, self.fields, only=self.proposition.role == "sole",
                some=self.proposition.any,
            )  # fmt: skip
        victim = self.victim
        assert victim is not None  # noqa: S101 - constant() has answered otherwise

        def function(at: At, log_b: np.ndarray) -> Any:
            weights = log_states(density, at, log_b)
            return average(victim, series.victims, route, at, event, log_states=weights)

        return function


def average(
    victim: Victim,
    victims: Sequence[Victim],
    route: Route,
    at: At,
    event: Event,
    *,
    log_states: Any = None,
) -> Any:
    """Chances given the latents, shape (..., Q), for a victim, over the cells of his dates.

    Parameters
    ----------
    log_states : array of shape (..., K), optional
        Log weight of the states of the snapshots, the other victims' evidence and his included.
    """
    factor = factor_of(victims, route, at)
    states = states_of(victims, route, at)
    mixture = mixture_of(victim, route, at, states)
    if mixture is None or mixture.log_weight is None:
        whole = mixture or Mixture(((frozenset(),) * len(route.sources),))
        return event(factor.suppliers(victim, whole, 0))
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
        total = total + cell[..., c, None] * event(factor.suppliers(victim, mixture, c))
    return total


def log_states(density: Density, at: At, log_b: np.ndarray) -> Any:
    """Log weight of the states of the snapshots given the latents and all victims, or None."""
    weight, log_l = density.log_l(at)
    return None if weight is None else weight + density.mix(at, log_l, log_b, states=True)
