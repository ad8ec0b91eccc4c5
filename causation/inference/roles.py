"""Who supplied what, source by source: for the plaintiff's fields, and for every victim.

In a chain the second source may have supplied some fields, all, or none that was published; given
the latents the chances follow from who has which field. A further victim belongs to the series
with his posterior chance, else any route exposed him in the background's shares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.base import At, Route, Victim
from causation.evidence.fields import facts_of
from causation.evidence.series import reached_share
from causation.inference.evaluate import Answer, Evaluation
from causation.inference.integrate import IntegratorSettings
from causation.inference.provenance import average, carriers, log_states, role_event
from causation.inference.single import expectations
from causation.model.routes import VAGUE

if TYPE_CHECKING:
    from causation.evidence.fields import Suppliers
    from causation.model.structure import Model

__all__ = ["Part", "Roles", "find_roles"]


@dataclass(frozen=True, eq=False)
class Part:
    """How a victim of one group may have been exposed, by route; shape (Z,) each.

    Parameters
    ----------
    linked : ndarray
        Chance, given each route, that he belongs to the plaintiff's series.
    second : ndarray
        Chance that he does and the second source of a chain supplied something of him.
    apart, apart_second : ndarray
        Of one who does not: posterior share of every route, and with its second source supplying.
    """

    linked: np.ndarray
    second: np.ndarray
    apart: np.ndarray
    apart_second: np.ndarray

    def chance(self, posterior: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
        """Chance of what is so with some chance if either source of a route supplied.

        Parameters
        ----------
        posterior : ndarray, shape (Z,)
            Of the routes.
        first, second : ndarray, shape (Z,)
            Chances, such as 1 where the entrance, or the second source, is of a union; they are
            independent of each other.
        """
        found = 0.0
        total = float(posterior @ self.linked)
        for weight, one, two in (
            (posterior, self.linked, self.second),
            ((1.0 - total) * np.ones_like(posterior), self.apart, self.apart_second),
        ):
            found += float(weight @ (one * first + two * (1.0 - first) * second))
        return found


@dataclass(frozen=True)
class Roles:
    """Posterior chances of every source's part.

    Parameters
    ----------
    entrance, alone, role : mapping of str to float
        By source: where the actor got in, the only source, or played a role for the plaintiff.
    supplied, sole : mapping of str to mapping
        By source and field of the plaintiff: supplied it, and nobody else did.
    victims : mapping of str to mapping
        By group and source: played a role for a victim of the group.
    linked : mapping of str to float
        By group: belongs to the plaintiff's series; of those chosen beforehand of whom nothing
        was published: was reached.
    parts : mapping of str to Part
        The same by group and route.
    """

    entrance: Mapping[str, float]
    alone: Mapping[str, float]
    role: Mapping[str, float]
    supplied: Mapping[str, Mapping[str, float]]
    sole: Mapping[str, Mapping[str, float]]
    victims: Mapping[str, Mapping[str, float]]
    linked: Mapping[str, float]
    parts: Mapping[str, Part]


def find_roles(
    model: Model, answer: Answer, *, settings: IntegratorSettings | None = None
) -> Roles:
    """Find every source's part, for the case as it is.

    Parameters
    ----------
    answer : Answer
        Its first row is the case as it is.
    """
    return _Search(model, answer, settings or IntegratorSettings()).roles()


def _fields_supplied(fields: tuple[str, ...]) -> Callable[[dict[str, Suppliers]], Any]:
    """For each field: by the first source of a chain alone, by the second alone."""

    def event(suppliers: dict[str, Suppliers]) -> Any:
        columns = []
        for f in fields:
            columns.append(suppliers[f].share((True, False), only=True))
            columns.append(suppliers[f].share((False, True), only=True))
        return np.stack(np.broadcast_arrays(*columns), axis=-1)

    return event


class _Search:
    def __init__(self, model: Model, answer: Answer, settings: IntegratorSettings) -> None:
        self.model, self.answer = model, answer
        self.evaluation = Evaluation(model, model.base(), settings)
        self.evaluation.run()
        self.series = self.evaluation.series
        self.names = model.source_names
        self.posterior = answer.posterior[0]
        first = next((g.id for g in model.filled.groups if g.first), None)
        found = first in self.series.groups
        self.plaintiff = self.series.victims[self.series.groups[str(first)]] if found else None
        self.uncertain = [i for i, v in enumerate(self.series.victims) if v.linkage is not None]

    def roles(self) -> Roles:
        """Sum over the routes."""
        routes = self.model.routes
        vague = self._means(VAGUE, "")
        tables = [
            vague if r.vague else self._means(r, self.model.reach_of[z])
            for z, r in enumerate(routes)
        ]
        fits = [self._fit(z, r) for z, r in enumerate(routes)]
        entrance = self._sum(lambda z, s: float(routes[z].entrance.name == s))
        alone = self._sum(lambda z, s: float(routes[z].name == s))
        supplied, sole = self._fields(tables, fits)
        parts = self._parts(tables, vague, fits)
        victims = {
            group: {s: part.chance(self.posterior, *self._within(s)) for s in self.names}
            for group, part in parts.items()
        }
        linked = {group: float(self.posterior @ part.linked) for group, part in parts.items()}
        first = next((g.id for g in self.model.filled.groups if g.first), None)
        return Roles(entrance, alone, victims.get(str(first), self._in_route()),
                     supplied, sole, victims, linked, parts)  # fmt: skip

    def _within(self, source: str) -> tuple[np.ndarray, np.ndarray]:
        """Whether a source is the entrance of every route, and its second source."""
        names = [[s.name for s in r.sources] + [""] for r in self.model.routes]
        first, second = (np.array([float(n[k] == source) for n in names]) for k in (0, 1))
        return first, second

    def _sum(self, chance: Callable[[int, str], float]) -> dict[str, float]:
        return {
            s: float(sum(p * chance(z, s) for z, p in enumerate(self.posterior)))
            for s in self.names
        }

    def _in_route(self) -> dict[str, float]:
        """Chance that a source is in the route, where there are no victims."""
        return self._sum(lambda z, s: float(s in (x.name for x in self.model.routes[z].sources)))

    def _fit(self, z: int, route: Route) -> float:
        """Posterior chance that a route, if it is the one, behaved as elicited."""
        return 0.0 if route.vague else float(self.evaluation.fit_share[0, z])

    @property
    def _published(self) -> tuple[str, ...]:
        return () if self.plaintiff is None else facts_of(self.plaintiff).published

    def _means(self, route: Route, reach: str) -> dict[str, Any]:
        """Posterior means under a route: of the plaintiff's fields, and of every victim."""
        chain = len(route.sources) == 2
        victims = self.series.victims
        layout: list[tuple[str, int]] = []

        def function(at: At, log_b: np.ndarray) -> Any:
            layout.clear()
            columns: list[Any] = []
            states = log_states(self.evaluation.density(route, reach), at, log_b) if chain else None
            if chain and self._published and self.plaintiff is not None:
                table = average(
                    self.plaintiff,
                    victims,
                    route,
                    at,
                    _fields_supplied(self._published),
                    log_states=states,
                )
                columns += [table[..., k] for k in range(table.shape[-1])]
                layout.append(("fields", table.shape[-1]))
            linked = self._linked(route, reach, at, log_b) | self._reached(route, reach, at)
            for i, v in enumerate(victims):
                rho = linked.get(i, 1.0)
                second: Any = 0.0
                if chain and facts_of(v).published:
                    event = role_event((False, True))
                    second = average(v, victims, route, at, event, log_states=states)[..., 0]
                columns += [rho, rho * second]
                layout.append((f"victim {i}", 2))
            whole = np.broadcast_arrays(*columns, np.zeros((1, 1)))
            return np.stack(whole[:-1], axis=-1)

        if not victims:
            return {}
        mean = self.evaluation.victims(route, reach, function)[2]
        if mean is None:
            return {}
        found: dict[str, Any] = {}
        start = 0
        for name, size in layout:
            found[name] = mean[0, start : start + size]
            start += size
        return found

    def _linked(self, route: Route, reach: str, at: At, log_b: np.ndarray) -> dict[int, Any]:
        """Chance that each uncertain victim belongs to the series, given the latents."""
        if not self.uncertain:
            return {}
        density = self.evaluation.density(route, reach)
        log_k, log_k0 = density.log_linked(at)
        weight, log_l = density.log_l(at)
        apart = log_k0 + log_b
        if weight is not None:
            states = weight + density.mix(at, log_l, log_b, states=True)
            log_k, apart = log_k[..., None, :], apart[..., None, :]
        inside = log_k + log_l[..., density.uncertain]
        chance = np.exp(inside - np.logaddexp(inside, apart))
        if weight is not None:
            share = np.exp(states - np.logaddexp.reduce(states, axis=-1)[..., None])
            chance = (share[..., None] * chance).sum(axis=-2)
        return {i: chance[..., k] for k, i in enumerate(self.uncertain)}

    def _reached(self, route: Route, reach: str, at: At) -> dict[int, Any]:
        """Chance that the entrance reached each of those chosen of whom nothing was published."""
        victims = self.series.victims
        chosen = [i for i, v in enumerate(victims) if v.attempt and not facts_of(v).shown]
        if not chosen:
            return {}
        density = self.evaluation.density(route, reach)
        missed = 1.0 - reached_share(density.reach, at)
        weight, log_l = density.log_l(at)
        if weight is not None:  # nothing of theirs hangs on the age of a library's data
            log_l = log_l[..., 0, :]
        return {i: 1.0 - missed * np.exp(-log_l[..., i]) for i in chosen}

    def _fields(
        self, tables: list[dict[str, Any]], fits: list[float]
    ) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
        """Tables of source by field: supplied it, and alone."""
        supplied: dict[str, dict[str, float]] = {s: {} for s in self.names}
        sole: dict[str, dict[str, float]] = {s: {} for s in self.names}
        if self.plaintiff is None:
            return supplied, sole
        shown = sorted(facts_of(self.plaintiff).shown)
        for f in shown:
            carrier = carriers(self.plaintiff, f, self.model.filled.implies)
            for s in self.names:
                supplied[s][f] = sole[s][f] = 0.0
            if carrier is None:
                continue
            place = 2 * self._published.index(carrier)
            for z, route in enumerate(self.model.routes):
                p, fit = float(self.posterior[z]), fits[z]
                a = route.entrance.name
                first, second = 1.0, 0.0
                if len(route.sources) == 2 and "fields" in tables[z]:
                    first, second = tables[z]["fields"][place : place + 2].tolist()
                    b = route.sources[1].name
                    supplied[b][f] += p * fit * (1.0 - first)
                    sole[b][f] += p * fit * second
                supplied[a][f] += p * (fit * (1.0 - second) + 1.0 - fit)
                sole[a][f] += p * (fit * first + 1.0 - fit)
        return supplied, sole

    def _parts(
        self, tables: list[dict[str, Any]], vague: dict[str, Any], fits: list[float]
    ) -> dict[str, Part]:
        """How a victim of each group may have been exposed."""
        strangers = self._strangers()
        nobody = np.zeros((2, len(self.model.routes)))
        found: dict[str, Part] = {}
        for group, i in self.series.groups.items():
            linked, second = np.array([t.get(f"victim {i}", (1.0, 0.0)) for t in tables], float).T
            odd = float(vague.get(f"victim {i}", (1.0, 0.0))[0])
            fit = np.array(fits)
            found[group] = Part(
                fit * linked + (1.0 - fit) * odd, fit * second, *strangers.get(i, nobody)
            )
        return found

    def _strangers(self) -> dict[int, np.ndarray]:
        """Shares of the routes for a victim apart, and with the second supplying, (2, Z)."""
        if not self.uncertain:
            return {}
        victims = [self.series.victims[i] for i in self.uncertain]
        rows = self.evaluation.rows
        numbers = (rows.center, rows.sd)
        places = self.model.places
        odd = expectations(places, victims, VAGUE, numbers, listed=False)[0][0]
        whole = np.zeros((2, len(self.model.routes), len(victims)))
        for z, route in enumerate(self.model.routes):
            share = self.model.background[z]
            if share == 0.0:
                continue
            if route.vague:
                whole[0, z] = share * np.exp(odd)
                continue
            fit = float(np.exp(self.evaluation.log_fit[0, 0, z]))
            own, _, chances = expectations(
                places, victims, route, numbers, listed=False,
                functionals=_second(victims, route),
            )  # fmt: skip
            weight = share * fit * np.exp(own[0])
            whole[0, z] = weight + share * (1.0 - fit) * np.exp(odd)
            if chances is not None:
                whole[1, z] = weight * chances[0, :, 0]
        total = whole[0].sum(axis=0)
        return {i: whole[:, :, k] / total[k] for k, i in enumerate(self.uncertain)}


def _second(victims: list[Victim], route: Route) -> Callable[[At], Any] | None:
    if len(route.sources) == 1:
        return None

    def function(at: At) -> Any:
        columns = [
            average(v, victims, route, at, role_event((False, True)))[..., 0]
            if facts_of(v).published
            else at.xp.constant(np.zeros((1, 1)))
            for v in victims
        ]
        return np.stack(np.broadcast_arrays(*columns), axis=-1)[..., None]

    return function
