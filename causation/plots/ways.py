"""Figures of how it came about: who got in where, what came from where, and when."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

from causation.dossier.digits import percent
from causation.dossier.labels import (
    check_language,
    field_label,
    group_label,
    source_label,
)
from causation.errors import InputError
from causation.plots.style import COLORS, axes, dress, fitted, legend_above, narrow, slanted
from causation.plots.text import say, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from causation.case.filled import Window
    from causation.dossier.assessment import Assessment

__all__ = ["plot_flow", "plot_timeline"]

_WIDEST = 14.0
"""Points that a line is wide whose probability is 1."""
_LEAST = 0.005
"""Lines of a smaller probability are left out."""

type _Place = tuple[float, float]


def plot_flow(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Who got in where, what was looked up then, and which field came from which source.

    Parameters
    ----------
    assessment : Assessment
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        From left to right the entrances, the sources used, the published fields of the first
        plaintiff. The width of a line is a posterior probability: that the actor got in there
        and used the source, and that the source supplied the field. In a chain two sources are
        used, and both may supply a field, so widths need not add up. Lines below 0.5 % are left
        out.

    Examples
    --------
    >>> from causation import assess
    >>> from causation.plots import plot_flow
    >>> ax = plot_flow(assess("bic-2025-doxxing"))
    >>> [t.get_text() for t in ax.get_xticklabels()]
    ['got in at', 'used', 'published']
    """
    a, filled = assessment, assessment.filled
    check_language(lang)
    fields = list(a.propositions[a.sources[0]]["supplied"])
    columns = [list(a.sources), list(a.sources), fields]
    places = [dict(zip(names, _heights(len(names)), strict=True)) for names in columns]
    ax = axes(ax, width=9.2, height=1.6 + 0.62 * max(len(fields), len(a.sources)))
    for route, p in zip(a.model.routes, a.posterior.values(), strict=True):
        for used in route.sources:
            ends = (0.0, places[0][route.entrance.name]), (1.0, places[1][used.name])
            _line(ax, ends, p, own=used.name in a.proposition)
    for source in a.sources:
        for field, p in a.propositions[source]["supplied"].items():
            ends = (1.0, places[1][source]), (2.0, places[2][field])
            _line(ax, ends, p, own=source in a.proposition)
    for k, chances in enumerate((a.source_posterior, _roles(a))):
        for name, height in places[k].items():
            text = f"{fitted(source_label(filled, name, lang), width=20)}\n"
            _node(ax, (k, height), text + shown(percent(chances[name]), lang), before=k == 0)
    for field, height in places[2].items():
        _node(ax, (2.0, height), fitted(field_label(filled, field, lang), width=20), before=False)
    for p in (0.1, 0.5, 1.0):
        ax.plot([], [], color=COLORS["other"], linewidth=_WIDEST * p, label=shown(percent(p), lang),
                solid_capstyle="butt")  # fmt: skip
    ax.set(xlim=(-0.62, 2.62), ylim=(-0.12, 1.12), yticks=[])
    ax.set_xticks([0.0, 1.0, 2.0], [say(x, lang) for x in ("got_in", "used", "published")])
    slanted(ax)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    legend_above(ax, columns=3, title=say("width", lang))
    return dress(ax)


def _roles(a: Assessment) -> dict[str, float]:
    """Chance that each source was used."""
    found = dict.fromkeys(a.sources, 0.0)
    for route, p in zip(a.model.routes, a.posterior.values(), strict=True):
        for source in route.sources:
            found[source.name] += p
    return found


def _heights(count: int) -> list[float]:
    return [1.0 - k / (count - 1) for k in range(count)] if count > 1 else [0.5] * count


def _line(ax: Axes, ends: tuple[_Place, _Place], p: float, *, own: bool) -> None:
    if p < _LEAST:
        return
    (x, y), (x2, y2) = ends
    steps = [k / 20 for k in range(21)]
    bend = [3 * t * t - 2 * t**3 for t in steps]  # level at both ends
    ax.plot([x + (x2 - x) * t for t in steps], [y + (y2 - y) * t for t in bend],
            color=COLORS["proposition" if own else "other"], linewidth=_WIDEST * p, alpha=0.75,
            solid_capstyle="butt")  # fmt: skip


