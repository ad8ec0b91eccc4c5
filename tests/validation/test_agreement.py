"""Three engines, one answer: within four standard errors on every case."""

from __future__ import annotations

import numpy as np
import pytest

from causation.case import parse_case, resolve
from causation.errors import InputError, RefusalError
from causation.inference import infer
from causation.inference.smc import _last, sample_smc
from causation.model.build import build_model
from causation.scales import LN10
from causation.validation.agreement import (
    ENGINES,
    HEAD,
    Agreement,
    compare,
    compare_nuts,
    compare_smc,
    shipped,
    simulated,
)
from causation.validation.designs import designs

CASES = shipped()


def test_rows_of_the_table() -> None:
    row = Agreement("a", "nuts", 0.001, 1.5, "R-hat 1.001").row()
    assert row.count("|") == HEAD.splitlines()[0].count("|")
    assert "yes" in row
    assert "NO" in Agreement("a", "smc", 0.1, 4.5, "").row()


def test_simulated_cases_cover_every_design() -> None:
    cases = simulated(len(designs()), random_seed=1)
    assert len({name for name, _ in cases}) == len(designs())
    assert {len(m.sources) for _, m in cases} == {2, 3, 4, 5}


def test_too_few_particles() -> None:
    with pytest.raises(InputError, match="at least 2 chains"):
        sample_smc(CASES[0][1], random_seed=1, chains=1)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "model"), CASES, ids=[name for name, _ in CASES])
def test_nuts_on_shipped_cases(name: str, model: object) -> None:
    outcome = compare_nuts(name, model, infer(model), random_seed=1)  # type: ignore[arg-type]
    assert outcome.agrees


@pytest.mark.slow
@pytest.mark.parametrize(("name", "model"), CASES, ids=[name for name, _ in CASES])
def test_smc_on_shipped_cases(name: str, model: object) -> None:
    outcome = compare_smc(name, model, infer(model), random_seed=1)  # type: ignore[arg-type]
    assert outcome.agrees


@pytest.mark.slow
@pytest.mark.parametrize("index", range(30))
def test_nuts_on_simulated_cases(index: int) -> None:
    name, model = simulated(30, random_seed=20250723)[index]
    outcome = compare_nuts(name, model, infer(model), random_seed=1)
    assert np.isfinite(outcome.difference)
    assert outcome.agrees


def test_a_case_outside_is_run_again_and_both_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    def engine(name: str, _model: object, _reference: object, **options: int) -> Agreement:
        asked.append((options["random_seed"], options["draws"]))
        if name.startswith("refused"):
            raise RefusalError("R-hat too large")
        return Agreement(name, "smc", 0.1, 5.0 if len(asked) == 1 else 1.0, "")

    monkeypatch.setitem(ENGINES, "smc", engine)
    cases = [("outside", CASES[0][1]), ("inside", CASES[1][1]), ("refused", CASES[2][1])]
    found = list(compare(cases, ["smc"], random_seed=7, particles=100))
    assert [(a.case.split(",")[0], a.agrees) for a in found] == [
        ("outside", False), ("outside", True), ("inside", True), ("refused", False),
        ("refused", False),
    ]  # fmt: skip
    assert asked == [(7, 100), (8, 400), (7, 100), (7, 100), (8, 400)]
    assert "R-hat too large" in found[3].row()


@pytest.mark.parametrize(
    "record",
    [
        [np.nan, np.nan, -2.5],
        np.array([np.nan, -2.5]),
        [[np.nan], [np.nan, -2.5]],
        np.array([[np.nan], [-2.5, np.nan]], dtype=object),
    ],
)
def test_the_evidence_of_a_chain_however_its_stages_are_nested(record: object) -> None:
    assert _last(record) == -2.5


def test_smc_by_a_closed_form() -> None:
    """One field, one victim: the evidence of a source is the mean of a logistic-normal."""
    case = parse_case(
        """
schema: 1
id: one-field
title: {en: One field}
incident_date: 2024-05-01
proposition: a
standard: 0.75
exhaustive: true
sources:
  a: {kind: custodian, weight: 1, misfit: 0, correlation: 0.3, disclosure: {phone: [0.4, 0.9]}}
  b: {kind: custodian, weight: 1, misfit: 0, correlation: 0.3, disclosure: {phone: [0.05, 0.5]}}
selection: attempted
victims:
  - {id: v, disclosed: [phone]}
"""
    )
    model = build_model(resolve(case))
    found = sample_smc(model, random_seed=3, chains=4, draws=400)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    logits = model.field_center + model.field_sd * nodes
    exact = np.log((weights / weights.sum() / (1.0 + np.exp(-logits))).sum(axis=1))
    assert (np.abs(found.log_evidence - exact) / LN10 < 5.0 * found.error + 1e-4).all()
    assert found.error.max() < 0.05
