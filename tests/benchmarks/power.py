"""Power of the fit check: how often it warns in each world, with few victims and with many."""

from __future__ import annotations

import argparse
from pathlib import Path

from causation.output import write_whole
from causation.validation.calibration import CalibrationReport
from causation.validation.scoring import score
from causation.validation.tables import fit_table
from causation.validation.worlds import WORLDS

__all__ = ["main"]


def main() -> None:
    """Count warnings of the fit check, and write a table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cases", type=int, default=100, help="cases of each world")
    parser.add_argument("--crowd", type=int, default=5, help="victims for each further one")
    parser.add_argument("--world", action="append", help="by default all of them")
    parser.add_argument("--seed", type=int, default=20250723)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the table (Markdown)")
    options = parser.parse_args()
    scores = score(
        options.cases,
        worlds=options.world or list(WORLDS),
        random_seed=options.seed,
        workers=options.workers,
        fit=options.cases,
        crowd=options.crowd,
    )
    report = CalibrationReport(options.cases, options.seed, scores)
    write_whole(options.output, fit_table(report))


if __name__ == "__main__":
    main()
