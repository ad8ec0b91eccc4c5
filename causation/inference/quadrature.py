"""Conditional moments of what a source gives, by the trapezoid rule.

Given the common latent ``u`` of a source its fields are independent, so all that a nested integral
needs of a field are the means of powers ``a^s (1 - a)^t`` given ``u``. Rows that agree in the
numbers of a field share its moments.
"""

from __future__ import annotations

import math
from bisect import bisect_left as bisect
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.arrays import NUMPY, both_logistic
from causation.evidence.base import At, Source
from causation.evidence.fields import elicited
from causation.inference.alike import Alike, sorted_rows

if TYPE_CHECKING:
    from causation.evidence.base import Places

USER, STRANGER, MISSING = 0, 1, 2
"""How a source stands to a victim: as to a user, as to somebody who is none, without a value."""

type Powers = tuple[int, int, int, int]
"""Exponents of the share, and of its complement, for users and for others."""

ONE: Powers = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How fine the nodes are.

    Parameters
    ----------
    step : float
        Factor on the steps; at 1 the error is about 1e-6, and the rule's converges geometrically.
    reach : float
        Standard deviations beyond the mode.
    """

    step: float = 0.9
    reach: float = 5.5

    def finer(self) -> Accuracy:
        """About the square of the error."""
        return Accuracy(0.7 * self.step, self.reach + 0.5)


FINE = Accuracy()
ROUGH = Accuracy(1.3, 4.5)


@dataclass(frozen=True, eq=False)
class Line:
    """Nodes of one standard normal latent.

    Parameters
    ----------
    z, weight : ndarray, shape (U,)
        Weights add to 1.
    half, quarter : ndarray, shape (U,)
        Weights of the rules with twice and four times the step.
    """

    z: np.ndarray
    weight: np.ndarray
    half: np.ndarray
    quarter: np.ndarray


def implied(off: float, far: float) -> float:
    """Error of a rule, from the relative differences that twice and four times the step make.

    It falls geometrically in one over the step where poles of the integrand decide, in one over
    its square where its width does: which of them shows in the two.
    """
    power = 2.0
    if 0.0 < off < far < 1.0:
        power = min(max(math.log(off) / math.log(far), 2.0), 4.0)
    return float(off**power)


def line(step: float, down: float, up: float) -> Line:
    """Nodes from ``-down`` to ``up``.

    Examples
    --------
    >>> rule = line(0.8, 6.0, 6.0)
    >>> round(float(rule.weight @ rule.z**2), 9), round(float(rule.half @ rule.z**2), 1)
    (1.0, 1.0)
    """
    return _line(step, math.ceil(down / step), math.ceil(up / step))


@lru_cache(maxsize=512)
def _line(step: float, down: int, up: int) -> Line:
    k = np.arange(-down, up + 1)
    z = step * k
    weight = np.exp(-0.5 * z * z)
    half, quarter = (np.where(k % n == 0, weight, 0.0) for n in (2, 4))
    return Line(z, weight / weight.sum(), half / half.sum(), quarter / quarter.sum())


@dataclass(frozen=True, eq=False)
class Axis:
    """Nodes of one share that moves by itself, or of a latent, for rows.

    Parameters
    ----------
    weight, half, quarter : ndarray, shape (S or 1, N)
    coarse : ndarray of int
        Places of the nodes of the rule with four times the step.
    z : ndarray, shape (N,), optional
        Of a latent.
    log_has, log_lacks : ndarray, shape (S, N), optional
        Logs of a share and of its complement.
    """

    weight: np.ndarray
    half: np.ndarray
    quarter: np.ndarray
    coarse: np.ndarray
    z: Any = None
    log_has: Any = None
    log_lacks: Any = None

    @classmethod
    def of_line(cls, rule: Line, center: Any = None, sd: Any = None) -> Axis:
        """Nodes of a latent, and of the share that it moves where its numbers are given."""
        log_has, log_lacks = None, None
        if center is not None:
            x = center[:, None] + sd[:, None] * rule.z
            log_has, log_lacks = -np.logaddexp(0.0, -x), -np.logaddexp(0.0, x)
        weight, half, quarter = rule.weight[None], rule.half[None], rule.quarter[None]
        return cls(weight, half, quarter, np.flatnonzero(rule.quarter), rule.z, log_has, log_lacks)

    @classmethod
    def exact(cls, center: np.ndarray, sd: np.ndarray, size: int) -> Axis:
        """Gauss nodes of logit-normal shares: exact for powers that add up to `2 * size - 1`.

        By the discretised Stieltjes procedure (Gautschi, Orthogonal Polynomials, 2004, 2.2).
        """
        most = float(sd.max())
        step = min(0.5, 1.0 / max(most, 1e-9))
        z = step * np.arange(-math.ceil((7.5 + min(most, 6.0)) / step), 0.0)
        z = np.concatenate([z, [0.0], -z[::-1]])
        w = np.exp(-0.5 * z * z)
        w = w / w.sum()
        has, lacks = both_logistic(center[:, None] + sd[:, None] * z)
        small = (center < 0.0)[:, None]  # the smaller of the two keeps its digits
        x = np.where(small, has, lacks)
        scale = x.max(axis=1, keepdims=True)
        x = x / scale
        before, here = np.zeros_like(x), np.ones_like(x)
        jacobi, norm = np.zeros((len(x), size, size)), np.ones(len(x))
        beta = np.zeros(len(x))
        for k in range(size):
            mine = here * here * w
            new = mine.sum(axis=1)
            there = new > 1e-280
            safe = np.where(there, new, 1.0)
            alpha = np.where(there, (mine * x).sum(axis=1) / safe, 0.5)
            beta = np.where(there & (k > 0), new / np.where(norm > 0.0, norm, 1.0), 0.0)
            jacobi[:, k, k] = alpha
            if k:
                jacobi[:, k, k - 1] = jacobi[:, k - 1, k] = np.sqrt(beta)
            before, here = here, (x - alpha[:, None]) * here - beta[:, None] * before
            norm = np.where(there, new, 0.0)
        nodes, vectors = np.linalg.eigh(jacobi)
        weight = vectors[:, 0, :] ** 2
        mine = np.clip(nodes * scale, 1e-300, 1.0 - 1e-16)
        logs = np.log(mine), np.log1p(-mine)
        log_has, log_lacks = (np.where(small, logs[n], logs[1 - n]) for n in (0, 1))
        return cls(weight, weight, weight, np.arange(size), None, log_has, log_lacks)


FEW = 48
"""Rows up to which to find those that agree takes longer than to compute them all."""
_SUMMED = 120.0
"""Powers up to which factors are sums of moments."""
HELD = 10_000_000
"""Numbers that tables may remember, one alone or those of a model together."""
_POWERS = 800
"""Different products of powers that are asked for of a field, at most, about."""
_GAUSS = 12
"""Most nodes of a rule that is exact."""
_TRIED = (*(0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 20.0, 24.0),
          *(28.0, 32.0, 40.0, 48.0))  # fmt: skip

type Pull = tuple[float, float, float, float]
"""Centre of a log-odds, its slope in a latent, and how many values draw it up and down."""


def shift_of(pulls: Sequence[Pull]) -> float:
    """Bound on how far up a latent's mode lies.

    At the mode the latent equals the slope of the log likelihood in it.
    """
    for t in _TRIED[:6]:
        if _pull(pulls, t) <= t:
            return t
    place = bisect(_TRIED, 0.0, 6, len(_TRIED) - 1, key=lambda t: t - _pull(pulls, t))
    return max(_TRIED[place], _pull(pulls, _TRIED[place]))


def _pull(pulls: Sequence[Pull], t: float) -> float:
    """Slope of the log likelihood in a latent, at most."""
    whole = 0.0
    for m, slope, gain, loss in pulls:
        x = min(max(m + slope * t, -500.0), 500.0)
        if slope > 0.0:
            whole += slope * gain / (1.0 + math.exp(x))
        else:
            whole -= slope * loss / (1.0 + math.exp(-x))
    return whole


@dataclass(frozen=True, eq=False)
class Share:
    """A field of a source on its nodes, for rows that differ in its numbers.

    Parameters
    ----------
    row : ndarray of int, shape (S,)
        Which of the R different ones each row has.
    has, lacks : tuple of ndarray, shape (R, U, C)
        For users, and for others where they are asked for.
    weight : ndarray, shape (C,)
    wider : ndarray, shape (C, 2)
        Weights of the rules with twice and four times the step.
    """

    row: np.ndarray
    has: tuple[np.ndarray, ...]
    lacks: tuple[np.ndarray, ...]
    weight: np.ndarray
    wider: np.ndarray


@dataclass(frozen=True, eq=False)
class Moments:
    """Means of products of powers of one field given the common latent.

    Parameters
    ----------
    place : dict
        Where that of some powers stands.
    mean : ndarray, shape (R, U, T)
        For the rows that differ in the field's numbers.
    rough : list of float
        Relative error that twice and four times the step of the field's own latent imply.
    """

    place: dict[Powers, int]
    mean: np.ndarray
    rough: list[float]


class Tables:
    """Moments of all sources' fields, for rows of numbers.

    Parameters
    ----------
    places : Places
    center, sd : ndarray, shape (S, N)
    demand : mapping of str to (float, float, float)
        By field, how many victims it was published of and withheld of, at most; and of how many it
        may be that a source that has it did not supply what was published.
    strangers : frozenset of str
        Custodians of which some victim is known not to be a user.
    accuracy : Accuracy
    expanded : float
        How many are on a list by any of several fields, which is expanded in powers; at most.
    alike : Alike, optional
        Which rows agree, where that is known.
    """

    def __init__(
        self,
        places: Places,
        numbers: tuple[np.ndarray, np.ndarray],
        *,
        demand: Mapping[str, tuple[float, float, float]],
        strangers: frozenset[str],
        accuracy: Accuracy,
        expanded: float = 0.0,
        alike: Alike | None = None,
    ) -> None:
        self.places, (self.center, self.sd) = places, numbers
        self.rows = len(self.center)
        self._alike = alike or Alike(*numbers)
        self.demand, self.strangers, self.accuracy = demand, strangers, accuracy
        self.expanded = expanded
        self.fields = tuple(sorted(demand))
        self.published, self.withheld = (sum(d[n] for d in demand.values()) for n in (0, 1))
        self.kept: dict[Hashable, Any] = {}
        """What several routes have in common."""
        self.large: dict[Hashable, Any] = {}
        """Laws, factors and nests: all that is remembered so is forgotten where it is too much."""
        self._held = 0
        self._at = At(NUMPY, places, self.center, self.sd, {})
        self._numbers: dict[str, tuple[np.ndarray, ...]] = {}
        self._read: dict[str, set[int]] = {}
        self._ends: dict[str, dict[str, tuple[float, ...]]] = {}
        self._lines: dict[str, Line] = {}
        self._shares: dict[tuple[str, str], Share] = {}
        self._moments: dict[tuple[str, str], Moments] = {}

    def hold(self, name: Hashable, value: Any, cells: int) -> None:
        """Remember a large value that has so many numbers."""
        self.grow(cells)
        self.large[name] = value

    def grow(self, cells: int) -> None:
        """Count that so many more numbers are remembered in what is large."""
        if self._held + cells > HELD:
            self.large, self._held = {}, 0
        self._held += cells

    def forget(self) -> None:
        """Let go what is remembered: it refers to the tables, which would wait to be collected."""
        self.kept, self.large, self._held = {}, {}, 0

    @property
    def held(self) -> int:
        """Numbers that are remembered."""
        shares = sum(x.size for s in self._shares.values() for x in (*s.has, *s.lacks))
        return self._held + shares + sum(m.mean.size for m in self._moments.values())

    def at(self, z: Mapping[str, Any] | None = None) -> At:
        """Point of evaluation for all rows."""
        return self._at if z is None else At(NUMPY, self.places, self.center, self.sd, z)

    def numbers(self, source: Source) -> tuple[np.ndarray, ...]:
        """Centre, sd and loading of every field, shape (S or 1, W, F), W ways to stand to it."""
        if not self.fields:  # of those chosen beforehand nothing may be known
            return (np.zeros((1, 1, 0)),) * 3
        if source.name not in self._numbers:
            ways = (False, True) if source.name in self.strangers and not source.vague else (False,)
            read = self._read.setdefault(source.name, set())
            at = At(NUMPY, self.places, self.center, self.sd, {}, read)
            parts = [elicited(source, self.fields, at, stranger=w) for w in ways]
            shape = (1 if source.vague else self.rows, len(self.fields))
            self._numbers[source.name] = tuple(
                np.stack([np.broadcast_to(p[n], shape) for p in parts], axis=1) for n in range(3)
            )
        return self._numbers[source.name]

    def read_by(self, sources: Sequence[Source], *, hidden: bool) -> list[int]:
        """Columns that the fields' factors under a route of these sources read."""
        found: set[int] = {self.places["actor.publishes"]} if hidden else set()
        if self.rows > FEW:
            for s in sources:
                self.numbers(s)
                found |= self._read.get(s.name, set())
        return sorted(found)

    def unlike(
        self, columns: Iterable[int], rows: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Of some rows those that differ in some columns, and which each is; None if all do."""
        if len(rows) <= FEW:
            return rows, None
        first, back = self._alike.of(columns, rows)
        return (rows, None) if len(first) == len(rows) else (rows[first], back)

    def shared(
        self, columns: Iterable[int], rows: np.ndarray, find: Callable[[np.ndarray], np.ndarray]
    ) -> np.ndarray:
        """What hangs on some columns alone, shape (S, ...), found once for rows that agree."""
        some, back = self.unlike(columns, rows)
        found = find(some)
        return found if back is None else found[back]

    def _extremes(self, source: Source) -> dict[str, tuple[float, ...]]:
        """By field: least and greatest centre, greatest sd, and loading."""
        if source.name not in self._ends:
            center, sd, loading = self.numbers(source)
            table = (center.min(axis=(0, 1)), center.max(axis=(0, 1)), sd.max(axis=(0, 1)),
                     loading[0, 0])  # fmt: skip
            columns = zip(*(x.tolist() for x in table), strict=True)
            self._ends[source.name] = dict(zip(self.fields, columns, strict=True))
        return self._ends[source.name]

    def line(self, source: Source) -> Line:
        """Nodes of a source's common latent."""
        if source.name not in self._lines:
            up, down, steep, precision = [], [], 0.0, 1.0
            for f, (lo, hi, sd, loading) in self._extremes(source).items():
                gain, loss, other = self.demand[f]
                slope = sd * loading
                up.append((lo, slope, gain, loss))
                down.append((hi, -slope, gain, loss + other))
                own = 1.0 - loading**2 + 4.0 / max((gain + loss) * sd**2, 1e-9)
                precision += loading**2 / max(own, 1e-9)
                steep = max(steep, abs(slope))
            self._lines[source.name] = self.nodes(steep, precision, shift_of(down), shift_of(up))
        return self._lines[source.name]

    def publishing(self, center: np.ndarray, sd: np.ndarray, sources: Sequence[Source]) -> Line:
        """Nodes of the latent of the share published, beside what these sources give."""
        most, gain, loss = float(sd.max()), self.published, self.withheld
        ends = (float(center.min()), float(center.max()))
        key = (most, ends, tuple(s.name for s in sources))
        if key in self.kept:
            known: Line = self.kept[key]
            return known
        precision = 1.0
        for f in self.fields if sources else ():
            rows = [self._extremes(s)[f] for s in sources]
            own = min(sd**2 * (1.0 - loading**2) for _, _, sd, loading in rows)
            precision += most**2 / (own + 4.0 / max(sum(self.demand[f][:2]), 1e-9))
        down = shift_of([(ends[1], -most, gain, loss)])
        up = shift_of([(ends[0], most, gain, loss)])
        # where all of many were published nothing makes up for a share below 1: at the mode the
        # curvature is the slope of the prior's log density
        found = self.nodes(most, max(precision, 1.0 + most * up), down, up)
        self.kept[key] = found
        return found

    def share_axis(
        self, center: np.ndarray, sd: np.ndarray, power: tuple[float, float], rule: Line
    ) -> Axis:
        """Nodes of a share of which there are so many powers, and of its complement, at most.

        Exact ones where they are no more than those of a rule.
        """
        size = sum(power) / 2.0 + 1.0
        if size > min(_GAUSS, len(rule.z)):
            return Axis.of_line(rule, center, sd)
        key = (center.tobytes(), sd.tobytes(), size)
        if key not in self.kept:
            self.kept[key] = Axis.exact(center, sd, int(size))
        found: Axis = self.kept[key]
        return found

    def nodes(
        self, steep: float, precision: float, down: float, up: float, *, by: float = 1.0
    ) -> Line:
        """Nodes for an integrand of this slope of log-odds, and precision at its mode."""
        a = self.accuracy
        step = min(1.0, 1.5 / max(steep, 1e-9), 1.2 / math.sqrt(precision))
        # in twelfths of an octave, so that nearly equal rows have the same nodes
        step = 2.0 ** (math.floor(12.0 * math.log2(by * a.step * step)) / 12.0)
        return line(step, down + a.reach, up + a.reach)

    def share(self, source: Source, field: str) -> Share:
        """Values of a field on the nodes of the common latent and its own."""
        key = (source.name, field)
        if key not in self._shares:
            self._shares[key] = self._share(source, field)
        return self._shares[key]

    def own_reach(
        self,
        source: Source,
        field: str,
        *,
        most: float = math.inf,
        ends: tuple[float, float] = (-2.0, 2.0),
    ) -> tuple[float, float]:
        """How far down and up the mode of a field's own latent may lie.

        Parameters
        ----------
        most : float
            Of so many victims.
        ends : tuple of float
            Between which the common latent lies; what lies beyond two deviations is not asked.
        """
        lo, hi, sd, lam = self._extremes(source)[field]
        gain, loss, other = (min(n, most) for n in self.demand[field])
        slope = sd * math.sqrt(max(0.0, 1.0 - lam**2))
        away = [sd * lam * min(max(u, -2.0), 2.0) for u in ends]
        return (
            shift_of([(hi + max(away), -slope, gain, loss + other)]),
            shift_of([(lo + min(away), slope, gain, loss)]),
        )

    def _own(self, source: Source, field: str) -> Line:
        """Nodes of a field's own latent."""
        _, _, most, lam = self._extremes(source)[field]
        slope = most * math.sqrt(max(0.0, 1.0 - lam**2))
        total = sum(min(n, _SUMMED) for n in self.demand[field][:2])
        return self.nodes(
            slope,
            1.0 + total * slope**2 / 4.0,
            *self.own_reach(source, field, most=_SUMMED),
            by=0.75 if self.expanded else 1.0,  # it costs little of what lists do
        )

    def cells(self, sources: Iterable[Source]) -> int:
        """Numbers that shares and moments of some sources take in all rows, about."""
        total = 0
        for s in sources:
            first, _ = self.unlike(self.read_by([s], hidden=False), np.arange(self.rows))
            rows, ways, _ = self.numbers(s)[0].shape
            for f in self.fields:
                published, withheld, _ = (min(n, _SUMMED / 3.0) for n in self.demand[f])
                powers = (published + 1.0) * (0.5 * published + withheld + 1.0)
                each = ways * 2 * len(self._own(s, f).z) + min(powers, _POWERS)
                total += min(rows, len(first)) * len(self.line(s).z) * int(each)
        return total

    def _share(self, source: Source, field: str) -> Share:
        place = self.fields.index(field)
        some, back = self.unlike(self.read_by([source], hidden=False), np.arange(self.rows))
        numbers = self.numbers(source)
        some = some[: len(numbers[0])]  # those of the stand-in are the same in all rows
        center, sd, loading = (x[some, :, place] for x in numbers)
        own = self._own(source, field)
        if len(center) == 1:
            m, s, lam_, row = center, sd, loading, np.zeros(self.rows, int)
        else:
            unique, row = sorted_rows(np.concatenate([center, sd, loading], axis=1))
            m, s, lam_ = np.split(unique, 3, axis=1)
            row = row if back is None else row[back]
        slopes = s * lam_, s * np.sqrt(np.maximum(0.0, 1.0 - lam_**2))
        u = self.line(source).z
        has: list[np.ndarray] = []
        lacks: list[np.ndarray] = []
        for w in range(center.shape[1]):
            common = m[:, w, None] + slopes[0][:, w, None] * u
            x = common[:, :, None] + slopes[1][:, w, None, None] * own.z
            for found, values in zip((has, lacks), both_logistic(x), strict=True):
                found.append(values)
        wider = np.stack([own.half, own.quarter], axis=1)
        return Share(row, tuple(has), tuple(lacks), own.weight, wider)

    def moments(
        self, source: Source, field: str, every: Sequence[Powers], rows: np.ndarray
    ) -> tuple[np.ndarray, float]:
        """Means of some products of powers given the common latent, (S, U, T), and their error."""
        share, key = self.share(source, field), (source.name, field)
        known = self._moments.get(key)
        new = every if known is None else [p for p in every if p not in known.place]
        if new:
            known = self._moments[key] = _more(known, share, self.line(source).weight, new)
        assert known is not None  # noqa: S101 - something was asked for
        places = [known.place[p] for p in every]
        rough = max(known.rough[n] for n in places)
        mean = known.mean
        if len(mean) > 1:
            mean = mean[share.row[rows]]
        return (mean if places == [*range(len(known.place))] else mean[..., places]), rough


def _more(
    known: Moments | None, share: Share, weight: np.ndarray, new: Sequence[Powers]
) -> Moments:
    """Moments with those of some more powers; `weight` is that of the common latent."""
    mean = np.empty((*share.has[0].shape[:2], len(new)))
    wider = np.empty((mean.shape[1], 2, len(new)))
    for n, powers in enumerate(new):
        whole = _product(share, powers)
        if whole is None:
            mean[..., n], wider[..., n] = 1.0, 1.0
        else:
            mean[..., n], wider[..., n] = whole @ share.weight, whole[0] @ share.wider
    gap = np.abs(wider - mean[0][:, None]).reshape(len(wider), -1)
    off, far = ((weight @ gap).reshape(2, -1) / (weight @ mean[0] + 1e-300)).tolist()
    rough = list(map(implied, off, far))
    if known is None:
        return Moments({p: n for n, p in enumerate(new)}, mean, rough)
    place = known.place | {p: n for n, p in enumerate(new, start=len(known.place))}
    return Moments(place, np.concatenate([known.mean, mean], axis=2), known.rough + rough)


def _product(share: Share, powers: Powers) -> np.ndarray | None:
    parts = [
        _power(base[way], n)
        for way in (0, 1)
        for base, n in ((share.has, powers[2 * way]), (share.lacks, powers[2 * way + 1]))
        if n
    ]
    if not parts:
        return None
    whole = parts[0]
    for p in parts[1:]:
        whole = whole * p
    return whole


def _power(x: np.ndarray, n: int) -> np.ndarray:
    """Whole power by squaring."""
    result = x
    for bit in bin(n)[3:]:
        result = result * result
        if bit == "1":
            result = result * x
    return result
