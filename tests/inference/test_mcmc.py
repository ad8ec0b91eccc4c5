"""The PyMC engine: its density, its checks and its refusals; NUTS itself where marked slow."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from typing import Any

import arviz
import numpy as np
import pymc as pm
import pytest
import xarray as xr

from causation.case import bundled_cases, load_case, resolve
from causation.errors import ImpossibleEvidenceError, InputError, MissingExtraError, RefusalError
from causation.evidence.base import logsumexp
from causation.inference import infer
from causation.inference.mcmc import (
    IMPOSSIBLE,
    Checks,
    _check,
    _latents,
    build_graph,
    light_compilation,
    log_background,
    log_joint_of_draws,
    quiet,
)
from causation.model.build import Model, build_model
from causation.model.simulation import simulate
from causation.scales import LN10
from causation.validation.designs import designs
from causation.validation.prior_sensitivity import prior_sensitivity


def shipped(name: str) -> Model:
    return build_model(resolve(load_case(name)))


def _impossible_membership(model: Model) -> Model:
    """The first source never has a user of the first custodian among its victims."""
    center, sd = model.member_center.copy(), model.member_sd.copy()
    center[0, 0], sd[0, 0] = -np.inf, 0.0
    misfit = model.misfit.copy()
    misfit[0] = 0.0
    return replace(model, member_center=center, member_sd=sd, misfit=misfit)


def _prior_estimate(model: Model, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Log evidence and the standard error of its log10, by draws of the latents from the prior."""
    rng = np.random.default_rng(seed)
    latents = {n: rng.standard_normal((draws, *shape)) for n, (_, shape) in _latents(model).items()}
    joint = log_joint_of_draws(model, latents, log_background(model)) - model.log_prior
    value = logsumexp(np, joint, axis=0) - np.log(draws)
    with np.errstate(invalid="ignore"):
        error = np.exp(joint - value).std(axis=0) / np.sqrt(draws) / LN10
    return value, error


@pytest.mark.parametrize("name", bundled_cases())
def test_density_averages_to_the_evidence(name: str) -> None:
    """Mean over prior draws against the integrator, within four standard errors."""
    model = shipped(name)
    value, error = _prior_estimate(model, 20_000, 1)
    posterior = infer(model)
    gap = np.abs(value - posterior.log_evidence) / LN10
    assert (gap <= 4.0 * np.hypot(error, posterior.error)).all()


@pytest.mark.parametrize("design", range(len(designs())))
def test_density_of_every_shape(design: int) -> None:
    model = simulate(designs()[design].model, rng=np.random.default_rng(design)).model
    value, error = _prior_estimate(model, 10_000, 2)
    posterior = infer(model)
    gap = np.abs(value - posterior.log_evidence) / LN10
    # 84 comparisons in all: 4.5 standard errors
    assert (gap <= 4.5 * np.hypot(error, posterior.error)).all()


def test_impossible_evidence_is_a_constant() -> None:
    model = _impossible_membership(shipped("bic-2025-doxxing"))
    model = replace(model, linkage=np.ones_like(model.linkage))
    latents = {n: np.zeros((1, *shape)) for n, (_, shape) in _latents(model).items()}
    joint = log_joint_of_draws(model, latents, log_background(model))
    assert joint[0, 0] < IMPOSSIBLE / 2
    assert np.isfinite(joint).all()
    assert np.isneginf(infer(model).log_evidence[0])


def test_background_needs_uncertain_groups_only() -> None:
    background = log_background(shipped("bic-2025-doxxing"))
    assert np.isnan(background[0])
    assert np.isfinite(background[1])


def test_background_is_the_prior_mean_of_the_likelihoods() -> None:
    model = shipped("bic-2025-doxxing")
    alone = replace(
        model.reduced(without_groups=[model.groups[0]]), linkage=np.ones(1), finding_groups=()
    )
    expected = logsumexp(np, model.log_prior + infer(alone).log_evidence, axis=0)
    assert log_background(model)[1] == pytest.approx(expected, abs=1e-9)


def test_refusals_name_their_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    model = shipped("shen-2018")
    with pytest.raises(InputError, match="no sampler 'stan'"):
        infer(model, engine="mcmc", nuts_sampler="stan")
    with pytest.raises(InputError, match="at least 2 chains"):
        infer(model, engine="mcmc", chains=1)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"causation\[nutpie\]"):
        infer(model, engine="mcmc", nuts_sampler="nutpie")


