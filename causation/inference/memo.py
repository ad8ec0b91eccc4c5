"""What was found for a model: later evaluations of the same numbers take it from there."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from functools import partial

    from causation.inference.quadrature import Tables

__all__ = ["Memo"]


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """One row of numbers with its integral."""

    numbers: tuple[np.ndarray, ...]
    tolerance: float
    found: Any


class Memo:
    """Integrals that were found for one model: later rows that read the same numbers share them.

    Only what is the same on every run is kept, never what was sampled.
    """

    def __init__(self) -> None:
        self.columns: dict[Hashable, dict[str, np.ndarray]] = {}
        self._new: dict[Hashable, list[_Place]] = {}
        self._known: dict[Hashable, dict[bytes, _Place]] = {}
        self._tables: dict[Hashable, Tables] = {}

    def has(self, key: Hashable) -> bool:
        """Whether anything is known there."""
        return key in self._new or key in self._known

    def add(
        self, key: Hashable, tables: Sequence[np.ndarray], tolerance: float, found: Sequence[Any]
    ) -> None:
        """Keep what was found for every row of some tables of numbers."""
        new = self._new.setdefault(key, [])
        new += [_Place(tuple(t[i] for t in tables), tolerance, one) for i, one in enumerate(found)]

    def tables(self, make: partial[Tables], numbers: tuple[np.ndarray, np.ndarray]) -> Tables:
        """Moments for one row of numbers, which series that ask the same of them share."""
        asked = make.keywords
        name = (asked["accuracy"], asked["strangers"], tuple(asked["demand"].items()),
                *(x.tobytes() for x in numbers))  # fmt: skip
        if name not in self._tables:
            self._tables[name] = make(numbers)
        return self._tables[name]

    def find(
        self, key: Hashable, tables: Sequence[np.ndarray], tolerance: float, read: np.ndarray
    ) -> list[Any]:
        """Return what is known for every row, at least as precise; None for the others."""
        known = self._known.setdefault(key, {})
        for place in self._new.pop(key, ()):
            at = _digest(place.numbers, read)
            if at not in known or place.tolerance < known[at].tolerance:
                known[at] = place
        rows = [known.get(_digest(row, read)) for row in zip(*tables, strict=True)]
        return [p.found if p and p.tolerance <= tolerance else None for p in rows]


def _digest(numbers: Sequence[np.ndarray], read: np.ndarray) -> bytes:
    """Digest of a row: the columns read of its centres and sds, and all of the rest."""
    center, sd, *rest = numbers
    parts = (center[read], sd[read], *rest)
    return hashlib.blake2b(b"".join(x.tobytes() for x in parts), digest_size=16).digest()
