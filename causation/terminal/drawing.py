"""Figures into files."""

from __future__ import annotations

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

FORMATS = ("pdf", "png", "svg")
PICTURES = (
    "routes", "sources", "flow", "provenance", "timeline", "claimants", "opinions", "standing",
    "redraws", "prior-curve", "burden", "contributions", "carriers", "uncertainty", "model-graph",
)  # fmt: skip
"""What can be drawn of one assessment."""
_LINES = 8
"""Most lines of a chart."""


def picture_of(name: str) -> str:
    """Return the name of a figure.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in PICTURES:
        raise InputError(
            f"there is no such figure; found {nearest(name, PICTURES)}; allowed: "
            f"{', '.join(PICTURES)}"
        )
    return name


def drawing(picture: str) -> Callable[..., Any]:
    """Return what draws a picture of an assessment."""
    from causation import plots

    if picture in {"routes", "sources"}:
        return partial(plots.plot_posterior, by=picture.removesuffix("s"))
    found: Callable[..., Any] = getattr(plots, f"plot_{picture.replace('-', '_')}")
    return found


def draw_to_file(a: Assessment, picture: str, path: Path, *, lang: str) -> Path:
    """Draw a figure and write it; the suffix names the format.

    Raises
    ------
    InputError
        If there is no such format, or the case has no such figure.
    """
    if path.suffix.lower().removeprefix(".") not in FORMATS:
        raise InputError(f"there is no figure in {path.name!r}; allowed: {', '.join(FORMATS)}")
    return save(lambda: drawing(picture)(a, lang=lang), path)


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
    return save(lambda: draw(data, lang=lang), path)


def save(draw: Callable[[], Any], path: Path) -> Path:
    """Draw axes with the settings of this package, and write them in the format of the suffix."""
    from causation.plots.style import drawn_as

    return write_whole(path, drawn_as(draw, path.suffix.lower().removeprefix(".")))
