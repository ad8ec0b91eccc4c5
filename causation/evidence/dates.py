"""Published values that were true only in a window of time.

The data of a source have an age, lognormal in days by kind of source. Live custodians and
inference have one for every victim; a library is one snapshot for the whole series. The edges of
the windows cut time into cells; in each a source can give the values that were true then and no
others. An uncertain date is twelve equally likely ones.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.document.dates import moments_of
from causation.evidence.base import At, Facts, Item, Kind, Present, Route, Victim
from causation.evidence.cells import Days, Window, apart, patterns, pieces_of, runs_of, together
from causation.evidence.fields import Mixture

if TYPE_CHECKING:
    from causation.case.filled import Days as Span
    from causation.case.filled import Filled, FilledGroup
    from causation.document.numbers import Number
    from causation.evidence.drawing import Draw

SNAPSHOT = "leaked_library"
_PUBLISHED = ("published",)
LEAST_FIRSTS, MOST_FIRSTS = 8, 64
"""Publications, of victims who may not belong to the series, of which each may be its first."""
MOST_CELLS = 4_000
"""Cells of time of all of them together, beyond which neighbours are one down to the least."""
NEVER = -1e100
"""In place of the log of no chance at all."""
NEVER_FIRST = 1 << 30
"""Rank of who certainly belongs to it, or was published later than one who does."""


@dataclass(frozen=True, slots=True)
class DateFacts:
    """Windows of a victim's published values, and when they were published.

    Parameters
    ----------
    windows : tuple of (str, Days or None, Days or None)
        Field, first and last moment at which the value was the true one.
    posted : Days
        Publication of this victim's data.
    firsts : tuple of Days
        Which publications of those who are there may be the first of the series: in their order
        those of victims who may not belong to it, before the first of one who does, which is last.
    residual : str
        Path of the age of the residual's data.
    rank : int or None
        Which of the former is his; None for all others. He may have no windows.
    lone : frozenset of Window
        Windows that are those of one field of one person alone: over their edges the likelihood
        of a series is linear, so that it may be averaged before it is computed.
    """

    windows: tuple[tuple[str, Days | None, Days | None], ...]
    posted: Days
    firsts: tuple[Days, ...]
    residual: str
    lone: frozenset[Window] = frozenset()
    rank: int | None = None


@dataclass(frozen=True, eq=False)
class States:
    """Moments of the snapshots in a route.

    Parameters
    ----------
    log_weight : ndarray, shape (..., K), or None
        Log probability of every state; None where no snapshot is dated.
    first : ndarray, shape (K,)
        The first cell of every state; a state has the cells up to that of the next.
    share : ndarray, shape (..., J)
        Chance of every cell within its state.
    windows : tuple of Window
        Of the series.
    held : mapping
        By library, chances of every cell to lie after the beginning and before the end of every
        window, shape (J, W, 2).
    rank : ndarray of int, shape (K,), or None
        Which publication was the first of the series; None where that is certain.
    """

    log_weight: Any = None
    first: np.ndarray = field(default_factory=lambda: np.zeros(1, int))
    share: Any = None
    windows: tuple[Window, ...] = ()
    held: Mapping[str, np.ndarray] = MappingProxyType({})
    rank: np.ndarray | None = None


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
        there = group.dates if present(f"victims.{group.id}.dates") else {}
        windows = tuple(
            (f, _moments(w.since), _moments(w.until))
            for f, w in sorted(there.items())
            if f in published
        )
        if group.posted is None or not any(g.dates for g in filled.groups):
            return None
        firsts, ranks = _first_published([g for g in filled.groups if present(f"victims.{g.id}")])
        rank = ranks.get(group.posted) if _may_be_apart(group) else None
        if not windows and rank is None:
            return None
        stated = Counter[Window]()
        for g in filled.groups:
            for w in g.dates.values():
                stated[_moments(w.since), _moments(w.until)] += g.count
        return DateFacts(
            windows,
            moments_of(group.posted),
            firsts,
            residual_age(filled),
            frozenset((s, u) for _, s, u in windows if stated[s, u] == 1),
            rank,
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


def _moments(span: tuple[dt.date, dt.date] | None) -> Days | None:
    return None if span is None else moments_of(span)


def was_published(group: FilledGroup) -> bool:
    """Whether something of somebody in a group was published at some time."""
    missed = group.known_by.how == "attempt" and not group.disclosed
    return group.posted is not None and group.count > 0 and not missed


def _may_be_apart(group: FilledGroup) -> bool:
    return not group.plaintiff and group.known_by.how != "attempt"


def _first_published(groups: Sequence[FilledGroup]) -> tuple[tuple[Days, ...], dict[Span, int]]:
    """Publications that may be the first of the series, and which of them a date stands for.

    Of more than a few of them neighbours in time are one, at one of their moments. None where
    nothing was published.
    """
    known = [(g.posted, _may_be_apart(g)) for g in groups if g.posted and was_published(g)]
    certain = min((span for span, apart in known if not apart), default=None)
    early = sorted({span for span, apart in known if apart and not (certain and span >= certain)})
    most = LEAST_FIRSTS
    if len(early) > most:
        edges = {x for g in groups for w in g.dates.values() for x in (w.since, w.until) if x}
        cells = 1 + sum(len(moments_of(x)) for x in edges)
        most = min(max(most, MOST_CELLS // cells), MOST_FIRSTS)
    parts = np.array_split(np.arange(len(early)), most)
    merged = [[early[i] for i in part] for part in parts if part.size]
    firsts = [tuple(sorted(x for span in part for x in moments_of(span))) for part in merged]
    if certain:
        firsts.append(moments_of(certain))
    elif firsts:  # where nobody belongs to it
        firsts.append(firsts[-1])
    return tuple(firsts), {span: n for n, part in enumerate(merged) for span in part}


def first_is_open(groups: Sequence[FilledGroup]) -> bool:
    """Whether it hangs on who belongs to the series when its first publication was."""
    return any(g.dates for g in groups) and len(_first_published(groups)[0]) > 1


def rank_of(victim: Victim) -> int:
    """Which of the publications that may be the first of the series is his, if he belongs to it."""
    found = victim.facts.get("dates")
    rank = found.rank if isinstance(found, DateFacts) else None
    return NEVER_FIRST if rank is None else rank


def may_begin(victims: Sequence[Victim]) -> bool:
    """Whether the series began with somebody of these if he belongs to it: none or one is much."""
    return any(rank_of(v) != NEVER_FIRST for v in victims)


def by_himself(victim: Victim) -> Victim:
    """A victim as if he were the whole series: snapshots are counted from his own publication."""
    facts = _facts(victim)
    if facts is None:
        return replace(victim, facts={k: x for k, x in victim.facts.items() if k != "dates"})
    alone = replace(facts, firsts=(facts.posted,), rank=None)
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
    return found if isinstance(found, DateFacts) and found.windows else None


def is_dated(victim: Victim) -> bool:
    """Whether some of a victim's values were true only in some time."""
    return _facts(victim) is not None


