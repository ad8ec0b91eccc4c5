"""Integrals for rows in which the same of the victims counts.

Where the victims' fields separate the integrals are nested quadrature, else they are sampled.
Rows that agree in all that a route reads share its integral.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from causation.evidence.arrays import NUMPY
from causation.evidence.base import At, Route
from causation.evidence.dates import NEVER, is_dated
from causation.evidence.findings import log_findings
from causation.evidence.series import Series, build_series
from causation.inference.alike import Alike, alike
from causation.inference.counting import Plan, Stand, separable
from causation.inference.dated import dated_of
from causation.inference.integral import Integral
from causation.inference.integrate import DRAFT, IntegratorSettings, integrate
from causation.inference.laws import Unsuitable
from causation.inference.memo import Memo
from causation.inference.nested import (
    additive_kinds,
    demand_of,
)
from causation.inference.pooled import Pooled, Stated, stated_of
from causation.inference.problem import RouteProblem
from causation.inference.provenance import Claim, Wanted, claimed
from causation.inference.quadrature import FINE, ROUGH, Accuracy, Tables
from causation.inference.sampled import eased, sampled, share_of
from causation.inference.single import expectations, log_strangers, shares_of_strangers
from causation.inference.spreading import Many, integrate_nested
from causation.inference.strangers import log_singles
from causation.model.routes import VAGUE, log_prior

if TYPE_CHECKING:
    from causation.evidence.base import Victim
    from causation.model.structure import Model, Scenarios

_FEW = 8
"""Rows whose strangers are integrated together."""
_ROWS = 12
"""Rows up to which fine nodes cost no more than rough ones: calls, not numbers."""
_KEPT = 48
"""More rows than these are draws, which nobody asks for again."""
_MANY_ROWS = Accuracy(1.0, 5.0)
"""Of many rows; rougher nodes do not do for the stand-in, and all is computed twice."""
_CELLS = 12_000_000
"""Numbers in the tables of rows that are tabulated together."""
_MANY, _VERY_MANY = 64, 5000
"""Victims up to whom strangers share the nodes of the series, and beyond whom theirs are finer."""


_READ: WeakKeyDictionary[Model, dict[Hashable, dict[str, np.ndarray]]] = WeakKeyDictionary()
"""Columns of a model's numbers that the density of every route reads, by the victims that count."""


def present_in(model: Model, row: np.ndarray) -> Callable[[str], bool]:
    """Whether an item is there in a row; what is no item always is."""
    index = model.item_index
    return lambda item: item not in index or bool(row[index[item]])


