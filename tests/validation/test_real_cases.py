"""The page on real cases says what the program computes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from causation.analyses.verdict import Verdict
from causation.validation.real_cases import OutcomeRow, as_markdown, outcome_table

PAGE = Path(__file__).parents[2] / "docs" / "real-cases.md"


@pytest.mark.slow
def test_page_shows_the_computed_table() -> None:
    """Numbers to 0.002: the seed is fixed, but not the last digit on every machine."""
    text = PAGE.read_text(encoding="utf-8")
    printed = text.split("<!-- table -->")[1].split("<!-- end of table -->")[0].split()
    computed = as_markdown(outcome_table()).split()
    assert len(printed) == len(computed)
    number = re.compile(r"[+-]?\d+\.\d+")
    for ours, theirs in zip(computed, printed, strict=True):
        if number.fullmatch(ours):
            assert float(theirs) == pytest.approx(float(ours), abs=0.002)
        else:
            assert theirs == ours


@pytest.mark.parametrize(
    ("verdict", "court", "agrees"),
    [
        (Verdict.MEETS, True, True),
        (Verdict.NOT_ROBUSTLY, True, True),
        (Verdict.DOES_NOT_MEET, True, False),
        (Verdict.DOES_NOT_MEET, False, True),
        (Verdict.MEETS, False, False),
    ],
)
def test_agreement(verdict: Verdict, court: bool, agrees: bool) -> None:
    row = OutcomeRow("c", "p", 0.5, 0.5, 0.5, 0.0, verdict, court)
    assert row.agrees is agrees
