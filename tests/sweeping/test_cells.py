"""Sums over routes as products of matrices, against plain sums over every cell."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causation.sweeping.cells import contract, log_contract
from causation.sweeping.tables import Factor

ROUTES = 4
LENGTHS = (3, 2, 4, 2)


def factors(axes: list[tuple[int, ...]], seed: int) -> list[Factor]:
    rng = np.random.default_rng(seed)
    return [Factor(a, 3.0 * rng.standard_normal((*(LENGTHS[i] for i in a), ROUTES))) for a in axes]


def by_cell(parts: list[Factor]) -> np.ndarray:
    """Every product by itself, shape (axes..., Z)."""
    whole = np.empty((*LENGTHS, ROUTES))
    for cell in product(*map(range, LENGTHS)):
        whole[cell] = np.exp(sum(f.log[tuple(cell[i] for i in f.axes)] for f in parts))
    return whole


SETS = st.lists(
    st.sets(st.integers(0, 3), max_size=3).map(lambda s: tuple(sorted(s))), min_size=1, max_size=5
)


@given(SETS, st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_any_factors_in_any_axes(axes: list[tuple[int, ...]], seed: int) -> None:
    parts = factors(axes, seed)
    expected = by_cell(parts)
    mask = np.array([True, False, True, False])
    made, logs = contract(parts, 4), log_contract(parts, 4)
    # each factor is scaled by its own largest route, which is the same for every sum
    scale = np.exp(
        sum(
            f.log.max(axis=-1).reshape([LENGTHS[i] if i in f.axes else 1 for i in range(4)])
            for f in parts
        )
    )
    for routes in (None, mask):
        plain = expected[..., routes if routes is not None else slice(None)].sum(axis=-1)
        np.testing.assert_allclose(made.sum(routes) * scale * np.ones(LENGTHS), plain, rtol=1e-12)
        np.testing.assert_allclose(np.exp(logs(routes)) * np.ones(LENGTHS), plain, rtol=1e-12)
    np.testing.assert_allclose(
        made.route(2) * scale * np.ones(LENGTHS), expected[..., 2], rtol=1e-12
    )


def test_what_has_no_axis_takes_no_room() -> None:
    parts = factors([(0,), (), (2,)], seed=1)
    assert contract(parts, 4).sum().shape == (3, 1, 4, 1)


def test_chances_multiply_one_factor() -> None:
    parts = factors([(0, 1), (2,)], seed=2)
    chance = np.random.default_rng(3).random((3, 2, ROUTES))
    made = contract(parts, 4, [chance, np.ones(1)])
    free = contract(parts, 4)
    weighed = sum(free.route(z) * chance[..., z][:, :, None, None] for z in range(ROUTES))
    np.testing.assert_allclose(made.sum(), weighed, rtol=1e-12)


@pytest.mark.parametrize("gone", [0, 1])
def test_excluded_routes_stay_excluded(gone: int) -> None:
    parts = factors([(0,), (1,)], seed=4)
    parts[gone].log[..., 1] = -np.inf
    assert (contract(parts, 2).route(1) == 0.0).all()