def test_evidence_that_excludes_every_source() -> None:
    model = shipped("bic-2025-doxxing")
    group = model.finding_groups[0]
    none = replace(group, log_likelihood=np.full_like(group.log_likelihood, -np.inf))
    with pytest.raises(ImpossibleEvidenceError):
        infer(replace(model, finding_groups=(none,)), engine="mcmc")


def _tree(values: np.ndarray, *, divergent: int = 0) -> xr.DataTree:
    dims = ("chain", "draw", "source")
    diverging = np.zeros(values.shape[:2], dtype=bool)
    diverging.flat[:divergent] = True
    coords = {"chain": np.arange(values.shape[0]), "draw": np.arange(values.shape[1])}
    posterior = xr.Dataset({"u": (dims, values), "source_probability": (dims, values)}, coords)
    stats = xr.Dataset({"diverging": (("chain", "draw"), diverging)}, coords)
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats})


def test_checks() -> None:
    good = np.random.default_rng(0).random((4, 1000, 2))
    _check(_tree(good), Checks())
    with pytest.raises(RefusalError, match="3 divergent transitions"):
        _check(_tree(good, divergent=3), Checks())
    with pytest.raises(RefusalError, match="Monte Carlo standard error"):
        _check(_tree(good), Checks(mcse=1e-4))
    apart = good + np.arange(4)[:, None, None]
    with pytest.raises(RefusalError, match="R-hat"):
        _check(_tree(apart), Checks())
    sticky = np.repeat(good[:, ::50], 50, axis=1)
    with pytest.raises(RefusalError, match="effective sample size"):
        _check(_tree(sticky), Checks(mcse=1.0, rhat=9.0))


def test_compilation_level_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.delenv("NUMBA_OPT", raising=False)
    with light_compilation():
        assert os.environ["NUMBA_OPT"] == "1"
    assert "NUMBA_OPT" not in os.environ
    monkeypatch.setenv("NUMBA_OPT", "3")
    with light_compilation():
        assert os.environ["NUMBA_OPT"] == "3"


def test_prior_sensitivity_needs_draws() -> None:
    with pytest.raises(InputError, match="mcmc"):
        prior_sensitivity(infer(shipped("shen-2018")))


# --- slow: everything below compiles ------------------------------------------------------------


@pytest.fixture(scope="module")
def beijing() -> Any:
    return infer(shipped("bic-2025-doxxing"), engine="mcmc", random_seed=1)


@pytest.mark.slow
def test_tree_has_named_dims_and_every_group(beijing: Any) -> None:
    tree = beijing.tree
    assert set(tree.children) == {
        "posterior",
        "sample_stats",
        "prior",
        "prior_predictive",
        "observed_data",
        "constant_data",
        "log_prior",
        "log_likelihood",
    }
    assert tree["posterior"]["c"].dims == ("chain", "draw", "source", "field")
    assert list(tree["posterior"]["source"].to_numpy()) == list(beijing.sources)
    assert list(tree["observed_data"]["group"].to_numpy()) == ["plaintiff", "co_victims"]
    share = tree["posterior"]["source_probability"]
    np.testing.assert_allclose(share.sum("source"), 1.0, rtol=1e-12)
    np.testing.assert_allclose(share.mean(("chain", "draw")), beijing.probability, atol=1e-12)


@pytest.mark.slow
def test_arviz_reads_the_tree_as_it_is(beijing: Any) -> None:
    with quiet():
        assert "source_probability[platform]" in arviz.summary(beijing.tree).index
        assert "source_probability[platform]" in arviz.psense_summary(beijing.tree).index
        arviz.plot_trace_dist(beijing.tree, var_names=["u"])
    sentences = prior_sensitivity(beijing)
    assert len(sentences) == 4
    assert all("its prior" in s for s in sentences)


@pytest.mark.slow
def test_gradient_is_finite_where_a_source_is_excluded() -> None:
    model = _impossible_membership(shipped("bic-2025-doxxing"))
    with quiet(), light_compilation():
        graph = build_graph(model)
        function = graph.model.logp_dlogp_function(ravel_inputs=True)
        function.set_extra_values({})
        start = pm.blocking.DictToArrayBijection.map(graph.model.initial_point())
        value, gradient = function(start)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


@pytest.mark.slow
def test_own_sampler_of_pymc() -> None:
    model = shipped("shen-2018")
    found = infer(model, engine="mcmc", nuts_sampler="pymc", random_seed=2)
    np.testing.assert_allclose(found.probability, infer(model).probability, atol=0.02)
