"""Worlds from which cases are drawn: as elicited, and otherwise.

A world says what is otherwise than the model takes it to be: how cases come about (other facts,
other numbers, a route that the case does not list, victims that hang together) or what of them is
written down. The estimator is given the case file that its analyst would write, and not told.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from causation.document.shipped import shipped
from causation.errors import InputError
from causation.inference.evaluate import inside
from causation.model.simulation import MARK, SNAPSHOTS, SimulatedCase, Strangers, simulate
from causation.model.structure import Model, build_model
from causation.validation import faults
from causation.validation.designs import Design, balanced, model_of, prior_before_incidents
from causation.validation.faults import Document

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledGroup

AS_ELICITED = "as elicited"
MAX_REDRAWS = 20
"""Cases that are drawn again because hardly anybody would have been on a list of theirs."""


@dataclass(frozen=True, slots=True)
class World:
    """How cases come about, and what is written down of them.

    Parameters
    ----------
    name : str
    mild : bool
        Whether numbers are wrong by what must be expected of careful experts; the validated range
        is taken over these worlds and the one as elicited.
    stated : callable
        From a design's case file to the one that the analyst writes; None where the world has
        nothing to say about cases of that shape.
    happens : callable
        From that to the file by which cases come about.
    facts : callable
        The same for what no case file can say.
    numbers : callable
        From the model of that file to the row of numbers by which they come about.
    route : callable, optional
        Chooses the true route; by the prior otherwise.
    recorded : callable
        From a case as it is to what is known of it.
    strangers, snapshots
        See `causation.model.simulation.simulate`.
    """

    name: str
    mild: bool = False
    stated: Callable[[Document], Document | None] = lambda document: document
    happens: Callable[[Document], Document] = lambda document: document
    facts: Callable[[Filled], Filled] = lambda filled: filled
    numbers: faults.Numbers = lambda model, _: model.base()
    route: Callable[[Model, np.ndarray, np.random.Generator], str] | None = None
    recorded: Callable[[SimulatedCase, Filled, np.random.Generator], Filled] = (
        lambda _, filled, __: filled
    )
    strangers: Strangers = "apart"
    snapshots: frozenset[str] = SNAPSHOTS

    @property
    def meaning(self) -> Mapping[str, str]:
        """In one sentence, how it differs from what the case file says, by language."""
        found: Mapping[str, str] = shipped("worlds.yaml")[self.name]
        return found

    def applies(self, design: Design) -> bool:
        """Whether the world has something to say about cases of a design."""
        return self.stated(copy.deepcopy(design.document)) is not None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A case of a world as it is, and as the estimator is given it."""

    case: SimulatedCase
    filled: Filled


class Setting:
    """A design in a world, with the case file that the analyst writes and its model."""

    def __init__(self, world: World, document: Document, stated: Model) -> None:
        self.world, self.document, self.stated = world, document, stated
        happens = world.happens(copy.deepcopy(document))
        true = stated if happens == document else model_of(happens)
        facts = world.facts(true.filled)
        self.true = true if facts is true.filled else build_model(facts)

    @classmethod
    def of(cls, design: Design, world: World) -> Setting | None:
        """Return the setting, or None where the world has nothing to say about the design."""
        document = world.stated(copy.deepcopy(design.document))
        if document is None:
            return None
        if document == design.document:
            return cls(world, document, design.model)
        document = balanced(document)
        return cls(world, document, model_of(document))

    def draw(self, rng: np.random.Generator) -> Drawn:
        """Draw a case.

        Raises
        ------
        InputError
            If what put a victim on his list hardly ever happens.
        """
        for _ in range(MAX_REDRAWS - 1):
            try:
                return self._draw(rng)
            except InputError:
                continue
        return self._draw(rng)

    def _draw(self, rng: np.random.Generator) -> Drawn:
        world, true = self.world, self.true
        route = None
        if world.route is not None:
            mine = inside(true.routes, true.filled.proposition)
            prior = prior_before_incidents(true)
            route = world.route(true, np.where(mine, prior, -prior), rng)
        case = simulate(
            true,
            rng=rng,
            route=route,
            row=world.numbers(true, rng),
            strangers=world.strangers,
            snapshots=world.snapshots,
        )
        return Drawn(case, world.recorded(case, self._as_stated(case), rng))

    def _as_stated(self, case: SimulatedCase) -> Filled:
        """What happened, under the numbers and the reading of the analyst."""
        groups = []
        for g in case.groups:
            said = group_of(self.stated.filled, g)
            records = tuple(
                replace(r, of=s.of) for r, s in zip(g.records, said.records, strict=True)
            )
            groups.append(replace(g, known_by=said.known_by, linkage=said.linkage, records=records))
        filled = case.filled(self.stated.filled)
        return replace(filled, groups=tuple(groups), all_groups=tuple(groups))


def group_of(stated: Filled, drawn: FilledGroup) -> FilledGroup:
    """Return the group of a case file that a drawn victim is of."""
    name = drawn.id.partition(MARK)[0]
    return next(g for g in stated.groups if g.id == name)


WORLDS: dict[str, World] = {
    world.name: world
    for world in (
        World(AS_ELICITED),
        World("more dependence", mild=True, numbers=faults.dependent),
        World("wrong linkage", mild=True, numbers=faults.unlinked),
        World("wrong traits", recorded=faults.flipped),
        World("biased by one logit", mild=True, numbers=faults.biased(1.0)),
        World("biased by two logits", numbers=faults.biased(2.0)),
        World("leaning experts", numbers=faults.leaning),
        World("narrow experts", mild=True, numbers=faults.narrow),
        World("wrong weights", numbers=faults.overweighted),
        World(
            "unlisted chain",
            stated=faults.singles_only,
            happens=faults.with_chains,
            route=faults.a_chain,
        ),
        World(
            "unlisted source",
            stated=faults.with_residual,
            happens=faults.with_another,
            route=faults.another,
        ),
        World("found among users", stated=faults.users_exposed, happens=faults.users_searched),
        World(
            "old leak",
            stated=faults.with_register,
            happens=faults.descended,
            facts=faults.one_register,
            route=faults.by_the_library,
            recorded=faults.users_of_the_library,
        ),
        World("another series", stated=faults.loosely_linked, strangers="together"),
        World("copycat", stated=faults.with_others, numbers=faults.unlinked, strangers="copies"),
        World("selective fields", recorded=faults.only_what_hurt),
        World("selective findings", stated=faults.with_findings, recorded=faults.only_what_helps),
        World(
            "one snapshot",
            stated=faults.all_dated,
            snapshots=frozenset({"custodian", "inference", "leaked_library"}),
        ),
    )
}
"""The world as elicited, and those in which the model is wrong."""
