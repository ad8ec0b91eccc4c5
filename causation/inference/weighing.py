"""What weighed points tell: an integral with its error, and a better proposal."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from causation.inference.proposal import LogDensity, Mixture, Modes, bell, mixture_of

LN10 = math.log(10.0)
_LOOSE = 0.2
"""Share of the error of as many independent points that is added, in squares."""


def refitted(
    log_target: LogDensity, mixture: Mixture, *, clusters: int, random_seed: int
) -> Mixture:
    """Fit to tempered particles of the last proposal, whole or in clusters."""
    dim = len(mixture.components[0].place)
    z, log_q, _ = mixture.draw(8191, 1, random_seed + 7)
    log_w = log_target(z) - log_q
    log_w = np.where(np.isfinite(log_w), log_w, -np.inf)
    w = np.exp(_temper(log_w, wanted=20.0 * dim) * (log_w - log_w.max()))
    w /= w.sum()
    centers = _spread_out(z, w, clusters, random_seed)
    owner = np.argmin(((z[:, None, :] - centers) ** 2).sum(axis=2), axis=1)
    components, weights = [], []
    for c in range(len(centers)):
        mine = w * (owner == c)
        mass = float(mine.sum())
        count = mass**2 / float((mine * mine).sum() + 1e-300)
        if mass < 0.01 or count < 2.0 * dim:
            continue
        mean = mine @ z / mass
        gap = z - mean
        covariance = (gap * (mine / mass)[:, None]).T @ gap
        components.append(bell(mean, covariance + dim / count * 0.3 * np.eye(dim)))
        weights.append(mass)
    old = np.asarray(mixture.share[:-1])
    kept = np.argsort(-old)[:4]
    whole = [*components, *(mixture.components[k] for k in kept.tolist())]
    share = np.concatenate([0.75 * np.asarray(weights), 0.25 * old[kept] / old[kept].sum()])
    return mixture_of(whole, share, dim)


def by_mode(mixture: Mixture, rest: int) -> list[Mixture]:
    """A proposal for each mode.

    Parameters
    ----------
    mixture : Mixture
        What belongs to the first mode, then one component for each further one, and the wide one.
    rest : int
        How many further modes there are.
    """
    end = len(mixture.components) - 1 - rest
    first = (*mixture.components[:end], mixture.components[-1])
    share = np.array([*mixture.share[:end], mixture.share[-1]])
    others = [Mixture((c,), (1.0,)) for c in mixture.components[end:-1]]
    return [Mixture(first, tuple((share / share.sum()).tolist())), *others]


def nearest(mixture: Mixture, modes: Modes, before: Sequence[Mixture]) -> list[Mixture]:
    """A proposal for each mode of the components that lie nearest to it.

    Parameters
    ----------
    before : sequence of Mixture
        What a mode keeps to which none does.
    """
    *own, wide = mixture.components
    gaps = np.array([c.place for c in own])[:, None] - modes.place
    back = np.linalg.inv(modes.root)
    owner = (np.einsum("jde,cje->cjd", back, gaps) ** 2).sum(axis=-1).argmin(axis=1)
    found = list(before)
    for j in range(len(found)):
        mine = np.flatnonzero(owner == j).tolist()
        if mine:
            share = np.array([*(mixture.share[c] for c in mine), mixture.share[-1]])
            whole = (*(own[c] for c in mine), wide)
            found[j] = Mixture(whole, tuple((share / share.sum()).tolist()))
    return found


def _temper(log_w: np.ndarray, *, wanted: float) -> float:
    """Greatest power up to 1 at which enough of the particles count."""
    power = 1.0
    for _ in range(20):
        w = np.exp(power * (log_w - log_w.max()))
        if w.sum() ** 2 / (w * w).sum() >= wanted:
            return power
        power *= 0.7
    return power


def _spread_out(z: np.ndarray, w: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Particles far from each other, drawn by weight and distance (k-means++)."""
    rng = np.random.default_rng(seed)
    chosen = [int(np.argmax(w))]
    distance = ((z - z[chosen[0]]) ** 2).sum(axis=1)
    for _ in range(count - 1):
        p = w * distance
        if p.sum() <= 0.0:
            break
        chosen.append(int(rng.choice(len(z), p=p / p.sum())))
        distance = np.minimum(distance, ((z - z[chosen[-1]]) ** 2).sum(axis=1))
    return z[chosen]


def by_replicate(
    log_w: np.ndarray, which: np.ndarray, replicates: int
) -> tuple[np.ndarray, np.ndarray]:
    """Natural log of the mean weight, and the standard error of its log10, by row."""
    top = log_w.max(axis=1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    w = np.exp(log_w - top)
    means = np.stack([w[:, which == r].mean(axis=1) for r in range(replicates)], axis=1)
    mean = means.mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = means.std(axis=1, ddof=1) / math.sqrt(replicates) / mean / LN10
        # of few randomisations: as wide as Student's t at two standard errors
        from scipy.special import stdtrit

        error = error * (float(stdtrit(replicates - 1, 0.975)) / 1.96)
        # the spread is not yet to be trusted where few points carry much; and weights that vary
        # hide regions that no point has met, of which the independent points' error knows more
        error = np.hypot(error, w.max(axis=1) / w.sum(axis=1) / LN10)
        loose = w.std(axis=1) / math.sqrt(w.shape[1]) / mean / LN10
        error = np.hypot(error, _LOOSE * loose)
        return np.log(mean) + top[:, 0], np.where(mean == 0.0, 0.0, error)
