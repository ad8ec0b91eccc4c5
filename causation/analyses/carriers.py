"""What carries the answer: inputs whose shift by one logit moves it most, and the residual.

The residual's weight is the one number that no evidence can speak to: how large would it have to
be for the standard to fail?
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from causation.analyses.bound import held
from causation.analyses.evaluating import Evaluate, take
from causation.analyses.onward import rows_at
from causation.analyses.spread import Spread, check_few
from causation.document.mappings import Fixed
from causation.document.terms import SourceKind
from causation.inference.evaluate import Answer
from causation.model.structure import Model, Scenarios, concatenate
from causation.scales import Scale

_REACH = math.log(1e9)
"""Natural log of the greatest factor on the residual's weight that is looked at, either way."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """Probability of the proposition with one input a logit (or a natural log) lower and higher.

    `move` is the greater of the two changes, its size.
    """

    path: str
    low: float
    high: float
    move: float


@dataclass(frozen=True, slots=True)
class Carriers:
    """Inputs that carry the answer: those whose shift moves the probability most, first.

    `residual` is None where the case has no unknown or other source.
    """

    inputs: tuple[Carrier, ...]
    residual: ResidualNeeded | None
    why_missing: str | None = None


@dataclass(frozen=True, eq=False)
class Shifts:
    """The case as it is, then every number of `columns` lower and higher by itself.

    A plain number (a correlation, a misfit) moves by half of itself, any other by one logit or
    natural log.
    """

    columns: tuple[int, ...]
    answer: Answer


@dataclass(frozen=True, eq=False)
class Plan:
    """The case as it is, then every number of `columns` lower and higher, as rows."""

    model: Model
    columns: tuple[int, ...]
    rows: Scenarios

    @classmethod
    def of(cls, model: Model) -> Plan:
        """Shift every number either way.

        Raises
        ------
        InputError
            If there are too many.
        """
        check_few(len(model.numbers))
        columns = tuple(
            i
            for i, n in enumerate(model.numbers)
            if n.scale is not Scale.COUNT and math.isfinite(n.center)
        )
        base = model.base()
        center = np.repeat(base.center, 2 * len(columns), axis=0)
        for place, column in enumerate(columns):
            n = model.numbers[column]
            either = center[2 * place : 2 * place + 2, column]
            if n.scale is Scale.UNIT:
                either[:] = Spread(n, 0.5).centers(np.array([-1.0, 1.0]))
            else:
                either += -1.0, 1.0
        return cls(model, columns, concatenate([base, rows_at(model, center)]))

    def found(self, evaluate: Evaluate) -> Shifts:
        """Evaluate them."""
        return Shifts(self.columns, evaluate(self.model, self.rows))


def carriers(
    shifted: Shifts, *, bound: float | None, answer: Answer | None = None, most: int | None = 10
) -> Carriers:
    """Say which numbers, shifted by one logit either way, move the probability most.

    Parameters
    ----------
    shifted : Shifts
    answer : Answer, optional
        Its first row is the case as it is; for the residual.
    most : int, optional
        How many to return, those that move the probability most first; None for all.
    """
    model, p = shifted.answer.model, shifted.answer.probability
    found = [
        Carrier(n.path, float(low), float(high), float(max(abs(low - p[0]), abs(high - p[0]))))
        for column, low, high in zip(shifted.columns, p[1::2], p[2::2], strict=True)
        if (n := model.numbers[column]).scale is not Scale.UNIT
    ]
    first = tuple(sorted(found, key=lambda c: -c.move)[:most])
    return Carriers(first, residual_needed(answer or shifted.answer, bound=bound))


@dataclass(frozen=True, slots=True)
class ResidualNeeded:
    """Weight of unknown or other sources at which the held probability falls to the standard.

    At `needed`, never rounded, the standard is just met; more of it fails.
    """

    path: str
    weight: float
    needed: float | None
    why_missing: Mapping[str, str] | None = None


_INSIDE = Fixed(
    {
        "en": "the proposition is about unknown or other sources themselves",
        "zh": "待证事实所指即未知或其他来源",
    }
)
_NEVER = Fixed(
    {
        "en": "no weight of unknown or other sources up to a thousand million times its own "
        "changes the side",
        "zh": "该权重无论增至十亿倍，还是减至十亿分之一，与对照值的高低关系均不改变",
    }
)


def residual_needed(answer: Answer, *, bound: float | None) -> ResidualNeeded | None:
    """Find the weight of the residual at which the standard fails.

    The weight enters the prior alone, so nothing is integrated again.

    Returns
    -------
    ResidualNeeded or None
        None for a case without a residual.
    """
    model, first = answer.model, take(answer, slice(0, 1))
    filled = model.filled
    names = [s.name for s in filled.sources if s.kind is SourceKind.RESIDUAL]
    if not names:
        return None
    number = filled.weight_of(names[0])
    weight = math.exp(number.center)
    if set(names) & set(filled.proposition.sources):
        return ResidualNeeded(number.path, weight, None, _INSIDE)
    residual = np.array([r.entrance.name in names for r in model.routes])
    factor = _factor(first, residual, filled.threshold, bound)
    if factor is None:
        return ResidualNeeded(number.path, weight, None, _NEVER)
    return ResidualNeeded(number.path, weight, weight * factor)


def _factor(
    answer: Answer, residual: np.ndarray, threshold: float, bound: float | None
) -> float | None:
    """Factor on the prior of some routes at which the held probability crosses a threshold."""

    def beyond(log_factor: float) -> bool:
        return bool(
            held(_reweighed(answer, residual, log_factor), bound).probability[0] > threshold
        )

    low, high = -_REACH, _REACH
    if (side := beyond(low)) == beyond(high):
        return None
    while high - low > 1e-13 * _REACH:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if beyond(middle) == side else (low, middle)
    return math.exp(low)


def _reweighed(answer: Answer, routes: np.ndarray, log_factor: float) -> Answer:
    """The same evidence with the prior weight of some routes times a factor."""
    log_prior = answer.log_prior + np.where(routes, log_factor, 0.0)
    total = np.logaddexp.reduce(log_prior, axis=1)
    return replace(answer, log_prior=log_prior - total[:, None])
