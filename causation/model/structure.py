"""A case in numbers: routes, numbers in columns, items that can be left out.

A model knows no engine. Its numbers and items are columns; a scenario is a row of them, so that
every analysis is rows for one evaluation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causation import evidence
from causation.case.filled import Filled
from causation.case.filling import fill
from causation.case.schema import Case
from causation.document.mappings import Closed, Fixed, kept
from causation.errors import InputError
from causation.evidence.base import Item, Places, Route
from causation.evidence.findings import finding_items, finding_numbers
from causation.evidence.security import security_items, security_numbers
from causation.evidence.series import group_items, linkage_numbers
from causation.model.routes import background, build_routes, prior_numbers
from causation.scales import Elicited, Scale

if TYPE_CHECKING:
    from causation.document.numbers import Number

type Given = Model | Filled | Case | str | Path
"""Whatever a model can be built of: one that is built, a case, its file or the id of one."""

type Value = float | tuple[float, float]


@dataclass(frozen=True, eq=False)
class Scenarios:
    """Rows: a case with other numbers, or with items left out.

    Parameters
    ----------
    center, sd : ndarray, shape (S, N)
        On each number's own scale.
    present : ndarray of bool, shape (S, I)
    background : ndarray, shape (S, Z), optional
        Weights of the routes for what is not of the series, in place of the model's.
    """

    center: np.ndarray
    sd: np.ndarray
    present: np.ndarray
    background: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.center)

    def take(self, rows: np.ndarray | Sequence[int]) -> Scenarios:
        """Return some of the rows."""
        background = None if self.background is None else self.background[rows]
        return Scenarios(self.center[rows], self.sd[rows], self.present[rows], background)

    def outwards(self, middle: Scenarios) -> np.ndarray:
        """Places of rows by how far their numbers lie from another row's, those nearest first."""
        with np.errstate(invalid="ignore"):
            off = np.nan_to_num(self.center - middle.center, posinf=0.0, neginf=0.0)
        order: np.ndarray = np.argsort((off * off).sum(axis=1), kind="stable")
        return order


def concatenate(parts: Sequence[Scenarios]) -> Scenarios:
    """All rows of several, in order; all have a background of their own, or none."""
    backgrounds = [p.background for p in parts if p.background is not None]
    assert len(backgrounds) in (0, len(parts))  # noqa: S101 - rows of one kind
    return Scenarios(
        np.concatenate([p.center for p in parts]),
        np.concatenate([p.sd for p in parts]),
        np.concatenate([p.present for p in parts]),
        np.concatenate(backgrounds) if backgrounds else None,
    )


