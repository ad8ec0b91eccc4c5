"""Complete cases with a known route, drawn from a model.

A model serves as a design: how many victims there are, what of them is looked at and how they
came to be known, which findings are sought. What is seen is drawn anew.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from causation import evidence
from causation.document.mappings import Fixed
from causation.errors import InputError
from causation.evidence.arrays import NUMPY
from causation.evidence.base import At, Places, Route
from causation.evidence.dates import SNAPSHOT, first_is_open
from causation.evidence.drawing import Draw, Latents
from causation.evidence.findings import draw_findings, unseen
from causation.evidence.security import draw_incidents
from causation.evidence.series import reached_share
from causation.model.routes import VAGUE, log_prior
from causation.model.seeds import Seed, generator_of
from causation.model.structure import Given, Model, Scenarios, build_model

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledGroup, FilledSecurity, Proposition
    from causation.document.numbers import Number

MAX_VICTIMS = 200
"""Most victims of a simulated case."""
MARK = "#"
"""Between the name of a group and the number of a victim of it."""
MAX_TRIES = 200_000
"""Draws of a victim until what put him on the list has happened."""
SNAPSHOTS = frozenset({SNAPSHOT})
"""Kinds of sources whose data have one age for a whole series."""

type Strangers = Literal["apart", "together", "copies"]
"""Victims outside the series: each exposed for himself, all in one other series, or in one whose
actor imitates what the first had published of the plaintiff."""


@dataclass(frozen=True, eq=False)
class SimulatedCase:
    """A case whose route is known.

    Parameters
    ----------
    design : Model
    route : str
        The true route.
    odd : bool
        Whether it did not behave as elicited.
    groups : tuple of FilledGroup
        One for each victim.
    linked : tuple of bool
        Whether each belongs to the series.
    supplied : tuple of mapping
        By victim and published field: sources that gave it.
    latents : mapping of str to float
        Those of the series that were read.
    seen : mapping of str to bool
        Which findings were made.
    incidents : mapping of str to int
        Known incidents, by custodian.
    """

    design: Model
    route: str
    odd: bool
    groups: tuple[FilledGroup, ...]
    linked: tuple[bool, ...]
    supplied: tuple[Mapping[str, tuple[str, ...]], ...]
    latents: Mapping[str, float]
    seen: Mapping[str, bool]
    incidents: Mapping[str, int]

    def filled(self, numbers: Filled | None = None) -> Filled:
        """Return the case with what was seen, by the numbers of the design or of another case.

        A finding that was sought and not made has the complement of its probabilities.
        """
        base = self.design.filled if numbers is None else numbers
        return replace(
            base,
            groups=self.groups,
            all_groups=self.groups,
            findings=tuple(f if self.seen[f.id] else unseen(f) for f in base.findings),
            security=tuple(replace(r, incidents=self.incidents[r.source]) for r in base.security),
        )

    @property
    def outcome(self) -> Hashable:
        """What was seen, to be compared with other cases of the design."""
        groups = tuple(
            (
                g.disclosed,
                tuple(sorted(g.traits.items())),
                tuple(sorted(g.users.items())),
                g.records,
                tuple(sorted(g.dates.items())),
                tuple(sorted(g.extra.items())),
            )
            for g in self.groups
        )
        return groups, tuple(self.seen.items()), tuple(self.incidents.items())

    def model(self, numbers: Filled | None = None) -> Model:
        """Return the model of what was seen."""
        return build_model(self.filled(numbers))

    def holds(self, proposition: Proposition | None = None) -> bool:
        """Whether a proposition is true, that of the case by default."""
        claim = proposition or self.design.filled.proposition
        names, mine = self.route.split("/"), set(claim.sources)
        if claim.role == "entrance":
            return names[0] in mine
        if claim.role == "alone":
            return set(names) <= mine
        if claim.role == "role" and (names[0] in mine or not mine & set(names)):
            return names[0] in mine
        supplied = self.supplied[self._place(claim)]
        if claim.role == "role":
            return any(mine & set(by) for by in supplied.values())
        implies = self.design.filled.implies
        found = []
        for f in claim.fields:
            carrier = next((g for g in supplied if g == f or f in implies.get(g, ())), None)
            by = set(supplied[carrier]) if carrier else set()
            found.append(bool(by) and (by <= mine if claim.role == "sole" else bool(by & mine)))
        return any(found) if claim.any else bool(found) and all(found)

    def _place(self, claim: Proposition) -> int:
        if claim.victim is None:
            return next(i for i, g in enumerate(self.groups) if g.first)
        return next(i for i, g in enumerate(self.groups) if g.id.partition(MARK)[0] == claim.victim)


def simulate(
    case: Given,
    *,
    rng: Seed = None,
    route: str | None = None,
    row: Scenarios | None = None,
    strangers: Strangers = "apart",
    snapshots: frozenset[str] = SNAPSHOTS,
) -> SimulatedCase:
    """Draw a complete case from every kind of evidence.

    Drawn are, in this order: the entrance (from the prior before any incident is known), known
    incidents, the route, whether it behaves as elicited, the latents, every victim (linked or
    not, until what put him on his list has happened) and the findings. Facts that defined a list,
    and what the first plaintiff is known to be a user of, stay as they are.

    Parameters
    ----------
    case : Model, Filled, Case, str or Path
        The design.
    rng : Generator, int, numpy integer or None
        What it is drawn with; None for new random numbers.
    route : str, optional
        The true route.
    row : Scenarios, optional
        One row of numbers by which the case is drawn; the model's own by default.
    strangers : {"apart", "together", "copies"}
        Otherwise than "apart" the model does not know how victims outside the series hang together.
    snapshots : frozenset of str
        Kinds of sources whose data have one age for the series; the model knows of libraries only.

    Returns
    -------
    SimulatedCase

    Raises
    ------
    InputError
        If there is no such route, the design has too many victims, or what put a victim on his
        list hardly ever happens.

    Examples
    --------
    >>> simulate("bic-2025-doxxing", route="osint/library", rng=1).route
    'osint/library'
    """
    model, generator = build_model(case), generator_of(rng)
    design = Simulator(model, rng=generator, row=row, strangers=strangers, snapshots=snapshots)
    return design.case(route)


class _Constant(At):
    """Numbers of one row, whose means are computed once."""

    def mean(self, path: str) -> np.ndarray:
        """Expectation of a probability."""
        if path not in self.memo:
            self.memo[path] = super().mean(path)
        result: np.ndarray = self.memo[path]
        return result


class Simulator:
    """One design by one row of numbers; for parameters and errors see `simulate`."""

    def __init__(
        self,
        model: Model,
        *,
        rng: np.random.Generator,
        row: Scenarios | None = None,
        strangers: Strangers = "apart",
        snapshots: frozenset[str] = SNAPSHOTS,
    ) -> None:
        row = model.base() if row is None else row
        self.strangers, self.snapshots = strangers, snapshots
        self.other: _Series | None = None
        self.copied: frozenset[str] | None = None
        self.belong: dict[str, list[bool]] | None = None
        self.model, self.filled, self.rng = model, model.filled, rng
        self.table = _Constant(NUMPY, model.places, row.center[:1], row.sd[:1], {})
        more = _not_users(model)
        self.places = Places((*model.numbers, *more))
        self.center = np.concatenate([row.center[0], [n.center for n in more]])
        self.sd = np.concatenate([row.sd[0], [n.sd for n in more]])
        self._known: dict[tuple[tuple[str, int], ...], np.ndarray] = {}
        self._constants: dict[Hashable, Any] = {}
        people = sum(g.count for g in self.filled.groups)
        if people > MAX_VICTIMS:
            raise InputError(f"simulation: {people} victims; allowed: at most {MAX_VICTIMS}")

    def case(self, name: str | None = None) -> SimulatedCase:
        """Draw a case, of one route if it is named."""
        names = self.model.route_names
        if name is not None and name not in names:
            raise InputError(f"simulation: there is no route {name!r}; allowed: {', '.join(names)}")
        place, incidents = self._route(None if name is None else names.index(name))
        route = self.model.routes[place]
        series, self.other, self.copied = self._series(route), None, None
        self.belong = None
        if first_is_open(self.filled.groups):  # a snapshot is older than who belongs to the series
            self.belong = {g.id: self._belong(g, series) for g in self.filled.groups}
        drawn = [v for g in self.filled.groups for v in self._group(g, series)]
        return SimulatedCase(
            self.model,
            names[place],
            series.odd,
            tuple(v.group for v in drawn),
            tuple(v.linked for v in drawn),
            tuple(v.supplied for v in drawn),
            dict(series.latents.items()),
            draw_findings(
                self.filled,
                self.model.routes,
                self.table,
                truth=place,
                background=self.model.background,
                rng=self.rng,
            ),
            incidents,
        )

    def _route(self, wanted: int | None) -> tuple[int, dict[str, int]]:
        """Draw incidents and the route; incidents are more common at the entrance."""
        records, before = self.filled.security, self._before
        for _ in range(MAX_TRIES):
            first = int(self.rng.choice(before.size, p=before)) if wanted is None else wanted
            if not records:
                return first, {}
            entrance = self.model.routes[first].entrance.name
            incidents = {
                r.source: draw_incidents(r, self.table, self.rng, at_work=r.source == entrance)
                for r in records
            }
            after = self._after(incidents)
            after = after * [r.entrance.name == entrance for r in self.model.routes]
            place = int(self.rng.choice(after.size, p=after / after.sum()))
            if wanted in {None, place}:
                return place, incidents
        raise InputError("simulation: hardly any exposure takes this route")

    @cached_property
    def _before(self) -> np.ndarray:
        """Prior of the routes before any incident is known, shape (Z,)."""
        return self._prior([replace(r, incidents=0, years=0.0) for r in self.filled.security])

    def _after(self, incidents: dict[str, int]) -> np.ndarray:
        """The same once so many are known by source."""
        key = tuple(incidents.items())
        if key not in self._known:
            records = self.filled.security
            self._known[key] = self._prior(
                [replace(r, incidents=incidents[r.source]) for r in records]
            )
        return self._known[key]

    def _prior(self, security: Sequence[FilledSecurity]) -> np.ndarray:
        seen = replace(self.filled, security=tuple(security))
        result: np.ndarray = np.exp(
            log_prior(seen, self.model.routes, self.table, lambda _: True)[0]
        )
        return result

    def _series(self, route: Route) -> _Series:
        fits = 1.0
        for s in route.sources:
            if not s.vague:
                fits *= 1.0 - float(self.table.middle(f"sources.{s.name}.misfit")[0])
        odd = not route.vague and bool(self.rng.random() >= fits)
        latents = Latents(self.rng)
        at = At(NUMPY, self.places, self.center, self.sd, latents, constants=self._constants)
        return _Series(route, VAGUE if odd or route.vague else route, odd, latents, at)

    def _group(self, group: FilledGroup, series: _Series) -> list[_Victim]:
        """Draw every victim of a group."""
        found = []
        for i in range(group.count):
            name = group.id if group.count == 1 else f"{group.id}{MARK}{i + 1}"
            one = replace(group, count=1, id=name)
            known = None if self.belong is None else self.belong[group.id][i]
            linked = self.rng.random() < self._linkage(group, series) if known is None else known
            victim = self._linked(one, series) if linked else self._stranger(one)
            if group.first and self.strangers == "copies":
                self.copied = frozenset(victim.group.disclosed)
            found.append(victim)
        return found

    def _belong(self, group: FilledGroup, series: _Series) -> list[bool]:
        """Draw who of a group belongs to the series."""
        chance = self._linkage(group, series)
        return [bool(self.rng.random() < chance) for _ in range(group.count)]

    def _linkage(self, group: FilledGroup, series: _Series) -> float:
        if group.plaintiff or group.known_by.how == "attempt":
            return 1.0
        if group.linkage is None:
            return float(series.at.share("actor.linkage", "kappa"))
        return float(series.at.mean(group.linkage.path))

    def _linked(self, group: FilledGroup, series: _Series) -> _Victim:
        """Draw a victim of the series, his fields until what put him on his list has happened."""
        family = self.filled.groups
        if self.belong is not None:
            family = tuple(g for g in family if any(self.belong[g.id]))
        draw = self._draw(group, series, family)
        for _ in range(MAX_TRIES):
            self._turn(draw, 1)
            if _listed(draw):
                self._turn(draw, 2)
                return _victim(draw, series, linked=True)
        raise _rare(group)

    def _stranger(self, group: FilledGroup) -> _Victim:
        """Draw a victim whom any route exposed, in the background's shares."""
        for _ in range(MAX_TRIES):
            series = self._elsewhere()
            draw = self._draw(group, series, (group,))
            if self.copied is not None:
                known = group.known_by
                draw.copied = self.copied.union(known.published_all, known.published_any)
            self._turn(draw, 1)
            if _listed(draw):
                self._turn(draw, 2)
                return _victim(draw, series, linked=False)
        raise _rare(group)

    def _elsewhere(self) -> _Series:
        """Another series: of one victim, or of all who do not belong to the first."""
        if self.other is not None:
            return self.other
        place = int(self.rng.choice(self.model.background.size, p=self.model.background))
        series = self._series(self.model.routes[place])
        if self.strangers != "apart":
            self.other = series
        return series

    def _draw(self, group: FilledGroup, series: _Series, family: tuple[FilledGroup, ...]) -> Draw:
        """Begin a victim: what does not hang on his fields."""
        draw = Draw(self.filled, group, series.used, series.at, self.rng, series.shared, family)
        draw.snapshots = self.snapshots
        if group.known_by.how == "attempt":
            used = series.used
            if used.vague:
                used = next((r for r in self.model.routes if r.vague), used)
            path = f"sources.{used.entrance.name}.reach"
            draw.reached = draw.happens(reached_share(path, series.at))
        self._turn(draw, 0)
        return draw

    def _turn(self, draw: Draw, turn: int) -> None:
        for kind in evidence.KINDS:
            if kind.turn == turn:
                kind.simulate(draw)


