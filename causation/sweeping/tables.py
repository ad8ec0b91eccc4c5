"""Factors of the posterior along the axes of a grid, each for the rows that differ in it.

Of every cell the posterior is a product over routes: prior weights, what else moves the prior,
every group of findings, the victims. A factor depends on few axes; it is computed once for each
of its own rows and broadcast over the rest. Only the victims' needs integrals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.analyses.onward import onward_shares
from causation.case.filled import Proposition
from causation.evidence.arrays import NUMPY
from causation.evidence.base import At
from causation.evidence.findings import log_findings
from causation.inference.evaluate import evaluate
from causation.model.routes import log_prior
from causation.model.structure import Model, Scenarios, concatenate
from causation.sweeping.rows import Places, axes_of, rows_of

if TYPE_CHECKING:
    from causation.inference.integrate import IntegratorSettings
    from causation.sweeping.worlds import World

__all__ = ["BATCH", "Factor", "Job", "Victims", "factors_of", "integrate", "jobs_of", "victims_of"]

BATCH = 128
"""Rows that are integrated together, the case as it is first: they share its proposal."""


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
    """

    axes: tuple[int, ...]
    log: np.ndarray
    prior: bool = False


@dataclass(frozen=True, eq=False)
class Victims:
    """Evidence of the victims along the axes that move it.

    Parameters
    ----------
    axes : tuple of int
    places : tuple of ndarray
        For each of those axes, the positions for which there are rows.
    log : ndarray, shape (those axes..., Z)
        Natural log of the evidence.
    credit : mapping of str to ndarray, shape (those axes..., Z)
        Chance given each route of the proposition (under ``""``), and that each source played
        a role.
    """

    axes: tuple[int, ...]
    places: tuple[np.ndarray, ...]
    log: np.ndarray
    credit: Mapping[str, np.ndarray]

    def at(self, places: Places) -> Victims:
        """The part of it at some positions."""
        index = [
            np.searchsorted(mine, places[i]) for i, mine in zip(self.axes, self.places, strict=True)
        ]
        box = np.ix_(*index) if index else ()
        return Victims(
            self.axes,
            tuple(places[i] for i in self.axes),
            self.log[box],
            {name: table[box] for name, table in self.credit.items()},
        )


# --- what each number moves ----------------------------------------------------------------------


def victim_axes(world: World) -> tuple[int, ...]:
    """Axes along which victims are integrated again."""
    return axes_of(c for path in world.sorts.victims for c in world.columns[path])


def factors_of(world: World, places: Places) -> list[Factor]:
    """Every factor but the victims', at some positions.

    A prior that is not possible (shares that add up to more than 1) is zero for every route.
    """
    model, sort = world.model, world.sorts
    found = [_weight(world, path, places) for path in sort.weights]
    axes, shape, rows = rows_of(world, sort.prior, places)
    found.append(Factor(axes, _log_prior(model, rows).reshape(*shape, -1), prior=True))
    still: list[str] = []
    for group, paths in sort.findings.items():
        if paths:
            axes, shape, rows = rows_of(world, paths, places)
            found.append(Factor(axes, _log_group(model, rows, {group}).reshape(*shape, -1)))
        else:
            still.append(group)
    if still:
        found.append(Factor((), _log_group(model, model.base(), set(still))[0]))
    return found


def _weight(world: World, path: str, places: Places) -> Factor:
    """Factor by which a weight moves the routes that start at its sources."""
    model = world.model
    axes, shape, rows = rows_of(world, [path], places)
    place = model.columns[path]
    mine = np.array([model.filled.weight_of(r.entrance.name).path == path for r in model.routes])
    shift = rows.center[:, place] - model.base().center[0, place]
    return Factor(axes, (shift[:, None] * mine).reshape(*shape, -1), prior=True)


