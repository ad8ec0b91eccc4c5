"""One input at a time, and all at once."""

from __future__ import annotations

import numpy as np
import pytest

from causation.analyses.indices import global_sensitivity, pawn_medians
from causation.analyses.spread import CORRELATION_SD, spreads_of
from causation.analyses.tornado import tornado
from causation.case import load_case, resolve
from causation.dossier.assessment import assess
from causation.dossier.wording import input_label
from causation.errors import InputError
from causation.scales import Scale
from causation.sweeping.sweep import DRAFT

BURGLARY = load_case("data/published/three-suspect-burglary.yaml").replace(
    {"sources.suspect_1.weight": (0.5, 2.0), "findings.item.likelihood.suspect_2": (0.05, 0.3)}
)


def test_bars_equal_single_assessments() -> None:
    found = tornado("bic-2025-doxxing", settings=DRAFT)
    case = load_case("bic-2025-doxxing")
    assert found.probability == pytest.approx(assess(case, settings=DRAFT).probability, abs=1e-9)
    for bar in found.bars[::9]:
        for value, probability in (
            (bar.low, bar.probability_low),
            (bar.high, bar.probability_high),
        ):
            single = assess(case.replace({bar.path: value}), settings=DRAFT)
            assert probability == pytest.approx(single.probability, abs=1e-9)
    widths = [bar.width for bar in found.bars]
    assert widths == sorted(widths, reverse=True)


def test_every_bar_has_a_sentence_in_both_languages() -> None:
    found = tornado("bic-2025-doxxing", settings=DRAFT)
    for bar in found.bars:
        assert bar.sentence["en"].startswith("Were ")
        assert bar.sentence["zh"].startswith("若")
        assert "75 %" in bar.sentence["en"]
        assert not any(name in bar.sentence["en"] for name in ("sources.", "victims.", "findings."))
    assert len(found.to_dataframe()) == len(found.bars)


def test_sentences_say_which_end_meets_the_standard() -> None:
    bars = {bar.path: bar for bar in tornado(BURGLARY, standard=0.9).bars}
    bar = bars["sources.suspect_1.weight"]
    assert bar.probability_low < 0.9 <= bar.probability_high
    assert "is met with the second only" in bar.sentence["en"]
    assert "仅后者达到" in bar.sentence["zh"]


def test_inputs_move_by_their_own_scale() -> None:
    spreads = {s.path: s for s in spreads_of(resolve(load_case("bic-2025-doxxing")))}
    weight = spreads["sources.osint.weight"]
    assert weight.at(1.0) == pytest.approx((4**0.30397840 * 1.0, 4**0.30397840 * 4.0), rel=1e-6)
    assert weight.at(0.0) == (1.0, 4.0)
    assert spreads["sources.osint.correlation"].at(10.0) == 1.0
    assert spreads["sources.osint.correlation"].sd == CORRELATION_SD
    assert spreads["sources.osint.disclosure.phone"].sd == 0.5  # a second elicitation
    # certain, without effect, or not of the source: none of these can move
    for path in (
        "victims.plaintiff.linkage",
        "sources.unknown.misfit",
        "findings.no_alternative_route.repeats",
        "findings.post_report_inaction.reliability",
    ):
        assert path not in spreads


def test_moving_up_and_back_returns_to_the_start() -> None:
    for spread in spreads_of(resolve(load_case("gao-2024"))):
        if spread.path.endswith(".correlation"):
            continue
        moved = np.atleast_1d(spread.at(2.0))
        base = np.atleast_1d(spread.base)
        f = np.log if spread.item.value.scale is Scale.POSITIVE else lambda p: np.log(p / (1 - p))
        np.testing.assert_allclose(f(moved) - f(base), 2.0 * spread.sd, rtol=1e-9)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ["bic-2025-doxxing", "pang-2017", "shen-2018", "gao-2024"])
def test_every_input_has_a_name(name: str, lang: str) -> None:
    case = resolve(load_case(name))
    labels = [input_label(case, s.path, lang) for s in spreads_of(case)]
    assert len(set(labels)) == len(labels)
    assert not any("{" in label or "sources." in label for label in labels)


WEIGHTS = ["sources.suspect_1.weight", "findings.item.likelihood.suspect_2"]


@pytest.mark.parametrize("method", ["sobol", "shapley"])
def test_indices_of_a_product_in_closed_form(method: str) -> None:
    """Two inputs of one source add up on the log odds: the variances are those of the two.

    With suspects 2 and 3 excluded but for the weight, log odds = log w1 + log P + constant.
    """
    case = BURGLARY.replace(
        {
            "findings.item.likelihood": {"suspect_1": 0.5, "suspect_2": 0.5, "suspect_3": 0.0},
            "sources.suspect_1.weight": (0.5, 2.0),
            "sources.suspect_2.weight": (0.9, 1.2),
        }
    )
    paths = ["sources.suspect_1.weight", "sources.suspect_2.weight"]
    found = global_sensitivity(case, method=method, inputs=paths, samples=256)
    variances = np.log([2.0 / 0.5, 1.2 / 0.9]) ** 2
    share = variances / variances.sum()
    assert found.paths == tuple(paths)
    assert (found.interval[:, 0] <= share).all()
    assert (share <= found.interval[:, 1]).all()
    np.testing.assert_allclose(found.index, share, atol=0.1)


def test_pawn_ranks_and_its_distances_are_salibs() -> None:
    from SALib.analyze.pawn import analyze

    rng = np.random.default_rng(0)
    x = rng.random((400, 3))
    y = x[:, 0] + 0.2 * x[:, 1] ** 2
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    np.testing.assert_allclose(pawn_medians(x, y), analyze(problem, x, y)["median"], rtol=1e-12)
    found = global_sensitivity(BURGLARY, method="pawn", inputs=WEIGHTS, samples=16)
    assert found.paths[0] == "sources.suspect_1.weight"
    assert (found.interval[:, 0] <= found.interval[:, 1]).all()
    assert list(found.to_dataframe().columns) == ["path", "index", "lower", "upper"]


def test_a_seed_repeats() -> None:
    one = global_sensitivity(BURGLARY, inputs=WEIGHTS, samples=16, random_seed=0)
    two = global_sensitivity(BURGLARY, inputs=WEIGHTS, samples=16, random_seed=0)
    three = global_sensitivity(BURGLARY, inputs=WEIGHTS, samples=16, random_seed=1)
    np.testing.assert_array_equal(one.log_odds, two.log_odds)
    assert not np.array_equal(one.log_odds, three.log_odds)


def test_mistakes() -> None:
    with pytest.raises(InputError, match="no method 'morris'"):
        global_sensitivity(BURGLARY, method="morris")
    with pytest.raises(InputError, match="no input that can move: standard"):
        global_sensitivity(BURGLARY, inputs=["standard"])
    with pytest.raises(InputError, match="at least 8"):
        global_sensitivity(BURGLARY, samples=2)
