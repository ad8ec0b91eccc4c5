"""Prior sets: the numbers that fill what a case leaves out, each with its basis."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from causation.case.library import bundled_prior_sets, file_of
from causation.document.checking import Choice, Date, Identifier, Text, Word
from causation.document.forms import Panel
from causation.document.parts import Part, Whole, numbers_in
from causation.document.problems import InvalidCaseError, Problem, listing, nearest, shown
from causation.document.quantities import (
    OpenEntry,
    OverlapEntry,
    PositiveEntry,
    PositiveNumberEntry,
    ProbabilityEntry,
    SignedEntry,
    SizeEntry,
    UnitEntry,
)
from causation.document.reading import read_document, read_file, shown_file
from causation.document.shipped import data_path
from causation.document.stated import Stated, middle
from causation.document.terms import SourceKind
from causation.document.writing import canonical
from causation.errors import CaseError


class PositivesByKind(Part):
    """A positive quantity by the kind of a source."""

    custodian: PositiveEntry
    leaked_library: PositiveEntry
    inference: PositiveEntry
    residual: PositiveEntry


class SharesByKind(Part):
    """Numbers in [0, 1] by the kind of a source; the residual's are constants of the model."""

    custodian: UnitEntry
    leaked_library: UnitEntry
    inference: UnitEntry


class FieldPriors(Part):
    """In what share of the persons exposed through a source it gives the actor a field."""

    custodian_holding: OpenEntry
    custodian_not_holding: OpenEntry
    leaked_library: OpenEntry
    inference: OpenEntry


class ActorPriors(Part):
    """What the actor does, whichever his route.

    ``traits`` and ``users`` are shares of his hunting ground: with a trait (``other`` stands
    for one that the set does not have), using a custodian.
    """

    publishes: OpenEntry
    traits: Mapping[str, OpenEntry]
    users: OpenEntry
    linkage: ProbabilityEntry


class LoadingPriors(Part):
    """Signed loadings of fields on what a source yields as a whole, by kind and field."""

    custodian: Mapping[str, SignedEntry] = Field(default_factory=dict)
    leaked_library: Mapping[str, SignedEntry] = Field(default_factory=dict)
    inference: Mapping[str, SignedEntry] = Field(default_factory=dict)


class AgreementPriors(Part):
    """How often a value agrees with a register: one from it, and another's, by field."""

    own: OpenEntry
    fields: Mapping[str, OpenEntry]
    other: OpenEntry


class BreachPriors(Part):
    """Gamma distribution of the yearly breach rate of a class of firms."""

    shape: PositiveNumberEntry
    rate: PositiveNumberEntry


class BreachSizes(Part):
    """Breach rates by size of firm."""

    large: BreachPriors
    average: BreachPriors
    small: BreachPriors


class SecurityPriors(Part):
    """Defaults of a security record."""

    breach: BreachSizes
    detection: OpenEntry
    hazard_ratio: PositiveEntry
    half_life: PositiveNumberEntry
    reference: UnitEntry


class FindingPriors(Part):
    """Defaults of findings."""

    reliability: ProbabilityEntry
    overlap: OverlapEntry
    repeats: UnitEntry


class AskedExpert(Part):
    """Who was asked, and when; `seeds` are answers to questions whose answers are known."""

    name: Word
    date: Date
    outcome_unknown: Choice
    note: Text | None = None
    seeds: Mapping[str, tuple[float, float, float]] = Field(default_factory=dict)


class Elicitation(Part):
    """How the numbers of a set were elicited: from which set it began, and who was asked.

    What each expert said stands with the numbers.
    """

    base: Identifier
    experts: tuple[AskedExpert, ...]


