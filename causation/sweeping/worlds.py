"""Worlds: a case under one choice of everything that is no number of its model.

Numbers of the model are columns of it and vary by rows; a fact (who published what, how many
victims there are, the prior set) makes another model. A grid has as many worlds as there are
combinations of different facts along its axes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from causation.case.editing import canonical_paths
from causation.case.filling import fill
from causation.document.problems import NoSuchPathError
from causation.errors import CaseError, InputError
from causation.model.structure import Model, build_model
from causation.sweeping.factors import World
from causation.sweeping.priors import is_of_set, with_numbers
from causation.sweeping.values import (
    CASE,
    PRIORS,
    Column,
    as_stated,
    extremes,
    fact,
    is_general,
    some_number,
)

if TYPE_CHECKING:
    from causation.case.priors import PriorSet
    from causation.case.schema import Case
    from causation.sweeping.grid import Grid, Value

type Facts = tuple[tuple[str, Value], ...]
"""Facts by path."""
type Key = tuple[int, ...]
"""A world: which facts hold along each axis."""


class Worlds:
    """All worlds of a grid.

    Parameters
    ----------
    cases : sequence of Case
        One for each position of the axis `CASE`, where there is one.
    grid : Grid
    sets : mapping of str to PriorSet
        Prior sets that are loaded already, by their names in the grid.
    priors, standard
        In place of those of the cases.
    gaps : bool
        Whether a combination of facts that is not allowed is None, not an error.

    Raises
    ------
    CaseError
        If a path leads nowhere or a value is not allowed there.
    InputError
        If two axes change the same number.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        grid: Grid,
        *,
        sets: Mapping[str, PriorSet],
        priors: PriorSet | None = None,
        standard: str | float | None = None,
        gaps: bool = False,
    ) -> None:
        self._cases, self._grid, self._sets, self._gaps = tuple(cases), grid, sets, gaps
        self._priors, self._standard = priors, standard
        self._known: dict[Key, World | None] = {}
        for case in self._cases:
            self._check_twice(case)
        stated = [self._stated(case) for case in self._cases]
        self._bases = [case for case, _ in stated]
        numeric = set.intersection(*(paths for _, paths in stated))
        self._columns = [tuple(self._read(case, numeric)) for case in self._cases]
        self._check_values()
        self.facts, self.codes = self._coded(numeric)

    def _entries(self) -> Iterator[tuple[int, str, tuple[Value, ...]]]:
        for i, axis in enumerate(self._grid.axes):
            for path, values in axis.columns.items():
                yield i, path, values

    def _stated(self, case: Case) -> tuple[Case, set[str]]:
        """The case with a value of every number that varies stated, and their paths."""
        first = {
            path: value
            for _, path, values in self._entries()
            if not is_general(path) and (value := some_number(path, values)) is not None
        }
        inside = {path: as_stated(path, v) for path, v in first.items()}
        try:
            stated = case.replace(inside)
        except NoSuchPathError as error:
            raise CaseError(
                f"{case.id}: {error.problem}", file=case.file, found=error.found,
                allowed=error.allowed,
            ) from None  # fmt: skip
        model = self._model(stated, ())
        read = {path for path in inside if self._is_read(stated, model, path, first[path])}
        return stated, read

    def _is_read(self, case: Case, model: Model, path: str, value: Value) -> bool:
        """Whether the model reads the number that the case states there."""
        [(name, end)] = canonical_paths(case, [path])
        number = model.filled.optional(name)
        if number is None or number.path not in model.columns:
            return False
        lo, hi = value if isinstance(value, tuple) else (value, value)
        now = [(number.lo, lo), (number.hi, hi)]
        some = now if end is None else now[end : end + 1]
        return all(np.isclose(float(x), float(y), rtol=1e-9, atol=1e-12) for x, y in some)

    def _read(self, case: Case, numeric: set[str]) -> Iterator[Column]:
        for i, path, values in self._entries():
            if path not in numeric:
                continue
            [(name, end)] = canonical_paths(case, [path])
            lo = np.array([v[0] if isinstance(v, tuple) else v for v in values], float)
            hi = np.array([v[1] if isinstance(v, tuple) else v for v in values], float)
            yield Column(i, name, end, lo, hi)

    def _check_twice(self, case: Case) -> None:
        """Refuse two axes of one number, by whatever paths."""
        filled = self._model(case, ()).filled
        paths = [path for _, path, _ in self._entries() if not is_general(path)]
        seen: set[tuple[str, int | None]] = set()
        for name, end in canonical_paths(case, paths):
            number = filled.optional(name)
            path = name if number is None else number.path
            if {(path, e) for e in ((None, 0, 1) if end is None else (None, end))} & seen:
                raise InputError(f"{name}: two axes change the same number")
            seen.add((path, end))

    def _check_values(self) -> None:
        """Let the case format judge the extreme values: what it allows is an interval."""
        for case, columns in zip(self._bases, self._columns, strict=True):
            for column in columns:
                for value in extremes(column):
                    self._allow(case, column, value)

    @staticmethod
    def _allow(case: Case, column: Column, value: Value) -> None:
        path = column.path if column.end is None else f"{column.path}[{column.end}]"
        try:
            case.replace({path: value})
        except CaseError as error:
            # of two numbers together: cells are judged by themselves
            if not any(word in error.problem for word in ("inverted", "more than 1")):
                raise

    def _coded(self, numeric: set[str]) -> tuple[list[list[Facts]], list[np.ndarray]]:
        """For every axis its different facts, and which of them hold at each position."""
        facts: list[list[Facts]] = []
        codes: list[np.ndarray] = []
        for axis in self._grid.axes:
            here: dict[Facts, int] = {}
            code = np.zeros(axis.size, int)
            for k in range(axis.size):
                found = tuple(
                    (path, value)
                    for path, values in axis.columns.items()
                    if (value := fact(path, values[k], place=k, numeric=numeric)) is not None
                )
                code[k] = here.setdefault(found, len(here))
            facts.append(list(here))
            codes.append(code)
        return facts, codes

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """Every world, in order."""
        return tuple(product(*(range(len(here)) for here in self.facts)))

    def __getitem__(self, key: Key) -> World | None:
        """The world of some facts; None where they are not allowed together."""
        if key not in self._known:
            self._known[key] = self._made(key)
        return self._known[key]

    def _made(self, key: Key) -> World | None:
        facts = tuple(f for i, code in enumerate(key) for f in self.facts[i][code])
        place = int(float(dict(facts).get(CASE, 0.0)))  # type: ignore[arg-type]
        try:
            model = self._model(self._bases[place], facts)
        except CaseError:
            if self._gaps:
                return None
            raise
        columns: dict[str, tuple[Column, ...]] = {}
        given = {path for path, _ in facts}
        for column in self._columns[place]:
            number = model.filled.optional(column.path)
            if number is not None and number.path in model.columns and column.path not in given:
                columns[number.path] = (*columns.get(number.path, ()), column)
        return World(model, columns)

    def _model(self, case: Case, facts: Facts) -> Model:
        changes, of_set, priors = {}, {}, self._priors
        for path, value in facts:
            if path == PRIORS:
                priors = self._sets[str(value)]
            elif is_of_set(path):
                of_set[path] = value
            elif path != CASE:
                changes[path] = as_stated(path, value)
        changed = case.replace(changes) if changes else case
        if of_set:
            priors = with_numbers(changed, priors, of_set)
        return build_model(fill(changed, priors=priors, standard=self._standard))
