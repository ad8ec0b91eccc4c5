"""What was found for a model: later evaluations of the same numbers take it from there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.inference.quadrature import HELD

if TYPE_CHECKING:
    from functools import partial

    from causation.evidence.series import Series
    from causation.inference.counting import Plan, Stand
    from causation.inference.integral import Origin
    from causation.inference.quadrature import Tables
    from causation.inference.spreading import Many


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Proposals for one route and the numbers that it reads, with the names of its latents."""

    origin: Origin
    names: tuple[str, ...]
    numbers: tuple[np.ndarray, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """One row of numbers with its integral."""

    numbers: np.ndarray
    tolerance: float
    found: Any


class Memo:
    """Integrals that were found for one model: later rows that read the same numbers share them.

    Only what is the same on every run is kept, and where sampling starts, never what was sampled.

    Parameters
    ----------
    parent : Memo, optional
        Of a model of the same case: sampling starts from its proposals, and what tables remember
        is bounded for both together.
    """

    def __init__(self, parent: Memo | None = None) -> None:
        self.parent = parent
        self.host: tuple[Series, Hashable] | None = None
        self.evidence: dict[str, float] | None = None
        self.origins: dict[tuple[Hashable, str], Kept] = {}
        self.plans: dict[Hashable, dict[Stand | str, Plan | Many | None]] = {}
        """How to integrate, for the victims that count: it hangs on no number."""
        self._whole: dict[Hashable, dict[bytes, _Place]] = {}
        self._new: dict[Hashable, list[_Place]] = {}
        self._known: dict[Hashable, dict[bytes, _Place]] = {}
        self.tabled: dict[Hashable, Tables] = {} if parent is None else parent.tabled

    def like(self, route: str, names: tuple[str, ...]) -> Origin | None:
        """Proposals for a route of these latents, whatever its numbers are."""
        kept = None if self.host is None else self.origins.get((self.host[1], route))
        return kept.origin if kept is not None and kept.names == names else None

    def has(self, key: Hashable) -> bool:
        """Whether anything is known there."""
        return key in self._whole

    def add(
        self, key: Hashable, tables: Sequence[np.ndarray], tolerance: float, found: Sequence[Any]
    ) -> None:
        """Keep what was found for every row of some tables of numbers."""
        whole, new = self._whole.setdefault(key, {}), self._new.setdefault(key, [])
        for row, one in zip(np.concatenate(tables, axis=1), found, strict=True):
            place = _Place(row, tolerance, one)
            _keep(whole, _digest(row), place)
            new.append(place)

    def tables(self, make: partial[Tables], numbers: tuple[np.ndarray, np.ndarray]) -> Tables:
        """Moments for a few rows of numbers, which series that ask the same of them share."""
        asked = make.keywords
        name = (id(make.args[0]), asked["accuracy"], asked["strangers"], asked["expanded"],
                tuple(asked["demand"].items()), *(x.tobytes() for x in numbers))  # fmt: skip
        found = self.tabled.pop(name, None) or make(numbers)
        self.tabled[name] = found  # the last one asked for stands last
        while len(self.tabled) > 1 and sum(x.held for x in self.tabled.values()) > HELD:
            self.tabled.pop(next(iter(self.tabled))).forget()  # asked for longest ago
        return found

    def find(
        self,
        key: Hashable,
        tables: Sequence[np.ndarray],
        tolerance: float,
        read: Callable[[], np.ndarray],
    ) -> list[Any]:
        """Return what is known for every row, at least as precise; None for the others.

        Parameters
        ----------
        tables : sequence of ndarray, shape (S, ...)
            Centres and sds, of which not every column matters, and what does besides.
        read : callable
            Finds the columns that matter; asked for where not all rows are known as they are.
        """
        whole, rows = self._whole.get(key, {}), np.concatenate(tables, axis=1)
        found = [whole.get(_digest(row)) for row in rows]
        if not all(p and p.tolerance <= tolerance for p in found):
            size, known = tables[0].shape[1], self._known.setdefault(key, {})
            center, rest = read(), np.arange(2 * size, rows.shape[1])
            columns = np.concatenate([center, center + size, rest])
            for place in self._new.pop(key, ()):
                _keep(known, _digest(place.numbers[columns]), place)
            found = [known.get(_digest(row)) for row in rows[:, columns]]
        return [p.found if p and p.tolerance <= tolerance else None for p in found]


def _keep(known: dict[bytes, _Place], at: bytes, place: _Place) -> None:
    """Keep the more precise of two."""
    if at not in known or place.tolerance < known[at].tolerance:
        known[at] = place


def _digest(row: np.ndarray) -> bytes:
    return hashlib.blake2b(row.tobytes(), digest_size=16).digest()
