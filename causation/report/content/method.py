"""Method in plain words, and the evidence as it enters: victims, findings, security records."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from causation.case.resolved import BearsOn, ResolvedFinding, ResolvedGroup, ResolvedSecurity
from causation.report.content.context import Context
from causation.report.document import Block, Inline, Paragraph, Row

__all__ = ["method"]


def method(c: Context) -> Iterator[Block]:
    """Principles and method, and the evidence on which they work."""
    yield c.heading(1, "method", "method.heading")
    yield from _plain_words(c)
    yield from _victims(c)
    yield from _findings(c)
    yield from _security(c)


def _plain_words(c: Context) -> Iterator[Block]:
    from causation.scales import Z90

    a = c.assessment
    yield c.heading(2, "plain", "method.plain.heading")
    yield c.bullets(
        "method.plain.steps", selection=c.choice("method.plain.selection", a.case.selection)
    )
    q = c.registry
    mass = q.stated_percent("interval_mass", round(math.erf(Z90 / math.sqrt(2.0)), 9))
    yield c.paragraph("method.plain.interval", mass=mass)
    yield c.paragraph(
        "method.plain.engine",
        engine=c.text(f"engine.{a.posterior.engine}"),
        replicates=q.stated("replicates", a.settings.replicates),
        points=q.stated("points", a.settings.points),
    )
    spread = q.number("spread", q.precision.inputs, uncertainty=q.precision.inputs, guard=1)
    yield c.paragraph("method.plain.digits", inputs=spread)


def _victims(c: Context) -> Iterator[Block]:
    yield c.heading(2, "victims", "method.victims.heading")
    groups = [g for g in c.assessment.case.groups if g.bears_on is BearsOn.SOURCE]
    yield c.table(
        "t-victims",
        c.text("method.victims.caption"),
        c.header(
            "method.victims", "group", "count", "disclosed", "not_disclosed", "known", "linkage"
        ),
        (_victim_row(c, g) for g in groups),
        (1.3, 0.7, 1.8, 1.3, 1.8, 1.1),
        numeric=(1,),
    )
    yield c.paragraph("method.victims.missing", style="note")


def _victim_row(c: Context, group: ResolvedGroup) -> Row:
    name = c.group(group.id)
    count = c.registry.stated(f"count.{group.id}", group.count, name=name)
    linkage = c.stated(f"linkage.{group.id}", group.linkage, name=name)
    return (
        (name,),
        count,
        c.fields(group.disclosed),
        c.fields(group.not_disclosed),
        c.joined(_known(c, group), "format.list"),
        linkage,
    )


def _known(c: Context, group: ResolvedGroup) -> Iterator[tuple[Inline, ...]]:
    for trait, value in group.profile.items():
        degree: tuple[Inline, ...]
        if value in {0.0, 1.0}:
            degree = c.text("answer.yes" if value else "answer.no")
        else:
            key = f"degree.{group.id}.{trait}"
            degree = c.registry.stated(key, value, name=c.group(group.id))
        yield c.text("method.victims.trait", trait=c.trait(trait), degree=degree)
    for custodian, user in group.users_of.items():
        key = "method.victims.user" if user else "method.victims.not_user"
        yield c.text(key, source=c.source(custodian))


def _findings(c: Context) -> Iterator[Block]:
    yield c.heading(2, "findings", "method.findings.heading")
    findings = [f for f in c.assessment.case.findings if f.bears_on is BearsOn.SOURCE]
    if not findings:
        yield c.paragraph("method.findings.none")
        return
    sources = c.assessment.sources
    yield c.paragraph("method.findings.text")
    for start, part in c.parts(sources, 5):
        header: Row = (
            c.text("method.findings.finding"),
            *((c.source(s),) for s in part),
            c.text("method.findings.reliability"),
        )
        yield c.table(
            "t-findings" if start == 0 else f"t-findings-{start}",
            c.text("method.findings.caption"),
            header,
            (_finding_row(c, f, part) for f in findings),
            (1.8, *(1.0 for _ in part), 1.0),
        )
    grouped: dict[str, list[ResolvedFinding]] = {}
    for finding in findings:
        grouped.setdefault(finding.group, []).append(finding)
    for name, members in grouped.items():
        if len(members) > 1:
            repeats = c.stated(f"repeats.{name}", members[0].repeats, item=c.said(name))
            yield c.paragraph(
                "method.findings.group",
                findings=c.joined(c.finding(f.id) for f in members),
                repeats=repeats,
            )


def _finding_row(c: Context, finding: ResolvedFinding, sources: Sequence[str]) -> Row:
    label = c.finding(finding.id)
    cells = [
        c.stated(f"finding.{finding.id}.{s}", finding.likelihood[s], item=label, name=c.source(s))
        for s in sources
    ]
    reliability = c.stated(f"reliability.{finding.id}", finding.reliability, item=label)
    return ((label,), *cells, reliability)


def _security(c: Context) -> Iterator[Block]:
    yield c.heading(2, "security", "method.security.heading")
    records = [r for r in c.assessment.case.security if r.bears_on is BearsOn.SOURCE]
    if not records:
        yield c.paragraph("method.security.none")
    factors = {
        c.assessment.sources[r.source]: math.exp(r.log_factor) for r in c.assessment.model.security
    }
    for record in records:
        name = c.source(record.source)
        factor = c.registry.number(
            f"factor.{record.source}", factors[record.source],
            uncertainty=0.1 * factors[record.source], name=name,
        )  # fmt: skip
        yield c.paragraph("method.security.text", source=name, factor=factor)
        yield from _record(c, record)


def _record(c: Context, record: ResolvedSecurity) -> Iterator[Block]:
    name = c.source(record.source)
    q = c.registry
    if record.incident_years:
        yield c.paragraph(
            "method.security.incidents",
            count=q.stated(f"incidents.{record.source}", record.incidents, name=name),
            years=q.stated(f"incident_years.{record.source}", record.incident_years, name=name),
        )
    if record.hazard_ratio and record.half_life and record.age_years is not None:
        key = f"scheme.{record.scheme}"
        known = key in c.language
        scheme = c.text(key) if known else (c.said(record.scheme or ""),)
        yield Paragraph(
            c.text(
                "method.security.certificate",
                scheme=scheme,
                age=q.number(f"age.{record.source}", record.age_years, uncertainty=0.1, name=name),
                hazard=c.stated(f"hazard.{record.source}", record.hazard_ratio, name=name),
                half_life=c.stated(f"half_life.{record.source}", record.half_life, name=name),
            )
        )
