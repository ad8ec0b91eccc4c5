"""The pages that lead through a report name sections that it has."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
CITED = re.compile(r"(?<![\d.¶])(\d\.\d+)(?![\d.%])|Annex ([A-E])")


@pytest.mark.parametrize(
    "page",
    [
        "howto/read-a-report.md",
        "reference/report-items.md",
        "howto/defend-under-cross-examination.md",
    ],
)
def test_sections_that_a_page_names_exist(
    page: str, file_of: Callable[[str, str, str], bytes]
) -> None:
    report = file_of("bic-2025-doxxing", "en", "md").decode("utf-8")
    headings = set(re.findall(r"^#+ (?:Annex )?([\d.]+|[A-E]) ", report, flags=re.MULTILINE))
    rows = re.findall(r"^\|.*\| ([^|]+) \|$", (DOCS / page).read_text("utf-8"), flags=re.MULTILINE)
    cited = {a or b for row in rows for a, b in CITED.findall(row)}
    assert len(cited) > 8
    assert cited - headings == set()


def test_the_guide_calls_sections_as_the_report_does(
    file_of: Callable[[str, str, str], bytes],
) -> None:
    report = file_of("bic-2025-doxxing", "en", "md").decode("utf-8")
    guide = (DOCS / "howto" / "read-a-report.md").read_text("utf-8")
    for number, name in re.findall(r"\| (\d\.\d+) ([A-Z][a-z]+)", guide):
        assert re.search(
            rf"^#+ {re.escape(number)} .*{name}", report, flags=re.MULTILINE | re.IGNORECASE
        ), number
