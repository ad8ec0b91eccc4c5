"""What the integrator is given, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from causation.inference.proposal import Mixture, Modes


class Problem(Protocol):
    """An integrand over standard normal latents, by row."""

    @property
    def dim(self) -> int:
        """Number of latents."""

    @property
    def rows(self) -> int:
        """Number of rows."""

    @property
    def heavy(self) -> float:
        """How far the error that is aimed at goes from the one of few victims to that of many."""

    @property
    def alike(self) -> np.ndarray:
        """For every row the first that differs from it in counts alone, shape (S,)."""

    @property
    def axis(self) -> int | None:
        """A latent along which the integrand is to be sliced where one proposal does not do."""

    @property
    def pairs(self) -> Sequence[tuple[int, int]]:
        """Latents of which either may do, so that the integrand may go round a corner."""

    def log_likelihood(self, z: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Log of the integrand less the normal density, shape (S, P).

        Points are (P, D), the same for every row, or (S, P, D).
        """

    def gradients(self, z: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same at points of the rows' own, (S, K, D), and its gradients: (S, K), (S, K, D)."""

    def starts(self, rows: np.ndarray) -> np.ndarray:
        """Where to climb from in every row, shape (S, K, D)."""

    def functionals(self, z: np.ndarray, rows: np.ndarray) -> np.ndarray | None:
        """Functions whose posterior means are wanted, shape (S, P, Q), or None."""


def by_row(
    function: Callable[[np.ndarray, np.ndarray, np.ndarray], Sequence[np.ndarray]],
    z: np.ndarray,
    rows: np.ndarray,
) -> list[np.ndarray]:
    """Values of a function of rows' own points at points (P, D) that belong to some rows.

    Parameters
    ----------
    function : callable
        From points (S, K, D), the rows, and which of the points each is, to arrays (S, K, ...).
    rows : ndarray of int, shape (P,)
    """
    unlike, back, size = np.unique(rows, return_inverse=True, return_counts=True)
    if len(unlike) == 1:
        return [x[0] for x in function(z[None], unlike, np.arange(len(z))[None])]
    order = np.argsort(back, kind="stable")
    first = np.cumsum(size) - size
    column = np.empty_like(back)
    column[order] = np.arange(len(back)) - np.repeat(first, size)
    which = np.repeat(order[first][:, None], size.max(), axis=1)
    which[back, column] = np.arange(len(back))
    return [x[back, column] for x in function(z[which], unlike, which)]


@dataclass(frozen=True, eq=False)
class Integral:
    """Log integrals of the rows.

    Parameters
    ----------
    value : ndarray, shape (S,)
        Natural logarithm.
    error : ndarray, shape (S,)
        Standard error of log10.
    means : ndarray, shape (S, Q), or None
        Posterior means of the functionals.
    slow : ndarray of bool, shape (S,)
        Rows that took the slower road.
    """

    value: np.ndarray
    error: np.ndarray
    means: np.ndarray | None
    slow: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    origin: Origin | None = None

    def put(self, rows: np.ndarray, other: Integral) -> None:
        """Take what was found for some rows in place of what there is."""
        self.value[rows], self.error[rows], self.slow[rows] = other.value, other.error, other.slow
        if self.means is not None:
            self.means[rows] = other.means


@dataclass(frozen=True, eq=False)
class Origin:
    """Where the mass of one row lies, and the proposals that served it: others start from there.

    Parameters
    ----------
    modes : Modes
    mixture : Mixture
        The proposal of the row itself.
    moving : sequence of Mixture
        For each mode the proposal that is moved to where another row's mass lies.
    starts : ndarray, shape (K, D)
        Where the search for modes began, far from what it found.
    beyond : ndarray, shape (K,)
        What `causation.inference.valleys.beyond_valleys` finds of them.
    """

    modes: Modes
    mixture: Mixture
    moving: Sequence[Mixture]
    starts: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    beyond: np.ndarray = field(default_factory=lambda: np.zeros(0))
