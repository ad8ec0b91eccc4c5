"""Which fields of a victim were published, and which were not.

Of the persons exposed through a source, in what share does it give the actor a field? The share
varies from actor to actor: a common latent of the source moves all its fields together, one of
its own each of them. What the actor has he publishes in the share ``omega``. In a chain he has a
field if either source gave it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain as chained
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.base import At, Facts, Item, Kind, Present, Route, Source, Victim
from causation.evidence.records import Register, record_terms
from causation.scales import Elicited, Scale

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledGroup
    from causation.document.numbers import Number
    from causation.evidence.drawing import Draw

VAGUE = Elicited(0.05, 0.95, Scale.PROBABILITY)
"""Every field of the stand-in for whatever is not named."""
VAGUE_CORRELATION = 0.5


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """What counts of a victim's fields, and what put him on the list.

    Parameters
    ----------
    published, withheld : tuple of str
        Known to have been published, and not; without those that a published one implies.
    shown : frozenset of str
        All that are stated to have been published, also where another of them implies one.
    stranger_to : frozenset of str
        Custodians of which he is known not to be a user.
    all_of, any_of : tuple of str
        Fields whose publication put him on the list.
    impliers : tuple of tuple
        Of those fields: a field that implies some, stated in this entry, and which.
    """

    published: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    shown: frozenset[str] = frozenset()
    stranger_to: frozenset[str] = frozenset()
    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    impliers: tuple[tuple[str, frozenset[str]], ...] = ()

    @property
    def named(self) -> frozenset[str]:
        """Fields that the likelihood reads."""
        listed = (g for g, _ in self.impliers)
        return frozenset(chained(self.published, self.withheld, self.all_of, self.any_of, listed))


@dataclass(frozen=True, eq=False)
class Mixture:
    """A victim's mixture over what the data of the route's sources were too old or new to have.

    Parameters
    ----------
    missing : tuple
        For each cell and source, the fields that it could not give.
    log_weight : ndarray, shape (..., K, C), or None
        Log probability of every cell, by state of the snapshots; None for one certain cell.
    fraction : mapping of str to array, optional
        For the stand-in: chance that its data had a dated field.
    """

    missing: tuple[tuple[frozenset[str], ...], ...]
    log_weight: Any = None
    fraction: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Supply:
    """Shares of one source: ``has`` that it gives a field, ``lacks`` that it does not."""

    has: Any
    lacks: Any


class _Fields(Kind):
    name = "fields"
    turn = 1
    words = MappingProxyType({"en": "fields published", "zh": "被公开的信息项"})

    def items(self, filled: Filled, group: FilledGroup) -> tuple[Item, ...]:
        """Return every field that is stated; what defined the list is not evidence."""
        fixed = _defining(filled, group)
        return tuple(
            Item(
                id=f"victims.{group.id}.fields.{f}",
                kind=self.name,
                group=group.id,
                stage=group.stage,
                label=filled.labels("fields", f),
            )
            for f in (*group.disclosed, *group.not_disclosed)
            if f not in fixed
        )

    def numbers(self, filled: Filled) -> tuple[Number, ...]:
        """Return shares of every source, correlations, loadings and the share published."""
        found = [filled.number("actor.publishes")]
        strangers = {c for g in filled.groups for c, is_user in g.users.items() if not is_user}
        for s in filled.sources:
            if s.kind == "residual":
                continue
            path = f"sources.{s.name}"
            found.append(filled.number(f"{path}.correlation"))
            for f in filled.fields:
                found.append(filled.number(f"{path}.disclosure.{f}"))
                if s.name in strangers:
                    found.append(filled.number(f"{path}.disclosure_not_user.{f}"))
                if (loading := filled.optional(f"{path}.loadings.{f}")) is not None:
                    found.append(loading)
        return tuple(found)

    def facts(
        self, filled: Filled, group: FilledGroup, present: Present, so_far: Facts
    ) -> Hashable:
        """Return what is left of the entry when absent items and implied fields are gone."""

        def there(f: str) -> bool:
            return present(f"victims.{group.id}.fields.{f}")

        shown = frozenset(f for f in group.disclosed if there(f))
        hidden = frozenset(f for f in group.not_disclosed if there(f))
        implied = frozenset(chained.from_iterable(filled.implies.get(g, ()) for g in shown))
        known = group.known_by
        listing = {*known.published_all, *known.published_any}
        impliers = tuple(
            (g, frozenset(filled.implies[g]) & listing)
            for g in sorted(shown | hidden)
            if filled.implies.get(g) and frozenset(filled.implies[g]) & listing
        )
        strangers = frozenset(
            c
            for c, is_user in group.users.items()
            if not is_user and present(f"victims.{group.id}.users.{c}")
        )
        return FieldFacts(
            published=tuple(sorted(shown - implied)),
            withheld=tuple(sorted(hidden)),
            shown=shown,
            stranger_to=strangers,
            all_of=tuple(sorted(known.published_all)),
            any_of=tuple(sorted(known.published_any)),
            impliers=impliers,
        )

    def simulate(self, draw: Draw) -> None:
        """Draw who has each field that is looked at, and which of them the actor publishes.

        Of a field that both sources of a chain have he publishes the entrance's value. What a
        published field implies counts as published.
        """
        group, route, at = draw.group, draw.route, draw.at
        known = group.known_by
        looked = sorted(
            {*group.disclosed, *group.not_disclosed, *known.published_all, *known.published_any}
        )
        draw.suppliers.clear()
        draw.shown.clear()
        if not looked:  # of somebody chosen beforehand nothing may be known
            draw.entry["disclosed"] = draw.entry["not_disclosed"] = ()
            return
        has = []
        for s in route.sources:  # the latents of a series are drawn once, and so are its shares
            stranger = not draw.entry["users"].get(s.name, True)
            key = ("has", s.name, stranger, *looked)
            if key not in at.memo:
                at.memo[key] = supplies(s, looked, at, stranger=stranger).has
            has.append(at.memo[key] > draw.rng.random(len(looked)))
        if "omega" not in at.memo:
            at.memo["omega"] = at.share("actor.publishes", "v")
        omega = at.memo["omega"]
        for i, f in enumerate(looked):
            values = {n: draw.value(n, f) for n, mine in enumerate(has) if mine[i]}
            wanted = draw.happens(omega) if draw.copied is None else f in draw.copied
            if wanted and values and draw.reached:
                draw.shown[f] = next(iter(values.values()))
                draw.suppliers[f] = tuple(
                    n in values and values[n] == draw.shown[f] for n in range(len(has))
                )
        implied = {g for f in draw.suppliers for g in draw.filled.implies.get(f, ())}
        shown = {*draw.suppliers, *implied}
        for f in implied & {*draw.suppliers}:
            del draw.suppliers[f], draw.shown[f]
        draw.entry["disclosed"] = tuple(f for f in looked if f in shown)
        draw.entry["not_disclosed"] = tuple(f for f in looked if f not in shown)

    def latents(self, victims: Sequence[Victim], route: Route) -> tuple[str, ...]:
        """Return the share published, and per source the common latent and one a field."""
        fields = fields_of(victims)
        if not fields:
            return ()
        names = ["v"]
        for s in route.sources:
            names += [f"u.{s.name}", *(f"own:c.{s.name}.{f}" for f in fields)]
        return tuple(names)

    def log_factor(
        self,
        victims: Sequence[Victim],
        route: Route,
        at: At,
        mixtures: Sequence[Mixture | None] | None = None,
        states: int = 0,
    ) -> Any:
        """Return the log probability of what was published, with registers and dates.

        Parameters
        ----------
        mixtures : sequence of Mixture or None, optional
            Of the victims who have dates.
        states : int
            States of the snapshots; with any, the victims' axis comes after one for them.
        """
        fields = fields_of(victims)
        if not fields:
            return 0.0
        whole = Mixture(((frozenset(),) * len(route.sources),))
        every = [m or whole for m in mixtures] if mixtures else [whole] * len(victims)
        return Factor(victims, route, at, fields).log_factor(every, states)


FIELDS = _Fields()


def _defining(filled: Filled, group: FilledGroup) -> frozenset[str]:
    """Published fields, or impliers, without which the victim would not be on his list."""
    known = group.known_by
    listing = {*known.published_all, *known.published_any}
    missing = listing - {*group.disclosed}
    impliers = {g for g in group.disclosed if frozenset(filled.implies.get(g, ())) & missing}
    return frozenset((listing & {*group.disclosed}) | impliers)


def facts_of(victim: Victim) -> FieldFacts:
    """Field facts of a victim."""
    found = victim.facts.get("fields")
    return found if isinstance(found, FieldFacts) else FieldFacts()


def fields_of(victims: Sequence[Victim]) -> tuple[str, ...]:
    """Every field that some victim's likelihood reads, sorted."""
    return tuple(sorted(frozenset().union(*(facts_of(v).named for v in victims))))


