"""Victims, findings and security records with every gap filled."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from causation.case.filled import (
    FilledCertificate,
    FilledFinding,
    FilledGroup,
    FilledSecurity,
    KnownBy,
    Record,
    Window,
)
from causation.case.ledger import labels
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
    from causation.evidence.entries import Finding, Incidents, SecurityRecord

__all__ = ["age_in_years", "fill_findings", "fill_groups", "fill_security"]

_PROBABILITY, _POSITIVE, _UNIT = Scale.PROBABILITY, Scale.POSITIVE, Scale.UNIT


def fill_groups(case: Case, ledger: Ledger) -> tuple[FilledGroup, ...]:
    """Return all groups of victims."""
    first, incident = case.first_plaintiff, case.incident_date
    return tuple(
        _group(group, ledger, first=group is first, posted=group.posted or incident)
        for group in case.victims
    )


def _group(group: VictimGroup, ledger: Ledger, *, first: bool, posted: When | None) -> FilledGroup:
    known = _known_by(group)
    users = dict.fromkeys((*group.users_of, *known.users_of), True)
    return FilledGroup(
        id=group.id,
        count=group.count,
        label=labels(group.label, group.id),
        plaintiff=first or bool(group.plaintiff),
        first=first,
        disclosed=tuple(sorted(group.disclosed)),
        not_disclosed=tuple(sorted(group.not_disclosed)),
        redacted=tuple(sorted(group.redacted)),
        users=Fixed(users | dict.fromkeys(group.not_users_of, False)),
        traits=Fixed({k: float(degree) for k, degree in group.traits.items()}),
        known_by=known,
        linkage=None
        if group.linkage is None
        else ledger.number(f"victims.{group.id}.linkage", group.linkage, None, _PROBABILITY,
                           owner="actor", sort="linkage"),
        records=tuple(
            Record(r.of, _sorted(r.agrees), _sorted(r.differs), _sorted(r.not_compared))
            for r in group.record
        ),
        dates=Fixed({f: Window(_days(w.since), _days(w.until)) for f, w in group.dates.items()}),
        posted=_days(posted),
        extra=group.extra,
        party=group.party,
        stage=group.stage,
        bears_on=group.bears_on,
        exhibit=group.exhibit,
        note=labels(group.note),
    )  # fmt: skip


def _known_by(group: VictimGroup) -> KnownBy:
    known = group.known_by
    if known is None:
        return KnownBy()
    return KnownBy(
        known.how,
        published_all=_sorted(known.published_all),
        published_any=_sorted(known.published_any),
        users_of=_sorted(known.users_of),
        traits=_sorted(known.traits),
    )


def _days(when: When | None) -> tuple[dt.date, dt.date] | None:
    return None if when is None else when.days


def _sorted(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(words))


def fill_findings(case: Case, ledger: Ledger) -> tuple[FilledFinding, ...]:
    """Return all findings; those of one group share reliability and overlap."""
    groups: dict[str, list[Finding]] = {}
    for finding in case.findings:
        if finding.bears_on is BearsOn.SOURCE:
            groups.setdefault(finding.group or finding.id, []).append(finding)
    shared = {
        name: (_shared(members, ledger, "reliability"), _shared(members, ledger, "overlap"))
        for name, members in groups.items()
    }
    found = []
    for finding in case.findings:
        counts = finding.bears_on is BearsOn.SOURCE
        pair = shared[finding.group or finding.id] if counts else None
        reliability, overlap = pair or tuple(
            _shared([finding], ledger, key) for key in ("reliability", "overlap")
        )
        filled = _finding(case, finding, ledger, reliability, overlap)
        if counts:
            _enter(filled, ledger, among=len(groups[filled.group]))
        found.append(filled)
    return tuple(found)


def _enter(finding: FilledFinding, ledger: Ledger, *, among: int) -> None:
    for number in finding.likelihood.values():
        ledger.enter(number)
    ledger.enter(finding.reliability)
    ledger.enter(finding.overlap, read=among > 1)
    ledger.enter(finding.repeats, read=finding.count > 1)
    ledger.also(f"findings.{finding.id}.reliability", finding.reliability)
    ledger.also(f"findings.{finding.id}.overlap", finding.overlap)


def _finding(
    case: Case, finding: Finding, ledger: Ledger, reliability: Number, overlap: Number
) -> FilledFinding:
    origin = _origin(finding)
    label = finding.label or (origin.label if origin else None)
    return FilledFinding(
        id=finding.id,
        label=labels(label, finding.id),
        likelihood=Fixed(_likelihood(case, finding, ledger)),
        about=finding.about,
        group=finding.group or finding.id,
        reliability=reliability,
        overlap=overlap,
        count=finding.count,
        repeats=ledger.number(f"findings.{finding.id}.repeats", finding.repeats,
                              ledger.priors.findings.repeats, _UNIT,
                              owner=_owner(finding), sort="repeats"),
        template=finding.template,
        inquiry=finding.inquiry,
        outcome=finding.outcome,
        party=finding.party,
        stage=finding.stage,
        bears_on=finding.bears_on,
        exhibit=finding.exhibit,
        note=labels(finding.note),
    )  # fmt: skip


def _origin(finding: Finding) -> Template | Inquiry | None:
    if finding.template is not None:
        return load_templates()[finding.template]
    return None if finding.inquiry is None else load_inquiries()[finding.inquiry]


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
        found[name] = ledger.number(
            f"findings.{finding.id}.likelihood.{name}", finding.likelihood.get(name),
            _row(origin, finding, role), _PROBABILITY,
            owner=_owner(finding), sort="likelihood", origin=_origin_id(origin),
        )  # fmt: skip
    return found


def _row(origin: Template | Inquiry | None, finding: Finding, role: str) -> Stated | None:
    if isinstance(origin, Template):
        return origin.likelihood.get(role)
    if isinstance(origin, Inquiry):
        return origin.probability.get(role, {}).get(str(finding.outcome))
    return None


def _origin_id(origin: Template | Inquiry | None) -> str | None:
    if origin is None:
        return None
    return f"{'template' if isinstance(origin, Template) else 'inquiry'}:{origin.id}"


def _shared(members: Sequence[Finding], ledger: Ledger, key: str) -> Number:
    """Number of a group: as one of it states it, else the least of the templates' defaults."""
    scale = _PROBABILITY if key == "reliability" else _UNIT
    stating = next((f for f in members if getattr(f, key) is not None), None)
    chosen, entry, origin = members[0], getattr(ledger.priors.findings, key), None
    if stating is not None:
        chosen = stating
    elif defaults := [
        (_mean(default, scale), index, default, from_)
        for index, f in enumerate(members)
        if (from_ := _origin(f)) is not None and (default := getattr(from_, key, None)) is not None
    ]:
        _, index, entry, from_ = min(defaults, key=lambda row: row[:2])
        chosen, origin = members[index], _origin_id(from_)
    return ledger.number(
        f"findings.{chosen.id}.{key}", getattr(chosen, key), entry, scale,
        owner=_owner(chosen), sort=key, origin=origin,
    )  # fmt: skip


