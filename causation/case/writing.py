"""Cases to YAML, the JSON Schema for editors, and the starter case."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Any

import yaml

from causation.case.library import data_path
from causation.case.parts import Part
from causation.case.reading import plain_scalar, read_file
from causation.case.schema import Case

__all__ = ["case_json_schema", "dump_case", "plain", "starter_case", "tree_of"]

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
    """Write a part of a case, or anything it is made of, as it would stand in a file."""
    if isinstance(value, Part):
        return {
            info.alias or name: plain(stated)
            for name, info in type(value).model_fields.items()
            if name in value.model_fields_set and (stated := getattr(value, name)) is not None
        }
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, dt.date) else value


def dump_case(case: Case) -> str:
    """Write a case as YAML; reading it back gives an equal case.

    Examples
    --------
    >>> from causation.case import load_case, parse_case
    >>> case = load_case("bic-2025-doxxing")
    >>> parse_case(dump_case(case)) == case
    True
    """
    text: str = yaml.dump(
        tree_of(case),
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
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def starter_case() -> str:
    """Return a commented case file to begin with; it is valid as it is."""
    return read_file(data_path("starter.yaml")).decode("utf-8")
