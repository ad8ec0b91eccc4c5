"""Worlds from which cases are drawn: as elicited, and otherwise.

A world says what is otherwise than the model takes it to be: how cases come about (other facts,
other numbers, a route that the case does not list, victims that hang together) or what of them is
written down. The estimator is given the case file that its analyst would write, and not told.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.case import fill, parse_case
from causation.errors import InputError
from causation.inference.evaluate import inside
from causation.model.simulation import MARK, SNAPSHOTS, SimulatedCase, Strangers, simulate
from causation.model.structure import Model, Scenarios, build_model
from causation.validation import faults
from causation.validation.designs import Design, balanced, prior_before_incidents
from causation.validation.faults import Document

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledGroup

__all__ = ["AS_ELICITED", "WORLDS", "Drawn", "Setting", "World", "group_of"]

AS_ELICITED = "as elicited"
MAX_REDRAWS = 20
"""Cases that are drawn again because hardly anybody would have been on a list of theirs."""


@dataclass(frozen=True, slots=True)
class World:
    """How cases come about, and what is written down of them.

    Parameters
    ----------
    name : str
    meaning : mapping of str to str
        In one sentence, how it differs from what the case file says, by language.
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
    meaning: Mapping[str, str]
    mild: bool = False
    stated: Callable[[Document], Document | None] = faults.unaltered
    happens: Callable[[Document], Document] = faults.unaltered
    facts: Callable[[Filled], Filled] = faults.facts_as_stated
    numbers: Callable[[Model, np.random.Generator], Scenarios] = faults.as_stated
    route: Callable[[Model, np.ndarray, np.random.Generator], str] | None = None
    recorded: Callable[[SimulatedCase, Filled, np.random.Generator], Filled] = faults.all_of_it
    strangers: Strangers = "apart"
    snapshots: frozenset[str] = SNAPSHOTS

    def applies(self, design: Design) -> bool:
        """Whether the world has something to say about cases of a design."""
        return self.stated(copy.deepcopy(design.document)) is not None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A case of a world.

    Parameters
    ----------
    case : SimulatedCase
        As it is.
    filled : Filled
        As the estimator is given it.
    """

    case: SimulatedCase
    filled: Filled


class Setting:
    """A design in a world.

    Parameters
    ----------
    world : World
    document : dict
        The case file that the analyst writes.
    stated : Model
        Its model.
    """

    def __init__(self, world: World, document: Document, stated: Model) -> None:
        self.world, self.document, self.stated = world, document, stated
        happens = world.happens(copy.deepcopy(document))
        true = stated if happens == document else _model(happens)
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
        return cls(world, document, _model(document))

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


def _model(document: Document) -> Model:
    return build_model(fill(parse_case(json.dumps(document))))


def _world(name: str, en: str, zh: str, **options: Any) -> World:
    return World(name, {"en": en, "zh": zh}, **options)


WORLDS: dict[str, World] = {
    world.name: world
    for world in (
        _world(
            AS_ELICITED,
            "everything happens with the probabilities elicited",
            "一切均按所设概率发生",
        ),
        _world(
            "more dependence",
            "fields of a source come together with r = 0.95, what victims share varies half as "
            "much again, and findings repeat each other more than half of the time",
            "同一来源的各项信息高度一并出现（r = 0.95），被公开者共同因素的变动加大一半，"
            "证据事项过半相互重复",
            mild=True,
            numbers=faults.dependent,
        ),
        _world(
            "wrong linkage",
            "further victims belong to the series 0.4 times as often as elicited",
            "其他被公开者属同一系列的频率仅为所设的0.4倍",
            mild=True,
            numbers=faults.unlinked,
        ),
        _world(
            "wrong traits",
            "three in ten traits are recorded the wrong way round",
            "十分之三的特征记录相反",
            recorded=faults.flipped,
        ),
        _world(
            "biased by one logit",
            "every interval, those of chains apart, lies one logit too high, or in every other "
            "case too low",
            "除接续途径外，所有区间一律偏高一个对数发生比单位，或（半数案件）一律偏低",
            mild=True,
            numbers=faults.biased(1.0),
        ),
        _world(
            "biased by two logits",
            "every interval, those of chains apart, lies two logits too high, or in every other "
            "case too low",
            "除接续途径外，所有区间一律偏高两个对数发生比单位，或（半数案件）一律偏低",
            numbers=faults.biased(2.0),
        ),
        _world(
            "leaning experts",
            "shares of the proposition's sources are stated a logit too high, those of all other "
            "named sources a logit too low",
            "待证来源的各项比例偏高一个对数发生比单位，其他具名来源偏低同等幅度",
            numbers=faults.leaning,
        ),
        _world(
            "narrow experts",
            "every interval ought to be twice as wide on its own scale",
            "所有区间（按其自身尺度）应为所设宽度的两倍",
            mild=True,
            numbers=faults.narrow,
        ),
        _world(
            "wrong weights",
            "the proposition's sources have a quarter of the weight stated",
            "待证来源的真实权重仅为所设的四分之一",
            numbers=faults.overweighted,
        ),
        _world(
            "unlisted chain",
            "the true route is a chain, and the case lists single routes only",
            "真实途径为接续途径，而案件仅列单一来源",
            stated=faults.singles_only,
            happens=faults.with_chains,
            route=faults.a_chain,
        ),
        _world(
            "unlisted source",
            "where the proposition is false, the source is a custodian like the platform that "
            "nobody named; the list has an unknown source",
            "待证事实不为真时，来源是一个与该平台相似而无人提及的保管方；清单中列有未知来源",
            stated=faults.with_residual,
            happens=faults.with_another,
            route=faults.another,
        ),
        _world(
            "found among users",
            "further victims were found among the platform's users, and the case says that they "
            "are known because they were exposed",
            "其他被公开者系在该平台用户中查找所得，而案件称其因信息被公开而知悉",
            stated=faults.users_exposed,
            happens=faults.users_searched,
        ),
        _world(
            "old leak",
            "the library descends from an old leak of the platform: same fields, values of its "
            "register, its users; where the proposition is false, the library is the source",
            "社工库源自该平台的旧泄露：信息项、登记值与用户均相同；待证事实不为真时来源为该库",
            stated=faults.with_register,
            happens=faults.descended,
            facts=faults.one_register,
            route=faults.by_the_library,
            recorded=faults.users_of_the_library,
        ),
        _world(
            "another series",
            "further victims who are not of the series (half of them) are all of one other series",
            "不属该系列的其他被公开者（约半数）同属另一系列",
            stated=faults.loosely_linked,
            strangers="together",
        ),
        _world(
            "copycat",
            "six in ten of those held to be of the series are the work of one imitator, who "
            "publishes the fields that were published of the plaintiff",
            "被认为属同一系列者，六成系另一模仿者所为，其公开的信息项与原告被公开者相同",
            stated=faults.with_others,
            numbers=faults.unlinked,
            strangers="copies",
        ),
        _world(
            "selective fields",
            "only what was published and hurt is recorded: nothing is said to have been withheld, "
            "and account links are not mentioned",
            "仅记录被公开且造成损害的信息项：不载明未公开者，亦不提账号链接",
            recorded=faults.only_what_hurt,
        ),
        _world(
            "selective findings",
            "findings are reported only where they favour the claimant",
            "仅提出有利于原告的证据事项",
            stated=faults.with_findings,
            recorded=faults.only_what_helps,
        ),
        _world(
            "one snapshot",
            "all victims' data are one copy of one day, while the case takes every victim's to "
            "have an age of their own",
            "全部被公开者的信息出自同一日的同一副本，而案件按各自独立的时间计算",
            stated=faults.all_dated,
            snapshots=frozenset({"custodian", "inference", "leaked_library"}),
        ),
    )
}
"""The world as elicited, and those in which the model is wrong."""
