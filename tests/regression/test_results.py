"""Results move on purpose or not at all, and a move is named in the change log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from causation.version import VERSION
from tests.regression.results import (
    compute_results,
    differences,
    keys,
    moved_since_release,
    read_table,
)

_CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"


def results_changed(text: str) -> str:
    """The part of a change log under its first heading "Results changed"."""
    match = re.search(r"^###? Results changed$(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    return match[1] if match else ""


def _check(key: str, *, whole: bool) -> None:
    pinned = read_table()["results"].get(key, {})
    moved = differences(pinned, compute_results(key, whole=whole), whole=whole)
    assert not moved, (
        f"results of {key} changed: {'; '.join(moved[:8])}. If this is meant, pin them with "
        'python -m tests.regression --write and say why in CHANGELOG.md under "Results changed"'
    )


@pytest.mark.parametrize("key", keys())
def test_answers_are_those_of_the_release(key: str) -> None:
    _check(key, whole=False)


@pytest.mark.slow
@pytest.mark.parametrize("key", keys())
def test_verdicts_and_redraws_are_those_of_the_release(key: str) -> None:
    _check(key, whole=True)


def test_the_table_has_what_is_shipped_and_nothing_else() -> None:
    table = read_table()
    assert set(table["results"]) == set(keys())
    assert table["version"] == VERSION


def test_moves_are_named_in_the_change_log() -> None:
    section = results_changed(_CHANGELOG.read_text(encoding="utf-8"))
    unnamed = [k for k in moved_since_release(read_table()) if k.split("/")[0] not in section]
    assert not unnamed, f'CHANGELOG.md, "Results changed", does not name {", ".join(unnamed)}'


def test_a_move_is_seen() -> None:
    pinned: dict[str, float | str] = {"probability": 0.5, "verdict": "meets"}
    assert not differences(pinned, {"probability": 0.5 + 1e-5, "verdict": "meets"})
    now: dict[str, float | str] = {"probability": 0.501, "verdict": "does_not_meet"}
    assert len(differences(pinned, now)) == 2
    assert differences(pinned, {"probability": 0.5}) == ["verdict: gone"]


def test_a_move_counts_from_the_release_before() -> None:
    table = {
        "version": "2",
        "results": {"a/neutral": {"probability": 0.5}, "b/neutral": {"probability": 0.5}},
        "release_before": {
            "version": "1",
            "results": {"a/neutral": {"probability": 0.4}, "b/neutral": {"probability": 0.5}},
        },
    }
    assert moved_since_release(table) == ["a/neutral"]
    assert not moved_since_release({**table, "release_before": {}})


def test_the_section_of_a_change_log_ends_where_the_next_begins() -> None:
    log = "## 1\n### Added\n- a\n### Results changed\n- one\n\n## 0\n### Results changed\n- two\n"
    assert "one" in results_changed(log)
    assert "two" not in results_changed(log)
    assert not results_changed("## 1\n")
