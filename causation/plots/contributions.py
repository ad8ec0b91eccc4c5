"""What each item of evidence adds, as a waterfall in bans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causation.dossier.labels import evidence_label
from causation.errors import InputError
from causation.plots.style import COLORS, axes, draw_standard, dress, fitted, legend_above
from causation.plots.text import say
from causation.scales import log10_odds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causation.dossier.assessment import Assessment

__all__ = ["plot_contributions"]

_METHODS = ("sequential", "shapley")


def plot_contributions(
    assessment: Assessment,
    *,
    ax: Axes | None = None,
    lang: str = "en",
    method: str = "sequential",
) -> Axes:
    """Waterfall from the prior odds to the posterior odds of the proposition, in bans.

    Parameters
    ----------
    assessment : Assessment
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}
    method : {"sequential", "shapley"}
        In order of presentation, or averaged over all orders; both add up to the total
        (leave-one-out does not, so it has no waterfall).

    Returns
    -------
    matplotlib.axes.Axes
        Bars from top to bottom: prior, items, posterior. Where an infinite contribution
        (a source excluded) has no length, the bar is left out and the label says so.

    Raises
    ------
    InputError
        If there is no such method.

    Examples
    --------
    >>> from causation import assess
    >>> from causation.plots import plot_contributions
    >>> ax = plot_contributions(assess("bic-2025-doxxing"))
    >>> len(ax.patches)
    8
    """
    if method not in _METHODS:
        raise InputError(f"there is no waterfall by {method!r}; allowed: {', '.join(_METHODS)}")
    table = assessment.contributions
    steps = np.array([getattr(row, method) for row in table.rows])
    labels = [fitted(evidence_label(assessment.case, row.item, lang)) for row in table.rows]
    ends = table.start + np.cumsum(steps)
    starts = np.concatenate([[table.start], ends[:-1]])
    ax = axes(ax, height=1.2 + 0.4 * (len(steps) + 2))
    total = table.start + table.total
    lefts = np.concatenate([[0.0], starts, [0.0]])
    widths = np.concatenate([[table.start], steps, [total]])
    colors = [
        COLORS["muted"],
        *(COLORS["proposition" if step >= 0 else "against"] for step in steps),
        COLORS["muted"],
    ]
    shown = np.isfinite(lefts) & np.isfinite(widths)
    y = np.arange(len(widths))
    ax.barh(
        y[shown],
        widths[shown],
        left=lefts[shown],
        height=0.6,
        color=[c for c, s in zip(colors, shown, strict=True) if s],
    )
    for row, (left, width) in enumerate(zip(lefts, widths, strict=True)):
        own = row in {0, len(widths) - 1}
        number = f"{width:.2f}" if own else f"{width:+.2f}"
        right = max(left, left + width) if shown[row] else 0.0
        ax.annotate(
            number.replace("-", "−"),
            (right, row),
            (4, 0),
            textcoords="offset points",
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},  # over the lines
        )
    for row in range(len(steps) + 1):
        if np.isfinite(lefts[row] + widths[row]):
            x = lefts[row] + widths[row]
            ax.plot([x, x], [row - 0.3, row + 1.3], color=COLORS["muted"], linewidth=0.8)
    ax.axvline(0.0, color=COLORS["muted"], linewidth=0.8)
    threshold = assessment.threshold
    draw_standard(ax, threshold, lang, at=log10_odds(threshold), vertical=True)
    ax.set_yticks(y, [say("prior_odds", lang), *labels, say("posterior_odds", lang)])
    ax.invert_yaxis()
    ax.use_sticky_edges = False
    ax.margins(x=0.14)
    ax.set(xlabel=say("bans", lang))
    legend_above(ax, title=say(method, lang))
    return dress(ax)