def _node(ax: Axes, place: tuple[float, float], text: str, *, before: bool) -> None:
    ax.plot(*place, "o", color=COLORS["prior"], markersize=4, zorder=3)
    beside = place[0] != 1.0  # in the middle there are lines on both sides
    ax.annotate(
        text, place, ((-7 if before else 7) if beside else 0, 0 if beside else 5),
        textcoords="offset points", va="center" if beside else "bottom", zorder=4,
        ha=("right" if before else "left") if beside else "center",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.5},
    )  # fmt: skip


def plot_timeline(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """When the data of every victim were published, and when the published values were true.

    Parameters
    ----------
    assessment : Assessment
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    lang : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        A row for each victim or group with the day of its publication (a month or a year is a
        line), and a bar for each dated field; an end that is not known is open and fades out at
        the edge.

    Raises
    ------
    InputError
        If the case states no date.

    Examples
    --------
    >>> from causation import assess, load_case
    >>> from causation.plots import plot_timeline
    >>> case = load_case("bic-2025-doxxing").replace(
    ...     {"victims.plaintiff.dates": {"phone": {"since": "2021-11"}}}
    ... )
    >>> [t.get_text() for t in plot_timeline(assess(case)).get_yticklabels()]
    ['Plaintiff', 'Plaintiff: phone number', 'Five further users']
    """
    filled = assessment.filled
    check_language(lang)
    rows: list[tuple[str, tuple[date, date] | Window]] = []
    for g in filled.all_groups:
        name = group_label(filled, g.id, lang)
        if g.posted is not None:
            rows.append((name, g.posted))
        separator = "：" if lang == "zh" else ": "
        rows += [
            (f"{name}{separator}{field_label(filled, f, lang)}", w) for f, w in g.dates.items()
        ]
    if not rows:
        raise InputError("the case states no date: neither incident_date, posted nor dates")
    ax = axes(ax, width=8.0, height=1.3 + 0.4 * len(rows))
    lo, hi = _reach([span for _, span in rows])
    for y, (_, span) in enumerate(rows):
        if isinstance(span, tuple):
            _posted(ax, y, span, say("posted", lang))
        else:
            _valid(ax, y, span, (lo, hi), say("was_true", lang))
    ax.set_yticks(range(len(rows)), [fitted(name, width=36, lines=2) for name, _ in rows])
    ax.set(xlim=(lo, hi), ylim=(len(rows) - 0.5, -0.5))
    locator = AutoDateLocator(minticks=2, maxticks=4 if narrow(ax) else 8)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    formatter = ConciseDateFormatter(locator, show_offset=False)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_formatter(formatter)
    _once(ax)
    return dress(ax)


def _days(span: Sequence[date]) -> list[float]:
    return [float(date2num(day)) for day in span]  # type: ignore[no-untyped-call]


def _reach(spans: Sequence[Any]) -> tuple[float, float]:
    """First and last day that the axis shows, with room."""
    days: list[float] = []
    for span in spans:
        parts = (span,) if isinstance(span, tuple) else (span.since, span.until)
        days += [day for part in parts if part is not None for day in _days(part)]
    room = max(30.0, 0.12 * (max(days) - min(days)))
    return min(days) - room, max(days) + room


def _posted(ax: Axes, y: int, span: tuple[date, date], label: str) -> None:
    first, last = _days(span)
    ax.plot([first, last], [y, y], color=COLORS["standard"], linewidth=3)
    ax.plot([0.5 * (first + last)], [y], "D", color=COLORS["standard"], label=label)


def _valid(ax: Axes, y: int, window: Window, edges: tuple[float, float], label: str) -> None:
    """The time in which a value was the true one; certain between the inner days."""
    since = _days(window.since) if window.since else [edges[0], edges[0]]
    until = _days(window.until) if window.until else [edges[1], edges[1]]
    ax.plot([since[0], until[1]], [y, y], color=COLORS["range"], linewidth=3, alpha=0.5)
    ax.plot([since[1], until[0]], [y, y], color=COLORS["proposition"], linewidth=7, label=label,
            solid_capstyle="butt")  # fmt: skip


def _once(ax: Axes) -> None:
    """A legend in which nothing stands twice."""
    handles, labels = ax.get_legend_handles_labels()
    for handle in {lab: h for h, lab in zip(handles, labels, strict=True)}.values():
        handles.remove(handle)
    for handle in handles:
        handle.set_label("_again")
    legend_above(ax, columns=2)
