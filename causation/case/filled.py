"""A case with every gap filled: the contract between what is stated and what is computed.

A case file may leave out most numbers; its prior set fills them. The result is this: every
fact that the model reads, and every number with its place, its origin and its basis.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from causation.document.mappings import EMPTY, Closed, Fixed
from causation.document.numbers import Number
from causation.document.terms import BearsOn, Party, SourceKind, Stage
from causation.errors import CaseError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from causation.case.priors import PriorSet
    from causation.case.schema import Case

type Days = tuple[dt.date, dt.date]
"""First and last day that a stated date can mean: equal for a day, a month's, a year's."""
type Labels = Mapping[str, str]
"""A text by language."""


@dataclass(frozen=True, slots=True)
class FilledSource:
    """A candidate source.

    ``listed`` is False for the sources that are added where a case lists none of their kind. A
    leaked library without ``holds`` is a typical one: every field has its own column.
    """

    name: str
    kind: SourceKind
    label: Labels
    holds: tuple[str, ...] | None = None
    one_service: str | None = None
    share: float | None = None
    origin: Mapping[str, float] = EMPTY
    listed: bool = True
    note: Labels = EMPTY


@dataclass(frozen=True, slots=True)
class Window:
    """When a published value was the true one; an open end is None."""

    since: Days | None = None
    until: Days | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The published values against a register that the sources ``of`` share."""

    of: tuple[str, ...]
    agrees: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownBy:
    """The event that put a victim on the list: all of its parts together."""

    how: Literal["unstated", "exposure", "attempt", "list"] = "unstated"
    published_all: tuple[str, ...] = ()
    published_any: tuple[str, ...] = ()
    users_of: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """What every item of evidence says about itself: who brought it, when, on what it bears."""

    party: Party | None = None
    stage: Stage = Stage.PRIMA_FACIE
    bears_on: BearsOn = BearsOn.SOURCE
    exhibit: str | None = None
    note: Labels = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledGroup(_Evidence):
    """A group of victims of whom the same is known.

    ``linkage`` is the group's own number; None stands for a plaintiff, for an attempt, and for
    the latent of the series. ``first`` marks the first plaintiff. ``extra`` has what further
    kinds of evidence state, by their keys.
    """

    id: str
    count: int
    label: Labels
    plaintiff: bool = False
    first: bool = False
    disclosed: tuple[str, ...] = ()
    not_disclosed: tuple[str, ...] = ()
    redacted: tuple[str, ...] = ()
    users: Mapping[str, bool] = EMPTY
    traits: Mapping[str, float] = EMPTY
    known_by: KnownBy = KnownBy()
    linkage: Number | None = None
    records: tuple[Record, ...] = ()
    dates: Mapping[str, Window] = EMPTY
    posted: Days | None = None
    extra: Mapping[str, Any] = EMPTY

    @property
    def shares_linkage(self) -> bool:
        """Whether its linkage is the latent of the series."""
        return not self.plaintiff and self.linkage is None and self.known_by.how != "attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledFinding(_Evidence):
    """One observation with its probability under every source.

    ``likelihood`` has every source, and a route (``a/b``) where the case states its own.
    ``group`` is the finding's own id where the file names none; ``reliability`` and
    ``overlap`` are the same for all findings of one group.
    """

    id: str
    label: Labels
    likelihood: Mapping[str, Number]
    about: tuple[str, ...]
    group: str
    reliability: Number
    overlap: Number
    count: int
    repeats: Number
    template: str | None = None
    inquiry: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class FilledCertificate:
    """A certificate of a custodian; ``age_years`` at the disclosure, in years of 365.25 days.

    ``none`` says that the case states that there is none; ``expired`` counts as not stated.
    """

    hazard_ratio: Number
    half_life: Number
    reference: Number
    age_years: float = 0.0
    expired: bool = False
    none: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledSecurity(_Evidence):
    """Security record of a custodian; rates per year, incidents before the disclosure only."""

    source: str
    shape: Number
    rate: Number
    detection: Number
    incidents: int
    years: float
    certificate: FilledCertificate | None = None
    size: str = ""
    scheme: str | None = None


