"""Figures of how it came about: who got in where, what came from where, and when."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

from causation.dossier.digits import percent
from causation.dossier.labels import field_label, group_label, source_label
from causation.errors import InputError
from causation.plots.style import (
    axes,
    figure,
    heights,
    legend_above,
    narrow,
    rows_named,
    slanted,
)
from causation.plots.text import COLORS, fitted, say, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from causation.case.filled import Window
    from causation.dossier.assessment import Assessment

_WIDEST = 14.0
"""Points that a line is wide whose probability is 1."""
_LEAST = 0.005
"""Lines of a smaller probability are left out."""
_THIN = 0.6
"""Points that every line has."""
_PARTS = ("supplied", "sole")


@figure
def plot_flow(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Who got in where, what was looked up then, and which field came from which source.

    From left to right the entrances, the sources used, the published fields of the first
    plaintiff. The width of a line is a posterior probability: that the actor got in there and
    used the source, and that the source supplied the field. In a chain two sources are used, and
    both may supply a field, so widths need not add up. Lines below 0.5 % are left out; those
    below 4 % are equally thin.

    Examples
    --------
    >>> from causation import assess
    >>> ax = plot_flow(assess("bic-2025-doxxing"))
    >>> [t.get_text() for t in ax.get_xticklabels()]
    ['got in at', 'used', 'published']
    """
    a, filled = assessment, assessment.filled
    fields = list(a.propositions[a.sources[0]]["supplied"])
    columns = [list(a.sources), list(a.sources), fields]
    places = [dict(zip(names, heights(len(names)), strict=True)) for names in columns]
    ax = axes(ax, width=9.2, height=1.6 + 0.62 * max(len(fields), len(a.sources)))
    lines = [
        (p, used.name, 0, places[0][route.entrance.name], places[1][used.name])
        for route, p in zip(a.model.routes, a.posterior.values(), strict=True)
        for used in route.sources
    ]
    used = dict.fromkeys(a.sources, 0.0)
    for p, source, *_ in lines:
        used[source] += p
    lines += [
        (p, source, 1, places[1][source], places[2][field])
        for source in a.sources
        for field, p in a.propositions[source]["supplied"].items()
    ]
    for p, source, x, y, y2 in sorted(lines, reverse=True):  # thin ones over wide ones
        if p >= _LEAST:
            color = COLORS["proposition" if source in a.proposition else "other"]
            steps = [k / 20 for k in range(21)]
            bend = [y + (y2 - y) * (3 * t * t - 2 * t**3) for t in steps]  # level at both ends
            ax.plot([x + t for t in steps], bend, color=color, solid_capstyle="butt",
                    linewidth=max(_WIDEST * p, _THIN))  # fmt: skip
    for k, chances in enumerate((a.source_posterior, used)):
        for name, height in places[k].items():
            text = fitted(source_label(filled, name, lang), width=16 if narrow(ax) else 20)
            _node(ax, k, height, f"{text}\n{shown(percent(chances[name], a.threshold), lang)}")
    for field, height in places[2].items():
        text = fitted(field_label(filled, field, lang), width=12 if narrow(ax) else 20)
        _node(ax, 2, height, text)
    for p in (0.1, 0.5, 1.0):
        ax.plot([], [], color=COLORS["other"], linewidth=_WIDEST * p, label=shown(percent(p), lang),
                solid_capstyle="butt")  # fmt: skip
    ax.set(xlim=(-0.62, 2.62), ylim=(-0.12, 1.12), yticks=[])
    ax.set_xticks([0.0, 1.0, 2.0], [say(x, lang) for x in ("got_in", "used", "published")])
    slanted(ax)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    legend_above(ax, columns=3, title=say("width", lang))
    return ax


def _node(ax: Axes, x: int, y: float, text: str) -> None:
    """A dot with its name: to the left, above (in the middle there are lines on both sides)."""
    ax.plot(x, y, "o", color=COLORS["prior"], markersize=4, zorder=3)
    shift, ha, va = (((-7, 0), "right", "center"), ((0, 5), "center", "bottom"),
                     ((7, 0), "left", "center"))[x]  # fmt: skip
    ax.annotate(
        text, (x, y), shift, textcoords="offset points", ha=ha, va=va, zorder=4,
        fontsize="x-small" if narrow(ax) else None, linespacing=1.0,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.9, "pad": 0.5},
    )  # fmt: skip


