"""Simulation-based calibration: whether the truth is spread over its posterior as it should be.

If cases are drawn from the model, the posterior probability of lying below the true value of
any latent is uniform over cases, and the posterior of every route exceeds its prior by nothing
on average. A likelihood that does not match the simulator, in what it divides out, its shared
latents or its mixtures, bends that.

References
----------
S. Talts, M. Betancourt, D. Simpson, A. Vehtari, A. Gelman (2018), "Validating Bayesian
inference algorithms with simulation-based calibration", arXiv:1804.06788.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtrc, ndtr

from causation.inference.draws import label
from causation.inference.integrate import DRAFT
from causation.inference.joint import Joint
from causation.inference.provenance import claimed
from causation.model.routes import VAGUE
from causation.model.simulation import SimulatedCase, simulate
from causation.model.structure import Model, build_model
from causation.output import write_whole
from causation.validation.designs import COUNT, designs
from causation.validation.processes import in_processes

if TYPE_CHECKING:
    from causation.case import Filled

__all__ = ["Calibrated", "SbcReport", "checked", "sbc", "sbc_nuts", "uniformity"]

BINS = 20
NUTS_DRAWS = 99

type Fault = Callable[["Filled"], "Filled"]


def uniformity(pit: np.ndarray, *, bins: int = BINS) -> float:
    """p-value of a chi-square test that values in [0, 1] are uniform."""
    count = np.bincount(np.minimum((pit * bins).astype(int), bins - 1), minlength=bins)
    expected = pit.size / bins
    return float(chdtrc(bins - 1, ((count - expected) ** 2 / expected).sum()))


@dataclass(frozen=True, eq=False)
class Calibrated:
    """What one case contributes.

    ``gap`` (Z,) is the posterior minus the prior of every route, incidents known; ``claim`` the
    probability of the proposition minus whether it is true; ``pit``, by kind of latent, the
    posterior probability below the true value of one of them.
    """

    gap: np.ndarray
    claim: float
    pit: dict[str, float]


def checked(
    case: SimulatedCase, rng: np.random.Generator, fault: Fault | None = None
) -> Calibrated:
    """Infer a case whose truth is known; `fault` is applied to it first, and ought to be found."""
    filled = case.filled()
    joint = Joint(build_model(fault(filled) if fault else filled), settings=DRAFT)
    names = joint.names
    truth = np.array([case.latents.get(label(n), float(rng.standard_normal())) for n in names])
    share, below, credit = _posterior(joint, truth)
    picked: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        picked.setdefault(label(name).partition(".")[0], []).append(i)
    return Calibrated(
        gap=share.sum(axis=1) - np.exp(joint.log_prior),
        claim=float((share * credit).sum()) - case.holds(),
        pit={
            head: float((share * below[..., rng.choice(some)]).sum())
            for head, some in picked.items()
        },
    )


def _posterior(joint: Joint, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Posterior of routes as elicited and not (Z, 2), chances of lying below and of the claim."""
    routes, wanted = joint.model.routes, joint.wanted
    log_joint = np.full((len(routes), 2), -np.inf)
    below = np.broadcast_to(ndtr(truth), (len(routes), 2, truth.size)).copy()
    credit = np.zeros((len(routes), 2))
    weight = joint.log_prior + joint.log_findings
    apart = joint.evaluation.apart[0]
    odd, below_odd, odd_means = _below(joint, None, truth)
    for z, route in enumerate(routes):
        fits, misfits = joint.log_fit[:, z]
        log_joint[z, 1] = weight[z] + odd + (0.0 if route.vague else misfits)
        below[z, 1] = below_odd
        credit[z] = wanted.credit(route, odd_means, apart, odd=True)
        if not route.vague:
            own, below[z, 0], means = _below(joint, z, truth)
            log_joint[z, 0] = weight[z] + own + fits
            credit[z, 0] = wanted.credit(route, means, apart)
    share = np.exp(log_joint - np.logaddexp.reduce(log_joint, axis=None))
    return share, below, credit


def _below(
    joint: Joint, place: int | None, truth: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray | None]:
    """Log evidence of a route, or of the stand-in: with posterior means under it."""
    model = joint.model
    route = VAGUE if place is None else model.routes[place]
    density = joint.densities[-1 if place is None else place]
    where = [joint.names.index(n) for n in density.names]
    claims = joint.wanted.claims(None if place is None else route)

    def function(at: Any, log_b: np.ndarray) -> np.ndarray:
        columns = [at.z[n] <= truth[i] for n, i in zip(density.names, where, strict=True)]
        table = np.stack(columns, axis=-1).astype(float)
        if not claims:
            return table
        chances = np.asarray(claimed(density, claims)(at, log_b))
        chances = np.broadcast_to(chances, (*table.shape[:-1], len(claims)))
        return np.concatenate([table, chances], axis=-1)

    reach = "" if place is None else model.reach_of[place]
    value, _, means = joint.evaluation.victims(route, reach, function)
    below = ndtr(truth)
    if means is None:
        return float(value[0]), below, None
    below[where] = means[0, : len(where)]
    return float(value[0]), below, means[0, len(where) :] if claims else None


