"""Results that a report prints beside the assessment, each computed once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causation.analyses.evidence_ratios import EvidenceRatio, evidence_ratios
from causation.scales import verbal_scale

if TYPE_CHECKING:
    from causation.analyses.bounds import RobustBounds
    from causation.analyses.inquiry import InquiryResult
    from causation.analyses.tipping import TippingPoints
    from causation.analyses.tornado import Tornado
    from causation.case import Case
    from causation.dossier.assessment import Assessment
    from causation.validation.fit import FitCheck
    from causation.validation.selftest import SelftestRow

__all__ = ["FIT_DRAWS", "Results", "compute_results"]

FIT_DRAWS = 60
"""Cases simulated for the fit check of a report."""


@dataclass(frozen=True, eq=False)
class Results:
    """What is computed beside the assessment.

    Parameters
    ----------
    evidence_ratios : tuple of EvidenceRatio
        What each item adds to the likelihood ratio against each other source.
    priors_digest : str
        SHA-256 of the prior set.
    tornado : Tornado
        One input at a time.
    tipping : TippingPoints
        The least changes that take the conclusion across the standard.
    bounds : RobustBounds
        What holds over whole sets of inputs.
    fit : FitCheck
        How surprising the evidence is under the best source.
    inquiry : InquiryResult
        Further evidence by its worth.
    selftest : tuple of SelftestRow
        Published results, reproduced.
    """

    evidence_ratios: tuple[EvidenceRatio, ...]
    priors_digest: str
    tornado: Tornado
    tipping: TippingPoints
    bounds: RobustBounds
    fit: FitCheck
    inquiry: InquiryResult
    selftest: tuple[SelftestRow, ...]

    def verbal(self, bans: float) -> str:
        """Band of the verbal scale."""
        return verbal_scale(bans)


def compute_results(
    case: Case,
    assessment: Assessment,
    *,
    priors: str | Path,
    standard: str | float | None,
    priors_digest: str,
) -> Results:
    """Compute everything that the report prints beside the assessment."""
    from causation.analyses.bounds import robust_bounds
    from causation.analyses.inquiry import inquire
    from causation.analyses.tipping import tipping_points
    from causation.analyses.tornado import tornado
    from causation.validation.fit import fit_check
    from causation.validation.selftest import run_selftest

    a = assessment
    chosen: Any = {"priors": priors, "standard": standard, "settings": a.settings}
    return Results(
        evidence_ratios=evidence_ratios(a.model, a.posterior, a.settings),
        priors_digest=priors_digest,
        tornado=tornado(case, **chosen),
        tipping=tipping_points(case, **chosen),
        bounds=robust_bounds(case, **chosen),
        fit=fit_check(a.model, a.posterior, random_seed=a.settings.random_seed, draws=FIT_DRAWS),
        inquiry=inquire(case, **chosen),
        selftest=run_selftest(),
    )
