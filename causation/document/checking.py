"""Single values of a document: what may stand there, and how it is kept.

A check returns the value in the form in which it is kept, or refuses it inside a validator. A kind
of value is a type with its check and its JSON Schema.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NoReturn

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from causation.document.dates import When
from causation.document.mappings import Fixed
from causation.document.problems import Loc, describe, listing

LANGUAGES = ("en", "zh")
MAX_COUNT = 10_000_000
"""Largest number of victims in one group."""
IDENTIFIER = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"
"""Pattern of an identifier."""
_IDENTIFIER = re.compile(IDENTIFIER)
_LINK = re.compile(r"https?://[^\s<>\"'`\\]{1,2000}")
_LONGEST_TEXT = 20_000
_PLAIN = frozenset({int, float})


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
        """Check every value of a mapping."""
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


def json_of(kind: str, **more: object) -> dict[str, Any]:
    """Return the JSON Schema of a value."""
    return {"type": kind, **more}


# Numbers.


def finite(value: object, allowed: str) -> float:
    """Check a finite number; true and false are none, NumPy's numbers are."""
    if type(value) not in _PLAIN and (
        isinstance(value, bool) or not isinstance(value, numbers.Real)
    ):
        reject("not a number", value, allowed)
    number = float(value)  # type: ignore[arg-type]
    if not math.isfinite(number):
        reject("not a finite number", value, allowed)
    return number


def number_between(
    lowest: float, highest: float, *, text: str = "", allowed: str = ""
) -> Callable[[object], float]:
    """Return the check of a single number between two bounds."""
    allowed = allowed or f"a single number in [{lowest:g}, {highest:g}]"

    def check(value: object) -> float:
        number = finite(value, allowed)
        if not lowest <= number <= highest:
            reject(text or f"outside [{lowest:g}, {highest:g}]", value, allowed, found=repr(number))
        return number

    return check


def count_between(lowest: int) -> Callable[[object], int]:
    """Return the check of a whole number from `lowest` on."""
    allowed = f"a whole number from {lowest} to {MAX_COUNT}"

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            reject("not a whole number", value, allowed)
        if not lowest <= (count := int(value)) <= MAX_COUNT:
            reject("a count out of range", count, allowed)
        return count

    return check


def _check_degree(value: object) -> bool | float:
    allowed = "true, false, or a degree in [0, 1]"
    return value if isinstance(value, bool) else number_between(0, 1, allowed=allowed)(value)


def _check_choice(value: object) -> bool:
    if not isinstance(value, bool):
        reject("not true or false", value, "true or false")
    return value


Count = Annotated[
    int,
    PlainValidator(count_between(1)),
    WithJsonSchema(json_of("integer", minimum=1, maximum=MAX_COUNT)),
]
"""A number of victims."""
Tally = Annotated[
    int,
    PlainValidator(count_between(0)),
    WithJsonSchema(json_of("integer", minimum=0, maximum=MAX_COUNT)),
]
"""A number of incidents."""
Time = Annotated[
    float,
    PlainValidator(
        number_between(0, 1000, text="not a duration", allowed="a number of years from 0 to 1000")
    ),
    WithJsonSchema(json_of("number", minimum=0, maximum=1000)),
]
"""A duration in years of 365.25 days."""
Degree = Annotated[
    bool | float,
    PlainValidator(_check_degree),
    WithJsonSchema({"oneOf": [{"type": "boolean"}, json_of("number", minimum=0, maximum=1)]}),
]
"""True, false or a degree in [0, 1]."""
Choice = Annotated[bool, PlainValidator(_check_choice), WithJsonSchema({"type": "boolean"})]
"""True or false, written so."""


# Texts and words.


def check_text(value: object) -> Mapping[str, str]:
    """Check a text by language; a plain text stands for every language."""
    allowed = "a text, or texts by language: {en: ..., zh: ...}"
    if isinstance(value, str):
        value = dict.fromkeys(LANGUAGES, value)
    if not isinstance(value, Mapping) or not value:
        reject("not a text", value, allowed)
    if any(language not in LANGUAGES for language in value):
        reject("a text in a language that is not used here", value, allowed)
    for text in value.values():
        if not isinstance(text, str):
            reject("not a text (put it in quotes)", text, allowed)
        _check_length(text, allowed)
    return Fixed({str(language): str(text) for language, text in value.items()})