def _log_prior(model: Model, rows: Scenarios) -> np.ndarray:
    over = np.zeros(len(rows), bool)
    for total in onward_shares(model, rows).values():
        over |= total > 1.0 + 1e-9
    result = np.full((len(rows), len(model.routes)), -np.inf)
    if not over.all():
        some = rows.take(np.flatnonzero(~over))
        at = At(NUMPY, model.places, some.center, some.sd, {})
        result[~over] = log_prior(model.filled, model.routes, at, _everything)
    return result


def _everything(_: str) -> bool:
    return True


def _log_group(model: Model, rows: Scenarios, groups: set[str]) -> np.ndarray:
    at = At(NUMPY, model.places, rows.center, rows.sd, {})
    there = {f"findings.{f.id}" for f in model.filled.findings if f.group in groups}
    return log_findings(model.filled, model.routes, at, model.background, there.__contains__)


# --- the victims ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Job:
    """Rows of one model that are integrated together.

    Parameters
    ----------
    model : Model
    rows : Scenarios
        Without findings.
    roles : bool
        Whether the chance is wanted that each source played a role.
    settings : IntegratorSettings
    """

    model: Model
    rows: Scenarios
    roles: bool
    settings: IntegratorSettings


def integrate(job: Job) -> dict[str, np.ndarray]:
    """Log evidence of the victims and chances given each route, by row, each (S, Z)."""
    model = job.model
    base = concatenate([_bare(model), job.rows])
    answer = evaluate(model, base, settings=job.settings)
    found = {"log": answer.log_evidence[1:], "": answer.credit[1:]}
    if job.roles:
        for name in model.source_names:
            filled = replace(model.filled, proposition=Proposition((name,), "role"))
            one = evaluate(replace(model, filled=filled), base, settings=job.settings)
            found[name] = one.credit[1:]
    return found


def _bare(model: Model) -> Scenarios:
    """The case as it is, without findings."""
    return model.without([[f"findings.{f.id}" for f in model.filled.findings if f.likelihood]])


def _unique(rows: Scenarios) -> tuple[np.ndarray, np.ndarray]:
    """Places of rows that differ, and for every row which of those it is."""
    table = np.concatenate([rows.center, rows.sd], axis=1)
    known: dict[bytes, int] = {}
    back = np.array([known.setdefault(row.tobytes(), len(known)) for row in table])
    first = np.array([int(np.flatnonzero(back == k)[0]) for k in range(len(known))])
    return first, back


def jobs_of(
    world: World, places: Places, *, roles: bool, settings: IntegratorSettings
) -> Iterator[Job]:
    """What is to be integrated for some positions."""
    rows = _victim_rows(world, places)[2]
    rows = rows.take(_unique(rows)[0])
    for start in range(0, len(rows), BATCH):
        yield Job(world.model, rows.take(range(start, min(start + BATCH, len(rows)))), roles,
                  settings)  # fmt: skip


def victims_of(world: World, places: Places, results: Iterator[dict[str, np.ndarray]]) -> Victims:
    """Put the results of the jobs together, taking as many as there are jobs."""
    axes, shape, rows = _victim_rows(world, places)
    first, back = _unique(rows)
    count = -(-len(first) // BATCH)
    parts = [next(results) for _ in range(count)]
    tables: dict[str, Any] = {
        name: np.concatenate([p[name] for p in parts])[back].reshape(*shape, -1)
        for name in parts[0]
    }
    log = tables.pop("log")
    return Victims(axes, tuple(places[i] for i in axes), log, tables)


def _victim_rows(
    world: World, places: Places
) -> tuple[tuple[int, ...], tuple[int, ...], Scenarios]:
    axes, shape, rows = rows_of(world, world.sorts.victims, places)
    present = np.repeat(_bare(world.model).present, len(rows), axis=0)
    return axes, shape, Scenarios(rows.center, rows.sd, present)


type Mapper = Callable[[Callable[[Job], dict[str, np.ndarray]], Iterable[Job]], Iterator[Any]]
"""Like ``map``: runs jobs somewhere, results in order."""
