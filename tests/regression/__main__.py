"""Pin the results anew: ``python -m tests.regression --write``."""

from __future__ import annotations

import argparse

from tests.regression.results import write_table

parser = argparse.ArgumentParser(prog="python -m tests.regression", description=__doc__)
parser.add_argument("--write", action="store_true", required=True)
parser.parse_args()
for key in write_table():
    print(f'{key} moved: name it in CHANGELOG.md under "Results changed"')
