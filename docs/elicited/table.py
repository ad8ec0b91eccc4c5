"""The shipped cases under every set, the made-up experts' too; python docs/elicited/table.py.

Their sets stand in this folder; see write.sh.
"""

import sys
from pathlib import Path

from causation import assess, bundled_cases
from causation.case import bundled_prior_sets

FOLDER = Path(__file__).resolve().parent
SETS = [*bundled_prior_sets(), FOLDER / "expert-one.yaml", FOLDER / "expert-two.yaml"]


def rows(cases: list[str]) -> list[str]:
    """Rows of the table: the held probability, marked where it reaches the standard."""
    found = []
    for case in cases:
        cells = []
        for priors in SETS:
            a = assess(case, priors=priors)
            met = a.held.probability >= a.threshold
            cells.append(f"**{a.held.probability:.2f}**" if met else f"{a.held.probability:.2f}")
        found.append(f"| {case} | {' | '.join(cells)} |")
    return found


if __name__ == "__main__":
    names = [name.stem if isinstance(name, Path) else name for name in SETS]
    head = [f"| case | {' | '.join(names)} |", f"| --- |{' --- |' * len(SETS)}"]
    lines = [*head, *rows(sys.argv[1:] or list(bundled_cases()))]
    sys.stdout.write("\n".join(lines) + "\n")
