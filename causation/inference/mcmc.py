"""The model in PyMC: draws of the latents by NUTS, the routes summed out exactly.

The likelihood is the code of `causation.evidence`, evaluated on PyTensor variables. Latents are
standard normal, hence non-centred, and those that are the same whatever the route (what the actor
publishes, his hunting ground, what a source yields) are one variable. Routes, misfit, linkage and
ages of data are discrete and summed out, so that the density is smooth. Every draw carries the
posterior of the routes given its latents, and their mean is the posterior of the routes.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import math
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import arviz
import numpy as np
import pymc as pm
import xarray as xr

from causation.errors import ImpossibleEvidenceError, InputError, MissingExtraError, RefusalError
from causation.inference.draws import complete, label
from causation.inference.evaluate import LN10, Answer, evaluate
from causation.inference.joint import Joint
from causation.inference.tensors import PYTENSOR
from causation.interrupts import unshortened
from causation.model.structure import Model

SAMPLERS = ("nutpie", "pymc")


@dataclass(frozen=True, slots=True)
class Checks:
    """What a run must pass; one that does not is repeated with more draws, and then refused.

    Parameters
    ----------
    rhat : float
        Largest R-hat allowed, for every latent and every route's probability.
    ess : float
        Least effective sample size (bulk and tail).
    divergences : int
        Most divergent transitions.
    mcse : float
        Largest Monte Carlo standard error of a route's posterior probability.
    """

    rhat: float = 1.01
    ess: float = 400.0
    divergences: int = 0
    mcse: float = 0.01


@dataclass(frozen=True, eq=False)
class Sampled(Answer):
    """An answer from draws.

    Parameters
    ----------
    engine : str
        ``mcmc`` or ``smc``.
    random_seed : int
    tree : xarray.DataTree or None
        The draws: groups posterior, sample_stats, prior, log_prior, log_likelihood,
        constant_data and observed_data.
    chance_error : float
        Monte Carlo standard error of the proposition's probability.
    """

    engine: str = "mcmc"
    random_seed: int = 0
    tree: Any = field(default=None, repr=False)
    chance_error: float = math.nan

    @cached_property
    def probability_error(self) -> np.ndarray:
        """Standard error of the probability, shape (1,)."""
        return np.array([self.chance_error])


def sample(
    model: Model,
    *,
    random_seed: int,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    cores: int = 2,
    target_accept: float = 0.9,
    nuts_sampler: str | None = None,
    progressbar: bool = False,
    checks: Checks | None = None,
) -> Sampled:
    r"""Posterior over the routes by NUTS.

    NUTS gives posterior probabilities only, as the mean over draws of
    :math:`P(z \mid E, \text{latents})`. The log evidence of a route then follows up to a constant
    that is the same for all, :math:`\log L_z = \log P(z \mid E) - \log \pi_z + \log P(E)`. The
    constant :math:`\log P(E)` is taken from the integrator; likelihood ratios and probabilities
    do not depend on it. An estimate that owes nothing to the integrator is that of
    `causation.inference.smc`.

    A run that misses a check is repeated once, with four times the draws and smaller steps.

    Parameters
    ----------
    model : Model
    random_seed : int
    draws, tune, chains : int
        Kept and discarded draws of each chain, and chains.
    cores : int
        Chains that run at the same time.
    target_accept : float
        Acceptance rate aimed at.
    nuts_sampler : {"nutpie", "pymc"}, optional
        By default nutpie where it is installed, otherwise PyMC's own.
    progressbar : bool
        Show a progress bar.
    checks : Checks, optional
        What the run must pass.

    Returns
    -------
    Sampled

    Raises
    ------
    RefusalError
        If a check fails again; names it.
    ImpossibleEvidenceError
        If the evidence excludes every route.
    MissingExtraError
        If nutpie is asked for and not installed.
    InputError
        If there is no such sampler, or a number of draws makes no sense.
    """
    sampler = _sampler(nuts_sampler)
    if draws < 4 or chains < 2 or tune < 0:
        raise InputError(
            f"mcmc: {chains} chains of {draws} draws after {tune}; "
            "allowed: at least 2 chains of 4 draws, tune 0 or more"
        )
    joint = possible(Joint(model))
    chosen = checks or Checks()
    options = {"cores": min(cores, chains), "progressbar": progressbar, "nuts_sampler": sampler}
    tree, missed = xr.DataTree(), [""]
    for more in (1, 4):
        with quiet(), unshortened():
            tree = _run(
                joint, draws=draws * more, tune=tune * more, chains=chains,
                target_accept=target_accept if more == 1 else 0.5 * (1.0 + target_accept),
                random_seed=random_seed + more - 1, **options,
            )  # fmt: skip
            missed = _missed(tree, chosen)
        if not missed:
            return _answer(joint, tree, random_seed)
    raise RefusalError("mcmc: the run is refused: " + "; ".join(missed))


def possible(joint: Joint) -> Joint:
    """Return it, if some route can be true.

    Raises
    ------
    ImpossibleEvidenceError
        If the findings exclude every route.
    """
    if np.isneginf(joint.log_prior + joint.log_findings).all():
        raise ImpossibleEvidenceError("the findings exclude every route")
    return joint


def _sampler(asked: str | None) -> str:
    installed = importlib.util.find_spec("nutpie") is not None
    if asked is None:
        return "nutpie" if installed else "pymc"
    if asked not in SAMPLERS:
        raise InputError(f"mcmc: there is no sampler {asked!r}; allowed: {', '.join(SAMPLERS)}")
    if asked == "nutpie" and not installed:
        raise MissingExtraError("nutpie", extra="nutpie", purpose="the sampler nutpie")
    return asked


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """PyMC's own advice on a run is replaced by `Checks`."""
    loggers = [logging.getLogger(name) for name in ("pymc", "pytensor")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


@contextlib.contextmanager
def light_compilation() -> Iterator[None]:
    """Let Numba optimise less: compiling takes far longer than sampling these models.

    A level that the user has set (``NUMBA_OPT``) stays.
    """
    from numba.core import config

    reload_config: Callable[[], None] = config.reload_config
    if "NUMBA_OPT" in os.environ:
        yield
        return
    os.environ["NUMBA_OPT"] = "1"
    reload_config()
    try:
        yield
    finally:
        del os.environ["NUMBA_OPT"]
        reload_config()


def build_graph(joint: Joint) -> pm.Model:
    """The posterior density of the latents as a PyMC model, routes summed out."""
    names = joint.names
    with pm.Model(coords={"latent": [label(n) for n in names]}) as graph:
        z = pm.Normal("z", 0.0, 1.0, dims="latent")
        latents = {name: z[i] for i, name in enumerate(names)}
        values = [term.value for term in joint.terms(joint.at(latents, PYTENSOR))]
        pm.Potential("evidence", PYTENSOR.logsumexp(PYTENSOR.stack(values)))
    return graph


def _run(joint: Joint, *, chains: int, draws: int, **options: Any) -> xr.DataTree:
    """Draws with what follows from them."""
    if joint.names:
        with build_graph(joint), light_compilation():
            tree: xr.DataTree = pm.sample(
                chains=chains, draws=draws, compute_convergence_checks=False,
                quiet=not options["progressbar"], **options,
            )  # fmt: skip
        latent = tree["posterior"]["z"].transpose("chain", "draw", ...)
        stats = tree["sample_stats"].to_dataset()
    else:
        coords = {"chain": np.arange(chains), "draw": np.arange(draws), "latent": []}
        none = np.zeros((chains, draws, 0))
        latent = xr.DataArray(none, coords, ("chain", "draw", "latent"))
        stats = xr.Dataset({"diverging": latent.sum("latent") > 0.0})
    return complete(joint, latent, stats, options["random_seed"])


def _answer(joint: Joint, tree: xr.DataTree, random_seed: int) -> Sampled:
    """Routes' posterior turned into evidence, on the integrator's scale."""
    reference = evaluate(joint.model, joint.row)
    whole = float(np.logaddexp.reduce((reference.log_prior + reference.log_evidence)[0]))
    posterior = tree["posterior"].to_dataset()
    error = arviz.mcse(posterior[["route_given_latents", "proposition_given_latents"]])
    p = posterior["route_given_latents"].mean(("chain", "draw")).to_numpy()
    credit = posterior["proposition_by_route_given_latents"].mean(("chain", "draw")).to_numpy()
    some = np.where(p > 0.0, p, 1.0)
    with np.errstate(divide="ignore"):
        log_evidence = np.log(p) - joint.log_prior + whole
    spread = np.nan_to_num(error["route_given_latents"].to_numpy()) / some / LN10
    return Sampled(
        joint.model,
        joint.log_prior[None],
        log_evidence[None],
        spread[None],
        (credit / some)[None],
        np.zeros(1, bool),
        random_seed=random_seed,
        tree=tree,
        chance_error=float(np.nan_to_num(error["proposition_given_latents"].to_numpy())),
    )


def _missed(tree: xr.DataTree, checks: Checks) -> list[str]:
    """Every check that a run fails, in words."""
    posterior = tree["posterior"].to_dataset()
    spread = posterior.std(("chain", "draw"))
    moving = posterior[[n for n in posterior.data_vars if float(spread[n].max()) > 1e-12]]
    reasons = []
    divergences = int(tree["sample_stats"]["diverging"].sum())
    if divergences > checks.divergences:
        reasons.append(f"{divergences} divergent transitions (at most {checks.divergences})")
    if not moving.data_vars:
        return reasons
    rhat = _extreme(arviz.rhat(moving), np.nanmax)
    if not rhat < checks.rhat:
        reasons.append(f"R-hat {rhat:.4f} (below {checks.rhat:g})")
    for method in ("bulk", "tail"):
        ess = _extreme(arviz.ess(moving, method=method), np.nanmin)
        if not ess >= checks.ess:
            reasons.append(f"{method} effective sample size {ess:.0f} (at least {checks.ess:g})")
    mcse = _extreme(arviz.mcse(posterior[["route_given_latents"]]), np.nanmax)
    if mcse > checks.mcse:
        reasons.append(
            f"Monte Carlo standard error {mcse:.3g} of a route's probability "
            f"(at most {checks.mcse:g})"
        )
    return reasons


def _extreme(dataset: xr.Dataset, pick: Any) -> float:
    values = np.concatenate([np.ravel(v.to_numpy()) for v in dataset.data_vars.values()])
    return float(pick(values)) if np.isfinite(values).any() else math.nan
