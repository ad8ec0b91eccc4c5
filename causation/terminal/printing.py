"""What the command line prints: tables that a lawyer can read."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from causation.analyses.redrawn import INTERVAL_MASS
from causation.dossier.assessment import Assessment, LikelihoodRatio, Verdict

if TYPE_CHECKING:
    from causation.analyses.inquiry import InquiryResult

__all__ = [
    "bans",
    "percent",
    "plain",
    "print_assessments",
    "print_inquiry",
    "print_table",
    "render_assessment",
]

_VERDICT_STYLE = {
    Verdict.ESTABLISHED: "bold green",
    Verdict.NOT_ROBUSTLY: "bold yellow",
    Verdict.NOT_ESTABLISHED: "bold red",
}
_VERDICT = {
    Verdict.ESTABLISHED: "established",
    Verdict.NOT_ROBUSTLY: "established, not robustly",
    Verdict.NOT_ESTABLISHED: "not established",
}
_STAGES = {
    "prior": "before any evidence",
    "prima_facie": "prima facie evidence",
    "rebuttal": "after rebuttal",
    "reply": "after reply",
}
_BAR = 24


def plain(text: str, limit: int = 200) -> str:
    r"""Text from a file, made safe for a terminal: no control or direction-changing characters.

    Examples
    --------
    >>> plain("a\x1b[31mb")
    'a·[31mb'
    """
    kept = "".join("·" if unicodedata.category(c).startswith("C") else c for c in text)
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def percent(p: float) -> str:
    """A probability in per cent with as many digits as it needs near 0 and 1.

    Examples
    --------
    >>> percent(0.98573), percent(0.00058), percent(0.99994), percent(0.5)
    ('98.6 %', '0.058 %', '99.9940 %', '50.0 %')
    >>> percent(1e-20), percent(1.0 - 1e-15)
    ('< 0.0000000001 %', '> 99.9999999999 %')
    """
    if p in (0.0, 1.0):
        return f"{100 * p:.0f} %"
    rest = min(p, 1.0 - p)
    if rest < 1e-12:
        return "< 0.0000000001 %" if p < 0.5 else "> 99.9999999999 %"
    decimals = max(1, min(10, 1 - math.floor(math.log10(100.0 * rest))))
    decimals = 1 if rest >= 0.001 and rest * 100 >= 0.1 else decimals
    return f"{100.0 * p:.{decimals}f} %"


def bans(x: float) -> str:
    """A weight of evidence with its sign, to a hundredth of a ban.

    Examples
    --------
    >>> bans(1.234), bans(-0.001), bans(float("inf"))
    ('+1.23', '0.00', '+inf')
    """
    if math.isnan(x):
        return "—"
    if math.isinf(x):
        return f"{x:+}"
    return "0.00" if abs(x) < 0.005 else f"{x:+.2f}"


def _label(labels: dict[str, str], name: str, lang: str) -> str:
    return plain(labels.get(lang) or labels.get("en") or next(iter(labels.values()), name))


def _table(*columns: tuple[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name, justify in columns:
        table.add_column(name, justify="right" if justify == "r" else "left")
    return table


def _section(title: str, *body: RenderableType) -> RenderableType:
    return Group(Text(title, style="bold"), *(Padding(b, (0, 0, 0, 2)) for b in body), Text(""))


def ratio(row: LikelihoodRatio, largest: float | None) -> str:
    """A likelihood ratio as a number, "more than" beyond what validation supports."""
    if math.isnan(row.log10):
        return "both excluded"
    if not math.isfinite(row.log10):
        return "source excluded" if row.log10 > 0 else "proposition excluded"
    if largest is not None and abs(row.log10) > largest:
        power = f"10^{largest:g}"
        return f"more than {power}" if row.log10 > 0 else f"less than 1/{power}"
    size = _two(10.0 ** abs(row.log10)) if abs(row.log10) < 15.0 else f"10^{abs(row.log10):.1f}"
    return size if row.log10 >= 0 else f"1/{size}"


def _two(x: float) -> str:
    """Two significant figures, without exponent below a million."""
    if x >= 1e6:
        return f"{x:.1e}"
    digits = max(0, 1 - math.floor(math.log10(x))) if x > 0 else 0
    return f"{round(x, 1 - math.floor(math.log10(x))):,.{digits}f}"


def _head(a: Assessment, lang: str) -> RenderableType:
    case = a.case
    labels = {s.name: _label(s.label, s.name, lang) for s in case.sources}
    union = " or ".join(labels[s] for s in a.proposition)
    lo, hi = a.input_sensitivity.interval
    lines = [
        Text.assemble((_label(case.title, case.id, lang), "bold"), (f"  {case.id}", "dim")),
        Text(f"Proposition: the data came through {union}"),
        Text(f"Standard: {case.standard_id}, at least {percent(a.threshold)}"),
        Text.assemble(
            ("The proposition is ", ""),
            (_VERDICT[a.verdict], _VERDICT_STYLE[a.verdict]),
            (f": posterior probability {percent(a.probability)}, from a prior of ", ""),
            (f"{percent(a.prior_curve.case_prior)} (assumed: {plain(case.prior_set)})", ""),
        ),
        Text(
            f"With the inputs redrawn: {percent(lo)} to {percent(hi)} "
            f"({100 * INTERVAL_MASS:.0f} % central interval); "
            f"{100 * a.input_sensitivity.share:.0f} % of the draws meet the standard"
        ),
        Text(""),
    ]
    return Group(*lines)


def _sources(a: Assessment, lang: str) -> RenderableType:
    table = _table(
        ("source", "l"),
        ("prior", "r"),
        ("posterior", "r"),
        ("", "l"),
        ("LR against it", "r"),
        ("bans", "r"),
        ("verbal (LR only)", "l"),
    )
    ratios = {r.against: r for r in a.likelihood_ratios}
    for i, source in enumerate(a.case.sources):
        p = float(a.posterior.probability[i])
        bar = Text("█" * round(_BAR * p), style="cyan") + Text(
            "·" * (_BAR - round(_BAR * p)), style="dim"
        )
        row = ratios.get(source.name)
        table.add_row(
            Text(_label(source.label, source.name, lang)),
            percent(float(a.posterior.prior[i])),
            percent(p),
            bar,
            Text("proposition", style="dim") if row is None else ratio(row, a.validated_log10_lr),
            "" if row is None else bans(row.log10),
            "" if row is None else _verbal(row),
        )
    rest = a.likelihood_ratio_rest
    prior = "; depends on the prior among the rest" if rest.depends_on_prior else ""
    table.add_row(
        Text("all the rest", style="dim"),
        "",
        "",
        "",
        ratio(rest, a.validated_log10_lr),
        bans(rest.log10),
        Text(_verbal(rest) + prior, style="dim"),
    )
    if not a.prior_in_ratios:
        return _section("Sources", table)
    lo, hi = a.prior_curve.log10_lr_range()
    note = (
        "Uncertain linkage and reliability let the prior into the ratios: with priors of the "
        f"proposition from 1 % to 99 % the LR against all the rest runs from {bans(lo)} to "
        f"{bans(hi)} bans."
    )
    return _section("Sources", table, Text(note))


def _verbal(row: LikelihoodRatio) -> str:
    strength = row.verbal.replace("_", " ")
    if row.verbal == "none":
        return "no support either way"
    return f"{strength} support {'for' if row.log10 > 0 else 'against'} the proposition"


def _standards(a: Assessment, lang: str) -> RenderableType:
    table = _table(("standard", "l"), ("threshold", "r"), ("met", "l"), ("", "l"))
    for row in a.standards:
        s = row.standard
        mark = Text("yes", style="green") if row.met else Text("no", style="red")
        own = " ← this case" if s.id == a.case.standard_id else ""
        table.add_row(
            s.id, percent(s.threshold), mark, Text(_label(dict(s.label), s.id, lang) + own)
        )
    curve = a.prior_curve
    if curve.prior_at_standard is None:
        note = "With no prior is the standard of this case met."
    else:
        note = (
            "The standard of this case is met with any prior of "
            f"{percent(curve.prior_at_standard)} or more; no court has fixed the prior, "
            "and the LR stands without it."
        )
    return _section("Standards of proof", table, Text(note))


def _burden(a: Assessment) -> RenderableType:
    table = _table(("stage", "l"), ("posterior", "r"), ("odds in bans", "r"), ("standard", "l"))
    for b in a.burden:
        table.add_row(
            _STAGES[b.stage],
            percent(b.probability),
            bans(b.log10_odds),
            "met" if b.met else "not met",
        )
    return _section("Burden by stage", table)


def _contributions(a: Assessment) -> RenderableType:
    c = a.contributions
    if not c.rows:
        return Text("")
    table = _table(
        ("evidence", "l"), ("in order", "r"), ("left out", "r"), ("Shapley", "r"), ("", "l")
    )
    finite = [abs(r.shapley) for r in c.rows if math.isfinite(r.shapley)]
    unit = max([*finite, 1e-9])
    for r in c.rows:
        length = round(12 * abs(r.shapley) / unit) if math.isfinite(r.shapley) else 12
        style = "cyan" if r.shapley >= 0 else "red"
        error = f" ±{r.shapley_error:.2f}" if r.shapley_error > 0.0 else ""
        table.add_row(
            plain(r.item.id),
            bans(r.sequential),
            bans(r.leave_one_out),
            bans(r.shapley) + error,
            Text("█" * length, style=style),
        )
    total = bans(c.total)
    table.add_row(Text("total", style="dim"), total, Text("not a sum", style="dim"), total, "")
    fields = ", ".join(f"{plain(f)} {bans(x)}" for f, x in c.fields)
    notes = [Text(f"A field by itself, left out: {fields}.")] if fields else []
    return _section("What the evidence adds to the odds, in bans (log10)", table, *notes)


def _dependence(a: Assessment) -> RenderableType:
    d = a.dependence
    lines = [
        Text(
            f"Multiplied as if independent: {bans(d.independent_log10_lr)} bans against the rest; "
            f"in the model: {bans(d.log10_lr)}."
        )
    ]
    for c in d.co_victims:
        text = f"{plain(c.group)}: {c.count} victims add {bans(c.bans)} bans"
        if c.equivalent is not None:
            text += f", as much as {c.equivalent:.1f} independent ones"
        if math.isfinite(c.limit_bans):
            text += f"; no number of them could add more than {c.limit_bans:.2f}"
        lines.append(Text(text + "."))
    return _section("Dependence", *lines)


def _footer(a: Assessment) -> RenderableType:
    worst = float(a.posterior.error.max())
    excluded = [
        Text(f"Excluded outright: {plain(s)} by {plain(why)}.") for s, why in a.excluded.items()
    ]
    return Group(
        *excluded,
        Text(
            f"Numerical error: log10 evidence to {worst:.1g}, probability to "
            f"{a.probability_error:.1g} (standard errors; engine {a.posterior.engine}, seed "
            f"{a.posterior.random_seed}). Bans rounded to 0.01.",
            style="dim",
        ),
        Text(
            "This is a probability under stated assumptions. It decides neither fault nor "
            "liability, and a verbal LR is never a posterior.",
            style="dim",
        ),
    )


def render_assessment(a: Assessment, *, lang: str = "en") -> RenderableType:
    """Everything about one assessment, for a rich console."""
    return Group(
        _head(a, lang),
        _sources(a, lang),
        _standards(a, lang),
        _burden(a),
        _contributions(a),
        _dependence(a),
        _footer(a),
    )


def _side_by_side(results: Sequence[Assessment]) -> RenderableType:
    first = results[0]
    table = _table(("", "l"), *((escape(plain(a.case.prior_set)), "r") for a in results))
    table.add_row("prior of the proposition", *(percent(a.prior_curve.case_prior) for a in results))
    table.add_row("posterior of the proposition", *(percent(a.probability) for a in results))
    table.add_row(
        "with the inputs redrawn",
        *(" to ".join(percent(end) for end in a.input_sensitivity.interval) for a in results),
    )
    for k, row in enumerate(first.likelihood_ratios):
        table.add_row(
            Text(f"LR against {plain(row.against)}, bans"),
            *(bans(a.likelihood_ratios[k].log10) for a in results),
        )
    table.add_row(
        "prior at which the standard is met",
        *(
            "none" if (p := a.prior_curve.prior_at_standard) is None else percent(p)
            for a in results
        ),
    )
    table.add_row(
        "verdict", *(Text(_VERDICT[a.verdict], style=_VERDICT_STYLE[a.verdict]) for a in results)
    )
    return _section("Side by side", table)


def print_assessments(
    results: Sequence[Assessment], *, lang: str = "en", file: IO[str] | None = None
) -> None:
    """Print one assessment whole, or several prior sets side by side after the first."""
    console = _console(file)
    console.print(render_assessment(results[0], lang=lang))
    if len(results) > 1:
        console.print()
        console.print(_side_by_side(results))


class _Console(Console):
    """A console that leaves a broken pipe to the caller."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def _console(file: IO[str] | None = None) -> Console:
    console = _Console(file=file, highlight=False)
    if not console.is_terminal:
        console = _Console(file=file, highlight=False, width=140)
    return console


