"""A quick share of the fuzz: every outcome is a valid result or one message."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.fuzzing import fuzz
from tests.hostile.inputs import MUTATIONS
from tests.hostile.outcomes import check_run, outcome, read, run_command

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


ASSESSED = [
    ("numbers", 2), ("numbers", 17), ("made_up", 1), ("made_up", 3), ("made_up", 12),
    ("made_up", 18), ("made_up", 38), ("made_up", 49), ("made_up", 59), ("ordinary", 12),
]  # fmt: skip
"""Inputs of which it is known that they are valid: few seconds together."""
MENDED = [("made_up", 1878), ("made_up", 3838)]
"""Some that warned or failed: all go on from an entrance, a stranger's chance underflows."""


@pytest.mark.parametrize("kind", ["bytes", "lines", "structure"])
@QUICK
@given(rng=st.randoms(use_true_random=False))
def test_mutated_cases_are_read_or_refused(kind: str, rng: random.Random) -> None:
    assert read(MUTATIONS[kind](rng))


@pytest.mark.parametrize("kind", ["numbers", "made_up", "ordinary"])
@QUICK
@given(rng=st.randoms(use_true_random=False))
def test_cases_of_the_whole_grammar_are_read_or_refused(kind: str, rng: random.Random) -> None:
    assert read(MUTATIONS[kind](rng))


@pytest.mark.parametrize(("kind", "number"), [*ASSESSED, *MENDED])
def test_cases_at_the_edge_are_assessed(kind: str, number: int) -> None:
    assert outcome(MUTATIONS[kind](random.Random(f"{kind}:{number}"))) == "valid"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["structure", "numbers", "made_up"])
@settings(QUICK, max_examples=30)
@given(rng=st.randoms(use_true_random=False))
def test_cases_are_assessed_or_refused(kind: str, rng: random.Random) -> None:
    assert outcome(MUTATIONS[kind](rng))


@pytest.mark.parametrize("number", range(8))
def test_the_command_line_says_the_same(number: int, tmp_path: Path) -> None:
    content = MUTATIONS["structure"](random.Random(f"structure:{number}"))
    file = tmp_path / "f.yaml"
    file.write_bytes(content)
    run = run_command("validate", file)
    check_run(run)
    assert (run.code == 0) == (read(content) == "valid")
    assert [p.name for p in tmp_path.iterdir()] == ["f.yaml"]


def test_the_watched_run_counts_every_input() -> None:
    figures = fuzz(inputs=6, processes=1)
    assert figures.outcomes.total() == 6
    assert not figures.defects
    assert 0.0 < figures.mib < 1024.0
