"""Published values that were true only in a window of time.

The data of a source have an age, lognormal in days by kind of source. Live custodians and
inference have one for every victim; a library is one snapshot for the whole series. The edges of
the windows cut time into cells; in each a source can give the values that were true then and no
others. An uncertain date is twelve equally likely ones.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr

from causation.evidence.base import At, Facts, Item, Kind, Present, Route, Source, Victim
from causation.evidence.fields import Cell

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledGroup
    from causation.document.numbers import Number

__all__ = ["DATES", "DateFacts", "State", "cells_of", "states_of"]

POINTS = 12
SNAPSHOT = "leaked_library"

type Days = tuple[float, ...]
"""Equally likely moments, in days."""


@dataclass(frozen=True, slots=True)
class DateFacts:
    """Windows of a victim's published values, and when they were published.

    Parameters
    ----------
    windows : tuple of (str, Days or None, Days or None)
        Field, first and last moment at which the value was the true one.
    posted, first_posted : Days
        Publication of this victim's data, and the first of the series.
    residual_age : str
        Path of the age of the residual's data.
    """

    windows: tuple[tuple[str, Days | None, Days | None], ...]
    posted: Days
    first_posted: Days
    residual: str


@dataclass(frozen=True)
class State:
    """A moment of every snapshot in a route, as chances that each window holds it."""

    log_weight: Any
    open: Mapping[str, Mapping[tuple[Days | None, Days | None], float]]
    """By library: chance that its data fall into a window."""


class _Dates(Kind):
    name = "dates"
    words = {"en": "dates of values", "zh": "信息的时间范围"}

    def items(self, filled: Filled, group: FilledGroup) -> tuple[Item, ...]:
        """Return one item for all windows of a group."""
        if not group.dates:
            return ()
        return (
            Item(f"victims.{group.id}.dates", self.name, group.id, group.stage, self.words),
        )

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
        published = so_far["fields"].published  # type: ignore[attr-defined, union-attr]
        if not group.dates or not present(f"victims.{group.id}.dates"):
            return None
        windows = tuple(
            (f, _moments(w.since, last=False), _moments(w.until, last=True))
            for f, w in sorted(group.dates.items())
            if f in published
        )
        if not windows or group.posted is None:
            return None
        posted = [g.posted for g in filled.groups if g.posted is not None]
        residual = next((s.name for s in filled.sources if s.kind == "residual"), None)
        return DateFacts(
            windows,
            _points(group.posted),
            _points(min(posted)),
            "ages.residual" if residual is None else f"sources.{residual}.age",
        )


DATES = _Dates()


def _points(span: tuple[dt.date, dt.date]) -> Days:
    """Twelve equally likely moments between the start of the first and the end of the last day."""
    start, end = float(span[0].toordinal()), float(span[1].toordinal() + 1)
    return tuple(start + (end - start) * (i + 0.5) / POINTS for i in range(POINTS))


def _moments(span: tuple[dt.date, dt.date] | None, *, last: bool) -> Days | None:
    return None if span is None else _points(span)


def _facts(victim: Victim) -> DateFacts | None:
    found = victim.facts.get("dates")
    return found if isinstance(found, DateFacts) else None


type Window = tuple[Days | None, Days | None]


def _inside(window: Window, moment: float) -> float:
    """Chance that a moment lies in a window with uncertain edges."""
    since, until = window
    after = 1.0 if since is None else float(np.mean([moment >= s for s in since]))
    before = 1.0 if until is None else float(np.mean([moment <= u for u in until]))
    return after * before


def _axis(windows: Sequence[Window]) -> list[float]:
    """Every edge of the windows, in order."""
    edges = {x for w in windows for side in w if side is not None for x in side}
    return [-np.inf, *sorted(edges), np.inf]


def _pieces(
    windows: Sequence[Window], posted: Days, path: str, at: At
) -> list[tuple[Any, tuple[float, ...]]]:
    """Cells of the time of a source's data: their chance, and that each window holds them.

    Cells in which the windows have equal chances are one.
    """
    center, sd = at.middle(path), at.spread(path)

    def below(edge: float) -> Any:
        """Chance that the data are older than a moment."""
        if np.isinf(edge):
            return np.float64(edge > 0) + 0.0 * center
        total: Any = 0.0
        for moment in posted:
            age = moment - edge
            total = total + (_older(age, center, sd) if age > 0.0 else 1.0)
        return total / len(posted) + 0.0 * center

    edges = _axis(windows)
    merged: dict[tuple[float, ...], Any] = {}
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


def _older(age: float, center: Any, sd: Any) -> Any:
    """Chance that data of lognormal age are older than so many days."""
    gap = np.log(age) - center
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(sd > 0.0, gap / np.where(sd > 0.0, sd, 1.0), np.sign(gap) * np.inf)
    return ndtr(-z)


def states_of(victims: Sequence[Victim], route: Route, at: At) -> list[State]:
    """States of the snapshots in a route; one that says nothing where none is dated."""
    dated = [f for v in victims if (f := _facts(v)) is not None]
    snapshots = [s for s in route.sources if s.kind == SNAPSHOT and not s.vague]
    if not dated or not snapshots:
        return [State(0.0, {})]
    windows = list(dict.fromkeys((since, until) for f in dated for _, since, until in f.windows))
    whole = [
        _pieces(windows, dated[0].first_posted, f"sources.{s.name}.age", at) for s in snapshots
    ]
    states = []
    for combination in product(*whole):
        weight: Any = 1.0
        held: dict[str, Mapping[Window, float]] = {}
        for source, (p, key) in zip(snapshots, combination, strict=True):
            weight = weight * p
            held[source.name] = dict(zip(windows, key, strict=True))
        states.append(State(np.log(np.maximum(weight, 1e-300)), held))
    return states


def cells_of(victim: Victim, route: Route, at: At, state: State) -> tuple[Cell, ...]:
    """Cells of a victim's mixture over ages and uncertain edges, given the snapshots."""
    facts = _facts(victim)
    nothing = (frozenset[str](),) * len(route.sources)
    if facts is None:
        return (Cell(0.0, nothing),)
    if route.vague:
        return (Cell(0.0, nothing, _fractions(facts, at)),)
    sides = [_patterns(facts, s, at, state) for s in route.sources]
    cells = []
    for combination in product(*sides):
        weight: Any = 1.0
        for p, _ in combination:
            weight = weight * p
        missing = tuple(m for _, m in combination)
        cells.append(Cell(np.log(np.maximum(weight, 1e-300)), missing))
    return tuple(cells)


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
    facts: DateFacts, source: Source, at: At, state: State
) -> list[tuple[Any, frozenset[str]]]:
    """Sets of fields that a source's data could not have, with their chances."""
    windows: list[Window] = [(since, until) for _, since, until in facts.windows]
    if source.name in state.open:
        held = state.open[source.name]
        pieces: list[tuple[Any, tuple[float, ...]]] = [(1.0, tuple(held[w] for w in windows))]
    else:
        pieces = _pieces(windows, facts.posted, f"sources.{source.name}.age", at)
    merged: dict[frozenset[str], Any] = {}
    fields = [f for f, _, _ in facts.windows]
    for p, inside in pieces:
        for bits in product((True, False), repeat=len(fields)):
            chance = float(np.prod([q if b else 1.0 - q for q, b in zip(inside, bits, strict=True)]))
            if chance > 0.0:
                missing = frozenset(f for f, b in zip(fields, bits, strict=True) if not b)
                merged[missing] = merged.get(missing, 0.0) + p * chance
    return [(p, missing) for missing, p in merged.items()]
