"""Results that a report prints beside the assessment, each computed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causation.evidence_ratios import EvidenceRatio, evidence_ratios
from causation.scales import verbal_scale

if TYPE_CHECKING:
    from causation.assessment import Assessment
    from causation.case import Case

__all__ = ["Results", "compute_results"]


@dataclass(frozen=True, eq=False)
class Results:
    """What is computed beside the assessment.

    Parameters
    ----------
    evidence_ratios : tuple of EvidenceRatio
        What each item adds to the likelihood ratio against each other source.
    priors_digest : str
        SHA-256 of the prior set.
    """

    evidence_ratios: tuple[EvidenceRatio, ...]
    priors_digest: str

    def verbal(self, bans: float) -> str:
        """Band of the verbal scale."""
        return verbal_scale(bans)


def compute_results(case: Case, assessment: Assessment, *, priors_digest: str) -> Results:
    """Compute everything that the report prints beside the assessment."""
    a = assessment
    return Results(
        evidence_ratios=evidence_ratios(a.model, a.posterior, a.settings),
        priors_digest=priors_digest,
    )
