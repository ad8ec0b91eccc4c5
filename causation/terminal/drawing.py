"""Figures of an assessment into files."""

from __future__ import annotations

import io
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causation.document.problems import nearest
from causation.errors import InputError
from causation.output import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

    from causation.dossier.assessment import Assessment

__all__ = ["FORMATS", "Picture", "draw_sweep", "draw_to_file", "drawn", "picture_of"]

FORMATS = ("pdf", "png", "svg")
_LINES = 8
"""Most lines of a chart."""
_UNDATED = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
"""Metadata with which the same case gives the same bytes."""


class Picture(StrEnum):
    """What can be drawn of one assessment."""

    ROUTES = "routes"
    SOURCES = "sources"
    PROVENANCE = "provenance"
    FLOW = "flow"
    TIMELINE = "timeline"
    OPINIONS = "opinions"
    REDRAWS = "redraws"
    PRIOR_CURVE = "prior-curve"
    BURDEN = "burden"
    CONTRIBUTIONS = "contributions"
    CARRIERS = "carriers"
    MODEL_GRAPH = "model-graph"


def picture_of(name: str) -> Picture:
    """Return the figure of a name.

    Raises
    ------
    InputError
        If there is none.
    """
    names = [picture.value for picture in Picture]
    if name not in names:
        raise InputError(
            f"there is no such figure; found {nearest(name, names)}; allowed: {', '.join(names)}"
        )
    return Picture(name)


def draw_to_file(a: Assessment, what: Picture, path: Path, *, lang: str) -> Path:
    """Draw a figure and write it; the suffix names the format.

    Raises
    ------
    InputError
        If there is no such format, or the case has no such figure.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise InputError(f"there is no figure in {path.name!r}; allowed: {', '.join(FORMATS)}")
    return write_whole(path, drawn(lambda: _drawing(what)(a, lang=lang), kind))


def draw_sweep(data: xr.Dataset, path: Path, *, lang: str) -> Path:
    """Draw a sweep: lines, or a heat map where both of its two axes are long, and of numbers.

    Raises
    ------
    InputError
        If it has more axes, or too many lines.
    """
    from causation.plots import plot_sweep_heat, plot_sweep_lines

    dims = data["probability"].dims
    plane = len(dims) == 2 and all(
        data.sizes[d] > _LINES and data[d].dtype.kind in "fi" for d in dims
    )
    draw: Callable[..., Any] = plot_sweep_heat if plane else plot_sweep_lines
    kind = path.suffix.lower().removeprefix(".")
    return write_whole(path, drawn(lambda: draw(data, lang=lang), kind))


def drawn(draw: Callable[[], Any], kind: str) -> bytes:
    """Draw axes with the settings of this package, as a file of some kind."""
    from causation.plots.style import own_settings

    stream = io.BytesIO()
    with own_settings():
        draw().figure.savefig(stream, format=kind, dpi=150, metadata=_UNDATED.get(kind))
    return stream.getvalue()


def _drawing(what: Picture) -> Callable[..., Any]:
    from causation import plots

    if what in {Picture.ROUTES, Picture.SOURCES}:
        return partial(plots.plot_posterior, by=what.value.removesuffix("s"))
    found: Callable[..., Any] = getattr(plots, f"plot_{what.value.replace('-', '_')}")
    return found
