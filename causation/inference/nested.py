"""Deterministic integrals of the victims' evidence under one route, by nested quadrature.

Given the common latents of the route's sources, and the share published where something was
withheld, the fields of the victims are independent in every state of the linkage. Everything
else (linkage, reach, traits) is a product of integrals over one latent. The numbers are the same
on every machine; their error shows in twice the step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from causation import evidence
from causation.evidence.arrays import NUMPY
from causation.evidence.base import At, Route
from causation.evidence.dates import is_dated
from causation.evidence.fields import facts_of, fields_of
from causation.evidence.listing import clauses_of, needed_of
from causation.evidence.series import REACH, reached_share
from causation.inference.agreement import Registers, registers_of
from causation.inference.counting import Listed, Plan, identity_of
from causation.inference.dated import dated_of
from causation.inference.factors import (
    Factors,
    agreement_of,
    factors_of,
    grid_size,
    log_mean,
    log_published,
)
from causation.inference.laws import Unsuitable
from causation.inference.quadrature import FEW, Tables, implied

if TYPE_CHECKING:
    from causation.evidence.base import Kind, Victim
    from causation.inference.provenance import Claim

LN10 = math.log(10.0)
_PRUNED, _LARGE, _DEEP = 8_000, 40_000, 18.0
"""Nodes above which a grid is pruned, also where lists are expanded, and nats below the largest
value that count for nothing."""
_FAINTEST = 1e-240
"""Mean of a product, each factor of which is at most 1, that hangs on what has underflowed."""
_CACHED = 60_000
"""Nodes in all rows whose states are summed together: their factors stay in the cache."""
_TABLED = 40_000_000
"""Numbers that the tables of all fields may have where the grid is every fourth node."""
_LARGEST = 8_000_000
"""Nodes in all states beyond which sampling takes less, where values were compared."""
_CAUTION = 3.0
"""Factor on the squared difference that twice the step makes, as the error of the step taken."""


def additive_kinds() -> frozenset[str]:
    """Kinds whose log factor is a sum of terms that read one latent each; and the fields."""
    return frozenset(k.name for k in evidence.KINDS if k.additive) | {"fields"}


def demand_of(
    victims: Sequence[Victim], count: np.ndarray
) -> tuple[dict[str, tuple[float, float, float]], frozenset[str], float]:
    """What nodes have to do for; custodians with others than users; the most on a list.

    By field: of how many victims it was published and withheld, and of how many of the former a
    value was compared, which may say that a source did not supply it. A list by any of several
    fields draws at them as if they had been withheld.
    """
    found = {f: [0.0, 0.0, 0.0] for f in fields_of(victims)}
    lists: dict[frozenset[str], float] = {}
    for v, n in zip(victims, count.tolist(), strict=True):
        facts = facts_of(v)
        for c in clauses_of(facts):
            if len(c) > 1:
                lists[c] = lists.get(c, 0.0) + n
                for f in c:
                    found[f][1] += n
        needed = needed_of(facts)  # of a stranger to the series these count too
        for f in facts.published:
            found[f][0] += min(n, 1.0) if f in needed else n
        for f in facts.withheld:
            found[f][1] += n
        for g in {g for r in registers_of(v) for _, by, _ in r.compared for g in by}:
            found[g][2] += n
    strangers = frozenset().union(*(facts_of(v).stranger_to for v in victims))
    demand = {f: (p, w, c) for f, (p, w, c) in found.items()}
    return demand, strangers, max(lists.values(), default=0.0)


class Nest:
    """Integrals of a series under one route, for some rows.

    Parameters
    ----------
    tables : Tables
    plan : Plan
    route : Route
    rows : ndarray of int
    log_b : ndarray, shape (S, U)
        Log probability of each uncertain victim if he is not linked.
    reach : str
        Path of the reach of the entrance.
    unlike : tuple of ndarray of int and (ndarray of int or None)
        Those U of the rows between which the fields' factors differ, and for each row which of
        them it is; None where all differ.
    """

    def __init__(
        self,
        tables: Tables,
        plan: Plan,
        route: Route,
        rows: np.ndarray,
        *,
        log_b: np.ndarray,
        reach: str,
        unlike: tuple[np.ndarray, np.ndarray | None],
    ) -> None:
        self.tables, self.plan, self.route, self.rows = tables, plan, route, rows
        self.reach, self.victims = reach, plan.series.victims
        self.unlike, self._back = unlike
        registers = plan.stand.registers
        self.factors = factors_of(
            tables, route, self.unlike, hidden=tables.withheld > 0.0, registers=registers
        )
        self._part, self._states = plan, np.arange(len(plan.count))
        self._others = np.zeros((1, len(plan.count)))
        self.roughness = 0.0
        self._rough: Any = np.zeros(len(plan.count))  # of the scalars, by state
        self.log_weight = self._scalars(log_b)
        most = _LARGE if tables.expanded else self.most
        if grid_size(tables, route, registers) > most:
            self.factors = self._pruned()
        if registers.mixed and self.factors.size * len(plan.count) > _LARGEST:
            raise Unsuitable
        self._sums = self.log_sums()
        self.by_state = self._wide(self._sums)

    block = 1
    """States that are taken together."""
    large: int | None = None
    """Victim between numbers of whose like sums are interpolated, from none of them on."""
    most: float = _PRUNED
    """Nodes above which those without weight are left out."""

    def _wide(self, found: np.ndarray) -> np.ndarray:
        """From the rows between which the fields' factors differ to all, shape (S, ...)."""
        return found if self._back is None else found[self._back]

    @cached_property
    def value(self) -> np.ndarray:
        """Log evidence (natural), shape (S,)."""
        whole = self.spread(self.log_weight + self.by_state)
        result: np.ndarray = np.logaddexp.reduce(whole, axis=1)
        return result

    def spread(self, log_f: np.ndarray) -> np.ndarray:
        """Log of every state's part of the sum, from that at the plan's states."""
        return log_f

    def linked(self, sort: tuple[int, int]) -> np.ndarray:
        """Share of a victim's like who belong to the series, in a cell of dates, by state."""
        place = self.plan.stand.sorts.index(sort)
        result: np.ndarray = self.plan.sorted[:, place] / self.plan.series.count[sort[0]]
        return result

    @cached_property
    def error(self) -> float:
        """Standard error of log10 that twice the step of every latent implies."""
        return _CAUTION * (self.roughness + sum(self.factors.rough.values())) / LN10

    def _scalars(self, log_b: np.ndarray) -> np.ndarray:
        """Log weight of every state, all that does not hang on the fields included."""
        plan, tables = self.plan, self.tables
        log_w = tables.shared(self._read_by_weight(), self.rows, self._weight_of)
        with np.errstate(invalid="ignore"):
            log_w = log_w + _weighed(log_b, plan.apart)
        if not self.factors.with_share:
            log_w += log_published(tables, self.rows, plan.power)
        return np.asarray(log_w)

    def _read_by_weight(self) -> list[int]:
        """Columns that the weights of states read, but for strangers and what was published."""
        if len(self.rows) <= FEW:
            return []
        kept, name = (
            self.tables.kept,
            ("read", identity_of(self.plan.series), self.route.name, self.reach),
        )
        if name not in kept:
            read: set[int] = set()
            at, zero = self._at(self.rows[:1], {}, read), {"kappa": 0.0, REACH: 0.0}
            for v in self.victims:
                if v.linkage == "latent":
                    _linkage(replace(at, z=zero))
                elif v.linkage is not None:
                    at.mean(str(v.linkage))
            if any(v.attempt for v in self.victims):
                reached_share(self.reach, replace(at, z=zero))
            for kind in evidence.KINDS:
                if kind.additive:
                    kind.log_factor(self.victims, self.route, at)
            read |= {*self._registers.columns(self.tables.places)}
            kept[name] = sorted({*read, *dated_of(self.tables, self.victims, self.route).read})
        columns: list[int] = kept[name]
        return columns

    def _weight_of(self, rows: np.ndarray) -> np.ndarray:
        """Log weight of every state by its linkage, reach and attributes, shape (R, K)."""
        plan, victims = self.plan, self.victims
        total = plan.series.count
        log_w = np.repeat(plan.log_ways[None], len(rows), axis=0)
        at = self._at(rows, {})
        own = [i for i, v in enumerate(victims) if v.linkage not in (None, "latent")]
        for i in own:
            kappa = at.mean(str(victims[i].linkage))[:, 0]
            pair = np.stack([kappa, 1.0 - kappa], axis=-1)
            both = np.stack([plan.count[:, i], total[i] - plan.count[:, i]], axis=1)
            with np.errstate(divide="ignore"):
                log_w += _weighed(np.log(pair), both)
        series = [i for i, v in enumerate(victims) if v.linkage == "latent"]
        if series:
            both = self._split(series)
            log_w = log_w + self._kept(
                ("kappa", both.tobytes(), rows.tobytes()),
                lambda: self._share(rows, _linkage, "kappa", both),
            )
        chosen = [i for i, v in enumerate(victims) if v.attempt]
        if chosen:
            both = self._split(chosen)
            log_w += self._share(rows, lambda a: reached_share(self.reach, a), REACH, both)
        for kind in evidence.KINDS:
            if kind.additive:
                log_w += self._additive(rows, kind)
        if compared := self._registers.by_itself(victims):
            counted = {x: plan.count @ both for x, both in compared.items()}
            value, rough = log_compared(self.tables, self._registers, rows, counted)
            self._rough, log_w = self._rough + rough, log_w + value
        if any(map(is_dated, victims)):
            dated = dated_of(self.tables, victims, self.route)
            log_w = log_w + dated.log_chance(plan.sorted, rows)
        return log_w

    @property
    def _registers(self) -> Registers:
        return self.plan.stand.registers

    def _split(self, victims: Sequence[int]) -> np.ndarray:
        """Of some sorts together, how many belong to the series and how many do not, (K, 2)."""
        inside = self.plan.count[:, victims].sum(axis=1)
        return np.stack([inside, self.plan.series.count[victims].sum() - inside], axis=1)

    def _at(self, rows: np.ndarray, z: Mapping[str, Any], read: set[int] | None = None) -> At:
        return _at(self.tables, rows, z, read)

    def _share(
        self, rows: np.ndarray, share: Callable[[At], Any], latent: str, count: np.ndarray
    ) -> np.ndarray:
        """Log mean of powers of a share and its complement."""
        value, rough = log_powers(self.tables, share, latent, count, rows)
        self._rough = self._rough + rough
        return value

    def _kept(self, key: Hashable, find: Callable[[], np.ndarray]) -> np.ndarray:
        """What is the same under several routes is computed once."""
        if key not in self.tables.kept:
            before = self._rough
            self.tables.kept[key] = find(), self._rough - before
        else:
            self._rough = self._rough + self.tables.kept[key][1]
        found: np.ndarray = self.tables.kept[key][0]
        return found

    def _mean(self, terms: Callable[[np.ndarray], np.ndarray], count: np.ndarray) -> np.ndarray:
        value, rough = log_mean(self.tables, terms, count)
        self._rough = self._rough + rough
        return value

    def _additive(self, rows: np.ndarray, kind: Kind) -> np.ndarray:
        """Log mean of a kind's factor, latent by latent."""
        route, victims, count = self.route, self.victims, self.plan.count
        names = kind.latents(victims, route)

        zero, read = {n: np.zeros(1) for n in names}, set[int]()

        def factor(z: Mapping[str, Any], size: int) -> np.ndarray:
            at = self._at(rows, zero | dict(z), read)
            found = np.asarray(kind.log_factor(victims, route, at))
            whole: np.ndarray = np.broadcast_to(found, (len(rows), size, len(victims)))
            return whole

        def find() -> np.ndarray:
            total = np.asarray(middle[:, 0] @ count.T, float)
            for name in names:

                def terms(z: np.ndarray, name: str = name) -> np.ndarray:
                    mine: np.ndarray = factor({name: z}, z.shape[-1]) - middle
                    return mine

                total = total + self._mean(terms, count)
            return total

        if not any(kind.name in v.facts for v in victims):
            return np.zeros((len(rows), len(count)))
        middle = factor({}, 1)  # most routes have it the same, of the same numbers
        facts = tuple(v.facts.get(kind.name) for v in victims)
        asked = kind.name, facts, names, frozenset(read), middle.tobytes()
        return self._kept((*asked, rows.tobytes(), count.tobytes()), find)

    def log_sums(
        self, sort: tuple[int, int] | None = None, sets: Mapping[str, Any] | None = None
    ) -> Any:
        """Log mean of the fields' product in every state, shape (U, K).

        Parameters
        ----------
        sort : tuple of int, optional
            Who, in which cell of his dates, is to have had some fields from just these suppliers.
        sets : mapping of str to frozenset
            Of these fields, by which sets of suppliers.
        """
        rows, states = len(self.unlike), len(self._states)
        fixed, moving, log_scale, gaps = self._tables(sort, sets or {})
        base = self._flat(self.factors.weight() * fixed)
        wider = [self.factors.weight(rule)[:1] * fixed[:1] for rule in ("half", "quarter")]
        rules = np.concatenate([self._flat(x) for x in wider]).T
        alike = not moving and not self.factors.with_share  # in all states
        mean, rough, laws = np.empty((rows, states)), np.empty((2, states)), np.zeros((2, states))
        step = states if alike else max(1, _CACHED // (rows * base.shape[1]))
        for first in range(0, states, step):
            some = slice(first, first + step)
            whole = self._flat(self._moved(moving, slice(1) if alike else some))
            mean[:, some] = (whole @ base[..., None])[..., 0]
            if sort is None:
                rough[:, some] = (whole[0] @ rules).T
                if gaps is not None:
                    share = whole[0] * base[0]
                    here = self._flat(gaps if gaps.shape[1] == 1 else gaps[:, some])
                    laws[:, some] = (here * share).sum(axis=2) / np.maximum(
                        share.sum(axis=1), 1e-300
                    )
        with np.errstate(divide="ignore"):
            result = np.log(mean) + log_scale
        if np.isnan(result).any() or np.isposinf(result).any():
            raise Unsuitable
        if sort is None:
            self._sure(mean, log_scale)
            self._note(rough, mean[0], result[0], laws)
        if states == len(self.plan.count):
            return result
        found = self._others.copy()
        if sort is not None:  # as it is in the nearest of those that count
            known = self._sums[:, self._states]
            found += np.where(np.isfinite(known), result - known, -np.inf)[:, self._nearest()]
        found[:, self._states] = result
        return found

    def _sure(self, mean: np.ndarray, log_scale: np.ndarray) -> None:
        """See that no state counts in which what was multiplied is less than any double.

        Peaks of factors may lie so far apart, or so many deviations out, that nothing is left.
        """
        faint = self._wide((mean < _FAINTEST) & np.isfinite(log_scale))
        if faint.any():
            most = self._wide(np.log(np.maximum(mean, _FAINTEST)) + log_scale)
            most = most + self.log_weight[:, self._states]
            least = np.where(faint, -np.inf, most).max(axis=1, keepdims=True) - 2.0 * _DEEP
            if (faint & (most > least)).any():
                raise Unsuitable

    def _flat(self, x: np.ndarray) -> np.ndarray:
        """The axes of the grid, of which some may have one place for all, as one."""
        head, grid = x.shape[:-3], self.factors.weight().shape[-3:]
        whole = x if x.shape[-3:] == grid else np.broadcast_to(x, (*head, *grid))
        return whole.reshape(*head, -1)

    def _tables(
        self, sort: tuple[int, int] | None, sets: Mapping[str, Any]
    ) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]], np.ndarray, np.ndarray | None]:
        """Product of what is the same in all states, the rest by field, log scales (U, K).

        The rest with which of its tables every state has. Last what the nodes of laws leave open.
        """
        plan, factors = self._part, self.factors
        gaps: Any = None
        log_scale = np.zeros((len(self.unlike), len(plan.count)))
        fixed: Any = np.ones((1, 1, 1, 1))
        moving: list[tuple[np.ndarray, np.ndarray]] = []
        for f, (keys, place) in plan.different.items():
            table = factors(f, tuple(self._asked(k, f, sort, sets) for k in keys))
            log_scale += table.log_scale[:, place]
            if table.gaps is not None:
                gaps = table.gaps[:, place] + (0.0 if gaps is None else gaps)
            if len(keys) == 1:
                fixed = fixed * table.value[:, 0]
            else:
                moving.append((table.value, place))
        if factors.with_share:
            log_scale += plan.power * factors.log_omega.max(axis=1, keepdims=True)
        return fixed, moving, log_scale, gaps

    def _moved(self, moving: Sequence[tuple[np.ndarray, np.ndarray]], some: slice) -> np.ndarray:
        """Product of what differs from state to state, in some states, shape (U, K, Y, X, X')."""
        whole: Any = np.ones((1, 1, 1, 1, 1))
        if self.factors.with_share:
            log_omega = self.factors.log_omega[:, None]
            log_power = self._part.power[some, None] * (
                log_omega - log_omega.max(axis=2, keepdims=True)
            )
            whole = np.exp(log_power)[..., None, None]
        for value, place in moving:
            whole = whole * value[:, place[some]]
        return np.asarray(whole)

    def _pruned(self) -> Factors:
        """Factors on that part of the grid where every fourth node has weight.

        Other states than those that have weight there keep the sums of every fourth node.
        """
        whole = self.factors
        every = [x.coarse for x in whole.axes]
        every += [np.flatnonzero(x.quarter) for x in whole.lines]
        given: Any = {"hidden": whole.with_share, "registers": whole.registers}
        make = partial(factors_of, self.tables, self.route, self.unlike, **given)
        self.factors = make(nodes=tuple(every), rough=True)
        self._take(self._some_states())
        if self.factors.size * sum(len(k) for k, _ in self._part.different.values()) > _TABLED:
            raise Unsuitable
        fixed, moving, log_scale, _ = self._tables(None, {})
        weight = (self.factors.weight("quarter") * fixed)[:, None]
        shape = len(self.unlike), len(self._states)
        top, total = np.empty(shape), np.empty(shape)
        above = np.empty((*shape, *self.factors.weight().shape[1:]), bool)
        step = max(1, _CACHED // (len(self.unlike) * self.factors.size))
        for first in range(0, len(self._states), step):
            some = slice(first, first + step)
            mine = weight * self._moved(moving, some)
            top[:, some], total[:, some] = mine.max(axis=(2, 3, 4)), mine.sum(axis=(2, 3, 4))
            above[:, some] = mine > math.exp(-_DEEP) * top[:, some, None, None, None]
        self._sure(total, log_scale)
        nearest = self._nearest()
        with np.errstate(divide="ignore", invalid="ignore"):
            self._others = (np.log(total) + log_scale)[:, nearest]
            heavy = self._heavy(self._wide(np.log(top) + log_scale)[:, nearest] + self.log_weight)
        inside = np.zeros(above.shape[2:], bool)
        back = np.arange(len(self.rows)) if self._back is None else self._back
        for k, rows in enumerate(heavy[:, self._states].T):
            inside |= above[np.unique(back[rows]), k].any(axis=0)
        if not inside.any():
            self._take(np.arange(len(self.plan.count)))
            return whole
        inside = inside.reshape(*map(len, every))
        nodes = []
        for axis, places in enumerate(every):
            here = np.flatnonzero(
                inside.any(axis=tuple(a for a in range(inside.ndim) if a != axis))
            )
            first, last = max(here[0] - 1, 0), min(here[-1] + 1, len(places) - 1)
            low = 0 if first == 0 else int(places[first])
            high = None if last == len(places) - 1 else int(places[last]) + 1
            nodes.append(slice(low, high))
        self._take(np.flatnonzero(heavy.any(axis=0)))
        return make(nodes=tuple(nodes))

    def _nearest(self) -> np.ndarray:
        """For every state of the plan the last before it of those that are summed over."""
        place, within = np.divmod(np.arange(len(self.plan.count)), self.block)
        known = self._states[:: self.block] // self.block
        before = np.maximum(np.searchsorted(known, place, "right") - 1, 0)
        result: np.ndarray = before * self.block + within
        return result

    def _take(self, states: np.ndarray) -> None:
        """Sum over some states."""
        kept, key = self.tables.kept, (self.plan, states.tobytes())
        if key not in kept:
            every = len(states) == len(self.plan.count)
            kept[key] = self.plan if every else self.plan.take(states)
        self._states, self._part = states, kept[key]

    def _some_states(self) -> np.ndarray:
        """States that show where the others have weight."""
        return np.arange(len(self.plan.count))

    def _heavy(self, log_mass: np.ndarray) -> np.ndarray:
        """Which states count, (S, K), by the log of their largest parts, shape (S, K)."""
        result: np.ndarray = log_mass > log_mass.max(axis=1, keepdims=True) - _DEEP
        return result

    def _note(
        self, wider: np.ndarray, mean: np.ndarray, log_sum: np.ndarray, laws: np.ndarray
    ) -> None:
        """Error that twice and four times the steps imply."""
        weight = self.log_weight[0, self._states] + log_sum
        top = weight.max(initial=-np.inf)
        if not np.isfinite(top):
            return
        share = np.exp(weight - top)
        ratio = np.divide(wider, mean, out=np.ones_like(wider), where=mean > 0.0)
        off, far = np.abs((ratio - 1.0) @ share / share.sum())
        self.roughness += implied(off, far) + implied(*(laws @ share / share.sum()))
        self.roughness += float(self._rough[self._states] @ share / share.sum())

    def _asked(
        self, key: Any, field: str | Listed, sort: tuple[int, int] | None, sets: Mapping[str, Any]
    ) -> tuple[Any, Any]:
        """Key of a field in a state when somebody had it from some suppliers."""
        if isinstance(field, Listed):
            pairs = zip(key[1], field.fields, strict=True)
            keys, extras = zip(*(self._asked(k, f, sort, sets) for k, f in pairs), strict=True)
            return (key[0], keys), extras
        if sort is None or field not in sets:
            return key, None
        stand, victim = self.plan.stand, self.victims[sort[0]]
        how = stand.config(sort, field), stand.registers.compared(victim, field)
        counts = {(c, compared): (p, w) for c, compared, p, w in key}
        p, w = counts.get(how, (0, 0))
        # that it put somebody on a list may outweigh that it was published of him
        unseen = p < 1 and (how[1] or field not in self._listing)
        if unseen and sort[0] != self.large:  # he does not count there
            return key, None
        counts[how] = (p - 1, w)
        less = tuple((*c, *n) for c, n in sorted(counts.items()) if n != (0, 0))
        return less, (*how, sets[field])

    @cached_property
    def _listing(self) -> frozenset[str]:
        """Fields without which somebody would not be on his list."""
        return frozenset().union(*(needed_of(facts_of(v)) for v in self.victims))

    def means(self, claims: Sequence[Claim]) -> np.ndarray:
        """Posterior means of claims, shape (S, Q)."""
        top = np.where(np.isfinite(self.value), self.value, 0.0)[:, None]
        share = np.exp(self.spread(self.log_weight + self.by_state) - top)
        columns = []
        for claim in claims:
            total: Any = np.zeros(len(self.rows))
            cells = [x for x in self.plan.stand.sorts if x[0] == claim.victim]
            for sort in cells:
                linked: Any = self.linked(sort) if claim.linked or len(cells) > 1 else 1.0
                for coefficient, sets in claim.event.terms:
                    part = share
                    if sets:
                        log_sums = self._wide(self.log_sums(sort, dict(sets)))
                        part = np.exp(self.spread(self.log_weight + log_sums) - top)
                    total = total + coefficient * (part * linked).sum(axis=1)
            columns.append(total)
        return np.stack(columns, axis=-1)


def _linkage(at: At) -> Any:
    return at.share("actor.linkage", "kappa")


def _weighed(log_x: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Sum of logs by counts, shape (S, K); nothing to the power 0 is 1."""
    if count.shape[1] == 0:
        return np.zeros((len(log_x), len(count)))
    with np.errstate(invalid="ignore"):
        parts = np.where(count > 0, log_x[:, None, :] * count, 0.0)
    result: np.ndarray = parts.sum(axis=-1)
    return result


def _at(tables: Tables, rows: np.ndarray, z: Mapping[str, Any], read: set[int] | None = None) -> At:
    center, sd = tables.center[rows][:, None], tables.sd[rows][:, None]
    return At(NUMPY, tables.places, center, sd, z, read)


def log_powers(
    tables: Tables, share: Callable[[At], Any], latent: str, count: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, Any]:
    """Log mean of powers of a share and its complement, and its roughness by state.

    Parameters
    ----------
    count : ndarray, shape (K, 2)
    """

    def terms(z: np.ndarray) -> np.ndarray:
        p = np.broadcast_to(share(_at(tables, rows, {latent: z})), (len(rows), z.shape[-1]))
        both: np.ndarray = np.log(np.maximum(np.stack([p, 1.0 - p], axis=-1), 1e-300))
        return both

    return log_mean(tables, terms, count)


def log_compared(
    tables: Tables, registers: Registers, rows: np.ndarray, count: Mapping[str, np.ndarray]
) -> tuple[Any, Any]:
    """Log mean of what was compared and does not hang on who supplied it, and its roughness.

    Parameters
    ----------
    count : mapping of str to ndarray, shape (K, 2)
        By register or field, values that agree and that differ.
    """
    total, roughness = np.zeros((len(rows), 1)), np.zeros(1)
    for latent in [x for x in count if x in registers.latents]:

        def share(at: At, latent: str = latent) -> Any:
            return at.share("agreement.own", latent)

        value, rough = log_powers(tables, share, latent, count[latent], rows)
        total, roughness = total + value, roughness + rough
    if others := {x: both for x, both in count.items() if x not in registers.latents}:
        value, rough = agreement_of(tables, registers).log_elsewhere(others, rows)
        total, roughness = total + value, roughness + rough
    return total, roughness
