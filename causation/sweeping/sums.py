"""Sums over routes of the products of many factors.

Factors that share an axis are added on the log scale; the rest falls into two sides with no axis in
common, so that every sum over routes is one product of matrices. It is formed on the linear scale,
each row of a side scaled by its largest route; where that leaves the range of a double, on the log
scale.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from causation.sweeping.factors import Factor

TINY = 1e-250
"""A sum below this is formed again on the log scale."""
SIDES = ("own", "rest")
"""Sums over the proposition's routes, and over the others."""

type Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Side:
    """Factors on the log scale over some axes, flattened.

    Parameters
    ----------
    axes, shape : tuple of int
    log : ndarray, shape (n, Z)
    prior : ndarray, shape (n or 1, Z)
        The factors of the prior alone.
    credit : ndarray, shape (n, Z), optional
        Where the victims are on this side: chance of the proposition given each route.
    """

    axes: tuple[int, ...]
    shape: tuple[int, ...]
    log: np.ndarray
    prior: np.ndarray
    credit: np.ndarray | None = None

    @classmethod
    def of(cls, factors: Sequence[Factor], routes: int) -> Side:
        """The product of some factors."""
        axes = tuple(sorted({i for f in factors for i in f.axes}))
        size = {i: n for f in factors for i, n in zip(f.axes, f.log.shape, strict=False)}
        shape = tuple(size[i] for i in axes)

        def over(axes_of: tuple[int, ...], table: np.ndarray) -> np.ndarray:
            return table.reshape([*(size[i] if i in axes_of else 1 for i in axes), routes])

        def product(parts: Sequence[Factor], shape: tuple[int, ...]) -> np.ndarray:
            total = np.zeros((*shape, routes))
            for f in parts:
                total += over(f.axes, f.log)
            return total.reshape(-1, routes)

        prior = [f for f in factors if f.prior]
        varies = any(f.axes for f in prior)
        credit = next(
            (
                np.broadcast_to(over(f.axes, f.credit), (*shape, routes)).reshape(-1, routes)
                for f in factors
                if f.credit is not None
            ),
            None,
        )
        return cls(
            axes, shape, product(factors, shape),
            product(prior, shape if varies else (1,) * len(axes)), credit,
        )  # fmt: skip

    def along(self, axis: int, values: np.ndarray) -> np.ndarray:
        """Values along one of its axes, for every row."""
        where = [-1 if i == axis else 1 for i in self.axes]
        return np.broadcast_to(values.reshape(where), self.shape).reshape(-1)


def sides_of(factors: Sequence[Factor]) -> tuple[Side, Side]:
    """Two sides that share no axis, small ones; the first axis of all is on the left."""
    routes = factors[0].log.shape[-1]
    sizes = {i: n for f in factors for i, n in zip(f.axes, f.log.shape, strict=False)}
    groups: list[list[Factor]] = []
    for part in factors:
        touching = [g for g in groups if not _axes(g).isdisjoint(part.axes)]
        rest = [g for g in groups if _axes(g).isdisjoint(part.axes)]
        groups = [*rest, [*(f for g in touching for f in g), part]]

    def size(group: list[Factor]) -> float:
        return float(math.prod(sizes[i] for i in _axes(group)))

    left: list[Factor] = []
    right: list[Factor] = []
    for group in sorted(groups, key=size, reverse=True):
        (left if size(left) <= size(right) else right).extend(group)
    sides = sorted((left, right), key=lambda half: min(_axes(half), default=len(sizes)))
    return Side.of(sides[0], routes), Side.of(sides[1], routes)


def _axes(factors: Sequence[Factor]) -> set[int]:
    return {i for f in factors for i in f.axes}


class Sums:
    """Sums over routes of the products of two sides, some of them weighed.

    Parameters
    ----------
    left, right : ndarray, shape (M, Z) and (N, Z)
        Natural logarithms.
    weights : mapping of str to ndarray
        For every sum the weights of the routes, shape (Z,), (M, Z) for the left side or, where
        `on_right`, (N, Z).
    """

    def __init__(
        self, left: np.ndarray, right: np.ndarray, weights: Arrays, *, on_right: bool = False
    ) -> None:
        self._log = left, right
        self._tops = tuple(_finite(x.max(axis=1, keepdims=True)) for x in self._log)
        self.linear = tuple(np.exp(x - top) for x, top in zip(self._log, self._tops, strict=True))
        self._parts: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self._weights, self._on_right = weights, on_right
        for name, weight in weights.items():
            used = weight.any(axis=0) if weight.ndim == 2 else weight > 0.0
            a, b = (np.ascontiguousarray(x[:, used]) for x in self.linear)
            chosen = weight[..., used]
            self._parts[name] = (a, b * chosen) if on_right else (a * chosen, b)
        self._safe = all(
            float((a.min(axis=0) * b.min(axis=0)).sum()) > TINY
            for a, b in (self._parts[name] for name in SIDES)
        )

    def block(self, rows: slice) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
        """Every sum for some rows of the left side, each cell on one scale.

        Returns
        -------
        tuple
            The sums, each (rows, N); and their terms, (rows, N, Z), where the block left the
            range of a double and was formed by logarithms.
        """
        found = {
            name: (a if len(a) == 1 else a[rows]) @ b.T for name, (a, b) in self._parts.items()
        }
        if self._safe or all((found[name] > TINY).all() for name in SIDES):
            return found, None
        return self._exact(rows)

    def _exact(self, rows: slice) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """The same by logarithms."""
        left, right = self._log
        terms = (left if len(left) == 1 else left[rows])[:, None] + right[None]
        terms = np.exp(terms - _finite(terms.max(axis=2, keepdims=True)))
        sums = {}
        for name, weight in self._weights.items():
            if weight.ndim == 1:
                sums[name] = terms @ weight
            else:
                mine = weight[None] if self._on_right else weight[rows][:, None]
                sums[name] = (terms * mine).sum(axis=2)
        return sums, terms


def _finite(top: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(top), top, 0.0)