def elicited(
    source: Source, fields: Sequence[str], at: At, *, stranger: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre and sd on the logit scale, and loading, of each field, shape (..., F).

    Parameters
    ----------
    stranger : bool
        Whether for victims who are not users of this custodian.
    """
    if source.vague:
        size = len(fields)
        loading = np.full(size, np.sqrt(VAGUE_CORRELATION))
        return np.zeros(size), np.full(size, VAGUE.sd), loading
    name = ("elicited", source.name, stranger, *fields)
    if at.constants is not None and name in at.constants:
        known: tuple[np.ndarray, np.ndarray, np.ndarray] = at.constants[name]
        return known
    key = "disclosure_not_user" if stranger else "disclosure"
    paths = [f"sources.{source.name}.{key}.{f}" for f in fields]
    root = np.sqrt(at.middle(f"sources.{source.name}.correlation"))
    loadings = [
        at.middle(p) if at.has(p := f"sources.{source.name}.loadings.{f}") else root for f in fields
    ]
    found = (
        np.stack([at.middle(p) for p in paths], axis=-1),
        np.stack([at.spread(p) for p in paths], axis=-1),
        np.stack(loadings, axis=-1),
    )
    if at.constants is not None:
        at.constants[name] = found
    return found


def supplies(source: Source, fields: Sequence[str], at: At, *, stranger: bool) -> Supply:
    """Shares in which a source gives the actor each field, shape (..., F).

    Parameters
    ----------
    stranger : bool
        Whether for victims who are not users of this custodian.
    """
    shared = at.z[f"u.{source.name}"]
    own = [f"own:c.{source.name}.{f}" for f in fields]
    center, sd, loading = elicited(source, fields, at, stranger=stranger)
    has = at.shares(center, sd, shared=shared, loading=loading, own=own)
    return Supply(has, 1.0 - has)


class Terms:
    """Log chances that the actor published each field, and that he did not, shape (..., F)."""

    def __init__(self, given: Sequence[Supply], omega: Any, xp: Any) -> None:
        self._given, self._omega, self._xp = given, omega, xp

    @cached_property
    def published(self) -> Any:
        """Log chance that a field is published."""
        a = self._given[0]
        has = a.has if len(self._given) == 1 else a.has + a.lacks * self._given[1].has
        return self._xp.stack([self._xp.log(self._omega)]) + self._xp.log(has)

    @cached_property
    def withheld(self) -> Any:
        """Log chance that it is not."""
        a, omega = self._given[0], self._xp.stack([self._omega])
        lacks = a.lacks if len(self._given) == 1 else a.lacks * self._given[1].lacks
        return self._xp.log((1.0 - omega) + omega * lacks)


class Factor:
    """The factor of the fields of all victims under one route at one set of points."""

    def __init__(
        self, victims: Sequence[Victim], route: Route, at: At, fields: Sequence[str]
    ) -> None:
        self.victims, self.route, self.at, self.fields = victims, route, at, fields
        self.place = {f: i for i, f in enumerate(fields)}
        if "omega" not in at.memo:
            at.memo["omega"] = at.share("actor.publishes", "v")
        self.omega = at.memo["omega"]

    def supply(
        self, number: int, *, stranger: bool, missing: frozenset[str], fraction: Any = None
    ) -> Supply:
        """Shares of the route's source of this number, less what its data could not have."""
        source, memo = self.route.sources[number], self.at.memo
        key = ("supply", source.name, stranger, tuple(self.fields))
        if key not in memo:
            memo[key] = supplies(source, self.fields, self.at, stranger=stranger)
        whole: Supply = memo[key]
        if fraction:
            keep = self.at.xp.stack([fraction.get(f, 1.0) for f in self.fields])
            has = whole.has * keep
            return Supply(has, 1.0 - has)
        if not missing:
            return whole
        there = np.array([f not in missing for f in self.fields])
        return Supply(whole.has * there, whole.lacks * there + ~there)

    def strangers(self, victim: Victim) -> tuple[bool, ...]:
        """For each source of the route, whether the victim is known not to be its user."""
        facts = facts_of(victim)
        return tuple(s.name in facts.stranger_to and not s.vague for s in self.route.sources)

    def of(self, victim: Victim, mixture: Mixture, cell: int) -> list[Supply]:
        """Return the shares of the route's sources for a victim, in one cell of dates."""
        return [
            self.supply(n, stranger=stranger, missing=missing, fraction=mixture.fraction)
            for n, (stranger, missing) in enumerate(
                zip(self.strangers(victim), mixture.missing[cell], strict=True)
            )
        ]

    def terms(self, victim: Victim, mixture: Mixture, cell: int) -> Terms:
        """Return the log chances of every field for a victim, in one cell of dates."""
        if mixture.fraction is not None:
            return Terms(self.of(victim, mixture, cell), self.omega, self.at.xp)
        missing = mixture.missing[cell]
        key = ("terms", self.route.name, self.strangers(victim), missing, tuple(self.fields))
        if key not in self.at.memo:
            self.at.memo[key] = Terms(self.of(victim, mixture, cell), self.omega, self.at.xp)
        found: Terms = self.at.memo[key]
        return found

    def log_factor(self, mixtures: Sequence[Mixture], states: int) -> Any:
        """Return the log factor of every victim, shape (..., V) or (..., K, V)."""
        xp = self.at.xp
        pairs = [(i, c) for i, m in enumerate(mixtures) for c in range(len(m.missing))]
        found = self._columns(pairs, mixtures)
        if not isinstance(found, list):
            return found if not states else found[..., None, :] + np.zeros((states, 1))
        if all(m.log_weight is None for m in mixtures) and not states:
            return xp.stack(found)
        whole, start = [], 0
        for m in mixtures:
            mine = found[start : start + len(m.missing)]
            start += len(mine)
            column = mine[0]
            if m.log_weight is not None:
                column = xp.logsumexp(xp.stack(mine)[..., None, :] + m.log_weight)
                column = column if states else column[..., 0]
            else:
                column = column[..., None] if states else column
            whole.append(column + np.zeros(states) if states else column)
        return xp.stack(whole)

    def _columns(self, pairs: Sequence[tuple[int, int]], mixtures: Sequence[Mixture]) -> Any:
        """One column a pair of victim and cell: an array where all are alike, else a list."""
        configs: dict[Hashable, list[int]] = {}
        for p, (i, c) in enumerate(pairs):
            m = mixtures[i]
            key = (self.strangers(self.victims[i]), m.missing[c], _identity(m.fraction))
            configs.setdefault(key, []).append(p)
        xp, columns = self.at.xp, [None] * len(pairs)
        plain = not any(v.facts.get("records") for v in self.victims)
        plain = plain and all(m.log_weight is None for m in mixtures)
        for places in configs.values():
            i, c = pairs[places[0]]
            terms = self.terms(self.victims[i], mixtures[i], c)
            facts = [facts_of(self.victims[pairs[p][0]]) for p in places]
            block = xp.matmul(terms.published, self._mask([x.published for x in facts]))
            if any(x.withheld for x in facts):
                hidden = self._mask([x.withheld for x in facts])
                block = block + xp.matmul(terms.withheld, hidden)
            if len(configs) == 1 and len(pairs) == len(self.victims) and plain:
                return block
            for n, p in enumerate(places):
                i, c = pairs[p]
                more = self._registers(self.victims[i], mixtures[i], c, terms.published)
                columns[p] = block[..., n] + more
        return columns

    def _mask(self, names: Sequence[Sequence[str]]) -> np.ndarray:
        mask = np.zeros((len(self.fields), len(names)))
        for column, mine in enumerate(names):
            for f in mine:
                mask[self.place[f], column] = 1.0
        return mask

    def _registers(self, victim: Victim, mixture: Mixture, cell: int, published: Any) -> Any:
        """Log change of a victim's factor where published values were compared."""
        registers = victim.facts.get("records")
        if not registers:
            return 0.0
        total: Any = 0.0
        log_omega = self.at.xp.log(self.omega)
        for block in self.suppliers(victim, mixture, cell):
            if block.compared:
                total = total + self.at.xp.log(block.total)
                for f in block.fields:
                    total = total + log_omega - published[..., self.place[f]]
        return total

    def log_probability(self, victim: Victim, mixture: Mixture, cell: int) -> Any:
        """Log probability of what was published of a victim in one cell of dates."""
        terms, facts = self.terms(victim, mixture, cell), facts_of(victim)
        log_p: Any = self._registers(victim, mixture, cell, terms.published)
        for f in facts.published:
            log_p = log_p + terms.published[..., self.place[f]]
        for f in facts.withheld:
            log_p = log_p + terms.withheld[..., self.place[f]]
        return log_p

    def suppliers(self, victim: Victim, mixture: Mixture, cell: int) -> tuple[Suppliers, ...]:
        """Who gave the published fields, weighed by how values agree with registers.

        Fields are independent but for those that together carry a value that was compared.
        """
        given = self.of(victim, mixture, cell)
        registers: Sequence[Register] = victim.facts.get("records") or ()  # type: ignore[assignment]
        result = []
        for fields in _together(facts_of(victim).published, registers):
            chances = [_by_set(given, self.place[f]) for f in fields]
            factors = record_terms(fields, registers, self.route, self.at)
            weight = {}
            for whos in product(*chances):
                p: Any = factors(dict(zip(fields, whos, strict=True)))
                for chance, who in zip(chances, whos, strict=True):
                    p = p * chance[who]
                weight[whos] = p
            result.append(Suppliers(fields, weight, compared=factors.compared))
        return tuple(result)


def _together(published: Sequence[str], registers: Sequence[Register]) -> list[tuple[str, ...]]:
    """Published fields in sets of those that carry a compared value together."""
    sets = [{f} for f in published]
    for carriers in (c for r in registers for _, c, _ in r.compared if len(c) > 1):
        apart = [s for s in sets if not s & {*carriers}]
        sets = [*apart, set().union(*(s for s in sets if s & {*carriers}))]
    return [tuple(sorted(s)) for s in sets]


def factor_of(victims: Sequence[Victim], route: Route, at: At) -> Factor:
    """Factor of the fields of all victims."""
    return Factor(victims, route, at, fields_of(victims))


@dataclass(frozen=True)
class Suppliers:
    """Weights of who supplied some fields: for each the set of the route's sources.

    Parameters
    ----------
    fields : tuple of str
    weight : mapping
        By the sets of suppliers of the fields, each as (first, second).
    compared : bool
        Whether a register had to do with it.
    """

    fields: tuple[str, ...]
    weight: Mapping[tuple[tuple[bool, ...], ...], Any]
    compared: bool

    @property
    def total(self) -> Any:
        """Sum over who supplied them."""
        parts = list(self.weight.values())
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def among(self, chosen: Mapping[str, frozenset[tuple[bool, ...]]]) -> Any:
        """Chance that each of some fields was supplied by one of these sets of sources."""
        asked = [(i, chosen[f]) for i, f in enumerate(self.fields) if f in chosen]
        if not asked:
            return 1.0
        total: Any = 0.0
        for whos, w in self.weight.items():
            if all(whos[i] in sets for i, sets in asked):
                total = total + w
        return total / (self.total + 1e-300)


def _by_set(given: Sequence[Supply], i: int) -> dict[tuple[bool, ...], Any]:
    a = given[0]
    if len(given) == 1:
        return {(True,): a.has[..., i]}
    b = given[1]
    return {
        (True, False): a.has[..., i] * b.lacks[..., i],
        (False, True): a.lacks[..., i] * b.has[..., i],
        (True, True): a.has[..., i] * b.has[..., i],
    }


def _identity(fraction: Mapping[str, Any] | None) -> int:
    return 0 if fraction is None else id(fraction)
