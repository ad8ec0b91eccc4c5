"""Input sensitivity: the same numbers, elicited once more.

Every elicited number is drawn again about its value: in half of the variance together with all
numbers of its source, in a quarter with all numbers of its sort, in a quarter by itself. Where
several experts were asked, how far they stand apart is added: who stands high in one number moves
all the numbers that he was asked for. The spread is not a probability of the probability: it says
how far the conclusion depends on who was asked. Robustness is the standard deviation that is put
in; it is reported for three of them.

Every random number is stratified over the draws (Latin hypercube sampling: M. D. McKay, R. J.
Beckman, W. J. Conover 1979, Technometrics 21, 239-245), so that a hundred of them tell as much of
the mean and the lower end as three hundred drawn freely.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from causation.analyses.bound import held
from causation.analyses.evaluating import Evaluate
from causation.analyses.onward import rows_at
from causation.analyses.spread import MOST_UNIT, same_side
from causation.evidence.arrays import normal_quantiles
from causation.model.structure import Model, Scenarios, concatenate
from causation.scales import Scale

DRAWS: int = 100
FEWER: int = 64
"""Draws at the elicitation sd of the prior set, and at each of the others."""
MANY, THEN = 40, (40, 24)
"""With more groups of uncertain linkage than these every draw is sampled, and there are fewer."""
OTHER_SDS = (0.25, 1.0)
INTERVAL_MASS = 0.9
"""Mass of the central interval that is reported."""
OWNER, SORT, OWN = 0.5, 0.25, 0.25
"""Shares of the variance of a shift: of the source, of the sort of number, of the number."""


@dataclass(frozen=True, eq=False)
class Redrawn:
    """The proposition under redrawn inputs: the model's, and with the ratio held, (draws,).

    `elicitation_sd` is the standard deviation of the shifts, in logits or natural logs.
    """

    elicitation_sd: float
    probability: np.ndarray
    held: np.ndarray
    threshold: float

    @property
    def mean(self) -> float:
        """Mean of the model's probability."""
        return float(self.probability.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """Central 90 % interval of the model's probability."""
        return _central(self.probability)

    @property
    def held_mean(self) -> float:
        """Mean of the held probability."""
        return float(self.held.mean())

    @property
    def held_interval(self) -> tuple[float, float]:
        """Central 90 % interval of the held probability."""
        return _central(self.held)

    @property
    def share(self) -> float:
        """Share of the draws in which the held probability reaches the standard."""
        return float((self.held >= self.threshold).mean())

    def to_dict(self) -> dict[str, Any]:
        """Plain Python data."""
        return {
            "elicitation_sd": self.elicitation_sd,
            "draws": len(self.probability),
            "interval_mass": INTERVAL_MASS,
            "mean": self.mean,
            "interval": list(self.interval),
            "held_mean": self.held_mean,
            "held_interval": list(self.held_interval),
            "share": self.share,
        }


@dataclass(frozen=True, eq=False)
class Redraws(Redrawn):
    """The same at the elicitation sd of the prior set, and at others.

    Parameters
    ----------
    others : tuple of Redrawn
    """

    others: tuple[Redrawn, ...] = ()
    random_seed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain Python data."""
        return {
            **super().to_dict(),
            "others": [x.to_dict() for x in self.others],
            "random_seed": self.random_seed,
        }


def _central(values: np.ndarray) -> tuple[float, float]:
    """Quantiles that are unbiased for the median (R. J. Hyndman, Y. Fan 1996, definition 8)."""
    tail, size = 0.5 * (1.0 - INTERVAL_MASS), len(values)
    place = np.array([tail, 1.0 - tail]) * (size + 1 / 3) - 2 / 3
    lo, hi = np.interp(place, np.arange(size), np.sort(values)).tolist()
    return lo, hi


@dataclass(frozen=True, eq=False)
class Plan:
    """Draws that are evaluated together.

    Parameters
    ----------
    sds : tuple of (float, int)
        Elicitation sds with how many draws each has.
    rows : Scenarios
        The case as it is, then all draws.
    """

    model: Model
    sds: tuple[tuple[float, int], ...]
    rows: Scenarios
    random_seed: int

    @classmethod
    def of(
        cls,
        model: Model,
        *,
        draws: int = DRAWS,
        fewer: int = FEWER,
        random_seed: int = 20250723,
    ) -> Plan:
        """Draw the inputs again.

        Parameters
        ----------
        draws, fewer : int
            Draws at the elicitation sd of the prior set, and at the others (0: none of those).
        """
        sd = model.filled.elicitation_sd
        if sum(not (g.plaintiff or g.first) for g in model.filled.groups) > MANY:
            draws, fewer = min(draws, THEN[0]), min(fewer, THEN[1])
        others = OTHER_SDS if fewer else ()
        sds = ((sd, draws), *((other, fewer) for other in others if other != sd))
        parts = [redrawn_rows(model, s, n, random_seed=random_seed) for s, n in sds]
        return cls(model, sds, concatenate([model.base(), *parts]), random_seed)

    def found(self, evaluate: Evaluate, bound: float | None) -> Redraws:
        """Evaluate them."""
        answer, threshold = evaluate(self.model, self.rows), self.model.filled.threshold
        limited = held(answer, bound).probability
        found, start = [], 1
        for sd, n in self.sds:
            some = slice(start, start + n)
            found.append(Redrawn(sd, answer.probability[some], limited[some], threshold))
            start += n
        main = found[0]
        return Redraws(
            main.elicitation_sd, main.probability, main.held, threshold,
            tuple(found[1:]), self.random_seed,
        )  # fmt: skip


def redrawn_rows(model: Model, sd: float, draws: int, *, random_seed: int) -> Scenarios:
    """Rows with every elicited number drawn again, by shifts of this sd in logits or natural logs.

    The random numbers of a source, a sort and a number hang on their names: they are the same in
    another order, under another prior set, and for another `sd`.
    """
    center = np.repeat(model.base().center, draws, axis=0)
    for column, number in enumerate(model.numbers):
        if number.scale is Scale.COUNT:
            continue
        if number.scale is Scale.UNIT:
            factor = 0.5 + _uniform(number.path, draws, random_seed)
            center[:, column] = np.clip(center[:, column] * factor, -MOST_UNIT, MOST_UNIT)
            continue
        shift = (
            np.sqrt(OWNER) * _normal(f"owner {number.owner or number.path}", draws, random_seed)
            + np.sqrt(SORT) * _normal(f"sort {number.sort or number.path}", draws, random_seed)
            + np.sqrt(OWN) * _normal(f"own {number.path}", draws, random_seed)
        )
        center[:, column] += sd * shift
        for name, apart in number.experts:  # who was asked: known, whatever `sd`
            center[:, column] += apart * _normal(f"expert {name}", draws, random_seed)
        center[:, column] = same_side(number, center[:, column])
    return rows_at(model, center)


@lru_cache(maxsize=4096)
def _uniform(name: str, draws: int, random_seed: int) -> np.ndarray:
    """One number in the middle of every stratum of (0, 1), in random order."""
    stream = np.random.default_rng([random_seed, zlib.crc32(name.encode())])
    result: np.ndarray = (stream.permutation(draws) + 0.5) / draws
    return result


@lru_cache(maxsize=4096)
def _normal(name: str, draws: int, random_seed: int) -> np.ndarray:
    stratum = (draws * _uniform(name, draws, random_seed)).astype(int)
    result: np.ndarray = _quantiles(draws)[stratum]
    return result


@lru_cache(maxsize=64)
def _quantiles(draws: int) -> np.ndarray:
    return normal_quantiles((np.arange(draws) + 0.5) / draws)
