"""Title, summary, and the basis of the report: commission, author, question, propositions."""

from __future__ import annotations

from collections.abc import Iterator

from causation.analyses.bound import BOUNDED
from causation.analyses.verdict import Reason
from causation.document.terms import SourceKind
from causation.report.content.context import Context
from causation.report.document import (
    Block,
    BulletList,
    Contents,
    Inline,
    Paragraph,
    Row,
    SignatureLine,
    Table,
    Text,
)

__all__ = ["basis", "conclusion", "front", "program"]


def front(c: Context) -> Iterator[Block]:
    """Title, particulars, summary and contents."""
    yield Paragraph(c.text("title"), "title")
    yield Paragraph((c.title,), "subtitle")
    yield _particulars(c)
    yield c.heading(0, "summary", "summary.heading")
    yield from c.sections(conclusion)
    yield c.paragraph("summary.status", style="note")
    if c.leaks:
        words = c.joined(Text(c.language.raw(f"withheld.{k}")) for k in c.leaks)
        yield c.paragraph("summary.leak", style="note", kinds=words)
    yield Contents(c.text("words.contents"))


def _particulars(c: Context) -> Table:
    blank = c.text("words.blank")
    rows: list[Row] = [
        (c.text("header.number"), blank),
        (c.text("header.case"), (c.title,)),
        (c.text("header.identifier"), (c.said(c.case.id),)),
        (c.text("header.author"), blank),
        (c.text("header.date"), blank),
        (c.text("header.program"), program(c)),
    ]
    empty: tuple[tuple[Inline, ...], ...] = ((), ())
    return c.table("", (), empty, rows, (1.0, 2.4))


def program(c: Context) -> tuple[Inline, ...]:
    """Name and version of the program."""
    version = c.registry.word("version.program", c.versions["causation"], name=Text("causation"))
    return (Text("causation "), *version)


def conclusion(c: Context) -> Iterator[Block]:
    """The headline, how it stands to the comparison value and why, and how far opinions differ."""
    yield Paragraph(_headline(c), "box", claim="posterior")
    yield from _own_readings(c)
    verdict = c.text(f"verdict.{c.assessment.verdict.value}")
    yield c.paragraph("summary.verdict", threshold=c.threshold, verdict=verdict)
    if c.assessment.judgement.because:
        yield c.paragraph("summary.because")
        yield BulletList(tuple(_reason(c, reason) for reason in c.assessment.judgement.because))
    found, q = c.assessment.range_of_opinion, c.registry
    lo, hi = q.percent("range.lo", found.lo), q.percent("range.hi", found.hi)
    yield c.paragraph("summary.range", lo=lo, hi=hi)


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
    needed = q.percent(f"asked.{reason.id}", reason.needed, item=name)
    return c.text("summary.reason", name=name, value=value, needed=needed)


def _headline(c: Context) -> tuple[Inline, ...]:
    """The sentences of `causation.dossier.headline`, word for word, with numbers to trace."""
    a = c.assessment
    law = "cn" if c.filled.jurisdiction == "cn" else "other"
    bounded = a.filled.proposition.role in BOUNDED
    held = {"held": c.held} if bounded else {}
    key = "probability" if bounded else "probability_plain"
    parts = (
        c.text(f"summary.{key}", claim=c.proposition, p=c.probability, **held),
        c.text(f"summary.value_{law}", threshold=c.threshold),
        _readings(c),
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
    n = q.stated("readings", len(rows))
    if not below:
        return c.text("summary.readings_all", n=n)
    if len(below) == len(rows):
        return c.text("summary.readings_none", n=n)
    k = q.stated("readings_above", len(rows) - len(below))
    return c.text("summary.readings", n=n, k=k, below=c.joined(below))


def _own_readings(c: Context) -> Iterator[Block]:
    """The case's own other readings, wherever the case is shown."""
    q = c.registry
    for v in c.assessment.variants:
        if not v.id.startswith("variants."):
            continue
        label = c.said_in(v.label)
        if v.probability is None or v.held is None:
            why = c.said_in(v.why_missing or {})
            yield c.paragraph("summary.own_missing", name=label, why=why)
            continue
        p = q.percent(f"variant.{v.id}", v.probability, item=label)
        held = q.percent(f"variant_held.{v.id}", v.held, item=label)
        yield Paragraph(c.text("summary.own", name=label, p=p, held=held), claim="posterior")


def basis(c: Context) -> Iterator[Block]:
    """Who asked whom for what, and between which propositions it is to be decided."""
    yield c.heading(1, "basis", "basis.heading")
    yield c.heading(2, "commission", "basis.commission.heading")
    yield c.paragraph("basis.commission.nature")
    yield c.paragraph("basis.commission.identified" if c.identify else "basis.commission.privacy")
    yield c.paragraph("basis.commission.fill", style="note")
    for name in (
        "commissioner",
        "matter",
        "received",
        "author",
        "qualification",
        "knowledge",
        "helpers",
    ):
        yield SignatureLine(c.text(f"basis.commission.{name}"))
    yield from _question(c)


def _question(c: Context) -> Iterator[Block]:
    yield c.heading(2, "question", "basis.question.heading")
    yield c.paragraph("basis.question.question", style="lead")
    yield c.paragraph("basis.question.proposition", claim=c.proposition)
    yield c.bullets("basis.question.parts")
    if len(c.assessment.proposition) > 1:
        yield c.paragraph("basis.question.union")
    exhaustive = c.filled.exhaustive
    yield c.paragraph("basis.question.exhaustive" if exhaustive else "basis.question.alternatives")
    yield c.table(
        "t-sources",
        c.text("basis.question.caption"),
        c.header("basis.question", "source", "kind", "holds", "role"),
        (_source_row(c, name) for name in c.assessment.sources),
        (1.5, 1.3, 2.2, 1.6),
    )
    for source in c.filled.sources:
        if source.note:
            note = c.said_in(source.note)
            name = c.source(source.name)
            yield c.paragraph("format.said_of", style="quote", name=name, text=note)


def _source_row(c: Context, name: str) -> Row:
    source = c.filled.source(name)
    custodian = source.kind is SourceKind.CUSTODIAN
    holds = c.fields(source.holds or ()) if custodian or source.holds else c.text("format.none")
    if name in c.assessment.proposition:
        role = c.text("basis.question.proved")
    else:
        role = c.text("basis.question.rival" if source.listed else "basis.question.added")
    return ((c.source(name),), c.choice("kind", source.kind), holds, role)
