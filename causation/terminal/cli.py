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


CaseArgument = Annotated[str, typer.Argument(help="A case file, or the id of a bundled case.")]
PriorsOption = Annotated[
    str | None, typer.Option(help="Prior set: neutral, claimant, respondent, or a file.")
]
StandardOption = Annotated[
    str | None, typer.Option(help="Standard of proof: an id, or a number in (0, 1).")
]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of the random numbers.", min=0)]
LangOption = Annotated[Language, typer.Option(help="Language.")]
OutputOption = Annotated[Path, typer.Option("-o", "--output", help="Where to write the result.")]
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
def new(file: Annotated[Path, typer.Argument(help="Where to write the case file.")]) -> None:
    """Write a commented starter case."""
    from causation.case import starter_case
    from causation.errors import OutputError
    from causation.output import write_whole

    if file.exists():
        raise OutputError(f"{file}: exists already; name another file")
    write_whole(file, starter_case())
    typer.echo(f"{file} written; fill it in, then: causation assess {file}")


@app.command()
def cases(
    court: Annotated[
        bool,
        typer.Option(help="Assess each under every prior set, beside what the court found."),
    ] = False,
) -> None:
    """List the bundled cases."""
    from causation.case import bundled_cases, load_case, resolve
    from causation.terminal.printing import print_table

    if court:
        from causation.validation.real_cases import as_markdown, outcome_table

        typer.echo(as_markdown(outcome_table()), nl=False)
        return

    rows = []
    for name in bundled_cases():
        case = resolve(load_case(name))
        rows.append(
            (
                name,
                " or ".join(case.proposition),
                case.title.get("en", ""),
                case.title.get("zh", ""),
            )
        )
    print_table([("id", "l"), ("proposition", "l"), ("title", "l"), ("", "l")], rows)


@app.command()
def validate(
    files: Annotated[list[str], typer.Argument(help="Case files, or ids of bundled cases.")],
) -> None:
    """Check case files and nothing else."""
    from causation.case import load_case, resolve
    from causation.terminal.printing import plain

    for name in files:
        case = resolve(load_case(name))
        typer.echo(
            f"{plain(name)}: valid; {len(case.sources)} sources, {len(case.groups)} victim groups, "
            f"{len(case.findings)} findings"
        )


@app.command()
def schema() -> None:
    """Print the JSON Schema of case files, for editors."""
    from causation.case import case_json_schema

    typer.echo(json.dumps(case_json_schema(), ensure_ascii=False, indent=2))


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
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Assess a case: posterior, likelihood ratios, standard of proof, and what they rest on."""
    from causation.dossier.assessment import assess as run

    sets: list[str | None] = [p for item in priors or () for p in item.split(",") if p]
    results = [
        run(case, priors=p, standard=_standard(standard), engine=engine.value, random_seed=seed)
        for p in sets or [None]
    ]
    if as_json:
        dicts = [r.to_dict() for r in results]
        value: Any = dicts[0] if len(dicts) == 1 else {"assessments": dicts}
        typer.echo(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))
        return
    from causation.terminal.printing import print_assessments

    print_assessments(results, lang=lang.value)


def _standard(value: str | None) -> str | float | None:
    if value is None:
        return None
    try:
        return float(value)
    except ValueError:
        return value


@app.command()
def sweep(
    case: CaseArgument,
    vary: Annotated[
        list[str],
        typer.Option(help="PATH=GRID, repeatable; GRID is lo:hi:n, log:lo:hi:n or a,b,c."),
    ],
    output: OutputOption,
    priors: PriorsOption = None,
    standard: StandardOption = None,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler.")] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace an existing output.")] = False,
) -> None:
    """Compute a grid of scenarios and write it as csv, parquet, nc or zarr."""
    from causation.sweeping import sweep_to_file
    from causation.terminal.progress import progress_bar

    with progress_bar("sweep") as progress:
        written = sweep_to_file(
            case,
            vary,
            output,
            priors=priors,
            standard=_standard(standard),
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
) -> None:
    """Write the expert report as html, pdf, docx or md."""
    from causation.report import write_reports

    written = write_reports(
        case,
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
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Rank further evidence by how much it would change the conclusion."""
    from causation.analyses.inquiry import inquire as run

    result = run(case, priors=priors, standard=_standard(standard))
    if as_json:
        typer.echo(json.dumps(result.to_dict(), ensure_ascii=False, indent=2, allow_nan=False))
        return
    from causation.terminal.printing import print_inquiry

    print_inquiry(result, lang=lang.value)


@app.command()
def calibrate(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for the table and the pictures.")
    ] = Path("calibration"),
    cases_: Annotated[int, typer.Option("--cases", help="Simulated cases in each world.")] = 2000,
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
    from causation.terminal.printing import print_table
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
    """Check a report against its case, again."""
    from causation.report import verify_report

    result = verify_report(file, case=case)
    typer.echo(result.summary())
    if not result.same:
        raise typer.Exit(1)


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
        return _fail(str(error), 2 if isinstance(error, InputError) else 1)
    except (typer.Abort, KeyboardInterrupt):
        return _fail("interrupted", 130)
    except (BrokenPipeError, SystemExit):
        # the parser turns a broken pipe into an exit; nothing else here exits
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        usage = _usage_message(error)
        if usage is not None:
            return _fail(usage, 2)
        if os.environ.get("CAUSATION_DEBUG"):
            raise
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        place = (
            f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else "?"
        )
        return _fail(
            f"a failure of the program ({type(error).__name__} at {place}); set CAUSATION_DEBUG=1 "
            "to see more",
            1,
        )
    return code if isinstance(code, int) else 0


def _usage_message(error: Exception) -> str | None:
    """What a wrong use of the command line is told; None for any other error.

    The parser may be click's own or a copy that comes with typer: its errors are known by their
    exit status.
    """
    if getattr(error, "exit_code", None) != 2 or not hasattr(error, "format_message"):
        return None
    context = getattr(error, "ctx", None)
    text = str(error.format_message())
    if context is None or text.startswith("Usage:"):
        return text
    return f"{text.rstrip('.')}; see: {context.command_path} --help"


_LONGEST_MESSAGE = 1_200


def _fail(message: str, code: int) -> int:
    if message.startswith("Usage:"):
        sys.stderr.write(f"{message}\n")
    else:
        sys.stderr.write(f"causation: {_printable(message)}\n")
    return code


def _printable(message: str) -> str:
    """One line of bounded length: an argument may hold anything, control sequences included."""
    if len(message) > _LONGEST_MESSAGE:
        message = message[: _LONGEST_MESSAGE - 3] + "..."
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in message)
