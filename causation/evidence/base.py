"""What a kind of evidence is, and where its numbers and latents are read.

A kind lives in one file: what a victim's entry states becomes hashable facts, facts become a
factor of the likelihood under a route, and the same factor can be drawn from. Everything else
(leaving an item out, pooling like victims, independence) follows from those.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.document.numbers import Number
from causation.evidence.arrays import Namespace, logistic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from causation.case.filled import Filled, FilledGroup
    from causation.evidence.drawing import Draw

_SMALL = 200_000
"""Values that are computed in one go."""

type Present = Callable[[str], bool]
type Facts = Mapping[str, Hashable]


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be left out: a row of contributions, report and inquiry.

    Parameters
    ----------
    id : str
        Such as ``victims.plaintiff.fields.phone`` or ``findings.audit``.
    kind : str
        Name of the kind of evidence.
    group : str or None
        The victim group that it belongs to.
    stage : str
        Stage of the burden of proof.
    label : mapping of str to str
        What it is called, by language.
    """

    id: str
    kind: str
    group: str | None
    stage: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """A source as a density sees it.

    ``vague`` marks the stand-in for whatever is not named: every field [.05, .95].
    """

    name: str
    kind: str
    vague: bool = False


@dataclass(frozen=True)
class Route:
    """One source, or the entrance and what was looked up with it.

    Examples
    --------
    >>> Route((Source("osint", "inference"), Source("library", "leaked_library"))).name
    'osint/library'
    """

    sources: tuple[Source, ...]

    @cached_property
    def name(self) -> str:
        """Name, ``a`` or ``a/b``."""
        return "/".join(s.name for s in self.sources)

    @property
    def entrance(self) -> Source:
        """Where the actor got in."""
        return self.sources[0]

    @property
    def vague(self) -> bool:
        """Whether this is the stand-in for whatever is not named."""
        return self.entrance.vague


@dataclass(frozen=True, slots=True)
class Victim:
    """A victim in effect: what counts after everything that is left out or implied is gone.

    Parameters
    ----------
    facts : mapping of str to Hashable
        By kind of evidence.
    attempt : bool
        Chosen regardless of exposure.
    linkage : str or None
        ``latent`` for the share of the series, the path of a number of its own, None for 1.
    """

    facts: Facts
    attempt: bool = False
    linkage: str | None = None

    @property
    def key(self) -> Hashable:
        """Victims of equal key have equal likelihoods."""
        return (tuple(sorted(self.facts.items())), self.attempt, self.linkage)


@dataclass(frozen=True, eq=False)
class Places:
    """Where the numbers of a model stand: columns by path.

    Parameters
    ----------
    numbers : tuple of Number
    """

    numbers: tuple[Number, ...]
    index: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        index = {n.path: i for i, n in enumerate(self.numbers)}
        object.__setattr__(self, "index", MappingProxyType(index))

    def __reduce__(self) -> tuple[type[Places], tuple[tuple[Number, ...]]]:
        return Places, (self.numbers,)

    def __contains__(self, path: str) -> bool:
        return path in self.index

    def __getitem__(self, path: str) -> int:
        return self.index[path]


@dataclass
class At:
    """A point, or many, at which densities are evaluated.

    Parameters
    ----------
    xp : Namespace
    places : Places
    center, sd : ndarray, shape (..., N)
        Numbers of every row; leading axes broadcast against the latents'.
    z : mapping of str to array
        Latents by name. One that is missing is integrated out where a number is read: right
        where the likelihood is linear in that number, as for a single victim's fields.
    read : set of int, optional
        Collects the columns that are read.
    memo : dict
        What several kinds compute of the same point.
    constants : dict, optional
        What hangs on the numbers alone: kept for other points of the same rows.
    """

    xp: Namespace
    places: Places
    center: np.ndarray
    sd: np.ndarray
    z: Mapping[str, Any]
    read: set[int] | None = None
    memo: dict[Hashable, Any] = field(default_factory=dict)
    constants: dict[Hashable, Any] | None = None

    def _note(self, *columns: int) -> None:
        if self.read is not None:
            self.read.update(columns)

    def has(self, path: str) -> bool:
        """Whether the model has a number of this path."""
        return path in self.places

    def middle(self, path: str) -> np.ndarray:
        """Centre of a number on its own scale (logit, natural log, or as it is)."""
        column = self.places[path]
        self._note(column)
        result: np.ndarray = self.center[..., column]
        return result

    def spread(self, path: str) -> np.ndarray:
        """Standard deviation of a number on its own scale."""
        column = self.places[path]
        self._note(column)
        result: np.ndarray = self.sd[..., column]
        return result

    def mean(self, path: str) -> np.ndarray:
        """Expectation of a probability."""
        return logit_normal_means(self.middle(path), self.spread(path))

    def means(self, paths: Sequence[str]) -> np.ndarray:
        """Expectations of several probabilities, on a last axis."""
        columns = [self.places[p] for p in paths]
        self._note(*columns)
        return logit_normal_means(self.center[..., columns], self.sd[..., columns])

    def share(self, path: str, latent: str, shift: Any = 0.0) -> Any:
        """A probability that a latent of its own moves.

        Parameters
        ----------
        path : str
        latent : str
        shift : array
            Added on the logit scale.
        """
        center, sd = self.middle(path) + shift, self.spread(path)
        if latent in self.z:
            return self.xp.logistic(center + sd * self.z[latent])
        return logit_normal_means(center, sd)

    def shares(self, center: Any, sd: Any, *, shared: Any, loading: Any, own: Sequence[str]) -> Any:
        """Probabilities that a common latent and latents of their own move, on a last axis.

        Parameters
        ----------
        center, sd : ndarray, shape (..., F)
        shared : array, shape (...)
            The common latent.
        loading : ndarray, shape (..., F)
            Its loading; the own latent has the rest of the variance.
        own : sequence of str
            Names of the own latents, F of them.
        """
        common = self.xp.stack([shared])
        rest = np.sqrt(np.maximum(0.0, 1.0 - loading**2))
        if own[0] in self.z:
            mine = self.xp.stack([self.z[name] for name in own])
            return self.xp.logistic(center + (sd * loading) * common + (sd * rest) * mine)
        return logit_normal_means(center + (sd * loading) * common, sd * rest)


