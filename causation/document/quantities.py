"""The kinds of values that stand in a document, each with its check.

A number is a single value or a central 90 % interval ``[lo, hi]``; a probability is
logit-normal and a positive quantity lognormal over its interval. Where a number may stand, so
may ``{value, basis, source, status, n}``: the number with what it rests on.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NoReturn, SupportsInt, TypeGuard, get_args

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from causation.document.dates import When
from causation.document.mappings import Fixed
from causation.document.numbers import Number
from causation.document.problems import Loc, describe, listing, nearest
from causation.scales import Scale

__all__ = [
    "IDENTIFIER",
    "MAX_COUNT",
    "SHARES_JSON",
    "Choice",
    "Count",
    "Date",
    "Degree",
    "Identifier",
    "Link",
    "OpenProbability",
    "OpenValue",
    "Overlap",
    "OverlapValue",
    "Positive",
    "PositiveNumber",
    "PositiveNumberValue",
    "PositiveValue",
    "Probability",
    "ProbabilityValue",
    "Quantity",
    "SignedNumber",
    "SignedValue",
    "Standing",
    "Stated",
    "Status",
    "Tally",
    "Text",
    "Time",
    "UnitNumber",
    "UnitValue",
    "Value",
    "Weights",
    "Word",
    "Words",
    "bare",
    "by_key",
    "check_shares",
    "ends",
    "middle",
    "reject",
]

type Value = float | tuple[float, float]
"""A single number or an interval."""

Status = Literal["V", "U", "S", "judgement"]
"""How well a source is supported: seen in public text, not verified, stated, or judgement."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A number with what it rests on, as a document states it.

    Parameters
    ----------
    value : float or tuple of float
        The number or interval.
    basis, source : mapping of str to str or None
        Why this number, and what supports it, by language.
    status : str or None
        How well the source is supported.
    n : int or None
        How many observations stand behind it.
    """

    value: Value
    basis: Mapping[str, str] | None = None
    source: Mapping[str, str] | None = None
    status: str | None = None
    n: int | None = None


type Quantity = Value | Stated
"""What may stand where a number is asked for."""


def bare(quantity: Quantity) -> Value:
    """Return the number or interval without what it rests on."""
    return quantity.value if isinstance(quantity, Stated) else quantity


def ends(quantity: Quantity) -> tuple[float, float]:
    """Return the ends of an interval; a single number is both.

    Examples
    --------
    >>> ends((0.1, 0.5)), ends(0.3)
    ((0.1, 0.5), (0.3, 0.3))
    """
    value = bare(quantity)
    return value if isinstance(value, tuple) else (value, value)


MAX_COUNT = 10_000_000
"""Largest number of victims in one group."""
_PLAIN = frozenset({int, float})
_SMALLEST, _LARGEST, _WIDEST = 1e-100, 1e100, 1e20
_LONGEST_TEXT = 20_000
_LANGUAGES = ("en", "zh")
_CERTAIN = "a number in [0, 1] or an interval [lo, hi] with 0 < lo <= hi < 1"
_OPEN = "a number or an interval [lo, hi] strictly between 0 and 1"
_UNIT = "a single number in [0, 1]"
_SIGNED = "a single number in [-1, 1]"
_HALF = "a single number in [0, 0.5]"
_POSITIVE = "a positive number, or an interval [lo, hi] of positive numbers"


def middle(probability: Quantity) -> float:
    """Return the centre of a probability's interval: the median.

    Examples
    --------
    >>> round(middle((0.1, 0.9)), 12), middle(0.3), middle(0.0)
    (0.5, 0.3, 0.0)
    """
    lo, hi = ends(probability)
    return lo if lo == hi else Number.of("", lo, hi, Scale.PROBABILITY).middle


def reject(
    text: str, value: object, allowed: str, *, found: str | None = None, at: Loc = ()
) -> NoReturn:
    """Refuse a value inside a validator.

    Parameters
    ----------
    text : str
        What is wrong.
    value : object
        What stands there; described, never quoted, unless `found` says it better.
    allowed : str
        What may stand there.
    at : tuple of str or int, optional
        Place inside the value that is meant.
    """
    context = {"text": text, "found": found or describe(value), "allowed": allowed, "at": at}
    raise PydanticCustomError("causation", "{text}", context)


def by_key(check: Callable[[object], Any], allowed: str) -> Callable[[object], Fixed[str, Any]]:
    """Return the check of a mapping whose values `check` checks, for use inside a validator."""

    def validate(value: object) -> Fixed[str, Any]:
        if not isinstance(value, Mapping):
            reject("wrong type", value, allowed)
        checked = {}
        for key, inner in value.items():
            try:
                checked[str(key)] = check(inner)
            except PydanticCustomError as error:
                context = dict(error.context or {})
                context["at"] = (str(key), *context.get("at", ()))
                raise PydanticCustomError("causation", "{text}", context) from None
        return Fixed(checked)

    return validate


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
        reject(
            "the interval is inverted", value, "[lo, hi] with lo <= hi", found=f"[{lo!r}, {hi!r}]"
        )
    return lo, hi


def _as_stated(value: object, lo: float, hi: float) -> Value:
    return (lo, hi) if isinstance(value, (list, tuple)) else lo


def _outside(value: object, lo: float, hi: float, allowed: str, text: str) -> NoReturn:
    found = f"[{lo!r}, {hi!r}]" if isinstance(value, (list, tuple)) else repr(lo)
    reject(text, value, allowed, found=found)


def _probability(value: object) -> Value:
    lo, hi = _ends(value, _CERTAIN)
    if lo < 0.0 or hi > 1.0 or (lo != hi and (lo == 0.0 or hi == 1.0)):
        _outside(value, lo, hi, _CERTAIN, "not a probability")
    return _as_stated(value, lo, hi)


def _open_probability(value: object) -> Value:
    lo, hi = _ends(value, _OPEN)
    if lo <= 0.0 or hi >= 1.0:
        _outside(value, lo, hi, _OPEN, "not a probability strictly between 0 and 1")
    return _as_stated(value, lo, hi)


def _number_between(lowest: int, highest: float, allowed: str) -> Callable[[object], float]:
    def check(value: object) -> float:
        number = _number(value, value, allowed)
        if not lowest <= number <= highest:
            _outside(value, number, number, allowed, f"outside [{lowest}, {highest:g}]")
        return number

    return check


def _positive(value: object) -> Value:
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


def _text(value: object) -> Mapping[str, str]:
    """Check a text by language; a plain text stands for every language."""
    allowed = "a text, or texts by language: {en: ..., zh: ...}"
    if isinstance(value, str):
        value = dict.fromkeys(_LANGUAGES, value)
    if not isinstance(value, Mapping) or not value:
        reject("not a text", value, allowed)
    if any(language not in _LANGUAGES for language in value):
        reject("a text in a language that is not used here", value, allowed)
    for text in value.values():
        if not isinstance(text, str):
            reject("not a text (put it in quotes)", text, allowed)
        _check_text(text, allowed)
    return Fixed({str(language): str(text) for language, text in value.items()})


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
        reject("a text is too long", text, allowed, found=f"{len(text)} characters")


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


def _date(value: object) -> When:
    allowed = "a day 2023-10-02, a month 2023-10 or a year 2023, from 1900 to 2200"
    when = When.read(value)
    if when is None:
        reject("not a date", value, allowed)
    if not 1900 <= when.first.year <= when.last.year <= 2200:
        reject("a date out of range", when.first.year, allowed)
    return when


def _standing(value: object) -> str | float:
    """Check a standard of proof: its id or a threshold."""
    allowed = "the id of a standard, or a threshold strictly between 0 and 1"
    if isinstance(value, str):
        return value
    number = _number(value, value, allowed)
    if not 0.0 < number < 1.0:
        reject("not a threshold", value, allowed)
    return number


def _with_basis(check: Callable[[object], Any]) -> Callable[[object], Any]:
    """Accept the number alone, or with what it rests on."""

    def validate(value: object) -> Any:
        if isinstance(value, Stated):
            return Stated(check(value.value), value.basis, value.source, value.status, value.n)
        return _stated(value, check) if isinstance(value, Mapping) else check(value)

    return validate


_PARTS = ("value", "basis", "source", "status", "n")


def _stated(row: Mapping[Any, Any], check: Callable[[object], Any]) -> Stated:
    for key in map(str, row):
        if key not in _PARTS:
            reject("unknown key", key, listing(_PARTS), found=nearest(key, _PARTS), at=(key,))
    if "value" not in row:
        reject("a key is missing", row, "value: a number or an interval", found="no value")
    status = row.get("status")
    if "status" in row and status not in (statuses := get_args(Status)):
        reject("unknown value", status, listing(statuses), at=("status",))
    return Stated(
        value=check(row["value"]),
        basis=_text(row["basis"]) if "basis" in row else None,
        source=_text(row["source"]) if "source" in row else None,
        status=status,
        n=_count_between(1)(row["n"]) if "n" in row else None,
    )


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

_STATED_JSON = {
    "basis": _TEXT_JSON,
    "source": _TEXT_JSON,
    "status": {"enum": list(get_args(Status))},
    "n": _json("integer", minimum=1),
}


def _or_stated(value: dict[str, Any]) -> dict[str, Any]:
    based = _json(
        "object",
        properties={"value": value, **_STATED_JSON},
        required=["value"],
        additionalProperties=False,
    )
    return {"oneOf": [*value.get("oneOf", [value]), based]}


_PROBABILITY_JSON = _or_interval(_UNIT_JSON, _OPEN_JSON)
_OPEN_OR_JSON = _or_interval(_OPEN_JSON, _OPEN_JSON)
_POSITIVE_OR_JSON = _or_interval(_POSITIVE_JSON, _POSITIVE_JSON)
_SIGNED_JSON = _json("number", minimum=-1, maximum=1)
_HALF_JSON = _json("number", minimum=0, maximum=0.5)
_unit_number = _number_between(0, 1, _UNIT)
_weight = _number_between(0, 1e9, "a single number from 0 to 1e9")
_signed_number = _number_between(-1, 1, _SIGNED)
_half_number = _number_between(0, 0.5, _HALF)

ProbabilityValue = Annotated[
    float | tuple[float, float], PlainValidator(_probability), WithJsonSchema(_PROBABILITY_JSON)
]
"""A probability in [0, 1], or an interval strictly inside."""
OpenValue = Annotated[
    float | tuple[float, float], PlainValidator(_open_probability), WithJsonSchema(_OPEN_OR_JSON)
]
"""A probability or an interval strictly between 0 and 1."""
PositiveValue = Annotated[
    float | tuple[float, float], PlainValidator(_positive), WithJsonSchema(_POSITIVE_OR_JSON)
]
"""A positive quantity or an interval of it."""
UnitValue = Annotated[float, PlainValidator(_unit_number), WithJsonSchema(_UNIT_JSON)]
"""A single number in [0, 1]."""
SignedValue = Annotated[float, PlainValidator(_signed_number), WithJsonSchema(_SIGNED_JSON)]
"""A single number in [-1, 1]."""
OverlapValue = Annotated[float, PlainValidator(_half_number), WithJsonSchema(_HALF_JSON)]
"""A single number in [0, 0.5]."""
PositiveNumberValue = Annotated[
    float, PlainValidator(_positive_number), WithJsonSchema(_POSITIVE_JSON)
]
"""A single positive number."""

Probability = Annotated[
    Any,
    PlainValidator(_with_basis(_probability)),
    WithJsonSchema(_or_stated(_PROBABILITY_JSON)),
]
"""A probability in [0, 1] or an interval strictly inside, with or without its basis."""
OpenProbability = Annotated[
    Any,
    PlainValidator(_with_basis(_open_probability)),
    WithJsonSchema(_or_stated(_OPEN_OR_JSON)),
]
"""A probability or an interval strictly between 0 and 1, with or without its basis."""
Positive = Annotated[
    Any, PlainValidator(_with_basis(_positive)), WithJsonSchema(_or_stated(_POSITIVE_OR_JSON))
]
"""A positive quantity or an interval of it, with or without its basis."""
UnitNumber = Annotated[
    Any, PlainValidator(_with_basis(_unit_number)), WithJsonSchema(_or_stated(_UNIT_JSON))
]
"""A single number in [0, 1], with or without its basis."""
SignedNumber = Annotated[
    Any, PlainValidator(_with_basis(_signed_number)), WithJsonSchema(_or_stated(_SIGNED_JSON))
]
"""A single number in [-1, 1], with or without its basis."""
Overlap = Annotated[
    Any, PlainValidator(_with_basis(_half_number)), WithJsonSchema(_or_stated(_HALF_JSON))
]
"""A single number in [0, 0.5], with or without its basis."""
PositiveNumber = Annotated[
    Any, PlainValidator(_with_basis(_positive_number)), WithJsonSchema(_or_stated(_POSITIVE_JSON))
]
"""A single positive number, with or without its basis."""
Weights = Annotated[
    Mapping[str, float],
    PlainValidator(by_key(_weight, "a mapping of names and numbers")),
    WithJsonSchema(_json("object", additionalProperties=_json("number", minimum=0))),
]
"""Numbers from 0 by name, of which only the ratios matter."""
check_shares = by_key(_with_basis(_probability), "a mapping of names and probabilities")
"""Check of probabilities by name, for use inside a validator."""
SHARES_JSON = _json("object", additionalProperties=_or_stated(_PROBABILITY_JSON))
"""JSON Schema of probabilities by name."""
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
Text = Annotated[Mapping[str, str], PlainValidator(_text), WithJsonSchema(_TEXT_JSON)]
"""Text for people, by language."""
Word = Annotated[str, PlainValidator(_word), WithJsonSchema({"type": ["string", "integer"]})]
"""A short text in no particular language, such as the number of an exhibit."""
Words = Annotated[
    tuple[str, ...],
    PlainValidator(_words),
    WithJsonSchema({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""Identifiers."""
Date = Annotated[
    When,
    PlainValidator(_date),
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
