"""Values along the axes of a grid: which are numbers of the model, and which are facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.sweeping.priors import is_of_set

if TYPE_CHECKING:
    from causation.sweeping.grid import Value

CASE, PRIORS, STANDARD = "case", "priors", "standard"
"""Names of the axes along which cases, prior sets and standards vary."""
_LISTS = frozenset(
    {"disclosed", "not_disclosed", "redacted", "users_of", "not_users_of", "holds", "fields"}
)


@dataclass(frozen=True, eq=False)
class Column:
    """A number along one axis.

    Parameters
    ----------
    axis : int
    path : str
        Where a case states it.
    end : int or None
        0 or 1 where only one end of the interval varies.
    lo, hi : ndarray, shape (axis,)
        Ends of the interval, equal for a single number.
    """

    axis: int
    path: str
    end: int | None
    lo: np.ndarray
    hi: np.ndarray


def is_general(path: str) -> bool:
    """Whether an axis concerns the case, the standard or the prior set as a whole."""
    return path in (CASE, PRIORS, STANDARD) or is_of_set(path)


def _is_number(value: Value) -> bool:
    return isinstance(value, float) or (
        isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], float)
    )


def some_number(path: str, values: Sequence[Value]) -> Value | None:
    """A value to state, where all are numbers; a route's share of 0 takes the route away.

    Of shares the least, which leaves most room for others.
    """
    if not all(map(_is_number, values)):
        return None
    there = [v for v in values if not _removes(path, v)]
    if path.startswith("routes."):
        return min(there, key=_upper, default=None)
    return next(iter(there), None)


def _upper(value: Value) -> float:
    return float(value[1] if isinstance(value, tuple) else value)


def _removes(path: str, value: Value) -> bool:
    return path.startswith("routes.") and value == 0.0


def fact(path: str, value: Value, *, place: int, numeric: set[str]) -> Value | None:
    """What a value states that is no number of the model, if anything."""
    if path == CASE:
        return float(place)
    if path == STANDARD or (path in numeric and not _removes(path, value)):
        return None
    return value


def as_stated(path: str, value: Value) -> Any:
    """A value as a case states it: counts are whole numbers, lists of words are lists."""
    key = path.rpartition(".")[2]
    if key in _LISTS and isinstance(value, str):
        return [word for word in value.split("+") if word]
    if key == "count" and isinstance(value, float) and value == round(value):
        return int(value)
    return list(value) if isinstance(value, tuple) else value


def extremes(column: Column) -> list[Value]:
    """Values of a column that are allowed only if all are."""
    single = column.lo == column.hi
    found: list[Value] = []
    if single.any():
        found += [float(column.lo[single].min()), float(column.lo[single].max())]
    if not single.all():
        found.append((float(column.lo[~single].min()), float(column.hi[~single].max())))
    return found
