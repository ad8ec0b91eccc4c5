"""The PyMC engines: their density, their checks and their refusals; sampling where marked slow."""

from __future__ import annotations

import importlib.util
import json
import os
from typing import Any

import arviz
import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
import xarray as xr

from causation.case import data_path, fill, load_case, parse_case
from causation.errors import ImpossibleEvidenceError, InputError, MissingExtraError, RefusalError
from causation.evidence.base import At
from causation.inference.evaluate import LN10, Answer, evaluate
from causation.inference.infer import infer
from causation.inference.joint import Joint
from causation.inference.mcmc import (
    Checks,
    _missed,
    build_graph,
    light_compilation,
    quiet,
    sample,
)
from causation.inference.smc import sample_smc
from causation.inference.tensors import PYTENSOR
from causation.inference.trees import from_datatree, to_datatree
from causation.model.structure import Model, build_model
from causation.validation.designs import designs
from causation.validation.prior_sensitivity import prior_sensitivity
from tests.build import model_of_document
from tests.shipped import SHIPPED

LIGHT = pytensor.compile.mode.Mode(linker="py", optimizer=None)
"""Nothing is compiled: a graph this large is evaluated a few times only."""


def shipped(name: str) -> Model:
    return build_model(fill(load_case(name)))


def everything(**changes: Any) -> Model:
    """Every kind of evidence and every way of being listed, with chains over two libraries."""
    fields = ["account_link", "phone", "real_name", "id_photo"]
    reach = {"reach": [0.2, 0.7]}
    victims = [
        {"id": "p", "plaintiff": True, "disclosed": ["phone", "real_name"],
         "traits": {"anonymous": True}, "users_of": ["shop"],
         "record": [{"of": ["shop"], "agrees": ["phone"], "differs": ["real_name"]},
                    {"of": ["shop", "bank"], "agrees": ["phone"]}],
         "dates": {"phone": {"since": "2023-06"}, "real_name": {"until": "2023-11-02"}}},
        {"id": "listed", "count": 3, "disclosed": ["id_photo"], "not_disclosed": ["phone"],
         "traits": {"anonymous": 0.7}, "users_of": ["bank"],
         "known_by": {"users_of": ["shop"], "published_any": ["real_name", "phone"]}},
        {"id": "stranger", "disclosed": ["phone", "account_link"], "not_users_of": ["shop"],
         "linkage": [0.3, 0.8], "known_by": {"published_all": ["phone"]},
         "dates": {"phone": {"since": "2024-02"}}},
        {"id": "chosen", "count": 2, "not_disclosed": ["phone"], "known_by": "attempt"},
    ]  # fmt: skip
    document = {
        "schema": 2,
        "id": "everything",
        "jurisdiction": "none",
        "standard": 0.75,
        "incident_date": "2024-05-03",
        "proposition": {"source": "bank", "role": "supplied", "fields": ["phone"]},
        "fields": fields,
        "routes": {"shop/bank": [0.1, 0.3], "osint/shop": [0.1, 0.2]},
        "sources": {
            "shop": {"kind": "custodian", "holds": fields, **reach},
            "bank": {"kind": "custodian", "holds": fields[1:3], **reach},
            "osint": {"kind": "inference", **reach},
            "one": {"kind": "leaked_library", **reach},
            "two": {"kind": "leaked_library", "holds": ["phone"], **reach},
            "unknown": {"kind": "residual", **reach},
        },
        "victims": victims,
        "security": {"shop": {"incidents": {"count": 1, "years": 5}}},
        "findings": [
            {"id": i, "likelihood": {"shop": 0.6, "bank": [0.2, 0.5], "osint": 0.3, "one": 0.1,
                                     "two": 0.2, "unknown": 0.3},
             "about": "shop", "group": "g", "overlap": 0.3, "reliability": 0.9}
            for i in ("a", "b")
        ],
    }  # fmt: skip
    return build_model(fill(parse_case(json.dumps(document | changes))))


