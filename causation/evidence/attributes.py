"""Traits of victims and memberships: facts whose rate depends on the route.

One kind: a trait such as anonymity makes an entrance by inference rarer or more common; that
somebody is a user of a custodian is nearly certain where his data came from it, and otherwise
has the rate of the actor's hunting ground. Base rates are latents that all victims share.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.document.mappings import Fixed
from causation.evidence.base import At, Facts, Item, Kind, Present, Route, Victim

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledGroup
    from causation.document.numbers import Number
    from causation.evidence.drawing import Draw


@dataclass(frozen=True, slots=True)
class AttributeFacts:
    """Traits by degree and memberships that count, without those that defined the list."""

    traits: tuple[tuple[str, float], ...] = ()
    users: tuple[tuple[str, bool], ...] = ()


class _Attributes(Kind):
    name = "attributes"
    turn = 0
    additive = True
    words = MappingProxyType({"en": "traits and memberships", "zh": "特征与用户身份"})

    def items(self, filled: Filled, group: FilledGroup) -> tuple[Item, ...]:
        """Return every trait and membership that is evidence."""
        if group.known_by.how == "attempt":
            return ()
        head = f"victims.{group.id}"
        traits = [
            Item(f"{head}.traits.{k}", self.name, group.id, group.stage, filled.labels("traits", k))
            for k in group.traits
            if k not in group.known_by.traits
        ]
        users = [
            Item(f"{head}.users.{c}", self.name, group.id, group.stage, filled.labels("users", c))
            for c in _counted(group)
        ]
        return (*traits, *users)

    def numbers(self, filled: Filled) -> tuple[Number, ...]:
        """Return base rates, odds ratios of inference, and memberships."""
        found = [filled.number(f"actor.traits.{k}") for k in filled.traits]
        for s in filled.sources:
            if s.kind == "inference":
                found += [filled.number(f"sources.{s.name}.odds_ratio.{k}") for k in filled.traits]
        for c in filled.custodians:
            found += [filled.number(f"actor.users.{c}"), filled.number(f"sources.{c}.membership")]
        return tuple(found)

    def facts(
        self, filled: Filled, group: FilledGroup, present: Present, so_far: Facts
    ) -> Hashable:
        """Return what is present, less memberships that a published account implies."""
        if group.known_by.how == "attempt":
            return None
        head, fields = f"victims.{group.id}", so_far["fields"]
        linked = filled.shows(fields.shown, "account_link")  # type: ignore[attr-defined]
        implied = filled.account_of if linked else None
        traits = tuple(
            (k, t)
            for k, t in sorted(group.traits.items())
            if k not in group.known_by.traits and present(f"{head}.traits.{k}")
        )
        users = tuple(
            (c, group.users[c])
            for c in sorted(_counted(group))
            if c != implied and present(f"{head}.users.{c}")
        )
        return AttributeFacts(traits, users) if traits or users else None

    def latents(self, victims: Sequence[Victim], route: Route) -> tuple[str, ...]:
        """Return base rates of traits, and shares of users where the route does not tell."""
        inside = _custodians(route)
        names = [f"own:b.{k}" for v in victims for k, _ in _facts(v).traits]
        names += [f"own:h.{c}" for v in victims for c, _ in _facts(v).users if c not in inside]
        return tuple(dict.fromkeys(names))

    def log_factor(self, victims: Sequence[Victim], route: Route, at: At) -> Any:
        """Return the log probability of traits and memberships, shape (..., V), or 0."""
        if not any(v.facts.get(self.name) for v in victims):
            return 0.0
        stated = [_terms(_facts(v)) for v in victims]
        every = list(dict.fromkeys(t for terms in stated for t in terms))
        columns = [self._log_term(*term, route=route, at=at) for term in every]
        counts = np.array([[float(t in terms) for terms in stated] for t in every])
        return at.xp.matmul(at.xp.stack(columns), counts)

    def simulate(self, draw: Draw) -> None:
        """Draw traits and memberships, but those that defined the list or make the case."""
        group, known = draw.group, draw.group.known_by
        fixed = {*known.users_of, *(group.users if group.first else ())}
        draw.entry["traits"] = Fixed(
            {
                k: t
                if k in known.traits
                else float(draw.happens(trait_share(k, draw.route, draw.at)))
                for k, t in group.traits.items()
            }
        )
        draw.entry["users"] = Fixed(
            {
                c: is_user if c in fixed else draw.happens(user_share(c, draw.route, draw.at))
                for c, is_user in group.users.items()
            }
        )

    def _log_term(self, what: str, name: str, degree: float, *, route: Route, at: At) -> Any:
        p = trait_share(name, route, at) if what == "traits" else user_share(name, route, at)
        return at.xp.log(degree * p + (1.0 - degree) * (1.0 - p))


ATTRIBUTES = _Attributes()


def _counted(group: FilledGroup) -> list[str]:
    """Memberships that are stated and neither defined the list nor follow from the case."""
    return [
        c
        for c, is_user in group.users.items()
        if not is_user or not (group.first or c in group.known_by.users_of)
    ]


def _facts(victim: Victim) -> AttributeFacts:
    found = victim.facts.get("attributes")
    return found if isinstance(found, AttributeFacts) else AttributeFacts()


def _terms(facts: AttributeFacts) -> tuple[tuple[str, str, float], ...]:
    traits = (("traits", k, t) for k, t in facts.traits)
    return (*traits, *(("users", c, float(is_user)) for c, is_user in facts.users))


def _custodians(route: Route) -> frozenset[str]:
    return frozenset(s.name for s in route.sources if s.kind == "custodian" and not s.vague)


def trait_share(trait: str, route: Route, at: At) -> Any:
    """Share of the victims of a route that have a trait."""
    entrance = route.entrance
    shift: Any = 0.0
    if entrance.kind == "inference" and not entrance.vague:
        shift = at.middle(f"sources.{entrance.name}.odds_ratio.{trait}")
    return at.share(f"actor.traits.{trait}", f"own:b.{trait}", shift)


def user_share(custodian: str, route: Route, at: At) -> Any:
    """Share of the victims of a route that are users of a custodian."""
    if custodian in _custodians(route):
        return at.mean(f"sources.{custodian}.membership")
    return at.share(f"actor.users.{custodian}", f"own:h.{custodian}")
