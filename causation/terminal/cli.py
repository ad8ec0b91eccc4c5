"""The command line: each command reads its arguments, calls one function, prints the result."""

from __future__ import annotations

import io
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from causation.errors import CausationError, InputError
from causation.output import usable_home
from causation.terminal.cases import complete_case, given_case, in_future
from causation.terminal.drawing import FORMATS, draw_sweep, draw_to_file, picture_of
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
from causation.terminal.layout import echo, print_json
from causation.terminal.progress import say_if_long, working
from causation.terminal.targets import is_stdout, target
from causation.terminal.words import say
from causation.version import VERSION

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Through which source did personal data leak, how sure can a court be, and why.",
)
DEFAULT_SEED = 20250723


def _standard(value: str) -> str | float:
    try:
        return float(value)
    except ValueError:
        return value


def _opt(text: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=text, **more)


def _arg(text: str, **more: Any) -> Any:
    return typer.Argument(help=text, **more)


def _flag(name: str, text: str) -> Any:
    return _opt(text, f"--{name}")


def _out(text: str, **more: Any) -> Any:
    return _opt(text, "-o", "--output", **more)


CaseName = Annotated[str, _arg("A case file, the id of a bundled case, or -.", show_default=False)]
Priors = Annotated[str | None, _opt("Prior set: a name or a file.")]
Standard = Annotated[
    Any, typer.Option(help="Standard: an id, or a number.", parser=_standard, metavar="<str>")
]
Seed = Annotated[int, _opt("Seed.", "--seed", min=0, metavar="<int>")]
In = Annotated[Literal["en", "zh"], _opt("Language.", "--lang")]
Output = Annotated[Path, _out("File to write, or -.")]
Overwrite = Annotated[bool, _flag("overwrite", "Replace an existing file.")]
Json = Annotated[bool, _flag("json", "Print one JSON object.")]


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
def new(
    file: Annotated[Path, _arg("Where to write the case file, or -.")],
    lang: In = "en",
    blank: Annotated[bool, _flag("blank", "Without the explanations.")] = False,
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
    old: Annotated[Path, _arg("A case file of the first edition.")],
    file: Annotated[Path, _arg("Where to write the new one, or -.", metavar="NEW")],
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
    file: Annotated[Path, _arg("A table of victims: xlsx, csv or tsv.")],
    output: Annotated[Path | None, _out("Case file to write, or -.")] = None,
    sheet: Annotated[str | None, _opt("Sheet of the workbook.")] = None,
    proposition: Annotated[str | None, _opt("The custodian to prove.")] = None,
    template: Annotated[bool, _flag("template", "Write FILE as an empty table instead.")] = False,
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
        list[str] | None, _arg("Case files or ids; the bundled ones by default.")
    ] = None,
    court: Annotated[bool, _flag("court", "Beside what the court found, by prior set.")] = False,
    lang: In = "en",
) -> None:
    """List the bundled cases."""
    from causation.terminal.cases import print_bundled, print_court

    (print_court if court else print_bundled)(lang, files)


