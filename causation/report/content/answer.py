"""The answer: ratios, prior, posterior and provenance, standards, readings, priors, burden."""

from __future__ import annotations

import math
from collections.abc import Iterator

from causation.analyses.burden import BurdenStage
from causation.dossier.assessment import LikelihoodRatio
from causation.report.content.context import Context
from causation.report.document import Block, Explorer, Inline, Paragraph, Ref, Row, Verbal
from causation.scales import verbal_scale

__all__ = ["answer", "ratio_sentence"]

_EVERY = 25
"""Of the points of the prior curve, one in so many is printed."""


def answer(c: Context) -> Iterator[Block]:
    """Evidence first and by itself, then the assumption, then what follows from both."""
    yield c.heading(1, "analysis", "analysis.heading")
    yield from c.sections(_ratios, _items, _prior, _posterior, _parts, _victims)
    yield from c.sections(_standard, _variants, _sets, _curve)
    yield c.heading(2, "explorer", "analysis.explorer.heading")
    yield Explorer(c.text("analysis.explorer.static"))
    yield from c.sections(_burden)


# --- likelihood ratios -----------------------------------------------------------------------


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
        filling["s"] = (c.source(ratio.against),)
    if not math.isfinite(ratio.log10):
        which = {1.0: "excluded", -1.0: "impossible"}.get(math.copysign(1.0, ratio.log10))
        name = "undecided" if math.isnan(ratio.log10) else which
        return Paragraph(c.text(f"{prefix}{name}", **filling), claim="ratio")
    filling["lr"] = _ratio(c, ratio, turned=True)
    if ratio.verbal == "none":
        return Paragraph(c.text(f"{prefix}neutral", **filling), claim="ratio")
    direction = "for" if ratio.log10 > 0 else "against"
    filling["verbal"] = (_verbal(c, ratio.log10),)
    return Paragraph(c.text(f"{prefix}{direction}", **filling), claim="ratio")


def _against(c: Context, ratio: LikelihoodRatio) -> tuple[Inline, ...]:
    if ratio.against == "rest":
        return c.text("analysis.ratios.rest")
    return (c.source(ratio.against),)


def _ratio(c: Context, ratio: LikelihoodRatio, *, turned: bool = False) -> tuple[Inline, ...]:
    """A ratio as a number; `turned`, the larger probability divided by the smaller."""
    key, value = ("lr_larger", abs(ratio.log10)) if turned else ("lr", ratio.log10)
    return c.registry.ratio(f"{key}.{ratio.against}", value, name=_against(c, ratio))


def _ratios(c: Context) -> Iterator[Block]:
    a = c.assessment
    yield c.heading(2, "ratios", "analysis.ratios.heading")
    yield c.paragraph("analysis.ratios.text")
    if len(a.proposition) > 1:
        yield c.paragraph("analysis.ratios.union")
    ratios = (*a.likelihood_ratios, a.likelihood_ratio_rest)
    for ratio in ratios:
        yield ratio_sentence(c, ratio)
    yield c.table(
        "t-ratios",
        c.text("analysis.ratios.caption", claim=c.condition),
        c.header("analysis.ratios", "against", "ratio", "bans", "error", "verbal", "weights"),
        (_ratio_row(c, r) for r in ratios),
        (1.7, 1.2, 1.0, 1.0, 1.3, 1.3),
        numeric=(1, 2, 3),
    )
    yield c.paragraph("analysis.ratios.beyond", style="note", limit=c.validated())
    yield c.paragraph("analysis.ratios.scale", style="note")


def _ratio_row(c: Context, ratio: LikelihoodRatio) -> Row:
    name, q = _against(c, ratio), c.registry
    return (
        name,
        _ratio(c, ratio),
        q.held_bans(f"log_lr.{ratio.against}", ratio.log10, name=name),
        q.size(f"error_log_lr.{ratio.against}", ratio.error, name=name),
        (_verbal(c, ratio.log10),),
        c.text("answer.yes" if ratio.depends_on_prior else "answer.no"),
    )


def _items(c: Context) -> Iterator[Block]:
    rows = c.assessment.contributions.rows
    others = [s for s in (rows[0].log10_lr if rows else ()) if s != "rest"]
    yield c.paragraph("analysis.ratios.items.text", claim=c.condition)
    for start, part in c.parts(others, 5):
        table: list[Row] = []
        for row in rows:
            label = c.evidence(row.item)
            cells = [
                c.registry.held_bans(
                    f"item_lr.{row.item.id}.{s}", row.log10_lr[s], item=label, name=c.source(s)
                )
                for s in part
            ]
            largest = max((abs(row.log10_lr[s]) for s in part), default=0.0)
            table.append(((label,), *cells, (_verbal(c, largest),)))
        header: Row = (
            c.text("analysis.ratios.items.item"),
            *((c.source(s),) for s in part),
            c.text("analysis.ratios.items.strongest"),
        )
        yield c.table(
            "t-items-ratios" if start == 0 else f"t-items-ratios-{start}",
            c.text("analysis.ratios.items.caption", claim=c.condition),
            header,
            table,
            (2.2, *(1.0 for _ in part), 1.1),
            numeric=range(1, len(part) + 1),
        )


