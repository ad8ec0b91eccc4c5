"""Contributions in bans: published decompositions, brute force, and what adds up."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from typing import Any

import numpy as np
import pytest
import yaml

from causation.analyses.contributions import (
    EXACT_ITEMS,
    Contributions,
    compute_contributions,
    evidence_items,
    log10_odds_of,
)
from causation.case import data_path, load_case, resolve
from causation.case.resolved import Stage
from causation.evidence.findings import FindingGroup
from causation.inference import infer
from causation.inference.integrate import IntegratorSettings
from causation.model.build import Model, build_model
from tests.build import document, model_of_document

SETTINGS = IntegratorSettings()
COARSE = 0.03
"""Contributions use few points (standard error of an integral up to 0.02 bans)."""


def test_sally_clark_as_published() -> None:
    expected = yaml.safe_load(data_path("published/expected.yaml").read_text("utf-8"))
    (entry,) = [r for r in expected["results"] if r.get("case") == "sally-clark"]
    printed = entry["contributions"]
    model = build_model(resolve(load_case(data_path("published/sally-clark.yaml"))))
    ours = compute_contributions(model, SETTINGS)
    assert [r.item.name for r in ours.rows] == printed["order"]
    half_a_unit = 0.5 * 10.0 ** -printed["decimals"] + 1e-12
    for kind in ("sequential", "leave_one_out", "shapley"):
        for row, value in zip(ours.rows, printed[kind], strict=True):
            assert abs(getattr(row, kind) - value) <= half_a_unit, (kind, row.item.name)
    assert abs(ours.total - printed["total"]) <= half_a_unit


def sums(ours: Contributions) -> tuple[float, float]:
    return (
        math.fsum(r.sequential for r in ours.rows),
        math.fsum(r.shapley for r in ours.rows),
    )


def test_sequential_and_shapley_add_up_to_the_total() -> None:
    model = model_of_document(security={"platform": {"incidents": {"count": 2, "years": 3}}})
    ours = compute_contributions(model, SETTINGS)
    # telescoping sums of the same numbers
    np.testing.assert_allclose(sums(ours), ours.total, rtol=1e-12)
    posterior = infer(model)
    odds = log10_odds_of(posterior.log_prior + posterior.log_evidence, posterior.proposition)
    bare = model.reduced(without_security=["platform"]).log_prior
    assert ours.start == pytest.approx(log10_odds_of(bare, model.proposition), rel=1e-12)
    assert ours.start + ours.total == pytest.approx(odds, abs=COARSE)
    assert [r.item.id for r in ours.rows] == [
        "victims.plaintiff",
        "victims.others",
        "profile.anonymous",
        "users_of.platform",
        "security.platform",
        "findings.audit",
    ]


def test_every_number_by_reduced_models() -> None:
    """Sequential, leave-one-out and Shapley from the posteriors of all 32 reduced models."""
    model = model_of_document()
    ours = compute_contributions(model, SETTINGS)
    items = evidence_items(model)
    names = {
        "victims": "without_groups",
        "profile": "without_items",
        "users_of": "without_memberships",
        "findings": "without_findings",
    }
    value = {}
    for present in itertools.product((True, False), repeat=len(items)):
        dropped: dict[str, list[str]] = {name: [] for name in names.values()}
        for item, there in zip(items, present, strict=True):
            if not there:
                dropped[names[item.kind]].append(item.name)
        p = infer(model.reduced(**dropped))
        value[present] = math.log10(p.proposition_probability / (1 - p.proposition_probability))
    n = len(items)

    def flip(key: tuple[bool, ...], i: int) -> tuple[bool, ...]:
        return (*key[:i], not key[i], *key[i + 1 :])

    for i, row in enumerate(ours.rows):
        before = tuple(j < i for j in range(n))
        assert row.sequential == pytest.approx(value[flip(before, i)] - value[before], abs=COARSE)
        whole = (True,) * n
        assert row.leave_one_out == pytest.approx(value[whole] - value[flip(whole, i)], abs=COARSE)
        shapley = math.fsum(
            (value[flip(key, i)] - value[key]) / (n * math.comb(n - 1, sum(key)))
            for key in value
            if not key[i]
        )
        assert row.shapley == pytest.approx(shapley, abs=COARSE)
    for field, bans in ours.fields:
        left = infer(model.reduced(without_fields=[field])).proposition_probability
        expected = value[(True,) * n] - math.log10(left / (1.0 - left))
        assert bans == pytest.approx(expected, abs=COARSE)


def many_findings(number: int, *, excluding: int | None = None) -> Model:
    """Findings on three sources: their odds against a union depend on each other."""
    rng = np.random.default_rng(12)
    p = rng.uniform(0.05, 0.95, (number, 3))
    if excluding is not None:
        p[excluding, 0] = 0.0
    with np.errstate(divide="ignore"):
        groups = tuple(
            FindingGroup(f"f{i}", (f"f{i}",), np.log(p[[i]]), 1.0, 0.0) for i in range(number)
        )
    return dataclasses.replace(
        model_of_document(victims=[], findings=[]),
        finding_groups=groups,
        finding_stage={f"f{i}": Stage.PRIMA_FACIE for i in range(number)},
    )


def exact_shapley(model: Model) -> np.ndarray:
    """Over all subsets, with plain products."""
    log_p = np.array([g.log_likelihood[0] for g in model.finding_groups])
    n = len(log_p)
    keys = np.array(list(itertools.product((0, 1), repeat=n)))
    weight = np.exp(keys @ log_p + model.log_prior)
    value = np.log10(weight[:, 0] / (weight[:, 1] + weight[:, 2]))
    place = {tuple(k): i for i, k in enumerate(keys.tolist())}
    result = np.zeros(n)
    for i in range(n):
        for key in keys[keys[:, i] == 0].tolist():
            after = place[(*key[:i], 1, *key[i + 1 :])]
            share = 1.0 / (n * math.comb(n - 1, sum(key)))
            result[i] += share * (value[after] - value[place[tuple(key)]])
    return result


def test_exact_up_to_ten_items() -> None:
    model = many_findings(EXACT_ITEMS)
    ours = compute_contributions(model, SETTINGS)
    np.testing.assert_allclose([r.shapley for r in ours.rows], exact_shapley(model), atol=1e-12)
    assert {r.shapley_error for r in ours.rows} == {0.0}


@pytest.mark.parametrize("seed", [1, 2])
def test_sampled_beyond_ten_items(seed: int) -> None:
    """Within four of their own standard errors of the exact values; they still add up."""
    model = many_findings(EXACT_ITEMS + 2)
    ours = compute_contributions(model, dataclasses.replace(SETTINGS, random_seed=seed))
    error = np.array([r.shapley_error for r in ours.rows])
    assert (error > 0.0).all()
    assert error.max() < 0.1
    difference = np.array([r.shapley for r in ours.rows]) - exact_shapley(model)
    assert (np.abs(difference) < 4.0 * error).all()
    np.testing.assert_allclose(sums(ours), ours.total, rtol=1e-12)


@pytest.mark.parametrize("number", [5, EXACT_ITEMS + 2])
def test_an_excluding_finding(number: int) -> None:
    """It alone is worth minus infinity; JSON stays JSON."""
    ours = compute_contributions(many_findings(number, excluding=3), SETTINGS)
    assert ours.total == -math.inf
    for row in ours.rows:
        infinite = row.item.name == "f3"
        assert (row.shapley == -math.inf) == infinite
        assert (row.leave_one_out == -math.inf) == infinite
    text = json.dumps(ours.to_dict(), allow_nan=False)
    assert json.loads(text)["total"] is None


def test_items_in_stage_order() -> None:
    doc = document()
    doc["victims"][0]["stage"] = "reply"
    doc["findings"][0]["stage"] = "prima_facie"
    model = model_of_document(victims=doc["victims"], findings=doc["findings"])
    items = [(i.id, i.stage.value) for i in evidence_items(model)]
    assert items == [
        ("victims.others", "prima_facie"),
        ("profile.anonymous", "prima_facie"),
        ("users_of.platform", "prima_facie"),
        ("findings.audit", "prima_facie"),
        ("victims.plaintiff", "reply"),
    ]


def test_no_evidence_no_contributions() -> None:
    ours = compute_contributions(model_of_document(victims=[], findings=[]), SETTINGS)
    assert ours.rows == ()
    assert ours.fields == ()
    assert ours.total == 0.0


def test_many_items_are_taken_together() -> None:
    """Thirty findings of one stage are one item, worth what all of them are worth."""
    model = many_findings(30)
    ours = compute_contributions(model, SETTINGS)
    (row,) = ours.rows
    assert row.item.members == tuple(f"f{i}" for i in range(30))
    posterior = infer(model)
    odds = log10_odds_of(posterior.log_prior + posterior.log_evidence, posterior.proposition)
    assert ours.start + row.shapley == pytest.approx(odds, rel=1e-12)


def test_plain_data() -> None:
    data: dict[str, Any] = compute_contributions(model_of_document(), SETTINGS).to_dict()
    assert data == json.loads(json.dumps(data, allow_nan=False))
    assert set(data["fields_leave_one_out"]) == {"phone", "real_name"}


def test_beyond_the_budget_orders_are_not_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sequential and leave-one-out stay; Shapley values are then not numbers, None in JSON."""
    monkeypatch.setattr("causation.analyses.contributions.BUDGET", 1)
    ours = compute_contributions(model_of_document(), SETTINGS)
    assert all(math.isnan(r.shapley) for r in ours.rows)
    assert math.fsum(r.sequential for r in ours.rows) == pytest.approx(ours.total, rel=1e-12)
    text = json.dumps(ours.to_dict(), allow_nan=False)
    assert {i["shapley"] for i in json.loads(text)["items"]} == {None}
