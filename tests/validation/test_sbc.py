"""Calibration by simulation: it passes what is right and catches what is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from causation.case import Filled
from causation.document.mappings import Fixed
from causation.model import density
from causation.model.simulation import simulate
from causation.validation.designs import COUNT, designs, prior_before_incidents
from tests.benchmarks import sbc as module
from tests.benchmarks.sbc import Calibrated, SbcReport, checked, sbc, sbc_nuts, uniformity

LISTED = 10
"""A design of five victims, four of them listed for a published field."""


def test_designs_have_every_shape() -> None:
    names = " ".join(d.name for d in designs())
    for word in ("2 sources", "5 sources", "1 victims", "6 victims", "exposure", "all", "any",
                 "attempt", "chains", "memberships", "security", "register", "dates",
                 "2 traits", "3 findings"):  # fmt: skip
        assert word in names
    assert len(designs()) == COUNT
    for design in designs():
        inside = np.array(["platform" in r.split("/") for r in design.model.route_names])
        if design.model.filled.proposition.sources == ("platform",):
            prior = prior_before_incidents(design.model)
            assert prior[inside].sum() == pytest.approx(0.5, abs=1e-5)


def test_uniformity() -> None:
    rng = np.random.default_rng(0)
    assert uniformity(rng.random(2000)) > 1e-3
    assert uniformity(rng.random(2000) ** 1.3) < 1e-6
    assert uniformity(np.linspace(0.0, 1.0, 2000)) > 0.99


def _worst(report: SbcReport) -> float:
    return min(report.worst, *report.p_value.values())


def test_the_model_is_calibrated() -> None:
    report = sbc(cases=40, chosen=[LISTED, 14])
    assert report.cases == 80
    assert set(report.pit) == {"v", "u", "c", "b", "kappa", "e"}
    assert _worst(report) > 1e-3
    assert "80 cases" in report.table()


def _shifted(filled: Filled) -> Filled:
    """The actor publishes far less than he does."""
    numbers = {
        path: replace(n, center=n.center - 2.0) if path == "actor.publishes" else n
        for path, n in filled._numbers.items()
    }
    return replace(filled, _numbers=Fixed(numbers))


def test_a_wrong_number_is_caught() -> None:
    report = sbc(cases=40, chosen=[LISTED], fault=_shifted)
    assert report.p_value["v"] < 1e-6


def test_a_likelihood_that_takes_the_list_for_evidence_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(density, "log_listed", lambda *_: 0.0)
    assert _worst(sbc(cases=60, chosen=[LISTED])) < 1e-4


def test_one_case() -> None:
    rng = np.random.default_rng(1)
    case = simulate(designs()[8].model, rng=rng)
    found = checked(case, rng)
    assert found.gap.sum() == pytest.approx(0.0, abs=1e-9)
    assert all(0.0 <= x <= 1.0 for x in found.pit.values())
    assert -1.0 <= found.claim <= 1.0


def test_what_designs_contribute(monkeypatch: pytest.MonkeyPatch) -> None:
    def design(job: tuple[int, int, int, Callable[[Filled], Filled] | None]) -> list[Calibrated]:
        return [Calibrated(np.array([0.1, -0.1]), 0.1 * i, {"v": 0.3}) for i in range(job[1])]

    monkeypatch.setattr(module, "_of_design", design)
    report = sbc(cases=3, chosen=[4, 2])
    assert report.pit["v"].size == 6
    assert report.claim_z.shape == (2,)
    # a gap that never varies is no evidence of anything: z is taken to be 0
    assert report.route_z.tolist() == [0.0, 0.0, 0.0, 0.0]


def test_table_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = SbcReport({"v": np.linspace(0, 1, 40)}, np.array([0.5, -1.0]), np.array([0.2]), 40)
    monkeypatch.setattr(module, "sbc", lambda **_: report)
    target = tmp_path / "table.md"
    monkeypatch.setattr("sys.argv", ["sbc", "-o", str(target)])
    module.main()
    assert target.read_text(encoding="utf-8") == report.table()


@pytest.mark.slow
def test_workers_change_nothing() -> None:
    here, there = (sbc(cases=3, chosen=[12, 0], workers=n) for n in (1, 2))
    for name, values in here.pit.items():
        np.testing.assert_array_equal(values, there.pit[name])
    np.testing.assert_array_equal(here.route_z, there.route_z)


@pytest.mark.slow
def test_nuts_is_calibrated() -> None:
    """One victim and two fields: few outcomes, each of which takes one run."""
    ranks = sbc_nuts(designs()[12].model, cases=200)
    assert {"v", "u.platform", "u.osint"} <= set(ranks)
    assert min(uniformity(r, bins=10) for r in ranks.values()) > 1e-4
