"""From what a case states to everything that the model needs.

What a case states wins; the rest comes from its prior set or from finding templates. Every
number keeps the path under which a case file would state it, its origin and its basis.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from causation.case.checks import source_roles
from causation.case.files import prior_set_of
from causation.case.library import Standard, Template, load_standards, load_templates
from causation.case.priors import AnyEntry, FieldPriors, PriorSet, load_prior_set
from causation.case.problems import listing, nearest
from causation.case.resolved import (
    BearsOn,
    Input,
    Kind,
    ResolvedCase,
    ResolvedFinding,
    ResolvedGroup,
    ResolvedSecurity,
    ResolvedSource,
)
from causation.case.schema import (
    BreachRate,
    Case,
    Certification,
    Finding,
    SecurityRecord,
    Source,
    VictimGroup,
)
from causation.errors import CaseError
from causation.scales import Elicited, Scale

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from causation.case.quantities import Number

__all__ = ["DAYS_PER_YEAR", "age_in_years", "resolve"]

DAYS_PER_YEAR = 365.25

type _Labels = dict[str, str]


def resolve(
    case: Case,
    *,
    priors: str | Path | PriorSet | None = None,
    standard: str | float | None = None,
) -> ResolvedCase:
    """Fill every gap of a case.

    Parameters
    ----------
    case : Case
        What is stated.
    priors : str, Path or PriorSet, optional
        Prior set to use in place of the case's own: a name, a path, or a loaded set.
    standard : str or float, optional
        Standard of proof in place of the case's own: an id, or a threshold in (0, 1).

    Returns
    -------
    ResolvedCase
        The contract to the model.

    Raises
    ------
    CaseError
        If the prior set or the standard does not exist, or the set lacks a number.

    Examples
    --------
    >>> from causation.case import load_case
    >>> resolve(load_case("bic-2025-doxxing"), standard=0.9).threshold
    0.9
    """
    chosen = prior_set_of(case) if priors is None else priors
    prior_set = chosen if isinstance(chosen, PriorSet) else load_prior_set(chosen)
    return _Filling(case, prior_set).resolved(case.standard if standard is None else standard)


def age_in_years(issued: dt.date | int, incident: dt.date | int) -> float:
    """Compute the age of a certificate at the incident, in years of 365.25 days.

    Where only a year is known, the middle of it is taken, of the part before the incident
    where the incident lies in the same year.

    Examples
    --------
    >>> import datetime
    >>> round(age_in_years(2014, datetime.date(2023, 10, 2)), 2)
    9.25
    """
    end = _middle(incident, dt.date.max)
    return max(0.0, (end - _middle(issued, end)).days / DAYS_PER_YEAR)


def _middle(when: dt.date | int, latest: dt.date) -> dt.date:
    if isinstance(when, dt.date):
        return when
    first = dt.date(when, 1, 1)
    last = min(dt.date(when, 12, 31), max(latest, first))
    return first + (last - first) / 2


def _elicited(value: Number, scale: Scale) -> Elicited:
    lo, hi = value if isinstance(value, tuple) else (value, value)
    return Elicited(lo, hi, scale)


def _labels(text: _Labels | None, default: str = "") -> _Labels:
    """Text in every language; a language that is missing borrows the other."""
    if not text:
        return {"en": default, "zh": default} if default else {}
    some = next(iter(text.values()))
    return {language: text.get(language, some) for language in ("en", "zh")}


def _standard(standard: str | float) -> tuple[str, float]:
    if not isinstance(standard, str):
        if not 0.0 < standard < 1.0:
            raise CaseError(
                "not a threshold", path="standard", found=str(standard), allowed="0 < number < 1"
            )
        return "custom", float(standard)
    table: dict[str, Standard] = {row.id: row for row in load_standards()}
    if standard not in table:
        raise CaseError(
            "unknown standard",
            path="standard",
            found=nearest(standard, table),
            allowed=f"{listing(table)}, or a threshold in (0, 1)",
        )
    return standard, table[standard].threshold


class _Filling:
    """One case and one prior set."""

    def __init__(self, case: Case, priors: PriorSet) -> None:
        self._case = case
        self._priors = priors
        self._roles = source_roles(case)
        self._groups = [g for g in case.victims if g.bears_on is BearsOn.SOURCE]
        named = (f for g in self._groups for f in (*g.disclosed, *g.not_disclosed))
        self._fields = _sorted(named)
        self._items = _sorted(item for g in self._groups for item in g.profile)
        self._custodians = _sorted(name for g in self._groups for name in g.users_of)
        self._shared: dict[tuple[str, str], Elicited] = {}

    def resolved(self, standard: str | float) -> ResolvedCase:
        case = self._case
        standard_id, threshold = _standard(standard)
        return ResolvedCase(
            id=case.id,
            title=_labels(case.title, case.id),
            sources=tuple(self._source(name) for name in self._roles),
            groups=tuple(self._group(group) for group in case.victims),
            security=tuple(self._security(name, r) for name, r in case.security.items()),
            findings=self._findings(),
            proposition=case.proposition,
            standard_id=standard_id,
            threshold=threshold,
            selection=case.selection,
            reference_profile={item: self._reference(item) for item in self._items},
            fields=self._fields,
            items=self._items,
            custodians=self._custodians,
            prior_set=self._priors.id,
            exhaustive=case.exhaustive,
            elicitation_sd=float(self._priors.elicitation_sd.value),
            sha256=case.sha256,
        )

    def _input(
        self,
        path: str,
        stated: Number | None,
        entry: AnyEntry | None,
        scale: Scale = Scale.PROBABILITY,
    ) -> Input:
        if stated is not None:
            return Input(path, _elicited(stated, scale), "case", _STATED)
        if entry is None:
            raise CaseError(
                f"the prior set {self._priors.id} has no number for this and the case states none",
                file=self._case.file,
                line=self._case.line_at(tuple(path.split(".")[:2])),
                path=path,
                found="nothing",
                allowed="a number in the case file or the prior set",
            )
        value = _elicited(entry.value, scale)
        return Input(path, value, f"priors:{self._priors.id}", entry.basis, entry.source)

    def _source(self, name: str) -> ResolvedSource:
        source = self._case.sources.get(name, _ADDED_RESIDUAL)
        role, path, priors = self._roles[name], f"sources.{name}", self._priors
        items = self._items if source.kind is Kind.INFERENCE else ()
        weight: AnyEntry = getattr(priors.weights, role)
        return ResolvedSource(
            name=name,
            kind=source.kind,
            label=_labels(source.label or _RESIDUAL_LABEL.get(source.kind), name),
            holds=source.holds or (),
            weight=self._input(f"{path}.weight", source.weight, weight, Scale.POSITIVE),
            disclosure={
                field: self._input(
                    f"{path}.disclosure.{field}",
                    source.disclosure.get(field),
                    self._disclosure(source, role, field),
                )
                for field in self._fields
            },
            membership={c: self._membership(name, source, role, c) for c in self._custodians},
            odds_ratio={
                item: self._input(
                    f"{path}.odds_ratio.{item}",
                    source.odds_ratio.get(item),
                    priors.odds_ratio.get(item),
                    Scale.POSITIVE,
                )
                for item in items
            },
            correlation=self._input(
                f"{path}.correlation", source.correlation, getattr(priors.correlation, role)
            ),
            misfit=self._input(f"{path}.misfit", source.misfit, getattr(priors.misfit, role)),
        )

    def _disclosure(self, source: Source, role: str, field: str) -> AnyEntry | None:
        """Entry of the prior set for a field; a library without ``holds`` is a typical one."""
        if role == "residual":
            return self._priors.residual
        columns: FieldPriors | None = self._priors.fields.get(field)
        if columns is None:
            return None
        if role == "inference":
            return columns.inference
        if role == "leaked_library" and (source.holds is None or field in source.holds):
            return columns.leaked_library
        held = field in (source.holds or ())
        return columns.custodian_holding if held else columns.custodian_not_holding

    def _membership(self, name: str, source: Source, role: str, custodian: str) -> Input:
        table = self._priors.membership
        entry = table.own if name == custodian else table.other
        return self._input(
            f"sources.{name}.membership.{custodian}",
            source.membership.get(custodian),
            table.residual if role == "residual" else entry,
        )

    def _reference(self, item: str) -> Input:
        return self._input(
            f"reference_profile.{item}",
            self._case.reference_profile.get(item),
            self._priors.reference_profile.get(item),
        )

    def _group(self, group: VictimGroup) -> ResolvedGroup:
        path, stated = f"victims.{group.id}.linkage", group.linkage
        if stated is None and self._groups and group is self._groups[0]:
            linkage = Input(path, Elicited(1.0, 1.0, Scale.PROBABILITY), "model", _PLAINTIFF)
        else:
            linkage = self._input(path, stated, self._priors.linkage)
        return ResolvedGroup(
            id=group.id,
            count=group.count,
            linkage=linkage,
            disclosed=group.disclosed,
            not_disclosed=group.not_disclosed,
            profile={item: float(degree) for item, degree in group.profile.items()},
            users_of=dict(group.users_of),
            party=group.party,
            stage=group.stage,
            bears_on=group.bears_on,
            exhibit=group.exhibit,
            note=_labels(group.note),
            label=_labels(group.label),
        )

    def _security(self, name: str, record: SecurityRecord) -> ResolvedSecurity:
        priors, path = self._priors.security, f"security.{name}.breach_rate"
        breach = record.breach_rate or BreachRate()
        incidents, certificate = record.incidents, record.certification
        hazard, half_life, reference = (
            (None, None, None) if certificate is None else self._certificate(name, certificate)
        )
        positive = Scale.POSITIVE
        return ResolvedSecurity(
            source=name,
            breach_shape=self._input(f"{path}.shape", breach.shape, priors.breach_shape, positive),
            breach_rate=self._input(f"{path}.rate", breach.rate, priors.breach_rate, positive),
            incidents=incidents.count if incidents else 0,
            incident_years=incidents.years if incidents else 0.0,
            hazard_ratio=hazard,
            age_years=self._age(certificate),
            half_life=half_life,
            reference=reference,
            scheme=certificate.scheme if certificate else None,
            party=record.party,
            stage=record.stage,
            bears_on=record.bears_on,
            exhibit=record.exhibit,
            note=_labels(record.note),
        )

    def _certificate(self, name: str, certificate: Certification) -> tuple[Input, Input, Input]:
        """Hazard ratio, half-life and reference."""
        path, priors = f"security.{name}.certification", self._priors.security
        stated, positive = certificate, Scale.POSITIVE
        return (
            self._input(f"{path}.hazard_ratio", stated.hazard_ratio, priors.hazard_ratio, positive),
            self._input(f"{path}.half_life", stated.half_life, priors.half_life, positive),
            self._input(f"{path}.reference", stated.reference, priors.reference),
        )

    def _age(self, certificate: Certification | None) -> float | None:
        incident = self._case.incident_date
        if certificate is None or incident is None:
            return None
        return age_in_years(certificate.date, incident)

    def _findings(self) -> tuple[ResolvedFinding, ...]:
        groups: dict[str, list[Finding]] = {}
        for finding in self._case.findings:
            if finding.bears_on is BearsOn.SOURCE:
                groups.setdefault(finding.group or finding.id, []).append(finding)
        return tuple(
            self._finding(f, groups.get(f.group or f.id, [f])) for f in self._case.findings
        )

    def _finding(self, finding: Finding, group: list[Finding]) -> ResolvedFinding:
        template = load_templates().get(finding.template or "")
        members = group if finding.bears_on is BearsOn.SOURCE else [finding]
        label = finding.label or (template.label if template else None)
        return ResolvedFinding(
            id=finding.id,
            label=_labels(label, finding.id),
            likelihood=self._likelihood(finding, template),
            reliability=self._reliability(finding, members),
            group=finding.group or finding.id,
            repeats=self._input(
                f"findings.{finding.id}.repeats",
                next((f.repeats for f in members if f.repeats is not None), None),
                self._priors.findings.repeats,
            ),
            template=finding.template,
            party=finding.party,
            stage=finding.stage,
            bears_on=finding.bears_on,
            exhibit=finding.exhibit,
            note=_labels(finding.note),
        )

    def _likelihood(self, finding: Finding, template: Template | None) -> dict[str, Input]:
        if template is None and not finding.likelihood:
            return {}  # an item on another element of the claim
        return {name: self._one_likelihood(finding, template, name) for name in self._roles}

    def _one_likelihood(self, finding: Finding, template: Template | None, name: str) -> Input:
        path = f"findings.{finding.id}.likelihood.{name}"
        if name in finding.likelihood or template is None:
            return self._input(path, finding.likelihood[name], None)
        role = "named" if name == finding.about else self._roles[name]
        entry = template.likelihood[role]
        key = (template.id, role)
        if key not in self._shared:
            self._shared[key] = _elicited(entry.value, Scale.PROBABILITY)
        return Input(path, self._shared[key], f"template:{template.id}", entry.basis, entry.source)

    def _reliability(self, finding: Finding, members: list[Finding]) -> Input:
        """Stated by any finding of the group, else the least of their templates'."""
        path = f"findings.{finding.id}.reliability"
        stated = next((f.reliability for f in members if f.reliability is not None), None)
        if stated is not None:
            return self._input(path, stated, None)
        known = load_templates()
        templates = [known[f.template] for f in members if f.template is not None]
        if not templates:
            return self._input(path, None, self._priors.findings.reliability)
        values = [_elicited(t.reliability.value, Scale.PROBABILITY) for t in templates]
        least = min(range(len(values)), key=lambda i: (values[i].mean(), templates[i].id))
        entry = templates[least].reliability
        return Input(
            path, values[least], f"template:{templates[least].id}", entry.basis, entry.source
        )


_ADDED_RESIDUAL = Source.model_validate({"kind": Kind.RESIDUAL})
_STATED = {"en": "stated in the case file", "zh": "案件文件所设定"}
_PLAINTIFF = {
    "en": "the first group is the plaintiff, whose disclosure the case is about",
    "zh": "首组受害人为原告，本案即关于其信息的泄露",
}
_RESIDUAL_LABEL = {Kind.RESIDUAL: {"en": "Unknown or other", "zh": "未知或其他来源"}}


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))
