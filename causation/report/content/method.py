"""Method in plain words, and the evidence as it enters: victims, findings, security records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from causation.analyses.redrawn import INTERVAL_MASS
from causation.case.filled import FilledFinding, FilledGroup, FilledSecurity, Window
from causation.report.content.context import Context
from causation.report.document import Block, Inline, Row


def plain_words(c: Context) -> Iterator[Block]:
    """The method, without formulas."""
    a, q = c.assessment, c.registry
    yield c.bullets("method.plain.steps", limit=c.validated(), log=c.validated_log())
    yield c.paragraph("method.plain.interval", mass=q.given("interval_mass", INTERVAL_MASS))
    yield c.paragraph(
        "method.plain.engine",
        engine=c.text(f"engine.{a.engine}"),
        replicates=q.stated("replicates", a.settings.replicates),
        points=q.stated("points", a.settings.points[0]),
    )
    yield c.paragraph("method.plain.digits")


def victims(c: Context) -> Iterator[Block]:
    """What was published of whom."""
    groups = c.filled.groups
    nobody = (c.text("method.victims.nobody"), *((c.text("format.none"),) * 6))
    yield c.table("t-victims", [_victim_row(c, g) for g in groups] or [nobody])
    yield c.paragraph("method.victims.missing", style="note")
    for group in groups:
        yield from _compared(c, group)


def came_to_be_known(c: Context) -> Iterator[Block]:
    """How further victims came to be known, what the answer owes to it, and who chose them."""
    further = [g for g in c.filled.groups if not g.first]
    if not further:
        yield c.paragraph("method.known.none")
        return
    yield c.paragraph("method.known.text")
    yield c.table(
        "t-known",
        (
            ((c.group(g.id),), c.joined(_known_by(c, g), "format.semicolon"), (), ())
            for g in further
        ),
    )
    yield c.paragraph("method.known.form", style="note")
    yield from _membership(c)
    if any(g.known_by.how == "unstated" for g in further):
        yield c.paragraph("method.victims.unstated")
    yield from _owed(c, further)


def _owed(c: Context, further: Sequence[FilledGroup]) -> Iterator[Block]:
    """How much the answer owes to the further victims and to how they came to be known."""
    names = ("as_listed", "silence_others", *(f"without.{g.id}" for g in further))
    counted = c.assessment.membership_counted
    yield c.table("t-owed", c.variant_rows(*names, "without_uncertain", also=(counted,)))


def _membership(c: Context) -> Iterator[Block]:
    """What it says, and does not say, that those on the list are users of the defendant."""
    claimed = set(c.assessment.proposition)
    listed = [g for g in c.filled.groups if claimed & set(g.known_by.users_of)]
    if not listed:
        return
    sources = dict.fromkeys(s for g in listed for s in g.known_by.users_of)
    yield c.paragraph("method.victims.membership", sources=c.joined(map(c.source, sources)))
    if any(g.traits.get("anonymous") for g in listed):
        yield c.paragraph("method.victims.anonymous")


def _victim_row(c: Context, group: FilledGroup) -> Row:
    name = c.group(group.id)
    withheld = c.fields(group.not_disclosed)
    if group.redacted:
        redacted = c.text("method.victims.redacted", fields=c.fields(group.redacted))
        withheld = c.joined((withheld, redacted), "format.semicolon")
    return (
        (name,),
        c.registry.stated(f"count.{group.id}", group.count, name=name),
        c.fields(group.disclosed),
        withheld,
        c.joined(_known(c, group)),
        c.joined(_known_by(c, group), "format.semicolon"),
        _linkage(c, group),
    )


def _known(c: Context, group: FilledGroup) -> Iterator[tuple[Inline, ...]]:
    for trait, value in group.traits.items():
        degree = c.text("answer.yes" if value else "answer.no")
        if value not in {0.0, 1.0}:
            key = f"degree.{group.id}.{trait}"
            degree = c.registry.stated(key, value, name=c.group(group.id))
        yield c.text("method.victims.trait", trait=c.trait(trait), degree=degree)
    for custodian, user in group.users.items():
        key = "method.victims.user" if user else "method.victims.not_user"
        yield c.text(key, source=c.source(custodian))


def _known_by(c: Context, group: FilledGroup) -> Iterator[tuple[Inline, ...]]:
    """How a group came to be known: the event that put it on the list."""
    known = group.known_by
    if group.first:
        yield c.text("method.victims.how.first")
    elif known.how != "list":
        yield c.text(f"method.victims.how.{known.how}")
    if known.users_of:
        sources = c.joined(c.source(s) for s in known.users_of)
        yield c.text("method.victims.how.users_of", sources=sources)
    if known.traits:
        traits = c.joined(c.trait(t) for t in known.traits)
        yield c.text("method.victims.how.traits", traits=traits)
    for name in ("published_all", "published_any"):
        if fields := getattr(known, name):
            yield c.text(f"method.victims.how.{name}", fields=c.fields(fields))


def _linkage(c: Context, group: FilledGroup) -> tuple[Inline, ...]:
    if c.certain(group.id):
        return c.text("method.victims.certain")
    if group.linkage is not None:
        return c.stated(f"linkage.{group.id}", group.linkage, name=c.group(group.id))
    return c.stated("actor_linkage", c.filled.number("actor.linkage"))


def _compared(c: Context, group: FilledGroup) -> Iterator[Block]:
    """What was compared with registers, and from when to when values were true."""
    for record in group.records:
        yield c.paragraph(
            "method.victims.record",
            group=c.group(group.id),
            sources=c.joined(c.source(s) for s in record.of),
            agrees=c.fields(record.agrees),
            differs=c.fields(record.differs),
            open=c.fields(record.not_compared),
        )
    for name, window in group.dates.items():
        yield c.paragraph(
            "method.victims.dates",
            group=c.group(group.id),
            field=c.field(name),
            since=_day(c, window, "since"),
            until=_day(c, window, "until"),
        )


def _day(c: Context, window: Window, end: str) -> tuple[Inline, ...]:
    days = getattr(window, end)
    if days is None:
        return c.text("method.victims.open")
    return (c.said(c.language.when(*days)),)


def findings(c: Context) -> Iterator[Block]:
    """Findings, with their probabilities."""
    found = c.filled.findings
    if not found:
        yield c.paragraph("method.findings.none")
        return
    yield c.paragraph("method.findings.text")
    yield from c.divided(
        "t-findings", c.assessment.sources, 5, lambda s: (c.source(s),),
        lambda part: (_finding_row(c, f, part) for f in found),
    )  # fmt: skip
    for finding in found:
        yield from _particular(c, finding)
    grouped: dict[str, list[FilledFinding]] = {}
    for finding in found:
        grouped.setdefault(finding.group, []).append(finding)
    for name, members in grouped.items():
        if len(members) > 1:
            yield c.paragraph(
                "method.findings.group",
                findings=c.joined(c.finding(f.id) for f in members),
                overlap=c.stated(f"overlap.{name}", members[0].overlap, item=c.said(name)),
            )


def _finding_row(c: Context, finding: FilledFinding, sources: Sequence[str]) -> Row:
    label = c.finding(finding.id)
    cells = [
        c.stated(f"finding.{finding.id}.{s}", finding.likelihood[s], item=label, name=c.source(s))
        for s in sources
    ]
    reliability = c.stated(f"reliability.{finding.id}", finding.reliability, item=label)
    return ((label,), *cells, reliability)


def _particular(c: Context, finding: FilledFinding) -> Iterator[Block]:
    """Whom a finding is about, what a chain has of its own, and how often it was observed."""
    label = c.finding(finding.id)
    if finding.about:
        about = c.joined(c.source(s) for s in finding.about)
        yield c.paragraph("method.findings.about", item=label, sources=about)
    for route in (r for r in finding.likelihood if "/" in r):
        value = c.stated(
            f"finding.{finding.id}.{route}",
            finding.likelihood[route],
            item=label,
            name=c.route(route),
        )
        yield c.paragraph("method.findings.route", item=label, route=c.route(route), p=value)
    if finding.count > 1:
        yield c.paragraph(
            "method.findings.count",
            item=label,
            count=c.registry.stated(f"observations.{finding.id}", finding.count, item=label),
            repeats=c.stated(f"repeats.{finding.id}", finding.repeats, item=label),
        )


def security(c: Context) -> Iterator[Block]:
    """Security records."""
    records = c.filled.security
    if not records:
        yield c.paragraph("method.security.none")
        return
    yield c.paragraph("method.security.text")
    for record in records:
        yield from _record(c, record)
    for factor in c.assessment.security:
        name = c.source(factor.source)
        size = c.registry.size(f"security_factor.{factor.source}", factor.factor, name=name)
        yield c.paragraph("method.security.factor", source=name, factor=size)


def _record(c: Context, record: FilledSecurity) -> Iterator[Block]:
    name, q = c.source(record.source), c.registry
    yield c.paragraph(
        "method.security.rate",
        source=name,
        size=c.choice("size", record.size or None),
        shape=c.stated(f"breach_shape.{record.source}", record.shape, name=name),
        rate=c.stated(f"breach_rate.{record.source}", record.rate, name=name),
        detection=c.stated(f"detection.{record.source}", record.detection, name=name),
    )
    if record.years:
        yield c.paragraph(
            "method.security.incidents",
            count=q.stated(f"incidents.{record.source}", record.incidents, name=name),
            years=q.stated(f"incident_years.{record.source}", record.years, name=name),
        )
    certificate = record.certificate
    if certificate is None:
        return
    known = f"scheme.{record.scheme}" in c.language
    scheme = c.text(f"scheme.{record.scheme}") if known else (c.said(record.scheme or ""),)
    if certificate.none:
        yield c.paragraph("method.security.no_certificate")
    elif certificate.expired:
        age = q.size(f"age.{record.source}", certificate.age_years, name=name)
        yield c.paragraph("method.security.expired", scheme=scheme, age=age)
        if without := c.under_variant("no_security"):
            yield c.paragraph("method.security.without", held=without)
    else:
        yield c.paragraph(
            "method.security.certificate",
            scheme=scheme,
            age=q.size(f"age.{record.source}", certificate.age_years, name=name),
            hazard=c.stated(f"hazard.{record.source}", certificate.hazard_ratio, name=name),
            half_life=c.stated(f"half_life.{record.source}", certificate.half_life, name=name),
        )
