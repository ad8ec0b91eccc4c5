"""The command line: each command reads its arguments, calls one function, prints the result."""

from __future__ import annotations

import io
import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from causation.errors import CausationError, InputError
from causation.terminal.cases import complete_case, given_case
from causation.terminal.drawing import Picture, draw_to_file
from causation.terminal.failures import fail, our_failure, usage_message
from causation.version import VERSION

__all__ = ["app", "main"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Through which source did personal data leak, how sure can a court be, and why.",
)


class Engine(StrEnum):
    """How the posterior is computed."""

    INTEGRATE = "integrate"
    MCMC = "mcmc"


class Language(StrEnum):
    """Language of labels and reports."""

    EN = "en"
    ZH = "zh"


CaseArgument = Annotated[
    str, typer.Argument(help="A case file, the id of a bundled case, or - (standard input).")
]
PriorsOption = Annotated[
    str | None, typer.Option(help="Prior set: neutral, claimant, respondent, or a file.")
]
StandardOption = Annotated[
    str | None, typer.Option(help="Standard of proof: an id, or a number in (0, 1).")
]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of the random numbers.", min=0)]
LangOption = Annotated[Language, typer.Option(help="Language.")]
OutputOption = Annotated[Path, typer.Option("-o", "--output", help="Where to write the result.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
DEFAULT_SEED = 20250723


def _version(value: bool) -> None:  # noqa: FBT001
    if value:
        typer.echo(VERSION)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="Where to write the case file.")],
    lang: LangOption = Language.EN,
    overwrite: OverwriteOption = False,
) -> None:
    """Write a commented starter case."""
    from causation.case import starter_case
    from causation.output import check_writable, write_whole

    write_whole(check_writable(file, overwrite=overwrite), starter_case(lang.value))
    typer.echo(f"{file} written; fill it in, then: causation assess {file}")


@app.command()
def convert(
    old: Annotated[Path, typer.Argument(help="A case file of the first edition.")],
    file: Annotated[Path, typer.Argument(metavar="NEW", help="Where to write the new one.")],
    lang: LangOption = Language.EN,
    overwrite: OverwriteOption = False,
) -> None:
    """Write a case file of the first edition as one of the second; name what is lost."""
    from causation.case import convert_case
    from causation.document.reading import read_file
    from causation.output import check_writable, write_whole
    from causation.terminal.layout import plain

    target = check_writable(file, read=[old], overwrite=overwrite)
    result = convert_case(read_file(old), file=str(old))
    write_whole(target, result.text)
    for notice in result.left_out:
        typer.echo(plain(notice.text[lang.value], 2000))
    typer.echo(f"{file} written; {len(result.left_out)} things could not be carried over")


@app.command()
def cases(
    court: Annotated[
        bool,
        typer.Option(help="Assess each under every prior set, beside what the court found."),
    ] = False,
) -> None:
    """List the bundled cases."""
    from causation.case import bundled_cases, fill, load_case
    from causation.terminal.layout import print_table

    if court:
        from causation.validation.real_cases import as_markdown, outcome_table

        typer.echo(as_markdown(outcome_table()), nl=False)
        return

    rows = []
    for name in bundled_cases():
        filled = fill(load_case(name))
        titles = (filled.title["en"], filled.title["zh"])
        rows.append((name, " or ".join(filled.proposition.sources), *titles))
    print_table([("id", "l"), ("proposition", "l"), ("title", "l"), ("", "l")], rows)


@app.command()
def validate(
    files: Annotated[
        list[str], typer.Argument(help="Case files, ids of bundled cases, or - (standard input).")
    ],
) -> None:
    """Check case files and nothing else; all of them are checked."""
    from causation.case import fill
    from causation.terminal.layout import plain

    wrong = 0
    for name in files:
        try:
            filled = fill(given_case(name))
        except InputError as error:
            wrong = fail(str(error), 2)
            continue
        typer.echo(
            f"{plain(name)}: valid; {len(filled.sources)} sources, {len(filled.all_groups)} victim "
            f"groups, {len(filled.all_findings)} findings, {len(filled.notices)} notices"
        )
    if wrong:
        raise typer.Exit(wrong)


