"""Where the certainty comes from and how far it holds: contributions, dependence, sensitivity."""

from __future__ import annotations

from collections.abc import Iterator

from causation.analyses.dependence import CoVictims
from causation.analyses.redrawn import INTERVAL_MASS, Redrawn
from causation.dossier.wording import shown_value
from causation.report.content.context import Context
from causation.report.document import Block, Inline, Paragraph, Row
from causation.report.language import Filling

__all__ = ["analysis"]

_MOST_BARS = 8
"""Inputs that are listed one by one."""
_MOST_MOVES = 5
"""Inputs that are named where all are moved together."""


def analysis(c: Context) -> Iterator[Block]:
    """Contributions, dependence, sensitivity, fit, validation, further evidence."""
    yield from c.sections(
        _contributions, _dependence, _redraws, _tornado, _tipping, _carriers, _if_wrong,
        _bounds, _fit, _validation, _inquiry,
    )  # fmt: skip


def _contributions(c: Context) -> Iterator[Block]:
    yield c.heading(2, "contributions", "analysis.contributions.heading")
    yield c.paragraph("analysis.contributions.text")
    table, q = c.assessment.contributions, c.registry
    rows: list[Row] = []
    values: list[tuple[Inline, ...]] = []
    for row in table.rows:
        label, name = c.evidence(row.item), row.item.id
        sequential = q.bans(f"sequential.{name}", row.sequential, item=label)
        loo = q.bans(f"leave_one_out.{name}", row.leave_one_out, item=label)
        shapley = q.bans(f"shapley.{name}", row.shapley, item=label)
        rows.append(((label,), sequential, loo, shapley))
        values.append(c.text("analysis.contributions.value", item=label, x=sequential))
    total = q.bans("total", table.total)
    dash = c.text("format.none")
    rows.append((c.text("analysis.contributions.total"), total, dash, total))
    yield c.figure(
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
        shown = q.size("shapley_error", error)
        yield c.paragraph("analysis.contributions.error", style="note", error=shown)


def _dependence(c: Context) -> Iterator[Block]:
    yield c.heading(2, "dependence", "analysis.dependence.heading")
    audit, q = c.assessment.dependence, c.registry
    yield c.paragraph(
        "analysis.dependence.text",
        independent=q.held_bans("dependence_independent", audit.independent_log10_lr),
        model=q.held_bans("dependence_model", audit.log10_lr),
    )
    for group in audit.co_victims:
        yield _co_victims(c, group)
    if audit.shared:
        rows: list[Row] = [
            ((c.said_in(s.label),), c.joined(c.item(i) for i in s.items)) for s in audit.shared
        ]
        yield c.table(
            "t-shared",
            c.text("analysis.dependence.caption"),
            c.header("analysis.dependence", "latent", "evidence"),
            rows,
            (2.0, 3.0),
        )


def _co_victims(c: Context, group: CoVictims) -> Paragraph:
    name, q = c.group(group.group), c.registry
    numbers: dict[str, Filling] = {
        "count": q.stated(f"co_count.{group.group}", group.count, name=name),
        "bans": q.held_bans(f"co_bans.{group.group}", group.bans, name=name),
        "independent": q.held_bans(
            f"co_independent.{group.group}", group.independent_bans, name=name
        ),
    }
    if group.equivalent is None:
        return Paragraph(c.text("analysis.dependence.co_none", group=name, **numbers))
    worth = q.size(f"co_equivalent.{group.group}", group.equivalent, name=name)
    return Paragraph(c.text("analysis.dependence.co", group=name, equivalent=worth, **numbers))


def _redraws(c: Context) -> Iterator[Block]:
    yield c.heading(2, "sensitivity", "analysis.sensitivity.heading")
    redraws, q = c.assessment.redraws, c.registry
    yield c.paragraph(
        "analysis.sensitivity.text",
        draws=q.stated("redrawn_draws", len(redraws.probability)),
        share=q.percent("redrawn_share", redraws.share),
    )
    sd, mean, lo, hi, *_ = _redrawn_row(c, redraws)
    mass = q.percent("redrawn_mass", INTERVAL_MASS)
    yield c.paragraph("posterior.interval", sd=sd, mean=mean, mass=mass, lo=lo, hi=hi)
    found = sorted((redraws, *redraws.others), key=lambda r: r.elicitation_sd)
    yield c.table(
        "t-redrawn",
        c.text("analysis.sensitivity.sds_caption"),
        c.header("analysis.sensitivity", "sd", "mean", "lower", "upper", "held_mean", "held_lower"),
        (_redrawn_row(c, r) for r in found),
        (1.2, 1.0, 1.0, 1.0, 1.0, 1.1),
        numeric=range(6),
    )


def _redrawn_row(c: Context, r: Redrawn) -> Row:
    q, name = c.registry, shown_value(r.elicitation_sd)
    sd = q.stated(f"redrawn_sd.{name}", r.elicitation_sd)
    values = {
        "mean": r.mean, "lo": r.interval[0], "hi": r.interval[1],
        "held_mean": r.held_mean, "held_lo": r.held_interval[0],
    }  # fmt: skip
    return (sd, *(q.percent(f"redrawn_{k}.{name}", p, sd=sd) for k, p in values.items()))


def _tornado(c: Context) -> Iterator[Block]:
    q = c.registry
    rows: list[Row] = []
    values: list[tuple[Inline, ...]] = []
    for bar in c.results.tornado.bars[:_MOST_BARS]:
        label = c.input(bar.path)
        ends = [
            q.percent(f"tornado_{end}.{bar.path}", p, item=label)
            for end, p in (("low", bar.probability_low), ("high", bar.probability_high))
        ]
        moved = [
            q.word(f"tornado_value_{end}.{bar.path}", shown_value(value), item=label)
            for end, value in (("low", bar.low), ("high", bar.high))
        ]
        rows.append(((label,), moved[0], ends[0], moved[1], ends[1]))
        values.append(c.text("analysis.sensitivity.bar", item=label, low=ends[0], high=ends[1]))
    yield c.paragraph("analysis.sensitivity.one")
    yield c.figure(
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
            label = c.input(point.path)
            name = f"{point.path}.{'up' if point.steps > 0 else 'down'}"
            rows.append(
                (
                    (label,),
                    q.word(f"tip_from.{point.path}", shown_value(point.base), item=label),
                    q.word(f"tip_to.{name}", shown_value(point.value), item=label),
                    q.size(f"tip_steps.{name}", abs(point.steps), item=label),
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
    distance = q.size("tip_distance", joint.distance)
    moves = (
        c.text(
            "analysis.sensitivity.move",
            item=c.input(path),
            value=q.word(f"tip_joint.{path}", shown_value(value), item=c.input(path)),
        )
        for path, value in list(joint.changes.items())[:_MOST_MOVES]
    )
    yield c.paragraph(
        f"analysis.sensitivity.joint_{key}",
        distance=distance,
        moves=c.joined(moves, "format.semicolon"),
    )


def _carriers(c: Context) -> Iterator[Block]:
    yield c.heading(2, "carriers", "analysis.carriers.heading")
    a, q = c.assessment, c.registry
    yield c.paragraph("analysis.carriers.text")
    rows: list[Row] = []
    for carrier in a.carriers.inputs[:_MOST_BARS]:
        label = c.input(carrier.path)
        down = q.percent(f"carrier_down.{carrier.path}", carrier.low, item=label)
        up = q.percent(f"carrier_up.{carrier.path}", carrier.high, item=label)
        rows.append(((label,), down, up))
    yield c.table(
        "t-carriers",
        c.text("analysis.carriers.caption"),
        c.header("analysis.carriers", "input", "down", "up"),
        rows,
        (3.0, 1.0, 1.0),
        numeric=(1, 2),
    )
    found = a.carriers.residual
    if found is None:
        return
    if found.needed is None:
        yield c.paragraph("analysis.carriers.no_residual", why=c.said_in(found.why_missing or {}))
        return
    key = "residual" if found.needed >= found.weight else "residual_less"
    yield c.paragraph(
        f"analysis.carriers.{key}",
        weight=q.size_at_most("residual_needed", found.needed),
        now=q.size("residual_now", found.weight),
    )


def _if_wrong(c: Context) -> Iterator[Block]:
    found, q = c.assessment.if_wrong, c.registry
    yield c.paragraph("analysis.carriers.wrong")
    sets = tuple(found[0].by_set)
    rows: list[Row] = []
    for wrong in found:
        label: tuple[Inline, ...] = c.text("analysis.carriers.nothing")
        if wrong.item is not None:
            label = (c.evidence(wrong.item),)
        name = wrong.item.id if wrong.item else "nothing"
        cells = [
            q.percent(f"without.{s}.{name}", wrong.by_set[s].held, item=label, name=c.prior_set(s))
            for s in sets
        ]
        rows.append((label, *cells))
    yield c.table(
        "t-if-wrong",
        c.text("analysis.carriers.wrong_caption"),
        (c.text("analysis.carriers.item"), *((c.prior_set(s),) for s in sets)),
        rows,
        (2.6, *(1.0 for _ in sets)),
        numeric=range(1, len(sets) + 1),
    )


def _bounds(c: Context) -> Iterator[Block]:
    yield c.heading(2, "bounds", "analysis.bounds.heading")
    yield c.paragraph("analysis.bounds.text")
    found, q = c.results.bounds, c.registry
    share = q.percent("bounds_epsilon", found.epsilon)
    rows: list[Row] = []
    for name in ("contaminated", "weights", "findings", "weights_and_findings"):
        interval = getattr(found, name)
        what = c.text(
            f"analysis.bounds.{name}", **({"share": share} if name == "contaminated" else {})
        )
        rows.append(
            (
                what,
                q.percent(f"bounds_lower.{name}", interval.lower, item=what),
                q.percent(f"bounds_upper.{name}", interval.upper, item=what),
                c.met(reached=interval.lower >= c.assessment.threshold),
            )
        )
    yield c.table(
        "t-bounds",
        c.text("analysis.bounds.caption"),
        c.header("analysis.bounds", "set", "lower", "upper", "always"),
        rows,
        (3.0, 1.0, 1.0, 1.2),
        numeric=(1, 2),
    )


def _fit(c: Context) -> Iterator[Block]:
    yield c.heading(2, "fit", "analysis.fit.heading")
    fit, q = c.results.fit, c.registry
    yield c.paragraph(
        "analysis.fit.text",
        route=c.route(fit.route),
        tail=q.percent("fit_tail", fit.tail_probability),
        error=q.percent("fit_error", fit.error),
        draws=q.stated("fit_draws", fit.draws),
    )
    yield c.paragraph("analysis.fit.poor" if fit.poor else "analysis.fit.good")
    rows: list[Row] = []
    for part in fit.parts:
        kind = c.text(f"analysis.fit.{part.kind}")
        best = q.percent(f"fit_best.{part.kind}", part.tail_probability, item=kind)
        posterior = q.percent(f"fit_posterior.{part.kind}", part.posterior_tail, item=kind)
        rows.append((kind, best, posterior))
    if rows:
        yield c.table(
            "t-fit",
            c.text("analysis.fit.caption"),
            c.header("analysis.fit", "kind", "best", "posterior"),
            rows,
            (2.2, 1.2, 1.4),
            numeric=(1, 2),
        )


def _validation(c: Context) -> Iterator[Block]:
    yield c.heading(2, "validation", "analysis.validation.heading")
    yield c.paragraph("analysis.validation.text")
    yield c.paragraph("analysis.validation.range", limit=c.validated())
    yield c.paragraph("analysis.validation.selftest")


def _inquiry(c: Context) -> Iterator[Block]:
    yield c.heading(2, "inquiry", "analysis.inquiry.heading")
    q = c.registry
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
            q.percent(f"inquiry_{end}.{key}", p, item=label)
            for end, p in (("lowest", row.lowest), ("highest", row.highest))
        ]
        crossing = q.percent(f"inquiry_crossing.{key}", row.chance_of_crossing, item=label)
        bits = q.size(f"inquiry_bits.{key}", row.bits, item=label)
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
