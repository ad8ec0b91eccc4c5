"""Numbers as they are printed never say more than the numbers."""

from __future__ import annotations

import ast
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from causation.analyses.bound import held, log10_prior_odds, role_factor
from causation.case import bundled_cases, bundled_prior_sets, load_standards
from causation.dossier import digits
from causation.dossier.assessment import Assessment, assess
from causation.dossier.digits import (
    at_least,
    at_most,
    percent,
    percent_at_least,
    ratio,
)
from causation.inference.evaluate import evaluate
from tests.sources import dotted, parsed


def read(text: str) -> float:
    return float(text.strip("<> ").removesuffix(" %")) / 100.0


@pytest.mark.parametrize(
    "level", [0.5, 0.618, 0.6185, 1 / 3, *(s.threshold for s in load_standards())]
)
def test_no_probability_is_printed_across_a_level(level: float) -> None:
    rng = np.random.default_rng(1)
    near = level + np.concatenate([[0.0], 10.0 ** rng.uniform(-9, -2, 200)])
    for p in (*near.tolist(), *(2 * level - near).tolist()):
        shown = percent(p, level)
        assert (read(shown) >= level) == (p >= level), (p, shown)
        assert read(shown) == pytest.approx(p, abs=5.1e-4)


def test_thresholds_are_rounded_towards_their_claim() -> None:
    rng = np.random.default_rng(2)
    for p in rng.beta(0.3, 0.3, 500).tolist():
        if 1e-9 < p < 1 - 1e-9:
            assert p <= read(percent_at_least(p))
    for x in (10.0 ** rng.uniform(-4, 5, 500)).tolist():
        low, high = (float(f(x).replace(",", "")) for f in (at_most, at_least))
        assert low <= x <= high
        assert high / low < 1.11


@pytest.mark.parametrize("priors", bundled_prior_sets())
@pytest.mark.parametrize("case", bundled_cases())
def test_printed_thresholds_meet_their_claim_when_put_back(case: str, priors: str) -> None:
    """The prior from which on, and the weight of the residual up to which the value is reached."""
    a = assess(case, priors=priors)
    at = a.prior_curve.held_prior_at_standard
    if at is not None:
        assert held_at_prior(a, read(percent_at_least(at))) >= a.threshold
        assert held_at_prior(a, at * 0.999) < a.threshold
    residual = a.carriers.residual
    if residual is not None and residual.needed is not None:
        shown = float(at_most(residual.needed).replace(",", ""))
        assert held_at_residual(a, residual.path, shown) >= a.threshold
        assert held_at_residual(a, residual.path, residual.needed * 1.001) < a.threshold
    assert (read(percent(a.held.probability, a.threshold)) >= a.threshold) == (
        a.held.probability >= a.threshold
    )


def held_at_prior(a: Assessment, prior: float) -> float:
    """By hand: prior odds times limited ratio, times the chance of the proposition."""
    ratio = float(np.clip(a.answer.log10_lr[0], -(a.bound or math.inf), a.bound or math.inf))
    odds = float(prior / (1.0 - prior) * 10.0**ratio)
    chance = float(role_factor(a.answer)[0])
    return chance * odds / (1.0 + odds)


def held_at_residual(a: Assessment, path: str, weight: float) -> float:
    """The case again with another weight; what was integrated stays."""
    answer = evaluate(a.model, a.model.rows([{path: weight}]), settings=a.settings)
    assert np.isfinite(log10_prior_odds(answer)).all()
    same = replace(answer, log_evidence=a.answer.log_evidence[:1], credit=a.answer.credit[:1])
    return float(held(same, a.bound).probability[0])


@pytest.mark.parametrize("edge", [2.0, 10.0, 100.0, 1e3, 1e4, 1e6])
def test_no_ratio_is_rounded_out_of_its_band(edge: float) -> None:
    """As near to the ends of the bands of ENFSI (2015) as one part in ten thousand."""
    for step in (-0.04, -0.004, -1e-4, 0.0, 1e-4, 0.004, 0.04):
        value = edge * (1.0 + step)
        shown = float(ratio(math.log10(value), None).replace(",", ""))
        assert (shown >= edge) == (value >= edge)
        assert shown == pytest.approx(value, rel=0.05)


def test_every_reader_names_the_standard_of_the_case() -> None:
    """A probability that a reader prints without it could be rounded across it."""
    root = Path(digits.__file__).parent.parent
    bare = []
    for room in ("terminal", "plots", "notebook"):
        for path in (root / room).glob("*.py"):
            for node in ast.walk(parsed(path)):
                if isinstance(node, ast.Call) and dotted(node.func) == "percent":
                    bare += [f"{path.name}: {ast.unparse(node)}"] * (len(node.args) < 2)
    # a share that was asked for, and marks of a scale of widths
    assert sorted(bare) == ["sensitivity.py: percent(result.epsilon)", "ways.py: percent(p)"]
