"""Everything that can be reached from an object, and what of it can be changed in place."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

import numpy as np

__all__ = ["changeable"]

_ATOMS = (str, bytes, int, float, complex, type(None), Enum, dt.date, type, types.ModuleType,
          types.FunctionType, types.BuiltinFunctionType, np.generic)  # fmt: skip
_PRIVATE = (
    "__pydantic_private__",
    "once",
    "moves",
    "redraw_plan",
    "shift_plan",
    "memo",
    "readings",
    "_about",
)
"""What is kept beside an object and is no part of it: where it was read, what is looked up."""


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield f"[{key!r:.40}]", inner
    elif isinstance(value, tuple | list | set | frozenset):
        for i, inner in enumerate(value):
            yield f"[{i}]", inner
    else:
        names = set(getattr(value, "__dict__", ()))
        for c in type(value).__mro__:
            slots = getattr(c, "__slots__", ())
            names |= {slots} if isinstance(slots, str) else set(slots)
        for name in sorted(names - {"__dict__", "__weakref__", *_PRIVATE}):
            if (inner := getattr(value, name, None)) is not None:
                yield f".{name}", inner


def _open(value: Any) -> bool:
    """Whether a container, or any other object, takes a change."""
    if isinstance(value, dict | list | set | bytearray):
        return True
    if isinstance(value, np.ndarray):
        return bool(value.flags.writeable) or (isinstance(value.base, np.ndarray) and bool(
            value.base.flags.writeable
        ))  # fmt: skip
    if isinstance(value, Mapping | tuple | frozenset):
        return False
    try:
        value.attack = 1
    except (AttributeError, TypeError):
        return False
    del value.attack
    return True


def changeable(root: Any, name: str = "") -> list[str]:
    """Places below an object where something can be changed without force."""
    found, seen, todo = [], {}, [(name, root)]
    while todo:
        place, value = todo.pop()
        if isinstance(value, _ATOMS) or id(value) in seen:
            continue
        seen[id(value)] = value
        if _open(value):
            found.append(f"{place}: {type(value).__name__}")
        todo += [(place + step, inner) for step, inner in _inside(value)]
    return sorted(found)
