"""Checks of single values: what stands there, and what may stand there.

A check returns the value in the form in which it is kept, or refuses it inside a validator.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, SupportsInt, TypeGuard

from pydantic_core import PydanticCustomError

from causation.document.dates import When
from causation.document.mappings import Fixed
from causation.document.problems import Loc, describe, listing
from causation.document.stated import Value

__all__ = [
    "IDENTIFIER",
    "LANGUAGES",
    "MAX_COUNT",
    "SIZES",
    "by_key",
    "check_choice",
    "check_date",
    "check_degree",
    "check_identifier",
    "check_link",
    "check_open_probability",
    "check_positive",
    "check_positive_number",
    "check_probability",
    "check_size",
    "check_standing",
    "check_text",
    "check_time",
    "check_word",
    "check_words",
    "count_between",
    "number_between",
    "reject",
]

MAX_COUNT = 10_000_000
"""Largest number of victims in one group."""
_PLAIN = frozenset({int, float})
_SMALLEST, _LARGEST, _WIDEST = 1e-100, 1e100, 1e20
_LONGEST_TEXT = 20_000
LANGUAGES = ("en", "zh")
SIZES = ("large", "average", "small")
"""Size classes of firms."""
_CERTAIN = "a number in [0, 1] or an interval [lo, hi] with 0 < lo <= hi < 1"
_OPEN = "a number or an interval [lo, hi] strictly between 0 and 1"
_POSITIVE = "a positive number, or an interval [lo, hi] of positive numbers"


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


def check_probability(value: object) -> Value:
    """Check a probability in [0, 1], or an interval strictly inside."""
    lo, hi = _ends(value, _CERTAIN)
    if lo < 0.0 or hi > 1.0 or (lo != hi and (lo == 0.0 or hi == 1.0)):
        _outside(value, lo, hi, _CERTAIN, "not a probability")
    return _as_stated(value, lo, hi)


def check_open_probability(value: object) -> Value:
    """Check a probability or an interval strictly between 0 and 1."""
    lo, hi = _ends(value, _OPEN)
    if lo <= 0.0 or hi >= 1.0:
        _outside(value, lo, hi, _OPEN, "not a probability strictly between 0 and 1")
    return _as_stated(value, lo, hi)


def number_between(lowest: int, highest: float) -> Callable[[object], float]:
    """Return the check of a single number between two bounds."""
    allowed = f"a single number in [{lowest}, {highest:g}]"

    def check(value: object) -> float:
        number = _number(value, value, allowed)
        if not lowest <= number <= highest:
            _outside(value, number, number, allowed, f"outside [{lowest}, {highest:g}]")
        return number

    return check


def check_positive(value: object) -> Value:
    """Check a positive quantity, or an interval of it."""
    lo, hi = _ends(value, _POSITIVE)
    if not _SMALLEST <= lo <= hi <= _LARGEST or hi / lo > _WIDEST:
        allowed = f"{_POSITIVE}, from 1e-100 to 1e100, hi at most 1e20 times lo"
        _outside(value, lo, hi, allowed, "not a positive quantity")
    return _as_stated(value, lo, hi)


def check_positive_number(value: object) -> float:
    """Check a single positive number."""
    allowed = "a single positive number from 1e-9 to 1e9"
    number = _number(value, value, allowed)
    if not 1e-9 <= number <= 1e9:
        _outside(value, number, number, allowed, "not a positive number in range")
    return number


def check_time(value: object) -> float:
    """Check a duration in years."""
    allowed = "a number of years from 0 to 1000"
    number = _number(value, value, allowed)
    if not 0.0 <= number <= 1000.0:
        _outside(value, number, number, allowed, "not a duration")
    return number


def count_between(lowest: int) -> Callable[[object], int]:
    """Return the check of a whole number from `lowest` on."""
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


def check_degree(value: object) -> bool | float:
    """Check true, false, or a degree in [0, 1]."""
    allowed = "true, false, or a degree in [0, 1]"
    if isinstance(value, bool):
        return value
    if not _is_real(value):
        reject("neither true nor false nor a degree", value, allowed)
    number = _number(value, value, allowed)
    if not 0.0 <= number <= 1.0:
        reject("not a degree", value, allowed)
    return number


def check_choice(value: object) -> bool:
    """Check true or false, written so."""
    if not isinstance(value, bool):
        reject("not true or false", value, "true or false")
    return value


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
        _check_text(text, allowed)
    return Fixed({str(language): str(text) for language, text in value.items()})


def check_word(value: object) -> str:
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


def check_words(value: object) -> tuple[str, ...]:
    """Check a list of identifiers; a single one stands for a list of one."""
    allowed = "an identifier or a list of identifiers"
    listed = (value,) if isinstance(value, str) else value
    if not isinstance(listed, (list, tuple)):
        reject("not a list of identifiers", value, allowed)
    for word in listed:
        if not isinstance(word, str):
            reject("not an identifier", word, allowed)
    return tuple(listed)


def check_identifier(value: object) -> str:
    """Check an identifier."""
    allowed = "a letter, then up to 63 letters, digits, _ or - (ASCII)"
    if not isinstance(value, str) or not _IDENTIFIER.fullmatch(value):
        reject("not an identifier", value, allowed)
    return value


def check_link(value: object) -> str:
    """Check a web address."""
    if not isinstance(value, str) or not _LINK.fullmatch(value):
        reject("not a web address", value, "an address that begins with https:// or http://")
    return value


IDENTIFIER = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"
"""Pattern of an identifier."""
_IDENTIFIER = re.compile(IDENTIFIER)
_LINK = re.compile(r"https?://[^\s<>\"'`\\]{1,2000}")


def check_date(value: object) -> When:
    """Check a day, a month or a year."""
    allowed = "a day 2023-10-02, a month 2023-10 or a year 2023, from 1900 to 2200"
    when = When.read(value)
    if when is None:
        reject("not a date", value, allowed)
    if not 1900 <= when.first.year <= when.last.year <= 2200:
        reject("a date out of range", when.first.year, allowed)
    return when


def check_size(value: object) -> str:
    """Check a size class of firms."""
    if not isinstance(value, str) or value not in SIZES:
        reject("unknown value", value, listing(SIZES))
    return value


def check_standing(value: object) -> str | float:
    """Check a standard of proof: its id or a threshold."""
    allowed = "the id of a standard, or a threshold strictly between 0 and 1"
    if isinstance(value, str):
        return value
    number = _number(value, value, allowed)
    if not 0.0 < number < 1.0:
        reject("not a threshold", value, allowed)
    return number
