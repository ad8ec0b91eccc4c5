"""What each row of evidence contributes to the odds of the proposition, in bans.

Three decompositions, each labelled as what it is: in stage order (adds up, depends on the
order), leave-one-out (does not add up where items depend on each other), and Shapley (adds up,
free of the order).

References
----------
L. S. Shapley (1953), "A value for n-person games", Contributions to the Theory of Games II.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causation.analyses.bound import log10_odds, log10_ratio_against
from causation.analyses.evaluating import Evaluate, draft
from causation.analyses.items import EvidenceRow, evidence_rows
from causation.inference.evaluate import Answer
from causation.model.structure import Model
from causation.scales import change_in_bans

EXACT_ROWS = 8
"""Up to this many rows the Shapley values are exact; beyond, they are sampled."""
BUDGET = 2**EXACT_ROWS
"""About as many sets of evidence are looked at when Shapley values are sampled."""
LEAST_PAIRS = 4
"""Random orders that are drawn at the least, each also run backwards."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """Bans that one row of evidence adds to the log10 odds of the proposition.

    `sequential` after everything before it in stage order; `leave_one_out` is lost without it;
    `shapley` is the mean over all orders, with the standard error of a sampled one, 0 where exact.
    `log10_lr` is lost without it from the ratio against each other source, and ``rest``.
    """

    item: EvidenceRow
    sequential: float
    leave_one_out: float
    shapley: float
    shapley_error: float
    log10_lr: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Contributions:
    """All contributions in stage order.

    `start` are the log10 prior odds before any evidence, `total` the bans that all evidence adds:
    what sequential and Shapley values, `exact` if over all orders, add up to.
    """

    rows: tuple[Contribution, ...]
    start: float
    total: float
    exact: bool


type _Set = frozenset[int]
type _Game = Mapping[_Set, float]


def contributions(
    model: Model, *, evaluate: Evaluate = draft, random_seed: int = 20250723
) -> Contributions:
    """Compute all three decompositions from one evaluation.

    Parameters
    ----------
    random_seed : int
        For the orders, where they are sampled.
    """
    rows = evidence_rows(model)
    everyone = range(len(rows))
    exact = len(rows) <= EXACT_ROWS
    orders = [] if exact else _orders(len(rows), random_seed)
    sets = list(dict.fromkeys([*_needed(len(rows)), *_played(len(rows), orders)]))
    scenarios = model.without(
        [[item for k in everyone if k not in s for item in rows[k].items] for s in sets]
    )
    answer = evaluate(model, scenarios)
    game = dict(zip(sets, log10_odds(answer).tolist(), strict=True))
    shapley = _exact(len(rows), game) if exact else _sampled(len(rows), orders, game)
    ratios = _ratios(answer, sets)
    whole = frozenset(everyone)
    found = []
    for k, row in enumerate(rows):
        before, without = frozenset(range(k)), whole - {k}
        found.append(
            Contribution(
                row,
                change_in_bans(game[before | {k}], game[before]),
                change_in_bans(game[whole], game[without]),
                *shapley[k],
                {s: change_in_bans(x[whole], x[without]) for s, x in ratios.items()},
            )
        )
    start = game[frozenset()]
    return Contributions(tuple(found), start, change_in_bans(game[whole], start), exact)


def _needed(count: int) -> list[_Set]:
    """Sets of rows for the stage order and for leaving one out; the whole is first."""
    whole = frozenset(range(count))
    return [whole, *(frozenset(range(k)) for k in range(count)), *(whole - {k} for k in whole)]


def _played(count: int, orders: Sequence[Sequence[int]]) -> list[_Set]:
    if orders:
        return [frozenset(order[:k]) for order in orders for k in range(count + 1)]
    sizes = range(count + 1)
    return [frozenset(c) for size in sizes for c in itertools.combinations(range(count), size)]


def _ratios(answer: Answer, sets: Sequence[_Set]) -> dict[str, dict[_Set, float]]:
    """log10 ratio of the proposition's routes against those of each other source, and the rest."""
    inside = answer.inside
    masks: dict[str, np.ndarray] = {}
    for name in answer.model.source_names:
        if name not in answer.model.filled.proposition.sources:
            contains = [any(s.name == name for s in r.sources) for r in answer.model.routes]
            masks[name] = np.array(contains) & ~inside
    masks["rest"] = ~inside
    found = {}
    for name, mask in masks.items():
        if mask.any() and inside.any():
            values = log10_ratio_against(answer, mask)
            found[name] = dict(zip(sets, values.tolist(), strict=True))
    return found


def _exact(count: int, game: _Game) -> list[tuple[float, float]]:
    result = []
    for k in range(count):
        others = [i for i in range(count) if i != k]
        total = 0.0
        for size in range(count):
            weight = 1.0 / (count * math.comb(count - 1, size))
            for chosen in itertools.combinations(others, size):
                before = frozenset(chosen)
                total += weight * change_in_bans(game[before | {k}], game[before])
        result.append((total, 0.0))
    return result


def _orders(count: int, random_seed: int) -> list[list[int]]:
    """Random orders, and the same backwards in the second half."""
    pairs = max(LEAST_PAIRS, BUDGET // (2 * count))
    rng = np.random.default_rng(random_seed)
    orders = [rng.permutation(count).tolist() for _ in range(pairs)]
    return orders + [order[::-1] for order in orders]


def _sampled(count: int, orders: Sequence[Sequence[int]], game: _Game) -> list[tuple[float, float]]:
    """Mean over random orders and their reverses, with its standard error."""
    added = np.empty((len(orders), count))
    for n, order in enumerate(orders):
        for place, k in enumerate(order):
            before = frozenset(order[:place])
            added[n, k] = change_in_bans(game[before | {k}], game[before])
    half = len(orders) // 2
    with np.errstate(invalid="ignore"):
        pairs = 0.5 * (added[:half] + added[half:])
        error = pairs.std(axis=0, ddof=1) / math.sqrt(half)
        return list(zip(pairs.mean(axis=0).tolist(), error.tolist(), strict=True))
