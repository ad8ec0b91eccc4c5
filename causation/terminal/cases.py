"""Cases as the command line names them: a file, the id of a bundled one, or standard input."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from causation.case.notices import future_notice
from causation.errors import CaseError
from causation.terminal.layout import echo

if TYPE_CHECKING:
    from rich.console import RenderableType

    from causation.case.filled import Notice
    from causation.case.schema import Case


def given_case(name: str) -> Case:
    """Return the case of an argument; ``-`` is standard input.

    Raises
    ------
    CaseError
        If it cannot be read.
    """
    content, file = _content(name)
    return _parsed(content, file)


def complete_case(name: str, *, lang: str) -> Case:
    """Return the case of an argument, with no placeholder of the starter left in it.

    Of a publication in the future it warns, beside what a command prints.

    Raises
    ------
    CaseError
        If it cannot be read, or a text is still a placeholder.
    """
    content, file = _content(name)
    _refuse_placeholders(content, file)
    case = _parsed(content, file)
    for notice in in_future(case):
        echo(f"causation: {notice.text[lang]}", error=True)
    return case


def in_future(case: Case) -> list[Notice]:
    """Return the notice of a publication after today, if there is one."""
    found = future_notice(case, dt.datetime.now().astimezone().date())
    return [] if found is None else [found]


def _content(name: str) -> tuple[bytes, str]:
    from causation.case.library import case_file
    from causation.document.reading import MAX_BYTES, read_file, shown_file

    if name == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>"
    path = case_file(name)
    return read_file(path), shown_file(path)


def _parsed(content: bytes, file: str) -> Case:
    from causation.case import parse_case

    try:
        return parse_case(content, file=file)
    except CaseError:
        _refuse_placeholders(content, file)  # one that stands where no text does says more
        raise


def _refuse_placeholders(content: bytes, file: str) -> None:
    from causation.case.writing import refuse_placeholders
    from causation.document.reading import read_document

    if b"<" in content:
        refuse_placeholders(read_document(content, file=file).tree, file=file)


def print_bundled(lang: str, names: Sequence[str] | None = None) -> None:
    """List cases, the bundled ones by default."""
    from causation.case import bundled_cases, fill
    from causation.dossier.labels import case_title, proposition_label
    from causation.terminal.layout import print_table, say

    rows = []
    for name in names or bundled_cases():
        filled = fill(given_case(name))
        rows.append((filled.case.id, proposition_label(filled, lang), case_title(filled, lang)))
    print_table([("id", "l"), (say("proposition", lang), "l"), (say("title", lang), "l")], rows)


def print_court(lang: str, names: Sequence[str] | None = None) -> None:
    """Assess cases under every prior set and reading, beside what was decided."""
    from rich.padding import Padding

    from causation.terminal.layout import Text, console, section, table
    from causation.validation.court_tables import say, tables
    from causation.validation.real_cases import court_report

    report = court_report([given_case(name) for name in names] if names else None)
    for name, (heads, rows, numbers, shared) in tables(report, lang).items():
        parts: list[RenderableType] = []
        for about in dict.fromkeys(row[:shared] for row in rows):
            cells = zip(heads[:shared], about, strict=True)
            if shared:
                parts.append(Text(" · ".join(c if h == heads[0] else f"{h} {c}" for h, c in cells)))
            columns = range(shared, len(heads))
            made = table(*((heads[i], "r" if i in numbers else "l") for i in columns))
            for row in rows:
                if row[:shared] == about:
                    made.add_row(*row[shared:])
            parts.append(Padding(made, (0, 0, 1, 2)) if shared else made)
        console().print(section(say(name, lang), *parts))
    console().print(Text(say("note", lang)))
