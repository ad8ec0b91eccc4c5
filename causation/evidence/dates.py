"""Published values that were true only in a window of time.

The data of a source have an age, lognormal in days by kind of source. Live custodians and
inference have one for every victim; a library is one snapshot for the whole series. The edges of
the windows cut time into cells; in each a source can give the values that were true then and no
others. An uncertain date is twelve equally likely ones.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.base import At, Facts, Item, Kind, Present, Route, Source, Victim
from causation.evidence.fields import Mixture

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledGroup
    from causation.document.numbers import Number
    from causation.evidence.drawing import Draw

PARTS = 12
HOURS = 24
SNAPSHOT = "leaked_library"

type Days = tuple[float, ...]
"""Equally likely moments, in days."""
type Window = tuple[Days | None, Days | None]
type _Piece = tuple[Any, tuple[Any, ...]]
"""A cell of time: its chance, and by window the chance that it holds the data."""


@dataclass(frozen=True, slots=True)
class DateFacts:
    """Windows of a victim's published values, and when they were published.

    Parameters
    ----------
    windows : tuple of (str, Days or None, Days or None)
        Field, first and last moment at which the value was the true one.
    posted, first_posted : Days
        Publication of this victim's data, and the first of the series, of those who are there.
    residual : str
        Path of the age of the residual's data.
    lone : frozenset of Window
        Windows that are those of one field of one person alone: over their edges the likelihood
        of a series is linear, so that it may be averaged before it is computed.
    """

    windows: tuple[tuple[str, Days | None, Days | None], ...]
    posted: Days
    first_posted: Days
    residual: str
    lone: frozenset[Window] = frozenset()


@dataclass(frozen=True)
class States:
    """Moments of the snapshots in a route.

    Parameters
    ----------
    log_weight : ndarray, shape (..., K), or None
        Log probability of every state; None where no snapshot is dated.
    open : mapping
        By library and window: chance that its data fall into it, shape (..., K).
    """

    log_weight: Any = None
    open: Mapping[str, Mapping[Window, np.ndarray]] = MappingProxyType({})


class _Dates(Kind):
    name = "dates"
    turn = 0
    words = MappingProxyType({"en": "dates of values", "zh": "信息的时间范围"})

    def items(self, filled: Filled, group: FilledGroup) -> tuple[Item, ...]:
        """Return one item for all windows of a group."""
        if not group.dates:
            return ()
        return (Item(f"victims.{group.id}.dates", self.name, group.id, group.stage, self.words),)

    def numbers(self, filled: Filled) -> tuple[Number, ...]:
        """Return the age of every source's data."""
        if not any(g.dates for g in filled.groups):
            return ()
        return tuple(filled.number(f"sources.{s.name}.age") for s in filled.sources) + (
            () if any(s.kind == "residual" for s in filled.sources)
            else (filled.number("ages.residual"),)
        )  # fmt: skip

    def facts(
        self, filled: Filled, group: FilledGroup, present: Present, so_far: Facts
    ) -> Hashable:
        """Return the windows of published values."""
        published = so_far["fields"].published  # type: ignore[attr-defined]
        if not group.dates or not present(f"victims.{group.id}.dates"):
            return None
        windows = tuple(
            (f, _moments(w.since), _moments(w.until))
            for f, w in sorted(group.dates.items())
            if f in published
        )
        if not windows or group.posted is None:
            return None
        posted = [
            g.posted
            for g in filled.groups
            if g.posted is not None and g.count and present(f"victims.{g.id}")
        ]
        stated = Counter[Window]()
        for g in filled.groups:
            for w in g.dates.values():
                stated[_moments(w.since), _moments(w.until)] += g.count
        return DateFacts(
            windows,
            _points(group.posted),
            _points(min(posted)),
            residual_age(filled),
            frozenset((s, u) for _, s, u in windows if stated[s, u] == 1),
        )

    def simulate(self, draw: Draw) -> None:
        """Draw the age of every source's data, hence which value of a dated field they have."""
        if draw.group.dates and draw.group.posted is not None:
            draw.value = _Ages(draw).value


DATES = _Dates()


def residual_age(filled: Filled) -> str:
    """Path of the age of the residual's data."""
    residual = next((s.name for s in filled.sources if s.kind == "residual"), None)
    return "ages.residual" if residual is None else f"sources.{residual}.age"


def _points(span: tuple[dt.date, dt.date]) -> Days:
    """Equally likely moments: the hours of a day, or twelve parts of a longer span."""
    start, end = float(span[0].toordinal()), float(span[1].toordinal() + 1)
    points = HOURS if span[0] == span[1] else PARTS
    return tuple(start + (end - start) * (i + 0.5) / points for i in range(points))


def _moments(span: tuple[dt.date, dt.date] | None) -> Days | None:
    return None if span is None else _points(span)


