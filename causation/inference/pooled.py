"""The density of many unlike victims, from what their entries have in common.

A victim's log likelihood is a sum of terms, one for each thing that is stated of him: a field
published or withheld, a trait, what put him on his list. A hundred victims state a dozen unlike
things, so each is computed once a point, and one product of matrices sums them.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from causation.evidence.arrays import NUMPY, TINY, TRACING, Traced
from causation.evidence.attributes import AttributeFacts
from causation.evidence.base import At, Victim
from causation.evidence.fields import FieldFacts, facts_of
from causation.evidence.series import log_listed, log_victims
from causation.model.density import Density

FEW = 8
"""Victims up to whom every one's terms are summed by themselves."""
_POINTS = 256
"""Points at a time."""


type Stated = tuple[tuple[Victim, ...], np.ndarray]


@dataclass(frozen=True, eq=False)
class Pooled(Density):
    """The same density; victims with registers, dates or attempts are as they were."""

    found: Stated | None = None

    @cached_property
    def atoms(self) -> Stated | None:
        """What is stated of the victims; None where each is summed by himself."""
        return self.found or stated_of(self.series.victims)

    def log_atoms(self, at: At) -> Any:
        """Log likelihood (natural) of everything that is stated, shape (..., A)."""
        victims = () if self.atoms is None else self.atoms[0]
        _, log_l = log_victims(victims, self.route, at, self.reach)
        return log_l - log_listed(victims, self.route, at)

    def log_l(self, at: At) -> tuple[Any, Any]:
        """Log likelihood (natural) of every victim if linked, less what defined the list."""
        if self.atoms is None:
            return super().log_l(at)
        return None, at.xp.matmul(self.log_atoms(at), self.atoms[1])

    @cached_property
    def _latent(self) -> np.ndarray:
        """Which victims of uncertain linkage have that of the series, as 1, shape (U,)."""
        paths = [self.series.victims[i].linkage for i in self.uncertain]
        return np.array([path == "latent" for path in paths], float)

    def stated(self, center: np.ndarray, sd: np.ndarray) -> np.ndarray:
        """Columns that what is stated reads, and the share linked: all but own chances of that."""
        seen: set[int] = set()
        at = self.at(np.zeros((1, 1, self.dim)), center[:1, None], sd[:1, None], read=seen)
        self.log_atoms(at)
        if self._latent.any():
            at.share("actor.linkage", "kappa")
        return np.array(sorted(seen), int)

    def log_rows(self, at: At, rows: At, log_b: np.ndarray) -> np.ndarray | None:
        """The same for rows that state the same at the same points, (S, P), or None.

        Parameters
        ----------
        at : At
            Points with the numbers of one of the rows.
        rows : At
            With those of every row: what each victim's chance of being linked is.
        log_b : ndarray, shape (S, 1, U)
        """
        if self.atoms is None or not self.uncertain.size:
            return None
        fixed = self._fixed(rows)
        found: np.ndarray | None = self._together(
            at, self.log_atoms(at), log_b, self.series.count, fixed
        )
        return found

    def log_total(
        self, at: At, log_b: np.ndarray, *, linked: Any = None, count: np.ndarray | None = None
    ) -> Any:
        """Log likelihood (natural) of the whole series given the latents, shape (...)."""
        if self.atoms is None or not self.uncertain.size:
            return super().log_total(at, log_b, linked=linked, count=count)
        xp, matrix = at.xp, self.atoms[1]
        each = self.series.count if count is None else count
        log_atoms = self.log_atoms(at)
        outside = self._fixed(at)[1]
        if xp in (NUMPY, TRACING) and linked is None and len(log_atoms.shape) == 3:
            found = self._together(at, log_atoms, log_b, each, self._fixed(at))
            if found is not None:
                return found
        gap = self._gap(at, log_atoms, log_b)
        log_k0: Any = 0.0
        if self._latent.any():
            log_k0 = xp.log(1.0 - at.share("actor.linkage", "kappa"))
        mixed = linked is None
        more = xp.logaddexp(gap, 0.0) if mixed else xp.where(np.asarray(linked), gap, 0.0)
        mine = each[..., self.uncertain]
        if mine.ndim == 2:  # several series, on a last axis
            total = xp.matmul(more, mine.T) + (outside + log_b) @ mine.T
            if self._latent.any():
                total = total + xp.stack([log_k0]) * (mine @ self._latent)
            if self.sure.size:
                total = total + xp.matmul(xp.matmul(log_atoms, matrix[:, self.sure]),
                                          each[:, self.sure].T)  # fmt: skip
            return total
        flat = mine.ndim == 1  # the same of every row
        total = xp.matmul(more, mine[:, None])[..., 0] if flat else xp.sum(more * mine)
        total = total + ((outside + log_b) * mine).sum(axis=-1)
        if self._latent.any():
            total = total + log_k0 * (mine * self._latent).sum(axis=-1)
        if self.sure.size:
            weights = each[..., self.sure] @ matrix[:, self.sure].T
            total = total + xp.sum(log_atoms * weights)
        return total

    def _together(
        self,
        at: At,
        log_atoms: Any,
        log_b: np.ndarray,
        each: np.ndarray,
        fixed: tuple[np.ndarray, np.ndarray],
    ) -> Any:
        """The same of numbers, row by row and some points at a time, as long as all is finite.

        What of it every victim has by himself goes through arrays that stay in the cache; of what
        is traced its slopes are found on the way.
        """
        matrix = np.zeros((0, 0)) if self.atoms is None else self.atoms[1]
        inside, outside = fixed
        apart = outside + log_b
        constant = inside - apart
        traced = at.xp is TRACING
        several = each.ndim == 2
        if not np.isfinite(constant).all() or (several if traced else log_atoms.shape[1] < 2):
            return None
        count, sure = each[..., self.uncertain], each[..., self.sure] @ matrix[:, self.sure].T
        total = apart @ count.T if several else (apart * count).sum(axis=-1)
        columns, weights, linear = [log_atoms], matrix[:, self.uncertain], sure
        if self._latent.any():
            share = at.share("actor.linkage", "kappa")
            columns += [at.xp.stack([at.xp.log(x)]) for x in (share, 1.0 - share)]
            weights = np.concatenate([weights, [self._latent, -self._latent]])
            missed = (count * self._latent).sum(axis=-1)[..., None]
            linear = np.concatenate([sure, np.zeros_like(missed), missed], axis=-1)
        values = [x.value if isinstance(x, Traced) else x for x in columns]
        shape = np.broadcast_shapes(*(x.shape[:-1] for x in values))
        terms = np.concatenate([np.broadcast_to(x, (*shape, x.shape[-1])) for x in values], axis=-1)
        rows = max(len(terms), len(constant), 1 if each.ndim < 3 else len(each))
        found = np.empty((rows, terms.shape[1], *((len(each),) if several else ())))
        slope = np.empty((*found.shape, terms.shape[-1])) if traced else None
        for row in range(rows):
            mine = terms[row if len(terms) > 1 else 0]
            own = constant[row if len(constant) > 1 else 0]
            line, number = (
                (x[row if len(x) > 1 else 0, 0] if each.ndim == 3 else x.T) for x in (linear, count)
            )
            found[row] = mine @ line
            for first in range(0, len(mine), _POINTS):
                some = slice(first, first + _POINTS)
                more, odds = _log1p_exp(mine[some] @ weights + own, number, share=traced)
                found[row, some] += more
                if slope is not None and odds is not None:
                    slope[row, some] = line + (odds * number) @ weights.T
        found += total
        if slope is None:
            return found
        ends = np.cumsum([0, *(x.shape[-1] for x in values)]).tolist()
        parts = zip(columns, ends[:-1], ends[1:], strict=True)
        pulls = [
            (x, lambda g, first=i, last=j: g[..., None] * slope[..., first:last])
            for x, i, j in parts
            if isinstance(x, Traced)
        ]
        return Traced(found, tuple(pulls))

    def log_odds(self, at: At, log_b: np.ndarray) -> Any:
        """Log odds that each uncertain victim belongs to the series, shape (..., U)."""
        return self._gap(at, self.log_atoms(at), log_b)

    def _gap(self, at: At, log_atoms: Any, log_b: np.ndarray) -> Any:
        matrix = np.zeros((0, 0)) if self.atoms is None else self.atoms[1]
        inside, outside = self._fixed(at)
        gap: Any = at.xp.matmul(log_atoms, matrix[:, self.uncertain]) + (inside - outside - log_b)
        if self._latent.any():
            share = at.share("actor.linkage", "kappa")
            gap = gap + at.xp.stack([at.xp.log(share) - at.xp.log(1.0 - share)]) * self._latent
        return gap

    def _fixed(self, at: At) -> tuple[np.ndarray, np.ndarray]:
        """Log probability that each uncertain victim is linked, and not, 0 where it is a latent."""
        key = ("linkage", id(self))
        kept = None if at.constants is None or at.read is not None else at.constants.get(key)
        if kept is None:
            paths = [str(self.series.victims[i].linkage) for i in self.uncertain]
            own = [path for path in paths if path != "latent"]
            fixed = np.zeros((2, *at.center.shape[:-1], len(paths)))
            if own:
                kappa = at.means(own)
                fixed[..., self._latent == 0.0] = np.log(np.maximum([kappa, 1.0 - kappa], TINY))
            kept = fixed[0], fixed[1]
            if at.constants is not None:
                at.constants[key] = kept
        inside, outside = kept
        return inside, outside


