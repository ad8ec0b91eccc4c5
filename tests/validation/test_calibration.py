"""Scores, tables and the report of a calibration run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from causation.analyses.fit import KINDS
from causation.analyses.naive import naive_log_evidence
from causation.errors import InputError
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model
from causation.plots.validation import write_calibration
from causation.validation import calibration as module
from causation.validation import scoring, tables
from causation.validation.calibration import CalibrationReport, Hits, calibrate
from causation.validation.designs import designs
from causation.validation.metrics import reliability
from causation.validation.scoring import (
    METHODS,
    SOURCES,
    Scores,
    _score_design,
    _spread,
    score,
)
from causation.validation.together import Together
from causation.validation.validated import VALIDATING, validated_range
from causation.validation.worlds import WORLDS, Setting


def test_reliability_by_hand() -> None:
    found = reliability(np.array([0.1, 0.1, 0.9, 0.9]), np.array([False, False, True, False]))
    np.testing.assert_allclose(found.predicted, [0.1, 0.9])
    np.testing.assert_allclose(found.observed, [0.0, 0.5])
    assert found.count.tolist() == [2, 2]
    assert found.covered
    many = np.full(4000, 0.9)
    assert not reliability(many, np.arange(4000) % 2 == 0).covered


def test_scores_are_what_an_evaluation_says() -> None:
    index = 8  # chains, no security record
    scores = _score_design((index, (("as elicited", 3, 0),), 5))["as elicited"]
    assert scores.log10_lr.shape == scores.claim.shape == (3, len(METHODS))
    np.testing.assert_allclose(scores.probability.sum(axis=1), 1.0, rtol=1e-9)
    assert np.isnan(scores.tail).all()
    # the first case, drawn again by hand
    setting = Setting.of(designs()[index], WORLDS["as elicited"])
    assert setting is not None
    drawn = setting.draw(np.random.default_rng([5, index, 0]))
    names = setting.stated.route_names
    assert names[scores.route[0]] == drawn.case.route
    answer = evaluate(build_model(drawn.filled))
    assert scores.log10_lr[0, 0] == pytest.approx(answer.log10_lr[0], abs=0.05)
    assert scores.claim[0, 0] == pytest.approx(answer.probability[0], abs=0.03)
    assert scores.holds[0] == drawn.case.holds()
    # without chains the platform is against osint alone, by their own evidence
    platform, osint = (answer.log_evidence[0, names.index(s)] for s in ("platform", "osint"))
    assert scores.log10_lr[0, 1] == pytest.approx((platform - osint) / np.log(10), abs=0.05)


def test_without_chains_nothing_is_taken_off() -> None:
    scores = _score_design((10, (("as elicited", 2, 2),), 5))["as elicited"]
    np.testing.assert_allclose(scores.log10_lr[:, 0], scores.log10_lr[:, 1])
    assert ((scores.tail[:, :2] > 0.0) & (scores.tail[:, :2] <= 1.0)).all()
    assert np.isnan(scores.tail[:, 2 + KINDS.index("dates")]).all()  # there are none


def test_cases_are_spread_over_the_designs_of_a_world() -> None:
    found = np.array(_spread(25, "one snapshot"))
    assert found.nonzero()[0].tolist() == [3, 16, 19, 22]
    assert found[found > 0].tolist() == [7, 6, 6, 6]


def _scores(count: int = 3000) -> Scores:
    """Calibrated ratios of two normals, with a naive product that overstates them."""
    rng = np.random.default_rng(4)
    is_true = np.arange(count) % 2 == 0
    x = rng.normal(np.where(is_true, 1.0, -1.0))
    log10_lr = np.stack([2.0 * x, 2.0 * x, 4.0 * x], axis=1) / np.log(10.0)
    p = 1.0 / (1.0 + 10.0**-log10_lr)
    routes = np.stack([p[:, 0], 1.0 - p[:, 0]], axis=1)
    tail = rng.random((count, 2 + len(KINDS)))
    source = np.where(is_true, 0, 2)
    return Scores(
        log10_lr, is_true, p, is_true, source, routes, (~is_true).astype(int), tail,
        np.zeros(count, int),
    )  # fmt: skip


def test_hits_by_hand() -> None:
    scores = _scores(8)
    claim = np.array([0.9, 0.9, 0.2, 0.1, 0.8, 0.3, 0.75, 0.74])
    hits = Hits.of(claim, scores)  # even places are true
    assert hits.share["proposition"] == pytest.approx(3 / 4)
    assert hits.share["inference"] == hits.false == pytest.approx(1 / 4)
    assert np.isnan(hits.share["custodian"])
    assert hits.of_hits == pytest.approx(1 / 4)
    assert hits.error == pytest.approx(0.25)  # one case more or less, of four


def test_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = _scores()
    monkeypatch.setattr(module, "score", lambda *_, **__: dict.fromkeys(VALIDATING, scores))
    report = calibrate(cases=3000, worlds=VALIDATING)
    write_calibration(report, tmp_path / "out")
    model, naive = (report.performance[m]["as elicited"] for m in ("model", "naive"))
    assert model.cllr_cal < 0.02 < naive.cllr_cal
    assert report.reliability["as elicited"].covered
    assert report.claims["model"]["as elicited"].covered
    assert not report.claims["naive"]["as elicited"].covered
    files = {f.name for f in (tmp_path / "out").iterdir()}
    assert {
        "performance.md",
        "hits.md",
        "fit.md",
        "worlds.md",
        "validation.yaml",
        "validated_range.yaml",
        "hits.png",
    } <= files
    written = yaml.safe_load((tmp_path / "out" / "validated_range.yaml").read_text("utf-8"))
    # between one hundred and the number of cases of one side
    assert 1.0 < written["log10_lr_max"] < np.log10(1501)
    assert written["log10_lr_max"] == report.validated_range.log10_lr_max
    assert set(written["worlds"]) == set(VALIDATING)
    record = yaml.safe_load((tmp_path / "out" / "validation.yaml").read_text("utf-8"))
    assert record["run"]["cases"] == 3000
    assert record["run"]["command"].count("--world") == len(VALIDATING)
    assert [w["id"] for w in record["worlds"]] == list(VALIDATING)
    first = record["worlds"][0]
    assert first["mild"] is True
    assert first["label"]["zh"] == WORLDS[VALIDATING[0]].meaning["zh"]
    assert first["cllr"] == pytest.approx(model.cllr, abs=1e-4)
    assert first["naive"]["cllr"] == pytest.approx(naive.cllr, abs=1e-4)
    assert first["chains_off"]["false_hits"] == first["false_hits"]
    assert len(tables.performance_table(report).splitlines()) == 2 + 3 * len(VALIDATING)
    assert len(tables.hits_table(report).splitlines()) == 2 + len(VALIDATING)
    assert len(tables.worlds_table(report).splitlines()) == 2 + len(VALIDATING)
    assert "validated range" in report.summary()


def test_how_often_the_fit_check_warns_is_counted() -> None:
    scores = _scores(4)
    tail = np.full((4, 2 + len(KINDS)), np.nan)
    tail[:, :3] = [[0.01, 0.5, 0.01], [0.04, 0.01, np.nan], [0.06, 0.2, 0.3], [0.5, 0.5, 0.5]]
    claim = np.array([[0.9], [0.9], [0.1], [0.1]]).repeat(3, axis=1)
    report = CalibrationReport(4, 1, {"w": replace(scores, tail=tail, claim=claim)})
    found = tables.fit_shares(report)["w"]
    assert found["best route"] == pytest.approx(0.5)
    assert found["claimed route"] == pytest.approx(0.25)
    assert found[KINDS[0]] == pytest.approx(1 / 3)
    assert np.isnan(found[KINDS[1]])
    assert found["false hits"] == 1.0  # the second case
    assert "100.0 %" in tables.fit_table(report)


def test_a_range_is_of_the_worlds_together_and_tells_its_error() -> None:
    good = _scores()
    bad = replace(good, log10_lr=3.0 * good.log10_lr)
    wide = validated_range({VALIDATING[0]: good}, random_seed=1)
    both = validated_range({VALIDATING[0]: good, VALIDATING[1]: bad, "else": bad}, random_seed=1)
    assert both.worlds[VALIDATING[1]] < both.log10_lr_max < wide.log10_lr_max
    assert set(both.worlds) == set(VALIDATING[:2])
    assert both.cases == 2 * wide.cases
    assert both.interval[0] <= both.log10_lr_max <= both.interval[1] + 0.1
    assert 0.0 < wide.sampling_error < 0.5


def test_sampling_error_of_the_range_is_that_of_other_cases() -> None:
    """The spread over fresh sets of cases, against what resampling one set says."""
    rng = np.random.default_rng(0)

    def fresh() -> Scores:
        is_true = np.arange(1000) % 2 == 0
        x = 2.0 * rng.normal(np.where(is_true, 1.0, -1.0)) / np.log(10.0)
        return replace(_scores(1000), log10_lr=x[:, None].repeat(3, axis=1), is_true=is_true)

    ranges = [validated_range({VALIDATING[0]: fresh()}, random_seed=i) for i in range(12)]
    spread = np.std([r.log10_lr_max for r in ranges])
    stated = np.mean([r.sampling_error for r in ranges])
    assert spread / 3.0 < stated < 3.0 * spread


def test_refusals() -> None:
    with pytest.raises(InputError, match="at least 48"):
        calibrate(cases=3)
    with pytest.raises(InputError, match="at least 1"):
        calibrate(cases=100, workers=0)
    with pytest.raises(InputError, match="as elicited"):
        calibrate(cases=100, worlds=("elsewhere",))
    assert len(SOURCES) == 6


@pytest.mark.slow
def test_the_model_is_calibrated_and_the_naive_product_is_not() -> None:
    report = calibrate(cases=480, worlds=("as elicited",), workers=2)
    model, naive = (report.performance[m]["as elicited"] for m in ("model", "naive"))
    assert model.cllr < 0.8
    assert model.cllr_cal < naive.cllr_cal
    assert model.turing_worst <= 1.0
    assert report.reliability["as elicited"].covered
    assert report.claims["model"]["as elicited"].covered
    # a check at 5 % warns in about that many cases in which all is as elicited
    shares = tables.fit_shares(report)["as elicited"]
    assert shares["best route"] < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 480) + 0.02


@pytest.mark.slow
def test_workers_change_nothing() -> None:
    here, there = (
        score(24, worlds=["as elicited"], random_seed=2, workers=n)["as elicited"] for n in (1, 2)
    )
    np.testing.assert_array_equal(here.log10_lr, there.log10_lr)
    np.testing.assert_array_equal(here.tail, there.tail)


@pytest.mark.parametrize("index", [1, 6, 8])
def test_cases_taken_together_have_the_evidence_that_the_engine_finds(index: int) -> None:
    """Chains, a record of dates and attempts, against one evaluation for every case."""
    setting = Setting.of(designs()[index], WORLDS["as elicited"])
    assert setting is not None
    rng = np.random.default_rng(3)
    cases = [setting.draw(rng).filled for _ in range(8)]
    found = Together(setting.stated, cases)
    for c, filled in enumerate(cases):
        model = build_model(replace(filled, findings=(), all_findings=()))
        answer = evaluate(model)
        error = np.hypot(answer.error[0], found.error[c]) + 1e-4
        gap = (found.log_evidence[c] - answer.log_evidence[0]) / np.log(10.0)
        assert (np.abs(gap) < 4.0 * error).all()
        np.testing.assert_allclose(found.credit[c], answer.credit[0], atol=0.01)
        np.testing.assert_allclose(found.naive[c], naive_log_evidence(model), rtol=1e-9)


@pytest.mark.slow
def test_every_design_taken_together_has_the_evidence_that_the_engine_finds() -> None:
    gaps = []
    for design in designs():
        setting = Setting.of(design, WORLDS["as elicited"])
        assert setting is not None
        rng = np.random.default_rng(3)
        cases = [setting.draw(rng).filled for _ in range(3)]
        found = Together(setting.stated, cases)
        for c, filled in enumerate(cases):
            answer = evaluate(build_model(replace(filled, findings=(), all_findings=())))
            error = np.hypot(answer.error[0], found.error[c]) + 1e-4
            gaps += (
                (found.log_evidence[c] - answer.log_evidence[0]) / np.log(10.0) / error
            ).tolist()
    assert np.quantile(np.abs(gaps), 0.98) < 4.0


def test_what_misses_its_tolerance_is_left_to_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    job = (8, (("as elicited", 2, 0),), 5)
    together = _score_design(job)["as elicited"]
    monkeypatch.setattr(scoring, "_uncertain", lambda log_weight, _: np.ones(len(log_weight), bool))
    alone = _score_design(job)["as elicited"]
    assert not np.array_equal(together.log10_lr[:, 0], alone.log10_lr[:, 0])
    np.testing.assert_allclose(together.log10_lr, alone.log10_lr, atol=0.05)
    np.testing.assert_allclose(together.claim, alone.claim, atol=0.03)
