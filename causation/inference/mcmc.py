"""The model in PyMC: draws of the latents by NUTS, the sources summed out exactly.

The likelihood is the code of `causation.evidence`, evaluated on PyTensor variables. Latents are
standard normal, hence non-centred; sources, misfit branches and linkage are discrete and summed
out, so that the density is smooth. Every draw carries the posterior of the sources given its
latents, and their mean is the posterior of the sources.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import math
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import arviz
import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr

from causation.errors import InputError, MissingExtraError, RefusalError
from causation.evidence import KINDS
from causation.evidence.base import Branch, logsumexp
from causation.inference.infer import infer, infer_many
from causation.inference.posterior import Posterior
from causation.model.build import Model
from causation.model.simulation import MAX_UNCERTAIN, MAX_VICTIMS, simulate

__all__ = [
    "IMPOSSIBLE",
    "SAMPLERS",
    "Checks",
    "Graph",
    "build_graph",
    "light_compilation",
    "log_background",
    "log_joint",
    "log_joint_of_draws",
    "quiet",
    "sample",
]

SAMPLERS = ("nutpie", "pymc")


@dataclass(frozen=True, slots=True)
class Checks:
    """What a run must pass; one that does not is refused.

    Parameters
    ----------
    rhat : float
        Largest R-hat allowed, for every latent and every source's probability.
    ess : float
        Least effective sample size (bulk and tail).
    divergences : int
        Most divergent transitions.
    mcse : float
        Largest Monte Carlo standard error of a source's posterior probability.
    """

    rhat: float = 1.01
    ess: float = 400.0
    divergences: int = 0
    mcse: float = 0.01


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
    prior_draws: int = 200,
    checks: Checks | None = None,
) -> Posterior:
    r"""Posterior over the sources by NUTS.

    NUTS gives posterior probabilities only, as the mean over draws of
    :math:`P(s \mid E, \text{latents})` in each chain. What `Posterior` calls the log evidence
    of a source then follows up to a constant that is the same for all sources,
    :math:`\log L_s = \log P(s \mid E) - \log \pi_s + \log P(E)`. The constant
    :math:`\log P(E)` is taken from the integrator; likelihood ratios and probabilities do not
    depend on it. An estimate that owes nothing to the integrator is that of
    `causation.inference.smc`. The chains are the independent replicates behind the errors.

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
    prior_draws : int
        Draws of the latents, and simulated cases, from the prior.
    checks : Checks, optional
        What the run must pass.

    Returns
    -------
    Posterior
        With `tree`, an `xarray.DataTree` of the groups posterior, sample_stats, prior,
        prior_predictive, observed_data, constant_data, log_prior and log_likelihood.

    Raises
    ------
    RefusalError
        If a check fails; names it.
    ImpossibleEvidenceError
        If the evidence excludes every source.
    MissingExtraError
        If nutpie is asked for and not installed.
    InputError
        If there is no such sampler, or a number of draws makes no sense.
    """
    sampler = _sampler(nuts_sampler)
    if draws < 4 or chains < 2 or tune < 0 or prior_draws < 1:
        raise InputError(
            f"mcmc: {chains} chains of {draws} draws after {tune}, {prior_draws} from the prior; "
            "allowed: at least 2 chains of 4 draws, tune 0 or more, 1 from the prior"
        )
    reference = infer(model, random_seed=random_seed)
    with quiet():
        graph = build_graph(model)
        tree = _run(
            graph,
            sampler,
            draws=draws,
            tune=tune,
            chains=chains,
            cores=min(cores, chains),
            target_accept=target_accept,
            progressbar=progressbar,
            random_seed=random_seed,
        )
        tree = _complete(tree, model, graph, random_seed, prior_draws)
    _check(tree, checks or Checks())
    total = float(logsumexp(np, reference.log_prior + reference.log_evidence, axis=0))
    with np.errstate(divide="ignore"):
        by_chain = np.log(tree["posterior"]["source_probability"].mean("draw").to_numpy())
    return Posterior(
        sources=model.sources,
        proposition=model.proposition,
        log_prior=model.log_prior,
        log_evidence_replicates=by_chain - model.log_prior + total,
        engine="mcmc",
        random_seed=random_seed,
        tree=tree,
    )


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
    """PyMC's own advice on a run is replaced by `Checks`, which refuse."""
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


