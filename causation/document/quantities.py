"""The kinds of numbers that stand in a document, each with its check.

A number is a single value or a central 90 % interval ``[lo, hi]``; a probability is
logit-normal and a positive quantity lognormal over its interval. Where a number may stand, so
may a mapping with what it rests on, in the forms of `causation.document.forms`. An *entry* is a
number of a prior set: it has its basis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args

from pydantic import PlainValidator, WithJsonSchema

from causation.document.checking import (
    TEXT_JSON,
    WORD_JSON,
    by_key,
    finite,
    json_of,
    number_between,
    one_of,
    reject,
)
from causation.document.forms import ALL_OR_NOTHING
from causation.document.pooling import POOLS
from causation.document.stated import Status, Value
from causation.document.stating import with_basis
from causation.scales import Scale

SIZES = ("large", "average", "small")
"""Size classes of firms."""


LEAST = 1e-12
"""Smallest chance, and smallest of the contrary, that an interval may reach to."""


def _interval(
    text: str, allowed: str, fits: Callable[[float, float], bool]
) -> Callable[[object], Value]:
    """Return the check of a number or an interval of which the ends have to fit."""

    def check(value: object) -> Value:
        is_interval = isinstance(value, (list, tuple))
        if is_interval and len(value) != 2:  # type: ignore[arg-type]
            reject("an interval has two ends", value, allowed)
        ends: Any = value if is_interval else (value, value)
        lo, hi = (finite(end, allowed) for end in ends)
        found = f"[{lo!r}, {hi!r}]" if is_interval else repr(lo)
        if lo > hi:
            reject("the interval is inverted", value, "[lo, hi] with lo <= hi", found=found)
        if not fits(lo, hi):
            reject(text, value, allowed, found=found)
        return (lo, hi) if is_interval else lo

    return check


def _inside(lo: float, hi: float) -> bool:
    return 0.0 < lo == hi < 1.0 or LEAST <= lo < hi <= 1.0 - LEAST


_check_probability = _interval(
    "not a probability",
    "a number in [0, 1] or an interval [lo, hi] with lo <= hi, from 1e-12 to 1 - 1e-12",
    lambda lo, hi: _inside(lo, hi) or lo == hi in (0.0, 1.0),
)
_check_open = _interval(
    "not a probability strictly between 0 and 1",
    "a number strictly between 0 and 1 or an interval [lo, hi] from 1e-12 to 1 - 1e-12",
    _inside,
)
_check_positive = _interval(
    "not a positive quantity",
    "a positive number, or an interval [lo, hi] of positive numbers, from 1e-100 to 1e100, "
    "hi at most 1e20 times lo",
    lambda lo, hi: 1e-100 <= lo <= hi <= 1e100 and hi / lo <= 1e20,
)
_check_positive_number = number_between(
    1e-9,
    1e9,
    text="not a positive number in range",
    allowed="a single positive number from 1e-9 to 1e9",
)


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return json_of(
        "object", properties=properties, required=list(required), additionalProperties=False
    )


_UNIT_JSON = json_of("number", minimum=0, maximum=1)
_WHOLE_JSON = json_of("integer", minimum=0)
_ABOUT_JSON = {
    "basis": TEXT_JSON,
    "source": TEXT_JSON,
    "status": {"enum": list(get_args(Status))},
    "n": json_of("integer", minimum=1),
}


def _pair(*ends: dict[str, Any]) -> dict[str, Any]:
    return json_of("array", prefixItems=[*ends], minItems=2, maxItems=2)


def _stated_json(value: dict[str, Any], scale: Scale | None) -> list[dict[str, Any]]:
    """Forms of a number with what it rests on."""
    answer = {"value": value, "median": value, "rationale": TEXT_JSON}
    expert = _object(("name", "value"), name=WORD_JSON, **answer)
    panel = {
        "experts": json_of("array", minItems=1, items=expert),
        "pool": {"enum": list(POOLS)},
        "weights": json_of("array", items=_UNIT_JSON),
        "group": _object(("value",), **answer),
    }
    data = {"data": {"type": "string"}, "relevance": _UNIT_JSON}
    forms: list[tuple[tuple[str, ...], dict[str, Any]]]
    forms = [(("value",), {"value": value}), (("experts",), panel), (("data",), data)]
    if scale is Scale.PROBABILITY:
        pairs = json_of("array", minItems=1, items=_pair(_WHOLE_JSON, _ABOUT_JSON["n"]))
        spread = {"oneOf": [value, {"const": ALL_OR_NOTHING}]}
        count = {"count": _WHOLE_JSON, "of": _WHOLE_JSON, "spread": spread}
        forms += [
            (("counts",), {"counts": pairs, "relevance": _UNIT_JSON}),
            (("count", "of"), count | {"relevance": _UNIT_JSON}),
        ]
    return [_object(required, **properties, **_ABOUT_JSON) for required, properties in forms]


def _any_form(value: dict[str, Any], scale: Scale | None) -> dict[str, Any]:
    return {"oneOf": [*value.get("oneOf", [value]), *_stated_json(value, scale)]}


def _kind(check: Any, value: dict[str, Any], scale: Scale | None = None) -> Any:
    """A kind of number and its entries; a `scale` has what may have an interval."""
    entry = with_basis(check, scale, entry=True)
    forms = {"oneOf": _stated_json(value, scale)}
    return (
        Annotated[
            Any, PlainValidator(with_basis(check, scale)), WithJsonSchema(_any_form(value, scale))
        ],
        Annotated[Any, PlainValidator(entry), WithJsonSchema(forms)],
    )


_OPEN_JSON = json_of("number", exclusiveMinimum=0, exclusiveMaximum=1)
_END_JSON = json_of("number", minimum=LEAST, maximum=1.0 - LEAST)
_OPEN_PAIR_JSON = _pair(_END_JSON, _END_JSON)
_PROBABILITY_JSON = {"oneOf": [_UNIT_JSON, _OPEN_PAIR_JSON]}
_POSITIVE_JSON = json_of("number", exclusiveMinimum=0)

Probability, ProbabilityEntry = _kind(_check_probability, _PROBABILITY_JSON, Scale.PROBABILITY)
"""A probability in [0, 1] or an interval strictly inside."""
OpenProbability, OpenEntry = _kind(
    _check_open, {"oneOf": [_OPEN_JSON, _OPEN_PAIR_JSON]}, Scale.PROBABILITY
)
"""A probability or an interval strictly between 0 and 1."""
Positive, PositiveEntry = _kind(
    _check_positive,
    {"oneOf": [_POSITIVE_JSON, _pair(_POSITIVE_JSON, _POSITIVE_JSON)]},
    Scale.POSITIVE,
)
"""A positive quantity or an interval of it."""
PositiveNumber, PositiveNumberEntry = _kind(_check_positive_number, _POSITIVE_JSON)
"""A single positive number."""
UnitNumber, UnitEntry = _kind(number_between(0, 1), _UNIT_JSON)
"""A single number in [0, 1]."""
SignedNumber, SignedEntry = _kind(number_between(-1, 1), json_of("number", minimum=-1, maximum=1))
"""A single number in [-1, 1]."""
Overlap, OverlapEntry = _kind(number_between(0, 0.5), json_of("number", minimum=0, maximum=0.5))
"""A single number in [0, 0.5]."""
_, SizeEntry = _kind(one_of(SIZES), {"enum": list(SIZES)})
"""A size class of firms."""
UnitValue = Annotated[float, PlainValidator(number_between(0, 1)), WithJsonSchema(_UNIT_JSON)]
"""A single number in [0, 1] without a basis."""
Weights = Annotated[
    Mapping[str, float],
    PlainValidator(by_key(number_between(0, 1e9), "a mapping of names and numbers")),
    WithJsonSchema(json_of("object", additionalProperties=json_of("number", minimum=0))),
]
"""Numbers from 0 by name, of which only the ratios matter."""
check_shares = by_key(
    with_basis(_check_probability, Scale.PROBABILITY), "a mapping of names and probabilities"
)
"""Check of probabilities by name, for use inside a validator."""
SHARES_JSON = json_of(
    "object", additionalProperties=_any_form(_PROBABILITY_JSON, Scale.PROBABILITY)
)
"""JSON Schema of probabilities by name."""
