"""The case file as a model: what may be stated, and of which type.

A `Case` holds what its file states and nothing else; `causation.case.filling.resolve` fills
the gaps from a prior set.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, PrivateAttr, ValidationError, model_validator

from causation.case.checks import check_case
from causation.case.parts import Part, problems_of
from causation.case.problems import InvalidCaseError, Loc
from causation.case.quantities import (
    Choice,
    Count,
    DateOrYear,
    Degree,
    Identifier,
    Link,
    Number,
    OpenProbability,
    Positive,
    PositiveNumber,
    Probability,
    Standing,
    Tally,
    Text,
    Time,
    UnitNumber,
    Word,
    Words,
)
from causation.case.reading import LineOf, line_of
from causation.case.resolved import BearsOn, Kind, Party, Selection, Stage

if TYPE_CHECKING:
    from causation.case.resolved import ResolvedCase

__all__ = [
    "BreachRate",
    "Case",
    "CaseInquiry",
    "Certification",
    "Citation",
    "CourtFound",
    "CustomField",
    "Evidence",
    "Finding",
    "Incidents",
    "Person",
    "SecurityRecord",
    "Source",
    "VictimGroup",
]


class Citation(Part):
    """Where the case is published."""

    text: Word
    url: Link | None = None


class Person(Part):
    """A person named in the texts of the case; reports print the pseudonym instead.

    Without a pseudonym, one is made: the surname and 某 for a Chinese name, else a letter.
    """

    name: Word
    pseudonym: Word | None = None


class CustomField(Part):
    """A field of personal data that the bundled vocabulary does not have."""

    label: Text


class CourtFound(Part):
    """What the court found; for comparison only, it never enters the model."""

    established: Choice
    note: Text | None = None


class Source(Part):
    """A candidate source of the disclosure."""

    kind: Kind
    class_: Literal["leaked_library"] | None = Field(None, alias="class")
    label: Text | None = None
    holds: Words | None = None
    weight: Positive | None = None
    disclosure: dict[str, OpenProbability] = Field(default_factory=dict)
    membership: dict[str, Probability] = Field(default_factory=dict)
    odds_ratio: dict[str, Positive] = Field(default_factory=dict)
    correlation: UnitNumber | None = None
    misfit: UnitNumber | None = None
    note: Text | None = None


class Evidence(Part):
    """What every item of evidence may say about itself."""

    party: Party | None = None
    stage: Stage = Stage.PRIMA_FACIE
    bears_on: BearsOn = BearsOn.SOURCE
    exhibit: Word | None = None
    note: Text | None = None


class VictimGroup(Evidence):
    """One or more victims of whom the same is known."""

    id: Identifier
    count: Count = 1
    label: Text | None = None
    linkage: Probability | None = None
    disclosed: Words = ()
    not_disclosed: Words = ()
    profile: dict[str, Degree] = Field(default_factory=dict)
    users_of: dict[str, Choice] = Field(default_factory=dict)


class BreachRate(Part):
    """Gamma distribution of the yearly breach rate of the reference class."""

    shape: PositiveNumber | None = None
    rate: PositiveNumber | None = None


class Incidents(Part):
    """Known incidents of a custodian in a number of years."""

    count: Tally
    years: Time


class Certification(Part):
    """A certificate of a custodian and its date."""

    scheme: Word | None = None
    date: DateOrYear
    hazard_ratio: Positive | None = None
    half_life: PositiveNumber | None = None
    reference: UnitNumber | None = None


class SecurityRecord(Evidence):
    """Security record of a custodian."""

    breach_rate: BreachRate | None = None
    incidents: Incidents | None = None
    certification: Certification | None = None


class Finding(Evidence):
    """One observation with its probability under every source."""

    id: Identifier
    label: Text | None = None
    template: str | None = None
    about: str | None = None
    likelihood: dict[str, Probability] = Field(default_factory=dict)
    reliability: Probability | None = None
    group: Identifier | None = None
    repeats: UnitNumber | None = None


class CaseInquiry(Part):
    """Something that could still be found out, with the probability of every outcome.

    ``outcomes`` gives for each outcome its probability under every source; under each source
    they add up to 1.
    """

    id: Identifier
    label: Text | None = None
    outcomes: dict[Identifier, dict[str, UnitNumber]]
    reliability: UnitNumber = 1.0
    note: Text | None = None


class Case(Part):
    """A dispute about the source of leaked personal data, as its file states it.

    Any way of building one checks it whole. Two cases are equal when they state the same,
    wherever they were read from.

    Raises
    ------
    CaseError
        If anything in it breaks the format.

    Examples
    --------
    >>> case = Case.model_validate({
    ...     "schema": 1, "id": "two", "proposition": "a",
    ...     "sources": {"a": {"kind": "custodian"}, "b": {"kind": "inference"}},
    ... })
    >>> case.replace(standard=0.9).standard
    0.9
    """

    schema_version: Literal[1] = Field(alias="schema")
    id: Identifier
    title: Text | None = None
    citation: tuple[Citation, ...] = ()
    note: Text | None = None
    persons: tuple[Person, ...] = ()
    incident_date: DateOrYear | None = None
    proposition: Words
    standard: Standing = "cn-high-probability"
    priors: str = "neutral"
    selection: Selection = Selection.SELECTED
    reference_profile: dict[str, UnitNumber] = Field(default_factory=dict)
    exhaustive: Choice = False
    fields: dict[Identifier, CustomField] = Field(default_factory=dict)
    sources: dict[Identifier, Source]
    victims: tuple[VictimGroup, ...] = ()
    security: dict[str, SecurityRecord] = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    inquiries: tuple[CaseInquiry, ...] = ()
    court_found: CourtFound | None = None

    _sha256: str | None = PrivateAttr(None)
    _file: str | None = PrivateAttr(None)
    _lines: LineOf | None = PrivateAttr(None)

    def __init__(self, /, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise InvalidCaseError(problems_of(error, type(self))) from None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if problems := check_case(self):
            raise InvalidCaseError(problems)
        return self

    def read_from(
        self, file: str | None, *, sha256: str | None = None, lines: LineOf | None = None
    ) -> Self:
        """Remember where this case was read from; only a reader of files has a use for it.

        Parameters
        ----------
        file, sha256 : str or None
            Name of the file, as the user gave it, and digest of its bytes.
        lines : optional
            Lines of the file, as `causation.case.reading.Document` has them.

        Returns
        -------
        Case
            The same case.
        """
        self._file, self._sha256, self._lines = file, sha256, lines
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Case) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.id, self.proposition, tuple(self.sources)))

    def __repr__(self) -> str:
        from causation.notebook.display import case_text

        return case_text(self)

    def _repr_html_(self) -> str:
        from causation.notebook.display import html_of

        return html_of(self)

    @property
    def sha256(self) -> str:
        """Digest of the bytes that the case was read from, else of its dump."""
        if self._sha256 is None:
            from causation.case.writing import dump_case

            self._sha256 = hashlib.sha256(dump_case(self).encode()).hexdigest()
        return self._sha256

    @property
    def file(self) -> str | None:
        """The file that the case was read from, as the user named it."""
        return self._file

    def line_at(self, loc: Loc) -> int | None:
        """Line of a place in the file that the case was read from."""
        return None if self._lines is None else line_of(self._lines, loc)

    @property
    def residual(self) -> str | None:
        """Name of the residual source, listed or added; None where there is none."""
        listed = (name for name, s in self.sources.items() if s.kind is Kind.RESIDUAL)
        return next(listed, None if self.exhaustive else "unknown")

    @property
    def source_names(self) -> tuple[str, ...]:
        """Names of all sources, an added residual last."""
        names = tuple(self.sources)
        return names if self.residual in (None, *names) else (*names, str(self.residual))

    def replace(self, changes: dict[str, Any] | None = None, /, **keys: Any) -> Case:
        """Return a case with other values; see `causation.case.editing.replace`.

        Parameters
        ----------
        changes : dict of str to object
            Values by path, such as ``{"victims.co_victims.count": 9}``.
        **keys : object
            Values of top-level keys.
        """
        from causation.case.editing import replace

        return replace(self, {**(changes or {}), **keys})

    def without(self, *names: str) -> Case:
        """Return a case without some evidence; see `causation.case.editing.without`."""
        from causation.case.editing import without

        return without(self, *names)

    def with_finding(self, name: str, /, **keys: Any) -> Case:
        """Return a case with one more finding.

        Parameters
        ----------
        name : str
            Identifier of the finding.
        **keys : object
            Its keys, such as ``template=..., about=...`` or ``likelihood={...}``.
        """
        from causation.case.editing import with_finding

        return with_finding(self, name, keys)

    def numbers(self) -> dict[str, Number | int]:
        """Every number that can be varied, by path, in a stable order.

        Those the case states and those its prior set fills in, counts included.
        """
        from causation.case.editing import varied_numbers
        from causation.case.filling import resolve

        resolved: ResolvedCase = resolve(self)
        return varied_numbers(self, resolved)
