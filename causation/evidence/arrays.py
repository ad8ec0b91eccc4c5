"""Array namespaces: every density is written once, against one of these.

`NUMPY` computes values. `Dual` arrays carry exact first derivatives beside their values, by the
chain rule, through the same functions (`DUAL`). `causation.inference.tensors` has a third namespace
with the same names, on PyTensor.

The functions of a namespace: ``exp log log1p logistic log_logistic logaddexp logsumexp sum stack
matmul where constant``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, log_expit

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DUAL", "NUMPY", "Dual", "Namespace", "logistic"]

TINY = 1e-300
"""Least probability whose logarithm is taken: below it a likelihood counts as this."""


def logistic(x: np.ndarray) -> np.ndarray:
    """Logistic function without overflow.

    Examples
    --------
    >>> float(logistic(np.array(0.0)))
    0.5
    """
    result: np.ndarray = expit(x)
    return result


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
    log_logistic: Any = staticmethod(log_expit)
    logaddexp: Any = staticmethod(np.logaddexp)
    logsumexp: Any = staticmethod(_logsumexp)
    matmul: Any = staticmethod(np.matmul)
    where: Any = staticmethod(np.where)
    constant: Any = staticmethod(np.asarray)

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


class Dual:
    """An array with its derivatives along `d` directions.

    Parameters
    ----------
    value : ndarray, shape S
    slope : ndarray, shape (d, *S)
        Broadcastable against ``(d, *S)``.
    """

    __array_ufunc__ = None  # NumPy leaves mixed operations to this class
    __slots__ = ("slope", "value")

    def __init__(self, value: np.ndarray, slope: np.ndarray) -> None:
        self.value = value
        self.slope = slope

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __add__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            return Dual(self.value + other.value, _plus(self, other))
        value = self.value + other
        same = value.shape == self.value.shape
        return Dual(value, self.slope if same else _fit(self.slope, value))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Dual:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Dual:
        return self.__neg__().__add__(other)

    def __mul__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            left = Dual(self.value, _scaled(self, other.value))
            right = Dual(other.value, _scaled(other, self.value))
            return Dual(self.value * other.value, _plus(left, right))
        return Dual(self.value * other, _scaled(self, np.asarray(other)))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            return self * _chain(other, 1.0 / other.value, -1.0 / other.value**2)
        return self * (1.0 / np.asarray(other))

    def __getitem__(self, key: Any) -> Dual:
        """Index by ``(..., i)``; anything else would move the axis of the slopes."""
        if not (isinstance(key, tuple) and key[0] is Ellipsis):
            raise TypeError("a dual array is indexed from the right")
        return Dual(self.value[key], _full(self)[key])

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the value."""
        return self.value.shape


def _full(x: Dual) -> np.ndarray:
    """Slopes with an axis for every axis of the value."""
    return _fit(x.slope, x.value)


def _fit(slope: np.ndarray, value: np.ndarray) -> np.ndarray:
    slope = _align(slope, value.ndim)
    whole = (slope.shape[0], *value.shape)
    return slope if slope.shape == whole else np.broadcast_to(slope, whole)


def _align(slope: np.ndarray, axes: int) -> np.ndarray:
    missing = axes + 1 - slope.ndim
    return slope.reshape(slope.shape[0], *(1,) * missing, *slope.shape[1:]) if missing else slope


def _plus(left: Dual, right: Dual) -> np.ndarray:
    axes = max(left.value.ndim, right.value.ndim)
    result: np.ndarray = _align(left.slope, axes) + _align(right.slope, axes)
    return result


def _scaled(x: Dual, factor: np.ndarray) -> np.ndarray:
    axes = max(x.value.ndim, factor.ndim)
    result: np.ndarray = _align(x.slope, axes) * factor
    return result


def _chain(x: Dual, value: np.ndarray, derivative: np.ndarray) -> Dual:
    return Dual(value, _align(x.slope, x.value.ndim) * derivative)


