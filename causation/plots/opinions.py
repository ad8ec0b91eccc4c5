"""Figures of how far the answer depends on who is asked, and about whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from causation.dossier.digits import percent
from causation.dossier.labels import group_label, pick, prior_set_label
from causation.plots.rows import standing_lines
from causation.plots.style import (
    axes,
    draw_standard,
    figure,
    legend_above,
    note,
    percent_axis,
    rows_named,
)
from causation.plots.text import COLORS, say, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causation.dossier.assessment import Assessment

type _Row = tuple[str, float | None, float | None]
"""Label, probability, held probability."""


def _draw_rows(ax: Axes, rows: Sequence[_Row], threshold: float, lang: str) -> None:
    """A row each: the model's probability (dot) and the held one (diamond), by its side."""
    for y, (_, probability, held) in enumerate(rows):
        if probability is None or held is None:
            continue
        color = COLORS["proposition" if held >= threshold else "against"]
        ax.plot([probability, held], [y, y], color=color, linewidth=1)
        ax.plot([probability], [y], "o", color=color, markersize=6)
        ax.plot([held], [y], "D", color=color, markersize=5, markeredgecolor="black")
        note(ax, y, shown(percent(held, threshold), lang))
    for mark, name in (("o", "model_value"), ("D", "held")):
        ax.plot([], [], mark, color=COLORS["muted"], label=say(name, lang))
    draw_standard(ax, threshold, lang, vertical=True)
    ax.set(xlim=(0, 1), xlabel=say("posterior_of", lang))
    percent_axis(ax.xaxis, lang)
    rows_named(ax, [label for label, *_ in rows], width=52, lines=2)
    legend_above(ax, columns=2)


@figure
def plot_opinions(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """The probability under every reading, setting and prior set, against the comparison value.

    A row each: the model's probability (dot) and the held one (diamond), blue where the held one
    reaches the comparison value and orange where not; the case as stated comes first. The band is
    the range of opinion. What could not be computed has a name and no mark.

    Examples
    --------
    >>> from causation import assess
    >>> ax = plot_opinions(assess("bic-2025-doxxing"))
    >>> ax.get_yticklabels()[0].get_text()
    'the case as stated'
    """
    rows = _opinions(assessment, lang)
    ax = axes(ax, width=8.4, height=1.5 + 0.34 * len(rows))
    lo, hi = assessment.range_of_opinion.lo, assessment.range_of_opinion.hi
    ax.axvspan(lo, hi, color=COLORS["grid"], alpha=0.5, linewidth=0, label=say("range", lang))
    _draw_rows(ax, rows, assessment.threshold, lang)
    return ax


def _opinions(a: Assessment, lang: str) -> list[_Row]:
    rows: list[_Row] = [(say("base", lang), a.probability, a.held.probability)]
    for kind in ("reading", "model"):
        for v in a.variants:
            if v.kind == kind:
                label = pick(v.label, lang, name=v.id)
                bound = say("binding", lang, label=label) if v.binding else label
                rows.append((bound, v.probability, v.held))
    for s in a.sets:
        if not s.own:
            label = say("set", lang, name=prior_set_label(s.id, lang))
            rows.append((label, s.probability, s.held))
    return [
        (say("not_computed", lang, label=label), None, None) if p is None else (label, p, held)
        for label, p, held in rows
    ]


@figure
def plot_claimants(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """The proposition about a victim of every group, plaintiffs and others.

    A row each: the model's probability (dot) and the held one (diamond), blue where the held one
    reaches the comparison value and orange where not. Of further victims the label says how sure
    it is that they belong to the plaintiff's series.

    Examples
    --------
    >>> from causation import assess
    >>> ax = plot_claimants(assess("bic-2025-doxxing"))
    >>> [t.get_text().partition(";")[0] for t in ax.get_yticklabels()]
    ['Plaintiff', 'Five further users (5)']
    """
    a = assessment
    rows: list[_Row] = []
    for c in a.claimants:
        label = group_label(a.filled, c.group, lang, with_size=True)
        if not c.plaintiff:
            label = say("of_series", lang, label=label, p=percent(round(c.linked, 6), a.threshold))
        rows.append((label, c.probability, c.held))
    ax = axes(ax, width=8.4, height=1.5 + 0.34 * len(rows))
    _draw_rows(ax, rows, a.threshold, lang)
    return ax


@figure
def plot_standing(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """All of `plot_opinions` in a few lines: the case, its readings, the stress, every prior set.

    Held probabilities, blue where they reach the comparison value and orange where not; in the
    line of the case the middle 90 % of the redraws as well.

    Examples
    --------
    >>> from causation import assess
    >>> ax = plot_standing(assess("bic-2025-doxxing"))
    >>> ax.get_yticklabels()[1].get_text()
    'readings of the facts'
    """
    a = assessment
    lines = standing_lines(a, lang)
    ax = axes(ax, width=7.6, height=0.75 + 0.24 * len(lines))
    ends = a.redraws.held_interval
    ax.plot(ends, [0, 0], color=COLORS["other"], linewidth=5, solid_capstyle="butt",
            label=say("redrawn", lang))  # fmt: skip
    for y, (_, values) in enumerate(lines):
        for value in values:
            color = COLORS["proposition" if value >= a.threshold else "against"]
            ax.plot([value], [y], "D", color=color, markersize=6, markeredgecolor="white")
        if values:
            ends_of = sorted({min(values), max(values)})
            note(ax, y, " – ".join(shown(percent(v, a.threshold), lang) for v in ends_of))
    draw_standard(ax, a.threshold, lang, vertical=True)
    ax.set(xlim=(0, 1))
    percent_axis(ax.xaxis, lang)
    rows_named(ax, [label for label, _ in lines], width=40, lines=1)
    legend_above(ax, columns=2)
    return ax


@figure
def plot_redraws(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Held probability of the proposition over inputs that are elicited once more.

    A histogram of the redraws, their middle 90 % and their mean.

    Examples
    --------
    >>> from causation import assess
    >>> a = assess("bic-2025-doxxing")
    >>> ax = plot_redraws(a)
    >>> int(sum(bar.get_height() for bar in ax.patches)) == len(a.redraws.held)
    True
    """
    main = assessment.redraws
    ax = axes(ax)
    ax.hist(main.held, bins=25, range=(0.0, 1.0), color=COLORS["range"])
    foot = ax.get_ylim()[1] * -0.03
    ax.plot(main.held_interval, [foot, foot], color=COLORS["prior"], linewidth=3,
            label=say("redrawn", lang))  # fmt: skip
    mean = say("mean", lang, p=percent(main.held_mean, assessment.threshold))
    ax.axvline(main.held_mean, color=COLORS["prior"], linewidth=1, label=mean)
    draw_standard(ax, assessment.threshold, lang, vertical=True)
    ax.set(xlim=(0, 1), xlabel=say("held_of", lang), ylabel=say("redraws", lang))
    percent_axis(ax.xaxis, lang)
    legend_above(ax, columns=2)
    return ax
