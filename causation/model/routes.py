"""Routes of a case, their prior weights, and the background.

A weight is that of a kind, a service or a custodian, split among its members; of the exposures
that start at an entrance a share goes on to a second source. A custodian's security record moves
its weight, and the odds that others go on to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from causation.errors import CaseError
from causation.evidence.arrays import logistic
from causation.evidence.base import At, Route, Source
from causation.evidence.security import log_security
from causation.scales import Elicited, Scale

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from causation.case.filled import Filled
    from causation.document.numbers import Number

VAGUE = Route((Source("~", "residual", vague=True),))
"""Stands for whatever is not named; the residual is this route under its own name."""


def build_routes(filled: Filled) -> tuple[Route, ...]:
    """Single routes in the order of the sources, each followed by the chains that start there."""
    sources = {s.name: Source(s.name, str(s.kind), s.kind == "residual") for s in filled.sources}
    routes = []
    for a in sources.values():
        routes.append(Route((a,)))
        routes += [Route((a, sources[b])) for b in _continued(filled, a.name)]
    return tuple(routes)


def _continued(filled: Filled, entrance: str) -> list[str]:
    """Sources that are looked up from an entrance with a share above zero."""
    found = []
    for s in filled.sources:
        share = filled.chain(entrance, s.name)
        if share is not None and share[0].hi > 0.0:
            found.append(s.name)
    return found


def prior_numbers(filled: Filled) -> tuple[Number, ...]:
    """Weights, shares that go on, and misfit of every source."""
    found: dict[str, Number] = {}
    for s in filled.sources:
        weight = filled.weight_of(s.name)
        found.setdefault(weight.path, weight)
        if s.kind != "residual":
            misfit = filled.number(f"sources.{s.name}.misfit")
            found.setdefault(misfit.path, misfit)
    for route in build_routes(filled):
        if len(route.sources) == 2:
            share = filled.chain(*(s.name for s in route.sources))
            if share is not None:
                found.setdefault(share[0].path, share[0])
    return tuple(found.values())


def log_prior(
    filled: Filled, routes: Sequence[Route], at: At, present: Callable[[str], bool]
) -> np.ndarray:
    """Log prior probability (natural) of every route, shape (S, Z).

    Parameters
    ----------
    at : At
        With numbers of shape (S, N).
    present : callable
        Whether a security record, by its item's id, is there.

    Raises
    ------
    CaseError
        If the shares that go on from an entrance add up to more than 1.
    """
    rows = at.center.shape[0]
    security = {
        r.source: log_security(r, at) for r in filled.security if present(f"security.{r.source}")
    }
    onward = {r.name: _share(filled, r, at, security) for r in routes if len(r.sources) == 2}
    weight = {
        a: at.middle(filled.weight_of(a).path) + np.log(filled.share_of(a)) + security.get(a, 0.0)
        for a in {r.entrance.name for r in routes}
    }
    columns, parts = [], []
    for r in routes:
        a = r.entrance.name
        part: Any
        if len(r.sources) == 2:
            part = onward[r.name]
        else:
            gone = [onward[q.name] for q in routes if q.entrance.name == a and q != r]
            part = 1.0 - sum(gone)
            if np.any(part < -1e-9):
                raise CaseError(
                    "the shares that go on from an entrance add up to more than 1",
                    file=filled.case.file,
                    path=f"routes.{a}",
                    found=f"{1.0 - float(np.min(part)):.4g}",
                    allowed="at most 1",
                )
        columns.append(weight[a])
        parts.append(part)
    share = np.zeros((rows, len(routes)))
    for z, part in enumerate(parts):
        share[:, z] = part
    with np.errstate(divide="ignore"):
        table = np.stack(columns, axis=-1) + np.log(np.maximum(share, 0.0))
    result: np.ndarray = table - np.logaddexp.reduce(table, axis=-1)[:, None]
    return result


def _share(filled: Filled, route: Route, at: At, security: dict[str, np.ndarray]) -> np.ndarray:
    """Share of the exposures at an entrance that go on, after the second source's record."""
    a, b = (s.name for s in route.sources)
    number, stated = filled.chain(a, b)  # type: ignore[misc]
    q = logistic(at.middle(number.path))
    if not stated:
        q = q * filled.share_of(b)
    if b in security:
        with np.errstate(divide="ignore"):  # all of them, or none
            q = logistic(np.log(q) - np.log1p(-q) + security[b])
    result: np.ndarray = q
    return result


def background(filled: Filled, routes: Sequence[Route]) -> np.ndarray:
    """Frozen weights of the routes for what has nothing to do with the series, shape (Z,).

    The prior set's own weights and shares, without anything that the case states but its own
    ``background``.
    """
    if filled.background:
        stated = np.array([float(filled.background.get(r.name, 0.0)) for r in routes])
        result: np.ndarray = stated / stated.sum()
        return result
    kinds = {s.name: str(s.kind) for s in filled.sources}
    weights, chains = filled.priors.weights, filled.priors.chains
    onward = {}
    for r in routes:
        if len(r.sources) == 2:
            a, b = (s.name for s in r.sources)
            entry = chains.get(f"{kinds[a]}/{kinds[b]}")
            q = 0.0 if entry is None else _center(entry.value, Scale.PROBABILITY)
            onward[r.name] = q * filled.share_of(b)
    values = []
    for r in routes:
        a = r.entrance.name
        w = _center(getattr(weights, kinds[a]).value, Scale.POSITIVE) * filled.share_of(a)
        gone = sum(onward.get(q.name, 0.0) for q in routes if q.entrance.name == a)
        values.append(w * onward.get(r.name, 1.0 - gone))
    return np.array(values) / sum(values)


def _center(value: float | tuple[float, float], scale: Scale) -> float:
    lo, hi = value if isinstance(value, tuple) else (value, value)
    x = Elicited(lo, hi, scale).center
    return float(np.exp(x)) if scale is Scale.POSITIVE else float(1.0 / (1.0 + np.exp(-x)))
