"""Cells of a grid from its factors: sums over routes of products.

Factors that share an axis are multiplied; the rest falls into two sides with no axis in common,
so that every sum over routes is one product of matrices. It is formed on the linear scale, each
factor scaled by its largest value; where that leaves the range of a double, on the log scale.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from causation.sweeping.tables import Factor

__all__ = ["TINY", "Contraction", "contract", "log_contract"]

TINY = 1e-250
"""A sum below this is formed again on the log scale."""


@dataclass(frozen=True, eq=False)
class _Part:
    """A factor on the linear scale: its axes, and an array of shape (axes..., Z)."""

    axes: tuple[int, ...]
    value: np.ndarray

    @property
    def size(self) -> int:
        return int(np.prod(self.value.shape[:-1], dtype=int))

    def times(self, other: _Part) -> _Part:
        """The product over the axes of both."""
        axes = tuple(sorted({*self.axes, *other.axes}))
        return _Part(axes, self.over(axes) * other.over(axes))

    def over(self, axes: tuple[int, ...]) -> np.ndarray:
        """The array with an axis of length 1 for each that it does not have."""
        shape = dict(zip(self.axes, self.value.shape, strict=False))
        last = self.value.shape[-1]
        return self.value.reshape([*(shape.get(i, 1) for i in axes), last])


class Contraction:
    """Sums over routes of a product of factors.

    Parameters
    ----------
    parts : sequence of (axes, ndarray)
        Non-negative factors of shape (axes..., Z).
    number : int
        How many axes the grid has.
    """

    def __init__(self, parts: Sequence[_Part], number: int) -> None:
        self._number = number
        self._left, self._right = _sides(parts)

    def sum(self, routes: np.ndarray | None = None) -> np.ndarray:
        """Sum over some routes (bool of shape (Z,)), of length 1 along axes that do not matter."""
        a, b = self._left, self._right
        x, y = (part.value.reshape(part.size, -1) for part in (a, b))
        if routes is not None:
            x, y = x[:, routes], y[:, routes]
        return self._placed(x @ y.T)

    def route(self, z: int) -> np.ndarray:
        """The product itself for one route."""
        x, y = (part.value[..., z].ravel() for part in (self._left, self._right))
        return self._placed(np.multiply.outer(x, y))

    def _placed(self, table: np.ndarray) -> np.ndarray:
        axes = (*self._left.axes, *self._right.axes)
        shape = (*self._left.value.shape[:-1], *self._right.value.shape[:-1])
        order = np.argsort(axes)
        ordered = table.reshape(shape).transpose(order) if axes else table.reshape(shape)
        place = dict(zip(sorted(axes), ordered.shape, strict=True))
        return ordered.reshape([place.get(i, 1) for i in range(self._number)])


def _sides(parts: Sequence[_Part]) -> tuple[_Part, _Part]:
    """Two products that share no axis, small ones."""
    groups: list[_Part] = []
    for part in parts:
        touching = [g for g in groups if set(g.axes) & set(part.axes)]
        rest = [g for g in groups if not set(g.axes) & set(part.axes)]
        groups = [*rest, reduce(_Part.times, touching, part)]
    one = _Part((), np.ones((1, parts[0].value.shape[-1])).reshape(-1))
    sides = [one, one]
    for group in sorted(groups, key=lambda g: -g.size):
        small = 0 if sides[0].size <= sides[1].size else 1
        sides[small] = sides[small].times(group)
    return sides[0], sides[1]


def contract(
    factors: Sequence[Factor], number: int, scales: Sequence[np.ndarray] | None = None
) -> Contraction:
    """Make sums over routes of a product of factors.

    Parameters
    ----------
    factors : sequence of Factor
    number : int
        How many axes the grid has.
    scales : sequence of ndarray, optional
        For each factor what multiplies it, of its own shape; chances given the routes.
    """
    parts = []
    for i, factor in enumerate(factors):
        top = factor.log.max(axis=-1, keepdims=True)
        value = np.exp(factor.log - np.where(np.isfinite(top), top, 0.0))
        parts.append(_Part(factor.axes, value if scales is None else value * scales[i]))
    return Contraction(parts, number)


def log_contract(
    factors: Sequence[Factor], number: int
) -> Callable[[np.ndarray | None], np.ndarray]:
    """The same on the log scale: a function from routes to the log of the sum."""
    axes = tuple(range(number))
    whole: np.ndarray = np.zeros(1)
    for factor in factors:
        whole = whole + _Part(factor.axes, factor.log).over(axes)

    def log_sum(routes: np.ndarray | None = None) -> np.ndarray:
        chosen = whole if routes is None else whole[..., routes]
        result: np.ndarray = np.logaddexp.reduce(chosen, axis=-1)
        return result

    return log_sum
