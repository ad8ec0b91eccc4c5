"""What a sweep is to compute: its grid in slabs and chunks, and how each is computed.

A slab is a box of the grid whose victims are integrated together, a chunk a part of it that is
written or sent at once. Both depend on the grid alone, never on who computes them.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.case.filling import fill
from causation.case.ledger import labels
from causation.dossier.labels import LANGUAGES, pick
from causation.dossier.wording import input_label
from causation.sweeping.values import CASE, STANDARD
from causation.sweeping.worlds import Key, Worlds
from causation.version import VERSION

if TYPE_CHECKING:
    from causation.case.schema import Case
    from causation.inference.integrate import IntegratorSettings
    from causation.sweeping.cells import Question
    from causation.sweeping.factors import Job, World
    from causation.sweeping.grid import Grid, Value

_CHUNK = 2**20
"""Most cells in a chunk."""
_SLAB = 8192
"""Most rows that are integrated before any cell is computed."""

LEADS = {"posterior": "route"}
"""Variables that have one value for each of something, and its dimension."""

type Region = tuple[tuple[int, int], ...]
"""A box of cells: start and stop along every axis."""


@dataclass(frozen=True, eq=False)
class Slab:
    """A box of a grid whose integrals are computed together, and its chunks."""

    region: Region
    chunks: tuple[Region, ...]


@dataclass(frozen=True, eq=False)
class Sweep:
    """What is to be computed; nothing of it is computed yet.

    Parameters
    ----------
    cases : tuple of Case
    grid : Grid
        Crossed with the cases, prior sets and standards where there are several.
    worlds : Worlds
    question : Question
    settings : IntegratorSettings
    """

    cases: tuple[Case, ...]
    grid: Grid
    worlds: Worlds
    question: Question
    settings: IntegratorSettings

    @cached_property
    def _models(self) -> list[World]:
        return [w for key in self.worlds.keys if (w := self.worlds[key]) is not None]

    @cached_property
    def routes(self) -> tuple[str, ...]:
        """Names of the routes of all worlds, in the order in which they come."""
        return tuple(dict.fromkeys(r for w in self._models for r in w.model.route_names))

    def lead(self, variable: str) -> tuple[str, ...]:
        """What a variable has one of: names of routes; empty for a single number."""
        return self.routes if variable in LEADS else ()

    @property
    def cell_bytes(self) -> int:
        """Bytes that the results of one cell take."""
        return sum(
            1 if name == "met" else 8 * max(1, len(self.lead(name)))
            for name in self.question.variables
        )

    @cached_property
    def coordinates(self) -> dict[str, np.ndarray]:
        """Values of every path, as numbers, or as texts where some are none."""
        return {path: _coordinate(v) for axis in self.grid.axes for path, v in axis.columns.items()}

    def labels(self, path: str) -> dict[str, Any]:
        """What an axis is called in both languages, as attributes of its coordinate.

        Of cases their titles too.
        """
        filled = self._models[0].model.filled if self._models else None
        if filled is None:
            return {}
        name = path.removesuffix("[0]").removesuffix("[1]")
        found: dict[str, Any] = {f"label_{x}": input_label(filled, name, x) for x in LANGUAGES}
        if path == CASE:
            for lang in LANGUAGES:
                titles = [pick(labels(c.title, c.id), lang) or c.id for c in self.cases]
                found[f"values_{lang}"] = titles
        return found

    @cached_property
    def _integrated(self) -> tuple[int, ...]:
        """Axes along which there are integrals."""
        found = {i for i, here in enumerate(self.worlds.facts) if len(here) > 1}
        return tuple(sorted(found.union(*(w.victim_axes for w in self._models))))

    @property
    def integrals(self) -> tuple[int, int]:
        """How many models there are, and for how many rows of them integrals are found."""
        return len(self.worlds.keys), math.prod(self.grid.shape[i] for i in self._integrated)

    @cached_property
    def _steps(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Sizes of slabs and of chunks along each axis; slabs hold whole chunks."""
        slab = list(self.grid.shape)
        while (cost := math.prod(slab[i] for i in self._integrated)) > _SLAB:
            axis = max(self._integrated, key=lambda i: slab[i])
            size = slab[axis]
            slab[axis] = max(1, min(size - 1, size * _SLAB // cost + 1, -(-size // 2)))
        chunk: list[int] = []
        room = _CHUNK
        for n in reversed(slab):
            chunk.insert(0, max(1, min(n, room)))
            room //= n
        slab = [
            n if n in (c, whole) else n // c * c
            for n, c, whole in zip(slab, chunk, self.grid.shape, strict=True)
        ]
        return tuple(slab), tuple(chunk)

    @property
    def chunk_shape(self) -> tuple[int, ...]:
        """Length of a chunk along each axis."""
        return self._steps[1]

    def slabs(self) -> Iterator[Slab]:
        """Every slab, in order."""
        slab, chunk = self._steps
        for region in _boxes(tuple((0, n) for n in self.grid.shape), slab):
            yield Slab(region, tuple(_boxes(region, chunk)))

    def within(self, region: Region) -> Iterator[tuple[Key, list[np.ndarray]]]:
        """Worlds of a region, each with its positions along every axis."""
        here = [
            code[start:stop] for code, (start, stop) in zip(self.worlds.codes, region, strict=True)
        ]
        for key in itertools.product(*(np.unique(code).tolist() for code in here)):
            yield (
                key,
                [
                    start + np.flatnonzero(code == k)
                    for code, k, (start, _) in zip(here, key, region, strict=True)
                ],
            )

    def jobs(self, region: Region) -> Iterator[Job]:
        """What is to be integrated for a region."""
        for key, places in self.within(region):
            if (world := self.worlds[key]) is not None:
                yield from world.jobs(places, settings=self.settings)

    def threshold(
        self, world: World, places: Sequence[np.ndarray]
    ) -> tuple[int | None, np.ndarray]:
        """Axis along which the standard of proof varies, and the standards."""
        for i, axis in enumerate(self.grid.axes):
            if STANDARD in axis.columns:
                return i, self.standards[places[i]]
        return None, np.array([world.model.filled.threshold])

    def empty(self, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
        """Arrays for the variables over some cells, not filled."""
        return {
            name: np.empty(
                (*((len(self.lead(name)),) if name in LEADS else ()), *shape),
                bool if name == "met" else float,
            )
            for name in self.question.variables
        }

    @cached_property
    def standards(self) -> np.ndarray:
        """Standards along their axis, as probabilities."""
        values = next(a.columns[STANDARD] for a in self.grid.axes if STANDARD in a.columns)
        known: dict[Value, float] = {
            v: fill(self.cases[0], standard=v).threshold  # type: ignore[arg-type]
            for v in {v for v in values if not isinstance(v, float)}
        }
        return np.array([known.get(v, v) for v in values], float)

    def thresholds(self) -> list[float]:
        """Every standard of proof with which a cell is compared, by value."""
        if STANDARD in self.grid.paths:
            return [float(x) for x in self.standards]
        return [w.model.filled.threshold for w in self._models]

    def attributes(self) -> dict[str, Any]:
        """What is needed to compute the same numbers again, as plain values."""
        filled = [w.model.filled for w in self._models]
        loaded = {id(f.priors): f.priors for f in filled}.values()
        sets = dict.fromkeys((p.name, p.sha256) for p in loaded)
        standards = {
            str(f.threshold) if f.standard_id == "custom" else f.standard_id for f in filled
        }
        propositions = {", ".join(f.proposition.sources) for f in filled}
        return {
            "case": ", ".join(case.id for case in self.cases),
            "case_sha256": ", ".join(case.sha256 for case in self.cases),
            "proposition": propositions.pop() if len(propositions) == 1 else "",
            "standard": standards.pop() if len(standards) == 1 else "",
            "prior_set": ", ".join(name for name, _ in sets),
            "prior_set_sha256": ", ".join(found for _, found in sets),
            "model_sha256": self._content(),
            "bound": self.question.bound if math.isfinite(self.question.bound) else "none",
            "version": VERSION,
            **{k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self.settings).items()},
        }

    def _content(self) -> str:
        """Digest of what every model reads, whatever files and packages it came from."""
        found = hashlib.sha256()
        for world in self._models:
            model = world.model
            filled = model.filled
            numbers = [(n.path, n.center, n.sd) for n in model.numbers]
            implied = sorted((k, sorted(v)) for k, v in filled.implies.items())
            facts = (model.route_names, numbers, implied, filled.groups, filled.threshold)
            found.update(repr((*facts, model.background.tolist())).encode())
        return found.hexdigest()


def _boxes(region: Region, steps: Sequence[int]) -> Iterator[Region]:
    spans = [
        [(at, min(at + step, stop)) for at in range(start, stop, step)]
        for (start, stop), step in zip(region, steps, strict=True)
    ]
    yield from itertools.product(*spans)


def _coordinate(values: Sequence[Value]) -> np.ndarray:
    if all(isinstance(v, float) for v in values):
        return np.array(values, dtype=float)
    return np.array([_shown(v) for v in values])


def _shown(value: Any) -> str:
    """A value of an axis as a text: ``[0.2, 0.6]`` is an interval."""
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(x if isinstance(x, str) else f'{x:g}' for x in value)}]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:g}"
    return str(value)