def states_of(victims: Sequence[Victim], route: Route, at: At) -> States:
    """States of the snapshots in a route: every combination of cells of their time."""
    dated = [f for v in victims if (f := _facts(v)) is not None]
    lone = frozenset[Window]().union(*(f.lone for f in dated))
    snapshots = [s for s in route.sources if s.kind == SNAPSHOT and not s.vague]
    if not dated or not snapshots:
        return States()
    windows = tuple(dict.fromkeys((since, until) for f in dated for _, since, until in f.windows))
    firsts, states, parts, ranks = dated[0].firsts, [], [], []
    for rank, first in enumerate(firsts):
        runs = [
            runs_of(
                pieces_of(windows, first, f"sources.{s.name}.age", at), [w in lone for w in windows]
            )
            for s in snapshots
        ]
        whole_days = first[-1] - first[0] > 1.0
        for combination in product(*runs):
            for one in apart(combination) if whole_days else [combination]:
                state = list(product(*one))
                mine = [together([p for p, _ in cell]) for cell in state]
                if any((p > 0.0).any() for p in mine):
                    states.append(state)
                    parts += mine
                    ranks.append(rank)
    chance = np.stack(parts, axis=-1)
    size = np.array([len(s) for s in states])
    start = np.cumsum(size) - size
    weight = np.add.reduceat(chance, start, axis=-1)
    whole = np.repeat(weight, size, axis=-1)
    share = np.where(whole > 0.0, chance / np.where(whole > 0.0, whole, 1.0), 1.0)
    held = {
        s.name: np.array([cell[n][1] for state in states for cell in state])
        for n, s in enumerate(snapshots)
    }
    known = np.array(ranks) if len(firsts) > 1 else None
    with np.errstate(divide="ignore"):  # many victims make up for any chance but none
        log_weight = np.maximum(np.log(weight), NEVER)
    return States(log_weight, start, share, windows, held, known)


