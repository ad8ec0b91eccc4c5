"""What one assessment costs: part by part, cold, and in memory.

    python -m tests.benchmarks.assessment

CPU time of one thread is printed, so that a busy machine says nearly the same as an idle one:
medians of five rounds in process, and the least of five cold starts, with compiled bytecode.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from causation.analyses.fit import fit_check
from causation.analyses.inquiry import inquire
from causation.analyses.tipping import tipping_points
from causation.analyses.tornado import tornado
from causation.dossier.assessment import Assessment, assess

CASE = "bic-2025-doxxing"
PRINTED = ("roles", "variants", "redraws", "sets", "burden", "contributions", "dependence",
           "prior_curve", "carriers", "uncertainty")  # fmt: skip
"""What `assess` prints beside the answer."""
BESIDE: dict[str, Callable[[Assessment], object]] = {
    "if a fact is wrong": lambda a: a.if_wrong,
    "tornado": lambda a: tornado(a.model),
    "tipping points": lambda a: tipping_points(a.model, bound=a.bound),
    "fit check, 60 draws": lambda a: fit_check(a.model, a.answer, draws=60),
    "inquiries": lambda a: inquire(a.model, bound=a.bound),
}
"""What a report adds."""
COLD = {
    "imports of others": ["-c", "import numpy, scipy.special, pydantic, yaml"],
    "imports, ours too": ["-c", "import causation.dossier.assessment"],
    "answer alone": ["-c", f"from causation import assess; assess('{CASE}').to_dict(whole=False)"],
    "assess": ["-m", "causation", "assess", CASE],
}
MEMORY = f"""
from causation import assess
from tests.hostile.memory import peak_mib
assess("{CASE}").to_dict()
print(peak_mib())
"""


def cpu(run: Callable[[], object]) -> float:
    """CPU time in milliseconds."""
    start = time.process_time()
    run()
    return 1e3 * (time.process_time() - start)


def parts() -> dict[str, float]:
    """Milliseconds of every part of one assessment, in process."""
    found = {"answer": 0.0}
    made: list[Assessment] = []
    found["answer"] = cpu(lambda: made.append(assess(CASE)))
    a = made[0]
    for name in PRINTED:
        found[name] = cpu(lambda name=name: getattr(a, name))  # type: ignore[misc]
    found["all that assess prints"] = sum(found.values())
    for name, run in BESIDE.items():
        found[name] = cpu(lambda run=run: run(a))  # type: ignore[misc]
    return found


def cold(arguments: list[str], environment: dict[str, str]) -> float:
    """CPU seconds of a fresh interpreter."""
    before = os.times()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)
    after = os.times()
    return (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )


def cold_starts() -> dict[str, float]:
    """CPU seconds of every start, in turns, with bytecode in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder, "OPENBLAS_NUM_THREADS": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        rounds = [{n: cold(x, environment) for n, x in COLD.items()} for _ in range(6)]
    return {name: min(r[name] for r in rounds[1:]) for name in COLD}


def main() -> None:
    """Print the tables."""
    parts()
    rounds = [parts() for _ in range(5)]
    for name in rounds[0]:
        print(f"{name:28} {statistics.median(r[name] for r in rounds):8.1f} ms")
    seconds = cold_starts()
    for name, s in seconds.items():
        print(f"cold: {name:22} {s:8.2f} s  {s / seconds['imports of others']:.2f}")
    command = [sys.executable, "-c", MEMORY]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    print(f"peak memory: {float(done.stdout):.0f} MiB")


if __name__ == "__main__":
    main()
