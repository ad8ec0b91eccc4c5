"""What the command line prints: one assessment whole, several side by side, inquiries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING

from rich.console import Group, RenderableType

from causation.dossier.digits import bans, percent
from causation.dossier.labels import pick, prior_set_label, source_label
from causation.errors import CausationError
from causation.terminal import assessment as answer
from causation.terminal import grounds
from causation.terminal.failures import error_text
from causation.terminal.layout import Text, console, say, section, table, worded
from causation.terminal.progress import working

if TYPE_CHECKING:
    from causation.analyses.inquiry import InquiryResult
    from causation.dossier.assessment import Assessment

type _Section = Callable[[Assessment, str], RenderableType | list[RenderableType]]

_SECTIONS: dict[str, _Section] = {
    "routes": answer.routes,
    "sources": answer.sources,
    "ratios": answer.ratios,
    "readings": grounds.readings,
    "sets": grounds.sets,
    "redraws": grounds.redraws,
    "burden": grounds.burden,
    "contributions": grounds.contributions,
    "carriers": grounds.carriers,
    "claimants": answer.claimants,
    "victims": answer.victims,
    "standards": grounds.standards,
    "notices": grounds.notices,
}


def render_assessment(a: Assessment, *, lang: str = "en") -> RenderableType:
    """Everything about one assessment, for a rich console.

    What cannot be computed says why in its place; it never costs the others.
    """
    parts: list[RenderableType] = [answer.head(a, lang)]
    for key, make in _SECTIONS.items():
        try:
            made = make(a, lang)
        except (CausationError, MemoryError) as error:
            why = say("not_computed", lang, why=error_text(error, lang))
            made = section(say(key, lang), Text(why, style="dim"))
        parts += made if isinstance(made, list) else [made]
    return Group(*parts, answer.footer(a, lang))


def _side_by_side(results: Sequence[Assessment], lang: str) -> RenderableType:
    first = results[0]
    names = [prior_set_label(a.filled.priors.name, lang) for a in results]
    made = table(("", "l"), *((name, "r") for name in names))
    made.add_row(
        say("prior_proposition", lang),
        *(percent(a.prior_probability, a.threshold) for a in results),
    )
    made.add_row(
        say("posterior_proposition", lang), *(percent(a.probability, a.threshold) for a in results)
    )
    made.add_row(
        say("held_proposition", lang), *(percent(a.held.probability, a.threshold) for a in results)
    )
    for k, row in enumerate(first.likelihood_ratios):
        name = source_label(first.filled, row.against, lang)
        made.add_row(
            Text(say("lr_against", lang, name=name)),
            *(bans(a.likelihood_ratios[k].held) for a in results),
        )
    made.add_row(
        say("comparison", lang), *(answer.verdict_text(a.verdict.value, lang) for a in results)
    )
    return section(say("side_by_side", lang), made)


def print_assessments(
    results: Sequence[Assessment], *, lang: str = "en", file: IO[str] | None = None
) -> None:
    """Print one assessment whole, or several prior sets side by side after the first."""
    with working(say("working", lang)):
        parts = [render_assessment(results[0], lang=lang)]
        if len(results) > 1:
            parts += [Text(""), _side_by_side(results, lang)]
    console(file).print(Group(*parts))


def print_inquiry(result: InquiryResult, *, lang: str = "en") -> None:
    """Print the inquiries of a case, those that tell most first."""
    rows = [
        (
            pick(row.label, lang, name=row.id),
            f"{row.bits:.3f}",
            percent(row.chance_of_crossing, result.threshold),
            percent(row.lowest, result.threshold),
            percent(row.highest, result.threshold),
            bans(row.plaintiff_bans),
            bans(row.defendant_bans),
        )
        for row in result.rows
    ]
    keys = ("bits", "crosses", "lowest", "highest", "plaintiff", "defendant")
    made = worded(lang, "inquiry", *(f">{key}" for key in keys), rows=rows)
    console().print(made, Text(result.sentence[lang]), Text(say("inquiry_note", lang), style="dim"))
