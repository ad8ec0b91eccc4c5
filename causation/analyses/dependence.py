"""What the evidence would be worth if it were independent, and what it is worth.

Five victims of one doxxer are not five independent trials. The audit computes the naive ratio
(a fresh latent for every victim and field, everything multiplied), the model's, the number of
independent co-victims to which the co-victims of the case amount, and a limit that no number
of them can exceed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from causation.analyses.naive import naive_log_evidence
from causation.evidence import KINDS
from causation.evidence.base import logsumexp
from causation.inference.components import compute_components, like_groups
from causation.inference.infer import posterior_from_components
from causation.inference.integrate import IntegratorSettings
from causation.inference.posterior import Posterior
from causation.model.build import Model
from causation.scales import LN10, change_in_bans, finite_or_none

__all__ = [
    "MAX_AUDITED",
    "CoVictims",
    "DependenceAudit",
    "SharedLatent",
    "audit_dependence",
    "saturation_curve",
]

MAX_AUDITED = 50
"""Most groups of co-victims that are audited one by one."""


@dataclass(frozen=True, slots=True)
class SharedLatent:
    """A latent on which several pieces of evidence depend."""

    latent: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CoVictims:
    """What one group of further victims adds to log10 LR against all the rest.

    Parameters
    ----------
    group : str
    count : int
    bans : float
        Added by the group in the model.
    independent_bans : float
        Added by the group if every victim were independent.
    equivalent : float or None
        Number of independent co-victims that are worth as much; None where one would be worth
        nothing or point the other way.
    limit_bans : float
        Bound that no number of like victims can exceed, from linkage below 1; infinite where
        linkage is certain.
    """

    group: str
    count: int
    bans: float
    independent_bans: float
    equivalent: float | None
    limit_bans: float


@dataclass(frozen=True, slots=True)
class DependenceAudit:
    """Model and naive likelihood ratios against all the rest, in bans, and why they differ."""

    log10_lr: float
    independent_log10_lr: float
    co_victims: tuple[CoVictims, ...]
    shared: tuple[SharedLatent, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain Python data; an infinite value is None."""
        return {
            "log10_lr": finite_or_none(self.log10_lr),
            "independent_log10_lr": finite_or_none(self.independent_log10_lr),
            "co_victims": [
                {
                    "group": c.group,
                    "count": c.count,
                    "bans": finite_or_none(c.bans),
                    "independent_bans": finite_or_none(c.independent_bans),
                    "equivalent": finite_or_none(c.equivalent),
                    "limit_bans": finite_or_none(c.limit_bans),
                }
                for c in self.co_victims
            ],
            "shared_latents": {s.latent: list(s.evidence) for s in self.shared},
        }


def _log10_lr(log_evidence: np.ndarray, log_prior: np.ndarray, h: np.ndarray) -> float:
    """log10 LR of a union against the rest, each likelihood a prior-weighted mean."""
    with np.errstate(invalid="ignore"):
        sides = [
            logsumexp(np, (log_evidence + log_prior)[m], axis=-1)
            - logsumexp(np, log_prior[m], axis=-1)
            for m in (h, ~h)
        ]
        return float((sides[0] - sides[1]) / LN10)


def audit_dependence(
    model: Model, posterior: Posterior, settings: IntegratorSettings
) -> DependenceAudit:
    """Compare the model with the same evidence taken as independent.

    Every group beyond the first is audited as co-victims, or the `MAX_AUDITED` largest; what
    is the same for like groups is computed once.
    """
    whole, _ = posterior.log10_lr()
    naive = _log10_lr(naive_log_evidence(model), model.log_prior, model.proposition)
    audited = _largest(model)
    types = like_groups(model)
    examples = {int(types[g]): g for g in reversed(audited)}
    reduced = [model.reduced(without_groups=[model.groups[g]]) for g in examples.values()]
    by_type: dict[int, CoVictims] = {}
    for (kind, g), less, components in zip(
        examples.items(), reduced, compute_components(reduced, settings), strict=True
    ):
        without, _ = posterior_from_components(
            less, components, random_seed=settings.random_seed
        ).log10_lr()
        naive_without = _log10_lr(naive_log_evidence(less), model.log_prior, model.proposition)
        evidence = components.log_evidence(less.log_prior, less.linkage, less.misfit)
        by_type[kind] = _co_victims(
            model,
            g,
            bans=change_in_bans(whole, without),
            independent_bans=change_in_bans(naive, naive_without),
            log_evidence_without=logsumexp(np, evidence, axis=0) - math.log(len(evidence)),
        )
    rows = tuple(replace(by_type[int(types[g])], group=model.groups[g]) for g in audited)
    return DependenceAudit(whole, naive, rows, _shared(model))


