"""Three engines, one answer: within four standard errors on every case."""

from __future__ import annotations

import numpy as np
import pytest

from causation.errors import InputError
from causation.inference import infer
from causation.inference.smc import sample_smc
from causation.validation.agreement import (
    HEAD,
    Agreement,
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
