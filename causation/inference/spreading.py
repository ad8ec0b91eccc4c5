"""Many like victims: the number of those linked as an axis of its own.

In every state the evidence is a product, and the states are summed. What hangs on the number
linked is smooth in it but for the binomial factor and that of strangers, which are exact; so it is
interpolated between few numbers, in panels that are halved where the sum has mass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.arrays import NUMPY
from causation.evidence.base import At, Route
from causation.evidence.dates import may_begin
from causation.inference.counting import (
    MOST_STATES,
    Plan,
    Stand,
    identity_of,
    lists_of,
    log_ways,
    moving_of,
    separable,
    states_in,
    states_of,
)
from causation.inference.factors import grid_size
from causation.inference.integral import Integral
from causation.inference.laws import Unsuitable
from causation.inference.nested import Nest

if TYPE_CHECKING:
    from causation.evidence.series import Series
    from causation.inference.provenance import Claim
    from causation.inference.quadrature import Tables

_LARGEST, _WIDE = 4_000_000, 160
"""Numbers of factors in the rows that are integrated together; numbers linked for which there are
factors, about."""
_TOGETHER = 12
"""Rows integrated together where lists are expanded: that many stay in the cache."""
_DEAR, _BESIDES = (650_000, 1_500), 60
"""Work at one evaluation, and for every row besides, beyond which sampling takes less where lists
are expanded; and the nodes of the latents that take as long as what does not hang on them."""
_SLIGHT = 1e-6
"""How far beyond 0 and 1 rounding may take a share."""
_EXACT = 64
"""States of a panel that are summed one by one."""
_DEGREE = 4
_TIGHT, _FAINT, _MOST = 2e-3, 9.0, 240
_GRID, _KEPT = 30_000, 50_000
_PRUNED, _DEEP = 800, 24.0
"""Nodes above which those without weight are left out, and nats below the largest part of the sum
that count for nothing."""
_OFF = 5e-4
"""Bans by which sums over up to a million victims were found off against finer nodes, at most."""


@dataclass(frozen=True, eq=False)
class Many:
    """A series of which one sort of victims, of uncertain linkage, is large.

    Parameters
    ----------
    place : int
        Of those victims.
    others : ndarray, shape (M, V)
        States of everybody else.
    """

    series: Series
    stand: Stand
    place: int
    others: np.ndarray

    @classmethod
    def of(cls, series: Series, stand: Stand, additive: frozenset[str]) -> Many | None:
        """Find the large sort; None where victims do not separate or several are large."""
        if not separable(series.victims, additive) or not (moving := moving_of(series)).any():
            return None
        if len(stand.sorts) > len(series.victims) or may_begin(series.victims):
            return None
        if lists_of(series, stand, series.count[None]) != {}:  # none where lists overlap
            return None
        place = int(np.argmax(np.where(moving, series.count, -1)))
        rest = moving.copy()
        rest[place] = False
        if states_in(series.count[rest]) * _EXACT > 4 * MOST_STATES:
            return None
        return cls(
            series, stand, place, states_of(series.count, rest, [1] * len(rest)).astype(float)
        )

    @property
    def count(self) -> float:
        """How many victims there are of the large sort."""
        return float(self.series.count[self.place])

    def plan(self, linked: np.ndarray) -> Plan:
        """States in which some numbers of them are linked."""
        count = np.repeat(self.others[None], len(linked), axis=0)
        count[:, :, self.place] = linked[:, None]
        found = Plan.at(self.series, self.stand, count.reshape(-1, count.shape[-1]))
        assert found is not None  # noqa: S101 - of states that are given there always is one
        return found

    def exact(self, tables: Tables, rows: np.ndarray, log_b: np.ndarray) -> Any:
        """Return a function: what is not smooth in the number linked, shape (S, K)."""
        victim = self.series.victims[self.place]
        if victim.linkage is None:
            return lambda k: np.zeros((len(rows), len(k)))
        uncertain = [i for i, v in enumerate(self.series.victims) if v.linkage is not None]
        apart = log_b[:, uncertain.index(self.place), None]
        if not np.isfinite(apart).all():
            raise Unsuitable
        if victim.linkage == "latent":
            return lambda k: apart * (self.count - k)
        at = At(NUMPY, tables.places, tables.center[rows], tables.sd[rows], {})
        kappa = at.mean(victim.linkage)[:, None]
        if kappa.min() <= 0.0 or kappa.max() >= 1.0:
            raise Unsuitable
        inside, outside = np.log(kappa), np.log1p(-kappa) + apart

        def ways_and_share(k: np.ndarray) -> np.ndarray:
            n = self.count
            result: np.ndarray = log_ways(n, k) + inside * k + outside * (n - k)
            return result

        return ways_and_share


@dataclass(frozen=True, eq=False)
class _Panel:
    """Numbers linked from one to another, with nodes between which the smooth part is taken.

    Parameters
    ----------
    low, high : float
        On the scale of the axis.
    nodes : ndarray, shape (5,)
        Numbers linked.
    states, log_weight : ndarray, shape (D,)
        What is summed, and for how many states each stands.
    rules : ndarray, shape (3, D, 5)
        Interpolation by all nodes, by every second, and in straight lines.
    """

    low: float
    high: float
    nodes: np.ndarray
    states: np.ndarray
    log_weight: np.ndarray
    rules: np.ndarray


def _scale(k: Any, count: float) -> Any:
    """The axis: logarithmic from either end."""
    return np.log((1.0 + k) / (1.0 + count - k))


def _back(t: Any, count: float) -> Any:
    return (count + 2.0) / (1.0 + np.exp(-t)) - 1.0


@lru_cache(maxsize=2048)
def _panel(low: float, high: float, count: float, *, first: bool) -> _Panel:
    x = -np.cos(np.pi * np.arange(_DEGREE + 1) / _DEGREE)
    nodes = np.clip(_back(0.5 * (low + high) + 0.5 * (high - low) * x, count), 0.0, count)
    nodes = np.where(np.abs(nodes - np.round(nodes)) < 1e-9, np.round(nodes), nodes)
    ends = [-1.0 if first else np.floor(nodes[0]), np.floor(nodes[-1] + 1e-9)]
    if ends[1] - ends[0] <= _EXACT:
        states = np.arange(ends[0] + 1.0, ends[1] + 1.0)
        log_weight = np.zeros(len(states))
    else:
        g, w = np.polynomial.legendre.leggauss(32)
        t_low, t_high = (_scale(e + 0.5, count) for e in ends)
        t = 0.5 * (t_low + t_high) + 0.5 * (t_high - t_low) * g
        states = np.clip(_back(t, count), 0.0, count)
        slope = (1.0 + states) * (1.0 + count - states) / (count + 2.0)
        log_weight = np.log(w * 0.5 * (t_high - t_low) * slope)
    at = (_scale(states, count) - 0.5 * (low + high)) / (0.5 * (high - low))
    rules = np.zeros((3, len(states), len(x)))
    rules[0], rules[1, :, ::2] = _lagrange(x, at), _lagrange(x[::2], at)
    for j in range(len(x)):
        rules[2, :, j] = np.interp(at, x, np.eye(len(x))[j])
    return _Panel(low, high, nodes, states, log_weight, rules)


def _lagrange(x: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Values of the interpolating polynomials of some nodes, shape (D, J)."""
    result = np.ones((len(at), len(x)))
    for j in range(len(x)):
        for i in range(len(x)):
            if i != j:
                result[:, j] *= (at - x[i]) / (x[j] - x[i])
    return result


