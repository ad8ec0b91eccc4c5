"""The integrator against the independent reference: ``python -m tests.benchmarks.accuracy``.

Draws cases of every shape, integrates them by the product and by `tests.reference`, and prints
how far apart log10 evidence and probabilities are. Cases that the reference does not resolve to
a third of the tolerance are counted and left out.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from dataclasses import dataclass

import numpy as np

from causation.case import fill, parse_case
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model
from tests.reference.copying import from_filled
from tests.reference.evidence import LN10, Claim, Evidence
from tests.reference.prior import name
from tests.reference.random_cases import SHAPES, random_tree

NEAR, FAR = 0.01, 0.01
"""Tolerances: log10 within 20 bans of the best route, and relative beyond."""
RESOLVED = NEAR / 3.0


@dataclass(frozen=True, slots=True)
class Compared:
    """How far apart the two are.

    Parameters
    ----------
    near, beyond : float
        Largest difference of log10 evidence within 20 bans of the best route, and the largest
        relative one of the others.
    stated : float
        Largest near difference in standard errors of both.
    probability : float
        Difference of the probability of the proposition.
    """

    near: float
    beyond: float
    stated: float
    probability: float

    @property
    def wrong(self) -> bool:
        """Whether a tolerance is missed."""
        return self.near > NEAR or self.beyond > FAR


def compare(seed: int, shape: str, *, log2: int = 14) -> Compared | None:
    """Compare one case; None if the reference does not resolve it."""
    filled = fill(parse_case(json.dumps(random_tree(seed, shape))))
    theirs = Evidence(from_filled(filled), "importance", log2=log2)
    table = {name(z): (x / LN10, theirs.error[z]) for z, x in theirs.log.items()}
    if max(error for _, error in table.values()) > RESOLVED:
        return None
    model = build_model(filled)
    answer = evaluate(model)
    ours = answer.log_evidence[0] / LN10
    exact = np.array([table[r][0] for r in model.route_names])
    errors = np.hypot(answer.error[0], [table[r][1] for r in model.route_names])
    with np.errstate(invalid="ignore"):
        difference = np.abs(np.where(ours == exact, 0.0, ours - exact))
        stated = difference / np.where(errors > 0.0, errors, np.inf)
        beyond = difference / np.abs(np.where(exact == 0.0, 1.0, exact))
    near = exact > exact.max() - 20.0
    p = filled.proposition
    chance = theirs.probability(Claim(p.sources, p.role, p.fields, p.any), p.victim)
    return Compared(
        float(difference[near].max()),
        float(beyond[~near].max(initial=0.0)),
        float(stated[near].max()),
        abs(chance - float(answer.probability[0])),
    )


def main() -> None:
    """Compare, and print a summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=30)
    parser.add_argument("--first", type=int, default=0, help="seed of the first case")
    parser.add_argument("--log2", type=int, default=14, help="points of the background, power of 2")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", RuntimeWarning)
    found: list[Compared] = []
    unresolved, wrong = 0, []
    start = time.perf_counter()
    for seed in range(arguments.first, arguments.first + arguments.cases):
        shape = SHAPES[seed % len(SHAPES)]
        compared = compare(seed, shape, log2=arguments.log2)
        if compared is None:
            unresolved += 1
            continue
        found.append(compared)
        if compared.wrong:
            wrong.append(f"{shape} {seed}")
            print(f"{wrong[-1]}: {compared}", flush=True)
    print(
        f"cases compared: {len(found)}; unresolved by the reference: {unresolved}; "
        f"{time.perf_counter() - start:.0f} s"
    )
    for title, values in (
        ("log10 evidence within 20 bans of the best route", [c.near for c in found]),
        ("the same in standard errors", [c.stated for c in found]),
        ("beyond 20 bans, relative", [c.beyond for c in found]),
        ("probability of the proposition", [c.probability for c in found]),
    ):
        print(f"{title}: worst {max(values):.5f}, median {np.median(values):.5f}")
    print(f"outside the tolerance ({NEAR} and {FAR:.0%}): {len(wrong)} {', '.join(wrong)}")


if __name__ == "__main__":
    main()
