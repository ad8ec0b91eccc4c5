"""What sources and their security records must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causation.case.checking import Names, as_written, problem
from causation.case.library import load_fields, load_traits
from causation.case.parts import ADDED, SPLIT
from causation.document.problems import Loc, Problem, listing, nearest, shown
from causation.document.stated import bare
from causation.document.terms import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from causation.case.parts import Source
    from causation.case.schema import Case
    from causation.evidence.entries import Certification, Incidents

_CUSTODIAN, _LIBRARY = SourceKind.CUSTODIAN, SourceKind.LEAKED_LIBRARY
_INFERENCE, _RESIDUAL = SourceKind.INFERENCE, SourceKind.RESIDUAL
_KINDS_OF = {
    "holds": (_CUSTODIAN, _LIBRARY),
    "one_service": (_CUSTODIAN,),
    "share": (_CUSTODIAN, _LIBRARY, _INFERENCE),
    "origin": (_LIBRARY,),
    "disclosure": (_CUSTODIAN, _LIBRARY, _INFERENCE),
    "disclosure_not_user": (_CUSTODIAN,),
    "correlation": (_CUSTODIAN, _LIBRARY, _INFERENCE),
    "loadings": (_CUSTODIAN, _LIBRARY, _INFERENCE),
    "misfit": (_CUSTODIAN, _LIBRARY, _INFERENCE),
    "odds_ratio": (_INFERENCE,),
    "membership": (_CUSTODIAN,),
}
"""Kinds of source that have a key; the others have every key that is not named here."""


def check_sources(case: Case, names: Names) -> Iterator[Problem]:
    """Find what is wrong with sources, alone and together, and with security records."""
    yield from _together(case, names)
    for name in case.sources:
        yield from _source(case.sources[name], ("sources", name))
    yield from _classes(case)
    yield from _own_words(case, names)
    for name, record in case.security.items():
        if record.incidents is not None:
            yield from _incidents(case, ("security", name, "incidents"), record.incidents)
        if record.certification is not None and not record.certification.none:
            loc = ("security", name, "certification")
            yield from _certificate(case, loc, record.certification)


def _together(case: Case, names: Names) -> Iterator[Problem]:
    if len(names.kinds) < 2:
        yield problem("few_sources", ("sources",), size=len(names.kinds))
    residuals = [name for name, s in case.sources.items() if s.kind is _RESIDUAL]
    for name in residuals[1:]:
        yield problem("second_residual", ("sources", name), name=name)
    for name in residuals[:1] if case.exhaustive else ():
        yield problem("residual_in_exhaustive", ("sources", name, "kind"))
    if "rest" in case.sources:  # ratios are against it too
        yield problem("name_taken", ("sources", "rest"), name="rest")
    there = {source.kind for source in case.sources.values()}
    for kind, name in ADDED.items():
        if not case.exhaustive and kind not in there and name in case.sources:
            yield problem("name_of_added", ("sources", name), name=name, kind=kind)


def _source(source: Source, loc: Loc) -> Iterator[Problem]:
    for key, kinds in _KINDS_OF.items():
        if source.kind not in kinds and key in source.model_fields_set:
            allowed = " or ".join(f"kind: {kind}" for kind in kinds)
            yield problem("key_of_other_kind", (*loc, key), allowed=allowed, kind=source.kind)
    origins: list[Any] = [bare(share) for share in source.origin.values()]
    total = sum(origins)
    if total > 1.0 + 1e-9:
        yield problem("origins_too_much", (*loc, "origin"), total=f"{total:g}")


def _classes(case: Case) -> Iterator[Problem]:
    """Check the sources that split one weight: those of a kind, and of one service."""
    classes: dict[str, list[str]] = {}
    for name, source in case.sources.items():
        if source.kind in SPLIT:
            classes.setdefault(str(source.kind), []).append(name)
        elif source.one_service is not None:
            classes.setdefault(f"one_service {source.one_service}", []).append(name)
        elif source.share is not None and source.kind is _CUSTODIAN:
            yield problem("share_of_nothing", ("sources", name, "share"))
    for called, members in classes.items():
        yield from _shares(case, called, members)
        if not called.startswith("one_service"):
            yield from _one_weight(case, called, members)


def _shares(case: Case, called: str, members: list[str]) -> Iterator[Problem]:
    stated = {n: bare(s) for n in members if (s := case.sources[n].share) is not None}
    if not stated:
        return
    for name in members:
        if name not in stated:
            yield problem("no_share", ("sources", name), called=called)
    total = sum(stated.values())  # type: ignore[arg-type]
    if len(stated) == len(members) and abs(total - 1.0) > 1e-6:
        place = ("sources", members[-1], "share")
        yield problem("shares_not_one", place, called=called, total=f"{total:g}")


def _one_weight(case: Case, kind: str, members: list[str]) -> Iterator[Problem]:
    stated = {n: bare(w) for n in members if (w := case.sources[n].weight) is not None}
    first = next(iter(stated), "")
    for name, weight in stated.items():
        if weight != stated[first]:
            yield problem("unequal_weights", ("sources", name, "weight"), kind=kind,
                          weight=as_written(weight), first=as_written(stated[first]),
                          name=shown(first))  # fmt: skip


def _own_words(case: Case, names: Names) -> Iterator[Problem]:
    """Check that what no prior set knows, own fields and own traits, is stated by the case."""
    own = [field.id for field in case.fields if field.id not in load_fields()]
    for name in names.chaining:
        listed = name in case.sources
        stated = case.sources[name].disclosure if listed else {}
        for field in own:
            if field not in stated:
                place = ("sources", name) if listed else ("sources",)
                yield problem("own_field_undisclosed", place, field=field, name=name)
    inferring = [n for n, kind in names.kinds.items() if kind is _INFERENCE]
    for trait in case.actor.traits:
        for name in inferring if trait not in load_traits() else ():
            if name not in case.sources or trait not in case.sources[name].odds_ratio:
                known = load_traits()
                yield problem("own_trait", ("actor", "traits", trait), nearest(trait, known),
                              listing(known, near=trait), name=name)  # fmt: skip


def _incidents(case: Case, loc: Loc, incidents: Incidents) -> Iterator[Problem]:
    if incidents.count is None and not incidents.dates:
        yield problem("neither_counted_nor_dated", loc)
    if incidents.count is not None and incidents.dates:
        yield problem("counted_or_dated", loc)
    if (incidents.count or incidents.dates) and incidents.years == 0.0:
        yield problem("incidents_in_no_time", (*loc, "years"))
    if incidents.dates and case.incident_date is None:
        yield problem("incidents_undated", (*loc, "dates"))


def _certificate(case: Case, loc: Loc, certificate: Certification) -> Iterator[Problem]:
    issued, expires, incident = certificate.date, certificate.expires, case.incident_date
    if issued is None:
        yield problem("certificate_without_date", (*loc, "date"))
        return
    if expires is not None and issued.first > expires.last:
        yield problem("certificate_expires_first", (*loc, "expires"), expires=expires,
                      issued=issued)  # fmt: skip
    if incident is None:
        yield problem("certificate_undated", (*loc, "date"))
    elif issued.first > incident.last:
        yield problem("certificate_too_late", (*loc, "date"), issued=issued, incident=incident)
