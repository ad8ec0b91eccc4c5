"""The command line: each command reads its arguments, calls one function, prints the result."""

from __future__ import annotations

import io
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from causation.errors import CausationError, InputError
from causation.interrupts import raise_lost
from causation.output import usable_home
from causation.terminal import files, questions  # noqa: F401  (their commands)
from causation.terminal.failures import (
    error_text,
    fail,
    keep_streams,
    language_of,
    our_failure,
    refused_by_system,
    silence,
    translated,
    usage_message,
)
from causation.terminal.layout import echo, say
from causation.terminal.options import DEFAULT_SEED, In, Overwrite, Seed, app, arg, flag, opt, out
from causation.version import VERSION

__all__ = ["app", "main"]


def _version(value: bool) -> None:  # noqa: FBT001
    if value:
        echo(VERSION)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command()
def elicit(
    file: Annotated[Path, arg("The prior set to write, or to go on with.")],
    expert: Annotated[str | None, opt("Name or pseudonym of the expert.")] = None,
    date: Annotated[str | None, opt("Day of the interview; today.")] = None,
    base: Annotated[str, opt("Set for the rest.")] = "neutral",
    source: Annotated[list[str] | None, opt("Kind of source to ask about (repeatable).")] = None,
    field: Annotated[list[str] | None, opt("Field (repeatable).")] = None,
    group: Annotated[bool, flag("group", "Ask what the group agrees on.")] = False,
    seeds: Annotated[bool, flag("seeds", "Ask questions whose answers are known.")] = False,
    again: Annotated[bool, flag("again", "Ask what was answered too, to correct it.")] = False,
    pool: Annotated[
        Literal["linear", "log", "quantile"] | None,
        opt("Pool of the experts' answers."),
    ] = None,
    cooke: Annotated[bool, flag("cooke", "Weigh experts by their calibration.")] = False,
    lang: In = "en",
) -> None:
    """Ask experts for the shares of a prior set."""
    from causation.terminal import elicit as interview

    if pool is not None or cooke:
        interview.choose_pool(file, pool=pool or "linear", cooke=cooke, lang=lang)
    elif group:
        interview.ask_group(file, lang=lang)
    elif seeds:
        interview.ask_seeds(file, expert=expert, date=date, base=base, lang=lang)
    else:
        interview.ask_expert(
            file, expert=expert, date=date, base=base, sources=source or (),
            fields=field or (), again=again, lang=lang,
        )  # fmt: skip


@app.command()
def calibrate(
    output: Annotated[Path, out("Folder to write.")] = Path("calibration"),
    cases_: Annotated[int, opt("Cases of each world, 48 or more.", "--cases")] = 60,
    world: Annotated[list[str] | None, opt("Some worlds only; repeat.")] = None,
    fit: Annotated[int, opt("Fit checks of each world.")] = 240,
    workers: Annotated[int, opt("Processes.")] = 2,
    seed: Seed = DEFAULT_SEED,
    overwrite: Overwrite = False,
) -> None:
    """Validate the whole model by simulation."""
    from causation.output import check_folder, make_folder
    from causation.plots.validation import write_calibration
    from causation.terminal.progress import progress_bar
    from causation.validation.calibration import calibrate as run

    make_folder(check_folder(output, overwrite=overwrite))
    chosen: Any = {"worlds": tuple(world)} if world else {}
    with progress_bar("calibrate") as progress:
        result = run(cases=cases_, random_seed=seed, progress=progress, fit=fit, workers=workers,
                     **chosen)  # fmt: skip
    write_calibration(result, output)
    echo(*result.summary().splitlines(), say("written", "en", file=output))


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
    echo("", *dict.fromkeys(r.citation for r in rows), "")
    agreed = sum(r.agrees for r in rows)
    echo(f"{agreed} of {len(rows)} published numbers reproduced")
    if agreed < len(rows):
        raise typer.Exit(1)


@app.command()
def verify(
    file: Annotated[Path, arg("A report of this program.", metavar="REPORT")],
    case: Annotated[str | None, opt("The case, where the report has none or a copy.")] = None,
) -> None:
    """Check a report against its case, again.

    Exit status 0: the same file, byte for byte; 3: the same but for the environment, which is
    listed; 1: not the same.
    """
    from causation.report import Status, verify_report
    from causation.terminal.progress import say_if_long

    def announce(material: Any) -> None:
        options = {"priors": material.priors, "standard": material.standard}
        say_if_long(material.case, "report", lang="en", **options)

    result = verify_report(file, case=case, announce=announce)
    echo(*result.summary().splitlines())
    if not result.same:
        raise typer.Exit(3 if result.status is Status.ENVIRONMENT else 1)


def main(args: list[str] | None = None) -> int:
    """Run the command line.

    Exit status 0 done, 2 bad input or usage (one message), 1 a failure of ours.
    """
    if args is None:  # a program: it draws into files, whatever backend its surroundings name
        os.environ["MPLBACKEND"] = "agg"
        logging.getLogger("matplotlib").setLevel(logging.ERROR)  # a cache it cannot write
        keep_streams()
        usable_home()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows "?"
    lang = language_of(sys.argv[1:] if args is None else args)
    try:
        code = app(args=args, standalone_mode=False)
        sys.stdout.flush()
    except CausationError as error:
        return fail(error_text(error, lang), 2 if isinstance(error, InputError) else 1)
    except typer.Abort:
        return fail(say("interrupted", lang), 130)
    except (BrokenPipeError, SystemExit):
        # the parser turns a broken pipe into an exit; nothing else here exits
        silence(sys.stdout)
        return 0
    except Exception as error:  # noqa: BLE001 - said in one message, as ours unless it is not
        raise_lost()
        said, code = usage_message(error), 2
        if said is None and (said := refused_by_system(error)) is not None:
            silence(sys.stdout)
        if said is None:
            said, code = our_failure(error), 1
        return fail(said if lang == "en" else translated(said), code)
    return code if isinstance(code, int) else 0
