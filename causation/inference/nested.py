"""Deterministic integrals of the victims' evidence under one route, by nested quadrature.

Given the common latents of the route's sources, and the share published where something was
withheld, the fields of the victims are independent in every state of the linkage. Everything
else (linkage, reach, traits) is a product of integrals over one latent. The numbers are the same
on every machine; their error shows in twice the step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causation import evidence
from causation.evidence.arrays import NUMPY
from causation.evidence.base import At, Route
from causation.evidence.fields import facts_of, fields_of
from causation.evidence.series import REACH, reached_share
from causation.inference.counting import Plan, config_of, polynomial
from causation.inference.integrate import Integral
from causation.inference.quadrature import Tables, stacked

if TYPE_CHECKING:
    from causation.evidence.base import Kind, Victim
    from causation.inference.counting import Extra, Key, Terms
    from causation.inference.provenance import Claim

__all__ = [
    "Factors",
    "Nest",
    "Unsuitable",
    "additive_kinds",
    "demand_of",
    "integrate_nested",
    "log_singles",
]

LN10 = math.log(10.0)
_LARGEST = 3_000_000
_KEPT = 50_000
_CAUTION = 3.0
"""Factor on the squared difference that twice the step makes, as the error of the step taken."""


class Unsuitable(Exception):  # noqa: N818 - taken as an answer
    """Numbers for which the nodes do not do."""


def additive_kinds() -> frozenset[str]:
    """Kinds whose log factor is a sum of terms that read one latent each; and the fields."""
    return frozenset(k.name for k in evidence.KINDS if k.additive) | {"fields"}


def demand_of(
    victims: Sequence[Victim], count: np.ndarray
) -> tuple[dict[str, tuple[float, float]], frozenset[str]]:
    """By field, of how many it was published and withheld; custodians with others than users."""
    found = {f: [0.0, 0.0] for f in fields_of(victims)}
    for v, n in zip(victims, count.tolist(), strict=True):
        facts = facts_of(v)
        for f in facts.published:
            found[f][0] += n
        for f in facts.withheld:
            found[f][1] += n
    strangers = frozenset().union(*(facts_of(v).stranger_to for v in victims))
    return {f: (p, w) for f, (p, w) in found.items()}, strangers


@dataclass(frozen=True, eq=False)
class _Table:
    """A field's factor on the grid, shape (S, Y, U, X), over its largest value there."""

    value: np.ndarray
    log_scale: np.ndarray


