"""The case file as a model: what may be stated, and of which type.

A `Case` holds what its file states and nothing else; `causation.case.filling.fill` fills the
gaps from a prior set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, Self

from pydantic import (
    BeforeValidator,
    Field,
    PlainValidator,
    PrivateAttr,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from causation.case.checks import check_case
from causation.document.mappings import Fixed, frozen
from causation.document.parts import Part, Whole
from causation.document.problems import InvalidCaseError, Loc, describe, listing
from causation.document.quantities import (
    SHARES_JSON,
    Choice,
    Date,
    Identifier,
    Link,
    OpenProbability,
    Positive,
    Probability,
    Standing,
    Status,
    Text,
    UnitNumber,
    UnitValue,
    Weights,
    Word,
    Words,
    check_shares,
    reject,
)
from causation.document.reading import LineOf, line_of
from causation.document.terms import BearsOn, SourceKind
from causation.evidence.entries import (
    Evidence,
    Finding,
    SecurityRecord,
    SourceAttributes,
    SourceDates,
    SourceFields,
    SourceSeries,
    VictimAttributes,
    VictimDates,
    VictimFields,
    VictimRecords,
    VictimSeries,
)

if TYPE_CHECKING:
    from causation.document.quantities import Value

__all__ = [
    "ADDED",
    "Actor",
    "Case",
    "CaseInquiry",
    "Citation",
    "Claim",
    "CourtFound",
    "FieldName",
    "Person",
    "Source",
    "Variant",
    "VictimGroup",
]

ADDED: Mapping[SourceKind, str] = {
    SourceKind.LEAKED_LIBRARY: "library",
    SourceKind.INFERENCE: "osint",
    SourceKind.RESIDUAL: "unknown",
}
"""Sources that are added where a case lists none of their kind."""


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


class FieldName(Part):
    """A field of personal data; one that the vocabulary does not have is defined here."""

    id: Identifier
    label: Text | None = None
    implies: Words = ()

    @model_validator(mode="before")
    @classmethod
    def _word(cls, value: Any) -> Any:
        return {"id": value} if isinstance(value, str) else value

    def written(self) -> Any:
        """Return the word alone where nothing more is stated."""
        stated = super().written()
        return self.id if set(stated) == {"id"} else stated


def _field_names(value: Any) -> Any:
    """Take definitions by name as a list of them."""
    if not isinstance(value, Mapping):
        return value
    return [{"id": name, **row} if isinstance(row, Mapping) else row for name, row in value.items()]


class CourtFound(Part):
    """What the court found; for comparison only, it never enters the model."""

    established: Choice
    note: Text | None = None


class Claim(Part):
    """What is to be proved: about which sources, in which role, of which fields and victim."""

    source: Words
    role: Literal["role", "entrance", "alone", "supplied", "sole"] = "role"
    fields: Words = ()
    any: Choice = False
    victim: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        return {"source": value} if isinstance(value, (str, list, tuple)) else value

    def written(self) -> Any:
        """Return the sources alone where nothing more is stated."""
        stated = super().written()
        if set(stated) != {"source"}:
            return stated
        return self.source[0] if len(self.source) == 1 else self.source


class Actor(Part):
    """What the actor does, whichever his route."""

    publishes: OpenProbability | None = None
    traits: Mapping[str, OpenProbability] = Field(default_factory=dict)
    users: Mapping[str, OpenProbability] = Field(default_factory=dict)
    linkage: Probability | None = None


class Source(SourceFields, SourceAttributes, SourceDates, SourceSeries):
    """A candidate source of the disclosure."""

    kind: SourceKind
    label: Text | None = None
    weight: Positive | None = None
    one_service: Identifier | None = None
    share: UnitNumber | None = None
    origin: Mapping[str, UnitNumber] = Field(default_factory=dict)
    misfit: UnitNumber | None = None
    note: Text | None = None


def _victim_keys() -> dict[str, Any]:
    """Return the keys of victims that kinds of evidence state themselves, with their types."""
    from causation import evidence

    return {key: kept for kind in evidence.KINDS for key, kept in kind.victim_keys.items()}


@lru_cache(maxsize=256)
def _adapter(kept: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kept)


def _extra(value: Any) -> Mapping[str, Any]:
    types, found = _victim_keys(), {}
    for key, stated in value.items():
        try:
            found[key] = frozen(_adapter(types[key]).validate_python(stated))
        except ValidationError as error:
            _refuse_extra(key, error)
    return Fixed(found)


def _refuse_extra(key: str, error: ValidationError) -> NoReturn:
    first = error.errors(include_url=False)[0]
    context = dict(first.get("ctx", {})) if first["type"] == "causation" else {}
    found = describe(first["input"])
    words = {"text": "not a value that this key takes", "found": found, "allowed": first["msg"]}
    place = {"instead": key, "at": (*first["loc"], *context.get("at", ()))}
    raise PydanticCustomError("causation", "{text}", words | context | place) from None


class VictimGroup(
    VictimFields, VictimAttributes, VictimRecords, VictimDates, VictimSeries, Evidence
):
    """One or more victims of whom the same is known.

    ``extra`` has what further kinds of evidence state, by their keys.
    """

    id: Identifier
    label: Text | None = None
    extra: Annotated[Mapping[str, Any], PlainValidator(_extra), SkipJsonSchema()] = Field(
        default_factory=dict, exclude=True
    )

    @model_validator(mode="before")
    @classmethod
    def _claim(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        if "extra" in value:
            keys = cls.keys()
            reject("unknown key", value, listing(keys), found="extra", at=("extra",))
        claimed = _victim_keys().keys() & value.keys()
        if not claimed:
            return value
        rest = {key: stated for key, stated in value.items() if key not in claimed}
        return {**rest, "extra": {key: value[key] for key in sorted(claimed)}}

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """Return the keys of a victim, those that kinds of evidence state themselves included."""
        return (*super().keys(), *_victim_keys())

    def written(self) -> Any:
        """Return this part as it stands in a document."""
        types = _victim_keys()
        return super().written() | {
            key: stated
            if isinstance(stated, Part)
            else _adapter(types[key]).dump_python(stated, mode="json")
            for key, stated in self.extra.items()
        }


class CaseInquiry(Part):
    """Something that could still be found out, with the probability of every outcome.

    ``outcomes`` gives for each outcome its probability under every source; under each source
    they add up to 1.
    """

    id: Identifier
    label: Text | None = None
    outcomes: Mapping[Identifier, Mapping[str, UnitValue]]
    about: Words = ()
    reliability: UnitValue = 1.0
    note: Text | None = None


class Variant(Part):
    """Another reading of the facts: a small patch, assessed beside the case."""

    label: Text | None = None
    basis: Text | None = None
    source: Text | None = None
    status: Status | None = None
    binding: Choice = False
    changes: Mapping[str, Any] = Field(default_factory=dict, alias="set")
    unset: Words = ()


def _routes(value: Any) -> Any:
    allowed = "single, or a mapping of pairs (entrance/second) and probabilities"
    if isinstance(value, str):
        if value != "single":
            reject("unknown value", value, allowed)
        return value
    return check_shares(value)


Routes = Annotated[
    Any,
    PlainValidator(_routes),
    WithJsonSchema({"oneOf": [{"const": "single"}, SHARES_JSON]}),
]
"""Shares that go on from an entrance to a second source, by pair; or no chains at all."""


class Case(Whole):
    """A dispute about the source of leaked personal data, as its file states it.

    Any way of making one checks it whole, and nothing in it can be changed. Two cases are equal
    when they state the same, wherever they were read from.

    Raises
    ------
    CaseError
        If anything in it breaks the format.

    Examples
    --------
    >>> case = Case.model_validate({
    ...     "schema": 2, "id": "two", "proposition": "shop", "standard": 0.75,
    ...     "sources": {"shop": {"kind": "custodian"}},
    ... })
    >>> case.replace(standard=0.9).standard, case.source_names
    (0.9, ('shop', 'library', 'osint', 'unknown'))
    """

    schema_version: Literal[2] = Field(alias="schema")
    id: Identifier
    title: Text | None = None
    citation: tuple[Citation, ...] = ()
    note: Text | None = None
    persons: tuple[Person, ...] = ()
    jurisdiction: Literal["cn", "us", "uk", "kr", "jp", "none"] = "cn"
    incident_date: Date | None = None
    proposition: Claim
    standard: Standing | None = None
    priors: str = "neutral"
    exhaustive: Choice = False
    account_of: str | None = None
    fields: Annotated[tuple[FieldName, ...], BeforeValidator(_field_names)] = ()
    actor: Actor = Field(default_factory=Actor)
    routes: Routes = Field(default_factory=dict)
    agreement: Mapping[str, OpenProbability] = Field(default_factory=dict)
    background: Weights = Field(default_factory=dict)
    sources: Mapping[Identifier, Source]
    victims: tuple[VictimGroup, ...] = ()
    security: Mapping[str, SecurityRecord] = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    inquiries: tuple[CaseInquiry, ...] = ()
    variants: Mapping[Identifier, Variant] = Field(default_factory=dict)
    court_found: CourtFound | None = None

    _file: str | None = PrivateAttr(None)
    _lines: LineOf | None = PrivateAttr(None)
    _digest: str | None = PrivateAttr(None)

    @model_validator(mode="before")
    @classmethod
    def _edition(cls, value: Any) -> Any:
        stated = value.get("schema") if isinstance(value, dict) else None
        if type(stated) is int and stated == 1:
            allowed = "schema: 2; causation convert OLD NEW writes it anew"
            reject("a case file of the first edition", stated, allowed, at=("schema",))
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        if problems := check_case(self):
            raise InvalidCaseError(problems)
        return self

    def read_from(self, file: str | None, *, lines: LineOf | None = None) -> Self:
        """Remember where this case was read from; for readers of files, once.

        Parameters
        ----------
        file : str or None
            Name of the file, as the user gave it.
        lines : optional
            Lines of the file, as `causation.document.reading.Document` has them.

        Returns
        -------
        Case
            The same case.
        """
        if self._file is None and self._lines is None:
            self._remember(_file=file, _lines=lines)
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Case) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        parts = f"{len(self.victims)} groups of victims, {len(self.findings)} findings"
        return f"<Case {self.id}: {len(self.source_names)} sources, {parts}>"

    __str__ = __repr__

    @property
    def sha256(self) -> str:
        """Digest of what the case states, whatever its file looks like."""
        if self._digest is None:
            from causation.case.writing import canonical

            self._remember(_digest=hashlib.sha256(canonical(self)).hexdigest())
        return str(self._digest)

    @property
    def file(self) -> str | None:
        """The file that the case was read from, as the user named it."""
        return self._file

    def line_at(self, loc: Loc) -> int | None:
        """Line of a place in the file that the case was read from."""
        return None if self._lines is None else line_of(self._lines, loc)

    @property
    def kinds(self) -> dict[str, SourceKind]:
        """Kinds of all sources by name, those that are added last."""
        kinds = {name: source.kind for name, source in self.sources.items()}
        if not self.exhaustive:
            there = set(kinds.values())
            kinds |= {name: kind for kind, name in ADDED.items() if kind not in there}
        return kinds

    @property
    def source_names(self) -> tuple[str, ...]:
        """Names of all sources, those that are added last."""
        return tuple(self.kinds)

    @property
    def series(self) -> tuple[VictimGroup, ...]:
        """The groups that bear on the source and have somebody in them."""
        return tuple(g for g in self.victims if g.bears_on is BearsOn.SOURCE and g.count)

    @property
    def first_plaintiff(self) -> VictimGroup | None:
        """The group of the first plaintiff; the only group is one without saying so."""
        groups = self.series
        if len(groups) == 1 and groups[0].plaintiff is None:
            return groups[0]
        return next((group for group in groups if group.plaintiff), None)

    def replace(self, changes: Mapping[str, Any] | None = None, /, **keys: Any) -> Case:
        """Return a case with other values; see `causation.case.editing.replace`.

        Parameters
        ----------
        changes : mapping of str to object
            Values by path, such as ``{"victims.others.count": 9}``.
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

    def with_variant(self, name: str) -> Case:
        """Return the case under one of its own variants, which it then no longer has.

        Raises
        ------
        CaseError
            If the case has no such variant, or not what the variant changes.
        """
        from causation.case.editing import with_variant

        return with_variant(self, name)

    def reading(self, name: str) -> Case:
        """Return the case under a structural reading; see `causation.case.readings.reading`."""
        from causation.case.readings import reading

        return reading(self, name)

    def numbers(self) -> dict[str, Value | int]:
        """Every number that can be varied, by path, in a stable order.

        Those the case states and those its prior set fills in, counts included.
        """
        from causation.case.editing import varied_numbers
        from causation.case.filling import fill

        return varied_numbers(fill(self))
