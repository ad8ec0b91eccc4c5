"""One way in to the engines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from causation.errors import ImpossibleEvidenceError, InputError
from causation.inference.components import Components, compute_components
from causation.inference.integrate import IntegratorSettings
from causation.inference.posterior import Posterior
from causation.model.build import Model

__all__ = ["ENGINES", "infer", "infer_many", "posterior_from_components"]

ENGINES = ("integrate", "mcmc")


def infer(
    model: Model,
    *,
    engine: str = "integrate",
    random_seed: int = 20250723,
    settings: IntegratorSettings | None = None,
    **options: Any,
) -> Posterior:
    """Posterior over the sources of a model.

    Parameters
    ----------
    model : Model
    engine : {"integrate", "mcmc"}
        The integrator, or PyMC.
    random_seed : int
        Seed of the engine's randomness.
    settings : IntegratorSettings, optional
        How hard the integrator tries; its seed is replaced by `random_seed`.
    **options
        Passed to `causation.inference.mcmc.sample`.

    Returns
    -------
    Posterior

    Raises
    ------
    ImpossibleEvidenceError
        If the evidence excludes every source.
    RefusalError
        If the engine cannot vouch for its result.
    InputError
        If there is no such engine.

    Examples
    --------
    >>> from causation.case import load_case, resolve
    >>> from causation.model.build import build_model
    >>> infer(build_model(resolve(load_case("bic-2025-doxxing"))))
    <Posterior (integrate): platform 0.986, osint 0.001, third_party 0.004, unknown 0.009>
    """
    if engine == "integrate":
        return infer_many([model], random_seed=random_seed, settings=settings)[0]
    if engine == "mcmc":
        from causation.inference.mcmc import sample

        return sample(model, random_seed=random_seed, **options)
    raise InputError(f"there is no engine {engine!r}; allowed: {', '.join(ENGINES)}")


def infer_many(
    models: Sequence[Model],
    *,
    random_seed: int = 20250723,
    settings: IntegratorSettings | None = None,
) -> list[Posterior]:
    """Posteriors of several models by the integrator; integrals they share are computed once."""
    from dataclasses import replace

    settings = replace(settings or IntegratorSettings(), random_seed=random_seed)
    return [
        posterior_from_components(model, components, random_seed=random_seed)
        for model, components in zip(models, compute_components(models, settings), strict=True)
    ]


def posterior_from_components(
    model: Model, components: Components, *, random_seed: int
) -> Posterior:
    """Weigh components by the model's own prior, linkage, misfit and findings."""
    log_evidence = components.log_evidence(model.log_prior, model.linkage, model.misfit)
    log_evidence = log_evidence + model.findings_log_likelihood().sum(axis=0)
    if np.isneginf(log_evidence).all():
        raise ImpossibleEvidenceError(_explain(model))
    return Posterior(
        sources=model.sources,
        proposition=model.proposition,
        log_prior=model.log_prior,
        log_evidence_replicates=log_evidence,
        engine="integrate",
        random_seed=random_seed,
    )


def _explain(model: Model) -> str:
    parts = []
    for s, source in enumerate(model.sources):
        findings = [
            finding
            for group in model.finding_groups
            for finding, row in zip(group.findings, group.log_likelihood, strict=True)
            if np.isneginf(row[s])
        ]
        cause = f"finding {', '.join(findings)}" if findings else "memberships of the victims"
        parts.append(f"{source} by {cause}")
    return "the evidence excludes every source: " + "; ".join(parts)
