"""A victim while he is drawn: what kinds of evidence tell each other on the way."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from causation.case.filled import Filled, FilledGroup
    from causation.evidence.base import At, Route


class Latents(dict[str, float]):
    """Standard normal latents, each drawn when it is first read.

    Parameters
    ----------
    rng : numpy.random.Generator
    """

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__()
        self._rng = rng

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> float:
        return super().__getitem__(name.removeprefix("own:"))

    def __missing__(self, name: str) -> float:
        return self.setdefault(name, float(self._rng.standard_normal()))


def _any_value(source: int, name: str) -> Hashable:  # noqa: ARG001 - undated values are one
    return None


@dataclass
class Draw:
    """A victim while he is drawn.

    Parameters
    ----------
    filled : Filled
    group : FilledGroup
        Which facts of him are looked at, and what put him on the list.
    route : Route
    at : At
        Numbers and latents of his series.
    rng : numpy.random.Generator
    series : dict
        What the victims of a series share besides latents.
    family : tuple of FilledGroup
        The series: all groups of the case, or the victim by himself.
    reached : bool
        False where the actor did not reach a victim who was chosen beforehand.
    copied : frozenset of str, optional
        Fields that he publishes of whatever he has, and no others: he imitates another.
    snapshots : frozenset of str
        Kinds of sources whose data have one age for the whole series.
    entry : dict
        His entry as it grows, by the keys of a group.
    value : callable
        Which of a field's values the data of the route's source of a number have.
    suppliers : dict
        By published field that none other implies: which sources of the route gave its value.
    shown : dict
        Value of each of those fields.
    """

    filled: Filled
    group: FilledGroup
    route: Route
    at: At
    rng: np.random.Generator
    series: dict[Hashable, Any]
    family: tuple[FilledGroup, ...]
    reached: bool = True
    copied: frozenset[str] | None = None
    snapshots: frozenset[str] = frozenset({"leaked_library"})
    entry: dict[str, Any] = field(default_factory=dict)
    value: Callable[[int, str], Hashable] = _any_value
    suppliers: dict[str, tuple[bool, ...]] = field(default_factory=dict)
    shown: dict[str, Hashable] = field(default_factory=dict)

    def happens(self, chance: Any) -> bool:
        """Draw whether something of this chance happens."""
        return bool(self.rng.random() < float(chance))
