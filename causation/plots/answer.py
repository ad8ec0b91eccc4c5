"""Figures of the answer: by route and source, by stage, and what the prior does to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from matplotlib.ticker import NullLocator

from causation.dossier.digits import percent, percent_at_least, stated
from causation.dossier.labels import word
from causation.errors import InputError
from causation.plots.rows import posterior_rows
from causation.plots.style import (
    axes,
    draw_standard,
    figure,
    legend_above,
    narrow,
    note,
    percent_axis,
    rows_named,
    slanted,
)
from causation.plots.text import COLORS, fitted, say, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causation.dossier.assessment import Assessment

_KINDS = ("route", "source")


@figure
def plot_posterior(
    assessment: Assessment,
    *,
    by: str = "route",
    ax: Axes | None = None,
    lang: str = "en",
    interval: bool = True,
) -> Axes:
    """Posterior of the proposition, and of every route or entrance, against the comparison value.

    The uppermost bar is the proposition: its end is the model's probability, the diamond the held
    one, and the line the middle 90 % of the redraws (`Assessment.redraws`), not a probability of
    the probability. A triangle is the probability at any remove, where a library may descend from
    an old leak of the source. The bars below it add up to 1. Open circles are priors.

    Parameters
    ----------
    by : {"route", "source"}
        What the other bars are.
    interval : bool
        Draw the interval of the redraws.

    Raises
    ------
    InputError
        If `by` is something else.

    Examples
    --------
    >>> from causation import assess
    >>> ax = plot_posterior(assess("bic-2025-doxxing"), by="source", interval=False)
    >>> len(ax.patches)  # the proposition and four entrances
    5
    """
    if by not in _KINDS:
        raise InputError(f"there are no bars by {by!r}; allowed: {', '.join(_KINDS)}")
    a = assessment
    names, values, priors, own = posterior_rows(a, by, lang)
    ax = axes(ax, width=7.6, height=1.8 + 0.42 * len(values))
    y = range(len(values))
    colors = [COLORS["proposition"], *(COLORS["range" if x else "other"] for x in own)]
    ax.barh(y, values, height=0.6, color=colors)
    ax.plot(priors, y, "o", color=COLORS["prior"],
            markerfacecolor="white", label=say("prior", lang))  # fmt: skip
    ax.plot([a.held.probability], [0], "D", color=COLORS["against"], markersize=7,
            markeredgecolor="black", label=say("held", lang))  # fmt: skip
    if interval:
        ends = a.redraws.interval
        ax.plot(ends, [0, 0], color=COLORS["prior"], linewidth=2, label=say("redrawn", lang))
    if len(a.proposition) == 1 and (remote := a.any_remove.get(a.proposition[0])) is not None:
        ax.plot([remote], [0], ">", color=COLORS["prior"], markerfacecolor="white",
                label=say("any_remove", lang, p=percent(remote, a.threshold)))  # fmt: skip
    draw_standard(ax, a.threshold, lang, vertical=True)
    ax.axhline(0.5, color=COLORS["grid"], linewidth=1)
    for row, value in enumerate(values):
        note(ax, row, shown(percent(value, a.threshold), lang))
    ax.set(xlim=(0, 1), xlabel=f"{say('posterior', lang)} ({say(f'by_{by}', lang)})")
    percent_axis(ax.xaxis, lang)
    rows_named(ax, names)
    legend_above(ax)
    return ax


@figure
def plot_prior_curve(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Posterior of the proposition for every prior, and the prior that reaches the standard.

    The prior is on a logit scale; the curves are the model's and the held one.

    Raises
    ------
    InputError
        If the proposition has no curve: it is about who supplied a field.

    Examples
    --------
    >>> from causation import assess
    >>> ax = plot_prior_curve(assess("bic-2025-doxxing"))
    >>> ax.get_xscale()
    'logit'
    """
    a, curve = assessment, assessment.prior_curve
    if curve.why_missing is not None:
        raise InputError(f"there is no prior curve: {curve.why_missing['en']}")
    ax = axes(ax, width=7.6, height=4.2)
    ax.set_xscale("logit", one_half="0.5")
    ax.plot(curve.prior, curve.prior, color=COLORS["other"], linewidth=1, label=say("same", lang))
    ax.plot(curve.prior, curve.posterior, color=COLORS["proposition"], linewidth=2.5,
            label=say("model_value", lang))  # fmt: skip
    ax.plot(curve.prior, curve.held, color=COLORS["against"], linewidth=2, linestyle="--",
            label=say("held", lang))  # fmt: skip
    draw_standard(ax, a.threshold, lang)
    here = say(
        "this_case",
        lang,
        prior=percent(curve.case_prior, a.threshold),
        posterior=percent(a.probability, a.threshold),
    )
    ax.plot(curve.case_prior, a.probability, "o", color=COLORS["prior"], label=here)
    edge = curve.held_prior_at_standard
    if edge is not None:
        label = say("reached_at", lang, prior=percent_at_least(edge))
        ax.plot(edge, a.threshold, "D", color=COLORS["standard"], label=label)
    ax.set(xlim=(1e-4, 1 - 1e-4), ylim=(0, 1.02), xlabel=say("prior_axis", lang),
           ylabel=say("posterior", lang))  # fmt: skip
    ax.xaxis.set_minor_locator(NullLocator())
    ticks = (1e-4, 1e-3, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)[:: 2 if narrow(ax) else 1]
    ax.set_xticks(ticks, [shown(stated(p), lang) for p in ticks])
    percent_axis(ax.yaxis, lang)
    legend_above(ax, columns=2)
    return ax


@figure
def plot_burden(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Posterior of the proposition after each stage of the burden of proof, as a staircase.

    Examples
    --------
    >>> from causation import assess
    >>> ax = plot_burden(assess("bic-2025-doxxing"))
    >>> [t.get_text() for t in ax.get_xticklabels()][:2]
    ['before any evidence', 'after the first evidence']
    """
    stages = assessment.burden
    values = [b.probability for b in stages]
    ax = axes(ax)
    edges = [k - 0.5 for k in range(len(values) + 1)]
    ax.stairs(values, edges, baseline=None, color=COLORS["proposition"], linewidth=2.5,
              label=say("model_value", lang))  # fmt: skip
    ax.plot(range(len(values)), [b.held for b in stages], "D", color=COLORS["against"],
            label=say("held", lang))  # fmt: skip
    draw_standard(ax, assessment.threshold, lang)
    for x, value in enumerate(values):
        high = value > 0.9
        va: Literal["top", "bottom"] = "top" if high else "bottom"
        ax.annotate(
            shown(percent(value, assessment.threshold), lang), (x, value), (0, -8 if high else 8),
            textcoords="offset points", ha="center", va=va,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
        )  # fmt: skip
    ax.set_xticks(range(len(values)), [fitted(word(b.stage, lang), width=26) for b in stages])
    slanted(ax)
    ax.set(xlim=(edges[0], edges[-1]), ylim=(0, 1.02), ylabel=say("posterior_of", lang))
    percent_axis(ax.yaxis, lang)
    legend_above(ax, columns=2)
    return ax
