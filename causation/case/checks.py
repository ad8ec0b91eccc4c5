"""What the parts of a case must be to each other."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causation.case.library import (
    bundled_prior_sets,
    is_path,
    load_fields,
    load_profile_items,
    load_standards,
    load_templates,
)
from causation.case.problems import Loc, Problem, listing, nearest, shown
from causation.case.resolved import BearsOn, Kind, Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from causation.case.schema import Case, Finding, VictimGroup

__all__ = [
    "MAX_FINDINGS",
    "MAX_GROUPS",
    "MAX_LIKELIHOODS",
    "MAX_SOURCES",
    "MAX_VICTIMS",
    "check_case",
    "source_roles",
]

MAX_SOURCES = 1_000
MAX_GROUPS = 10_000
MAX_FINDINGS = 10_000
MAX_VICTIMS = 1_000_000_000
MAX_LIKELIHOODS = 1_000_000
"""Findings times sources, and groups times sources."""


@dataclass(frozen=True, slots=True)
class _Names:
    """What the parts of a case may refer to."""

    roles: dict[str, str]
    custodians: frozenset[str]
    fields: frozenset[str]


def check_case(case: Case) -> list[Problem]:
    """Find all that is wrong with a case whose parts are each well formed."""
    names = _Names(
        roles=source_roles(case),
        custodians=frozenset(n for n, s in case.sources.items() if s.kind is Kind.CUSTODIAN),
        fields=frozenset((*load_fields(), *case.fields)),
    )
    return [problem for check in _CHECKS for problem in check(case, names)]


def source_roles(case: Case) -> dict[str, str]:
    """Return the roles of all sources in prior sets and templates, an added residual last.

    Returns
    -------
    dict of str to str
        ``custodian``, ``leaked_library``, ``inference`` or ``residual`` by source.
    """
    listed = case.sources
    return {
        name: (listed[name].class_ or str(listed[name].kind.value))
        if name in listed
        else "residual"
        for name in case.source_names
    }


def _unknown(loc: Loc, what: str, word: str, allowed: Iterable[str]) -> Problem:
    words = tuple(allowed)
    return Problem(loc, f"unknown {what}", nearest(word, words), listing(words, near=word))


def _unknown_keys(
    loc: Loc, what: str, found: Iterable[str], allowed: Collection[str]
) -> Iterator[Problem]:
    return (_unknown((*loc, w), what, w, allowed) for w in found if w not in allowed)


def _sizes(case: Case, _: _Names) -> Iterator[Problem]:
    limits = (
        ("sources", len(case.sources), MAX_SOURCES),
        ("victims", len(case.victims), MAX_GROUPS),
        ("findings", len(case.findings), MAX_FINDINGS),
    )
    for key, size, most in limits:
        if size > most:
            yield Problem((key,), "too many", str(size), f"at most {most}")
    for key, size, _most in limits[1:]:
        if (cells := size * (len(case.sources) + 1)) > MAX_LIKELIHOODS:
            yield Problem(
                (key,), f"too many {key} for so many sources", f"{cells} combinations",
                f"at most {MAX_LIKELIHOODS}",
            )  # fmt: skip
    if (victims := sum(group.count for group in case.victims)) > MAX_VICTIMS:
        yield Problem(("victims",), "too many victims", str(victims), f"at most {MAX_VICTIMS}")


def _sources(case: Case, names: _Names) -> Iterator[Problem]:
    if len(case.sources) < 2:
        yield Problem(("sources",), "too few sources", str(len(case.sources)), "at least two")
    residuals = [name for name, s in case.sources.items() if s.kind is Kind.RESIDUAL]
    for name in residuals[1:]:
        yield Problem(("sources", name), "a second residual source", name, "one residual at most")
    for name in residuals[:1]:
        if case.exhaustive:
            yield Problem(
                ("sources", name, "kind"), "a residual source in an exhaustive case", "residual",
                "exhaustive: false, or sources without a residual",
            )  # fmt: skip
    if not residuals and not case.exhaustive and "unknown" in case.sources:
        yield Problem(
            ("sources", "unknown"), "the name of the residual source that is added", "unknown",
            "another name, kind: residual, or exhaustive: true",
        )  # fmt: skip
    for name in case.sources:
        yield from _source(case, name, names)


def _source(case: Case, name: str, names: _Names) -> Iterator[Problem]:
    source, loc = case.sources[name], ("sources", name)
    fields, custodians = names.fields, names.custodians
    yield from _unknown_items((*loc, "holds"), "field", source.holds or (), fields)
    yield from _twice((*loc, "holds"), source.holds or ())
    yield from _unknown_keys((*loc, "disclosure"), "field", source.disclosure, fields)
    yield from _unknown_keys((*loc, "membership"), "custodian", source.membership, custodians)
    yield from _unknown_keys(
        (*loc, "odds_ratio"), "profile item", source.odds_ratio, load_profile_items()
    )
    if source.kind is not Kind.CUSTODIAN:
        for key, stated in (("class", source.class_), ("holds", source.holds)):
            if stated is not None:
                yield Problem(
                    (*loc, key), "only a custodian has this key", f"kind {source.kind.value}",
                    "kind: custodian",
                )  # fmt: skip
    if source.kind is not Kind.INFERENCE and source.odds_ratio:
        yield Problem(
            (*loc, "odds_ratio"), "a profile acts on inference sources only",
            f"kind {source.kind.value}", "kind: inference",
        )  # fmt: skip


def _unknown_items(
    loc: Loc, what: str, found: Iterable[str], allowed: Collection[str]
) -> Iterator[Problem]:
    return (_unknown((*loc, i), what, w, allowed) for i, w in enumerate(found) if w not in allowed)


def _twice(loc: Loc, words: tuple[str, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, word in enumerate(words):
        if word in seen:
            yield Problem((*loc, index), "named twice", shown(word), "each once")
        seen.add(word)


def _custom_fields(case: Case, _: _Names) -> Iterator[Problem]:
    used = {f for g in case.victims for f in (*g.disclosed, *g.not_disclosed)}
    for name in case.fields:
        if name in load_fields():
            yield Problem(
                ("fields", name), "a field of the vocabulary is defined anew", name, "a new name"
            )
        elif name in used:
            for source_name, source in case.sources.items():
                if source.kind is not Kind.RESIDUAL and name not in source.disclosure:
                    yield Problem(
                        ("sources", source_name),
                        "no prior set has this case's own field, its disclosure must be stated",
                        f"no disclosure.{name}",
                        f"disclosure: {{{name}: a probability or interval}}",
                    )


def _proposition(case: Case, names: _Names) -> Iterator[Problem]:
    sources = names.roles
    if not case.proposition:
        yield Problem(("proposition",), "no source is named", "nothing", listing(sources))
    yield from _unknown_items(("proposition",), "source", case.proposition, sources)
    yield from _twice(("proposition",), case.proposition)
    if set(sources) <= set(case.proposition):
        yield Problem(
            ("proposition",), "nothing is left to prove against", "all sources",
            "a part of the sources",
        )  # fmt: skip


def _named_things(case: Case, _: _Names) -> Iterator[Problem]:
    if isinstance(case.standard, str):
        ids = [standard.id for standard in load_standards()]
        if case.standard not in ids:
            yield _unknown(("standard",), "standard", case.standard, ids)
    if not is_path(case.priors) and case.priors not in bundled_prior_sets():
        yield _unknown(("priors",), "prior set", case.priors, bundled_prior_sets())
    yield from _unknown_keys(
        ("reference_profile",), "profile item", case.reference_profile, load_profile_items()
    )


def _identifiers(case: Case, _: _Names) -> Iterator[Problem]:
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


def _groups(case: Case, names: _Names) -> Iterator[Problem]:
    items = load_profile_items()
    for index, group in enumerate(case.victims):
        loc = ("victims", index)
        yield from _group_fields(case, loc, group, names.fields)
        yield from _unknown_keys((*loc, "profile"), "profile item", group.profile, items)
        yield from _unknown_keys((*loc, "users_of"), "custodian", group.users_of, names.custodians)


def _group_fields(
    case: Case, loc: Loc, group: VictimGroup, fields: frozenset[str]
) -> Iterator[Problem]:
    for key, names in (("disclosed", group.disclosed), ("not_disclosed", group.not_disclosed)):
        yield from _unknown_items((*loc, key), "field", names, fields)
        yield from _twice((*loc, key), names)
    for index, name in enumerate(group.not_disclosed):
        if name in group.disclosed:
            yield Problem(
                (*loc, "not_disclosed", index), "a field is both disclosed and not disclosed",
                shown(name), "one of the two",
            )  # fmt: skip
    selected = case.selection is Selection.SELECTED and group.bears_on is BearsOn.SOURCE
    if selected and not group.disclosed:
        yield Problem(
            (*loc, "disclosed"), "victims selected for their exposure have no disclosed field",
            "nothing", "at least one field, or selection: attempted",
        )  # fmt: skip


def _security(case: Case, names: _Names) -> Iterator[Problem]:
    yield from _unknown_keys(("security",), "custodian", case.security, names.custodians)
    for name, record in case.security.items():
        if (certificate := record.certification) is None:
            continue
        loc = ("security", name, "certification", "date")
        if case.incident_date is None:
            yield Problem(
                loc, "the age of a certificate needs the date of the incident", "no incident_date",
                "incident_date: a date or a year",
            )  # fmt: skip
        elif _first_day(certificate.date) > _last_day(case.incident_date):
            yield Problem(
                loc, "the certificate is later than the incident", str(certificate.date),
                f"at the latest {case.incident_date}",
            )  # fmt: skip


def _first_day(when: dt.date | int) -> dt.date:
    return dt.date(when, 1, 1) if isinstance(when, int) else when


def _last_day(when: dt.date | int) -> dt.date:
    return dt.date(when, 12, 31) if isinstance(when, int) else when


def _findings(case: Case, names: _Names) -> Iterator[Problem]:
    for index, finding in enumerate(case.findings):
        loc = ("findings", index)
        yield from _unknown_keys((*loc, "likelihood"), "source", finding.likelihood, names.roles)
        if finding.template is not None:
            yield from _template(loc, finding, names.roles)
        elif finding.about is not None:
            yield Problem((*loc, "about"), "only a template uses this key", finding.id,
                          "template: a bundled template, or no about")  # fmt: skip
        elif finding.likelihood or finding.bears_on is BearsOn.SOURCE:
            yield from _spelled_out(case, loc, finding, names.roles)


def _template(loc: Loc, finding: Finding, roles: dict[str, str]) -> Iterator[Problem]:
    template = load_templates().get(str(finding.template))
    if template is None:
        yield _unknown((*loc, "template"), "template", str(finding.template), load_templates())
        return
    if finding.about is None or roles.get(finding.about) not in template.about:
        allowed = [name for name, role in roles.items() if role in template.about]
        if finding.about is None:
            text, found = "the template needs the source that it is about", "nothing"
        else:
            text = "not a source that this template can be about"
            found = nearest(finding.about, allowed)
        yield Problem((*loc, "about"), text, found, listing(allowed))


def _spelled_out(
    case: Case, loc: Loc, finding: Finding, names: dict[str, str]
) -> Iterator[Problem]:
    if not finding.likelihood:
        yield Problem(loc, "a finding without template or likelihood", finding.id,
                      "template, or likelihood for every source")  # fmt: skip
        return
    for name in names:
        if name not in finding.likelihood:
            added = "" if name in case.sources else " (the residual source, which is added)"
            yield Problem(
                (*loc, "likelihood"), f"no likelihood for the source {name}{added}",
                f"{len(names.keys() & finding.likelihood.keys())} of {len(names)} sources",
                "every source, the residual included",
            )  # fmt: skip


def _finding_groups(case: Case, _: _Names) -> Iterator[Problem]:
    stated: dict[tuple[str, str], object] = {}
    for index, finding in enumerate(case.findings):
        if finding.bears_on is not BearsOn.SOURCE:
            continue
        for key, value in (("reliability", finding.reliability), ("repeats", finding.repeats)):
            place = (finding.group or finding.id, key)
            if value is not None and stated.setdefault(place, value) != value:
                yield Problem(
                    ("findings", index, key),
                    f"the findings of one group state different {key}",
                    _plain(value),
                    f"the same in the whole group {place[0]}: {_plain(stated[place])}",
                )


def _inquiries(case: Case, names: _Names) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, inquiry in enumerate(case.inquiries):
        loc = ("inquiries", index)
        if inquiry.id in seen:
            yield Problem((*loc, "id"), "an id stands twice", inquiry.id, "ids that differ")
        seen.add(inquiry.id)
        if len(inquiry.outcomes) < 2:
            yield Problem(
                (*loc, "outcomes"), "too few outcomes", str(len(inquiry.outcomes)), "at least two"
            )
        for outcome, row in inquiry.outcomes.items():
            yield from _unknown_keys((*loc, "outcomes", outcome), "source", row, names.roles)
        for name in names.roles:
            total = sum(row.get(name, 0.0) for row in inquiry.outcomes.values())
            if abs(total - 1.0) > 1e-6:
                yield Problem(
                    (*loc, "outcomes"),
                    f"the outcomes under the source {name} do not add up to 1",
                    f"{total:g}",
                    "probabilities of all outcomes, adding up to 1 under every source",
                )


def _plain(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)


_CHECKS: tuple[Callable[[Case, _Names], Iterator[Problem]], ...] = (
    _sizes,
    _sources,
    _custom_fields,
    _proposition,
    _named_things,
    _identifiers,
    _groups,
    _security,
    _findings,
    _finding_groups,
    _inquiries,
)
