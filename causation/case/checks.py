"""What the parts of a case must be to each other: the case as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.case.checking import Names, names_of, twice, unknown, unknown_items, unknown_keys
from causation.case.finding_checks import check_findings
from causation.case.library import (
    bundled_prior_sets,
    default_standards,
    is_path,
    load_fields,
    load_standards,
)
from causation.case.source_checks import check_sources
from causation.case.victim_checks import check_victims
from causation.document.problems import (
    InvalidCaseError,
    NoSuchPathError,
    Problem,
    listing,
    shown,
)
from causation.document.stated import middle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from causation.case.schema import Case

__all__ = [
    "MAX_FINDINGS",
    "MAX_GROUPS",
    "MAX_LIKELIHOODS",
    "MAX_SOURCES",
    "MAX_VICTIMS",
    "check_case",
    "check_variants",
]

MAX_SOURCES = 1_000
MAX_GROUPS = 10_000
MAX_FINDINGS = 10_000
MAX_VICTIMS = 1_000_000_000
MAX_LIKELIHOODS = 1_000_000
"""Findings times sources, and groups times sources."""


def check_case(case: Case) -> list[Problem]:
    """Find all that is wrong with a case whose parts are each well formed."""
    names = names_of(case)
    return [problem for check in _CHECKS for problem in check(case, names)]


def _sizes(case: Case, names: Names) -> Iterator[Problem]:
    limits = (
        ("sources", len(case.sources), MAX_SOURCES),
        ("victims", len(case.victims), MAX_GROUPS),
        ("findings", len(case.findings), MAX_FINDINGS),
    )
    for key, size, most in limits:
        if size > most:
            yield Problem((key,), "too many", str(size), f"at most {most}")
    for key, size, _most in limits[1:]:
        if (cells := size * len(names.kinds)) > MAX_LIKELIHOODS:
            yield Problem(
                (key,), f"too many {key} for so many sources", f"{cells} combinations",
                f"at most {MAX_LIKELIHOODS}",
            )  # fmt: skip
    if (victims := sum(group.count for group in case.victims)) > MAX_VICTIMS:
        yield Problem(("victims",), "too many victims", str(victims), f"at most {MAX_VICTIMS}")


def _standing(case: Case, _: Names) -> Iterator[Problem]:
    ids = [standard.id for standard in load_standards()]
    if isinstance(case.standard, str) and case.standard not in ids:
        yield unknown(("standard",), "standard", case.standard, ids)
    if case.standard is None and case.jurisdiction not in default_standards():
        yield Problem(
            ("standard",), f"no standard of proof is the rule for {case.jurisdiction}", "nothing",
            f"standard: a number between 0 and 1, or one of {listing(ids)}", absent=True,
        )  # fmt: skip
    if not is_path(case.priors) and case.priors not in bundled_prior_sets():
        yield unknown(("priors",), "prior set", case.priors, bundled_prior_sets())


def _identifiers(case: Case, _: Names) -> Iterator[Problem]:
    seen: set[str] = set()
    ids = {"victims": [g.id for g in case.victims], "findings": [f.id for f in case.findings]}
    for key, rows in ids.items():
        for index, name in enumerate(rows):
            if name in seen:
                yield Problem(
                    (key, index, "id"), "an id stands twice", name,
                    "ids that differ among victims and findings",
                )  # fmt: skip
            seen.add(name)


def _fields(case: Case, names: Names) -> Iterator[Problem]:
    yield from twice(("fields",), (field.id for field in case.fields))
    for index, field in enumerate(case.fields):
        loc = ("fields", index)
        if field.id in load_fields():
            if field.label is not None or field.implies:
                yield Problem(loc, "a field of the vocabulary is defined anew", field.id,
                              "its name alone, or a new name")  # fmt: skip
        elif field.label is None and not field.implies:
            yield unknown(loc, "field", field.id, load_fields())
        yield from unknown_items((*loc, "implies"), "field", field.implies, names.fields)


def _actor(case: Case, names: Names) -> Iterator[Problem]:
    yield from unknown_keys(("actor", "users"), "custodian", case.actor.users, names.custodians)
    yield from unknown_keys(
        ("agreement",), "field", (f for f in case.agreement if f != "own"), names.fields
    )


def _proposition(case: Case, names: Names) -> Iterator[Problem]:
    claim, loc = case.proposition, ("proposition",)
    if not claim.source:
        yield Problem(loc, "no source is named", "nothing", listing(names.kinds))
    yield from unknown_items(loc, "source", claim.source, names.kinds)
    yield from twice(loc, claim.source)
    if len(names.kinds) > 1 and set(names.kinds) <= set(claim.source):
        yield Problem(loc, "nothing is left to prove against", "all sources",
                      "a part of the sources")  # fmt: skip
    ids = [group.id for group in case.series]
    if claim.victim is not None and claim.victim not in ids:
        yield unknown((*loc, "victim"), "victim", claim.victim, ids)
    yield from _claimed_fields(case, names)
    if case.account_of is not None and case.account_of not in names.custodians:
        yield unknown(("account_of",), "custodian", case.account_of, names.custodians)


def _court(case: Case, _: Names) -> Iterator[Problem]:
    ids = [group.id for group in case.series]
    for index, found in enumerate(case.court_found):
        if found.victim is not None and found.victim not in ids:
            yield unknown(("court_found", index, "victim"), "victim", found.victim, ids)


def _claimed_fields(case: Case, names: Names) -> Iterator[Problem]:
    claim, loc = case.proposition, ("proposition", "fields")
    of_fields = claim.role in ("supplied", "sole")
    if of_fields != bool(claim.fields):
        yield Problem(
            loc, f"the role {claim.role} {'needs' if of_fields else 'takes no'} fields",
            listing(claim.fields) if claim.fields else "nothing",
            "fields with the roles supplied and sole, and with no other",
            absent=of_fields,
        )  # fmt: skip
    yield from unknown_items(loc, "field", claim.fields, names.fields)
    yield from twice(loc, claim.fields)
    victim = next((g for g in case.series if g.id == claim.victim), case.first_plaintiff)
    if victim is None:
        return
    shown_fields = _published(victim.disclosed, names)
    for index, field in enumerate(claim.fields):
        if field in names.fields and field not in shown_fields:
            yield Problem((*loc, index), f"not published of {victim.id}", shown(field),
                          listing(shown_fields))  # fmt: skip


def _published(disclosed: tuple[str, ...], names: Names) -> set[str]:
    return {*disclosed}.union(*(names.implies.get(f, ()) for f in disclosed))


def _routes(case: Case, names: Names) -> Iterator[Problem]:
    if case.routes != "single":
        yield from _pairs(case, names)
    singles = {*names.kinds}
    for name, weight in case.background.items():
        if name not in singles and not _is_pair(name, names):
            yield unknown(("background", name), "route", name, singles)
        elif not sum(case.background.values()) > 0.0:
            yield Problem(("background", name), "a background without weight", f"{weight:g}",
                          "a number above 0 for some route")  # fmt: skip


def _pairs(case: Case, names: Names) -> Iterator[Problem]:
    totals: dict[str, float] = {}
    for pair, share in case.routes.items():
        loc = ("routes", pair)
        if not _is_pair(pair, names):
            pairs = [f"{a}/{b}" for a in names.chaining for b in names.chaining if a != b]
            yield unknown(loc, "pair of sources", pair, pairs)
            continue
        entrance = pair.partition("/")[0]
        totals[entrance] = totals.get(entrance, 0.0) + middle(share)
        if totals[entrance] > 1.0 + 1e-9:
            yield Problem(
                loc, f"the chains from {shown(entrance)} add up to more than 1",
                f"{totals[entrance]:.3g}", "at most 1, by the centres of the intervals",
            )  # fmt: skip


def _is_pair(name: str, names: Names) -> bool:
    entrance, slash, second = name.partition("/")
    return bool(slash) and entrance != second and {entrance, second} <= {*names.chaining}


def _inquiries(case: Case, names: Names) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, inquiry in enumerate(case.inquiries):
        loc = ("inquiries", index)
        if inquiry.id in seen:
            yield Problem((*loc, "id"), "an id stands twice", inquiry.id, "ids that differ")
        seen.add(inquiry.id)
        yield from unknown_items((*loc, "about"), "source", inquiry.about, names.kinds)
        if len(inquiry.outcomes) < 2:
            yield Problem(
                (*loc, "outcomes"), "too few outcomes", str(len(inquiry.outcomes)), "at least two"
            )
        for outcome, row in inquiry.outcomes.items():
            yield from unknown_keys((*loc, "outcomes", outcome), "source", row, names.kinds)
        for name in names.kinds:
            total = sum(row.get(name, 0.0) for row in inquiry.outcomes.values())
            if abs(total - 1.0) > 1e-6:
                yield Problem(
                    (*loc, "outcomes"),
                    f"the outcomes under the source {name} do not add up to 1",
                    f"{total:g}",
                    "probabilities of all outcomes, adding up to 1 under every source",
                )


def check_variants(case: Case) -> Iterator[Problem]:
    """Find what is wrong with the variants of a file; what they change need not be there.

    A case that is changed later keeps its variants; one that contradicts it then is named in a
    notice.
    """
    for name, variant in case.variants.items():
        loc = ("variants", name)
        if not variant.changes and not variant.unset:
            yield Problem(loc, "a variant that changes nothing", name, "set or unset", absent=True)
            continue
        try:
            case.with_variant(name)
        except NoSuchPathError:
            continue
        except InvalidCaseError as error:
            first = error.problems[0]
            where = f" ({error.path})" if error.path else ""
            yield Problem((*loc, "set"), f"under this variant: {first.text}{where}",
                          first.found, first.allowed)  # fmt: skip


_CHECKS: tuple[Callable[[Case, Names], Iterator[Problem]], ...] = (
    _sizes,
    check_sources,
    _fields,
    _actor,
    _proposition,
    _routes,
    _standing,
    _identifiers,
    check_victims,
    check_findings,
    _inquiries,
    _court,
)
