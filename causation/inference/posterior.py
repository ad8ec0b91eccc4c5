"""The posterior over sources, whichever engine computed it."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.base import logsumexp
from causation.scales import LN10

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Posterior"]


@dataclass(frozen=True, eq=False)
class Posterior:
    """Posterior over sources with the evidence behind it and its numerical error.

    Parameters
    ----------
    sources : tuple of str
    proposition : ndarray of bool, shape (S,)
        The union of sources to be proved.
    log_prior : ndarray, shape (S,)
        Natural log of the normalised prior.
    log_evidence_replicates : ndarray, shape (R, S)
        Natural log of ``L_s`` with findings, in R independent randomisations or chains.
    engine : str
        ``integrate``, ``mcmc`` or ``smc``.
    random_seed : int
    tree : xarray.DataTree or None
        The draws, where the engine draws.

    Examples
    --------
    >>> p = Posterior(
    ...     sources=("a", "b"),
    ...     proposition=np.array([True, False]),
    ...     log_prior=np.log([0.5, 0.5]),
    ...     log_evidence_replicates=np.log([[0.8, 0.2]]),
    ...     engine="integrate",
    ...     random_seed=1,
    ... )
    >>> p
    <Posterior (integrate): a 0.800, b 0.200>
    """

    sources: tuple[str, ...]
    proposition: np.ndarray
    log_prior: np.ndarray
    log_evidence_replicates: np.ndarray
    engine: str
    random_seed: int
    tree: Any = None

    def __repr__(self) -> str:
        from causation.notebook.display import posterior_text

        return posterior_text(self)

    def _repr_html_(self) -> str:
        from causation.notebook.display import html_of

        return html_of(self)

    def to_datatree(self) -> xr.DataTree:
        """The draws and the evidence; see `causation.inference.trees.to_datatree`."""
        from causation.inference.trees import to_datatree

        return to_datatree(self)

    @cached_property
    def log_evidence(self) -> np.ndarray:
        """Natural log of ``L_s`` with findings, shape (S,)."""
        count = len(self.log_evidence_replicates)
        result: np.ndarray = logsumexp(np, self.log_evidence_replicates, axis=0) - math.log(count)
        return result

    @cached_property
    def prior(self) -> np.ndarray:
        """Normalised prior, shape (S,)."""
        result: np.ndarray = np.exp(self.log_prior)
        return result

    @cached_property
    def probability(self) -> np.ndarray:
        """Posterior of every source, shape (S,)."""
        return _normalised(self.log_prior + self.log_evidence)

    @cached_property
    def error(self) -> np.ndarray:
        """Standard error of log10 evidence, shape (S,)."""
        with np.errstate(invalid="ignore"):
            ratio = np.exp(self.log_evidence_replicates - self.log_evidence)
        return np.where(np.isneginf(self.log_evidence), 0.0, _standard_error(ratio) / LN10)

    def probability_of(self, sources: Collection[str]) -> float:
        """Posterior probability of a union of sources."""
        return float(self.probability[self._mask(sources)].sum())

    @property
    def proposition_probability(self) -> float:
        """Posterior probability of the proposition."""
        return min(1.0, float(self.probability[self.proposition].sum()))

    @property
    def proposition_error(self) -> float:
        """Standard error of the proposition's probability, from the randomisations."""
        table = _normalised(self.log_prior + self.log_evidence_replicates)
        return float(_standard_error(table[:, self.proposition].sum(axis=1)))

    def log10_lr(self, against: Collection[str] | None = None) -> tuple[float, float]:
        """log10 likelihood ratio of the proposition, and its standard error.

        Parameters
        ----------
        against : collection of str, optional
            The other sources; by default all that are not in the proposition. A union's
            likelihood is the prior-weighted mean, so against one source that is not a union
            the ratio is free of the prior, against several it depends on the prior among them.
        """
        other = ~self.proposition if against is None else self._mask(against)
        value = self._log_lr(self.log_evidence, other) / LN10
        replicates = self._log_lr(self.log_evidence_replicates, other) / LN10
        if not math.isfinite(value):
            return float(value), 0.0
        return float(value), float(_standard_error(replicates))

    def _log_lr(self, log_evidence: np.ndarray, other: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            result: np.ndarray = _union(log_evidence, self.log_prior, self.proposition) - _union(
                log_evidence, self.log_prior, other
            )
        return result

    def _mask(self, sources: Collection[str]) -> np.ndarray:
        return np.array([s in sources for s in self.sources])


def _union(log_evidence: np.ndarray, log_prior: np.ndarray, mask: np.ndarray) -> np.ndarray:
    weight = log_prior[mask]
    total = logsumexp(np, log_evidence[..., mask] + weight, axis=-1)
    result: np.ndarray = total - logsumexp(np, weight, axis=-1)
    return result


def _normalised(log_weight: np.ndarray) -> np.ndarray:
    weight = np.exp(log_weight - log_weight.max(axis=-1, keepdims=True))
    result: np.ndarray = weight / weight.sum(axis=-1, keepdims=True)
    return result


def _standard_error(x: np.ndarray) -> np.ndarray:
    if len(x) < 2:
        return np.zeros(x.shape[1:])
    result: np.ndarray = x.std(axis=0, ddof=1) / math.sqrt(len(x))
    return result
