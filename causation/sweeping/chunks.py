"""How the slabs and chunks of a sweep are computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.errors import ImpossibleEvidenceError
from causation.sweeping.cells import Box, ImpossibleError
from causation.sweeping.factors import Factor, Job, Result, integrate

if TYPE_CHECKING:
    from causation.sweeping.factors import World
    from causation.sweeping.plan import Region, Slab, Sweep
    from causation.sweeping.worlds import Key

type Tables = Mapping[Key, Factor]
"""Evidence of the victims by world."""
type Arrays = Mapping[str, np.ndarray]
type Mapper = Callable[[Callable[[Job], Result], Iterable[Job]], Iterable[Any]]
"""Like ``map``: runs jobs somewhere, results in order."""


def tables_of(plan: Sweep, slab: Slab, mapper: Mapper) -> Tables:
    """Integrate what a slab needs.

    Parameters
    ----------
    mapper : callable
        Runs the jobs somewhere, results in order.
    """
    results: Iterator[Any] = iter(mapper(integrate, plan.jobs(slab.region)))
    return {
        key: world.victims(places, results)
        for key, places in plan.within(slab.region)
        if (world := plan.worlds[key]) is not None
    }


def evaluate_chunk(
    plan: Sweep, tables: Tables, region: Region, into: Arrays | None = None
) -> Arrays:
    """The cells of a chunk: arrays (routes, where there is one for each, axes...).

    Parameters
    ----------
    into : mapping of str to ndarray, optional
        Arrays to write them to.

    Raises
    ------
    ImpossibleEvidenceError
        If a cell is impossible and gaps were not asked for; it is named.
    """
    shape = tuple(stop - start for start, stop in region)
    out = plan.empty(shape) if into is None else into
    for key, places in plan.within(region):
        world = plan.worlds[key]
        here = [p - start for p, (start, _) in zip(places, region, strict=True)]
        if world is None:
            _leave_empty(out, here)
            continue
        shape = tuple(len(p) for p in places)
        box = Box(
            world.model,
            [*world.factors(places), tables[key].at(places)],
            plan.threshold(world, places),
            plan.question,
            shape,
        )
        try:
            _fill(plan, out, here, world, box)
        except ImpossibleError as error:
            raise _named(plan, error, places) from None
    return out


def views(arrays: Arrays, region: Sequence[tuple[int, int]]) -> dict[str, np.ndarray]:
    """The parts of some arrays over a region."""
    box: tuple[Any, ...] = (..., *(slice(start, stop) for start, stop in region))
    return {name: array[box] for name, array in arrays.items()}


def _leave_empty(out: Arrays, here: Sequence[np.ndarray]) -> None:
    """Gaps where the facts are not allowed together."""
    for name, array in out.items():
        array[(..., *np.ix_(*here))] = False if name == "met" else np.nan


def _fill(plan: Sweep, out: Arrays, here: Sequence[np.ndarray], world: World, box: Box) -> None:
    """Compute a box into its places: at once where they lie together, in the same order."""
    routes = world.model.route_names
    same = "posterior" not in out or routes == plan.routes
    if same and all(len(p) == p[-1] - p[0] + 1 for p in here):
        box.fill(views(out, [(int(p[0]), int(p[-1]) + 1) for p in here]))
        return
    shape, places = tuple(len(p) for p in here), np.ix_(*here)
    parts = {
        name: np.empty((*((len(routes),) if name == "posterior" else ()), *shape), array.dtype)
        for name, array in out.items()
    }
    box.fill(parts)
    for name, array in out.items():
        if name != "posterior":
            array[places] = parts[name]
            continue
        array[(slice(None), *places)] = np.nan
        for label, values in zip(routes, parts[name], strict=True):
            array[plan.routes.index(label)][places] = values


def _named(
    plan: Sweep, error: ImpossibleError, places: Sequence[np.ndarray]
) -> ImpossibleEvidenceError:
    at = [
        f"{path} = {plan.coordinates[path][mine[position]]}"
        for axis, position, mine in zip(plan.grid.axes, error.place, places, strict=True)
        for path in axis.columns
    ]
    why = (
        "the shares that go on from an entrance add up to more than 1"
        if error.prior
        else "the evidence excludes every route"
    )
    where = f" at {', '.join(at)}" if at else ""
    return ImpossibleEvidenceError(f"{why}{where}; gaps may be asked for instead (--gaps)")