class Factors:
    """Factors of the fields on the grid of one route, for some rows.

    Parameters
    ----------
    tables : Tables
    route : Route
    rows : ndarray of int
    hidden : bool
        Whether anything was withheld: then there are nodes for the share published.
    """

    def __init__(self, tables: Tables, route: Route, rows: np.ndarray, *, hidden: bool) -> None:
        self.tables, self.route, self.rows = tables, route, rows
        self.lines = [tables.line(s) for s in route.sources]
        at = tables.at()
        m, s = (x("actor.publishes")[rows] for x in (at.middle, at.spread))
        self.share = tables.publishing(m, s, route.sources)
        x = m[:, None] + s[:, None] * self.share.z
        self.log_omega = -np.logaddexp(0.0, -x)
        self.log_rest = -np.logaddexp(0.0, x)
        self.with_share = hidden
        self.rough: dict[str, float] = {}
        self._memo: dict[tuple[str, Key, Extra], _Table] = {}

    def weight(self, rule: str = "weight") -> np.ndarray:
        """Weights of the grid by one of the rules of its lines, shape (Y, U, X)."""
        lines = [self.share] if self.with_share else []
        parts = [getattr(x, rule) for x in (*lines, *self.lines)]
        parts = parts if self.with_share else [np.ones(1), *parts]
        parts = [*parts, np.ones(1)] if len(parts) == 2 else parts
        result: np.ndarray = parts[0][:, None, None] * parts[1][:, None] * parts[2]
        return result

    def log_published(self, power: np.ndarray) -> np.ndarray:
        """Log mean of powers of the share published, shape (S, K)."""
        whole = power[:, None] * self.log_omega[:, None, :]
        top = whole.max(axis=-1, keepdims=True)
        result: np.ndarray = np.log(np.exp(whole - top) @ self.share.weight) + top[..., 0]
        return result

    def __call__(self, field: str, key: Key, extra: Extra = None) -> _Table:
        """Return a field's factor."""
        name = (field, key, extra)
        if name not in self._memo:
            value = self._direct(field, key, extra) if _divided(key) else self._sum(*name)
            top = value.reshape(len(value), -1).max(axis=1)
            if not np.isfinite(top).all() or ((top > 0.0) & (top < 1e-250)).any():
                raise Unsuitable
            if top.min() < 1e-10:
                with np.errstate(divide="ignore"):
                    log_scale = np.log(top)
                value = value / np.where(top > 0.0, top, 1.0)[:, None, None, None]
            else:
                log_scale = np.zeros(1)
            self._memo[name] = _Table(value, log_scale)
        return self._memo[name]

    def _sum(self, field: str, key: Key, extra: Extra) -> np.ndarray:
        terms = polynomial(key, extra, len(self.route.sources))
        if not terms.coefficient.size:
            return np.zeros((1, 1, 1, 1))
        sides = [
            stacked(self.tables, s, field, every, self.rows)
            for s, every in zip(self.route.sources, terms.powers, strict=True)
        ]
        rough = max(
            self.tables.rough[s.name, field, powers]
            for s, every in zip(self.route.sources, terms.powers, strict=True)
            for powers in every
        )
        self.rough[field] = max(self.rough.get(field, 0.0), rough)
        left = sides[0][:, None] * self._coefficients(terms)[:, :, None, :]
        if len(sides) == 1:
            result: np.ndarray = left.sum(axis=-1)[..., None]
            return result
        product: np.ndarray = left @ sides[1].swapaxes(1, 2)[:, None]
        return product

    def _coefficients(self, terms: Terms) -> np.ndarray:
        """Coefficients at every share published, shape (S, Y, T)."""
        if not terms.publishes:
            return terms.coefficient[None, None]
        log_c = self.log_omega[..., None] * terms.omega + self.log_rest[..., None] * terms.rest
        result: np.ndarray = np.exp(log_c) * terms.coefficient
        return result

    def _direct(self, field: str, key: Key, extra: Extra) -> np.ndarray:
        """On the nodes of both sources' own latents: where a field published defined the list.

        Axes are rows, share published, then the common and the own latent of either source.
        """
        shares = [self.tables.share(s, field) for s in self.route.sources]
        row = slice(None)
        wide = ((row, None, row, row, None, None), (row, None, None, None, row, row))
        has, lacks = (
            [
                [y[x.row[self.rows]][w] for y in getattr(x, side)]
                for x, w in zip(shares, wide, strict=True)
            ]
            for side in ("has", "lacks")
        )
        omega = np.exp(self.log_omega)[:, :, None, None, None, None]
        total: Any = 1.0
        for config, published, withheld in key:
            neither = lacks[0][config[0]] * lacks[1][config[1]]
            total = total * (1.0 - neither) ** published
            if withheld:
                total = total * (1.0 - omega * (1.0 - neither)) ** withheld
        if extra is not None:
            config, sets = extra
            sides = (lacks, has)
            total = total * sum(
                sides[first][0][config[0]] * sides[second][1][config[1]]
                for first, second in sorted(sets)
            )
        result: np.ndarray = np.einsum("...cxd,c,d->...x", total, *(x.weight for x in shares))
        return result


def grid_size(tables: Tables, route: Route) -> int:
    """Nodes of a route's grid."""
    size = math.prod(len(tables.line(s).z) for s in route.sources)
    if not tables.withheld:
        return size
    at = tables.at()
    m, s = at.middle("actor.publishes"), at.spread("actor.publishes")
    return size * len(tables.publishing(m, s, route.sources).z)


def factors_of(tables: Tables, route: Route, rows: np.ndarray, *, hidden: bool) -> Factors:
    """Factors of a route for some rows; where they are small they are kept."""
    key = (route.name, hidden, rows.tobytes())
    kept: Factors | None = tables.kept.get(key)
    if kept is not None:
        return kept
    found = Factors(tables, route, rows, hidden=hidden)
    if len(rows) * grid_size(tables, route) < _KEPT:
        tables.kept[key] = found
    return found


def _divided(key: Key) -> bool:
    return any(published < 0 for _, published, _ in key)


def _log_mean(
    tables: Tables, terms: Callable[[np.ndarray], np.ndarray], count: np.ndarray
) -> tuple[np.ndarray, float]:
    """Log mean of ``exp(count @ terms)`` over one latent, shape (S, K), and its roughness.

    Parameters
    ----------
    terms : callable
        From nodes (N,) to log terms (S, N, T).
    count : ndarray, shape (K, T)
    """
    probe = np.ascontiguousarray(terms(np.linspace(-8.0, 8.0, 17)))
    key = (_log_mean, probe.tobytes(), count.tobytes())
    if key not in tables.kept:  # routes that start alike have the same
        slope = float(np.abs(np.diff(probe, axis=1)).max(initial=0.0))
        tables.kept[key] = _log_mean_at(tables, terms, count, slope)
    found: tuple[np.ndarray, float] = tables.kept[key]
    return found


