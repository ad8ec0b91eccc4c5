"""The answer: likelihood ratios, prior, posterior, standards, other priors, burden by stage."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from causation.dossier.assessment import BurdenStage, LikelihoodRatio
from causation.report.content.context import Context
from causation.report.content.front import posterior_sentence, verdict_sentence
from causation.report.document import (
    Block,
    Explorer,
    Figure,
    Inline,
    Paragraph,
    Ref,
    Row,
    Verbal,
)

__all__ = ["answer", "ratio_sentence"]

_GRID = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99)
"""Priors at which the prior curve is printed."""


def answer(c: Context) -> Iterator[Block]:
    """Evidence first and by itself, then the assumption, then what follows from both."""
    yield c.heading(1, "analysis", "analysis.heading")
    yield from _ratios(c)
    yield from _items(c)
    yield from _prior(c)
    yield from _posterior(c)
    yield from _standard(c)
    yield from _curve(c)
    yield c.heading(2, "explorer", "analysis.explorer.heading")
    yield Explorer(c.text("analysis.explorer.static"))
    yield from _burden(c)


# --- likelihood ratios -----------------------------------------------------------------------


def _verbal(c: Context, bans: float) -> Verbal:
    """Band of a ratio; beyond the validated range, that of its end, and "at least" so much."""
    limit = c.registry.validated
    if limit is None or abs(bans) <= limit:
        return Verbal(c.language.raw(f"verbal.{c.results.verbal(bans)}"))
    band = c.language.raw(f"verbal.{c.results.verbal(limit)}")
    return Verbal(c.language.raw("verbal.at_least").replace("%x", band))


def ratio_sentence(c: Context, ratio: LikelihoodRatio) -> Paragraph:
    """What the evidence is worth, between the proposition and one source or all the rest.

    The sentence always has the evidence for its subject and the sources as conditions, so it
    cannot be read as a probability of a source.
    """
    rest = ratio.against == "rest"
    prefix = "ratio.rest_" if rest else "ratio."
    filling: dict[str, tuple[Inline, ...]] = {"h": c.proposition}
    if not rest:
        filling["s"] = (c.source(ratio.against),)
    if math.isinf(ratio.log10) and ratio.against in c.assessment.excluded:
        what = c.said(c.assessment.excluded[ratio.against])
        content = c.text("ratio.excluded", s=filling["s"], what=what)
        return Paragraph(content, claim="ratio")
    filling["lr"] = _ratio(c, ratio)
    if ratio.verbal == "none":
        return Paragraph(c.text(f"{prefix}neutral", **filling), claim="ratio")
    direction = "for" if ratio.log10 > 0 else "against"
    filling["verbal"] = (_verbal(c, ratio.log10),)
    return Paragraph(c.text(f"{prefix}{direction}", **filling), claim="ratio")


def _against(c: Context, ratio: LikelihoodRatio) -> tuple[Inline, ...]:
    if ratio.against == "rest":
        return c.text("analysis.ratios.rest")
    return (c.source(ratio.against),)


def _ratio(c: Context, ratio: LikelihoodRatio) -> tuple[Inline, ...]:
    return c.registry.ratio(
        f"lr.{ratio.against}", ratio.log10, error=ratio.error, name=_against(c, ratio)
    )


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
        c.text("analysis.ratios.caption", h=c.proposition),
        c.header("analysis.ratios", "against", "direction", "ratio", "bans", "error", "verbal"),
        (_ratio_row(c, r) for r in ratios),
        (1.7, 1.7, 1.1, 0.8, 1.0, 1.2),
        numeric=(2, 3, 4),
    )
    if a.prior_in_ratios:
        yield _over_priors(c)
    if a.validated_log10_lr is None:
        yield c.paragraph("analysis.ratios.unlimited", style="note")
    else:
        yield c.paragraph("analysis.ratios.beyond", style="note", limit=c.validated())
    yield c.paragraph("analysis.ratios.scale", style="note")


_REACH = (0.01, 0.99)
"""Priors of the proposition over which the ratio against all the rest is followed."""


def _over_priors(c: Context) -> Paragraph:
    """How far uncertain linkage and reliability let the prior move the ratios."""
    lo, hi = c.assessment.prior_curve.log10_lr_range(*_REACH)
    error = c.assessment.likelihood_ratio_rest.error
    first, last = (
        c.registry.percent(
            f"over_priors_prior.{end}", prior, exact=True, end=c.text(f"format.{end}")
        )
        for end, prior in zip(("lo", "hi"), _REACH, strict=True)
    )
    span = c.registry.bans("over_priors", hi - lo, error=error, guard=1)
    return c.paragraph("analysis.ratios.over_priors", first=first, last=last, span=span)


def _ratio_row(c: Context, ratio: LikelihoodRatio) -> Row:
    name = _against(c, ratio)
    if ratio.verbal == "none":
        direction = c.text("format.none")
    else:
        direction = c.proposition if ratio.log10 > 0 else name
    bans = _bans(c, ratio, name)
    error = c.registry.error(f"error_log_lr.{ratio.against}", ratio.error, name=name)
    return (name, direction, _ratio(c, ratio), bans, error, (_verbal(c, ratio.log10),))


def _bans(c: Context, ratio: LikelihoodRatio, name: tuple[Inline, ...]) -> tuple[Inline, ...]:
    key = f"log_lr.{ratio.against}"
    limit = c.registry.validated
    if limit is not None and abs(ratio.log10) > limit:
        sign = "−" if ratio.log10 < 0 else ""
        text = c.language.raw("format.beyond").replace("%x", f"{sign}{limit:g}")
        return c.registry.word(key, text, name=name)
    return c.registry.bans(key, ratio.log10, error=ratio.error, guard=1, name=name)


def _items(c: Context) -> Iterator[Block]:
    others = [r.against for r in c.assessment.likelihood_ratios]
    yield c.paragraph("analysis.ratios.items.text", h=c.proposition)
    for start, part in c.parts(others, 5):
        rows: list[Row] = []
        for row in c.results.evidence_ratios:
            label = c.evidence(row.item)
            cells = [
                c.registry.bans(
                    f"item_lr.{row.item.id}.{s}",
                    row.log10_lr[s],
                    guard=1,
                    item=label,
                    name=c.source(s),
                )
                for s in part
            ]
            largest = max((abs(row.log10_lr[s]) for s in part), default=0.0)
            rows.append(((label,), *cells, (_verbal(c, largest),)))
        header: Row = (
            c.text("analysis.ratios.items.item"),
            *((c.source(s),) for s in part),
            c.text("analysis.ratios.items.strongest"),
        )
        yield c.table(
            "t-items-ratios" if start == 0 else f"t-items-ratios-{start}",
            c.text("analysis.ratios.items.caption", h=c.proposition),
            header,
            rows,
            (2.2, *(1.0 for _ in part), 1.1),
            numeric=range(1, len(part) + 1),
        )


# --- prior and posterior -----------------------------------------------------------------------


def _prior(c: Context) -> Iterator[Block]:
    a = c.assessment
    yield c.heading(2, "prior", "analysis.prior.heading")
    yield c.paragraph("analysis.prior.text", set=c.prior_set(a.case.prior_set))
    if a.model.security:
        yield c.paragraph("analysis.prior.security")
    rows: list[Row] = []
    for source, p in zip(a.case.sources, a.posterior.prior.tolist(), strict=True):
        name = c.source(source.name)
        weight = source.weight
        rows.append(
            (
                (name,),
                c.stated(f"weight.{source.name}", weight, name=name),
                c.registry.percent(f"prior.{source.name}", p, exact=True, name=name),
                c.origin(weight),
                c.why(weight),
            )
        )
    yield c.table(
        "t-prior",
        c.text("analysis.prior.caption"),
        c.header("analysis.prior", "source", "weight", "prior", "origin", "basis"),
        rows,
        (1.4, 1.0, 1.0, 1.0, 3.0),
        numeric=(2,),
    )


def _posterior(c: Context) -> Iterator[Block]:
    a = c.assessment
    yield c.heading(2, "posterior", "analysis.posterior.heading")
    yield posterior_sentence(c)
    yield c.paragraph("analysis.posterior.text")
    error = c.registry.percent(
        "error_probability", a.probability_error, error=0.3 * a.probability_error, exact=False
    )
    yield c.paragraph("analysis.posterior.error", error=error)
    rows: list[Row] = []
    values: list[tuple[Inline, ...]] = []
    p = a.posterior
    for source, prior, posterior in zip(
        a.sources, p.prior.tolist(), p.probability.tolist(), strict=True
    ):
        name = c.source(source)
        shown = c.registry.percent(f"posterior.{source}", posterior, guard=1, name=name)
        before = c.registry.percent(f"prior.{source}", prior, exact=True, name=name)
        rows.append(((name,), before, shown))
        values.append(c.text("analysis.posterior.value", source=name, p=shown))
    yield Figure(
        "f-posterior",
        c.text("analysis.posterior.figure"),
        c.text("analysis.posterior.alt", values=c.joined(values), threshold=c.threshold),
    )
    yield c.table(
        "t-posterior",
        c.text("analysis.posterior.caption"),
        c.header("analysis.posterior", "source", "prior", "posterior"),
        rows,
        (2.4, 1.0, 1.0),
        numeric=(1, 2),
    )


def _standard(c: Context) -> Iterator[Block]:
    yield c.heading(2, "standard", "analysis.standard.heading")
    yield verdict_sentence(c)
    yield c.paragraph("analysis.standard.text", standard=c.case_standard, threshold=c.threshold)
    rows: list[Row] = []
    for row in c.assessment.standards:
        s = row.standard
        threshold = c.registry.stated_percent(
            f"standard.{s.id}", s.threshold, name=c.standard(s.id)
        )
        basis = (Ref(s.basis.get(c.language.name) or s.source),)
        rows.append(
            (
                (c.standard(s.id),),
                threshold,
                basis,
                c.text(f"status.{s.status}"),
                c.met(reached=row.met),
            )
        )
    yield c.table(
        "t-standards",
        c.text("analysis.standard.caption"),
        c.header("analysis.standard", "standard", "threshold", "basis", "status", "met"),
        rows,
        (1.7, 1.0, 3.0, 1.2, 1.0),
        numeric=(1,),
    )


def _curve(c: Context) -> Iterator[Block]:
    curve = c.assessment.prior_curve
    yield c.heading(2, "curve", "analysis.curve.heading")
    yield c.paragraph("analysis.curve.text")
    prior = c.registry.percent("prior_proposition", curve.case_prior, exact=True)
    if curve.prior_at_standard is None:
        crossing = c.text("analysis.curve.never")
    else:
        at = c.registry.percent("prior_at_standard", curve.prior_at_standard)
        crossing = c.text("analysis.curve.crossing", at=at)
    yield Paragraph(crossing, claim="posterior")
    yield Figure(
        "f-curve",
        c.text("analysis.curve.figure"),
        c.text("analysis.curve.alt", prior=prior, posterior=c.probability, crossing=crossing),
    )
    odds = _log10_odds(curve.prior)
    rows: list[tuple[float, Row]] = [
        (curve.case_prior, (c.text("analysis.curve.case", p=prior), c.probability))
    ]
    for number, prior_here in enumerate(_GRID):
        x = float(_log10_odds(np.array(prior_here)))
        after = 1.0 / (1.0 + 10.0 ** -(x + float(np.interp(x, odds, curve.log10_lr))))
        p = c.registry.percent(f"grid_prior.{number}", prior_here, exact=True)
        posterior = c.registry.percent(f"grid_posterior.{number}", after, guard=1, prior=p)
        rows.append((prior_here, (p, posterior)))
    yield c.table(
        "t-curve",
        c.text("analysis.curve.caption"),
        c.header("analysis.curve", "prior", "posterior"),
        (row for _, row in sorted(rows, key=lambda pair: pair[0])),
        (1.0, 1.0),
        numeric=(0, 1),
    )


def _log10_odds(p: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.log10(p) - np.log10(1.0 - p)
    return result


# --- burden --------------------------------------------------------------------------------------


def _burden(c: Context) -> Iterator[Block]:
    yield c.heading(2, "burden", "analysis.burden.heading")
    yield c.paragraph("analysis.burden.text")
    stages = c.assessment.burden
    values = [
        c.text("analysis.burden.value", stage=c.text(f"stage.{b.stage}"), p=_stage(c, b))
        for b in stages
    ]
    yield Figure(
        "f-burden",
        c.text("analysis.burden.figure"),
        c.text("analysis.burden.alt", values=c.joined(values)),
    )
    yield c.table(
        "t-burden",
        c.text("analysis.burden.caption"),
        c.header("analysis.burden", "stage", "probability", "met"),
        ((c.text(f"stage.{b.stage}"), _stage(c, b), c.met(reached=b.met)) for b in stages),
        (2.0, 1.0, 1.0),
        numeric=(1,),
    )


def _stage(c: Context, stage: BurdenStage) -> tuple[Inline, ...]:
    return c.registry.percent(
        f"burden.{stage.stage}",
        stage.probability,
        exact=stage.stage == "prior",
        guard=1,
        threshold=c.assessment.threshold,
        stage=c.text(f"stage.{stage.stage}"),
    )
