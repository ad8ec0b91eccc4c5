"""What sources and their security records must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causation.case.checking import Names, twice, unknown, unknown_items, unknown_keys
from causation.case.library import load_fields, load_traits
from causation.case.parts import ADDED
from causation.document.problems import Loc, Problem, shown
from causation.document.stated import bare
from causation.document.terms import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from causation.case.parts import Source
    from causation.case.schema import Case
    from causation.evidence.entries import Certification, Incidents

__all__ = ["check_sources"]

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
        yield from _source(case.sources[name], ("sources", name), names)
    yield from _classes(case)
    yield from _own_words(case, names)
    yield from _security(case, names)


def _together(case: Case, names: Names) -> Iterator[Problem]:
    if len(names.kinds) < 2:
        yield Problem(("sources",), "too few sources", str(len(names.kinds)), "at least two")
    residuals = [name for name, s in case.sources.items() if s.kind is _RESIDUAL]
    for name in residuals[1:]:
        yield Problem(("sources", name), "a second residual source", name, "one residual at most")
    for name in residuals[:1]:
        if case.exhaustive:
            yield Problem(
                ("sources", name, "kind"), "a residual source in an exhaustive case", "residual",
                "exhaustive: false, or sources without a residual",
            )  # fmt: skip
    there = {source.kind for source in case.sources.values()}
    for kind, name in ADDED.items():
        if not case.exhaustive and kind not in there and name in case.sources:
            yield Problem(
                ("sources", name), f"the name of the source of kind {kind} that is added", name,
                f"another name, kind: {kind}, or exhaustive: true",
            )  # fmt: skip


def _source(source: Source, loc: Loc, names: Names) -> Iterator[Problem]:
    for key, kinds in _KINDS_OF.items():
        if source.kind not in kinds and key in source.model_fields_set:
            yield Problem(
                (*loc, key), f"a source of kind {source.kind} does not have this key",
                f"kind {source.kind}", " or ".join(f"kind: {kind}" for kind in kinds),
            )  # fmt: skip
    yield from unknown_items((*loc, "holds"), "field", source.holds or (), names.fields)
    yield from twice((*loc, "holds"), source.holds or ())
    for key in ("disclosure", "disclosure_not_user", "loadings"):
        yield from unknown_keys((*loc, key), "field", getattr(source, key), names.fields)
    yield from unknown_keys((*loc, "odds_ratio"), "trait", source.odds_ratio, names.traits)
    yield from unknown_keys((*loc, "origin"), "custodian", source.origin, names.custodians)
    if (total := sum(bare(share) for share in source.origin.values())) > 1.0 + 1e-9:  # type: ignore[misc]
        yield Problem((*loc, "origin"), "the origins of a library add up to more than 1",
                      f"{total:g}", "at most 1")  # fmt: skip


def _classes(case: Case) -> Iterator[Problem]:
    """Check the sources that split one weight: those of a kind, and of one service."""
    classes: dict[str, list[str]] = {}
    for name, source in case.sources.items():
        if source.kind in (_LIBRARY, _INFERENCE):
            classes.setdefault(str(source.kind), []).append(name)
        elif source.one_service is not None:
            classes.setdefault(f"one_service {source.one_service}", []).append(name)
        elif source.share is not None and source.kind is _CUSTODIAN:
            yield Problem(("sources", name, "share"), "a share of nothing", "no one_service",
                          "a share of a kind or of one_service")  # fmt: skip
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
            yield Problem(("sources", name), "no share, though others of its class state theirs",
                          "nothing", f"share, as all of {called} have")  # fmt: skip
    total = sum(stated.values())  # type: ignore[arg-type]
    if len(stated) == len(members) and abs(total - 1.0) > 1e-6:
        yield Problem(("sources", members[-1], "share"), f"the shares of {called} do not add up",
                      f"{total:g}", "shares that add up to 1")  # fmt: skip


def _one_weight(case: Case, kind: str, members: list[str]) -> Iterator[Problem]:
    stated = {n: bare(w) for n in members if (w := case.sources[n].weight) is not None}
    first = next(iter(stated), "")
    for name, weight in stated.items():
        if weight != stated[first]:
            yield Problem(
                ("sources", name, "weight"), f"unequal weights of the kind {kind}", _said(weight),
                f"one weight for the kind, {_said(stated[first])} as {shown(first)} has, "
                "and a share of it for each",
            )  # fmt: skip


def _said(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)


def _own_words(case: Case, names: Names) -> Iterator[Problem]:
    """Check that what no prior set knows, own fields and own traits, is stated by the case."""
    own = [field.id for field in case.fields if field.id not in load_fields()]
    for name in names.chaining:
        stated = case.sources[name].disclosure if name in case.sources else {}
        for field in own:
            if field not in stated:
                yield Problem(
                    ("sources", name) if name in case.sources else ("sources",),
                    "no prior set has this case's own field, its disclosure must be stated",
                    f"no disclosure.{field} of {name}",
                    f"disclosure: {{{field}: a probability or interval}}", absent=True,
                )  # fmt: skip
    inferring = [n for n, kind in names.kinds.items() if kind is _INFERENCE]
    for trait in case.actor.traits:
        for name in inferring if trait not in load_traits() else ():
            if name not in case.sources or trait not in case.sources[name].odds_ratio:
                yield unknown(("actor", "traits", trait), f"trait without odds_ratio of {name}",
                              trait, load_traits())  # fmt: skip


def _security(case: Case, names: Names) -> Iterator[Problem]:
    yield from unknown_keys(("security",), "custodian", case.security, names.custodians)
    for name, record in case.security.items():
        loc = ("security", name)
        if record.incidents is not None:
            yield from _incidents(case, (*loc, "incidents"), record.incidents)
        if record.certification is not None and not record.certification.none:
            yield from _certificate(case, (*loc, "certification"), record.certification)


def _incidents(case: Case, loc: Loc, incidents: Incidents) -> Iterator[Problem]:
    if (incidents.count is None) == (not incidents.dates):
        yield Problem(loc, "incidents are counted or dated", "both" if incidents.dates else
                      "neither", "count or dates", absent=not incidents.dates)  # fmt: skip
    if (incidents.count or incidents.dates) and incidents.years == 0.0:
        yield Problem((*loc, "years"), "incidents in no time", "0", "years above 0")
    if incidents.dates and case.incident_date is None:
        yield _undated((*loc, "dates"), "dated incidents count from the disclosure back")


def _undated(loc: Loc, text: str) -> Problem:
    return Problem(loc, text, "no incident_date", "incident_date: a day, a month or a year")


def _certificate(case: Case, loc: Loc, certificate: Certification) -> Iterator[Problem]:
    issued, expires, incident = certificate.date, certificate.expires, case.incident_date
    if issued is None:
        yield Problem((*loc, "date"), "a certificate without its date", "nothing",
                      "date: a day, a month or a year", absent=True)  # fmt: skip
        return
    if expires is not None and issued.first > expires.last:
        yield Problem((*loc, "expires"), "the certificate expires before it is issued",
                      str(expires), f"at the earliest {issued}")  # fmt: skip
    if incident is None:
        yield _undated((*loc, "date"), "the age of a certificate needs the date of the incident")
    elif issued.first > incident.last:
        yield Problem((*loc, "date"), "the certificate is later than the incident", str(issued),
                      f"at the latest {incident}")  # fmt: skip