def _log_mean_at(
    tables: Tables, terms: Callable[[np.ndarray], np.ndarray], count: np.ndarray, slope: float
) -> tuple[np.ndarray, float]:
    most = float(count.sum(axis=1).max(initial=0.0))
    if slope == 0.0 or most == 0.0:
        return terms(np.zeros(1))[:, 0] @ count.T, 0.0
    away = min(most * slope, 40.0)
    nodes = tables.nodes(slope, 1.0 + most * slope**2 / 4.0, away, away)
    whole = terms(nodes.z) @ count.T
    top = whole.max(axis=1, keepdims=True)
    w = np.exp(whole - top)
    mean = np.einsum("snk,n->sk", w, nodes.weight)
    off = np.abs(nodes.half @ w[0] / np.maximum(mean[0], 1e-300) - 1.0)
    with np.errstate(divide="ignore"):
        value: np.ndarray = np.log(mean) + top[:, 0]
        return value, float(off.min(initial=1.0)) ** 2


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
    ) -> None:
        self.tables, self.plan, self.route, self.rows = tables, plan, route, rows
        self.reach, self.victims = reach, plan.series.victims
        self.factors = factors_of(tables, route, rows, hidden=tables.withheld > 0.0)
        self.roughness = 0.0
        self.log_weight = self._scalars(log_b)
        self.by_state = self.log_sums()

    @cached_property
    def value(self) -> np.ndarray:
        """Log evidence (natural), shape (S,)."""
        result: np.ndarray = np.logaddexp.reduce(self.log_weight + self.by_state, axis=1)
        return result

    @cached_property
    def error(self) -> float:
        """Standard error of log10 that twice the step of every latent implies."""
        return _CAUTION * (self.roughness + sum(self.factors.rough.values())) / LN10

    def _scalars(self, log_b: np.ndarray) -> np.ndarray:
        """Log weight of every state, all that does not hang on the fields included."""
        plan, victims = self.plan, self.victims
        total = plan.series.count
        log_w = np.repeat(plan.log_ways[None], len(self.rows), axis=0)
        uncertain = [i for i, v in enumerate(victims) if v.linkage is not None]
        apart = total[uncertain] - plan.count[:, uncertain]
        with np.errstate(invalid="ignore"):
            log_w = log_w + _weighed(log_b, apart)
        at = At(NUMPY, self.tables.places, self.tables.center[self.rows],
                self.tables.sd[self.rows], {})  # fmt: skip
        own = [(n, i) for n, i in enumerate(uncertain) if victims[i].linkage != "latent"]
        for n, i in own:
            kappa = at.mean(str(victims[i].linkage))
            pair = np.stack([kappa, 1.0 - kappa], axis=-1)
            with np.errstate(divide="ignore"):
                log_w += _weighed(np.log(pair), np.stack([plan.count[:, i], apart[:, n]], axis=1))
        series = [i for i in uncertain if victims[i].linkage == "latent"]
        if series:
            both = np.stack([plan.count[:, series].sum(axis=1),
                             (total - plan.count)[:, series].sum(axis=1)], axis=1)  # fmt: skip
            log_w = log_w + self._kept("kappa", both, lambda: self._share(_linkage, "kappa", both))
        chosen = [i for i, v in enumerate(victims) if v.attempt]
        if chosen:
            both = np.stack([plan.count[:, chosen].sum(axis=1),
                             (total - plan.count)[:, chosen].sum(axis=1)], axis=1)  # fmt: skip
            log_w += self._share(lambda a: reached_share(self.reach, a), REACH, both)
        for kind in evidence.KINDS:
            if kind.additive:
                log_w += self._additive(kind)
        if not self.factors.with_share:
            log_w += self.factors.log_published(plan.power)
        return np.asarray(log_w)

    def _at(self, z: Mapping[str, Any]) -> At:
        tables = self.tables
        center, sd = tables.center[self.rows][:, None], tables.sd[self.rows][:, None]
        return At(NUMPY, tables.places, center, sd, z)

    def _share(self, share: Callable[[At], Any], latent: str, count: np.ndarray) -> np.ndarray:
        """Log mean of powers of a share and its complement."""

        def terms(z: np.ndarray) -> np.ndarray:
            p = np.broadcast_to(share(self._at({latent: z})), (len(self.rows), len(z)))
            both: np.ndarray = np.log(np.maximum(np.stack([p, 1.0 - p], axis=-1), 1e-300))
            return both

        return self._mean(terms, count)

    def _kept(self, what: str, count: np.ndarray, find: Callable[[], np.ndarray]) -> np.ndarray:
        """What is the same under several routes is computed once."""
        key = (what, count.tobytes(), self.rows.tobytes())
        if key not in self.tables.kept:
            before = self.roughness
            self.tables.kept[key] = find(), self.roughness - before
        else:
            self.roughness += self.tables.kept[key][1]
        found: np.ndarray = self.tables.kept[key][0]
        return found

    def _mean(self, terms: Callable[[np.ndarray], np.ndarray], count: np.ndarray) -> np.ndarray:
        value, rough = _log_mean(self.tables, terms, count)
        self.roughness += rough
        return value

    def _additive(self, kind: Kind) -> np.ndarray:
        """Log mean of a kind's factor, latent by latent."""
        route, victims, count = self.route, self.victims, self.plan.count
        names = kind.latents(victims, route)

        def factor(z: Mapping[str, Any], size: int) -> np.ndarray:
            zero = {n: np.zeros(1) for n in names} | dict(z)
            found = np.asarray(kind.log_factor(victims, route, self._at(zero)))
            whole: np.ndarray = np.broadcast_to(found, (len(self.rows), size, len(victims)))
            return whole

        if not any(kind.name in v.facts for v in victims):
            return np.zeros((len(self.rows), len(count)))
        middle = factor({}, 1)
        total = np.asarray(middle[:, 0] @ count.T, float)
        for name in names:

            def terms(z: np.ndarray, name: str = name) -> np.ndarray:
                mine: np.ndarray = factor({name: z}, len(z)) - middle
                return mine

            total = total + self._mean(terms, count)
        return total

    def log_sums(self, victim: int | None = None, sets: Mapping[str, Any] | None = None) -> Any:
        """Log mean of the fields' product in every state, shape (S, K).

        Parameters
        ----------
        victim : int, optional
            Who is to have had some fields from just these suppliers.
        sets : mapping of str to frozenset
            Of these fields, by which sets of suppliers.
        """
        plan, factors = self.plan, self.factors
        states, rows = len(plan.count), len(self.rows)
        fixed: Any = factors.weight()[None]
        wider = [factors.weight(rule)[None] for rule in ("half", "quarter")]
        log_scale = np.zeros((rows, states))
        moving: list[list[_Table]] = []
        for f, keys in zip(plan.fields, plan.keys, strict=True):
            found = [factors(f, *self._asked(key, f, victim, sets or {})) for key in keys]
            log_scale += np.stack([np.broadcast_to(t.log_scale, rows) for t in found], axis=1)
            if all(t is found[0] for t in found):
                fixed = fixed * found[0].value
                if victim is None:
                    wider = [w * found[0].value[:1] for w in wider]
            else:
                moving.append(found)
        mean, rough = np.empty((rows, states)), np.empty((2, states))
        for k in range(states):
            whole: Any = 1.0
            for found in moving:
                whole = whole * found[k].value
            if factors.with_share:
                log_power = plan.power[k] * factors.log_omega
                top = log_power.max(axis=1, keepdims=True)
                whole = whole * np.exp(log_power - top)[:, :, None, None]
                log_scale[:, k] += top[:, 0]
            mean[:, k] = (fixed * whole).sum(axis=(1, 2, 3))
            first = whole if isinstance(whole, float) else whole[:1]
            if victim is None:
                rough[:, k] = [(w * first).sum() for w in wider]
        with np.errstate(divide="ignore"):
            result = np.log(mean) + log_scale
        if victim is None:
            self._note(rough, mean[0], result[0])
        return result

    def _note(self, wider: np.ndarray, mean: np.ndarray, log_sum: np.ndarray) -> None:
        """Error that twice and four times the step imply.

        It falls geometrically in one over the step where poles of the integrand decide, in one
        over its square where its width does: which of them shows in the two.
        """
        weight = self.log_weight[0] + log_sum
        top = weight.max(initial=-np.inf)
        if not np.isfinite(top):
            return
        share = np.exp(weight - top)
        ratio = np.divide(wider, mean, out=np.ones_like(wider), where=mean > 0.0)
        off, far = np.abs((ratio - 1.0) @ share / share.sum())
        power = 2.0
        if 0.0 < off < far < 1.0:
            power = min(max(math.log(off) / math.log(far), 2.0), 4.0)
        self.roughness += float(off**power)

    def _asked(
        self, key: Key, field: str, victim: int | None, sets: Mapping[str, Any]
    ) -> tuple[Key, Extra]:
        """Key of a field in a state when somebody had it from some suppliers."""
        if victim is None or field not in sets:
            return key, None
        config = self.plan.configs[victim]
        counts = {c: (p, w) for c, p, w in key}
        p, w = counts.get(config, (0, 0))
        counts[config] = (p - 1, w)
        less = tuple((c, *n) for c, n in sorted(counts.items()) if n != (0, 0))
        return less, (config, sets[field])

    def means(self, claims: Sequence[Claim]) -> np.ndarray:
        """Posterior means of claims, shape (S, Q)."""
        base = self.log_weight + self.by_state
        top = np.where(np.isfinite(self.value), self.value, 0.0)[:, None]
        share = np.exp(base - top)
        columns = []
        for claim in claims:
            linked: Any = 1.0
            if claim.linked:
                i = claim.victim
                linked = self.plan.count[:, i] / self.plan.series.count[i]
            total: Any = np.zeros(len(self.rows))
            for coefficient, sets in claim.event.terms:
                part = share
                if sets:
                    log_sums = self.log_sums(claim.victim, dict(sets))
                    part = np.exp(self.log_weight + log_sums - top)
                total = total + coefficient * (part * linked).sum(axis=1)
            columns.append(total)
        return np.stack(columns, axis=-1)


