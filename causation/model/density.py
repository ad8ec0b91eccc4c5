"""The density of the victims' evidence under a route, given the latents.

One function for every engine: NumPy for the integrator, dual numbers for its derivatives,
PyTensor for NUTS and sequential Monte Carlo.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from causation.evidence.arrays import NUMPY, TINY, Namespace
from causation.evidence.base import At, Places, Route
from causation.evidence.dates import rank_of
from causation.evidence.series import RANKS, Series, latents_of, log_listed, log_victims

_NOT_SO = -1e5
"""Log likelihood of a state in which others belong to the series than were said to."""


@dataclass(frozen=True, eq=False)
class Density:
    """Likelihood of a series under one route as a function of standard normal latents.

    Parameters
    ----------
    places : Places
    series : Series
    route : Route
    reach : str
        Path of the reach of the entrance (used where victims were chosen beforehand).
    """

    places: Places
    series: Series
    route: Route
    reach: str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the latents."""
        return latents_of(self.series.victims, self.route)

    @property
    def dim(self) -> int:
        """Number of latents."""
        return len(self.names)

    @cached_property
    def uncertain(self) -> np.ndarray:
        """Victims whose linkage is uncertain, their places."""
        victims = enumerate(self.series.victims)
        return np.array([i for i, v in victims if v.linkage is not None], int)

    @cached_property
    def sure(self) -> np.ndarray:
        """Victims who belong to the series, their places."""
        victims = enumerate(self.series.victims)
        return np.array([i for i, v in victims if v.linkage is None], int)

    def at(
        self,
        z: Any,
        center: np.ndarray,
        sd: np.ndarray,
        xp: Namespace = NUMPY,
        *,
        read: set[int] | None = None,
        constants: dict[Hashable, Any] | None = None,
    ) -> At:
        """Point of evaluation from an array of latents, shape (..., D)."""
        latents = {name: z[..., d] for d, name in enumerate(self.names)}
        return At(xp, self.places, center, sd, latents, read, constants=constants)

    def log_l(self, at: At) -> tuple[Any, Any]:
        """Log likelihood (natural) of every victim if linked, less what defined the list.

        Returns
        -------
        log_weight : array of shape (..., K), or None
            Log probability of the states of the snapshots.
        log_l : array of shape (..., V), or (..., K, V)
        """
        listed = log_listed(self.series.victims, self.route, at)
        weight, log_l = log_victims(self.series.victims, self.route, at, self.reach)
        if weight is not None and not isinstance(listed, float):
            listed = listed[..., None, :]
        return weight, log_l - listed

    def log_linked(self, at: At) -> tuple[Any, Any]:
        """Log probability that each uncertain victim is linked, and that he is not."""
        paths = [str(self.series.victims[i].linkage) for i in self.uncertain]
        latent = np.array([path == "latent" for path in paths])
        own = [path for path in paths if path != "latent"]
        linked: Any = 0.0
        apart: Any = 0.0
        if own:
            kappa = at.means(own)
            fixed = np.zeros((2, *kappa.shape[:-1], len(paths)))
            fixed[..., ~latent] = np.log(np.maximum([kappa, 1.0 - kappa], TINY))
            linked, apart = fixed[0], fixed[1]
        if latent.any():
            share = at.share("actor.linkage", "kappa")
            mask = latent.astype(float)
            linked = at.xp.stack([at.xp.log(share)]) * mask + linked
            apart = at.xp.stack([at.xp.log(1.0 - share)]) * mask + apart
        return linked, apart

    @cached_property
    def parts(self) -> tuple[tuple[Density, np.ndarray, np.ndarray], ...]:
        """Victims without dates, and with: only these hang on the states of the snapshots.

        Each with their places among all victims, and among those of uncertain linkage; empty
        where all are of one sort.
        """
        victims = self.series.victims
        dated = np.array(["dates" in v.facts for v in victims], bool)
        if dated.all() or not dated.any():
            return ()
        found = []
        for mask in (~dated, dated):
            places = np.flatnonzero(mask)
            mine = tuple(victims[i] for i in places)
            series = Series(mine, self.series.count[places], {})
            part = type(self)(self.places, series, self.route, self.reach)
            found.append((part, places, np.flatnonzero(mask[self.uncertain])))
        return tuple(found)

    def log_total(
        self, at: At, log_b: np.ndarray, *, linked: Any = None, count: np.ndarray | None = None
    ) -> Any:
        """Log likelihood (natural) of the whole series given the latents, shape (...).

        Parameters
        ----------
        log_b : ndarray, shape (..., U)
            Log probability of each uncertain victim if he is not linked.
        linked : ndarray of bool, shape (..., U), optional
            Take every uncertain victim as linked or not, in place of the mixture.
        count : ndarray, shape (S, 1, V) or (G, V), optional
            How many there are of each, in every row; or in several series, on a last axis.
        """
        if self.parts:
            total: Any = 0.0
            for part, places, mine in self.parts:
                total = total + part.log_total(
                    at,
                    log_b[..., mine],
                    linked=None if linked is None else linked[..., mine],
                    count=None if count is None else count[..., places],
                )
            return total
        weight, log_l = self.log_l(at)
        if weight is None:
            return self.mix(at, log_l, log_b, linked, count=count)
        whole = self.mix(at, log_l, log_b, linked, states=True, count=count)
        if count is not None and count.ndim == 2:
            return at.xp.logsumexp((weight[..., None] + whole).swapaxes(-1, -2))
        return at.xp.logsumexp(weight + whole)

    def mix(
        self,
        at: At,
        log_l: Any,
        log_b: np.ndarray,
        linked: Any = None,
        *,
        states: bool = False,
        count: np.ndarray | None = None,
    ) -> Any:
        """Sum over victims, each linked with his probability, shape (...) or (..., K)."""
        if isinstance(log_l, float):
            return log_l
        xp = at.xp
        each = self.series.count if count is None else count

        def total(x: Any, places: np.ndarray) -> Any:
            mine = each[..., places]
            if mine.ndim == 2:
                return xp.matmul(x, mine.T)
            return xp.sum(x * (mine[..., None, :] if states and mine.ndim > 2 else mine))

        if not self.uncertain.size:
            return total(log_l, self.sure)
        log_k, log_k0 = self.log_linked(at)
        without = log_k0 + log_b
        if states:
            log_k, without = log_k[..., None, :], without[..., None, :]
            linked = None if linked is None else np.asarray(linked)[..., None, :]
        some = log_l[..., self.uncertain] if self.sure.size else log_l
        with_him = log_k + some
        if linked is None:
            mixed = xp.logaddexp(with_him, without)
        else:
            mixed = xp.where(np.asarray(linked), with_him, without)
        first: Any = 0.0
        if states and (order := self.order(at)) is not None:
            before, at_first = order
            there = at_first.any(axis=1)
            if linked is None:  # that one of them at least belongs to it
                gain = total(xp.where(at_first, mixed - without, 0.0), self.uncertain)
                there = there[:, None] if each.ndim == 2 else there
                first = xp.where(there, xp.log(1.0 - xp.exp(-gain)), 0.0)
            else:
                right = (linked & at_first).any(axis=-1) >= there
                first = np.where(right & ~(linked & before).any(axis=-1), 0.0, _NOT_SO)
            mixed = xp.where(before, without, mixed)
        found = total(mixed, self.uncertain) + first
        return found + total(log_l[..., self.sure], self.sure) if self.sure.size else found

    def order(self, at: At) -> tuple[np.ndarray, np.ndarray] | None:
        """Who of uncertain linkage was published before the first of the series, and who was it.

        Shape (K, U) each, by state of the snapshots: of those before nobody belongs to it, of
        those whose publication is the first somebody does. None where it is certain who that is.
        """
        rank = at.memo.get(RANKS)
        if rank is None:
            return None
        mine = np.array([rank_of(self.series.victims[i]) for i in self.uncertain])
        return mine < rank[:, None], mine == rank[:, None]

    def read(self, center: np.ndarray, sd: np.ndarray) -> np.ndarray:
        """Columns of the numbers that the density reads, by tracing it once."""
        seen: set[int] = set()
        zero = np.zeros((1, 1, self.dim))
        at = self.at(zero, center[:1, None], sd[:1, None], read=seen)
        self.log_total(at, np.zeros(self.uncertain.size))
        return np.array(sorted(seen), int)
