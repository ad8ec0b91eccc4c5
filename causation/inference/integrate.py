"""The integrator: importance sampling with randomised lattice points around every mode.

It knows no case: it gets the log of an integrand over standard normal latents, for one or many
rows that share their latents, and returns log integrals with the error that independent
randomisations show. Where the first proposal misses its tolerance a slower road takes over:
more points, a proposal of a row's own, at last one that is refitted to what was drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from causation.inference.integral import Integral, Origin, Problem, by_row
from causation.inference.moving import Moved, move
from causation.inference.proposal import (
    Gradient,
    Mixture,
    Modes,
    Value,
    bent,
    drawn,
    find_modes,
    fit_lines,
    mixture_of,
    slices,
)
from causation.inference.valleys import beyond_valleys, far_from, gained
from causation.inference.weighing import LN10, by_mode, by_replicate, nearest, refitted

_CHUNK = 3_000_000
_LET_PASS = 0.1
"""Standard error of log10 up to which rows after the first may pass."""
_DOUBT, _ROUGH, _BEHIND = 5.0, 0.15, 1e6
"""Of an integral that may lie far behind: how stated errors are distrusted the more the larger they
are, the error of log10 from which on nothing is said, and how far it may lie at the most."""
_ABREAST = 16
"""Rows that are searched together."""
_CORNER = 0.3
"""Weight of a component for what goes round a corner, beside that of the mode."""
_LATER = 1.25
"""How much larger the error of a later try may be."""


@dataclass(frozen=True)
class IntegratorSettings:
    """Settings of the integrator.

    Parameters
    ----------
    tolerance : float
        Standard error of log10 that is aimed at.
    limit : float
        Standard error of log10 beyond which the slower road is taken to its end.
    heavy : float
        Standard error of log10 that is aimed at where points take long, as with a hundred victims.
    points : tuple of int
        Points in a randomisation, tried in turn.
    replicates : int
        Independent randomisations.
    random_seed : int
    """

    tolerance: float = 0.0025
    limit: float = 0.006
    heavy: float = 0.0095
    points: tuple[int, ...] = (257, 1021, 4093, 16381)
    replicates: int = 8
    random_seed: int = 20250723
    others: float = 0.005


DRAFT = IntegratorSettings(
    tolerance=0.01, limit=0.02, heavy=0.02, points=(127, 509, 2039), replicates=4, others=0.02
)
"""For what is drawn many times over."""
DRAWN = replace(DRAFT, others=0.04, points=(61, 257, 1021))
"""For inputs that are elicited once more: their spread is far larger than such errors."""


def integrate(
    problem: Problem,
    settings: IntegratorSettings | None = None,
    *,
    origin: Origin | None = None,
    home: np.ndarray | None = None,
    parent: Origin | None = None,
    keep: bool = False,
    beside: np.ndarray | None = None,
) -> Integral:
    """Integrate every row of a problem.

    Parameters
    ----------
    problem : Problem
    settings : IntegratorSettings, optional
    origin : Origin, optional
        What an earlier call found of the same integrand.
    home : ndarray of bool, shape (S,)
        Rows that differ from the one it was found of in counts alone.
    parent : Origin, optional
        Of a like integrand with other numbers, for a first row without an origin.
    keep : bool
        Whether later calls will start from what is found of the first row.
    beside : ndarray, shape (S,), optional
        Log (natural) of what every row's integral will be added to: the less it adds, the larger
        its error may be.
    """
    chosen = settings or IntegratorSettings()
    rows = np.arange(problem.rows)
    if problem.dim == 0:
        point = np.zeros((1, 0))
        means = problem.functionals(point, rows)
        return Integral(
            problem.log_likelihood(point, rows)[:, 0],
            np.zeros(problem.rows),
            None if means is None else means[:, 0],
            np.zeros(problem.rows, bool),
        )
    search = _Search(problem, chosen, keep=keep)
    if beside is not None:
        search.beside = beside
    if origin is None or home is None:
        return search.run(search.first(parent), problem.alike == 0)
    if problem.rows > 1:
        search.others = 0
    elif home[0] and not search.elsewhere(origin, np.arange(1))[0]:
        search.again(origin.mixture)
    return search.run(origin, home)


class _Search:
    """Rows that still miss their tolerance, and what was found for the others."""

    def __init__(self, problem: Problem, settings: IntegratorSettings, *, keep: bool) -> None:
        self.problem, self.settings, self.keep = problem, settings, keep
        self.value = np.full(problem.rows, -np.inf)
        self.error = np.full(problem.rows, np.inf)
        self.slow = np.zeros(problem.rows, bool)
        self.beside = np.full(problem.rows, -np.inf)
        self.others = 1  # first of the rows that may have a larger error
        self._from: list[object] = [None] * problem.rows
        self._points = np.zeros(problem.rows, int)
        self._last: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def first(self, parent: Origin | None) -> Origin:
        """Integrate the first row, and keep what was found on the way."""
        one = np.arange(1)
        if parent is not None:
            found = self._inherited(parent)
        if parent is not None and not self.elsewhere(parent, one, found.modes.place[None])[0]:
            if len(self._shared(found.mixture, one)) and not self._misses(one, by=4.0)[0]:
                self._try(found.mixture, one, self.settings.points[:3][-1])
            if not self._misses(one)[0]:
                return found
        starts = self.problem.starts(one)
        ((modes, mixture),) = self._mixtures(one, starts)
        moving = by_mode(mixture, len(modes.place) - 1)
        missed = self._shared(mixture, one) if self.problem.heavy < 1.0 else one
        if len(missed) and self.problem.axis is not None and self.problem.dim > 2:
            (mixture,) = self._sliced([mixture], one, self.problem.axis)
            moving = by_mode(mixture, len(modes.place) - 1)
            missed = self._shared(mixture, missed)
            if len(modes.place) == 1 and self.several:
                moving = [self._refitted(mixture, 0)]
        if len(missed):
            last, mixture = mixture, self._alone(0, mixture)
            if mixture is not last and self.several:
                moving = nearest(mixture, modes, moving)
        alone = 2 * len(self.problem.pairs)  # the last: modes lie there or nothing does
        return self._origin(modes, mixture, moving, starts[0, : starts.shape[1] - alone])

    def _origin(
        self, modes: Modes, mixture: Mixture, moving: Sequence[Mixture], starts: np.ndarray
    ) -> Origin:
        """What is kept of the first row."""
        if not self.several:
            return Origin(modes, mixture, moving)
        away = far_from(starts, modes)
        beyond = self._beyond(away, modes.place, np.arange(1))[0]
        return Origin(modes, mixture, moving, away, beyond)

    def _beyond(self, starts: np.ndarray, place: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """See `beyond_valleys`; for some rows."""

        def log_target(z: np.ndarray) -> np.ndarray:
            found: np.ndarray = self.problem.log_likelihood(z, rows) - 0.5 * (z * z).sum(axis=-1)
            return found

        return beyond_valleys(log_target, starts, place)

    def elsewhere(
        self, origin: Origin, rows: np.ndarray, place: np.ndarray | None = None
    ) -> np.ndarray:
        """Which rows have mass apart from modes where the first one has none, shape (S,).

        Modes are those of the first row, or at places (S, J, D).
        """
        if not (len(origin.starts) and len(rows)):
            return np.zeros(len(rows), bool)
        ends = origin.modes.place if place is None else place
        return gained(self._beyond(origin.starts, ends, rows), origin.beyond)

    def again(self, mixture: Mixture) -> None:
        """Integrate the first row with a proposal that served it before.

        Where others count its mass may lie elsewhere: then it is still to be found.
        """
        one = np.arange(1)
        if len(self._shared(mixture, one)):
            if self._misses(one, by=8.0)[0]:
                self.value[0], self.error[0], self._from[0] = -np.inf, np.inf, None
            else:
                self._alone(0, mixture)

    def run(self, origin: Origin, home: np.ndarray) -> Integral:
        """Integrate the rows that are not known yet.

        Parameters
        ----------
        home : ndarray of bool, shape (S,)
            Rows that have the origin's numbers.
        """
        todo = np.flatnonzero(np.isinf(self.error))
        if len(todo):
            remaining = self._others(origin, todo, home[todo])
            for rows in np.split(remaining, range(_ABREAST, len(remaining), _ABREAST)):
                for row, mixture in zip(rows.tolist(), self._searched(rows), strict=True):
                    self._alone(row, mixture)
        return Integral(self.value, self.error, self._means(), self.slow, origin)

    def _inherited(self, parent: Origin) -> Origin:
        """The proposals of a like integrand, moved to where the mass of the first row lies."""
        moved = move(self._kernel(np.arange(1)), 1, parent.modes, parent.moving)
        return Origin(*moved.one(), parent.starts, parent.beyond)

    def _others(self, origin: Origin, rows: np.ndarray, home: np.ndarray) -> np.ndarray:
        """Rows after the first, with its points or its proposals, moved; those far off remain."""
        missed = rows[home]
        missed = missed[~self.elsewhere(origin, missed)]
        for n, points in enumerate(self.settings.points[:3]):
            missed = missed[self._misses(missed, by=1.0 if n < 2 else 2.0)]
            self._try(origin.mixture, missed, points)
        missed = rows[home][self._misses(rows[home], by=2.0)]
        todo = np.sort(np.concatenate([missed, rows[~home]]))
        if len(todo):
            self._moved(origin, todo)
        others = self.settings.others
        enough = max(self.settings.limit, self.enough, others, min(4.0 * others, _LET_PASS))
        remaining: np.ndarray = rows[self._off(rows) > enough]
        return remaining

    def _kernel(
        self, rows: np.ndarray
    ) -> Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """Log of some rows' integrands at points of their own, with gradients."""

        def gradients(z: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            f, g = self.problem.gradients(z, rows[at])
            return f - 0.5 * (z * z).sum(axis=-1), g - z

        return gradients

    def _moved(self, origin: Origin, rows: np.ndarray) -> None:
        """Try rows with the first one's proposals, moved."""
        problem, modes = self.problem, origin.modes
        wide = len(modes.place) * (problem.dim + 1) * problem.dim * 12
        step = max(1, _CHUNK // wide)
        for part in np.split(rows, range(step, len(rows), step)):
            proposals = move(self._kernel(part), len(part), modes, origin.moving)
            near = ~self.elsewhere(origin, part, proposals.place)
            proposals, some = proposals.take(near), part[near]
            for n, points in enumerate(self.settings.points[:3]):
                todo = self._misses(some, by=1.0 if n < 2 else 2.0)
                if n:  # where they promise to do
                    todo &= ~self._misses(some, by=8.0)
                self._try_each(proposals.take(todo), some[todo], points)

    @property
    def several(self) -> bool:
        """Whether other rows will start from the first."""
        return self.keep or self.problem.rows > 1

    @cached_property
    def enough(self) -> float:
        """Standard error of log10 at which a row is left: more for what takes long."""
        settings = self.settings
        return settings.tolerance + self.problem.heavy * (settings.heavy - settings.tolerance)

    def _shared(self, mixture: Mixture, rows: np.ndarray) -> np.ndarray:
        """Try rows with one proposal; return those that miss their tolerance."""
        few, *more = self.settings.points[:2]
        self._try(mixture, rows, few)
        for points in more:  # where they promise to do
            self._try(mixture, rows[self._misses(rows) & ~self._misses(rows, by=5.0)], points)
        missed: np.ndarray = rows[self._misses(rows)]
        return missed

    def _misses(self, rows: np.ndarray, *, by: float = 1.0) -> np.ndarray:
        enough = np.where(rows >= self.others, max(self.enough, self.settings.others), self.enough)
        result: np.ndarray = self._off(rows) > by * enough
        return result

    def _off(self, rows: np.ndarray) -> np.ndarray:
        """Standard error of log10, in the share that the integral has in what it is added to."""
        error = self.error[rows]
        with np.errstate(over="ignore", invalid="ignore"):
            surely = self.value[rows] + 2.0 * LN10 * error * (1.0 + _DOUBT * error)
            behind = np.exp(self.beside[rows] - surely)
        behind = np.where(np.isfinite(error), np.minimum(behind, _BEHIND), 0.0)
        result: np.ndarray = np.where(error > _ROUGH, error, error / (1.0 + behind))
        return result

    def _searched(self, rows: np.ndarray) -> list[Mixture]:
        """Try some rows with proposals at modes of their own; those proposals."""
        if not rows.size:
            return []
        starts = self.problem.starts(rows)
        if self.problem.heavy >= 1.0 and (alone := 2 * len(self.problem.pairs)):
            starts = starts[:, :-alone]  # of very many victims in the first row only
        found = self._mixtures(rows, starts)
        mixtures = dict(zip(rows.tolist(), (x for _, x in found), strict=True))
        for row, mixture in mixtures.items():
            self._shared(mixture, np.array([row]))
        missed = rows[self._misses(rows)]
        if self.problem.axis is not None and missed.size:
            mine = [mixtures[row] for row in missed.tolist()]
            sliced = self._sliced(mine, missed, self.problem.axis)
            mixtures |= zip(missed.tolist(), sliced, strict=True)
            for row in missed.tolist():
                self._shared(mixtures[row], np.array([row]))
        return [mixtures[row] for row in rows.tolist()]

    def _alone(self, row: int, mine: Mixture) -> Mixture:
        """A row by itself: its proposal refitted, with more points; the last one."""
        one, settings = np.array([row]), self.settings
        if self._misses(one)[0] and (self.problem.heavy >= 1.0 or not self._misses(one, by=4.0)[0]):
            self._try(mine, one, settings.points[:3][-1])  # only points are missing
        for clusters in (1, 1, 1, 4, 1):
            if self._off(one)[0] <= max(2.0 * settings.tolerance, self.enough):
                break
            mine = self._refitted(mine, row, clusters=clusters)
            self._try(mine, one, settings.points[:2][-1])
        for points in settings.points[1:]:
            if self._off(one)[0] <= self.enough:
                return mine
            self._try(mine, one, points)
        self.slow[row] = bool(self._off(one)[0] > settings.limit)
        for _ in range(3):
            if self._off(one)[0] <= max(settings.limit, self.enough):
                return mine
            mine = self._refitted(mine, row)
            self._try(mine, one, settings.points[-1])
        return mine

    def _log_target(self, row: int) -> Callable[[np.ndarray], np.ndarray]:
        one = np.array([row])

        def value(z: np.ndarray) -> np.ndarray:
            result: np.ndarray = self.problem.log_likelihood(z, one)[0] - 0.5 * (z * z).sum(axis=1)
            return result

        return value

    def _mixtures(self, rows: np.ndarray, starts: np.ndarray) -> list[tuple[Modes, Mixture]]:
        """Modes of some rows, climbed to from (S, K, D), and a proposal for each at its own."""
        every = find_modes(*_target(self.problem, np.repeat(rows, starts.shape[1])), starts)
        found = []
        for row, modes in zip(rows.tolist(), every, strict=True):
            components = [
                fit_lines(self._log_target(row), place, root)
                for place, root in zip(modes.place, modes.root, strict=True)
            ]
            weights = np.exp(0.5 * (modes.log_mass - modes.log_mass.max()))
            more = bent(self._log_target(row), modes.place[0], modes.root[0], self.problem.pairs)
            components[1:1] = more
            weights = np.insert(weights, 1, [_CORNER] * len(more))
            found.append((modes, mixture_of(components, weights, self.problem.dim)))
        return found

    def _sliced(self, mixtures: Sequence[Mixture], rows: np.ndarray, axis: int) -> list[Mixture]:
        """A component for every slice in which a row has mass, at its conditional mode."""
        places = np.array([m.components[0].place for m in mixtures])
        every = slices(*_target(self.problem, rows), places, axis)
        found = []
        for mixture, (components, log_mass) in zip(mixtures, every, strict=True):
            weights = np.exp(0.7 * (log_mass - log_mass.max()))
            whole = [*components, *mixture.components[1:-1]]  # further modes
            share = np.concatenate([weights / weights.sum(), mixture.share[1:-1]])
            found.append(mixture_of(whole, share, self.problem.dim, least=0.03))
        return found

    def _try(self, mixture: Mixture, rows: np.ndarray, points: int) -> None:
        """Integrate some rows with a proposal; keep what is not much worse than before."""
        if not len(rows):
            return
        problem, settings = self.problem, self.settings
        z, log_q, which = drawn(mixture, points, settings.replicates, settings.random_seed)
        step = max(1, _CHUNK // (len(z) * (problem.dim + 4)))
        for first in range(0, len(rows), step):
            self._weigh(z, log_q, which, rows[first : first + step], proposal=mixture)

    def _try_each(self, proposals: Moved, rows: np.ndarray, points: int) -> None:
        """Integrate some rows, each with a proposal of its own."""
        settings = self.settings
        step = max(1, _CHUNK // (2 * points * settings.replicates * (self.problem.dim + 4)))
        for first in range(0, len(rows), step):
            some = slice(first, first + step)
            drawn = proposals.take(some).draw(points, settings.replicates, settings.random_seed)
            self._weigh(*drawn, rows[some], proposal=proposals.mixtures)

    def _weigh(
        self,
        z: np.ndarray,
        log_q: np.ndarray,
        which: np.ndarray,
        rows: np.ndarray,
        *,
        proposal: object,
    ) -> None:
        """Weigh points, (P, D) or (S, P, D), of some rows."""
        problem, settings = self.problem, self.settings
        base = -0.5 * (z * z).sum(axis=-1) - 0.5 * problem.dim * math.log(2.0 * math.pi) - log_q
        log_w = problem.log_likelihood(z, rows) + base
        value, error = by_replicate(log_w, which, settings.replicates)
        # the later, of more points or a better proposal: to keep the least of the stated
        # errors would be to prefer tries that missed what is rare
        before, size = self.error[rows], self._points[rows]
        same = np.array([self._from[row] is proposal for row in rows.tolist()], bool)
        more = same & (z.shape[-2] > size)
        # with the same proposal more points are no better than there are more of them
        least = np.where(more, before, 0.0) * size / z.shape[-2]
        error = np.maximum(error, least)
        better = np.isfinite(value) & (more | (error < _LATER * before))
        better |= np.isneginf(value) & np.isinf(before)
        chosen = rows[better]
        self.value[chosen], self.error[chosen] = value[better], error[better]
        self._points[chosen] = z.shape[-2]
        for row in chosen.tolist():
            self._from[row] = proposal
        for i in np.flatnonzero(better).tolist() if self._averaged else ():
            self._last[int(rows[i])] = (z if z.ndim == 2 else z[i], log_w[i])

    @cached_property
    def _averaged(self) -> bool:
        """Whether means are wanted."""
        return getattr(self.problem, "wanted", True) is not None

    def _means(self) -> np.ndarray | None:
        """Means over the last points of every row; rows that share them are averaged together."""
        shared: dict[int, list[int]] = {}
        for row, (z, _) in self._last.items():
            shared.setdefault(id(z), []).append(row)
        means: np.ndarray | None = None
        for rows in shared.values():
            f = self.problem.functionals(self._last[rows[0]][0], np.array(rows))
            if f is None:
                return None
            if means is None:
                means = np.zeros((self.problem.rows, f.shape[-1]))
            log_w = np.stack([self._last[row][1] for row in rows])
            w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
            means[rows] = np.einsum("sp,spq->sq", w, f) / w.sum(axis=1)[:, None]
        return means

    def _refitted(self, mixture: Mixture, row: int, *, clusters: int = 1) -> Mixture:
        seed = self.settings.random_seed
        return refitted(self._log_target(row), mixture, clusters=clusters, random_seed=seed)


def _target(problem: Problem, rows: np.ndarray) -> tuple[Value, Gradient]:
    """Log of some rows' integrands, the normal density's kernel included, and its gradient.

    Both at points and the place among the rows of the one that each belongs to.
    """

    def value(z: np.ndarray, owner: np.ndarray) -> np.ndarray:
        (f,) = by_row(lambda z, rows, _: [problem.log_likelihood(z, rows)], z, rows[owner])
        result: np.ndarray = f - 0.5 * (z * z).sum(axis=1)
        return result

    def gradient(z: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        f, g = by_row(lambda z, rows, _: problem.gradients(z, rows), z, rows[owner])
        return f - 0.5 * (z * z).sum(axis=1), g - z

    return value, gradient