@dataclass(frozen=True, eq=False)
class SbcReport:
    """Outcome of simulation-based calibration.

    Parameters
    ----------
    pit : dict of str to ndarray
        For each kind of latent, the posterior probability below the true value.
    route_z : ndarray
        For every design and route, the mean posterior minus the prior in standard errors.
    claim_z : ndarray
        For every design, the same of the proposition.
    cases : int
    """

    pit: dict[str, np.ndarray]
    route_z: np.ndarray
    claim_z: np.ndarray
    cases: int

    @property
    def p_value(self) -> dict[str, float]:
        """p-value of uniformity, by kind of latent."""
        return {name: uniformity(values) for name, values in self.pit.items()}

    @property
    def worst(self) -> float:
        """Chance that the largest z-score is as large as it is if all is well."""
        z = np.concatenate([self.route_z, self.claim_z])
        return float(1.0 - (2.0 * ndtr(np.abs(z).max()) - 1.0) ** z.size)

    def table(self) -> str:
        """As Markdown."""
        rows = [f"| {name} | {len(self.pit[name])} | {p:.3f} |" for name, p in self.p_value.items()]
        rows = ["| latent | values | p of uniformity |", "| --- | --- | --- |", *rows]
        z = np.concatenate([self.route_z, self.claim_z])
        sentence = (
            f"Mean posterior against the prior, {self.route_z.size} routes and "
            f"{self.claim_z.size} propositions over {self.cases} cases: largest difference "
            f"{np.abs(z).max():.2f} standard errors (the largest of so many exceeds that with "
            f"probability {self.worst:.2f} if all is well)."
        )
        return "\n".join([*rows, "", sentence]) + "\n"


def sbc(
    *,
    cases: int = 100,
    random_seed: int = 20250723,
    chosen: Sequence[int] = tuple(range(COUNT)),
    fault: Fault | None = None,
    workers: int = 1,
) -> SbcReport:
    """Simulation-based calibration of the integrator over the built-in designs.

    Parameters
    ----------
    cases : int
        Cases of each design.
    random_seed : int
    chosen : sequence of int
        Designs.
    fault : callable, optional
        See `checked`; in this process only.
    workers : int
        Processes.
    """
    jobs = [(i, cases, random_seed, fault) for i in chosen]
    found = dict(in_processes(_of_design, jobs, workers))
    pit: dict[str, list[float]] = {}
    for place in sorted(found):
        for one in found[place]:
            for name, value in one.pit.items():
                pit.setdefault(name, []).append(value)
    return SbcReport(
        {name: np.array(values) for name, values in pit.items()},
        np.concatenate([_z(np.array([c.gap for c in found[i]])) for i in sorted(found)]),
        np.array([_z(np.array([[c.claim] for c in found[i]]))[0] for i in sorted(found)]),
        cases * len(jobs),
    )


type _Job = tuple[int, int, int, Fault | None]


def _of_design(job: _Job) -> list[Calibrated]:
    index, cases, random_seed, fault = job
    rng = np.random.default_rng([random_seed, index])
    model = designs()[index].model
    return [checked(simulate(model, rng=rng), rng, fault) for _ in range(cases)]


def _z(gap: np.ndarray) -> np.ndarray:
    """Mean over cases in standard errors, by column."""
    spread = gap.std(axis=0, ddof=1) / np.sqrt(len(gap))
    result: np.ndarray = gap.mean(axis=0) / np.where(spread > 1e-9, spread, np.inf)
    return result


def sbc_nuts(
    model: Model, *, cases: int, random_seed: int = 20250723, **options: Any
) -> dict[str, np.ndarray]:
    """Simulation-based calibration of NUTS on a design of few outcomes: each takes a run.

    Further options are for `causation.inference.mcmc.sample`. By latent, returns ranks of the
    truth among draws, scaled to [0, 1], shape (cases,).
    """
    from causation.inference.mcmc import sample

    rng = np.random.default_rng(random_seed)
    runs: dict[Any, Any] = {}
    ranks: dict[str, list[float]] = {}
    for _ in range(cases):
        case = simulate(model, rng=rng)
        key = case.outcome
        if key not in runs:
            found = sample(case.model(), random_seed=random_seed, **options)
            runs[key] = found.tree["posterior"]["z"].stack(all=("chain", "draw"))
        every = runs[key]
        draws = every.isel(all=rng.choice(every.sizes["all"], NUTS_DRAWS, replace=False))
        for name in draws["latent"].to_numpy().tolist():
            truth = case.latents.get(name, float(rng.standard_normal()))
            rank = np.count_nonzero(draws.sel(latent=name) < truth) + rng.random()
            ranks.setdefault(name, []).append(float(rank) / (NUTS_DRAWS + 1))
    return {name: np.array(values) for name, values in ranks.items()}


def main() -> None:
    """Run simulation-based calibration and write its table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cases", type=int, default=200, help="cases of each design")
    parser.add_argument("--design", type=int, action="append", help="by default all of them")
    parser.add_argument("--nuts", type=int, nargs="*", default=[], help="designs for NUTS instead")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=20250723)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the table (Markdown)")
    options = parser.parse_args()
    if not options.nuts:
        report = sbc(
            cases=options.cases,
            random_seed=options.seed,
            workers=options.workers,
            chosen=options.design or range(COUNT),
        )
        write_whole(options.output, report.table())
        return
    rows = ["| design | latent | cases | p of uniformity |", "| --- | --- | --- | --- |"]
    for index in options.nuts:
        design = designs()[index]
        ranks = sbc_nuts(design.model, cases=options.cases, random_seed=options.seed)
        rows += [
            f"| {design.name} | {name} | {len(r)} | {uniformity(r, bins=10):.3f} |"
            for name, r in ranks.items()
        ]
        write_whole(options.output, "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