def print_inquiry(result: InquiryResult, *, lang: str = "en") -> None:
    """Print the inquiries of a case, those that tell most first."""
    headings = {
        "en": ("inquiry", "bits", "crosses", "lowest", "highest", "plaintiff", "defendant"),
        "zh": ("调查事项", "比特", "改变结论", "最低", "最高", "原告", "被告"),
    }[lang]
    rows = [
        (
            row.label[lang],
            f"{row.bits:.3f}",
            percent(row.chance_of_crossing),
            percent(row.lowest),
            percent(row.highest),
            bans(row.plaintiff_bans),
            bans(row.defendant_bans),
        )
        for row in result.rows
    ]
    print_table([(h, "l" if i == 0 else "r") for i, h in enumerate(headings)], rows)
    notes = {
        "en": (
            "bits: expected information about the source. crosses: chance that the conclusion "
            "changes. lowest, highest: probability of the proposition afterwards. plaintiff, "
            "defendant: expected bans in favour of each, if that party is right."
        ),
        "zh": (
            "比特：关于来源的期望信息量。改变结论：结论发生变化的概率。最低、最高：调查后待证事实的概率范围。"
            "原告、被告：若该方主张属实，预期对其有利的证据分量（以10为底的对数）。"
        ),
    }[lang]
    _console().print(Text(notes, style="dim"))


def print_table(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str | Text]]) -> None:
    """Print a plain table; `columns` are (heading, "l" or "r")."""
    table = _table(*columns)
    for row in rows:
        table.add_row(*(Text(plain(c)) if isinstance(c, str) else c for c in row))
    _console().print(table)
