"""One input at a time: bars of a known function, and against cases with the numbers stated."""

from __future__ import annotations

import math

import pytest

from causation.analyses.spread import spreads_of
from causation.analyses.tornado import tornado
from causation.case.files import load_case
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model
from causation.scales import Z90
from tests.analyses.faking import linear

BURGLARY = load_case("data/published/three-suspect-burglary.yaml").replace(
    {
        "sources.suspect_1.weight": (0.5, 2.0),
        "findings.item.likelihood.suspect_2": (0.05, 0.3),
    }
)


def probability(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-odds))


def test_bars_of_a_known_function() -> None:
    model = build_model(BURGLARY)
    slope = {"sources.suspect_1.weight": 2.0, "findings.item.likelihood.suspect_2": -0.5}
    found = tornado(model, evaluate=linear(0.3, slope))
    assert found.probability == pytest.approx(probability(0.3))
    sds = {s.path: s.sd for s in spreads_of(model)}
    first, second, *rest = found.bars
    assert first.path == "sources.suspect_1.weight"
    assert second.path == "findings.item.likelihood.suspect_2"
    for bar, k in ((first, 2.0), (second, -0.5)):
        shift = k * Z90 * sds[bar.path]
        assert bar.probability_low == pytest.approx(probability(0.3 - shift))
        assert bar.probability_high == pytest.approx(probability(0.3 + shift))
    assert {bar.width for bar in rest} == {0.0}
    assert first.low == pytest.approx((0.25, 1.0))
    assert first.high == pytest.approx((1.0, 4.0))


@pytest.mark.parametrize("name", ["bic-2025-doxxing", "gao-2024"])
def test_bars_equal_cases_that_state_the_numbers(name: str) -> None:
    found, case = tornado(name), load_case(name)
    shown = [b for b in found.bars if not b.path.startswith(("chains.", "ages."))]
    for bar in shown[::8]:
        for value, p in ((bar.low, bar.probability_low), (bar.high, bar.probability_high)):
            single = evaluate(build_model(case.replace({bar.path: value})))
            assert p == pytest.approx(single.probability[0], abs=4e-3)
    widths = [bar.width for bar in found.bars]
    assert widths == sorted(widths, reverse=True)


def test_the_burglary_by_hand() -> None:
    """Weight of suspect 1 at both ends of its interval; the item by the mean of its own."""
    bars = {bar.path: bar for bar in tornado(BURGLARY).bars}
    model = build_model(BURGLARY)
    mean = next(n for n in model.numbers if n.path.endswith("likelihood.suspect_2")).mean()
    for weight, found in (
        (0.5, bars["sources.suspect_1.weight"].probability_low),
        (2.0, bars["sources.suspect_1.weight"].probability_high),
    ):
        joint = [weight * 0.8 * 0.9, mean * 0.1, 0.1 * 0.75]
        assert found == pytest.approx(joint[0] / sum(joint), abs=1e-5)


def test_every_bar_has_a_sentence_in_both_languages() -> None:
    found = tornado("bic-2025-doxxing", evaluate=linear(0.0, {}))
    for bar in found.bars:
        assert bar.sentence["en"].startswith("Were ")
        assert bar.sentence["zh"].startswith("若")
        assert "75.0 %" in bar.sentence["en"]
        assert "对照值" in bar.sentence["zh"]
        assert not any(name in bar.sentence["en"] for name in ("sources.", "actor.", "findings."))
    assert len({bar.label["zh"] for bar in found.bars}) == len(found.bars)
    assert len(found.to_dataframe()) == len(found.bars)


def test_sentences_say_which_end_reaches_the_comparison_value() -> None:
    bars = {bar.path: bar for bar in tornado(BURGLARY, standard=0.9).bars}
    bar = bars["sources.suspect_1.weight"]
    assert bar.probability_low < 0.9 <= bar.probability_high
    assert "with the second only" in bar.sentence["en"]
    assert "仅后者" in bar.sentence["zh"]
