"""Figures of the answer: the posterior, what the prior does to it, how it grew by stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import NullLocator

from causation.dossier.labels import proposition_label, source_label, stage_label
from causation.plots.style import COLORS, axes, draw_standard, dress, fitted, legend_above
from causation.plots.text import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causation.dossier.assessment import Assessment

__all__ = ["plot_burden", "plot_posterior", "plot_prior_curve"]


def plot_posterior(
    assessment: Assessment, *, ax: Axes | None = None, lang: str = "en", interval: bool = True
) -> Axes:
    """Posterior of every source against the standard of proof.

    Bars are posteriors, open circles priors. A proposition that is a union has a bar of its
    own, on top. The line through its end is the central 90 % interval of its probability under
    redrawn inputs (`Assessment.input_sensitivity`), not a probability of the probability.

    Parameters
    ----------
    assessment : Assessment
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}
    interval : bool
        Draw the interval under redrawn inputs.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from causation import assess
    >>> from causation.plots import plot_posterior
    >>> ax = plot_posterior(assess("bic-2025-doxxing"))
    >>> [f"{bar.get_width():.2f}" for bar in ax.patches]
    ['0.99', '0.00', '0.00', '0.01']
    """
    names = list(assessment.sources)
    labels = [fitted(source_label(assessment.case, s, lang)) for s in names]
    values = assessment.posterior.probability.tolist()
    priors = assessment.posterior.prior.tolist()
    inside = [s in assessment.proposition for s in names]
    if len(assessment.proposition) > 1:
        labels.insert(0, fitted(proposition_label(assessment.case, lang)))
        values.insert(0, assessment.probability)
        priors.insert(0, float(assessment.posterior.prior[assessment.posterior.proposition].sum()))
        inside.insert(0, True)
    ax = axes(ax, height=0.9 + 0.45 * len(values))
    y = np.arange(len(values))
    colors = [COLORS["proposition" if own else "other"] for own in inside]
    ax.barh(y, values, height=0.6, color=colors)
    ax.plot(
        priors, y, "o", color=COLORS["prior"], markerfacecolor="white", label=say("prior", lang)
    )
    if interval:
        row = inside.index(True)
        ends = assessment.input_sensitivity.interval
        ax.plot(ends, [row, row], color=COLORS["prior"], linewidth=2, label=say("redrawn", lang))
    draw_standard(ax, assessment.threshold, lang, vertical=True)
    for row, value in enumerate(values):
        ax.annotate(f"{value:.3f}", (1.0, row), (4, 0), textcoords="offset points", va="center")
    ax.set(xlim=(0, 1), xlabel=say("posterior", lang))
    ax.set_yticks(y, labels)
    ax.invert_yaxis()
    legend_above(ax)
    return dress(ax)


def plot_prior_curve(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Posterior of the proposition for every prior, and the prior that reaches the standard.

    Parameters
    ----------
    assessment : Assessment
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        Prior on a logit scale.

    Examples
    --------
    >>> from causation import assess
    >>> from causation.plots import plot_prior_curve
    >>> ax = plot_prior_curve(assess("bic-2025-doxxing"))
    >>> ax.get_xscale()
    'logit'
    """
    curve = assessment.prior_curve
    ax = axes(ax)
    ax.set_xscale("logit", one_half="0.5")
    ax.plot(curve.prior, curve.prior, color=COLORS["other"], linewidth=1, label=say("same", lang))
    ax.plot(curve.prior, curve.posterior, color=COLORS["proposition"], linewidth=2.5)
    draw_standard(ax, assessment.threshold, lang)
    ax.plot(
        curve.case_prior,
        assessment.probability,
        "o",
        color=COLORS["prior"],
        label=say("this_case", lang, prior=curve.case_prior, posterior=assessment.probability),
    )
    if curve.prior_at_standard is not None:
        ax.plot(
            curve.prior_at_standard,
            assessment.threshold,
            "D",
            color=COLORS["standard"],
            label=say("reached_at", lang, prior=curve.prior_at_standard),
        )
    ax.set(
        xlim=(1e-4, 1 - 1e-4),
        ylim=(0, 1.02),
        xlabel=say("prior_axis", lang),
        ylabel=say("posterior", lang),
    )
    ax.xaxis.set_minor_locator(NullLocator())
    ticks = {1e-4: "10⁻⁴", 1e-3: "0.001", 0.01: "0.01", 0.1: "0.1", 0.5: "0.5", 0.9: "0.9"}
    ticks |= {0.99: "0.99", 0.999: "0.999"}
    ax.set_xticks(list(ticks), list(ticks.values()))
    legend_above(ax, columns=2)
    return dress(ax)


def plot_burden(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Posterior of the proposition after each stage of the burden of proof, as a staircase.

    Parameters
    ----------
    assessment : Assessment
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from causation import assess
    >>> from causation.plots import plot_burden
    >>> ax = plot_burden(assess("bic-2025-doxxing"))
    >>> [t.get_text() for t in ax.get_xticklabels()]
    ['before any evidence', "plaintiff's first evidence", 'rebuttal']
    """
    stages = assessment.burden
    values = [b.probability for b in stages]
    ax = axes(ax)
    edges = np.arange(len(values) + 1) - 0.5
    ax.stairs(values, edges, baseline=None, color=COLORS["proposition"], linewidth=2.5)
    draw_standard(ax, assessment.threshold, lang)
    for x, value in enumerate(values):
        high = value > 0.9
        ax.annotate(
            f"{value:.3f}",
            (x, value),
            (0, -6 if high else 6),
            textcoords="offset points",
            ha="center",
            va="top" if high else "bottom",
        )
    ax.set_xticks(range(len(values)), [stage_label(b.stage, lang) for b in stages])
    ax.set(xlim=(edges[0], edges[-1]), ylim=(0, 1.02), ylabel=say("posterior_of", lang))
    legend_above(ax, columns=2)
    return dress(ax)
