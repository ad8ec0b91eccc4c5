"""Simulation-based calibration: whether the truth is spread over its posterior as it should be.

If cases are drawn from the model, the posterior probability of lying below the true value of
any quantity is uniform over cases. A likelihood that does not match the simulator, in its
selection term, its shared latents or its profile averages, bends that.

References
----------
S. Talts, M. Betancourt, D. Simpson, A. Vehtari, A. Gelman (2018), "Validating Bayesian
inference algorithms with simulation-based calibration", arXiv:1804.06788.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtr

from causation.evidence.base import Branch, Problem
from causation.evidence.disclosure import DISCLOSURE
from causation.evidence.membership import MEMBERSHIP
from causation.inference.infer import infer_many
from causation.inference.integrate import IntegratorSettings, integrate
from causation.model.build import Model
from causation.model.simulation import SimulatedCase, simulate
from causation.output import write_whole
from causation.validation.designs import designs
from causation.validation.scoring import QUICK

__all__ = ["SbcReport", "latent_pits", "sbc", "source_z_scores", "uniformity"]

BINS = 20
SETTINGS = IntegratorSettings(points=257, replicates=2, tolerance=0.01, limit=0.05)


def uniformity(pit: np.ndarray, *, bins: int = BINS) -> float:
    """p-value of a chi-square test that values in [0, 1] are uniform."""
    count = np.bincount(np.minimum((pit * bins).astype(int), bins - 1), minlength=bins)
    expected = pit.size / bins
    return float(chdtrc(bins - 1, ((count - expected) ** 2 / expected).sum()))


@dataclass(frozen=True, eq=False)
class SbcReport:
    """Outcome of simulation-based calibration.

    Parameters
    ----------
    pit : dict of str to ndarray
        For each kind of latent quantity, the posterior probability below the true value.
    p_value : dict of str to float
        Of uniformity, by quantity.
    source_z : ndarray
        For every design and source, the mean posterior minus the prior in standard errors.
    cases : int
    """

    pit: dict[str, np.ndarray]
    p_value: dict[str, float]
    source_z: np.ndarray
    cases: int

    def table(self) -> str:
        """As Markdown."""
        rows = ["| quantity | values | p of uniformity |", "| --- | --- | --- |"]
        rows += [
            f"| {name} | {len(values)} | {self.p_value[name]:.3f} |"
            for name, values in self.pit.items()
        ]
        worst = float(np.abs(self.source_z).max())
        chance = 1.0 - (2.0 * ndtr(worst) - 1.0) ** self.source_z.size
        sources = (
            f"Mean posterior of a source against its prior, {self.source_z.size} sources of "
            f"{len(designs())} designs over {self.cases} cases: largest difference {worst:.2f} "
            f"standard errors (the largest of so many exceeds that with probability {chance:.2f} "
            "if all is well)."
        )
        return "\n".join([*rows, "", sources]) + "\n"


def sbc(
    *,
    cases: int = 100,
    random_seed: int = 20250723,
    inferred: Callable[[Model], Model] = lambda model: model,
    progress: Callable[[float], None] | None = None,
) -> SbcReport:
    """Simulation-based calibration of the integrator over the built-in designs.

    Parameters
    ----------
    cases : int
        Cases of each design.
    random_seed : int
    inferred : callable
        Applied to the simulated model before inference: the identity, or a fault that the check
        ought to find.
    progress : callable, optional
        Called with the share done, 0 to 1.

    Returns
    -------
    SbcReport
    """
    rng = np.random.default_rng(random_seed)
    pit: dict[str, list[float]] = {}
    scores = []
    for i, design in enumerate(designs()):
        drawn = [simulate(design.model, rng=rng) for _ in range(cases)]
        scores.append(source_z_scores(drawn, inferred))
        series = replace(
            design.model,
            linkage=np.ones_like(design.model.linkage),
            misfit=np.zeros_like(design.model.misfit),
        )
        known = [simulate(series, rng=rng) for _ in range(cases)]
        for name, values in latent_pits(known, inferred).items():
            pit.setdefault(name, []).extend(values)
        if progress is not None:
            progress((i + 1) / len(designs()))
    arrays = {name: np.array(values) for name, values in pit.items()}
    return SbcReport(
        arrays,
        {name: uniformity(values) for name, values in arrays.items()},
        np.concatenate(scores),
        cases * len(designs()),
    )


def source_z_scores(
    cases: Sequence[SimulatedCase], inferred: Callable[[Model], Model]
) -> np.ndarray:
    """Mean over cases of (posterior minus prior) of every source, in standard errors.

    Where the security record is drawn too, the prior is that before it.
    """
    models = [inferred(case.model) for case in cases]
    posterior = np.array([p.probability for p in infer_many(models, settings=QUICK)])
    gap = posterior - np.exp(cases[0].log_prior)
    spread = gap.std(axis=0, ddof=1) / np.sqrt(len(cases))
    result: np.ndarray = gap.mean(axis=0) / np.where(spread > 1e-9, spread, np.inf)
    return result


def latent_pits(
    cases: Sequence[SimulatedCase], inferred: Callable[[Model], Model]
) -> dict[str, list[float]]:
    """Posterior probabilities below the true value of every latent quantity of the true source.

    The cases must be drawn with linkage 1 and misfit 0, so that one integral of each kind holds
    the posterior.
    """
    asked: list[tuple[SimulatedCase, Model, Any, Problem]] = []
    for case in cases:
        model = inferred(case.model)
        source = model.sources.index(case.source)
        once = np.ones(len(model.groups))
        for kind in (DISCLOSURE, MEMBERSHIP):
            asked += [
                (case, model, kind, problem)
                for problem in kind.problems(model, source, Branch.ELICITED, once)
            ]
    integrals = integrate([problem for *_, problem in asked], SETTINGS, keep_points=True)
    found: dict[str, list[float]] = {}
    member: dict[int, int] = {}
    for i, ((case, model, kind, problem), integral) in enumerate(
        zip(asked, integrals, strict=True)
    ):
        if integral.points is None or integral.log_weight is None:
            continue
        weight = np.exp(integral.log_weight - integral.log_weight.max())
        weight /= weight.sum()
        if kind is DISCLOSURE:
            values = _disclosure_quantities(case, model, problem, integral.points, i)
        else:
            place = member.get(id(case), 0)
            member[id(case)] = place + 1
            values = _membership_quantities(case, model, place, problem, integral.points)
        # one of a kind for each case: those of one case are not independent
        for name, truth, draws in {value[0]: value for value in values}.values():
            found.setdefault(name, []).append(float(weight[draws <= truth].sum()))
    return found


type _Quantity = tuple[str, float, np.ndarray]


def _disclosure_quantities(
    case: SimulatedCase, model: Model, problem: Any, z: np.ndarray, turn: int
) -> list[_Quantity]:
    """True value and points of a disclosure logit, each field in turn, and of profile effects."""
    own, s = case.model, model.sources.index(case.source)
    u, c, g = (case.latents[name] for name in ("u", "c", "g"))
    r = own.correlation[s]
    truth = own.field_center[s] + own.field_sd[s] * (np.sqrt(r) * u + np.sqrt(1.0 - r) * c)
    width = problem.loading.shape[1]
    draws = problem.center + z[:, :width] @ problem.loading.T
    f = turn % truth.size
    found = [("disclosure logit", float(truth[f]), draws[:, f])]
    if problem.effect_center.size:
        effect = own.effect_center[s] + own.effect_sd[s] * g
        for k, item in enumerate(np.flatnonzero(problem.effect_sd)):
            points = problem.effect_center[item] + problem.effect_sd[item] * z[:, width + k]
            found.append(("profile effect", float(effect[item]), points))
    return found


def _membership_quantities(
    case: SimulatedCase, model: Model, place: int, problem: Any, z: np.ndarray
) -> list[_Quantity]:
    own, s = case.model, model.sources.index(case.source)
    seen = np.flatnonzero((~np.isnan(model.user)).any(axis=0))
    c = int(seen[place])
    truth = own.member_center[s, c] + own.member_sd[s, c] * case.latents["d"][c]
    return [("membership logit", float(truth), problem.center + problem.sd * z[:, 0])]


def main() -> None:
    """Run simulation-based calibration and write its table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cases", type=int, default=100, help="cases of each design")
    parser.add_argument("--seed", type=int, default=20250723)
    parser.add_argument("-o", "--output", type=Path, help="folder for sbc.md")
    options = parser.parse_args()
    report = sbc(cases=options.cases, random_seed=options.seed)
    if options.output is None:
        print(report.table(), end="")  # noqa: T201
    else:
        write_whole(options.output / "sbc.md", report.table())


if __name__ == "__main__":
    main()
