"""A small calibration run end to end: what it reports, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from causation.errors import InputError, OutputError
from causation.validation import calibrate
from causation.validation.calibration import reliability
from causation.validation.designs import designs
from causation.validation.worlds import WORLDS, draw


def test_designs_are_of_every_shape() -> None:
    models = [d.model for d in designs()]
    assert {len(m.sources) for m in models} == {2, 3, 4, 5}
    assert {len(m.groups) for m in models} == {1, 2, 3, 4, 5, 6}
    assert {len(m.items) for m in models} == {0, 1, 2}
    assert {len(m.custodians) for m in models} >= {0, 1, 2}
    assert {m.selected for m in models} == {True, False}
    assert {sum(len(g.findings) for g in m.finding_groups) for m in models} >= {0, 1, 2, 3}
    assert any(m.security for m in models)
    for m in models:
        bare = m.log_weight - np.log(np.exp(m.log_weight).sum())
        assert np.exp(bare)[m.proposition].sum() == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize("name", list(WORLDS))
def test_every_world_draws_from_every_design(name: str) -> None:
    rng = np.random.default_rng(1)
    for design in designs():
        case, seen = draw(design.model, WORLDS[name], rng)
        assert case.source in design.model.sources
        np.testing.assert_array_equal(seen.correlation, design.model.correlation)
        shown = seen.disclosed.any(axis=1) | ((seen.disclosed + seen.withheld) == 0).any(axis=1)
        assert shown.all() or not seen.selected


def test_reliability_by_hand() -> None:
    probability = np.array([0.05] * 100 + [0.95] * 100)
    is_true = np.array([True] * 5 + [False] * 95 + [True] * 95 + [False] * 5)
    found = reliability(probability, is_true)
    np.testing.assert_allclose(found.predicted, [0.05, 0.95])
    np.testing.assert_allclose(found.observed, [0.05, 0.95])
    half = 3.0 * np.sqrt(0.05 * 0.95 / 100) + 0.01
    np.testing.assert_allclose(found.high - found.predicted, half)
    assert found.covered
    assert not reliability(probability, ~is_true).covered


def test_a_small_run_is_written_whole(tmp_path: Path) -> None:
    done: list[float] = []
    folder = tmp_path / "out"
    report = calibrate(
        cases=120,
        random_seed=1,
        output=folder,
        progress=done.append,
        workers=1,
        worlds=("as elicited", "wrong linkage"),
    )
    assert done[-1] == 1.0
    assert done == sorted(done)
    assert {p.name for p in folder.iterdir()} == {
        "calibration.json",
        "calibration.md",
        "validated_range.yaml",
        "headline.png",
        "tippett.png",
        "reliability.png",
        "pav.png",
        "ece.png",
    }
    numbers = json.loads((folder / "calibration.json").read_text())
    assert numbers["model"]["as elicited"]["cllr"] == report.model["as elicited"].cllr
    written = yaml.safe_load((folder / "validated_range.yaml").read_text())
    assert written["log10_lr_max"] == report.validated_range.log10_lr_max
    # no more than the number of cases on either side can bear out
    scores = report.scores["as elicited"]
    least = min(scores.is_true.sum(), (~scores.is_true).sum())
    assert 0.0 <= written["log10_lr_max"] <= np.log10(least + 1)
    assert report.table().count("\n| ") == 5
    assert "Cllr" in report.summary()
    again = calibrate(cases=120, random_seed=1, workers=2, worlds=("as elicited",))
    np.testing.assert_array_equal(again.scores["as elicited"].is_true, scores.is_true)


def test_impossible_settings(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least 100"):
        calibrate(cases=5)
    with pytest.raises(InputError, match="workers"):
        calibrate(workers=0)
    with pytest.raises(InputError, match="worlds"):
        calibrate(worlds=("elsewhere",))
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(OutputError):
        calibrate(output=blocked / "folder")
    assert blocked.read_text() == "x"


@pytest.mark.slow
def test_the_model_is_calibrated_and_the_naive_product_is_not() -> None:
    report = calibrate(cases=2400, random_seed=5)
    model, naive = report.model["as elicited"], report.naive["as elicited"]
    assert abs(model.cllr_cal) <= 0.02
    assert model.turing_worst <= 1.0
    assert report.reliability["as elicited"].covered
    assert naive.cllr_cal > 3.0 * model.cllr_cal
    assert naive.cllr > model.cllr
