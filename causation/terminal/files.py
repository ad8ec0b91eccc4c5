"""Commands about case files: begin, convert, import, list, check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from causation.errors import InputError
from causation.terminal.cases import given_case, in_future
from causation.terminal.failures import (
    error_text,
    fail,
)
from causation.terminal.layout import echo, print_json, say
from causation.terminal.options import In, Overwrite, app, arg, flag, opt, out
from causation.terminal.targets import is_stdout, target


@app.command()
def new(
    file: Annotated[Path, arg("Where to write the case file, or -.")],
    lang: In = "en",
    blank: Annotated[bool, flag("blank", "Without the explanations.")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Write a starter case to fill in."""
    from causation.case import starter_case
    from causation.output import write_whole

    with target(file, usual=".yaml", lang=lang, overwrite=overwrite) as place:
        write_whole(place, starter_case(lang, blank=blank))
    if not is_stdout(file):
        echo(say("new_next", lang, file=file))


@app.command()
def convert(
    old: Annotated[Path, arg("A case file of the first edition.")],
    file: Annotated[Path, arg("Where to write the new one, or -.", metavar="NEW")],
    lang: In = "en",
    overwrite: Overwrite = False,
) -> None:
    """Rewrite a case file of the first edition; name what is lost."""
    from causation.case import convert_case
    from causation.document.reading import read_file
    from causation.output import write_whole

    with target(file, usual=".yaml", lang=lang, read=[old], overwrite=overwrite) as place:
        result = convert_case(read_file(old), file=str(old))
        write_whole(place, result.text)
    lines = [notice.text[lang] for notice in result.left_out]
    echo(*lines, say("not_carried", lang, n=len(lines)), error=is_stdout(file))


@app.command("import")
def import_(
    file: Annotated[Path, arg("A table of victims: xlsx, csv or tsv.")],
    output: Annotated[Path | None, out("Case file to write, or -.")] = None,
    sheet: Annotated[str | None, opt("Sheet of the workbook.")] = None,
    proposition: Annotated[str | None, opt("The custodian to prove.")] = None,
    template: Annotated[bool, flag("template", "Write FILE as an empty table instead.")] = False,
    lang: In = "en",
    overwrite: Overwrite = False,
) -> None:
    """Make a case file of a table of victims."""
    from causation.case import victims_template
    from causation.output import write_whole
    from causation.terminal.importing import import_table

    if template:
        with target(file, usual=".csv", lang=lang, overwrite=overwrite) as place:
            write_whole(place, victims_template(lang, suffix=place.suffix.lower()))
        return
    if output is None:
        raise InputError("name the case file to write: -o CASE.yaml")
    with target(output, usual=".yaml", lang=lang, read=[file], overwrite=overwrite) as place:
        text, table = import_table(file, sheet=sheet, proposition=proposition, lang=lang)
        write_whole(place, text)
    rows = sum(map(len, table.rows))
    lines = [notice.text[lang] for notice in table.left_out]
    lines.append(say("import_next", lang, rows=rows, groups=len(table.groups), file=output))
    echo(*lines, error=is_stdout(output))


@app.command()
def cases(
    files: Annotated[
        list[str] | None, arg("Case files or ids; the bundled ones by default.")
    ] = None,
    court: Annotated[bool, flag("court", "Beside what the court found, by prior set.")] = False,
    lang: In = "en",
) -> None:
    """List the bundled cases."""
    from causation.terminal.cases import print_bundled, print_court

    (print_court if court else print_bundled)(lang, files)


@app.command()
def validate(
    files: Annotated[list[str], arg("Case files, ids of bundled cases, or -.", metavar="FILE...")],
    lang: In = "en",
) -> None:
    """Check case files, and print what they bring to notice."""
    from causation.case import fill

    wrong = 0
    for name in files:
        try:
            filled = fill(given_case(name))
        except InputError as error:
            wrong = fail(error_text(error, lang), 2)
            continue
        notices = (*filled.notices, *in_future(filled.case))
        sizes = {
            "sources": filled.sources, "groups": filled.all_groups,
            "findings": filled.all_findings, "notices": notices,
        }  # fmt: skip
        echo(say("valid", lang, name=name, **{key: len(x) for key, x in sizes.items()}))
        echo(*(f"  · {notice.text[lang]}" for notice in notices))
    if wrong:
        raise typer.Exit(wrong)


@app.command()
def schema() -> None:
    """Print the JSON Schema of case files, for editors."""
    from causation.case import case_json_schema

    print_json(case_json_schema())
