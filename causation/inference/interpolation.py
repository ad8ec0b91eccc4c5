"""Interpolation between equally spaced nodes by polynomials of few neighbours."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

STENCIL = 6


def neighbours(at: np.ndarray, size: int, stencil: int = STENCIL) -> Iterator[tuple[Any, Any]]:
    """Nodes among `size` between which some places lie, and their weights, one after another.

    Parameters
    ----------
    at : ndarray, shape (N,)
        Places, in steps from the first node.
    """
    first = np.clip(np.floor(at).astype(int) - stencil // 2 + 1, 0, size - stencil)
    gaps = [at - first - n for n in range(stencil)]
    up, down = [np.ones_like(at)], [np.ones_like(at)]
    for n in range(stencil - 1):
        up.append(up[-1] * gaps[n])
        down.append(down[-1] * gaps[-1 - n])
    for n in range(stencil):
        others = math.prod(n - m for m in range(stencil) if m != n)
        yield first + n, up[n] * down[-1 - n] / others


def rule_of(at: np.ndarray, size: int, stencil: int = STENCIL) -> np.ndarray:
    """Values at some places from those at the nodes, shape (N, size).

    Examples
    --------
    >>> (rule_of(np.array([2.5]), 6) @ np.arange(6.0) ** 3).round(9)
    array([15.625])
    """
    result = np.zeros((len(at), size))
    for node, weight in neighbours(at, size, stencil):
        result[np.arange(len(at)), node] = weight
    return result


def interpolated(
    value: np.ndarray, rules: Sequence[Sequence[np.ndarray] | None], weight: np.ndarray
) -> tuple[np.ndarray, float]:
    """Values that are positive at all places, and about how far off they are on average.

    Parameters
    ----------
    value : ndarray, shape (S, A, B, C)
    rules : sequence
        For each of the last axes two rules, the second of fewer neighbours; None to leave it.
    weight : ndarray, shape (S, ...)
        Of all places.
    """
    log_f = np.log(np.maximum(value, 1e-300))
    found = []
    for which in (0, 1):
        mine, some = log_f if which == 0 else log_f[:1], rules
        for axis, both in enumerate(some, start=1):
            if both is not None:
                mine = np.moveaxis(np.moveaxis(mine, axis, -1) @ both[which].T, -1, axis)
        found.append(mine)
    better, rough = found
    whole: np.ndarray = np.exp(better)
    share = weight[:1] * whole[:1]
    off = float((np.minimum(np.abs(rough - better[:1]), 1.0) * share).sum() / share.sum())
    return whole, off**1.25  # of fewer neighbours, and so too much
