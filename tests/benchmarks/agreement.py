"""Agreement of the three engines: integrator, NUTS and sequential Monte Carlo.

Run ``python -m tests.benchmarks.agreement --help`` for what the tables in the documentation
are made with.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from causation.case import bundled_cases
from causation.errors import RefusalError
from causation.inference.evaluate import Answer
from causation.inference.infer import infer
from causation.model.simulation import simulate
from causation.model.structure import Model, build_model
from causation.output import write_whole
from causation.scales import LN10
from causation.validation.designs import designs

__all__ = ["Agreement", "compare", "compare_nuts", "compare_smc", "shipped", "simulated"]

LIMIT = 4.0
"""Standard errors within which engines must agree."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One engine against the integrator on one case.

    Parameters
    ----------
    case, engine : str
    difference : float
        Largest difference over routes: of the probability (NUTS), or of the log10 evidence
        (sequential Monte Carlo).
    standard_errors : float
        Largest difference over routes, each in its own standard error.
    note : str
        Diagnostics of the run, or why it was refused.
    """

    case: str
    engine: str
    difference: float
    standard_errors: float
    note: str

    @property
    def agrees(self) -> bool:
        """Whether every route agrees within four standard errors."""
        return self.standard_errors <= LIMIT

    def row(self) -> str:
        """As a row of a Markdown table."""
        return (
            f"| {self.case} | {self.engine} | {self.difference:.4f} "
            f"| {self.standard_errors:.2f} | {'yes' if self.agrees else 'NO'} | {self.note} |"
        )


HEAD = (
    "| case | engine | largest difference | in standard errors | agrees | diagnostics |\n"
    "| --- | --- | --- | --- | --- | --- |"
)


def compare_nuts(
    name: str, model: Model, reference: Answer, *, random_seed: int, **options: Any
) -> Agreement:
    """NUTS against the integrator, by the posterior of every route; ArviZ's standard errors."""
    import arviz

    from causation.inference.mcmc import quiet, sample

    found = sample(model, random_seed=random_seed, **options)
    posterior = found.tree["posterior"].to_dataset()
    p = reference.posterior[0]
    error = np.hypot(found.error[0], reference.error[0]) * p * LN10
    gap = np.abs(found.posterior[0] - p)
    with quiet():
        rhat = max(float(v.max()) for v in arviz.rhat(posterior).data_vars.values())
        ess = min(float(v.min()) for v in arviz.ess(posterior).data_vars.values())
    divergences = int(found.tree["sample_stats"]["diverging"].sum())
    note = f"R-hat {rhat:.4f}, ESS {ess:.0f}, {divergences} divergences"
    return Agreement(name, "nuts", float(gap.max()), _largest(gap, error), note)


def compare_smc(
    name: str,
    model: Model,
    reference: Answer,
    *,
    random_seed: int,
    chains: int = 8,
    draws: int = 2000,
) -> Agreement:
    """Sequential Monte Carlo against the integrator, by the log10 evidence of every route."""
    from causation.inference.smc import sample_smc

    found = sample_smc(model, random_seed=random_seed, chains=chains, draws=draws)
    ours, theirs = found.log_evidence[0], reference.log_evidence[0]
    with np.errstate(invalid="ignore"):
        gap = np.abs(ours - theirs) / LN10
    gap = np.where(np.isneginf(ours) & np.isneginf(theirs), 0.0, gap)
    error = np.hypot(found.error[0], reference.error[0])
    note = f"largest standard error {found.error.max():.4f} bans"
    return Agreement(name, "smc", float(gap.max()), _largest(gap, error), note)


def _largest(gap: np.ndarray, error: np.ndarray) -> float:
    """Largest gap in standard errors; gaps at the level of rounding count as none."""
    return float(np.where(gap < 1e-9, 0.0, gap / np.maximum(error, 1e-12)).max())


ENGINES: dict[str, Callable[..., Agreement]] = {"nuts": compare_nuts, "smc": compare_smc}


def compare(
    cases: Sequence[tuple[str, Model]],
    engines: Sequence[str],
    *,
    random_seed: int,
    particles: int = 2000,
) -> Iterator[Agreement]:
    """Every case by every engine; a refusal is an outcome too.

    Among many comparisons some fall outside by chance: such a case is run once more, with another
    seed and four times the draws, and both outcomes are given.
    """
    size = {"nuts": 1000, "smc": particles}
    for name, model in cases:
        reference = infer(model, random_seed=random_seed)
        for engine in engines:
            for times, note in ((1, ""), (4, ", again with four times the draws")):
                options = {"random_seed": random_seed + times // 4, "draws": times * size[engine]}
                try:
                    found = ENGINES[engine](name + note, model, reference, **options)
                except RefusalError as refusal:
                    found = Agreement(name + note, engine, np.nan, np.inf, f"refused: {refusal}")
                yield found
                if found.agrees:
                    break


def shipped() -> list[tuple[str, Model]]:
    """Every bundled case."""
    return [(name, build_model(name)) for name in bundled_cases()]


def simulated(number: int, *, random_seed: int) -> list[tuple[str, Model]]:
    """Simulated cases, from every built-in design in turn."""
    rng, count = np.random.default_rng(random_seed), len(designs())
    return [
        (
            f"simulated {i} (design {i % count})",
            simulate(designs()[i % count].model, rng=rng).model(),
        )
        for i in range(number)
    ]


def main() -> None:
    """Compare the engines and write a table, renewed after every case."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--shipped", action="store_true", help="every bundled case")
    parser.add_argument("--simulated", type=int, default=0, help="number of simulated cases")
    parser.add_argument("--first", type=int, default=0, help="leave out simulated cases before")
    parser.add_argument("--engine", choices=sorted(ENGINES), action="append")
    parser.add_argument("--particles", type=int, default=2000, help="of sequential Monte Carlo")
    parser.add_argument("--seed", type=int, default=20250723)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the table (Markdown)")
    options = parser.parse_args()
    cases = shipped() if options.shipped else []
    cases += simulated(options.simulated, random_seed=options.seed)[options.first :]
    rows = [HEAD]
    engines = options.engine or sorted(ENGINES)
    for outcome in compare(cases, engines, random_seed=options.seed, particles=options.particles):
        rows.append(outcome.row())
        write_whole(options.output, "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
