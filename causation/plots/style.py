"""How the figures look: colours, fonts and axes, without touching matplotlib's settings.

Nothing here changes ``rcParams`` beyond a ``with`` block. Text is set in the typeface of the
reports: Report Sans, which the package ships, and Noto Sans SC for Chinese characters only.
"""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import io
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.font_manager import FontEntry, fontManager, get_font
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from causation.document.shipped import data_path
from causation.dossier.digits import stated
from causation.dossier.labels import check_language
from causation.errors import InputError
from causation.plots.text import COLORS, FIRST_CJK, fitted, say, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

SERIES = ("#0072B2", "#D55E00", "#009E73", "#C0609B", "#8A6D00", "#3D9BD1", "#000000")
"""For lines that only have to differ."""

_SETTINGS = threading.RLock()
_PARAMETERS = """ax : matplotlib.axes.Axes, optional
    Where to draw; new axes by default.
lang : {"en", "zh"}

Returns
-------
matplotlib.axes.Axes
"""


def figure[**P](draw: Callable[P, Axes]) -> Callable[P, Axes]:
    """Make a function one that draws a figure: checked first, dressed afterwards, documented.

    What all figures have in common is added to the docstring of each: an assessment to draw, `ax`,
    `lang`, and what is returned.
    """

    @wraps(draw)
    def drawn(*args: P.args, **options: P.kwargs) -> Axes:
        check_language(str(options.get("lang", "en")))
        return dress(draw(*args, **options))

    said = re.split(r"(?m)^(?=(?:Raises|Examples)\n-)", inspect.cleandoc(draw.__doc__ or ""))
    text, _, own = said[0].partition("Parameters\n----------\n")
    first = "assessment : Assessment\n" if "assessment" in draw.__annotations__ else ""
    parts = (text, "Parameters\n----------\n", first, own.rstrip("\n") + "\n" * bool(own.strip()))
    drawn.__doc__ = "".join([*parts, _PARAMETERS, "\n", *said[1:]])
    return drawn


@contextlib.contextmanager
def own_settings() -> Iterator[None]:
    """Draw as if there were no ``matplotlibrc`` of the user, one thread after the other.

    Matplotlib's settings are those of the whole process; they are afterwards what they were.
    """
    with _SETTINGS, mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams["svg.hashsalt"] = "causation"  # the same ids in every file
        yield


