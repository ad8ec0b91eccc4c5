"""Sensitivity to the priors of the latents, by power-scaling.

References
----------
N. Kallioinen, T. Paananen, P.-C. Bürkner, A. Vehtari (2024), "Detecting and diagnosing prior
and likelihood sensitivity with power-scaling", Statistics and Computing 34, 57.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causation.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

    from causation.inference.evaluate import Answer

THRESHOLD = 0.05
"""Power-scaling sensitivity above which a posterior is called sensitive to a prior."""
ALPHAS = (0.8, 1.25)
"""Powers of the prior under which the probability is stated."""
MEANINGS = {
    "v": "share that the actor publishes of what he has",
    "u": "which fields a source yields together",
    "c": "which field a source yields by itself",
    "b": "share of the actor's hunting ground with a trait",
    "h": "share of the actor's hunting ground that are users of a custodian",
    "kappa": "share of the listed further victims that belong to the series",
    "e": "share of those chosen that the source reaches",
    "mu": "how often values from a register agree with it",
    "alpha": "how often values from elsewhere agree with a register",
}


def prior_sensitivity(answer: Answer) -> list[str]:
    """One sentence for each group of latents: what its prior does to the proposition.

    Raises
    ------
    InputError
        If the answer has no draws; the engine ``mcmc`` gives one that has.
    """
    tree: xr.DataTree | None = getattr(answer, "tree", None)
    if tree is None:
        raise InputError("prior sensitivity: needs an answer with draws; use engine 'mcmc'")
    import arviz

    sentences = []
    for name in map(str, tree["log_prior"].data_vars):
        table = arviz.psense_summary(
            tree, var_names=["proposition_given_latents"], prior_var_names=[name]
        )
        value = float(np.nanmax(table["prior"].to_numpy(dtype=float)))
        low, high = sorted(_scaled(tree, name, alpha) for alpha in ALPHAS)
        sentences.append(
            f"Latents {name} ({MEANINGS.get(name, name)}): the probability of the proposition is "
            f"{'sensitive' if value > THRESHOLD else 'not sensitive'} to their prior "
            f"(power-scaling {value:.2f}, threshold {THRESHOLD:g}); with the prior raised to the "
            f"powers {ALPHAS[0]:g} and {ALPHAS[1]:g} it lies between {low:.3f} and {high:.3f}, "
            f"against {answer.probability[0]:.3f}."
        )
    return sentences


def _scaled(tree: xr.DataTree, name: str, alpha: float) -> float:
    """Probability of the proposition with the prior of a group of latents raised to a power."""
    value = tree["posterior"]["proposition_given_latents"].to_numpy().ravel()
    log_weight = (alpha - 1.0) * tree["log_prior"][name].to_numpy().ravel()
    weight = np.exp(log_weight - log_weight.max())
    return float((weight * value).sum() / weight.sum())
