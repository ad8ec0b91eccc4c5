"""Grids: texts, mappings, tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causation.errors import InputError
from causation.sweeping.grid import SCENARIO, build_grid, parse_values, parse_vary


def test_linear_and_log_grids_have_exact_ends() -> None:
    assert parse_values("a", "0.1:0.3:3") == (0.1, 0.2, 0.3)
    values = parse_values("a", "log:0.1:10:21")
    assert values[0] == 0.1
    assert values[-1] == 10.0
    # evenly spaced in ratio, to the 15 digits that are kept
    assert np.allclose(np.diff(np.log(values)), np.log(100.0) / 20, rtol=1e-13)


def test_one_value_and_names() -> None:
    assert parse_values("a", "3:7:1") == (3.0,)
    assert parse_values("priors", "neutral,claimant") == ("neutral", "claimant")
    assert parse_vary("standard=0.5,cn-high-probability") == (
        "standard",
        (0.5, "cn-high-probability"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "not PATH=GRID"),
        ("a=", "not PATH=GRID"),
        ("a=1:2", "is not a grid"),
        ("a=1:2:x", "is not a grid"),
        ("a=1:2:0", "an empty grid"),
        ("a=log:0:2:3", "positive ends"),
        ("a=1:inf:3", "not finite"),
        ("a=,,", "an empty grid"),
        ("a=[1,2", "is not a grid"),
        ("a=[1,2,3]", "is not a grid"),
        ("a=[1,x]", "not an interval of numbers"),
        ("a=[1,2],3]", "is not a grid"),
    ],
)
def test_what_is_not_a_grid_is_said(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_vary(text)


@pytest.mark.parametrize("text", ["1_0", "٣", "１", "nan", "inf", "Infinity"])
def test_what_a_case_does_not_take_for_a_number_is_none(text: str) -> None:
    """A custodian may be named nan, too."""
    assert parse_values("proposition", f"{text},shop") == (text, "shop")
    with pytest.raises(InputError, match="is not a"):
        parse_values("a", f"1:2:{text}")


def test_product_zipped_and_table_agree_on_their_sizes() -> None:
    values = {"a": [1, 2, 3], "b": np.array([4.0, 5.0, 6.0])}
    assert build_grid(values).shape == (3, 3)
    zipped = build_grid(values, zipped=True)
    assert zipped.names == (SCENARIO,)
    assert zipped == build_grid(pd.DataFrame(values))
    assert build_grid(["a=1,2,3", "b=4:6:3"]) == build_grid(values)


def test_intervals_are_values() -> None:
    grid = build_grid({"a": [(0.5, 2), [1, 3]]})
    assert grid.axes[0].columns["a"] == ((0.5, 2.0), (1.0, 3.0))


def test_facts_are_values() -> None:
    grid = build_grid({"a": [["phone"], ("phone", "email")], "b": [True, False], "c": "x+y,z"})
    values = [axis.columns for axis in grid.axes]
    assert values == [
        {"a": (("phone",), ("phone", "email"))}, {"b": (True, False)}, {"c": ("x+y", "z")},
    ]  # fmt: skip
    assert parse_values("exhaustive", "true,false") == (True, False)


def test_crossed_grids_vary_nothing_twice() -> None:
    grid, axis = build_grid({"a": [1, 2]}), build_grid({"b": [1, 2, 3]}).axes[0]
    assert grid.crossed(axis).shape == (3, 2)
    with pytest.raises(InputError, match="a: varied twice"):
        grid.crossed(grid.axes[0])


def test_mistakes() -> None:
    with pytest.raises(InputError, match="nothing varies"):
        build_grid({})
    with pytest.raises(InputError, match="an empty grid"):
        build_grid({"a": []})
    with pytest.raises(InputError, match="as many values each; a has 2, b has 1"):
        build_grid({"a": [1, 2], "b": [1]}, zipped=True)
    with pytest.raises(InputError, match="varied twice"):
        build_grid(["a=1", "a=2"])
    with pytest.raises(InputError, match="neither a number"):
        build_grid({"a": [None]})


def test_the_digest_follows_the_content() -> None:
    one, two = build_grid({"a": [1, 2]}), build_grid({"a": [1, 3]})
    assert one.sha256() == build_grid({"a": [1, 2]}).sha256()
    assert one.sha256() != two.sha256()
