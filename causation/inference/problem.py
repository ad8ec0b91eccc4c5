"""The integrand of one route, as the integrator wants it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.arrays import TRACING, Traced, slopes
from causation.evidence.dates import is_dated
from causation.evidence.fields import facts_of
from causation.evidence.series import width_of
from causation.inference.alike import alike
from causation.inference.integral import by_row
from causation.inference.pooled import Pooled
from causation.inference.proposal import climb

if TYPE_CHECKING:
    from causation.evidence.base import At
    from causation.model.density import Density

_TOGETHER, _KEPT = 400_000, 64
LARGE = 40
HALVES = 4
_GIVEN, _ONE = 3.0, 5.0
"""Of a field's own latent, where its source is to be the one that gave it, with others or alone."""
_STEPS, _AFAR, _GAINED = (3.0, 6.0), 3, 5.0
"""How far out along single latents it is looked for modes, from how many places the search begins,
and nats that one must have gained."""
MANY = 12
"""Victims of uncertain linkage up to which each one's being linked alone is a start."""


@dataclass(frozen=True, eq=False)
class RouteProblem:
    """Victims' evidence under one route, for rows of numbers.

    Parameters
    ----------
    density : Density
    center, sd : ndarray, shape (S, N)
    log_b : ndarray, shape (S, U)
        Log probability of each uncertain victim if he is not linked.
    wanted : callable, optional
        Functions whose posterior means are wanted: from a point of evaluation, `log_b` and, where
        rows leave some out, `count` to an array of shape (S, P, Q).
    count : ndarray, shape (S, V), optional
        How many there are of every victim, where rows leave some out.
    """

    density: Density
    center: np.ndarray
    sd: np.ndarray
    log_b: np.ndarray
    wanted: Callable[..., Any] | None = None
    count: np.ndarray | None = None

    @property
    def dim(self) -> int:
        """Number of latents."""
        return self.density.dim

    @property
    def axis(self) -> int | None:
        """The share published: what sources give and what of it is published make up a ridge."""
        return self.density.names.index("v") if "v" in self.density.names else None

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """Of a chain the shares of both sources in a field: either may have given it."""
        place = {n: d for d, n in enumerate(self.density.names)}
        sources = self.density.route.sources
        fields = (
            sorted({f for v in self.density.series.victims for f in facts_of(v).published})
            if len(sources) > 1
            else []
        )
        both = [tuple(place.get(f"own:c.{s.name}.{f}", -1) for s in sources) for f in fields]
        return [(x[0], x[1]) for x in both if min(x) >= 0]

    @property
    def heavy(self) -> float:
        """How far the error that is aimed at goes from that of few victims to that of many."""
        return min(max((len(self.density.series.victims) - MANY) / (LARGE - MANY), 0.0), 1.0)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.center)

    def _at(self, z: np.ndarray, rows: np.ndarray) -> At:
        points = z if z.ndim == 3 else z[None]
        numbers = self.center[rows][:, None], self.sd[rows][:, None]
        if len(self._constants) > _KEPT:
            self._constants.clear()
        kept = self._constants.setdefault(rows.tobytes(), {})
        return self.density.at(points, *numbers, constants=kept)

    @cached_property
    def _constants(self) -> dict[bytes, dict[Hashable, Any]]:
        """What hangs on the numbers alone, by rows."""
        return {}

    @cached_property
    def alike(self) -> np.ndarray:
        """For every row the first with the same numbers, shape (S,)."""
        whole = np.concatenate([self.center, self.sd, self.log_b], axis=1)
        _, first, back = np.unique(whole, axis=0, return_index=True, return_inverse=True)
        result: np.ndarray = first[back.ravel()]
        return result

    def _count(self, rows: np.ndarray) -> np.ndarray | None:
        return None if self.count is None else self.count[rows][:, None]

    def log_likelihood(self, z: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Log likelihood at points (P, D) that rows share, or (S, P, D); shape (S, P)."""
        result = np.empty((len(rows), z.shape[-2]))
        if self.count is not None and z.ndim == 2:
            first = self.alike[rows]
            for one in np.unique(first):
                mine = np.flatnonzero(first == one)
                self._fill(result, mine, z, np.array([one]), self.count[rows[mine]])
        elif z.ndim == 2 and len(rows) > 1 and self.count is None and self._stated is not None:
            for places in alike(self._stated[rows]):
                self._fill_alike(result, places, z, rows[places])
        else:
            self._fill(result, np.arange(len(rows)), z, rows, self._count(rows))
        return result

    @cached_property
    def _stated(self) -> np.ndarray | None:
        """What victims' entries read of the numbers of every row, where they share terms."""
        density = self.density
        if not isinstance(density, Pooled) or density.atoms is None:
            return None
        read = density.stated(self.center, self.sd)
        return np.concatenate([self.center[:, read], self.sd[:, read]], axis=1)

    def _fill_alike(
        self, result: np.ndarray, places: np.ndarray, z: np.ndarray, rows: np.ndarray
    ) -> None:
        """Log likelihood of rows that state the same, at the same points."""
        density = self.density
        step = max(64, _TOGETHER // self.dim)
        if len(rows) > 1 and isinstance(density, Pooled):
            numbers = self.center[rows][:, None], self.sd[rows][:, None]
            each = density.at(z[None, :1], *numbers)
            for first in range(0, len(z), step):
                some = slice(first, first + step)
                found = density.log_rows(
                    self._at(z[some], rows[:1]), each, self.log_b[rows][:, None]
                )
                if found is None:
                    break
                result[places, some] = found
            else:
                return
        self._fill(result, places, z, rows, None)

    def _fill(
        self,
        result: np.ndarray,
        places: np.ndarray,
        z: np.ndarray,
        rows: np.ndarray,
        count: np.ndarray | None,
    ) -> None:
        """Log likelihood of rows of numbers, or of one with several counts, in some places."""
        step = self._step(rows)
        for first in range(0, z.shape[-2], step):
            some = slice(first, first + step)
            found = self.density.log_total(
                self._at(z[..., some, :], rows), self.log_b[rows][:, None], count=count
            )
            several = count is not None and count.ndim == 2
            result[places, some] = found[0].T if several else found

    def _step(self, rows: np.ndarray) -> int:
        """Points that are taken together."""
        return max(64, _TOGETHER // (len(rows) * self._wide))

    @cached_property
    def _wide(self) -> int:
        """Numbers that a point takes."""
        density, at = self.density, self._at(np.zeros((1, self.dim)), np.arange(1))
        victims = density.series.victims
        dated = width_of(victims, density.route, at) if any(map(is_dated, victims)) else 0
        return self.dim + len(victims) + 2 * dated

    def functionals(self, z: np.ndarray, rows: np.ndarray) -> np.ndarray | None:
        """Functions whose posterior means are wanted, shape (S, P, Q)."""
        if self.wanted is None:
            return None
        count = self._count(rows)
        more = () if count is None else (count,)
        step = self._step(rows)
        parts = []
        for first in range(0, z.shape[-2], step):
            some = z[..., first : first + step, :]
            found = np.asarray(self.wanted(self._at(some, rows), self.log_b[rows][:, None], *more))
            parts.append(np.broadcast_to(found, (len(rows), some.shape[-2], found.shape[-1])))
        return np.concatenate(parts, axis=1)

    def gradients(
        self, z: np.ndarray, rows: np.ndarray, linked: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Log likelihood at points of every row, (S, K, D), with its gradients."""
        leaves = [Traced(np.ascontiguousarray(z[..., d])) for d in range(self.dim)]
        at = self._at(z, rows)
        at.xp, at.z = TRACING, dict(zip(self.density.names, leaves, strict=True))
        total = self.density.log_total(
            at, self.log_b[rows][:, None], linked=linked, count=self._count(rows)
        )
        if not isinstance(total, Traced):
            return np.zeros(z.shape[:2]), np.zeros(z.shape)
        value = np.broadcast_to(total.value, z.shape[:2])
        return value, np.stack(slopes(total, leaves), axis=-1)

    def starts(self, rows: np.ndarray) -> np.ndarray:
        """Modes if victims of uncertain linkage were linked or not: all, none, each; (S, K, D).

        A mixture over who is linked has a mode for every set that hangs together; with many
        unlike victims, random halves stand for those. In a chain either source may be the one that
        gave what was published; on a list by any of several fields one may be never given but for
        those who stand there. And what fits badly in the middle may fit far out in one direction.
        """
        many = self.density.uncertain.size
        patterns = [np.ones(many, bool), np.zeros(many, bool)]
        if 1 < many <= MANY:
            one = np.eye(many, dtype=bool)
            patterns += [~p for p in one] + list(one)
        elif many > MANY:
            rng = np.random.default_rng(many)
            patterns += [rng.random(many) < 0.5 for _ in range(HALVES)]
        linked = np.array(list({p.tobytes(): p for p in patterns}.values()))
        places = np.zeros((len(rows), len(linked) if many else 1, self.dim))
        if many:
            places = self._climbed(places, rows, linked)
        given = np.concatenate([self._by_supplier, self._by_listing])
        every = np.repeat(given[None], len(rows), axis=0)
        return np.concatenate([places, every, self._far_out(rows)], axis=1)

    def _far_out(self, rows: np.ndarray) -> np.ndarray:
        """Places along single latents that gain the most on the middle, shape (S, K, D)."""
        steps = np.array([-1.0, 1.0])[:, None] * np.array(_STEPS)
        ways = (steps.reshape(-1, 1, 1) * np.eye(self.dim)).reshape(-1, self.dim)
        every = np.concatenate([np.zeros((1, self.dim)), ways])
        log_f = self.log_likelihood(every, rows) - 0.5 * (every**2).sum(axis=1)
        log_f = np.where(np.isfinite(log_f), log_f, -np.inf)
        with np.errstate(invalid="ignore"):
            gain = log_f[:, 1:] - log_f[:, :1]
        gain = np.where(np.isnan(gain), -np.inf, gain).reshape(len(rows), 2, len(_STEPS), -1)
        size = gain.argmax(axis=2)  # of every latent and sign
        best = np.take_along_axis(gain, size[:, :, None], axis=2)[:, :, 0].reshape(len(rows), -1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :_AFAR]
        sign, latent = np.divmod(order, self.dim)
        far = steps[sign, np.take_along_axis(size.reshape(len(rows), -1), order, axis=1)]
        far = np.where(np.take_along_axis(best, order, axis=1) > _GAINED, far, 0.0)
        return far[..., None] * np.eye(self.dim)[latent]

    def _climbed(self, places: np.ndarray, rows: np.ndarray, linked: np.ndarray) -> np.ndarray:
        """Climb in every row, from each place with victims linked as one pattern has it."""

        def owners(owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            row, pattern = np.divmod(owner, len(linked))
            return rows[row], linked[pattern]

        def value(z: np.ndarray, owner: np.ndarray) -> np.ndarray:
            mine, pattern = owners(owner)

            def total(z: np.ndarray, rows: np.ndarray, which: np.ndarray) -> list[np.ndarray]:
                log_f = self.density.log_total(
                    self._at(z, rows), self.log_b[rows][:, None], linked=pattern[which],
                    count=self._count(rows),
                )  # fmt: skip
                return [np.broadcast_to(log_f, z.shape[:2])]

            (log_f,) = by_row(total, z, mine)
            result: np.ndarray = log_f - 0.5 * (z * z).sum(axis=1)
            return result

        def gradient(z: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            mine, pattern = owners(owner)
            f, g = by_row(lambda z, rows, which: self.gradients(z, rows, pattern[which]), z, mine)
            return f - 0.5 * (z * z).sum(axis=1), g - z

        found, _, _ = climb(value, gradient, places.reshape(-1, self.dim), most=25, close=0.05)
        return found.reshape(places.shape)

    @cached_property
    def _by_supplier(self) -> np.ndarray:
        """For each source of a chain where it gave all, or one, that was published, (K, D)."""
        density = self.density
        sources, victims = density.route.sources, density.series.victims
        published = {f for v in victims for f in facts_of(v).published}
        found = np.zeros((len(sources) if len(sources) > 1 else 0, self.dim))
        for place, s in zip(found, sources, strict=False):
            names = {f"own:c.{s.name}.{f}" for f in published}
            place[[n in names for n in density.names]] = _GIVEN
        return np.concatenate([found, _ONE * np.eye(self.dim)[[d for x in self.pairs for d in x]]])

    @cached_property
    def _by_listing(self) -> np.ndarray:
        """For each field of a list by any of several where none of the others is given, (K, D)."""
        density = self.density
        found = []
        for fields in sorted({facts_of(v).any_of for v in density.series.victims}):
            for kept in fields if len(fields) > 1 else ():
                names = {f"own:c.{s.name}.{f}" for s in density.route.sources
                         for f in fields if f != kept}  # fmt: skip
                found.append([-_ONE if n in names else 0.0 for n in density.names])
        return np.array(found).reshape(-1, self.dim)
