"""The integrator: expectations of a likelihood over standard normal latents.

Each integral is treated by itself: its modes are found first by a damped Newton method from
several starts, a mixture of Student t densities is fitted to them, and the integral is the mean
of importance weights on randomly shifted lattice points. The spread over independent shifts is
the error; an integral that misses its tolerance gets more points, and when the most points do
not suffice it is refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from causation.evidence.base import Batch, Problem, logsumexp
from causation.inference.lattice import SIZES, student_log_density, student_points
from causation.scales import LN10

__all__ = ["Integral", "IntegratorSettings", "integrate"]

_CHUNK = 200_000
_MOST = 2_000_000
"""Most numbers that one look at a likelihood may touch."""


@dataclass(frozen=True, slots=True)
class IntegratorSettings:
    """How hard to try.

    Parameters
    ----------
    points : int
        Lattice points in each randomisation, one of `causation.inference.lattice.SIZES`.
    replicates : int
        Independent randomisations.
    tolerance : float
        Standard error of log10 of an integral above which it gets more points.
    limit : float
        Standard error of log10 above which it is refused at the most points.
    random_seed : int
        Seed of the shifts.
    """

    points: int = 257
    replicates: int = 8
    tolerance: float = 0.002
    limit: float = 0.01
    random_seed: int = 20250723

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of points tried, from `points` upwards."""
        return tuple(n for n in SIZES if n >= self.points)


@dataclass(frozen=True, slots=True)
class Integral:
    """Natural log of an integral in each randomisation, and of their mean.

    ``refused`` is set where the standard error stays above the limit. Where asked for,
    ``points`` (P, D) and ``log_weight`` (P,) are the latents visited and the natural log of
    their weights, whose sum is the integral.
    """

    log_value: float
    log_replicates: np.ndarray
    refused: bool = False
    points: np.ndarray | None = None
    log_weight: np.ndarray | None = None

    @property
    def log10_error(self) -> float:
        """Standard error of log10 of the integral, from the spread over randomisations."""
        return _log10_error(self.log_replicates[None])[0] if self.log_replicates.size > 1 else 0.0


def integrate(
    problems: Sequence[Problem], settings: IntegratorSettings, *, keep_points: bool = False
) -> list[Integral]:
    """Integrate many problems, stacking those of one shape.

    Parameters
    ----------
    problems : sequence of Problem
        Equal problems (by `key`) should be given once.
    settings : IntegratorSettings
    keep_points : bool
        Return the weighted points with every integral.

    Returns
    -------
    list of Integral
        In the order of `problems`.
    """
    results: list[Integral | None] = [None] * len(problems)
    by_signature: dict[tuple[object, ...], list[int]] = {}
    for i, problem in enumerate(problems):
        by_signature.setdefault(problem.signature, []).append(i)
    for places in by_signature.values():
        batch = type(problems[places[0]]).stack([problems[i] for i in places])
        for place, result in zip(
            places, _integrate_batch(batch, settings, keep=keep_points), strict=True
        ):
            results[place] = result
    return [r for r in results if r is not None]


