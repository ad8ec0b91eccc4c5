"""Title, summary, and the basis of the report: commission, author, question, propositions."""

from __future__ import annotations

from collections.abc import Iterator

from causation.case.resolved import Kind
from causation.report.content.context import Context
from causation.report.document import (
    Block,
    Contents,
    Inline,
    Paragraph,
    Row,
    SignatureLine,
    Table,
    Text,
)
from causation.version import VERSION

__all__ = ["basis", "front", "posterior_sentence", "verdict_sentence"]


def front(c: Context) -> Iterator[Block]:
    """Title, particulars, summary and contents."""
    yield Paragraph(c.text("title"), "title")
    yield Paragraph((c.title,), "subtitle")
    yield _particulars(c)
    yield c.heading(0, "summary", "summary.heading")
    yield from summary(c)
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
    version = c.registry.word("version.program", VERSION, name=Text("causation"))
    return (Text("causation "), *version)


def summary(c: Context) -> Iterator[Block]:
    """The opinion in a few sentences, each of which says on what it rests."""
    yield verdict_sentence(c, "box")
    yield posterior_sentence(c)
    lo, hi = c.interval()
    yield c.paragraph("posterior.interval", mass=c.mass(), lo=lo, hi=hi)
    yield c.paragraph("summary.status", style="note")


def verdict_sentence(c: Context, style: str = "normal") -> Paragraph:
    """How the proposition stands to the standard."""
    return c.paragraph(
        f"summary.verdict.{c.assessment.verdict.value}",
        style=style,
        h=c.proposition,
        standard=c.case_standard,
        threshold=c.threshold,
    )


def posterior_sentence(c: Context) -> Paragraph:
    """Probability of the proposition, given evidence and prior."""
    content = c.text("posterior.proposition", h=c.proposition, p=c.probability)
    return Paragraph(content, claim="posterior")


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
    union = len(c.assessment.proposition) > 1
    yield c.paragraph(
        "basis.question.proposition_union" if union else "basis.question.proposition",
        h=c.proposition,
    )
    exhaustive = c.assessment.case.exhaustive
    yield c.paragraph("basis.question.exhaustive" if exhaustive else "basis.question.alternatives")
    yield c.table(
        "t-sources",
        c.text("basis.question.caption"),
        c.header("basis.question", "source", "kind", "holds", "role"),
        (_source_row(c, name) for name in c.assessment.sources),
        (1.6, 1.4, 2.6, 1.0),
    )
    for name, source in c.case.sources.items():
        if source.note is not None:
            note = c.said_in(source.note)
            yield c.paragraph("format.said_of", style="quote", name=c.source(name), text=note)


def _source_row(c: Context, name: str) -> Row:
    source = next(s for s in c.assessment.case.sources if s.name == name)
    listed = c.case.sources.get(name)
    kind = source.kind.value
    if listed is not None and listed.class_ is not None:
        kind = listed.class_
    holds = c.fields(source.holds) if source.kind is Kind.CUSTODIAN else c.text("format.none")
    proved = name in c.assessment.proposition
    role = c.text("basis.question.proved" if proved else "basis.question.alternative")
    return ((c.source(name),), c.text(f"kind.{kind}"), holds, role)
