r"""Membership: common point of compromise.

``logistic(m_sc + sd_sc d_sc)`` is the share of the victims of source ``s`` who are users of
custodian ``c``. It is near 1 for the custodian itself; for inference it is not the market
share, since whoever exposes people hunts where he lives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.base import (
    Array,
    Branch,
    Latent,
    Problem,
    Term,
    VictimEvidence,
    log_p_and_q,
)

if TYPE_CHECKING:
    from causation.model.build import Model

__all__ = ["MEMBERSHIP", "Membership"]


def membership_log_likelihood(xp: Any, logit: Array, users: Array, others: Array) -> Array:
    """Log-likelihood of `users` victims who are users of a custodian and `others` who are not.

    A count of zero contributes nothing even where the probability is 0 or 1.
    """
    log_p, log_q = log_p_and_q(xp, logit)
    yes = xp.where(users > 0, users * xp.where(users > 0, log_p, 0.0), 0.0)
    no = xp.where(others > 0, others * xp.where(others > 0, log_q, 0.0), 0.0)
    return yes + no


@dataclass(frozen=True, slots=True)
class MembershipProblem:
    """One membership integral: a source, a custodian and a series of victims."""

    center: float
    sd: float
    users: float
    others: float
    custodian: int

    def log_prior_ratio(
        self,
        z: np.ndarray,
        field_shift: np.ndarray,  # noqa: ARG002
        member_shift: np.ndarray,
        *,
        before: float,  # noqa: ARG002
        after: np.ndarray,  # noqa: ARG002
    ) -> np.ndarray:
        """See `causation.evidence.base.Problem.log_prior_ratio`."""
        t = member_shift[:, self.custodian, None] / self.sd
        result: np.ndarray = t * (z[:, 0] - 0.5 * t)
        return result

    @property
    def dim(self) -> int:
        """Number of latents."""
        return int(self.sd > 0.0)

    @property
    def key(self) -> tuple[Any, ...]:
        """Content of the integral."""
        return ("membership", self.center, self.sd, self.users, self.others)

    @property
    def signature(self) -> tuple[Any, ...]:
        """Problems with and without a latent are stacked apart."""
        return ("membership", self.dim)

    @classmethod
    def stack(cls, problems: Sequence[MembershipProblem]) -> MembershipBatch:
        """Stack problems of one signature."""
        table = np.array([(p.center, p.sd, p.users, p.others) for p in problems])
        return MembershipBatch(table, problems[0].dim)


@dataclass(frozen=True, eq=False)
class MembershipBatch:
    """Membership integrals, one in each row of `table`: centre, sd, users, others."""

    table: np.ndarray
    dim: int
    cost: int = 1

    @property
    def concave(self) -> np.ndarray:
        """A sum of log-sigmoids is concave."""
        return np.ones(self.size, dtype=bool)

    @property
    def suggested_starts(self) -> np.ndarray:
        """None: there is one mode."""
        return np.zeros((self.size, 0, self.dim))

    @property
    def size(self) -> int:
        """Number of integrals."""
        return len(self.table)

    def log_likelihood(self, z: np.ndarray) -> np.ndarray:
        """Shape (size, points, dim) -> (size, points)."""
        center, sd, users, others = (column[:, None] for column in self.table.T)
        logit = center + (sd * z[..., 0] if self.dim else np.zeros(z.shape[:2]))
        with np.errstate(invalid="ignore"):
            total: np.ndarray = membership_log_likelihood(np, logit, users, others)
        return total

    def take(self, index: np.ndarray) -> MembershipBatch:
        """The integrals at these places."""
        return MembershipBatch(self.table[index], self.dim)


class Membership(VictimEvidence):
    """Whether the victims are users of a custodian."""

    name = "membership"
    latents = (
        Latent(
            "d", ("source", "custodian"), "how concentrated a source's victims are on a custodian"
        ),
    )

    def parameters(self, model: Model, source: int, branch: int) -> tuple[np.ndarray, np.ndarray]:
        """Centre and sd for every custodian, each of shape (custodians,)."""
        if branch == Branch.VAGUE:
            size = len(model.custodians)
            return np.full(size, model.vague_center), np.full(size, model.vague_sd)
        return model.member_center[source], model.member_sd[source]

    def problems(
        self, model: Model, source: int, branch: int, multiplicity: np.ndarray
    ) -> list[Problem]:
        """One integral for each custodian that some victim is known to use or not to use."""
        center, sd = self.parameters(model, source, branch)
        victims = multiplicity * model.count
        found: list[Problem] = []
        for c in range(len(model.custodians)):
            users = float(victims[model.user[:, c] == 1.0].sum())
            others = float(victims[model.user[:, c] == 0.0].sum())
            if users or others:
                found.append(MembershipProblem(float(center[c]), float(sd[c]), users, others, c))
        return found

    def log_likelihood(
        self, xp: Any, model: Model, source: int, branch: int, latents: dict[str, Array]
    ) -> Array:
        """Every group by itself, given ``d`` of shape (custodians,)."""
        center, sd = self.parameters(model, source, branch)
        logit = center + sd * latents["d"]
        users = np.where(model.user == 1.0, model.count[:, None], 0.0)
        others = np.where(model.user == 0.0, model.count[:, None], 0.0)
        return xp.sum(membership_log_likelihood(xp, logit[None, :], users, others), axis=-1)

    def terms(self, model: Model, source: int) -> list[Term]:
        """One term for each group and custodian."""
        name = model.sources[source]
        return [
            Term(f"victims.{group}.users_of.{custodian}", name, (f"d[{name},{custodian}]",))
            for g, group in enumerate(model.groups)
            for c, custodian in enumerate(model.custodians)
            if not np.isnan(model.user[g, c])
        ]

    def simulate(
        self, model: Model, source: int, branch: int, rng: np.random.Generator
    ) -> dict[str, Any]:
        """Draw whether one victim of every group is a user of each custodian.

        Returns
        -------
        dict
            ``user``, shape (groups, custodians), NaN where the model does not know it; and
            ``latents``.
        """
        center, sd = self.parameters(model, source, branch)
        d = rng.standard_normal(len(model.custodians))
        log_p, _ = log_p_and_q(np, center + sd * d)
        user = (rng.random(model.user.shape) < np.exp(log_p)).astype(float)
        return {"user": np.where(np.isnan(model.user), np.nan, user), "latents": {"d": d}}


MEMBERSHIP = Membership()
