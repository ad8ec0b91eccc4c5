"""Figures of calibration on axes: Tippett and reliability."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causation.plots.style import SERIES, axes, figure, legend_above
from causation.plots.text import COLORS, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causation.validation.metrics import Reliability
    from causation.validation.scoring import Scores

REACH = 5.0
"""Ratios are drawn up to this many bans."""


@figure
def plot_tippett(
    scores: Scores, *, ax: Axes | None = None, lang: str = "en", legend: bool = True
) -> Axes:
    """Share of cases with more than each likelihood ratio, true and false ones apart.

    Solid lines are cases in which the proposition is true, dashed ones where it is false; the
    dotted line is Turing's bound on the latter, 1/x.

    Parameters
    ----------
    scores : Scores
        Of one world: ``calibrate(...).scores["as elicited"]``.
    legend : bool

    Examples
    --------
    >>> import numpy as np
    >>> from causation.validation.scoring import Scores
    >>> x, true = np.array([-1.0, 0.5, 2.0]), np.array([False, False, True])
    >>> none, table = np.zeros(3, dtype=int), np.stack([x, x, 2 * x], axis=1)
    >>> scores = Scores(table, true, table, true, none, np.zeros((3, 5)), none, table, none)
    >>> ax = plot_tippett(scores)
    >>> float(ax.lines[1].get_ydata()[200])  # half of the false cases have a ratio above 1
    50.0
    """
    from causation.validation.metrics import tippett

    ax = axes(ax)
    grid = np.linspace(-REACH, REACH, 401)
    methods = (
        ("model_short", SERIES[0], scores.log10_lr[:, 0]),
        ("naive", SERIES[1], scores.log10_lr[:, -1]),
    )
    for name, color, log10_lr in methods:
        for truth, style in ((True, "-"), (False, "--")):
            label = say("true" if truth else "false", lang, method=say(name, lang))
            share = 100.0 * tippett(log10_lr[scores.is_true == truth], grid)
            ax.plot(grid, share, color=color, linestyle=style, label=label)
    turing = 100.0 * np.minimum(1.0, 10.0**-grid)
    ax.plot(grid, turing, ":", color=COLORS["muted"], linewidth=0.8, label=say("turing", lang))
    ax.set(xlim=(-REACH, REACH), xlabel=say("log10_lr", lang), ylabel=say("cases_above", lang))
    if legend:
        legend_above(ax, columns=2)
    return ax


@figure
def plot_reliability(
    result: Reliability, *, ax: Axes | None = None, lang: str = "en", legend: bool = True
) -> Axes:
    """Posterior probability of a source against how often it was the true one.

    The band holds a calibrated estimator's points.

    Parameters
    ----------
    result : Reliability
        Of one world: ``calibrate(...).reliability["as elicited"]``.
    legend : bool

    Examples
    --------
    >>> import numpy as np
    >>> from causation.validation.metrics import reliability
    >>> ax = plot_reliability(reliability(np.array([0.1, 0.9]), np.array([False, True])))
    >>> [float(y) for y in ax.lines[1].get_ydata()]
    [0.0, 1.0]
    """
    ax = axes(ax, width=4.6, height=4.4)
    band = (np.clip(x, 0.0, 1.0) for x in (result.low, result.high))
    ax.fill_between(result.predicted, *band, color=COLORS["grid"], label=say("band", lang))
    ax.plot([0, 1], [0, 1], color=COLORS["muted"], linewidth=0.8)
    ax.plot(result.predicted, result.observed, "o-", color=SERIES[0], markersize=4,
            label=say("model_short", lang))  # fmt: skip
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel=say("predicted", lang), ylabel=say("observed", lang))
    if legend:
        legend_above(ax)
    return ax
