"""Limits and safeguards, the opinion, bibliography, undertaking, signature."""

from __future__ import annotations

from collections.abc import Iterator

from causation.report.content.answer import ratio_sentence
from causation.report.content.context import Context
from causation.report.content.front import conclusion
from causation.report.document import Block, BulletList, Row, SignatureLine

__all__ = ["closing", "limits", "opinion"]


def limits(c: Context) -> Iterator[Block]:
    """What the opinion does not say, and the errors that it guards against."""
    yield c.heading(1, "limits", "limits.heading")
    yield c.heading(2, "general", "limits.general.heading")
    yield c.bullets("limits.general.items")
    yield c.heading(2, "fallacies", "limits.fallacies.heading")
    entries = c.language.entries["limits.fallacies.rows"]
    rows: list[Row] = []
    for entry in entries:
        error, _, guard = entry.partition(" | ")
        rows.append((c.language.fill(error), c.language.fill(guard)))
    yield c.table(
        "t-fallacies",
        c.text("limits.fallacies.caption"),
        c.header("limits.fallacies", "error", "guard"),
        rows,
        (1.0, 1.0),
    )


def opinion(c: Context) -> Iterator[Block]:
    """The opinion, with the assumption on which it rests."""
    yield c.heading(1, "opinion", "opinion.heading")
    yield ratio_sentence(c, c.assessment.likelihood_ratio_rest)
    yield from c.sections(conclusion)
    yield c.paragraph("opinion.pending")
    yield c.paragraph("summary.status", style="note")


def closing(c: Context) -> Iterator[Block]:
    """Bibliography, undertaking and signature."""
    yield c.heading(1, "closing", "closing.heading")
    yield c.heading(2, "bibliography", "closing.bibliography.heading")
    entries = list(c.language.texts("closing.bibliography.entries"))
    for citation in c.case.citation:
        text = citation.text + (f" {citation.url}" if citation.url else "")
        entries.append(c.text("closing.bibliography.case", citation=c.said(text)))
    yield BulletList(tuple(entries))
    yield c.heading(2, "undertaking", "closing.undertaking.heading")
    yield c.bullets("closing.undertaking.items")
    yield c.heading(2, "signature", "closing.signature.heading")
    for name in ("name", "qualification", "signature", "date"):
        yield SignatureLine(c.text(f"closing.signature.{name}"))
