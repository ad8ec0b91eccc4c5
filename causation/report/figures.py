"""Figures of a report, drawn once, as vectors and as pixels."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from causation.analyses.tornado import Tornado
    from causation.dossier.assessment import Assessment

__all__ = ["Drawing", "draw_figures"]

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


def draw_figures(assessment: Assessment, tornado: Tornado, *, lang: str) -> dict[str, Drawing]:
    """Draw the figures of a report; a figure that cannot be drawn fails the report.

    Parameters
    ----------
    assessment : Assessment
    tornado : Tornado
        One input at a time.
    lang : {"en", "zh"}
    """
    from functools import partial

    from causation import plots

    draw: dict[str, Callable[..., Any]] = {
        "f-posterior": partial(plots.plot_posterior, assessment),
        "f-curve": partial(plots.plot_prior_curve, assessment),
        "f-burden": partial(plots.plot_burden, assessment),
        "f-contributions": partial(plots.plot_contributions, assessment),
        "f-tornado": partial(plots.plot_tornado, tornado, case=assessment.case, most=8),
    }
    return {name: _draw(function, lang) for name, function in draw.items()}


def _draw(function: Callable[..., Any], lang: str) -> Drawing:
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    from causation.plots.style import own_settings

    with own_settings():
        mpl.rcParams |= {
            "svg.fonttype": "path",
            "svg.hashsalt": "causation",
            "figure.max_open_warning": 0,
        }
        figure = function(lang=lang).figure
        stream = io.BytesIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
        width, height = figure.get_size_inches()
        plt.close(figure)
    return Drawing(stream.getvalue(), float(width), float(height), figure)