# --- the density -------------------------------------------------------------------------------


def log_background(model: Model, *, random_seed: int = 20250723) -> np.ndarray:
    """Natural log of ``B_g``: the likelihood of a group that is not of the series.

    Returns
    -------
    ndarray, shape (G,)
        NaN for groups whose linkage is 1.
    """
    result = np.full(len(model.groups), np.nan)
    uncertain = np.flatnonzero(model.linkage < 1.0)
    alone = []
    for g in uncertain:
        others = [name for i, name in enumerate(model.groups) if i != g]
        one = model.reduced(without_groups=others)
        alone.append(replace(one, linkage=np.ones(1), finding_groups=()))
    for g, posterior in zip(uncertain, infer_many(alone, random_seed=random_seed), strict=True):
        result[g] = logsumexp(np, posterior.log_prior + posterior.log_evidence, axis=0)
    return result


IMPOSSIBLE = -1e30
"""Stands for ``-inf`` inside a density: its exponential is 0, and so is its derivative."""


def log_joint(xp: Any, model: Model, latents: Mapping[str, Any], background: np.ndarray) -> Any:
    """Natural log of ``L_s`` without findings, given the latents, for every source.

    Sources of one kind are computed together: to the code of the evidence they are one source
    whose numbers have an axis more.

    Parameters
    ----------
    xp : module
        ``numpy`` or ``pytensor.tensor``.
    model : Model
    latents : mapping of str to array
        ``u`` (..., S), ``c`` (..., S, F), ``d`` (..., S, C), and ``g`` (..., P, K) over the
        sources on which the profile acts. Leading axes are batches.
    background : ndarray, shape (G,)
        From `log_background`.

    Returns
    -------
    array, shape (..., S)
        Below ``IMPOSSIBLE / 2`` where the evidence excludes the source.
    """
    every = np.arange(len(model.sources))
    acting = model.profiled & bool(model.items)
    parts, order = [], []
    for members in (np.flatnonzero(~acting), np.flatnonzero(acting)):
        if members.size:
            values = _lifted(model, latents, members)
            stacked = _as_one_source(model, members)
            parts.append(_series(xp, stacked, Branch.ELICITED, values, background))
            order.append(members)
    elicited = parts[0] if len(parts) == 1 else xp.concatenate(parts, axis=-1)
    elicited = elicited[..., np.argsort(np.concatenate(order))]
    if not (model.misfit > 0.0).any():
        return elicited
    vague = _series(xp, model, Branch.VAGUE, _lifted(model, latents, every), background)
    return xp.logaddexp(_log(1.0 - model.misfit) + elicited, _log(model.misfit) + vague)


def _log(x: np.ndarray) -> np.ndarray:
    result = np.full(x.shape, IMPOSSIBLE)
    np.log(x, out=result, where=x > 0.0)
    return result


def _lifted(model: Model, latents: Mapping[str, Any], members: np.ndarray) -> dict[str, Any]:
    """Latents of some sources, with an axis for the groups of the case."""
    place = np.cumsum(model.profiled) - 1
    empty = np.zeros((members.size, 1, 0))
    values = {"u": empty[..., :1], "c": empty, "d": empty, "g": empty}
    for name, value in latents.items():
        if name == "u":
            values[name] = value[..., members][..., None, None]
        elif name != "g":
            values[name] = value[..., members, :][..., None, :]
        elif model.profiled[members].all():
            values[name] = value[..., place[members], :][..., None, :]
    return values


