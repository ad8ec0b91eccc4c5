"""Outline for the hearing: what is agreed, what divides the parties, the questions to expect."""

from __future__ import annotations

from collections.abc import Iterator

from causation.report.content.context import Context
from causation.report.document import Block, Inline, Row

_MOST = 6
"""Inputs that are set side by side."""


def agreed(c: Context) -> Iterator[Block]:
    """Every item with what is left if it is wrong, and room for what the parties say of it."""
    yield c.paragraph("hearing.agreed.text", p=c.probability, held=c.held)
    own = c.assessment.filled.priors.name
    box, rows = c.text("format.box"), list[Row]()
    for wrong in c.assessment.if_wrong:
        if wrong.item is not None:
            rows.append(((c.evidence(wrong.item),), *c.without(wrong, own), box, box, ()))
    for v in c.assessment.variants:
        if v.kind == "reading" and v.held is not None and not v.id.startswith("without"):
            rows.append(((c.said_in(v.label),), *c.variant(v), box, box, ()))
    yield c.table("t-agreed", rows)


def between(c: Context) -> Iterator[Block]:
    """The numbers that carry the answer, as each prior set has them."""
    yield c.paragraph("hearing.between.text")
    sets = c.models_by_set()
    rows: list[Row] = []
    for carrier in c.assessment.carriers.inputs[:_MOST]:
        cells = []
        for name, model in sets.items():
            column = model.columns.get(carrier.path)
            if column is None:
                cells.append(c.text("format.none"))
            else:
                key = f"set_input.{name}.{carrier.path}"
                cells.append(c.stated(key, model.numbers[column], name=c.input(carrier.path)))
        rows.append(((c.input(carrier.path),), *cells))
    yield c.table("t-between", rows, columns=[(c.prior_set(s),) for s in sets])


def questions(c: Context) -> Iterator[Block]:
    """The questions that opposing counsel asks, each with a short answer and its place."""
    filling = _filling(c)
    rows: list[Row] = []
    for entry in c.language.entries["hearing.questions.rows"]:
        question, answer, place = (part.strip() for part in entry.split("|"))
        rows.append(
            (c.filled_in(question, filling), c.filled_in(answer, filling), c.filled_in(place, {}))
        )
    yield c.table("t-questions", rows)


def _filling(c: Context) -> dict[str, tuple[Inline, ...]]:
    """What the short answers name, each as it stands in its chapter."""
    a, q = c.assessment, c.registry
    numbers = a.model.numbers
    none = c.text("format.nothing")
    own = [n for n in numbers if n.origin == "case"]
    sourced = [n for n in numbers if n.source]
    bare = [n for n in numbers if not n.source and n.status is None]
    which = "lowest" if a.held.probability >= a.threshold else "highest"
    pair = getattr(c.results.inquiry, f"{which}_pair")
    v = a.membership_counted
    listed = c.found("as_listed")
    if not listed and v is not None and v.held is not None:
        listed = c.text("format.counted", name=c.said_in(v.label), x=c.both(*c.variant(v)))
    without = c.found(*(f"without.{g.id}" for g in c.filled.groups), "without_uncertain")
    found = [part for part in (listed, without) if part]
    curve = a.prior_curve.held_prior_at_standard
    return {
        "sets": c.joined(
            (
                c.text("format.counted", name=c.prior_set(s.id), x=c.both(*c.set_values(s)))
                for s in a.sets
                if s.held is not None
            ),
            "format.semicolon",
        ),
        "reached": c.text("hearing.questions.never")
        if curve is None
        else c.text("hearing.questions.reached", at=q.at_least("prior_at_standard", curve)),
        "changed": c.text(
            "hearing.questions.changed",
            n=q.stated("inputs_changed", len(own)),
            total=q.stated("inputs_total", len(numbers)),
        )
        if own
        else c.text("hearing.questions.unchanged"),
        "total": q.stated("inputs_total", len(numbers)),
        "sourced": q.stated("inputs_sourced", len(sourced)),
        "validated": c.validated(),
        "rates": _rates(c),
        "judged": q.stated("inputs_judged", len(numbers) - len(sourced) - len(bare)),
        "bare": c.text("hearing.questions.bare", n=q.stated("inputs_bare", len(bare)))
        if bare
        else (),
        "listed": c.joined(found, "format.semicolon") if found else none,
        "silence": c.found("silence_plaintiff", "silence_others") or none,
        "chains": c.under_variant("chains_off") or none,
        "residual": _unknown(c),
        "security": c.under_variant("no_security") or none,
        "defence": c.under_variant("no_defence") or none,
        "model": q.bans("dependence_model", a.dependence.log10_lr),
        "independent": q.bans("dependence_independent", a.dependence.independent_log10_lr),
        "extreme": _extreme(c),
        "limit": c.limit,
        "pair": none
        if pair is None
        else c.text(f"hearing.questions.{which}", **c.pair(which, pair)),
        "threshold": c.threshold,
        "standard": c.case_standard,
        "held": c.held,
        "p": c.probability,
        "outcome": c.text(f"hearing.questions.outcome_{'known' if c.court_found else 'unknown'}"),
    }


def _unknown(c: Context) -> tuple[Inline, ...]:
    """Whether a weight of the unknown would change the comparison."""
    weights, met = c.residual(), c.assessment.held.probability >= c.assessment.threshold
    if weights is not None and weights.met:
        filling = {"now": weights.now, "needed": weights.needed, "fails": weights.fails}
        said = c.text("robust.unknown.met", **filling)
    elif weights is not None:
        said = c.text("robust.unknown.not_met", now=weights.now, needed=weights.needed)
    elif why := c.why_no_weight():
        said = c.text(f"hearing.questions.weight_{'met' if met else 'not_met'}", why=why)
    else:
        return c.text("format.nothing")
    return c.joined((c.text("hearing.questions.rival"), said), "words.sentence")


def _extreme(c: Context) -> tuple[Inline, ...]:
    """The item without which the held probability is least, or greatest where it falls short."""
    a, own = c.assessment, c.filled.priors.name
    found = [w for w in a.if_wrong if w.item is not None]
    if not found:
        return ()
    met = a.held.probability >= a.threshold
    wrong = (min if met else max)(found, key=lambda w: w.by_set[own].probability)
    key = f"hearing.questions.{'least' if met else 'most'}"
    value = c.both(*c.without(wrong, own))
    return c.text(key, item=(c.evidence(wrong.item),) if wrong.item else (), p=value)


def _rates(c: Context) -> tuple[Inline, ...]:
    """How often a wrong source reached the comparison value in simulated cases."""
    record = c.results.validation
    if record is None:
        return c.text("hearing.questions.no_rates")
    worlds = record["worlds"]
    worst = max(worlds, key=lambda w: float(w["false_hits"]))
    return c.text(
        "hearing.questions.rates",
        first=c.world_share(worlds[0]),
        error=c.world_error(worlds[0]),
        worst=c.world_share(worst),
        worst_error=c.world_error(worst),
        threshold=c.world_threshold(record["run"]),
    )
