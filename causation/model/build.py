"""From a resolved case to the arrays that the engines work on.

A `Model` is the case in numbers: sources by evidence over named latents. It can be reduced
(a group removed, a field made missing, a profile item made unknown, findings left out) without
going back to the case file, which is how the burden by stage and the contributions are computed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from causation.case.resolved import (
    BearsOn,
    Input,
    Kind,
    ResolvedCase,
    ResolvedFinding,
    ResolvedSecurity,
    Selection,
    Stage,
)
from causation.errors import CaseError
from causation.evidence import KINDS
from causation.evidence.base import Term
from causation.evidence.disclosure import ProfileCells
from causation.evidence.findings import FindingGroup, finding_group_log_likelihood
from causation.evidence.security import certification_factor, incident_factor
from causation.scales import Elicited, Scale

__all__ = ["MAX_ITEMS", "VAGUE", "Model", "SecurityRecord", "build_model"]

VAGUE = Elicited(0.05, 0.95, Scale.PROBABILITY)
"""The interval of the unmodelled actor, for every field and membership."""

VAGUE_CORRELATION = 0.5
MAX_ITEMS = 8
"""Most profile items that a case may use: profiles are averaged over all their combinations."""


@dataclass(frozen=True, slots=True)
class SecurityRecord:
    """A security record as a log factor (natural) on the prior weight of one source."""

    id: str
    source: int
    log_factor: float
    stage: Stage


@dataclass(frozen=True, eq=False)
class Model:
    """A case in numbers.

    Arrays are over sources (S), fields (F), items (K), custodians (C), victim groups (G);
    probabilities are given by centre and sd on the logit scale.

    Parameters
    ----------
    case : ResolvedCase
        Where the numbers come from.
    sources, fields, items, custodians, groups : tuple of str
        Names along the axes.
    proposition : ndarray of bool, shape (S,)
        The union of sources that is to be proved.
    log_weight : ndarray, shape (S,)
        Natural log of the mean prior weight, without security record.
    security : tuple of SecurityRecord
    field_center, field_sd : ndarray, shape (S, F)
    correlation, misfit : ndarray, shape (S,)
    effect_center, effect_sd : ndarray, shape (S, K)
        Log odds ratios of profile items (0 for sources on which the profile has no effect).
    member_center, member_sd : ndarray, shape (S, C)
    reference : ndarray, shape (K,)
        Reference profile.
    count, linkage : ndarray, shape (G,)
        Victims in each group; mean probability that the group belongs to the series.
    disclosed, withheld : ndarray, shape (G, F)
        1 where the field is disclosed, or known not to be disclosed; both 0 where missing.
    profile : ndarray, shape (G, K)
        Degree 0..1, NaN where unknown.
    user : ndarray, shape (G, C)
        1 user, 0 not, NaN unknown.
    group_stage : tuple of Stage, length G
    finding_groups : tuple of FindingGroup
    selected : bool
        Victims are known because they were exposed.

    Examples
    --------
    >>> from causation.case import load_case, resolve
    >>> model = build_model(resolve(load_case("bic-2025-doxxing")))
    >>> model.groups, model.count.tolist()
    (('plaintiff', 'co_victims'), [1.0, 5.0])
    """

    case: ResolvedCase
    sources: tuple[str, ...]
    fields: tuple[str, ...]
    items: tuple[str, ...]
    custodians: tuple[str, ...]
    groups: tuple[str, ...]
    proposition: np.ndarray
    log_weight: np.ndarray
    security: tuple[SecurityRecord, ...]
    field_center: np.ndarray
    field_sd: np.ndarray
    correlation: np.ndarray
    misfit: np.ndarray
    effect_center: np.ndarray
    effect_sd: np.ndarray
    profiled: np.ndarray
    member_center: np.ndarray
    member_sd: np.ndarray
    reference: np.ndarray
    count: np.ndarray
    linkage: np.ndarray
    disclosed: np.ndarray
    withheld: np.ndarray
    profile: np.ndarray
    user: np.ndarray
    group_stage: tuple[Stage, ...]
    finding_groups: tuple[FindingGroup, ...]
    finding_stage: dict[str, Stage]
    selected: bool
    vague_center: float = field(default=VAGUE.center)
    vague_sd: float = field(default=VAGUE.sd)
    vague_correlation: float = field(default=VAGUE_CORRELATION)

    @cached_property
    def log_prior(self) -> np.ndarray:
        """Natural log of the normalised prior, security record included, shape (S,)."""
        weight = self.log_weight.copy()
        for record in self.security:
            weight[record.source] += record.log_factor
        top = weight.max()
        result: np.ndarray = weight - top - math.log(np.exp(weight - top).sum())
        return result

    @cached_property
    def cells(self) -> ProfileCells:
        """Profiles at which inference sources need a disclosure probability."""
        return ProfileCells.build(self.profile, self.reference)

    @cached_property
    def shared(self) -> dict[tuple[Any, ...], Any]:
        """Parts of integrals that several sources or series share, kept once computed."""
        return {}

    def is_profiled(self, source: int) -> bool:
        """Whether the profile acts on this source."""
        return bool(self.items) and bool(self.profiled[source])

    def findings_log_likelihood(self) -> np.ndarray:
        """Natural log-likelihood of every group of findings, shape (finding groups, S)."""
        table = [
            finding_group_log_likelihood(
                group.log_likelihood, group.reliability, group.repeats, self.log_prior
            )
            for group in self.finding_groups
        ]
        return np.array(table).reshape(len(table), len(self.sources))

    def terms(self) -> list[Term]:
        """Every piece of evidence with the latents on which it depends, by source."""
        return [
            term
            for kind in KINDS.values()
            for s in range(len(self.sources))
            for term in kind.terms(self, s)
        ]

    def reduced(
        self,
        *,
        without_groups: Collection[str] = (),
        without_fields: Collection[str] = (),
        without_items: Collection[str] = (),
        without_memberships: Collection[str] = (),
        without_security: Collection[str] = (),
        without_findings: Collection[str] = (),
    ) -> Model:
        """The same model on less evidence.

        A group is removed; a field becomes missing (it stays among the fields of the case); a
        profile item becomes unknown; a membership becomes unknown; a security record and a
        finding are left out.
        """
        keep = np.array([g not in without_groups for g in self.groups], dtype=bool)
        fields = np.array([f in without_fields for f in self.fields], dtype=bool)
        items = np.array([k in without_items for k in self.items], dtype=bool)
        custodians = np.array([c in without_memberships for c in self.custodians], dtype=bool)
        profile, user = self.profile[keep].copy(), self.user[keep].copy()
        disclosed, withheld = self.disclosed[keep].copy(), self.withheld[keep].copy()
        profile[:, items] = np.nan
        user[:, custodians] = np.nan
        disclosed[:, fields] = 0.0
        withheld[:, fields] = 0.0
        finding_groups = []
        for group in self.finding_groups:
            rows = [i for i, f in enumerate(group.findings) if f not in without_findings]
            if rows:
                names = tuple(group.findings[i] for i in rows)
                finding_groups.append(
                    replace(group, findings=names, log_likelihood=group.log_likelihood[rows])
                )
        return replace(
            self,
            groups=tuple(g for g, k in zip(self.groups, keep, strict=True) if k),
            group_stage=tuple(g for g, k in zip(self.group_stage, keep, strict=True) if k),
            count=self.count[keep],
            linkage=self.linkage[keep],
            disclosed=disclosed,
            withheld=withheld,
            profile=profile,
            user=user,
            security=tuple(r for r in self.security if r.id not in without_security),
            finding_groups=tuple(finding_groups),
        )

    def up_to(self, stage: Stage) -> Model:
        """The same model on the evidence put forward up to and including a stage."""
        order = list(Stage)
        late = set(order[order.index(stage) + 1 :])
        return self.reduced(
            without_groups=[
                g for g, when in zip(self.groups, self.group_stage, strict=True) if when in late
            ],
            without_security=[r.id for r in self.security if r.stage in late],
            without_findings=[f for f, when in self.finding_stage.items() if when in late],
        )


def build_model(case: ResolvedCase) -> Model:
    """Turn a resolved case into arrays.

    Parameters
    ----------
    case : ResolvedCase
        With every gap filled; see `causation.case.resolve`.

    Returns
    -------
    Model

    Raises
    ------
    CaseError
        If more than `MAX_ITEMS` profile items are named.

    Examples
    --------
    >>> from causation.case import load_case, resolve
    >>> build_model(resolve(load_case("pang-2017"))).sources[:2]
    ('qunar', 'airline')
    """
    if len(case.items) > MAX_ITEMS:
        raise CaseError(
            "too many profile items",
            path="victims",
            found=str(len(case.items)),
            allowed=f"at most {MAX_ITEMS}",
        )
    sources = tuple(s.name for s in case.sources)
    groups = [g for g in case.groups if g.bears_on is BearsOn.SOURCE]
    findings = [f for f in case.findings if f.bears_on is BearsOn.SOURCE]
    records = [r for r in case.security if r.bears_on is BearsOn.SOURCE]

    def table(name: str, columns: Sequence[str], attribute: str) -> np.ndarray:
        return np.array(
            [
                [getattr(getattr(s, name)[c].value, attribute) for c in columns]
                for s in case.sources
            ],
            dtype=float,
        ).reshape(len(sources), len(columns))

    profiled = np.array([s.kind is Kind.INFERENCE for s in case.sources])
    effects = np.zeros((2, len(sources), len(case.items)))
    for i, s in enumerate(case.sources):
        for k, item in enumerate(case.items):
            if s.kind is Kind.INFERENCE:
                effects[:, i, k] = (s.odds_ratio[item].value.center, s.odds_ratio[item].value.sd)

    def groups_table(columns: Sequence[str], value: str) -> np.ndarray:
        return np.array([[float(c in getattr(g, value)) for c in columns] for g in groups]).reshape(
            len(groups), len(columns)
        )

    return Model(
        case=case,
        sources=sources,
        fields=case.fields,
        items=case.items,
        custodians=case.custodians,
        groups=tuple(g.id for g in groups),
        proposition=np.array([s in case.proposition for s in sources]),
        log_weight=np.log([s.weight.value.mean() for s in case.sources]),
        security=tuple(
            SecurityRecord(r.source, sources.index(r.source), math.log(_security(r)), r.stage)
            for r in records
        ),
        field_center=table("disclosure", case.fields, "center"),
        field_sd=table("disclosure", case.fields, "sd"),
        correlation=np.array([s.correlation.value.mean() for s in case.sources]),
        misfit=np.array([s.misfit.value.mean() for s in case.sources]),
        effect_center=effects[0],
        effect_sd=effects[1],
        profiled=profiled,
        member_center=table("membership", case.custodians, "center"),
        member_sd=table("membership", case.custodians, "sd"),
        reference=np.array([case.reference_profile[k].value.mean() for k in case.items]),
        count=np.array([float(g.count) for g in groups]),
        linkage=np.array([g.linkage.value.mean() for g in groups]),
        disclosed=groups_table(case.fields, "disclosed"),
        withheld=groups_table(case.fields, "not_disclosed"),
        profile=np.array(
            [[g.profile.get(k, math.nan) for k in case.items] for g in groups], dtype=float
        ).reshape(len(groups), len(case.items)),
        user=np.array(
            [[float(g.users_of.get(c, math.nan)) for c in case.custodians] for g in groups],
            dtype=float,
        ).reshape(len(groups), len(case.custodians)),
        group_stage=tuple(g.stage for g in groups),
        finding_groups=_finding_groups(findings, sources),
        finding_stage={f.id: f.stage for f in findings},
        selected=case.selection is Selection.SELECTED,
    )


def _security(record: ResolvedSecurity) -> float:
    factor = incident_factor(
        record.breach_shape.value.mean(),
        record.breach_rate.value.mean(),
        record.incidents,
        record.incident_years,
    )
    certificate = (record.hazard_ratio, record.age_years, record.half_life, record.reference)
    match certificate:
        case (Input() as hazard_ratio, float() as age, Input() as half_life, Input() as reference):
            factor *= certification_factor(
                hazard_ratio.value, age, half_life.value.mean(), reference.value.mean()
            )
    return factor


def _finding_groups(
    findings: Sequence[ResolvedFinding], sources: tuple[str, ...]
) -> tuple[FindingGroup, ...]:
    grouped: dict[str, list[ResolvedFinding]] = {}
    for finding in findings:
        grouped.setdefault(finding.group, []).append(finding)
    result = []
    for name, members in grouped.items():
        with np.errstate(divide="ignore"):
            log_likelihood = np.log(
                [[f.likelihood[s].value.mean() for s in sources] for f in members]
            )
        result.append(
            FindingGroup(
                id=name,
                findings=tuple(f.id for f in members),
                log_likelihood=log_likelihood,
                reliability=members[0].reliability.value.mean(),
                repeats=members[0].repeats.value.mean(),
            )
        )
    return tuple(result)