@pytest.fixture(scope="module")
def whole() -> Joint:
    return Joint(everything())


def test_every_kind_of_evidence_is_in_it(whole: Joint) -> None:
    heads = {name.removeprefix("own:").partition(".")[0] for name in whole.names}
    assert heads == {"v", "u", "c", "b", "h", "kappa", "e", "mu", "alpha"}
    assert max(len(r.sources) for r in whole.model.routes) == 2


def test_numpy_equals_pytensor_for_every_route(whole: Joint) -> None:
    """To 1e-10 at random points, routes and stand-in."""
    model, base = whole.model, whole.model.base()
    z = pt.dvector("z")
    symbols = {name: z[i] for i, name in enumerate(whole.names)}
    at = At(PYTENSOR, model.places, base.center[0], base.sd[0], symbols)
    symbolic = [d.log_total(at, whole.log_b) for d in whole.densities]
    function = pytensor.function([z], symbolic, mode=LIGHT)
    points = 2.0 * np.random.default_rng(3).standard_normal((4, len(whole.names)))
    latents = dict(zip(whole.names, points.T, strict=True))
    numbers = np.stack([whole.log_victims(d, whole.at(latents)) for d in whole.densities], axis=1)
    for point, expected in zip(points, numbers, strict=True):
        np.testing.assert_allclose(function(point), expected, rtol=1e-10, atol=1e-10)


def test_gradient_is_that_of_the_numbers() -> None:
    """The graph's gradient at a point against central differences of the NumPy density."""
    joint = Joint(model_of_document())
    graph = build_graph(joint)
    with quiet():
        function = graph.logp_dlogp_function(ravel_inputs=True, mode=LIGHT)
        function.set_extra_values({})
        point = pm.blocking.DictToArrayBijection.map(graph.initial_point())
        where = 0.7 * np.random.default_rng(1).standard_normal(len(joint.names))
        value, gradient = function(type(point)(where, point.point_map_info))
    step = 1e-5 * np.eye(len(where))
    both = joint.table(np.concatenate([where + step, where - step, where[None]]))[0]
    log_joint = np.logaddexp.reduce(both.reshape(len(both), -1), axis=1)
    log_normal = -0.5 * (where**2 + np.log(2.0 * np.pi)).sum()
    assert value == pytest.approx(log_joint[-1] + log_normal, rel=1e-10)
    count = len(where)
    slope = (log_joint[:count] - log_joint[count:-1]) / 2e-5
    np.testing.assert_allclose(gradient, slope - where, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [*SHIPPED, *range(0, len(designs()), 5)])
def test_density_averages_to_the_answer(name: str | int) -> None:
    """Mean over prior draws against the integrator, within four and a half standard errors."""
    model = designs()[name].model if isinstance(name, int) else shipped(name)
    joint, answer = Joint(model), evaluate(model)
    draws = np.random.default_rng(1).standard_normal((20_000, len(joint.names)))
    log_joint, chance = joint.table(draws)
    value = np.exp(log_joint).sum(axis=2)
    mean, error = value.mean(axis=0), value.std(axis=0) / np.sqrt(len(draws))
    expected = np.exp(answer.log_prior + answer.log_evidence)[0]
    gap = np.abs(mean - expected)
    # errors that heavy tails hide show in the largest weight: 2 % of the sum is the most
    small = value.max(axis=0) / value.sum(axis=0) < 0.02
    assert small.sum() >= 2
    allowed = 4.5 * np.hypot(error, LN10 * expected * answer.error[0]) + 1e-12
    assert (gap <= allowed)[small].all()
    claim = (np.exp(log_joint) * chance).sum(axis=2).mean(axis=0)
    spread = 4.5 * error + 0.01 * expected
    assert (np.abs(claim - expected * answer.credit[0]) <= spread)[small].all()


