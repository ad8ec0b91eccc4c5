"""Routes that are sampled: from which proposals, and how precisely."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from causation.inference.integrate import IntegratorSettings, integrate
from causation.inference.memo import Kept, Memo
from causation.model.routes import VAGUE

if TYPE_CHECKING:
    from causation.evidence.base import Route
    from causation.inference.integral import Integral
    from causation.inference.problem import RouteProblem

_NEARBY, _APART = 4, 0.1
"""Numbers that may differ, and nats of one who is not linked, so that a row has the same points."""
_SLOPE, _EASE, _EASED = 0.1, 4.0, 0.04
"""Slope of the answer in a route's evidence from which on its error is what is asked for; how many
times that it may be, and up to which value more than twice."""


def sampled(
    problem: RouteProblem,
    settings: IntegratorSettings,
    memo: tuple[Memo, Hashable],
    numbers: tuple[np.ndarray, np.ndarray],
    *,
    read: np.ndarray,
    beside: np.ndarray | None,
) -> Integral:
    """Integrate from proposals that were found before, and keep those that are found now.

    Parameters
    ----------
    memo : tuple of Memo and Hashable
        With what stands there for the victims that count.
    numbers : tuple of ndarray, shape (S, N)
        Centres and sds of the rows.
    read : ndarray of int
        Columns that the integrand reads.
    beside : ndarray, shape (S,), optional
        See `causation.inference.integrate.integrate`.
    """
    kept_by, victims = memo
    route, names = problem.density.route.name, problem.density.names
    mine = (numbers[0][:, read], numbers[1][:, read], problem.log_b)
    kept = kept_by.origins.get((victims, route))
    if kept is not None:
        with np.errstate(invalid="ignore"):  # what is excluded in both is the same
            pairs = zip(mine, kept.numbers, strict=True)
            center, sd, log_b = (np.where(x == y, 0.0, x - y) for x, y in pairs)
        moved = ((center != 0.0) | (sd != 0.0)).sum(axis=1)
        home = (moved <= _NEARBY) & (np.abs(log_b).max(axis=1, initial=0.0) < _APART)
        return integrate(problem, settings, origin=kept.origin, home=home, beside=beside)
    parent = None if kept_by.parent is None else kept_by.parent.like(route, names)
    found = integrate(problem, settings, parent=parent, keep=True, beside=beside)
    if found.origin is not None:
        kept_by.origins[victims, route] = Kept(found.origin, names, tuple(x[0] for x in mine))
    return found


def share_of(
    route: Route,
    routes: Sequence[Route],
    log_weight: np.ndarray,
    evidence: Mapping[str, float],
) -> float:
    """Share of a route, or of the stand-in, in the answer by evidence that was found before.

    Parameters
    ----------
    log_weight : ndarray, shape (2, Z)
        Log (natural) of the weight of each route as elicited, and otherwise.
    evidence : mapping of str to float
        Log evidence of the victims by route, and of the stand-in.
    """
    odd, parts = evidence[VAGUE.name], dict.fromkeys(evidence, -np.inf)
    for r, fits, misfits in zip(routes, *log_weight, strict=True):
        own = r.name in evidence and not r.vague
        if own:
            parts[r.name] = fits + evidence[r.name]
        rest = misfits if own else np.logaddexp(fits, misfits)
        parts[VAGUE.name] = np.logaddexp(parts[VAGUE.name], rest + odd)
    whole = np.logaddexp.reduce(list(parts.values()))
    return float(np.exp(parts.get(route.name, whole) - whole))


def eased(asked: IntegratorSettings, share: float) -> IntegratorSettings:
    """Settings for a route of some share in the answer: the less, the larger its error may be."""
    most = min(_EASE, max(2.0, _EASED / asked.others))
    ease = min(max(_SLOPE / max(share * (1.0 - share), 1e-9), 1.0), most)
    return replace(
        asked, tolerance=ease * asked.tolerance, limit=ease * asked.limit,
        heavy=ease * asked.heavy, others=ease * asked.others,
    )  # fmt: skip
