"""Many cases of one shape at once.

Cases of one design differ in what was seen, not in a number: the same sorts of victims come up
again and again. The likelihood of every sort is computed once at points drawn from the latents'
own distribution; a case is then a sum over its victims at every point. What misses its tolerance
is left to the engine (`causation.inference.evaluate`), from which nothing but the likelihood
itself is shared.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import logsumexp, ndtri

from causation.analyses.naive import independent
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
    from causation.evidence.base import Route
    from causation.model.density import Density
    from causation.model.structure import Model

__all__ = ["Together", "facts_of_group"]

SHIFTS, POINTS = 4, 4093
_WIDE = 400_000
_CASES = 64
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


@dataclass(frozen=True, eq=False)
class _Table:
    """Log likelihood of every sort of victim at points, shape (P, K, V), K states of snapshots.

    ``log_state`` has shape (P, K).
    """

    log_l: np.ndarray
    log_state: np.ndarray


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

    # --- what the proposition says ---------------------------------------------------------------

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

    # --- integrals -------------------------------------------------------------------------------

    def _integral(self, route: Route, reach: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Log evidence of the victims, its error (log10), and the chance of the proposition."""
        density = self.engine.density(route, reach)
        if density.dim:
            u = shifted_lattice(POINTS, density.dim, SHIFTS, DRAFT.random_seed)
            z = ndtri(u).reshape(-1, density.dim)
        else:
            z = np.zeros((SHIFTS, 0))
        table = self._table(density, z)
        credit = np.zeros(len(self.count)) if route.vague else self._constant(route)
        dated = table.log_l.shape[1] > 1
        if dated and np.isnan(credit).any():  # left to the engine
            return credit, np.full(len(credit), np.inf), credit
        chances = {
            place: self._chance(density, z, place)
            for place in np.unique(self.first[np.isnan(credit)]).tolist()
        }
        value, error = np.empty(len(self.count)), np.empty(len(self.count))
        for some in _parts(len(self.count), _CASES):
            log_w = self._sums(table, self.count[some])
            top = log_w.max(axis=0)
            w = np.exp(log_w - top)
            for c in np.flatnonzero(np.isnan(credit[some])).tolist():
                chance = chances[int(self.first[some][c])]
                credit[some.start + c] = (w[:, c] @ chance) / w[:, c].sum()
            parts = w.reshape(SHIFTS, -1, w.shape[1]).mean(axis=1)
            mean = parts.mean(axis=0)
            spread = parts.std(axis=0, ddof=1) / np.sqrt(SHIFTS)
            loose = _LOOSE * w.std(axis=0) / np.sqrt(len(w))
            value[some] = top + np.log(mean)
            error[some] = np.hypot(spread, loose) / mean / LN10
        return value, error, credit

    def _table(self, density: Density, z: np.ndarray) -> _Table:
        """Every victim in the series with his chance to be."""
        engine, uncertain = self.engine, density.uncertain
        center, sd = engine.rows.center[:, None], engine.rows.sd[:, None]
        log_l, states = [], []
        for some in _parts(len(z), max(64, _WIDE // (density.dim + self.count.shape[1]))):
            at = density.at(z[None, some], center, sd)
            size = (1, len(z[some]))
            weight, found = density.log_l(at)
            count = 1 if weight is None else weight.shape[-1]
            found = np.asarray(found)
            if weight is None and found.ndim:
                found = found[..., None, :]
            part = np.broadcast_to(found, (*size, count, self.count.shape[1])).copy()
            if uncertain.size:
                linked, apart = (np.asarray(x)[..., None, :] for x in density.log_linked(at))
                part[..., uncertain] = np.logaddexp(
                    linked + part[..., uncertain], apart + engine.log_b[0]
                )
            log_l.append(np.maximum(part[0], _NEVER))
            weight = np.zeros(1) if weight is None else weight
            states.append(np.broadcast_to(weight, (*size, count))[0])
        return _Table(np.concatenate(log_l), np.concatenate(states))

    def _sums(self, table: _Table, count: np.ndarray) -> np.ndarray:
        """Log likelihood of cases at every point, shape (P, N)."""
        total = table.log_l @ count.T
        if total.shape[1] == 1:
            return np.asarray(total[:, 0])
        result: np.ndarray = logsumexp(total + table.log_state[..., None], axis=1)
        return result

    def _chance(self, density: Density, z: np.ndarray, place: int) -> np.ndarray:
        """Chance of the proposition at every point, by the sort of the first plaintiff."""
        claim = self._wanted(place).claim(density.route)
        assert claim is not None  # noqa: S101 - it does hang on the latents
        function = claimed(density, [claim])
        rows = self.engine.rows
        found = []
        for some in _parts(len(z), _WIDE // (density.dim + 1)):
            at = density.at(z[None, some], rows.center[:, None], rows.sd[:, None])
            value: Any = function(at, self.engine.log_b[:, None])
            found.append(np.broadcast_to(value[..., 0], (1, len(z[some])))[0])
        return np.concatenate(found)

    def _naive(self, route: Route, reach: str) -> np.ndarray:
        """Log likelihood as if all were independent; everybody belongs to the series."""
        density = self.engine.density(route, reach)
        weight, log_l = density.log_l(independent(self.model, self.engine.series))
        weight = np.zeros((1, 1)) if weight is None else np.reshape(weight, (1, -1))
        shape = (*weight.shape, self.count.shape[1])
        log_l = np.maximum(np.broadcast_to(np.reshape(log_l, (1, -1, shape[-1])), shape), _NEVER)
        result: np.ndarray = self._sums(_Table(log_l, weight), self.count)[0]
        return result


def _parts(count: int, step: int) -> Iterator[slice]:
    yield from (slice(i, min(i + step, count)) for i in range(0, count, step))
