"""What the parts of a case must be to each other."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
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
    from causation.case.schema import Case, Finding, VictimGroup

__all__ = [
    "MAX_FINDINGS",
    "MAX_GROUPS",
    "MAX_LIKELIHOODS",
    "MAX_SOURCES",
    "MAX_VICTIMS",
    "check_case",
    "source_role",
]

MAX_SOURCES = 1_000
MAX_GROUPS = 10_000
MAX_FINDINGS = 10_000
MAX_VICTIMS = 1_000_000_000
MAX_LIKELIHOODS = 1_000_000
"""Findings times sources, and groups times sources."""


def check_case(case: Case) -> list[Problem]:
    """All that is wrong with a case whose parts are each well formed."""
    return [problem for check in _CHECKS for problem in check(case)]


def source_role(case: Case, name: str) -> str:
    """Role of a source in prior sets and templates.

    Returns
    -------
    str
        ``custodian``, ``leaked_library``, ``inference`` or ``residual``.
    """
    if name not in case.sources:
        return "residual"
    source = case.sources[name]
    return source.class_ or str(source.kind.value)


def _custodians(case: Case) -> tuple[str, ...]:
    return tuple(name for name, s in case.sources.items() if s.kind is Kind.CUSTODIAN)


def _unknown(loc: Loc, what: str, word: str, allowed: Iterable[str]) -> Problem:
    words = tuple(allowed)
    return Problem(loc, f"unknown {what}", nearest(word, words), listing(words, near=word))


def _unknown_keys(
    loc: Loc, what: str, found: Iterable[str], allowed: Iterable[str]
) -> Iterator[Problem]:
    words = frozenset(allowed)
    return (_unknown((*loc, w), what, w, words) for w in found if w not in words)


def _sizes(case: Case) -> Iterator[Problem]:
    limits = (
        ("sources", len(case.sources), MAX_SOURCES),
        ("victims", len(case.victims), MAX_GROUPS),
        ("findings", len(case.findings), MAX_FINDINGS),
    )
    for key, size, most in limits:
        if size > most:
            yield Problem((key,), "too many", str(size), f"at most {most}")
    for key, size, _ in limits[1:]:
        if (cells := size * (len(case.sources) + 1)) > MAX_LIKELIHOODS:
            yield Problem(
                (key,), f"too many {key} for so many sources", f"{cells} combinations",
                f"at most {MAX_LIKELIHOODS}",
            )  # fmt: skip
    if (victims := sum(group.count for group in case.victims)) > MAX_VICTIMS:
        yield Problem(("victims",), "too many victims", str(victims), f"at most {MAX_VICTIMS}")


def _sources(case: Case) -> Iterator[Problem]:
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
        yield from _source(case, name)


def _source(case: Case, name: str) -> Iterator[Problem]:
    source, loc = case.sources[name], ("sources", name)
    fields, custodians = _fields(case), _custodians(case)
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


def _fields(case: Case) -> frozenset[str]:
    return frozenset((*load_fields(), *case.fields))


def _unknown_items(
    loc: Loc, what: str, found: Iterable[str], allowed: Iterable[str]
) -> Iterator[Problem]:
    words = frozenset(allowed)
    return (_unknown((*loc, i), what, w, words) for i, w in enumerate(found) if w not in words)


def _twice(loc: Loc, words: tuple[str, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, word in enumerate(words):
        if word in seen:
            yield Problem((*loc, index), "named twice", shown(word), "each once")
        seen.add(word)


def _custom_fields(case: Case) -> Iterator[Problem]:
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


def _proposition(case: Case) -> Iterator[Problem]:
    names = case.source_names
    if not case.proposition:
        yield Problem(("proposition",), "no source is named", "nothing", listing(names))
    yield from _unknown_items(("proposition",), "source", case.proposition, names)
    yield from _twice(("proposition",), case.proposition)
    if set(names) <= set(case.proposition):
        yield Problem(
            ("proposition",), "nothing is left to prove against", "all sources",
            "a part of the sources",
        )  # fmt: skip


def _named_things(case: Case) -> Iterator[Problem]:
    if isinstance(case.standard, str):
        ids = [standard.id for standard in load_standards()]
        if case.standard not in ids:
            yield _unknown(("standard",), "standard", case.standard, ids)
    if not is_path(case.priors) and case.priors not in bundled_prior_sets():
        yield _unknown(("priors",), "prior set", case.priors, bundled_prior_sets())
    yield from _unknown_keys(
        ("reference_profile",), "profile item", case.reference_profile, load_profile_items()
    )


def _identifiers(case: Case) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key, rows in (("victims", case.victims), ("findings", case.findings)):
        for index, row in enumerate(rows):
            if row.id in seen:
                yield Problem(
                    (key, index, "id"), "an id stands twice", row.id,
                    "ids that differ among victims and findings",
                )  # fmt: skip
            seen[row.id] = key


def _groups(case: Case) -> Iterator[Problem]:
    fields, custodians, items = _fields(case), _custodians(case), load_profile_items()
    for index, group in enumerate(case.victims):
        loc = ("victims", index)
        yield from _group_fields(case, loc, group, fields)
        yield from _unknown_keys((*loc, "profile"), "profile item", group.profile, items)
        yield from _unknown_keys((*loc, "users_of"), "custodian", group.users_of, custodians)


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


def _security(case: Case) -> Iterator[Problem]:
    yield from _unknown_keys(("security",), "custodian", case.security, _custodians(case))
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


def _first_day(when: datetime.date | int) -> datetime.date:
    return datetime.date(when, 1, 1) if isinstance(when, int) else when


def _last_day(when: datetime.date | int) -> datetime.date:
    return datetime.date(when, 12, 31) if isinstance(when, int) else when


def _findings(case: Case) -> Iterator[Problem]:
    names = frozenset(case.source_names)
    for index, finding in enumerate(case.findings):
        loc = ("findings", index)
        yield from _unknown_keys((*loc, "likelihood"), "source", finding.likelihood, names)
        if finding.template is not None:
            yield from _template(case, loc, finding)
        elif finding.about is not None:
            yield Problem((*loc, "about"), "only a template uses this key", finding.id,
                          "template: a bundled template, or no about")  # fmt: skip
        elif finding.likelihood or finding.bears_on is BearsOn.SOURCE:
            yield from _spelled_out(case, loc, finding, names)


def _template(case: Case, loc: Loc, finding: Finding) -> Iterator[Problem]:
    template = load_templates().get(str(finding.template))
    if template is None:
        yield _unknown((*loc, "template"), "template", str(finding.template), load_templates())
        return
    allowed = [n for n in case.source_names if source_role(case, n) in template.about]
    if finding.about is None and template.about:
        yield Problem((*loc, "about"), "the template needs the source that it is about", "nothing",
                      f"about: {listing(allowed)}")  # fmt: skip
    elif finding.about is not None and finding.about not in allowed:
        if template.about:
            text = "not a source that this template can be about"
            word = nearest(finding.about, case.source_names)
            yield Problem((*loc, "about"), text, word, listing(allowed))
        else:
            yield Problem((*loc, "about"), "the template is about no source", shown(finding.about),
                          "no about")  # fmt: skip


def _spelled_out(
    case: Case, loc: Loc, finding: Finding, names: frozenset[str]
) -> Iterator[Problem]:
    if not finding.likelihood:
        yield Problem(loc, "a finding without template or likelihood", finding.id,
                      "template, or likelihood for every source")  # fmt: skip
        return
    for name in case.source_names:
        if name not in finding.likelihood:
            added = "" if name in case.sources else " (the residual source, which is added)"
            yield Problem(
                (*loc, "likelihood"), f"no likelihood for the source {name}{added}",
                f"{len(names & set(finding.likelihood))} of {len(names)} sources",
                "every source, the residual included",
            )  # fmt: skip


def _finding_groups(case: Case) -> Iterator[Problem]:
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


def _plain(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)


_CHECKS: tuple[Callable[[Case], Iterator[Problem]], ...] = (
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
)
