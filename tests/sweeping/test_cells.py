"""Sums over routes as products of matrices, against plain sums over every cell."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causation.model.structure import Model, build_model
from causation.sweeping import cells, sums
from causation.sweeping.cells import Box, ImpossibleError, Question
from causation.sweeping.factors import Factor

LENGTHS = (3, 2, 4, 2)
BOUND = 1.0
WANTED = ("probability", "log10_lr", "held", "met", "posterior")
SETS = st.lists(
    st.sets(st.integers(0, 3), max_size=3).map(lambda s: tuple(sorted(s))), min_size=1, max_size=5
)


@pytest.fixture(scope="module")
def model() -> Model:
    """Seven routes, of which the proposition's are some."""
    return build_model("bic-2025-doxxing")


def factors(axes: list[tuple[int, ...]], seed: int, routes: int) -> list[Factor]:
    rng = np.random.default_rng(seed)
    return [
        Factor(a, 3.0 * rng.standard_normal((*(LENGTHS[i] for i in a), routes)), prior=k % 2 == 0)
        for k, a in enumerate(axes)
    ]


def victims(axes: tuple[int, ...], seed: int, model: Model) -> Factor:
    rng = np.random.default_rng(seed + 1)
    shape = (*(LENGTHS[i] for i in axes), len(model.routes))
    return Factor(axes, rng.standard_normal(shape), credit=rng.random(shape))


def by_cell(
    parts: list[Factor], seen: Factor, model: Model, levels: np.ndarray
) -> dict[str, np.ndarray]:
    """Every cell by itself, in the words of the definition."""
    assert seen.credit is not None
    out: dict[str, Any] = {name: np.empty(LENGTHS) for name in WANTED[:4]}
    out["posterior"] = np.empty((len(model.routes), *LENGTHS))
    own = np.array(["platform" in r.name.split("/") for r in model.routes])
    for cell in product(*map(range, LENGTHS)):
        at = {id(f): f.log[tuple(cell[i] for i in f.axes)] for f in parts}
        mine = tuple(cell[i] for i in seen.axes)
        joint = np.exp(sum(at.values()) + seen.log[mine])
        before = np.exp(sum((at[id(f)] for f in parts if f.prior), np.zeros(len(own))))
        posterior = joint / joint.sum()
        chance = seen.credit[mine]
        ratio = (joint[own].sum() / joint[~own].sum()) / (before[own].sum() / before[~own].sum())
        odds = before[own].sum() / before[~own].sum() * np.clip(ratio, 10**-BOUND, 10**BOUND)
        within = (joint * chance)[own].sum() / joint[own].sum()
        out["posterior"][(slice(None), *cell)] = posterior
        out["probability"][cell] = (posterior * chance).sum()
        out["log10_lr"][cell] = np.log10(ratio)
        out["held"][cell] = within * odds / (1.0 + odds)
        out["met"][cell] = out["held"][cell] >= levels[cell[3]]
    return out


def filled(
    parts: list[Factor], seen: Factor, model: Model, levels: np.ndarray
) -> dict[str, np.ndarray]:
    out = {name: np.empty(LENGTHS, bool if name == "met" else float) for name in WANTED[:4]}
    out["posterior"] = np.empty((len(model.routes), *LENGTHS))
    Box(model, [*parts, seen], (3, levels), Question(WANTED, BOUND), LENGTHS).fill(out)
    return out


@given(
    axes=SETS, of_victims=SETS, seed=st.integers(0, 2**32 - 2), block=st.sampled_from([1, 7, 99])
)
@settings(max_examples=40, deadline=None)
def test_any_factors_in_any_axes(
    model: Model, axes: list[tuple[int, ...]], of_victims: list[tuple[int, ...]], seed: int,
    block: int,
) -> None:  # fmt: skip
    parts = factors(axes, seed, len(model.routes))
    seen = victims(of_victims[0], seed, model)
    # the proposition's routes alone can make it true
    own = np.array(["platform" in r.name.split("/") for r in model.routes])
    assert seen.credit is not None
    seen.credit[...] *= own
    levels = np.array([0.3, 0.7])
    expected = by_cell(parts, seen, model, levels)
    for tiny in (sums.TINY, 1e300):  # products of matrices, and logarithms
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sums, "TINY", tiny)
            patch.setattr(cells, "BLOCK", block)
            found = filled(parts, seen, model, levels)
        for name in WANTED:
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-11, atol=1e-300)


def test_excluded_routes_stay_excluded_and_impossible_cells_are_named(model: Model) -> None:
    parts = factors([(0,), (1,)], 4, len(model.routes))
    seen = victims((2,), 4, model)
    parts[0].log[..., 1] = -np.inf
    levels = np.array([0.5, 0.5])
    assert (filled(parts, seen, model, levels)["posterior"][1] == 0.0).all()
    parts[1].log[1] = -np.inf
    seen.log[:3, 0] = 0.0
    with pytest.raises(ImpossibleError) as error:
        filled(parts, seen, model, levels)
    assert (error.value.place, error.value.prior) == ((0, 1, 0, 0), False)


def test_what_leaves_the_range_of_a_double_is_formed_by_logarithms(model: Model) -> None:
    parts = factors([(0,), (1,)], 5, len(model.routes))
    seen = victims((2,), 5, model)
    parts[0].log[...] += 600.0 * np.arange(len(model.routes))
    parts[1].log[...] -= 600.0 * np.arange(len(model.routes))
    levels = np.array([0.5, 0.5])
    found = filled(parts, seen, model, levels)
    parts[0].log[...] -= 600.0 * np.arange(len(model.routes))
    parts[1].log[...] += 600.0 * np.arange(len(model.routes))
    plain = filled(parts, seen, model, levels)
    np.testing.assert_allclose(found["posterior"], plain["posterior"], rtol=1e-9)
