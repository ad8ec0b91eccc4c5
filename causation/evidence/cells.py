"""Time cut into cells by the edges of windows, and which sources' data a cell lets hold what.

A window begins and ends at moments that may be uncertain: then at one of several equally likely
ones, the same for every source.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from causation.evidence.base import At

_CHUNK = 2_000_000
_NOTHING = 1e-12
"""Below which a difference of shares of moments is what rounding left."""

type Days = tuple[float, ...]
"""Equally likely moments, in days."""
type Window = tuple[Days | None, Days | None]
type Edges = tuple[tuple[float, float], ...]
"""By window, chances of a moment to lie after its beginning and before its end."""
type Piece = tuple[np.ndarray, Edges]
"""A cell of time: its chance by moment of publication, shape (..., H), and where it lies."""


def _within(window: Window, moment: float) -> tuple[float, float]:
    """Chances that a moment lies after the beginning of a window and before its end."""
    since, until = window
    after = 1.0 if since is None else bisect_right(since, moment) / len(since)
    before = 1.0 if until is None else 1.0 - bisect_left(until, moment) / len(until)
    return after, before


def _axis(windows: Sequence[Window]) -> list[float]:
    """Every edge of the windows, in order."""
    edges = {x for w in windows for side in w if side is not None for x in side}
    return [-np.inf, *sorted(edges), np.inf]


def pieces_of(windows: Sequence[Window], posted: Days, path: str, at: At) -> list[Piece]:
    """Cells of the time of a source's data: their chance, and where they lie in each window.

    Cells that lie alike are one.
    """
    center, sd = np.asarray(at.middle(path))[..., None], np.asarray(at.spread(path))[..., None]
    moments = np.array(posted)

    def far(edge: float) -> np.ndarray:
        """How far the age of data of a moment lies above the middle, by moment of publication."""
        if not np.isfinite(edge):
            return np.full_like(moments + center, -edge)
        ages = moments - edge
        z = _deviation(np.where(ages > 0.0, ages, 1.0), center, sd)
        return np.where(ages > 0.0, z, -np.inf)

    edges = _axis(windows)
    merged: dict[Edges, np.ndarray] = {}
    z = [far(e) for e in edges]
    for lo, hi, oldest, youngest in zip(edges, edges[1:], z, z[1:], strict=False):
        key = tuple(_within(w, _between(lo, hi)) for w in windows)
        merged[key] = merged.get(key, 0.0) + _chance_between(youngest, oldest)
    return [(p, key) for key, p in merged.items()]


def _between(lo: float, hi: float) -> float:
    if np.isinf(lo):
        return hi - 1.0 if np.isfinite(hi) else 0.0
    return lo + 1.0 if np.isinf(hi) else 0.5 * (lo + hi)


def runs_of(pieces: Sequence[Piece], lone: Sequence[bool]) -> list[list[Piece]]:
    """Runs of cells between which the place in one lone window alone differs.

    All depends on that linearly, so that the mean of its one person over a run says the same.
    """
    runs: list[list[Piece]] = []
    moving: int | None = None
    for piece in pieces:
        if runs:
            first = runs[-1][0][1]
            changed = {i for i, (a, b) in enumerate(zip(first, piece[1], strict=True)) if a != b}
            place = next(iter(changed)) if moving is None and len(changed) == 1 else moving
            if place is not None and lone[place] and changed <= {place}:
                moving = place
                runs[-1].append(piece)
                continue
        moving = None
        runs.append([piece])
    return runs


def apart(runs: Sequence[list[Piece]]) -> list[tuple[list[Piece], ...]]:
    """Runs of several sources, so that no two of them move in the windows of different persons.

    Their ages are counted from one moment, so that a mean over both is no product of means.
    """
    moving = {i for run in runs for _, key in run for i, x in enumerate(key) if x != run[0][1][i]}
    if len(moving) < 2:
        return [tuple(runs)]
    longest = max(range(len(runs)), key=lambda n: len(runs[n]))
    single = [[run] if n == longest else [[piece] for piece in run] for n, run in enumerate(runs)]
    return list(product(*single))


def _deviation(age: Any, center: Any, sd: Any) -> Any:
    """How many standard deviations a lognormal age lies above the middle."""
    gap = np.log(age) - center
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(sd > 0.0, gap / np.where(sd > 0.0, sd, 1.0), np.copysign(np.inf, gap))


def _chance_between(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Chance of a normal deviate between two values, without loss of digits in either tail."""
    from scipy.special import ndtr  # slow to import, and few cases have dates

    with np.errstate(invalid="ignore"):  # of opposite infinities
        turned = low + high > 0.0
    found: np.ndarray = ndtr(np.where(turned, -low, high)) - ndtr(np.where(turned, -high, low))
    return found


