"""Cases to YAML, the JSON Schema for editors, and the starter case."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Any

import yaml

from causation.case.library import data_path
from causation.case.priors import PriorSet
from causation.case.schema import Case
from causation.document.building import plain_scalar
from causation.document.dates import When
from causation.document.parts import Part
from causation.document.reading import read_document, read_file
from causation.document.stated import Stated
from causation.errors import CaseError

__all__ = [
    "canonical",
    "case_json_schema",
    "dump_case",
    "dump_prior_set",
    "plain",
    "prior_set_json_schema",
    "refuse_placeholders",
    "starter_case",
    "texts_of",
    "tree_of",
]

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


def tree_of(case: Case) -> dict[str, Any]:
    """Return what a case states as plain data: mappings, lists, texts, numbers, true and false."""
    tree: dict[str, Any] = plain(case)
    return tree


def plain(value: Any) -> Any:
    """Write a part of a document, or anything it is made of, as it would stand in a file."""
    if isinstance(value, Part):
        written = value.written()
        return _ordered(plain(written)) if isinstance(written, Mapping) else plain(written)
    if isinstance(value, Stated):
        return plain(value.written())
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.date | When):
        return str(value)
    return value


_FIRST = ("schema", "id", "kind", "label")


def _ordered(row: dict[str, Any]) -> dict[str, Any]:
    """Put first what says what a part is."""
    first = {key: row[key] for key in _FIRST if key in row}
    return first | row


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
        defaults = {
            info.alias or name: info.get_default(call_default_factory=True, validated_data={})
            for name, info in type(value).model_fields.items()
        }
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


def dump_prior_set(priors: PriorSet | Mapping[str, Any]) -> str:
    """Write a prior set as YAML; reading it back gives an equal set.

    Examples
    --------
    >>> from causation.case import load_prior_set, parse_prior_set
    >>> neutral = load_prior_set("neutral")
    >>> parse_prior_set(dump_prior_set(neutral)) == neutral
    True
    """
    return _dump(plain(priors))


def dump_case(case: Case) -> str:
    """Write a case as YAML; reading it back gives an equal case.

    Examples
    --------
    >>> from causation.case import load_case, parse_case
    >>> case = load_case("bic-2025-doxxing")
    >>> parse_case(dump_case(case)) == case
    True
    """
    return _dump(tree_of(case))


def _dump(tree: Mapping[str, Any]) -> str:
    text: str = yaml.dump(
        tree,
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=None,
        width=100,
    )
    return text


def case_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the case file, for editors.

    Examples
    --------
    >>> case_json_schema()["title"]
    'Case'
    """
    schema = Case.model_json_schema(by_alias=True)
    parts, one_word = schema["$defs"], {"type": "string"}
    words = {"type": "array", "items": one_word}
    shorter: dict[str, list[dict[str, Any]]] = {
        "Claim": [one_word, words],
        "FieldName": [one_word],
        "ListedBy": [{"enum": ["exposure", "attempt"]}],
        "Certification": [{"const": "none"}],
    }
    for name, forms in shorter.items():
        parts[name] = {"anyOf": [*forms, parts[name]]}
    victim, whole = parts["VictimGroup"]["properties"], schema["properties"]
    victim["record"] = {"anyOf": [{"$ref": "#/$defs/Register"}, victim["record"]]}
    definitions = {"type": "object", "additionalProperties": {"type": "object"}}
    whole["fields"] = {"anyOf": [whole["fields"], definitions]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def prior_set_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of prior sets, for editors.

    Examples
    --------
    >>> prior_set_json_schema()["title"]
    'PriorSet'
    """
    schema = PriorSet.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def starter_case(lang: str = "en", *, blank: bool = False) -> str:
    """Return a case file to begin with; it is valid as it is, but for its placeholders.

    Parameters
    ----------
    lang : {"en", "zh"}
    blank : bool
        Without the explanations, and with nothing but what every case needs.

    Examples
    --------
    >>> "<platform>" in starter_case(), "<平台>" in starter_case("zh")
    (True, True)
    """
    path = data_path("starter.yaml")
    text: str = read_document(read_file(path), file=str(path)).tree[
        f"blank_{lang}" if blank else lang
    ]
    return text


_PLACEHOLDER = re.compile(r"<[^<>\n]{1,80}>")


def refuse_placeholders(tree: Any, *, file: str | None) -> None:
    """Refuse a case of which a text is still a placeholder of the starter.

    Parameters
    ----------
    tree : dict
        Of the case; see `tree_of`.
    file : str or None

    Raises
    ------
    CaseError
        It names the first.
    """
    for path, text in texts_of(tree):
        for found in _PLACEHOLDER.findall(text):
            if found in _placeholders():
                raise CaseError(
                    "a placeholder of the starter is left", file=file, path=path, found=found
                )


@cache
def _placeholders() -> frozenset[str]:
    texts = [starter_case(lang, blank=blank) for lang in ("en", "zh") for blank in (False, True)]
    return frozenset(found for text in texts for found in _PLACEHOLDER.findall(text))


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
