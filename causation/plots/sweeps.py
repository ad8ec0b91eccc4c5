"""Figures of sweeps: lines, a heat map, and the plane in which the conclusion tips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from causation.case.library import load_standards
from causation.dossier.digits import stated
from causation.dossier.labels import in_language, prior_set_label, standard_label
from causation.errors import InputError
from causation.plots.style import (
    SERIES,
    axes,
    figure,
    legend_above,
    narrow,
    percent_axis,
)
from causation.plots.text import COLORS, fitted, say, shown

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

_LINES = 8

type _Plane = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Positions along x and y, and values of shape (y, x)."""


def _threshold(data: xr.Dataset, given: float | None) -> float:
    """Standard of proof of a sweep: given, or that of its case."""
    if given is not None:
        return given
    name = str(data.attrs.get("standard", ""))
    known = {s.id: s.threshold for s in load_standards()}
    try:
        return known[name] if name in known else float(name)
    except ValueError:
        raise InputError(
            "the sweep does not say which standard of proof applies; state threshold=..."
        ) from None


def _scale_of(values: np.ndarray) -> str:
    """``log`` where numbers are spread evenly in ratio rather than in difference."""
    if values.dtype.kind not in "fi" or len(values) < 3 or (values <= 0).any():
        return "linear"
    steps, ratios = np.diff(values), np.diff(np.log(values))
    return "log" if np.ptp(ratios) < 1e-6 < np.ptp(steps) else "linear"


def _positions(values: np.ndarray) -> np.ndarray:
    """Numbers as they are; names and intervals by position."""
    return values if values.dtype.kind in "fi" else np.arange(len(values))


def _name_of(data: xr.Dataset, axis: str, lang: str) -> str:
    """What an axis is called: as the sweep says, else its path."""
    if axis == "scenario":
        return in_language(("scenario", "情形"), lang)
    label = data[axis].attrs.get(f"label_{lang}") if axis in data.coords else None
    return str(label or axis)


def _named(data: xr.Dataset, axis: str, lang: str) -> list[str]:
    """Values of an axis in words."""
    values = data[axis].values
    if axis == "priors":
        return [prior_set_label(str(v), lang) for v in values]
    if axis == "standard" and values.dtype.kind not in "fi":
        known = {s.id for s in load_standards()}
        return [standard_label(str(v), lang) if str(v) in known else str(v) for v in values]
    if axis == "case":
        return list(data[axis].attrs.get(f"values_{lang}", values))
    return [shown(f"{v:.3g}" if isinstance(v, float) else str(v), lang) for v in values]


def _label_axis(ax: Axes, data: xr.Dataset, name: str, *, which: str, lang: str) -> None:
    values = data[name].values
    width = 28 if narrow(ax) else 56
    getattr(ax, f"set_{which}label")(fitted(_name_of(data, name, lang), width=width))
    axis = ax.xaxis if which == "x" else ax.yaxis
    if values.dtype.kind in "fi":
        if _scale_of(values) == "log":
            getattr(ax, f"set_{which}scale")("log")
            axis.set_major_formatter(FuncFormatter(lambda x, _: shown(f"{x:g}", lang)))
            axis.set_minor_formatter(NullFormatter())
    else:
        labels = [fitted(v, width=16) for v in _named(data, name, lang)]
        axis.set_ticks(np.arange(len(values)), labels)


def _along(data: xr.Dataset, dims: list[str]) -> str:
    """The axis for the horizontal: of numbers, with the most values."""
    return max(dims, key=lambda d: (data[d].dtype.kind in "fi", data.sizes[d], -dims.index(d)))


def _axes_of(data: xr.Dataset, variable: str, allowed: tuple[int, ...]) -> list[str]:
    if variable not in data:
        raise InputError(
            f"the sweep has no variable {variable!r}; allowed: {', '.join(map(str, data))}"
        )
    dims = [str(d) for d in data[variable].dims]
    if len(dims) not in allowed:
        raise InputError(
            f"{variable!r} varies along {len(dims)} axes ({', '.join(dims) or 'none'}); this "
            f"figure takes {' or '.join(map(str, allowed))}: select the others with .sel()"
        )
    return dims


