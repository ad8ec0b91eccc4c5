"""Facts and materials: what was put forward, by whom, on what it bears."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from causation.case.filled import FilledFinding, FilledGroup, FilledSecurity
from causation.document.terms import BearsOn
from causation.report.content.context import Context
from causation.report.document import Block, BulletList, Inline, Paragraph, Row

_PRESUMED_FROM = dt.date(2021, 11, 1)
"""When the Personal Information Protection Law (art. 74) came into force."""

type _Item = FilledGroup | FilledSecurity | FilledFinding


def facts(c: Context) -> Iterator[Block]:
    """What the case file gives as facts."""
    if c.case.incident_date is not None:
        day = c.said(c.language.when(*c.case.incident_date.days))
        yield c.paragraph("materials.facts.incident", date=day)
    if c.case.note is not None:
        yield c.paragraph("materials.facts.given")
        yield Paragraph((c.noted(c.case.note),), "quote")
    yield c.paragraph(
        "materials.facts.citation" if c.case.citation else "materials.facts.no_citation"
    )


def _all_items(c: Context) -> list[_Item]:
    return [*c.filled.all_groups, *c.filled.all_security, *c.filled.all_findings]


def _name(c: Context, item: _Item) -> tuple[Inline, ...]:
    match item:
        case FilledGroup():
            return c.text("materials.items.victims", label=c.group(item.id))
        case FilledSecurity():
            return c.text("materials.items.security", label=c.source(item.source))
        case FilledFinding():
            return (c.finding(item.id),)


def items(c: Context) -> Iterator[Block]:
    """Items of evidence, who put them forward, on what they bear."""
    yield c.paragraph("materials.items.only")
    items = _all_items(c)
    unassigned, box = c.text("materials.items.unassigned"), c.text("format.box")
    rows: list[Row] = [
        (
            _name(c, item),
            c.choice("party", item.party) if item.party else unassigned,
            c.choice("stage", item.stage),
            (c.said(item.exhibit),) if item.exhibit else unassigned,
            c.choice("bears_on", item.bears_on),
            box,
            box,
            (),
        )
        for item in items
    ]
    yield c.table("t-items", rows)
    yield c.paragraph("materials.items.form", style="note")
    noted = [item for item in items if item.note]
    if noted:
        yield c.paragraph("materials.items.notes")
    for item in noted:
        note = c.noted(item.note)
        yield c.paragraph("format.said_of", style="quote", name=_name(c, item), text=note)


def elements(c: Context) -> Iterator[Block]:
    """Source is not causation; the result without what bears on fault or on the burden beside."""
    yield c.paragraph("materials.elements.text")
    rows: list[Row] = []
    for element in (BearsOn.CONDUCT, BearsOn.DAMAGE, BearsOn.SOURCE, BearsOn.FAULT):
        names = [_name(c, item) for item in _all_items(c) if item.bears_on is element]
        bears = c.joined(names) if names else c.text("materials.elements.nothing")
        here = c.text(c.norm(treated(c, element)))
        rows.append((c.choice("bears_on", element), bears, here))
    yield c.table("t-elements", rows)
    yield from _beside(c)


def treated(c: Context, element: BearsOn) -> str:
    """Which wording says how an element is treated: the presumption of fault is of 2021."""
    when = c.case.incident_date
    if element is BearsOn.FAULT and c.law == "cn" and when is None:
        return "elements.fault_undated"
    if element is BearsOn.FAULT and c.law == "cn" and when and when.days[1] < _PRESUMED_FROM:
        return "elements.fault_before"
    return f"elements.{element.value}"


def _beside(c: Context) -> Iterator[Block]:
    rows = list(c.variant_rows("no_security", "no_defence"))
    if len(rows) == 1:
        yield c.paragraph("materials.elements.nothing_beside")
        return
    yield c.paragraph("materials.elements.beside")
    yield c.table("t-beside", rows)


def integrity(c: Context) -> Iterator[Block]:
    """What the numbers were computed from, and what to look at."""
    sha = c.registry.word("digest.case", c.sha256, name=c.text("annexes.provenance.case"))
    priors = c.prior_set(c.filled.priors.name)
    yield c.paragraph("materials.integrity.text", sha=sha, set=priors)
    if c.filled.findings:
        yield c.paragraph("materials.integrity.reliability")
    if c.court_found:
        yield c.paragraph("materials.integrity.found")
    if c.assessment.notices:
        yield c.paragraph("materials.integrity.notices")
        yield BulletList(tuple((c.said_in(notice.text),) for notice in c.assessment.notices))