def _plain(name: str, derivative: Any) -> Any:
    """Lift a function of one array, its derivative given as a function of value and argument."""
    function = getattr(Namespace, name)

    def lifted(x: Any) -> Any:
        if not isinstance(x, Dual):
            return function(x)
        value = function(x.value)
        return _chain(x, value, derivative(value, x.value))

    return staticmethod(lifted)


class _DualNamespace(Namespace):
    """The same functions, over dual arrays and plain ones together."""

    exp: Any = _plain("exp", lambda y, _: y)
    log1p: Any = _plain("log1p", lambda _, x: 1.0 / (1.0 + x))
    logistic: Any = _plain("logistic", lambda y, _: y * (1.0 - y))
    log_logistic: Any = _plain("log_logistic", lambda y, _: -np.expm1(y))
    log: Any = _plain("log", lambda _, x: np.where(x > TINY, 1.0 / np.maximum(x, TINY), 0.0))

    @staticmethod
    def logaddexp(left: Any, right: Any) -> Any:
        """Log of the sum of two exponentials."""
        if not (isinstance(left, Dual) or isinstance(right, Dual)):
            return np.logaddexp(left, right)
        a, b = _values(left), _values(right)
        total = np.logaddexp(a, b)
        with np.errstate(invalid="ignore"):
            share = np.where(np.isneginf(total), 0.0, np.exp(a - total))
            rest = np.where(np.isneginf(total), 0.0, np.exp(b - total))
        slope = _scaled(left, share) if isinstance(left, Dual) else 0.0
        more = _scaled(right, rest) if isinstance(right, Dual) else 0.0
        return Dual(total, np.asarray(slope + more))

    @staticmethod
    def logsumexp(x: Any) -> Any:
        """Log of the sum of exponentials over the last axis."""
        if not isinstance(x, Dual):
            return _logsumexp(x)
        total = _logsumexp(x.value)
        with np.errstate(invalid="ignore"):
            share = np.where(np.isneginf(x.value), 0.0, np.exp(x.value - total[..., None]))
        return Dual(total, (_full(x) * share).sum(axis=-1))

    @staticmethod
    def sum(x: Any) -> Any:
        """Sum over the last axis."""
        if not isinstance(x, Dual):
            return x.sum(axis=-1)
        return Dual(x.value.sum(axis=-1), _full(x).sum(axis=-1))

    @staticmethod
    def matmul(x: Any, matrix: np.ndarray) -> Any:
        """Product with a constant matrix on the right."""
        if not isinstance(x, Dual):
            return np.matmul(x, matrix)
        return Dual(np.matmul(x.value, matrix), np.matmul(_full(x), matrix))

    @staticmethod
    def where(mask: np.ndarray, left: Any, right: Any) -> Any:
        """Choose element by element; the mask is a constant."""
        if not (isinstance(left, Dual) or isinstance(right, Dual)):
            return np.where(mask, left, right)
        value = np.where(mask, _values(left), _values(right))
        slopes = [
            _fit(_align(x.slope, value.ndim), value) if isinstance(x, Dual) else np.float64(0.0)
            for x in (left, right)
        ]
        return Dual(value, np.where(mask, slopes[0], slopes[1]))

    @staticmethod
    def stack(parts: Sequence[Any]) -> Any:
        """Arrays side by side on a new last axis."""
        some = next((x for x in parts if isinstance(x, Dual)), None)
        value = Namespace.stack([_values(x) for x in parts])
        if some is None:
            return value
        if len(parts) == 1:
            return Dual(value, _align(some.slope, some.value.ndim)[..., None])
        inner = value[..., 0]
        count = some.slope.shape[0]
        slope = np.zeros((count, *value.shape))
        for place, x in enumerate(parts):
            if isinstance(x, Dual):
                slope[..., place] = _fit(_align(x.slope, inner.ndim), inner)
        return Dual(value, slope)


def _values(x: Any) -> np.ndarray:
    return x.value if isinstance(x, Dual) else np.asarray(x)


NUMPY = Namespace()
DUAL = _DualNamespace()