# --- prior and posterior -----------------------------------------------------------------------


def _prior(c: Context) -> Iterator[Block]:
    a, q = c.assessment, c.registry
    priors = c.filled.priors
    yield c.heading(2, "prior", "analysis.prior.heading")
    yield c.paragraph(
        "analysis.prior.text",
        set=c.prior_set(priors.id),
        reference=c.said_in(priors.reference_class),
    )
    rows: list[Row] = []
    for source in a.sources:
        name, number = c.source(source), c.filled.weight_of(source)
        shared = len(c.filled.members_of(source)) > 1
        weight = c.stated(f"weight.{source}", number, name=name)
        if shared:
            share = q.percent(f"share.{source}", c.filled.share_of(source), name=name)
            weight = c.text("analysis.prior.shared", weight=weight, share=share)
        prior = q.percent(f"entrance_prior.{source}", a.source_prior[source], name=name)
        rows.append(((name,), weight, prior, c.origin(number), c.why(number)))
    yield c.table(
        "t-prior",
        c.text("analysis.prior.caption"),
        c.header("analysis.prior", "source", "weight", "prior", "origin", "basis"),
        rows,
        (1.4, 1.2, 1.0, 1.0, 3.0),
        numeric=(2,),
    )
    yield from _chains(c)


def _chains(c: Context) -> Iterator[Block]:
    chains = [r for r in c.assessment.routes if "/" in r]
    yield c.paragraph("analysis.prior.chains" if chains else "analysis.prior.no_chains")
    rows: list[Row] = []
    for route in chains:
        found = c.filled.chain(*route.split("/"))
        if found is None:
            continue
        number, name = found[0], c.route(route)
        share = c.stated(f"chain.{route}", number, name=name)
        rows.append(((name,), share, c.origin(number), c.why(number)))
    if rows:
        yield c.table(
            "t-chains",
            c.text("analysis.prior.chains_caption"),
            c.header("analysis.prior", "chain", "goes_on", "origin", "basis"),
            rows,
            (2.0, 1.0, 1.0, 3.0),
        )


def _posterior(c: Context) -> Iterator[Block]:
    a, q = c.assessment, c.registry
    yield c.heading(2, "posterior", "analysis.posterior.heading")
    content = c.text("posterior.proposition", claim=c.proposition, p=c.probability, held=c.held)
    yield Paragraph(content, claim="posterior")
    yield c.paragraph("analysis.posterior.text", limit=c.validated())
    error = q.percent("error_probability", a.probability_error)
    yield c.paragraph("analysis.posterior.error", error=error)
    rows: list[Row] = []
    for route in a.routes:
        name = c.route(route)
        prior = q.percent(f"prior.{route}", a.prior[route], name=name)
        if route in a.excluded:
            rows.append(((name,), prior, c.text("analysis.posterior.excluded")))
            continue
        rows.append(
            ((name,), prior, q.percent(f"posterior.{route}", a.posterior[route], name=name))
        )
    values = [
        c.text(
            "analysis.posterior.value",
            name=c.source(s),
            p=q.percent(f"entrance.{s}", a.propositions[s]["entrance"], name=c.source(s)),
        )
        for s in a.sources
    ]
    yield c.figure(
        "f-posterior",
        c.text("analysis.posterior.figure"),
        c.text("analysis.posterior.alt", values=c.joined(values), threshold=c.threshold),
    )
    yield c.table(
        "t-posterior",
        c.text("analysis.posterior.caption"),
        c.header("analysis.posterior", "route", "prior", "posterior"),
        rows,
        (2.8, 1.0, 1.0),
        numeric=(1, 2),
    )


