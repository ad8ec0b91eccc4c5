"""Simulation-based calibration of NUTS by simuk: ``python -m tests.validation.sbc_simuk``.

simuk draws its cases from the likelihood itself, so the outcome of a case has to be an observed
variable: one number for each outcome that the victim of the smallest design can show, whose
probabilities come from the likelihood of the package. Neither its simulator nor its ranks are used.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from causation.evidence.base import logsumexp
from causation.inference.mcmc import (
    build_graph,
    light_compilation,
    log_background,
    log_joint,
    quiet,
)
from causation.model.build import Model
from causation.output import write_whole
from causation.validation.sbc import uniformity
from causation.validation.sbc_nuts import small_designs

DRAWS = 100


def outcomes(model: Model) -> list[tuple[Model, float]]:
    """Every outcome that the only victim of a design can show, with the probability of its profile.

    The likelihood is that of the fields given the profile.
    """
    found = []
    for fields in itertools.product((1.0, 0.0), repeat=len(model.fields)):
        for profile in itertools.product((1.0, 0.0), repeat=len(model.items)):
            disclosed = np.array([fields])
            outcome = replace(
                model, disclosed=disclosed, withheld=1.0 - disclosed, profile=np.array([profile])
            )
            share = np.where(np.array(profile) > 0.0, model.reference, 1.0 - model.reference)
            found.append((outcome, float(share.prod())))
    return found


def outcome_graph(model: Model) -> pm.Model:
    """The latents, and the outcome as an observed number."""
    background = log_background(model)
    base = build_graph(model, background=background)
    with pm.Model(coords=base.model.coords) as graph:
        values = {
            name: pm.Normal(name, 0.0, 1.0, dims=base.model.named_vars_to_dims[name])
            for name in base.latents
        }
        logs = [
            pt.logsumexp(model.log_prior + log_joint(pt, outcome, values, background))
            + np.log(share)
            for outcome, share in outcomes(model)
        ]
        pm.Categorical("outcome", p=pt.exp(pt.stack(logs)), observed=0)
    return graph


def total_probability(model: Model, latents: dict[str, np.ndarray]) -> float:
    """Of all outcomes, given the latents."""
    background = log_background(model)
    return sum(
        share * float(np.exp(logsumexp(np, model.log_prior + joint, axis=-1)))
        for outcome, share in outcomes(model)
        for joint in [log_joint(np, outcome, latents, background)]
    )


def sbc_simuk(*, simulations: int, random_seed: int = 20250723) -> dict[str, np.ndarray]:
    """Ranks, scaled to [0, 1], of the prior draws among those of the posterior, by latent."""
    import simuk

    model = next(iter(small_designs().values()))
    graph = outcome_graph(model)
    with quiet(), light_compilation():
        check = simuk.SBC(
            graph,
            num_simulations=simulations,
            seed=random_seed,
            sample_kwargs={"draws": DRAWS, "tune": 500, "chains": 1, "cores": 1},
            keep_fits=False,
        )
        check.run_simulations()
    ranks = check.simulations["prior_sbc"].to_dataset()
    found = {}
    jitter = np.random.default_rng(random_seed)
    for name, value in ranks.data_vars.items():
        table = value.to_numpy().reshape(simulations, -1)
        for k in range(table.shape[1]):
            found[f"{name}[{k}]"] = (table[:, k] + jitter.random(simulations)) / (DRAWS + 1)
    return found


def main() -> None:
    """Run simuk and write its table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--simulations", type=int, default=100)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the table (Markdown)")
    options = parser.parse_args()
    rows = ["| latent | simulations | p of uniformity |", "| --- | --- | --- |"]
    for name, ranks in sbc_simuk(simulations=options.simulations).items():
        rows.append(f"| {name} | {len(ranks)} | {uniformity(ranks, bins=10):.3f} |")
    write_whole(options.output, "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
