"""What each item of evidence adds, as a waterfall in bans."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING

from causation.dossier.digits import bans
from causation.dossier.labels import evidence_label
from causation.errors import InputError
from causation.plots.style import COLORS, axes, draw_standard, dress, fitted, legend_above
from causation.plots.text import say, shown
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
        (a route excluded) has no length, the bar is left out and the label says so.

    Raises
    ------
    InputError
        If there is no such method.

    Examples
    --------
    >>> from causation import assess
    >>> from causation.plots import plot_contributions
    >>> ax = plot_contributions(assess("bic-2025-doxxing"))
    >>> len(ax.patches)  # five rows of evidence between two odds
    7
    """
    if method not in _METHODS:
        raise InputError(f"there is no waterfall by {method!r}; allowed: {', '.join(_METHODS)}")
    table = assessment.contributions
    steps = [float(getattr(row, method)) for row in table.rows]
    labels = [fitted(evidence_label(assessment.filled, row.item, lang)) for row in table.rows]
    starts = list(accumulate(steps, initial=table.start))[: len(steps)]
    bars = [
        (0.0, table.start, COLORS["muted"]),
        *(
            (left, step, COLORS["proposition" if step >= 0 else "against"])
            for left, step in zip(starts, steps, strict=True)
        ),
        (0.0, table.start + table.total, COLORS["muted"]),
    ]
    ax = axes(ax, height=1.2 + 0.4 * len(bars))
    for row, (left, width, color) in enumerate(bars):
        _draw_bar(ax, row, left, width, color, own=row in {0, len(bars) - 1}, lang=lang)
    for row, (left, width, _) in enumerate(bars[:-1]):
        x = left + width
        if math.isfinite(x):
            ax.plot([x, x], [row - 0.3, row + 1.3], color=COLORS["muted"], linewidth=0.8)
    ax.axvline(0.0, color=COLORS["muted"], linewidth=0.8)
    threshold = assessment.threshold
    draw_standard(ax, threshold, lang, at=log10_odds(threshold), vertical=True)
    names = [say("prior_odds", lang), *labels, say("posterior_odds", lang)]
    ax.set_yticks(range(len(bars)), names)
    ax.invert_yaxis()
    ax.use_sticky_edges = False
    ax.margins(x=0.14)
    ax.set(xlabel=say("bans", lang))
    legend_above(ax, title=say(method, lang))
    return dress(ax)


def _draw_bar(
    ax: Axes, row: int, left: float, width: float, color: str, *, own: bool, lang: str
) -> None:
    finite = math.isfinite(left) and math.isfinite(width)
    if finite:
        ax.barh(row, width, left=left, height=0.6, color=color)
    number = bans(width).removeprefix("+") if own else bans(width)
    ax.annotate(
        shown(number, lang),
        (max(left, left + width) if finite else 0.0, row),
        (4, 0),
        textcoords="offset points",
        va="center",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},  # over the lines
    )