def _parts(c: Context) -> Iterator[Block]:
    """Every source's part for the first plaintiff, and where each of the fields came from."""
    a, q = c.assessment, c.registry
    yield c.heading(2, "parts", "analysis.parts.heading")
    yield c.paragraph("analysis.parts.text")
    kinds = ("role", "entrance", "alone")
    yield c.table(
        "t-parts",
        c.text("analysis.parts.caption"),
        c.header("analysis.parts", "source", *kinds),
        (
            (
                (c.source(s),),
                *(q.percent(f"{k}.{s}", a.propositions[s][k], name=c.source(s)) for k in kinds),
            )
            for s in a.sources
        ),
        (2.0, 1.0, 1.0, 1.0),
        numeric=(1, 2, 3),
    )
    fields = sorted(next(iter(a.propositions.values()))["supplied"])
    if not fields:
        return
    yield c.paragraph("analysis.parts.provenance")
    for start, part in c.parts(a.sources, 4):
        header: Row = (c.text("analysis.parts.field"), *((c.source(s),) for s in part))
        rows = [((c.field(f),), *(_supply(c, s, f) for s in part)) for f in fields]
        yield c.table(
            "t-provenance-fields" if start == 0 else f"t-provenance-fields-{start}",
            c.text("analysis.parts.provenance_caption"),
            header,
            rows,
            (1.6, *(1.4 for _ in part)),
            numeric=range(1, len(part) + 1),
        )


def _supply(c: Context, source: str, field: str) -> tuple[Inline, ...]:
    table, names = (
        c.assessment.propositions[source],
        {"name": c.source(source), "item": c.field(field)},
    )
    return c.text(
        "analysis.parts.cell",
        supplied=c.registry.percent(
            f"supplied.{source}.{field}", table["supplied"][field], **names
        ),
        sole=c.registry.percent(f"sole.{source}.{field}", table["sole"][field], **names),
    )


def _victims(c: Context) -> Iterator[Block]:
    a, q = c.assessment, c.registry
    if len(c.filled.groups) < 2:
        return
    yield c.heading(2, "each-victim", "analysis.victims.heading")
    yield c.paragraph("analysis.victims.text")
    for start, part in c.parts(a.sources, 4):
        rows: list[Row] = []
        for group in a.victims:
            name = c.group(group)
            linked = c.text("method.victims.certain")
            if not c.certain(group):
                linked = q.percent(f"linked.{group}", a.roles.linked[group], name=name)
            cells = [
                q.percent(f"victim.{group}.{s}", a.victims[group][s], item=name, name=c.source(s))
                for s in part
            ]
            rows.append(((name,), linked, *cells))
        yield c.table(
            "t-each-victim" if start == 0 else f"t-each-victim-{start}",
            c.text("analysis.victims.caption"),
            (*c.header("analysis.victims", "group", "linked"), *((c.source(s),) for s in part)),
            rows,
            (1.6, 1.0, *(1.0 for _ in part)),
            numeric=range(1, len(part) + 2),
        )


def _standard(c: Context) -> Iterator[Block]:
    a, q = c.assessment, c.registry
    yield c.heading(2, "standard", "analysis.standard.heading")
    verdict = c.text(f"verdict.{a.verdict.value}")
    yield c.paragraph("summary.verdict", threshold=c.threshold, verdict=verdict)
    yield c.paragraph("analysis.standard.rule", threshold=c.threshold)
    law = "cn" if c.filled.jurisdiction == "cn" else "other"
    yield c.paragraph(
        f"analysis.standard.text_{law}", standard=c.case_standard, threshold=c.threshold
    )
    rows: list[Row] = []
    for row in a.standards:
        s = row.standard
        threshold = q.percent(f"standard.{s.id}", s.threshold, name=c.standard(s.id))
        basis = (Ref(s.basis.get(c.language.name) or s.source),)
        status = c.text(f"status.{s.status}")
        rows.append(((c.standard(s.id),), threshold, basis, status, c.met(reached=row.met)))
    yield c.table(
        "t-standards",
        c.text("analysis.standard.caption", held=c.held),
        c.header("analysis.standard", "standard", "threshold", "basis", "status", "met"),
        rows,
        (1.6, 0.9, 2.8, 1.2, 1.3),
        numeric=(1,),
    )


def _variants(c: Context) -> Iterator[Block]:
    """Readings of the facts apart from stress on the model, the case as stated first."""
    yield c.heading(2, "variants", "analysis.variants.heading")
    a, q = c.assessment, c.registry
    yield c.paragraph("analysis.variants.text")
    base = (c.text("analysis.variants.base"), c.text("format.none"), c.probability, c.held)
    for kind in ("reading", "model"):
        found = [v for v in a.variants if v.kind == kind]
        rows: list[Row] = [(*base, c.met(reached=a.held.probability >= a.threshold))]
        for v in found:
            label = c.said_in(v.label)
            if v.probability is None or v.held is None:
                continue
            asks = c.text("format.none")
            if v.needed is not None:
                asks = q.percent(f"needed.{v.id}", v.needed, item=label)
            p = q.percent(f"variant.{v.id}", v.probability, item=label)
            held = q.percent(f"variant_held.{v.id}", v.held, item=label)
            rows.append(((label,), asks, p, held, c.met(reached=bool(v.meets))))
        yield c.table(
            f"t-variants-{kind}",
            c.text(f"analysis.variants.{kind}"),
            c.header("analysis.variants", "variant", "needed", "probability", "held", "met"),
            rows,
            (3.0, 1.0, 1.0, 1.0, 1.1),
            numeric=(1, 2, 3),
        )
        for v in found:
            if v.probability is None:
                why = c.said_in(v.why_missing or {})
                yield c.paragraph("analysis.variants.missing", name=c.said_in(v.label), why=why)


