"""A table of victims as a case file, with what is to be stated next."""

from __future__ import annotations

import re
from pathlib import Path

from causation.case.building import build_case
from causation.case.filling import fill
from causation.case.tables import Table, read_victims
from causation.case.writing import dump_case
from causation.document.checking import IDENTIFIER
from causation.document.reading import shown_file
from causation.terminal.layout import say


def import_table(
    file: Path, *, sheet: str | None, proposition: str | None, lang: str
) -> tuple[str, Table]:
    """Read a table of victims and write it as a case; the text of its file, and the table.

    Raises
    ------
    InputError
        If the table cannot be read.
    CaseError
        If what it states contradicts itself, by the row.
    """
    table = read_victims(file, sheet=sheet)
    name = file.stem if re.fullmatch(IDENTIFIER, file.stem) else "victims"
    people = sum(group.get("count", 1) for group in table.groups)
    title = {key: say("import_title", key, n=people) for key in ("en", "zh")}
    case = build_case(name, victims=table, proposition=proposition, title=title)
    lines = [say("import_head", lang, file=shown_file(file.name)), say("import_ask", lang)]
    lines += [f"- {notice.text[lang]}" for notice in fill(case).notices]
    return "".join(f"# {line}\n" for line in lines) + dump_case(case), table
