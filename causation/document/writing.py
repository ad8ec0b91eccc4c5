"""Parts of documents as plain data, in one canonical form, and as YAML."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

import yaml

from causation.document.building import plain_scalar
from causation.document.dates import When
from causation.document.parts import Part
from causation.document.stated import Stated

_FIRST = ("schema", "id", "kind", "label")
"""Keys that say what a part is: they stand first."""


def plain(value: Any) -> Any:
    """Write a part of a document, or anything it is made of, as it would stand in a file.

    Examples
    --------
    >>> plain({"when": When.read(2014), "share": Stated((0.1, 0.2))})
    {'when': '2014', 'share': {'value': [0.1, 0.2]}}
    """
    if isinstance(value, Part | Stated):
        written = plain(value.written())
        if isinstance(value, Stated) or not isinstance(written, dict):
            return written
        return {key: written[key] for key in _FIRST if key in written} | written
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.date | When):
        return str(value)
    return value


def canonical(document: Part) -> bytes:
    """Return what a case or prior set states in one form, whatever its file looks like.

    Keys are sorted, defaults left out; equal documents have equal forms.
    """
    tree = _without_defaults(document)
    return json.dumps(tree, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _without_defaults(value: Any) -> Any:
    if isinstance(value, Part):
        written = value.written()
        if not isinstance(written, Mapping):
            return plain(written)
        defaults = value.defaults()
        return {
            key: _without_defaults(inner)
            for key, inner in written.items()
            if key not in defaults or inner != defaults[key]
        }
    if isinstance(value, Mapping):
        return {key: _without_defaults(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_defaults(inner) for inner in value]
    return plain(value)


_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_DUMPER):  # type: ignore[misc]
    """Writes no aliases, and quotes every text that could be read as something else."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    try:
        style = None if plain_scalar(text) == text else '"'
    except ValueError:
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def dump(document: Part | Mapping[str, Any]) -> str:
    """Write a document as YAML; reading it back gives an equal one."""
    form: dict[str, Any] = {"allow_unicode": True, "sort_keys": False, "width": 100}
    return str(yaml.dump(plain(document), Dumper=_Dumper, default_flow_style=None, **form))


def texts_of(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a tree with its path.

    Examples
    --------
    >>> list(texts_of({"a": ["x", {"b": "y"}]}))
    [('a[0]', 'x'), ('a[1].b', 'y')]
    """
    match tree:
        case str():
            yield path, tree
        case dict():
            for key, inner in tree.items():
                yield from texts_of(inner, f"{path}.{key}" if path else str(key))
        case list():
            for number, inner in enumerate(tree):
                yield from texts_of(inner, f"{path}[{number}]")
