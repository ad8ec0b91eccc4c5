"""Array namespaces: every density is written once, against one of these.

`NUMPY` computes values. `Traced` arrays remember how they were computed, so that exact first
derivatives in all latents follow by the chain rule in one pass backwards (`TRACING`).
`causation.inference.tensors` has a third namespace with the same names, on PyTensor.

The functions of a namespace: ``exp log log1p logistic log_logistic logaddexp logsumexp sum stack
matmul where constant``.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

type Pull = Callable[[np.ndarray], np.ndarray]

TINY = 1e-300
"""Least probability whose logarithm is taken: below it a likelihood counts as this."""


def logistic(x: np.ndarray) -> np.ndarray:
    """Logistic function without overflow.

    Examples
    --------
    >>> logistic(np.array([0.0, -np.inf])).tolist()
    [0.5, 0.0]
    """
    result = np.asarray(np.negative(x))
    with np.errstate(over="ignore"):  # of what is impossible it is nothing
        np.exp(result, out=result)
    result += 1.0
    return np.divide(1.0, result, out=result)


def log_logistic(x: np.ndarray) -> np.ndarray:
    """Its logarithm.

    Examples
    --------
    >>> log_logistic(np.array([-1e3, 1e3])).tolist()
    [-1000.0, 0.0]
    """
    result: np.ndarray = np.minimum(x, 0.0) - np.log1p(np.exp(-np.abs(x)))
    return result


_quantile = np.frompyfunc(NormalDist().inv_cdf, 1, 1)


def normal_quantiles(share: np.ndarray) -> np.ndarray:
    """Where a standard normal has some shares, each strictly between 0 and 1, below it.

    Examples
    --------
    >>> normal_quantiles(np.array([0.5, 0.95])).round(4).tolist()
    [0.0, 1.6449]
    """
    return np.asarray(_quantile(share), float)


def both_logistic(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logistic function and its complement, each to full precision, by one exponential.

    Examples
    --------
    >>> [float(p[0]) for p in both_logistic(np.array([0.0]))]
    [0.5, 0.5]
    """
    odds = np.exp(np.minimum(np.maximum(x, -690.0), 690.0))
    lacks = 1.0 / (1.0 + odds)
    return odds * lacks, lacks


def _logsumexp(x: np.ndarray) -> np.ndarray:
    top = x.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        result: np.ndarray = np.log(np.exp(x - top).sum(axis=-1)) + top[..., 0]
    return result


class Namespace:
    """Functions over NumPy arrays."""

    exp: Any = staticmethod(np.exp)
    log1p: Any = staticmethod(np.log1p)
    logistic: Any = staticmethod(logistic)
    log_logistic: Any = staticmethod(log_logistic)
    logsumexp: Any = staticmethod(_logsumexp)
    matmul: Any = staticmethod(np.matmul)
    where: Any = staticmethod(np.where)
    constant: Any = staticmethod(np.asarray)

    @staticmethod
    def logaddexp(left: Any, right: Any) -> Any:
        """Log of the sum of two exponentials; NumPy's own takes twice as long."""
        gap = np.abs(np.subtract(left, right))
        if not np.isfinite(gap).all():
            return np.logaddexp(left, right)
        np.exp(np.negative(gap, out=gap), out=gap)
        gap += 1.0
        np.log(gap, out=gap)
        gap += np.maximum(left, right)
        return gap

    @staticmethod
    def log(x: Any) -> Any:
        """Natural logarithm of a probability, of `TINY` where it is less."""
        return np.log(np.maximum(x, TINY))

    @staticmethod
    def sum(x: Any) -> Any:
        """Sum over the last axis."""
        return x.sum(axis=-1)

    @staticmethod
    def stack(parts: Sequence[Any]) -> Any:
        """Arrays side by side on a new last axis, broadcast against each other."""
        if len(parts) == 1:
            return np.asarray(parts[0])[..., None]
        return np.stack(np.broadcast_arrays(*parts), axis=-1)


class Traced:
    """An array that remembers what it was computed from, for derivatives by the chain rule.

    Parameters
    ----------
    value : ndarray
    sources : tuple of (Traced, callable)
        What it hangs on, and how a slope in this array becomes one in each.
    """

    __array_ufunc__ = None  # NumPy leaves mixed operations to this class
    __slots__ = ("sources", "turn", "value")
    _turns = count()

    def __init__(self, value: np.ndarray, sources: tuple[tuple[Traced, Pull], ...] = ()) -> None:
        self.value = value
        self.sources = sources
        self.turn = next(Traced._turns)

    def __neg__(self) -> Traced:
        return Traced(-self.value, ((self, np.negative),))

    def __add__(self, other: Any) -> Traced:
        return _binary(self, other, np.add, lambda g, _: g, lambda g, _: g)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Traced:
        return _binary(self, other, np.subtract, lambda g, _: g, lambda g, _: -g)

    def __rsub__(self, other: Any) -> Traced:
        return Traced(other - self.value, ((self, np.negative),))

    def __mul__(self, other: Any) -> Traced:
        return _binary(self, other, np.multiply, lambda g, y: g * y, lambda g, x: g * x)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Traced:
        if isinstance(other, Traced):
            x = other.value
            return self * _lift(other, 1.0 / x, lambda g: -g / (x * x))
        return self * (1.0 / np.asarray(other))

    def __getitem__(self, key: Any) -> Traced:
        """Index by ``(..., i)``."""
        if not (isinstance(key, tuple) and key[0] is Ellipsis):
            raise TypeError("a traced array is indexed from the right")
        shape = self.value.shape

        def pull(g: np.ndarray) -> np.ndarray:
            whole = np.zeros(shape)
            whole[key] = g
            return whole

        return _lift(self, self.value[key], pull)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the value."""
        return self.value.shape


def slopes(total: Traced, leaves: Sequence[Traced]) -> list[np.ndarray]:
    """Derivatives of the sum of an array in each of its leaves, by one pass backwards."""
    slope: dict[int, np.ndarray] = {total.turn: np.ones(total.value.shape)}
    waiting, known = [-total.turn], {total.turn: total}
    while waiting:
        turn = -heappop(waiting)
        node = known.pop(turn)
        if not node.sources:
            continue
        g = slope.pop(turn)
        for source, pull in node.sources:
            part = _folded(pull(g), source.value.shape)
            if source.turn in slope:
                slope[source.turn] = slope[source.turn] + part
            else:
                slope[source.turn] = part
                known[source.turn] = source
                heappush(waiting, -source.turn)
    return [slope.get(x.turn, np.zeros(x.value.shape)) for x in leaves]


def _folded(g: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum over the axes along which an array was broadcast."""
    if g.shape == shape:
        return g
    if (more := g.ndim - len(shape)) > 0:
        g = g.sum(axis=tuple(range(more)))
    axes = tuple(i for i, n in enumerate(shape) if n == 1 and g.shape[i] != 1)
    return g.sum(axis=axes, keepdims=True) if axes else np.broadcast_to(g, shape)


