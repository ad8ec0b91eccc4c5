"""The edge: all that is shown on a terminal goes through here and is made printable here.

A text of a case file, of a report's manifest or of an argument may hold anything, control
sequences included. Nothing else in this room writes to a console.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import rich.text
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.containers import Lines
from rich.padding import Padding
from rich.table import Table

from causation.dossier.labels import speaker
from causation.output import printable
from causation.terminal.wrapping import breaks, is_chinese

say = speaker("terminal")
"""Says the texts of ``data/words/terminal.yaml``."""
_WIDTH = 80
"""Columns of what is written to a file or a pipe."""
_WIDEST = 110
"""Columns beyond which lines are hard to read."""
_CELL = 400
"""Most characters in a cell of a table."""
_NAMES, _COLUMN = 12, 13
"""Least width of the names of rows, and of a column beside them."""
_JOINED = re.compile(r"(?<=\d) (?=%|\d{3}(?!\d))")
"""A space inside a number, where no line ends."""
_JOINT = "\ue000"
_RAW = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What JSON need not escape and a terminal may obey."""


class Text(rich.text.Text):
    """A text that is printable whatever it is made from."""

    def __init__(self, text: str = "", style: str = "", **options: Any) -> None:
        super().__init__(printable(text), style, **options)

    def append(self, text: Any, style: Any = None) -> Text:
        """Add a text at the end."""
        super().append(printable(text) if isinstance(text, str) else text, style)
        return self

    def wrap(self, console: Console, width: int, *, justify: Any = None, **options: Any) -> Lines:
        """Break into lines, Chinese between its characters, none inside a number."""
        if not is_chinese(self.plain):
            whole = self.copy()
            whole.plain = _JOINED.sub(_JOINT, self.plain)
            lines = whole.wrap(console, width, justify=justify, **options)
            for line in lines:
                line.plain = line.plain.replace(_JOINT, " ")
            return lines
        lines = self.divide(breaks(self.plain, width))
        for line in lines:
            line.rstrip()
        if justify := justify or self.justify:
            lines.justify(console, width, justify=justify, overflow="fold")
        return lines


class Columns:
    """A table whose columns are as many at a time as fit; the rest follow below.

    Parameters
    ----------
    first : str
        Heading of the names of the rows.
    columns : sequence of str
        The other headings.
    rows : sequence of (str, sequence of str)
        Name and cells of every row.
    """

    def __init__(
        self, first: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]
    ) -> None:
        self.first, self.columns, self.rows = first, columns, rows

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        at_once = max(1, (options.max_width - _NAMES) // _COLUMN)
        for start in range(0, len(self.columns), at_once):
            chosen = slice(start, start + at_once)
            made = table((self.first, "l"), *((name, "r") for name in self.columns[chosen]))
            for label, cells in self.rows:
                made.add_row(label, *cells[chosen])
            yield made


class _Table(Table):
    def add_row(self, *cells: Any, **options: Any) -> None:
        """Add a row; its texts are cut where they would fill the screen."""
        made = [Text(printable(c, longest=_CELL)) if isinstance(c, str) else c for c in cells]
        for text in made:
            if isinstance(text, rich.text.Text):
                text.truncate(_CELL, overflow="ellipsis")
        super().add_row(*made, **options)


def table(*columns: tuple[str, str]) -> Table:
    """Make a table of (heading, "l" or "r"); what is too long for a column goes on in new lines."""
    made = _Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name, justify in columns:
        made.add_column(
            Text(printable(name, longest=_CELL)),
            justify="right" if justify == "r" else "left",
            overflow="fold",
        )
    return made


def worded(lang: str, *keys: str, rows: Iterable[Sequence[Any]]) -> Table:
    """Make a table whose headings are words by their keys, those after a ``>`` to the right."""
    made = table(
        *((k and say(k.removeprefix(">"), lang), "r" if k[:1] == ">" else "l") for k in keys)
    )
    for row in rows:
        made.add_row(*(closed(c, lang) if isinstance(c, str) else c for c in row))
    return made


def closed(cell: str, lang: str) -> str:
    """Set the sign of per cent as the language does."""
    return cell.replace(" %", "%") if lang == "zh" else cell


def section(title: str, *body: RenderableType) -> RenderableType:
    """Put a title over indented parts, and a line below."""
    return Group(Text(title, style="bold"), *(Padding(b, (0, 0, 0, 2)) for b in body), Text(""))


def bar(length: float, size: int) -> RenderableType:
    """Draw a bar of a share of `size` characters."""
    filled = round(size * min(max(length, 0.0), 1.0))
    return rich.text.Text("█" * filled, style="cyan") + rich.text.Text(
        "·" * (size - filled), style="dim"
    )


class _Console(Console):
    """A console that leaves a broken pipe to the caller, and lines to the texts themselves."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print each on lines of its own; what rich puts together it would break itself."""
        super().print(Group(*objects), **options)

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(file: IO[str] | None = None) -> Console:
    """Make a console of a readable width: that of the terminal, or 80 columns elsewhere."""
    made = _Console(file=file, highlight=False)
    width = min(made.width, _WIDEST) if made.is_terminal else _WIDTH
    return _Console(file=file, highlight=False, width=width)


def print_table(
    columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str | rich.text.Text]]
) -> None:
    """Print a plain table; `columns` are (heading, "l" or "r")."""
    made = table(*columns)
    for row in rows:
        made.add_row(*row)
    console().print(made)


def echo(*lines: str, error: bool = False) -> None:
    """Print lines as they are, but for what a terminal would obey."""
    stream = sys.stderr if error else sys.stdout
    for line in lines:
        stream.write(f"{printable(line)}\n")


def ask(question: str) -> str:
    """Ask for a line.

    Raises
    ------
    EOFError
        If there is no more to read.
    """
    answer = input(f"{printable(question)}: ")
    if not sys.stdin.isatty():  # what is not typed does not end the line
        sys.stdout.write("\n")
    return answer.strip()


def print_json(value: Any) -> None:
    """Print one object; what the encoding of the output lacks, or a terminal obeys, is escaped."""
    whole = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, ensure_ascii=not whole, indent=2, allow_nan=False)
    sys.stdout.write(_RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")
