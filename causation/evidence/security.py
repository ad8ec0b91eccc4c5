"""Security record of a custodian: known incidents, and certificates.

The record moves the prior odds of the custodian by its rate of breaches against that of firms of
its size. Most breaches never become known, so a clean record says little; an expired certificate
says nothing.

References
----------
A. Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., section 2.6 (Gamma-Poisson).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causation.evidence.arrays import logistic
from causation.evidence.base import At, Item

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledSecurity
    from causation.document.numbers import Number

_T = np.arange(-8.0, 8.0 + 1e-9, 0.1)
_W = np.exp(-0.5 * _T * _T) / np.exp(-0.5 * _T * _T).sum()


def security_items(filled: Filled) -> tuple[Item, ...]:
    """Every security record that bears on the source."""
    labels = {s.name: s.label for s in filled.sources}
    return tuple(
        Item(f"security.{r.source}", "security", None, r.stage, labels[r.source])
        for r in filled.security
    )


def security_numbers(filled: Filled) -> tuple[Number, ...]:
    """Reference class, detection of breaches, and what a certificate is worth."""
    found: list[Number] = []
    for r in filled.security:
        found += [r.shape, r.rate, r.detection]
        c = r.certificate
        if c is not None:
            found += [c.hazard_ratio, c.half_life, c.reference]
    return tuple(found)


def log_incidents(
    k: int,
    years: float,
    *,
    shape: np.ndarray,
    rate: np.ndarray,
    detection: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Log factor (natural) of `k` known incidents in some years, shape (S,).

    Parameters
    ----------
    shape, rate : ndarray, shape (S,)
        Gamma distribution of breaches a year in the reference class.
    detection : tuple of ndarray, shape (S,)
        Centre and sd on the logit scale of the share of breaches that become known.
    """
    if years == 0.0:
        return np.zeros(np.shape(shape))
    center, sd = (np.asarray(x)[..., None] for x in detection)
    d = logistic(center + sd * _T)
    a, b = np.asarray(shape)[..., None], np.asarray(rate)[..., None]
    log_d = k * np.log(d)
    with np.errstate(divide="ignore"):
        log_w = np.log(_W)
    below = log_d - (a + k) * np.log(b + d * years)
    above = below - np.log(b + d * years)
    ratio = np.logaddexp.reduce(above + log_w, axis=-1) - np.logaddexp.reduce(
        below + log_w, axis=-1
    )
    result: np.ndarray = np.log(a[..., 0] + k) + ratio - np.log(a[..., 0]) + np.log(b[..., 0])
    return result


def draw_incidents(
    record: FilledSecurity, at: At, rng: np.random.Generator, *, at_work: bool
) -> int:
    """Draw how many incidents become known in the years of a record.

    Parameters
    ----------
    at : At
        With numbers of shape (1, N).
    at_work : bool
        Whether the exposure came through this custodian: such breach more often.
    """
    shape, rate = (float(np.exp(at.middle(n.path)[0])) for n in (record.shape, record.rate))
    breaches = rng.gamma(shape + at_work) / rate
    center, sd = at.middle(record.detection.path)[0], at.spread(record.detection.path)[0]
    known = 1.0 / (1.0 + np.exp(-(center + sd * rng.standard_normal())))
    return int(rng.poisson(breaches * known * record.years))


def log_certificate(
    strength: np.ndarray, *, center: np.ndarray, sd: np.ndarray, reference: np.ndarray
) -> np.ndarray:
    """Log factor (natural) of a certificate against the reference class.

    Parameters
    ----------
    strength : ndarray, shape (S,)
        Exponent of the hazard ratio: 1 for a fresh certificate, 0 for none.
    center, sd : ndarray, shape (S,)
        Of the natural log of the hazard ratio.
    reference : ndarray, shape (S,)
        Exponent of the reference class.
    """

    def log_mean(power: np.ndarray) -> np.ndarray:
        value: np.ndarray = power * center + 0.5 * (power * sd) ** 2
        return value

    result: np.ndarray = log_mean(strength) - log_mean(reference)
    return result


def log_security(record: FilledSecurity, at: At) -> np.ndarray:
    """Log of the factor on the custodian's prior odds, shape (S,)."""
    total = log_incidents(
        record.incidents,
        record.years,
        shape=np.exp(at.middle(record.shape.path)),
        rate=np.exp(at.middle(record.rate.path)),
        detection=(at.middle(record.detection.path), at.spread(record.detection.path)),
    )
    c = record.certificate
    if c is None or c.expired:
        return total
    hazard, reference = c.hazard_ratio.path, at.middle(c.reference.path)
    if c.none:
        strength = np.zeros(total.shape)
    else:
        strength = 2.0 ** (-c.age_years / np.exp(at.middle(c.half_life.path)))
    factor = log_certificate(
        strength, center=at.middle(hazard), sd=at.spread(hazard), reference=reference
    )
    result: np.ndarray = total + factor
    return result
