"""One way in to the engines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from causation.errors import ImpossibleEvidenceError, InputError
from causation.inference.evaluate import Answer, evaluate
from causation.inference.integrate import IntegratorSettings
from causation.model.seeds import Seed, seed_of
from causation.model.structure import Given, build_model
from causation.output import usable_home

ENGINES = ("integrate", "mcmc", "smc")


def infer(
    case: Given,
    *,
    engine: str = "integrate",
    random_seed: Seed = 20250723,
    settings: IntegratorSettings | None = None,
    **options: Any,
) -> Answer:
    """Posterior over the routes of a case as it is.

    Parameters
    ----------
    case : Model, Filled, Case, str or Path
    engine : {"integrate", "mcmc", "smc"}
        The integrator, NUTS, or sequential Monte Carlo.
    random_seed : int, numpy integer, Generator or None
        Seed of the engine's randomness; None for a new one.
    settings : IntegratorSettings, optional
        How hard the integrator tries; its seed is replaced by `random_seed`.
    **options
        Passed to `causation.inference.mcmc.sample` or `causation.inference.smc.sample_smc`.

    Returns
    -------
    Answer
        One row; a `causation.inference.mcmc.Sampled` from the engines that draw.

    Raises
    ------
    ImpossibleEvidenceError
        If the evidence excludes every route.
    InputError
        If there is no such engine.

    Examples
    --------
    >>> answer = infer("bic-2025-doxxing")
    >>> answer.model.route_names[int(answer.posterior[0].argmax())]
    'platform'
    """
    if engine not in ENGINES:
        raise InputError(f"there is no engine {engine!r}; allowed: {', '.join(ENGINES)}")
    model, random_seed = build_model(case), seed_of(random_seed)
    if engine != "integrate":
        usable_home()
    if engine == "mcmc":
        from causation.inference.mcmc import sample

        return sample(model, random_seed=random_seed, **options)
    if engine == "smc":
        from causation.inference.smc import sample_smc

        return sample_smc(model, random_seed=random_seed, **options)
    if options:
        raise InputError(f"the integrator takes no {next(iter(options))}; see settings")
    chosen = replace(settings or IntegratorSettings(), random_seed=random_seed)
    answer = evaluate(model, settings=chosen)
    if np.isneginf(answer.log_prior + answer.log_evidence).all():
        raise ImpossibleEvidenceError("the evidence excludes every route")
    return answer
