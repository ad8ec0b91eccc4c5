"""Figures of an assessment into files."""

from __future__ import annotations

import io
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causation.errors import InputError
from causation.output import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from causation.dossier.assessment import Assessment

__all__ = ["Picture", "draw_to_file"]

_FORMATS = ("pdf", "png", "svg")
_UNDATED = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
"""Metadata with which the same case gives the same bytes."""


class Picture(StrEnum):
    """What can be drawn of one assessment."""

    ROUTES = "routes"
    SOURCES = "sources"
    PROVENANCE = "provenance"
    OPINIONS = "opinions"
    REDRAWS = "redraws"
    PRIOR_CURVE = "prior-curve"
    BURDEN = "burden"
    CONTRIBUTIONS = "contributions"
    CARRIERS = "carriers"
    MODEL_GRAPH = "model-graph"


def draw_to_file(a: Assessment, what: Picture, path: Path, *, lang: str) -> Path:
    """Draw a figure and write it; the suffix names the format.

    Raises
    ------
    InputError
        If there is no such format, or the case has no such figure.
    """
    from causation.plots.style import own_settings

    kind = path.suffix.lower().removeprefix(".")
    if kind not in _FORMATS:
        raise InputError(f"there is no figure in {path.name!r}; allowed: {', '.join(_FORMATS)}")
    stream = io.BytesIO()
    with own_settings():
        figure: Any = _drawing(what)(a, lang=lang).figure
        figure.savefig(stream, format=kind, dpi=150, metadata=_UNDATED.get(kind))
    return write_whole(path, stream.getvalue())


def _drawing(what: Picture) -> Callable[..., Any]:
    from causation import plots

    if what in {Picture.ROUTES, Picture.SOURCES}:
        return partial(plots.plot_posterior, by=what.value.removesuffix("s"))
    found: Callable[..., Any] = getattr(plots, f"plot_{what.value.replace('-', '_')}")
    return found
