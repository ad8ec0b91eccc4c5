"""The security record: Gamma-Poisson by quadrature, certificates by simulation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from causation.evidence.security import log_certificate, log_incidents, log_security
from causation.inference.joint import Joint
from causation.model.structure import Model
from causation.scales import Elicited, Scale
from tests.evidence.small import model

DETECTION = Elicited(0.05, 0.5, Scale.PROBABILITY)
HAZARD = Elicited(0.3, 0.9, Scale.POSITIVE)


@pytest.mark.parametrize(("k", "years"), [(0, 0.0), (0, 8.0), (2, 5.0), (6, 1.0)])
def test_incidents_by_quadrature(k: int, years: float) -> None:
    """Posterior over prior mean of the yearly rate; rate and detection both on a grid."""
    a, b = 1.5, 11.0
    top = bottom = 0.0
    for z in np.linspace(-8.0, 8.0, 161):
        d = float(expit(DETECTION.center + DETECTION.sd * z))

        def at(rate: float, power: float, d: float = d) -> float:
            seen = d * rate * years
            prior = rate ** (a - 1.0) * math.exp(-b * rate)
            return float(rate**power * prior * math.exp(-seen) * seen**k)

        top += norm.pdf(z) * quad(at, 0.0, 6.0, args=(1.0,), limit=200)[0]
        bottom += norm.pdf(z) * quad(at, 0.0, 6.0, args=(0.0,), limit=200)[0]
    got = log_incidents(
        k,
        years,
        shape=np.array([a]),
        rate=np.array([b]),
        detection=(np.array([DETECTION.center]), np.array([DETECTION.sd])),
    )
    expected = top / bottom / (a / b) if years else 1.0
    assert math.exp(got[0]) == pytest.approx(expected, rel=2e-5)


def test_silence_is_weak() -> None:
    """Ten quiet years of a custodian whose breaches mostly stay unknown."""
    args: dict[str, Any] = {"shape": np.array([1.0]), "rate": np.array([10.0])}
    known = (np.array([DETECTION.center]), np.array([DETECTION.sd]))
    weak = math.exp(log_incidents(0, 10.0, detection=known, **args)[0])
    sure = math.exp(log_incidents(0, 10.0, detection=(np.array([40.0]), np.zeros(1)), **args)[0])
    assert sure == pytest.approx(0.5, rel=1e-9)
    assert 0.75 < weak < 1.0


@pytest.mark.parametrize(("strength", "reference"), [(1.0, 0.5), (0.3, 0.5), (0.0, 0.4)])
def test_certificates_by_simulation(strength: float, reference: float) -> None:
    rng = np.random.default_rng(2)
    h = np.exp(HAZARD.center + HAZARD.sd * rng.standard_normal(1_000_000))
    got = log_certificate(
        np.array([strength]),
        center=np.array([HAZARD.center]),
        sd=np.array([HAZARD.sd]),
        reference=np.array([reference]),
    )
    expected = (h**strength).mean() / (h**reference).mean()
    assert math.exp(got[0]) == pytest.approx(expected, rel=2e-3)


def factor(**record: Any) -> float:
    m = model(security={"forum": {"breach_rate": {"shape": 2, "rate": 9}, **record}})
    return _factor(m)


def _factor(m: Model) -> float:
    return math.exp(log_security(m.filled.security[0], Joint(m).evaluation.plain)[0])


CERTIFICATE = {"scheme": "iso", "date": "2021-05-03", "hazard_ratio": [0.3, 0.9],
               "half_life": 2.0, "reference": 0.5}  # fmt: skip


def test_a_certificate_ages() -> None:
    """Three years at a half-life of two; an expired one is as none stated; none is stated."""
    years = (np.datetime64("2024-05-03") - np.datetime64("2021-05-03")).astype(int) / 365.25

    def power(c: float) -> float:
        return math.exp(c * HAZARD.center + 0.5 * (c * HAZARD.sd) ** 2)

    valid = factor(certification={**CERTIFICATE, "expires": "2025-01-01"})
    assert valid == pytest.approx(power(2.0 ** (-years / 2.0)) / power(0.5), rel=1e-6)
    expired = factor(certification={**CERTIFICATE, "expires": "2023-01-01"})
    assert expired == pytest.approx(1.0, abs=1e-12)
    assert factor() == pytest.approx(1.0, abs=1e-12)
    assert factor(certification="none") > 1.0


def test_incidents_after_the_disclosure_do_not_count() -> None:
    before = factor(incidents={"dates": ["2022-01-05", "2023-06"], "years": 5})
    more = factor(incidents={"dates": ["2022-01-05", "2023-06", "2024-08-01"], "years": 5})
    assert before == pytest.approx(factor(incidents={"count": 2, "years": 5}))
    assert more == pytest.approx(before)


def test_the_record_moves_the_weight_and_the_chains_into_its_source() -> None:
    """Prior odds of single routes by the factor; odds that others go on to it likewise."""
    record = {"incidents": {"count": 3, "years": 4}}
    routes = {"osint/forum": 0.3}
    plain, moved = model(routes=routes), model(routes=routes, security={"forum": record})
    f = _factor(moved)
    assert f > 1.5
    one, two = (dict(zip(m.route_names, np.exp(Joint(m).log_prior), strict=True))
                for m in (plain, moved))  # fmt: skip
    odds = {k: two[k] / two["unknown"] / (one[k] / one["unknown"]) for k in one}
    assert odds["forum"] == pytest.approx(f)
    assert odds["forum/library"] == pytest.approx(f)
    assert odds["library"] == pytest.approx(1.0)
    q = 0.3 / 0.7 * f
    start = sum(v for k, v in two.items() if k.startswith("osint"))
    assert two["osint/forum"] / start == pytest.approx(q / (1.0 + q))
