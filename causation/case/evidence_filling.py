"""Victims, findings and security records with every gap filled."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from causation.case.filled import (
    FilledCertificate,
    FilledFinding,
    FilledGroup,
    FilledSecurity,
    KnownBy,
    Record,
    Window,
)
from causation.case.ledger import labels, scale_of
from causation.case.library import Inquiry, Template, load_inquiries, load_templates
from causation.document.dates import DAYS_PER_YEAR, When
from causation.document.mappings import Fixed
from causation.document.stated import Stated, ends
from causation.document.terms import BearsOn
from causation.evidence.entries import BreachRate, Certification
from causation.scales import Elicited, Scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from causation.case.ledger import Ledger
    from causation.case.parts import VictimGroup
    from causation.case.schema import Case
    from causation.document.numbers import Number
    from causation.evidence.entries import Evidence, Finding, Incidents, SecurityRecord


def _as_stated(part: Evidence, *more: str) -> dict[str, Any]:
    """What is taken over as it is stated: what all evidence says about itself, and more keys."""
    keys = ("party", "stage", "bears_on", "exhibit", *more)
    return {key: getattr(part, key) for key in keys} | {"note": labels(part.note)}


def _sorted(part: Any, *keys: str) -> dict[str, Any]:
    return {key: tuple(sorted(getattr(part, key))) for key in keys}


def fill_groups(case: Case, ledger: Ledger) -> tuple[FilledGroup, ...]:
    """Return all groups of victims."""
    first, incident = case.first_plaintiff, case.incident_date
    return tuple(
        _group(group, ledger, first=group is first, posted=group.posted or incident)
        for group in case.victims
    )


def _group(group: VictimGroup, ledger: Ledger, *, first: bool, posted: When | None) -> FilledGroup:
    known, linkage = KnownBy(), None
    if group.known_by is not None:
        lists = _sorted(group.known_by, "published_all", "published_any", "users_of", "traits")
        known = KnownBy(group.known_by.how, **lists)
    if group.linkage is not None:
        linkage = ledger.number(f"victims.{group.id}.linkage", group.linkage, None)
    users = dict.fromkeys((*group.users_of, *known.users_of), True)
    records = (
        Record(r.of, **_sorted(r, "agrees", "differs", "not_compared")) for r in group.record
    )
    return FilledGroup(
        label=labels(group.label, group.id),
        plaintiff=first or bool(group.plaintiff),
        first=first,
        users=Fixed(users | dict.fromkeys(group.not_users_of, False)),
        traits=Fixed({k: float(degree) for k, degree in group.traits.items()}),
        known_by=known,
        linkage=linkage,
        records=tuple(records),
        dates=Fixed({f: Window(_days(w.since), _days(w.until)) for f, w in group.dates.items()}),
        posted=_days(posted),
        **_sorted(group, "disclosed", "not_disclosed", "redacted"),
        **_as_stated(group, "id", "count", "extra"),
    )


def _days(when: When | None) -> tuple[dt.date, dt.date] | None:
    return None if when is None else when.days


def fill_findings(case: Case, ledger: Ledger) -> tuple[FilledFinding, ...]:
    """Return all findings; those of one group share reliability and overlap."""
    groups: dict[str, list[Finding]] = {}
    for finding in case.findings:
        groups.setdefault(_group_of(finding), []).append(finding)
    shared: dict[str, dict[str, Any]] = {
        name: {key: _shared(members, ledger, key) for key in ("reliability", "overlap")}
        for name, members in groups.items()
    }
    found = []
    for finding in case.findings:
        filled = _finding(case, finding, ledger, shared[_group_of(finding)])
        if finding.bears_on is BearsOn.SOURCE:
            _enter(filled, ledger, among=len(groups[filled.group]))
        found.append(filled)
    return tuple(found)


def _group_of(finding: Finding) -> str:
    """Name the group that shares a reliability; one that bears on something else is alone."""
    if finding.bears_on is BearsOn.SOURCE:
        return finding.group or finding.id
    return f"{finding.id} alone"


def _enter(finding: FilledFinding, ledger: Ledger, *, among: int) -> None:
    for number in finding.likelihood.values():
        ledger.enter(number)
    ledger.enter(finding.reliability)
    ledger.enter(finding.overlap, read=among > 1)
    ledger.enter(finding.repeats, read=finding.count > 1)
    ledger.also(f"findings.{finding.id}.reliability", finding.reliability)
    ledger.also(f"findings.{finding.id}.overlap", finding.overlap)


def _finding(case: Case, finding: Finding, ledger: Ledger, shared: dict[str, Any]) -> FilledFinding:
    origin = _origin(finding)
    repeats, entry = f"findings.{finding.id}.repeats", ledger.priors.findings.repeats
    return FilledFinding(
        label=labels(finding.label or (origin.label if origin else None), finding.id),
        likelihood=Fixed(_likelihood(case, finding, ledger)),
        group=finding.group or finding.id,
        repeats=ledger.number(repeats, finding.repeats, entry, owner=_owner(finding)),
        **shared,
        **_as_stated(finding, "id", "about", "count", "template", "inquiry", "outcome"),
    )


def _origin(finding: Finding) -> Template | Inquiry | None:
    if finding.template is not None:
        return load_templates()[finding.template]
    return None if finding.inquiry is None else load_inquiries()[finding.inquiry]


def _origin_id(origin: Template | Inquiry | None) -> str | None:
    return f"{type(origin).__name__.lower()}:{origin.id}" if origin else None


def _owner(finding: Finding) -> str:
    return "/".join(finding.about) or finding.id


def _likelihood(case: Case, finding: Finding, ledger: Ledger) -> dict[str, Number]:
    origin = _origin(finding)
    if origin is None and not finding.likelihood:
        return {}  # an item on another element of the claim
    routes = [name for name in finding.likelihood if "/" in name]
    found, kinds = {}, case.kinds
    for name in (*kinds, *routes):
        role = "named" if name in finding.about else kinds.get(name, "")
        entry: Stated | None = None
        if isinstance(origin, Template):
            entry = origin.likelihood.get(role)
        elif isinstance(origin, Inquiry):
            entry = origin.probability.get(role, {}).get(str(finding.outcome))
        found[name] = ledger.number(
            f"findings.{finding.id}.likelihood.{name}", finding.likelihood.get(name), entry,
            owner=_owner(finding), origin=_origin_id(origin),
        )  # fmt: skip
    return found


def _shared(members: Sequence[Finding], ledger: Ledger, key: str) -> Number:
    """Number of a group: as one of it states it, else the least of the templates' defaults."""
    entry, origin = getattr(ledger.priors.findings, key), None
    chosen = next((f for f in members if getattr(f, key) is not None), None)
    if chosen is None:
        chosen = members[0]
        origins = [(f, _origin(f)) for f in members]
        defaults = [(f, o, e) for f, o in origins if (e := getattr(o, key, None)) is not None]
        if defaults:
            chosen, source, entry = min(defaults, key=lambda row: _mean(row[2], scale_of(key)))
            origin = _origin_id(source)
    path, stated = f"findings.{chosen.id}.{key}", getattr(chosen, key)
    return ledger.number(path, stated, entry, owner=_owner(chosen), origin=origin)


