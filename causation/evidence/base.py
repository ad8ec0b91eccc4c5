"""What a kind of evidence is, and the arithmetic that all kinds share.

A likelihood is written once, against an array namespace `xp` that is `numpy` for the
integrator and `pytensor.tensor` for PyMC. Dependence between two pieces of evidence exists
only where two terms name the same latent, so it can be listed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from causation.model.build import Model

__all__ = [
    "Array",
    "Batch",
    "Branch",
    "Latent",
    "Problem",
    "Term",
    "VictimEvidence",
    "log_p_and_q",
    "logsumexp",
]

Array = Any
"""A NumPy array or a PyTensor tensor."""

MAX_LOGIT = 700.0
"""Logits beyond this are cut off: ``exp`` of them leaves the range of a double."""


def log_p_and_q(xp: Any, logit: Array) -> tuple[Array, Array]:
    """Logarithms (natural) of a probability and of its complement, from its logit.

    Parameters
    ----------
    xp : module
        ``numpy`` or ``pytensor.tensor``.
    logit : array
        Log odds, any shape.

    Returns
    -------
    tuple of array
        ``log p`` and ``log (1 - p)``, both without cancellation.
    """
    tail = xp.log1p(xp.exp(-xp.abs(logit)))
    return xp.minimum(logit, 0.0) - tail, -xp.maximum(logit, 0.0) - tail


def logsumexp(xp: Any, x: Array, axis: int) -> Array:
    """Logarithm of a sum of exponentials along one axis; a slice of ``-inf`` gives ``-inf``."""
    top = xp.max(x, axis=axis, keepdims=True)
    safe = xp.where(top > -np.inf, top, 0.0)
    total = xp.sum(xp.exp(x - safe), axis=axis, keepdims=True)
    positive = total > 0.0
    log_total = xp.where(positive, xp.log(xp.where(positive, total, 1.0)), -np.inf)
    return xp.sum(safe + log_total, axis=axis)


class Branch:
    """The two branches of the misfit mixture: as elicited, or the unmodelled actor."""

    ELICITED = 0
    VAGUE = 1


@dataclass(frozen=True, slots=True)
class Latent:
    """A standard normal latent variable: its name and the coordinates of its dimensions.

    Parameters
    ----------
    name : str
        Such as ``u`` or ``c``.
    dims : tuple of str
        Names of its dimensions, such as ``("source", "field")``.
    meaning : str
        What it stands for, in one sentence.
    """

    name: str
    dims: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Term:
    """One piece of evidence under one source, with the latents on which it depends."""

    evidence: str
    source: str
    latents: tuple[str, ...]


class Batch(Protocol):
    """Several integrals of one shape, stacked: what the integrator works on."""

    @property
    def size(self) -> int:
        """Number of integrals."""
        ...

    @property
    def dim(self) -> int:
        """Number of latents of each."""
        ...

    @property
    def cost(self) -> int:
        """Numbers touched at each point, for sizing chunks."""
        ...

    @property
    def concave(self) -> np.ndarray:
        """Whether each log-likelihood is surely concave (one mode), shape (size,)."""
        ...

    @property
    def suggested_starts(self) -> np.ndarray:
        """Places from which to look for further modes, shape (size, starts, dim)."""
        ...

    def log_likelihood(self, z: np.ndarray) -> np.ndarray:
        """Log-likelihood at latents: shape (size, points, dim) -> (size, points)."""
        ...

    def take(self, index: np.ndarray) -> Batch:
        """The integrals at these places."""
        ...


class Problem(Protocol):
    """One integral over latents that no other integral shares."""

    @property
    def key(self) -> tuple[Any, ...]:
        """Hashable content: equal keys are equal integrals."""
        ...

    @property
    def signature(self) -> tuple[Any, ...]:
        """Problems of one signature can be stacked into a batch."""
        ...

    @classmethod
    def stack(cls, problems: Sequence[Any]) -> Batch:
        """Stack problems of one signature."""
        ...

    def log_prior_ratio(
        self,
        z: np.ndarray,
        field_shift: np.ndarray,
        member_shift: np.ndarray,
        *,
        before: float,
        after: np.ndarray,
    ) -> np.ndarray:
        """Log density ratio (natural) of latents under a changed elicitation.

        An integral under the changed elicitation is the sum of the old weights times this
        ratio, without another look at the likelihood: the logits stay, their prior moves.

        Parameters
        ----------
        z : ndarray, shape (points, dim)
            Latents under the present elicitation.
        field_shift, member_shift : ndarray, shape (draws, fields), (draws, custodians)
            Shift of every centre, on the logit scale; no spread may be 0.
        before : float
            Present correlation of the fields, below 1.
        after : ndarray, shape (draws,)
            Changed correlation, below 1.

        Returns
        -------
        ndarray, shape (draws, points)
        """
        ...


class VictimEvidence(ABC):
    """A kind of evidence seen on the victims of a series, inside the linkage mixture.

    Its likelihood is that of one victim; victims of a series share its latents.
    """

    name: str
    latents: tuple[Latent, ...]

    @abstractmethod
    def problems(
        self, model: Model, source: int, branch: int, multiplicity: np.ndarray
    ) -> list[Problem]:
        """Integrals whose product is the likelihood of the groups counted in `multiplicity`.

        Parameters
        ----------
        model : Model
            The model.
        source : int
            Index of the source.
        branch : int
            ``Branch.ELICITED`` or ``Branch.VAGUE``.
        multiplicity : ndarray of float, shape (groups,)
            How many times each group takes part (0 leaves it out).
        """

    @abstractmethod
    def log_likelihood(
        self, xp: Any, model: Model, source: int, branch: int, latents: dict[str, Array]
    ) -> Array:
        """Log-likelihood of every whole group (all its victims) given the latents of a source.

        Parameters
        ----------
        xp : module
            ``numpy`` or ``pytensor.tensor``.
        latents : dict of str to array
            One entry for each of `latents`, without the source dimension.

        Returns
        -------
        array, shape (groups,)
        """

    @abstractmethod
    def terms(self, model: Model, source: int) -> list[Term]:
        """The pieces of evidence of this kind, with the latents that each names."""

    @abstractmethod
    def simulate(
        self, model: Model, source: int, branch: int, rng: np.random.Generator
    ) -> dict[str, Any]:
        """Draw this evidence on one victim of every group of the model, from one source.

        The latents are drawn once for all groups of the series. What the model does not know
        stays unknown. Returns arrays under the names of the model's fields that they replace,
        and the latents under ``"latents"``.
        """
