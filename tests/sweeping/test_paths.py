"""Paths: every number of a case, its prior set and the standard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from causation.case import load_case
from causation.errors import CaseError, InputError
from causation.sweeping.grid import build_grid
from causation.sweeping.paths import read_numbers

CASE = load_case("bic-2025-doxxing")


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"sources.osint.wieght": [1]}, "did you mean weight"),
        ({"sources.osnt.weight": [1]}, "did you mean osint"),
        ({"sources.osint.disclosure.email": [0.1]}, "no number that the case uses"),
        ({"priors.misfit.custodia": [0.1]}, "priors.misfit.custodian"),
        ({"priors.misfit.custodian": [2.0]}, "outside"),
        ({"victims.co_victims.count": [1, 2.5]}, "not a whole number"),
        ({"sources.osint.correlation": [0.5, 1.5]}, "outside"),
        ({"sources.osint.weight": [1.0, float("nan")]}, "not a finite number"),
        ({"standard": ["cn-high"]}, "unknown standard"),
        ({"standard": [0.5, 1.5]}, "not a threshold"),
        ({"standard": [(0.5, 0.6)]}, "one number"),
        ({"sources.osint.weight[0]": [9.0], "sources.osint.weight[1]": [4.0]}, "inverted"),
    ],
)
def test_what_is_not_allowed_is_said(grid: dict[str, Any], message: str) -> None:
    with pytest.raises(CaseError, match=message):
        read_numbers(CASE, build_grid(grid))


def test_two_axes_do_not_change_one_number() -> None:
    grid = build_grid({"victims.co_victims.linkage": [0.5], "victims[1].linkage": [0.6]})
    with pytest.raises(InputError, match="the same number"):
        read_numbers(CASE, grid)


def test_both_ends_of_an_interval_may_cross_what_the_case_states() -> None:
    grid = build_grid({"sources.osint.weight[0]": [5.0, 6.0], "sources.osint.weight[1]": [7, 8]})
    number = read_numbers(CASE, grid).inputs["sources.osint.weight"]
    assert number.lo.ravel().tolist() == [5.0, 5.0, 6.0, 6.0]
    assert number.hi.ravel().tolist() == [7.0, 8.0, 7.0, 8.0]


def test_a_prior_set_changes_what_the_case_leaves_out_and_nothing_else() -> None:
    grid = build_grid({"priors": ["neutral", "claimant"], "sources.osint.misfit": [0.1]})
    numbers = read_numbers(CASE, grid)
    changed = {p for p, x in numbers.inputs.items() if x.lo.size > 1}
    assert "sources.platform.misfit" in changed
    assert "sources.osint.misfit" not in changed  # the case states it now
    np.testing.assert_array_equal(numbers.mean("sources.osint.misfit"), [[0.1]])


def test_a_number_of_the_prior_set_varies() -> None:
    grid = build_grid({"priors.weights.custodian[1]": [3.0, 5.0]})
    number = read_numbers(CASE, grid).inputs["sources.platform.weight"]
    assert number.hi.tolist() == [3.0, 5.0]
    assert number.lo.tolist() == [0.5, 0.5]
