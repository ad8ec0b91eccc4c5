"""What uncertain linkage and reliability let the prior do to the likelihood ratios."""

from __future__ import annotations

import math

import pytest

from causation.case import load_case
from causation.dossier.assessment import assess


def test_certain_linkage_and_reliability_keep_the_prior_out() -> None:
    case = load_case("shen-2018")
    a = assess(case)
    lo, hi = a.prior_curve.log10_lr_range()
    assert not a.prior_in_ratios
    assert hi - lo == pytest.approx(0.0, abs=1e-12)
    assert lo == pytest.approx(a.likelihood_ratio_rest.log10, abs=1e-12)


def test_an_unreliable_finding_is_weighed_by_the_prior() -> None:
    """Two sources, one finding: J = (p, q), L_s = rho J_s + (1 - rho)(pi p + (1 - pi) q)."""
    p, q, rho = 0.9, 0.1, 0.6
    case = load_case("shen-2018").replace(
        {
            "findings": [
                {
                    "id": "one",
                    "likelihood": {"ctrip": p, "airline": q, "third_party": q, "unknown": q},
                    "reliability": rho,
                }
            ]
        }
    )
    plain = assess("shen-2018").likelihood_ratio_rest.log10
    a = assess(case)
    assert a.prior_in_ratios

    def lr(pi: float) -> float:
        background = (1.0 - rho) * (pi * p + (1.0 - pi) * q)
        return plain + math.log10((rho * p + background) / (rho * q + background))

    lo, hi = a.prior_curve.log10_lr_range(0.01, 0.99)
    kept = [x for x in a.prior_curve.prior if 0.01 <= x <= 0.99]
    assert hi == pytest.approx(lr(min(kept)), abs=1e-9)
    assert lo == pytest.approx(lr(max(kept)), abs=1e-9)
    at = a.prior_curve.case_prior
    assert a.likelihood_ratio_rest.log10 == pytest.approx(lr(at), abs=1e-9)
