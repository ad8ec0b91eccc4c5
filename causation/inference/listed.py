"""Factors of fields of which one at least was published of everybody on a list.

What put somebody on the list is divided out: ``Z**-N`` with ``1 - Z`` the product of the fields'
chances not to be published. Since ``Z**-N = sum_k C(N + k - 1, k) (1 - Z)**k``, every term of it is
a product over fields, as if of `k` more victims all of them had been withheld. The terms are
smooth in the logarithm of `k`: beyond the first few they are summed by Gauss rules, in panels.

Of a chain a factor hangs on either source's share by way of both together: their law is carried
over to nodes of the log-odds of what either gives, once for all terms and states.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.inference.counting import polynomial
from causation.inference.interpolation import STENCIL, rule_of
from causation.inference.laws import Unsuitable, either_gave, is_large, means_of, sharpness_of
from causation.inference.quadrature import ONE, implied

if TYPE_CHECKING:
    from causation.inference.counting import Config, Extra, Key, Listed
    from causation.inference.factors import Factors
    from causation.inference.laws import Law
    from causation.inference.quadrature import Powers

_MOST, _LARGEST, _FAR = 400, 3_000_000, 60.0
_SEEN = 1e-6
"""Share of a sum, weighed by the prior, below which further terms are left out."""
_PRECISIONS = ((np.float32, 1e-24, -80.0), (np.float64, 1e-200, -600.0))
"""Sums of numbers that are positive keep six digits in single precision, down to a least value over
the largest that a term may have; where some are less they are summed again. With the log below
which the chance that more were withheld counts for the same."""
_BEYOND = 100.0
"""How much more they may be where the evidence is."""


@dataclass(frozen=True, eq=False)
class Series:
    """Terms of ``Z**-N`` in panels: numbers `k` with the log of their weights.

    Parameters
    ----------
    parts : tuple of (ndarray, ndarray)
        Most of them, then more and more.
    off : float
        Largest relative error of the sum.
    """

    parts: tuple[tuple[np.ndarray, np.ndarray], ...]
    off: float


@lru_cache(maxsize=1024)
def series_of(most: float, *, fine: bool) -> Series:
    """Terms for up to so many victims, exact to a few ten-thousandths, or to some millionths.

    Weights are those of a sum over `k`; the number of ways is still to be multiplied.

    Examples
    --------
    >>> terms = series_of(3.0, fine=True)
    >>> k, log_w = (np.concatenate(x) for x in zip(*terms.parts))
    >>> round(float(np.exp(log_w + log_ways(3.0, k)) @ 0.9**k), 2)
    1000.0
    """
    nodes, width, first = (4, 1.2, 6) if fine else (3, 1.4, 4)
    width /= math.sqrt(1.0 + most / 4.0)
    x = np.exp(np.linspace(math.log(1e-3), math.log(30.0), 200))
    log_z = np.log(-np.expm1(-x))
    while True:
        edges, last = [0, first], (30.0 + 4.0 * most) * 1e4
        while edges[-1] < last:
            nearest = math.floor((edges[-1] + 1) * math.exp(width) - 1.0)
            edges.append(max(edges[-1] + nodes, nearest))
        panels = [_rule(low, high, nodes) for low, high in pairwise(edges)]
        k, log_w = (np.concatenate(p) for p in zip(*panels, strict=True))
        off = 0.0
        for n in {1.0, most}:
            terms = np.exp(log_w + log_ways(n, k) - np.outer(x, k) + n * log_z[:, None])
            off = max(off, float(np.abs(terms.sum(axis=1) - 1.0).max()))
        if off < (1e-5 if fine else 1e-3):
            break
        width *= 0.8
    early = min(sum(high < 12.0 * most for high in edges), len(panels))
    cuts = [0, *range(early, len(panels), 2), len(panels)]
    parts = [zip(*panels[low:high], strict=True) for low, high in pairwise(cuts)]
    return Series(tuple((np.concatenate(a), np.concatenate(b)) for a, b in parts), off)


def log_ways(count: float, k: np.ndarray) -> np.ndarray:
    """Log of ``C(count + k - 1, k)``."""
    whole = [math.lgamma(count + x) - math.lgamma(count) - math.lgamma(x + 1.0) for x in k.tolist()]
    return np.array(whole)


@lru_cache(maxsize=8192)
def _rule(low: int, high: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and log weights for a sum over the whole numbers from one to before another.

    Exact for polynomials in ``log(1 + k)``: Gauss's rule of that sum.
    """
    if high - low <= max(size, 6):
        return np.arange(low, high, dtype=float), np.zeros(high - low)
    if high - low > 3000:
        g, w = np.polynomial.legendre.leggauss(size)
        start, end = math.log(low + 0.5), math.log(high + 0.5)
        s = 0.5 * (start + end) + 0.5 * (end - start) * g
        return np.expm1(s), np.log(w * 0.5 * (end - start)) + s
    x = np.log1p(np.arange(low, high))
    middle, half = 0.5 * (x[0] + x[-1]), 0.5 * (x[-1] - x[0])
    x = (x - middle) / half
    jacobi, before, here, norm = np.zeros((size, size)), np.zeros_like(x), np.ones_like(x), 1.0
    for n in range(size):
        new = float(here @ here)
        jacobi[n, n] = float((here * x) @ here) / new
        beta = new / norm if n else 0.0
        if n:
            jacobi[n, n - 1] = jacobi[n - 1, n] = math.sqrt(beta)
        before, here, norm = here, (x - jacobi[n, n]) * here - beta * before, new
    nodes, vectors = np.linalg.eigh(jacobi)
    return np.expm1(middle + half * nodes), np.log((high - low) * vectors[0] ** 2)


