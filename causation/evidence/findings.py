"""Findings: observations with their probability under every source.

Findings of one group may repeat each other: with the chance of the overlap only one of them tells
something, rather the one that has something to tell. An unreliable group is mixed with what any
route would give.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from causation.document.mappings import Fixed
from causation.evidence.base import At, Item, Route

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledFinding
    from causation.document.numbers import Number


_ROUNDING = 1e-14
"""Relative difference of probabilities that are the same."""


def finding_items(filled: Filled) -> tuple[Item, ...]:
    """Every finding that bears on the source."""
    return tuple(
        Item(f"findings.{f.id}", "findings", None, f.stage, f.label) for f in _counted(filled)
    )


def finding_numbers(filled: Filled) -> tuple[Number, ...]:
    """Probabilities by source, reliability and overlap of groups, repeats."""
    found: dict[str, Number] = {}
    for f in _counted(filled):
        for n in (*f.likelihood.values(), f.reliability, f.overlap, f.repeats):
            found.setdefault(n.path, n)
    return tuple(found.values())


def value_path(finding: FilledFinding, route: Route) -> str:
    """Path of the probability of a finding under a route.

    That of the first source of the route that the finding is about, else of the entrance; a
    case may state a route's own.
    """
    if route.name in finding.likelihood:
        return finding.likelihood[route.name].path
    names = [s.name for s in route.sources]
    chosen = next((s for s in names if s in finding.about), names[0])
    return finding.likelihood[chosen].path


def repeated(p: np.ndarray, count: int, repeats: np.ndarray) -> np.ndarray:
    """Probability of `count` like observations of which the further ones may only repeat.

    Examples
    --------
    >>> round(float(repeated(np.array(0.9), 3, np.array(0.3))), 4)
    0.7803
    """
    result: np.ndarray = repeats * p + (1.0 - repeats) * p**count
    return result


def joint(log_p: np.ndarray, weight: np.ndarray, overlap: np.ndarray) -> np.ndarray:
    """Log joint probability (natural) of the findings of one group.

    Parameters
    ----------
    log_p : ndarray, shape (J, ..., Z)
        Log probability of every finding under every route.
    weight : ndarray, shape (Z,)
        The background.
    overlap : ndarray, shape (...)

    Returns
    -------
    ndarray, shape (..., Z)
        Symmetric in the order of the findings; a constant finding only scales it.
    """
    together: np.ndarray = log_p.sum(axis=0)
    if len(log_p) == 1:
        return together
    telling, log_mean = _telling(log_p, weight)
    total = telling.sum(axis=0)
    share = np.where(total > 0.0, telling / np.where(total > 0.0, total, 1.0), 1.0 / len(log_p))
    with np.errstate(divide="ignore", invalid="ignore"):
        others = log_mean.sum(axis=0)[None] - log_mean
        alone = np.log(share)[..., None] + log_p + others[..., None]
        alone = np.where(np.isnan(alone), -np.inf, alone)
        one = np.logaddexp.reduce(alone, axis=0)
        result: np.ndarray = np.logaddexp(
            np.log(overlap)[..., None] + one, np.log1p(-overlap)[..., None] + together
        )
    return result


def _telling(log_p: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much findings have to tell, and log mean over the background, shape (J, ...) each.

    That is the variance by the square of the distance to an edge, 0 for a constant finding, be it
    as improbable as it may: n like observations are of n times the magnitude.
    """
    top = np.maximum(log_p.max(axis=-1), -1e300)
    p = np.exp(log_p - top[..., None])
    mean = (p * weight).sum(axis=-1)
    chance = mean * np.exp(top)
    edge = np.where(chance > 0.5, (1.0 - chance) / np.exp(np.maximum(top, -1.0)), mean)
    variance = (weight * (p - mean[..., None]) ** 2).sum(axis=-1)
    varies = (np.ptp(p, axis=-1) > _ROUNDING) & (edge > 0.0)
    telling = np.where(varies, variance / np.where(varies, edge, 1.0) ** 2, 0.0)
    with np.errstate(divide="ignore"):
        return telling, np.log(mean) + top


