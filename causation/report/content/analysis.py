"""Where the certainty comes from and how far it holds: contributions, dependence, sensitivity."""

from __future__ import annotations

import re
from collections.abc import Iterator

from causation.analyses.dependence import CoVictims
from causation.dossier.wording import input_label, shown_value
from causation.report.content.context import Context
from causation.report.document import Block, CaseText, Figure, Inline, Paragraph, Row

__all__ = ["analysis"]

_MOST_BARS = 8
"""Inputs that are listed one by one."""
_MOST_MOVES = 5
"""Inputs that are named where all are moved together."""


def analysis(c: Context) -> Iterator[Block]:
    """Contributions, dependence, sensitivity, fit, validation, further evidence."""
    yield from _contributions(c)
    yield from _dependence(c)
    yield from _sensitivity(c)
    yield from _bounds(c)
    yield from _fit(c)
    yield from _validation(c)
    yield from _inquiry(c)


def _contributions(c: Context) -> Iterator[Block]:
    table = c.assessment.contributions
    q = c.registry
    yield c.heading(2, "contributions", "analysis.contributions.heading")
    yield c.paragraph("analysis.contributions.text")
    rows: list[Row] = []
    values: list[tuple[Inline, ...]] = []
    for row in table.rows:
        label = c.evidence(row.item)
        sequential = q.bans(f"sequential.{row.item.id}", row.sequential, guard=1, item=label)
        loo = q.bans(f"leave_one_out.{row.item.id}", row.leave_one_out, guard=1, item=label)
        shapley = q.bans(
            f"shapley.{row.item.id}", row.shapley, error=row.shapley_error, guard=1, item=label
        )
        rows.append(((label,), sequential, loo, shapley))
        values.append(c.text("analysis.contributions.value", item=label, x=sequential))
    total = q.bans("total", table.total, guard=1)
    dash = c.text("format.none")
    rows.append((c.text("analysis.contributions.total"), total, dash, total))
    yield Figure(
        "f-contributions",
        c.text("analysis.contributions.figure"),
        c.text("analysis.contributions.alt", values=c.joined(values), total=total),
    )
    yield c.table(
        "t-contributions",
        c.text("analysis.contributions.caption"),
        c.header("analysis.contributions", "item", "sequential", "loo", "shapley"),
        rows,
        (2.6, 1.0, 1.0, 1.0),
        numeric=(1, 2, 3),
    )
    if error := max((r.shapley_error for r in table.rows), default=0.0):
        shown = q.number("shapley_error", error, uncertainty=error)
        yield c.paragraph("analysis.contributions.error", style="note", error=shown)
    if table.fields:
        fields = (
            c.text(
                "analysis.contributions.value",
                item=c.field(name),
                x=q.bans(f"field.{name}", bans, guard=1, name=c.field(name)),
            )
            for name, bans in table.fields
        )
        yield c.paragraph("analysis.contributions.fields", values=c.joined(fields))


def _dependence(c: Context) -> Iterator[Block]:
    audit = c.assessment.dependence
    q = c.registry
    yield c.heading(2, "dependence", "analysis.dependence.heading")
    yield c.paragraph(
        "analysis.dependence.text",
        independent=q.bans("dependence_independent", audit.independent_log10_lr, guard=1),
        model=q.bans("dependence_model", audit.log10_lr, guard=1),
    )
    for group in audit.co_victims:
        yield from _co_victims(c, group)
    if audit.shared:
        rows: list[Row] = [
            (_latent(c, s.latent), c.joined(_evidence(c, e) for e in s.evidence))
            for s in audit.shared
        ]
        yield c.table(
            "t-shared",
            c.text("analysis.dependence.caption"),
            c.header("analysis.dependence", "latent", "evidence"),
            rows,
            (2.0, 3.0),
        )


def _co_victims(c: Context, group: CoVictims) -> Iterator[Block]:
    name = c.said(
        next(
            (g.label.get(c.language.name) or group.group.replace("_", " "))
            for g in c.assessment.case.groups
            if g.id == group.group
        )
    )
    q = c.registry
    count = q.stated(f"co_count.{group.group}", group.count, name=name)
    bans = q.bans(f"co_bans.{group.group}", group.bans, guard=1, name=name)
    alone = q.bans(f"co_independent.{group.group}", group.independent_bans, guard=1, name=name)
    content: tuple[Inline, ...]
    if group.equivalent is None:
        content = c.text(
            "analysis.dependence.co_none", group=name, count=count, bans=bans, independent=alone
        )
    else:
        worth = q.number(
            f"co_equivalent.{group.group}",
            group.equivalent,
            uncertainty=0.3 * group.equivalent,
            guard=1,
            name=name,
        )
        content = c.text(
            "analysis.dependence.co",
            group=name,
            count=count,
            bans=bans,
            independent=alone,
            equivalent=worth,
        )
    yield Paragraph(content)
    if group.limit_bans != float("inf"):
        limit = q.bans(f"co_limit.{group.group}", group.limit_bans, guard=1, name=name)
        yield c.paragraph("analysis.dependence.limit", limit=limit)


