"""Figures of a report, set by Typst: drawn once, as vectors, and as pixels where asked for."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from causation.plots.text import FIRST_CJK
from causation.report import charts
from causation.report.fonts import FONT, LATIN
from causation.report.rendering import template_file
from causation.report.typesetting import typeset

if TYPE_CHECKING:
    from causation.dossier.assessment import Assessment
    from causation.report.results import Results

_LOG = logging.getLogger(__name__)

DOTS_PER_INCH = 160
_SIZE = re.compile(rb'<svg[^>]* width="([\d.]+)pt" height="([\d.]+)pt"')
_POINTS_PER_INCH = 72
_SYMBOL = re.compile("[\U0001f000-\U0001fbff]")
"""Emoji and the like, which no typeface here has: their numbers stand in their place."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """One figure.

    Parameters
    ----------
    svg : bytes
        With its text as outlines, so that it needs no font.
    width, height : float
        Inches.
    chart : Chart
        For other forms.
    """

    svg: bytes
    width: float
    height: float
    chart: charts.Chart

    def png(self) -> bytes:
        """The figure in pixels."""
        return _set(self.chart, "png")


def draw_figures(
    assessment: Assessment, results: Results, *, lang: str
) -> dict[str, Drawing | str]:
    """Draw the figures of a report; of one that cannot be drawn, say why.

    Parameters
    ----------
    assessment : Assessment
    results : Results
        With one input at a time.
    lang : {"en", "zh"}

    Returns
    -------
    dict of str to Drawing or str
        By the id of the figure.
    """
    chart_of: dict[str, Callable[[], charts.Chart]] = {
        "f-standing": lambda: charts.standing(assessment, lang),
        "f-posterior": lambda: charts.posterior(assessment, lang),
        "f-curve": lambda: charts.prior_curve(assessment, lang),
        "f-contributions": lambda: charts.contributions(assessment, lang),
        "f-tornado": lambda: charts.tornado(results.tornado, lang),
    }
    found: dict[str, Drawing | str] = {}
    for name, chart in chart_of.items():
        try:
            found[name] = drawn(chart())
        except Exception as error:  # noqa: BLE001 (a report is not lost with one of its figures)
            _LOG.warning("%s could not be drawn", name, exc_info=True)
            found[name] = str(error)
    return found


def drawn(chart: charts.Chart) -> Drawing:
    """Draw a chart; the same chart gives the same bytes."""
    svg = _set(chart, "svg")
    size = _SIZE.match(svg)
    if size is None:
        raise ValueError("a drawing states its size")
    width, height = (float(points) / _POINTS_PER_INCH for points in size.groups())
    return Drawing(svg, width, height, chart)


def _set(chart: charts.Chart, kind: Literal["svg", "png"]) -> bytes:
    data = json.dumps(chart.data | {"fonts": [LATIN, FONT]}, ensure_ascii=False)
    data = _SYMBOL.sub(lambda found: f"[U+{ord(found[0]):04X}]", data)
    return typeset(
        template_file("figure.typ"), kind=kind, inputs={"chart": data},
        chinese=any(ord(c) >= FIRST_CJK for c in data), ppi=DOTS_PER_INCH,
    )  # fmt: skip