def _mean(entry: Stated, scale: Scale) -> float:
    lo, hi = ends(entry.value)
    return lo if scale is Scale.UNIT else Elicited(lo, hi, scale).mean()


def fill_security(case: Case, ledger: Ledger) -> tuple[FilledSecurity, ...]:
    """Return the security records of all custodians that have one."""
    return tuple(_security(case, name, r, ledger) for name, r in case.security.items())


def _security(case: Case, name: str, record: SecurityRecord, ledger: Ledger) -> FilledSecurity:
    priors, breach = ledger.priors.security, record.breach_rate or BreachRate(shape=None)
    size = record.size or ledger.priors.default_size.value
    table = getattr(priors.breach, size)
    certificate, incident = record.certification, case.incident_date
    expired = certificate is not None and _is_expired(certificate, incident)

    def enter(key: str, stated: Any, entry: Stated) -> Number:
        number = ledger.number(f"security.{name}.{key}", stated, entry)
        if record.bears_on is not BearsOn.SOURCE:
            return number
        return ledger.enter(number, read=not (expired and key.startswith("certification.")))

    numbers: dict[str, Any] = {
        "shape": enter("breach_rate.shape", breach.shape, table.shape),
        "rate": enter("breach_rate.rate", breach.rate, table.rate),
        "detection": enter("detection", record.detection, priors.detection),
    }
    certified = None
    if certificate is not None:
        own: dict[str, Any] = {
            key: enter(f"certification.{key}", getattr(certificate, key), getattr(priors, key))
            for key in ("hazard_ratio", "half_life", "reference")
        }
        certified = FilledCertificate(
            **own, age_years=_age(certificate, incident), expired=expired, none=certificate.none
        )
    count, years = _incidents(record.incidents, incident)
    return FilledSecurity(
        source=name,
        incidents=count,
        years=years,
        certificate=certified,
        size=size,
        scheme=certificate.scheme if certificate else None,
        **numbers,
        **_as_stated(record),
    )


def _incidents(incidents: Incidents | None, incident: When | None) -> tuple[int, float]:
    """Count the incidents before the disclosure, and the years in which they were looked for."""
    if incidents is None:
        return 0, 0.0
    if incidents.dates and incident is not None:
        return sum(when.first <= incident.last for when in incidents.dates), incidents.years
    return incidents.count or 0, incidents.years


def _is_expired(certificate: Certification, incident: When | None) -> bool:
    expires = certificate.expires
    return expires is not None and incident is not None and expires.last < incident.first


def _age(certificate: Certification, incident: When | None) -> float:
    if certificate.date is None or incident is None:
        return 0.0
    return age_in_years(certificate.date, incident)


def age_in_years(issued: When, incident: When) -> float:
    """Compute the age of a certificate at the incident, in years of 365.25 days.

    Where only a month or a year is known its middle is taken, of the part before the incident
    where the incident lies in the same one.

    Examples
    --------
    >>> issued, incident = When.read(2014), When.read("2023-10-02")
    >>> round(age_in_years(issued, incident), 2)
    9.25
    """
    end = incident.middle
    last = min(issued.last, max(end, issued.first))
    middle = issued.first + (last - issued.first) // 2
    return max(0.0, (end - middle).days / DAYS_PER_YEAR)
