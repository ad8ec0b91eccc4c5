"""Figures of dependence: what co-victims are worth, and which evidence shares which latent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from causation.analyses.dependence import saturation_curve
from causation.dossier.labels import field_label, group_label, item_label, source_label
from causation.errors import InputError
from causation.plots.style import COLORS, SERIES, axes, dress, fitted, legend_above
from causation.plots.text import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causation.case.resolved import ResolvedCase
    from causation.dossier.assessment import Assessment
    from causation.evidence.base import Term

__all__ = ["plot_model_graph", "plot_saturation"]


def plot_saturation(
    assessment: Assessment,
    *,
    group: str | None = None,
    counts: Sequence[int] | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """What more victims of one series are worth: the model beside independent victims.

    Parameters
    ----------
    assessment : Assessment
    group : str, optional
        Victim group whose size varies; by default the last one.
    counts : sequence of int, optional
        Sizes of the group; by default from 0 to four times its own, at least to 20.
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        log10 LR against all the rest over the number of victims; the first line is the model.

    Raises
    ------
    InputError
        If the case has no such group, or one group only.

    Examples
    --------
    >>> from causation import assess
    >>> from causation.plots import plot_saturation
    >>> ax = plot_saturation(assess("bic-2025-doxxing"), counts=[0, 1, 5])
    >>> model, independent = (line.get_ydata() for line in ax.lines[:2])
    >>> bool(model[2] < independent[2])
    True
    """
    model = assessment.model
    others = model.groups[1:]
    group = others[-1] if group is None and others else group
    if group not in others:
        raise InputError(f"there are no co-victims {group}; allowed: {', '.join(others) or 'none'}")
    own = int(model.count[model.groups.index(group)])
    if counts is None:
        top = max(20, 4 * own)
        counts = sorted({0, 1, 2, 3, own, *np.linspace(0, top, 11).round().astype(int).tolist()})
    ours, independent = saturation_curve(model, group, list(counts), assessment.settings)
    ax = axes(ax)
    ax.plot(counts, ours, "-", color=COLORS["proposition"], linewidth=2.5, label=say("model", lang))
    ax.plot(counts, independent, "--", color=COLORS["against"], label=say("independent", lang))
    audited = next(c for c in assessment.dependence.co_victims if c.group == group)
    start = assessment.dependence.log10_lr - audited.bans
    if math.isfinite(audited.limit_bans):
        ax.axhline(
            start + audited.limit_bans,
            color=COLORS["muted"],
            linestyle=":",
            label=say("limit", lang),
        )
    ax.plot(
        own,
        assessment.dependence.log10_lr,
        "o",
        color=COLORS["prior"],
        label=say("own_count", lang, count=own),
    )
    name = fitted(group_label(assessment.case, group, lang, with_size=False), lines=1)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel=say("victims_in", lang, group=name), ylabel=say("lr_rest", lang))
    legend_above(ax)
    return dress(ax)


def plot_model_graph(
    assessment: Assessment,
    *,
    source: str | None = None,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Which evidence shares which latent under one source: the whole of the dependence.

    Parameters
    ----------
    assessment : Assessment
    source : str, optional
        By default the first source of the proposition.
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        Evidence on the left, latents on the right; a latent that several items of evidence
        share has a colour of its own, one that a single item has is grey.

    Raises
    ------
    InputError
        If there is no such source.

    Examples
    --------
    >>> from causation import assess
    >>> from causation.plots import plot_model_graph
    >>> ax = plot_model_graph(assess("bic-2025-doxxing"))
    >>> len(ax.lines)  # seven items of evidence; a field hangs on two latents
    12
    """
    case = assessment.case
    source = source or assessment.proposition[0]
    if source not in assessment.sources:
        raise InputError(f"there is no source {source!r}; allowed: {', '.join(assessment.sources)}")
    terms = [t for t in assessment.model.terms() if t.source == source]
    latents = list(dict.fromkeys(latent for t in terms for latent in t.latents))
    uses = {latent: sum(latent in t.latents for t in terms) for latent in latents}
    shared = [latent for latent in latents if uses[latent] > 1]
    color = {
        latent: SERIES[shared.index(latent) % len(SERIES)] if latent in shared else COLORS["other"]
        for latent in latents
    }
    left = _spread(len(terms))
    right = dict(zip(latents, _spread(len(latents)), strict=True))
    ax = axes(ax, width=8.0, height=0.8 + 0.32 * max(len(terms), len(latents)))
    for y, term in zip(left, terms, strict=True):
        for latent in term.latents:
            ax.plot([0, 1], [y, right[latent]], color=color[latent], linewidth=1.2)
    ax.scatter(np.zeros(len(left)), left, s=18, color=COLORS["prior"], zorder=3, clip_on=False)
    ax.scatter(
        np.ones(len(right)),
        list(right.values()),
        s=36,
        c=[color[k] for k in right],
        zorder=3,
        clip_on=False,
    )
    ax.set(xlim=(0, 1), ylim=(-0.04, 1.04), xticks=[])
    ax.set_yticks(left, [fitted(_evidence(case, term, lang)) for term in terms])
    named = ax.secondary_yaxis("right")
    named.set_yticks(list(right.values()), [fitted(_latent(case, k, lang)) for k in right])
    for label, latent in zip(named.get_yticklabels(), right, strict=True):
        label.set_color(COLORS["muted"] if uses[latent] == 1 else color[latent])
    for part in (ax, named):
        part.tick_params(length=0, pad=8)
        part.spines[:].set_visible(False)
    title = say("graph", lang, source=fitted(source_label(case, source, lang), lines=1))
    ax.set_title(title, fontsize="medium")
    return dress(ax)


def _spread(count: int) -> list[float]:
    """Heights of `count` nodes, from top to bottom."""
    heights: list[float] = np.linspace(1.0, 0.0, count).tolist() if count > 1 else [0.5]
    return heights


def _evidence(case: ResolvedCase, term: Term, lang: str) -> str:
    """Read ``victims.GROUP.KIND.NAME``."""
    _, group, kind, name = term.evidence.split(".", 3)
    if kind == "users_of":
        what = say("user", lang, source=source_label(case, name, lang))
    else:
        what = field_label(name, lang)
        what = what if kind == "disclosed" else say("withheld", lang, field=what)
    return f"{group_label(case, group, lang)}: {what}"


def _latent(case: ResolvedCase, latent: str, lang: str) -> str:
    """Read ``u[source]``, ``c[source,field]``, ``d[source,custodian]``, ``g[source,item]``."""
    name, _, rest = latent.partition("[")
    last = rest.rstrip("]").rpartition(",")[2]
    if name == "c":
        return say("latent_c", lang, field=field_label(last, lang))
    if name == "d":
        return say("latent_d", lang, source=source_label(case, last, lang))
    if name == "g":
        return say("latent_g", lang, item=item_label(last, lang))
    return say("latent_u", lang) if name == "u" else latent