def _shares(means: np.ndarray) -> np.ndarray:
    """The means of what is true or not, which no rule of integration may take elsewhere."""
    if not ((means > -_SLIGHT) & (means < 1.0 + _SLIGHT)).all():
        raise Unsuitable
    return means


class _SpreadNest(Nest):
    """Integrals whose states are spread from the plan's to all."""

    most = _PRUNED

    def __init__(
        self,
        panels: Sequence[_Panel],
        many: Many,
        exact: Callable[[np.ndarray], np.ndarray],
        *numbers: Any,
        **given: Any,
    ) -> None:
        self.panels, self.many, self.exact = panels, many, exact
        self.block, self.large = len(many.others), many.place
        super().__init__(*numbers, **given)

    def _some_states(self) -> np.ndarray:
        """Every second node of the panels."""
        return np.unique([columns[::2] for columns in self._columns])

    def _heavy(self, log_mass: np.ndarray) -> np.ndarray:
        """Those of panels that count: what is smooth is no more there than at their nodes."""
        heavy = np.zeros(log_mass.shape, bool)
        least = log_mass.max(axis=1) - _DEEP
        for p, columns in zip(self.panels, self._columns, strict=True):
            some = log_mass[:, columns[::2]]  # of the others only what does not hang on the fields
            smooth = np.maximum(some, -1e280) - self.exact(p.nodes[::2])[:, :, None]
            ways = np.logaddexp.reduce(self.exact(p.states) + p.log_weight, axis=1)
            heavy[:, columns] |= (smooth.max(axis=(1, 2)) + ways > least)[:, None, None]
        return heavy

    @cached_property
    def _columns(self) -> list[np.ndarray]:
        """Where the nodes of every panel stand among the plan's states, (J, M) each."""
        others = len(self.many.others)
        numbers = self.plan.count[::others, self.many.place]
        return [
            np.searchsorted(numbers, p.nodes)[:, None] * others + np.arange(others)
            for p in self.panels
        ]

    def spread(self, log_f: np.ndarray) -> np.ndarray:
        """Log of the part of every state, shape (S, D); of some nodes with none there is none."""
        parts = []
        for p, columns, (x,) in zip(
            self.panels, self._columns, self.by_panel(log_f, slice(1)), strict=True
        ):
            none = (p.rules[0] != 0.0) @ np.isneginf(log_f[:, columns]).astype(float) > 0.0
            parts.append(np.where(none, -np.inf, x).reshape(len(log_f), -1))
        return np.concatenate(parts, axis=1)

    def by_panel(self, log_f: np.ndarray, rules: slice = slice(None)) -> list[np.ndarray]:
        """The same panel by panel and by several interpolations, shape (3, S, D, M)."""
        found = []
        for p, columns in zip(self.panels, self._columns, strict=True):
            smooth = np.maximum(log_f[:, columns], -1e280) - self.exact(p.nodes)[:, :, None]
            here = self.exact(p.states) + p.log_weight
            found.append(p.rules[rules, None] @ smooth + here[:, :, None])
        return found

    def linked(self, sort: tuple[int, int]) -> np.ndarray:
        """Share of a victim's like who belong to the series, by state."""
        many, victim = self.many, sort[0]
        parts = []
        for p in self.panels:
            mine = np.broadcast_to(many.others[:, victim], (len(p.states), len(many.others)))
            if victim == many.place:
                mine = np.broadcast_to(p.states[:, None], mine.shape)
            parts.append(mine.ravel() / many.series.count[victim])
        return np.concatenate(parts)