def _as_one_source(model: Model, members: np.ndarray) -> Model:
    """A model whose only source is all of these, along an axis of its own."""
    tables = {
        name: getattr(model, name)[members][None, :, None, :]
        for name in (
            "field_center",
            "field_sd",
            "effect_center",
            "effect_sd",
            "member_center",
            "member_sd",
        )
    }
    return replace(
        model,
        sources=("all",),
        profiled=model.profiled[members[:1]],
        correlation=model.correlation[members][None, :, None, None],
        field_center=tables["field_center"],
        field_sd=tables["field_sd"],
        effect_center=tables["effect_center"],
        effect_sd=tables["effect_sd"],
        member_center=tables["member_center"],
        member_sd=tables["member_sd"],
    )


def _groups(xp: Any, model: Model, branch: int, values: dict[str, Any]) -> Any:
    """Log-likelihood of every group, shape (..., sources, groups)."""
    if not model.groups:
        return np.zeros((values["u"].shape[-3], 0))
    kinds = []
    for kind in KINDS.values():
        value = kind.log_likelihood(xp, model, 0, branch, values)
        kinds.append(value[0] if value.ndim > 1 else value)
    return sum(kinds)


def _series(
    xp: Any, model: Model, branch: int, values: dict[str, Any], background: np.ndarray
) -> Any:
    """Log-likelihood of all groups, each in the series or not, shape (..., sources).

    What is impossible whatever the latents (a membership of probability 0) is replaced by a
    constant, for ``-inf`` has no gradient.
    """
    origin = {
        "u": np.zeros((1, 1, 1)),
        "c": np.zeros((1, 1, len(model.fields))),
        "d": np.zeros((1, 1, len(model.custodians))),
        "g": np.zeros((1, 1, len(model.items))),
    }
    with np.errstate(invalid="ignore"):
        possible = ~np.isneginf(_groups(np, model, branch, origin))
        linked = xp.where(possible, _groups(xp, model, branch, values), IMPOSSIBLE)
    sure = np.flatnonzero(model.linkage == 1.0)
    open_ = np.flatnonzero(model.linkage < 1.0)
    total = xp.sum(linked[..., sure], axis=-1)
    if open_.size:
        kappa = model.linkage[open_]
        apart = np.log1p(-kappa) + background[open_]
        together = _log(kappa) + linked[..., open_]
        total = total + xp.sum(xp.logaddexp(together, apart), axis=-1)
    return total


@dataclass(frozen=True, eq=False)
class Graph:
    """A PyMC model of a case, and its latents."""

    model: pm.Model
    latents: tuple[str, ...]
    background: np.ndarray


def _latents(model: Model) -> dict[str, tuple[tuple[str, ...], tuple[int, ...]]]:
    """Latents that the case needs, with the names and sizes of their dimensions."""
    size = {dim: len(names) for dim, names in _coordinates(model).items()}
    found = {}
    for latent in (latent for kind in KINDS.values() for latent in kind.latents):
        dims = latent.dims
        if "item" in dims:
            dims = tuple("inference_source" if d == "source" else d for d in dims)
        if all(d in size for d in dims):
            found[latent.name] = (dims, tuple(size[d] for d in dims))
    return found


def _coordinates(model: Model) -> dict[str, list[str]]:
    """Names along every dimension that is not empty."""
    names = {
        "source": model.sources,
        "field": model.fields,
        "item": model.items,
        "custodian": model.custodians,
        "group": model.groups,
        "inference_source": [s for s, p in zip(model.sources, model.profiled, strict=True) if p],
    }
    return {dim: list(values) for dim, values in names.items() if len(values)}


def _constant_term(model: Model) -> np.ndarray:
    """What does not depend on latents: log prior and findings, shape (S,)."""
    total = model.log_prior + model.findings_log_likelihood().sum(axis=0)
    return np.where(total > IMPOSSIBLE, total, IMPOSSIBLE)


def build_graph(model: Model, *, background: np.ndarray | None = None) -> Graph:
    """The posterior density of the latents as a PyMC model, sources summed out.

    Parameters
    ----------
    model : Model
    background : ndarray, shape (G,), optional
        From `log_background`, where it is known already.
    """
    if background is None:
        background = log_background(model)
    latents = _latents(model)
    coords = {d: v for d, v in _coordinates(model).items() if d != "group"}
    with pm.Model(coords=coords) as graph:
        values = {name: pm.Normal(name, 0.0, 1.0, dims=dims) for name, (dims, _) in latents.items()}
        joint = _constant_term(model) + log_joint(pt, model, values, background)
        pm.Potential("evidence", joint[0] if len(model.sources) == 1 else pt.logsumexp(joint))
    return Graph(graph, tuple(latents), background)


