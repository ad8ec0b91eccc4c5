"""Which field came from which source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.dossier.digits import percent
from causation.dossier.labels import field_label, source_label
from causation.errors import InputError
from causation.plots.style import axes, dress, fitted, slanted
from causation.plots.text import say, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from causation.dossier.assessment import Assessment

__all__ = ["plot_provenance"]

_PARTS = ("supplied", "sole")


def plot_provenance(
    assessment: Assessment, *, part: str = "supplied", ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """Chance that each source supplied each published field of the first plaintiff.

    Parameters
    ----------
    assessment : Assessment
    part : {"supplied", "sole"}
        Supplied the field (both sources of a chain may have), or was its only supplier.
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        Fields from top to bottom, sources from left to right.

    Raises
    ------
    InputError
        If there is no such part, or no published field.

    Examples
    --------
    >>> from causation import assess
    >>> from causation.plots import plot_provenance
    >>> ax = plot_provenance(assess("bic-2025-doxxing"))
    >>> ax.collections[0].get_array().shape  # four fields, four sources
    (4, 4)
    """
    if part not in _PARTS:
        raise InputError(f"there is no part {part!r}; allowed: {', '.join(_PARTS)}")
    a = assessment
    fields = list(a.propositions[a.sources[0]][part])
    if not fields:
        raise InputError("the case states no published field of the plaintiff")
    values = [[a.propositions[s][part][f] for s in a.sources] for f in fields]
    ax = axes(ax, width=3.0 + 1.1 * len(a.sources), height=1.6 + 0.45 * len(fields))
    mesh = ax.pcolormesh(values, cmap="cividis", vmin=0, vmax=1, edgecolors="white", linewidth=1)
    for y, row in enumerate(values):
        for x, p in enumerate(row):
            color = "black" if p > 0.55 else "white"
            ax.annotate(
                shown(percent(p), lang), (x + 0.5, y + 0.5), ha="center", va="center", color=color
            )
    columns = [fitted(source_label(a.filled, s, lang), width=14, lines=3) for s in a.sources]
    ax.set_xticks([x + 0.5 for x in range(len(columns))], columns)
    slanted(ax)
    labels = [fitted(field_label(a.filled, f, lang)) for f in fields]
    ax.set_yticks([y + 0.5 for y in range(len(labels))], labels)
    ax.tick_params(length=0)
    ax.invert_yaxis()
    bar = ax.figure.colorbar(mesh, ax=ax, label=say(part, lang))
    return dress(ax, bar.ax)
