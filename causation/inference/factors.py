"""Factors of the fields on the grid of one route: its common latents and the share published."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.inference.agreement import Agreement
from causation.inference.counting import Listed, polynomials
from causation.inference.interpolation import STENCIL, interpolated, rule_of
from causation.inference.laws import (
    Unsuitable,
    factor_means,
    is_large,
    law_of,
    power_means,
    sharpness_of,
)
from causation.inference.listed import log_listed
from causation.inference.quadrature import Axis, Tables

if TYPE_CHECKING:
    from causation.evidence.base import Route
    from causation.inference.agreement import Registers
    from causation.inference.counting import Extra, Key, Terms
    from causation.inference.laws import Law

_KEPT = 50_000
_CELLS = 2_000_000
"""Numbers that terms of sums have at a time, and factors of one more victim that are kept."""
_SHARE, _COMMON = "v", "alpha"
_SMOOTH = 1.35
"""Step of a latent between which the factor of a list is interpolated."""
_PEAKED, _FAR, _DEEP = 300, 45.0, 40.0
_DOUBLED = 12
"""Times that the reach is doubled at most: of ten million a peak is no farther than 13 000 out."""


@dataclass(frozen=True, eq=False)
class Table:
    """A field's factor on the grid in K states, shape (S, K, Y, U, X), over its largest value.

    `log_scale` has the logarithm of that, shape (S, K), and `gaps`, shape (2, K, Y, U, X), relative
    differences that twice and four times the steps of laws make in the first row.
    """

    value: np.ndarray
    log_scale: np.ndarray
    gaps: np.ndarray | None = None

    def take(self, place: int) -> Table:
        """That of one state."""
        one = slice(place, place + 1)
        gaps = None if self.gaps is None else self.gaps[:, one]
        return Table(self.value[:, one], self.log_scale[:, one], gaps)

    @cached_property
    def mirrored(self) -> Table:
        """With the sources the other way round."""
        gaps = None if self.gaps is None else self.gaps.swapaxes(3, 4)
        return Table(self.value.swapaxes(3, 4), self.log_scale, gaps)


class Factors:
    """Factors of the fields on the grid of one route, for some rows.

    Parameters
    ----------
    tables : Tables
    route : Route
    rows : ndarray of int
    hidden : bool
        Whether anything was withheld: then there are nodes for the share published.
    registers : Registers
        What was compared of the victims.
    nodes : tuple, optional
        Which nodes of each axis and of either source; all by default.
    mirror : Factors, optional
        Those of the chain of the same sources the other way round, on the same nodes.
    rough : bool
        Whether a tenth is near enough.

    Notes
    -----
    The first axis of the grid is that of all that no source has: the share published, and the
    shares in which values agree with registers.
    """

    def __init__(
        self,
        tables: Tables,
        route: Route,
        rows: np.ndarray,
        *,
        hidden: bool,
        registers: Registers,
        nodes: tuple[Any, ...] | None = None,
        mirror: Factors | None = None,
        rough: bool = False,
    ) -> None:
        self.tables, self.route, self.rows = tables, route, rows
        self._mirror, self._rough = mirror, rough
        self.hidden, self.registers = hidden, registers
        self.lines = [tables.line(s) for s in route.sources]
        axes = axes_of(tables, route, registers, hidden=hidden)
        self.names, self.axes = tuple(axes), list(axes.values())
        self._every = nodes is None
        self.nodes = nodes or (slice(None),) * (len(axes) + len(self.lines))
        places = [
            np.arange(x.weight.shape[1])[n] for x, n in zip(self.axes, self.nodes, strict=False)
        ]
        self.shape = tuple(map(len, places))
        self._at = [p.ravel() for p in np.meshgrid(*places, indexing="ij")] if places else []
        self.with_share = hidden
        self.log_omega = self.log_rest = np.zeros((1, 1))
        if hidden:
            self.log_omega, self.log_rest = self._logs(_SHARE)
        self.rough: dict[str, float] = {}
        self._weights: dict[str, np.ndarray] = {}
        self._memo: dict[Hashable, Table] = {}
        self.remembered, self._more = False, 0
        self._found: dict[Hashable, Any] = {}

    @property
    def size(self) -> int:
        """Nodes of the grid."""
        sides = zip(self.lines, self.nodes[len(self.axes) :], strict=True)
        return math.prod([*self.shape, *(len(x.z[n]) for x, n in sides)])

    def _logs(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Logs of a share and of its complement on the first axis, shape (S, Y)."""
        place = self.names.index(name)
        axis, at = self.axes[place], self._at[place]
        return axis.log_has[self.rows][:, at], axis.log_lacks[self.rows][:, at]

    def weight(self, rule: str = "weight") -> np.ndarray:
        """Weights of the grid by one of the rules of its lines, shape (S, Y, U, X); S may be 1."""
        if rule not in self._weights:
            first: Any = np.ones((1, 1))
            for axis, at in zip(self.axes, self._at, strict=True):
                mine = getattr(axis, rule)
                first = first * (mine if len(mine) == 1 else mine[self.rows])[:, at]
            nodes = self.nodes[len(self.axes) :]
            parts = [getattr(x, rule)[n] for x, n in zip(self.lines, nodes, strict=True)]
            sides = parts[0][:, None] * (parts[1] if len(parts) > 1 else 1.0)
            self._weights[rule] = first[..., None, None] * sides
        return self._weights[rule]

    def __call__(self, field: str | Listed, asked: tuple[tuple[Any, Any], ...]) -> Table:
        """Return a field's factor, or that of the fields of a list, in several states."""
        name = (field, asked)
        if name in self._memo:
            return self._memo[name]
        if self._mirror is not None and (turned := self._mirrored(self._mirror, field, asked)):
            found = turned
        elif isinstance(field, Listed):
            parts = [
                self._listed(field, total, keys, extra or (None,) * len(keys))
                for (total, keys), extra in asked
            ]
            found = _joined(parts)
        elif any(is_large(key) for key, _ in asked):
            found = self._larger(field, asked)
        else:
            found = self._sums(field, asked)
        if self.remembered:
            self.tables.grow(found.value.size)
        elif _is_extra(asked):
            self._more += found.value.size
            if self._more > _CELLS:
                return found
        self._memo[name] = found
        return found

    def _mirrored(
        self, other: Factors, field: str | Listed, asked: Sequence[tuple[Any, Any]]
    ) -> Table | None:
        """What the chain of the same sources the other way round has found already."""
        if isinstance(field, Listed):
            return None
        turned = []
        for key, extra in asked:
            if any(compared for _, compared, *_ in (*key, *((extra,) if extra else ()))):
                return None
            more = extra and (extra[0][::-1], (), frozenset(who[::-1] for who in extra[2]))
            turned.append((tuple(sorted((c[::-1], *rest) for c, *rest in key)), more))
        found = other._memo.get((field, tuple(turned)))
        if found is None:
            return None
        self.rough[field] = max(self.rough.get(field, 0.0), other.rough.get(field, 0.0))
        return found.mirrored

    def _listed(
        self, slot: Listed, total: float, keys: Sequence[Key], extras: Sequence[Extra]
    ) -> Table:
        if total:
            few, rules = self.kept("few", self._fewer)
            value, log_scale, off = log_listed(few, slot, total, keys, extras)
            if any(rules) and value.any():
                value, far = interpolated(value, rules, self.weight())
                off += far
            self.rough[str(slot)] = max(self.rough.get(str(slot), 0.0), off)
            return Table(value[:, None], log_scale[:, None])
        every = [self(f, ((k, x),)) for f, k, x in zip(slot.fields, keys, extras, strict=True)]
        value, log_scale, gaps = every[0].value, every[0].log_scale, every[0].gaps
        for other in every[1:]:
            value, log_scale = value * other.value, log_scale + other.log_scale
            if other.gaps is not None:
                gaps = other.gaps if gaps is None else gaps + other.gaps
        return Table(value, log_scale, gaps)

    def _fewer(self) -> tuple[Factors, list[Any]]:
        """Some of the nodes, between which what is smooth in the latents is interpolated.

        With rules from those to all, for each axis of the grid; None where all are taken.
        """
        nodes: list[Any] = list(self.nodes)
        rules: list[Any] = [None, None, None]
        axes: list[tuple[int, Any]] = list(enumerate(self.lines, start=1))
        if len(self.axes) == 1 and self.axes[0].z is not None:
            axes.append((0, self.axes[0]))
        for axis, rule in axes:
            place = len(self.axes) + axis - 1 if axis else 0
            every = np.arange(len(rule.z))[nodes[place]]
            by = int(_SMOOTH / (rule.z[every[1]] - rule.z[every[0]])) if len(every) > 1 else 1
            some = every[::by] if by > 1 else every
            if by > 1 and len(some) >= STENCIL:
                nodes[place] = some
                rules[axis] = [rule_of(np.arange(len(every)) / by, len(some), n) for n in (6, 4)]
        if not any(rules):
            return self, rules
        given: Any = {"hidden": self.hidden, "registers": self.registers}
        return Factors(self.tables, self.route, self.rows, nodes=tuple(nodes), **given), rules

    def kept[T](self, name: Hashable, find: Callable[[], T]) -> T:
        """What is the same in several states is found once."""
        if name not in self._found:
            self._found[name] = find()
        found: T = self._found[name]
        return found

    def _larger(self, field: str, asked: Sequence[tuple[Key, Extra]]) -> Table:
        """States in some of which a field counts of many; those of powers alone at once."""
        groups: dict[Hashable, list[tuple[Key, Extra]]] = {}
        for key, extra in asked:
            alike = len(key) == 1 and not any(key[0][1::2])  # only published, nothing compared
            groups.setdefault((alike, key[0][0] if alike else key, extra), []).append((key, extra))
        found: dict[Any, Table] = {((), None): Table(np.ones((1, 1, 1, 1, 1)), np.zeros((1, 1)))}
        for some in groups.values():
            large = any(is_large(key) for key, _ in some)
            if large and len(some) > 1:
                every = self._powers(field, some)
                if len(some) == len(asked):
                    return every
                found |= {name: every.take(n) for n, name in enumerate(some)}
            elif large:
                found[some[0]] = self._large(field, *some[0])
            else:
                found |= {x: self._sums(field, (x,)) for x in some if x not in found}
        return _joined([found[name] for name in asked])

    def _powers(self, field: str, asked: Sequence[tuple[Key, Extra]]) -> Table:
        """States in which a field was published of some alike."""
        (((config, *_),), extra) = asked[0]
        power = np.array([key[0][2] for key, _ in asked], float)
        laws = self.laws(field, 0.0)
        value, log_scale, gaps = power_means(laws, config, power, extra, rough=self._rough)
        return Table(value[:, :, None], log_scale, None if gaps is None else gaps[:, :, None])

    def _large(self, field: str, key: Key, extra: Extra) -> Table:
        laws = self.laws(field, sharpness_of(key))
        value, log_scale, gaps = factor_means(laws, key, extra, np.exp(self.log_omega))
        return Table(value[:, None], log_scale[:, None], None if gaps is None else gaps[:, None])

    def laws(self, field: str, sharpness: float, **options: float) -> list[Law]:
        """Laws of a field given the common latents of the route's sources."""
        laws = []
        for source, n in zip(self.route.sources, self.nodes[len(self.axes) :], strict=True):
            name = ("law", source.name, field, sharpness, *options, self.rows.tobytes(), _name(n),
                    self._rough)  # fmt: skip
            law = self._found.get(name) or self.tables.large.get(name)
            if law is None:
                law = law_of(
                    self.tables, source, field, self.rows, sharpness=sharpness, nodes=n,
                    rough=self._rough, **options,
                )  # fmt: skip
                if self.tables.expanded:  # they are large
                    self._found[name] = law
                else:
                    self.tables.hold(name, law, law.weight.size)
            laws.append(law)
        return laws

    def _sums(self, field: str, asked: tuple[tuple[Key, Extra], ...]) -> Table:
        """Factors that are sums of products of powers."""
        sources = self.route.sources
        sums = polynomials(asked, len(sources))
        terms = sums.terms
        if not terms.coefficient.size:
            return Table(np.zeros((1, len(asked), 1, 1, 1)), np.zeros((1, len(asked))))
        sides = []
        for s, every, n in zip(
            sources, terms.powers, self.nodes[len(self.axes) :], strict=True
        ):  # fmt: skip
            mean, rough = self.tables.moments(s, field, every, self.rows)
            sides.append(mean if self._every else mean[:, n])
            self.rough[field] = max(self.rough.get(field, 0.0), rough)
        rows = 1 if terms.plain else len(self.rows)
        shape = (max(rows, *map(len, sides)), 1 if terms.plain else math.prod(self.shape))
        others = [m.shape[1] for m in sides] + [1] * (2 - len(sides))
        value = np.empty((shape[0], len(asked), shape[1], *others))
        cells = shape[1] * others[0]
        step = max(1, _CELLS // (cells * sums.longest))  # rows
        place = 0
        for run in sums.runs(_CELLS // (cells * min(step, shape[0]))):
            whole = slice(run[0].start, run[-1].stop)
            coefficients = self.coefficients(field, terms.part(whole))[:, :, None, :]
            means = [
                m[..., whole if p is None else p[whole]]
                for m, p in zip(sides, sums.places, strict=True)
            ]
            for first in range(0, shape[0], step):
                some = slice(first, first + step)
                left, *right = (x if len(x) == 1 else x[some] for x in means)
                left = left[:, None] * (
                    coefficients if len(coefficients) == 1 else coefficients[some]
                )
                for k, x in enumerate(run, start=place):
                    mine = slice(x.start - whole.start, x.stop - whole.start)
                    if right:
                        value[some, k] = left[..., mine] @ right[0].swapaxes(1, 2)[:, None, mine]
                    else:
                        value[some, k, ..., 0] = left[..., mine].sum(axis=-1)
            place += len(run)
        top = value.reshape(*value.shape[:2], -1).max(axis=2)
        least = top.min()
        if not np.isfinite(top.max()):
            raise Unsuitable
        if least >= 1e-10:
            return Table(value, np.zeros((1, len(asked))))
        if ((top > 0.0) & (top < 1e-250)).any():
            raise Unsuitable
        with np.errstate(divide="ignore"):
            log_scale = np.log(top)
        value /= np.where(top > 0.0, top, 1.0)[..., None, None, None]
        return Table(value, log_scale)

    def coefficients(self, field: str, terms: Terms) -> np.ndarray:
        """Coefficients on the first axis, shape (S, Y, T)."""
        if terms.plain:
            return terms.coefficient[None, None]
        log_c: Any = np.zeros((1, 1, 1))
        if terms.publishes:
            log_c = self.log_omega[..., None] * terms.omega + self.log_rest[..., None] * terms.rest
        latents = self.registers.latents
        for place in range(terms.further.shape[1] // 2):
            powers = terms.further[:, 2 * place : 2 * place + 2]
            if not powers.any():
                continue
            if place < len(latents):
                has, lacks = self._logs(latents[place])
                log_c = log_c + has[..., None] * powers[:, 0] + lacks[..., None] * powers[:, 1]
                continue
            name = self.registers.carries[field][place - len(latents)]
            at = self._at[self.names.index(_COMMON)]
            agreement = agreement_of(self.tables, self.registers)
            found = [agreement.log_moment(name, *p)[self.rows] for p in powers.tolist()]
            log_c = log_c + np.stack(found, axis=-1)[:, at]
            self.rough["agreement " + name] = agreement.rough[name]
        result: np.ndarray = np.exp(log_c) * terms.coefficient
        return result


def _joined(parts: Sequence[Table]) -> Table:
    """One table of several."""
    if len(parts) == 1:
        return parts[0]
    gaps = None
    if any(x.gaps is not None for x in parts):
        none = np.zeros((2, 1, 1, 1, 1))
        gaps = _side_by_side([none if x.gaps is None else x.gaps for x in parts])
    value, log_scale = ([getattr(x, name) for x in parts] for name in ("value", "log_scale"))
    return Table(_side_by_side(value), _side_by_side(log_scale), gaps)


def _side_by_side(parts: Sequence[np.ndarray]) -> np.ndarray:
    """States along the second axis; along the others some may have one place for all."""
    first, _, *others = (max(n) for n in zip(*(x.shape for x in parts), strict=True))
    whole = np.empty((first, len(parts), *others))
    for n, part in enumerate(parts):
        whole[:, n : n + 1] = part
    return whole


def _is_extra(asked: Sequence[tuple[Any, Any]]) -> bool:
    """Whether factors are of one more victim, which is asked for a few times at most."""
    return any(x is not None and any(y is not None for y in x) for _, x in asked)


def _name(nodes: Any) -> Hashable:
    """Return what tells some nodes from others."""
    return (nodes.start, nodes.stop) if isinstance(nodes, slice) else nodes.tobytes()


def axes_of(tables: Tables, route: Route, registers: Registers, *, hidden: bool) -> dict[str, Axis]:
    """Axes of a route's grid beside those of its sources."""
    found = {}
    at = tables.at()
    if hidden:
        m, s = at.middle("actor.publishes"), at.spread("actor.publishes")
        line = tables.publishing(m, s, route.sources)
        powers = (math.inf, 0.0) if tables.expanded else (tables.published, tables.withheld)
        found[_SHARE] = tables.share_axis(m, s, powers, line)
    if registers.mixed:
        agreement = agreement_of(tables, registers)
        found[_COMMON] = agreement.common
        found |= {registers.latents[i]: agreement.member(i) for i in registers.mixed}
    return found


def log_published(tables: Tables, rows: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Log mean of powers of the share published, shape (S, K)."""

    def find(some: np.ndarray) -> np.ndarray:
        m, s = (x("actor.publishes")[some] for x in (tables.at().middle, tables.at().spread))

        def terms(z: np.ndarray) -> np.ndarray:
            log_omega: np.ndarray = -np.logaddexp(0.0, -(m[:, None] + s[:, None] * z))
            return log_omega[..., None]

        return log_mean(tables, terms, power[:, None])[0]

    name = ("published", rows.tobytes(), power.tobytes())
    if name not in tables.kept:
        tables.kept[name] = tables.shared([tables.places["actor.publishes"]], rows, find)
    found: np.ndarray = tables.kept[name]
    return found


def agreement_of(tables: Tables, registers: Registers) -> Agreement:
    """Shares in which values agree; routes alike in registers have the same."""
    key = ("agreement", registers)
    if key not in tables.kept:
        tables.kept[key] = Agreement(tables, registers)
    found: Agreement = tables.kept[key]
    return found


def grid_size(tables: Tables, route: Route, registers: Registers) -> int:
    """Nodes of a route's grid."""
    key = ("size", route.name, registers)
    if key not in tables.kept:
        axes = axes_of(tables, route, registers, hidden=tables.withheld > 0.0)
        sizes = [x.weight.shape[1] for x in axes.values()]
        tables.kept[key] = math.prod([*sizes, *(len(tables.line(s).z) for s in route.sources)])
    found: int = tables.kept[key]
    return found


def factors_of(
    tables: Tables,
    route: Route,
    rows: np.ndarray,
    *,
    hidden: bool,
    registers: Registers,
    nodes: tuple[Any, ...] | None = None,
    rough: bool = False,
) -> Factors:
    """Factors of a route for some rows; where they are small they are kept, lists never."""
    names, like = [s.name for s in route.sources], (hidden, registers, rows.tobytes(), rough)
    places = [*map(_name, nodes)] if nodes else [""] * len(names)
    first, sides = (
        tuple(places[: -len(names)]),
        list(zip(names, places[-len(names) :], strict=True)),
    )
    key = ("factors", *first, *sides, *like)
    kept: Factors | None = tables.large.get(key)
    if kept is not None:
        return kept
    mirror = tables.large.get(("factors", *first, *sides[::-1], *like)) if len(sides) > 1 else None
    given: Any = {"hidden": hidden, "registers": registers, "nodes": nodes}
    found = Factors(tables, route, rows, mirror=mirror, rough=rough, **given)
    if not tables.expanded and (cells := len(rows) * found.size) < _KEPT:
        tables.hold(key, found, 3 * cells)
        found.remembered = True
    return found


def log_mean(
    tables: Tables, terms: Callable[[np.ndarray], np.ndarray], count: np.ndarray
) -> tuple[np.ndarray, Any]:
    """Log mean of ``exp(count @ terms)`` over one latent, (S, K), and the roughness of each, (K,).

    Parameters
    ----------
    terms : callable
        From nodes (N,) to log terms (S, N, T).
    count : ndarray, shape (K, T)
    """
    probe = np.ascontiguousarray(terms(np.linspace(-8.0, 8.0, 17)))
    key = (log_mean, probe.tobytes(), count.tobytes())
    if key not in tables.kept:  # routes that start alike have the same
        slope = float(np.abs(np.diff(probe, axis=1)).max(initial=0.0))
        tables.kept[key] = _log_mean_at(tables, terms, count, slope)
    found: tuple[np.ndarray, Any] = tables.kept[key]
    return found


def _log_mean_at(
    tables: Tables, terms: Callable[[np.ndarray], np.ndarray], count: np.ndarray, slope: float
) -> tuple[np.ndarray, Any]:
    most = float(count.sum(axis=1).max(initial=0.0))
    if slope == 0.0 or most == 0.0:
        return terms(np.zeros(1))[:, 0] @ count.T, 0.0
    if most > _PEAKED:
        return _log_peak(terms, count), 0.0
    if most * slope > _FAR - 5.0:
        ends = np.array([-_FAR, 1.0 - _FAR, _FAR - 1.0, _FAR])
        far = terms(ends) @ count.T - 0.5 * (ends * ends)[:, None]
        if (far[:, 0] > far[:, 1]).any() or (far[:, 3] > far[:, 2]).any():
            return _log_peak(terms, count), 0.0
    away = min(most * slope, 40.0)
    nodes = tables.nodes(slope, 1.0 + most * slope**2 / 4.0, away, away)
    whole = terms(nodes.z) @ count.T
    top = whole.max(axis=1, keepdims=True)
    w = np.exp(whole - top)
    mean = np.einsum("snk,n->sk", w, nodes.weight)
    off = np.abs(nodes.half @ w[0] / np.maximum(mean[0], 1e-300) - 1.0)
    with np.errstate(divide="ignore"):
        value: np.ndarray = np.log(mean) + top[:, 0]
        return value, np.minimum(off, 1.0) ** 2


def _log_peak(terms: Callable[[np.ndarray], np.ndarray], count: np.ndarray) -> np.ndarray:
    """The same where counts make a narrow peak: nodes are drawn together around that of each."""
    rows, states = len(terms(np.zeros(1))), len(count)
    share = np.linspace(0.0, 1.0, 97)

    def whole_at(z: np.ndarray) -> np.ndarray:
        log_f = terms(z.reshape(rows, -1)).reshape(rows, states, len(share), -1)
        found: np.ndarray = np.einsum("sknt,kt->skn", log_f, count) - 0.5 * z * z
        return found

    low, high = np.full((rows, states), -_FAR), np.full((rows, states), _FAR)
    for _ in range(_DOUBLED):  # of many with a narrow interval the peak lies far out
        whole = whole_at(low[..., None] + (high - low)[..., None] * share)
        top, finite = whole.argmax(axis=-1), np.isfinite(whole.max(axis=-1))
        below, above = finite & (top == 0), finite & (top == len(share) - 1)
        if not (below | above).any():
            break
        low, high = np.where(below, 2.0 * low, low), np.where(above, 2.0 * high, high)
    for _ in range(8):
        z = low[..., None] + (high - low)[..., None] * share
        whole = whole_at(z)
        inside = whole > whole.max(axis=-1, keepdims=True) - _DEEP
        first = np.maximum(inside.argmax(axis=-1) - 1, 0)
        last = np.minimum(len(share) - inside[..., ::-1].argmax(axis=-1), len(share) - 1)
        if (last - first).min() > len(share) // 2:
            break
        width = high - low
        low, high = low + width * share[first], low + width * share[last]
    step = z[..., 1] - z[..., 0]
    result: np.ndarray = np.logaddexp.reduce(whole, axis=-1) + np.log(step)
    return result - 0.5 * math.log(2.0 * math.pi)