def drawn_as(draw: Callable[[], Axes], kind: str) -> bytes:
    """Draw with these settings, as a file of some kind; the same drawing gives the same bytes."""
    from matplotlib import pyplot as plt

    stream, undated = io.BytesIO(), {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
    with own_settings():
        drawing: Any = draw().figure
        drawing.savefig(stream, format=kind, dpi=150, metadata=undated.get(kind))
        plt.close(drawing)
    return stream.getvalue()


def axes(ax: Axes | None, *, width: float = 6.4, height: float = 3.6) -> Axes:
    """Return the axes to draw on: those given, or new ones in inches."""
    if ax is not None:
        return ax
    from matplotlib import pyplot as plt

    _, made = plt.subplots(figsize=(width, height), layout="constrained")
    return made


def families(text: str) -> list[str]:
    """Typefaces for a text, the first that has a character wins; others only where needed.

    To look for a typeface and to lay a text out in several takes longer than in one.

    Raises
    ------
    InputError
        If there is Chinese text and no font for it.
    """
    for style, weight in (("Regular", 400), ("Bold", 700)):
        _make_known(data_path("fonts", f"ReportSans-{style}.ttf"), "Report Sans", weight)
    missing = {ord(c) for c in text if c != "\n"} - _latin()
    if not missing:
        return ["Report Sans"]
    if all(c < FIRST_CJK for c in missing):
        return ["Report Sans", "DejaVu Sans"]
    _make_known(_chinese_font(), "Noto Sans SC", 400)
    return ["Report Sans", "Noto Sans SC", "DejaVu Sans"]


@cache
def _make_known(path: Path, family: str, weight: int) -> None:
    """Make a font file known to matplotlib; reading its names would take longer than a figure."""
    fontManager.ttflist.append(
        FontEntry(fname=str(path), name=family, weight=weight, size="scalable")
    )


@cache
def _latin() -> frozenset[int]:
    """Characters that both weights of Report Sans have."""
    fonts = (data_path("fonts", f"ReportSans-{style}.ttf") for style in ("Regular", "Bold"))
    return frozenset.intersection(*(frozenset(get_font(str(f)).get_charmap()) for f in fonts))


@cache
def _chinese_font() -> Path:
    """File of Noto Sans SC (SIL Open Font License), as the package zhplot ships it."""
    found = importlib.util.find_spec("zhplot")
    folders = found.submodule_search_locations if found else None
    for folder in folders or ():
        path = Path(folder) / "fonts" / "NotoSansSC-Regular.ttf"
        if path.is_file():
            return path
    raise InputError(
        "a figure with Chinese text needs the font Noto Sans SC, which the package zhplot ships "
        "and which was not found; install it with: pip install zhplot"
    )


def dress(ax: Axes) -> Axes:
    """Finish a plot: quiet spines, and a font that has every character of every text."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)
    bars = [mesh.colorbar.ax for mesh in ax.collections if mesh.colorbar is not None]
    for artist in (ax, *bars):
        for text in artist.findobj(Text):
            text.set_fontfamily(families(text.get_text()))
    return ax


def percent_axis(axis: Axis, lang: str) -> None:
    """Write the ticks of an axis of probabilities in per cent, as the text does; few if narrow."""
    if narrow(axis.axes):
        few = 2 if axis is axis.axes.xaxis else 5
        axis.set_major_locator(MaxNLocator(few, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(lambda p, _place: shown(f"{100.0 * p:.4g} %", lang))


def draw_standard(
    ax: Axes, threshold: float, lang: str, *, at: float | None = None, vertical: bool = False
) -> None:
    """Draw the line of the standard of proof; `at` is its place on another scale."""
    place = threshold if at is None else at
    line = ax.axvline if vertical else ax.axhline
    label = say("standard", lang, threshold=shown(stated(threshold), lang))
    line(place, color=COLORS["standard"], linestyle="--", linewidth=1.5, label=label)


def narrow(ax: Axes) -> bool:
    """Whether the axes have less than 5.5 inches with their margins: one column of a page."""
    share = ax.get_position().width / 0.775  # of axes that have a figure for themselves
    return bool(ax.figure.get_window_extent().width / ax.figure.dpi * share < 5.5)


def slanted(ax: Axes) -> None:
    """Set the names below the axes at a slant where they would run into each other."""
    if narrow(ax):
        ax.tick_params("x", rotation=30, labelsize="small")
        for label in ax.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor", linespacing=1.0)


def rows_named(ax: Axes, names: Sequence[str], *, width: int = 34, lines: int = 3) -> None:
    """Name rows from top to bottom on the left; in less room where the figure is narrow."""
    small = narrow(ax)
    if small:
        width, lines = min(width, 22), max(lines, 4)
        ax.tick_params("y", labelsize="small")
    labels = [fitted(name, width=width, lines=lines) for name in names]
    ax.set_yticks(range(len(labels)), labels, linespacing=1.05 if small else 1.2)
    ax.set_ylim(len(labels) - 0.5, -0.5)


def heights(count: int) -> list[float]:
    """Heights of `count` nodes, from top to bottom."""
    return [1.0 - k / (count - 1) for k in range(count)] if count > 1 else [0.5] * count


def note(ax: Axes, row: float, text: str) -> None:
    """Write a value at the right edge of a row."""
    ax.annotate(
        text, (1.0, row), (4, 0), ("axes fraction", "data"), textcoords="offset points",
        va="center", fontsize="small" if narrow(ax) else None,
    )  # fmt: skip


def legend_above(ax: Axes, *, columns: int = 1, title: str | None = None) -> None:
    """Put the legend over the axes, where it hides nothing."""
    _, labels = ax.get_legend_handles_labels()
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=1 if narrow(ax) else min(columns, len(labels)),
        frameon=False,
        title=title,
        alignment="left",
        fontsize="small" if narrow(ax) else None,
    )
