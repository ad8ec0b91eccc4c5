"""Time and memory of one assessment: ``python -m tests.benchmarks.estimator``.

Absolute times are of the machine; the ratio to the imports that no assessment can avoid is taken
from alternating runs.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

IMPORTS = "import numpy, scipy.special, pydantic, yaml"
COMMAND = Path(sys.executable).with_name("causation")

MEMORY = """
from causation.dossier.assessment import assess
from causation.case import load_case
from tests.hostile.memory import peak_mib
case = load_case("bic-2025-doxxing").replace({{"victims.co_victims.count": {count}}})
assess(case).to_dict()
print(peak_mib())
"""


def _cpu(command: list[str]) -> float:
    """CPU seconds (user and system) of a finished child process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def cold_start(rounds: int = 5) -> None:
    """Whole process against the unavoidable imports, in turn."""
    ours, floor = [], []
    for _ in range(rounds):
        ours.append(_cpu([str(COMMAND), "assess", "bic-2025-doxxing"]))
        floor.append(_cpu([sys.executable, "-c", IMPORTS]))
    ratios = sorted(a / b for a, b in zip(ours, floor, strict=True))
    print(f"cold `causation assess bic-2025-doxxing`: {statistics.median(ours):.2f} CPU s")
    print(f"cold `python -c '{IMPORTS}'`: {statistics.median(floor):.2f} CPU s")
    print(f"ratio: median {statistics.median(ratios):.2f}, {ratios[0]:.2f} to {ratios[-1]:.2f}")


def _median(run: Callable[[], object], rounds: int = 15) -> tuple[float, float]:
    run()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times), min(times)


def in_process() -> None:
    """The answer by size of the co-victim group, and everything that is printed, by case."""
    from causation.case import bundled_cases, fill, load_case
    from causation.dossier.assessment import assess

    case = load_case("bic-2025-doxxing")
    for count in (1, 5, 100, 10_000, 1_000_000):
        filled = fill(case.replace({"victims.co_victims.count": count}))
        median, least = _median(lambda f=filled: assess(f), rounds=5)  # type: ignore[misc]
        print(f"assess, {count} co-victims: median {median:.0f} ms, least {least:.0f} ms")
    for name in bundled_cases():
        filled = fill(load_case(name))
        for title, whole in (("answer and roles", False), ("everything that is printed", True)):
            median, least = _median(
                lambda f=filled, w=whole: assess(f).to_dict(whole=w),  # type: ignore[misc]
                rounds=3,
            )
            print(f"{name}, {title}: median {median:.0f} ms, least {least:.0f} ms")


def memory() -> None:
    """Peak resident memory of a process that does nothing else."""
    for count in (5, 1_000_000):
        command = [sys.executable, "-c", MEMORY.format(count=count)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        print(f"peak memory, {count} co-victims: {float(done.stdout):.0f} MiB")


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    cold_start()
    in_process()
    memory()
