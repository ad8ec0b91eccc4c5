r"""Security record of a custodian: a factor on its prior weight.

.. math::

    \frac{(a + k)/(b + T)}{a/b} \times
    \frac{\mathrm E[h^{2^{-\mathrm{age}/\tau}}]}{\mathrm E[h^{\mathrm{ref}}]}

Gamma(a, b) is the yearly breach rate of the reference class and ``k`` incidents in ``T`` years
its update; ``h`` is the hazard ratio of a fresh certification whose effect halves every ``tau``
years.
"""

from __future__ import annotations

import math

import numpy as np

from causation.scales import Elicited

__all__ = [
    "certification_factor",
    "incident_factor",
    "lognormal_power_mean",
    "simulate_incidents",
]


def lognormal_power_mean(h: Elicited, power: float) -> float:
    """Mean of ``h ** power`` for a lognormal ``h``.

    Examples
    --------
    >>> from causation.scales import Scale
    >>> lognormal_power_mean(Elicited(0.5, 0.5, Scale.POSITIVE), 2.0)
    0.25
    """
    return math.exp(power * h.center + 0.5 * (power * h.sd) ** 2)


def incident_factor(shape: float, rate: float, incidents: int, years: float) -> float:
    """Posterior over prior mean of a Gamma(shape, rate) breach rate (per year).

    Examples
    --------
    >>> incident_factor(1.0, 4.0, 1, 4.0)
    1.0
    """
    return ((shape + incidents) / (rate + years)) / (shape / rate)


def certification_factor(
    hazard_ratio: Elicited, age_years: float, half_life_years: float, reference: float
) -> float:
    """Mean hazard of a certificate of this age over that of the reference class.

    Examples
    --------
    >>> from causation.scales import Scale
    >>> h = Elicited(0.5, 0.5, Scale.POSITIVE)
    >>> certification_factor(h, 0.0, 1.0, 0.0), round(certification_factor(h, 50.0, 1.0, 0.0), 9)
    (0.5, 1.0)
    """
    current = 2.0 ** (-age_years / half_life_years)
    return lognormal_power_mean(hazard_ratio, current) / lognormal_power_mean(
        hazard_ratio, reference
    )


def simulate_incidents(
    shape: float, rate: float, years: float, rng: np.random.Generator, *, is_source: bool
) -> int:
    """Draw a number of earlier incidents.

    Among competing rare hazards the one that struck is biased by its size: the breach rate of
    the true source is Gamma(shape + 1, rate), that of any other custodian Gamma(shape, rate).
    """
    return int(rng.poisson(rng.gamma(shape + is_source, 1.0 / rate) * years))
