"""Figures of dependence: what further victims are worth, and which evidence shares which latent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from causation.dossier.labels import evidence_label, group_label, pick
from causation.errors import InputError
from causation.plots.style import COLORS, SERIES, axes, dress, fitted, legend_above
from causation.plots.text import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causation.analyses.dependence import CountCurve
    from causation.case.filled import Filled
    from causation.dossier.assessment import Assessment

__all__ = ["plot_model_graph", "plot_saturation"]


def plot_saturation(
    curve: CountCurve,
    *,
    filled: Filled | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """What more victims of one series are worth: the model beside independent victims.

    Parameters
    ----------
    curve : CountCurve
        As `causation.analyses.dependence.count_curve` returns it.
    filled : Filled, optional
        For the name of the group (`Assessment.filled`); without it its id stands there.
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        log10 LR against all the rest over the number of victims; the first line is the model.

    Examples
    --------
    >>> from causation.analyses.dependence import count_curve
    >>> from causation.model.structure import build_model
    >>> from causation.plots import plot_saturation
    >>> model = build_model("bic-2025-doxxing")
    >>> ax = plot_saturation(count_curve(model, "co_victims", bound=None, counts=[0, 20]))
    >>> [int(x) for x in ax.lines[0].get_xdata()]
    [0, 5, 20]
    """
    ax = axes(ax)
    ax.plot(curve.count, curve.log10_lr, "-", color=COLORS["proposition"], linewidth=2.5,
            label=say("model", lang))  # fmt: skip
    ax.plot(curve.count, curve.independent_log10_lr, "--", color=COLORS["against"],
            label=say("independent", lang))  # fmt: skip
    own = list(curve.count).index(curve.own)
    ax.plot(curve.own, curve.log10_lr[own], "o", color=COLORS["prior"],
            label=say("own_count", lang, count=curve.own))  # fmt: skip
    name = curve.group if filled is None else group_label(filled, curve.group, lang)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel=say("victims_in", lang, group=fitted(name, lines=1)), ylabel=say("lr_rest", lang))
    legend_above(ax)
    return dress(ax)


def plot_model_graph(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Which evidence shares which latent: what the model does not count twice.

    Parameters
    ----------
    assessment : Assessment
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        Evidence on the left, the latents that several items share on the right, each in a colour
        of its own.

    Raises
    ------
    InputError
        If no two items of evidence share a latent.

    Examples
    --------
    >>> from causation import assess
    >>> from causation.plots import plot_model_graph
    >>> a = assess("bic-2025-doxxing")
    >>> ax = plot_model_graph(a)
    >>> len(ax.lines) == sum(len(s.items) for s in a.dependence.shared)
    True
    """
    shared = assessment.dependence.shared
    if not shared:
        raise InputError("no two items of evidence of this case share a latent")
    named = {item.id: item for item in assessment.model.items}
    items = [i for i in named if any(i in s.items for s in shared)]
    left = dict(zip(items, _heights(len(items)), strict=True))
    right = _heights(len(shared))
    ax = axes(ax, width=9.6, height=0.9 + 0.32 * max(len(items), len(shared)))
    for k, (latent, height) in enumerate(zip(shared, right, strict=True)):
        for item in latent.items:
            ax.plot([0, 1], [left[item], height], color=SERIES[k % len(SERIES)], linewidth=1.0)
    ax.scatter([0] * len(left), list(left.values()), s=18, color=COLORS["prior"], zorder=3,
               clip_on=False)  # fmt: skip
    colors = [SERIES[k % len(SERIES)] for k in range(len(shared))]
    ax.scatter([1] * len(right), right, s=36, c=colors, zorder=3, clip_on=False)
    ax.set(xlim=(0, 1), ylim=(-0.04, 1.04), xticks=[])
    labels = [fitted(evidence_label(assessment.filled, named[i], lang), lines=2) for i in items]
    ax.set_yticks(list(left.values()), labels)
    other = ax.secondary_yaxis("right")
    other.set_yticks(
        right, [fitted(pick(s.label, lang, name=s.name), width=42, lines=2) for s in shared]
    )
    for text, color in zip(other.get_yticklabels(), colors, strict=True):
        text.set_color(color)
    for part in (ax, other):
        part.tick_params(length=0, pad=8)
        part.spines[:].set_visible(False)
    return dress(ax)


def _heights(count: int) -> list[float]:
    """Heights of `count` nodes, from top to bottom."""
    return [1.0 - k / (count - 1) for k in range(count)] if count > 1 else [0.5]
