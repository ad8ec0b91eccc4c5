"""How far each number of a model could lie from where it was put, in standard deviations.

A number whose middle or mean alone counts (weights, chains, odds ratios, findings, reliability, a
group's own linkage, hazard ratios) moves by the standard deviation of its own interval; where the
whole interval is part of the model, and for single numbers, it moves by that of a second
elicitation. A plain number (a correlation, a misfit, an overlap) is multiplied by what is uniform
between a half and one and a half. Intervals keep their width: 0 is the case itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from causation.analyses.onward import rows_at
from causation.errors import InputError
from causation.evidence.arrays import normal_quantiles
from causation.model.structure import Scenarios
from causation.scales import Z90, Scale

if TYPE_CHECKING:
    from causation.document.numbers import Number
    from causation.document.stated import Value
    from causation.model.structure import Model

SHARE_SD = 1.0 / math.sqrt(12.0)
"""Standard deviation of the factor of a plain number, uniform between 1/2 and 3/2."""

MOST_INPUTS = 1500
"""Inputs that are moved one by one at the most; a case of more has no such analysis."""

_OWN = frozenset({"weight", "chain", "odds_ratio", "membership", "likelihood", "reliability"})
"""Sorts of numbers whose interval counts by its middle or its mean."""
MOST_UNIT = 0.99
"""Greatest correlation, misfit, overlap or share of repeats that a number is moved to."""
_MOST_OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Spread:
    """A number and its standard deviation.

    Parameters
    ----------
    number : Number
    sd : float
        On the number's own scale; of a plain number, as a share of it.
    """

    number: Number
    sd: float

    @property
    def path(self) -> str:
        """Where a case file states the number."""
        return self.number.path

    @property
    def base(self) -> Value:
        """The number as it is."""
        return _stated(self.number)

    def centers(self, steps: np.ndarray) -> np.ndarray:
        """Centre on the number's own scale after moves of so many standard deviations."""
        n = self.number
        if n.scale is Scale.UNIT:
            most = _MOST_OVERLAP if n.sort == "overlap" else max(abs(n.center), MOST_UNIT)
            center: np.ndarray = n.center * np.maximum(0.0, 1.0 + self.sd * steps)
            center = np.minimum(np.maximum(center, -most), most)
        else:
            center = n.center + self.sd * steps
        return same_side(n, center)

    def steps_at(self, share: np.ndarray) -> np.ndarray:
        """Moves at given shares of the number's distribution, each strictly between 0 and 1.

        Examples
        --------
        >>> from causation.document.numbers import Number
        >>> spread = Spread(Number.of("sources.a.misfit", 0.02, 0.02, Scale.UNIT), SHARE_SD)
        >>> spread.centers(spread.steps_at(np.array([0.05, 0.5]))).round(6).tolist()
        [0.011, 0.02]
        """
        if self.number.scale is Scale.UNIT:
            result: np.ndarray = (share - 0.5) / SHARE_SD
        else:
            result = normal_quantiles(share)
        return result

    def at(self, steps: float) -> Value:
        """The number after a move, as a case file would state it."""
        return _stated(replace(self.number, center=float(self.centers(np.array(steps)))))


def same_side(number: Number, center: np.ndarray) -> np.ndarray:
    """Centres that it may have: an odds ratio does not cross 1 where its interval does not."""
    if number.sort != "odds_ratio" or abs(number.center) < Z90 * number.sd:
        return center
    side = 1.0 if number.center > 0.0 else -1.0
    return side * np.maximum(side * center, 0.0)


def _stated(number: Number) -> Value:
    return number.middle if number.is_point else (number.lo, number.hi)


def check_few(inputs: int) -> None:
    """Refuse to move very many inputs one by one.

    Raises
    ------
    InputError
        If there are more than `MOST_INPUTS`.
    """
    if inputs > MOST_INPUTS:
        raise InputError(
            f"{inputs} inputs are too many to be moved one by one; at most {MOST_INPUTS} are"
        )


def spreads_of(model: Model) -> tuple[Spread, ...]:
    """Every number that can move: those that count, and are not certain (0, 1 or excluded).

    Raises
    ------
    InputError
        If there are more than `MOST_INPUTS`.
    """
    check_few(len(model.numbers))
    counted = {n.path for n in model.filled.numbers()}
    found = []
    for n in model.numbers:
        sd = _sd(n, model.filled.elicitation_sd)
        if n.path in counted and sd > 0.0:
            found.append(Spread(n, sd))
    return tuple(found)


def _sd(number: Number, elicitation_sd: float) -> float:
    if number.scale is Scale.COUNT or not math.isfinite(number.center):
        return 0.0
    if number.scale is Scale.UNIT:
        return SHARE_SD if number.center else 0.0
    own = number.sort in _OWN or _is_mean(number.path)
    return number.sd if own and not number.is_point else elicitation_sd


def _is_mean(path: str) -> bool:
    """Whether of a linkage or a security record: the mean of the interval is what counts."""
    return path.startswith("victims.") or path.endswith(".hazard_ratio")


def moved(model: Model, spreads: Sequence[Spread], steps: np.ndarray) -> Scenarios:
    """Rows of a model with numbers moved; shares that go on add up to 1 at most.

    Parameters
    ----------
    spreads : sequence of Spread
    steps : ndarray, shape (rows, spreads)
        Standard deviations.
    """
    center = np.repeat(model.base().center, len(steps), axis=0)
    for spread, column in zip(spreads, steps.T, strict=True):
        center[:, model.columns[spread.path]] = spread.centers(column)
    return rows_at(model, center)