_LATENT = re.compile(r"(?P<kind>[ucd])\[(?P<source>[^,\]]+)(?:,(?P<of>[^\]]+))?\]")


def _latent(c: Context, latent: str) -> tuple[Inline, ...]:
    match = _LATENT.fullmatch(latent)
    if match is None:
        return c.text("analysis.dependence.how.other", name=c.said(latent))
    source = c.source(match["source"])
    key = f"analysis.dependence.how.{match['kind']}"
    if match["kind"] == "u":
        return c.text(key, source=source)
    if match["kind"] == "c":
        return c.text(key, source=source, field=c.field(match["of"]))
    return c.text(key, source=source, custodian=c.source(match["of"]))


def _evidence(c: Context, name: str) -> tuple[Inline, ...]:
    parts = name.split(".")
    if len(parts) == 4 and parts[0] == "victims":
        what = c.source(parts[3]) if parts[2] == "users_of" else c.field(parts[3])
        return c.text("analysis.dependence.of", group=c.group(parts[1]), what=what)
    return (c.said(name),)


def _sensitivity(c: Context) -> Iterator[Block]:
    s = c.assessment.input_sensitivity
    q = c.registry
    yield c.heading(2, "sensitivity", "analysis.sensitivity.heading")
    yield c.paragraph(
        "analysis.sensitivity.text",
        draws=q.stated("sensitivity_draws", len(s.probability)),
        share=q.percent("sensitivity_share", s.share, exact=True),
    )
    lo, hi = c.interval()
    yield c.paragraph("posterior.interval", mass=c.mass(), lo=lo, hi=hi)
    yield from _tornado(c)
    yield from _tipping(c)


def _input(c: Context, path: str) -> CaseText:
    return c.said(input_label(c.assessment.case, path, c.language.name))


def _tornado(c: Context) -> Iterator[Block]:
    q = c.registry
    bars = c.results.tornado.bars[:_MOST_BARS]
    rows: list[Row] = []
    values: list[tuple[Inline, ...]] = []
    for bar in bars:
        label = _input(c, bar.path)
        ends = [
            q.percent(
                f"tornado_{end}.{bar.path}",
                p,
                guard=1,
                threshold=c.assessment.threshold,
                like=c.assessment.probability,
                item=label,
            )
            for end, p in (("low", bar.probability_low), ("high", bar.probability_high))
        ]
        moved = [
            q.word(f"tornado_value_{end}.{bar.path}", shown_value(value), item=label)
            for end, value in (("low", bar.low), ("high", bar.high))
        ]
        rows.append(((label,), moved[0], ends[0], moved[1], ends[1]))
        values.append(c.text("analysis.sensitivity.bar", item=label, low=ends[0], high=ends[1]))
    yield c.paragraph("analysis.sensitivity.one")
    yield Figure(
        "f-tornado",
        c.text("analysis.sensitivity.figure"),
        c.text("analysis.sensitivity.alt", values=c.joined(values, "format.semicolon")),
    )
    yield c.table(
        "t-tornado",
        c.text("analysis.sensitivity.caption"),
        c.header("analysis.sensitivity", "input", "low", "at_low", "high", "at_high"),
        rows,
        (3.0, 1.2, 1.0, 1.2, 1.0),
        numeric=(2, 4),
    )


def _tipping(c: Context) -> Iterator[Block]:
    q = c.registry
    found = c.results.tipping
    key = "lost" if found.side == "defendant" else "gained"
    if not found.points:
        yield c.paragraph(f"analysis.sensitivity.no_single_{key}", reach=_reach(c))
    else:
        yield c.paragraph(f"analysis.sensitivity.single_{key}")
        rows: list[Row] = []
        for point in found.points[:_MOST_BARS]:
            label = _input(c, point.path)
            name = f"{point.path}.{'up' if point.steps > 0 else 'down'}"
            rows.append(
                (
                    (label,),
                    q.word(f"tip_from.{point.path}", shown_value(point.base), item=label),
                    q.word(f"tip_to.{name}", shown_value(point.value), item=label),
                    q.number(f"tip_steps.{name}", abs(point.steps), uncertainty=0.1, item=label),
                )
            )
        yield c.table(
            "t-tipping",
            c.text(f"analysis.sensitivity.caption_{key}"),
            c.header("analysis.sensitivity", "input", "base", "tip", "steps"),
            rows,
            (3.0, 1.2, 1.2, 1.0),
            numeric=(3,),
        )
    yield from _joint(c, key)


def _reach(c: Context) -> tuple[Inline, ...]:
    from causation.analyses.tipping import REACH

    return c.registry.stated("tip_reach", REACH)


