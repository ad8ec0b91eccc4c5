"""The other side's program: plain NumPy, written from the page on the model, against ours."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path
from typing import Any

import pytest

from causation import Case, assess, load_case

SCRIPT = Path(__file__).parents[2] / "docs" / "replication" / "beijing.py"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


def test_it_is_short_and_knows_nothing_of_the_package() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 200
    imported = {
        name.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported == {"__future__", "sys", "numpy"}


def _readings() -> dict[str, Case]:
    shipped = load_case("bic-2025-doxxing")
    return {
        "as the file states it": shipped,
        "nothing defined the list": shipped.replace({"victims.co_victims.known_by": "exposure"}),
        "the same four fields of each of the five": shipped.with_variant("same_fields"),
        "their other fields were not published": shipped.reading("silence_others"),
    }


@pytest.mark.parametrize("name", list(_readings()))
def test_every_reading_of_the_beijing_case_agrees(script: dict[str, Any], name: str) -> None:
    theirs = script["answer"](draws=400_000, **script["READINGS"][name])
    assert assess(_readings()[name]).probability == pytest.approx(theirs, abs=0.01)


def test_it_has_the_same_routes(script: dict[str, Any]) -> None:
    ours = assess("bic-2025-doxxing").prior
    theirs = {"/".join(route): p for route, p in script["routes"]().items()}
    assert ours == pytest.approx(theirs, abs=1e-9)
