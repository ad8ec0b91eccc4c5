"""Prior and posterior: what is assumed, what follows, who played which part, every victim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from causation.report.content.context import Context
from causation.report.document import Block, Inline, Paragraph, Row


def prior(c: Context) -> Iterator[Block]:
    """The prior, an assumption: reference class, weights, chains, background."""
    a, q = c.assessment, c.registry
    priors = c.filled.priors
    yield c.paragraph(
        "analysis.prior.text",
        set=c.prior_set(priors.name),
        reference=c.said_in(priors.reference_class),
    )
    yield Paragraph((c.said_in(priors.note),), "quote")
    rows: list[Row] = []
    shown: dict[str, Inline] = {}
    for source in a.sources:
        name, number = c.source(source), c.filled.weight_of(source)
        shared = len(c.filled.members_of(source)) > 1
        weight = c.stated(f"weight.{source}", number, name=name)
        if shared:
            share = q.percent(f"share.{source}", c.filled.share_of(source), name=name)
            weight = c.text("analysis.prior.shared", weight=weight, share=share)
        prior = q.percent(f"entrance_prior.{source}", a.source_prior[source], name=name)
        why = c.why(number)
        if number.path in shown:
            why = c.text("analysis.prior.same", source=shown[number.path])
        shown.setdefault(number.path, name)
        rows.append(((name,), weight, prior, c.origin(number), why))
    yield c.table("t-prior", rows)
    if any(f.moves for f in a.security):
        yield c.paragraph("analysis.prior.security")
    yield from _chains(c)
    yield from _background(c)


def _background(c: Context) -> Iterator[Block]:
    """The fixed weights of the routes for what is not of the series, if anything may not be."""
    if all(c.certain(g.id) for g in c.filled.groups):
        return
    model, q = c.assessment.model, c.registry
    shares = (
        c.text(
            "format.counted",
            name=c.route(route),
            x=q.percent(f"background.{route}", float(share), name=c.route(route)),
        )
        for route, share in zip(c.assessment.routes, model.background, strict=True)
    )
    yield c.paragraph("analysis.prior.background", shares=c.joined(shares, "format.semicolon"))


def _chains(c: Context) -> Iterator[Block]:
    chains = [r for r in c.assessment.routes if "/" in r]
    yield c.paragraph("analysis.prior.chains" if chains else "analysis.prior.no_chains")
    rows: list[Row] = []
    for route in chains:
        found = c.filled.chain(*route.split("/"))
        if found is None:
            continue
        number, name = found[0], c.route(route)
        share = c.stated(f"chain.{route}", number, name=name)
        rows.append(((name,), share, c.origin(number), c.why(number)))
    if rows:
        yield c.table("t-chains", rows)


def posterior(c: Context) -> Iterator[Block]:
    """What follows from evidence and prior, by route."""
    a, q = c.assessment, c.registry
    content = c.text("posterior.proposition", claim=c.proposition, p=c.probability, held=c.held)
    yield Paragraph(content, claim="posterior")
    yield c.paragraph("analysis.posterior.text", limit=c.validated())
    error = q.percent("error_probability", a.probability_error)
    yield c.paragraph("analysis.posterior.error", error=error)
    rows: list[Row] = []
    for route in a.routes:
        name = c.route(route)
        prior = q.percent(f"prior.{route}", a.prior[route], name=name)
        if route in a.excluded:
            rows.append(((name,), prior, c.text("analysis.posterior.excluded")))
            continue
        rows.append(
            ((name,), prior, q.percent(f"posterior.{route}", a.posterior[route], name=name))
        )
    values = [
        c.text(
            "analysis.posterior.value",
            name=c.source(s),
            p=q.percent(f"entrance.{s}", a.propositions[s]["entrance"], name=c.source(s)),
        )
        for s in a.sources
    ]
    yield c.figure(
        "f-posterior",
        c.text("analysis.posterior.figure"),
        c.text("analysis.posterior.alt", values=c.joined(values), threshold=c.threshold),
    )
    yield c.table("t-posterior", rows)


def parts(c: Context) -> Iterator[Block]:
    """Every source's part for the first plaintiff, and where each of the fields came from."""
    a, q = c.assessment, c.registry
    yield c.paragraph("analysis.parts.text")
    kinds = ("role", "entrance", "alone", *(("any_remove",) if a.any_remove else ()))
    rows: list[Row] = []
    for s in a.sources:
        parts = a.propositions[s]
        cells = (
            q.percent(f"{k}.{s}", parts[k], name=c.source(s))
            if k in parts
            else c.text("format.none")
            for k in kinds
        )
        rows.append(((c.source(s),), *cells))
    columns = [c.text(f"analysis.parts.{k}") for k in kinds]
    yield c.table("t-parts", rows, columns=columns)
    descents = [
        c.text(
            "analysis.parts.descent",
            library=c.source(s.name),
            source=c.source(of),
            share=q.given(f"descent.{s.name}.{of}", share, name=c.source(s.name)),
        )
        for s in c.filled.sources
        for of, share in s.origin.items()
    ]
    if a.any_remove and descents:
        yield c.paragraph("analysis.parts.remove", descents=c.joined(descents, "format.semicolon"))
    published = sorted(next(iter(a.propositions.values()))["supplied"])
    if not published:
        return
    yield c.paragraph("analysis.parts.provenance")
    yield from c.divided(
        "t-provenance-fields", a.sources, 4, lambda s: (c.source(s),),
        lambda part: (((c.field(f),), *(_supply(c, s, f) for s in part)) for f in published),
    )  # fmt: skip


def _supply(c: Context, source: str, field: str) -> tuple[Inline, ...]:
    table, names = (
        c.assessment.propositions[source],
        {"name": c.source(source), "item": c.field(field)},
    )
    return c.both(
        c.registry.percent(f"supplied.{source}.{field}", table["supplied"][field], **names),
        c.registry.percent(f"sole.{source}.{field}", table["sole"][field], **names),
    )


def each_victim(c: Context) -> Iterator[Block]:
    """The proposition about every group, plaintiffs with their comparison, and all sources."""
    a, q = c.assessment, c.registry
    if len(c.filled.groups) < 2:
        return
    yield c.paragraph("analysis.victims.text")
    rows: list[Row] = []
    for claimant in a.claimants:
        name = c.group(claimant.group)
        linked = c.text("method.victims.certain")
        if not c.certain(claimant.group):
            linked = q.percent(f"linked.{claimant.group}", claimant.linked, name=name)
        verdict = c.text("format.none")
        if claimant.verdict is not None:
            verdict = c.text(f"verdict.{claimant.verdict.value}")
        p = q.percent(f"claimant.{claimant.group}", claimant.probability, name=name)
        held = q.percent(f"claimant_held.{claimant.group}", claimant.held, name=name)
        rows.append(((name,), linked, p, held, verdict))
    yield c.table("t-claimants", rows, claim=c.proposition)
    yield from c.divided(
        "t-each-victim", a.sources, 4, lambda s: (c.source(s),),
        lambda part: (_roles(c, g, part) for g in a.victims),
    )  # fmt: skip


def _roles(c: Context, group: str, sources: Iterable[str]) -> Row:
    name, found = c.group(group), c.assessment.victims[group]
    return ((name,), *(
        c.registry.percent(f"victim.{group}.{s}", found[s], item=name, name=c.source(s))
        for s in sources
    ))  # fmt: skip