def stated_of(victims: Sequence[Victim]) -> Stated | None:
    """One victim for each thing that is stated of some, and who of them states it, (A, V)."""
    if len(victims) <= FEW:
        return None
    if any(v.attempt or not v.facts.keys() <= {"fields", "attributes"} for v in victims):
        return None
    known: dict[tuple[str, Hashable], int] = {}
    found: list[tuple[int, int]] = []

    def stated(kind: str, facts: Any, victim: int) -> None:
        found.append((known.setdefault((kind, facts), len(known)), victim))

    for i, v in enumerate(victims):
        facts, attributes = facts_of(v), v.facts.get("attributes")
        apart = facts.stranger_to
        for f in facts.published:
            stated("fields", FieldFacts(published=(f,), stranger_to=apart), i)
        for f in facts.withheld:
            stated("fields", FieldFacts(withheld=(f,), stranger_to=apart), i)
        if facts.all_of or facts.any_of:
            listing = FieldFacts(
                stranger_to=apart, all_of=facts.all_of, any_of=facts.any_of,
                impliers=facts.impliers,
            )  # fmt: skip
            stated("fields", listing, i)
        if isinstance(attributes, AttributeFacts):
            for trait in attributes.traits:
                stated("attributes", AttributeFacts(traits=(trait,)), i)
            for user in attributes.users:
                stated("attributes", AttributeFacts(users=(user,)), i)
    matrix = np.zeros((len(known), len(victims)))
    for atom, victim in found:
        matrix[atom, victim] += 1.0
    return tuple(Victim({kind: facts}) for kind, facts in known), matrix


def _log1p_exp(
    x: np.ndarray, weights: np.ndarray, *, share: bool
) -> tuple[np.ndarray, np.ndarray | None]:
    """Sums over the last axis of ``log(1 + exp(x))``, weighted; `x` is overwritten.

    With ``exp(x) / (1 + exp(x))``, if that is asked for.
    """
    result: np.ndarray = np.maximum(x, 0.0) @ weights
    odds = np.exp(np.minimum(x, 0.0)) if share else None
    np.abs(x, out=x)
    np.negative(x, out=x)
    np.exp(x, out=x)
    x += 1.0
    if odds is not None:
        odds /= x
    np.log(x, out=x)
    result += x @ weights
    return result, odds