def by_himself(victim: Victim) -> Victim:
    """A victim as if he were the whole series: snapshots are counted from his own publication."""
    facts = _facts(victim)
    if facts is None:
        return victim
    alone = replace(facts, first_posted=facts.posted)
    return replace(victim, facts={**victim.facts, "dates": alone})


def by_publication(victims: Sequence[Victim]) -> list[list[int]]:
    """Places of victims whose snapshots are counted from one day, or who have none."""
    found: dict[Days | None, list[int]] = {}
    for i, v in enumerate(victims):
        facts = _facts(v)
        found.setdefault(None if facts is None else facts.posted, []).append(i)
    return list(found.values())


def _facts(victim: Victim) -> DateFacts | None:
    found = victim.facts.get("dates")
    return found if isinstance(found, DateFacts) else None


def _inside(window: Window, moment: float) -> float:
    """Chance that a moment lies in a window with uncertain edges."""
    since, until = window
    after = 1.0 if since is None else bisect_right(since, moment) / len(since)
    before = 1.0 if until is None else 1.0 - bisect_left(until, moment) / len(until)
    return after * before


def _axis(windows: Sequence[Window]) -> list[float]:
    """Every edge of the windows, in order."""
    edges = {x for w in windows for side in w if side is not None for x in side}
    return [-np.inf, *sorted(edges), np.inf]


def _pieces(windows: Sequence[Window], posted: Days, path: str, at: At) -> list[_Piece]:
    """Cells of the time of a source's data: their chance, and that each window holds them.

    Cells in which the windows have equal chances are one.
    """
    center, sd, moments = at.middle(path), at.spread(path), np.array(posted)

    def below(edge: float) -> Any:
        """Chance that the data are older than a moment."""
        if np.isinf(edge):
            return np.float64(edge > 0) + 0.0 * center
        ages = moments - edge
        kept = _older(ages[ages > 0.0], center[..., None], sd[..., None])
        found: np.ndarray = (kept.sum(axis=-1) + (ages <= 0.0).sum()) / len(ages)
        return found

    edges = _axis(windows)
    merged: dict[tuple[Any, ...], Any] = {}
    chances = [below(e) for e in edges]
    for lo, hi, p_lo, p_hi in zip(edges, edges[1:], chances, chances[1:], strict=False):
        middle = _between(lo, hi)
        key = tuple(_inside(w, middle) for w in windows)
        merged[key] = merged.get(key, 0.0) + (p_hi - p_lo)
    return [(p, key) for key, p in merged.items()]


def _between(lo: float, hi: float) -> float:
    if np.isinf(lo):
        return hi - 1.0 if np.isfinite(hi) else 0.0
    return lo + 1.0 if np.isinf(hi) else 0.5 * (lo + hi)


def _joined(pieces: Sequence[_Piece], lone: Sequence[bool]) -> list[_Piece]:
    """Join cells between which the chance of one lone window alone differs.

    All depends on that chance linearly, so its mean over them says the same.
    """
    runs: list[list[_Piece]] = []
    moving: int | None = None
    for piece in pieces:
        if runs:
            first = runs[-1][0][1]
            changed = {i for i, (a, b) in enumerate(zip(first, piece[1], strict=True)) if a != b}
            place = next(iter(changed)) if moving is None and len(changed) == 1 else moving
            if place is not None and lone[place] and changed <= {place}:
                moving = place
                runs[-1].append(piece)
                continue
        moving = None
        runs.append([piece])
    return [_mean_of(run) for run in runs]


def _mean_of(run: Sequence[_Piece]) -> _Piece:
    if len(run) == 1:
        return run[0]
    total: Any = sum(p for p, _ in run)
    some = np.where(total > 0.0, total, 1.0)
    held = tuple(
        values[0]
        if all(v is values[0] or v == values[0] for v in values)
        else sum(p * v for (p, _), v in zip(run, values, strict=True)) / some
        for values in zip(*(key for _, key in run), strict=True)
    )
    return total, held


def _older(age: Any, center: Any, sd: Any) -> Any:
    """Chance that data of lognormal age are older than so many days."""
    gap = np.log(age) - center
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(sd > 0.0, gap / np.where(sd > 0.0, sd, 1.0), np.sign(gap) * np.inf)
    from scipy.special import ndtr  # slow to import, and few cases have dates

    return ndtr(-z)


def states_of(victims: Sequence[Victim], route: Route, at: At) -> States:
    """States of the snapshots in a route: every combination of cells of their time."""
    dated = [f for v in victims if (f := _facts(v)) is not None]
    lone = frozenset[Window]().union(*(f.lone for f in dated))
    snapshots = [s for s in route.sources if s.kind == SNAPSHOT and not s.vague]
    if not dated or not snapshots:
        return States()
    windows = list(dict.fromkeys((since, until) for f in dated for _, since, until in f.windows))
    whole = [
        _joined(
            _pieces(windows, dated[0].first_posted, f"sources.{s.name}.age", at),
            [w in lone for w in windows],
        )
        for s in snapshots
    ]
    weights, held = [], []
    for combination in product(*whole):
        weight: Any = 1.0
        for p, _ in combination:
            weight = weight * p
        weights.append(weight)
        held.append([key for _, key in combination])
    opened = {
        s.name: {w: _stacked([keys[n][i] for keys in held]) for i, w in enumerate(windows)}
        for n, s in enumerate(snapshots)
    }
    return States(np.log(np.maximum(np.stack(weights, axis=-1), 1e-300)), opened)


