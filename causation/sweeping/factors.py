"""Factors of the posterior along the axes of a grid, each for the rows that differ in it.

Of every cell the posterior is a product over routes: prior weights, what else moves the prior,
every group of findings, the victims. A factor depends on the axes whose numbers it reads; it is
computed once for each of its own rows and broadcast over the rest. Only the victims' needs
integrals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from causation.analyses.onward import onward_shares
from causation.errors import CaseError
from causation.evidence.arrays import NUMPY
from causation.evidence.base import At, logit_normal_means
from causation.evidence.findings import log_findings
from causation.evidence.series import build_series
from causation.inference.alike import Alike
from causation.inference.counting import expanded, separable
from causation.inference.evaluate import evaluate
from causation.inference.nested import additive_kinds
from causation.model.routes import log_prior
from causation.model.structure import Model, Scenarios, concatenate
from causation.scales import Z90, Scale

if TYPE_CHECKING:
    from causation.inference.integrate import IntegratorSettings
    from causation.sweeping.values import Column

BATCH = 4096
"""Rows that are integrated together, the case as it is first."""
_SAMPLED = 128
"""The same where they are sampled, and share its proposal."""

type Places = Sequence[np.ndarray]
"""For every axis, positions on it."""
type Result = tuple[np.ndarray, np.ndarray]
"""Log evidence and chance of the proposition, by row and route."""
type Formula = Callable[[Model, Scenarios, set[int] | None], np.ndarray]
"""Log factor of every route, shape (S, Z); notes which columns it reads."""


@dataclass(frozen=True, eq=False)
class Factor:
    """A factor of the posterior of every route.

    Parameters
    ----------
    axes : tuple of int
        Axes that it depends on.
    log : ndarray, shape (those axes..., Z)
        Natural logarithm.
    prior : bool
        Whether it belongs to the prior.
    credit : ndarray, shape (those axes..., Z), optional
        Of the victims: chance of the proposition given each route.
    places : tuple of ndarray
        Of the victims: for each of those axes, the positions for which there are rows.
    """

    axes: tuple[int, ...]
    log: np.ndarray
    prior: bool = False
    credit: np.ndarray | None = None
    places: tuple[np.ndarray, ...] = ()

    def at(self, places: Places) -> Factor:
        """The victims at some positions."""
        here = tuple(places[i] for i in self.axes)
        index = [np.searchsorted(mine, p) for mine, p in zip(self.places, here, strict=True)]
        box = np.ix_(*index) if index else ()
        credit = None if self.credit is None else self.credit[box]
        return Factor(self.axes, self.log[box], credit=credit, places=here)


@dataclass(frozen=True, eq=False)
class Job:
    """Rows of one model that are integrated together.

    Parameters
    ----------
    model : Model
    rows : Scenarios
        Without findings.
    settings : IntegratorSettings
    """

    model: Model
    rows: Scenarios
    settings: IntegratorSettings


@dataclass(frozen=True, eq=False)
class World:
    """One model, with the numbers of it that vary.

    Parameters
    ----------
    model : Model
    columns : mapping of str to tuple of Column
        By the path of the model's number.
    """

    model: Model
    columns: Mapping[str, tuple[Column, ...]]

    @cached_property
    def _weights(self) -> tuple[str, ...]:
        filled = self.model.filled
        paths = {filled.weight_of(s.name).path for s in filled.sources}
        return tuple(p for p in self.columns if p in paths)

    @cached_property
    def _formulas(self) -> tuple[tuple[Formula, bool, tuple[int, ...], tuple[str, ...]], ...]:
        """What needs no integral: formula, whether prior, columns read, and what varies of them."""
        groups = dict.fromkeys(f.group for f in self.model.filled.findings)
        found = []
        for group in (None, *groups):
            formula = _log_prior if group is None else _group(group)
            read: set[int] = set()
            formula(self.model, self.model.base(), read)
            varied = tuple(
                p for p in self.columns if self.model.columns[p] in read and p not in self._weights
            )
            found.append((formula, group is None, tuple(sorted(read)), varied))
        return tuple(found)

    @cached_property
    def _of_victims(self) -> tuple[str, ...]:
        others = {p for *_, varied in self._formulas for p in varied} | set(self._weights)
        return tuple(p for p in self.columns if p not in others)

    @property
    def victim_axes(self) -> tuple[int, ...]:
        """Axes along which victims are integrated again."""
        return self._axes(self._of_victims)

    def _axes(self, paths: Iterable[str]) -> tuple[int, ...]:
        return tuple(sorted({c.axis for p in paths for c in self.columns[p]}))

    def factors(self, places: Places) -> list[Factor]:
        """Every factor but the victims', at some positions.

        A prior that is not possible (shares that add up to more than 1) is zero for every route.
        """
        found = [self._weight(path, places) for path in self._weights]
        for formula, prior, read, varied in self._formulas:
            axes, shape, part, rows = self._rows(varied, places, read)
            found.append(Factor(axes, formula(part, rows, None).reshape(*shape, -1), prior))
        return found

    def _weight(self, path: str, places: Places) -> Factor:
        """Factor by which a weight moves the routes that start at its sources."""
        model = self.model
        axes, shape, _, rows = self._rows([path], places, [model.columns[path]])
        mine = [model.filled.weight_of(r.entrance.name).path == path for r in model.routes]
        shift = rows.center - model.base().center[0, model.columns[path]]
        return Factor(axes, (shift * np.array(mine)).reshape(*shape, -1), prior=True)

    def _rows(
        self, paths: Sequence[str], places: Places, read: Sequence[int]
    ) -> tuple[tuple[int, ...], tuple[int, ...], Model, Scenarios]:
        """Rows for every combination of the values of some numbers.

        Returns
        -------
        tuple
            Axes, how many positions there are on each, the model with the numbers that are read
            alone, and the rows of it, in order.
        """
        axes = self._axes(paths)
        shape = tuple(len(places[i]) for i in axes)
        part = replace(self.model, numbers=tuple(self.model.numbers[k] for k in read))
        base, size = part.base(), int(np.prod(shape, dtype=int))
        center, sd = (np.repeat(x, size, axis=0) for x in (base.center, base.sd))
        for path in paths:
            number = part.numbers[part.columns[path]]
            ends = [np.full(shape, end) for end in (number.lo, number.hi)]
            for column in self.columns[path]:
                where = [1] * len(axes)
                where[axes.index(column.axis)] = -1
                for end in (0, 1) if column.end is None else (column.end,):
                    values = (column.lo, column.hi)[end][places[column.axis]]
                    ends[end] = np.broadcast_to(values.reshape(where), shape)
            lo, hi = ends
            if (lo > hi).any():
                raise CaseError("an interval of the grid is inverted", path=path)
            place = part.columns[path]
            center[:, place], sd[:, place] = on_scale(lo.ravel(), hi.ravel(), number.scale)
        return axes, shape, part, Scenarios(center, sd, np.repeat(base.present, size, axis=0))

    @cached_property
    def _batch(self) -> int:
        victims = build_series(self.model.filled, _everything).victims
        integrated = separable(victims, additive_kinds()) and not expanded(victims)
        return BATCH if integrated else min(BATCH, _SAMPLED)

    def jobs(self, places: Places, *, settings: IntegratorSettings) -> Iterator[Job]:
        """What is to be integrated for some positions."""
        rows = self._victim_rows(places)[2]
        rows = rows.take(_unlike(rows)[0])
        size = self._batch
        for start in range(0, len(rows), size):
            some = rows.take(range(start, min(start + size, len(rows))))
            yield Job(self.model, some, settings)

    def victims(self, places: Places, results: Iterator[Result]) -> Factor:
        """Put the results of the jobs together, taking as many as there are jobs."""
        axes, shape, rows = self._victim_rows(places)
        first, back = _unlike(rows)
        parts = [next(results) for _ in range(-(-len(first) // self._batch))]
        log, credit = (
            np.concatenate(tables)[back].reshape(*shape, -1) for tables in zip(*parts, strict=True)
        )
        return Factor(axes, log, credit=credit, places=tuple(places[i] for i in axes))

    def _victim_rows(self, places: Places) -> tuple[tuple[int, ...], tuple[int, ...], Scenarios]:
        axes, shape, _, rows = self._rows(self._of_victims, places, range(len(self.model.numbers)))
        present = np.repeat(_bare(self.model).present, len(rows), axis=0)
        return axes, shape, Scenarios(rows.center, rows.sd, present)


def integrate(job: Job) -> Result:
    """Log evidence of the victims and chance of the proposition given each route, each (S, Z)."""
    rows = concatenate([_bare(job.model), job.rows])
    answer = evaluate(job.model, rows, settings=job.settings)
    return answer.log_evidence[1:], answer.credit[1:]


def _bare(model: Model) -> Scenarios:
    """The case as it is, without findings."""
    return model.without([[f"findings.{f.id}" for f in model.filled.findings if f.likelihood]])


def _unlike(rows: Scenarios) -> tuple[np.ndarray, np.ndarray]:
    """Places of rows that differ, and for every row which of those it is."""
    columns = np.arange(rows.center.shape[1])
    return Alike(rows.center, rows.sd).of(columns, np.arange(len(rows)))


def _log_prior(model: Model, rows: Scenarios, read: set[int] | None) -> np.ndarray:
    over = np.zeros(len(rows), bool)
    for total in onward_shares(model, rows).values():
        over |= total > 1.0 + 1e-9
    result = np.full((len(rows), len(model.routes)), -np.inf)
    if not over.all():
        some = rows.take(np.flatnonzero(~over))
        at = At(NUMPY, model.places, some.center, some.sd, {}, read)
        result[~over] = log_prior(model.filled, model.routes, at, _everything)
    return result


def _group(name: str) -> Formula:
    """Formula of the findings of one group."""

    def log_group(model: Model, rows: Scenarios, read: set[int] | None) -> np.ndarray:
        at = _Rows(NUMPY, model.places, rows.center, rows.sd, {}, read)
        there = {f"findings.{f.id}" for f in model.filled.findings if f.group == name}
        return log_findings(model.filled, model.routes, at, model.background, there.__contains__)

    return log_group


class _Rows(At):
    """Many rows in which most numbers are the same."""

    def mean(self, path: str) -> np.ndarray:
        """Expectation of a probability, computed once where it is the same in every row."""
        center, sd = self.middle(path), self.spread(path)
        if len(center) > 1 and (center == center[0]).all() and (sd == sd[0]).all():
            return np.broadcast_to(logit_normal_means(center[:1], sd[:1]), center.shape)
        return logit_normal_means(center, sd)


def _everything(_: str) -> bool:
    return True


def on_scale(lo: np.ndarray, hi: np.ndarray, scale: Scale) -> tuple[np.ndarray, np.ndarray]:
    """Centres and sds of intervals on a number's own scale.

    Examples
    --------
    >>> on_scale(np.array([0.5]), np.array([2.0]), Scale.POSITIVE)[0].tolist()
    [0.0]
    """
    if scale in (Scale.UNIT, Scale.COUNT):
        return 0.5 * (lo + hi), np.zeros(lo.shape)
    with np.errstate(divide="ignore"):
        a, b = (
            np.log(x) if scale is Scale.POSITIVE else np.log(x) - np.log1p(-x) for x in (lo, hi)
        )
    single = lo == hi
    with np.errstate(invalid="ignore"):
        center = np.where(single, a, 0.5 * (a + b))
        sd = np.where(single, 0.0, (b - a) / (2.0 * Z90))
    return np.where(np.abs(center) < 1e-14, 0.0, center), sd
