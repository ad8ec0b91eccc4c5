"""How far it holds: if a fact is wrong, what carries it, the unknown, other inputs."""

from __future__ import annotations

from collections.abc import Iterator

from causation.analyses.redrawn import INTERVAL_MASS, Redrawn
from causation.document.terms import SourceKind
from causation.dossier.wording import shown_value
from causation.errors import CausationError
from causation.report.content.context import Context
from causation.report.document import Block, Inline, Row

_MOST_BARS = 8
"""Inputs that are listed one by one."""
_MOST_MOVES = 5
"""Inputs that are named where all are moved together."""


def if_wrong(c: Context) -> Iterator[Block]:
    """The held probability without each item and under each variant, under every prior set."""
    found, q = c.assessment.if_wrong, c.registry
    yield c.paragraph("robust.wrong.text", threshold=c.threshold)
    sets = tuple(found[0].by_set)
    rows: list[Row] = []
    for wrong in found:
        label = c.text("robust.wrong.nothing") if wrong.item is None else (c.evidence(wrong.item),)
        rows.append((label, *(c.both(*c.without(wrong, s)) for s in sets)))
    yield c.table("t-if-wrong", rows, columns=[(c.prior_set(s),) for s in sets])
    by_set = {
        name: {v.id: v for v in a.variants}
        for name, a in c.assessment.by_set.items()
        if not isinstance(a, CausationError)
    }
    rows = []
    for v in c.assessment.variants:
        cells = []
        for name, table in by_set.items():
            other, label = table.get(v.id), (c.said_in(v.label),)
            if other is None or other.held is None or other.probability is None:
                cells.append(c.text("format.none"))
                continue
            cells.append(
                c.both(
                    *(
                        q.percent(f"{key}.{name}.{v.id}", p, item=label, name=c.prior_set(name))
                        for key, p in (
                            ("variant_in", other.probability),
                            ("variant_in_held", other.held),
                        )
                    )
                )
            )
        rows.append(((c.said_in(v.label),), *cells))
    if rows:
        yield c.table("t-variants-sets", rows, columns=[(c.prior_set(s),) for s in by_set])


def carriers(c: Context) -> Iterator[Block]:
    """The inputs that carry the answer."""
    a, q = c.assessment, c.registry
    yield c.paragraph("robust.carriers.text")
    rows: list[Row] = []
    for carrier in a.carriers.inputs[:_MOST_BARS]:
        label = c.input(carrier.path)
        down = q.percent(f"carrier_down.{carrier.path}", carrier.low, item=label)
        up = q.percent(f"carrier_up.{carrier.path}", carrier.high, item=label)
        rows.append(((label,), down, up))
    yield c.table("t-carriers", rows)


def uncertainty(c: Context) -> Iterator[Block]:
    """From which inputs the uncertainty comes, and what would halve it."""
    found, q = c.assessment.uncertainty, c.registry
    first = found.inputs[: found.carrying]
    yield c.paragraph(
        "summary.carry",
        count=q.stated("uncertainty_count", found.carrying),
        all=q.stated("uncertainty_all", len(found.inputs)),
        share=q.percent("uncertainty_share", found.carried),
        judged=q.stated("uncertainty_judged", found.judgements),
        names=c.joined((c.input(x.path) for x in first), "format.semicolon"),
    )
    if found.incidents is None:
        yield c.paragraph("summary.no_halving")
        return
    yield c.paragraph("summary.halve", n=q.stated("uncertainty_incidents", found.incidents))


def unknown(c: Context) -> Iterator[Block]:
    """What nobody named: how it stands against the others, and the weight at which it wins."""
    a = c.assessment
    names = [s.name for s in c.filled.sources if s.kind is SourceKind.RESIDUAL]
    if not names:
        yield c.paragraph("robust.unknown.exhaustive")
        return
    unknown, label = names[0], c.source(names[0])
    yield c.paragraph("robust.unknown.text")
    rivals = {s: p for s, p in a.source_posterior.items() if s not in a.proposition}
    if unknown in rivals:
        first = max(rivals, key=lambda s: rivals[s])
        p = c.registry.percent(f"entrance.{unknown}", rivals[unknown], name=label)
        if first == unknown:
            yield c.paragraph("robust.unknown.binding", p=p)
        else:
            yield c.paragraph("robust.unknown.other", p=p, other=c.source(first))
    yield from _residual(c)
    if held := c.found("residual_2", "residual_4"):
        yield c.paragraph("robust.unknown.times", held=held)


