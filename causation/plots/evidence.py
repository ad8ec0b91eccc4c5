"""Figures of the evidence: what each item adds, what victims are worth, what shares a latent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from causation.dossier.digits import bans
from causation.dossier.labels import evidence_label, group_label, pick
from causation.errors import InputError
from causation.plots.rows import waterfall
from causation.plots.style import (
    SERIES,
    axes,
    draw_standard,
    figure,
    heights,
    legend_above,
    narrow,
    rows_named,
)
from causation.plots.text import COLORS, fitted, say, shown
from causation.scales import log10_odds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causation.analyses.dependence import CountCurve
    from causation.case.filled import Filled
    from causation.dossier.assessment import Assessment

_METHODS = ("sequential", "shapley")


@figure
def plot_contributions(
    assessment: Assessment,
    *,
    method: str = "sequential",
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Waterfall from the prior odds to the posterior odds of the proposition, in bans.

    Bars from top to bottom: prior, items, posterior. Where an infinite contribution (a route
    excluded) has no length, the bar is left out and the label says so.

    Parameters
    ----------
    method : {"sequential", "shapley"}
        In order of presentation, or averaged over all orders; both add up to the total
        (leave-one-out does not, so it has no waterfall).

    Raises
    ------
    InputError
        If there is no such method.

    Examples
    --------
    >>> from causation import assess
    >>> ax = plot_contributions(assess("bic-2025-doxxing"))
    >>> len(ax.patches)  # five rows of evidence between two odds
    7
    """
    if method not in _METHODS:
        raise InputError(f"there is no waterfall by {method!r}; allowed: {', '.join(_METHODS)}")
    threshold = assessment.threshold
    names, bars = waterfall(assessment, method, lang)
    ax = axes(ax, height=1.2 + 0.4 * len(bars))
    for row, (left, width) in enumerate(bars):
        total = row in {0, len(bars) - 1}
        finite = math.isfinite(left) and math.isfinite(width)
        if finite:
            color = "muted" if total else "proposition" if width >= 0 else "against"
            ax.barh(row, width, left=left, height=0.6, color=COLORS[color])
        ax.annotate(
            shown(bans(width).removeprefix("+") if total else bans(width), lang),
            (max(left, left + width) if finite else 0.0, row), (4, 0),
            textcoords="offset points", va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},  # over the lines
        )  # fmt: skip
        if row < len(bars) - 1 and math.isfinite(x := left + width):
            ax.plot([x, x], [row - 0.3, row + 1.3], color=COLORS["muted"], linewidth=0.8)
    ax.axvline(0.0, color=COLORS["muted"], linewidth=0.8)
    draw_standard(ax, threshold, lang, at=log10_odds(threshold), vertical=True)
    rows_named(ax, names)
    ax.use_sticky_edges = False
    ax.margins(x=0.14)
    ax.set(xlabel=say("bans", lang))
    legend_above(ax, title=say(method, lang))
    return ax


@figure
def plot_saturation(
    curve: CountCurve, *, filled: Filled | None = None, ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """What more victims of one series are worth: the model beside independent victims.

    log10 LR against all the rest over the number of victims; the first line is the model.

    Parameters
    ----------
    curve : CountCurve
        As `causation.analyses.dependence.count_curve` returns it.
    filled : Filled, optional
        For the name of the group (`Assessment.filled`); without it its id stands there.

    Examples
    --------
    >>> from causation.analyses.dependence import count_curve
    >>> from causation.model.structure import build_model
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
    return ax


@figure
def plot_model_graph(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Which evidence shares which latent: what the model does not count twice.

    Evidence on the left, the latents that several items share on the right, each in a colour of
    its own.

    Raises
    ------
    InputError
        If no two items of evidence share a latent.

    Examples
    --------
    >>> from causation import assess
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
    left, right = dict(zip(items, heights(len(items)), strict=True)), heights(len(shared))
    ax = axes(ax, width=9.6, height=0.9 + 0.32 * max(len(items), len(shared)))
    colors = [SERIES[k % len(SERIES)] for k in range(len(shared))]
    for latent, height, color in zip(shared, right, colors, strict=True):
        for item in latent.items:
            ax.plot([0, 1], [left[item], height], color=color, linewidth=1.0)
    ax.scatter([0] * len(left), list(left.values()), s=18, color=COLORS["prior"], zorder=3,
               clip_on=False)  # fmt: skip
    ax.scatter([1] * len(right), right, s=36, c=colors, zorder=3, clip_on=False)
    ax.set(xlim=(0, 1), ylim=(-0.04, 1.04), xticks=[])
    small = narrow(ax)
    size: dict[str, int] = {"width": 18, "lines": 4} if small else {"width": 38, "lines": 2}
    labels = [fitted(evidence_label(assessment.filled, named[i], lang), **size) for i in items]
    ax.set_yticks(list(left.values()), labels)
    other = ax.secondary_yaxis("right")
    other.set_yticks(right, [fitted(pick(s.label, lang, name=s.name), **size) for s in shared])
    for part in (ax, other):
        part.tick_params(length=0, pad=8, labelsize="x-small" if small else "medium")
        part.spines[:].set_visible(False)
    return ax
