"""Near a level the integration repeats until the comparison does not hang on the randomisation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from causation.analyses.steady import MOST, Steady, pooled
from causation.inference.evaluate import Answer
from causation.inference.integrate import IntegratorSettings
from causation.model.structure import Model, Scenarios
from tests.analyses.tables import answer_of, bic


class Noisy:
    """A ratio with noise that hangs on the seed."""

    def __init__(self, log10_lr: float, error: float) -> None:
        self.log10_lr, self.error = log10_lr, error
        self.seeds: list[int] = []
        self.rows: list[int] = []

    def __call__(self, model: Model, scenarios: Scenarios, settings: IntegratorSettings) -> Answer:
        self.seeds.append(settings.random_seed)
        self.rows.append(len(scenarios))
        noise = self.error * np.random.default_rng(settings.random_seed).standard_normal()
        return answer_of(model, [self.log10_lr + noise] * len(scenarios), error=self.error)


def ratio_for(p: float) -> float:
    """log10 ratio that takes a prior of .2 to a probability."""
    return math.log10(p / (1 - p) / 0.25)


def test_far_from_the_level_one_randomisation_is_enough() -> None:
    noisy = Noisy(ratio_for(0.9), 0.001)
    Steady((0.75,), inner=noisy)(bic(), bic().base())
    assert len(noisy.seeds) == 1


def test_near_the_level_it_repeats_with_new_seeds() -> None:
    noisy = Noisy(ratio_for(0.77), 0.001)
    Steady((0.75,), inner=noisy)(bic(), bic().base())
    assert len(noisy.seeds) == 2
    assert len(set(noisy.seeds)) == 2


def test_on_the_level_it_ends_all_the_same() -> None:
    noisy = Noisy(ratio_for(0.75), 0.01)
    model = bic()
    answer = Steady((0.75,), inner=noisy)(model, model.base())
    assert len(noisy.seeds) == MOST
    assert answer.error.max() == pytest.approx(0.01 / math.sqrt(MOST))


def test_near_the_level_one_is_enough_if_it_is_all_but_exact() -> None:
    noisy = Noisy(ratio_for(0.77), 1e-5)
    Steady((0.75,), inner=noisy)(bic(), bic().base())
    assert len(noisy.seeds) == 1


def test_without_error_nothing_is_repeated() -> None:
    noisy = Noisy(ratio_for(0.75), 0.0)
    Steady((0.75,), inner=noisy)(bic(), bic().base())
    assert len(noisy.seeds) == 1


def test_only_rows_near_a_level_are_repeated() -> None:
    model = bic()

    def inner(m: Model, scenarios: Scenarios, _: IntegratorSettings) -> Answer:
        asked.append(len(scenarios))
        p = np.where(scenarios.present.all(axis=1), 0.9, 0.51)
        return answer_of(m, [ratio_for(x) for x in p], error=1e-3)

    asked: list[int] = []
    rows = model.without([[], ["security.platform"], []])
    answer = Steady((0.75, 0.5), inner=inner)(model, rows)
    assert asked == [3, 1]
    assert answer.probability == pytest.approx([0.9, 0.51, 0.9])


def test_what_is_compared_is_the_held_probability() -> None:
    noisy = Noisy(3.0, 0.02)  # P is .996; held to 2.0 it is .9615
    Steady((0.96,), bound=2.0, inner=noisy)(bic(), bic().base())
    assert len(noisy.seeds) == 2


def test_evidence_is_averaged_not_its_logarithm() -> None:
    model = bic()
    both = pooled([answer_of(model, [1.0], error=0.3), answer_of(model, [2.0], error=0.4)])
    inside = both.inside
    assert np.exp(both.log_evidence[0, inside]) == pytest.approx(55.0)
    assert both.error[0, inside] == pytest.approx(0.25)
    assert both.log10_lr == pytest.approx([math.log10(55.0)])
