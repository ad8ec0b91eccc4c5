"""Shipped cases, mutated: every outcome is a case or a case error."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causation.case import (
    Case,
    bundled_cases,
    data_path,
    fill,
    load_case,
    parse_case,
    starter_case,
)
from causation.document.reading import read_document
from causation.errors import CaseError

_TEXTS = [
    data_path("cases", f"{name}.yaml").read_text(encoding="utf-8") for name in bundled_cases()
]
_TEXTS.append(starter_case())
_TREES = [read_document(text).tree for text in _TEXTS]
_ODD = st.one_of(
    st.sampled_from(
        [
            True,
            False,
            0,
            1,
            -1,
            0.5,
            1e-300,
            1e300,
            10**17,
            "",
            "x",
            "platform",
            [],
            {},
            [0.2, 0.1],
            [0.5, 0.5],
            [0, 1],
            [1, 2],
            ["phone"],
            {"x": 1},
            "phone",
            "unknown",
            "no",
            [[[]]],
        ]
    ),
    st.floats(),
    st.integers(-(10**30), 10**30),
    st.text(max_size=5),
)


def complaint(content: str | bytes | dict[str, Any]) -> str | None:
    """Message of the case error, or None where the content is a case that fills."""
    try:
        if isinstance(content, dict):
            fill(Case.model_validate(content))
        else:
            fill(parse_case(content, file="f.yaml"))
    except CaseError as error:
        return str(error)
    return None


def outcome(content: str | bytes | dict[str, Any]) -> None:
    message = complaint(content)
    assert message is None or (message and "\n" not in message)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(_TEXTS), st.data())
def test_mutated_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    size = data.draw(st.integers(0, 30))
    insert = data.draw(
        st.text(max_size=6) | st.sampled_from(["\n", ": ", "- ", "{", "[", "&a ", "*a", "!!x "])
    )
    outcome(text[:start] + insert + text[start + size :])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(_TREES), st.data())
def test_mutated_trees(tree: dict[str, Any], data: st.DataObject) -> None:
    tree = copy.deepcopy(tree)
    place: Any = tree
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
            place = place[key]
            continue
        break
    if data.draw(st.booleans()):
        place[key] = data.draw(_ODD)
    else:
        del place[key]
    outcome(tree)


def test_markers_in_texts_never_come_out_of_errors() -> None:
    marker = "Zhang-San-Secret"
    base = load_case("bic-2025-doxxing")
    text = data_path("cases", "bic-2025-doxxing.yaml").read_text(encoding="utf-8")
    marked = text.replace("A doxxed forum user", marker).replace("Plaintiff", marker)
    assert parse_case(marked) != base
    for broken in ("count: 5", "kind: inference", "linkage", "date: 2014"):
        for junk in (f"{broken} {marker}: [", f"zzz: {marker}"):
            assert marker not in (complaint(marked.replace(broken, junk, 1)) or "")


def _large(sources: int, findings: int, groups: int) -> str:
    rows = ["schema: 2", "id: large", "proposition: s0", "sources:"]
    rows += [f"  s{i}: {{kind: custodian, holds: [phone]}}" for i in range(sources)]
    rows += ["victims:"]
    rows += ["  - {id: p, plaintiff: true, disclosed: [phone]}"]
    known = "known_by: {published_all: [phone]}"
    rows += [f"  - {{id: v{i}, count: 100, disclosed: [phone], {known}}}" for i in range(1, groups)]
    rows += ["findings:"]
    rows += [
        f"  - {{id: f{i}, template: stale_value, about: s{i % sources}}}" for i in range(findings)
    ]
    return "\n".join(rows)


@pytest.mark.parametrize(("sources", "findings", "groups"), [(1000, 100, 100), (4, 10_000, 10_000)])
def test_large_cases_load_in_seconds(sources: int, findings: int, groups: int) -> None:
    start = time.process_time()
    filled = fill(parse_case(_large(sources, findings, groups)))
    assert len(filled.findings) == findings
    assert time.process_time() - start < 20  # well under 2 s on an idle machine


def test_too_large_cases_are_refused() -> None:
    for sizes, path in (
        ((4, 10_001, 1), "findings"),
        ((4, 1, 10_001), "victims"),
        ((1000, 1001, 1), "findings"),
    ):
        with pytest.raises(CaseError) as caught:
            parse_case(_large(*sizes))
        assert caught.value.path == path
        assert "at most" in str(caught.value.allowed)


def test_the_examples_in_the_documentation_of_this_package_hold() -> None:
    import doctest
    import importlib
    import pkgutil

    import causation.case
    import causation.document

    names = [
        module.name
        for room in (causation.case, causation.document)
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}.")
    ]
    tried = 0
    for name in names:
        result = doctest.testmod(importlib.import_module(name))
        assert result.failed == 0, name
        tried += result.attempted
    assert tried > 20
