"""Sources, and the numbers of sources, chains, the actor and registers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from causation.case.checking import named_fields
from causation.case.filled import FilledSource
from causation.case.ledger import labels
from causation.case.parts import ADDED, SPLIT, Source
from causation.document.mappings import Fixed
from causation.document.stated import Stated, bare
from causation.document.terms import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from causation.case.filled import FilledGroup
    from causation.case.ledger import Ledger
    from causation.case.schema import Case
    from causation.document.numbers import Number

_CUSTODIAN, _LIBRARY = SourceKind.CUSTODIAN, SourceKind.LEAKED_LIBRARY
_INFERENCE, _RESIDUAL = SourceKind.INFERENCE, SourceKind.RESIDUAL
_ADDED_LABELS = {
    _LIBRARY: {"en": "Leaked library", "zh": "已泄露数据库（社工库）"},
    _INFERENCE: {"en": "Public traces", "zh": "公开信息关联比对"},
    _RESIDUAL: {"en": "Unknown or other", "zh": "未知或其他来源"},
}
_ADDED_SOURCES = {kind: Source(kind=kind) for kind in ADDED}


def _stated(case: Case, name: str, kind: SourceKind) -> Source:
    return case.sources.get(name) or _ADDED_SOURCES[kind]


def fill_sources(case: Case) -> tuple[FilledSource, ...]:
    """Return all sources, those that are added last."""
    return tuple(_source(case, name, kind) for name, kind in case.kinds.items())


def _source(case: Case, name: str, kind: SourceKind) -> FilledSource:
    source, listed = _stated(case, name, kind), name in case.sources
    usual = None if listed and kind is not _RESIDUAL else _ADDED_LABELS[kind]
    origin: dict[str, Any] = {c: bare(part) for c, part in source.origin.items()}
    share: Any = None if source.share is None else bare(source.share)
    return FilledSource(
        name=name,
        kind=kind,
        label=labels(source.label or usual, name),
        holds=source.holds,
        one_service=source.one_service,
        share=share,
        origin=Fixed(origin),
        listed=listed,
        note=labels(source.note),
    )


class Numbers:
    """Enters the numbers of sources, their chains, the actor and registers into a ledger.

    ``fields``, ``traits`` and ``custodians`` are what the groups (those that count) name, sorted;
    for fields, what the case names too. ``weights`` has the path of the weight of every source,
    ``chains`` the path of the share of every chain, and whether the case states it for the pair.
    """

    def __init__(
        self,
        case: Case,
        ledger: Ledger,
        sources: tuple[FilledSource, ...],
        groups: tuple[FilledGroup, ...],
    ) -> None:
        self._case, self._ledger, self._priors = case, ledger, ledger.priors
        self._sources, self._groups = sources, groups
        self._counts = Counter(s.kind for s in sources)
        self._stated = {s.name: _stated(case, s.name, s.kind) for s in sources}
        self._strangers = {c for g in groups for c, is_user in g.users.items() if not is_user}
        self._attempt = any(g.known_by.how == "attempt" for g in groups)
        self._dated = any(g.dates for g in groups)
        self.fields = _sorted(named_fields(case))
        self.traits = _sorted(k for g in groups for k in (*g.traits, *g.known_by.traits))
        self.custodians = _sorted(c for g in groups for c in g.users)
        self.weights = self._weights()
        for source in sources:
            self._source(source)
        self.chains = self._chains()
        self._actor()
        self._agreement()
        for group in groups:
            if group.linkage is not None:
                ledger.enter(group.linkage)
        unnamed = self._dated and all(s.kind is not _RESIDUAL for s in sources)
        ledger.add("ages.residual", None, self._priors.ages.residual, read=unnamed)

    def _weights(self) -> dict[str, str]:
        """Enter one weight for every class of sources; return its path by source."""
        classes: dict[str, list[FilledSource]] = {}
        for source in self._sources:
            classes.setdefault(_class_of(source), []).append(source)
        paths: dict[str, str] = {}
        for members in classes.values():
            weights = {s.name: self._weight(s) for s in members}
            chosen = self._ledger.enter(weights[self._chosen(members, weights)])
            for source in members:
                paths[source.name] = chosen.path
                self._ledger.also(f"sources.{source.name}.weight", chosen)
        return paths

    def _weight(self, source: FilledSource) -> Number:
        entry = getattr(self._priors.weights, source.kind)
        stated = self._stated[source.name].weight
        return self._ledger.number(f"sources.{source.name}.weight", stated, entry)

    def _chosen(self, members: list[FilledSource], weights: dict[str, Number]) -> str:
        """Name the member whose weight is that of its class."""
        names = [s.name for s in members]
        if members[0].one_service is not None:
            claimed = (n for n in self._case.proposition.source if n in names)
            return next(claimed, max(names, key=lambda n: weights[n].center))
        return next((n for n in names if self._stated[n].weight is not None), names[0])

    def _source(self, s: FilledSource) -> None:
        """Enter the numbers of one source."""
        stated, kind, priors = self._stated[s.name], s.kind, self._priors

        def add(key: str, number: Any, entry: Stated | None, **how: bool) -> None:
            self._ledger.add(f"sources.{s.name}.{key}", number, entry, **how)

        add("share", stated.share, None, needed=False)
        add("reach", stated.reach, None, needed=self._attempt)
        add("age", stated.age, getattr(priors.ages, kind), read=self._dated)
        if kind is _RESIDUAL:
            return
        loadings, strange = getattr(priors.loadings, kind), s.name in self._strangers
        for f in self.fields:
            columns = priors.fields.get(f)
            add(f"disclosure.{f}", stated.disclosure.get(f), getattr(columns, _column(s, f), None))
            if kind is _CUSTODIAN:
                add(f"disclosure_not_user.{f}", stated.disclosure_not_user.get(f),
                    getattr(columns, "custodian_not_holding", None),
                    read=strange, needed=strange)  # fmt: skip
            add(f"loadings.{f}", stated.loadings.get(f), loadings.get(f), needed=False)
        add("correlation", stated.correlation, getattr(priors.correlation, kind))
        add("misfit", stated.misfit, getattr(priors.misfit, kind))
        if kind is _INFERENCE:
            for k in self.traits:
                add(f"odds_ratio.{k}", stated.odds_ratio.get(k), priors.odds_ratio.get(k))
        if kind is _CUSTODIAN:
            read = s.name in self.custodians
            add("membership", stated.membership, priors.membership, read=read)

    def _chains(self) -> dict[tuple[str, str], tuple[str, bool]]:
        """Enter the shares that go on from an entrance; return their paths by pair."""
        if self._case.routes == "single":
            return {}
        chaining = {s.name: s for s in self._sources if s.kind is not _RESIDUAL}
        found: dict[tuple[str, str], tuple[str, bool]] = {}
        for a in chaining.values():
            total = 0.0
            pairs = (pair.partition("/") for pair in self._case.routes)
            stated = [chaining[second] for entrance, _, second in pairs if entrance == a.name]
            onward = [
                b
                for kind in SourceKind
                if f"{a.kind}/{kind}" in self._priors.chains
                for b in chaining.values()
                if b.kind is kind
            ]
            for b in {s.name: s for s in (*stated, *onward) if s is not a}.values():
                number, is_stated = self._chain(a, b)
                found[a.name, b.name] = (number.path, is_stated)
                total += number.middle * (1.0 if is_stated else self._share(b))
            if total > 1.0 + 1e-9:
                text = (
                    f"the chains from {a.name}, those of the prior set {self._priors.id} included, "
                    "add up to more than 1"
                )
                allowed = "at most 1, by the centres of the intervals"
                raise self._case.fault(text, "routes", found=f"{total:.3g}", allowed=allowed)
        return found

    def _chain(self, a: FilledSource, b: FilledSource) -> tuple[Number, bool]:
        path, kinds = f"routes.{a.name}/{b.name}", f"{a.kind}/{b.kind}"
        if (stated := self._case.routes.get(f"{a.name}/{b.name}")) is None:
            path = f"chains.{kinds}"
            if (known := self._ledger.numbers.get(path)) is not None:
                return known, False
        entry = self._priors.chains.get(kinds)
        number = self._ledger.number(path, stated, entry, owner=a.name)
        return self._ledger.enter(number), stated is not None

    def _share(self, source: FilledSource) -> float:
        """Share of its kind that a source takes of a chain into the kind."""
        if source.kind not in SPLIT:
            return 1.0
        return 1.0 / self._counts[source.kind] if source.share is None else source.share

    def _actor(self) -> None:
        """Enter what the actor does."""
        stated, priors, add = self._case.actor, self._priors.actor, self._ledger.add
        add("actor.publishes", stated.publishes, priors.publishes, read=bool(self._groups))
        for k in self.traits:
            entry = priors.traits.get(k, priors.traits.get("other"))
            add(f"actor.traits.{k}", stated.traits.get(k), entry)
        for c in self.custodians:
            add(f"actor.users.{c}", stated.users.get(c), priors.users)
        latent = any(g.shares_linkage for g in self._groups)
        add("actor.linkage", stated.linkage, priors.linkage, read=latent)

    def _agreement(self) -> None:
        """Enter how often values agree with registers."""
        records = [r for g in self._groups for r in g.records]
        compared = _sorted(f for r in records for f in (*r.agrees, *r.differs))
        priors = self._priors.agreement
        entries = {"own": priors.own} if compared else {}
        entries |= {f: priors.fields.get(f, priors.other) for f in compared}
        for key, entry in entries.items():
            self._ledger.add(f"agreement.{key}", self._case.agreement.get(key), entry)


def _column(source: FilledSource, field: str) -> str:
    """Column of the prior set for a field; a library without ``holds`` is a typical one."""
    held = field in (source.holds or ())
    if source.kind is _INFERENCE or (source.kind is _LIBRARY and (held or source.holds is None)):
        return source.kind.value
    return "custodian_holding" if held else "custodian_not_holding"


def _class_of(source: FilledSource) -> str:
    """Name the class of sources that share one weight."""
    if source.kind in SPLIT:
        return f"kind {source.kind}"
    if source.one_service is not None:
        return f"one_service {source.one_service}"
    return f"source {source.name}"


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))
