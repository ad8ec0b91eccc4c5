"""How the slabs and chunks of a sweep are computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.errors import ImpossibleEvidenceError
from causation.sweeping.answers import answers
from causation.sweeping.tables import Mapper, Victims, factors_of, integrate, victims_of

if TYPE_CHECKING:
    from causation.sweeping.plan import Region, Slab, Sweep
    from causation.sweeping.worlds import Key

__all__ = ["evaluate_chunk", "tables_of"]

type Tables = Mapping[Key, Victims]
"""Evidence of the victims by world."""


def tables_of(plan: Sweep, slab: Slab, mapper: Mapper) -> Tables:
    """Integrate what a slab needs.

    Parameters
    ----------
    mapper : callable
        Runs the jobs somewhere, results in order.
    """
    results = iter(mapper(integrate, plan.jobs(slab.region)))
    found = {}
    for key, places in plan.within(slab.region):
        if (world := plan.worlds[key]) is not None:
            found[key] = victims_of(world, places, results)
    return found


def evaluate_chunk(plan: Sweep, tables: Tables, region: Region) -> dict[str, np.ndarray]:
    """The cells of a chunk: arrays (routes or sources, where there is one for each, axes...).

    Raises
    ------
    ImpossibleEvidenceError
        If a cell is impossible and gaps were not asked for; it is named.
    """
    shape = tuple(stop - start for start, stop in region)
    out = {
        name: np.full(
            (*((n,) if (n := len(plan.lead(name))) else ()), *shape),
            False if name == "met" else np.nan,
        )
        for name in plan.question.variables
    }
    for key, places in plan.within(region):
        world = plan.worlds[key]
        if world is None:
            continue
        found = answers(
            world.model,
            factors_of(world, places),
            tables[key].at(places),
            plan.threshold(world, places),
            plan.question,
        )
        _check(plan, found, places)
        box = _index([p - start for p, (start, _) in zip(places, region, strict=True)])
        names = {"posterior": world.model.route_names, "role": world.model.source_names}
        for name, whole in out.items():
            if name not in names:
                whole[box] = found[name]
                continue
            for k, label in enumerate(names[name]):
                whole[plan.lead(name).index(label)][box] = found[name][k]
    return out


def _check(plan: Sweep, found: dict[str, np.ndarray], places: Sequence[np.ndarray]) -> None:
    """Name the first impossible cell, or make gaps of all."""
    impossible = found.pop("impossible")
    no_prior = np.broadcast_to(found.pop("no_prior"), impossible.shape)
    if not impossible.any():
        return
    if plan.question.gaps:
        for name, x in found.items():
            found[name] = x & ~impossible if name == "met" else np.where(impossible, np.nan, x)
        return
    first = tuple(np.argwhere(impossible)[0].tolist())
    at = [
        f"{path} = {plan.coordinates[path][mine[position]]}"
        for axis, position, mine in zip(plan.grid.axes, first, places, strict=True)
        for path in axis.columns
    ]
    why = (
        "the shares that go on from an entrance add up to more than 1"
        if no_prior[first]
        else "the evidence excludes every route"
    )
    raise ImpossibleEvidenceError(f"{why} at {', '.join(at)}; gaps may be asked for instead")


def _index(places: Sequence[np.ndarray]) -> Any:
    """An index of a box: slices where positions follow each other."""
    if all(len(p) == p[-1] - p[0] + 1 for p in places):
        return tuple(slice(int(p[0]), int(p[-1]) + 1) for p in places)
    return np.ix_(*places)