@dataclass(frozen=True, eq=False)
class Model(Closed):
    """Everything that an evaluation needs to know about a case.

    Parameters
    ----------
    filled : Filled
    routes : tuple of Route
    items : tuple of Item
        What can be left out.

    Examples
    --------
    >>> model = build_model("bic-2025-doxxing")
    >>> model.route_names[-2:], model.items[-1].id
    (('library/osint', 'unknown'), 'security.platform')
    """

    filled: Filled
    routes: tuple[Route, ...]
    numbers: tuple[Number, ...]
    items: tuple[Item, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        """What is kept is computed again."""
        return Model, (self.filled, self.routes, self.numbers, self.items)

    @kept
    def places(self) -> Places:
        """Columns of the numbers by path."""
        return Places(self.numbers)

    @kept
    def columns(self) -> Mapping[str, int]:
        """Column of every number."""
        return Fixed(self.places.index)

    @kept
    def item_index(self) -> Mapping[str, int]:
        """Column of every item."""
        return {item.id: i for i, item in enumerate(self.items)}

    @kept
    def item_columns(self) -> Mapping[str, tuple[int, ...]]:
        """Columns of the items by the section of the case that they stand in."""
        found: dict[str, list[int]] = {}
        for i, item in enumerate(self.items):
            found.setdefault(item.id.partition(".")[0], []).append(i)
        return {section: tuple(columns) for section, columns in found.items()}

    @kept
    def route_names(self) -> tuple[str, ...]:
        """Names of the routes."""
        return tuple(r.name for r in self.routes)

    @kept
    def source_names(self) -> tuple[str, ...]:
        """Names of the sources."""
        return tuple(s.name for s in self.filled.sources)

    @kept
    def background(self) -> np.ndarray:
        """Frozen weights of the routes for what is not of the series, shape (Z,)."""
        return background(self.filled, self.routes)

    @kept
    def reach_of(self) -> tuple[str, ...]:
        """Path of the reach of every route's entrance."""
        return tuple(f"sources.{r.entrance.name}.reach" for r in self.routes)

    def base(self) -> Scenarios:
        """Return the case as it is, one row."""
        return Scenarios(
            np.array([[n.center for n in self.numbers]]),
            np.array([[n.sd for n in self.numbers]]),
            np.ones((1, len(self.items)), bool),
        )

    def rows(self, changes: Sequence[Mapping[str, Value]]) -> Scenarios:
        """Return a row for every set of other numbers.

        Parameters
        ----------
        changes : sequence of mapping of str to float or tuple
            Values or intervals on the natural scale, by path.

        Raises
        ------
        InputError
            If the model has no number of a path.
        """
        base = self.base()
        center = np.repeat(base.center, len(changes), axis=0)
        sd = np.repeat(base.sd, len(changes), axis=0)
        for row, change in enumerate(changes):
            for path, value in change.items():
                if path not in self.places:
                    raise InputError(f"the model reads no number {path}")
                column = self.places[path]
                center[row, column], sd[row, column] = on_scale(value, self.numbers[column].scale)
        return Scenarios(center, sd, np.repeat(base.present, len(changes), axis=0))

    def without(self, left_out: Sequence[Sequence[str]]) -> Scenarios:
        """Return a row for every set of items left out, by their ids.

        Raises
        ------
        InputError
            If there is no such item.
        """
        base = self.base()
        present = np.repeat(base.present, len(left_out), axis=0)
        for row, ids in enumerate(left_out):
            for item in ids:
                if item not in self.item_index:
                    raise InputError(f"the case has no item {item}")
                present[row, self.item_index[item]] = False
        return Scenarios(
            np.repeat(base.center, len(left_out), axis=0),
            np.repeat(base.sd, len(left_out), axis=0),
            present,
        )


def on_scale(value: Value, scale: Scale) -> tuple[float, float]:
    """Centre and sd of a value or interval on a number's own scale."""
    lo, hi = value if isinstance(value, tuple) else (value, value)
    if scale in (Scale.UNIT, Scale.COUNT):
        return 0.5 * (lo + hi), 0.0
    elicited = Elicited(float(lo), float(hi), scale)
    return elicited.center, elicited.sd


def build_model(case: Given, **options: Any) -> Model:
    """Build the model of a case.

    Parameters
    ----------
    case : Filled, Case, path, id or Model
        Anything that `causation.case.fill` takes, or what it returned; a model is itself.
    **options
        As for `causation.case.fill`.

    Raises
    ------
    CaseError
        If it is none of these, or cannot be used.
    InputError
        If there are options and the case is filled already.

    Examples
    --------
    >>> build_model("bic-2025-doxxing").route_names[:2]
    ('platform', 'platform/library')
    """
    if isinstance(case, Model | Filled):
        if any(value is not None for value in options.values()):
            raise InputError("a filled case has its prior set and standard already")
        if isinstance(case, Model):
            return case
        filled = case
    else:
        filled = fill(case, **options)
    routes = build_routes(filled)
    found: dict[str, Number] = {}
    parts = [prior_numbers(filled), linkage_numbers(filled)]
    parts += [kind.numbers(filled) for kind in evidence.KINDS]
    parts += [finding_numbers(filled), security_numbers(filled)]
    for n in (n for part in parts for n in part):
        found.setdefault(n.path, n)
    items = group_items(filled, evidence.KINDS) + finding_items(filled) + security_items(filled)
    return Model(filled, routes, tuple(found.values()), items)