@dataclass(frozen=True, slots=True)
class Proposition:
    """What is to be proved: about which sources, in which role, of which fields and victim.

    ``victim`` is None for the first plaintiff.
    """

    sources: tuple[str, ...]
    role: Literal["role", "entrance", "alone", "supplied", "sole"] = "role"
    fields: tuple[str, ...] = ()
    any: bool = False
    victim: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that whoever wrote the case should look at."""

    id: str
    text: Labels


@dataclass(frozen=True)
class Filled(Closed):
    """Everything that the model and the report need to know about a case.

    ``groups`` are those that bear on the source and have somebody in them, ``all_groups`` all;
    likewise ``findings`` and ``security``. ``fields``, ``traits`` and
    ``custodians`` are those that such groups (and, for fields, the case) name, sorted.
    ``implies`` has the fields that a field makes certain, transitively.
    """

    case: Case
    priors: PriorSet
    standard_id: str
    threshold: float
    jurisdiction: str
    title: Labels
    sources: tuple[FilledSource, ...]
    groups: tuple[FilledGroup, ...]
    all_groups: tuple[FilledGroup, ...]
    findings: tuple[FilledFinding, ...]
    all_findings: tuple[FilledFinding, ...]
    security: tuple[FilledSecurity, ...]
    all_security: tuple[FilledSecurity, ...]
    proposition: Proposition
    account_of: str | None
    fields: tuple[str, ...]
    traits: tuple[str, ...]
    custodians: tuple[str, ...]
    implies: Mapping[str, frozenset[str]]
    exhaustive: bool
    single: bool
    background: Mapping[str, float] = EMPTY
    elicitation_sd: float = 0.5
    _numbers: Mapping[str, Number] = field(default=EMPTY, repr=False)
    _read: tuple[str, ...] = field(default=(), repr=False)
    _weights: Mapping[str, str] = field(default=EMPTY, repr=False)
    _chains: Mapping[tuple[str, str], tuple[str, bool]] = field(default=EMPTY, repr=False)
    _labels: Mapping[tuple[str, str], Labels] = field(default=EMPTY, repr=False)

    @cached_property
    def notices(self) -> tuple[Notice, ...]:
        """What whoever wrote the case should look at, in a stable order."""
        from causation.case.notices import notices_of

        return notices_of(self)

    def source(self, name: str) -> FilledSource:
        """Return the source of this name."""
        return next(source for source in self.sources if source.name == name)

    def labels(self, what: Literal["fields", "traits", "users"], name: str) -> Labels:
        """Return the label of a field, a trait, or a custodian whose users are meant."""
        return self._labels.get((what, name)) or Fixed({"en": name, "zh": name})

    def optional(self, path: str) -> Number | None:
        """Return the number at a path, or None where neither case nor prior set has one."""
        return self._numbers.get(path)

    def number(self, path: str) -> Number:
        """Return the number at a path.

        Raises
        ------
        CaseError
            If neither the case nor its prior set has it.
        """
        if (found := self._numbers.get(path)) is not None:
            return found
        raise CaseError(
            "neither the case nor its prior set has this number",
            file=self.case.file,
            path=path,
            found="nothing",
            allowed="the number in the case file, or in the prior set",
        )

    def numbers(self) -> tuple[Number, ...]:
        """Return every number that the model reads, in a stable order."""
        return tuple(self._numbers[path] for path in self._read)

    def shows(self, published: Iterable[str], field: str) -> bool:
        """Whether fields that were published show a field, by itself or by another."""
        return any(field == f or field in self.implies.get(f, ()) for f in published)

    def weight_of(self, name: str) -> Number:
        """Return the weight of a source, or that of the class whose weight it shares.

        The class is the kind (inference, leaked library), or the service that several
        custodians make up together (``one_service``).
        """
        return self._numbers[self._weights[name]]

    def members_of(self, name: str) -> tuple[str, ...]:
        """Return the sources that share one weight with a source, itself included, in order."""
        path = self._weights[name]
        return tuple(s.name for s in self.sources if self._weights[s.name] == path)

    def share_of(self, name: str) -> float:
        """Return the share of its class's weight that a source has: as stated, else even."""
        stated = self.source(name).share
        return 1.0 / len(self.members_of(name)) if stated is None else stated

    def unnamed(self, group: str) -> str:
        """Chinese for a group without a label: by what it is, numbered among its like."""
        plaintiffs, others = self._places
        if group in plaintiffs:
            return "原告" if len(plaintiffs) == 1 else f"原告{plaintiffs[group]}"
        return f"其他被公开者（第{others.get(group, len(others) + 1)}组）"

    @cached_property
    def _places(self) -> tuple[dict[str, int], dict[str, int]]:
        """Numbers of the plaintiffs' groups, and of the others."""
        names: tuple[list[str], list[str]] = [], []
        for g in self.all_groups:
            names[not (g.plaintiff or g.first)].append(g.id)
        first, others = ({name: n for n, name in enumerate(part, 1)} for part in names)
        return first, others

    def chain(self, entrance: str, second: str) -> tuple[Number, bool] | None:
        """Return the share that goes on from an entrance to a second source.

        Returns
        -------
        tuple of Number and bool, or None
            The share, and whether the case states it for this pair; one that is not stated is
            the share of the pair's kinds. None where there is no such route.
        """
        found = self._chains.get((entrance, second))
        return None if found is None else (self._numbers[found[0]], found[1])
