"""The integrator against the independent reference: ``python -m tests.benchmarks.accuracy``.

Draws hard problems (see `tests.reference.grid`), integrates them by both roads, and prints how
far apart they are. Problems that the reference itself cannot resolve are counted and left out.
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np

from causation.errors import RefusalError
from causation.inference.components import compute_components
from causation.inference.integrate import IntegratorSettings
from causation.scales import LN10
from tests.bridge import model_of
from tests.reference import evidence as reference
from tests.reference import grid

NEAR, FAR = 0.01, 0.01
"""Tolerances: log10 within 20 bans of the best source, and relative beyond."""


def compare(problem: reference.Problem) -> tuple[float, float] | None:
    """Largest error near the best source (log10) and beyond (relative); None if unresolved."""
    try:
        theirs = reference.evidence(problem)
    except (np.linalg.LinAlgError, ArithmeticError):
        return None
    if not (theirs.error < 0.002).all():
        return None
    model = model_of(problem)
    (components,) = compute_components([model], IntegratorSettings())
    replicates = components.log_evidence(model.log_prior, model.linkage, model.misfit)
    top = replicates.max(axis=0)
    finite = np.where(np.isfinite(top), top, 0.0)
    ours = (finite + np.log(np.exp(replicates - finite).mean(axis=0))) / LN10
    exact = theirs.log / LN10
    with np.errstate(invalid="ignore"):
        difference = np.abs(np.where(ours == exact, 0.0, ours - exact))
    near = exact > exact.max() - 20.0
    beyond = difference[~near] / np.abs(exact[~near])
    return float(difference[near].max()), float(beyond.max(initial=0.0))


def main() -> None:
    """Compare, and print a summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="seed of the first problem")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", RuntimeWarning)
    near, beyond, unresolved, refused, wrong = [], [], 0, 0, []
    start = time.perf_counter()
    for seed in range(arguments.first, arguments.first + arguments.problems):
        problem = grid.hard_problem(np.random.default_rng(seed))
        try:
            found = compare(problem)
        except RefusalError:
            refused += 1
            continue
        if found is None:
            unresolved += 1
            continue
        near.append(found[0])
        beyond.append(found[1])
        if found[0] > NEAR or found[1] > FAR:
            wrong.append(seed)
    print(f"problems compared: {len(near)}; unresolved by the reference: {unresolved}; "
          f"refused by the integrator: {refused}; {time.perf_counter() - start:.0f} s")  # fmt: skip
    print(f"log10 evidence within 20 bans of the best: worst {max(near):.4f}, "
          f"median {np.median(near):.5f}")  # fmt: skip
    print(f"beyond 20 bans, relative: worst {max(beyond):.5f}")
    print(f"outside the tolerance ({NEAR} and {FAR:.0%}): {len(wrong)} {wrong or ''}")


if __name__ == "__main__":
    main()
