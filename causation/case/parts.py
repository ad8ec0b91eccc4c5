"""The base of all parts of a document, and the translation of pydantic's complaints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from causation.case.problems import Loc, Problem, describe, listing, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Part", "problems_of"]


class Part(BaseModel):
    """A part of a document: frozen, and without keys that it does not know."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """Return the keys of this part, as they are written."""
        return tuple(info.alias or name for name, info in cls.model_fields.items())


def problems_of(error: ValidationError, root: type[Part]) -> list[Problem]:
    """Translate what pydantic complains about into the words of this package.

    Parameters
    ----------
    error : ValidationError
        As raised by the validation of `root`.
    root : type of Part
        The model of the whole document.

    Returns
    -------
    list of Problem
        None of them quotes a text of the document.
    """
    details = error.errors(include_url=False)
    return [_problem(detail, root) for detail in details]


def _problem(detail: Mapping[str, Any], root: type[Part]) -> Problem:
    loc: Loc = tuple(step for step in detail["loc"] if step != "[key]")
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "causation":
        return Problem(loc, context["text"], context["found"], context["allowed"])
    if kind == "extra_forbidden":
        keys = _keys_at(root, loc[:-1])
        key = str(loc[-1])
        return Problem(loc, "unknown key", nearest(key, keys), listing(keys, near=key))
    if kind == "missing":
        return Problem(loc, "a key is missing", "nothing", f"{loc[-1]}: a value", absent=True)
    if kind in {"enum", "literal_error"}:
        return _wrong_choice(loc, value, str(context.get("expected", "")))
    expected = _EXPECTED.get(kind, "what the format describes")
    return Problem(loc, "wrong type", describe(value), expected)


_EXPECTED = {
    "model_type": "a mapping of keys and values",
    "dict_type": "a mapping of keys and values",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "a text",
}


def _wrong_choice(loc: Loc, value: object, expected: str) -> Problem:
    words = [w.strip().strip("'") for w in expected.replace(" or ", ", ").split(",")]
    found = nearest(value, words) if isinstance(value, str) else describe(value)
    return Problem(loc, "unknown value", found, listing(words))


def _keys_at(root: type[Part], loc: Loc) -> tuple[str, ...]:
    """Keys of the part at a place."""
    current: Any = root
    for step in loc:
        if isinstance(current, type) and issubclass(current, Part):
            names = {info.alias or name: info for name, info in current.model_fields.items()}
            current = names[str(step)].annotation if str(step) in names else None
        else:
            current = _member(current)
        current = _without_none(current)
    return current.keys() if isinstance(current, type) and issubclass(current, Part) else ()


def _member(annotation: Any) -> Any:
    """Annotation of the members of a mapping or list."""
    inner = [a for a in get_args(annotation) if a is not Ellipsis]
    return inner[-1] if inner else None


def _without_none(annotation: Any) -> Any:
    options = get_args(annotation)
    if type(None) in options:
        return next(option for option in options if option is not type(None))
    return annotation
