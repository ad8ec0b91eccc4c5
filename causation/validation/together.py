"""Many cases of one shape at once.

Cases of one design differ in what was seen, not in a number: the same sorts of victims come up
again and again. The likelihood of every sort is computed once at points drawn from the latents'
own distribution; a case is then a sum over its victims at every point. What misses its tolerance
is left to the engine (`causation.inference.evaluate`), from which nothing but the likelihood
itself is shared.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logsumexp, ndtri

from causation.analyses.naive import independent
from causation.evidence.series import RANKS
from causation.inference.evaluation import Evaluation
from causation.inference.integrate import DRAFT
from causation.inference.lattice import shifted_lattice
from causation.inference.provenance import Wanted, claimed
from causation.model.routes import VAGUE
from causation.model.simulation import MARK
from causation.model.structure import build_model
from causation.scales import LN10

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledGroup
    from causation.evidence.base import At, Route
    from causation.model.density import Density
    from causation.model.structure import Model

SHIFTS, POINTS = 4, 4093
_WIDE = 4_000_000
_FEW = 24
"""Victims whose probability if they are strangers is found at once."""
_NEVER = -1e9
"""In place of minus infinity, which no count may be multiplied with."""
_LOOSE = 0.2
"""Share of the error of as many independent points that is added, in squares."""


def facts_of_group(group: FilledGroup) -> Hashable:
    """What was seen of a victim, and whom the case file means by him."""
    return (
        group.id.partition(MARK)[0],
        group.disclosed,
        group.not_disclosed,
        tuple(sorted(group.traits.items())),
        tuple(sorted(group.users.items())),
        group.records,
        tuple(sorted(group.dates.items())),
    )


class Together:
    """The victims' evidence of many cases of one case file, without findings and security.

    Parameters
    ----------
    stated : Model
        Of the case file.
    cases : sequence of Filled
        What was seen; all N by the numbers of `stated`.

    Attributes
    ----------
    log_evidence, error, credit, naive : ndarray, shape (N, Z)
        Natural log of every route's likelihood, its standard error (log10), the posterior chance
        that the proposition is true given the route, and the log likelihood as if all were
        independent.
    """

    def __init__(self, stated: Model, cases: Sequence[Filled]) -> None:
        places: dict[Hashable, int] = {}
        groups: list[FilledGroup] = []
        for g in (g for filled in cases for g in filled.groups):
            if places.setdefault(facts_of_group(g), len(places)) == len(groups):
                groups.append(replace(g, id=f"sort{len(groups)}", count=1))
        filled = replace(stated.filled, groups=tuple(groups), all_groups=tuple(groups))
        self.model = build_model(filled)
        self.engine = Evaluation(self.model, self.model.base(), DRAFT)
        of_sort = self.engine.series.groups
        count = np.zeros((len(cases), len(self.engine.series.victims)))
        first = np.zeros(len(cases), int)
        for c, case in enumerate(cases):
            for g in case.groups:
                v = of_sort[f"sort{places[facts_of_group(g)]}"]
                count[c, v] += g.count
                if g.first:
                    first[c] = v
        # like cases are one
        whole, back = np.unique(np.column_stack([first, count]), axis=0, return_inverse=True)
        self.first, self.count = whole[:, 0].astype(int), whole[:, 1:]
        found = self._run()
        found = [x[back.ravel()] for x in found]
        found[::3] = [np.where(x < 0.5 * _NEVER, -np.inf, x) for x in found[::3]]
        self.log_evidence, self.error, self.credit, self.naive = found

    def _run(self) -> list[np.ndarray]:
        engine, routes = self.engine, self.model.routes
        log_fit = engine.log_fit[:, 0]
        odd, odd_error, _ = self._integral(VAGUE, "")
        columns = []
        for z, route in enumerate(routes):
            if route.vague:
                value, error, credit = odd, odd_error, self._constant(route)
            else:
                own, own_error, credit = self._integral(route, self.model.reach_of[z])
                fits, misfits = log_fit[0, z] + own, log_fit[1, z] + odd
                value = np.logaddexp(fits, misfits)
                share = np.exp(fits - np.where(np.isfinite(value), value, 0.0))
                error = np.hypot(share * own_error, (1.0 - share) * odd_error)
                credit = share * credit + (1.0 - share) * self._constant(route, misfit=True)
            columns.append((value, error, credit, self._naive(route, self.model.reach_of[z])))
        return [np.stack(x, axis=1) for x in zip(*columns, strict=True)]

    def _wanted(self, place: int) -> Wanted:
        """The proposition about a first plaintiff of one sort."""
        series, filled = self.engine.series, self.model.filled
        group = next(g for g, v in series.groups.items() if v == place)
        about = replace(filled, proposition=replace(filled.proposition, victim=group))
        return Wanted.of(replace(self.model, filled=about), series)

    def _constant(self, route: Route, *, misfit: bool = False) -> np.ndarray:
        """Chance of the proposition where it does not hang on the latents, else NaN."""
        table = {}
        for place in np.unique(self.first).tolist():
            wanted = self._wanted(place)
            value = wanted.constant(route)
            if misfit and value is None:
                value = wanted.misfit(route)
            table[place] = np.nan if value is None else value
        return np.array([table[place] for place in self.first.tolist()])

    def _integral(self, route: Route, reach: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Log evidence of the victims, its error (log10), and the chance of the proposition."""
        density = self.engine.density(route, reach)
        u = shifted_lattice(POINTS, density.dim, SHIFTS, DRAFT.random_seed) if density.dim else None
        z = np.zeros((SHIFTS, 1, 0)) if u is None else ndtri(u)
        credit = np.zeros(len(self.count)) if route.vague else self._constant(route)
        asked = np.flatnonzero(np.isnan(credit))
        places, of_case = np.unique(self.first[asked], return_inverse=True)
        claims = [self._wanted(p).claims(route)[0] for p in places.tolist()]
        chance = claimed(density, claims) if claims else None
        at, log_state, _ = self._at(density, z[0, :1])
        states = log_state.shape[1]
        if (states > 1 and claims) or at.memo.get(RANKS) is not None:  # left to the engine
            return credit, np.full(len(credit), np.inf), credit
        top, squares = np.full(len(credit), -np.inf), np.zeros(len(credit))
        sums, hits = np.zeros((SHIFTS, len(credit))), np.zeros(len(asked))
        step = max(16, _WIDE // (states * sum(self.count.shape)))
        for shift, start in product(range(SHIFTS), range(0, z.shape[1], step)):
            at, log_state, log_l = self._at(density, z[shift, start : start + step])
            log_w = _sums(log_l, log_state, self.count)
            new = np.maximum(top, log_w.max(axis=0))
            scale, w, top = np.exp(top - new), np.exp(log_w - new), new
            sums *= scale
            sums[shift] += w.sum(axis=0)
            squares = squares * scale**2 + (w * w).sum(axis=0)
            if chance is not None:
                found = np.broadcast_to(chance(at, self.log_b)[0], (len(w), len(places)))
                hits = hits * scale[asked] + (w[:, asked] * found[:, of_case.ravel()]).sum(axis=0)
        total, points = sums.sum(axis=0), z.shape[0] * z.shape[1]
        credit[asked] = hits / total[asked]
        spread = sums.std(axis=0, ddof=1) * np.sqrt(SHIFTS) / total
        loose = np.sqrt(np.maximum(squares / total**2 - 1.0 / points, 0.0))
        return top + np.log(total / points), np.hypot(spread, _LOOSE * loose) / LN10, credit

    def _at(self, density: Density, z: np.ndarray) -> tuple[At, np.ndarray, np.ndarray]:
        """Points (P, D), states of snapshots there, and every victim with his chance to be linked.

        The log weight of the states has shape (P, K), the log likelihood (P, K, V).
        """
        rows = self.engine.rows
        at = density.at(z[None], rows.center[:, None], rows.sd[:, None])
        weight, found = density.log_l(at)
        log_l = np.asarray(found)
        if weight is None and log_l.ndim:
            log_l = log_l[..., None, :]
        log_state = np.zeros(1) if weight is None else weight
        size = (1, len(z), log_state.shape[-1])
        log_l = np.broadcast_to(log_l, (*size, self.count.shape[1])).copy()
        if density.uncertain.size:
            linked, apart = (np.asarray(x)[..., None, :] for x in density.log_linked(at))
            log_l[..., density.uncertain] = np.logaddexp(
                linked + log_l[..., density.uncertain], apart + self.log_b[0]
            )
        return at, np.broadcast_to(log_state, size)[0], np.maximum(log_l[0], _NEVER)

    @cached_property
    def log_b(self) -> np.ndarray:
        """Log probability of uncertain victims if not of the series, (1, U); a few at a time."""
        series, filled = self.engine.series, self.model.filled
        uncertain = [i for i, v in enumerate(series.victims) if v.linkage is not None]
        of_place = {series.groups[g.id]: g for g in filled.groups}
        result = np.empty((1, len(uncertain)))
        for some in _parts(len(uncertain), _FEW):
            groups = tuple(of_place[i] for i in uncertain[some])
            model = build_model(replace(filled, groups=groups, all_groups=groups))
            few = Evaluation(model, model.base(), DRAFT)
            result[0, some] = few.log_b[0][[few.series.groups[g.id] for g in groups]]
        return result

    def _naive(self, route: Route, reach: str) -> np.ndarray:
        """Log likelihood as if all were independent; everybody belongs to the series."""
        density = self.engine.density(route, reach)
        at = independent(self.model, self.engine.series)
        weight, log_l = density.log_l(at)
        weight = np.zeros((1, 1)) if weight is None else np.reshape(weight, (1, -1))
        if (rank := at.memo.get(RANKS)) is not None:
            weight = np.where(rank == 0, weight, -np.inf)
        shape = (*weight.shape, self.count.shape[1])
        log_l = np.maximum(np.broadcast_to(np.reshape(log_l, (1, -1, shape[-1])), shape), _NEVER)
        return np.asarray(_sums(log_l, weight, self.count)[0])


def _sums(log_l: np.ndarray, log_state: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Log likelihood of cases at every point, (P, N), of (P, K, V), (P, K) and (N, V)."""
    total = log_l @ count.T
    if total.shape[1] == 1:
        return np.asarray(total[:, 0])
    result: np.ndarray = logsumexp(total + log_state[..., None], axis=1)
    return result


def _parts(count: int, step: int) -> Iterator[slice]:
    yield from (slice(i, min(i + step, count)) for i in range(0, count, step))
