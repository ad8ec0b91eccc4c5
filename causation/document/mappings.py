"""A mapping that cannot be changed, and the freezing of whatever a document is made of."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache, cached_property, wraps
from types import MappingProxyType
from typing import Any, NoReturn


class Fixed[K, V](Mapping[K, V]):
    """A read-only mapping that can be copied, compared and pickled.

    It equals any mapping with the same items, in any order.

    Parameters
    ----------
    items : mapping
        Copied; later changes of it are not seen.

    Examples
    --------
    >>> Fixed({"a": 1}) == {"a": 1}, Fixed({"a": 1})["a"]
    (True, 1)
    """

    __slots__ = ("_view",)
    _view: Mapping[K, V]

    def __init__(self, items: Mapping[K, V] | None = None, /) -> None:
        if hasattr(self, "_view"):
            self._refuse()
        object.__setattr__(self, "_view", MappingProxyType(dict(items or {})))

    def __getitem__(self, key: K) -> V:
        return self._view[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._view)

    def __len__(self) -> int:
        return len(self._view)

    def __repr__(self) -> str:
        return repr(dict(self._view))

    def __hash__(self) -> int:
        return hash(frozenset(self._view.items()))

    def __or__(self, other: Mapping[K, V]) -> Fixed[K, V]:
        return Fixed({**self._view, **other})

    def __copy__(self) -> Fixed[K, V]:
        return self

    def __deepcopy__(self, _memo: object) -> Fixed[K, V]:
        return self

    def __reduce__(self) -> tuple[type[Fixed[Any, Any]], tuple[dict[K, V]]]:
        return Fixed, (dict(self._view),)

    def __setattr__(self, _name: str, _value: object) -> NoReturn:
        self._refuse()

    def __delattr__(self, _name: str) -> NoReturn:
        self._refuse()

    @staticmethod
    def _refuse() -> NoReturn:
        raise AttributeError("this mapping cannot be changed; make another")


EMPTY: Fixed[Any, Any] = Fixed()
"""The empty mapping."""
_ATOMS = frozenset({str, bool, int, float, type(None)})


def frozen(value: Any) -> Any:
    """Return what cannot be changed in place of mappings, lists and sets, to any depth.

    Examples
    --------
    >>> frozen({"a": [1, {2}]})
    {'a': (1, frozenset({2}))}
    """
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind in (list, tuple):
        return tuple(map(frozen, value))
    if isinstance(value, Mapping):
        return Fixed({key: frozen(inner) for key, inner in value.items()})
    if isinstance(value, (set, frozenset)):
        return frozenset(frozen(inner) for inner in value)
    return value


class Closed:
    """A record that nothing can be changed in already."""

    __slots__ = ()


def sealed(value: Any) -> Any:
    """Close what was computed, to any depth: arrays and records in place, the rest by a copy.

    Examples
    --------
    >>> sealed({"a": [1, {"b": 2}]})
    {'a': (1, {'b': 2})}
    """
    way = _way(value.__class__)
    if way == "array":
        part = value
        while hasattr(part, "setflags"):  # what it is a view of, too
            part.setflags(write=False)
            part = part.base
    elif way == "mapping":
        return Fixed({key: sealed(inner) for key, inner in value.items()})
    elif way == "sequence":
        return tuple(sealed(inner) for inner in value)
    elif way == "record":
        for f in fields(value):
            inner = getattr(value, f.name)
            if (closed := sealed(inner)) is not inner:
                object.__setattr__(value, f.name, closed)
    return value


@cache
def _way(kind: type) -> str:
    """How values of a type are closed."""
    if kind in _ATOMS or issubclass(kind, (Fixed, Closed, Enum)):
        return "as it is"
    if hasattr(kind, "setflags"):
        return "array"
    if issubclass(kind, Mapping):
        return "mapping"
    if kind in (list, tuple):
        return "sequence"
    return "record" if is_dataclass(kind) else "as it is"


class kept[T](cached_property[T]):  # noqa: N801
    """Like `functools.cached_property`; what was computed can no longer be changed."""

    def __init__(self, func: Callable[[Any], T]) -> None:
        @wraps(func)
        def closing(instance: Any) -> T:
            found: T = sealed(func(instance))
            return found

        super().__init__(closing)


def thawed(value: Any) -> Any:
    """Return plain Python data in place of records, mappings and arrays, to any depth.

    What JSON has no number for is None.

    Examples
    --------
    >>> thawed(Fixed({"a": (1.5, float("inf"))}))
    {'a': [1.5, None]}
    """
    if is_dataclass(value):
        return {f.name: thawed(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {key: thawed(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [thawed(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "tolist"):
        return thawed(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
