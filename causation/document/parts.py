"""The base of all parts of a document, and the translation of pydantic's complaints."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NoReturn, Self, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from causation.document.mappings import frozen
from causation.document.problems import InvalidCaseError, Loc, Problem, describe, listing, nearest
from causation.document.reading import Document
from causation.document.stated import Stated


class Part(BaseModel):
    """A part of a document: it knows its keys, and nothing in it can be changed, at any depth.

    Mappings come out read-only and lists as tuples. A changed document is another document;
    see the ``replace`` of the whole.
    """

    model_config = ConfigDict(
        frozen=True,
        defer_build=True,
        extra="forbid",
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )

    @model_validator(mode="after")
    def _freeze(self) -> Self:
        for name, value in self.__dict__.items():
            self.__dict__[name] = frozen(value)
        fields_set = frozenset(self.__pydantic_fields_set__)
        object.__setattr__(self, "__pydantic_fields_set__", fields_set)
        return self

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """Return the keys of this part, as they are written."""
        return tuple(_attributes(cls))

    @classmethod
    def defaults(cls) -> Mapping[str, Any]:
        """Return what a key is where it is not stated, by key."""
        return _defaults(cls)

    def __setattr__(self, _name: str, _value: object) -> NoReturn:
        self._refuse()

    def __delattr__(self, _name: str) -> NoReturn:
        self._refuse()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: dict[int, Any] | None = None) -> Self:
        return self

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """Take up what a pickle has; what is made already stays."""
        if self.__dict__:
            self._refuse()
        super().__setstate__(state)

    def model_copy(self, **_: Any) -> NoReturn:
        """Refuse: what is copied so would not be checked."""
        self._refuse()

    def copy(self, **_: Any) -> NoReturn:
        """Refuse, as `model_copy` does."""
        self._refuse()

    @classmethod
    def model_construct(  # type: ignore[override]
        cls, _fields_set: set[str] | None = None, **_: Any
    ) -> NoReturn:
        """Refuse: what is made so would not be checked."""
        cls._refuse()

    def _remember(self, **private: Any) -> None:
        """Keep what is no part of the document, such as where it was read from."""
        kept = self.__pydantic_private__
        if kept is not None:
            kept.update(private)

    def written(self) -> Any:
        """Return this part as it stands in a document, before what it is made of is written."""
        stated, values = self.model_fields_set, self.__dict__
        return {
            key: values[name]
            for key, name in _attributes(type(self)).items()
            if name in stated and values[name] is not None
        }

    @classmethod
    def _refuse(cls) -> NoReturn:
        raise AttributeError(f"a {cls.__name__} cannot be changed; make another with replace")


@cache
def _attributes(part: type[Part]) -> Mapping[str, str]:
    """Names of attributes by the keys that are written."""
    fields = part.model_fields.items()
    return {info.alias or name: name for name, info in fields if not info.exclude}


@cache
def _defaults(part: type[Part]) -> Mapping[str, Any]:
    return {
        info.alias or name: info.get_default(call_default_factory=True, validated_data={})
        for name, info in part.model_fields.items()
    }


def _nothing(_: object) -> tuple[()]:
    return ()


class Whole(Part):
    """A part that is a document of its own: what is wrong with it is one error of ours."""

    def __init__(self, /, **data: Any) -> None:
        if self.__dict__:  # made already
            self._refuse()
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise InvalidCaseError(problems_of(error, type(self))) from None

    @classmethod
    def read(
        cls, document: Document, *, check: Callable[[Self], Iterable[Problem]] = _nothing
    ) -> Self:
        """Make the whole of a document that was read.

        Raises
        ------
        CaseError
            With file, line, path, what was found and what is allowed; `check` finds more problems.
        """
        try:
            whole = cls.model_validate(document.tree)
            problems = [*check(whole)]
        except InvalidCaseError as error:
            problems = [*error.problems]
        if problems:
            raise InvalidCaseError(problems, file=document.file, line_at=document.line_at)
        return whole


def numbers_in(part: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Stated]]:
    """Numbers that stand in a part with what they rest on, by path; members of lists by id."""
    if isinstance(part, Stated):
        yield ".".join(path), part
    elif isinstance(part, Part):
        for name in type(part).model_fields:
            yield from numbers_in(getattr(part, name), (*path, name))
    elif isinstance(part, Mapping):
        for key, inner in part.items():
            yield from numbers_in(inner, (*path, str(key)))
    elif isinstance(part, tuple):
        for index, inner in enumerate(part):
            yield from numbers_in(inner, (*path, str(getattr(inner, "id", index))))


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
        loc = _inside(loc, context)
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


def _inside(loc: Loc, context: Mapping[str, Any]) -> Loc:
    """Place of a complaint; ``at`` are keys inside, ``instead`` stands for the last key."""
    if "instead" in context:
        loc = (*loc[:-1], context["instead"])
    return (*loc, *context.get("at", ()))


_EXPECTED = {
    "model_type": "a mapping of keys and values",
    "mapping_type": "a mapping of keys and values",
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
    """Annotation of what may be left out, or the one part among what may stand."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation
    options = [option for option in get_args(annotation) if option is not type(None)]
    parts = [o for o in options if isinstance(o, type) and issubclass(o, Part)]
    return (parts or options)[0]
