"""Means of a field's factor where counts are large: on nodes of both sources' log-odds.

Given the common latent of its source a field's log-odds are normal. Their nodes do not hang on the
common latent, only the nodes' weights do, so that a factor of any counts is tabulated once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.arrays import logistic
from causation.inference.quadrature import MISSING

if TYPE_CHECKING:
    from causation.evidence.base import Source
    from causation.inference.counting import Extra, Key
    from causation.inference.quadrature import Tables

_MOST_NODES = 420
_REACH = 6.5
_MANY = 40
_AT_ONCE = 3_000_000


class Unsuitable(Exception):  # noqa: N818 - taken as an answer
    """Numbers for which the nodes do not do."""


@dataclass(frozen=True, eq=False)
class Law:
    """A field of a source on nodes of its log-odds.

    Parameters
    ----------
    has, lacks : tuple of ndarray, shape (S, J)
        Shares for users, and for others where they are asked for.
    weight : ndarray, shape (S, U, J)
        Of the nodes, given the common latent.
    regular : bool
        Whether every second node makes a rule with twice the step.
    """

    has: tuple[np.ndarray, ...]
    lacks: tuple[np.ndarray, ...]
    weight: np.ndarray
    regular: bool


def law_of(
    tables: Tables,
    source: Source,
    field: str,
    rows: np.ndarray,
    *,
    sharpness: float,
    reach: float = _REACH,
    nodes: Any = slice(None),
    rough: bool = False,
) -> Law:
    """Law of a field given its source's common latent.

    Parameters
    ----------
    sharpness : float
        Of so many values on either side the factor has its peak.
    reach : float
        Standard deviations beyond the mode.
    nodes : slice or ndarray of int
        Which of those of the common latent.
    rough : bool
        Whether a tenth is near enough.

    Raises
    ------
    Unsuitable
        If it takes too many nodes.
    """
    place = tables.fields.index(field)
    center, sd, loading = (x[:, :, place] for x in tables.numbers(source))
    if tables.rows > 1:
        center, sd, loading = (
            np.broadcast_to(x, (tables.rows, x.shape[1]))[rows] for x in (center, sd, loading)
        )
    u, lam = tables.line(source).z[nodes], loading[:, 0]
    rest = np.sqrt(np.maximum(0.0, 1.0 - lam**2))
    regular = False
    weight: np.ndarray = np.ones((len(rows), len(u), 1))
    t: np.ndarray = np.zeros(1)
    if sd.max() == 0.0:
        pass
    elif rest.max() < 1e-6 and np.ptp(lam) == 0.0:
        t, weight = lam[0] * u, np.broadcast_to(np.eye(len(u)), (len(rows), len(u), len(u)))
    elif rest.min() < 1e-3:
        raise Unsuitable
    else:
        down, up = tables.own_reach(source, field, ends=(float(u[0]), float(u[-1])))
        slope = float((sd[:, 0] * rest).max())
        # far off its law a share is as sharp as what draws it there
        drawn = max(down, up) / max(slope, 1e-9)
        sharpness = max(sharpness, drawn / 16.0 if rough else drawn)
        fine = tables.accuracy.step / math.sqrt(1.0 + sharpness)
        step = min(tables.accuracy.step * float(rest.min()), 1.25 * fine / float(sd.max()))
        ends = np.outer([lam.min(), lam.max()], u[[0, -1]])
        low, high = (
            float(ends.min()) - float(rest.max()) * (reach + down),
            float(ends.max()) + float(rest.max()) * (reach + up),
        )
        size = 2 * math.ceil((high - low) / step / 2.0) + 1
        if size > _MOST_NODES:
            raise Unsuitable
        t = low + step * np.arange(size)
        gap = (t - lam[:, None, None] * u[:, None]) / rest[:, None, None]
        weight = np.exp(-0.5 * gap * gap) * (step / math.sqrt(2.0 * math.pi))
        weight, regular = weight / rest[:, None, None], True
    x = center[:, :, None] + sd[:, :, None] * t
    ways = range(x.shape[1])
    return Law(
        tuple(logistic(x[:, w]) for w in ways),
        tuple(logistic(-x[:, w]) for w in ways),
        weight,
        regular=regular,
    )


def is_large(key: Key) -> bool:
    """Whether a factor has more terms than nodes, or counts below 0 or between whole numbers.

    Below 0 is what a field counts that put somebody on his list, and that is to be supplied by
    some sources.
    """
    counts = [n for *_, published, withheld in key for n in (published, withheld)]
    return any(n > _MANY or n < 0 or n != int(n) for n in counts)


def sharpness_of(key: Key) -> float:
    """How sharp the peak of a factor is: the fewer of those published and withheld."""
    published = sum(max(float(n), 0.0) for *_, n, _ in key)
    least = min(published, sum(float(n) for *_, n in key))
    return float(4.0 ** math.ceil(math.log(least, 4.0))) if least > 4 else least


def factor_means(
    laws: Sequence[Law], key: Key, extra: Extra, omega: np.ndarray
) -> tuple[np.ndarray, np.ndarray, Any]:
    """Means of a factor given the common latents, less the largest value of it.

    Parameters
    ----------
    omega : ndarray, shape (S, Y)
        Share published.

    Returns
    -------
    value : ndarray, shape (S, Y, U, X)
    log_scale : ndarray, shape (S,)
    gaps : ndarray, shape (2, Y, U, X), optional
        Relative differences that twice and four times the steps make in the first row.
    """
    exponent: Any = 0.0
    for config, compared, published, withheld in key:
        if compared:
            raise Unsuitable
        lacks, has = either_gave(laws, config)
        if published:
            with np.errstate(divide="ignore"):
                exponent = exponent + published * np.log(has)[:, None]
        if withheld:
            hidden = omega[:, :, None, None]
            exponent = exponent + withheld * np.log((1.0 - hidden) + hidden * lacks[:, None])
    exponent = np.asarray(exponent) + np.zeros((1, 1, 1, 1))
    top = exponent.max(axis=(1, 2, 3))
    if not np.isfinite(top).all():
        raise Unsuitable
    whole = np.exp(exponent - top[:, None, None, None])
    if extra is not None:
        whole = whole * _supplied(laws, extra)[:, None]
    value, gaps = _weighed(whole, laws)
    return value, top, gaps


def power_means(
    laws: Sequence[Law],
    config: Sequence[int],
    power: np.ndarray,
    extra: Extra,
    *,
    rough: bool = False,
) -> tuple[np.ndarray, np.ndarray, Any]:
    """The same where a field was published of some victims, for several numbers of them.

    Parameters
    ----------
    power : ndarray, shape (K,)
    rough : bool
        Whether nobody asks how far off they are.

    Returns
    -------
    value : ndarray, shape (S, K, U, X)
    log_scale : ndarray, shape (S, K)
    gaps : ndarray, shape (2, K, U, X), optional
    """
    with np.errstate(divide="ignore"):
        log_has = np.log(either_gave(laws, config)[1])
    best = log_has.max(axis=(1, 2))
    if not np.isfinite(best).all():
        raise Unsuitable
    supplied = 1.0 if extra is None else _supplied(laws, extra)[:, None]
    step = max(1, _AT_ONCE // log_has.size)
    parts = []
    for first in range(0, len(power), step):
        some = power[first : first + step, None, None]
        whole = np.exp(some * (log_has - best[:, None, None])[:, None]) * supplied
        parts.append(_weighed(whole, laws, rough=rough))
    value = np.concatenate([x for x, _ in parts], axis=1)
    gaps = None if parts[0][1] is None else np.concatenate([x for _, x in parts], axis=1)
    return value, power * best[:, None], gaps


def either_gave(laws: Sequence[Law], config: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Chance that neither source gives a field, and that either does, shape (S, J, L)."""
    lacks, has = (_side(laws[0], config[0], gave=x)[:, :, None] for x in (False, True))
    if len(laws) == 1:
        return lacks, has
    other, gives = (_side(laws[1], config[1], gave=x)[:, None, :] for x in (False, True))
    return lacks * other, has + lacks * gives


