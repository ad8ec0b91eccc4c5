"""Where the certainty comes from: what each item contributes, and how items hang together."""

from __future__ import annotations

from collections.abc import Iterator

from causation.analyses.dependence import CoVictims
from causation.report.content.context import Context
from causation.report.document import Block, Inline, Paragraph, Row
from causation.report.language import Filling


def contributions(c: Context) -> Iterator[Block]:
    """What each item contributes."""
    yield c.paragraph("weight.contributions.text")
    table, q = c.assessment.contributions, c.registry
    rows: list[Row] = []
    values: list[tuple[Inline, ...]] = []
    for row in table.rows:
        label, name = c.evidence(row.item), row.item.id
        sequential = q.bans(f"sequential.{name}", row.sequential, item=label)
        loo = q.bans(f"leave_one_out.{name}", row.leave_one_out, item=label)
        shapley = q.bans(f"shapley.{name}", row.shapley, item=label)
        rows.append(((label,), sequential, loo, shapley))
        values.append(c.text("weight.contributions.value", item=label, x=sequential))
    total = q.bans("total", table.total)
    dash = c.text("format.none")
    rows.append((c.text("weight.contributions.total"), total, dash, total))
    yield c.figure(
        "f-contributions",
        c.text("weight.contributions.figure"),
        c.text("weight.contributions.alt", values=c.joined(values), total=total),
    )
    yield c.table("t-contributions", rows)
    if error := max((r.shapley_error for r in table.rows), default=0.0):
        shown = q.size("shapley_error", error)
        yield c.paragraph("weight.contributions.error", style="note", error=shown)


def dependence(c: Context) -> Iterator[Block]:
    """How items hang together."""
    audit, q = c.assessment.dependence, c.registry
    yield c.paragraph(
        "weight.dependence.text",
        independent=q.bans("dependence_independent", audit.independent_log10_lr),
        model=q.bans("dependence_model", audit.log10_lr),
    )
    for group in audit.co_victims:
        yield _co_victims(c, group)
    if audit.shared:
        rows: list[Row] = [
            ((c.said_in(s.label),), c.joined(c.item(i) for i in s.items)) for s in audit.shared
        ]
        yield c.table("t-shared", rows)


def _co_victims(c: Context, group: CoVictims) -> Paragraph:
    name, q = c.group(group.group), c.registry
    numbers: dict[str, Filling] = {
        "count": q.stated(f"co_count.{group.group}", group.count, name=name),
        "bans": q.bans(f"co_bans.{group.group}", group.bans, name=name),
        "independent": q.bans(f"co_independent.{group.group}", group.independent_bans, name=name),
    }
    if group.equivalent is None:
        return Paragraph(c.text("weight.dependence.co_none", group=name, **numbers))
    worth = q.size(f"co_equivalent.{group.group}", group.equivalent, name=name)
    return Paragraph(c.text("weight.dependence.co", group=name, equivalent=worth, **numbers))
