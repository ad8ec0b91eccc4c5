"""Figures of a report, drawn once, as vectors and as pixels."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from causation.dossier.assessment import Assessment
    from causation.report.results import Results

_LOG = logging.getLogger(__name__)

DOTS_PER_INCH = 160


@dataclass(frozen=True, eq=False)
class Drawing:
    """One figure.

    Parameters
    ----------
    svg : bytes
        With its text as outlines, so that it needs no font.
    width, height : float
        Inches.
    figure : matplotlib.figure.Figure
        For other forms.
    """

    svg: bytes
    width: float
    height: float
    figure: Figure

    def png(self) -> bytes:
        """The figure in pixels."""
        from causation.plots.style import own_settings

        stream = io.BytesIO()
        with own_settings():
            self.figure.savefig(
                stream, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None}
            )
        return stream.getvalue()


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
    from causation import plots

    draw: dict[str, Callable[..., Any]] = {
        "f-standing": lambda **k: plots.plot_standing(assessment, **k),
        "f-posterior": lambda **k: plots.plot_posterior(assessment, **k),
        "f-curve": lambda **k: plots.plot_prior_curve(assessment, **k),
        "f-contributions": lambda **k: plots.plot_contributions(assessment, **k),
        "f-tornado": lambda **k: plots.plot_tornado(results.tornado, most=8, **k),
    }
    found: dict[str, Drawing | str] = {}
    for name, function in draw.items():
        try:
            found[name] = _draw(function, lang)
        except Exception as error:  # noqa: BLE001 (a report is not lost with one of its figures)
            _LOG.warning("%s could not be drawn", name, exc_info=True)
            found[name] = str(error)
    return found


def _draw(function: Callable[..., Any], lang: str) -> Drawing:
    import matplotlib as mpl
    from matplotlib import pyplot as plt
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    from causation.plots.style import own_settings

    with own_settings():
        mpl.rcParams |= {
            "svg.fonttype": "path",
            "svg.hashsalt": "causation",
            "figure.max_open_warning": 0,
        }
        figure = function(lang=lang).figure
        stream = io.BytesIO()
        # what `savefig` writes, which would draw all of it twice
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(stream, metadata={"Date": None, "Creator": None})
        width, height = figure.get_size_inches()
        plt.close(figure)
    return Drawing(stream.getvalue(), float(width), float(height), figure)
