"""Rows of a model for every combination of the values of some numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from causation.errors import CaseError
from causation.model.structure import Scenarios
from causation.scales import Z90, Scale

if TYPE_CHECKING:
    from causation.sweeping.values import Column
    from causation.sweeping.worlds import World

__all__ = ["Places", "axes_of", "on_scale", "rows_of"]

type Places = Sequence[np.ndarray]
"""For every axis, positions on it."""


def axes_of(columns: Iterable[Column]) -> tuple[int, ...]:
    """Axes along which some columns vary, in order."""
    return tuple(sorted({c.axis for c in columns}))


def rows_of(
    world: World, paths: Iterable[str], places: Places
) -> tuple[tuple[int, ...], tuple[int, ...], Scenarios]:
    """Rows for every combination of the values of some numbers.

    Returns
    -------
    tuple
        Axes, how many positions there are on each, and the rows, in order.
    """
    varied = {path: world.columns[path] for path in paths}
    axes = axes_of(c for columns in varied.values() for c in columns)
    shape = tuple(len(places[i]) for i in axes)
    base = world.model.base()
    size = int(np.prod(shape, dtype=int))
    center, sd = (np.repeat(x, size, axis=0) for x in (base.center, base.sd))
    for path, columns in varied.items():
        number = world.model.numbers[world.model.columns[path]]
        ends = [np.full(shape, end) for end in (number.lo, number.hi)]
        for column in columns:
            where = [1] * len(axes)
            where[axes.index(column.axis)] = -1
            for end in (0, 1) if column.end is None else (column.end,):
                values = (column.lo, column.hi)[end][places[column.axis]]
                ends[end] = np.broadcast_to(values.reshape(where), shape)
        lo, hi = ends
        if (lo > hi).any():
            raise CaseError("an interval of the grid is inverted", path=path)
        place = world.model.columns[path]
        center[:, place], sd[:, place] = on_scale(lo.ravel(), hi.ravel(), number.scale)
    return axes, shape, Scenarios(center, sd, np.repeat(base.present, size, axis=0))


def on_scale(lo: np.ndarray, hi: np.ndarray, scale: Scale) -> tuple[np.ndarray, np.ndarray]:
    """Centres and sds of intervals on a number's own scale.

    Examples
    --------
    >>> on_scale(np.array([0.5]), np.array([2.0]), Scale.POSITIVE)[0].tolist()
    [0.0]
    """
    if scale in (Scale.UNIT, Scale.COUNT):
        return 0.5 * (lo + hi), np.zeros(lo.shape)
    with np.errstate(divide="ignore"):
        a, b = (
            np.log(x) if scale is Scale.POSITIVE else np.log(x) - np.log1p(-x) for x in (lo, hi)
        )
    single = lo == hi
    with np.errstate(invalid="ignore"):
        center = np.where(single, a, 0.5 * (a + b))
        sd = np.where(single, 0.0, (b - a) / (2.0 * Z90))
    return np.where(np.abs(center) < 1e-14, 0.0, center), sd
