"""What an analyst waits for: ``python -m tests.benchmarks.notebook``.

Imports in fresh interpreters, several runs of each. Processor time does not grow while other
programs have the machine; elapsed time does.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

from causation.notebook.widgets import explore

RUNS = 5

type Pair = tuple[float, float]
"""Elapsed seconds, and seconds of the processor."""

_FRESH = """
import json, time
clock = lambda: (time.perf_counter(), time.process_time())
start = clock()
import numpy
after_numpy = clock()
import causation
bare = clock()
from causation import Case, assess, fill, load_case
ready = clock()
a = assess("bic-2025-doxxing")
first = clock()
print(json.dumps({
    "import numpy": [b - a for a, b in zip(start, after_numpy)],
    "import causation, beyond numpy": [b - a for a, b in zip(after_numpy, bare)],
    "the names for an assessment, beyond numpy": [b - a for a, b in zip(after_numpy, ready)],
    "first assessment after that": [b - a for a, b in zip(ready, first)],
    "import and first assessment, beyond numpy": [b - a for a, b in zip(after_numpy, first)],
}))
"""


def fresh(runs: int) -> dict[str, list[Pair]]:
    """Seconds of importing and of the first assessment, in new interpreters."""
    found: dict[str, list[Pair]] = {}
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-c", _FRESH], capture_output=True, check=True, text=True
        )
        for name, (elapsed, processor) in json.loads(done.stdout).items():
            found.setdefault(name, []).append((elapsed, processor))
    return found


def steps() -> dict[str, list[Pair]]:
    """Seconds of a step of each kind of slider, what it shows included."""
    box = explore("bic-2025-doxxing")
    values: dict[str, Sequence[float]] = {
        "victims.co_victims.count": range(20),
        "actor.linkage": [0.5 + k / 50 for k in range(20)],
        "sources.osint.weight": [1.1**k for k in range(1, 20)],
    }
    found = {}
    for name, row in values.items():
        slider = box.sliders[name]
        found[f"slider {name}"] = [_seconds(partial(setattr, slider, "value", v)) for v in row]
    found["explore() itself"] = [_seconds(lambda: explore("bic-2025-doxxing")) for _ in range(5)]
    return found


def _seconds(run: Callable[[], object]) -> Pair:
    start = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - start[0], time.process_time() - start[1]


def main() -> None:
    """Print the table."""
    print("| what | elapsed, least, ms | processor, median, ms | processor, worst, ms |")
    print("| --- | ---: | ---: | ---: |")
    for name, row in {**fresh(RUNS), **steps()}.items():
        elapsed, processor = zip(*row, strict=True)
        numbers = (min(elapsed), statistics.median(processor), max(processor))
        print(f"| {name} | " + " | ".join(f"{1e3 * x:.1f}" for x in numbers) + " |")


if __name__ == "__main__":
    main()
