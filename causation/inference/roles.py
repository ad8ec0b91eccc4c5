"""Who supplied what, source by source: for the plaintiff's fields, and for every victim.

In a chain the second source may have supplied some fields, all, or none that was published; given
the latents the chances follow from who has which field. A further victim belongs to the series
with his posterior chance, else any route exposed him in the background's shares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.base import Route
from causation.evidence.fields import facts_of
from causation.evidence.series import build_series
from causation.inference.evaluate import Answer, key_of
from causation.inference.evaluation import Evaluation, present_in
from causation.inference.integrate import IntegratorSettings
from causation.inference.memo import Memo
from causation.inference.provenance import (
    CERTAIN,
    NEVER,
    Claim,
    carriers,
    role_event,
    supplied_event,
)
from causation.inference.single import shares_of_strangers
from causation.model.routes import VAGUE

if TYPE_CHECKING:
    from causation.model.structure import Model


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
        total = min(1.0, float(posterior @ self.linked))  # a sum may pass it by rounding
        for weight, one, two in (
            (posterior, self.linked, self.second),
            ((1.0 - total) * np.ones_like(posterior), self.apart, self.apart_second),
        ):
            found += float(weight @ (one * first + two * (1.0 - first) * second))
        return min(1.0, found)


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
    model: Model,
    answer: Answer,
    *,
    settings: IntegratorSettings | None = None,
    memo: Memo | None = None,
) -> Roles:
    """Find every source's part, for the case as it is.

    Parameters
    ----------
    answer : Answer
        Its first row is the case as it is.
    memo : Memo, optional
        What was found for the model.
    """
    return _Search(model, answer, settings or IntegratorSettings(), memo).roles()


class _Search:
    def __init__(
        self, model: Model, answer: Answer, settings: IntegratorSettings, memo: Memo | None
    ) -> None:
        self.model, self.answer = model, answer
        base = model.base()
        self.series = build_series(model.filled, present_in(model, base.present[0]))
        kept = None if memo is None else (memo, key_of(model, self.series))
        self.evaluation = Evaluation(model, base, settings, series=self.series, memo=kept)
        self.names = model.source_names
        self.posterior = answer.posterior[0]
        first = next((g.id for g in model.filled.groups if g.first), None)
        self.place = self.series.groups.get(str(first))
        self.plaintiff = None if self.place is None else self.series.victims[self.place]
        self.uncertain = [i for i, v in enumerate(self.series.victims) if v.linkage is not None]

    def roles(self) -> Roles:
        """Sum over the routes."""
        routes = self.model.routes
        odd, vague = self._means(VAGUE, "")
        every = [
            (odd, vague) if r.vague else self._means(r, self.model.reach_of[z])
            for z, r in enumerate(routes)
        ]
        tables = [table for _, table in every]
        fits = [self._fit(z, own, odd) for z, (own, _) in enumerate(every)]
        entrance = self._sum(lambda z, s: float(routes[z].entrance.name == s))
        alone = self._sum(lambda z, s: float(routes[z].name == s))
        supplied, sole = (
            {s: {f: min(1.0, p) for f, p in row.items()} for s, row in table.items()}
            for table in self._fields(tables, fits)
        )
        parts = self._parts(tables, vague, fits)
        victims = {
            group: {s: part.chance(self.posterior, *self._within(s)) for s in self.names}
            for group, part in parts.items()
        }
        linked = {
            group: min(1.0, float(self.posterior @ part.linked)) for group, part in parts.items()
        }
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

    def _fit(self, z: int, own: float, odd: float) -> float:
        """Posterior chance that a route, if it is the one, behaved as elicited."""
        if self.model.routes[z].vague:
            return 0.0
        fits, misfits = self.evaluation.log_fit[:, 0, z] + (own, odd)
        whole = np.logaddexp(fits, misfits)
        return float(np.exp(fits - whole)) if np.isfinite(whole) else 0.0

    @cached_property
    def shown(self) -> dict[str, tuple[str, ...]]:
        """Fields of the plaintiff that were published, each with what carries it."""
        if self.plaintiff is None:
            return {}
        implies, shown = self.model.filled.implies, sorted(facts_of(self.plaintiff).shown)
        return {f: c for f in shown if (c := carriers(self.plaintiff, f, implies))}

    def _means(self, route: Route, reach: str) -> tuple[float, dict[str, Any]]:
        """Log evidence of the victims under a route, and posterior means.

        Of the plaintiff's fields, and of every victim.
        """
        victims = self.series.victims
        if not victims:
            return 0.0, {}
        chain = len(route.sources) == 2
        claims: list[Claim] = []
        layout: dict[str, int] = {}
        if chain and self.place is not None and self.shown:
            layout["fields"] = 2 * len(self.shown)
            for carried in self.shown.values():
                claims += [
                    Claim(self.place, supplied_event(carried, within, only=True))
                    for within in ((True, False), (False, True))
                ]
        for i, v in enumerate(victims):
            layout[f"victim {i}"] = 2
            published = facts_of(v).published if chain else ()
            second = role_event(published, (False, True)) if published else NEVER
            claims += [Claim(i, CERTAIN, linked=True), Claim(i, second, linked=True)]
        value, _, mean = self.evaluation.victims(route, reach, claims=claims)
        if mean is None:
            return float(value[0]), {}
        found: dict[str, Any] = {}
        start = 0
        for name, size in layout.items():
            found[name] = mean[0, start : start + size]
            start += size
        return float(value[0]), found

    def _fields(
        self, tables: list[dict[str, Any]], fits: list[float]
    ) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
        """Tables of source by field: supplied it, and alone."""
        supplied: dict[str, dict[str, float]] = {s: {} for s in self.names}
        sole: dict[str, dict[str, float]] = {s: {} for s in self.names}
        if self.plaintiff is None:
            return supplied, sole
        for f in sorted(facts_of(self.plaintiff).shown):
            for s in self.names:
                supplied[s][f] = sole[s][f] = 0.0
            if f not in self.shown:
                continue
            place = 2 * list(self.shown).index(f)
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
        victims, e = [self.series.victims[i] for i in self.uncertain], self.evaluation
        second = [
            [
                [role_event(p, (False, True))]
                if len(r.sources) == 2 and (p := facts_of(v).published)
                else []
                for r in self.model.routes
            ]
            for v in victims
        ]
        whole, _, part = shares_of_strangers(
            self.model,
            (e.rows.center, e.rows.sd),
            e.log_fit,
            background=e.background,
            victims=victims,
            events=second,
        )
        return {i: np.stack([whole[0, :, k], part[0, :, k]]) for k, i in enumerate(self.uncertain)}
