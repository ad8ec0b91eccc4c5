"""How the figures look: colours, fonts and axes, without touching matplotlib's settings.

Nothing here changes ``rcParams`` beyond a ``with`` block. Text is set in the typeface of the
reports: Report Sans, which the package ships, and Noto Sans SC for Chinese characters only.
"""

from __future__ import annotations

import contextlib
import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.font_manager import FontEntry, fontManager
from matplotlib.text import Text

from causation.case.library import data_path
from causation.dossier.digits import stated
from causation.errors import InputError
from causation.plots.text import say, shown

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

__all__ = [
    "COLORS",
    "SERIES",
    "axes",
    "draw_standard",
    "dress",
    "families",
    "fitted",
    "legend_above",
    "narrow",
    "own_settings",
    "percent_axis",
    "slanted",
]

COLORS = {
    "proposition": "#0072B2",
    "other": "#8a8a8a",
    "standard": "#D55E00",
    "prior": "#000000",
    "against": "#B97A00",
    "range": "#2E8BC0",
    "muted": "#5f5f5f",
    "grid": "#dddddd",
}
"""By what a colour stands for: Okabe and Ito's palette, light ones darkened to 3 : 1."""

SERIES = ("#0072B2", "#D55E00", "#009E73", "#C0609B", "#8A6D00", "#3D9BD1", "#000000")
"""For lines that only have to differ."""

_FIRST_CJK = 0x2E80


@contextlib.contextmanager
def own_settings() -> Iterator[None]:
    """Draw as if there were no ``matplotlibrc`` of the user."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams["svg.hashsalt"] = "causation"  # the same ids in every file
        yield


def axes(ax: Axes | None, *, width: float = 6.4, height: float = 3.6) -> Axes:
    """Return the axes to draw on: those given, or new ones in inches."""
    if ax is not None:
        return ax
    from matplotlib import pyplot as plt

    _, made = plt.subplots(figsize=(width, height), layout="constrained")
    return made


def families(text: str) -> list[str]:
    """Typefaces for a text, the first that has a character wins; Chinese only where it is needed.

    Raises
    ------
    InputError
        If there is Chinese text and no font for it.
    """
    for style, weight in (("Regular", 400), ("Bold", 700)):
        _make_known(data_path("fonts", f"ReportSans-{style}.ttf"), "Report Sans", weight)
    if all(ord(c) < _FIRST_CJK for c in text):
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


def dress(ax: Axes, *also: Artist) -> Axes:
    """Finish a plot: quiet spines, and a font that has every character of every text."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)
    for artist in (ax, *also):
        for text in artist.findobj(Text):
            text.set_fontfamily(families(text.get_text()))
    return ax


def percent_axis(axis: Axis, lang: str) -> None:
    """Write the ticks of an axis of probabilities in per cent, as the text does."""
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
    """Whether a figure is less than 5.5 inches wide: one column of a page."""
    box = ax.figure.get_window_extent()
    return bool(box.width / ax.figure.dpi < 5.5)


def slanted(ax: Axes) -> None:
    """Set the names below the axes at a slant where they would run into each other."""
    if narrow(ax):
        ax.tick_params("x", rotation=30)
        for label in ax.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")


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
    )


def fitted(label: str, *, width: int = 34, lines: int = 3) -> str:
    r"""Break a label from a case file into lines, cut it, and take it literally.

    Parameters
    ----------
    label : str
    width : int
        Columns of a line; a Chinese character takes two.
    lines : int

    Returns
    -------
    str
        A dollar sign does not start a formula.

    Examples
    --------
    >>> fitted("A label that is somewhat longer than a line")
    'A label that is somewhat longer\nthan a line'
    >>> fitted("已泄露数据库（社工库）", width=14)
    '已泄露数据库\n（社工库）'
    """
    rows, row, used = [], "", 0
    for piece in _PIECES.findall(" ".join(label.split())):
        size = sum(2 if ord(c) >= _FIRST_CJK else 1 for c in piece)
        if used + size > width and row:
            rows.append(row.rstrip())
            row, used = "", 0
        row, used = row + piece, used + size
    rows.append(row.rstrip())
    if len(rows) > lines:
        rows = [*rows[: lines - 1], rows[lines - 1] + "…"]
    return "\n".join(rows).replace("$", r"\$")


_PIECES = re.compile(
    r"[（“《]*[\u2e80-\uffff][）”》，。；：、]*|[^\s\u2e80-\uffff“《]{1,24}[”》]?\s?|\s|[“《]"
)
"""What a line is broken between: words (cut where endless), and Chinese characters.

Punctuation stays with what it belongs to.
"""