@dataclass(frozen=True, eq=False)
class Either:
    """What a route's sources give of a field, on nodes of the log-odds that one of them does.

    Parameters
    ----------
    log_has, lacks : ndarray, shape (Q,) or (S, Q)
        Log of the chance that one does, and the chance that none does.
    weight : ndarray, shape (S, Q, U * X)
        Of the nodes, given the common latents.
    """

    log_has: np.ndarray
    lacks: np.ndarray
    weight: np.ndarray


def either_of(laws: Sequence[Law], config: Config, powers: Sequence[Powers], step: float) -> Either:
    """Law of what either source gives, weighed by powers of their shares.

    Parameters
    ----------
    step : float
        Between nodes.

    Raises
    ------
    Unsuitable
        If it takes too many nodes.
    """
    sides = [x.weight * _powers(x, p)[:, None] for x, p in zip(laws, powers, strict=True)]
    lacks, has = either_gave(laws, config)
    if len(laws) == 1:
        with np.errstate(divide="ignore"):
            return Either(np.log(has[..., 0]), lacks[..., 0], sides[0].swapaxes(1, 2))
    with np.errstate(divide="ignore"):
        odds = np.clip(np.log(has) - np.log(lacks), -_FAR, _FAR)
    low, high = float(odds.min()), float(odds.max())
    size = max(math.ceil((high - low) / step) + 1, STENCIL)
    if size > _MOST or odds.size * size > _LARGEST:
        raise Unsuitable
    spread = rule_of((odds.reshape(-1) - low) / step, size)
    rows, _, others = odds.shape
    left = sides[0] @ spread.reshape(rows, -1, others * size)
    left = left.reshape(rows, -1, others, size).swapaxes(1, 2).reshape(rows, others, -1)
    whole = (sides[1] @ left).reshape(rows, sides[1].shape[1], -1, size)  # (S, X, U, Q)
    t = low + step * np.arange(size)
    weight = whole.transpose(0, 3, 2, 1).reshape(rows, size, -1)
    return Either(-np.logaddexp(0.0, -t), np.exp(-np.logaddexp(0.0, t)), weight)


def _powers(law: Law, powers: Powers) -> np.ndarray:
    """Product of powers of a source's shares and of their complements, shape (S, J)."""
    found: Any = np.ones_like(law.has[0])
    for way, (gave, failed) in enumerate((powers[:2], powers[2:])):
        if gave:
            found = found * law.has[way] ** gave
        if failed:
            found = found * law.lacks[way] ** failed
    return np.asarray(found)


