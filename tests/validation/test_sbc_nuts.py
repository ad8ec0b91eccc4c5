"""Ranks among draws: uniform for the right posterior, not for a broken one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from causation.inference.mcmc import (
    _coordinates,
    _latents,
    log_background,
    log_joint_of_draws,
)
from causation.model.build import Model
from causation.validation import sbc_nuts as module
from causation.validation.sbc import uniformity
from causation.validation.sbc_nuts import sbc_nuts, small_designs
from tests.validation.sbc_simuk import outcomes, total_probability

DESIGNS = small_designs()


def _resampled(model: Model, *, random_seed: int, spread: float, **_: Any) -> Any:
    """Draws of the posterior that owe nothing to NUTS: prior draws, chosen by their weight."""
    rng = np.random.default_rng(random_seed)
    sizes = _latents(model)
    draws = {name: rng.standard_normal((6_000, *shape)) for name, (_, shape) in sizes.items()}
    joint = log_joint_of_draws(model, draws, log_background(model))
    weight = np.exp(joint - joint.max()).sum(axis=1)
    chosen = rng.choice(len(weight), 2_000, p=weight / weight.sum())
    posterior = xr.Dataset(
        {
            name: (("chain", "draw", *sizes[name][0]), spread * value[chosen][None])
            for name, value in draws.items()
        },
        coords=_coordinates(model),
    )
    return SimpleNamespace(tree=xr.DataTree.from_dict({"posterior": posterior}))


@pytest.mark.parametrize("design", DESIGNS)
def test_ranks_tell_the_right_posterior_from_a_narrow_one(
    design: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def p_values(spread: float) -> list[float]:
        monkeypatch.setattr(
            module, "infer", lambda model, **o: _resampled(model, spread=spread, **o)
        )
        o = {"engine_is_replaced": True}
        ranks = sbc_nuts(DESIGNS[design], cases=300, random_seed=3, **o)
        return [uniformity(r, bins=10) for r in ranks.values()]

    assert min(p_values(1.0)) > 1e-3
    assert max(p_values(0.6)) < 1e-4


def test_designs_are_small_and_differ() -> None:
    one, two = DESIGNS.values()
    assert (len(one.groups), len(two.groups)) == (1, 2)
    assert (one.selected, two.selected) == (False, True)
    assert two.linkage[1] < 1.0


def test_outcomes_of_the_smallest_design_are_all_there_are() -> None:
    """Their probabilities add up to 1, whatever the latents."""
    model = DESIGNS["one victim"]
    rng = np.random.default_rng(4)
    assert len(outcomes(model)) == 8
    for _ in range(5):
        latents = {
            name: 2.0 * rng.standard_normal(shape) for name, (_, shape) in _latents(model).items()
        }
        assert total_probability(model, latents) == pytest.approx(1.0, rel=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS)
def test_nuts_is_calibrated(design: str) -> None:
    ranks = sbc_nuts(DESIGNS[design], cases=300)
    assert min(uniformity(r, bins=10) for r in ranks.values()) > 1e-3