def _integrate_batch(batch: Batch, settings: IntegratorSettings, *, keep: bool) -> list[Integral]:
    size, replicates = batch.size, settings.replicates
    if batch.dim == 0:
        value = batch.log_likelihood(np.zeros((size, 1, 0)))[:, 0]
        return [Integral(float(v), np.full(replicates, v)) for v in value]
    modes = _find_modes(batch)
    if batch.dim == 1:
        z, log_weight = _line_integral(batch, modes)
        value = logsumexp(np, log_weight, axis=-1)
        return [
            Integral(
                float(v),
                np.full(replicates, v),
                points=z[i] if keep else None,
                log_weight=log_weight[i] if keep else None,
            )
            for i, v in enumerate(value)
        ]
    results: list[Integral | None] = [None] * size
    number = (modes.log_mass > -np.inf).sum(axis=1)
    kinds = 2 * number + batch.concave
    for kind in np.unique(kinds):
        index = np.flatnonzero(kinds == kind)
        part = batch if index.size == size else batch.take(index)
        mine = modes.take(index, int(kind) // 2)
        for i, result in zip(index, _importance(part, mine, settings, keep=keep), strict=True):
            results[i] = result
    return [r for r in results if r is not None]


# --- modes -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Modes:
    """Modes of prior times likelihood.

    Place (B, J, D), root of the covariance (B, J, D, D), and log of the Laplace mass (B, J),
    ``-inf`` where an integral has fewer than J modes.
    """

    place: np.ndarray
    root: np.ndarray
    log_mass: np.ndarray

    def take(self, index: np.ndarray, many: int) -> _Modes:
        """The first `many` modes of these integrals."""
        return _Modes(
            self.place[index, :many], self.root[index, :many], self.log_mass[index, :many]
        )


def _log_target(batch: Batch, z: np.ndarray) -> np.ndarray:
    """Log of prior times likelihood but for a constant, on few points at a time."""
    parts = math.ceil(z.shape[0] * z.shape[1] * (batch.dim + batch.cost) / _MOST)
    likelihood = np.concatenate(
        [batch.log_likelihood(part) for part in np.array_split(z, max(1, parts), axis=1)], axis=1
    )
    value: np.ndarray = likelihood - 0.5 * (z * z).sum(axis=-1)
    return value


@lru_cache(maxsize=64)
def _stencil(dim: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Offsets (points, dim) of a symmetric second-order difference stencil; index pairs."""
    eye = np.eye(dim)
    i, j = np.triu_indices(dim, 1)
    both = eye[i] + eye[j]
    return np.concatenate([np.zeros((1, dim)), eye, -eye, both, -both]), i, j


_STEP = 0.4
"""Difference step, in standard deviations of the current frame."""


def _derivatives(
    batch: Batch, z: np.ndarray, root: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log target, and gradient and Hessian of the log-likelihood in the frame ``z + root y``."""
    size, dim = z.shape
    offsets, i, j = _stencil(dim)
    f = batch.log_likelihood(z[:, None, :] + _STEP * offsets @ root.transpose(0, 2, 1))
    pairs = i.size
    center, up, down, plus, minus = np.split(
        f, [1, 1 + dim, 1 + 2 * dim, 1 + 2 * dim + pairs], axis=1
    )
    gradient = (up - down) / (2.0 * _STEP)
    hessian = np.zeros((size, dim, dim))
    diagonal = np.arange(dim)
    hessian[:, diagonal, diagonal] = (up + down - 2.0 * center) / _STEP**2
    line = up + down
    mixed = (plus + minus - line[:, i] - line[:, j] + 2.0 * center) / (2.0 * _STEP**2)
    hessian[:, i, j] = mixed
    hessian[:, j, i] = mixed
    return center[:, 0] - 0.5 * (z * z).sum(axis=1), gradient, hessian


_LINE = np.array([2.0, 1.0, 0.5, 0.2, 0.05, 0.01])


def _newton(batch: Batch, z: np.ndarray, rounds: int = 80) -> tuple[np.ndarray, ...]:
    """Damped Newton from `z` (size, dim): mode, root of covariance, log Laplace mass.

    Differences are taken in the frame of the current covariance, so that they follow narrow
    ridges. Where the log-likelihood curves upwards the prior's curvature is used.
    """
    size, dim = z.shape
    z = z.copy()
    root = np.broadcast_to(0.3 * np.eye(dim), (size, dim, dim)).copy()
    value = np.full(size, -np.inf)
    alive = np.arange(size)
    for _ in range(rounds):
        part = batch if alive.size == size else batch.take(alive)
        here, frame = z[alive], root[alive]
        f, gradient, hessian = _derivatives(part, here, frame)
        w, v = np.linalg.eigh(-hessian)
        prior = frame.transpose(0, 2, 1) @ frame
        precision = (v * np.maximum(w, 0.0)[:, None, :]) @ v.transpose(0, 2, 1) + prior
        w, v = np.linalg.eigh(precision)
        # the symmetric root: signs and order of eigenvectors depend on the processor
        scaled = (v / np.sqrt(w)[:, None, :]) @ v.transpose(0, 2, 1)
        slope = gradient - np.einsum("bji,bj->bi", frame, here)
        whitened = np.einsum("bji,bj->bi", scaled, slope)
        decrement = (whitened * whitened).sum(axis=1)
        root[alive] = frame @ scaled
        value[alive] = f
        moving = decrement > 1e-3
        if not moving.any():
            break
        alive = alive[moving]
        direction = np.einsum("bij,bj->bi", root[alive], whitened[moving])
        part = batch.take(alive)
        length = np.sqrt((direction * direction).sum(axis=1))
        direction = direction * np.minimum(1.0, 6.0 / length)[:, None]
        trial = z[alive][:, None, :] + _LINE[:, None] * direction[:, None, :]
        g = _log_target(part, trial)
        best = np.argmax(g, axis=1)
        gain = g[np.arange(alive.size), best] - value[alive]
        better = gain > 0.0
        z[alive[better]] = trial[better, best[better]]
        alive = alive[gain > 1e-6]
        if not alive.size:
            break
    log_mass = value + np.linalg.slogdet(root)[1] + 0.5 * dim * math.log(2.0 * math.pi)
    return z, root, log_mass


def _find_modes(batch: Batch) -> _Modes:
    """Newton from the prior mean and, where there may be several modes, from scattered points."""
    size, dim = batch.size, batch.dim
    z, root, mass = _newton(batch, np.zeros((size, dim)))
    several = np.flatnonzero(~batch.concave)
    if not several.size:
        return _Modes(z[:, None], root[:, None], mass[:, None])
    starts = _starts(batch.take(several))
    count = starts.shape[1]
    more = _newton(batch.take(np.repeat(several, count)), starts.reshape(-1, dim))
    place = np.repeat(z[:, None], 1 + count, axis=1)
    roots = np.repeat(root[:, None], 1 + count, axis=1)
    masses = np.full((size, 1 + count), -np.inf)
    masses[:, 0] = mass
    for target, found in zip((place, roots, masses), more, strict=True):
        target[several, 1:] = found.reshape(several.size, count, *found.shape[1:])
    return _distinct(_Modes(place, roots, masses))


def _starts(batch: Batch) -> np.ndarray:
    """Starting points for the search for modes, shape (size, starts, dim).

    The best of widely scattered points on either side of the first coordinate planes, and those
    that the evidence itself suggests.
    """
    scattered, _ = student_points(127, batch.dim, 1, 7)
    probe = 2.0 * scattered
    value = _log_target(batch, np.broadcast_to(probe, (batch.size, *probe.shape)))
    found = []
    for d in range(min(batch.dim, 4)):
        for sign in (-1.0, 1.0):
            side = np.where(sign * probe[:, d] > 0.5, value, -np.inf)
            found.append(probe[np.argmax(side, axis=1)])
    return np.concatenate([np.stack(found, axis=1), batch.suggested_starts], axis=1)


def _distinct(modes: _Modes) -> _Modes:
    """Drop repeated modes and those of no weight; order by mass."""
    order = np.argsort(-modes.log_mass, axis=1)
    rows = np.arange(len(order))[:, None]
    place, root = modes.place[rows, order], modes.root[rows, order]
    mass = modes.log_mass[rows, order].copy()
    count = mass.shape[1]
    for j in range(1, count):
        inverse = np.linalg.inv(root[:, :j])
        delta = place[:, j : j + 1] - place[:, :j]
        distance = np.einsum("bjik,bjk->bji", inverse, delta)
        near = ((distance**2).sum(axis=2) < 1.0) & (mass[:, :j] > -np.inf)
        mass[near.any(axis=1) | (mass[:, j] < mass[:, 0] - 14.0), j] = -np.inf
    keep = int((mass > -np.inf).sum(axis=1).max())
    order = np.argsort(-mass, axis=1, kind="stable")[:, :keep]
    return _Modes(place[rows, order], root[rows, order], mass[rows, order])


# --- one dimension ---------------------------------------------------------------------------


def _line_integral(batch: Batch, modes: _Modes, half: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Trapezoid rule in ``z = mode + sd sinh(t)``: fine at the mode, reaching far beyond.

    Returns the nodes (B, P, 1) and their log weights (B, P), natural.
    """
    mode, sd = modes.place[:, 0, 0], modes.root[:, 0, 0, 0]
    reach = np.arcsinh(45.0 / sd)
    t = np.linspace(-1.0, 1.0, 2 * half + 1) * reach[:, None]
    z = (mode[:, None] + sd[:, None] * np.sinh(t))[..., None]
    width = sd[:, None] * np.cosh(t) * (reach / half)[:, None]
    return z, _log_target(batch, z) + np.log(width) - 0.5 * math.log(2.0 * math.pi)


# --- importance sampling ---------------------------------------------------------------------


def _importance(
    batch: Batch, modes: _Modes, settings: IntegratorSettings, *, keep: bool
) -> list[Integral]:
    size, replicates = batch.size, settings.replicates
    log_replicates = np.full((size, replicates), -np.inf)
    kept: list[tuple[np.ndarray, np.ndarray] | None] = [None] * size
    todo = np.arange(size)
    fitted = modes
    for number in settings.sizes:
        count = number * replicates * modes.log_mass.shape[1]
        for chunk in _chunks(todo, batch, count):
            whole = chunk.size == size
            part = batch if whole else batch.take(chunk)
            mine = _adapt(part, fitted.take(chunk, modes.log_mass.shape[1]), settings)
            if not part.concave.all():
                mine = _with_bridge(mine)
            z, log_weight = _log_weights(part, mine, number, replicates, settings.random_seed)
            log_replicates[chunk] = _by_replicate(log_weight, replicates, number)
            if keep:
                for i, place in enumerate(chunk):
                    kept[place] = (z[i], log_weight[i] - math.log(z.shape[1]))
        todo = todo[~(_log10_error(log_replicates[todo]) <= settings.tolerance)]
        if not todo.size:
            break
    error = _log10_error(log_replicates)
    value = _log_mean(log_replicates)
    results = []
    for i in range(size):
        points, weights = kept[i] or (None, None)
        refused = bool(not error[i] <= settings.limit)
        results.append(Integral(float(value[i]), log_replicates[i], refused, points, weights))
    return results


def _chunks(todo: np.ndarray, batch: Batch, points: int) -> list[np.ndarray]:
    per_problem = points * (batch.dim + batch.cost)
    step = max(1, _CHUNK // per_problem)
    return [todo[i : i + step] for i in range(0, todo.size, step)]


def _draw(modes: _Modes, number: int, replicates: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points (B, J * replicates * number, D) of the mixture and its log density there."""
    place, root = modes.place, modes.root
    size, many, dim = place.shape
    t, log_density = student_points(number, dim, replicates, seed)
    log_det = np.linalg.slogdet(root)[1]
    z = place[:, :, None, :] + t @ root.transpose(0, 1, 3, 2)
    if many == 1:
        return z[:, 0], log_density - log_det
    z = z.reshape(size, many * len(t), dim)
    inverse = np.linalg.inv(root)
    density = np.full(z.shape[:2], -np.inf)
    for j in range(many):
        y = (z - place[:, j, None]) @ inverse[:, j].transpose(0, 2, 1)
        density = np.logaddexp(density, student_log_density(y) - log_det[:, j, None])
    return z, density - math.log(many)


def _log_weights(
    batch: Batch, modes: _Modes, number: int, replicates: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    z, log_density = _draw(modes, number, replicates, seed)
    dim = z.shape[-1]
    log_weight = _log_target(batch, z) - log_density - 0.5 * dim * math.log(2.0 * math.pi)
    return z, log_weight


def _adapt(batch: Batch, modes: _Modes, settings: IntegratorSettings) -> _Modes:
    """Refit a single mode's centre and spread by the moments of a pilot run."""
    if modes.log_mass.shape[1] > 1:
        return modes
    z, log_weight = _log_weights(batch, modes, 257, 1, settings.random_seed + 1)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    effective = 1.0 / (weight * weight).sum(axis=1)
    mean = np.einsum("bp,bpd->bd", weight, z)
    delta = z - mean[:, None]
    covariance = np.einsum("bp,bpd,bpe->bde", weight, delta, delta, optimize=True)
    dim = z.shape[-1]
    good = effective > 8.0 * dim
    covariance[~good] = np.eye(dim)
    root = np.linalg.cholesky(covariance + 1e-14 * np.eye(dim))
    place, roots = modes.place.copy(), modes.root.copy()
    place[good, 0] = mean[good]
    roots[good, 0] = root[good]
    return _Modes(place, roots, modes.log_mass)


def _with_bridge(modes: _Modes) -> _Modes:
    """Add a wide component that spans the prior mean and the heaviest mode.

    A target that is not log-concave can be bent: a ridge that widens on its way to the prior
    mean. A fit at the mode misses what lies there, and by as much in every randomisation.
    """
    best = modes.place[:, :1]
    covariance = np.eye(best.shape[-1]) + 0.25 * best[..., None] * best[..., None, :]
    return _Modes(
        np.concatenate([modes.place, 0.5 * best], axis=1),
        np.concatenate([modes.root, np.linalg.cholesky(covariance)], axis=1),
        np.concatenate([modes.log_mass, modes.log_mass[:, :1]], axis=1),
    )


def _by_replicate(log_weight: np.ndarray, replicates: int, number: int) -> np.ndarray:
    """Natural log of the integral in every randomisation, shape (B, replicates)."""
    by_mode = log_weight.reshape(len(log_weight), -1, replicates, number)
    count = by_mode.shape[1] * number
    merged = by_mode.transpose(0, 2, 1, 3).reshape(len(log_weight), replicates, count)
    return _log_mean(merged)


def _log_mean(log_x: np.ndarray) -> np.ndarray:
    """Log of the mean of exponentials over the last axis."""
    result: np.ndarray = logsumexp(np, log_x, axis=-1) - math.log(log_x.shape[-1])
    return result


def _log10_error(log_replicates: np.ndarray) -> np.ndarray:
    """Standard error of log10 of the mean over randomisations (last axis)."""
    mean = _log_mean(log_replicates)
    with np.errstate(invalid="ignore"):
        relative = np.exp(log_replicates - mean[..., None])
    error = relative.std(axis=-1, ddof=1) / math.sqrt(log_replicates.shape[-1]) / LN10
    return np.where(np.isneginf(mean), 0.0, error)
