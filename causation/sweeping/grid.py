"""Grids of scenarios: what varies, and over which values.

A grid is a product of axes; an axis changes one number or fact, or several together (zipped).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from causation.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

MAX_VALUES = 10_000_000
"""Most values of one axis that a ``lo:hi:n`` may ask for."""

SCENARIO = "scenario"
"""Name of the dimension along which several numbers change together."""

type Value = bool | float | str | tuple[float, float] | tuple[str, ...]
"""A number, an interval, a name, yes or no, or a list of words (fields, custodians)."""


@dataclass(frozen=True)
class Axis:
    """One dimension of a grid.

    Parameters
    ----------
    name : str
        Name of the dimension.
    columns : dict of str to tuple
        For each dotted path that changes along this axis, its values in order; all of one
        length.
    """

    name: str
    columns: dict[str, tuple[Value, ...]]

    @property
    def size(self) -> int:
        """Number of values."""
        return len(next(iter(self.columns.values())))


@dataclass(frozen=True)
class Grid:
    """A product of axes.

    Examples
    --------
    >>> grid = build_grid({"standard": [0.5, 0.75], "sources.osint.weight": "log:1:100:3"})
    >>> grid.shape, grid.size
    ((2, 3), 6)
    """

    axes: tuple[Axis, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the dimensions."""
        return tuple(axis.name for axis in self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of every axis."""
        return tuple(axis.size for axis in self.axes)

    @property
    def size(self) -> int:
        """Number of scenarios."""
        return math.prod(self.shape)

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that some axis changes."""
        return tuple(path for axis in self.axes for path in axis.columns)

    def crossed(self, *axes: Axis) -> Grid:
        """The grid crossed with further axes, which come first.

        Raises
        ------
        InputError
            If one of them varies already.
        """
        twice = {path for axis in axes for path in axis.columns} & set(self.paths)
        if twice:
            raise InputError(f"{min(twice)}: varied twice; give one grid for each path")
        return Grid((*axes, *self.axes))

    def sha256(self) -> str:
        """Digest of the content."""
        content = [[axis.name, axis.columns] for axis in self.axes]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def build_grid(
    scenarios: Mapping[str, Any] | pd.DataFrame | Iterable[str], *, zipped: bool = False
) -> Grid:
    """A grid from what a caller gives.

    Parameters
    ----------
    scenarios : mapping, DataFrame or strings
        Values by path, crossed (or, if `zipped`, taken together); a table with a column for
        each path and a row for each scenario; or texts ``PATH=GRID``.
    zipped : bool
        Whether the values of a mapping change together.

    Raises
    ------
    InputError
        If an axis is empty, is not understood, or zipped axes differ in length.
    """
    if isinstance(scenarios, Mapping):
        table = {str(path): _values(str(path), v) for path, v in scenarios.items()}
    elif _is_table(scenarios):
        table = {str(p): _values(str(p), column.tolist()) for p, column in scenarios.items()}
        zipped = True
    else:
        pairs = [parse_vary(str(text)) for text in scenarios]
        table = dict(pairs)
        if len(table) != len(pairs):
            twice = next(p for p in table if [path for path, _ in pairs].count(p) > 1)
            raise InputError(f"{twice}: varied twice; give one grid for each path")
    if not table:
        raise InputError("an empty grid: nothing varies; give at least one path with its values")
    if not zipped:
        return Grid(tuple(Axis(path, {path: values}) for path, values in table.items()))
    lengths = {path: len(values) for path, values in table.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{path} has {n}" for path, n in lengths.items())
        raise InputError(f"numbers that change together need as many values each; {listed}")
    return Grid((Axis(SCENARIO, table),))


def _is_table(x: Any) -> TypeGuard[pd.DataFrame]:
    return hasattr(x, "columns")


def parse_vary(text: str) -> tuple[str, tuple[Value, ...]]:
    """Split ``PATH=GRID``.

    Examples
    --------
    >>> parse_vary("victims.co_victims.count=1,5,10")
    ('victims.co_victims.count', (1.0, 5.0, 10.0))
    """
    path, sign, grid = text.partition("=")
    if not sign or not path.strip() or not grid.strip():
        raise InputError(f"{text!r}: not PATH=GRID; such as sources.osint.weight=log:0.1:10:21")
    return path.strip(), parse_values(path.strip(), grid.strip())


def parse_values(path: str, text: str) -> tuple[Value, ...]:
    """Values from ``lo:hi:n``, ``log:lo:hi:n`` or ``a,b,c``.

    An interval is ``[lo,hi]``, a list of words ``a+b``.

    Raises
    ------
    InputError
        If the text is none of these or gives no value.

    Examples
    --------
    >>> parse_values("standard", "0:1:3")
    (0.0, 0.5, 1.0)
    >>> parse_values("sources.osint.weight", "log:1:100:3")
    (1.0, 10.0, 100.0)
    >>> parse_values("actor.publishes", "[0.2,0.6],[0.5,0.9],0.7")
    ((0.2, 0.6), (0.5, 0.9), 0.7)
    """
    if "[" in text or "]" in text:
        text = "".join(text.split())
        parts = _PARTS.findall(text)
        if ",".join(parts) != text.strip(","):
            raise InputError(f"{path}: {text!r} is not a grid; an interval is [lo,hi]")
        return tuple(_interval(path, part) for part in parts)
    if ":" in text:
        return _range(path, text)
    values = tuple(_number_or_name(part.strip()) for part in text.split(",") if part.strip())
    if not values:
        raise InputError(f"{path}: an empty grid; give lo:hi:n, log:lo:hi:n or a,b,c")
    return values


_PARTS = re.compile(r"\[[^\[\],]+,[^\[\],]+\]|[^\[\],\s]+")


def _interval(path: str, text: str) -> Value:
    if not text.startswith("["):
        return _number_or_name(text)
    try:
        lo, hi = (_number(end) for end in text[1:-1].split(","))
    except ValueError:
        raise InputError(f"{path}: {text!r} is not an interval of numbers") from None
    return lo, hi


def _range(path: str, text: str) -> tuple[Value, ...]:
    allowed = "lo:hi:n or log:lo:hi:n, such as 0:1:11"
    parts = text.split(":")
    log = parts[0].strip().lower() == "log"
    try:
        lo, hi, number = parts[log:]
        ends, count = (_number(lo), _number(hi)), int(_ascii(number))
    except ValueError:
        raise InputError(f"{path}: {text!r} is not a grid; allowed: {allowed}") from None
    if not all(map(math.isfinite, ends)):
        raise InputError(f"{path}: {text!r} has an end that is not finite; allowed: {allowed}")
    if count < 1:
        raise InputError(f"{path}: an empty grid, {count} values; allowed: {allowed}, n at least 1")
    if count > MAX_VALUES:
        raise InputError(f"{path}: too many values; allowed: at most {MAX_VALUES} on one axis")
    if log and min(ends) <= 0.0:
        raise InputError(f"{path}: a log grid needs positive ends; found {text}")
    t = np.linspace(0.0, 1.0, count) if count > 1 else np.zeros(1)
    if log:
        values = np.exp(math.log(ends[0]) * (1.0 - t) + math.log(ends[1]) * t)
    else:
        values = ends[0] * (1.0 - t) + ends[1] * t
    values[0] = ends[0]
    values[-1] = ends[1] if count > 1 else ends[0]
    # decimal steps read better than their binary sums: 0.3, not 0.30000000000000004
    return tuple(float(f"{v:.15g}") for v in values)


def _number_or_name(text: str) -> Value:
    if text[0].isalpha():  # a name, though Python reads nan and inf as numbers
        return {"true": True, "false": False}.get(text, text)
    try:
        return _number(text)
    except ValueError:
        return text


def _number(text: str) -> float:
    return float(_ascii(text))


def _ascii(text: str) -> str:
    """A text that may be a number: those of a case have neither other digits nor ``1_000``."""
    if not text.isascii() or "_" in text:
        raise ValueError("no number")
    return text


def _values(path: str, given: Any) -> tuple[Value, ...]:
    if isinstance(given, str):
        return parse_values(path, given)
    if not isinstance(given, Iterable):
        given = [given]
    if isinstance(given, np.ndarray) and given.ndim == 1 and given.dtype.kind in "fiu":
        values: tuple[Value, ...] = tuple(given.astype(float).tolist())
    else:
        values = tuple(_value(path, v) for v in given)
    if not values:
        raise InputError(f"{path}: an empty grid; give at least one value")
    return values


def _value(path: str, given: Any) -> Value:
    if isinstance(given, str):
        return given
    if isinstance(given, (bool, np.bool_)):
        return bool(given)
    if isinstance(given, (list, tuple)) and all(isinstance(x, str) for x in given):
        return tuple(given)
    ends = np.asarray(given)
    if ends.dtype.kind in "fiu" and ends.shape == (2,):
        return float(ends[0]), float(ends[1])
    if ends.dtype.kind in "fiu" and ends.shape == ():
        return float(ends)
    raise InputError(f"{path}: neither a number, an interval [lo, hi], a name nor a list of words")
