"""The kinds of values that stand in a case file, each with its check.

A number is a single value or a central 90 % interval ``[lo, hi]``; a probability is
logit-normal and a positive quantity lognormal over its interval.
"""

from __future__ import annotations

import datetime as dt
import math
import numbers
import re
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, SupportsInt, TypeGuard

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from causation.case.problems import describe

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "IDENTIFIER",
    "MAX_COUNT",
    "Choice",
    "Count",
    "DateOrYear",
    "Degree",
    "Identifier",
    "Link",
    "Number",
    "OpenProbability",
    "Positive",
    "PositiveNumber",
    "Probability",
    "Standing",
    "Tally",
    "Text",
    "Time",
    "UnitNumber",
    "Word",
    "Words",
    "reject",
]

type Number = float | tuple[float, float]
"""A single number or an interval."""

MAX_COUNT = 10_000_000
"""Largest number of victims in one group."""
_PLAIN = frozenset({int, float})
_SMALLEST, _LARGEST, _WIDEST = 1e-100, 1e100, 1e20
_LONGEST_TEXT = 20_000
_LANGUAGES = ("en", "zh")
_CERTAIN = "a number in [0, 1] or an interval [lo, hi] with 0 < lo <= hi < 1"
_OPEN = "a number or an interval [lo, hi] strictly between 0 and 1"
_UNIT = "a single number in [0, 1]"
_POSITIVE = "a positive number, or an interval [lo, hi] of positive numbers"


def reject(text: str, value: object, allowed: str) -> NoReturn:
    """Refuse a value inside a validator."""
    raise PydanticCustomError(
        "causation",
        "{text}",
        {"text": text, "found": describe(value), "allowed": allowed},
    )


def _is_real(value: object) -> TypeGuard[float]:
    """Say whether a value is a number; true and false are not, NumPy's numbers are."""
    return type(value) in _PLAIN or (_is_a(value, numbers.Real) and not _is_a(value, bool))


def _is_a(value: object, kind: type) -> bool:
    return isinstance(value, kind)


def _number(value: object, whole: object, allowed: str) -> float:
    if not _is_real(value):
        reject("not a number", whole if value is not whole else value, allowed)
    number = float(value)
    if not math.isfinite(number):
        reject("not a finite number", value, allowed)
    return number


def _ends(value: object, allowed: str) -> tuple[float, float]:
    """Return the two ends of what was stated; a single number is both."""
    if not isinstance(value, (list, tuple)):
        number = _number(value, value, allowed)
        return number, number
    if len(value) != 2:
        reject("an interval has two ends", value, allowed)
    lo, hi = (_number(end, end, allowed) for end in value)
    if lo > hi:
        raise PydanticCustomError(
            "causation",
            "{text}",
            {"text": "the interval is inverted", "found": f"[{lo!r}, {hi!r}]",
             "allowed": "[lo, hi] with lo <= hi"},
        )  # fmt: skip
    return lo, hi


def _as_stated(value: object, lo: float, hi: float) -> Number:
    return (lo, hi) if isinstance(value, (list, tuple)) else lo


def _outside(value: object, lo: float, hi: float, allowed: str, text: str) -> NoReturn:
    found = f"[{lo!r}, {hi!r}]" if isinstance(value, (list, tuple)) else repr(lo)
    raise PydanticCustomError(
        "causation", "{text}", {"text": text, "found": found, "allowed": allowed}
    )


def _probability(value: object) -> Number:
    lo, hi = _ends(value, _CERTAIN)
    if lo < 0.0 or hi > 1.0 or (lo != hi and (lo == 0.0 or hi == 1.0)):
        _outside(value, lo, hi, _CERTAIN, "not a probability")
    return _as_stated(value, lo, hi)


def _open_probability(value: object) -> Number:
    lo, hi = _ends(value, _OPEN)
    if lo <= 0.0 or hi >= 1.0:
        _outside(value, lo, hi, _OPEN, "not a probability strictly between 0 and 1")
    return _as_stated(value, lo, hi)


def _unit_number(value: object) -> float:
    number = _number(value, value, _UNIT)
    if not 0.0 <= number <= 1.0:
        _outside(value, number, number, _UNIT, "outside [0, 1]")
    return number


