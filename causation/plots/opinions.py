"""Figures of how far the answer depends on who is asked: prior sets, readings, redraws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.dossier.digits import percent
from causation.dossier.labels import pick, prior_set_label
from causation.plots.style import (
    COLORS,
    axes,
    draw_standard,
    dress,
    fitted,
    legend_above,
    percent_axis,
)
from causation.plots.text import say, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causation.dossier.assessment import Assessment

__all__ = ["plot_opinions", "plot_redraws", "plot_standing"]


def plot_opinions(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """The probability under every reading, setting and prior set, against the comparison value.

    Parameters
    ----------
    assessment : Assessment
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        A row each: the model's probability (dot) and the held one (diamond), blue where the held
        one reaches the comparison value and orange where not; the case as stated comes first. The
        band is the range of opinion. What could not be computed has a name and no mark.

    Examples
    --------
    >>> from causation import assess
    >>> from causation.plots import plot_opinions
    >>> ax = plot_opinions(assess("bic-2025-doxxing"))
    >>> ax.get_yticklabels()[0].get_text()
    'the case as stated'
    """
    rows = _rows(assessment, lang)
    ax = axes(ax, width=8.4, height=1.5 + 0.34 * len(rows))
    lo, hi = assessment.range_of_opinion.lo, assessment.range_of_opinion.hi
    ax.axvspan(lo, hi, color=COLORS["grid"], alpha=0.5, linewidth=0, label=say("range", lang))
    for y, (_, probability, held) in enumerate(rows):
        if probability is None or held is None:
            continue
        color = COLORS["proposition" if held >= assessment.threshold else "against"]
        ax.plot([probability, held], [y, y], color=color, linewidth=1)
        ax.plot([probability], [y], "o", color=color, markersize=6)
        ax.plot([held], [y], "D", color=color, markersize=5, markeredgecolor="black")
        ax.annotate(
            shown(percent(held), lang), (1.0, y), (4, 0), textcoords="offset points", va="center"
        )
    for mark, name in (("o", "model_value"), ("D", "held")):
        ax.plot([], [], mark, color=COLORS["muted"], label=say(name, lang))
    draw_standard(ax, assessment.threshold, lang, vertical=True)
    ax.set_yticks(range(len(rows)), [fitted(label, width=52, lines=2) for label, *_ in rows])
    ax.set(xlim=(0, 1), xlabel=say("posterior_of", lang))
    percent_axis(ax.xaxis, lang)
    ax.invert_yaxis()
    legend_above(ax, columns=2)
    return dress(ax)


def plot_standing(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """All of `plot_opinions` in a few lines: the case, its readings, the stress, every prior set.

    Parameters
    ----------
    assessment : Assessment
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        Held probabilities, blue where they reach the comparison value and orange where not; in
        the line of the case the middle 90 % of the redraws as well.

    Examples
    --------
    >>> from causation import assess
    >>> from causation.plots import plot_standing
    >>> ax = plot_standing(assess("bic-2025-doxxing"))
    >>> ax.get_yticklabels()[1].get_text()
    'readings of the facts'
    """
    a = assessment
    lines = _lines(a, lang)
    ax = axes(ax, width=7.6, height=0.75 + 0.24 * len(lines))
    ends = a.redraws.held_interval
    ax.plot(ends, [0, 0], color=COLORS["other"], linewidth=5, solid_capstyle="butt",
            label=say("redrawn", lang))  # fmt: skip
    for y, (_, values) in enumerate(lines):
        for value in values:
            color = COLORS["proposition" if value >= a.threshold else "against"]
            ax.plot([value], [y], "D", color=color, markersize=6, markeredgecolor="white")
        if values:
            at = " – ".join(shown(percent(v), lang) for v in sorted({min(values), max(values)}))
            ax.annotate(at, (1.0, y), (4, 0), textcoords="offset points", va="center")
    draw_standard(ax, a.threshold, lang, vertical=True)
    ax.set_yticks(range(len(lines)), [fitted(label, width=40, lines=1) for label, _ in lines])
    ax.set(xlim=(0, 1), ylim=(len(lines) - 0.5, -0.5))
    percent_axis(ax.xaxis, lang)
    legend_above(ax, columns=2)
    return dress(ax)


def _lines(a: Assessment, lang: str) -> list[tuple[str, list[float]]]:
    """Label and held probabilities of each line; what could not be computed is left out."""
    lines = [(say("base", lang), [a.held.probability])]
    for kind in ("reading", "model"):
        found = [v.held for v in a.variants if v.kind == kind and v.held is not None]
        if found:
            lines.append((say(f"{kind}s", lang), found))
    return lines + [
        (say("set", lang, name=prior_set_label(s.id, lang)), [s.held])
        for s in a.sets
        if not s.own and s.held is not None
    ]


type _Row = tuple[str, float | None, float | None]
"""Label, probability, held probability."""


def _rows(a: Assessment, lang: str) -> list[_Row]:
    rows: list[_Row] = [(say("base", lang), a.probability, a.held.probability)]
    for kind in ("reading", "model"):
        for v in a.variants:
            if v.kind != kind:
                continue
            label = pick(v.label, lang, name=v.id)
            if v.probability is None:
                label = say("not_computed", lang, label=label)
            elif v.binding:
                label = say("binding", lang, label=label)
            rows.append((label, v.probability, v.held))
    for s in a.sets:
        if not s.own:
            label = say("set", lang, name=prior_set_label(s.id, lang))
            if s.probability is None:
                label = say("not_computed", lang, label=label)
            rows.append((label, s.probability, s.held))
    return rows


def plot_redraws(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Held probability of the proposition over inputs that are elicited once more.

    Parameters
    ----------
    assessment : Assessment
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        A histogram of the redraws, their middle 90 % and their mean.

    Examples
    --------
    >>> from causation import assess
    >>> from causation.plots import plot_redraws
    >>> a = assess("bic-2025-doxxing")
    >>> ax = plot_redraws(a)
    >>> int(sum(bar.get_height() for bar in ax.patches)) == len(a.redraws.held)
    True
    """
    main = assessment.redraws
    ax = axes(ax)
    ax.hist(main.held, bins=25, range=(0.0, 1.0), color=COLORS["range"])
    lo, hi = main.held_interval
    foot = ax.get_ylim()[1] * -0.03
    ax.plot([lo, hi], [foot, foot], color=COLORS["prior"], linewidth=3, label=say("redrawn", lang))
    mean = say("mean", lang, p=percent(main.held_mean))
    ax.axvline(main.held_mean, color=COLORS["prior"], linewidth=1, label=mean)
    draw_standard(ax, assessment.threshold, lang, vertical=True)
    ax.set(xlim=(0, 1), xlabel=say("held_of", lang), ylabel=say("redraws", lang))
    percent_axis(ax.xaxis, lang)
    legend_above(ax, columns=2)
    return dress(ax)
