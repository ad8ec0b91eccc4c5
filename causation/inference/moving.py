"""Many rows of one problem: the first row's proposal, moved to where the mass of each row lies.

Rows differ in numbers, so that their mass lies elsewhere, but has nearly the same shape. Every
mode of the first row is climbed on from, in all rows at once: first along the first row's own
curvature, at the price of a gradient a step, then by one step of Newton's method, which tells the
row's curvature too. The tables of the first row's lines serve all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from causation.inference.proposal import LOG_2PI, Component, Mixture, Modes

type Gradients = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From points (S, K, D) of some rows to log densities (S, K) and gradients (S, K, D)."""

_FIRST, _THEN = 6, 10
"""Steps with the first row's curvature, and with that of each row."""
_CLOSE, _REACH = 0.05, 5.0
_STEEP = 0.2
"""Least curvature that a proposal is given."""
_LEAST = 0.04


@dataclass(frozen=True, eq=False)
class Moved:
    """A proposal for each of several rows: the first row's, under an affine map for every mode.

    Parameters
    ----------
    mixtures : sequence of Mixture
        The first row's, by mode.
    modes : Modes
        Of the first row.
    place : ndarray, shape (S, J, D)
    root : ndarray, shape (S, J, D, D)
    log_mass : ndarray, shape (S, J)
        Log (natural) of the mass of the best normal at each mode.
    """

    mixtures: Sequence[Mixture]
    modes: Modes
    place: np.ndarray
    root: np.ndarray
    log_mass: np.ndarray

    def take(self, rows: np.ndarray | slice) -> Moved:
        """Return the proposals of some of the rows."""
        mine = (self.place[rows], self.root[rows], self.log_mass[rows])
        return Moved(self.mixtures, self.modes, *mine)

    def one(self) -> tuple[Modes, Mixture, list[Mixture]]:
        """Modes of the first row, its proposal as a whole, and by mode."""
        place, root, log_mass = self.place[0], self.root[0], self.log_mass[0]
        forth = root @ np.linalg.inv(self.modes.root)
        found = [
            Mixture(tuple(_mapped(c, *to) for c in mixture.components), mixture.share)
            for mixture, *to in zip(self.mixtures, self.modes.place, place, forth, strict=True)
        ]
        mass = np.exp(0.5 * (log_mass - log_mass.max()))
        weights = np.maximum(mass / mass.sum(), _LEAST)
        whole = Mixture(
            tuple(c for m in found for c in m.components),
            tuple(float(w * s) for w, m in zip(weights / weights.sum(), found, strict=True)
                  for s in m.share),
        )  # fmt: skip
        return Modes(place, root, log_mass), whole, found

    def draw(
        self, points: int, replicates: int, random_seed: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draw points for every row in independent randomisations.

        Returns
        -------
        tuple of ndarray
            Points (S, P, D), log density of the row's mixture at each (natural, (S, P)), and the
            randomisation that each belongs to.
        """
        mass = np.exp(0.5 * (self.log_mass - self.log_mass.max(axis=1, keepdims=True)))
        share = np.maximum((mass / mass.sum(axis=1, keepdims=True)).mean(axis=0), _LEAST)
        wanted = [math.ceil(points * s) for s in (share / share.sum()).tolist()]
        base = [
            m.draw(n, replicates, random_seed + 64 * j)
            for j, (m, n) in enumerate(zip(self.mixtures, wanted, strict=True))
        ]
        sizes = np.array([len(z) for z, _, _ in base])
        log_share = np.log(sizes / sizes.sum())
        forth = self.root @ np.linalg.inv(self.modes.root)
        log_det = np.linalg.slogdet(forth)[1]
        z = np.concatenate(
            [
                self.place[:, j, None] + (x - self.modes.place[j]) @ forth[:, j].swapaxes(1, 2)
                for j, (x, _, _) in enumerate(base)
            ],
            axis=1,
        )
        density = np.full(z.shape[:2], -np.inf)
        back = np.linalg.inv(forth) if len(base) > 1 else forth
        ends = np.cumsum(sizes)
        for j, mixture in enumerate(self.mixtures):
            own = slice(ends[j] - sizes[j], ends[j])
            mine = np.empty_like(density)
            mine[:, own] = base[j][1]
            for k in range(len(base)):
                if k != j:
                    other = slice(ends[k] - sizes[k], ends[k])
                    x = (z[:, other] - self.place[:, j, None]) @ back[:, j].swapaxes(1, 2)
                    x = (x + self.modes.place[j]).reshape(-1, z.shape[-1])
                    found = mixture.log_density(x, mixture.sizes(wanted[j]))
                    mine[:, other] = found.reshape(len(z), -1)
            mine += log_share[j] - log_det[:, j, None]
            np.logaddexp(density, mine, out=density)
        return z, density, np.concatenate([which for _, _, which in base])


def _mapped(c: Component, before: np.ndarray, after: np.ndarray, forth: np.ndarray) -> Component:
    """A component under the map that takes one mode to another."""
    return Component(after + forth @ (c.place - before), forth @ c.root, c.density)


def move(gradients: Gradients, rows: int, modes: Modes, mixtures: Sequence[Mixture]) -> Moved:
    """Climb in every row from the modes of the first.

    Parameters
    ----------
    gradients : callable
    rows : int
        How many there are.
    modes : Modes
        Of the first row.
    mixtures : sequence of Mixture
        Its proposals, mode by mode.
    """
    climb = _Climb(gradients, modes, rows)
    todo = np.arange(rows)
    for _ in range(_FIRST):
        todo = climb.step(todo)
    todo = np.arange(rows)
    for _ in range(_THEN):
        climb.bend(todo)
        todo = climb.step(todo)
    log_det = np.linalg.slogdet(climb.root)[1]
    log_mass = climb.f + log_det + 0.5 * climb.z.shape[-1] * LOG_2PI
    log_mass = np.where(np.isfinite(log_mass), log_mass, -np.inf)
    return Moved(mixtures, modes, climb.z, climb.root, log_mass)


class _Climb:
    """Places in every row on the way up, with the curvature that is taken for theirs."""

    def __init__(self, gradients: Gradients, modes: Modes, rows: int) -> None:
        self.gradients = gradients
        self.z = np.repeat(modes.place[None], rows, axis=0)
        self.root = np.repeat(modes.root[None], rows, axis=0)
        self.covariance = self.root @ self.root.swapaxes(2, 3)
        self.f, self.g = gradients(self.z, np.arange(rows))
        self.length = np.ones(self.f.shape)

    def step(self, rows: np.ndarray) -> np.ndarray:
        """Climb in some rows; return those that were not at the top."""
        step = np.einsum("sjde,sje->sjd", self.covariance[rows], self.g[rows])
        below = (step * self.g[rows]).sum(axis=-1).max(axis=1) > _CLOSE
        rows, step = rows[below], step[below]
        if not rows.size:
            return rows
        size = np.sqrt((step * step).sum(axis=-1))
        scale = self.length[rows] * np.minimum(1.0, _REACH / np.maximum(size, 1e-300))
        trial = self.z[rows] + scale[..., None] * step
        f, g = self.gradients(trial, rows)
        up = np.isfinite(f) & (f > self.f[rows])
        self.z[rows] = np.where(up[..., None], trial, self.z[rows])
        self.g[rows] = np.where(up[..., None], g, self.g[rows])
        self.f[rows] = np.where(up, f, self.f[rows])
        self.length[rows] *= np.where(up, 2.0, 0.3)
        np.minimum(self.length, 1.0, out=self.length)
        return rows

    def bend(self, rows: np.ndarray) -> None:
        """Take the curvature of some rows where they are."""
        z, g = self.z[rows], self.g[rows]
        if not z.size:
            return
        dim, h = z.shape[-1], 1e-4
        shifted = (z[:, :, None, :] + h * np.eye(dim)).reshape(len(z), -1, dim)
        there = self.gradients(shifted, rows)[1].reshape(*z.shape, dim)
        hessian = (there - g[:, :, None, :]) / h
        precision = -0.5 * (hessian + hessian.swapaxes(2, 3))
        precision = np.where(np.isfinite(precision), precision, np.eye(dim))
        w, v = np.linalg.eigh(precision)
        w = np.maximum(np.abs(w), _STEEP)
        self.root[rows] = (v / np.sqrt(w)[..., None, :]) @ v.swapaxes(2, 3)
        self.covariance[rows] = (v / w[..., None, :]) @ v.swapaxes(2, 3)