def _spread_nest(
    tables: Tables,
    many: Many,
    route: Route,
    rows: np.ndarray,
    *,
    log_b: np.ndarray,
    reach: str,
    unlike: tuple[np.ndarray, np.ndarray | None],
) -> Nest:
    """Halve panels until the sum over them hardly hangs on how they are interpolated."""
    if tables.withheld and (
        grid_size(tables, route, many.stand.registers) > _GRID or tables.rows > 4
    ):
        raise Unsuitable
    count, exact = many.count, many.exact(tables, rows, log_b)
    mine = identity_of(many.series)
    kept = tables.kept  # other routes have their mass nearly where the last one had
    end = float(_scale(count, count))
    edges = np.linspace(-end, end, 2 if count < _EXACT else 5).tolist()
    panels = kept.get(("panels", mine)) or [
        _panel(a, b, count, first=n == 0) for n, (a, b) in enumerate(pairwise(edges))
    ]
    while True:
        linked = np.unique(np.concatenate([p.nodes for p in panels]))
        if len(linked) > _MOST:
            raise Unsuitable
        name = (mine, many.stand, linked.tobytes())
        if name not in kept:
            kept[name] = many.plan(linked)
        nest = _SpreadNest(
            *(panels, many, exact, tables, kept[name], route, rows),
            log_b=log_b,
            reach=reach,
            unlike=unlike,
        )
        log_f = nest.log_weight + nest.by_state
        parts = nest.by_panel(log_f)
        sums = np.stack([np.logaddexp.reduce(x.reshape(*x.shape[:2], -1), axis=2) for x in parts])
        fine, coarse, straight = sums.swapaxes(0, 1)
        top = np.logaddexp.reduce(fine, axis=0)
        if not np.isfinite(top).all():
            raise Unsuitable
        rough = np.exp(np.minimum(coarse - top, 1.0))  # three times all is wrong enough
        gap = np.abs(np.exp(fine - top) - rough).max(axis=1)
        with np.errstate(invalid="ignore"):  # what both find impossible
            unsure = np.abs(straight - fine) > 1.0
        unsure &= np.maximum(straight, coarse) > top - _FAINT
        ragged = [_ragged(p, x[0], top) for p, x in zip(panels, parts, strict=True)]
        bad = (gap > _TIGHT) | unsure.any(axis=1) | np.array(ragged)
        if not bad.any():
            nest.roughness += float((gap * gap).sum()) + _OFF
            kept["panels", mine] = panels
            return nest
        halves = []
        for p, split in zip(panels, bad.tolist(), strict=True):
            middle = 0.5 * (p.low + p.high)
            first = p is panels[0]
            halves += (
                [_panel(p.low, middle, count, first=first),
                 _panel(middle, p.high, count, first=False)]
                if split
                else [p]
            )  # fmt: skip
        panels = halves


