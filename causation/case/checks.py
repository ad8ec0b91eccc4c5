"""What the parts of a case must be to each other: the case as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.case.checking import Names, check_words, names_of, problem, unknown
from causation.case.evidence_checks import check_findings, check_victims
from causation.case.library import (
    bundled_prior_sets,
    default_standards,
    is_path,
    load_fields,
    load_standards,
)
from causation.case.source_checks import check_sources
from causation.document.problems import InvalidCaseError, NoSuchPathError, Problem, listing, shown
from causation.document.stated import middle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from causation.case.schema import Case

MAX_SOURCES = 1_000
MAX_GROUPS = 10_000
MAX_FINDINGS = 10_000
MAX_VICTIMS = 1_000_000_000
MAX_LIKELIHOODS = 1_000_000
"""Findings times sources, and groups times sources."""


def check_case(case: Case) -> list[Problem]:
    """Find all that is wrong with a case whose parts are each well formed."""
    names = names_of(case)
    return [found for check in _CHECKS for found in check(case, names)]


def _sizes(case: Case, names: Names) -> Iterator[Problem]:
    limits = (
        ("sources", len(case.sources), MAX_SOURCES),
        ("victims", len(case.victims), MAX_GROUPS),
        ("findings", len(case.findings), MAX_FINDINGS),
    )
    for key, size, most in limits:
        if size > most:
            yield problem("too_many", (key,), size=size, most=most)
    for key, size, _most in limits[1:]:
        if (cells := size * len(names.kinds)) > MAX_LIKELIHOODS:
            yield problem("too_many_cells", (key,), key=key, size=cells, most=MAX_LIKELIHOODS)
    if (victims := sum(group.count for group in case.victims)) > MAX_VICTIMS:
        yield problem("too_many_victims", ("victims",), size=victims, most=MAX_VICTIMS)


def _standing(case: Case, _: Names) -> Iterator[Problem]:
    ids = [standard.id for standard in load_standards()]
    if isinstance(case.standard, str) and case.standard not in ids:
        yield unknown(("standard",), "standard", case.standard, ids)
    if case.standard is None and (law := case.jurisdiction) not in default_standards():
        yield problem("no_standard", ("standard",), jurisdiction=law, ids=listing(ids))
    if not is_path(case.priors) and case.priors not in bundled_prior_sets():
        yield unknown(("priors",), "prior set", case.priors, bundled_prior_sets())


def _identifiers(case: Case, _: Names) -> Iterator[Problem]:
    seen: set[str] = set()
    ids = {"victims": [g.id for g in case.victims], "findings": [f.id for f in case.findings]}
    for key, rows in ids.items():
        for index, name in enumerate(rows):
            if name in seen:
                yield problem("two_ids", (key, index, "id"), name=name)
            seen.add(name)


def _fields(case: Case, names: Names) -> Iterator[Problem]:
    for index, field in enumerate(case.fields):
        loc = ("fields", index)
        for other in sorted(names.implies.get(field.id, ())):
            if field.id in names.implies.get(other, ()):
                yield problem("implied_in_a_ring", (*loc, "implies"), field=shown(field.id),
                              other=shown(other))  # fmt: skip
        if field.id in {earlier.id for earlier in case.fields[:index]}:
            yield problem("twice", loc, shown(field.id))
        if field.id in load_fields():
            if field.label is not None or field.implies:
                yield problem("field_defined_anew", loc, field=field.id)
        elif field.id == "own":  # how often values from a register agree with it
            yield problem("name_taken", loc, name=field.id)
        elif field.label is None and not field.implies:
            yield unknown(loc, "field", field.id, load_fields())


def _proposition(case: Case, names: Names) -> Iterator[Problem]:
    claim, loc = case.proposition, ("proposition",)
    if not claim.source:
        yield problem("no_source_named", loc, allowed=listing(names.kinds))
    if len(names.kinds) > 1 and set(names.kinds) <= set(claim.source):
        yield problem("nothing_left", loc)
    yield from _victim((*loc, "victim"), claim.victim, case)
    yield from _claimed_fields(case, names)
    if case.account_of is not None and case.account_of not in names.custodians:
        yield unknown(("account_of",), "custodian", case.account_of, names.custodians)
    everybody = [group.id for group in case.victims]
    for index, found in enumerate(case.court_found):
        if found.victim is not None and found.victim not in everybody:
            yield unknown(("court_found", index, "victim"), "victim", found.victim, everybody)


def _victim(loc: tuple[str | int, ...], victim: str | None, case: Case) -> Iterator[Problem]:
    ids = [group.id for group in case.series]
    if victim is not None and victim not in ids:
        yield unknown(loc, "victim", victim, ids)


def _claimed_fields(case: Case, names: Names) -> Iterator[Problem]:
    claim, loc = case.proposition, ("proposition", "fields")
    of_fields = claim.role in ("supplied", "sole")
    if of_fields and not claim.fields:
        yield problem("role_needs_fields", loc, role=claim.role)
    if claim.fields and not of_fields:
        yield problem("role_takes_no_fields", loc, role=claim.role, fields=listing(claim.fields))
    victim = next((g for g in case.series if g.id == claim.victim), case.first_plaintiff)
    if victim is None:
        return
    published = names.shown(victim.disclosed)
    for index, field in enumerate(claim.fields):
        if field in names.fields and field not in published:
            yield problem("field_not_published_of", (*loc, index), shown(field),
                          listing(published), victim=victim.id)  # fmt: skip


def _routes(case: Case, names: Names) -> Iterator[Problem]:
    if case.routes != "single":
        yield from _pairs(case, names)
    for name, weight in case.background.items():
        if name not in names.kinds and not _is_pair(name, names):
            yield unknown(("background", name), "route", name, names.kinds)
        elif not sum(case.background.values()) > 0.0:
            yield problem("empty_background", ("background", name), weight=f"{weight:g}")


def _pairs(case: Case, names: Names) -> Iterator[Problem]:
    totals: dict[str, float] = {}
    for pair, share in case.routes.items():
        loc = ("routes", pair)
        if not _is_pair(pair, names):
            pairs = [f"{a}/{b}" for a in names.chaining for b in names.chaining if a != b]
            yield unknown(loc, "pair of sources", pair, pairs)
            continue
        entrance = pair.partition("/")[0]
        totals[entrance] = total = totals.get(entrance, 0.0) + middle(share)
        if total > 1.0 + 1e-9:
            yield problem("chains_too_much", loc, entrance=shown(entrance), total=f"{total:.3g}")


def _is_pair(name: str, names: Names) -> bool:
    entrance, slash, second = name.partition("/")
    return bool(slash) and entrance != second and {entrance, second} <= {*names.chaining}


def _inquiries(case: Case, names: Names) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, inquiry in enumerate(case.inquiries):
        loc = ("inquiries", index)
        if inquiry.id in seen:
            yield problem("two_inquiries", (*loc, "id"), name=inquiry.id)
        seen.add(inquiry.id)
        if len(inquiry.outcomes) < 2:
            yield problem("few_outcomes", (*loc, "outcomes"), size=len(inquiry.outcomes))
        for name in names.kinds:
            total = sum(row.get(name, 0.0) for row in inquiry.outcomes.values())
            if abs(total - 1.0) > 1e-6:
                place = (*loc, "outcomes")
                yield problem("outcomes_not_one", place, source=name, total=f"{total:g}")


def check_variants(case: Case) -> Iterator[Problem]:
    """Find what is wrong with the variants of a file; what they change need not be there.

    A case that is changed later keeps its variants; one that contradicts it then is named in a
    notice.
    """
    for name, variant in case.variants.items():
        loc = ("variants", name)
        if not variant.changes and not variant.unset:
            yield problem("empty_variant", loc, variant=name)
            continue
        try:
            case.with_variant(name)
        except NoSuchPathError:
            continue
        except InvalidCaseError as error:
            first = error.problems[0]
            where = f" ({error.path})" if error.path else ""
            yield problem("under_variant", (*loc, "set"), first.found, first.allowed,
                          text=first.text, where=where)  # fmt: skip


_CHECKS: tuple[Callable[[Case, Names], Iterator[Problem]], ...] = (
    check_words,
    _sizes,
    check_sources,
    _fields,
    _proposition,
    _routes,
    _standing,
    _identifiers,
    check_victims,
    check_findings,
    _inquiries,
)
