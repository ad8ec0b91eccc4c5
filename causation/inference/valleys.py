"""Whether rows have mass apart from where it lies in the row that their proposals come from.

Victims who may or may not be linked make modes for either; in one row they run together or one of
them is nothing, in another both count. Between a place where the search of the first row began
and its mode the integrand of such a row has a valley, which is seen at a few points of the
row; what is drawn around the one mode shows nothing of the other.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from causation.inference.proposal import Modes

_WAY = np.array([0.0, 0.15, 0.3, 0.5, 0.7, 0.85])
_NEAR, _DEEP, _FAR, _MORE = 4.0, 0.4, 12.0, 2.0
"""Squared distance at which a place is the mode's own; nats that a valley is deep, that what is
beyond it may lie below the top, and that it must have gained on the first row."""


def far_from(starts: np.ndarray, modes: Modes) -> np.ndarray:
    """Of some places (K, D) those that belong to none of the modes."""
    gaps = np.linalg.solve(modes.root, (starts[:, None] - modes.place)[..., None])[..., 0]
    result: np.ndarray = starts[(gaps**2).sum(axis=-1).min(axis=1) > _NEAR]
    return result


def beyond_valleys(
    log_target: Callable[[np.ndarray], np.ndarray], starts: np.ndarray, place: np.ndarray
) -> np.ndarray:
    """How high integrands stand beyond a valley on the way from each place to a mode.

    Parameters
    ----------
    log_target : callable
        Logs of the rows' integrands (natural), (S, P), at points (P, D) that all share, or
        (S, P, D).
    starts : ndarray, shape (K, D)
    place : ndarray, shape (J, D) or (S, J, D)
        The modes, or those of every row.

    Returns
    -------
    ndarray, shape (S, K)
        Nats below the highest value seen, as negative numbers; `-inf` where there is no valley.
    """
    ends = place if place.ndim == 3 else place[None]
    nearest = ((starts[:, None] - ends[:, None]) ** 2).sum(axis=-1).argmin(axis=2)
    end = np.take_along_axis(ends, nearest[..., None], axis=1)
    way = starts[:, None] + _WAY[:, None] * (end - starts)[:, :, None]
    points = np.concatenate([way.reshape(len(ends), -1, starts.shape[1]), ends], axis=1)
    value = log_target(points if place.ndim == 3 else points[0])
    value = np.where(np.isfinite(value), value, -np.inf)
    size = way.shape[1] * way.shape[2]
    last = np.take_along_axis(value[:, size:], np.broadcast_to(nearest, (len(value), len(starts))),
                              axis=1)  # fmt: skip
    path = np.concatenate(
        [value[:, :size].reshape(len(value), *way.shape[1:3]), last[..., None]], axis=2
    )
    with np.errstate(invalid="ignore"):
        after = np.maximum.accumulate(path[..., ::-1], axis=2)[..., ::-1]
        bottom = np.where(after - path > _DEEP, path, np.inf)
        lowest = np.minimum.accumulate(bottom[..., ::-1], axis=2)[..., ::-1]
        beyond = np.where(path - lowest > _DEEP, path, -np.inf).max(axis=2)
        result: np.ndarray = beyond - value.max(axis=1)[:, None]
    return np.where(np.isnan(result), -np.inf, result)


def gained(found: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Rows in which something beyond a valley counts as it did not in the first, shape (S,)."""
    with np.errstate(invalid="ignore"):
        result: np.ndarray = ((found > -_FAR) & ~(found < first + _MORE)).any(axis=1)
    return result
