"""The parts of a case file: what may be stated under each of its keys.

The keys that belong to a kind of evidence are in `causation.evidence.entries`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, NoReturn

from pydantic import (
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from causation.document.checking import Choice, Identifier, Link, Text, Word, Words, reject
from causation.document.mappings import Fixed, frozen
from causation.document.parts import Part
from causation.document.problems import describe, listing
from causation.document.quantities import (
    SHARES_JSON,
    OpenProbability,
    Positive,
    Probability,
    UnitNumber,
    UnitValue,
    check_shares,
)
from causation.document.stated import Status
from causation.document.terms import SourceKind
from causation.evidence.entries import (
    Evidence,
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

ADDED: Mapping[SourceKind, str] = {
    SourceKind.LEAKED_LIBRARY: "library",
    SourceKind.INFERENCE: "osint",
    SourceKind.RESIDUAL: "unknown",
}
"""Sources that are added where a case lists none of their kind."""
SPLIT = (SourceKind.INFERENCE, SourceKind.LEAKED_LIBRARY)
"""Kinds that have one weight, which their sources share."""


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


def field_names(value: Any) -> Any:
    """Take definitions by name as a list of them."""
    if not isinstance(value, Mapping):
        return value
    return [{"id": name, **row} if isinstance(row, Mapping) else row for name, row in value.items()]


class CourtFound(Part):
    """What a court decided, and at which stage; for comparison only, it never enters the model.

    ``control`` is no stage of a court: the source is known from elsewhere. Where ``burden`` is the
    defendant's, he had to prove that he was not the source.
    """

    established: Choice
    stage: Literal["standing", "pleading", "trial", "appeal", "control"] | None = None
    victim: str | None = None
    burden: Literal["plaintiff", "defendant"] | None = None
    note: Text | None = None


def court_decisions(value: Any) -> Any:
    """Take one decision as a list of one."""
    return [value] if isinstance(value, Mapping | CourtFound) else value


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
    Any, PlainValidator(_routes), WithJsonSchema({"oneOf": [{"const": "single"}, SHARES_JSON]})
]
"""Shares that go on from an entrance to a second source, by pair; or no chains at all."""
