"""The first page: the question, what the evidence is worth, the answer under every set, and why."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from causation.analyses.bound import BOUNDED
from causation.analyses.verdict import Reason
from causation.dossier.digits import bans
from causation.dossier.headline import reading_key
from causation.report.content.context import Context
from causation.report.content.ratios import against, in_words, size
from causation.report.document import (
    Block,
    BulletList,
    Contents,
    Heading,
    Inline,
    Paragraph,
    Row,
    Text,
)
from causation.report.language import Filling

_FIRST_SETS = ("claimant", "neutral", "respondent")
_MOST_RIVALS = 6
_NAMED = 3
"""How many inputs, items or changes are named in a sentence."""


def front(c: Context) -> Iterator[Block]:
    """Title, the one page, and contents."""
    yield Paragraph(c.text("title"), "title")
    yield Paragraph((c.title,), "subtitle")
    yield Heading(0, "summary", "", c.text("summary.heading"))
    first = partial(readings, name="t-first-readings")
    for section in (_question, conclusion, first, _rivals, _sets, _standing, _why):
        yield from c.guarded(section)
    yield c.paragraph(f"summary.status_{c.headline_law}", style="note")
    if c.leaks:
        words = c.joined(Text(c.language.raw(f"withheld.{k}")) for k in c.leaks)
        yield c.paragraph("summary.leak", style="note", kinds=words)
    yield Contents(c.text("words.contents"))


def _question(c: Context) -> Iterator[Block]:
    rivals = c.joined(
        c.source(s) for s in c.assessment.sources if s not in c.assessment.proposition
    )
    yield c.paragraph("summary.question", claim=c.proposition, rivals=rivals)


def conclusion(c: Context) -> Iterator[Block]:
    """The headline, how it stands to the comparison value and why, and how far opinions go."""
    yield Paragraph(_headline(c), "headline", claim="posterior")
    a = c.assessment
    verdict = c.text(f"verdict.{a.verdict.value}")
    sentence = c.text("summary.verdict", threshold=c.threshold, verdict=verdict)
    if a.judgement.because:
        short = c.joined((_reason(c, r) for r in a.judgement.because), "format.semicolon")
        sentence = c.joined((sentence, c.text("summary.because", short=short)), "words.sentence")
    found, q = a.range_of_opinion, c.registry
    lo, hi = q.percent("range.lo", found.lo), q.percent("range.hi", found.hi)
    spread = c.text("summary.range", lo=lo, hi=hi)
    yield Paragraph(c.joined((sentence, spread, c.limit), "words.sentence"))


def _reason(c: Context, reason: Reason) -> tuple[Inline, ...]:
    """What falls short, by how much it is and how much was asked for."""
    q = c.registry
    found = {v.id: v.label for v in c.assessment.variants}
    if reason.id in found:
        name: tuple[Inline, ...] = (c.said_in(found[reason.id]),)
    else:
        name = c.text(f"summary.{reason.id.replace('.', '_')}")
    if reason.value is None:
        return c.text("summary.reason_missing", name=name)
    value = q.percent(f"short.{reason.id}", reason.value, item=name)
    needed = q.given(f"asked.{reason.id}", reason.needed, item=name)
    return c.text("summary.reason", name=name, value=value, needed=needed)


def _headline(c: Context) -> tuple[Inline, ...]:
    """The sentences of `causation.dossier.headline`, with numbers to trace."""
    a, law = c.assessment, c.headline_law
    bounded = a.filled.proposition.role in BOUNDED
    held = {"held": c.held} if bounded else {}
    key = "probability" if bounded else "probability_plain"
    parts = (
        c.text(f"summary.{key}", claim=c.proposition, p=c.probability, **held),
        c.text(f"summary.value_{law}", threshold=c.threshold),
        _readings(c),
        c.text("summary.compared") if bounded else (),
        c.text(f"summary.court_{law}"),
    )
    return c.joined(parts, "words.sentence")


def _readings(c: Context) -> tuple[Inline, ...]:
    """How many readings of the facts lie above the comparison value, and which do not."""
    a, q = c.assessment, c.registry
    rows = [(c.text("summary.base"), a.held.probability >= a.threshold)]
    rows += [
        ((c.said_in(v.label),), v.meets)
        for v in a.variants
        if v.kind == "reading" and v.meets is not None
    ]
    below = [name for name, above in rows if not above]
    above = len(rows) - len(below)
    template = c.language.raw(f"summary.{reading_key(len(rows), above)}")
    filling: dict[str, Filling] = {}
    if len(rows) > 1:
        filling["n"] = q.stated("readings", len(rows))
    if 0 < above < len(rows):
        filling |= {"k": q.stated("readings_above", above), "below": c.joined(below)}
    return c.filled_in(template, filling)


def readings(c: Context, name: str) -> Iterator[Block]:
    """The case as stated and its other readings, side by side, none above another."""
    found = [v for v in c.assessment.variants if v.kind == "reading"]
    if not found:
        return
    yield c.table(name, c.variant_rows(*(v.id for v in found)))
    for v in found:
        if v.held is None:
            label, why = c.said_in(v.label), c.said_in(v.why_missing or {})
            yield c.paragraph("summary.own_missing", name=label, why=why)


def _rivals(c: Context) -> Iterator[Block]:
    a = c.assessment
    route = len(a.route_ratios) <= _MOST_RIVALS
    found = a.route_ratios if route else a.likelihood_ratios
    yield c.table(
        "t-first-ratios",
        (
            (against(c, r, route=route), size(c, r, route=route), in_words(c, r))
            for r in (*found, a.likelihood_ratio_rest)
        ),
    )


def set_rows(c: Context) -> Iterator[Row]:
    """Prior, probability, held probability and comparison under every prior set."""
    q = c.registry
    found = {s.id: s for s in c.assessment.sets}
    for name in (
        *(s for s in _FIRST_SETS if s in found),
        *(s for s in found if s not in _FIRST_SETS),
    ):
        s = found[name]
        label: tuple[Inline, ...] = (c.prior_set(name),)
        if s.own:
            label = c.text("summary.sets.own", set=c.prior_set(name))
        other = c.assessment.by_set[name]
        if (
            s.probability is None
            or s.held is None
            or s.verdict is None
            or isinstance(other, Exception)
        ):
            yield (label, *((c.text("format.none"),) * 3), (c.said(s.why_missing or ""),))
            continue
        yield (
            label,
            q.percent(f"set_prior.{name}", other.prior_probability, item=c.prior_set(name)),
            *c.set_values(s),
            c.text(f"verdict.{s.verdict.value}"),
        )


def _sets(c: Context) -> Iterator[Block]:
    yield c.table("t-first-sets", set_rows(c))


def _standing(c: Context) -> Iterator[Block]:
    yield c.figure(
        "f-standing",
        c.text("summary.figure"),
        c.text("summary.alt", held=c.held, threshold=c.threshold),
    )


def _why(c: Context) -> Iterator[Block]:
    yield BulletList((drives(c), *hangs(c), reverses(c)))


def drives(c: Context) -> tuple[Inline, ...]:
    """The items of evidence without which the odds would change most."""
    worth = [r for r in c.assessment.contributions.rows if bans(r.leave_one_out) != bans(0.0)]
    rows = sorted(worth, key=lambda r: -abs(r.leave_one_out))[:_NAMED]
    items = (
        c.text(
            "format.counted",
            name=c.evidence(row.item),
            x=c.registry.bans(
                f"leave_one_out.{row.item.id}", row.leave_one_out, item=c.evidence(row.item)
            ),
        )
        for row in rows
    )
    return c.text("summary.drives", items=c.joined(items, "format.semicolon"))


def hangs(c: Context) -> Iterator[tuple[Inline, ...]]:
    """What the answer hangs on: how victims came to be known, silence, chains, weights."""
    groups = [g for g in c.filled.groups if not g.first]
    known = c.found("as_listed", *(f"without.{g.id}" for g in groups), "without_uncertain")
    yield (
        c.text("summary.known", base=c.both(c.probability, c.held), held=known)
        if known
        else c.text("summary.known_none")
    )
    silent = c.found("silence_plaintiff", "silence_others")
    yield c.text("summary.silence", held=silent) if silent else c.text("summary.silence_none")
    chains = c.under_variant("chains_off")
    yield c.text("summary.chains", held=chains) if chains else c.text("summary.chains_none")
    carried = (c.input(x.path) for x in c.assessment.carriers.inputs[:_NAMED])
    yield c.text("summary.weights", inputs=c.joined(carried, "format.semicolon"))


def reverses(c: Context) -> tuple[Inline, ...]:
    """The nearest changes that would put the answer on the other side; or that none does."""
    parts = [*_one_input(c), *_unknown(c), *_items_lost(c), *_two_inquiries(c)]
    if not parts:
        return c.text("summary.reverse_none")
    return c.text("summary.reverse", parts=c.joined(parts, "format.semicolon"))


def _one_input(c: Context) -> Iterator[tuple[Inline, ...]]:
    for point in c.results.tipping.points[:2]:
        yield c.text("summary.tips", item=c.input(point.path), **c.tipped(point))


def _unknown(c: Context) -> Iterator[tuple[Inline, ...]]:
    found = c.residual()
    if found is not None and found.met:
        yield c.text("summary.unknown_lost", now=found.now, fails=found.fails)
    elif found is not None:
        yield c.text("summary.unknown_gained", now=found.now, needed=found.needed)


def _items_lost(c: Context) -> Iterator[tuple[Inline, ...]]:
    """Single items without which the held probability is on the other side."""
    a = c.assessment
    own, met = a.filled.priors.name, a.held.probability >= a.threshold
    crossing = [w for w in a.if_wrong if w.item is not None and w.by_set[own].meets != met]
    if not crossing:
        return
    yield c.text(
        "summary.without", items=c.joined(c.evidence(w.item) for w in crossing[:_NAMED] if w.item)
    )


def _two_inquiries(c: Context) -> Iterator[tuple[Inline, ...]]:
    met = c.assessment.held.probability >= c.assessment.threshold
    found = c.results.inquiry
    pair = found.lowest_pair if met else found.highest_pair
    if pair is not None and pair.meets_standard != met:
        yield c.text("summary.two", **c.pair("lowest" if met else "highest", pair))
