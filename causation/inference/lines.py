"""Densities along the lines of a proposal: tabulated at nodes that grow apart outwards."""

from __future__ import annotations

import math

import numpy as np

from causation.inference.lattice import student_quantile

_FAR, _ENDS, _HALF = 30.0, 6.0, 384
NODES = _FAR * np.sinh(np.linspace(-_ENDS, _ENDS, 2 * _HALF + 1)) / math.sinh(_ENDS)
WIDTH = np.diff(NODES)
_PER_WIDTH = 1.0 / WIDTH
TAIL, _TAIL_SCALE = 0.15, 1.3
BLOCK = 1024
"""Points at a time, so that what is worked out on the way stays in the cache."""


def cells_of(density: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of piecewise linear densities (D, T) what each cell has at nought, and its slope, (D, T + 1).

    The first cell and the last are what lies outside.
    """
    value, slope = np.zeros((2, len(density), len(NODES) + 1))
    inside = slope[:, 1:-1]
    np.subtract(density[:, 1:], density[:, :-1], out=inside)
    inside *= _PER_WIDTH
    np.multiply(inside, -NODES[:-1], out=value[:, 1:-1])
    value[:, 1:-1] += density[:, :-1]
    return value, slope


def log_lines(cells: tuple[np.ndarray, np.ndarray], t: np.ndarray) -> np.ndarray:
    """Log density (natural) of independent coordinates (P, D), by the cells of `cells_of`."""
    x = np.arcsinh(t * (math.sinh(_ENDS) / _FAR))  # the nodes are equally spaced after this
    x *= _HALF / _ENDS
    x += _HALF + 1.0
    np.minimum(np.maximum(x, 0.0, out=x), float(len(NODES)), out=x)
    i = x.astype(np.intp)
    i += (len(NODES) + 1) * np.arange(t.shape[1])
    value = np.take(cells[1], i, out=x)
    value *= t
    value += cells[0].take(i)
    np.maximum(value, 1e-18, out=value)
    total = np.zeros(len(t))
    for first in range(0, t.shape[1], 16):
        total += np.log(np.multiply.reduce(value[:, first : first + 16], axis=1))
    return total


def lines_at(density: np.ndarray | None, u: np.ndarray) -> np.ndarray:
    """Inverse distribution function of piecewise linear densities, or of Student's t, (P, D)."""
    if density is None:
        return student_quantile(u)
    cdf = np.zeros(density.shape)
    np.cumsum(0.5 * WIDTH * (density[:, 1:] + density[:, :-1]), axis=1, out=cdf[:, 1:])
    result = np.empty(u.shape)
    for first in range(0, len(u), BLOCK):
        some = slice(first, first + BLOCK)
        result[some] = _inverse(density, cdf, u[some])
    return result


def _inverse(density: np.ndarray, cdf: np.ndarray, u: np.ndarray) -> np.ndarray:
    size = len(WIDTH)
    i = np.empty(u.shape, np.intp)
    for d, mine in enumerate(cdf):
        i[:, d] = np.searchsorted(mine, u[:, d], side="right")
    i -= 1
    np.clip(i, 0, size - 1, out=i)
    place = i + len(NODES) * np.arange(u.shape[1])
    flat, width = density.ravel(), WIDTH.take(i)
    rest, left = u - cdf.ravel().take(place), flat.take(place)
    root = 2.0 * rest * (flat.take(place + 1) - left) / width
    root += left * left
    root = np.sqrt(np.maximum(root, 0.0, out=root), out=root)
    root += left
    step = np.minimum(2.0 * rest / np.maximum(root, 1e-300), width)
    result: np.ndarray = NODES.take(i) + step
    return result


STUDENT = 0.375 / (1.0 + 0.25 * (NODES / _TAIL_SCALE) ** 2) ** 2.5 / _TAIL_SCALE


def normalised(density: np.ndarray) -> np.ndarray:
    """A density at the nodes, linear between them, of mass one."""
    result: np.ndarray = density / (0.5 * WIDTH * (density[1:] + density[:-1])).sum()
    return result


BELL = normalised(
    (1.0 - TAIL) * np.exp(-0.5 * (NODES / 1.05) ** 2) / (1.05 * math.sqrt(2.0 * math.pi))
    + TAIL * STUDENT
)
