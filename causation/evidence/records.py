"""Published values held against a register: they agree with it, or differ.

A value that a member of the register supplied agrees with it nearly always; one from elsewhere
agrees in a share that depends on the field. A value that differs does not speak for its holder.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.base import At, Facts, Item, Kind, Present, Route, Victim

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledGroup
    from causation.document.numbers import Number
    from causation.evidence.drawing import Draw

ALPHA_CORRELATION = 0.5
"""Correlation of the shares in which values from elsewhere agree."""


@dataclass(frozen=True, slots=True)
class Register:
    """A register and what was compared with it.

    Parameters
    ----------
    of : frozenset of str
        Sources that share it.
    compared : tuple of (str, tuple of str, bool)
        Field, the published fields that carry it (itself, or those that imply it), and whether
        the values agree.
    """

    of: frozenset[str]
    compared: tuple[tuple[str, tuple[str, ...], bool], ...]

    @property
    def latent(self) -> str:
        """Name of the latent share in which its own values agree with it."""
        return "mu." + "+".join(sorted(self.of))


class _Records(Kind):
    name = "records"
    words = MappingProxyType({"en": "values held against a register", "zh": "与登记信息的比对"})

    def items(self, filled: Filled, group: FilledGroup) -> tuple[Item, ...]:
        """Return one item for all that was compared of a group."""
        if not any(r.agrees or r.differs for r in group.records):
            return ()
        item = f"victims.{group.id}.record"
        return (Item(item, self.name, group.id, group.stage, self.words),)

    def numbers(self, filled: Filled) -> tuple[Number, ...]:
        """Return the share in which own values agree, and others' by field."""
        fields = sorted({f for g in filled.groups for r in g.records for f in r.agrees + r.differs})
        if not fields:
            return ()
        return tuple(filled.number(f"agreement.{f}") for f in ("own", *fields))

    def facts(
        self, filled: Filled, group: FilledGroup, present: Present, so_far: Facts
    ) -> Hashable:
        """Return the registers, each comparison with the published fields that carry it."""
        if not group.records or not present(f"victims.{group.id}.record"):
            return None
        fields: Any = so_far["fields"]
        registers = []
        for r in group.records:
            compared = []
            for f in sorted({*r.agrees, *r.differs}):
                carriers = carriers_of(f, fields.published, filled.implies)
                if carriers and f in {*fields.shown, *_implied(filled, fields.shown)}:
                    compared.append((f, carriers, f in r.agrees))
            if compared:
                registers.append(Register(frozenset(r.of), tuple(compared)))
        return tuple(registers) or None

    def simulate(self, draw: Draw) -> None:
        """Compare published values with every register, by who supplied them."""
        shown = frozenset(draw.entry["disclosed"])
        drawn = []
        for r in draw.group.records:
            agrees: list[str] = []
            differs: list[str] = []
            for f in sorted({*r.agrees, *r.differs}):
                carriers = carriers_of(f, tuple(draw.suppliers), draw.filled.implies)
                if not carriers or f not in {*shown, *_implied(draw.filled, shown)}:
                    continue
                register = Register(frozenset(r.of), ((f, carriers, True),))
                chance = record_terms(carriers, (register,), draw.route, draw.at)
                where = agrees if draw.happens(chance(draw.suppliers)) else differs
                where.append(f)
            drawn.append(replace(r, agrees=tuple(agrees), differs=tuple(differs)))
        draw.entry["records"] = tuple(drawn)

    def latents(self, victims: Sequence[Victim], route: Route) -> tuple[str, ...]:
        """Return one share a register, a common one and one a field for values of others."""
        registers = [r for v in victims for r in v.facts.get("records") or ()]  # type: ignore[attr-defined]
        if not registers:
            return ()
        names = [r.latent for r in registers] if not route.vague else []
        fields = sorted({f for r in registers for f, _, _ in r.compared})
        names += ["alpha", *(_own(f, victims) for f in fields)]
        return tuple(dict.fromkeys(names))


RECORDS = _Records()


def _own(field: str, victims: Sequence[Victim]) -> str:
    """Latent of a field's agreement; not its own where one victim reads it twice."""
    most = max(
        sum(f == field for r in v.facts.get("records") or () for f, _, _ in r.compared)  # type: ignore[attr-defined]
        for v in victims
    )
    return f"own:alpha.{field}" if most <= 1 else f"alpha.{field}"


def _implied(filled: Filled, shown: frozenset[str]) -> frozenset[str]:
    return frozenset().union(*(filled.implies.get(g, frozenset()) for g in shown))


def carriers_of(
    field: str, published: Sequence[str], implies: Mapping[str, frozenset[str]]
) -> tuple[str, ...]:
    """Published fields that carry a value: itself, or those that imply it."""
    if field in published:
        return (field,)
    return tuple(g for g in published if field in implies.get(g, ()))


class record_terms:  # noqa: N801 - used as a function
    """Probability of what was compared, given who supplied published fields.

    Parameters
    ----------
    fields : sequence of str
        Published fields; comparisons that others carry are left to those.
    registers : sequence of Register
    route : Route
    at : At
    """

    def __init__(
        self, fields: Sequence[str], registers: Sequence[Register], route: Route, at: At
    ) -> None:
        self._at, self._route = at, route
        self._terms = [
            (r, f, carriers, agrees)
            for r in registers
            for f, carriers, agrees in r.compared
            if {*carriers} <= {*fields}
        ]

    @property
    def compared(self) -> bool:
        """Whether anything was compared."""
        return bool(self._terms)

    def __call__(self, suppliers: Mapping[str, tuple[bool, ...]]) -> Any:
        """Return the probability given the set of suppliers of each field."""
        total: Any = 1.0
        for register, field, carriers, agrees in self._terms:
            who = tuple(map(any, zip(*(suppliers[c] for c in carriers), strict=True)))
            p = self._share(register, field, who)
            total = total * (p if agrees else 1.0 - p)
        return total

    def _share(self, register: Register, field: str, who: tuple[bool, ...]) -> Any:
        memo = self._at.memo
        member = any(
            gave and not s.vague and s.name in register.of
            for gave, s in zip(who, self._route.sources, strict=True)
        )
        key = ("agrees", register.latent if member else field, member)
        if key not in memo:
            memo[key] = (
                self._at.share("agreement.own", register.latent)
                if member
                else self._elsewhere(field)
            )
        return memo[key]

    def _elsewhere(self, field: str) -> Any:
        """Share in which values from elsewhere agree."""
        at = self._at
        path = f"agreement.{field}"
        own = f"own:alpha.{field}" if f"alpha.{field}" not in at.z else f"alpha.{field}"
        loading = np.array([np.sqrt(ALPHA_CORRELATION)])
        return at.shares(
            at.middle(path)[..., None], at.spread(path)[..., None],
            shared=at.z["alpha"], loading=loading, own=[own],
        )[..., 0]  # fmt: skip
