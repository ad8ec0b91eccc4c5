"""Limits and safeguards, the opinion, bibliography, undertaking, signature."""

from __future__ import annotations

from collections.abc import Iterator

from causation.report.content.context import Context
from causation.report.content.front import conclusion, readings
from causation.report.content.ratios import ratio_sentence
from causation.report.document import Block, BulletList, Row, SignatureLine

__all__ = ["closing", "limits", "opinion"]


def limits(c: Context) -> Iterator[Block]:
    """What the opinion does not say, and the errors that it guards against."""
    yield c.heading(1, "limits", "limits.heading")
    yield c.heading(2, "general", "limits.general.heading")
    yield c.bullets("limits.general.items")
    yield c.heading(2, "fallacies", "limits.fallacies.heading")
    yield c.table(
        "t-fallacies",
        c.text("limits.fallacies.caption"),
        c.header("limits.fallacies", "error", "guard"),
        c.pairs("limits.fallacies.rows"),
        (1.0, 1.0),
    )


def opinion(c: Context) -> Iterator[Block]:
    """The opinion, with the assumption on which it rests."""
    yield c.heading(1, "opinion", "opinion.heading")
    yield ratio_sentence(c, c.assessment.likelihood_ratio_rest)
    yield from c.sections(conclusion, _readings)
    yield c.paragraph("opinion.pending")
    yield c.paragraph("summary.status", style="note")


def _readings(c: Context) -> Iterator[Block]:
    yield from readings(c, "t-opinion-readings")


def closing(c: Context) -> Iterator[Block]:
    """Bibliography, declaration, review, signature."""
    yield c.heading(1, "closing", "closing.heading")
    yield from c.sections(_bibliography, _declaration, _review, _signature)


def _bibliography(c: Context) -> Iterator[Block]:
    """What the method and the law of the case rest on, and every source of every basis."""
    yield c.heading(2, "bibliography", "closing.bibliography.heading")
    entries = list(c.language.texts("closing.bibliography.entries"))
    entries += c.language.texts(f"norms.{c.law}.literature")
    for citation in c.case.citation:
        text = citation.text + (f" {citation.url}" if citation.url else "")
        entries.append(c.text("closing.bibliography.case", citation=c.said(text)))
    yield BulletList(tuple(entries))
    cited = [n.source for n in c.assessment.model.numbers if n.source]
    sources = dict.fromkeys(c.said_in(source) for source in cited)
    if sources:
        yield c.paragraph("closing.bibliography.cited")
        yield BulletList(tuple((source,) for source in sources))


def _declaration(c: Context) -> Iterator[Block]:
    yield c.heading(2, "undertaking", "closing.undertaking.heading")
    yield c.bullets(f"norms.{c.law}.declaration")


def _review(c: Context) -> Iterator[Block]:
    """Review of the case file and by a peer, to be filled in."""
    yield c.heading(2, "review", "closing.review.heading")
    yield c.paragraph("closing.review.text")
    rows: list[Row] = [(text, (), (), ()) for text in c.language.texts("closing.review.rows")]
    yield c.table(
        "t-review",
        c.text("closing.review.caption"),
        c.header("closing.review", "what", "who", "when", "result"),
        rows,
        (2.6, 1.2, 0.9, 1.6),
    )


def _signature(c: Context) -> Iterator[Block]:
    yield c.heading(2, "signature", "closing.signature.heading")
    for name in ("name", "qualification", "signature", "date"):
        yield SignatureLine(c.text(f"closing.signature.{name}"))