@app.command()
def schema() -> None:
    """Print the JSON Schema of case files, for editors."""
    from causation.case import case_json_schema

    _print_json(case_json_schema())


@app.command()
def assess(
    case: CaseArgument,
    priors: Annotated[
        list[str] | None,
        typer.Option(help="Prior set, or several side by side (repeat, or separate by commas)."),
    ] = None,
    standard: StandardOption = None,
    engine: Annotated[Engine, typer.Option(help="How to compute.")] = Engine.INTEGRATE,
    seed: SeedOption = DEFAULT_SEED,
    lang: LangOption = Language.EN,
    as_json: JsonOption = False,
) -> None:
    """Assess a case: posterior, likelihood ratios, standard of proof, and what they rest on."""
    from causation.dossier.assessment import assess as run

    sets: list[str | None] = [p for item in priors or () for p in item.split(",") if p]
    read = complete_case(case)
    results = [
        run(read, priors=p, standard=_standard(standard), engine=engine.value, random_seed=seed)
        for p in sets or [None]
    ]
    if as_json:
        dicts = {r.filled.priors.id: r.to_dict() for r in results}
        value: Any = dicts if len(sets) > 1 else results[0].to_dict()
        _print_json(value)
        return
    from causation.terminal.printing import print_assessments

    print_assessments(results, lang=lang.value)


def _print_json(value: Any) -> None:
    """Print one object; what the encoding of the output lacks is escaped."""
    whole = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    typer.echo(json.dumps(value, ensure_ascii=not whole, indent=2, allow_nan=False))


def _standard(value: str | None) -> str | float | None:
    if value is None:
        return None
    try:
        return float(value)
    except ValueError:
        return value


@app.command()
def plot(
    case: CaseArgument,
    what: Annotated[Picture, typer.Argument(help="The figure.")],
    output: OutputOption,
    lang: LangOption = Language.EN,
    priors: PriorsOption = None,
    standard: StandardOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Draw one figure of an assessment as png, pdf or svg."""
    from causation.dossier.assessment import assess as run
    from causation.output import check_writable

    check_writable(output, read=[case], overwrite=overwrite)
    result = run(complete_case(case), priors=priors, standard=_standard(standard))
    typer.echo(f"{draw_to_file(result, what, output, lang=lang.value)} written")


@app.command()
def sweep(
    cases: Annotated[
        list[str], typer.Argument(metavar="CASE...", help="Files or ids; crossed with every axis.")
    ],
    output: OutputOption,
    vary: Annotated[
        list[str] | None,
        typer.Option(help="PATH=GRID, repeatable; GRID: lo:hi:n, log:lo:hi:n, a,b or [a,b],[c,d]."),
    ] = None,
    zipped: Annotated[bool, typer.Option("--zip", help="Vary all paths together.")] = False,
    priors: Annotated[
        str | None, typer.Option(help="Prior sets, separated by commas: crossed too.")
    ] = None,
    standard: Annotated[
        str | None, typer.Option(help="Standards of proof, separated by commas: crossed too.")
    ] = None,
    variables: Annotated[
        str | None, typer.Option(help="What to compute, separated by commas.")
    ] = None,
    bound: Annotated[
        float | None, typer.Option(help="log10 of the largest ratio that counts; inf for none.")
    ] = None,
    gaps: Annotated[bool, typer.Option("--gaps", help="Leave impossible scenarios empty.")] = False,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler.")] = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Compute a grid of scenarios and write it as csv, parquet, nc or zarr."""
    from causation.sweeping import sweep_to_file
    from causation.sweeping.sweep import DEFAULT
    from causation.terminal.progress import progress_bar

    with progress_bar("sweep") as progress:
        written = sweep_to_file(
            given_case(cases[0]) if len(cases) == 1 else [given_case(c) for c in cases],
            vary,
            output,
            zipped=zipped,
            priors=priors,
            standard=_standard(standard),
            variables=DEFAULT if variables is None else variables.replace(" ", "").split(","),
            bound=bound,
            gaps=gaps,
            cluster=cluster,
            overwrite=overwrite,
            progress=progress,
        )
    typer.echo(f"{written} written")


@app.command()
def report(
    case: CaseArgument,
    output: Annotated[
        list[Path],
        typer.Option("-o", "--output", help="File to write; may be given several times."),
    ],
    lang: LangOption = Language.EN,
    priors: PriorsOption = None,
    standard: StandardOption = None,
    identify: Annotated[
        bool, typer.Option(help="Name persons as the case file does; by default pseudonyms.")
    ] = False,
    overwrite: OverwriteOption = False,
) -> None:
    """Write the expert report as html, pdf, docx or md."""
    from causation.output import check_writable
    from causation.report import write_reports

    for path in output:
        check_writable(path, read=[case], overwrite=overwrite)
    written = write_reports(
        complete_case(case),
        output,
        lang=lang.value,
        priors=priors,
        standard=_standard(standard),
        identify=identify,
    )
    for path in written:
        typer.echo(f"{path} written")


@app.command()
def inquire(
    case: CaseArgument,
    priors: PriorsOption = None,
    standard: StandardOption = None,
    lang: LangOption = Language.EN,
    as_json: JsonOption = False,
) -> None:
    """Rank further evidence by how much it would change the conclusion."""
    from causation.analyses.inquiry import inquire as run

    result = run(given_case(case), priors=priors, standard=_standard(standard))
    if as_json:
        _print_json(result.to_dict())
        return
    from causation.terminal.printing import print_inquiry

    print_inquiry(result, lang=lang.value)


@app.command()
def calibrate(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for the table and the pictures.")
    ] = Path("calibration"),
    cases_: Annotated[int, typer.Option("--cases", help="Simulated cases in each world.")] = 400,
    seed: SeedOption = DEFAULT_SEED,
) -> None:
    """Validate the whole model by simulation."""
    from causation.terminal.progress import progress_bar
    from causation.validation import calibrate as run

    with progress_bar("calibrate") as progress:
        result = run(cases=cases_, random_seed=seed, output=output, progress=progress)
    typer.echo(result.summary())
    typer.echo(f"{output} written")


