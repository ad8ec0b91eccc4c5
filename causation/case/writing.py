"""Cases to YAML, the JSON Schema for editors, and the starter case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from causation.case.priors import PriorSet
from causation.case.schema import Case
from causation.document.shipped import shipped
from causation.document.writing import dump, texts_of
from causation.errors import CaseError


def dump_prior_set(priors: PriorSet | Mapping[str, Any]) -> str:
    """Write a prior set as YAML; reading it back gives an equal set.

    Examples
    --------
    >>> from causation.case import load_prior_set, parse_prior_set
    >>> neutral = load_prior_set("neutral")
    >>> parse_prior_set(dump_prior_set(neutral)) == neutral
    True
    """
    return dump(priors)


def dump_case(case: Case) -> str:
    """Write a case as YAML; reading it back gives an equal case.

    Examples
    --------
    >>> from causation.case import load_case, parse_case
    >>> case = load_case("bic-2025-doxxing")
    >>> parse_case(dump_case(case)) == case
    True
    """
    return dump(case)


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
    return str(shipped("starter.yaml")[f"blank_{lang}" if blank else lang])


_PLACEHOLDER = re.compile(r"<[^<>\n]{1,80}>")


def refuse_placeholders(tree: Any, *, file: str | None) -> None:
    """Refuse a case, as plain data, of which a text is still a placeholder of the starter.

    Raises
    ------
    CaseError
        It names them all, and the place of the first.
    """
    if left := placeholders_left(tree):
        path, words = next(iter(left)), dict.fromkeys(", ".join(left.values()).split(", "))
        raise CaseError(
            "a placeholder of the starter is left", file=file, path=path, found=", ".join(words)
        )


def placeholders_left(tree: Any) -> dict[str, str]:
    """Return the placeholders of the starter that are left in a case, as plain data, by path.

    Examples
    --------
    >>> placeholders_left({"title": {"en": "<claimant> v. a <forum>"}})
    {'title.en': '<claimant>'}
    """
    return {
        path: ", ".join(left)
        for path, text in texts_of(tree)
        if "<" in text and (left := [p for p in _PLACEHOLDER.findall(text) if p in _placeholders()])
    }


@cache
def _placeholders() -> frozenset[str]:
    texts = [starter_case(lang, blank=blank) for lang in ("en", "zh") for blank in (False, True)]
    return frozenset(found for text in texts for found in _PLACEHOLDER.findall(text))
