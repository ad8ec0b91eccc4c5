"""Commands that answer a question about a case."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from causation.errors import InputError
from causation.terminal.cases import complete_case
from causation.terminal.drawing import FORMATS, draw_sweep, draw_to_file, picture_of
from causation.terminal.layout import print_json, say
from causation.terminal.options import (
    DEFAULT_SEED,
    CaseName,
    In,
    Json,
    Output,
    Overwrite,
    Priors,
    Seed,
    Standard,
    app,
    arg,
    as_standard,
    flag,
    opt,
    out,
)
from causation.terminal.progress import said_if_long, say_if_long, working
from causation.terminal.targets import target


@app.command()
def assess(
    case: CaseName,
    priors: Annotated[list[str] | None, opt("Prior set, or several side by side: a,b,c.")] = None,
    standard: Standard = None,
    engine: Annotated[Literal["integrate", "mcmc"], opt("How to compute.")] = "integrate",
    seed: Seed = DEFAULT_SEED,
    lang: In = "en",
    as_json: Json = False,
) -> None:
    """Assess a case: how probable it is, and what that rests on."""
    from causation.dossier.assessment import assess as run

    sets: list[str | None] = [p for item in priors or () for p in item.split(",") if p]
    read = complete_case(case, lang=lang)
    with working(say("working", lang)), said_if_long(lang):
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
    what: Annotated[str, arg("The figure, as named above.")],
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
        say_if_long(read, f"plot {picture}", lang=lang, priors=priors, standard=standard)
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
    output: Annotated[Path | None, out("csv, png, pdf, svg, or -.")] = None,
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
        say_if_long(read, f"sensitivity {what}", lang=lang, priors=priors, standard=standard)
        with working(say("working", lang)):
            result = analyse(filled, what)
        if place is None:
            print_sensitivity(result, filled, what, lang=lang)
        else:
            save_sensitivity(result, what, place, lang=lang)


@app.command()
def sweep(
    cases: Annotated[list[str], arg("Files or ids; crossed with every axis.", metavar="CASE...")],
    output: Output,
    vary: Annotated[
        list[str] | None,
        opt("PATH=GRID: lo:hi:n, log:lo:hi:n, a,b or [a,b],[c,d].", metavar="<str>"),
    ] = None,
    zipped: Annotated[bool, flag("zip", "Vary all paths together.")] = False,
    priors: Annotated[str | None, opt("Prior sets a,b: crossed too.")] = None,
    standard: Annotated[str | None, opt("Standards a,b: crossed too.")] = None,
    variables: Annotated[str | None, opt("What to compute: a,b.")] = None,
    bound: Annotated[float | None, opt("Largest log10 ratio that counts, or inf.")] = None,
    gaps: Annotated[bool, flag("gaps", "Leave impossible scenarios empty.")] = False,
    cluster: Annotated[str | None, opt("Address of a Dask scheduler.")] = None,
    lang: In = "en",
    overwrite: Overwrite = False,
) -> None:
    """Compute a grid of scenarios into a table or a figure."""
    from causation.sweeping.files import sweep_to_file
    from causation.sweeping.sweep import DEFAULT, Options, plan_sweep
    from causation.sweeping.sweep import sweep as compute
    from causation.terminal.progress import progress_bar, say_if_sweep_long

    read = [complete_case(name, lang=lang) for name in cases]
    given = read[0] if len(read) == 1 else read
    asked: Options = {
        "zipped": zipped,
        "priors": priors,
        "standard": None if standard is None else as_standard(standard),
        "variables": DEFAULT if variables is None else variables.replace(" ", "").split(","),
        "bound": bound,
        "gaps": gaps,
    }
    with ExitStack() as stack:
        files = [*cases, *read]
        place = stack.enter_context(
            target(output, usual=".csv", lang=lang, read=files, overwrite=overwrite, folder=True)
        )
        say_if_sweep_long(plan_sweep(given, vary, **asked), lang=lang)
        progress = stack.enter_context(progress_bar("sweep"))
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
    output: Annotated[list[Path], out("File to write, or -; repeatable.", metavar="<path>")],
    lang: In = "en",
    priors: Priors = None,
    standard: Standard = None,
    identify: Annotated[bool, flag("identify", "Name persons; pseudonyms otherwise.")] = False,
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
    from causation.analyses.bound import validated_bound
    from causation.analyses.inquiry import inquire as run

    read = complete_case(case, lang=lang)
    say_if_long(read, "inquire", lang=lang, priors=priors, standard=standard)
    with working(say("working", lang)):
        result = run(read, priors=priors, standard=standard, bound=validated_bound())
    if as_json:
        print_json(result.to_dict())
        return
    from causation.terminal.printing import print_inquiry

    print_inquiry(result, lang=lang)
