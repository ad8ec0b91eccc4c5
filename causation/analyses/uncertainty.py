"""Which numbers matter: each input's share in the uncertainty of the answer, and what halves it.

Every input moves by itself within what it is uncertain by (see `causation.analyses.spread`); the
variance of the log odds that this makes is its main effect, from a parabola through the case as
it is and the input moved down and up. What inputs do together is left out.

An observed incident tells of a share what one draw with this chance tells: on the logit scale its
information is ``p (1 - p)``. A share of standard deviation ``s`` is thus worth
``1 / (s^2 p (1 - p))`` incidents, and as many more halve its variance. What an incident started
from tells of a weight likewise, ``p`` being the prior share of that entrance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causation.analyses.given import log_odds
from causation.analyses.spread import spreads_of
from causation.scales import Scale

if TYPE_CHECKING:
    from causation.analyses.carriers import Shifts
    from causation.document.numbers import Number

__all__ = ["CARRYING", "InputShare", "Uncertainty", "uncertainty"]

CARRYING = 0.8
"""Share of the uncertainty that the inputs named first carry together."""
MOST_INCIDENTS = 10_000
_UNIT_KURTOSIS = 0.8
"""Variance of the square of what is uniform with variance 1; of what is normal it is 2."""


@dataclass(frozen=True, slots=True)
class InputShare:
    """What one input has in the uncertainty of the answer.

    Parameters
    ----------
    path : str
        Where a case file states the input.
    share : float
        Of the variance of the log odds.
    sd : float
        Standard deviation of the log odds (natural) that it makes by itself.
    status : str or None
        How well it is supported: ``judgement``, or a mark of the source.
    basis : mapping of str to str
    incidents : int or None
        Observed incidents of the reference class that would halve its variance; None where an
        incident does not show it.
    halving : int
        Of the incidents that together halve the variance of the answer, those for this input.
    """

    path: str
    share: float
    sd: float
    status: str | None
    basis: Mapping[str, str]
    incidents: int | None
    halving: int = 0


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Inputs by their share in the uncertainty of the answer.

    Parameters
    ----------
    sd : float
        Standard deviation of the log odds (natural) that all main effects make.
    inputs : tuple of InputShare
        The greatest share first.
    carrying : int
        How many of them carry `CARRYING` of the variance.
    carried : float
        The share that those carry.
    judgements : int
        How many of those are judgements.
    incidents : int or None
        Least number of observed incidents that halve the variance of the answer, each spent
        where it tells most; None where incidents cannot.
    """

    sd: float
    inputs: tuple[InputShare, ...]
    carrying: int
    carried: float
    judgements: int
    incidents: int | None


def uncertainty(shifted: Shifts) -> Uncertainty:
    """Find the share of every input in the uncertainty of the answer.

    Parameters
    ----------
    shifted : Shifts
        Every number lower and higher by itself.
    """
    answer = shifted.answer
    model = answer.model
    odds = np.nan_to_num(log_odds(answer), posinf=0.0, neginf=0.0)
    place = {column: k for k, column in enumerate(shifted.columns)}
    rows = []
    for spread in spreads_of(model):
        n = spread.number
        if (k := place.get(model.columns[n.path])) is None:
            continue
        unit = n.scale is Scale.UNIT
        reach = (0.5 if unit else 1.0) / spread.sd
        low, high = odds[1 + 2 * k] - odds[0], odds[2 + 2 * k] - odds[0]
        slope, bend = (high - low) / (2.0 * reach), (high + low) / (2.0 * reach**2)
        variance = slope**2 + (_UNIT_KURTOSIS if unit else 2.0) * bend**2
        rows.append((n, float(variance), _worth(spread.sd, _chance(shifted, n))))
    rows.sort(key=lambda row: (-row[1], row[0].path))
    total = sum(variance for _, variance, _ in rows)
    spent = _halving([(v, worth) for _, v, worth in rows])
    inputs = tuple(
        InputShare(
            n.path,
            v / total if total else 0.0,
            math.sqrt(v),
            n.status,
            n.basis,
            None if worth is None else math.ceil(worth),
            0 if spent is None else spent[i],
        )
        for i, (n, v, worth) in enumerate(rows)
    )
    carrying, carried = _first(inputs)
    judged = sum(x.status == "judgement" for x in inputs[:carrying])
    whole = None if spent is None else sum(spent)
    return Uncertainty(math.sqrt(total), inputs, carrying, carried, judged, whole)


def _first(inputs: Sequence[InputShare]) -> tuple[int, float]:
    carried = 0.0
    for k, x in enumerate(inputs):
        if carried >= CARRYING - 1e-12:
            return k, carried
        carried += x.share
    return len(inputs), carried


def _chance(shifted: Shifts, number: Number) -> float | None:
    """Chance of what one incident shows of a number."""
    if number.scale is Scale.PROBABILITY:
        return number.mean()
    if number.sort != "weight":
        return None
    model, prior = shifted.answer.model, shifted.answer.route_prior[0]
    return sum(
        float(p)
        for r, p in zip(model.routes, prior, strict=True)
        if model.filled.weight_of(r.entrance.name).path == number.path
    )


def _worth(sd: float, chance: float | None) -> float | None:
    """How many incidents a number is worth as it is."""
    if chance is None or not 0.0 < chance < 1.0:
        return None
    return 1.0 / (sd**2 * chance * (1.0 - chance))


def _halving(rows: Sequence[tuple[float, float | None]]) -> list[int] | None:
    """Incidents by input that halve the sum of variances, one by one where one tells most."""
    spent = [0] * len(rows)
    left = 0.5 * sum(v for v, _ in rows)
    fixed = sum(v for v, worth in rows if worth is None)
    if left <= 0.0 or fixed >= left:
        return None

    def variance(i: int, n: int) -> float:
        v, worth = rows[i]
        return v if worth is None else v * worth / (worth + n)

    gains = [variance(i, 0) - variance(i, 1) for i in range(len(rows))]
    for _ in range(MOST_INCIDENTS):
        if left <= 0.0:
            return spent
        best = int(np.argmax(gains))
        left -= gains[best]
        spent[best] += 1
        now, after = (variance(best, spent[best] + k) for k in (0, 1))
        gains[best] = now - after
    return None