@figure
def plot_sweep_lines(
    data: xr.Dataset,
    *,
    x: str | None = None,
    threshold: float | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Posterior of the proposition along one axis of a sweep, a line for each value of another.

    Parameters
    ----------
    data : xarray.Dataset
        A sweep along one or two axes.
    x : str, optional
        Path on the horizontal axis; by default of those of numbers the one with most values.
    threshold : float, optional
        Standard of proof; by default the case's.

    Raises
    ------
    InputError
        If the sweep has other than one or two axes, or more than eight lines.

    Examples
    --------
    >>> from causation import sweep
    >>> table = sweep("bic-2025-doxxing", {"sources.osint.weight": [0.5, 2.0, 8.0]})
    >>> ax = plot_sweep_lines(table)
    >>> bool((ax.lines[0].get_ydata() == table.probability.values).all())
    True
    """
    dims = _axes_of(data, "probability", (1, 2))
    x = _along(data, dims) if x is None else x
    if x not in dims:
        raise InputError(f"the sweep has no axis {x!r}; allowed: {', '.join(dims)}")
    others = [d for d in dims if d != x]
    level = _threshold(data, threshold)
    values = data["probability"].transpose(x, *others).values.reshape(data.sizes[x], -1)
    ax = axes(ax)
    at = _positions(data[x].values)
    labels = _named(data, others[0], lang) if others else []
    if len(labels) > _LINES:
        raise InputError(
            f"{len(labels)} lines are too many to tell apart, at most {_LINES}: select fewer, "
            "or draw plot_sweep_heat"
        )
    for k, line in enumerate(values.T):
        ax.plot(
            at, line, ("-", "--")[k // len(SERIES)], color=SERIES[k % len(SERIES)],
            linewidth=1.5 if others else 2.5, label=fitted(labels[k]) if others else None,
        )  # fmt: skip
    label = say("standard", lang, threshold=stated(level))
    ax.axhline(level, color=COLORS["muted"], linestyle=":", label=label)  # no colour of a line
    _label_axis(ax, data, x, which="x", lang=lang)
    ax.set(ylim=(0, 1.02), ylabel=say("posterior_by_model", lang))
    percent_axis(ax.yaxis, lang)
    width = 40 if narrow(ax) else 60
    title = fitted(_name_of(data, others[0], lang), width=width) if others else None
    legend_above(ax, columns=2, title=title)
    return ax


@figure
def plot_sweep_heat(
    data: xr.Dataset, *, threshold: float | None = None, ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """Posterior of the proposition over two axes of a sweep, with the line of the standard.

    Parameters
    ----------
    data : xarray.Dataset
        A sweep along two axes; the first is horizontal.
    threshold : float, optional
        Standard of proof; by default the case's.

    Raises
    ------
    InputError
        If the sweep has other than two axes.

    Examples
    --------
    >>> from causation import sweep
    >>> table = sweep(
    ...     "bic-2025-doxxing",
    ...     {"sources.osint.weight": [0.5, 2.0, 8.0], "victims.co_victims.linkage": [0.1, 0.9]},
    ... )
    >>> ax = plot_sweep_heat(table)
    >>> ax.get_xlabel(), ax.collections[0].get_array().size
    ('the prior weight of Public traces on several platforms', 6)
    """
    ax, plane, level = _plane(ax, data, threshold, lang)
    mesh = ax.pcolormesh(*plane, cmap="cividis", vmin=0, vmax=1, shading="nearest")
    bar = ax.figure.colorbar(mesh, ax=ax, label=say("posterior_by_model", lang))
    percent_axis(bar.ax.yaxis, lang)
    bar.ax.axhline(level, color=COLORS["standard"], linewidth=2)
    _draw_level(ax, plane, level, lang)
    return ax


def _plane(
    ax: Axes | None, data: xr.Dataset, threshold: float | None, lang: str
) -> tuple[Axes, _Plane, float]:
    """Axes with their labels; where the cells lie and their probabilities; the standard."""
    x, y = _axes_of(data, "probability", (2,))
    level = _threshold(data, threshold)
    ax = axes(ax, height=4.2)
    for which, name in (("x", x), ("y", y)):
        _label_axis(ax, data, name, which=which, lang=lang)
    values = data["probability"].transpose(y, x).values
    return ax, (_positions(data[x].values), _positions(data[y].values), values), level


def _draw_level(ax: Axes, plane: _Plane, level: float, lang: str) -> None:
    """Draw the line of the standard through a plane of (x, y, values)."""
    x, y, values = plane
    # between names there is no line
    named = any(isinstance(a.get_major_locator(), FixedLocator) for a in (ax.xaxis, ax.yaxis))
    if named or min(values.shape) < 2 or not np.nanmin(values) < level < np.nanmax(values):
        return
    ax.contour(x, y, values, levels=[level], colors=[COLORS["standard"]], linewidths=2)
    label = say("standard", lang, threshold=stated(level))
    ax.plot([], [], color=COLORS["standard"], label=label)
    legend_above(ax)


@figure
def plot_tipping_plane(
    data: xr.Dataset,
    *,
    case: Mapping[str, float] | None = None,
    nearest: Mapping[str, float] | None = None,
    threshold: float | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Where in the plane of two inputs the standard is met, and how far the case is from the edge.

    Blue where the standard is met, orange where it is not.

    Parameters
    ----------
    data : xarray.Dataset
        A sweep along two axes of numbers; the first is horizontal.
    case, nearest : mapping of str to float, optional
        Values of the two inputs in the case, and at the nearest point on the edge.
    threshold : float, optional
        Standard of proof; by default the case's.

    Raises
    ------
    InputError
        If the sweep has other than two axes.

    Examples
    --------
    >>> from causation import sweep
    >>> grid = {"sources.osint.weight": "log:0.1:1000:9", "sources.unknown.weight": "log:0.1:10:9"}
    >>> ax = plot_tipping_plane(
    ...     sweep("bic-2025-doxxing", grid),
    ...     case={"sources.osint.weight": 2.2, "sources.unknown.weight": 0.55},
    ... )
    >>> ax.get_xscale()
    'log'
    """
    x, y = _axes_of(data, "probability", (2,))
    ax, plane, level = _plane(ax, data, threshold, lang)
    at_x, at_y, values = plane
    met, colors = (values >= level).astype(float), ("#f5d9a8", "#b8d7ea")
    ax.pcolormesh(at_x, at_y, met, cmap=ListedColormap(colors), vmin=0, vmax=1, shading="nearest")
    for key, color in zip(("met", "not_met"), colors[::-1], strict=True):
        label = say(key, lang, threshold=stated(level))
        ax.plot([], [], "s", color=color, markeredgecolor=COLORS["muted"], markersize=10,
                label=label)  # fmt: skip
    _draw_level(ax, plane, level, lang)
    for point, mark, color, key in (
        (case, "o", "prior", "here"),
        (nearest, "D", "standard", "edge"),
    ):
        if point is not None:
            ax.plot(point[x], point[y], mark, color=COLORS[color], label=say(key, lang))
    if case is not None and nearest is not None:
        ends = [case[x], nearest[x]], [case[y], nearest[y]]
        ax.plot(*ends, color=COLORS["prior"], linewidth=1)
    legend_above(ax, columns=2)
    return ax