@dataclass(frozen=True, eq=False)
class _Series:
    """The victims of one actor: his route, the one that he behaves by, and what they share."""

    route: Route
    used: Route
    odd: bool
    latents: Latents
    at: At
    shared: dict[Hashable, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Victim:
    group: FilledGroup
    linked: bool
    supplied: Mapping[str, tuple[str, ...]]


def _victim(draw: Draw, series: _Series, *, linked: bool) -> _Victim:
    """Finish a victim; where a route did not behave as elicited its entrance is credited."""
    names = [s.name for s in series.route.sources]
    supplied = {
        f: tuple(n for n, gave in zip(names, by, strict=False) if gave)
        for f, by in draw.suppliers.items()
    }
    dates: Any = Fixed({f: w for f, w in draw.shown.items() if w is not None})
    return _Victim(replace(draw.group, dates=dates, **draw.entry), linked, supplied)


def _listed(draw: Draw) -> bool:
    """Whether what put the victim on his list has happened."""
    known, shown = draw.group.known_by, frozenset(draw.entry["disclosed"])
    some = frozenset(known.published_any)
    return shown >= frozenset(known.published_all) and bool(not some or some & shown)


def _rare(group: FilledGroup) -> InputError:
    return InputError(f"simulation: hardly anybody would be on the list of {group.id}")


def _not_users(model: Model) -> list[Number]:
    """Numbers of victims who are not users, where the design itself has none such."""
    filled = model.filled
    paths = [
        f"sources.{c}.disclosure_not_user.{f}" for c in filled.custodians for f in filled.fields
    ]
    found = [filled.optional(p) for p in paths if p not in model.places]
    return [n for n in found if n is not None]
