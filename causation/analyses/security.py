"""What the security records are worth: the factor on every custodian's prior odds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causation.evidence.arrays import NUMPY
from causation.evidence.base import At
from causation.evidence.security import log_incidents, log_security

if TYPE_CHECKING:
    from causation.model.structure import Model


_AS_ONE = 0.005
"""A factor that is no farther from one is printed as one."""


@dataclass(frozen=True, slots=True)
class SecurityFactor:
    """What one custodian's security record is worth.

    `factor` is on the odds of its weight: above 1 where the record makes it likelier; `incidents`
    and `certificate` are its parts. An `expired` certificate counts as not stated.
    """

    source: str
    factor: float
    incidents: float
    certificate: float
    expired: bool

    @property
    def moves(self) -> bool:
        """Whether it moves the prior: it is not printed as one."""
        return abs(self.factor - 1.0) > _AS_ONE


def security_factors(model: Model) -> tuple[SecurityFactor, ...]:
    """Return what every security record that bears on the source is worth."""
    rows = model.base()
    at = At(NUMPY, model.places, rows.center, rows.sd, {})
    found = []
    for r in model.filled.security:
        whole = float(np.exp(log_security(r, at)[0]))
        incidents = log_incidents(
            r.incidents, r.years,
            shape=np.exp(at.middle(r.shape.path)), rate=np.exp(at.middle(r.rate.path)),
            detection=(at.middle(r.detection.path), at.spread(r.detection.path)),
        )  # fmt: skip
        part = float(np.exp(incidents[0]))
        expired = r.certificate is not None and r.certificate.expired
        found.append(SecurityFactor(r.source, whole, part, whole / part, expired))
    return tuple(found)
