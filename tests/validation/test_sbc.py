"""Simulation-based calibration passes a right likelihood and catches a broken one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from causation.model.build import Model
from causation.model.simulation import simulate
from causation.validation.designs import designs
from causation.validation.sbc import latent_pits, sbc, source_z_scores, uniformity

CASES = 800
DESIGN = 9
"""Three sources, four victims, three fields, a profile, selected."""


def _series(model: Model) -> Model:
    return replace(model, linkage=np.ones_like(model.linkage), misfit=np.zeros_like(model.misfit))


def _p_value(fault: Callable[[Model], Model]) -> float:
    model = _series(designs()[DESIGN].model)
    rng = np.random.default_rng(11)
    cases = [simulate(model, rng=rng) for _ in range(CASES)]
    return uniformity(np.array(latent_pits(cases, fault)["disclosure logit"]))


def test_uniformity_of_uniform_and_of_bent() -> None:
    even = (np.arange(1000) + 0.5) / 1000
    assert uniformity(even) == pytest.approx(1.0)
    assert uniformity(even**2) < 1e-12


def test_the_right_likelihood_passes() -> None:
    assert _p_value(lambda model: model) > 1e-3


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(lambda m: replace(m, selected=False), id="selection forgotten"),
        pytest.param(lambda m: replace(m, field_sd=0.4 * m.field_sd), id="latents too narrow"),
        pytest.param(
            lambda m: replace(m, disclosed=m.withheld, withheld=m.disclosed, selected=False),
            id="disclosed and withheld exchanged",
        ),
    ],
)
def test_a_broken_likelihood_is_caught(fault: Callable[[Model], Model]) -> None:
    assert _p_value(fault) < 1e-4


def test_mean_posterior_of_the_sources_is_their_prior() -> None:
    """For the right model only: not with the logits of one source two units too high."""
    model = designs()[2].model
    rng = np.random.default_rng(12)
    cases = [simulate(model, rng=rng) for _ in range(CASES // 2)]
    assert np.abs(source_z_scores(cases, lambda m: m)).max() < 4.0

    def shifted(m: Model) -> Model:
        center = m.field_center.copy()
        center[0] += 2.0
        return replace(m, field_center=center)

    assert np.abs(source_z_scores(cases, shifted)).max() > 4.0


@pytest.mark.slow
def test_every_design() -> None:
    report = sbc(cases=100, random_seed=7)
    assert min(report.p_value.values()) > 1e-3
    assert np.abs(report.source_z).max() < 4.5
    assert report.table().count("\n") == len(report.pit) + 4
