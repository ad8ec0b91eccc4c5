#!/usr/bin/env python3
"""Write what `causation selftest` finds to data/published/reproduced.yaml, which reports print."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from causation.validation.selftest import run_selftest

PLACE = Path(__file__).resolve().parent.parent / "data" / "published" / "reproduced.yaml"


def main() -> None:
    """Run it, and write the date and every row: name, published, ours, whether they agree."""
    lines = [f"date: '{dt.datetime.now(dt.UTC):%Y-%m-%d}'", "rows:"]
    for row in run_selftest():
        name, published, ours, _, _ = row.cells()
        lines.append(f"- {json.dumps([name, published, ours, row.agrees])}")
    head = "# What `causation selftest` found; written by tools/selftest_record.py.\n"
    PLACE.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
