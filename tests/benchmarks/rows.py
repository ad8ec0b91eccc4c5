"""Whether stated errors hold for many rows at once: ``python -m tests.benchmarks.rows``.

Random cases of every shape, as they are and made harder; in each the inputs are redrawn and two of
them at a time are shifted far. Where the victims separate nested quadrature with fine nodes tells
every row's integral; all rows are sampled in one call as if they did not, over several seeds.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from causation.analyses.redrawn import redrawn_rows
from causation.case import Case, fill
from causation.errors import CausationError
from causation.inference.evaluation import Evaluation
from causation.inference.integral import Integral
from causation.inference.integrate import DRAFT, integrate
from causation.inference.problem import RouteProblem
from causation.inference.quadrature import Accuracy
from causation.model.structure import Model, Scenarios, build_model, concatenate
from causation.scales import Scale
from tests.hostile.searching import harder
from tests.reference.random_cases import SHAPES, random_tree

__all__ = ["Row", "compared", "problems"]

LN10 = float(np.log(10.0))
LEAST = 1e-4
"""Bans of error that every row is granted."""


@dataclass(frozen=True)
class Row:
    """A row's difference in bans, its stated error, and where it is found."""

    off: float
    error: float
    case: int
    hard: bool
    route: str
    seed: int
    row: int

    @property
    def errors(self) -> float:
        """The difference in stated errors."""
        return abs(self.off) / max(self.error, LEAST)


def _shifted(model: Model, rng: np.random.Generator, rows: int) -> Scenarios:
    """Rows with two numbers each shifted by up to 4, as wide axes of a sweep have them."""
    whole = concatenate([model.base()] * rows)
    center = whole.center.copy()
    free = [i for i, n in enumerate(model.numbers) if n.scale not in (Scale.COUNT, Scale.UNIT)]
    for row in center:
        row[rng.choice(free, min(2, len(free)), replace=False)] += rng.uniform(-4.0, 4.0)
    return replace(whole, center=center)


def problems(case: int, *, hard: bool) -> Iterator[tuple[str, RouteProblem, Integral]]:
    """Up to three routes of a random case with 41 rows, and their integrals."""
    rng = np.random.default_rng([case, 7])
    tree: dict[str, Any] = random_tree(case, SHAPES[case % len(SHAPES)])
    try:
        model = build_model(fill(Case.model_validate(harder(tree, rng) if hard else tree)))
    except (CausationError, ValueError):
        return
    seeds = rng.integers(10**6, size=2).tolist()
    drawn = [redrawn_rows(model, sd, n, random_seed=s)
             for sd, n, s in zip((0.5, 1.0), (20, 12), seeds, strict=True)]  # fmt: skip
    rows = concatenate([model.base(), *drawn, _shifted(model, rng, 8)])
    e = Evaluation(model, rows, DRAFT)
    e.accuracy = Accuracy(0.6, 6.5)
    named = [z for z, r in enumerate(model.routes) if not r.vague] if e.series.victims else []
    for z in rng.permutation(named)[:3].tolist():
        route, reach = model.routes[z], model.reach_of[z]
        known, density = e.nested(route, reach, np.arange(len(rows)), ()), e.density(route, reach)
        if known is not None and known.error.max() < 2.0 * LEAST and density.dim:
            yield route.name, RouteProblem(density, rows.center, rows.sd, e.log_b), known


def compared(case: int, *, hard: bool, seeds: int) -> Iterator[Row]:
    """Every row of a case that can be compared, over seeds."""
    for route, problem, known in problems(case, hard=hard):
        for seed in range(seeds):
            got = integrate(problem, replace(DRAFT, random_seed=1000 * case + seed))
            off = (got.value - known.value) / LN10
            for row in np.flatnonzero(np.isfinite(known.value)).tolist():  # not the impossible
                yield Row(float(off[row]), float(got.error[row]), case, hard, route, seed, row)


def main() -> None:
    """Print how large differences are in stated errors, and the worst ten."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--cases", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    start = time.process_time()
    found: list[Row] = []
    for case in range(given.start, given.start + given.cases):
        for hard in (False, True):
            found += compared(case, hard=hard, seeds=given.seeds)
    z = np.array([x.errors for x in found])
    sure = [abs(x.off) for x in found if x.error < 0.01]
    shares = ", ".join(f"{np.mean(z > most):.3%} beyond {most}" for most in (1.96, 3, 4, 6))
    print(f"{len(z)} rows, {time.process_time() - start:.0f} s: {shares}, largest {z.max():.1f}")
    print(f"largest difference {max(abs(x.off) for x in found):.3f} bans, "
          f"of errors below .01 {max(sure):.3f}")  # fmt: skip
    for x in sorted(found, key=lambda x: -x.errors)[:10]:
        print(f"{x.errors:.1f} errors: {x}")


if __name__ == "__main__":
    main()