def test_an_excluded_route_has_no_weight() -> None:
    model = model_of_document(
        findings=[
            {
                "id": "alibi",
                "likelihood": {"platform": 0, "osint": 0.5, "library": 0.5},
                "reliability": 1,
            }
        ]
    )
    joint = Joint(model)
    log_joint, _ = joint.table(np.zeros((1, len(joint.names))))
    assert np.isneginf(log_joint[0, 0]).all()
    assert np.isfinite(log_joint[0, 1]).all()
    assert len(joint.terms(joint.at(dict.fromkeys(joint.names, 0.0)))) == 4


def test_evidence_that_excludes_every_route() -> None:
    model = model_of_document(
        findings=[
            {
                "id": "none",
                "likelihood": {"platform": 0, "osint": 0, "library": 0},
                "reliability": 1,
            }
        ]
    )
    for engine in ("integrate", "mcmc", "smc"):
        with pytest.raises(ImpossibleEvidenceError):
            infer(model, engine=engine)


def test_findings_alone_need_no_draws() -> None:
    model = build_model(data_path("published", "three-suspect-burglary.yaml"))
    for found in (sample(model, random_seed=1), sample_smc(model, random_seed=1)):
        np.testing.assert_allclose(found.posterior, evaluate(model).posterior, rtol=1e-12)
        assert found.probability_error[0] == 0.0


def test_refusals_name_their_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of_document()
    with pytest.raises(InputError, match="no engine 'stan'"):
        infer(model, engine="stan")
    with pytest.raises(InputError, match="no sampler 'stan'"):
        infer(model, engine="mcmc", nuts_sampler="stan")
    with pytest.raises(InputError, match="at least 2 chains"):
        infer(model, engine="mcmc", chains=1)
    with pytest.raises(InputError, match="at least 2 chains"):
        infer(model, engine="smc", chains=1)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"causation\[nutpie\]"):
        infer(model, engine="mcmc", nuts_sampler="nutpie")


def _tree(values: np.ndarray, *, divergent: int = 0) -> xr.DataTree:
    dims = ("chain", "draw", "route")
    diverging = np.zeros(values.shape[:2], dtype=bool)
    diverging.flat[:divergent] = True
    coords = {"chain": np.arange(values.shape[0]), "draw": np.arange(values.shape[1])}
    posterior = xr.Dataset({"z": (dims, values), "route_given_latents": (dims, values)}, coords)
    stats = xr.Dataset({"diverging": (("chain", "draw"), diverging)}, coords)
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats})


def test_checks() -> None:
    good = np.random.default_rng(0).random((4, 1000, 2))
    assert _missed(_tree(good), Checks()) == []
    apart = good + np.arange(4)[:, None, None]
    sticky = np.repeat(good[:, ::50], 50, axis=1)
    for tree, checks, word in (
        (_tree(good, divergent=3), Checks(), "3 divergent transitions"),
        (_tree(good), Checks(mcse=1e-4), "Monte Carlo standard error"),
        (_tree(apart), Checks(), "R-hat"),
        (_tree(sticky), Checks(mcse=1.0, rhat=9.0), "effective sample size"),
    ):
        assert word in "; ".join(_missed(tree, checks))


def test_a_run_that_misses_is_repeated_and_then_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, float]] = []

    def run(*_: Any, draws: int, target_accept: float, **__: Any) -> xr.DataTree:
        asked.append((draws, target_accept))
        return _tree(np.random.default_rng(0).random((4, 100, 2)), divergent=1)

    monkeypatch.setattr("causation.inference.mcmc._run", run)
    with pytest.raises(RefusalError, match="1 divergent"):
        sample(model_of_document(), random_seed=1)
    assert asked == [(1000, 0.9), (4000, 0.95)]


def test_compilation_level_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_OPT", raising=False)
    with light_compilation():
        assert os.environ["NUMBA_OPT"] == "1"
    assert "NUMBA_OPT" not in os.environ
    monkeypatch.setenv("NUMBA_OPT", "3")
    with light_compilation():
        assert os.environ["NUMBA_OPT"] == "3"


