"""Worlds, scores and the report of a calibration run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from causation.errors import InputError
from causation.inference.evaluate import evaluate
from causation.model.simulation import simulate
from causation.validation import calibrate
from causation.validation import calibration as module
from causation.validation.calibration import reliability
from causation.validation.designs import designs
from causation.validation.scoring import Scores, score
from causation.validation.worlds import WORLDS, draw


def test_reliability_by_hand() -> None:
    found = reliability(np.array([0.1, 0.1, 0.9, 0.9]), np.array([False, False, True, False]))
    np.testing.assert_allclose(found.predicted, [0.1, 0.9])
    np.testing.assert_allclose(found.observed, [0.0, 0.5])
    assert found.count.tolist() == [2, 2]
    assert found.covered
    many = np.full(4000, 0.9)
    assert not reliability(many, np.arange(4000) % 2 == 0).covered


@pytest.mark.parametrize("design", [2, 9, 11])
def test_worlds_change_what_they_say(design: int) -> None:
    model = designs()[design].model
    base = model.base()
    sorts = np.array([n.sort for n in model.numbers])
    worse = WORLDS["more dependence"].truth(model)
    assert (worse.center[0, sorts == "correlation"] == 0.95).all()
    spread = sorts == "disclosure"
    np.testing.assert_allclose(worse.sd[0, spread], 1.5 * base.sd[0, spread])
    apart = WORLDS["wrong linkage"].truth(model)
    share = 1.0 / (1.0 + np.exp(-apart.center[0, sorts == "linkage"]))
    before = 1.0 / (1.0 + np.exp(-base.center[0, sorts == "linkage"]))
    np.testing.assert_allclose(share, 0.4 * before)
    assert (apart.center != base.center).sum() == (sorts == "linkage").sum() > 0


def test_traits_are_recorded_the_wrong_way_round() -> None:
    model = designs()[10].model
    rng = np.random.default_rng(1)
    case = simulate(model, rng=rng)
    flips, total = 0, 0
    for _ in range(100):
        recorded = WORLDS["wrong traits"].recorded(case, rng)
        for g, h in zip(case.groups, recorded.groups, strict=True):
            assert g.disclosed == h.disclosed
            flips += sum(g.traits[k] != h.traits[k] for k in g.traits)
            total += len(g.traits)
    assert flips / total == pytest.approx(0.3, abs=4.0 * np.sqrt(0.21 / total))


def test_cases_are_assessed_by_the_numbers_as_elicited() -> None:
    model = designs()[9].model
    case = draw(model, WORLDS["more dependence"], np.random.default_rng(2))
    numbers = {n.path: n for n in case.model().numbers}
    for n in model.numbers:
        if n.sort != "likelihood":
            assert numbers.get(n.path, n) == n


def test_scores_are_what_an_evaluation_says() -> None:
    found = score(len(designs()), worlds=["as elicited"], random_seed=5, workers=1)
    scores = found["as elicited"]
    assert scores.log10_lr.shape == (24,)
    np.testing.assert_allclose(scores.probability.sum(axis=1), 1.0, rtol=1e-9)
    assert ((scores.claim >= 0.0) & (scores.claim <= 1.0)).all()
    # the first case of a design without security record, drawn again by hand
    index = 8
    model = designs()[index].model
    case = draw(model, WORLDS["as elicited"], np.random.default_rng([5, index, 0]))
    place = int(np.argmax(scores.design == index))
    assert model.route_names[scores.route[place]] == case.route
    assert scores.log10_lr[place] == pytest.approx(evaluate(case.model()).log10_lr[0], abs=0.05)
    assert scores.holds[place] == case.holds()


def _scores(count: int = 3000) -> Scores:
    """Calibrated ratios of two normals, with a naive product that overstates them."""
    rng = np.random.default_rng(4)
    is_true = np.arange(count) % 2 == 0
    x = rng.normal(np.where(is_true, 1.0, -1.0))
    log10_lr = 2.0 * x / np.log(10.0)
    p = 1.0 / (1.0 + 10.0**-log10_lr)
    none = np.zeros(count, int)
    return Scores(
        log10_lr, 2.0 * log10_lr, is_true, np.stack([p, 1.0 - p], axis=1), (~is_true).astype(int),
        p, is_true, none,
    )  # fmt: skip


def test_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = _scores()
    monkeypatch.setattr(module, "score", lambda *_, **__: dict.fromkeys(WORLDS, scores))
    report = calibrate(cases=3000, output=tmp_path / "out")
    model, naive = report.model["as elicited"], report.naive["as elicited"]
    assert model.cllr_cal < 0.02 < naive.cllr_cal
    assert report.reliability["as elicited"].covered
    files = {f.name for f in (tmp_path / "out").iterdir()}
    assert {"calibration.md", "calibration.json", "validated_range.yaml", "pav.png"} <= files
    written = yaml.safe_load((tmp_path / "out" / "validated_range.yaml").read_text("utf-8"))
    # between one hundred and the number of cases of one side
    assert 1.0 < written["log10_lr_max"] < np.log10(1501)
    assert written["log10_lr_max"] == report.validated_range.log10_lr_max
    document = json.loads((tmp_path / "out" / "calibration.json").read_text("utf-8"))
    assert set(document["worlds"]) == set(WORLDS)
    assert len(report.table().splitlines()) == 2 + 2 * len(WORLDS)
    assert "validated range" in report.summary()


def test_a_range_does_not_outgrow_misleading_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    good = _scores()
    bad = replace(good, log10_lr=3.0 * good.log10_lr)
    ranges = []
    for scores in (good, bad):
        monkeypatch.setattr(
            module, "score", lambda *_, scores=scores, **__: {"as elicited": scores}
        )
        report = calibrate(cases=3000, worlds=("as elicited",))
        ranges.append(report.validated_range.log10_lr_max)
    assert ranges[1] < ranges[0]


def test_refusals() -> None:
    with pytest.raises(InputError, match="at least 100"):
        calibrate(cases=3)
    with pytest.raises(InputError, match="at least 1"):
        calibrate(cases=100, workers=0)
    with pytest.raises(InputError, match="as elicited"):
        calibrate(cases=100, worlds=("elsewhere",))


@pytest.mark.slow
def test_the_model_is_calibrated_and_the_naive_product_is_not() -> None:
    report = calibrate(cases=480, worlds=("as elicited",), workers=2)
    model, naive = report.model["as elicited"], report.naive["as elicited"]
    assert model.cllr < 0.8
    assert model.cllr_cal < naive.cllr_cal
    assert model.turing_worst <= 1.0
    assert report.reliability["as elicited"].covered
    scores = report.scores["as elicited"]
    assert reliability(scores.claim, scores.holds).covered