def _stacked(parts: Sequence[Any]) -> np.ndarray:
    return np.stack(np.broadcast_arrays(*parts), axis=-1)


def mixture_of(victim: Victim, route: Route, at: At, states: States) -> Mixture | None:
    """Mixture of a victim over ages and uncertain edges; None where he has no dates."""
    facts = _facts(victim)
    if facts is None:
        return None
    if route.vague:
        return Mixture(((frozenset(),),), None, _fractions(facts, at))
    sides = [_patterns(facts, s, at, states) for s in route.sources]
    missing: list[tuple[frozenset[str], ...]] = [(m,) for m in sides[0][0]]
    weight = sides[0][1]
    for names, more in sides[1:]:
        missing = [(*m, n) for m in missing for n in names]
        weight = weight[..., :, None] * more[..., None, :]
        weight = weight.reshape(*weight.shape[:-2], -1)
    some = (weight > 0.0).reshape(-1, weight.shape[-1]).any(axis=0)
    kept = [m for m, is_there in zip(missing, some.tolist(), strict=True) if is_there]
    return Mixture(tuple(kept), np.log(np.maximum(weight[..., some], 1e-300)))


def _fractions(facts: DateFacts, at: At) -> Mapping[str, Any]:
    """For the stand-in: chance by field that data of an age of its own fall into the window."""
    result = {}
    for f, since, until in facts.windows:
        pieces = _pieces([(since, until)], facts.posted, facts.residual, at)
        total: Any = 0.0
        for p, (inside,) in pieces:
            total = total + p * inside
        result[f] = total
    return result


def _patterns(
    facts: DateFacts, source: Source, at: At, states: States
) -> tuple[list[frozenset[str]], np.ndarray]:
    """Sets of fields that a source's data could not have, with their chances, shape (..., K, C)."""
    windows: list[Window] = [(since, until) for _, since, until in facts.windows]
    fields = [f for f, _, _ in facts.windows]
    bits = list(product((True, False), repeat=len(fields)))
    missing = [frozenset(f for f, b in zip(fields, row, strict=True) if not b) for row in bits]
    if source.name in states.open:
        inside = _stacked([states.open[source.name][w] for w in windows])
        weight = np.stack([_chance(inside, row) for row in bits], axis=-1)
        return missing, weight
    total: Any = 0.0
    for p, held in _pieces(windows, facts.posted, f"sources.{source.name}.age", at):
        chances = np.array([_chance(np.array(held), row) for row in bits])
        total = total + np.asarray(p)[..., None] * chances
    return missing, total[..., None, :]


def _chance(inside: np.ndarray, bits: Sequence[bool]) -> np.ndarray:
    """Chance that just these windows hold the data, over the last axis."""
    result: np.ndarray = np.prod(np.where(np.array(bits), inside, 1.0 - inside), axis=-1)
    return result


class _Ages:
    """Moments of the data of one victim's sources, and edges of his windows."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self._moments: dict[Hashable, float] = {}
        self.edges = {
            f: tuple(None if x is None else self._one(x) for x in (w.since, w.until))
            for f, w in draw.group.dates.items()
        }

    def _one(self, span: tuple[dt.date, dt.date]) -> float:
        """One of the moments that a date can mean."""
        return float(self.draw.rng.choice(_points(span)))

    def _moment(self, number: int, field: str) -> float:
        """When the data of a source were true."""
        draw = self.draw
        source, path = draw.route.sources[number], ""
        key: Hashable = number
        kept, posted = self._moments, draw.group.posted
        if source.vague:
            key, path = field, residual_age(draw.filled)
        elif source.kind in draw.snapshots:
            key, kept = source.name, draw.series
            posted = min(g.posted for g in draw.family if g.posted is not None)
        path = path or f"sources.{source.name}.age"
        if key not in kept and posted is not None:
            z = draw.rng.standard_normal()
            age = np.exp(draw.at.middle(path) + draw.at.spread(path) * z)
            kept[key] = self._one(posted) - float(age)
        return kept[key]

    def value(self, number: int, field: str) -> Hashable:
        """The window of the value that a source has: as designed, the one before, or after."""
        window = self.draw.group.dates.get(field)
        if window is None:
            return None
        since, until = self.edges[field]
        moment = self._moment(number, field)
        if since is not None and moment < since:
            return replace(window, since=None, until=window.since)
        if until is not None and moment > until:
            return replace(window, since=window.until, until=None)
        return window
