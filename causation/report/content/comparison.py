"""How the answer stands: standards, readings, stress, prior sets, every prior, the burden."""

from __future__ import annotations

from collections.abc import Iterator

from causation.analyses.burden import BurdenStage
from causation.errors import CausationError
from causation.report.content.context import Context
from causation.report.document import Block, Explorer, Inline, Paragraph, Ref, Row

_EVERY = 25
"""Of the points of the prior curve, one in so many is printed."""


def standard(c: Context) -> Iterator[Block]:
    """Against the standard of proof."""
    a, q = c.assessment, c.registry
    verdict = c.text(f"verdict.{a.verdict.value}")
    yield c.paragraph("summary.verdict", threshold=c.threshold, verdict=verdict)
    yield c.paragraph("analysis.standard.rule", threshold=c.threshold)
    if c.limit:
        yield Paragraph(c.limit)
    law = "cn" if c.law == "cn" else "other"
    yield c.paragraph(
        f"analysis.standard.text_{law}", standard=c.case_standard, threshold=c.threshold
    )
    rows: list[Row] = []
    for row in a.standards:
        standard = row.standard
        if c.law != "cn" and standard.id != a.standard_id and standard.jurisdiction != c.law:
            continue
        threshold = q.given(
            f"standard.{standard.id}", standard.threshold, name=c.standard(standard.id)
        )
        basis = (Ref(standard.basis.get(c.language.name) or standard.source),)
        status = c.text(f"status.{standard.status}")
        rows.append(((c.standard(standard.id),), threshold, basis, status, c.met(reached=row.met)))
    if a.standard_id not in {row.standard.id for row in a.standards}:
        met = c.met(reached=a.held.probability >= a.threshold)
        none = c.text("format.none")
        rows.append((c.text("analysis.standard.own"), c.threshold, none, none, met))
    yield c.table("t-standards", rows, held=c.held)


def variants(c: Context) -> Iterator[Block]:
    """Readings of the facts apart from stress on the model, the case as stated first."""
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
                asks = q.given(f"needed.{v.id}", v.needed, item=label)
            rows.append(((label,), asks, *c.variant(v), c.met(reached=bool(v.meets))))
        yield c.table(f"t-variants-{kind}", rows)
        for v in found:
            if v.probability is None:
                why = c.said_in(v.why_missing or {})
                yield c.paragraph("analysis.variants.missing", name=c.said_in(v.label), why=why)


def prior_sets(c: Context) -> Iterator[Block]:
    """All prior sets side by side: what of a robust comparison holds under each."""
    q, rows = c.registry, list[Row]()
    for s in c.assessment.sets:
        name = c.prior_set(s.id)
        under = c.assessment.by_set[s.id]
        if s.verdict is None or isinstance(under, CausationError):
            yield c.paragraph(
                "analysis.variants.missing", name=name, why=c.said(s.why_missing or "")
            )
            continue
        redraws = under.redraws
        mean = q.percent(f"set_redrawn_mean.{s.id}", redraws.held_mean, item=name)
        lower = q.percent(f"set_redrawn_lo.{s.id}", redraws.held_interval[0], item=name)
        short = c.joined((c.said_in(r.text) for r in under.judgement.because), "format.semicolon")
        verdict = c.text(f"verdict.{s.verdict.value}")
        rows.append(((name,), c.under(s), mean, lower, verdict, short))
    yield c.table("t-prior-sets", rows)


def explorer(c: Context) -> Iterator[Block]:
    """The interactive form, where there is one."""
    yield Explorer(c.text("analysis.explorer.static"))


def curve(c: Context) -> Iterator[Block]:
    """For every prior of the proposition."""
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
    yield c.table("t-curve", (row for _, row in sorted(rows, key=lambda pair: pair[0])))


def burden(c: Context) -> Iterator[Block]:
    """As the evidence came forward."""
    yield c.paragraph("analysis.burden.text")
    stages = c.assessment.burden
    yield c.table(
        "t-burden",
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
    )


def _stage(c: Context, stage: BurdenStage) -> tuple[Inline, ...]:
    name = c.text(f"after.{stage.stage}")
    return c.registry.percent(f"burden.{stage.stage}", stage.probability, stage=name)