def _sets(c: Context) -> Iterator[Block]:
    """All prior sets side by side, each with its comparison."""
    found, q = c.assessment.sets, c.registry
    yield c.table(
        "t-prior-sets",
        c.text("analysis.variants.sets"),
        c.header("analysis.variants", "set", "probability", "held", "met"),
        (
            (
                (c.prior_set(s.id),),
                q.percent(f"under_set.{s.id}", s.probability, item=c.prior_set(s.id)),
                q.percent(f"under_set_held.{s.id}", s.held, item=c.prior_set(s.id)),
                c.met(reached=bool(s.meets)),
            )
            for s in found
            if s.probability is not None and s.held is not None
        ),
        (3.0, 1.0, 1.0, 1.1),
        numeric=(1, 2),
    )
    for s in found:
        if s.probability is None:
            name, why = c.prior_set(s.id), c.said(s.why_missing or "")
            yield c.paragraph("analysis.variants.missing", name=name, why=why)


def _curve(c: Context) -> Iterator[Block]:
    yield c.heading(2, "curve", "analysis.curve.heading")
    curve, q = c.assessment.prior_curve, c.registry
    if curve.why_missing is not None:
        yield c.paragraph("analysis.curve.none", why=c.said_in(curve.why_missing))
        return
    yield c.paragraph("analysis.curve.text")
    prior = q.percent("prior_proposition", curve.case_prior)
    crossing = c.text("analysis.curve.never")
    if curve.held_prior_at_standard is not None:
        at = q.at_least("prior_at_standard", curve.held_prior_at_standard)
        crossing = c.text("analysis.curve.crossing", at=at)
    yield Paragraph(crossing, claim="posterior")
    yield c.figure(
        "f-curve",
        c.text("analysis.curve.figure"),
        c.text("analysis.curve.alt", prior=prior, posterior=c.probability, crossing=crossing),
    )
    rows: list[tuple[float, Row]] = [
        (curve.case_prior, (c.text("analysis.curve.case", p=prior), c.probability, c.held))
    ]
    for number, values in enumerate(zip(curve.prior, curve.posterior, curve.held, strict=True)):
        if number % _EVERY:
            continue
        before, after, held = (float(x) for x in values)
        p = q.percent(f"grid_prior.{number}", before)
        posterior = q.percent(f"grid_posterior.{number}", after, prior=p)
        rows.append((before, (p, posterior, q.percent(f"grid_held.{number}", held, prior=p))))
    yield c.table(
        "t-curve",
        c.text("analysis.curve.caption"),
        c.header("analysis.curve", "prior", "posterior", "held"),
        (row for _, row in sorted(rows, key=lambda pair: pair[0])),
        (1.0, 1.0, 1.0),
        numeric=(0, 1, 2),
    )


# --- burden --------------------------------------------------------------------------------------


def _burden(c: Context) -> Iterator[Block]:
    yield c.heading(2, "burden", "analysis.burden.heading")
    yield c.paragraph("analysis.burden.text")
    stages = c.assessment.burden
    values = [
        c.text("format.said_of", name=c.text(f"after.{b.stage}"), text=_stage(c, b)) for b in stages
    ]
    yield c.figure(
        "f-burden",
        c.text("analysis.burden.figure"),
        c.text("analysis.burden.alt", values=c.joined(values, "format.semicolon")),
    )
    yield c.table(
        "t-burden",
        c.text("analysis.burden.caption"),
        c.header("analysis.burden", "stage", "probability", "held", "met"),
        (
            (
                c.text(f"after.{b.stage}"),
                _stage(c, b),
                c.registry.percent(
                    f"burden_held.{b.stage}", b.held, stage=c.text(f"after.{b.stage}")
                ),
                c.met(reached=b.met),
            )
            for b in stages
        ),
        (2.0, 1.0, 1.0, 1.0),
        numeric=(1, 2),
    )


def _stage(c: Context, stage: BurdenStage) -> tuple[Inline, ...]:
    name = c.text(f"after.{stage.stage}")
    return c.registry.percent(f"burden.{stage.stage}", stage.probability, stage=name)
