"""The security factor against numerical integration."""

from __future__ import annotations

import math

import numpy as np
import pytest

from causation.evidence.security import (
    certification_factor,
    incident_factor,
    lognormal_power_mean,
    simulate_incidents,
)
from causation.scales import Elicited, Scale
from tests.build import assessed, model_of_document
from tests.reference import evidence as reference


@pytest.mark.parametrize("incidents", [0, 1, 7])
@pytest.mark.parametrize("age", [0.0, 0.5, 9.25])
@pytest.mark.parametrize("interval", [(0.3, 0.9), (0.5, 0.5), (0.01, 30.0)])
def test_factor_by_integration(incidents: int, age: float, interval: tuple[float, float]) -> None:
    h = Elicited(*interval, Scale.POSITIVE)
    ours = incident_factor(1.5, 4.0, incidents, 5.0) * certification_factor(h, age, 1.25, 0.4)
    theirs = reference.security_factor(
        1.5, 4.0, incidents, 5.0, hazard=(h.center, h.sd), age=age, half_life=1.25, reference=0.4
    )
    # the reference integrates on a grid
    assert ours == pytest.approx(theirs, rel=1e-6)


def test_an_old_certificate_is_worth_almost_nothing() -> None:
    """After nine half-lives it is as if there were none."""
    h = Elicited(0.3, 0.9, Scale.POSITIVE)
    none = 1.0 / lognormal_power_mean(h, 0.5)
    assert certification_factor(h, 9.0, 1.0, 0.5) == pytest.approx(none, rel=2e-3)
    assert certification_factor(h, 0.0, 1.0, 0.5) < 1.0 < none


def test_a_record_enters_the_prior() -> None:
    record = {
        "platform": {
            "breach_rate": {"shape": 2, "rate": 5},
            "incidents": {"count": 3, "years": 4},
        }
    }
    without, with_record = model_of_document(), model_of_document(security=record)
    factor = ((2 + 3) / (5 + 4)) / (2 / 5)
    odds = np.exp(without.log_prior[0] - without.log_prior[1:])
    np.testing.assert_allclose(
        np.exp(with_record.log_prior[0] - with_record.log_prior[1:]), odds * factor, rtol=1e-12
    )
    bare = with_record.reduced(without_security=["platform"])
    np.testing.assert_allclose(bare.log_prior, without.log_prior, rtol=1e-12)


def test_the_certificate_ages_in_years_of_365_days_and_a_quarter() -> None:
    certificate = {
        "scheme": "mlps-3",
        "date": "2021-10-02",
        "hazard_ratio": 0.5,
        "half_life": 2.0,
        "reference": 0.25,
    }
    case = assessed(security={"platform": {"certification": certificate}}).case
    (record,) = case.security
    assert record.age_years == pytest.approx(730 / 365.25, rel=1e-12)


def test_incidents_are_biased_by_size() -> None:
    rng = np.random.default_rng(3)
    n = 20_000
    for source, mean in ((False, 2.0 / 4.0 * 5.0), (True, 3.0 / 4.0 * 5.0)):
        drawn = np.array(
            [simulate_incidents(2.0, 4.0, 5.0, rng, is_source=source) for _ in range(n)]
        )
        # a negative binomial has variance mean + mean^2 / shape
        sd = math.sqrt(mean + mean**2 / (2.0 + source))
        assert abs(drawn.mean() - mean) < 4.0 * sd / math.sqrt(n)
