"""What holds whatever is chosen, whether anything explains it, validation, further evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from causation.dossier.courts import court_agreement
from causation.report.content.context import Context
from causation.report.document import Block, Paragraph, Row

_MOST = 8
"""Inquiries that are listed."""


def bounds(c: Context) -> Iterator[Block]:
    """What holds over whole sets of inputs."""
    yield c.paragraph("checks.bounds.text")
    found, q = c.results.bounds, c.registry
    share = q.given("bounds_epsilon", found.epsilon)
    rows: list[Row] = []
    for name in ("contaminated", "weights", "findings", "weights_and_findings"):
        interval = getattr(found, name)
        what = c.text(
            f"checks.bounds.{name}", **({"share": share} if name == "contaminated" else {})
        )
        rows.append(
            (
                what,
                q.percent(f"bounds_lower.{name}", interval.lower, item=what),
                q.percent(f"bounds_upper.{name}", interval.upper, item=what),
                c.text("answer.yes" if interval.lower >= c.assessment.threshold else "answer.no"),
            )
        )
    yield c.table("t-bounds", rows)


def fit(c: Context) -> Iterator[Block]:
    """Whether any listed route explains the evidence."""
    fit, q = c.results.fit, c.registry
    yield c.paragraph(
        "checks.fit.text",
        route=c.route(fit.route),
        tail=q.percent("fit_tail", fit.tail_probability),
        error=q.percent("fit_error", fit.error),
        draws=q.stated("fit_draws", fit.draws),
    )
    yield c.paragraph("checks.fit.poor" if fit.poor else "checks.fit.good")
    yield c.paragraph(
        f"checks.fit.{'claimed_poor' if fit.claimed_poor else 'claimed_good'}",
        route=c.route(fit.claimed_route),
        tail=q.percent("fit_claimed_tail", fit.claimed_tail),
        error=q.percent("fit_claimed_error", fit.claimed_error),
    )
    rows: list[Row] = []
    for part in fit.parts:
        kind = c.text(f"checks.fit.{part.kind}")
        best = q.percent(f"fit_best.{part.kind}", part.tail_probability, item=kind)
        claimed = q.percent(f"fit_claimed.{part.kind}", part.claimed_tail, item=kind)
        posterior = q.percent(f"fit_posterior.{part.kind}", part.posterior_tail, item=kind)
        rows.append((kind, best, claimed, posterior))
    if rows:
        yield c.table("t-fit", rows)


def validation(c: Context) -> Iterator[Block]:
    """The bound and its reason, what simulated cases showed by world, who ran them, courts."""
    q, found = c.registry, c.results.validated_range
    yield c.paragraph("checks.validation.text")
    if found is not None:
        yield c.paragraph(
            "checks.validation.range",
            limit=c.validated(),
            cases=q.stated("validation_cases", found["cases"]),
            seed=q.word("validation_seed", str(found["seed"])),
            log=c.validated_log(),
            error=q.stated("validation_error", found["sampling_error"]),
            lo=q.stated("validation_lo", found["interval"][0]),
            hi=q.stated("validation_hi", found["interval"][1]),
            least=q.stated("validation_least", min(found["worlds"].values())),
        )
    yield from _worlds(c)
    yield c.bullets("checks.validation.who")
    court = court_agreement()
    yield c.paragraph(
        "checks.validation.courts",
        cases=q.stated("courts_cases", court.cases),
        decisions=q.stated("courts_decisions", court.decisions),
        agreed=q.stated("courts_agreed", court.agreed),
        lost=q.stated("courts_lost", court.lost),
        lo=q.percent("courts_lo", court.lo),
        hi=q.percent("courts_hi", court.hi),
        mass=q.given("courts_mass", court.mass),
    )
    yield c.paragraph("checks.validation.selftest")


def _worlds(c: Context) -> Iterator[Block]:
    """Cost, calibration and wrong sources by world, and the worlds in which the method fails."""
    q, record = c.registry, c.results.validation
    if record is None:
        return
    run, worlds = record["run"], record["worlds"]
    yield c.paragraph(
        "checks.validation.run",
        cases=q.stated("world_cases", run["cases"]),
        worlds=q.stated("worlds", len(worlds)),
        seed=q.word("world_seed", str(run["seed"])),
        date=q.word("world_date", str(run["date"])),
        command=q.word("world_command", run["command"]),
    )
    yield c.table("t-worlds", (_world_row(c, w) for w in worlds))
    most = q.given("world_most", 1.0 - run["threshold"])
    threshold = c.world_threshold(run)
    yield c.paragraph("checks.validation.columns", style="note", threshold=threshold, most=most)
    costly = [w for w in worlds if w["cllr"] > 1.0]
    if costly:
        names_ = c.joined((c.world(w) for w in costly), "format.semicolon")
        yield c.paragraph("checks.validation.costly", worlds=names_)
    first, worst = worlds[0], max(worlds, key=lambda w: float(w["false_hits"]))
    yield c.paragraph(
        "checks.validation.worst",
        first=c.world_share(first),
        worst=c.world_share(worst),
        world=c.world(worst),
    )


def _world_row(c: Context, world: Mapping[str, Any]) -> Row:
    q, name, label = c.registry, world["id"], c.world(world)
    return (
        (label,),
        c.text("answer.yes" if world["mild"] else "answer.no"),
        q.size(f"world_cllr.{name}", world["cllr"], item=label),
        q.size(f"world_cllr_cal.{name}", world["cllr_cal"], item=label),
        c.world_share(world),
        c.world_error(world),
        q.percent(f"world_hits_false.{name}", world["hits_false"], item=label),
        q.size(f"world_naive_cllr.{name}", world["naive"]["cllr"], item=label),
    )


def inquiry(c: Context) -> Iterator[Block]:
    """What further evidence would tell."""
    q = c.registry
    found = c.results.inquiry.rows[:_MOST]
    if not found:
        yield c.paragraph("checks.inquiry.none")
        return
    yield c.paragraph("checks.inquiry.text")
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
    yield c.table("t-inquiry", rows)
    yield from _pairs(c)


def _pairs(c: Context) -> Iterator[Block]:
    """The two outcomes together that would take most away, and that would add most."""
    a, result = c.assessment, c.results.inquiry
    met = a.held.probability >= a.threshold
    for which, pair in (("lowest", result.lowest_pair), ("highest", result.highest_pair)):
        if pair is None:
            continue
        crosses = "crosses" if pair.meets_standard != met else "stays"
        yield Paragraph(c.text(f"checks.inquiry.{which}_{crosses}", **c.pair(which, pair)))