def test_prior_sensitivity_needs_draws() -> None:
    with pytest.raises(InputError, match="mcmc"):
        prior_sensitivity(evaluate(model_of_document()))


def test_an_answer_survives_its_tree() -> None:
    model = model_of_document()
    answer = evaluate(model, model.without([[], ["findings.audit"]]))
    tree = to_datatree(answer, version="x", missing=None)
    assert tree["route_evidence"].attrs == {"engine": "integrate", "version": "x"}
    again = from_datatree(tree, model)
    np.testing.assert_array_equal(again.posterior, answer.posterior)
    np.testing.assert_array_equal(again.probability, tree["route_evidence"]["probability"])
    with pytest.raises(InputError, match="the model's: ctrip"):
        from_datatree(tree, shipped("shen-2018"))
    with pytest.raises(InputError, match="no group"):
        from_datatree(xr.DataTree(), model)


# --- slow: everything below compiles ------------------------------------------------------------


@pytest.fixture(scope="module")
def beijing() -> Any:
    return infer(shipped("bic-2025-doxxing"), engine="mcmc", random_seed=1)


@pytest.mark.slow
def test_nuts_agrees_with_the_integrator(beijing: Any) -> None:
    answer = evaluate(beijing.model)
    _agree(beijing, answer)
    error = np.hypot(beijing.probability_error, answer.probability_error)
    assert (np.abs(beijing.probability - answer.probability) <= 4.0 * error).all()


def _agree(found: Answer, answer: Answer) -> None:
    error = LN10 * answer.posterior * np.hypot(found.error, answer.error)
    assert (np.abs(found.posterior - answer.posterior) <= 4.0 * error).all()


@pytest.mark.slow
def test_tree_has_named_dims_and_every_group(beijing: Any) -> None:
    tree = beijing.tree
    assert set(tree.children) == {
        "posterior", "sample_stats", "prior", "observed_data", "constant_data", "log_prior",
        "log_likelihood",
    }  # fmt: skip
    assert tree["posterior"]["z"].dims == ("chain", "draw", "latent")
    assert "c.platform.phone" in tree["posterior"]["latent"].to_numpy()
    assert list(tree["observed_data"]["group"].to_numpy()) == ["plaintiff", "co_victims"]
    share = tree["posterior"]["route_given_latents"]
    assert "no uncertainty of it" in share.attrs["description"]
    np.testing.assert_allclose(share.sum("route"), 1.0, rtol=1e-12)
    np.testing.assert_allclose(share.mean(("chain", "draw")), beijing.posterior[0], atol=1e-12)


@pytest.mark.slow
def test_arviz_reads_the_tree_as_it_is(beijing: Any) -> None:
    with quiet():
        assert "route_given_latents[platform]" in arviz.summary(beijing.tree).index
        assert (
            "proposition_given_latents"
            in arviz.psense_summary(beijing.tree, var_names=["proposition_given_latents"]).index
        )
        sentences = prior_sensitivity(beijing)
    # not defined for one case, and the message says so
    with pytest.raises(TypeError, match="a_case_has_no_points_to_leave_out"):
        arviz.loo(beijing.tree)
    assert len(sentences) == len(tuple(beijing.tree["log_prior"].data_vars))
    assert all("their prior" in s for s in sentences)


@pytest.mark.slow
def test_own_sampler_of_pymc_with_every_kind_of_evidence() -> None:
    model = everything(routes="single")
    answer = evaluate(model)
    found = sample(model, random_seed=2, nuts_sampler="pymc")
    _agree(found, answer)
    assert found.credit[0] == pytest.approx(answer.credit[0], abs=0.02)


@pytest.mark.slow
def test_smc_agrees_with_the_integrator() -> None:
    model = model_of_document()
    answer, found = evaluate(model), sample_smc(model, random_seed=4, chains=8)
    error = LN10 * np.hypot(found.error, answer.error)
    assert (np.abs(found.log_evidence - answer.log_evidence) <= 4.0 * error).all()
    assert found.probability == pytest.approx(answer.probability, abs=0.01)
