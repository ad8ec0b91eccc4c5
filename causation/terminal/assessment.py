"""The answer as the command line shows it: headline, routes, sources, ratios, victims."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding

from causation.dossier.digits import bans, percent, ratio, stated
from causation.dossier.headline import headline, limits
from causation.dossier.labels import (
    case_title,
    field_label,
    group_label,
    pick,
    prior_set_label,
    route_label,
    source_label,
    standard_label,
    strength,
    word,
)
from causation.terminal.layout import Columns, Text, bar, closed, say, section, worded

if TYPE_CHECKING:
    from causation.analyses.bound import LikelihoodRatio
    from causation.dossier.assessment import Assessment

_SHOWN = 12
"""Groups of victims that are printed."""
_STYLE = {"meets": "bold green", "meets_not_robustly": "bold yellow", "does_not_meet": "bold red"}


def verdict_text(verdict: str, lang: str) -> Text:
    """The words of a verdict, in its colour."""
    return Text(word(verdict, lang), style=_STYLE[verdict])


def head(a: Assessment, lang: str) -> RenderableType:
    """Title, headline, verdict and what of it does not hold."""
    title = Text.assemble((case_title(a.filled, lang), "bold"), (f"  {a.case.id}", "dim"))
    standard = say(
        "standard", lang, t=stated(a.threshold), name=standard_label(a.standard_id, lang)
    )
    own = any(n.origin == "case" for n in a.model.numbers if n.sort in {"weight", "chain"})
    own |= any(found.moves for found in a.security)
    prior = say(
        "prior_of_case" if own else "prior_of", lang,
        prior=percent(a.prior_probability, a.threshold),
        set=prior_set_label(a.filled.priors.name, lang),
    )  # fmt: skip
    compared = Text(say("compared", lang), style="dim")
    lines = [title, Text(""), Text(headline(a, lang)), Text(""), Text(standard), Text(prior),
             compared]  # fmt: skip
    return Group(*lines, *_verdict(a, lang), Text(""))


def _verdict(a: Assessment, lang: str) -> list[RenderableType]:
    judged = a.judgement
    before, _, after = say(
        "verdict", lang, verdict="\0", held=percent(a.held.probability, a.threshold)
    ).partition("\0")
    lines: list[RenderableType] = [
        Text.assemble(before, verdict_text(judged.verdict.value, lang), after)
    ]
    for reason in judged.because:
        value = "—" if reason.value is None else percent(reason.value, a.threshold)
        text = pick(reason.text, lang, name=reason.id)
        why = say("because", lang, text=text, value=value)
        lines.append(Padding(Text(why), (0, 0, 0, 2), expand=False))
    return lines


def routes(a: Assessment, lang: str) -> RenderableType:
    """Prior and posterior of every route."""
    rows = [
        (
            route_label(a.filled, route, lang),
            percent(a.prior[route], a.threshold),
            Text(say("excluded", lang), style="dim")
            if route in a.excluded
            else percent(p, a.threshold),
            bar(p, 12),
        )
        for route, p in a.posterior.items()
    ]
    return section(
        say("routes", lang), worded(lang, "route", ">prior", ">posterior", "", rows=rows)
    )


def sources(a: Assessment, lang: str) -> list[RenderableType]:
    """Every source's part, and which field came from which."""
    parts = ("role", *(("any_remove",) if a.any_remove else ()), "entrance", "alone")
    rows = [
        (
            Text(source_label(a.filled, s, lang), style="bold" if s in a.proposition else ""),
            *(percent(table[part], a.threshold) if part in table else "" for part in parts),
        )
        for s, table in a.propositions.items()
    ]
    made = worded(lang, "source", *(f">{part}" for part in parts), rows=rows)
    found = [section(say("sources", lang), made, Text(say("roles_note", lang), style="dim"))]
    fields = list(a.propositions[a.sources[0]]["supplied"])
    if fields:
        supplied = [
            (field_label(a.filled, f, lang), [a.propositions[s]["supplied"][f] for s in a.sources])
            for f in fields
        ]
        found.append(section(say("provenance", lang), _by_source(a, "field", supplied, lang)))
    return found


def _by_source(
    a: Assessment, first: str, rows: list[tuple[str, list[float]]], lang: str
) -> RenderableType:
    """Tables of probabilities by row and source, so many sources at a time as fit."""
    names = [source_label(a.filled, s, lang) for s in a.sources]
    cells = [(label, [closed(percent(p, a.threshold), lang) for p in row]) for label, row in rows]
    return Columns(say(first, lang), names, cells)


def _bans(row: LikelihoodRatio, lang: str) -> str:
    """The log10 of a ratio, or beyond what it lies."""
    if not math.isfinite(row.log10):
        return ""
    held = bans(row.held)
    return held if row.held == row.log10 else say("beyond", lang, x=held)


def ratios(a: Assessment, lang: str) -> RenderableType:
    """Likelihood ratio against every rival, held to the validated bound."""
    rest = a.likelihood_ratio_rest
    rows = [(Text(source_label(a.filled, r.against, lang)), r) for r in a.likelihood_ratios]
    rows.append((Text(say("rest", lang), style="dim"), rest))
    made = worded(
        lang, "against", ">ratio", ">bans", "support",
        rows=[
            (
                name,
                ratio(row.log10, a.bound, lang),
                _bans(row, lang),
                _support(row, lang),
            )
            for name, row in rows
        ],
    )  # fmt: skip
    notes = [Text(say("ratios_note", lang), style="dim")] if rest.depends_on_prior else []
    return section(say("ratios", lang), made, *notes)


def _support(row: LikelihoodRatio, lang: str) -> str:
    if row.verbal == "none" or math.isnan(row.log10):
        return say("no_support", lang)
    key = "supports" if row.log10 > 0 else "opposes"
    return say(key, lang, strength=strength(row, lang))


def victims(a: Assessment, lang: str) -> list[RenderableType]:
    """Which source played a role, for a victim of every group."""
    rows = [
        (group_label(a.filled, g, lang, with_size=True), [shares[s] for s in a.sources])
        for g, shares in a.victims.items()
    ]
    made = _by_source(a, "victim", rows[:_SHOWN], lang)
    return [section(say("victims", lang), made, *_more(len(rows), lang))] if rows else []


def claimants(a: Assessment, lang: str) -> list[RenderableType]:
    """The proposition about every victim, where there are several; plaintiffs with a verdict."""
    if len(a.claimants) < 2:
        return []
    rows = [
        (
            group_label(a.filled, c.group, lang, with_size=True),
            "" if c.plaintiff else percent(round(c.linked, 6), a.threshold),
            percent(c.probability, a.threshold),
            percent(c.held, a.threshold),
            say("over" if c.meets else "under", lang)
            if c.verdict is None
            else verdict_text(c.verdict.value, lang),
        )
        for c in a.claimants[:_SHOWN]
    ]
    made = worded(lang, "victim", ">linked", ">probability", ">held", "comparison", rows=rows)
    return [section(say("claimants", lang), made, *_more(len(a.claimants), lang))]


def _more(count: int, lang: str) -> list[RenderableType]:
    if count <= _SHOWN:
        return []
    return [Text(say("more_rows", lang, n=count - _SHOWN), style="dim")]


def footer(a: Assessment, lang: str) -> RenderableType:
    """Numerical error, and what the answer is not."""
    error = say(
        "error", lang, evidence=max(a.error.values()), p=a.probability_error,
        engine=a.engine, seed=a.settings.random_seed,
    )  # fmt: skip
    return Group(Text(error, style="dim"), Text(limits(lang), style="dim"))