def _ragged(panel: _Panel, log_f: np.ndarray, top: np.ndarray) -> bool:
    """Whether a panel's states, of parts (S, D, M), are too far apart for the sum."""
    if not panel.log_weight.any() or len(panel.states) < 2:
        return False
    heavy = log_f > top[:, None, None] - 14.0
    steep = np.abs(np.diff(log_f, axis=1)) > 3.0
    return bool((steep & (heavy[:, 1:] | heavy[:, :-1])).any())


def integrate_nested(
    tables: Tables,
    plan: Plan | Many,
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
    if isinstance(plan, Plan):
        wide = max(1, sum(len(keys) for keys, _ in plan.different.values()))
    else:
        wide = _WIDE * len(plan.others)
    registers, hidden = plan.stand.registers, tables.withheld > 0.0
    size = grid_size(tables, route, registers)
    step = max(1, _LARGEST // (size * wide))
    if tables.expanded:
        step = min(step, _TOGETHER)
    read = tables.read_by(route.sources, hidden=hidden)
    if registers.mixed:
        read += registers.columns(tables.places)
    unlike, back = tables.unlike(read, rows)
    if tables.expanded and isinstance(plan, Plan):
        latents = math.prod(len(tables.line(x).z) for x in route.sources)
        work = size / latents * (_BESIDES + latents) * plan.expansions
        if len(unlike) * work > _DEAR[0] + _DEAR[1] * len(unlike):
            return None
    value, error = np.empty((2, len(rows)))
    means = np.empty((len(rows), len(claims)))
    try:
        for first in range(0, len(unlike), step):
            some: Any = slice(first, first + step)
            mine = unlike[some], None
            if back is not None:
                some = np.flatnonzero((back >= first) & (back < first + step))
                mine = mine[0], back[some] - first
            given: Any = {"log_b": log_b[some], "reach": reach, "unlike": mine}
            key = ("nest", plan, route.name, reach, rows.tobytes(), log_b.tobytes())
            nest: Nest | None = tables.large.get(key)
            if nest is None:
                nest = (
                    Nest(tables, plan, route, rows[some], **given)
                    if isinstance(plan, Plan)
                    else _spread_nest(tables, plan, route, rows[some], **given)
                )
            if len(rows) == 1 and size < _KEPT and not tables.expanded:  # means may be asked for
                tables.hold(key, nest, 4 * nest.log_weight.size)
            value[some], error[some] = nest.value, nest.error
            if claims:
                means[some] = _shares(nest.means(claims))
    except Unsuitable:
        return None
    return Integral(value, error, means if claims else None, np.zeros(len(rows), bool))
