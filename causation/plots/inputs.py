"""Figures of the inputs: the tornado, what carries the answer, and where its uncertainty lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from causation.dossier.digits import percent
from causation.dossier.wording import input_label, shown_value
from causation.plots.rows import limits
from causation.plots.style import (
    axes,
    draw_standard,
    figure,
    legend_above,
    narrow,
    note,
    percent_axis,
    rows_named,
)
from causation.plots.text import COLORS, say, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causation.analyses.tornado import Tornado
    from causation.dossier.assessment import Assessment

type _Ends = Sequence[tuple[float, float]]


@figure
def plot_tornado(
    result: Tornado, *, most: int = 12, ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """Probability of the proposition with one input at a time at either end of its range.

    For each input a bar from the probability at the low end (light) and one to that at the high
    end (dark), with the values of the input beside them.

    Parameters
    ----------
    result : Tornado
        As `causation.tornado` returns it.
    most : int
        Bars that are drawn, the widest ones.

    Examples
    --------
    >>> from causation.analyses.tornado import tornado
    >>> ax = plot_tornado(tornado("pang-2017"), most=3)
    >>> len(ax.patches)
    6
    """
    bars, base = result.bars[:most], result.probability
    ends = [(b.probability_low, b.probability_high) for b in bars]
    names = [bar.label[lang] for bar in bars]
    ax = _draw_ends(
        ax, base, ends, names=names, labels=("input_low", "input_high"),
        threshold=result.threshold, lang=lang,
    )  # fmt: skip
    for row, bar in enumerate(bars):
        for value, other, end in ((*ends[row], "low"), (*ends[row][::-1], "high")):
            right = value > other or (value == other and end == "high")
            ax.annotate(
                shown_value(getattr(bar, end)),
                (max(value, base) if right else min(value, base), row),
                (4 if right else -4, 0), textcoords="offset points", va="center",
                ha="left" if right else "right", fontsize="x-small" if narrow(ax) else "small",
            )  # fmt: skip
    return ax


@figure
def plot_carriers(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """What carries the answer: the inputs whose shift by one logit moves it most.

    For each input the probability with it one logit (a positive quantity: one natural log) lower
    (light) and higher (dark).

    Examples
    --------
    >>> from causation import assess
    >>> a = assess("bic-2025-doxxing")
    >>> len(plot_carriers(a).patches) == 2 * len(a.carriers.inputs)
    True
    """
    a, rows = assessment, assessment.carriers.inputs
    ends = [(c.low, c.high) for c in rows]
    names = [input_label(a.filled, c.path, lang) for c in rows]
    return _draw_ends(
        ax, a.probability, ends, names=names, labels=("one_lower", "one_higher"),
        threshold=a.threshold, lang=lang,
    )  # fmt: skip


def _draw_ends(
    ax: Axes | None, base: float, ends: _Ends, *, names: Sequence[str], labels: tuple[str, str],
    threshold: float, lang: str,
) -> Axes:  # fmt: skip
    """Bars from the case as it is to either end of each input."""
    ax = axes(ax, width=9.0, height=1.4 + 0.42 * max(len(ends), 1))
    for k, color in enumerate((COLORS["range"], COLORS["proposition"])):
        widths = [pair[k] - base for pair in ends]
        ax.barh(range(len(ends)), widths, left=base, height=0.6, color=color,
                label=say(labels[k], lang))  # fmt: skip
    as_it_is = say("as_it_is", lang, p=percent(base, threshold))
    ax.axvline(base, color=COLORS["prior"], linewidth=1, label=as_it_is)
    draw_standard(ax, threshold, lang, vertical=True)
    rows_named(ax, names, width=48, lines=2)
    room = 0.34 if narrow(ax) else 0.24
    left, right = limits([base, *(p for pair in ends for p in pair)], threshold, room)
    ax.set(xlim=(left, right), xlabel=say("posterior_of", lang))
    percent_axis(ax.xaxis, lang)
    least, greatest = max(left, 0.0), min(right, 1.0)  # beyond there is room, but no probability
    ax.set_xticks([tick for tick in ax.get_xticks() if least <= tick <= greatest])
    ax.spines["bottom"].set_bounds(least, greatest)
    legend_above(ax, columns=2)
    return ax


@figure
def plot_uncertainty(
    assessment: Assessment, *, most: int = 12, ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """Which inputs carry the uncertainty of the answer: each one's share of the variance.

    Of the log odds of the proposition; blue is what rests on judgement alone, grey what is
    supported by a source. Of shares and weights the line says how many ascertained incidents of
    the reference class would halve the input's own variance.

    Parameters
    ----------
    most : int
        Bars that are drawn, the longest ones.

    Examples
    --------
    >>> from causation import assess
    >>> a = assess("bic-2025-doxxing")
    >>> ax = plot_uncertainty(a, most=3)
    >>> [bar.get_width() for bar in ax.patches] == [x.share for x in a.uncertainty.inputs[:3]]
    True
    """
    a, rows = assessment, assessment.uncertainty.inputs[:most]
    ax = axes(ax, width=9.0, height=1.4 + 0.42 * max(len(rows), 1))
    judged = [x.status == "judgement" for x in rows]
    colors = [COLORS["proposition" if x else "other"] for x in judged]
    ax.barh(range(len(rows)), [x.share for x in rows], height=0.6, color=colors)
    for kind, color in (("judged", "proposition"), ("supported", "other")):
        ax.plot([], [], "s", color=COLORS[color], label=say(kind, lang))
    for row, x in enumerate(rows):
        text = shown(percent(x.share, a.threshold), lang)
        if x.incidents is not None:
            text = say("incidents", lang, share=text, n=x.incidents)
        note(ax, row, text)
    ax.set(xlim=(0, None), xlabel=say("variance", lang))
    percent_axis(ax.xaxis, lang)
    rows_named(ax, [input_label(a.filled, x.path, lang) for x in rows], width=48, lines=2)
    legend_above(ax, columns=2)
    return ax
