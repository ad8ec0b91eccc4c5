"""Sequential Monte Carlo in PyMC: the evidence of every route by a third road.

The likelihood of one route at a time is tempered from its prior to its posterior; the product
of the mean weights on the way is the evidence. It owes nothing to the integrator's modes, nor
to the common posterior that NUTS explores.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pymc as pm

from causation.errors import InputError
from causation.evidence.base import Route
from causation.inference.draws import label
from causation.inference.evaluate import LN10
from causation.inference.joint import Joint
from causation.inference.mcmc import Sampled, light_compilation, possible, quiet
from causation.inference.provenance import claimed
from causation.inference.tensors import PYTENSOR
from causation.interrupts import unshortened
from causation.model.density import Density
from causation.model.structure import Model


def sample_smc(
    model: Model,
    *,
    random_seed: int,
    draws: int = 2000,
    chains: int = 4,
    progressbar: bool = False,
) -> Sampled:
    """Posterior over the routes from the evidence of each, by sequential Monte Carlo.

    The likelihood of victims who are not of the series (a constant of the model) is computed as
    for every engine.

    Parameters
    ----------
    model : Model
    random_seed : int
    draws : int
        Particles.
    chains : int
        Independent runs, the replicates behind the errors.
    progressbar : bool

    Returns
    -------
    Sampled
        With engine ``smc`` and without a tree.

    Raises
    ------
    InputError
        If there are fewer than 2 chains or 100 draws.
    ImpossibleEvidenceError
        If the evidence excludes every route.
    """
    if chains < 2 or draws < 100:
        raise InputError(
            f"smc: {chains} chains of {draws} draws; allowed: at least 2 chains of 100 draws"
        )
    joint = possible(Joint(model))
    run = _Run(joint, {"draws": draws, "chains": chains, "progressbar": progressbar}, random_seed)
    parts = [run.route(z) for z in range(len(model.routes))]
    by_chain = np.stack([log_l for log_l, _ in parts], axis=1) + joint.log_findings
    log_evidence = np.logaddexp.reduce(by_chain, axis=0) - math.log(chains)
    finite = np.isfinite(log_evidence)
    ratio = np.exp(np.where(finite, by_chain - np.where(finite, log_evidence, 0.0), 0.0))
    error = ratio.std(axis=0, ddof=1) / math.sqrt(chains) / LN10
    credit = np.array([c for _, c in parts])
    total = joint.log_prior + by_chain
    share = np.exp(total - np.logaddexp.reduce(total, axis=1)[:, None])
    chance = (share * credit).sum(axis=1)
    return Sampled(
        model,
        joint.log_prior[None],
        log_evidence[None],
        error[None],
        credit[None],
        np.zeros(1, bool),
        engine="smc",
        random_seed=random_seed,
        chance_error=float(chance.std(ddof=1) / math.sqrt(chains)),
    )


class _Run:
    """Evidence of one route after another; that of the stand-in once."""

    def __init__(self, joint: Joint, options: dict[str, Any], random_seed: int) -> None:
        self.joint, self.options, self.random_seed = joint, options, random_seed
        self.odd, latents = self._sample(joint.densities[-1], 0)
        self.odd_means = self._means(None, joint.densities[-1], latents)

    def route(self, z: int) -> tuple[np.ndarray, float]:
        """Log likelihood (natural) by chain without findings, and the proposition's chance."""
        joint, route = self.joint, self.joint.model.routes[z]
        wanted, apart = joint.wanted, joint.evaluation.apart[0]
        odd = float(wanted.credit(route, self.odd_means, apart, odd=True))
        if route.vague or not np.isfinite(joint.log_findings[z]):
            return self.odd, odd
        own, latents = self._sample(joint.densities[z], z + 1)
        with np.errstate(divide="ignore"):
            fits, misfits = joint.log_fit[:, z]
        total = np.logaddexp(fits + own, misfits + self.odd)
        means = self._means(route, joint.densities[z], latents)
        share = float(np.mean(np.exp(fits + own - total)))
        return total, share * float(wanted.credit(route, means, apart)) + (1.0 - share) * odd

    def _means(
        self, route: Route | None, density: Density, latents: Mapping[str, np.ndarray]
    ) -> np.ndarray | None:
        """Means over draws of what the proposition's chance is made of."""
        claims = self.joint.wanted.claims(route)
        if not claims:
            return None
        table = np.asarray(claimed(density, claims)(self.joint.at(latents), self.joint.log_b))
        result: np.ndarray = table.reshape(-1, len(claims)).mean(axis=0)
        return result

    def _sample(self, density: Density, turn: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Log evidence of one density by chain, and draws of its latents."""
        chains = self.options["chains"]
        if not self.joint.series.victims:
            return np.zeros(chains), {}
        names = density.names
        if not names:
            return np.full(
                chains, float(self.joint.log_victims(density, self.joint.at({}, PYTENSOR)))
            ), {}
        with pm.Model(coords={"latent": [label(n) for n in names]}) as graph:
            z = pm.Normal("z", 0.0, 1.0, dims="latent")
            latents = {name: z[i] for i, name in enumerate(names)}
            pm.Potential(
                "evidence", self.joint.log_victims(density, self.joint.at(latents, PYTENSOR))
            )
        with quiet(), unshortened(), graph, light_compilation():
            tree = pm.sample_smc(
                cores=1, random_seed=self.random_seed + turn, compute_convergence_checks=False,
                **self.options,
            )  # fmt: skip
        stages = tree["sample_stats"]["log_marginal_likelihood"].to_numpy()
        drawn = tree["posterior"]["z"].to_numpy().reshape(-1, len(names)).T
        return np.array([_last(chain) for chain in stages]), dict(zip(names, drawn, strict=True))


def _last(chain: object) -> float:
    """Return the final value of a chain's record by stage, however nested; NaN stands before it."""
    values = np.array(list(_numbers(chain)))
    return float(values[np.isfinite(values)][-1])


def _numbers(record: object) -> Iterator[float]:
    if isinstance(record, (list, tuple, np.ndarray)):
        for part in record:
            yield from _numbers(part)
    else:
        yield float(record)  # type: ignore[arg-type]
