"""Figures of the inputs: the tornado, and what carries the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from causation.dossier.digits import percent
from causation.dossier.wording import input_label, shown_value
from causation.plots.style import (
    COLORS,
    axes,
    draw_standard,
    dress,
    fitted,
    legend_above,
    percent_axis,
)
from causation.plots.text import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causation.analyses.tornado import Tornado
    from causation.dossier.assessment import Assessment

__all__ = ["plot_carriers", "plot_tornado"]


def plot_tornado(
    result: Tornado,
    *,
    most: int = 12,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Probability of the proposition with one input at a time at either end of its range.

    Parameters
    ----------
    result : Tornado
        As `causation.tornado` returns it.
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
    base = result.probability
    ends = [(b.probability_low, b.probability_high) for b in bars]
    ax = axes(ax, width=9.0, height=1.4 + 0.42 * max(len(bars), 1))
    _draw_ends(ax, base, ends, ("input_low", "input_high"), lang)
    for row, bar in enumerate(bars):
        for value, other, end in ((*ends[row], "low"), (*ends[row][::-1], "high")):
            right = value > other or (value == other and end == "high")
            ax.annotate(
                shown_value(getattr(bar, end)),
                (max(value, base) if right else min(value, base), row),
                (4 if right else -4, 0),
                textcoords="offset points",
                ha="left" if right else "right",
                va="center",
                fontsize="small",
            )
    names = [fitted(bar.label[lang], width=48, lines=2) for bar in bars]
    _finish(ax, base, ends, threshold=result.threshold, names=names, lang=lang)
    return dress(ax)


def plot_carriers(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """What carries the answer: the inputs whose shift by one logit moves it most.

    Parameters
    ----------
    assessment : Assessment
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        For each input the probability with it one logit (a positive quantity: one natural log)
        lower (light) and higher (dark).

    Examples
    --------
    >>> from causation import assess
    >>> from causation.plots import plot_carriers
    >>> a = assess("bic-2025-doxxing")
    >>> len(plot_carriers(a).patches) == 2 * len(a.carriers.inputs)
    True
    """
    a, rows = assessment, assessment.carriers.inputs
    ends = [(c.low, c.high) for c in rows]
    ax = axes(ax, width=9.0, height=1.4 + 0.42 * max(len(rows), 1))
    _draw_ends(ax, a.probability, ends, ("one_lower", "one_higher"), lang)
    names = [fitted(input_label(a.filled, c.path, lang), width=48, lines=2) for c in rows]
    _finish(ax, a.probability, ends, threshold=a.threshold, names=names, lang=lang)
    return dress(ax)


type _Ends = Sequence[tuple[float, float]]


def _draw_ends(ax: Axes, base: float, ends: _Ends, labels: tuple[str, str], lang: str) -> None:
    """Bars from the case as it is to either end."""
    for k, color in enumerate((COLORS["range"], COLORS["proposition"])):
        widths = [pair[k] - base for pair in ends]
        ax.barh(range(len(ends)), widths, left=base, height=0.6, color=color,
                label=say(labels[k], lang))  # fmt: skip


def _finish(
    ax: Axes, base: float, ends: _Ends, *, threshold: float, names: list[str], lang: str
) -> None:
    as_it_is = say("as_it_is", lang, p=percent(base))
    ax.axvline(base, color=COLORS["prior"], linewidth=1, label=as_it_is)
    draw_standard(ax, threshold, lang, vertical=True)
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    left, right = _limits([base, *(p for pair in ends for p in pair)], threshold)
    ax.set(xlim=(left, right), xlabel=say("posterior_of", lang))
    percent_axis(ax.xaxis, lang)
    least, greatest = max(left, 0.0), min(right, 1.0)  # beyond there is room, but no probability
    ax.set_xticks([tick for tick in ax.get_xticks() if least <= tick <= greatest])
    ax.spines["bottom"].set_bounds(least, greatest)
    legend_above(ax, columns=2)


def _limits(values: list[float], threshold: float) -> tuple[float, float]:
    """Limits with room for the values beside the bars, whatever the standard."""
    lo, hi = min(values), max(values)
    left, right = lo, hi
    for _ in range(30):  # the room is a share of the whole width
        width = max(right - left, 1e-6)
        left = min(lo - 0.24 * width, threshold - 0.03 * width)
        right = max(hi + 0.24 * width, threshold + 0.03 * width)
    return left, right
