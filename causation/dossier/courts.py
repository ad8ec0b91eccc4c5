"""What the comparison with decided cases showed, for whoever reads a result."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from causation.document.shipped import shipped


@dataclass(frozen=True, slots=True)
class CourtAgreement:
    """Agreement with decisions on proof, under the neutral prior set.

    Parameters
    ----------
    cases, decisions, lost, agreed : int
        Cases; decisions after the evidence; of these lost by the claimant; agreed with.
    lo, hi, mass : float
        Central interval of the share, and its mass.
    """

    cases: int
    decisions: int
    lost: int
    agreed: int
    lo: float
    hi: float
    mass: float


@cache
def court_agreement() -> CourtAgreement:
    """Return what `data/real_cases.yaml` keeps of the comparison."""
    found = shipped("real_cases.yaml")
    neutral = found["agreement"]["neutral"]
    lo, hi = neutral["interval"]
    return CourtAgreement(
        found["cases"], found["decisions"], found["lost"], neutral["agreed"], lo, hi,
        found["mass"],
    )  # fmt: skip
