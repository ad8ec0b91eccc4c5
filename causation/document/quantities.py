"""The kinds of values that stand in a document, each with its check.

A number is a single value or a central 90 % interval ``[lo, hi]``; a probability is
logit-normal and a positive quantity lognormal over its interval. Where a number may stand, so
may a mapping with what it rests on, in the forms of `causation.document.forms`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, get_args

from pydantic import PlainValidator, WithJsonSchema

from causation.document.checking import (
    IDENTIFIER,
    LANGUAGES,
    MAX_COUNT,
    SIZES,
    by_key,
    check_choice,
    check_date,
    check_degree,
    check_identifier,
    check_link,
    check_open_probability,
    check_positive,
    check_positive_number,
    check_probability,
    check_size,
    check_standing,
    check_text,
    check_time,
    check_word,
    check_words,
    count_between,
    number_between,
)
from causation.document.dates import When
from causation.document.forms import ALL_OR_NOTHING
from causation.document.pooling import POOLS
from causation.document.stated import Status
from causation.document.stating import with_basis
from causation.scales import Scale

__all__ = [
    "SHARES_JSON",
    "Choice",
    "Count",
    "Date",
    "Degree",
    "Identifier",
    "Link",
    "OpenEntry",
    "OpenProbability",
    "Overlap",
    "OverlapEntry",
    "Positive",
    "PositiveEntry",
    "PositiveNumber",
    "PositiveNumberEntry",
    "Probability",
    "ProbabilityEntry",
    "SignedEntry",
    "SignedNumber",
    "SizeEntry",
    "Standing",
    "Tally",
    "Text",
    "Time",
    "UnitEntry",
    "UnitNumber",
    "UnitValue",
    "Weights",
    "Word",
    "Words",
    "check_shares",
]


def _json(kind: str, **more: object) -> dict[str, Any]:
    return {"type": kind, **more}


_UNIT_JSON = _json("number", minimum=0, maximum=1)
_OPEN_JSON = _json("number", exclusiveMinimum=0, exclusiveMaximum=1)
_POSITIVE_JSON = _json("number", exclusiveMinimum=0)


def _or_interval(item: dict[str, Any], ends: dict[str, Any]) -> dict[str, Any]:
    pair = _json("array", prefixItems=[ends, ends], minItems=2, maxItems=2)
    return {"oneOf": [item, pair]}


_TEXT_JSON = {
    "oneOf": [
        _json("string", minLength=1),
        _json(
            "object",
            properties={language: {"type": "string", "minLength": 1} for language in LANGUAGES},
            additionalProperties=False,
            minProperties=1,
        ),
    ]
}

_WORD_JSON = {"type": ["string", "integer"]}
_ABOUT_JSON = {
    "basis": _TEXT_JSON,
    "source": _TEXT_JSON,
    "status": {"enum": list(get_args(Status))},
    "n": _json("integer", minimum=1),
}
_PAIR_JSON = _json(
    "array",
    prefixItems=[_json("integer", minimum=0), _json("integer", minimum=1)],
    minItems=2,
    maxItems=2,
)


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return _json(
        "object", properties=properties, required=list(required), additionalProperties=False
    )


def _stated_json(value: dict[str, Any], *, shares: bool = False) -> list[dict[str, Any]]:
    """Forms of a number with what it rests on."""
    answer = {"value": value, "median": value, "rationale": _TEXT_JSON}
    forms: list[tuple[tuple[str, ...], dict[str, Any]]] = [
        (("value",), {"value": value}),
        (
            ("experts",),
            {
                "experts": _json(
                    "array",
                    minItems=1,
                    items=_object(("name", "value"), name=_WORD_JSON, **answer),
                ),
                "pool": {"enum": list(POOLS)},
                "weights": _json("array", items=_UNIT_JSON),
                "group": _object(("value",), **answer),
            },
        ),
        (("data",), {"data": {"type": "string"}, "relevance": _UNIT_JSON}),
    ]
    if shares:
        spread = {"oneOf": [value, {"const": ALL_OR_NOTHING}]}
        counts = {"counts": _json("array", minItems=1, items=_PAIR_JSON), "relevance": _UNIT_JSON}
        whole = _json("integer", minimum=0)
        count = {"count": whole, "of": whole, "spread": spread, "relevance": _UNIT_JSON}
        forms += [(("counts",), counts), (("count", "of"), count)]
    return [_object(required, **properties, **_ABOUT_JSON) for required, properties in forms]


def _or_stated(value: dict[str, Any], *, shares: bool = False) -> dict[str, Any]:
    return {"oneOf": [*value.get("oneOf", [value]), *_stated_json(value, shares=shares)]}


def _entry(check: Any, value: dict[str, Any], scale: Scale | None = None) -> Any:
    """An entry of a prior set: a number with its basis."""
    shares = scale is Scale.PROBABILITY
    return Annotated[
        Any,  # a `Stated`
        PlainValidator(with_basis(check, scale, entry=True)),
        WithJsonSchema({"oneOf": _stated_json(value, shares=shares)}),
    ]


_PROBABILITY_JSON = _or_interval(_UNIT_JSON, _OPEN_JSON)
_OPEN_OR_JSON = _or_interval(_OPEN_JSON, _OPEN_JSON)
_POSITIVE_OR_JSON = _or_interval(_POSITIVE_JSON, _POSITIVE_JSON)
_SIGNED_JSON = _json("number", minimum=-1, maximum=1)
_HALF_JSON = _json("number", minimum=0, maximum=0.5)
_unit_number = number_between(0, 1)
_weight = number_between(0, 1e9)
_signed_number = number_between(-1, 1)
_half_number = number_between(0, 0.5)

ProbabilityEntry = _entry(check_probability, _PROBABILITY_JSON, Scale.PROBABILITY)
"""A probability, or an interval of one, with its basis."""
OpenEntry = _entry(check_open_probability, _OPEN_OR_JSON, Scale.PROBABILITY)
"""A probability strictly between 0 and 1, or an interval, with its basis."""
PositiveEntry = _entry(check_positive, _POSITIVE_OR_JSON, Scale.POSITIVE)
"""A positive quantity, or an interval of it, with its basis."""
UnitValue = Annotated[float, PlainValidator(_unit_number), WithJsonSchema(_UNIT_JSON)]
"""A single number in [0, 1]."""
PositiveNumberEntry = _entry(check_positive_number, _POSITIVE_JSON)
"""A single positive number with its basis."""
UnitEntry = _entry(_unit_number, _UNIT_JSON)
"""A single number in [0, 1] with its basis."""
SignedEntry = _entry(_signed_number, _SIGNED_JSON)
"""A single number in [-1, 1] with its basis."""
OverlapEntry = _entry(_half_number, _HALF_JSON)
"""A single number in [0, 0.5] with its basis."""
SizeEntry = _entry(check_size, {"enum": list(SIZES)})
"""A size class of firms with its basis."""

Probability = Annotated[
    Any,
    PlainValidator(with_basis(check_probability, Scale.PROBABILITY)),
    WithJsonSchema(_or_stated(_PROBABILITY_JSON, shares=True)),
]
"""A probability in [0, 1] or an interval strictly inside, with or without its basis."""
OpenProbability = Annotated[
    Any,
    PlainValidator(with_basis(check_open_probability, Scale.PROBABILITY)),
    WithJsonSchema(_or_stated(_OPEN_OR_JSON, shares=True)),
]
"""A probability or an interval strictly between 0 and 1, with or without its basis."""
Positive = Annotated[
    Any,
    PlainValidator(with_basis(check_positive, Scale.POSITIVE)),
    WithJsonSchema(_or_stated(_POSITIVE_OR_JSON)),
]
"""A positive quantity or an interval of it, with or without its basis."""
UnitNumber = Annotated[
    Any, PlainValidator(with_basis(_unit_number)), WithJsonSchema(_or_stated(_UNIT_JSON))
]
"""A single number in [0, 1], with or without its basis."""
SignedNumber = Annotated[
    Any, PlainValidator(with_basis(_signed_number)), WithJsonSchema(_or_stated(_SIGNED_JSON))
]
"""A single number in [-1, 1], with or without its basis."""
Overlap = Annotated[
    Any, PlainValidator(with_basis(_half_number)), WithJsonSchema(_or_stated(_HALF_JSON))
]
"""A single number in [0, 0.5], with or without its basis."""
PositiveNumber = Annotated[
    Any,
    PlainValidator(with_basis(check_positive_number)),
    WithJsonSchema(_or_stated(_POSITIVE_JSON)),
]
"""A single positive number, with or without its basis."""
Weights = Annotated[
    Mapping[str, float],
    PlainValidator(by_key(_weight, "a mapping of names and numbers")),
    WithJsonSchema(_json("object", additionalProperties=_json("number", minimum=0))),
]
"""Numbers from 0 by name, of which only the ratios matter."""
check_shares = by_key(
    with_basis(check_probability, Scale.PROBABILITY), "a mapping of names and probabilities"
)
"""Check of probabilities by name, for use inside a validator."""
SHARES_JSON = _json("object", additionalProperties=_or_stated(_PROBABILITY_JSON, shares=True))
"""JSON Schema of probabilities by name."""
Time = Annotated[
    float, PlainValidator(check_time), WithJsonSchema(_json("number", minimum=0, maximum=1000))
]
"""A duration in years of 365.25 days."""
Count = Annotated[
    int,
    PlainValidator(count_between(1)),
    WithJsonSchema(_json("integer", minimum=1, maximum=MAX_COUNT)),
]
"""A number of victims."""
Tally = Annotated[
    int,
    PlainValidator(count_between(0)),
    WithJsonSchema(_json("integer", minimum=0, maximum=MAX_COUNT)),
]
"""A number of incidents."""
Degree = Annotated[
    bool | float,
    PlainValidator(check_degree),
    WithJsonSchema({"oneOf": [{"type": "boolean"}, _UNIT_JSON]}),
]
"""True, false or a degree in [0, 1]."""
Choice = Annotated[bool, PlainValidator(check_choice), WithJsonSchema({"type": "boolean"})]
"""True or false, written so."""
Text = Annotated[Mapping[str, str], PlainValidator(check_text), WithJsonSchema(_TEXT_JSON)]
"""Text for people, by language."""
Word = Annotated[str, PlainValidator(check_word), WithJsonSchema(_WORD_JSON)]
"""A short text in no particular language, such as the number of an exhibit."""
Words = Annotated[
    tuple[str, ...],
    PlainValidator(check_words),
    WithJsonSchema({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""Identifiers."""
Date = Annotated[
    When,
    PlainValidator(check_date),
    WithJsonSchema(
        {
            "oneOf": [
                {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"},
                {"type": "integer"},
            ]
        }
    ),
]
"""A day, or a month or year where the day is not known."""
Standing = Annotated[
    str | float,
    PlainValidator(check_standing),
    WithJsonSchema({"oneOf": [{"type": "string"}, _OPEN_JSON]}),
]
"""A standard of proof by id, or a threshold."""
Link = Annotated[
    str, PlainValidator(check_link), WithJsonSchema({"type": "string", "format": "uri"})
]
"""A web address."""
Identifier = Annotated[
    str, PlainValidator(check_identifier), WithJsonSchema({"type": "string", "pattern": IDENTIFIER})
]
"""The name of a source, victim group, finding, field or case."""
