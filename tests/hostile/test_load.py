"""A quick share of the load: what is too large is refused by name, what is large is answered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.hostile.loads import LOADS, large_case, run_load
from tests.hostile.outcomes import check_message, check_result, run_command


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("11 different groups of uncertain linkage", "11 different groups of uncertain linkage"),
        ("1001 sources", "at most 1000"),
    ],
)
def test_what_is_too_large_is_refused_by_name(name: str, named: str, tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    file.write_text(LOADS[name][0], encoding="utf-8")
    run = run_command("assess", file, "--json")
    assert run.code == 2
    check_message(run.err.removesuffix("\n"))
    assert named in run.err


@pytest.mark.parametrize("name", ["10^6 victims in 1000 groups", "1000 groups of different sizes"])
def test_many_victims_are_answered_in_bounded_memory(name: str) -> None:
    figure = run_load(LOADS[name][0])
    assert figure.code == 0, figure.message
    assert figure.mib < 1024.0


def test_a_case_with_many_of_everything_is_answered(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    file.write_text(large_case(sources=40, findings=60, groups=60), encoding="utf-8")
    run = run_command("assess", file, "--json")
    assert run.code == 0, run.err
    check_result(json.loads(run.out))
