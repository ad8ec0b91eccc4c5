"""Sources, and the numbers of sources, chains, the actor and registers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from causation.case.checking import named_fields
from causation.case.filled import FilledSource
from causation.case.ledger import labels
from causation.case.parts import ADDED, Source
from causation.document.mappings import Fixed
from causation.document.stated import Stated, bare
from causation.document.terms import SourceKind
from causation.errors import CaseError
from causation.scales import Scale

if TYPE_CHECKING:
    from collections.abc import Iterable

    from causation.case.filled import FilledGroup
    from causation.case.ledger import Ledger
    from causation.case.schema import Case
    from causation.document.numbers import Number

__all__ = ["Named", "Tables", "fill_numbers", "fill_sources"]

_PROBABILITY, _POSITIVE, _UNIT = Scale.PROBABILITY, Scale.POSITIVE, Scale.UNIT
_RESIDUAL = SourceKind.RESIDUAL
_ADDED_LABELS = {
    SourceKind.LEAKED_LIBRARY: {"en": "Leaked library", "zh": "已泄露数据库（社工库）"},
    SourceKind.INFERENCE: {"en": "Public traces", "zh": "公开信息关联比对"},
    SourceKind.RESIDUAL: {"en": "Unknown or other", "zh": "未知或其他来源"},
}
_ADDED_SOURCES = {kind: Source(kind=kind) for kind in ADDED}


@dataclass(frozen=True, slots=True)
class Named:
    """What the groups of a case name, each sorted; for fields, what the case names too."""

    fields: tuple[str, ...]
    traits: tuple[str, ...]
    custodians: tuple[str, ...]

    @classmethod
    def by(cls, case: Case, groups: tuple[FilledGroup, ...]) -> Named:
        """Collect the names."""
        return cls(
            _sorted(named_fields(case)),
            _sorted(k for g in groups for k in (*g.traits, *g.known_by.traits)),
            _sorted(c for g in groups for c in g.users),
        )


@dataclass(frozen=True, slots=True)
class Tables:
    """Paths of weights by source, and of the shares of chains, with whether they are stated."""

    weights: Mapping[str, str]
    chains: Mapping[tuple[str, str], tuple[str, bool]]


def fill_sources(case: Case) -> tuple[FilledSource, ...]:
    """Return all sources, those that are added last."""
    return tuple(_source(case, name, kind) for name, kind in case.kinds.items())


def _source(case: Case, name: str, kind: SourceKind) -> FilledSource:
    source = case.sources.get(name, _ADDED_SOURCES.get(kind))
    assert source is not None  # noqa: S101 - every kind that is not listed is one that is added
    share = None if source.share is None else float(bare(source.share))  # type: ignore[arg-type]
    return FilledSource(
        name=name,
        kind=kind,
        label=labels(source.label or _added_label(case, name, kind), name),
        holds=source.holds,
        one_service=source.one_service,
        share=share,
        origin=Fixed({c: float(bare(part)) for c, part in source.origin.items()}),  # type: ignore[arg-type]
        listed=name in case.sources,
        note=labels(source.note),
    )


def _added_label(case: Case, name: str, kind: SourceKind) -> Mapping[str, str] | None:
    return _ADDED_LABELS[kind] if name not in case.sources or kind is _RESIDUAL else None


def fill_numbers(
    case: Case,
    ledger: Ledger,
    sources: tuple[FilledSource, ...],
    groups: tuple[FilledGroup, ...],
    named: Named,
) -> Tables:
    """Enter the numbers of the actor, the sources, their chains, and of registers."""
    filler = _Filler(case, ledger, sources, groups, named)
    weights = filler.weights()
    for source in sources:
        filler.source(source)
    chains = filler.chains()
    filler.actor()
    filler.agreement()
    filler.linkage()
    return Tables(Fixed(weights), Fixed(chains))


class _Filler:
    """One case, one prior set, one ledger."""

    def __init__(
        self,
        case: Case,
        ledger: Ledger,
        sources: tuple[FilledSource, ...],
        groups: tuple[FilledGroup, ...],
        named: Named,
    ) -> None:
        self._case, self._ledger, self._priors = case, ledger, ledger.priors
        self._sources, self._groups, self._named = sources, groups, named
        self._strangers = {c for g in groups for c, is_user in g.users.items() if not is_user}
        self._attempt = any(g.known_by.how == "attempt" for g in groups)
        self._dated = any(g.dates for g in groups)

    def _stated(self, name: str) -> Source:
        return self._case.sources.get(name) or _ADDED_SOURCES[self._case.kinds[name]]

    def weights(self) -> dict[str, str]:
        """Enter one weight for every class of sources; return its path by source."""
        classes: dict[str, list[FilledSource]] = {}
        for source in self._sources:
            classes.setdefault(_class_of(source), []).append(source)
        paths: dict[str, str] = {}
        for members in classes.values():
            weights = {s.name: self._weight(s) for s in members}
            chosen = self._chosen(members, weights)
            self._ledger.enter(weights[chosen])
            for source in members:
                paths[source.name] = weights[chosen].path
                self._ledger.also(f"sources.{source.name}.weight", weights[chosen])
        return paths

    def _weight(self, source: FilledSource) -> Number:
        return self._ledger.number(
            f"sources.{source.name}.weight", self._stated(source.name).weight,
            getattr(self._priors.weights, source.kind), _POSITIVE,
            owner=source.name, sort="weight",
        )  # fmt: skip

    def _chosen(self, members: list[FilledSource], weights: dict[str, Number]) -> str:
        """Name the member whose weight is that of its class."""
        names = [s.name for s in members]
        if members[0].one_service is not None:
            claimed = [n for n in self._case.proposition.source if n in names]
            return claimed[0] if claimed else max(names, key=lambda n: weights[n].center)
        stated = [n for n in names if self._stated(n).weight is not None]
        return stated[0] if stated else names[0]

    def source(self, source: FilledSource) -> None:
        """Enter the numbers of one source."""
        stated, kind, priors = self._stated(source.name), source.kind, self._priors
        if source.share is not None:
            self._enter(source, "share", stated.share, None, _UNIT)
        self._enter(source, "reach", stated.reach, None, needed=self._attempt)
        self._enter(source, "age", stated.age, getattr(priors.ages, kind), _POSITIVE,
                    read=self._dated)  # fmt: skip
        if kind is _RESIDUAL:
            return
        self._disclosure(source, stated)
        correlation, misfit = getattr(priors.correlation, kind), getattr(priors.misfit, kind)
        self._enter(source, "correlation", stated.correlation, correlation, _UNIT)
        self._enter(source, "misfit", stated.misfit, misfit, _UNIT)
        if kind is SourceKind.INFERENCE:
            for k in self._named.traits:
                self._enter(source, f"odds_ratio.{k}", stated.odds_ratio.get(k),
                            priors.odds_ratio.get(k), _POSITIVE)  # fmt: skip
        if kind is SourceKind.CUSTODIAN:
            self._enter(source, "membership", stated.membership, priors.membership,
                        read=source.name in self._named.custodians)  # fmt: skip

    def _disclosure(self, source: FilledSource, stated: Source) -> None:
        table = getattr(self._priors.loadings, source.kind)
        for f in self._named.fields:
            self._enter(source, f"disclosure.{f}", stated.disclosure.get(f), self._entry(source, f))
            if source.kind is SourceKind.CUSTODIAN:
                columns = self._priors.fields.get(f)
                self._enter(
                    source, f"disclosure_not_user.{f}", stated.disclosure_not_user.get(f),
                    columns.custodian_not_holding if columns else None,
                    read=source.name in self._strangers, needed=source.name in self._strangers,
                )  # fmt: skip
            self._enter(source, f"loadings.{f}", stated.loadings.get(f), table.get(f), _UNIT,
                        needed=False)  # fmt: skip

    def _entry(self, source: FilledSource, field: str) -> Stated | None:
        """Entry of the prior set for a field; a library without ``holds`` is a typical one."""
        columns = self._priors.fields.get(field)
        if columns is None:
            return None
        held = field in (source.holds or ())
        column = "custodian_holding" if held else "custodian_not_holding"
        if source.kind is SourceKind.INFERENCE:
            column = "inference"
        elif source.kind is SourceKind.LEAKED_LIBRARY and (held or source.holds is None):
            column = "leaked_library"
        entry: Stated = getattr(columns, column)
        return entry

    def _enter(
        self,
        source: FilledSource,
        key: str,
        stated: object,
        entry: Stated | None,
        scale: Scale = _PROBABILITY,
        *,
        read: bool = True,
        needed: bool = True,
    ) -> None:
        self._ledger.add(
            f"sources.{source.name}.{key}", stated, entry, scale,  # type: ignore[arg-type]
            owner=source.name, sort=key.partition(".")[0].removesuffix("_not_user"),
            read=read, needed=needed,
        )  # fmt: skip

    def chains(self) -> dict[tuple[str, str], tuple[str, bool]]:
        """Enter the shares that go on from an entrance; return their paths by pair."""
        if self._case.routes == "single":
            return {}
        chaining = [s for s in self._sources if s.kind is not _RESIDUAL]
        members = {kind: [s for s in chaining if s.kind is kind] for kind in SourceKind}
        onward = {
            a: [
                b for kind in members if f"{a}/{kind}" in self._priors.chains for b in members[kind]
            ]
            for a in members
        }
        stated: dict[str, list[FilledSource]] = {}
        by_name = {s.name: s for s in chaining}
        for pair in self._case.routes:
            entrance, _, second = pair.partition("/")
            stated.setdefault(entrance, []).append(by_name[second])
        found: dict[tuple[str, str], tuple[str, bool]] = {}
        for a in chaining:
            total = 0.0
            for b in dict.fromkeys((*stated.get(a.name, ()), *onward[a.kind])):
                if a is not b:
                    number, is_stated = self._chain(a, b)
                    found[a.name, b.name] = (number.path, is_stated)
                    total += number.middle * (1.0 if is_stated else self._shares[b.name])
            if total > 1.0 + 1e-9:
                self._too_much(a.name, total)
        return found

    def _chain(self, a: FilledSource, b: FilledSource) -> tuple[Number, bool]:
        pair, path = f"{a.name}/{b.name}", f"chains.{a.kind}/{b.kind}"
        if (stated := self._case.routes.get(pair)) is not None:
            path = f"routes.{pair}"
        elif (known := self._ledger.numbers.get(path)) is not None:
            return known, False
        number = self._ledger.number(
            path, stated, self._priors.chains.get(f"{a.kind}/{b.kind}"), _PROBABILITY,
            owner=a.name, sort="chain",
        )  # fmt: skip
        return self._ledger.enter(number), stated is not None

    @cached_property
    def _shares(self) -> dict[str, float]:
        """Share of its kind that a source takes of a chain into the kind."""
        split = (SourceKind.INFERENCE, SourceKind.LEAKED_LIBRARY)
        counts = Counter(s.kind for s in self._sources)
        even = {s.name: 1.0 / counts[s.kind] if s.kind in split else 1.0 for s in self._sources}
        stated = {s.name: s.share for s in self._sources if s.kind in split and s.share is not None}
        return even | stated

    def _too_much(self, entrance: str, total: float) -> None:
        raise CaseError(
            f"the chains from {entrance}, those of the prior set {self._priors.id} included, "
            "add up to more than 1",
            file=self._case.file,
            line=self._case.line_at(("routes",)),
            path="routes",
            found=f"{total:.3g}",
            allowed="at most 1, by the centres of the intervals",
        )

    def actor(self) -> None:
        """Enter what the actor does."""
        stated, priors = self._case.actor, self._priors.actor
        self._actor("publishes", stated.publishes, priors.publishes, read=bool(self._groups))
        for k in self._named.traits:
            entry = priors.traits.get(k, priors.traits.get("other"))
            self._actor(f"traits.{k}", stated.traits.get(k), entry)
        for c in self._named.custodians:
            self._actor(f"users.{c}", stated.users.get(c), priors.users)
        latent = any(_is_latent(g) for g in self._groups)
        self._actor("linkage", stated.linkage, priors.linkage, read=latent)

    def _actor(self, key: str, stated: object, entry: Stated | None, *, read: bool = True) -> None:
        self._ledger.add(f"actor.{key}", stated, entry, _PROBABILITY,  # type: ignore[arg-type]
                         owner="actor", sort=key.partition(".")[0], read=read)  # fmt: skip

    def agreement(self) -> None:
        """Enter how often values agree with registers."""
        compared = _sorted(
            f for g in self._groups for r in g.records for f in (*r.agrees, *r.differs)
        )
        priors = self._priors.agreement
        entries: dict[str, Stated] = {f: priors.fields.get(f, priors.other) for f in compared}
        if compared:
            entries = {"own": priors.own, **entries}
        for key, entry in entries.items():
            self._ledger.add(f"agreement.{key}", self._case.agreement.get(key), entry,
                             _PROBABILITY, owner="agreement", sort="agreement")  # fmt: skip

    def linkage(self) -> None:
        """Enter the linkage of groups that have one of their own, and the residual's age."""
        for group in self._groups:
            if group.linkage is not None:
                self._ledger.enter(group.linkage)
        unnamed = self._dated and all(s.kind is not _RESIDUAL for s in self._sources)
        self._ledger.add("ages.residual", None, self._priors.ages.residual, _POSITIVE,
                         owner="residual", sort="age", read=unnamed)  # fmt: skip


def _class_of(source: FilledSource) -> str:
    """Name the class of sources that share one weight."""
    if source.kind in (SourceKind.INFERENCE, SourceKind.LEAKED_LIBRARY):
        return f"kind {source.kind}"
    if source.one_service is not None:
        return f"one_service {source.one_service}"
    return f"source {source.name}"


def _is_latent(group: FilledGroup) -> bool:
    return not group.plaintiff and group.linkage is None and group.known_by.how != "attempt"


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))
