"""Where the mass of an integrand lies: modes, and points drawn around them.

A mode is found by Newton's method on exact gradients. Around it points are drawn from a product
of lines: along each axis of the mode's ellipsoid the integrand itself, tabulated, with a share of
Student t for tails. Several modes and the latents' own distribution make up a mixture.

References
----------
A. B. Owen, Y. Zhou (2000), "Safe and effective importance sampling", JASA 95, 135-143.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from causation.inference.lattice import shifted_lattice, student_log_density
from causation.inference.lines import (
    BELL,
    BLOCK,
    NODES,
    STUDENT,
    TAIL,
    WIDTH,
    cells_of,
    lines_at,
    log_lines,
    normalised,
)

type Gradient = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From points (K, D), and the start that each belongs to, to log densities and gradients."""
type Value = Callable[[np.ndarray, np.ndarray], np.ndarray]
type LogDensity = Callable[[np.ndarray], np.ndarray]

_STEPS = np.array([1.0, 0.5, 2.0, 0.25, 0.1, 0.02])
_LINE = np.linspace(-6.5, 6.5, 27)
LOG_2PI = math.log(2.0 * math.pi)


@dataclass(frozen=True, eq=False)
class Modes:
    """Modes of an integrand with respect to Lebesgue measure.

    Parameters
    ----------
    place : ndarray, shape (J, D)
    root : ndarray, shape (J, D, D)
        Symmetric root of the covariance of the best normal.
    log_mass : ndarray, shape (J,)
        Log (natural) of the mass of that normal.
    """

    place: np.ndarray
    root: np.ndarray
    log_mass: np.ndarray


