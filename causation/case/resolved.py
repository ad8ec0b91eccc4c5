"""A case with every gap filled: what the model is built from.

A case file may leave out most numbers; its prior set fills them. The result is this: every
number with its place, where it came from, and on what basis it rests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from causation.scales import Elicited

__all__ = [
    "BearsOn",
    "Input",
    "Kind",
    "Party",
    "ResolvedCase",
    "ResolvedFinding",
    "ResolvedGroup",
    "ResolvedSecurity",
    "ResolvedSource",
    "Selection",
    "Stage",
]


class Kind(StrEnum):
    """Kind of a candidate source."""

    CUSTODIAN = "custodian"
    INFERENCE = "inference"
    RESIDUAL = "residual"


class Selection(StrEnum):
    """How the victims came to be listed: because exposed, or every target attempted."""

    SELECTED = "selected"
    ATTEMPTED = "attempted"


class Stage(StrEnum):
    """Stage of the burden of proof at which an item of evidence enters, in order."""

    PRIMA_FACIE = "prima_facie"
    REBUTTAL = "rebuttal"
    REPLY = "reply"


class Party(StrEnum):
    """Who put an item of evidence forward."""

    PLAINTIFF = "plaintiff"
    DEFENDANT = "defendant"
    COURT = "court"


class BearsOn(StrEnum):
    """The element of the claim on which an item bears; only ``source`` enters the likelihood."""

    SOURCE = "source"
    CONDUCT = "conduct"
    FAULT = "fault"
    DAMAGE = "damage"


@dataclass(frozen=True, slots=True)
class Input:
    """One number of the model with its provenance.

    Parameters
    ----------
    path : str
        Dotted path, such as ``sources.osint.disclosure.phone`` or ``victims.co_victims.linkage``.
    value : Elicited
        The interval or the single number.
    origin : str
        ``case``, ``model``, ``priors:NAME`` or ``template:NAME``.
    basis : dict of str to str
        Why this number, by language; ``judgement`` where there is nothing better.
    source : dict of str to str or None
        Citation of the basis by language, where there is one.
    """

    path: str
    value: Elicited
    origin: str
    basis: dict[str, str] = field(default_factory=lambda: {"en": "judgement", "zh": "判断"})
    source: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ResolvedSource:
    """A candidate source.

    ``disclosure`` has every field of the case, ``membership`` every custodian that some group
    names in ``users_of``, ``odds_ratio`` every profile item that some group names (inference
    sources only, empty otherwise).
    """

    name: str
    kind: Kind
    label: dict[str, str]
    holds: tuple[str, ...]
    weight: Input
    disclosure: dict[str, Input]
    membership: dict[str, Input]
    odds_ratio: dict[str, Input]
    correlation: Input
    misfit: Input


@dataclass(frozen=True, slots=True)
class ResolvedGroup:
    """A group of like victims. ``profile`` has only the known items (0..1)."""

    id: str
    count: int
    linkage: Input
    disclosed: tuple[str, ...]
    not_disclosed: tuple[str, ...]
    profile: dict[str, float]
    users_of: dict[str, bool]
    party: Party | None = None
    stage: Stage = Stage.PRIMA_FACIE
    bears_on: BearsOn = BearsOn.SOURCE
    exhibit: str | None = None
    note: dict[str, str] = field(default_factory=dict)
    label: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResolvedSecurity:
    """Security record of a custodian; times in years of 365.25 days, rates per year."""

    source: str
    breach_shape: Input
    breach_rate: Input
    incidents: int
    incident_years: float
    hazard_ratio: Input | None
    age_years: float | None
    half_life: Input | None
    reference: Input | None
    scheme: str | None = None
    party: Party | None = None
    stage: Stage = Stage.PRIMA_FACIE
    bears_on: BearsOn = BearsOn.SOURCE
    exhibit: str | None = None
    note: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResolvedFinding:
    """One observation with its probability under every source of the case.

    ``group`` is the finding's own id where the file names none. ``reliability`` and
    ``repeats`` are the same for all findings of one group.
    """

    id: str
    label: dict[str, str]
    likelihood: dict[str, Input]
    reliability: Input
    group: str
    repeats: Input
    template: str | None = None
    party: Party | None = None
    stage: Stage = Stage.PRIMA_FACIE
    bears_on: BearsOn = BearsOn.SOURCE
    exhibit: str | None = None
    note: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResolvedCase:
    """Everything that the model and the report need to know about a case.

    ``fields``, ``items`` and ``custodians`` are those named by groups that bear on the
    source: the union of disclosed and not-disclosed fields, the profile items, and the
    custodians in ``users_of``; each sorted. ``elicitation_sd`` is the standard deviation (logit or
    log scale) by which a second elicitation of the same number would differ, for the input
    sensitivity.
    """

    id: str
    title: dict[str, str]
    sources: tuple[ResolvedSource, ...]
    groups: tuple[ResolvedGroup, ...]
    security: tuple[ResolvedSecurity, ...]
    findings: tuple[ResolvedFinding, ...]
    proposition: tuple[str, ...]
    standard_id: str
    threshold: float
    selection: Selection
    reference_profile: dict[str, Input]
    fields: tuple[str, ...]
    items: tuple[str, ...]
    custodians: tuple[str, ...]
    prior_set: str
    exhaustive: bool
    elicitation_sd: float
    sha256: str

    def inputs(self) -> tuple[Input, ...]:
        """Every number that the model uses, in a stable order."""
        found: list[Input] = []
        for s in self.sources:
            found += [s.weight, s.correlation, s.misfit]
            for table in (s.disclosure, s.membership, s.odds_ratio):
                found += table.values()
        found += self.reference_profile.values()
        found += [g.linkage for g in self.groups]
        for r in self.security:
            optional = (r.hazard_ratio, r.half_life, r.reference)
            found += [r.breach_shape, r.breach_rate, *(i for i in optional if i is not None)]
        for f in self.findings:
            if f.bears_on is not BearsOn.SOURCE:
                continue
            found += [*f.likelihood.values(), f.reliability, f.repeats]
        return tuple(found)
