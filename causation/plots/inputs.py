"""Figures of input sensitivity: the tornado."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causation.dossier.wording import input_label, shown_value
from causation.plots.style import COLORS, axes, draw_standard, dress, fitted, legend_above
from causation.plots.text import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causation.analyses.tornado import Tornado
    from causation.case.resolved import ResolvedCase

__all__ = ["plot_tornado"]


def plot_tornado(
    result: Tornado,
    *,
    case: ResolvedCase | None = None,
    most: int = 12,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Probability of the proposition with one input at a time at either end of its range.

    Parameters
    ----------
    result : Tornado
        As `causation.analyses.tornado` returns it.
    case : ResolvedCase, optional
        For the names of the inputs (`Assessment.case`); without it their paths stand there.
    most : int
        Bars that are drawn, the widest ones.
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        For each input a bar from the probability at the low end (light) and one to that at
        the high end (dark), with the values of the input beside them.

    Examples
    --------
    >>> from causation.plots import plot_tornado
    >>> from causation.analyses.tornado import tornado
    >>> ax = plot_tornado(tornado("pang-2017"), most=3)
    >>> len(ax.patches)
    6
    """
    bars = result.bars[:most]
    y = np.arange(len(bars))
    base = result.probability
    ax = axes(ax, width=9.0, height=1.4 + 0.42 * max(len(bars), 1))
    for end, color in (("low", COLORS["range"]), ("high", COLORS["proposition"])):
        values = np.array([getattr(bar, f"probability_{end}") for bar in bars])
        label = say("input_low" if end == "low" else "input_high", lang)
        ax.barh(y, values - base, left=base, height=0.6, color=color, label=label)
        for row, value in enumerate(values):
            other = getattr(bars[row], "probability_high" if end == "low" else "probability_low")
            right = value > other or (value == other and end == "high")
            ax.annotate(
                shown_value(getattr(bars[row], end)),
                (max(value, base) if right else min(value, base), row),
                (4 if right else -4, 0),
                textcoords="offset points",
                ha="left" if right else "right",
                va="center",
                fontsize="small",
            )
    ax.axvline(base, color=COLORS["prior"], linewidth=1, label=say("as_it_is", lang, p=base))
    draw_standard(ax, result.threshold, lang, vertical=True)
    names = [
        fitted(bar.path if case is None else input_label(case, bar.path, lang), width=48, lines=2)
        for bar in bars
    ]
    ax.set_yticks(y, names)
    ax.invert_yaxis()
    left, right = _limits(result, most)
    ax.set(xlim=(left, right), xlabel=say("posterior_of", lang))
    least, greatest = max(left, 0.0), min(right, 1.0)  # beyond there is room, but no probability
    ax.set_xticks([tick for tick in ax.get_xticks() if least <= tick <= greatest])
    ax.spines["bottom"].set_bounds(least, greatest)
    legend_above(ax, columns=2)
    return dress(ax)


def _limits(result: Tornado, most: int) -> tuple[float, float]:
    """Limits with room for the values beside the bars, whatever the standard."""
    ends = [p for bar in result.bars[:most] for p in (bar.probability_low, bar.probability_high)]
    lo, hi = min([result.probability, *ends]), max([result.probability, *ends])
    left, right = lo, hi
    for _ in range(30):  # the room is a share of the whole width
        width = max(right - left, 1e-6)
        left = min(lo - 0.24 * width, result.threshold - 0.03 * width)
        right = max(hi + 0.24 * width, result.threshold + 0.03 * width)
    return left, right
