"""Sensitivity to the priors of the latents, by power-scaling.

References
----------
N. Kallioinen, T. Paananen, P.-C. Bürkner, A. Vehtari (2024), "Detecting and diagnosing prior
and likelihood sensitivity with power-scaling", Statistics and Computing 34, 57.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from causation.errors import InputError
from causation.evidence import KINDS
from causation.inference.posterior import Posterior

__all__ = ["THRESHOLD", "prior_sensitivity"]

THRESHOLD = 0.05
"""Power-scaling sensitivity above which a posterior is called sensitive to a prior."""

ALPHAS = (0.8, 1.25)
"""Powers of the prior under which the probability is stated."""


def prior_sensitivity(posterior: Posterior) -> list[str]:
    """One sentence for each group of latents: what its prior does to the proposition.

    Parameters
    ----------
    posterior : Posterior
        From the engine ``mcmc``.

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If the posterior has no draws.
    """
    if posterior.tree is None:
        raise InputError("prior sensitivity: needs a posterior with draws; use engine 'mcmc'")
    import arviz

    names = list(posterior.tree["log_prior"].data_vars)
    meaning = {latent.name: latent.meaning for kind in KINDS.values() for latent in kind.latents}
    sentences = []
    for name in names:
        table = arviz.psense_summary(
            posterior.tree, var_names=["source_probability"], prior_var_names=[name]
        )
        rows = [
            f"source_probability[{source}]"
            for source, inside in zip(posterior.sources, posterior.proposition, strict=True)
            if inside
        ]
        value = float(np.nanmax(table.loc[rows, "prior"].to_numpy(dtype=float)))
        low, high = sorted(_scaled(posterior, name, alpha) for alpha in ALPHAS)
        sentences.append(
            f"Latent {name} ({meaning[name]}): the probability of the proposition is "
            f"{'sensitive' if value > THRESHOLD else 'not sensitive'} to its prior "
            f"(power-scaling {value:.2f}, threshold {THRESHOLD:g}); with the prior raised to the "
            f"powers {ALPHAS[0]:g} and {ALPHAS[1]:g} it lies between {low:.3f} and {high:.3f}, "
            f"against {posterior.proposition_probability:.3f}."
        )
    return sentences


def _scaled(posterior: Posterior, name: str, alpha: float) -> float:
    """Probability of the proposition with the prior of a group of latents raised to a power."""
    tree: Any = posterior.tree
    share = tree["posterior"]["source_probability"].to_numpy()
    value = share[..., posterior.proposition].sum(axis=-1).ravel()
    log_prior = tree["log_prior"][name].to_numpy()
    log_weight = (alpha - 1.0) * log_prior.reshape(value.size, -1).sum(axis=1)
    weight = np.exp(log_weight - log_weight.max())
    result = float((weight * value).sum() / weight.sum())
    return result if math.isfinite(result) else math.nan
