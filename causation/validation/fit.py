"""Fit check: how surprising the evidence is under the source that explains it best."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causation.errors import InputError
from causation.inference.components import compute_components
from causation.inference.infer import posterior_from_components
from causation.inference.posterior import Posterior
from causation.model.build import Model
from causation.model.simulation import one_victim_groups, simulate
from causation.validation.scoring import QUICK

__all__ = ["FIT_THRESHOLD", "FitCheck", "fit_check"]

FIT_THRESHOLD = 0.05
"""A tail probability below this says that no listed source explains the evidence."""

MAX_VICTIMS = 6
"""Victims that are looked at: further ones of a case are left out."""


@dataclass(frozen=True, slots=True)
class FitCheck:
    """Prior predictive tail of the evidence.

    Parameters
    ----------
    tail_probability : float
        Probability that the best source produces evidence no more probable than that of the
        case, from `draws` simulated cases (the case itself counted, so it is never 0).
    source : str
        The source that explains the evidence best.
    poor : bool
        Whether every source explains it badly.
    draws : int
    """

    tail_probability: float
    source: str
    poor: bool
    draws: int


def fit_check(
    model: Model, posterior: Posterior, *, random_seed: int = 20250723, draws: int = 200
) -> FitCheck:
    """Compare the evidence with what the source that explains it best would produce.

    Cases of the same shape are drawn from that source, and the share of them whose likelihood
    under it is no larger than that of the case is counted. At most six victims are looked at,
    each by itself.

    Parameters
    ----------
    model : Model
    posterior : Posterior
        Of the model.
    random_seed : int
    draws : int
        Simulated cases.

    Returns
    -------
    FitCheck

    Raises
    ------
    InputError
        If there are fewer than 20 draws.
    """
    if draws < 20:
        raise InputError(f"fit check: {draws} draws; allowed: at least 20")
    best = int(np.argmax(posterior.log_evidence))
    design = one_victim_groups(_few_victims(model))
    rng = np.random.default_rng(random_seed)
    cases = [simulate(design, source=model.sources[best], rng=rng).model for _ in range(draws)]
    models = [design, *cases]
    found = compute_components(models, replace(QUICK, random_seed=random_seed), series=[best])
    seen, *drawn = (
        float(posterior_from_components(m, c, random_seed=random_seed).log_evidence[best])
        for m, c in zip(models, found, strict=True)
    )
    # equal evidence may differ by rounding
    share = (1 + sum(value <= seen + 1e-6 for value in drawn)) / (1 + draws)
    return FitCheck(share, model.sources[best], share < FIT_THRESHOLD, draws)


def _few_victims(model: Model) -> Model:
    """The model with groups cut down, one victim of each in turn, to a number that is quick."""
    count = np.zeros(len(model.groups))
    while count.sum() < min(MAX_VICTIMS, model.count.sum()):
        for g in np.flatnonzero(count < model.count):
            if count.sum() < MAX_VICTIMS:
                count[g] += 1.0
    gone = [name for name, n in zip(model.groups, count, strict=True) if n == 0.0]
    small = model.reduced(without_groups=gone)
    return replace(small, count=count[count > 0.0])