def _largest(model: Model) -> list[int]:
    """The groups to audit in their order: all but the first, the largest where there are many."""
    others = np.arange(1, len(model.groups))
    if others.size > MAX_AUDITED:
        largest = np.argsort(-model.count[1:], kind="stable")[:MAX_AUDITED]
        others = np.sort(others[largest])
    return [int(g) for g in others]


def _co_victims(
    model: Model,
    g: int,
    *,
    bans: float,
    independent_bans: float,
    log_evidence_without: np.ndarray,
) -> CoVictims:
    count = int(model.count[g])
    each = independent_bans / count
    equivalent = bans / each if each != 0.0 and math.isfinite(each) else None
    if equivalent is not None and equivalent < 0.0:
        equivalent = None
    return CoVictims(
        group=model.groups[g],
        count=count,
        bans=bans,
        independent_bans=independent_bans,
        equivalent=equivalent,
        limit_bans=_limit(model, g, log_evidence_without),
    )


def _limit(model: Model, g: int, log_evidence_without: np.ndarray) -> float:
    r"""Bound on the bans that group `g` can add, whatever its count.

    With ``H`` the proposition, ``F`` the likelihood of the findings, ``R`` that of everything else
    about the victims and ``M`` its greatest value,
    ``sum_H pi_s F_s E_s[R L_g] <= M max_H F B_g``. So the ratio with the group is at most
    ``1 + kappa M max_H F / ((1 - kappa) sum_H pi_s F_s E_s[R])`` times the ratio without.
    """
    kappa = float(model.linkage[g])
    if kappa >= 1.0:
        return math.inf
    h = model.proposition
    findings = model.findings_log_likelihood().sum(axis=0)[h]
    if kappa == 0.0 or np.isneginf(findings).all():
        return 0.0
    log_rest = logsumexp(
        np, (model.log_prior + log_evidence_without)[h] + findings - findings.max(), axis=-1
    )
    log_extra = math.log(kappa) - math.log1p(-kappa) + _log_most(model, g) - float(log_rest)
    return float(np.logaddexp(0.0, log_extra)) / LN10


def _log_most(model: Model, g: int) -> float:
    """Greatest log-likelihood (natural) of all groups but `g` under the proposition.

    A victim is worth at most 1 where no profile acts, and at most the rarity of its profile
    where one does: on a source of the proposition, or on the background of an uncertain group.
    """
    if not model.selected or not any(model.is_profiled(s) for s in range(len(model.sources))):
        return 0.0
    others = np.arange(len(model.groups)) != g
    if not any(model.is_profiled(int(s)) for s in np.flatnonzero(model.proposition)):
        others &= model.linkage < 1.0
    if ((model.reference <= 0.0) | (model.reference >= 1.0)).any():
        return math.inf  # a profile that nobody in the reference population has
    weight = model.cells.reference_weight
    return -math.log(float(weight[weight > 0.0].min())) * float(model.count[others].sum())


def _shared(model: Model) -> tuple[SharedLatent, ...]:
    """Latents of the proposition's sources that more than one piece of evidence names."""
    by_latent: dict[str, list[str]] = {}
    for kind in KINDS.values():
        for s in np.flatnonzero(model.proposition):
            for term in kind.terms(model, int(s)):
                for latent in term.latents:
                    by_latent.setdefault(latent, []).append(term.evidence)
    return tuple(
        SharedLatent(latent, tuple(evidence))
        for latent, evidence in by_latent.items()
        if len(evidence) > 1
    )


def saturation_curve(
    model: Model, group: str, counts: list[int], settings: IntegratorSettings
) -> tuple[np.ndarray, np.ndarray]:
    """log10 LR against the rest for other sizes of a group: model, and as if independent.

    Returns
    -------
    tuple of ndarray, each of shape (counts,)
    """
    g = model.groups.index(group)
    models = []
    for n in counts:
        if n == 0:
            models.append(model.reduced(without_groups=[group]))
        else:
            count = model.count.copy()
            count[g] = n
            models.append(replace(model, count=count))
    ours = [
        posterior_from_components(m, c, random_seed=settings.random_seed).log10_lr()[0]
        for m, c in zip(models, compute_components(models, settings), strict=True)
    ]
    naive = [_log10_lr(naive_log_evidence(m), m.log_prior, m.proposition) for m in models]
    return np.array(ours), np.array(naive)