def _residual(c: Context) -> Iterator[Block]:
    if why := c.why_no_weight():
        yield c.paragraph("robust.unknown.no_weight", why=why)
    weights = c.residual()
    if weights is not None and weights.met:
        yield c.paragraph(
            "robust.unknown.met", now=weights.now, needed=weights.needed, fails=weights.fails
        )
    elif weights is not None:
        yield c.paragraph("robust.unknown.not_met", now=weights.now, needed=weights.needed)


def redraws(c: Context) -> Iterator[Block]:
    """Under inputs drawn again."""
    redraws, q = c.assessment.redraws, c.registry
    yield c.paragraph(
        "robust.sensitivity.text",
        draws=q.stated("redrawn_draws", len(redraws.probability)),
        share=q.percent("redrawn_share", redraws.share),
    )
    sd, mean, lo, hi, *_ = _redrawn_row(c, redraws)
    mass = q.given("redrawn_mass", INTERVAL_MASS)
    yield c.paragraph("posterior.interval", sd=sd, mean=mean, mass=mass, lo=lo, hi=hi)
    found = sorted((redraws, *redraws.others), key=lambda r: r.elicitation_sd)
    yield c.table("t-redrawn", (_redrawn_row(c, r) for r in found))


def _redrawn_row(c: Context, r: Redrawn) -> Row:
    q, name = c.registry, shown_value(r.elicitation_sd)
    sd = q.stated(f"redrawn_sd.{name}", r.elicitation_sd)
    values = {
        "mean": r.mean,
        "lo": r.interval[0],
        "hi": r.interval[1],
        "held_mean": r.held_mean,
        "held_lo": r.held_interval[0],
    }
    return (sd, *(q.percent(f"redrawn_{k}.{name}", p, sd=sd) for k, p in values.items()))


def tornado(c: Context) -> Iterator[Block]:
    """One input at a time."""
    q = c.registry
    rows: list[Row] = []
    values: list[tuple[Inline, ...]] = []
    for bar in c.results.tornado.bars[:_MOST_BARS]:
        label = c.input(bar.path)
        ends = [
            (
                q.percent(f"tornado_{end}.{bar.path}", p, item=label),
                q.percent(f"tornado_held_{end}.{bar.path}", held, item=label),
            )
            for end, p, held in (
                ("low", bar.probability_low, bar.held_low),
                ("high", bar.probability_high, bar.held_high),
            )
        ]
        moved = [
            q.word(f"tornado_value_{end}.{bar.path}", shown_value(value), item=label)
            for end, value in (("low", bar.low), ("high", bar.high))
        ]
        rows.append(((label,), moved[0], c.both(*ends[0]), moved[1], c.both(*ends[1])))
        low, high = ends[0][0], ends[1][0]
        values.append(c.text("robust.sensitivity.bar", item=label, low=low, high=high))
    yield c.paragraph("robust.sensitivity.one")
    yield c.figure(
        "f-tornado",
        c.text("robust.sensitivity.figure"),
        c.text("robust.sensitivity.alt", values=c.joined(values, "format.semicolon")),
    )
    yield c.table("t-tornado", rows)


def tipping(c: Context) -> Iterator[Block]:
    """What would put it on the other side."""
    q = c.registry
    found = c.results.tipping
    key = "lost" if found.side == "defendant" else "gained"
    if not found.points:
        yield c.paragraph(f"robust.sensitivity.no_single_{key}", reach=_reach(c))
    else:
        yield c.paragraph(f"robust.sensitivity.single_{key}")
        rows: list[Row] = []
        for point in found.points[:_MOST_BARS]:
            label, tipped = c.input(point.path), c.tipped(point)
            name = f"{point.path}.{'up' if point.steps > 0 else 'down'}"
            steps = q.size(f"tip_steps.{name}", abs(point.steps), item=label)
            rows.append(((label,), tipped["base"], tipped["value"], steps))
        yield c.table("t-tipping", rows, caption=f"robust.sensitivity.caption_{key}")
    yield from _joint(c, key)


def _reach(c: Context) -> tuple[Inline, ...]:
    from causation.analyses.crossing import REACH

    return c.registry.stated("tip_reach", REACH)


def _joint(c: Context, key: str) -> Iterator[Block]:
    q = c.registry
    joint = c.results.tipping.joint
    if joint is None:
        yield c.paragraph(f"robust.sensitivity.no_joint_{key}", reach=_reach(c))
        return
    distance = q.size("tip_distance", joint.distance)
    moves = (
        c.text(
            "robust.sensitivity.move",
            item=c.input(path),
            value=q.word(f"tip_joint.{path}", shown_value(value), item=c.input(path)),
        )
        for path, value in list(joint.changes.items())[:_MOST_MOVES]
    )
    yield c.paragraph(
        f"robust.sensitivity.joint_{key}",
        distance=distance,
        moves=c.joined(moves, "format.semicolon"),
    )
