"""How the figures look: colours, fonts and axes, without touching matplotlib's settings.

Nothing here changes ``rcParams`` beyond a ``with`` block. Text in Chinese is set in Noto Sans SC by
its file, text by text, so that no font has to be installed or registered.
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
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from causation.errors import InputError
from causation.plots.text import say

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

__all__ = [
    "COLORS",
    "SERIES",
    "axes",
    "draw_standard",
    "dress",
    "fitted",
    "legend_above",
    "own_settings",
]

COLORS = {
    "proposition": "#0072B2",
    "other": "#9a9a9a",
    "standard": "#D55E00",
    "prior": "#000000",
    "against": "#E69F00",
    "range": "#56B4E9",
    "muted": "#5f5f5f",
    "grid": "#dddddd",
}
"""Okabe and Ito's palette by what a colour stands for (and three greys)."""

SERIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's palette for lines that only have to differ."""

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
            _cover(text)
    return ax


def _cover(text: Text) -> None:
    if not any(ord(c) >= _FIRST_CJK for c in text.get_text()):
        return
    font = FontProperties(fname=_chinese_font(), size=text.get_fontsize())
    text.set_fontproperties(font)


def draw_standard(
    ax: Axes, threshold: float, lang: str, *, at: float | None = None, vertical: bool = False
) -> None:
    """Draw the line of the standard of proof; `at` is its place on another scale."""
    place = threshold if at is None else at
    line = ax.axvline if vertical else ax.axhline
    label = say("standard", lang, threshold=threshold)
    line(place, color=COLORS["standard"], linestyle="--", linewidth=1.5, label=label)


def legend_above(ax: Axes, *, columns: int = 1, title: str | None = None) -> None:
    """Put the legend over the axes, where it hides nothing."""
    _, labels = ax.get_legend_handles_labels()
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=min(columns, len(labels)),
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
