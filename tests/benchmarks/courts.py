"""The page on real cases and the numbers that reports take from it, made anew.

``python -m tests.benchmarks.courts docs/real-cases.md`` renews the tables of a page that stand
between ``<!-- NAME -->`` and ``<!-- end of NAME -->``, and ``data/real_cases.yaml``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml

from causation.case import data_path
from causation.validation.court_tables import tables
from causation.validation.real_cases import MASS, CourtReport, court_report


def as_markdown(report: CourtReport, lang: str = "en") -> dict[str, str]:
    """Return the tables as they stand in the documentation, by name."""
    found = {}
    for name, (heads, rows, numbers, _) in tables(report, lang).items():
        rule = ["---:" if i in numbers else "---" for i in range(len(heads))]
        found[name] = "".join(f"| {' | '.join(line)} |\n" for line in [heads, rule, *rows])
    return found


def summary(report: CourtReport) -> dict[str, object]:
    """What `data/real_cases.yaml` keeps: agreement on proof under every prior set."""
    rows = [r for r in report.agreements if r.what == "on_proof"]
    lost = {
        (d.case, d.victim, d.stage) for d in report.decisions if d.on_proof and not d.established
    }
    return {
        "cases": len({d.case for d in report.decisions}),
        "decisions": rows[0].decisions,
        "lost": len(lost),
        "mass": MASS,
        "agreement": {
            r.prior_set: {"agreed": r.agreed, "interval": [round(r.lo, 2), round(r.hi, 2)]}
            for r in rows
        },
    }


def _renew(page: Path, report: CourtReport) -> None:
    text = page.read_text(encoding="utf-8")
    for name, table in as_markdown(report).items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)"
        text, found = re.subn(pattern, lambda m: m[1] + table + m[2], text, flags=re.DOTALL)  # noqa: B023
        if not found:
            raise SystemExit(f"{page}: no place for the table of {name}")
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    whole = court_report()
    _renew(Path(sys.argv[1]), whole)
    data_path("real_cases.yaml").write_text(
        "# Written by `python -m tests.benchmarks.courts docs/real-cases.md`.\n"
        + yaml.safe_dump(summary(whole), sort_keys=False),
        encoding="utf-8",
    )
