"""Limits and safeguards, the opinion, bibliography, undertaking, signature."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from causation.report.content.context import Context
from causation.report.content.front import conclusion, readings
from causation.report.content.ratios import ratio_sentence
from causation.report.document import Block, BulletList, Row, SignatureLine


def limits(c: Context) -> Iterator[Block]:
    """What the opinion does not say."""
    yield c.bullets("limits.general.items")


def fallacies(c: Context) -> Iterator[Block]:
    """Errors that the opinion guards against."""
    yield c.table("t-fallacies", c.pairs("limits.fallacies.rows"))


def opinion(c: Context) -> Iterator[Block]:
    """The opinion, with the assumption on which it rests."""
    yield ratio_sentence(c, c.assessment.likelihood_ratio_rest)
    yield from c.guarded(conclusion)
    yield from c.guarded(partial(readings, name="t-opinion-readings"))
    yield c.paragraph("opinion.pending")
    yield c.paragraph(f"summary.status_{c.headline_law}", style="note")


def bibliography(c: Context) -> Iterator[Block]:
    """What the method and the law of the case rest on, and every source of every basis."""
    entries = list(c.language.texts("closing.bibliography.entries"))
    entries += c.language.texts(c.norm("literature"))
    for citation in c.case.citation:
        text = citation.text + (f" {citation.url}" if citation.url else "")
        entries.append(c.text("closing.bibliography.case", citation=c.said(text)))
    yield BulletList(tuple(entries))
    cited = [n.source for n in c.assessment.model.numbers if n.source]
    sources = dict.fromkeys(c.said_in(source) for source in cited)
    if sources:
        yield c.paragraph("closing.bibliography.cited")
        yield BulletList(tuple((source,) for source in sources))


def declaration(c: Context) -> Iterator[Block]:
    """What the author declares, as the law of the case asks."""
    yield c.bullets(c.norm("declaration"))


def review(c: Context) -> Iterator[Block]:
    """Review of the case file and by a peer, to be filled in."""
    yield c.paragraph("closing.review.text")
    rows: list[Row] = [(text, (), (), ()) for text in c.language.texts("closing.review.rows")]
    yield c.table("t-review", rows)


def signature(c: Context) -> Iterator[Block]:
    """Lines for the signature."""
    for name in ("name", "qualification", "signature", "date"):
        yield SignatureLine(c.text(f"closing.signature.{name}"))