@app.command()
def selftest() -> None:
    """Reproduce published results on this machine."""
    from causation.terminal.layout import print_table
    from causation.validation.selftest import run_selftest

    rows = run_selftest()
    print_table(
        [("result", "l"), ("published", "r"), ("ours", "r"), ("difference", "r"), ("", "l")],
        [r.cells() for r in rows],
    )
    wrong = [r for r in rows if not r.agrees]
    typer.echo(f"{len(rows) - len(wrong)} of {len(rows)} published numbers reproduced")
    if wrong:
        raise typer.Exit(1)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="REPORT", help="A report of this program.")],
    case: Annotated[
        str | None, typer.Option(help="The case file, where the report does not carry it.")
    ] = None,
) -> None:
    """Check a report against its case, again.

    Exit status 0: the same file, byte for byte; 3: the same but for the environment, which is
    listed; 1: not the same.
    """
    from causation.report import verify_report

    result = verify_report(file, case=case)
    typer.echo(result.summary())
    if not result.same:
        raise typer.Exit(3 if result.status == "same but for the environment" else 1)


def main(args: list[str] | None = None) -> int:
    """Run the command line.

    Exit status 0 done, 2 bad input or usage (one message), 1 a failure of ours.
    """
    if args is None:  # a program: it draws into files, whatever backend its surroundings name
        os.environ["MPLBACKEND"] = "agg"
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows "?"
    try:
        code = app(args=args, standalone_mode=False)
        sys.stdout.flush()
    except CausationError as error:
        return fail(str(error), 2 if isinstance(error, InputError) else 1)
    except (typer.Abort, KeyboardInterrupt):
        return fail("interrupted", 130)
    except (BrokenPipeError, SystemExit):
        # the parser turns a broken pipe into an exit; nothing else here exits
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - said in one message, as ours
        usage = usage_message(error)
        return fail(our_failure(error), 1) if usage is None else fail(usage, 2)
    return code if isinstance(code, int) else 0
