"""The long runs, and the figures for docs/reliability.md: ``python -m tests.hostile``."""

from __future__ import annotations

import argparse
import sys
import time

from tests.hostile.fuzzing import fuzz


def run_fuzz(options: argparse.Namespace) -> bool:
    """Fuzz the command line; whether no defect was found."""
    began = time.monotonic()
    figures = fuzz(inputs=options.inputs, start=options.start, processes=options.processes)
    print(f"fuzz: {figures.outcomes.total()} inputs in {time.monotonic() - began:.0f} s")
    for (kind, outcome), count in sorted(figures.outcomes.items()):
        print(f"  {kind:10} {outcome:8} {count:6}")
    print(f"  slowest {figures.slowest:.1f} s ({figures.slowest_input}); {figures.mib:.0f} MiB")
    for defect in figures.defects:
        print(f"  DEFECT {defect}")
    return not figures.defects


RUNS = {"fuzz": run_fuzz}


def main() -> int:
    """Run what is asked for, or everything; 1 where something broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("runs", nargs="*", choices=[*RUNS, []], help="default: all")
    parser.add_argument("--inputs", type=int, default=20_000, help="inputs of the fuzz")
    parser.add_argument("--start", type=int, default=0, help="number of the first input")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    good = [RUNS[name](options) for name in options.runs or RUNS]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
