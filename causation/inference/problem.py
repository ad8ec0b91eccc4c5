"""The integrand of one route, as the integrator wants it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.arrays import TRACING, Traced, slopes
from causation.inference.proposal import climb

if TYPE_CHECKING:
    from causation.evidence.base import At
    from causation.model.density import Density

__all__ = ["RouteProblem"]

_TOGETHER = 400_000
LARGE = 40
HALVES = 4
MANY = 12
"""Victims of uncertain linkage up to which each one's being linked alone is a start."""


@dataclass(frozen=True, eq=False)
class RouteProblem:
    """Victims' evidence under one route, for rows of numbers.

    Parameters
    ----------
    density : Density
    center, sd : ndarray, shape (S, N)
    log_b : ndarray, shape (S, U)
        Log probability of each uncertain victim if he is not linked.
    wanted : callable, optional
        Functions whose posterior means are wanted: from a point of evaluation, the rows, to an
        array of shape (S, P, Q).
    """

    density: Density
    center: np.ndarray
    sd: np.ndarray
    log_b: np.ndarray
    wanted: Callable[[At, np.ndarray], Any] | None = None

    @property
    def dim(self) -> int:
        """Number of latents."""
        return self.density.dim

    @property
    def axis(self) -> int | None:
        """The share published: what sources give and what of it is published make up a ridge."""
        return self.density.names.index("v") if "v" in self.density.names else None

    @property
    def heavy(self) -> bool:
        """Whether a point takes long: for many unlike victims."""
        return len(self.density.series.victims) > LARGE

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.center)

    def _at(self, z: np.ndarray, rows: np.ndarray) -> At:
        return self.density.at(z[None], self.center[rows][:, None], self.sd[rows][:, None])

    def log_likelihood(self, z: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Log likelihood at points (P, D), shape (S, P)."""
        wide = len(rows) * (self.dim + len(self.density.series.victims))
        step = max(64, _TOGETHER // wide)
        result = np.empty((len(rows), len(z)))
        for first in range(0, len(z), step):
            some = slice(first, first + step)
            result[:, some] = self.density.log_total(
                self._at(z[some], rows), self.log_b[rows][:, None]
            )
        return result

    def functionals(self, z: np.ndarray, rows: np.ndarray) -> np.ndarray | None:
        """Functions whose posterior means are wanted, shape (S, P, Q)."""
        if self.wanted is None:
            return None
        found = np.asarray(self.wanted(self._at(z, rows), self.log_b[rows][:, None]))
        return np.broadcast_to(found, (len(rows), len(z), found.shape[-1]))

    def gradient(
        self, z: np.ndarray, row: int, linked: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Log likelihood of one row with its gradients.

        Parameters
        ----------
        linked : ndarray of bool, shape (K, U), optional
            Take uncertain victims as linked or not, point by point.
        """
        leaves = [Traced(np.ascontiguousarray(z[None, :, d])) for d in range(self.dim)]
        one = slice(row, row + 1)
        at = self.density.at(z[None], self.center[None, one], self.sd[None, one])
        at.xp, at.z = TRACING, dict(zip(self.density.names, leaves, strict=True))
        total = self.density.log_total(
            at, self.log_b[row], linked=None if linked is None else linked[None]
        )
        if not isinstance(total, Traced):
            return np.zeros(len(z)), np.zeros(z.shape)
        value = np.broadcast_to(total.value, (1, len(z)))[0]
        return value, np.concatenate(slopes(total, leaves), axis=0).T

    def starts(self, row: int) -> np.ndarray:
        """Modes if victims of uncertain linkage were linked or not: all, none, each.

        A mixture over who is linked has a mode for every set that hangs together; with many
        unlike victims, random halves stand for those.
        """
        many = self.density.uncertain.size
        origin = np.zeros((1, self.dim))
        if many == 0:
            return origin
        patterns = [np.ones(many, bool), np.zeros(many, bool)]
        if 1 < many <= MANY:
            one = np.eye(many, dtype=bool)
            patterns += [~p for p in one] + list(one)
        elif many > MANY:
            rng = np.random.default_rng(many)
            patterns += [rng.random(many) < 0.5 for _ in range(HALVES)]
        linked = np.array(list({p.tobytes(): p for p in patterns}.values()))

        def value(z: np.ndarray, owner: np.ndarray) -> np.ndarray:
            at = self._at(z, np.array([row]))
            total = self.density.log_total(at, self.log_b[row], linked=linked[owner][None])
            log_f: np.ndarray = np.broadcast_to(total, (1, len(z)))[0] - 0.5 * (z * z).sum(axis=1)
            return log_f

        def gradient(z: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            f, g = self.gradient(z, row, linked[owner])
            return f - 0.5 * (z * z).sum(axis=1), g - z

        places, _, _ = climb(
            value, gradient, np.repeat(origin, len(linked), axis=0), most=25, close=0.05
        )
        return places
