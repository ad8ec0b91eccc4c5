"""What a case file may state for each kind of evidence: keys of victims, sources and the case.

A kind's keys stand together here; `causation.case.schema` puts them together to victims,
sources and the case. A further kind states its keys itself (`victim_keys`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from causation.document.checking import (
    Choice,
    Count,
    Date,
    Degree,
    Identifier,
    Tally,
    Text,
    Time,
    Word,
    Words,
    reject,
)
from causation.document.parts import Part
from causation.document.quantities import (
    OpenProbability,
    Overlap,
    Positive,
    PositiveNumber,
    Probability,
    SignedNumber,
    UnitNumber,
)
from causation.document.terms import BearsOn, Party, Stage


class Evidence(Part):
    """What every item of evidence may say about itself."""

    party: Party | None = None
    stage: Stage = Stage.PRIMA_FACIE
    bears_on: BearsOn = BearsOn.SOURCE
    exhibit: Word | None = None
    note: Text | None = None


# Fields: which of a victim's data were published, and what a source gives.


class VictimFields(Part):
    """Fields that were published, known not to have been, and shown blacked out."""

    disclosed: Words = ()
    not_disclosed: Words = ()
    redacted: Words = ()


class SourceFields(Part):
    """In what share of the persons exposed through a source it gives the actor a field."""

    holds: Words | None = None
    disclosure: Mapping[str, OpenProbability] = Field(default_factory=dict)
    disclosure_not_user: Mapping[str, OpenProbability] = Field(default_factory=dict)
    correlation: UnitNumber | None = None
    loadings: Mapping[str, SignedNumber] = Field(default_factory=dict)


# Attributes: traits and memberships.


class VictimAttributes(Part):
    """Services that a victim is, or is not, a user of, and traits; what is unknown is left out."""

    users_of: Words = ()
    not_users_of: Words = ()
    traits: Mapping[str, Degree] = Field(default_factory=dict)


class SourceAttributes(Part):
    """How traits change the odds of an inference, and a custodian's own membership."""

    odds_ratio: Mapping[str, Positive] = Field(default_factory=dict)
    membership: Probability | None = None


# Records: published values against registers.


class Register(Part):
    """The published values against a register that the sources ``of`` share."""

    of: Words
    agrees: Words = ()
    differs: Words = ()
    not_compared: Words = ()


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, Mapping | Register) else value


class VictimRecords(Part):
    """One register, or several."""

    record: Annotated[tuple[Register, ...], BeforeValidator(_listed)] = ()


# Dates: when a published value was the true one.


class DateWindow(Part):
    """Since when and until when a value was the true one."""

    since: Date | None = None
    until: Date | None = None


class VictimDates(Part):
    """Windows by field, and the date of the publication."""

    dates: Mapping[str, DateWindow] = Field(default_factory=dict)
    posted: Date | None = None


class SourceDates(Part):
    """Age in days of a source's data at the first publication."""

    age: Positive | None = None


# The series: how many victims, of one series or not, and how they came to be known.


class ListedBy(Part):
    """How a victim came to be known: ``exposure``, ``attempt``, or the event that lists it."""

    how: Annotated[Literal["exposure", "attempt", "list"], SkipJsonSchema()] = Field(
        "list", exclude=True
    )
    users_of: Words = ()
    traits: Words = ()
    published_all: Words = ()
    published_any: Words = ()

    @model_validator(mode="before")
    @classmethod
    def _word(cls, value: Any) -> Any:
        allowed = f"exposure, attempt, or a mapping of {', '.join(cls.keys())}"
        if isinstance(value, str):
            if value not in ("exposure", "attempt"):
                reject("unknown value", value, allowed)
            return {"how": value}
        if isinstance(value, Mapping) and "how" in value:
            reject("unknown key", value, allowed, found="how", at=("how",))
        return value

    def written(self) -> Any:
        """Return the word, or the parts of the event."""
        return super().written() if self.how == "list" else self.how


class VictimSeries(Part):
    """How many like victims there are, whether plaintiffs, linked to the series, known how."""

    count: Tally = 1
    plaintiff: Choice | None = None
    linkage: Probability | None = None
    known_by: ListedBy | None = None


class SourceSeries(Part):
    """Share of those chosen that a source reaches."""

    reach: Probability | None = None


# Findings.


class Finding(Evidence):
    """One observation with its probability under every source."""

    id: Identifier
    label: Text | None = None
    template: str | None = None
    inquiry: str | None = None
    outcome: str | None = None
    about: Words = ()
    likelihood: Mapping[str, Probability] = Field(default_factory=dict)
    reliability: Probability | None = None
    group: Identifier | None = None
    overlap: Overlap | None = None
    count: Count = 1
    repeats: UnitNumber | None = None


# Security record.


class BreachRate(Part):
    """Gamma distribution of the yearly breach rate of the reference class."""

    shape: PositiveNumber | None = None
    rate: PositiveNumber | None = None


class Incidents(Part):
    """Known incidents of a custodian in a number of years: how many, or when."""

    count: Tally | None = None
    dates: tuple[Date, ...] = ()
    years: Time


class Certification(Part):
    """A certificate of a custodian and its dates; ``none`` states that there is none."""

    none: Annotated[bool, SkipJsonSchema()] = Field(default=False, exclude=True)
    scheme: Word | None = None
    date: Date | None = None
    expires: Date | None = None
    hazard_ratio: Positive | None = None
    half_life: PositiveNumber | None = None
    reference: UnitNumber | None = None

    @model_validator(mode="before")
    @classmethod
    def _word(cls, value: Any) -> Any:
        allowed = f"none, or a mapping of {', '.join(cls.keys())}"
        if isinstance(value, str):
            if value != "none":
                reject("unknown value", value, allowed)
            return {"none": True}
        if isinstance(value, Mapping) and "none" in value:
            reject("unknown key", value, allowed, found="none", at=("none",))
        return value

    def written(self) -> Any:
        """Return the word, or the certificate."""
        return "none" if self.none else super().written()


class SecurityRecord(Evidence):
    """Security record of a custodian."""

    size: Literal["large", "average", "small"] | None = None
    breach_rate: BreachRate | None = None
    detection: OpenProbability | None = None
    incidents: Incidents | None = None
    certification: Certification | None = None