def _positive(value: object) -> Number:
    lo, hi = _ends(value, _POSITIVE)
    if not _SMALLEST <= lo <= hi <= _LARGEST or hi / lo > _WIDEST:
        allowed = f"{_POSITIVE}, from 1e-100 to 1e100, hi at most 1e20 times lo"
        _outside(value, lo, hi, allowed, "not a positive quantity")
    return _as_stated(value, lo, hi)


def _positive_number(value: object) -> float:
    allowed = "a single positive number from 1e-9 to 1e9"
    number = _number(value, value, allowed)
    if not 1e-9 <= number <= 1e9:
        _outside(value, number, number, allowed, "not a positive number in range")
    return number


def _time(value: object) -> float:
    allowed = "a number of years from 0 to 1000"
    number = _number(value, value, allowed)
    if not 0.0 <= number <= 1000.0:
        _outside(value, number, number, allowed, "not a duration")
    return number


def _count_between(lowest: int) -> Callable[[object], int]:
    allowed = f"a whole number from {lowest} to {MAX_COUNT}"

    def check(value: object) -> int:
        if not isinstance(value, SupportsInt) or not _is_a(value, numbers.Integral):
            reject("not a whole number", value, allowed)
        if _is_a(value, bool):
            reject("not a whole number", value, allowed)
        count = int(value)
        if not lowest <= count <= MAX_COUNT:
            reject("a count out of range", count, allowed)
        return count

    return check


def _degree(value: object) -> bool | float:
    allowed = "true, false, or a degree in [0, 1]"
    if isinstance(value, bool):
        return value
    if not _is_real(value):
        reject("neither true nor false nor a degree", value, allowed)
    number = _number(value, value, allowed)
    if not 0.0 <= number <= 1.0:
        reject("not a degree", value, allowed)
    return number


def _choice(value: object) -> bool:
    if not isinstance(value, bool):
        reject("not true or false", value, "true or false")
    return value


def _text(value: object) -> dict[str, str]:
    """Check a text by language; a plain text stands for every language."""
    allowed = "a text, or texts by language: {en: ..., zh: ...}"
    if isinstance(value, str):
        value = dict.fromkeys(_LANGUAGES, value)
    if not isinstance(value, dict) or not value:
        reject("not a text", value, allowed)
    if any(language not in _LANGUAGES for language in value):
        reject("a text in a language that is not used here", value, allowed)
    for text in value.values():
        if not isinstance(text, str):
            reject("not a text (put it in quotes)", text, allowed)
        _check_text(text, allowed)
    return {str(language): str(text) for language, text in value.items()}


