"""Shares of the inputs in the uncertainty of the answer, in closed form and by brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from causation.analyses.bound import log_odds
from causation.analyses.spread import moved, spreads_of
from causation.analyses.uncertainty import _halving, uncertainty
from causation.case import load_case
from causation.dossier.headline import uncertainty_sentences
from causation.inference.evaluate import evaluate
from causation.model.structure import build_model
from tests.analyses.faking import linear
from tests.analyses.tables import bic, model_of, shifts
from tests.handmade import dossier

SLOPES = {
    "sources.platform.weight": 1.5,
    "sources.library.disclosure.phone": -0.8,
    "sources.platform.misfit": 4.0,
    "actor.publishes": 0.5,
}


def test_shares_of_what_is_linear() -> None:
    model = bic()
    sd = {s.path: s.sd for s in spreads_of(model)}
    at = {n.path: n.center for n in model.numbers}
    scale = {p: at[p] if p.endswith("misfit") else 1.0 for p in SLOPES}
    expected = {p: (b * sd[p] * scale[p]) ** 2 for p, b in SLOPES.items()}
    total = sum(expected.values())
    found = uncertainty(shifts(model, evaluate=linear(0.3, SLOPES)))
    assert found.sd == pytest.approx(total**0.5)
    shares = {x.path: x.share for x in found.inputs}
    for path, variance in expected.items():
        assert shares[path] == pytest.approx(variance / total, abs=1e-9)
    assert sum(shares.values()) == pytest.approx(1.0)
    assert found.inputs[0].share == max(shares.values())
    carried = list(itertools.accumulate(x.share for x in found.inputs))
    assert found.carried == pytest.approx(carried[found.carrying - 1])
    assert found.carried >= 0.8 > (carried[found.carrying - 2] if found.carrying > 1 else 0.0)
    status = {n.path: n.status for n in model.numbers}
    first = found.inputs[: found.carrying]
    assert found.judgements == sum(status[x.path] == "judgement" for x in first)


def test_what_a_case_states_without_a_source_or_a_mark_rests_on_judgement() -> None:
    chances = {"platform": [0.3, 0.8], "osint": 0.05, "library": 0.05, "unknown": 0.1}
    path = "findings.seen.likelihood.platform"
    for finding, judged in (
        (chances, 1),
        ({**chances, "platform": {"value": [0.3, 0.8], "source": "a study"}}, 0),
        ({**chances, "platform": {"value": [0.3, 0.8], "status": "V"}}, 0),
    ):
        case = load_case("bic-2025-doxxing").with_finding(
            "seen", likelihood=finding, about="platform"
        )
        found = uncertainty(shifts(build_model(case), evaluate=linear(0.3, {path: 1.0})))
        assert [x.path for x in found.inputs[: found.carrying]] == [path]
        assert found.judgements == judged


def test_incidents_of_a_share_and_of_a_weight() -> None:
    """A logit-normal share of sd s tells as much as 1/(s^2 p (1 - p)) draws."""
    model = bic()
    found = {x.path: x for x in uncertainty(shifts(model, evaluate=linear(0.3, SLOPES))).inputs}
    number = next(n for n in model.numbers if n.path == "actor.publishes")
    p, sd = number.mean(), model.filled.elicitation_sd
    assert found["actor.publishes"].incidents == np.ceil(1.0 / (sd**2 * p * (1.0 - p)))
    assert found["sources.platform.misfit"].incidents is None
    weight = next(n for n in model.numbers if n.path == "sources.platform.weight")
    prior = linear(0.3, SLOPES)(model, model.base()).route_prior[0]
    entrance = sum(
        p for r, p in zip(model.routes, prior, strict=True) if r.entrance.name == "platform"
    )
    expected = np.ceil(1.0 / (weight.sd**2 * entrance * (1.0 - entrance)))
    assert found["sources.platform.weight"].incidents == expected
    phone = next(n for n in model.numbers if n.path == "sources.library.disclosure.phone")
    inside = sum(
        p
        for r, p in zip(model.routes, prior, strict=True)
        if "library" in {s.name for s in r.sources}
    )
    p = phone.mean()
    expected = np.ceil(1.0 / (inside * sd**2 * p * (1.0 - p)))
    assert found[phone.path].incidents == expected


@pytest.mark.parametrize("rare", [5e-324, 1e-310, 1e-17])
def test_no_count_of_incidents_for_what_next_to_none_shows(rare: float) -> None:
    model = model_of(actor={"publishes": rare})
    found = {x.path: x for x in uncertainty(shifts(model)).inputs}
    assert found["actor.publishes"].incidents is None


def test_least_incidents_by_brute_force() -> None:
    rows = [(1.0, 4.0), (0.5, 1.5), (0.2, None)]

    def left(n: int) -> float:
        return 4.0 / (4.0 + n) + 0.5 * 1.5 / (1.5 + n) + 0.2

    assert _halving(rows) == next(n for n in range(100) if left(n) <= 0.85)


def test_what_incidents_cannot_halve() -> None:
    assert _halving([(1.0, None), (0.5, 3.0)]) is None


def test_a_real_case_against_moves_drawn_one_by_one() -> None:
    """Main effects of the three greatest inputs by Gauss-Hermite, within a tenth."""
    model = build_model("shen-2018")
    found = uncertainty(shifts(model))
    spreads = spreads_of(model)
    place = {s.path: i for i, s in enumerate(spreads)}
    z, w = np.polynomial.hermite_e.hermegauss(5)
    for x in found.inputs[:3]:
        steps = np.zeros((5, len(spreads)))
        steps[:, place[x.path]] = z
        y = log_odds(evaluate(model, moved(model, spreads, steps)))
        mean = w @ y / w.sum()
        assert x.sd == pytest.approx(float(w @ (y - mean) ** 2 / w.sum()) ** 0.5, rel=0.1)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_in_words(lang: str) -> None:
    found = uncertainty_sentences(dossier(), lang)
    assert len(found) == 2
    assert "2" in found[0]
    assert "100" in found[0]
    assert "4" in found[1]
