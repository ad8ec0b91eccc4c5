"""Tables, sections and safe text on a console."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import IO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

__all__ = ["bar", "console", "plain", "print_table", "section", "table"]

_WIDTH = 80
"""Columns of what is written to a file or a pipe."""
_WIDEST = 110
"""Columns beyond which lines are hard to read."""


def plain(text: str, limit: int = 400) -> str:
    r"""Text from a file, made safe for a terminal: no control or direction-changing characters.

    Examples
    --------
    >>> plain("a\x1b[31mb")
    'a·[31mb'
    """
    kept = "".join("·" if unicodedata.category(c).startswith("C") else c for c in text)
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def table(*columns: tuple[str, str]) -> Table:
    """Make a table of (heading, "l" or "r"); what is too long for a column goes on in new lines."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name, justify in columns:
        made.add_column(name, justify="right" if justify == "r" else "left", overflow="fold")
    return made


def section(title: str, *body: RenderableType) -> RenderableType:
    """Put a title over indented parts, and a line below."""
    return Group(Text(title, style="bold"), *(Padding(b, (0, 0, 0, 2)) for b in body), Text(""))


def bar(length: float, size: int, *, style: str = "cyan") -> Text:
    """Draw a bar of a share of `size` characters."""
    filled = round(size * min(max(length, 0.0), 1.0))
    return Text("█" * filled, style=style) + Text("·" * (size - filled), style="dim")


class _Console(Console):
    """A console that leaves a broken pipe to the caller."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(file: IO[str] | None = None) -> Console:
    """Make a console of a readable width: that of the terminal, or 80 columns elsewhere."""
    made = _Console(file=file, highlight=False)
    width = min(made.width, _WIDEST) if made.is_terminal else _WIDTH
    return _Console(file=file, highlight=False, width=width)


def print_table(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str | Text]]) -> None:
    """Print a plain table; `columns` are (heading, "l" or "r")."""
    made = table(*columns)
    for row in rows:
        made.add_row(*(Text(plain(c)) if isinstance(c, str) else c for c in row))
    console().print(made)