def _word(value: object) -> str:
    """Check a short text; a whole number (an exhibit 3) is taken as one."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        reject("not a text", value, "a text")
    _check_text(value, "a text")
    return value


def _check_text(text: str, allowed: str) -> None:
    if not text.strip():
        reject("an empty text", text, allowed)
    if len(text) > _LONGEST_TEXT:
        allowed = f"at most {_LONGEST_TEXT} characters"
        raise PydanticCustomError(
            "causation",
            "{text}",
            {"text": "a text is too long", "found": f"{len(text)} characters", "allowed": allowed},
        )


def _words(value: object) -> tuple[str, ...]:
    """Check a list of identifiers; a single one stands for a list of one."""
    allowed = "an identifier or a list of identifiers"
    listed = (value,) if isinstance(value, str) else value
    if not isinstance(listed, (list, tuple)):
        reject("not a list of identifiers", value, allowed)
    for word in listed:
        if not isinstance(word, str):
            reject("not an identifier", word, allowed)
    return tuple(listed)


def _identifier(value: object) -> str:
    allowed = "a letter, then up to 63 letters, digits, _ or - (ASCII)"
    if not isinstance(value, str) or not _IDENTIFIER.fullmatch(value):
        reject("not an identifier", value, allowed)
    return value


def _link(value: object) -> str:
    if not isinstance(value, str) or not _LINK.fullmatch(value):
        reject("not a web address", value, "an address that begins with https:// or http://")
    return value


IDENTIFIER = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"
"""Pattern of an identifier."""
_IDENTIFIER = re.compile(IDENTIFIER)
_LINK = re.compile(r"https?://[^\s<>\"'`\\]{1,2000}")
_YEAR = re.compile(r"[0-9]{4}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _date_or_year(value: object) -> dt.date | int:
    allowed = "a date 2023-10-02 or a year 2014, from 1900 to 2200"
    if isinstance(value, dt.datetime):
        value = value.date()
    elif isinstance(value, str) and _YEAR.fullmatch(value):
        value = int(value)
    elif isinstance(value, str) and _DATE.fullmatch(value):
        try:
            value = dt.date.fromisoformat(value)
        except ValueError:
            reject("no such date", value, allowed)
    if isinstance(value, dt.date):
        year = value.year
    elif isinstance(value, int) and not isinstance(value, bool):
        year = value
    else:
        reject("not a date", value, allowed)
    if not 1900 <= year <= 2200:
        reject("a date out of range", year, allowed)
    return value


def _standing(value: object) -> str | float:
    """Check a standard of proof: its id or a threshold."""
    allowed = "the id of a standard, or a threshold strictly between 0 and 1"
    if isinstance(value, str):
        return value
    number = _number(value, value, allowed)
    if not 0.0 < number < 1.0:
        reject("not a threshold", value, allowed)
    return number


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
            properties={language: {"type": "string", "minLength": 1} for language in _LANGUAGES},
            additionalProperties=False,
            minProperties=1,
        ),
    ]
}

Probability = Annotated[
    float | tuple[float, float],
    PlainValidator(_probability),
    WithJsonSchema(_or_interval(_UNIT_JSON, _OPEN_JSON)),
]
"""A probability in [0, 1], or an interval strictly inside."""
OpenProbability = Annotated[
    float | tuple[float, float],
    PlainValidator(_open_probability),
    WithJsonSchema(_or_interval(_OPEN_JSON, _OPEN_JSON)),
]
"""A probability or an interval strictly between 0 and 1."""
UnitNumber = Annotated[float, PlainValidator(_unit_number), WithJsonSchema(_UNIT_JSON)]
"""A single number in [0, 1]."""
Positive = Annotated[
    float | tuple[float, float],
    PlainValidator(_positive),
    WithJsonSchema(_or_interval(_POSITIVE_JSON, _POSITIVE_JSON)),
]
"""A positive quantity or an interval of it: a weight, an odds ratio, a hazard ratio."""
PositiveNumber = Annotated[float, PlainValidator(_positive_number), WithJsonSchema(_POSITIVE_JSON)]
"""A single positive number."""
Time = Annotated[
    float, PlainValidator(_time), WithJsonSchema(_json("number", minimum=0, maximum=1000))
]
"""A duration in years of 365.25 days."""
Count = Annotated[
    int,
    PlainValidator(_count_between(1)),
    WithJsonSchema(_json("integer", minimum=1, maximum=MAX_COUNT)),
]
"""A number of victims."""
Tally = Annotated[
    int,
    PlainValidator(_count_between(0)),
    WithJsonSchema(_json("integer", minimum=0, maximum=MAX_COUNT)),
]
"""A number of incidents."""
Degree = Annotated[
    bool | float,
    PlainValidator(_degree),
    WithJsonSchema({"oneOf": [{"type": "boolean"}, _UNIT_JSON]}),
]
"""True, false or a degree in [0, 1]."""
Choice = Annotated[bool, PlainValidator(_choice), WithJsonSchema({"type": "boolean"})]
"""True or false, written so."""
Text = Annotated[dict[str, str], PlainValidator(_text), WithJsonSchema(_TEXT_JSON)]
"""Text for people, by language."""
Word = Annotated[str, PlainValidator(_word), WithJsonSchema({"type": ["string", "integer"]})]
"""A short text in no particular language, such as the number of an exhibit."""
Words = Annotated[
    tuple[str, ...],
    PlainValidator(_words),
    WithJsonSchema({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""Identifiers."""
DateOrYear = Annotated[
    dt.date | int,
    PlainValidator(_date_or_year),
    WithJsonSchema({"oneOf": [{"type": "string", "format": "date"}, {"type": "integer"}]}),
]
"""A day, or a year where the day is not known."""
Standing = Annotated[
    str | float,
    PlainValidator(_standing),
    WithJsonSchema({"oneOf": [{"type": "string"}, _OPEN_JSON]}),
]
"""A standard of proof by id, or a threshold."""
Link = Annotated[str, PlainValidator(_link), WithJsonSchema({"type": "string", "format": "uri"})]
"""A web address."""
Identifier = Annotated[
    str, PlainValidator(_identifier), WithJsonSchema({"type": "string", "pattern": IDENTIFIER})
]
"""The name of a source, victim group, finding, field or case."""
