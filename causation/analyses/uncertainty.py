"""Which numbers matter: each input's share in the uncertainty of the answer, and what halves it.

Every input moves by itself within what it is uncertain by (see `causation.analyses.spread`); the
variance of the log odds that this makes is its main effect, from a parabola through the case as
it is and the input moved down and up. What inputs do together is left out.

An incident of the reference class whose source, and what it gave, is established tells of a share
what one draw with this chance tells: on the logit scale its information is ``p (1 - p)``, if it
came by the source that the share is about. A share of standard deviation ``s`` is thus worth
``1 / (w s^2 p (1 - p))`` incidents, ``w`` being the prior share of its source, and as many more
halve its variance. Where an incident started tells of a weight likewise: ``p`` is the prior share
of that entrance, and every incident counts.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causation.analyses.bound import log_odds
from causation.analyses.spread import spreads_of
from causation.scales import Scale

if TYPE_CHECKING:
    from causation.analyses.carriers import Shifts
    from causation.document.numbers import Number
    from causation.evidence.base import Route

CARRYING = 0.8
"""Share of the uncertainty that the inputs named first carry together."""
MOST_INCIDENTS = 100_000
_LEAST_SHOWN = 2.0**-53
"""What an incident shows of a number, in its variances, below which no count of them is told."""
_UNIT_KURTOSIS = 0.8
"""Variance of the square of what is uniform with variance 1; of what is normal it is 2."""


@dataclass(frozen=True, slots=True)
class InputShare:
    """What one input has in the uncertainty of the answer.

    `share` is of the variance of the log odds (natural), `sd` the standard deviation that it makes
    by itself; `status` how well it is supported: ``judgement``, or a mark of the source.
    `incidents` of the reference class would halve its variance; None where an incident does not
    show it, or next to nothing of it.
    """

    path: str
    share: float
    sd: float
    status: str | None
    basis: Mapping[str, str]
    incidents: int | None


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Inputs by their share in the uncertainty of the answer, the greatest first.

    `sd` is the standard deviation of the log odds (natural) that all main effects make. The first
    `carrying` inputs have `carried` of the variance, at least `CARRYING`; `judgements` of them rest
    on judgement, or on nothing that is stated. `incidents` is the least number of established
    incidents that halve the variance, None where no number up to a hundred thousand does.
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
        rows.append((n, float(variance), _worth(shifted, n, spread.sd)))
    rows.sort(key=lambda row: (-row[1], row[0].path))
    total = sum(variance for _, variance, _ in rows)
    inputs = tuple(
        InputShare(
            n.path,
            v / total if total else 0.0,
            math.sqrt(v),
            n.status,
            n.basis,
            None if worth is None else math.ceil(worth),
        )
        for n, v, worth in rows
    )
    carrying, carried = _first(inputs)
    judged = sum(n.status == "judgement" or not (n.status or n.source) for n, *_ in rows[:carrying])
    needed = _halving([(v, worth) for _, v, worth in rows])
    return Uncertainty(math.sqrt(total), inputs, carrying, carried, judged, needed)


def _first(inputs: Sequence[InputShare]) -> tuple[int, float]:
    carried = 0.0
    for k, x in enumerate(inputs):
        if carried >= CARRYING - 1e-12:
            return k, carried
        carried += x.share
    return len(inputs), carried


def _worth(shifted: Shifts, number: Number, sd: float) -> float | None:
    """How many incidents a number is worth as it is; None where they do not show it."""
    model, prior = shifted.answer.model, shifted.answer.route_prior[0]

    def share(holds: Callable[[Route], bool]) -> float:
        return sum(float(p) for r, p in zip(model.routes, prior, strict=True) if holds(r))

    if number.sort == "weight":
        weight_of = model.filled.weight_of
        seen, p = 1.0, share(lambda r: weight_of(r.entrance.name).path == number.path)
    elif number.scale is Scale.PROBABILITY:
        owner = number.path.rpartition(".")[2] if number.sort == "likelihood" else number.owner
        known = owner in model.source_names
        seen = share(lambda r: owner in {s.name for s in r.sources}) if known else 1.0
        p = number.mean()
    else:
        return None
    if not (seen > 0.0 and 0.0 < p < 1.0):
        return None
    shown = seen * sd**2 * p * (1.0 - p)
    return 1.0 / shown if shown > _LEAST_SHOWN else None


def _halving(rows: Sequence[tuple[float, float | None]]) -> int | None:
    """Least number of incidents that halve the sum of variances."""

    def left(n: int) -> float:
        return sum(v if worth is None else v * worth / (worth + n) for v, worth in rows)

    target = 0.5 * left(0)
    if target <= 0.0 or left(MOST_INCIDENTS) > target:
        return None
    return bisect_left(range(MOST_INCIDENTS + 1), -target, key=lambda n: -left(n))