class PriorSet(Whole):
    """All numbers that a case may leave out.

    ``weights`` are shares of exposures; ``ages`` are in days, of a source's data at the first
    publication.

    Raises
    ------
    CaseError
        If the set breaks the format.
    """

    schema_version: Literal[2] = Field(alias="schema")
    id: Identifier
    title: Text
    note: Text
    reference_class: Text
    elicitation_sd: PositiveNumberEntry
    default_size: SizeEntry
    weights: PositivesByKind
    chains: Mapping[str, OpenEntry]
    fields: Mapping[str, FieldPriors]
    odds_ratio: Mapping[str, PositiveEntry]
    actor: ActorPriors
    membership: ProbabilityEntry
    misfit: SharesByKind
    correlation: SharesByKind
    loadings: LoadingPriors
    ages: PositivesByKind
    agreement: AgreementPriors
    security: SecurityPriors
    findings: FindingPriors
    elicitation: Elicitation | None = None
    _name: str | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if problems := [*_chain_problems(self.chains), *_unknown_experts(self)]:
            raise InvalidCaseError(problems)
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PriorSet) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    @property
    def sha256(self) -> str:
        """Digest of what the set states, whatever its file looks like."""
        return hashlib.sha256(canonical(self)).hexdigest()

    @property
    def name(self) -> str:
        """Its id; ``ID@DIGEST`` if that is the id of a shipped set that states something else.

        No id has an ``@``, so that such a set is never taken for the shipped one.
        """
        if self._name is None:
            taken = self.id in bundled_prior_sets() and self != _bundled_set(
                data_path("priors", f"{self.id}.yaml")
            )
            self._remember(_name=f"{self.id}@{self.sha256[:12]}" if taken else self.id)
        return str(self._name)

    def entries(self) -> Mapping[str, Stated]:
        """Return every number of the set by its path, such as ``fields.phone.inference``."""
        return dict(numbers_in(self))


def _unknown_experts(priors: PriorSet) -> Iterator[Problem]:
    """Check that who is quoted was asked, and is listed once."""
    if priors.elicitation is None:
        return
    names = [expert.name for expert in priors.elicitation.experts]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Problem(("elicitation", "experts", index), "an expert stands twice",
                          f"number {index + 1} has the name of another",
                          "every expert once")  # fmt: skip
    for path, entry in priors.entries().items():
        quoted = entry.form.members if isinstance(entry.form, Panel) else ()
        if any(member.name not in names for member in quoted):
            yield Problem(tuple(path.split(".")), "an expert of this number is not listed",
                          "a name that elicitation.experts does not have",
                          "a name of elicitation.experts")  # fmt: skip


_CHAINING = tuple(kind.value for kind in SourceKind if kind is not SourceKind.RESIDUAL)


def _chain_problems(chains: Mapping[str, Stated]) -> list[Problem]:
    allowed = [f"{a}/{b}" for a in _CHAINING for b in _CHAINING]
    problems = [
        Problem(("chains", pair), "unknown pair of kinds", nearest(pair, allowed), listing(allowed))
        for pair in chains
        if pair not in allowed
    ]
    for entrance in _CHAINING:
        shares = {p: e for p, e in chains.items() if p.partition("/")[0] == entrance}
        total = sum(middle(entry) for entry in shares.values())
        if total > 1.0:
            text = f"the shares that go on from {shown(entrance)} add up to more than 1"
            most = "at most 1, by the centres of the intervals"
            problems.append(Problem(("chains", [*shares][-1]), text, f"{total:.3g}", most))
    return problems


def parse_prior_set(content: str | bytes, *, file: str = "<string>") -> PriorSet:
    """Read a prior set from a YAML or JSON document.

    Raises
    ------
    CaseError
        With file, line and path, if it breaks the format.
    """
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    if raw.strip() and sum(mark in raw for mark in _MARKS) < 2:
        raise CaseError(  # of another file nothing is quoted
            "not a prior set", file=file, found="a file of another kind",
            allowed="schema: 2, id, title, reference_class, weights and so on",
        )  # fmt: skip
    return PriorSet.read(read_document(content, file=file))


_MARKS = (b"schema", b"weights", b"reference_class")
"""Of these a prior set has two at least, however misspelt it is."""


def load_prior_set(name_or_path: str | Path) -> PriorSet:
    """Load a bundled prior set by name, or any by path.

    Parameters
    ----------
    name_or_path : str or Path
        A path wins when it exists or has a suffix or separator.

    Raises
    ------
    CaseError
        If there is no such set, or its file breaks the format.

    Examples
    --------
    >>> load_prior_set("neutral").weights.inference.value
    (1.0, 4.0)
    """
    path = file_of(name_or_path, "priors", "prior set")
    return _bundled_set(path) if path.parent == data_path("priors") else _set(path)


def _set(path: Path) -> PriorSet:
    return parse_prior_set(read_file(path), file=shown_file(path))


@cache
def _bundled_set(path: Path) -> PriorSet:
    found = _set(path)
    found._remember(_name=found.id)  # noqa: SLF001
    return found