def _side(law: Law, config: int, *, gave: bool) -> np.ndarray:
    """Chance that a source gave a field, or that it did not, shape (S, J)."""
    if config == MISSING:
        return np.full_like(law.has[0], 0.0 if gave else 1.0)
    return (law.has if gave else law.lacks)[config]


def _supplied(laws: Sequence[Law], extra: Any) -> np.ndarray:
    """Chance that just these sets of sources gave the actor a field, shape (S, J, L)."""
    config, compared, sets = extra
    if compared:
        raise Unsuitable
    total: Any = 0.0
    for who in sorted(sets):
        term: Any = 1.0
        for n, (gave, x) in enumerate(zip(who, laws, strict=True)):
            side = _side(x, config[n], gave=gave)
            term = term * (side[:, :, None] if n == 0 else side[:, None, :])
        total = total + term
    result: np.ndarray = np.asarray(total) + np.zeros((1, 1, 1))
    return result


def means_of(
    whole: np.ndarray, laws: Sequence[Law], steps: Sequence[int] = (1, 2)
) -> list[np.ndarray]:
    """Means over the nodes, shape (S, Y, U, X), and of the first row with wider steps.

    Parameters
    ----------
    whole : ndarray, shape (S, Y, J, L)
    steps : sequence of int
        In those of the nodes; of all rows with 1.
    """
    found = []
    for n in steps:
        every = [n if x.regular else 1 for x in laws]
        mine = whole[: None if n == 1 else 1, :, :: every[0], :: [*every, 1][1]]
        weights = [
            m * x.weight[: None if n == 1 else 1, :, ::m] for x, m in zip(laws, every, strict=True)
        ]
        found.append(_mean(mine, weights))
    return found


def _weighed(
    whole: np.ndarray, laws: Sequence[Law], *, rough: bool = False
) -> tuple[np.ndarray, Any]:
    """Mean over the nodes, and relative differences of twice and four times the step."""
    if rough or not any(x.regular for x in laws):
        return means_of(whole, laws, (1,))[0], None
    value, *wider = means_of(whole, laws, (1, 2, 4))
    some = np.maximum(value[0], 1e-300)
    return value, np.minimum(np.abs(np.concatenate(wider) - value[:1]) / some, 1.0)


def _mean(whole: np.ndarray, weights: Sequence[np.ndarray]) -> np.ndarray:
    """Weigh the nodes of either source, shape (S, Y, U, X)."""
    if len(weights) > 1:
        whole = whole @ weights[1].swapaxes(1, 2)[:, None]
    result: np.ndarray = weights[0][:, None] @ whole
    return result