def _lift(x: Traced, value: np.ndarray, pull: Pull) -> Traced:
    return Traced(value, ((x, pull),))


def _binary(left: Traced, right: Any, function: Any, first: Any, second: Any) -> Traced:
    if isinstance(right, Traced):
        x, y = left.value, right.value
        pulls = ((left, lambda g: first(g, y)), (right, lambda g: second(g, x)))
        return Traced(function(x, y), pulls)
    other = np.asarray(right)
    return _lift(left, function(left.value, other), lambda g: first(g, other))


def _plain(name: str, derivative: Any) -> Any:
    """Lift a function of one array, its derivative given as a function of value and argument."""
    function = getattr(Namespace, name)

    def lifted(x: Any) -> Any:
        if not isinstance(x, Traced):
            return function(x)
        value = function(x.value)
        return _lift(x, value, lambda g: g * derivative(value, x.value))

    return staticmethod(lifted)


class _TracingNamespace(Namespace):
    """The same functions, over traced arrays and plain ones together."""

    exp: Any = _plain("exp", lambda y, _: y)
    log1p: Any = _plain("log1p", lambda _, x: 1.0 / (1.0 + x))
    logistic: Any = _plain("logistic", lambda y, _: y * (1.0 - y))
    log_logistic: Any = _plain("log_logistic", lambda y, _: -np.expm1(y))
    log: Any = _plain("log", lambda _, x: np.where(x > TINY, 1.0 / np.maximum(x, TINY), 0.0))

    @staticmethod
    def logaddexp(left: Any, right: Any) -> Any:
        """Log of the sum of two exponentials."""
        a, b = _values(left), _values(right)
        total = Namespace.logaddexp(a, b)
        sides = [(x, v) for x, v in ((left, a), (right, b)) if isinstance(x, Traced)]
        if not sides:
            return total
        return Traced(total, tuple((x, _share(v, total)) for x, v in sides))

    @staticmethod
    def logsumexp(x: Any) -> Any:
        """Log of the sum of exponentials over the last axis."""
        if not isinstance(x, Traced):
            return _logsumexp(x)
        total = _logsumexp(x.value)
        share = _share(x.value, total[..., None])
        return _lift(x, total, lambda g: share(g[..., None]))

    @staticmethod
    def sum(x: Any) -> Any:
        """Sum over the last axis."""
        if not isinstance(x, Traced):
            return x.sum(axis=-1)
        shape = x.value.shape
        return _lift(x, x.value.sum(axis=-1), lambda g: np.broadcast_to(g[..., None], shape))

    @staticmethod
    def matmul(x: Any, matrix: np.ndarray) -> Any:
        """Product with a constant matrix on the right."""
        if not isinstance(x, Traced):
            return np.matmul(x, matrix)
        return _lift(x, np.matmul(x.value, matrix), lambda g: np.matmul(g, matrix.T))

    @staticmethod
    def where(mask: np.ndarray, left: Any, right: Any) -> Any:
        """Choose element by element; the mask is a constant."""
        value = np.where(mask, _values(left), _values(right))
        pulls: list[tuple[Traced, Pull]] = []
        if isinstance(left, Traced):
            pulls.append((left, lambda g: np.where(mask, g, 0.0)))
        if isinstance(right, Traced):
            pulls.append((right, lambda g: np.where(mask, 0.0, g)))
        return Traced(value, tuple(pulls)) if pulls else value

    @staticmethod
    def stack(parts: Sequence[Any]) -> Any:
        """Arrays side by side on a new last axis."""
        value = Namespace.stack([_values(x) for x in parts])
        pulls = tuple(
            (x, lambda g, i=i: g[..., i]) for i, x in enumerate(parts) if isinstance(x, Traced)
        )
        return Traced(value, pulls) if pulls else value


def _share(part: np.ndarray, total: np.ndarray) -> Pull:
    """Of a slope in a sum of exponentials, what falls on a part."""

    def pull(g: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return g * np.where(np.isneginf(total), 0.0, np.exp(part - total))

    return pull


def _values(x: Any) -> np.ndarray:
    return x.value if isinstance(x, Traced) else np.asarray(x)


NUMPY = Namespace()
TRACING = _TracingNamespace()
