"""Three engines, one answer: within four standard errors on every case."""

from __future__ import annotations

import numpy as np
import pytest

from causation.errors import RefusalError
from causation.inference.evaluate import evaluate
from causation.inference.smc import _last, sample_smc
from causation.model.structure import Model
from causation.scales import LN10, Elicited, Scale
from causation.validation.designs import designs
from tests.benchmarks.agreement import (
    ENGINES,
    HEAD,
    Agreement,
    _largest,
    compare,
    compare_nuts,
    compare_smc,
    shipped,
    simulated,
)
from tests.build import model_of_document

CASES = shipped()


def test_rows_of_the_table() -> None:
    row = Agreement("a", "nuts", 0.001, 1.5, "R-hat 1.001").row()
    assert row.count("|") == HEAD.splitlines()[0].count("|")
    assert "yes" in row
    assert "NO" in Agreement("a", "smc", 0.1, 4.5, "").row()


def test_simulated_cases_cover_every_design() -> None:
    cases = simulated(len(designs()), random_seed=1)
    assert len({name for name, _ in cases}) == len(designs())
    assert {len(m.source_names) for _, m in cases} == {2, 3, 4, 5}


def test_largest_gap_in_standard_errors() -> None:
    assert _largest(np.array([0.1, 1e-12]), np.array([0.05, 0.0])) == pytest.approx(2.0)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "model"), CASES, ids=[name for name, _ in CASES])
def test_engines_on_shipped_cases(name: str, model: Model) -> None:
    reference = evaluate(model)
    for engine in (compare_nuts, compare_smc):
        assert engine(name, model, reference, random_seed=1).agrees


@pytest.mark.slow
@pytest.mark.parametrize("index", range(0, 30, 7))
def test_nuts_on_simulated_cases(index: int) -> None:
    name, model = simulated(30, random_seed=20250723)[index]
    outcome = compare_nuts(name, model, evaluate(model), random_seed=1)
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


@pytest.mark.slow
def test_smc_by_a_closed_form() -> None:
    """One field of one victim: the evidence is the product of two logistic-normal means."""
    shares = {"a": [0.4, 0.9], "b": [0.05, 0.5]}
    model = model_of_document(
        proposition="a",
        sources={
            name: {"kind": "custodian", "holds": ["phone"], "misfit": 0, "correlation": 0.3,
                   "disclosure": {"phone": share}}
            for name, share in shares.items()
        },
        actor={"publishes": [0.5, 0.95]},
        victims=[{"id": "v", "plaintiff": True, "disclosed": ["phone"]}],
        findings=[],
    )  # fmt: skip
    found = sample_smc(model, random_seed=3, chains=4, draws=500)
    means = [
        Elicited(lo, hi, Scale.PROBABILITY).mean() for lo, hi in (*shares.values(), [0.5, 0.95])
    ]
    exact = np.log(means[2] * np.array(means[:2]))
    assert (np.abs(found.log_evidence[0] - exact) / LN10 < 5.0 * found.error[0] + 1e-4).all()
    assert found.error.max() < 0.05