def arithmetic(
    model: Model, rows: Scenarios, background: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log prior and log factor of the findings, shape (S, Z), by what is there of them."""
    filled, routes = model.filled, model.routes
    prior, findings = (np.empty((len(rows), len(routes))) for _ in range(2))
    for members, at, present in _by_items(model, rows, "security"):
        prior[members] = log_prior(filled, routes, at, present)
    for members, at, present in _by_items(model, rows, "findings"):
        findings[members] = log_findings(filled, routes, at, background[members], present)
    return prior, findings


def _by_items(
    model: Model, rows: Scenarios, section: str
) -> Iterator[tuple[np.ndarray, At, Callable[[str], bool]]]:
    """Rows in which the same items of a section of the case are there."""
    for members in alike(rows.present[:, model.item_columns.get(section, ())]):
        at = At(NUMPY, model.places, rows.center[members], rows.sd[members], {})
        yield members, at, present_in(model, rows.present[members[0]])


def background_of(model: Model, rows: Scenarios) -> np.ndarray:
    """Weights of the routes for what is not of the series, shape (S, Z)."""
    if rows.background is not None:
        return rows.background
    return np.broadcast_to(model.background, (len(rows), len(model.routes)))


class Evaluation:
    """Rows in which the same of the victims counts.

    Parameters
    ----------
    model : Model
    rows : Scenarios
    settings : IntegratorSettings
    series : Series, optional
        The victims that count; those of the first row by default.
    memo : tuple of Memo and Hashable, optional
        Integrals found before for the model, and what stands there for the victims that count.
    key : Hashable, optional
        What stands for the victims that count, where there is no memo.
    count : ndarray, shape (S, V), optional
        How many of each victim count, where rows leave some out: then all is sampled.
    whole : int, optional
        How many rows there are, where these are some of them.
    """

    def __init__(
        self,
        model: Model,
        rows: Scenarios,
        settings: IntegratorSettings,
        *,
        series: Series | None = None,
        memo: tuple[Memo, Hashable] | None = None,
        key: Hashable = None,
        count: np.ndarray | None = None,
        whole: int | None = None,
    ) -> None:
        self.model, self.rows, self.settings = model, rows, settings
        self.slow = np.zeros(len(rows), bool)
        self.present = present_in(model, rows.present[0])
        self.series: Series = series or build_series(model.filled, self.present)
        self.alike = Alike(rows.center, rows.sd)
        self.plain = At(NUMPY, model.places, rows.center, rows.sd, {})
        self.memo, self.proposals, self.count = memo, memo, count
        self.background = background_of(model, rows)
        self._found: dict[str, float] = {}
        known = key if memo is None else memo[1]
        self._columns: dict[str, np.ndarray] = (
            {} if known is None else _READ.setdefault(model, {}).setdefault(known, {})
        )
        self._plans: dict[Stand | str, Plan | Many | None] = (
            {} if memo is None else memo[0].plans.setdefault(memo[1], {})
        )
        self._moments: dict[tuple[Accuracy, bool, bytes], Tables] = {}
        self._own: list[Tables] = []
        self._most_kept = _KEPT if whole is None else _KEPT * len(rows) / whole

    @cached_property
    def log_fit(self) -> np.ndarray:
        """Log chance that every route behaves as elicited, and that not, shape (2, S, Z)."""
        columns = []
        for r in self.model.routes:
            fits: Any = np.ones(len(self.rows))
            for s in r.sources:
                if not s.vague:
                    fits = fits * (1.0 - self.plain.middle(f"sources.{s.name}.misfit"))
            columns.append(fits)
        fits = np.stack(columns, axis=-1)
        with np.errstate(divide="ignore"):
            return np.stack([np.log(fits), np.log1p(-fits)])

    @cached_property
    def log_b(self) -> np.ndarray:
        """Log probability of each uncertain victim if not of the series, shape (S, U)."""
        victims = [v for v in self.series.victims if v.linkage is not None]
        if not victims:
            return np.zeros((len(self.rows), 0))
        prior = np.concatenate([np.exp(self.log_fit[0]), self.background], axis=1)
        first, back = self._unlike(None, prior)
        step = max(1, len(first)) if separable(victims, additive_kinds()) else _FEW

        def find(rows: np.ndarray) -> list[np.ndarray]:
            parts = np.split(rows, range(step, len(rows), step))
            return [row for some in parts for row in self._strangers(victims, some)]

        found: np.ndarray = np.array(self._shared(None, first, find, prior))[back]
        return found

    def _strangers(self, victims: Sequence[Victim], rows: np.ndarray) -> np.ndarray:
        return log_strangers(
            self.model.routes,
            self.background[rows],
            VAGUE,
            self.log_fit[:, rows],
            self._means_of(victims, rows),
        )

    def _shared[T](
        self,
        route: Route | None,
        rows: np.ndarray,
        find: Callable[[np.ndarray], list[T] | None],
        *more: np.ndarray,
        claims: Sequence[Claim] = (),
    ) -> list[T] | None:
        """What is known of some rows, and what is found for the others and kept."""
        if self.memo is None or len(rows) > self._most_kept:
            return find(rows)
        memo, victims = self.memo
        key = (None if route is None else route.name, victims, tuple(claims))
        numbers = [x[rows] for x in (self.rows.center, self.rows.sd, *more)]
        tolerance = self.settings.tolerance
        known: list[T | None] = [None] * len(rows)
        if memo.has(key):
            known = memo.find(key, numbers, tolerance, partial(self._read, route))
        todo = [k for k, one in enumerate(known) if one is None]
        if todo:
            new = find(rows[todo])
            if new is None:
                return None
            memo.add(key, [x[todo] for x in numbers], tolerance, new)
            for k, one in zip(todo, new, strict=True):
                known[k] = one
        return [one for one in known if one is not None]

    def _means_of(
        self, victims: Sequence[Victim], rows: np.ndarray
    ) -> Callable[[Route], tuple[np.ndarray, np.ndarray]]:
        """Log expectations of single victims, and of what put each on the list, by route."""
        apart = np.array([separable([v], additive_kinds()) for v in victims], bool)
        plain = [v for v, mine in zip(victims, apart, strict=True) if mine]
        rest = [v for v, mine in zip(victims, apart, strict=True) if not mine]
        tables = self._tables(self.accuracy)
        many = self.series.count.sum() > (_FEW if tables.withheld else _MANY)
        if rest or many or tables.expanded:  # what they are off adds up over victims
            accuracy = self._usual if tables.expanded else self.accuracy
            if self.series.count.sum() > _VERY_MANY:
                accuracy = accuracy.finer()
            tables = self._tables(accuracy, alone=True)
        places, numbers = self.model.places, (self.rows.center[rows], self.rows.sd[rows])

        def find(route: Route) -> tuple[np.ndarray, np.ndarray]:
            found = np.empty((2, len(rows), len(victims)))
            other = dict(zip(np.flatnonzero(~apart).tolist(), rest, strict=True))
            if plain:
                try:
                    found[:, :, apart] = log_singles(tables, plain, route, rows)
                except Unsuitable:  # numbers that are too small to be multiplied
                    other = dict(enumerate(victims))
            for i, v in other.items():
                both = expectations(places, [v], route, numbers, rough=self._many_rows)[:2]
                found[:, :, i] = np.stack(both)[..., 0]
            return found[0], found[1]

        return find

    @cached_property
    def accuracy(self) -> Accuracy:
        """How fine the nodes of nested quadrature are; finer once that was too little."""
        return ROUGH if self._demand(self.series, alone=False)[2] else self._usual

    @property
    def _usual(self) -> Accuracy:
        return _MANY_ROWS if self._many_rows else FINE

    @property
    def _many_rows(self) -> bool:
        return self.settings.tolerance >= DRAFT.tolerance and len(self.rows) > _ROWS

    def _read(self, route: Route | None) -> np.ndarray:
        """Columns of the numbers that a route's density reads; of every route for None."""
        if route is None:
            every = [self._read(r) for r in self.model.routes if not r.vague]
            return np.array(sorted(set().union(*(x.tolist() for x in every), self._read(VAGUE))))
        name = route.name
        if name not in self._columns:
            place = next((z for z, r in enumerate(self.model.routes) if r is route), None)
            reach = "" if route.vague or place is None else self.model.reach_of[place]
            density = self.density(route, reach)
            self._columns[name] = density.read(self.rows.center, self.rows.sd)
        return self._columns[name]

    def _unlike(self, route: Route | None, *more: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """First of the rows that are alike for a route, and for each row which of them it is."""
        count = len(self.rows)
        if count == 1:
            return np.arange(1), np.zeros(1, int)
        read = self._read(route) if self.alike.differ else ()
        return self.alike.of(read, np.arange(count), *more)

    def run(self) -> dict[str, np.ndarray]:
        """Evidence of the victims, its error, and credit of every route."""
        model, routes = self.model, self.model.routes
        wanted = self.wanted
        odd, odd_error, odd_mean = self.victims(VAGUE, "", claims=wanted.claims(None))
        evidence, error, credit = [], [], []
        for z, route in enumerate(routes):
            chance = wanted.credit(route, odd_mean, self.apart, odd=True)
            if route.vague:
                value, err = odd, odd_error
            else:
                beside = self.log_fit[1, :, z] + odd - self.log_fit[0, :, z]
                own, own_error, mean = self.victims(
                    route, model.reach_of[z], claims=wanted.claims(route), beside=beside
                )
                fits, misfits = self.log_fit[0, :, z] + own, self.log_fit[1, :, z] + odd
                value = np.logaddexp(fits, misfits)
                share = np.exp(fits - np.where(np.isfinite(value), value, 0.0))
                err = np.hypot(share * own_error, (1.0 - share) * odd_error)
                own_chance = wanted.credit(route, mean, self.apart)
                chance = share * own_chance + (1.0 - share) * chance
            credit.append(np.broadcast_to(chance, len(self.rows)))
            evidence.append(value)
            error.append(err)
        if self.proposals is not None and self.proposals[0].evidence is None:
            self.proposals[0].evidence = self._found
        self._forget()
        return {
            "log_evidence": np.stack(evidence, axis=1),
            "error": np.stack(error, axis=1),
            "credit": np.stack(credit, axis=1),
        }

    def _forget(self) -> None:
        """Let tables go that no memo has."""
        for tables in self._own:
            tables.forget()
        self._moments, self._own = {}, []

    @property
    def most_rows(self) -> int:
        """How many rows may be tabulated at once: of extreme numbers and many victims few."""
        if len(self.rows) == 1:
            return 1
        sources = {s.name: s for r in self.model.routes for s in r.sources}
        tables = self._tables(self.accuracy, alone=not self._tabulated)
        cells = max(1, tables.cells(sources.values()))
        return max(1, len(self.rows) * _CELLS // cells)

    @property
    def _tabulated(self) -> bool:
        """Whether there is a plan, of the first row, by which some route is not sampled."""
        if self.count is not None or not self.series.victims:
            return False
        make = self._maker(covering=False, accuracy=self.accuracy, alone=False)
        first = make((self.rows.center[:1], self.rows.sd[:1]))
        return any(self._plan(first, r) is not None for r in self.model.routes)

    @cached_property
    def wanted(self) -> Wanted:
        """The case's proposition for the victims that count."""
        return Wanted.of(self.model, self.series)

    @cached_property
    def apart(self) -> np.ndarray:
        """Chance of the proposition if its victim does not belong to the series, shape (S,)."""
        wanted, routes = self.wanted, self.model.routes
        if wanted.victim is None or wanted.victim.linkage is None:
            return np.zeros(len(self.rows))
        events = [[wanted.event(r)] if wanted.constant(r) is None else [] for r in routes]
        first, back = self._unlike(None, np.exp(self.log_fit[0]), self.background)
        found = []
        for some in np.split(first, range(_FEW, len(first), _FEW)):
            whole, own, part = shares_of_strangers(
                self.model, (self.rows.center[some], self.rows.sd[some]), self.log_fit[:, some],
                background=self.background[some], victims=[wanted.victim], events=[events],
            )  # fmt: skip
            total: Any = 0.0
            for z, route in enumerate(routes):
                fixed = wanted.constant(route)
                if fixed is None:
                    odd = whole[:, z, 0] - own[:, z, 0]
                    total = total + part[:, z, 0] + wanted.misfit(route) * odd
                else:
                    total = total + fixed * whole[:, z, 0]
            found.append(total)
        return np.asarray(np.concatenate(found)[back])

    def density(self, route: Route, reach: str) -> Pooled:
        """Density of a route; `reach` is empty for the stand-in, which has the residual's."""
        places, path = self.model.places, reach or self._odd_reach
        return Pooled(places, self.series, route, path, self._stated)

    @cached_property
    def _stated(self) -> Stated | None:
        return stated_of(self.series.victims)

    @cached_property
    def _odd_reach(self) -> str:
        """Path of the reach of the stand-in: the residual's."""
        residual = next((r for r in self.model.routes if r.vague), None)
        return f"sources.{residual.entrance.name if residual else 'unknown'}.reach"

    def victims(
        self,
        route: Route,
        reach: str,
        function: Any = None,
        *,
        claims: Sequence[Claim] = (),
        beside: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Log evidence of the victims under a route, its error, and means, by row.

        Parameters
        ----------
        function : callable, optional
            Functions of the latents whose means are wanted; with one everything is sampled.
        claims : sequence of Claim
            Chances whose means are wanted.
        beside : ndarray, shape (S,), optional
            Log (natural) of what the evidence will be added to.
        """
        count = len(self.rows)
        if not self.series.victims:
            return np.zeros(count), np.zeros(count), None
        first, back = self._unlike(
            route, self.log_b, *(() if self.count is None else (self.count,))
        )
        found = None
        if function is None and self.count is None:
            found = self._nested(route, reach, first, claims)
        if found is None:
            density = self.density(route, reach)
            if claims:
                function = claimed(density, claims)
            rows = self.rows
            problem = RouteProblem(
                density, rows.center[first], rows.sd[first], self.log_b[first], function,
                None if self.count is None else self.count[first],
            )  # fmt: skip
            if beside is not None:
                least = np.full(len(first), np.inf)
                np.minimum.at(least, back, beside)
                beside = least
            found = self._sampled(problem, first, beside)
            found.value[found.value < 0.5 * NEVER] = -np.inf
            self.slow |= found.slow[back]
            self._found[route.name] = float(found.value[0])
        means = None if found.means is None else found.means[back]
        return found.value[back], found.error[back], means

    def _sampled(
        self, problem: RouteProblem, rows: np.ndarray, beside: np.ndarray | None
    ) -> Integral:
        """The same by sampling, from proposals of earlier calls where there are any."""
        if self.proposals is None:
            return integrate(problem, self.settings, beside=beside)
        route = problem.density.route
        numbers = self.rows.center[rows], self.rows.sd[rows]
        return sampled(
            problem, self._eased(route), self.proposals, numbers, read=self._read(route),
            beside=beside,
        )  # fmt: skip

    def _eased(self, route: Route) -> IntegratorSettings:
        """Settings for a route: the less it weighs in the answer, the larger its error may be.

        By the evidence that was found before; the case as it is always gets what is asked for.
        """
        asked = self.settings
        if self.proposals is None:
            return asked
        memo = self.proposals[0]
        evidence = memo.evidence or (None if memo.parent is None else memo.parent.evidence)
        base = memo.parent is None and len(self.rows) == 1 and self.count is None
        if base and asked.tolerance < DRAFT.tolerance:
            return asked
        if not evidence or VAGUE.name not in evidence:
            return asked
        prior, findings = arithmetic(self.model, self.rows.take([0]), self.background[:1])
        share = share_of(
            route, self.model.routes, (prior + findings)[0] + self.log_fit[:, 0], evidence
        )
        return eased(asked, share)

    def _nested(
        self, route: Route, reach: str, rows: np.ndarray, claims: Sequence[Claim]
    ) -> Integral | None:
        """The same from the memo, where it has them."""

        def find(some: np.ndarray) -> list[tuple[Any, ...]] | None:
            found = self.nested(route, reach, some, claims)
            if found is None:
                return None
            means = [None] * len(some) if found.means is None else found.means
            return list(zip(found.value, found.error, means, strict=True))

        if self.memo is None or len(rows) > self._most_kept:
            return self.nested(route, reach, rows, claims)
        every = self._shared(route, rows, find, self.log_b, claims=claims)
        if every is None:
            return None
        value, error, means = zip(*every, strict=True)
        return Integral(
            np.array(value), np.array(error), np.array(means) if claims else None,
            np.zeros(len(rows), bool),
        )  # fmt: skip

    def nested(
        self, route: Route, reach: str, rows: np.ndarray, claims: Sequence[Claim]
    ) -> Integral | None:
        """Integrals by nested quadrature, where the victims separate."""
        tables = self._tables(self.accuracy)
        plan = self._plan(tables, route)
        if plan is None or not tables.fields:
            return None
        accuracy = self.accuracy
        if isinstance(plan, Many) and tables.withheld > 0.0:
            accuracy = accuracy.finer()
        whole, todo = None, np.arange(len(rows))
        for _ in range(3):
            mine = rows[todo]
            tables, places = self._tables_of(accuracy, mine)
            found = integrate_nested(
                tables, plan, route, places,
                log_b=self.log_b[mine], reach=reach or self._odd_reach, claims=claims,
            )  # fmt: skip
            if found is None:
                return None
            if whole is None:
                whole = found
            else:
                whole.put(todo, found)
            missed = found.error > self.settings.tolerance
            if not missed.any():
                return whole
            if missed.all() and len(todo) == len(self.rows):  # other routes will miss it too
                self._forget()
                self.accuracy = self.accuracy.finer()
            todo, accuracy = todo[missed], accuracy.finer()
        return None

    def _tables_of(self, accuracy: Accuracy, rows: np.ndarray) -> tuple[Tables, np.ndarray]:
        """Moments for some rows, and where those stand in them: few of many have their own."""
        if 2 * len(rows) > len(self.rows) or not self._apart or any(
            map(is_dated, self.series.victims)  # cells hang on all rows
        ):  # fmt: skip
            return self._tables(accuracy), rows
        key = (accuracy, False, rows.tobytes())
        if key not in self._moments:
            for name in [k for k in self._moments if k[2]]:
                old = self._moments.pop(name)
                self._own.remove(old)
                old.forget()
            make = self._maker(covering=False, accuracy=accuracy, alone=False)
            self._moments[key] = make((self.rows.center[rows], self.rows.sd[rows]))
            self._own.append(self._moments[key])
        return self._moments[key], np.arange(len(rows))

    def _plan(self, tables: Tables, route: Route) -> Plan | Many | None:
        """How to integrate under a route, as under others to which the victims stand alike."""
        dated = any(map(is_dated, self.series.victims))  # cells hang on numbers
        asked: Stand | str = route.name
        if dated or asked not in self._plans:
            cells = dated_of(tables, self.series.victims, route).cells
            stand = Stand.of(self.series, route, cells)
            if stand not in self._plans:
                additive, makers = additive_kinds(), [Plan.of, Many.of]
                if not tables.withheld and self.series.count.max(initial=0) > _MANY:
                    makers.reverse()  # to sum every state would take longer
                plans = (make(self.series, stand, additive) for make in makers)
                self._plans[stand] = next((p for p in plans if p is not None), None)
            if dated:
                return self._plans[stand]
            self._plans[asked] = self._plans[stand]
        return self._plans[asked]

    def _tables(self, accuracy: Accuracy, *, alone: bool = False) -> Tables:
        """Moments of the sources' fields; those that single victims need if `alone`."""
        key = (accuracy, alone, b"")
        if key not in self._moments:
            numbers, memo = (self.rows.center, self.rows.sd), self.memo
            if memo is None or self._apart or self.series.count.sum() > _MANY:  # they are large
                make = self._maker(covering=False, accuracy=accuracy, alone=alone)
                self._moments[key] = make(numbers, alike=self.alike)
                self._own.append(self._moments[key])
            else:
                make = self._maker(covering=True, accuracy=accuracy, alone=alone)
                some = slice(None) if self._differ else slice(1)
                self._moments[key] = memo[0].tables(make, (numbers[0][some], numbers[1][some]))
        return self._moments[key]

    @property
    def _apart(self) -> bool:
        """Whether there are many rows, which are tabulated by themselves."""
        return self._differ and len(self.rows) > _ROWS

    @property
    def _differ(self) -> bool:
        return self.alike.differ or self.rows.background is not None

    def _maker(self, *, covering: bool, accuracy: Accuracy, alone: bool) -> partial[Tables]:
        """What makes tables for the victims that count, or for all of the case besides."""
        demand, strangers, expanded = self._demand(self.series, alone=alone)
        if covering and self._covered:
            every, others, _ = self._demand(self._every, alone=alone)
            most = {f: tuple(map(max, n, every.get(f, n))) for f, n in demand.items()}
            demand, strangers = {**every, **most}, strangers | others
        return partial(
            Tables, self.model.places, demand=demand, strangers=strangers, accuracy=accuracy,
            expanded=expanded,
        )  # fmt: skip

    def _demand(self, series: Series, *, alone: bool) -> Any:
        count = np.ones(len(series.victims)) if alone else series.count
        demand, strangers, expanded = demand_of(series.victims, count)
        if alone:
            demand = {f: tuple(min(x, 1.0) for x in n) for f, n in demand.items()}  # type: ignore[misc]
        return demand, strangers, 0.0 if alone else expanded

    @cached_property
    def _every(self) -> Series:
        return build_series(self.model.filled, lambda _: True)

    @cached_property
    def _covered(self) -> bool:
        """Whether nodes that do for all victims of the case cost those that count no more."""
        every, mine = self._every, self.series
        hidden = [
            (any(w for _, w, _ in demand.values()), expanded)
            for demand, _, expanded in (self._demand(x, alone=False) for x in (every, mine))
        ]
        few = every.count.sum() <= _MANY and separable(every.victims, additive_kinds())
        return few and hidden[0] == hidden[1]