@lru_cache(maxsize=512)
def _normal_nodes(most: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes of a standard normal and their weights, for sds up to some."""
    step = min(0.8, 1.1 / most)
    half = math.ceil((7.5 + min(most, 6.0)) / step)
    t = step * np.arange(-half, half + 1)
    weight = np.exp(-0.5 * t * t)
    return t, weight / weight.sum()


def logit_normal_means(center: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Means of ``logistic(center + sd z)``, z standard normal, element by element.

    The trapezoid rule on an integrand that is analytic in a strip of half-width ``pi / sd``; its
    step follows the largest `sd`, its reach the place where the integrand peaks.

    Examples
    --------
    >>> np.round(logit_normal_means(np.array([0.0, -2.0]), np.array([1.0, 0.0])), 6).tolist()
    [0.5, 0.119203]
    """
    center, sd = np.broadcast_arrays(np.asarray(center, float), np.asarray(sd, float))
    most = float(sd.max(initial=0.0))
    if most == 0.0:
        return logistic(center)
    t, weight = _normal_nodes(most)
    if center.size * t.size < _SMALL:
        result: np.ndarray = logistic(center[..., None] + sd[..., None] * t) @ weight
        return result
    total = np.zeros(center.shape)
    for node, w in zip(t.tolist(), weight.tolist(), strict=True):
        total += w * logistic(center + node * sd)
    return total


class Kind:
    """A kind of evidence. Absent facts give the factor 1.

    A subclass states its `name`, `words`, what it reads and what it says; the defaults say
    nothing.
    """

    name: str = ""
    words: Mapping[str, str] = MappingProxyType({})
    """What the kind is called, by language."""
    victim_keys: Mapping[str, Any] = MappingProxyType({})
    """Keys that it adds to a victim's entry, with their types."""
    turn: int = 2
    """When it is drawn: 0 before the fields, 1 the fields, 2 after them."""
    additive: bool = False
    """Whether its log factor is a sum of terms that read one latent each, and so quickly done."""

    def items(self, filled: Filled, group: FilledGroup) -> tuple[Item, ...]:
        """Return what of a group can be left out."""
        return ()

    def numbers(self, filled: Filled) -> tuple[Number, ...]:
        """Return the numbers that it reads, in a stable order."""
        return ()

    def facts(
        self, filled: Filled, group: FilledGroup, present: Present, so_far: Facts
    ) -> Hashable:
        """Return what counts for a victim of the group; None where nothing does.

        Parameters
        ----------
        present : callable
            Whether an item, by its id, is there.
        so_far : mapping
            Facts of the kinds before this one.
        """
        return None

    def latents(self, victims: Sequence[Victim], route: Route) -> tuple[str, ...]:
        """Return names of the latents that the victims' factor reads under a route.

        Those that occur at most once in the likelihood of a single victim begin with ``own:``
        and are integrated out there.
        """
        return ()

    def log_factor(self, victims: Sequence[Victim], route: Route, at: At) -> Any:
        """Return the log likelihood (natural) of every victim's facts, shape (..., V), or 0."""
        return 0.0

    def simulate(self, draw: Draw) -> None:
        """Draw the facts of one victim: keys of his entry with their values."""