def climb(
    value: Value,
    gradient: Gradient,
    starts: np.ndarray,
    *,
    most: int = 40,
    close: float = 1e-3,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Climb from every start by Newton's method.

    Parameters
    ----------
    value, gradient : callable
        Log of the integrand, natural, and with its gradient; each start may have one of its own.
    starts : ndarray, shape (K, D)
    most : int
        Steps at most.
    close : float
        Gain that a further step must promise, in nats.

    Returns
    -------
    tuple of ndarray
        Places (K, D), symmetric roots of the covariance there (K, D, D), and log values (K,).
    """
    z = starts.copy()
    count, dim = z.shape
    root = np.broadcast_to(np.eye(dim), (count, dim, dim)).copy()
    log_f = value(z, np.arange(count))
    alive = np.flatnonzero(np.isfinite(log_f))
    for _ in range(most):
        if not alive.size:
            break
        f, g, precision = _curvature(gradient, z[alive], alive)
        w, v = np.linalg.eigh(precision)
        w = np.maximum(np.abs(w), 0.2)
        root[alive] = np.einsum("kij,kj,klj->kil", v, 1.0 / np.sqrt(w), v)
        step = np.einsum("kij,kj,klj,kl->ki", v, 1.0 / w, v, g)
        decrement = (step * g).sum(axis=1)
        moving = decrement > close
        alive, step, f = alive[moving], step[moving], f[moving]
        if not alive.size:
            break
        length = np.sqrt((step * step).sum(axis=1, keepdims=True))
        step *= np.minimum(1.0, 8.0 / length)
        trial = z[alive][:, None, :] + _STEPS[None, :, None] * step[:, None, :]
        found = value(trial.reshape(-1, dim), np.repeat(alive, len(_STEPS)))
        found = np.where(np.isfinite(found), found, -np.inf).reshape(alive.size, -1)
        best = np.argmax(found, axis=1)
        gain = found[np.arange(alive.size), best] - f
        up = gain > 0.0
        z[alive[up]] = trial[up, best[up]]
        log_f[alive[up]] = found[up, best[up]]
        alive = alive[gain > 1e-7]
    return z, root, log_f


def find_modes(value: Value, gradient: Gradient, starts: np.ndarray) -> list[Modes]:
    """Climb in every row from every start (S, K, D); drop repeated modes and those of no weight.

    Starts are numbered row by row for `value` and `gradient`.
    """
    size, dim = starts.shape[1:]
    found = climb(value, gradient, starts.reshape(-1, dim))
    modes = []
    for first in range(0, len(found[0]), size):
        z, root, log_f = (x[first : first + size] for x in found)
        ok = np.isfinite(log_f)
        modes.append(_distinct(z[ok], root[ok], log_f[ok]))
    return modes


def _curvature(
    gradient: Gradient, z: np.ndarray, owner: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Value, gradient and precision (minus the Hessian) at points (K, D)."""
    count, dim = z.shape
    h = 1e-4
    shifted = z[:, None, :] + h * np.concatenate([np.zeros((1, dim)), np.eye(dim)])
    f, g = gradient(shifted.reshape(-1, dim), np.repeat(owner, dim + 1))
    f, g = f.reshape(count, dim + 1), g.reshape(count, dim + 1, dim)
    hessian = (g[:, 1:] - g[:, :1]) / h
    return f[:, 0], g[:, 0], -0.5 * (hessian + hessian.transpose(0, 2, 1))


def _distinct(place: np.ndarray, root: np.ndarray, log_f: np.ndarray) -> Modes:
    log_det = np.linalg.slogdet(root)[1]
    mass = log_f + log_det + 0.5 * place.shape[1] * LOG_2PI
    kept: list[int] = []
    for j in np.argsort(-mass, kind="stable").tolist():
        if kept and mass[j] < mass[kept[0]] - 18.0:
            break
        far = all(
            float((np.linalg.solve(root[k], place[j] - place[k]) ** 2).sum()) > 0.25 for k in kept
        )
        if far:
            kept.append(j)
    return Modes(place[kept], root[kept], mass[kept])


@dataclass(frozen=True, eq=False)
class Component:
    """A density ``z = place + root t`` with independent coordinates of t, tabulated or Student.

    Parameters
    ----------
    place : ndarray, shape (D,)
    root : ndarray, shape (D, D)
    density : ndarray, shape (D, T), or None
        Density of each coordinate at the table's nodes; None for Student t.
    """

    place: np.ndarray
    root: np.ndarray
    density: np.ndarray | None

    def draw(self, u: np.ndarray) -> np.ndarray:
        """Points from uniform ones, shape (P, D)."""
        result: np.ndarray = self.place + lines_at(self.density, u) @ self.root.T
        return result

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """Log density (natural) at points (P, D)."""
        back, log_det = self._back
        t = (z - self.place) @ back
        if self._cells is None:
            return student_log_density(t) - log_det
        return log_lines(self._cells, t) - log_det

    @cached_property
    def _back(self) -> tuple[np.ndarray, float]:
        """What takes a point's distance to t, and the log of the root's determinant."""
        return np.linalg.inv(self.root).T, float(np.linalg.slogdet(self.root)[1])

    @cached_property
    def _cells(self) -> tuple[np.ndarray, np.ndarray] | None:
        return None if self.density is None else cells_of(self.density)


def bell(place: np.ndarray, covariance: np.ndarray) -> Component:
    """Normal with a share of Student t for tails."""
    w, v = np.linalg.eigh(covariance)
    root = (v * np.sqrt(np.maximum(w, 1e-8))) @ v.T
    return Component(place, root, np.broadcast_to(BELL, (len(place), len(NODES))))


def fit_lines(value: LogDensity, place: np.ndarray, root: np.ndarray) -> Component:
    """Tabulate the integrand along every axis of a mode's ellipsoid."""
    dim = len(place)
    points = place + _LINE[None, :, None] * root.T[:, None, :]
    log_f = value(points.reshape(-1, dim)).reshape(dim, -1)
    log_f = np.maximum(log_f - log_f.max(axis=1, keepdims=True), -60.0)
    table = np.empty((dim, len(NODES)))
    inside = np.abs(NODES) <= _LINE[-1]
    for d in range(dim):
        line = np.zeros(len(NODES))
        line[inside] = np.exp(_smooth(log_f[d], NODES[inside]))
        total = float((0.5 * WIDTH * (line[1:] + line[:-1])).sum())
        table[d] = normalised((1.0 - TAIL) * line / total + TAIL * STUDENT)
    return Component(place, root, table)


def _smooth(log_f: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Cubic interpolation of equally spaced values, by Catmull and Rom."""
    step = _LINE[1] - _LINE[0]
    x = (t - _LINE[0]) / step
    i = np.clip(x.astype(int), 0, len(log_f) - 2)
    s = x - i
    y = np.concatenate([[2 * log_f[0] - log_f[1]], log_f, [2 * log_f[-1] - log_f[-2]]])
    a, b, c, d = y[i], y[i + 1], y[i + 2], y[i + 3]
    result: np.ndarray = b + 0.5 * s * (
        c - a + s * (2 * a - 5 * b + 4 * c - d + s * (3 * (b - c) + d - a))
    )
    limited: np.ndarray = np.minimum(result, 1.0)
    return limited


_PLANE = np.linspace(-3.2, 4.8, 9)
_OUTSIDE, _HELD = 12.0, 0.008
"""Squared distance in a plane beyond which mass is not the mode's, and how much is too much."""


def bent(
    value: LogDensity, place: np.ndarray, root: np.ndarray, pairs: Sequence[tuple[int, int]]
) -> list[Component]:
    """Components for planes in which an integrand goes round a corner, as where either will do.

    The rest of the latents follow as they do near the mode. A plane with mass that the mode's
    ellipsoid does not reach gets a normal of the whole plane's mean and covariance.

    Parameters
    ----------
    place, root : ndarray, shape (D,), (D, D)
        A mode, and the symmetric root of its covariance.
    pairs : sequence of (int, int)
        Latents of each plane.
    """
    if not pairs:
        return []
    covariance, grid = root @ root.T, np.array([(a, b) for a in _PLANE for b in _PLANE])
    planes, points = [], []
    for pair in pairs:
        two = list(pair)
        own = covariance[np.ix_(two, two)]
        follow = np.linalg.solve(own, covariance[two]).T  # of those themselves the identity
        planes.append((two, own, follow))
        points.append(place + (grid - place[two]) @ follow.T)
    every = value(np.concatenate(points)).reshape(len(pairs), -1)
    found = []
    for (two, own, follow), log_f in zip(planes, every, strict=True):
        mass = np.exp(log_f - log_f.max())
        mass /= mass.sum()
        gap = grid - place[two]
        away = np.einsum("pi,ij,pj->p", gap, np.linalg.inv(own), gap) > _OUTSIDE
        if mass[away].sum() < _HELD:
            continue
        mean = mass @ grid
        spread = ((grid - mean).T * mass) @ (grid - mean)
        rest = covariance - follow @ own @ follow.T
        middle = place + follow @ (mean - place[two])
        found.append(bell(middle, rest + follow @ (spread + 0.05 * np.eye(2)) @ follow.T))
    return found


_SLICES = 7
_DEPTHS = (9.0, 5.5)
"""Nats below the best slice up to which others count, in turn."""


def slices(
    value: Value, gradient: Gradient, places: np.ndarray, axis: int
) -> list[tuple[list[Component], np.ndarray]]:
    """Components at conditional modes along one axis, with the log mass (natural) of each, by row.

    Parameters
    ----------
    value, gradient : callable
        Of points and the row that each belongs to.
    places : ndarray, shape (S, D)
        A mode of every row.
    axis : int
        What is held while the rest climbs.
    """
    count, dim = places.shape
    rest = np.array([d for d in range(dim) if d != axis])

    def climbed(at: np.ndarray, starts: np.ndarray) -> list[np.ndarray]:
        size = at.shape[1]

        def whole(y: np.ndarray, owner: np.ndarray) -> np.ndarray:
            z = np.empty((len(y), dim))
            z[:, rest], z[:, axis] = y, at.ravel()[owner]
            return z

        def conditional(y: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            f, g = gradient(whole(y, owner), owner // size)
            return f, g[:, rest]

        def there(y: np.ndarray, owner: np.ndarray) -> np.ndarray:
            return value(whole(y, owner), owner // size)

        flat = starts.reshape(-1, dim - 1)
        found = climb(there, conditional, flat, most=12, close=0.02)
        return [x.reshape(count, size, *x.shape[1:]) for x in found]

    def mass(root: np.ndarray, log_f: np.ndarray) -> np.ndarray:
        result: np.ndarray = log_f + np.linalg.slogdet(root)[1]
        return result

    at = np.array([_coarse(here) for here in places[:, axis].tolist()])
    starts = np.repeat(places[:, None, rest], at.shape[1], axis=1)
    found = climbed(at, starts)
    for depth in _DEPTHS:
        log_mass = mass(*found[1:])
        pairs = zip(at, log_mass, strict=True)
        new = np.array([_inside(x, y, depth) for x, y in pairs])
        starts = np.array(
            [
                [np.interp(n, x, y[:, d]) for d in range(dim - 1)]
                for n, x, y in zip(new, at, found[0], strict=True)
            ]
        ).swapaxes(1, 2)
        at, found = new, climbed(new, starts)
    log_mass = mass(*found[1:])
    result = []
    for row in range(count):

        def mine(z: np.ndarray, row: int = row) -> np.ndarray:
            return value(z, np.full(len(z), row))

        place, root = found[0][row], found[1][row]
        result.append((_sliced(mine, at[row], place, root, axis), log_mass[row]))
    return result


def _coarse(here: float) -> np.ndarray:
    """Where slices are looked at first: everywhere, and at the mode."""
    coarse = np.linspace(min(-3.6, here - 2.0), max(3.6, here + 2.0), _SLICES)
    return np.sort(np.append(coarse, here))


def _inside(at: np.ndarray, log_mass: np.ndarray, depth: float) -> np.ndarray:
    """Slices between the first and the last that are not too far below the best."""
    fine = np.linspace(at[0], at[-1], 401)
    profile = np.interp(fine, at, log_mass)
    inside = np.flatnonzero(profile > profile.max() - depth)
    first, last = max(inside[0] - 1, 0), min(inside[-1] + 1, len(fine) - 1)
    return np.linspace(fine[first], fine[last], _SLICES)


def _sliced(
    value: LogDensity, at: np.ndarray, place: np.ndarray, roots: np.ndarray, axis: int
) -> list[Component]:
    """A component for every slice of one row, from its conditional mode and root."""
    dim = place.shape[1] + 1
    rest = np.array([d for d in range(dim) if d != axis])
    width = max(float(at[1] - at[0]), 1e-3)
    drift = np.gradient(place, at, axis=0)
    components = []
    for j, v in enumerate(at):
        root = np.zeros((dim, dim))
        root[axis, axis] = 0.8 * width
        root[rest, axis] = 0.8 * width * drift[j]
        root[np.ix_(rest, rest)] = roots[j]
        middle = np.empty(dim)
        middle[rest], middle[axis] = place[j], v
        lines = fit_lines(value, middle, root)
        density = lines.density
        if density is not None:
            density[axis] = BELL
        components.append(Component(middle, root, density))
    return components


def prior_component(dim: int) -> Component:
    """A wide one around the prior mean."""
    return Component(np.zeros(dim), 0.9 * np.eye(dim), None)


@dataclass(frozen=True, eq=False)
class Mixture:
    """Components with how many points of a thousand each draws."""

    components: tuple[Component, ...]
    share: tuple[float, ...]

    def draw(
        self, points: int, replicates: int, random_seed: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draw points in independent randomisations.

        Returns
        -------
        tuple of ndarray
            Points (P, D), log density of the mixture at each (natural), and the randomisation
            that each belongs to.
        """
        sizes = self.sizes(points)
        drawn: list[np.ndarray] = []
        which: list[np.ndarray] = []
        for c, n in zip(self.components, sizes, strict=True):
            dim = len(c.place)
            u = shifted_lattice(n, dim, replicates, random_seed + len(drawn))
            drawn.append(c.draw(u.reshape(-1, dim)))
            which.append(np.repeat(np.arange(replicates), n))
        z = np.concatenate(drawn)
        return z, self.log_density(z, sizes), np.concatenate(which)

    def sizes(self, points: int) -> list[int]:
        """Points that each component draws of so many."""
        return [prime_near(max(31.0, points * s)) for s in self.share]

    def log_density(self, z: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
        """Log density (natural) at points (P, D) where each component draws so many."""
        density, total = np.full(len(z), -np.inf), sum(sizes)
        for first in range(0, len(z), BLOCK):
            some = slice(first, first + BLOCK)
            for c, n in zip(self.components, sizes, strict=True):
                log_c = c.log_density(z[some]) + math.log(n / total)
                density[some] = np.logaddexp(density[some], log_c)
        return density


@lru_cache(maxsize=64)
def _drawn(
    mixture: Mixture, points: int, replicates: int, random_seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    found = mixture.draw(points, replicates, random_seed)
    for array in found:
        array.setflags(write=False)
    return found


def drawn(
    mixture: Mixture, points: int, replicates: int, random_seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`Mixture.draw`, kept for the next rows that ask for the same unless it is large."""
    draw = _drawn if points * replicates <= _KEPT else Mixture.draw
    return draw(mixture, points, replicates, random_seed)


_KEPT = 8192
"""Points up to which what was drawn is kept."""
_PRIMES = (31, 61, 127, 257, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521)


def prime_near(wanted: float) -> int:
    """Number of points on offer that is nearest to what is wanted."""
    return min(_PRIMES, key=lambda p: abs(math.log(p / wanted)))


def mixture_of(
    components: Sequence[Component], weights: np.ndarray, dim: int, *, least: float = 0.04
) -> Mixture:
    """Mix components, each with a floor, and a share of the prior's."""
    share = np.maximum(weights / weights.sum(), least)
    wide = 0.08
    share = (1.0 - wide) * share / share.sum()
    return Mixture((*components, prior_component(dim)), (*share.tolist(), wide))
