"""The paragraph on decided cases says what the table on the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from causation.dossier.courts import court_agreement, court_paragraph

PAGE = Path(__file__).parents[2] / "docs" / "real-cases.md"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_paragraph_has_the_numbers_of_the_page(lang: str) -> None:
    row = re.search(
        r"\| neutral \| decided on proof \| (\d+) of (\d+) \| (0\.\d+) to (0\.\d+) \|",
        PAGE.read_text(encoding="utf-8"),
    )
    assert row is not None
    text = court_paragraph(lang)
    numbers = re.findall(r"\d+(?:\.\d+)?", text)
    assert {*row.groups()} <= {*numbers}
    assert len(numbers) == len(court_agreement().values)
    assert ("no error rate" in text) == (lang == "en")
    assert ("并非错误率" in text) == (lang == "zh")