def _mean(entry: Stated, scale: Scale) -> float:
    lo, hi = ends(entry.value)
    return lo if scale is _UNIT else Elicited(lo, hi, scale).mean()


def fill_security(case: Case, ledger: Ledger) -> tuple[FilledSecurity, ...]:
    """Return the security records of all custodians that have one."""
    return tuple(_security(case, name, r, ledger) for name, r in case.security.items())


def _security(case: Case, name: str, record: SecurityRecord, ledger: Ledger) -> FilledSecurity:
    priors, breach = ledger.priors.security, record.breach_rate or BreachRate(shape=None)
    size = record.size or ledger.priors.default_size.value
    table = getattr(priors.breach, size)

    def enter(key: str, stated: object, entry: object, scale: Scale) -> Number:
        number = ledger.number(f"security.{name}.{key}", stated, entry, scale,  # type: ignore[arg-type]
                               owner=name, sort="security")  # fmt: skip
        if record.bears_on is not BearsOn.SOURCE:
            return number
        return ledger.enter(number, read=not (expired and key.startswith("certification.")))

    certificate = record.certification
    expired = certificate is not None and _is_expired(certificate, case.incident_date)
    count, years = _incidents(record.incidents, case.incident_date)
    return FilledSecurity(
        source=name,
        shape=enter("breach_rate.shape", breach.shape, table.shape, _POSITIVE),
        rate=enter("breach_rate.rate", breach.rate, table.rate, _POSITIVE),
        detection=enter("detection", record.detection, priors.detection, _PROBABILITY),
        incidents=count,
        years=years,
        certificate=None
        if certificate is None
        else FilledCertificate(
            enter("certification.hazard_ratio", certificate.hazard_ratio, priors.hazard_ratio,
                  _POSITIVE),
            enter("certification.half_life", certificate.half_life, priors.half_life, _POSITIVE),
            enter("certification.reference", certificate.reference, priors.reference, _UNIT),
            age_years=_age(certificate, case.incident_date),
            expired=expired,
            none=certificate.none,
        ),
        size=size,
        scheme=certificate.scheme if certificate else None,
        party=record.party,
        stage=record.stage,
        bears_on=record.bears_on,
        exhibit=record.exhibit,
        note=labels(record.note),
    )  # fmt: skip


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
    >>> import datetime
    >>> issued, incident = When.read(2014), When.read("2023-10-02")
    >>> round(age_in_years(issued, incident), 2)
    9.25
    """
    end = incident.middle
    last = min(issued.last, max(end, issued.first))
    middle = issued.first + (last - issued.first) // 2
    return max(0.0, (end - middle).days / DAYS_PER_YEAR)