def together(chances: Sequence[np.ndarray]) -> np.ndarray:
    """Chance of cells of several sources, which were published at the same moment."""
    found = chances[0]
    for more in chances[1:]:
        found = found * more
    return np.asarray(found.mean(axis=-1))


def patterns(
    of_state: np.ndarray, order: np.ndarray, copies: Sequence[Sequence[Piece]]
) -> np.ndarray:
    """Chances of every way in which sources hold the fields of a victim, shape (..., U, C).

    Parameters
    ----------
    of_state : ndarray, shape (U, T, F, 2)
        Where the snapshots lie in the windows of his fields.
    order : ndarray of int
        Places, snapshots before others, of the sources of the route.
    copies : sequence
        Cells of the data of the others.
    """
    if not copies:
        return _exactly(of_state[:, order])
    cells = list(product(*copies))
    mine = np.array([[key for _, key in cell] for cell in cells])  # (J, L, F, 2)
    width = (1 << len(order)) ** of_state.shape[2]
    lead = copies[0][0][0].shape[:-1]
    chance = [np.stack([p.reshape(-1, p.shape[-1]) for p, _ in c], axis=-1) for c in copies]
    found = np.zeros((len(chance[0]), len(of_state), width))
    states, rows = (max(1, _CHUNK // (size * len(cells))) for size in (width, 1))
    for first in range(0, len(of_state), states):
        some = of_state[first : first + states, None]
        shape = (len(some), len(cells))
        every = [np.broadcast_to(x, (*shape, *x.shape[-3:])) for x in (some, mine)]
        whole = np.concatenate(every, axis=2)[:, :, order]
        table = _exactly(whole.reshape(-1, *whole.shape[2:])).reshape(*shape, width)
        for row in range(0, len(found), rows):
            weight = _published_at_once([c[row : row + rows] for c in chance])
            found[row : row + rows, first : first + states] = np.tensordot(
                weight, table, axes=(1, 1)
            )
    return found.reshape(*lead, *found.shape[1:])


def _published_at_once(chance: Sequence[np.ndarray]) -> np.ndarray:
    """Chance of every combination of cells, shape (R, J), each from its own, (R, H, C)."""
    if len(chance) == 1:
        return np.asarray(chance[0].mean(axis=1))
    one, other = chance
    both: np.ndarray = one.swapaxes(1, 2) @ other / one.shape[1]
    return both.reshape(len(both), -1)


def _exactly(edges: np.ndarray) -> np.ndarray:
    """Chance that just these sources lie in the window of each field, shape (X, C).

    A window begins and ends at one moment for all sources: it holds several where it holds the
    earliest and the latest of them.

    Parameters
    ----------
    edges : ndarray, shape (X, M, F, 2)
        Chances of every source to lie after the beginning and before the end.
    """
    several = edges.shape[1]
    every = [frozenset(n for n in range(several) if s >> n & 1) for s in range(1 << several)]
    least = [edges[:, sorted(s)].min(axis=1, initial=1.0).prod(axis=-1) for s in every]
    just = [
        sum((-1.0) ** len(t - s) * x for t, x in zip(every, least, strict=True) if t >= s)
        for s in every
    ]
    held = np.stack([np.where(x > _NOTHING, x, 0.0) for x in just], axis=-1)  # (X, F, 2^M)
    found = held[:, 0]
    for f in range(1, held.shape[1]):
        found = (found[:, :, None] * held[:, f, None]).reshape(len(held), -1)
    return found
