"""What the answer rests on: other readings, redraws, stages, evidence, inputs, standards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType

from causation.analyses.redrawn import INTERVAL_MASS
from causation.dossier.digits import (
    at_least,
    at_most,
    bans,
    percent,
    percent_at_least,
    stated,
    two_figures,
)
from causation.dossier.headline import uncertainty_sentences
from causation.dossier.labels import evidence_label, pick, prior_set_label, standard_label, word
from causation.dossier.wording import input_label
from causation.terminal.failures import translated
from causation.terminal.layout import Text, closed, say, section, table, worded

if TYPE_CHECKING:
    from causation.analyses.variants import VariantResult
    from causation.dossier.assessment import Assessment


def _mark(lang: str, *, met: bool | None) -> Text:
    if met is None:
        return Text("")
    return Text(say("yes" if met else "no", lang), style="green" if met else "red")


def readings(a: Assessment, lang: str) -> list[RenderableType]:
    """Other readings of the facts, then the stress on the model."""
    kinds = (("reading", "readings", "reading"), ("model", "stress", "variant"))
    found: list[RenderableType] = []
    for kind, title, head in kinds:
        rows = [v for v in a.variants if v.kind == kind]
        if rows:
            found.append(section(say(title, lang), *_few(rows, head, a.threshold, lang)))
    return found


_SHOWN = 12
"""Readings beyond which those that are above alike are one line."""


def _few(
    rows: Sequence[VariantResult], head: str, threshold: float, lang: str
) -> list[RenderableType]:
    """All readings, or of very many those that matter: below, binding, lowest and highest."""
    alike = sorted(
        (v for v in rows if v.meets and not v.binding and v.held is not None),
        key=lambda v: v.held or 0.0,
    )[3:-2]
    if len(rows) <= _SHOWN or not alike:
        return [_variants(rows, head, threshold, lang)]
    lo, hi = (percent(v.held or 0.0, threshold) for v in (alike[0], alike[-1]))
    kept = [v for v in rows if all(v is not other for other in alike)]
    more = say("more_alike", lang, n=len(alike), lo=lo, hi=hi)
    return [_variants(kept, head, threshold, lang), Text(more, style="dim")]


def _variants(
    rows: Sequence[VariantResult], head: str, threshold: float, lang: str
) -> RenderableType:
    return worded(
        lang, head, ">probability", ">held", "above", "binding",
        rows=[
            _missing(pick(v.label, lang, name=v.id), pick(v.why_missing or {}, lang), 5, lang)
            if v.probability is None or v.held is None
            else (
                pick(v.label, lang, name=v.id), percent(v.probability, threshold),
                percent(v.held, threshold),
                _mark(lang, met=v.meets), say("yes", lang) if v.binding else "",
            )
            for v in rows
        ],
    )  # fmt: skip


def _why(text: str | None, lang: str) -> str:
    return text or "" if lang == "en" else translated(text or "")


def _missing(label: str, why: str, cells: int, lang: str) -> tuple[Text | str, ...]:
    """A row that could not be computed, and why."""
    text = Text(f"{label}; {say('not_computed', lang, why=why)}", style="dim")
    return (text, *[""] * (cells - 1))


def sets(a: Assessment, lang: str) -> RenderableType:
    """The case under every shipped prior set, and the range of opinion."""
    rows = [
        _missing(prior_set_label(s.id, lang), _why(s.why_missing, lang), 4, lang)
        if s.probability is None or s.held is None
        else (
            prior_set_label(s.id, lang),
            percent(s.probability, a.threshold),
            percent(s.held, a.threshold),
            _mark(lang, met=s.meets),
        )
        for s in a.sets
    ]  # fmt: skip
    lo, hi = a.range_of_opinion.lo, a.range_of_opinion.hi
    return section(
        say("sets", lang), worded(lang, "set", ">probability", ">held", "above", rows=rows),
        Text(say("range", lang, lo=percent(lo, a.threshold), hi=percent(hi, a.threshold))),
    )  # fmt: skip


def redraws(a: Assessment, lang: str) -> RenderableType:
    """Spread of the held probability over inputs that are elicited once more, by their sd."""
    made = table(
        (say("sd", lang), "r"),
        (say("mean", lang), "r"),
        (say("middle", lang, mass=f"{INTERVAL_MASS:.0%}"), "r"),
        (say("share", lang), "r"),
    )
    for r in (a.redraws, *a.redraws.others):
        ends = " – ".join(percent(end, a.threshold) for end in r.held_interval)
        cells = (percent(r.held_mean, a.threshold), ends, percent(r.share, a.threshold))
        made.add_row(f"{r.elicitation_sd:g}", *(closed(c, lang) for c in cells))
    return section(say("redraws", lang), made, Text(say("redraws_note", lang), style="dim"))


def burden(a: Assessment, lang: str) -> RenderableType:
    """The probability before any evidence, and after each stage."""
    rows = [
        (
            word(b.stage, lang),
            percent(b.probability, a.threshold),
            percent(b.held, a.threshold),
            _mark(lang, met=b.met),
        )
        for b in a.burden
    ]
    made = worded(lang, "stage", ">posterior", ">held", "above", rows=rows)
    return section(say("burden", lang), made)


def contributions(a: Assessment, lang: str) -> list[RenderableType]:
    """What each item of evidence adds, and the same evidence as if independent."""
    c, d = a.contributions, a.dependence
    if not c.rows:
        return []
    rows: list[tuple[Text | str, ...]] = [
        (
            evidence_label(a.filled, r.item, lang),
            bans(r.sequential),
            bans(r.leave_one_out),
            bans(r.shapley) + (f" ±{r.shapley_error:.2f}" if r.shapley_error > 0.0 else ""),
        )
        for r in c.rows
    ]
    rows.append((Text(say("total", lang), style="dim"), bans(c.total), "", bans(c.total)))
    made = worded(lang, "evidence", ">in_order", ">left_out", ">shapley", rows=rows)
    note = say("independent", lang, naive=bans(d.independent_log10_lr), model=bans(d.log10_lr))
    return [section(say("contributions", lang), made, Text(note, style="dim"))]


def carriers(a: Assessment, lang: str) -> RenderableType:
    """Inputs that carry the answer, and how large the unknown must be for it to fail."""
    rows = [
        (
            input_label(a.filled, row.path, lang),
            percent(row.low, a.threshold),
            percent(row.high, a.threshold),
        )
        for row in a.carriers.inputs
    ]
    made = worded(lang, "input", ">lower", ">higher", rows=rows)
    if a.carriers.why_missing is not None:
        return section(
            say("carriers", lang),
            Text(say("not_computed", lang, why=_why(a.carriers.why_missing, lang)), style="dim"),
            *_residual(a, lang),
        )
    said = [Text(text, style="dim") for text in uncertainty_sentences(a, lang)]
    return section(say("carriers", lang), made, *_residual(a, lang), *said)


def _residual(a: Assessment, lang: str) -> list[RenderableType]:
    found = a.carriers.residual
    if found is None:
        return []
    if found.needed is None:
        why = found.why_missing or {}
        return [Text(say("residual_none", lang, why=pick(why, lang)))]
    met = a.held.probability >= a.threshold
    weight = two_figures(found.weight)
    needed = at_least(found.needed) if met else at_most(found.needed)
    key = "residual_needed" if met else "residual_below"
    return [Text(say(key, lang, weight=weight, needed=needed))]


def standards(a: Assessment, lang: str) -> RenderableType:
    """The whole table of standards, and the prior from which this case's is reached."""
    rows = []
    for row in a.standards:
        name = standard_label(row.standard.id, lang)
        own = say("own", lang, name=name) if row.standard.id == a.standard_id else name
        rows.append((own, stated(row.standard.threshold), _mark(lang, met=row.met)))
    made = worded(lang, "name", ">threshold", "above", rows=rows)
    return section(say("standards", lang), made, *_prior(a, lang))


def _prior(a: Assessment, lang: str) -> list[RenderableType]:
    """The prior from which on the comparison value is reached; none for who supplied a field."""
    if a.prior_curve.why_missing is not None:
        return []
    needed = a.prior_curve.held_prior_at_standard
    if needed is None:
        return [Text(say("prior_never", lang))]
    return [Text(say("prior_needed", lang, p=percent_at_least(needed)))]


def notices(a: Assessment, lang: str) -> list[RenderableType]:
    """What whoever wrote the case should look at."""
    if not a.notices:
        return []
    mark = "· " if lang == "en" else "·"
    lines = [Text(f"{mark}{pick(n.text, lang, name=n.id)}") for n in a.notices]
    return [section(say("notices", lang), *lines)]