def log_joint_of_draws(
    model: Model, draws: Mapping[str, np.ndarray], background: np.ndarray
) -> np.ndarray:
    """Natural log of prior times likelihood of every source at every draw, shape (..., S)."""
    number = np.shape(draws["u"])[0]
    step = max(1, 2_000_000 // (1 + model.disclosed.size * len(model.sources)))
    parts = [
        log_joint(np, model, {k: v[i : i + step] for k, v in draws.items()}, background)
        for i in range(0, number, step)
    ]
    result: np.ndarray = _constant_term(model) + np.concatenate(parts)
    return result


# --- the run -----------------------------------------------------------------------------------


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


def _run(graph: Graph, sampler: str, *, progressbar: bool, **options: Any) -> xr.DataTree:
    with graph.model, light_compilation():
        tree: xr.DataTree = pm.sample(
            nuts_sampler=sampler,
            progressbar=progressbar,
            quiet=not progressbar,
            compute_convergence_checks=False,
            **options,
        )
    return tree


def _complete(
    tree: xr.DataTree, model: Model, graph: Graph, random_seed: int, prior_draws: int
) -> xr.DataTree:
    """Add what follows from the draws, and the groups that PyMC cannot know of."""
    posterior = tree["posterior"].to_dataset()[list(graph.latents)]
    posterior["u"] = posterior["u"].transpose("chain", "draw", ...)
    lead = posterior["u"].shape[:2]
    draws = {
        name: posterior[name].to_numpy().reshape(-1, *posterior[name].shape[2:])
        for name in graph.latents
    }
    share, total = _shares(model, draws, graph.background)
    posterior["source_probability"] = (
        ("chain", "draw", "source"),
        share.reshape(*lead, -1),
    )
    groups = {
        "posterior": posterior,
        "sample_stats": tree["sample_stats"].to_dataset(),
        "prior": _prior(model, graph, np.random.default_rng(random_seed), prior_draws),
        "prior_predictive": _prior_predictive(model, random_seed, prior_draws),
        "observed_data": _observed(model),
        "constant_data": _constant(model),
        "log_prior": -0.5 * (posterior[list(graph.latents)] ** 2 + math.log(2.0 * math.pi)),
        "log_likelihood": xr.Dataset(
            {"evidence": (("chain", "draw"), total.reshape(lead))},
            coords={d: posterior[d] for d in ("chain", "draw")},
        ),
    }
    return xr.DataTree.from_dict({k: v for k, v in groups.items() if v is not None})


def _shares(
    model: Model, draws: Mapping[str, np.ndarray], background: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Posterior of the sources at every draw, (N, S), and the log-likelihood there, (N,)."""
    joint = log_joint_of_draws(model, draws, background)
    total = logsumexp(np, joint, axis=-1)
    return np.exp(joint - total[:, None]), total


def _prior(model: Model, graph: Graph, rng: np.random.Generator, number: int) -> xr.Dataset:
    """Draws of the latents from the prior, and what the sources' posterior would be at each."""
    latents = _latents(model)
    draws = {name: rng.standard_normal((number, *shape)) for name, (_, shape) in latents.items()}
    share, _ = _shares(model, draws, graph.background)
    variables = {
        name: (("chain", "draw", *latents[name][0]), value[None]) for name, value in draws.items()
    }
    variables["source_probability"] = (("chain", "draw", "source"), share[None])
    return _dataset(model, variables).assign_coords(chain=[0], draw=np.arange(number))


def _observed(model: Model) -> xr.Dataset:
    values = {
        "disclosed": (("group", "field"), model.disclosed),
        "withheld": (("group", "field"), model.withheld),
        "profile": (("group", "item"), model.profile),
        "user": (("group", "custodian"), model.user),
    }
    return _dataset(model, values)


def _constant(model: Model) -> xr.Dataset:
    values = {
        "count": (("group",), model.count),
        "linkage": (("group",), model.linkage),
        "log_prior_of_source": (("source",), model.log_prior),
        "log_likelihood_of_findings": (
            ("source",),
            model.findings_log_likelihood().sum(axis=0),
        ),
        "misfit": (("source",), model.misfit),
        "correlation": (("source",), model.correlation),
        "field_center": (("source", "field"), model.field_center),
        "field_sd": (("source", "field"), model.field_sd),
        "member_center": (("source", "custodian"), model.member_center),
        "member_sd": (("source", "custodian"), model.member_sd),
        "effect_center": (("source", "item"), model.effect_center),
        "effect_sd": (("source", "item"), model.effect_sd),
        "reference_profile": (("item",), model.reference),
    }
    return _dataset(model, values)


def _dataset(model: Model, values: Mapping[str, tuple[tuple[str, ...], np.ndarray]]) -> xr.Dataset:
    filled = {name: (dims, v) for name, (dims, v) in values.items() if np.size(v)}
    used = {d for dims, _ in filled.values() for d in dims}
    return xr.Dataset(filled, coords={k: v for k, v in _coordinates(model).items() if k in used})


def _prior_predictive(model: Model, random_seed: int, number: int) -> xr.Dataset | None:
    """Shares of victims in simulated cases; None where the case is too large to simulate."""
    count = model.count
    uncertain = count[(model.linkage > 0.0) & (model.linkage < 1.0)].sum()
    if count.sum() > MAX_VICTIMS or uncertain > MAX_UNCERTAIN or not count.size:
        return None
    rng = np.random.default_rng(random_seed)
    cases = [simulate(model, rng=rng) for _ in range(number)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a mean over nothing known is NaN
        values = {
            "source_index": (
                ("chain", "draw"),
                np.array([[model.sources.index(c.source) for c in cases]]),
            ),
            "disclosed_share": (
                ("chain", "draw", "field"),
                np.array([[c.model.disclosed.mean(axis=0) for c in cases]]),
            ),
            "user_share": (
                ("chain", "draw", "custodian"),
                np.array([[np.nanmean(c.model.user, axis=0) for c in cases]]),
            ),
        }
    result = _dataset(model, values)
    return result.assign_coords(chain=[0], draw=np.arange(number))


def _check(tree: xr.DataTree, checks: Checks) -> None:
    """Refuse a run that did not converge.

    Raises
    ------
    RefusalError
        Naming every check that fails.
    """
    posterior = tree["posterior"].to_dataset()
    moving = posterior[[n for n in posterior.data_vars if float(posterior[n].std()) > 0.0]]
    reasons = []
    divergences = int(tree["sample_stats"]["diverging"].sum())
    if divergences > checks.divergences:
        reasons.append(f"{divergences} divergent transitions (at most {checks.divergences})")
    rhat = _extreme(arviz.rhat(moving), np.nanmax)
    if not rhat < checks.rhat:
        reasons.append(f"R-hat {rhat:.4f} (below {checks.rhat:g})")
    for method in ("bulk", "tail"):
        ess = _extreme(arviz.ess(moving, method=method), np.nanmin)
        if not ess >= checks.ess:
            reasons.append(f"{method} effective sample size {ess:.0f} (at least {checks.ess:g})")
    mcse = _extreme(arviz.mcse(posterior[["source_probability"]]), np.nanmax)
    if mcse > checks.mcse:
        reasons.append(
            f"Monte Carlo standard error {mcse:.3g} of a source's probability "
            f"(at most {checks.mcse:g})"
        )
    if reasons:
        raise RefusalError("mcmc: the run is refused: " + "; ".join(reasons))


def _extreme(dataset: xr.Dataset, pick: Any) -> float:
    values = np.concatenate([np.ravel(v.to_numpy()) for v in dataset.data_vars.values()])
    return float(pick(values)) if np.isfinite(values).any() else math.nan