@figure
def plot_provenance(
    assessment: Assessment, *, part: str = "supplied", ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """Chance that each source supplied each published field of the first plaintiff.

    Fields from top to bottom, sources from left to right.

    Parameters
    ----------
    part : {"supplied", "sole"}
        Supplied the field (both sources of a chain may have), or was its only supplier.

    Raises
    ------
    InputError
        If there is no such part, or no published field.

    Examples
    --------
    >>> from causation import assess
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
    edges = [[k - 0.5 for k in range(n + 1)] for n in (len(a.sources), len(fields))]
    ax.pcolormesh(*edges, values, cmap="cividis", vmin=0, vmax=1, edgecolors="white", linewidth=1)
    for y, row in enumerate(values):
        for x, p in enumerate(row):
            ax.annotate(
                shown(percent(p, a.threshold), lang), (x, y), ha="center", va="center",
                color="black" if p > 0.55 else "white", fontsize="small" if narrow(ax) else None,
            )  # fmt: skip
    columns = [
        fitted(source_label(a.filled, s, lang), width=16 if narrow(ax) else 14, lines=3)
        for s in a.sources
    ]
    ax.set_xticks(range(len(columns)), columns)
    slanted(ax)
    rows_named(ax, [field_label(a.filled, f, lang) for f in fields])
    ax.tick_params(length=0)
    ax.set_title(say(part, lang), loc="left", fontsize="medium")
    return ax


@figure
def plot_timeline(assessment: Assessment, *, ax: Axes | None = None, lang: str = "en") -> Axes:
    """When the data of every victim were published, and when the published values were true.

    A row for each victim or group with the day of its publication (a month or a year is a line),
    and a bar for each dated field; an end that is not known is open and fades out at the edge.

    Raises
    ------
    InputError
        If the case states no date.

    Examples
    --------
    >>> from causation import assess, load_case
    >>> case = load_case("bic-2025-doxxing").replace(
    ...     {"victims.plaintiff.dates": {"phone": {"since": "2021-11"}}}
    ... )
    >>> [t.get_text() for t in plot_timeline(assess(case)).get_yticklabels()]
    ['Plaintiff', 'Plaintiff: phone number', 'Five further users']
    """
    rows = _spans(assessment, lang)
    if not rows:
        raise InputError("the case states no date: neither incident_date, posted nor dates")
    ax = axes(ax, width=8.0, height=1.3 + 0.4 * len(rows))
    lo, hi = _reach([span for _, span in rows])
    labels = {key: say(key, lang) for key in ("posted", "was_true")}
    for y, (_, span) in enumerate(rows):
        if isinstance(span, tuple):
            first, last = _days(span)
            ax.plot([first, last], [y, y], color=COLORS["standard"], linewidth=3)
            ax.plot([0.5 * (first + last)], [y], "D", color=COLORS["standard"],
                    label=labels.pop("posted", None))  # fmt: skip
            continue
        since = _days(span.since) if span.since else [lo, lo]
        until = _days(span.until) if span.until else [hi, hi]
        ax.plot([since[0], until[1]], [y, y], color=COLORS["range"], linewidth=3, alpha=0.5)
        ax.plot([since[1], until[0]], [y, y], color=COLORS["proposition"], linewidth=7,
                label=labels.pop("was_true", None), solid_capstyle="butt")  # fmt: skip
    rows_named(ax, [name for name, _ in rows], width=36, lines=2)
    ax.set(xlim=(lo, hi))
    locator = AutoDateLocator(minticks=2, maxticks=3 if narrow(ax) else 6)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    forms = ["%Y", "%Y-%m", *["%Y-%m-%d"] * 4]  # with its year, and the same in every language
    formatter = ConciseDateFormatter(  # type: ignore[no-untyped-call]
        locator, formats=forms, zero_formats=forms, show_offset=False
    )
    ax.xaxis.set_major_formatter(formatter)
    legend_above(ax, columns=2)
    return ax


def _spans(a: Assessment, lang: str) -> list[tuple[str, tuple[date, date] | Window]]:
    """Label and time of every row."""
    rows: list[tuple[str, tuple[date, date] | Window]] = []
    separator = "：" if lang == "zh" else ": "
    for g in a.filled.all_groups:
        name = group_label(a.filled, g.id, lang)
        if g.posted is not None:
            rows.append((name, g.posted))
        rows += [
            (f"{name}{separator}{field_label(a.filled, f, lang)}", w) for f, w in g.dates.items()
        ]
    return rows


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
