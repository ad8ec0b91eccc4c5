"""Worlds from which cases are drawn: as elicited, and otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from causation.document.mappings import Fixed
from causation.model.simulation import SimulatedCase, simulate
from causation.model.structure import Model, Scenarios
from causation.scales import logit

__all__ = ["WORLDS", "World", "draw"]


def _unaltered(case: SimulatedCase, rng: np.random.Generator) -> SimulatedCase:  # noqa: ARG001
    return case


@dataclass(frozen=True, slots=True)
class World:
    """How cases come about.

    Parameters
    ----------
    name : str
    meaning : str
        In one sentence, how it differs from what was elicited.
    truth : callable
        From the model as elicited to the row of numbers by which cases are drawn.
    recorded : callable
        From a case as it is to the case as recorded.
    """

    name: str
    meaning: str
    truth: Callable[[Model], Scenarios] = Model.base
    recorded: Callable[[SimulatedCase, np.random.Generator], SimulatedCase] = _unaltered


def _sorts(model: Model, *sorts: str) -> np.ndarray:
    return np.array([n.sort in sorts for n in model.numbers])


def _dependent(model: Model) -> Scenarios:
    row = model.base()
    center, sd = row.center.copy(), row.sd.copy()
    center[:, _sorts(model, "correlation")] = 0.95
    more = _sorts(model, "overlap", "repeats") & (center[0] > 0.0)
    center[:, more] = 0.5 + 0.5 * center[:, more]
    sd[:, _sorts(model, "disclosure", "users", "traits")] *= 1.5
    return replace(row, center=center, sd=sd)


def _unlinked(model: Model) -> Scenarios:
    row = model.base()
    center, column = row.center.copy(), _sorts(model, "linkage")
    share = 1.0 / (1.0 + np.exp(-center[:, column]))
    center[:, column] = np.vectorize(logit, otypes=[float])(0.4 * share)
    return replace(row, center=center)


def _flipped(case: SimulatedCase, rng: np.random.Generator) -> SimulatedCase:
    """Record three in ten traits the wrong way round, those apart that defined a list."""
    groups = tuple(
        replace(
            g,
            traits=Fixed(
                {
                    k: 1.0 - t if k not in g.known_by.traits and rng.random() < 0.3 else t
                    for k, t in g.traits.items()
                }
            ),
        )
        for g in case.groups
    )
    return replace(case, groups=groups)


WORLDS: dict[str, World] = {
    world.name: world
    for world in (
        World("as elicited", "everything happens with the probabilities elicited"),
        World(
            "more dependence",
            "fields of a source come together with r = 0.95, what victims share varies half as "
            "much again, and findings repeat each other more than half of the time",
            truth=_dependent,
        ),
        World(
            "wrong linkage",
            "co-victims belong to the series 0.4 times as often as elicited",
            truth=_unlinked,
        ),
        World(
            "wrong traits",
            "three in ten traits are recorded the wrong way round",
            recorded=_flipped,
        ),
    )
}
"""The world as elicited, and three in which the model is wrong."""


def draw(model: Model, world: World, rng: np.random.Generator) -> SimulatedCase:
    """Draw a case from a world, as recorded; it is assessed by the numbers as elicited."""
    return world.recorded(simulate(model, rng=rng, row=world.truth(model)), rng)
