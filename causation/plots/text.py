"""What stands on the figures, in English and Chinese, and in which colours."""

from __future__ import annotations

import re

from causation.dossier.labels import speaker

_say = speaker("plots")

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

FIRST_CJK = 0x2E80


def say(key: str, lang: str, /, **values: object) -> str:
    """Return a text of the figures with its values filled in."""
    return shown(_say(key, lang, **values), lang)


def shown(number: str, lang: str) -> str:
    """Set digits as the language does: the sign of per cent close in Chinese, a true minus.

    Examples
    --------
    >>> shown("79.7 %", "zh"), shown("-1.20", "en")
    ('79.7%', '−1.20')
    """
    text = number if lang == "en" else number.replace(" %", "%")
    return "−" + text[1:] if text.startswith("-") else text


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
    return cut(label, width=width, lines=lines).replace("$", r"\$")


def cut(label: str, *, width: int = 34, lines: int = 3) -> str:
    """Break a label into lines and cut it, for what knows no formulas; see `fitted`."""
    rows, row, used = [], "", 0
    for piece in _PIECES.findall(" ".join(label.split())):
        size = sum(2 if ord(c) >= FIRST_CJK else 1 for c in piece)
        if used + size > width and row:
            rows.append(row.rstrip())
            row, used = "", 0
        row, used = row + piece, used + size
    rows.append(row.rstrip())
    if len(rows) > lines:
        rows = [*rows[: lines - 1], rows[lines - 1] + "…"]
    return "\n".join(rows)


_PIECES = re.compile(
    r"[（“《]*[\u2e80-\uffff][）”》，。；：、]*"
    r"|[\d.]+ %\s?|[“《]?[^\s\u2e80-\uffff“《]{1,24}[”》]?\s?|\s|[“《]"
)
"""What a line is broken between: words (cut where endless), and Chinese characters.

Punctuation stays with what it belongs to.
"""
