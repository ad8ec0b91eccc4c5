"""Rows that agree in what somebody reads: what hangs on nothing else is computed once for them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np


def alike(table: np.ndarray) -> list[np.ndarray]:
    """Places of equal rows, in the order of their first."""
    if (table == table[:1]).all():
        return [np.arange(len(table))]
    groups: dict[bytes, list[int]] = {}
    whole = np.ascontiguousarray(table)
    content, size = whole.tobytes(), whole[:1].nbytes
    for i in range(len(whole)):
        groups.setdefault(content[i * size : (i + 1) * size], []).append(i)
    return [np.array(g) for g in groups.values()]


def numbered(code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First place of every value, in the order in which they come, and for each place which it is.

    Examples
    --------
    >>> first, back = numbered(np.array([7, 3, 7, 5]))
    >>> first.tolist(), back.tolist()
    ([0, 1, 3], [0, 1, 0, 2])
    """
    return _in_order(*_grouped(np.argsort(code, kind="stable"), code))


def sorted_rows(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different rows of a table by their columns, and for each row which of them it is.

    Examples
    --------
    >>> rows, back = sorted_rows(np.array([[2.0, 1.0], [1.0, 3.0], [2.0, 1.0]]))
    >>> rows.tolist(), back.tolist()
    ([[1.0, 3.0], [2.0, 1.0]], [1, 0, 1])
    """
    first, back = _grouped(np.lexsort(table.T[::-1]), table)
    return table[first], back


def _grouped(order: np.ndarray, table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First place of every value in a stable order, and for each place which value it has."""
    there = table[order].reshape(len(table), -1)
    new = np.ones(len(order), bool)
    new[1:] = (there[1:] != there[:-1]).any(axis=1)
    back = np.empty(len(order), int)
    back[order] = np.cumsum(new) - 1
    return order[new], back


def _in_order(first: np.ndarray, back: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(first)
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    return first[order], rank[back]


def _codes(table: np.ndarray, first: int) -> np.ndarray:
    """A number of 64 bits for every value of some columns, by its place, shape (S, N).

    The last steps of G. L. Steele, D. Lea, C. H. Flood (2014), "Fast splittable pseudorandom
    number generators", OOPSLA 2014.

    Parameters
    ----------
    first : int
        Number of the first column.
    """
    place = np.arange(first, first + table.shape[1]).astype(np.uint64)
    x = np.array(table, float, order="C").view(np.uint64)
    x += (place + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x ^= x >> np.uint64(shift)
        x *= np.uint64(factor)
    x ^= x >> np.uint64(31)
    return x


class Alike:
    """Which of some rows of numbers agree.

    Parameters
    ----------
    tables : ndarray, shape (S, N) each
        Rows agree in a column where they do in that of every table.
    """

    def __init__(self, *tables: np.ndarray) -> None:
        self._tables = tables
        varies = [(x != x[:1]).any(axis=0) for x in tables]
        self._varies = np.logical_or.reduce(varies)
        self._place = np.cumsum(self._varies) - 1

    @cached_property
    def _coded(self) -> np.ndarray:
        """A code for what every column that varies has in every row."""
        columns = np.flatnonzero(self._varies)
        parts = [_codes(x[:, columns], n * len(columns)) for n, x in enumerate(self._tables)]
        found: np.ndarray = np.add.reduce(parts)
        return found

    @property
    def differ(self) -> bool:
        """Whether any two rows do."""
        return bool(self._varies.any())

    def of(
        self, columns: Iterable[int] | np.ndarray, rows: np.ndarray, *more: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """First of the rows that agree in some columns, and for each row which of them it is.

        Parameters
        ----------
        columns : iterable of int
        rows : ndarray of int, shape (R,)
        more : ndarray, shape (R, M)
            Further numbers that are to agree.

        Returns
        -------
        tuple of ndarray
            Places among `rows`, in their order; shapes (U,) and (R,).
        """
        size = len(rows)
        chosen = np.fromiter(columns, int)
        chosen = chosen[self._varies[chosen]]
        more = tuple(x for x in more if (x != x[:1]).any())
        if size == 1 or not (chosen.size or more):
            return np.zeros(1, int), np.zeros(size, int)
        code = self._coded[np.ix_(rows, self._place[chosen])].sum(axis=1)
        for n, table in enumerate(more, start=2):
            code += _codes(table, n << 32).sum(axis=1)
        first, back = numbered(code)
        if len(first) == size:
            return first, back
        place = np.ix_(rows, chosen)
        table = np.concatenate([*(x[place] for x in self._tables), *more], axis=1)
        again = np.flatnonzero(first[back] != np.arange(size))
        if np.array_equal(table[again], table[first[back[again]]]):
            return first, back
        return _in_order(*_grouped(np.lexsort(table.T[::-1]), table))  # unlike ones got one code
