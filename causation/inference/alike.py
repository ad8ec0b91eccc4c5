"""Rows that agree in what somebody reads: what hangs on nothing else is computed once for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

_FEW = 64
"""Rows up to which comparing their bytes takes fewer calls."""


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


def _crossed(left: np.ndarray, right: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The same of pairs of whole numbers, the second of which are below `size`."""
    code = left * size + right
    most = (int(left.max()) + 1) * size
    if most > 8 * len(code):
        return numbered(code)
    first = np.full(most, -1)
    first[code[::-1]] = np.arange(len(code) - 1, -1, -1)  # of several the first is written last
    there = np.flatnonzero(first >= 0)
    place = np.empty(most, int)
    place[there] = np.arange(len(there))
    return _in_order(first[there], place[code])


def _in_order(first: np.ndarray, back: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(first)
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    return first[order], rank[back]


class Alike:
    """Which of some rows of numbers agree.

    Parameters
    ----------
    tables : ndarray, shape (S, N) each
        Rows agree in a column where they do in that of every table.
    """

    def __init__(self, *tables: np.ndarray) -> None:
        self._tables = tables
        self._codes: dict[int, tuple[np.ndarray, int]] = {}
        varies = [(x != x[:1]).any(axis=0) for x in tables]
        self._varies = np.logical_or.reduce(varies)

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
        if size == 1 or not (chosen.size or more):
            return np.zeros(1, int), np.zeros(size, int)
        if size <= _FEW:
            return self._by_bytes(chosen, rows, more)
        first, back = np.zeros(1, int), np.zeros(size, int)
        for code, most in self._parts(chosen, rows, more):
            first, back = _crossed(back, code, most)
            if len(first) == size:
                break
        return first, back

    def _parts(
        self, columns: np.ndarray, rows: np.ndarray, more: tuple[np.ndarray, ...]
    ) -> Iterator[tuple[np.ndarray, int]]:
        """Which of its values every column has in some rows, and how many there are."""
        for column in columns.tolist():
            code, most = self._code(column)
            yield code[rows], most
        for table in more:
            for values in table[:, (table != table[:1]).any(axis=0)].T:
                unlike, back = numbered(values)
                yield back, len(unlike)

    def _by_bytes(
        self, columns: np.ndarray, rows: np.ndarray, more: tuple[np.ndarray, ...]
    ) -> tuple[np.ndarray, np.ndarray]:
        place = np.ix_(rows, columns)
        groups = alike(np.concatenate([*(x[place] for x in self._tables), *more], axis=1))
        back = np.empty(len(rows), int)
        for n, members in enumerate(groups):
            back[members] = n
        return np.array([g[0] for g in groups]), back

    def _code(self, column: int) -> tuple[np.ndarray, int]:
        """Which of its values a column has in every row, and how many there are."""
        if column not in self._codes:
            first, back = numbered(self._tables[0][:, column])
            for table in self._tables[1:]:
                values = table[:, column]
                if (values != values[0]).any():
                    unlike, code = numbered(values)
                    first, back = _crossed(back, code, len(unlike))
            self._codes[column] = back, len(first)
        return self._codes[column]
