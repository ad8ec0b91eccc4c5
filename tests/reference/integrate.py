"""Integrators that share nothing but the density.

*Averages*: scrambled Sobol points from the prior of the latents, several scramblings.
*Importance*: from several starts (the prior's mean; all further victims linked, none, each
alone; chance points) the modes by BFGS; a mixture of wide Student t at the modes and the prior,
moved to where the weights are, and used until the standard error is small.

*Annealed*: particles from the prior to the posterior in small steps, each followed by random
walks; slow, and the judge between the other two far out in the tails.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp
from scipy.stats import norm, qmc

from tests.reference.density import Array

__all__ = ["Integral", "annealed", "average", "importance"]

Whole = npt.NDArray[np.int64]
Density = Callable[[Array], Array]
"""Log of the integrand, without the density of the latents, at points (n, d)."""

Placed = Callable[[Array, Whole], Array]
"""The same, of the densities numbered (n,) each at one of the points."""

LN10 = math.log(10.0)
BLOCK = 1 << 15


@dataclass(frozen=True)
class Integral:
    """Natural log of an integral over the prior, and its standard error in log10."""

    log: float
    error: float


def _blocks(f: Density, x: Array) -> Array:
    return np.concatenate([f(x[i : i + BLOCK]) for i in range(0, len(x), BLOCK)])


def average(
    f: Density, dim: int, *, log2: int = 14, replicates: int = 8, seed: int = 1
) -> Integral:
    """Mean of the integrand over scrambled Sobol points."""
    if dim == 0:
        return Integral(float(f(np.zeros((1, 0)))[0]), 0.0)
    logs = []
    for r in range(replicates):
        sobol = qmc.Sobol(dim, seed=np.random.default_rng([seed, r]))
        parts = []
        for start in range(0, 1 << log2, BLOCK):
            u = sobol.random(min(BLOCK, (1 << log2) - start))
            parts.append(logsumexp(f(norm.ppf(np.clip(u, 1e-15, 1.0 - 1e-15)))))
        logs.append(float(logsumexp(parts)) - log2 * math.log(2.0))
    values = np.array(logs)
    top = values.max()
    if not math.isfinite(top):
        return Integral(-math.inf, 0.0)
    means = np.exp(values - top)
    middle = means.mean()
    error = means.std(ddof=1) / math.sqrt(replicates) / middle / LN10
    return Integral(top + math.log(middle), float(error))


def _log_prior(x: Array) -> Array:
    return np.asarray(-0.5 * (x * x).sum(-1) - 0.5 * x.shape[-1] * math.log(2.0 * math.pi))


def _climb(f: Placed, starts: Array, flat: float = 1.0) -> Array:
    """Modes of integrand times prior from every start (s, d), by Newton in all of them at once.

    The prior is raised to the power ``flat``.  The curvature is taken by its absolute value, so
    that every step goes up; of eight step lengths, each half the one before, the best is taken.
    A start is done where the slope or the gain is next to nothing.
    """
    x = starts.copy()
    d = x.shape[1]
    active = np.arange(len(x))
    lengths = 0.5 ** np.arange(8.0)
    for _ in range(60):
        if not active.size:
            break
        value, slope, bend = _shape(f, x[active], active, flat)
        going = np.abs(slope).max(-1) > 1e-3
        active, value, slope, bend = active[going], value[going], slope[going], bend[going]
        eig, vec = np.linalg.eigh(bend)
        along = np.einsum("sji,sj->si", vec, slope) / np.maximum(np.abs(eig), 0.1 * flat)
        way = np.einsum("sij,sj->si", vec, along)
        way /= np.maximum(np.abs(way).max(-1, keepdims=True) / 8.0, 1.0)
        tried = x[active, None] + lengths[:, None] * way[:, None]
        heights = _target(f, tried.reshape(-1, d), np.repeat(active, 8), flat).reshape(-1, 8)
        up = heights.max(-1) - value > 1e-9 * (1.0 + np.abs(value))
        best = heights.argmax(-1)[up]
        active = active[up]
        x[active] = tried[up, best]
    return x


def _follow(f: Placed, starts: Array, flat: float) -> Array:
    """Modes that are reached as a prior that says next to nothing takes its weight up.

    Where many victims outvote a narrow prior, the mode lies so many deviations out that the way
    up to it does not begin at the prior's mean.
    """
    x = starts
    while flat < 1.0:
        x, flat = _climb(f, x, flat), 10.0 * flat
    return _climb(f, x)


def _along(f: Placed, starts: Array) -> Array:
    """Each start with the one latent moved that gains the most by it, be it far out."""
    count, d = starts.shape
    reach = np.array([3.0, 6.0, 10.0, 15.0, 25.0, 45.0, 80.0])
    moves = np.concatenate([s * r * np.eye(d) for r in reach for s in (1.0, -1.0)])
    tried = starts[:, None] + moves
    which = np.repeat(np.arange(count), len(moves))
    heights = _target(f, tried.reshape(-1, d), which, 1.0).reshape(count, -1)
    return np.asarray(tried[np.arange(count), heights.argmax(1)])


def _target(f: Placed, x: Array, which: Whole, flat: float) -> Array:
    return np.maximum(f(x, which) + flat * _log_prior(x), -1e8)


def _shape(f: Placed, x: Array, which: Whole, flat: float = 1.0) -> tuple[Array, Array, Array]:
    """Heights (s,), slopes (s, d) and second derivatives (s, d, d), by central differences."""
    count, d = x.shape
    h = 1e-2 * np.eye(d)
    pairs = np.array([(i, j) for i in range(d) for j in range(i)], np.int64).reshape(-1, 2)
    i, j = pairs.T
    near = np.concatenate([np.zeros((1, d)), 1e-2 * h, -1e-2 * h, h, -h])
    across = [s * h[i] + t * h[j] for s in (1, -1) for t in (1, -1)]
    steps = np.concatenate([near, *across])
    at = (x[:, None] + steps).reshape(-1, d)
    v = _target(f, at, np.repeat(which, len(steps)), flat).reshape(count, -1)
    value, sides = v[:, 0], v[:, 1 : 4 * d + 1].reshape(count, 4, d)
    corners = v[:, 4 * d + 1 :].reshape(count, 4, len(pairs))
    bend = np.zeros((count, d, d))
    own = np.arange(d)
    bend[:, own, own] = (sides[:, 2] + sides[:, 3] - 2.0 * value[:, None]) / 1e-4
    bend[:, i, j] = bend[:, j, i] = (
        corners[:, 0] - corners[:, 1] - corners[:, 2] + corners[:, 3]
    ) / 4e-4
    return value, (sides[:, 0] - sides[:, 1]) / 2e-4, bend


def _spread(f: Placed, x: Array) -> Array:
    """Covariances (s, d, d) from the curvature at modes."""
    _, _, bend = _shape(f, x, np.arange(len(x)))
    eig, vec = np.linalg.eigh(-bend)
    return (vec / np.clip(eig, 0.15, None)[:, None]) @ vec.transpose(0, 2, 1)


def _modes(f: Density, starts: Array, far: Sequence[float]) -> list[tuple[Array, Array]]:
    """Modes and their covariances, each once."""

    def ours(x: Array, _: Whole) -> Array:
        return f(x)

    if far:
        starts = np.concatenate([starts, _along(ours, starts)])
    centres = np.concatenate(
        [_climb(ours, starts), *(_follow(ours, starts[:3], flat) for flat in far)]
    )
    modes: list[tuple[Array, Array]] = []
    for centre, cov in zip(centres, _spread(ours, centres), strict=True):
        if np.all(np.isfinite(centre)) and all(np.linalg.norm(centre - m) > 0.3 for m, _ in modes):
            modes.append((centre, cov))
    return modes


class _Mixture:
    """Student t components (degrees 5) and the prior as the last one."""

    def __init__(
        self, parts: list[tuple[float, Array, Array]], dim: int, draws: int, defence: float = 0.15
    ):
        self.dim = dim
        weights = np.array([w for w, _, _ in parts])
        wanted = np.append((1.0 - defence) * weights / weights.sum(), defence) * draws
        self.counts = np.maximum(np.round(wanted), 2).astype(int)
        self.weights = self.counts / self.counts.sum()
        self.centres = [m for _, m, _ in parts]
        self.roots = [np.linalg.cholesky(c) for _, _, c in parts]

    def draw(self, rng: np.random.Generator) -> Array:
        """The same number from each component every time, in order."""
        out = []
        for count, m, root in zip(self.counts, self.centres, self.roots, strict=False):
            scale = np.sqrt(5.0 / rng.chisquare(5.0, (count, 1)))
            out.append(m + scale * (rng.standard_normal((count, self.dim)) @ root.T))
        return np.concatenate([*out, rng.standard_normal((self.counts[-1], self.dim))])

    def log_density(self, x: Array) -> Array:
        logs = [math.log(self.weights[-1]) + _log_prior(x)]
        d, nu = self.dim, 5.0
        constant = float(gammaln((nu + d) / 2) - gammaln(nu / 2)) - 0.5 * d * math.log(nu * math.pi)
        for w, m, root in zip(self.weights, self.centres, self.roots, strict=False):
            y = np.linalg.solve(root, (x - m).T)
            q = (y * y).sum(0)
            logs.append(
                math.log(w)
                + constant
                - float(np.log(np.diag(root)).sum())
                - 0.5 * (nu + d) * np.log1p(q / nu)
            )
        return np.asarray(logsumexp(np.array(logs), axis=0))


def importance(
    f: Density,
    dim: int,
    *,
    others: Placed | None = None,
    other: int = 0,
    far: Sequence[float] = (),
    tolerance: float = 0.002,
    draws: int = 20000,
    most: int = 40,
    seed: int = 2,
) -> Integral:
    """Adaptive importance sampling; the modes of ``other`` densities serve as further starts.

    From the first starts modes are followed up from every power of the prior in ``far``.
    """
    if dim == 0:
        return Integral(float(f(np.zeros((1, 0)))[0]), 0.0)
    rng = np.random.default_rng(seed)
    starts = [np.zeros(dim)]
    if others is not None:
        starts += list(_climb(others, np.zeros((other, dim))))
    pilot = rng.standard_normal((4000, dim))
    ranked = np.argsort(_blocks(f, pilot))[::-1]
    starts += [pilot[i] for i in ranked[:2]] + [1.5 * rng.standard_normal(dim) for _ in range(2)]
    modes = _modes(f, np.array(starts), far)
    if not np.isfinite(f(np.array(starts))).any():
        return Integral(-math.inf, 0.0)
    heights = np.array(
        [
            float((f(m[None]) + _log_prior(m[None]))[0]) + 0.5 * float(np.linalg.slogdet(c)[1])
            for m, c in modes
        ]
    )
    weights = np.maximum(np.exp(heights - heights.max()), 0.02)
    parts = [
        (float(w), m, 1.5 * c)
        for w, h, (m, c) in zip(weights, heights, modes, strict=True)
        if h > heights.max() - 40.0
    ]
    base = list(parts)
    for _ in range(3):  # adapt: every component moves to the weighted points it answers for
        mixture = _Mixture(parts, dim, draws // 2)
        x = mixture.draw(rng)
        log_w = _blocks(f, x) + _log_prior(x) - mixture.log_density(x)
        if not np.isfinite(log_w.max()):
            break
        w = np.exp(log_w - log_w.max())
        w = np.minimum(w / w.sum(), 0.01)
        w /= w.sum()
        distance = np.array(
            [(np.linalg.solve(np.linalg.cholesky(c), (x - m).T) ** 2).sum(0) for _, m, c in parts]
        )
        owner = distance.argmin(0)
        parts = list(base)
        for k in range(len(distance)):
            mine = np.where(owner == k, w, 0.0)
            mass = float(mine.sum())
            if mass < 0.01:
                continue
            centre = mine @ x / mass
            cov = (mine[:, None] * (x - centre)).T @ (x - centre) / mass
            parts.append((3.0 * mass, centre, 1.2 * cov + 0.05 * np.eye(dim)))
    mixture = _Mixture(parts, dim, draws)
    total: list[Array] = []
    for turn in range(most):
        x = mixture.draw(rng)
        total.append(_blocks(f, x) + _log_prior(x) - mixture.log_density(x))
        logs = np.array(total)
        top = logs.max()
        if not math.isfinite(top):
            return Integral(-math.inf, 0.0)
        w = np.exp(logs - top)
        parted = np.split(w, np.cumsum(mixture.counts)[:-1], axis=1)
        variance = sum(
            (p * p * part.var() / part.size)
            for p, part in zip(mixture.weights, parted, strict=True)
        )
        error = math.sqrt(float(variance)) / float(w.mean()) / LN10
        if error < tolerance and turn >= 1:
            break
    return Integral(float(top + math.log(w.mean())), error)


def annealed(
    f: Density,
    dim: int,
    *,
    particles: int = 4000,
    moves: int = 10,
    replicates: int = 4,
    seed: int = 3,
) -> Integral:
    """Sequential Monte Carlo from the prior; every step keeps 70 % of the sample's worth."""
    values = []
    for r in range(replicates):
        rng = np.random.default_rng([seed, r])
        x = rng.standard_normal((particles, dim))
        log_f, power, total = f(x), 0.0, 0.0
        while power < 1.0:
            step = _step(log_f, 1.0 - power)
            log_w = step * log_f
            total += float(logsumexp(log_w)) - math.log(particles)
            power = min(1.0, power + step)
            share = np.cumsum(np.exp(log_w - logsumexp(log_w)))
            at = np.searchsorted(share, (np.arange(particles) + rng.random()) / particles)
            x, log_f = x[np.minimum(at, particles - 1)], log_f[np.minimum(at, particles - 1)]
            root = np.linalg.cholesky(np.cov(x.T).reshape(dim, dim) + 1e-6 * np.eye(dim))
            for move in range(moves):
                scale = 2.38 / math.sqrt(dim) * (1.0 if move % 2 else 0.4)
                y = x + scale * rng.standard_normal(x.shape) @ root.T
                log_g = f(y)
                gain = power * (log_g - log_f) + _log_prior(y) - _log_prior(x)
                taken = np.log(rng.random(particles)) < gain
                x[taken], log_f[taken] = y[taken], log_g[taken]
        values.append(total)
    top = max(values)
    means = np.exp(np.array(values) - top)
    error = float(means.std(ddof=1) / math.sqrt(replicates) / means.mean()) / LN10
    return Integral(top + math.log(means.mean()), error)


def _step(log_f: Array, most: float) -> float:
    """Largest step of the exponent that leaves 70 % of the particles worth something."""

    def worth(step: float) -> float:
        w = np.exp(step * (log_f - log_f.max()))
        return float(w.sum() ** 2 / (w * w).sum() / w.size)

    lo, hi = 0.0, most
    if worth(most) >= 0.7:
        return most
    for _ in range(40):
        middle = 0.5 * (lo + hi)
        lo, hi = (middle, hi) if worth(middle) >= 0.7 else (lo, middle)
    return lo
