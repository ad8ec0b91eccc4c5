"""Likelihood ratios: what the evidence is worth, before anything is assumed of the routes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from causation.analyses.bound import LikelihoodRatio
from causation.analyses.contributions import Contribution
from causation.report.content.context import Context
from causation.report.document import Block, Inline, Paragraph, Row, Verbal
from causation.scales import verbal_scale


def _verbal(c: Context, bans: float) -> Verbal:
    """Band of a ratio held to the validated range; beyond it, "at least" that of its end."""
    bound = c.registry.bound
    word = c.language.raw(f"verbal.{verbal_scale(max(-bound, min(bound, bans)))}")
    if abs(bans) > bound:
        return Verbal(c.language.raw("verbal.at_least").replace("%x", word))
    return Verbal(word)


def ratio_sentence(c: Context, ratio: LikelihoodRatio) -> Paragraph:
    """What the evidence is worth, between the proposition and one source or all the rest.

    The sentence always has the evidence for its subject and the sources as conditions, so it
    cannot be read as a probability of a source.
    """
    rest = ratio.against == "rest"
    prefix = "ratio.rest_" if rest else "ratio."
    filling: dict[str, tuple[Inline, ...]] = {"claim": c.condition}
    if not rest:
        filling["s"] = against(c, ratio)
    if not math.isfinite(ratio.log10):
        which = {1.0: "excluded", -1.0: "impossible"}.get(math.copysign(1.0, ratio.log10))
        name = "undecided" if math.isnan(ratio.log10) else which
        return Paragraph(c.text(f"{prefix}{name}", **filling), claim="ratio")
    if ratio.verbal == "none":
        filling["lr"] = size(c, ratio, turned=True)
        return Paragraph(c.text(f"{prefix}neutral", **filling), claim="ratio")
    direction = "for" if ratio.log10 > 0 else "against"
    filling["verbal"] = (_verbal(c, ratio.log10),)
    if abs(ratio.log10) > c.registry.bound:
        filling["limit"] = c.validated()
        return Paragraph(c.text(f"{prefix}{direction}_beyond", **filling), claim="ratio")
    filling["lr"] = size(c, ratio, turned=True)
    return Paragraph(c.text(f"{prefix}{direction}", **filling), claim="ratio")


def against(c: Context, ratio: LikelihoodRatio, *, route: bool = False) -> tuple[Inline, ...]:
    """Against what a ratio is: the routes that begin at a source, one route, or all the rest."""
    if ratio.against == "rest":
        return c.text("analysis.ratios.rest")
    if route and "/" not in ratio.against:
        return c.text("analysis.ratios.single", source=c.source(ratio.against))
    return (c.route(ratio.against),)


def size(
    c: Context, ratio: LikelihoodRatio, *, route: bool = False, turned: bool = False
) -> tuple[Inline, ...]:
    """A ratio as a number; `turned`, the larger probability divided by the smaller."""
    key, value = ("lr_larger", abs(ratio.log10)) if turned else ("lr", ratio.log10)
    key = f"{key}_route" if route and ratio.against != "rest" else key
    return c.registry.ratio(f"{key}.{ratio.against}", value, name=against(c, ratio, route=route))


def in_words(c: Context, ratio: LikelihoodRatio) -> tuple[Inline, ...]:
    """The band of a ratio, and whom it supports."""
    if math.isnan(ratio.log10) or ratio.verbal == "none":
        return c.text("analysis.ratios.none")
    key = "for_it" if ratio.log10 > 0 else "against_it"
    return c.text(f"analysis.ratios.{key}", verbal=_verbal(c, ratio.log10))


def ratios(c: Context) -> Iterator[Block]:
    """Likelihood ratios against every rival source and route."""
    a = c.assessment
    yield c.paragraph("analysis.ratios.text")
    if len(a.proposition) > 1:
        yield c.paragraph("analysis.ratios.union")
    for ratio in (*a.likelihood_ratios, a.likelihood_ratio_rest):
        yield ratio_sentence(c, ratio)
    rows = [
        *(_ratio_row(c, r) for r in a.likelihood_ratios),
        *(_ratio_row(c, r, route=True) for r in a.route_ratios),
        _ratio_row(c, a.likelihood_ratio_rest),
    ]
    yield c.table("t-ratios", rows, claim=c.condition)
    yield c.paragraph("analysis.ratios.beyond", style="note", limit=c.validated())
    yield c.paragraph("analysis.ratios.scale", style="note")


def _ratio_row(c: Context, ratio: LikelihoodRatio, *, route: bool = False) -> Row:
    name, q = against(c, ratio, route=route), c.registry
    key = f"{'_route' if route else ''}.{ratio.against}"
    return (
        name,
        size(c, ratio, route=route),
        q.held_bans(f"log_lr{key}", ratio.log10, name=name),
        q.size(f"error_log_lr{key}", ratio.error, name=name),
        in_words(c, ratio),
        c.text("answer.yes" if ratio.depends_on_prior else "answer.no"),
    )


def by_item(c: Context) -> Iterator[Block]:
    """What each item adds to the ratios."""
    rows = c.assessment.contributions.rows
    others = [s for s in (rows[0].log10_lr if rows else ()) if s != "rest"]
    yield c.paragraph("analysis.ratios.items.text", claim=c.condition)
    yield from c.divided(
        "t-items-ratios", others, 5, lambda s: (c.source(s),),
        lambda part: (_item_row(c, row, part) for row in rows), claim=c.condition,
    )  # fmt: skip


def _item_row(c: Context, row: Contribution, sources: Iterable[str]) -> Row:
    label = c.evidence(row.item)
    cells = [
        c.registry.held_bans(
            f"item_lr.{row.item.id}.{s}", row.log10_lr[s], item=label, name=c.source(s)
        )
        for s in sources
    ]
    largest = max((abs(row.log10_lr[s]) for s in sources), default=0.0)
    return ((label,), *cells, (_verbal(c, largest),))
