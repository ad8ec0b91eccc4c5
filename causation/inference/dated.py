"""Victims with dates: cells of the age of the sources' data as further states.

In each cell some sources could not have some of the dated fields. Cells in which none could have a
field that was published have no likelihood; so with one source there is one cell, and in a chain
up to three for each dated field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.arrays import NUMPY
from causation.evidence.base import At
from causation.evidence.dates import NEVER, is_dated, mixture_of, rank_of, states_of

if TYPE_CHECKING:
    from causation.evidence.base import Route, Victim
    from causation.inference.quadrature import Tables

type Cells = tuple[tuple[frozenset[str], ...], ...]
"""For each cell and source of the route, the fields that it could not give."""


@dataclass(frozen=True, eq=False)
class Dated:
    """Cells of every victim, with their chances.

    Parameters
    ----------
    cells : tuple of Cells
    log_weight : tuple of (ndarray or None)
        Log chances by state of the snapshots, shape (S, T, C); None for the one cell of a victim
        without dates.
    log_snapshot : ndarray, shape (S, T)
    read : list of int
        Columns of the numbers that they come from.
    early : tuple of int
        Which of the publications that may be the first of the series is every victim's.
    rank : ndarray of int, shape (T,), or None
        Which of them was it; None where that is certain, or nothing hangs on it.
    """

    cells: tuple[Cells, ...]
    log_weight: tuple[Any, ...]
    log_snapshot: np.ndarray
    read: list[int]
    early: tuple[int, ...] = ()
    rank: np.ndarray | None = None

    def log_chance(self, count: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Log chance of so many victims in every cell, shape (R, K).

        Parameters
        ----------
        count : ndarray, shape (K, W)
            Of every cell of every victim.
        """
        if all(w is None for w in self.log_weight):
            return np.zeros((len(rows), len(count)))
        whole: Any = self.log_snapshot[rows][:, :, None]
        first = 0
        for cells, log_weight in zip(self.cells, self.log_weight, strict=True):
            last = first + len(cells)
            if log_weight is not None:
                whole = whole + np.maximum(log_weight[rows], NEVER) @ count[:, first:last].T
            first = last
        if self.rank is not None:
            whole = np.where(self.rank[:, None] == self._first(count), whole, NEVER)
        result: np.ndarray = np.logaddexp.reduce(whole, axis=1)
        return np.where(result > 0.5 * NEVER, result, -np.inf)

    def _first(self, count: np.ndarray) -> np.ndarray:
        """Which publication is the first if so many belong to the series, shape (K,)."""
        last = 0 if self.rank is None else int(self.rank.max())
        found, column = np.full(len(count), last), 0
        for cells, rank in zip(self.cells, self.early, strict=True):
            some = count[:, column : column + len(cells)].sum(axis=1) > 0.0
            found = np.where(some, np.minimum(found, rank), found)
            column += len(cells)
        return found


def dated_of(tables: Tables, victims: Sequence[Victim], route: Route) -> Dated:
    """Cells of some victims under a route."""
    if not any(map(is_dated, victims)):
        return _undated(len(victims), len(route.sources))
    key = ("dated", tuple(v.key for v in victims), route.name)
    if key not in tables.kept:
        tables.kept[key] = _dated(tables, victims, route)
    found: Dated = tables.kept[key]
    return found


@lru_cache(maxsize=256)
def _undated(victims: int, sources: int) -> Dated:
    whole: Cells = ((frozenset(),) * sources,)
    return Dated((whole,) * victims, (None,) * victims, np.zeros((1, 1)), [])


def _dated(tables: Tables, victims: Sequence[Victim], route: Route) -> Dated:
    whole: Cells = ((frozenset(),) * len(route.sources),)
    read: set[int] = set()
    at = At(NUMPY, tables.places, tables.center, tables.sd, {}, read)
    states = states_of(victims, route, at)
    log_snapshot = np.zeros((tables.rows, 1)) if states.log_weight is None else states.log_weight
    cells: list[Cells] = []
    weights: list[Any] = []
    for v in victims:
        mixture = mixture_of(v, route, at, states)
        if mixture is None:
            cells.append(whole)
            weights.append(None)
        elif mixture.fraction is not None:
            log_p = sum(np.log(np.maximum(p, 1e-300)) for p in mixture.fraction.values())
            cells.append(whole)
            weights.append(np.asarray(log_p)[:, None, None])
        else:
            some = [c for c, m in enumerate(mixture.missing) if not frozenset.intersection(*m)]
            log_w = np.asarray(mixture.log_weight)[..., some]
            if not some:  # nobody could have had all that was published
                log_w = np.full((tables.rows, 1, 1), -np.inf)
            cells.append(tuple(mixture.missing[c] for c in some) or whole)
            weights.append(np.broadcast_to(log_w, (tables.rows, *log_w.shape[-2:])))
    early = tuple(map(rank_of, victims))
    return Dated(tuple(cells), tuple(weights), log_snapshot, sorted(read), early, states.rank)