class _Field:
    """Factor of one field of a list, as if of any number of more victims it had been withheld."""

    def __init__(
        self,
        factors: Factors,
        field: str,
        config: Config,
        *,
        key: Key,
        extra: Extra,
        precision: tuple[Any, float, float],
    ) -> None:
        self._kind, _, self._floor = precision
        self.config, self.published, self.withheld = config, 0.0, 0.0
        others = []
        for how, compared, published, withheld in key:
            if how == config and not compared:
                self.published, self.withheld = float(published), float(withheld)
            else:
                others.append((how, compared, published, withheld))
        rest = tuple(others)
        if is_large(rest):
            raise Unsuitable
        tables = factors.tables
        sharpness = sharpness_of(((config, (), max(tables.demand[field][0], 4.0), math.inf),))
        step = 0.7 * tables.accuracy.step / math.sqrt(1.0 + sharpness / 4.0)
        laws = factors.laws(field, sharpness, reach=tables.accuracy.reach + 0.5)
        terms = polynomial(rest, extra, len(laws))
        self.possible = bool(terms.coefficient.size)
        if not self.possible:
            return
        self.coefficient = factors.coefficients(field, terms)

        def either(powers: tuple[Powers, ...]) -> Either:
            name = ("either", field, config, powers, sharpness)
            return factors.kept(name, partial(either_of, laws, config, powers, step))

        self.eithers = [either(powers) for powers in zip(*terms.powers, strict=True)]
        self.plain = not rest and extra is None
        first = self.eithers[0]
        self.log_has, lacks = (np.atleast_2d(x)[:, None] for x in (first.log_has, first.lacks))
        self._kept, self._name = factors.kept, (field, config, sharpness, self._floor)
        omega = np.exp(factors.log_omega)[:, :, None]
        self.log_lacks = self._kept(
            ("lacks", *self._name), lambda: np.log((1.0 - omega) + omega * lacks)
        )
        self.rough = factors.kept(
            ("off", *self._name, self.published > 0.0),
            lambda: _off(laws, either((ONE,) * len(laws)), self, factors.weight()[0].sum(axis=0)),
        )
        log_f = self.published * self.log_has[:, 0] if self.published else np.zeros((1, 1))
        self.scale = log_f.max(axis=1)
        power = np.exp(log_f - self.scale[:, None])[..., None]
        self._weights = [self._short(x.weight * power) for x in self.eithers]
        self._others: Any = None
        if self.withheld:
            self._others = self._short(np.exp(self.withheld * self.log_lacks))[:, None]

    def __call__(self, k: np.ndarray) -> np.ndarray:
        """Factor with so many more over its scale, shape (S, K, Y, U * X)."""
        given: np.ndarray = self._kept(
            ("given", *self._name, float(k[0])), lambda: self._withheld(k)
        )
        if self._others is not None:
            given = given * self._others
        rows, terms, shares, size = given.shape
        total: Any = 0.0
        for n, weight in enumerate(self._weights):
            found = (given.reshape(rows, -1, size) @ weight).reshape(
                -1, terms, shares, weight.shape[2]
            )
            if self.plain:
                return np.asarray(found)
            total = total + self.coefficient[:, None, :, n, None] * found
        return np.asarray(total)

    def _withheld(self, k: np.ndarray) -> np.ndarray:
        log_f = np.maximum(k[:, None, None] * self.log_lacks[:, None], self._floor)
        return self._short(np.exp(log_f))

    def _short(self, x: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(x, dtype=self._kind)


def log_listed(
    factors: Factors, slot: Listed, total: float, keys: Sequence[Key], extras: Sequence[Extra]
) -> tuple[np.ndarray, np.ndarray, float]:
    """Factor of the fields of a list, shape (S, Y, U, X), the log of its scale, and its error.

    Parameters
    ----------
    total : float
        How many are on the list.
    keys, extras : sequence
        By field.
    """
    for precision in _PRECISIONS:
        parts = [
            _Field(factors, f, slot.config, key=key, extra=extra, precision=precision)
            for f, key, extra in zip(slot.fields, keys, extras, strict=True)
        ]
        if not all(p.possible for p in parts):
            return np.zeros((1, 1, 1, 1)), np.zeros(1), 0.0
        value, log_scale, off = _summed(factors, parts, total)
        if value.min() > precision[1]:
            return value, log_scale, off + sum(p.rough for p in parts)
    raise Unsuitable


def _summed(
    factors: Factors, parts: Sequence[_Field], total: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Sum of a list's terms, the log of its scale, and its error; all zero where it is lost."""
    log_scale: Any = sum(p.scale for p in parts)
    series = series_of(factors.tables.expanded, fine=factors.tables.accuracy.step < 1.0)
    weight = factors.weight()
    shape = weight.shape[1:]
    weight = weight.reshape(len(weight), shape[0], -1)
    value: Any = 0.0
    scale, left = np.full(1, -np.inf), 1.0
    for k, log_w in series.parts:
        whole: Any = 1.0
        for part in parts:
            whole = part(k) if part is parts[0] else whole * part(k)
        log_all = log_w + log_ways(total, k)
        new = np.maximum(scale, log_all.max())
        here = np.broadcast_to(np.exp(log_all - new).astype(whole.dtype), whole.shape[:2])
        more = np.einsum("sk,skyx->syx", here, whole)
        value = value * np.exp(scale - new) + more
        scale = new
        tail, total_so_far = ((weight * x).sum(axis=(1, 2)) for x in (more, value))
        if not total_so_far.all():
            return np.zeros((1, *shape)), log_scale, 0.0
        left = float((tail / total_so_far).max())
        if left < _SEEN:
            break
    else:
        raise Unsuitable
    return value.reshape(-1, *shape), log_scale + scale, series.off + _BEYOND * left


def _off(laws: Sequence[Law], either: Either, field: _Field, weight: np.ndarray) -> float:
    """Error of a field's nodes in the first row: of the rule, and of going over to others.

    Parameters
    ----------
    weight : ndarray, shape (U, X)
        Of the nodes of the common latents.
    """
    lacks, has = (x[:1] for x in either_gave(laws, field.config))
    k = np.array([0.0, 2.0, 30.0])[:, None]
    values = []
    for log_has, none in (
        (np.log(np.maximum(has[0], 1e-300)), lacks[0]),
        (np.atleast_2d(either.log_has)[:1].T, np.atleast_2d(either.lacks)[:1].T),
    ):
        log_f = (field.withheld + k)[..., None] * np.log(0.5 + 0.5 * none)
        values.append(log_f + field.published * log_has if field.published else log_f)
    top = values[0].max(axis=(1, 2), keepdims=True)
    whole, other = (np.exp(x - top) for x in values)
    mean, *wider = (x[0] for x in means_of(whole[None], laws, (1, 2, 4)))
    found = (other[..., 0] @ either.weight[0]).reshape(mean.shape)
    total = (mean * weight).sum()
    off = [float((np.abs(x - mean) * weight).sum() / total) for x in (*wider, found)]
    return implied(*off[:2]) + off[2]