def check_word(value: object) -> str:
    """Check a short text; a whole number (an exhibit 3) is taken as one."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        reject("not a text", value, "a text")
    _check_length(value, "a text")
    return value


def _check_length(text: str, allowed: str) -> None:
    if not text.strip():
        reject("an empty text", text, allowed)
    if len(text) > _LONGEST_TEXT:
        allowed = f"at most {_LONGEST_TEXT} characters"
        reject("a text is too long", text, allowed, found=f"{len(text)} characters")


def _check_words(value: object) -> tuple[str, ...]:
    """Check a list of identifiers; a single one stands for a list of one."""
    listed = (value,) if isinstance(value, str) else value
    if not isinstance(listed, (list, tuple)):
        reject("not a list of identifiers", value, "an identifier or a list of identifiers")
    for word in listed:
        if not isinstance(word, str):
            reject("not an identifier", word, "an identifier or a list of identifiers")
    return tuple(listed)


def _check_identifier(value: object) -> str:
    if not isinstance(value, str) or not _IDENTIFIER.fullmatch(value):
        allowed = "a letter, then up to 63 letters, digits, _ or - (ASCII)"
        reject("not an identifier", value, allowed)
    return value


def _check_link(value: object) -> str:
    if not isinstance(value, str) or not _LINK.fullmatch(value):
        reject("not a web address", value, "an address that begins with https:// or http://")
    return value


def _check_date(value: object) -> When:
    allowed = "a day 2023-10-02, a month 2023-10 or a year 2023, from 1900 to 2200"
    when = When.read(value)
    if when is None:
        reject("not a date", value, allowed)
    if not 1900 <= when.first.year <= when.last.year <= 2200:
        reject("a date out of range", when.first.year, allowed)
    return when


def _check_standing(value: object) -> str | float:
    allowed = "the id of a standard, or a threshold strictly between 0 and 1"
    if isinstance(value, str):
        return value
    if not 0.0 < (number := finite(value, allowed)) < 1.0:
        reject("not a threshold", value, allowed)
    return number


def one_of(words: tuple[str, ...]) -> Callable[[object], str]:
    """Return the check of a word that is one of some."""

    def check(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            reject("unknown value", value, listing(words))
        return value

    return check


TEXT_JSON = {
    "oneOf": [
        json_of("string", minLength=1),
        json_of(
            "object",
            properties={language: json_of("string", minLength=1) for language in LANGUAGES},
            additionalProperties=False,
            minProperties=1,
        ),
    ]
}
WORD_JSON = {"type": ["string", "integer"]}
_WORDS_JSON = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_DATE_JSON = {
    "oneOf": [json_of("string", pattern="^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"), {"type": "integer"}]
}
_OPEN_JSON = json_of("number", exclusiveMinimum=0, exclusiveMaximum=1)

Text = Annotated[Mapping[str, str], PlainValidator(check_text), WithJsonSchema(TEXT_JSON)]
"""Text for people, by language."""
Word = Annotated[str, PlainValidator(check_word), WithJsonSchema(WORD_JSON)]
"""A short text in no particular language, such as the number of an exhibit."""
Words = Annotated[tuple[str, ...], PlainValidator(_check_words), WithJsonSchema(_WORDS_JSON)]
"""Identifiers."""
Identifier = Annotated[
    str, PlainValidator(_check_identifier), WithJsonSchema(json_of("string", pattern=IDENTIFIER))
]
"""The name of a source, victim group, finding, field or case."""
Link = Annotated[str, PlainValidator(_check_link), WithJsonSchema(json_of("string", format="uri"))]
"""A web address."""
Date = Annotated[When, PlainValidator(_check_date), WithJsonSchema(_DATE_JSON)]
"""A day, or a month or year where the day is not known."""
Standing = Annotated[
    str | float,
    PlainValidator(_check_standing),
    WithJsonSchema({"oneOf": [{"type": "string"}, _OPEN_JSON]}),
]
"""A standard of proof by id, or a threshold."""