@app.command()
def validate(
    files: Annotated[list[str], _arg("Case files, ids of bundled cases, or -.", metavar="FILE...")],
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


@app.command()
def assess(
    case: CaseName,
    priors: Annotated[list[str] | None, _opt("Prior set, or several side by side: a,b,c.")] = None,
    standard: Standard = None,
    engine: Annotated[Literal["integrate", "mcmc"], _opt("How to compute.")] = "integrate",
    seed: Seed = DEFAULT_SEED,
    lang: In = "en",
    as_json: Json = False,
) -> None:
    """Assess a case: how probable it is, and what that rests on."""
    from causation.dossier.assessment import assess as run

    sets: list[str | None] = [p for item in priors or () for p in item.split(",") if p]
    read = complete_case(case, lang=lang)
    with working(say("working", lang)):
        began = time.process_time()
        results = [
            run(read, priors=p, standard=standard, engine=engine, random_seed=seed)
            for p in sets or [None]
        ]
        taken = time.process_time() - began
    given: Any = {"priors": next(iter(sets), None), "standard": standard}
    say_if_long(read, "assess", lang=lang, taken=taken, **given)
    if as_json:
        names = [r.filled.priors.name for r in results]
        if len(set(names)) < len(names):
            raise InputError("priors: a prior set is given twice, or two have the same id")
        dicts = {name: r.to_dict() for name, r in zip(names, results, strict=True)}
        print_json(dicts if len(sets) > 1 else results[0].to_dict())
        return
    from causation.terminal.printing import print_assessments

    print_assessments(results, lang=lang)


@app.command()
def plot(
    case: CaseName,
    what: Annotated[str, _arg("The figure, as named above.")],
    output: Output,
    lang: In = "en",
    priors: Priors = None,
    standard: Standard = None,
    overwrite: Overwrite = False,
) -> None:
    """Draw one figure of an assessment as png, pdf or svg.

    The figure is one of routes, sources, flow, provenance, timeline, claimants, opinions, standing,
    redraws, prior-curve, burden, contributions, carriers, uncertainty or model-graph.
    """
    from causation.dossier.assessment import assess as run

    picture, read = picture_of(what), complete_case(case, lang=lang)
    with (
        target(output, usual=".svg", lang=lang, read=[case, read], overwrite=overwrite) as place,
        working(say("working", lang)),
    ):
        say_if_long(read, "plot", lang=lang, priors=priors, standard=standard)
        draw_to_file(run(read, priors=priors, standard=standard), picture, place, lang=lang)


@app.command()
def sensitivity(
    case: CaseName,
    what: Annotated[
        Literal["tornado", "tipping", "bounds", "indices", "variants"],
        typer.Option(
            help="tornado (default), tipping, bounds, indices, variants.",
            metavar="<str>",
            show_default=False,
        ),
    ] = "tornado",
    output: Annotated[Path | None, _out("csv, png, pdf, svg, or -.")] = None,
    lang: In = "en",
    priors: Priors = None,
    standard: Standard = None,
    overwrite: Overwrite = False,
) -> None:
    """What the answer hangs on: which inputs move it, how far."""
    from causation.case import fill
    from causation.terminal.sensitivity import analyse, print_sensitivity, save_sensitivity

    read = complete_case(case, lang=lang)
    with ExitStack() as stack:
        place = output and stack.enter_context(
            target(output, usual=".csv", lang=lang, read=[case, read], overwrite=overwrite)
        )
        filled = fill(read, priors=priors, standard=standard)
        say_if_long(read, "sensitivity", lang=lang, priors=priors, standard=standard)
        with working(say("working", lang)):
            result = analyse(filled, what)
        if place is None:
            print_sensitivity(result, filled, what, lang=lang)
        else:
            save_sensitivity(result, what, place, lang=lang)


@app.command()
def sweep(
    cases: Annotated[list[str], _arg("Files or ids; crossed with every axis.", metavar="CASE...")],
    output: Output,
    vary: Annotated[
        list[str] | None,
        _opt("PATH=GRID: lo:hi:n, log:lo:hi:n, a,b or [a,b],[c,d].", metavar="<str>"),
    ] = None,
    zipped: Annotated[bool, _flag("zip", "Vary all paths together.")] = False,
    priors: Annotated[str | None, _opt("Prior sets a,b: crossed too.")] = None,
    standard: Annotated[str | None, _opt("Standards a,b: crossed too.")] = None,
    variables: Annotated[str | None, _opt("What to compute: a,b.")] = None,
    bound: Annotated[float | None, _opt("Largest log10 ratio that counts, or inf.")] = None,
    gaps: Annotated[bool, _flag("gaps", "Leave impossible scenarios empty.")] = False,
    cluster: Annotated[str | None, _opt("Address of a Dask scheduler.")] = None,
    lang: In = "en",
    overwrite: Overwrite = False,
) -> None:
    """Compute a grid of scenarios into a table or a figure."""
    from causation.sweeping.files import sweep_to_file
    from causation.sweeping.sweep import DEFAULT, Options
    from causation.sweeping.sweep import sweep as compute
    from causation.terminal.progress import progress_bar

    read = [complete_case(name, lang=lang) for name in cases]
    given = read[0] if len(read) == 1 else read
    asked: Options = {
        "zipped": zipped,
        "priors": priors,
        "standard": None if standard is None else _standard(standard),
        "variables": DEFAULT if variables is None else variables.replace(" ", "").split(","),
        "bound": bound,
        "gaps": gaps,
    }
    with (
        target(
            output, usual=".csv", lang=lang, read=[*cases, *read], overwrite=overwrite, folder=True
        ) as place,
        progress_bar("sweep") as progress,
    ):
        if place.suffix.lower().removeprefix(".") in FORMATS:
            data = compute(given, vary, cluster=cluster, progress=progress, **asked)
            draw_sweep(data, place, lang=lang)
            return
        sweep_to_file(
            given, vary, place, cluster=cluster, overwrite=overwrite, progress=progress, **asked
        )


@app.command()
def report(
    case: CaseName,
    output: Annotated[list[Path], _out("File to write, or -; repeatable.", metavar="<path>")],
    lang: In = "en",
    priors: Priors = None,
    standard: Standard = None,
    identify: Annotated[bool, _flag("identify", "Name persons; pseudonyms otherwise.")] = False,
    overwrite: Overwrite = False,
    sign: Annotated[
        Path | None, typer.Option(help="Sign the PDF with this certificate (.p12, .pfx).")
    ] = None,
    timestamp: Annotated[
        str | None, typer.Option(help="Timestamp authority, asked over the network.")
    ] = None,
) -> None:
    """Write the expert report as html, pdf, docx or md."""
    from causation.report import write_reports

    passphrase = os.environ.get("CAUSATION_PASSPHRASE")
    if sign is not None and passphrase is None:
        from causation.report.signing import needs_passphrase

        if needs_passphrase(sign):
            passphrase = str(typer.prompt(say("passphrase", lang), hide_input=True, err=True))
    read = complete_case(case, lang=lang)
    with ExitStack() as stack:
        places = [
            stack.enter_context(
                target(path, usual=".md", lang=lang, read=[case, read], overwrite=overwrite)
            )
            for path in output
        ]
        say_if_long(read, "report", lang=lang, priors=priors, standard=standard)
        stack.enter_context(working(say("working", lang)))
        write_reports(
            read, places, lang=lang, priors=priors, standard=standard, identify=identify,
            sign=sign, passphrase=passphrase, timestamp=timestamp,
        )  # fmt: skip


@app.command()
def inquire(
    case: CaseName,
    priors: Priors = None,
    standard: Standard = None,
    lang: In = "en",
    as_json: Json = False,
) -> None:
    """Rank further evidence by what it would change."""
    from causation.analyses.inquiry import inquire as run

    read = complete_case(case, lang=lang)
    say_if_long(read, "inquire", lang=lang, priors=priors, standard=standard)
    with working(say("working", lang)):
        result = run(read, priors=priors, standard=standard)
    if as_json:
        print_json(result.to_dict())
        return
    from causation.terminal.printing import print_inquiry

    print_inquiry(result, lang=lang)


@app.command()
def elicit(
    file: Annotated[Path, _arg("The prior set to write, or to go on with.")],
    expert: Annotated[str | None, _opt("Name or pseudonym of the expert.")] = None,
    date: Annotated[str | None, _opt("Day of the interview; today.")] = None,
    base: Annotated[str, _opt("Set for the rest.")] = "neutral",
    source: Annotated[list[str] | None, _opt("Kind of source to ask about (repeatable).")] = None,
    field: Annotated[list[str] | None, _opt("Field (repeatable).")] = None,
    group: Annotated[bool, _flag("group", "Ask what the group agrees on.")] = False,
    seeds: Annotated[bool, _flag("seeds", "Ask questions whose answers are known.")] = False,
    again: Annotated[bool, _flag("again", "Ask what was answered too, to correct it.")] = False,
    pool: Annotated[
        Literal["linear", "log", "quantile"] | None,
        _opt("Pool of the experts' answers."),
    ] = None,
    cooke: Annotated[bool, _flag("cooke", "Weigh experts by their calibration.")] = False,
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
    output: Annotated[Path, _out("Folder to write.")] = Path("calibration"),
    cases_: Annotated[int, _opt("Cases of each world, 48 or more.", "--cases")] = 60,
    world: Annotated[list[str] | None, _opt("Some worlds only; repeat.")] = None,
    fit: Annotated[int, _opt("Fit checks of each world.")] = 240,
    workers: Annotated[int, _opt("Processes.")] = 2,
    seed: Seed = DEFAULT_SEED,
    overwrite: Overwrite = False,
) -> None:
    """Validate the whole model by simulation."""
    from causation.output import check_folder, make_folder
    from causation.plots.validation import write_calibration
    from causation.terminal.progress import progress_bar
    from causation.validation import calibrate as run

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
    file: Annotated[Path, _arg("A report of this program.", metavar="REPORT")],
    case: Annotated[str | None, _opt("The case, where the report has none.")] = None,
) -> None:
    """Check a report against its case, again.

    Exit status 0: the same file, byte for byte; 3: the same but for the environment, which is
    listed; 1: not the same.
    """
    from causation.report import Status, verify_report

    result = verify_report(file, case=case)
    echo(*result.summary().splitlines())
    if not result.same:
        raise typer.Exit(3 if result.status is Status.ENVIRONMENT else 1)


def main(args: list[str] | None = None) -> int:
    """Run the command line.

    Exit status 0 done, 2 bad input or usage (one message), 1 a failure of ours.
    """
    if args is None:  # a program: it draws into files, whatever backend its surroundings name
        os.environ["MPLBACKEND"] = "agg"
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
    except (typer.Abort, KeyboardInterrupt):
        return fail(say("interrupted", lang), 130)
    except (BrokenPipeError, SystemExit):
        # the parser turns a broken pipe into an exit; nothing else here exits
        silence(sys.stdout)
        return 0
    except Exception as error:  # noqa: BLE001 - said in one message, as ours unless it is not
        said, code = usage_message(error), 2
        if said is None and (said := refused_by_system(error)) is not None:
            silence(sys.stdout)
        if said is None:
            said, code = our_failure(error), 1
        return fail(said if lang == "en" else translated(said), code)
    return code if isinstance(code, int) else 0