def mixture_of(victim: Victim, route: Route, at: At, states: States) -> Mixture | None:
    """Mixture of a victim over ages and uncertain edges; None where he has no dates.

    The edges of a window are those of all sources of a chain, and so is when it was published.
    """
    facts = _facts(victim)
    if facts is None:
        return None
    if route.vague:
        return Mixture(((frozenset(),),), None, _fractions(facts, at))
    windows: list[Window] = [(since, until) for _, since, until in facts.windows]
    of_state, cell = np.zeros((1, 0, len(windows), 2)), np.zeros(len(states.first), int)
    snapshots = [n for n, s in enumerate(route.sources) if s.name in states.held]
    if snapshots:
        columns = [states.windows.index(w) for w in windows]
        every = np.stack([states.held[route.sources[n].name][:, columns] for n in snapshots], 1)
        of_state, cell = np.unique(every, axis=0, return_inverse=True)
        cell = cell.ravel()
    live = [n for n in range(len(route.sources)) if n not in snapshots]
    copies = [pieces_of(windows, facts.posted, f"sources.{route.sources[n].name}.age", at)
              for n in live]  # fmt: skip
    weight = patterns(of_state, np.argsort([*snapshots, *live]), copies)
    alike = cell[np.repeat(states.first, np.diff([*states.first, cell.size]))]
    if (alike == cell).all():
        weight = weight[..., cell[states.first], :]
    else:  # means over the cells of every state
        weight = weight[..., cell, :] * states.share[..., None]
        weight = np.add.reduceat(weight, states.first, axis=-2)
    fields, among = [f for f, _, _ in facts.windows], range(len(route.sources))
    ways = list(product(range(1 << len(among)), repeat=len(fields)))
    # a published field was somebody's: that none has it is impossible, not improbable
    some = [c for c, way in enumerate(ways) if all(way) and (weight[..., c] > 0.0).any()]
    missing = [
        tuple(
            frozenset(f for f, who in zip(fields, ways[c], strict=True) if not who >> n & 1)
            for n in among
        )
        for c in some or [0]
    ]
    if not some:
        return Mixture(tuple(missing), np.full((*weight.shape[:-1], 1), NEVER))
    with np.errstate(divide="ignore"):
        return Mixture(tuple(missing), np.maximum(np.log(weight[..., some]), NEVER))


def _fractions(facts: DateFacts, at: At) -> Mapping[str, Any]:
    """For the stand-in: chance by field that data of an age of its own fall into the window.

    All were published at one moment, so that it is the chance given the fields before.
    """
    result, whole, before = {}, 1.0, 1.0
    for f, since, until in facts.windows:
        pieces = pieces_of([(since, until)], facts.posted, facts.residual, at)
        mine: Any = 0.0
        for p, ((after, ahead),) in pieces:
            mine = mine + p * (after * ahead)
        whole = whole * mine
        now = whole.mean(axis=-1)
        result[f] = np.where(before > 0.0, now / np.where(before > 0.0, before, 1.0), 0.0)
        before = now
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
        return float(self.draw.rng.choice(moments_of(span)))

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
            posted = min((g.posted for g in draw.family if g.posted and was_published(g)),
                         default=posted)  # fmt: skip
        path = path or f"sources.{source.name}.age"
        if key not in kept and posted is not None:
            if _PUBLISHED not in kept:  # at one moment, whatever it came from
                kept[_PUBLISHED] = self._one(posted)
            z = draw.rng.standard_normal()
            age = float(np.exp(draw.at.middle(path) + draw.at.spread(path) * z))
            kept[key] = kept[_PUBLISHED] - age
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
