"""The arithmetic of large sweeps in one pass over memory, compiled by Numba on first use.

Each function does what a few lines of NumPy do, a tile at a time, so that intermediate results
stay in the first cache. Arrays are (sources, cells), or (sources, 1) where constant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

__all__ = ["mix_once", "multiply_finding", "normalise"]

_TILE = 256


def _compiled[F: Callable[..., Any]](function: F) -> F:
    """Compile on first call; what was compiled is kept on disk where there is a place for it."""
    options: dict[str, Any] = {
        "nogil": True,
        "error_model": "numpy",  # no branch on a division by zero
        "fastmath": {"contract", "reassoc", "arcp", "nsz"},
    }
    compiled: F
    try:
        compiled = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder that can be written
        compiled = numba.njit(**options)(function)
    return compiled


@_compiled
def mix_once(  # noqa: PLR0912, PLR0917
    prior: np.ndarray,
    linked: np.ndarray,
    apart: np.ndarray,
    kappa: np.ndarray,
    factor: np.ndarray,
    out: np.ndarray,
) -> None:
    """Prior times the likelihood of the victims, one group of whom may be unlinked.

    ``out[s] = prior[s] factor[s] (kappa linked[s] + (1 - kappa) sum_t apart[s, t] prior[t])``

    Parameters
    ----------
    prior : ndarray, shape (S, cells or 1)
    linked, factor : ndarray, shape (S,)
    apart : ndarray, shape (S, S)
    kappa : ndarray, shape (cells or 1,)
    out : ndarray, shape (S, cells)
    """
    sources, cells = out.shape
    keep = np.empty(_TILE)
    for start in range(0, cells, _TILE):
        stop = min(start + _TILE, cells)
        width = stop - start
        if kappa.shape[0] == 1:
            keep[:width] = kappa[0]
        else:
            keep[:width] = kappa[start:stop]
        for s in range(sources):
            row = out[s, start:stop]
            row[:] = 0.0
            for t in range(sources):
                weight = apart[s, t]
                if prior.shape[1] == 1:
                    value = weight * prior[t, 0]
                    for j in range(width):
                        row[j] += value
                else:
                    other = prior[t, start:stop]
                    for j in range(width):
                        row[j] += weight * other[j]
            both, scale = linked[s], factor[s]
            if prior.shape[1] == 1:
                scale *= prior[s, 0]
                for j in range(width):
                    row[j] = scale * (keep[j] * both + (1.0 - keep[j]) * row[j])
            else:
                own = prior[s, start:stop]
                for j in range(width):
                    row[j] = scale * own[j] * (keep[j] * both + (1.0 - keep[j]) * row[j])


@_compiled
def multiply_finding(  # noqa: PLR0912
    weight: np.ndarray, prior: np.ndarray, joint: np.ndarray, rho: np.ndarray, out: np.ndarray
) -> None:
    """``out = weight (rho joint + (1 - rho) sum_t prior[t] joint[t])``.

    Parameters
    ----------
    weight, prior, joint : ndarray, shape (S, cells or 1)
    rho : ndarray, shape (cells or 1,)
    out : ndarray, shape (S, cells)
        May be `weight` itself.
    """
    sources, cells = out.shape
    anyway = np.empty(_TILE)
    keep = np.empty(_TILE)
    for start in range(0, cells, _TILE):
        stop = min(start + _TILE, cells)
        width = stop - start
        if rho.shape[0] == 1:
            keep[:width] = rho[0]
        else:
            keep[:width] = rho[start:stop]
        anyway[:width] = 0.0
        for t in range(sources):
            if joint.shape[1] == 1:
                value = joint[t, 0]
                if prior.shape[1] == 1:
                    for j in range(width):
                        anyway[j] += value * prior[t, 0]
                else:
                    own = prior[t, start:stop]
                    for j in range(width):
                        anyway[j] += value * own[j]
            else:
                row = joint[t, start:stop]
                if prior.shape[1] == 1:
                    value = prior[t, 0]
                    for j in range(width):
                        anyway[j] += value * row[j]
                else:
                    own = prior[t, start:stop]
                    for j in range(width):
                        anyway[j] += own[j] * row[j]
        for j in range(width):
            anyway[j] *= 1.0 - keep[j]
        for s in range(sources):
            target = out[s, start:stop]
            if weight.shape[1] == 1:
                target[:] = weight[s, 0]
            elif weight is not out:
                target[:] = weight[s, start:stop]
            if joint.shape[1] == 1:
                value = joint[s, 0]
                for j in range(width):
                    target[j] *= keep[j] * value + anyway[j]
            else:
                row = joint[s, start:stop]
                for j in range(width):
                    target[j] *= keep[j] * row[j] + anyway[j]


@_compiled
def normalise(
    weight: np.ndarray, constant: np.ndarray, posterior: np.ndarray, first: int, step: int
) -> float:
    """``posterior = weight constant`` over its sum over sources; returns the least sum.

    Parameters
    ----------
    weight : ndarray, shape (S, cells)
    constant : ndarray, shape (S,)
    posterior : ndarray, shape (all,)
        Where source s has its cells from ``first + s step`` on.
    first, step : int
    """
    sources, cells = weight.shape
    total = np.empty(_TILE)
    least = np.inf
    for start in range(0, cells, _TILE):
        stop = min(start + _TILE, cells)
        width = stop - start
        total[:width] = 0.0
        for s in range(sources):
            row, scale = weight[s, start:stop], constant[s]
            for j in range(width):
                total[j] += scale * row[j]
        for j in range(width):
            least = min(least, total[j])
            total[j] = 1.0 / total[j]
        for s in range(sources):
            row, scale = weight[s, start:stop], constant[s]
            at = first + s * step + start
            target = posterior[at : at + width]
            for j in range(width):
                target[j] = scale * row[j] * total[j]
    return least
