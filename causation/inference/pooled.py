"""The density of many unlike victims, from what their entries have in common.

A victim's log likelihood is a sum of terms, one for each thing that is stated of him: a field
published or withheld, a trait, what put him on his list. A hundred victims state a dozen unlike
things, so each is computed once a point, and one product of matrices sums them.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from causation.evidence.arrays import TINY
from causation.evidence.attributes import AttributeFacts
from causation.evidence.base import At, Victim
from causation.evidence.fields import FieldFacts, facts_of
from causation.evidence.series import log_listed, log_victims
from causation.model.density import Density

__all__ = ["Pooled"]

FEW = 8
"""Victims up to whom every one's terms are summed by themselves."""


@dataclass(frozen=True, eq=False)
class Pooled(Density):
    """The same density; victims with registers, dates or attempts are as they were."""

    @cached_property
    def atoms(self) -> tuple[tuple[Victim, ...], np.ndarray] | None:
        """One victim for each thing that is stated, and how often every victim states it, (A, V).

        What put victims on their lists counts as minus one.
        """
        victims = self.series.victims
        if len(victims) <= FEW:
            return None
        if any(v.attempt or not v.facts.keys() <= {"fields", "attributes"} for v in victims):
            return None
        known: dict[tuple[str, Hashable], int] = {}
        found: list[tuple[int, int, float]] = []

        def stated(kind: str, facts: Any, victim: int, sign: float = 1.0) -> None:
            found.append((known.setdefault((kind, facts), len(known)), victim, sign))

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
        for atom, victim, sign in found:
            matrix[atom, victim] += sign
        return tuple(Victim({kind: facts}) for kind, facts in known), matrix

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
