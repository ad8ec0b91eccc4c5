"""Sequential Monte Carlo in PyMC: the evidence of every source by a third road.

The likelihood of one source at a time is tempered from its prior to its posterior; the product
of the mean weights on the way is the evidence. It owes nothing to the integrator's modes, nor
to the common posterior that NUTS explores.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pymc as pm

from causation.errors import InputError
from causation.inference.mcmc import build_graph, light_compilation, log_background, quiet
from causation.inference.posterior import Posterior
from causation.model.build import Model

__all__ = ["sample_smc"]


def sample_smc(
    model: Model,
    *,
    random_seed: int,
    draws: int = 2000,
    chains: int = 4,
    progressbar: bool = False,
) -> Posterior:
    """Posterior over the sources from the evidence of each, by sequential Monte Carlo.

    The background likelihood of groups that are not of the series (a constant of the model) is
    taken from the integrator.

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
    Posterior
        With engine ``smc``.

    Raises
    ------
    InputError
        If there are fewer than 2 chains or 100 draws.
    """
    if chains < 2 or draws < 100:
        raise InputError(
            f"smc: {chains} chains of {draws} draws; allowed: at least 2 chains of 100 draws"
        )
    background = log_background(model)
    findings = model.findings_log_likelihood().sum(axis=0)
    log_evidence = np.full((chains, len(model.sources)), -np.inf)
    for s in range(len(model.sources)):
        if math.isfinite(findings[s]):
            log_evidence[:, s] = findings[s] + _log_evidence(
                _only_source(model, s),
                background,
                random_seed=random_seed + s,
                draws=draws,
                chains=chains,
                progressbar=progressbar,
            )
    return Posterior(
        sources=model.sources,
        proposition=model.proposition,
        log_prior=model.log_prior,
        log_evidence_replicates=log_evidence,
        engine="smc",
        random_seed=random_seed,
    )


def _only_source(model: Model, source: int) -> Model:
    """The model with one source, which then has all the prior, and no findings."""
    row = slice(source, source + 1)
    return replace(
        model,
        sources=model.sources[row],
        proposition=model.proposition[row],
        log_weight=np.zeros(1),
        security=(),
        finding_groups=(),
        field_center=model.field_center[row],
        field_sd=model.field_sd[row],
        correlation=model.correlation[row],
        misfit=model.misfit[row],
        effect_center=model.effect_center[row],
        effect_sd=model.effect_sd[row],
        profiled=model.profiled[row],
        member_center=model.member_center[row],
        member_sd=model.member_sd[row],
    )


def _log_evidence(
    model: Model,
    background: np.ndarray,
    *,
    random_seed: int,
    draws: int,
    chains: int,
    progressbar: bool,
) -> np.ndarray:
    """Natural log of the evidence of a model's only source, one value for each chain."""
    graph = build_graph(model, background=background)
    with quiet(), graph.model, light_compilation():
        tree = pm.sample_smc(
            draws=draws,
            chains=chains,
            cores=1,
            random_seed=random_seed,
            progressbar=progressbar,
            compute_convergence_checks=False,
        )
    stages = tree["sample_stats"]["log_marginal_likelihood"].to_numpy()
    return np.array([_last(chain) for chain in stages])


def _last(chain: object) -> float:
    """The final value of a chain's record by stage, however nested; NaN stands before it."""
    values = np.array(list(_numbers(chain)))
    return float(values[np.isfinite(values)][-1])


def _numbers(record: object) -> Iterator[float]:
    if isinstance(record, (list, tuple, np.ndarray)):
        for part in record:
            yield from _numbers(part)
    else:
        yield float(record)  # type: ignore[arg-type]