def _joint(c: Context, key: str) -> Iterator[Block]:
    q = c.registry
    joint = c.results.tipping.joint
    if joint is None:
        yield c.paragraph(f"analysis.sensitivity.no_joint_{key}", reach=_reach(c))
        return
    distance = q.number("tip_distance", joint.distance, uncertainty=0.1)
    moves = (
        c.text(
            "analysis.sensitivity.move",
            item=_input(c, path),
            value=q.word(f"tip_joint.{path}", shown_value(value), item=_input(c, path)),
        )
        for path, value in list(joint.changes.items())[:_MOST_MOVES]
    )
    yield c.paragraph(
        f"analysis.sensitivity.joint_{key}",
        distance=distance,
        moves=c.joined(moves, "format.semicolon"),
    )


def _bounds(c: Context) -> Iterator[Block]:
    q = c.registry
    found = c.results.bounds
    threshold = c.assessment.threshold

    def shown(key: str, p: float, *, item: tuple[Inline, ...]) -> tuple[Inline, ...]:
        like = c.assessment.probability
        return q.percent(key, p, guard=1, threshold=threshold, like=like, item=item)

    share = q.stated_percent("bounds_epsilon", found.epsilon)
    rows: list[Row] = []
    for name in ("contaminated", "weights", "findings", "weights_and_findings"):
        interval = getattr(found, name)
        what = c.text(
            f"analysis.bounds.{name}", **({"share": share} if name == "contaminated" else {})
        )
        rows.append(
            (
                what,
                shown(f"bounds_lower.{name}", interval.lower, item=what),
                shown(f"bounds_upper.{name}", interval.upper, item=what),
                c.met(reached=interval.lower >= threshold),
            )
        )
    yield c.heading(2, "bounds", "analysis.bounds.heading")
    yield c.paragraph("analysis.bounds.text")
    yield c.table(
        "t-bounds",
        c.text("analysis.bounds.caption"),
        c.header("analysis.bounds", "set", "lower", "upper", "always"),
        rows,
        (3.0, 1.0, 1.0, 1.2),
        numeric=(1, 2),
    )
    yield c.table(
        "t-prior-sets",
        c.text("analysis.bounds.sets_caption"),
        c.header("analysis.bounds", "prior_set", "probability", "met"),
        (
            (
                (c.prior_set(name),),
                shown(f"under_set.{name}", p, item=(c.prior_set(name),)),
                c.met(reached=p >= threshold),
            )
            for name, p in found.prior_sets.items()
        ),
        (2.0, 1.0, 1.0),
        numeric=(1,),
    )


def _fit(c: Context) -> Iterator[Block]:
    fit = c.results.fit
    q = c.registry
    yield c.heading(2, "fit", "analysis.fit.heading")
    tail = q.percent("fit_tail", fit.tail_probability, exact=True)
    yield c.paragraph(
        "analysis.fit.poor" if fit.poor else "analysis.fit.good",
        source=c.source(fit.source),
        tail=tail,
        draws=q.stated("fit_draws", fit.draws),
    )


def _validation(c: Context) -> Iterator[Block]:
    yield c.heading(2, "validation", "analysis.validation.heading")
    yield c.paragraph("analysis.validation.text")
    if c.registry.validated is None:
        yield c.paragraph("analysis.ratios.unlimited")
    else:
        yield c.paragraph("analysis.validation.range", limit=c.validated())
    yield c.paragraph("analysis.validation.selftest")


def _inquiry(c: Context) -> Iterator[Block]:
    q = c.registry
    yield c.heading(2, "inquiry", "analysis.inquiry.heading")
    found = c.results.inquiry.rows[:_MOST_BARS]
    if not found:
        yield c.paragraph("analysis.inquiry.none")
        return
    yield c.paragraph("analysis.inquiry.text")
    rows: list[Row] = []
    for row in found:
        label = c.said_in(row.label)
        key = f"{row.id}.{row.about}" if row.about else row.id
        ends = [
            q.percent(
                f"inquiry_{end}.{key}",
                p,
                guard=1,
                threshold=c.assessment.threshold,
                item=label,
            )
            for end, p in (("lowest", row.lowest), ("highest", row.highest))
        ]
        crossing = q.percent(f"inquiry_crossing.{key}", row.chance_of_crossing, item=label)
        bits = q.number(f"inquiry_bits.{key}", row.bits, uncertainty=0.1 * row.bits, item=label)
        asks = c.joined(c.choice("party", party) for party in row.asks)
        rows.append(((label,), asks, bits, crossing, *ends))
    yield c.table(
        "t-inquiry",
        c.text("analysis.inquiry.caption"),
        c.header("analysis.inquiry", "what", "who", "bits", "crossing", "lowest", "highest"),
        rows,
        (2.4, 1.3, 1.1, 1.1, 1.0, 1.0),
        numeric=(2, 3, 4, 5),
    )
