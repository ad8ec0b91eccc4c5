"""The basis: what the report is in law, who asked whom for what, question and propositions."""

from __future__ import annotations

from collections.abc import Iterator

from causation.document.terms import SourceKind
from causation.report.content.context import Context
from causation.report.document import Block, Inline, Paragraph, Row, SignatureLine, Text

_LINES = (
    "number",
    "commissioner",
    "matter",
    "received",
    "author",
    "qualification",
    "knowledge",
    "helpers",
    "chosen",
    "typed",
)


def commission(c: Context) -> Iterator[Block]:
    """What the report is in law, and who asked whom for what."""
    yield c.table("t-status", c.pairs(c.norm("status")))
    yield c.paragraph("basis.commission.identified" if c.identify else "basis.commission.privacy")
    yield c.paragraph("basis.commission.program", program=program(c), id=c.said(c.case.id))
    yield from _changed(c)
    yield c.paragraph("basis.commission.fill", style="note")
    for name in _LINES:
        yield SignatureLine(c.text(f"basis.commission.{name}"))
    for line in c.language.texts(c.norm("lines")):
        yield SignatureLine(line)


def program(c: Context) -> tuple[Inline, ...]:
    """Name and version of the program."""
    version = c.registry.word("version.program", c.versions["causation"], name=Text("causation"))
    return (Text("causation "), *version)


def _changed(c: Context) -> Iterator[Block]:
    """Which inputs the case states in place of the prior set's."""
    numbers = c.assessment.model.numbers
    own = [n for n in numbers if n.origin == "case"]
    name = c.prior_set(c.filled.priors.name)
    if not own:
        yield c.paragraph("basis.commission.unchanged", set=name)
        return
    yield c.paragraph(
        "basis.commission.changed",
        n=c.registry.stated("inputs_changed", len(own)),
        total=c.registry.stated("inputs_total", len(numbers)),
        set=name,
        inputs=c.joined((c.input(n.path) for n in own), "format.semicolon"),
    )


def question(c: Context) -> Iterator[Block]:
    """The question, and between which propositions it is."""
    yield c.paragraph("basis.question.question", style="lead")
    yield c.paragraph("basis.question.proposition", claim=c.proposition)
    yield c.bullets("basis.question.parts")
    if len(c.assessment.proposition) > 1:
        yield c.paragraph("basis.question.union")
    exhaustive = c.filled.exhaustive
    yield c.paragraph("basis.question.exhaustive" if exhaustive else "basis.question.alternatives")
    yield c.table("t-sources", (_source_row(c, name) for name in c.assessment.sources))
    for source in c.filled.sources:
        if source.note:
            note = c.noted(source.note)
            name = c.source(source.name)
            yield Paragraph(c.text("format.said_of", name=name, text=note), "quote")


def _source_row(c: Context, name: str) -> Row:
    source = c.filled.source(name)
    custodian = source.kind is SourceKind.CUSTODIAN
    holds = c.fields(source.holds or ()) if custodian or source.holds else c.text("format.none")
    if name in c.assessment.proposition:
        role = c.text("basis.question.proved")
    else:
        role = c.text("basis.question.rival" if source.listed else "basis.question.added")
    return ((c.source(name),), c.choice("kind", source.kind), holds, role)