def integrate_nested(
    tables: Tables,
    plan: Plan,
    route: Route,
    rows: np.ndarray,
    *,
    log_b: np.ndarray,
    reach: str,
    claims: Sequence[Claim] = (),
) -> Integral | None:
    """Integrate some rows of the tables; None where the numbers do not do.

    Parameters
    ----------
    rows : ndarray of int, shape (S,)
    log_b : ndarray, shape (S, U)
        Log probability of each uncertain victim if he is not linked.
    reach : str
        Path of the reach of the entrance.
    claims : sequence of Claim
        Chances whose posterior means are wanted.
    """
    step = max(1, _LARGEST // (grid_size(tables, route) * (1 + len(plan.count) // 8)))
    values, means, errors = [], [], []
    try:
        for first in range(0, len(rows), step):
            some = slice(first, first + step)
            nest = Nest(tables, plan, route, rows[some], log_b=log_b[some], reach=reach)
            values.append(nest.value)
            means.append(nest.means(claims) if claims else None)
            errors.append(np.full(len(nest.value), nest.error))
    except Unsuitable:
        return None
    return Integral(
        np.concatenate(values),
        np.concatenate(errors),
        np.concatenate(means) if claims else None,  # type: ignore[arg-type]
        np.zeros(len(rows), bool),
    )


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


def log_singles(
    tables: Tables, victims: Sequence[Victim], route: Route, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log probability (natural) of single victims, and of what put each on the list, (S, V)."""
    found = {
        hidden: factors_of(tables, route, rows, hidden=hidden)
        for hidden in {bool(facts_of(v).withheld) for v in victims} | {False}
    }
    at = At(NUMPY, tables.places, tables.center[rows], tables.sd[rows], {})
    other: Any = np.zeros((len(rows), len(victims)))
    for kind in evidence.KINDS:
        if kind.additive:
            other = other + kind.log_factor(victims, route, at)
    mine, listed = [], []
    for v in victims:
        facts, config = facts_of(v), config_of(v, route)
        factors = found[bool(facts.withheld)]
        mine.append(_alone(factors, facts.published, facts.withheld, config))
        event = (*facts.all_of, *facts.any_of)
        listed.append(_alone(found[False], event, (), config))
    return np.stack(mine, axis=1) + other, np.stack(listed, axis=1)


def _alone(
    factors: Factors, published: Sequence[str], withheld: Sequence[str], config: tuple[int, ...]
) -> np.ndarray:
    """Log probability of one victim's fields, shape (S,)."""
    rows = len(factors.rows)
    if not published and not withheld:
        return np.zeros(rows)
    whole: Any = factors.weight()[None]
    log_scale: Any = np.zeros(rows)
    for names, key in ((published, ((config, 1, 0),)), (withheld, ((config, 0, 1),))):
        for f in names:
            table = factors(f, key)
            whole, log_scale = whole * table.value, log_scale + table.log_scale
    power = np.array([len(published)])
    if factors.with_share:
        whole = whole * np.exp(power * factors.log_omega)[:, :, None, None]
    else:
        log_scale = log_scale + factors.log_published(power)[:, 0]
    result: np.ndarray = np.log(whole.sum(axis=(1, 2, 3))) + log_scale
    return result
