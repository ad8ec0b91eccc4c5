"""Worlds from which cases are drawn: as elicited, and otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from causation.model.build import Model
from causation.model.simulation import SimulatedCase, simulate, with_evidence

__all__ = ["WORLDS", "World", "draw"]


def _as_is(model: Model) -> Model:
    return model


def _unaltered(model: Model, rng: np.random.Generator) -> Model:  # noqa: ARG001
    return model


@dataclass(frozen=True, slots=True)
class World:
    """How cases come about.

    Parameters
    ----------
    name : str
    meaning : str
        In one sentence, how it differs from what was elicited.
    truth : callable
        From the model as elicited to the model that draws.
    recorded : callable
        From the model on the evidence as it is, to the model on the evidence as recorded.
    """

    name: str
    meaning: str
    truth: Callable[[Model], Model] = _as_is
    recorded: Callable[[Model, np.random.Generator], Model] = _unaltered


def _dependent(model: Model) -> Model:
    groups = tuple(
        replace(g, repeats=0.5 + 0.5 * g.repeats if len(g.findings) > 1 else g.repeats)
        for g in model.finding_groups
    )
    return replace(
        model,
        correlation=np.full_like(model.correlation, 0.95),
        field_sd=1.5 * model.field_sd,
        member_sd=1.5 * model.member_sd,
        finding_groups=groups,
    )


def _unlinked(model: Model) -> Model:
    return replace(model, linkage=np.where(model.linkage < 1.0, 0.4 * model.linkage, 1.0))


def _flipped(model: Model, rng: np.random.Generator) -> Model:
    wrong = rng.random(model.profile.shape) < 0.3
    return replace(model, profile=np.where(wrong, 1.0 - model.profile, model.profile))


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
            "wrong profiles",
            "three in ten profile items are recorded the wrong way round",
            recorded=_flipped,
        ),
    )
}
"""The world as elicited, and three in which the model is wrong."""


def draw(model: Model, world: World, rng: np.random.Generator) -> tuple[SimulatedCase, Model]:
    """A case from a world, and the model as elicited on the case's evidence as recorded."""
    case = simulate(world.truth(model), rng=rng)
    return case, world.recorded(with_evidence(model, case), rng)
