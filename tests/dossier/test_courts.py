"""What is kept of the comparison with decided cases is what the table on the page says."""

from __future__ import annotations

import re
from pathlib import Path

from causation.dossier.courts import court_agreement

PAGE = Path(__file__).parents[2] / "docs" / "real-cases.md"


def test_agreement_has_the_numbers_of_the_page() -> None:
    row = re.search(
        r"\| neutral \| decided on proof \| (\d+) of (\d+) \| (0\.\d+) to (0\.\d+) \|",
        PAGE.read_text(encoding="utf-8"),
    )
    assert row is not None
    agreed, decisions, lo, hi = (float(x) for x in row.groups())
    found = court_agreement()
    assert (found.agreed, found.decisions) == (agreed, decisions)
    assert (found.lo, found.hi) == (lo, hi)
    assert 0 < found.lost < found.decisions <= found.cases
