"""Figures of sweeps, on tables written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xarray as xr
from matplotlib import pyplot as plt

from causation import plots
from causation.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@pytest.fixture(autouse=True)
def _no_figure_left() -> Iterator[None]:
    yield
    plt.close("all")


def table(**axes: Any) -> xr.Dataset:
    """A sweep along some axes, its probabilities between 0.05 and 0.95."""
    shape = [len(values) for values in axes.values()]
    p = np.linspace(0.05, 0.95, int(np.prod(shape))).reshape(shape)
    return xr.Dataset(
        {"probability": (list(axes), p)}, coords=axes, attrs={"standard": "cn-high-probability"}
    )


@pytest.fixture(scope="module")
def plane() -> xr.Dataset:
    made = table(osint=np.geomspace(0.1, 1000.0, 7), unknown=np.geomspace(0.01, 100.0, 5))
    return made.rename(osint="sources.osint.weight", unknown="sources.unknown.weight")


def _line(ax: Axes, label: str) -> Any:
    return next(line for line in ax.lines if str(line.get_label()).startswith(label))


def test_heat_map_draws_the_sweep(plane: xr.Dataset) -> None:
    ax = plots.plot_sweep_heat(plane)
    drawn = np.asarray(ax.collections[0].get_array()).reshape(5, 7)
    assert np.array_equal(drawn, plane.probability.values.T)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_lines_draw_the_sweep(plane: xr.Dataset) -> None:
    ax = plots.plot_sweep_lines(plane, x="sources.unknown.weight")
    assert len(ax.lines) == 7 + 1
    assert len({line.get_color() for line in ax.lines}) == 8  # the standard has its own
    assert np.array_equal(ax.lines[2].get_ydata(), plane.probability.values[2])


def test_tipping_plane_draws_where_the_standard_is_met(plane: xr.Dataset) -> None:
    point = {"sources.osint.weight": 2.0, "sources.unknown.weight": 0.5}
    edge = {"sources.osint.weight": 3.0, "sources.unknown.weight": 20.0}
    ax = plots.plot_tipping_plane(plane, case=point, nearest=edge)
    drawn = np.asarray(ax.collections[0].get_array()).reshape(5, 7)
    assert np.array_equal(drawn == 1.0, plane.probability.values.T >= 0.75)
    assert _line(ax, "this case").get_xdata()[0] == 2.0
    assert _line(ax, "nearest").get_ydata()[0] == 20.0


def test_sweeps_of_the_wrong_shape_are_refused(plane: xr.Dataset) -> None:
    flat = plane.isel({"sources.osint.weight": 0})
    with pytest.raises(InputError, match="takes 2"):
        plots.plot_sweep_heat(flat)
    with pytest.raises(InputError, match="no axis 'nothing'"):
        plots.plot_sweep_lines(flat, x="nothing")
    many = table(standard=np.linspace(0.5, 0.9, 3), weight=np.linspace(1.0, 9.0, 9))
    with pytest.raises(InputError, match="9 lines are too many"):
        plots.plot_sweep_lines(many, x="standard")
    with pytest.raises(InputError, match="which standard"):
        plots.plot_sweep_lines(flat.assign_attrs(standard=""))
    with pytest.raises(InputError, match="no variable 'probability'"):
        plots.plot_sweep_lines(flat.drop_vars("probability"))


def test_names_on_an_axis_are_ticks_in_words() -> None:
    ax = plots.plot_sweep_lines(table(priors=["claimant", "neutral"]), threshold=0.9)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["claimant's", "neutral"]
    assert _line(ax, "comparison").get_ydata()[0] == 0.9
    ax = plots.plot_sweep_lines(table(priors=["claimant", "mine"]), threshold=0.9, lang="zh")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["原告方", "mine"]


def test_the_horizontal_is_the_axis_of_numbers_with_most_values() -> None:
    made = table(priors=list("abcd"), weight=[1.0, 2.0, 3.0], linkage=[0.1, 0.2])
    ax = plots.plot_sweep_lines(made.isel(linkage=0), threshold=0.5)
    assert (ax.get_xlabel(), len(ax.lines)) == ("weight", 4 + 1)
    ax = plots.plot_sweep_lines(made.isel(priors=0).transpose("linkage", "weight"), threshold=0.5)
    assert (ax.get_xlabel(), len(ax.lines)) == ("weight", 2 + 1)


def test_axes_are_called_what_the_sweep_says(plane: xr.Dataset) -> None:
    named = plane.copy()
    named["sources.osint.weight"].attrs = {"label_en": "the weight", "label_zh": "权重"}
    assert plots.plot_sweep_heat(named).get_xlabel() == "the weight"
    assert plots.plot_sweep_heat(named, lang="zh").get_xlabel() == "权重"


def test_gaps_leave_the_line_of_the_standard() -> None:
    made = table(weight=np.arange(4.0), linkage=np.arange(5.0))
    made["probability"][0, 0] = np.nan
    assert len(plots.plot_sweep_heat(made).collections) == 2