def log_findings(
    filled: Filled,
    routes: Sequence[Route],
    at: At,
    background: np.ndarray,
    present: Callable[[str], bool],
) -> np.ndarray:
    """Log factor (natural) of all findings under every route, shape (S, Z).

    Parameters
    ----------
    at : At
        With numbers of shape (S, N).
    background : ndarray, shape (Z,)
    present : callable
        Whether a finding, by its item's id, is there.
    """
    rows = at.center.shape[0]
    total = np.zeros((rows, len(routes)))
    for members in _groups(filled, present):
        log_j = joint(
            np.stack([_log_p(f, routes, at) for f in members]),
            background,
            np.minimum(at.middle(members[0].overlap.path), 0.5),
        )
        rho = at.mean(members[0].reliability.path)
        with np.errstate(divide="ignore"):
            any_route = np.logaddexp.reduce(log_j + np.log(background), axis=-1)
            total += np.logaddexp(
                np.log(rho)[:, None] + log_j, (np.log1p(-rho) + any_route)[:, None]
            )
    return total


def draw_findings(
    filled: Filled,
    routes: Sequence[Route],
    at: At,
    *,
    truth: int,
    background: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, bool]:
    """Draw which findings are made if a route is the true one.

    Parameters
    ----------
    at : At
        With numbers of shape (1, N).
    truth : int
        Place of the true route.
    background : ndarray, shape (Z,)
    rng : numpy.random.Generator
    """
    seen: dict[str, bool] = {}
    for members in _groups(filled, lambda _: True):
        reliable = rng.random() < at.mean(members[0].reliability.path)[0]
        z = truth if reliable else int(rng.choice(background.size, p=background))
        p = np.exp([_log_p(f, routes, at)[0] for f in members])
        chance = p[:, z]
        overlap = min(float(at.middle(members[0].overlap.path)[0]), 0.5)
        if len(members) > 1 and rng.random() < overlap:
            with np.errstate(divide="ignore"):
                telling, _ = _telling(np.log(p), background)
            mean = p @ background
            share = telling / telling.sum() if telling.sum() > 0.0 else 1.0 / len(members)
            only = int(rng.choice(len(members), p=np.broadcast_to(share, len(members))))
            chance = np.where(np.arange(len(members)) == only, chance, mean)
        for finding, q in zip(members, chance, strict=True):
            seen[finding.id] = bool(rng.random() < q)
    return seen


def unseen(finding: FilledFinding) -> FilledFinding:
    """Turn a finding that was sought and not made into one: with the complement of its chances."""

    def complement(n: Number) -> Number:
        if finding.count == 1:
            return replace(n, center=-n.center)
        p = float(repeated(np.array(n.mean()), finding.count, np.array(finding.repeats.center)))
        return replace(n, center=float(np.log1p(-p) - np.log(p)), sd=0.0)

    likelihood = Fixed({key: complement(n) for key, n in finding.likelihood.items()})
    return replace(finding, likelihood=likelihood, count=1)


def _counted(filled: Filled) -> list[FilledFinding]:
    return [f for f in filled.findings if f.likelihood]


def _groups(filled: Filled, present: Callable[[str], bool]) -> list[list[FilledFinding]]:
    groups: dict[str, list[FilledFinding]] = {}
    for f in _counted(filled):
        if present(f"findings.{f.id}"):
            groups.setdefault(f.group, []).append(f)
    return list(groups.values())


def _log_p(finding: FilledFinding, routes: Sequence[Route], at: At) -> np.ndarray:
    """Log probability under every route, shape (S, Z)."""
    paths = [value_path(finding, r) for r in routes]
    means = {path: at.mean(path) for path in dict.fromkeys(paths)}
    p = np.stack([means[path] for path in paths], axis=-1)
    if finding.count > 1:
        p = repeated(p, finding.count, at.middle(finding.repeats.path)[:, None])
    with np.errstate(divide="ignore"):
        result: np.ndarray = np.log(p)
    return result
