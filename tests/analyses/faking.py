"""Evaluations that stand in for the engine: known functions of the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from causation.inference.evaluate import Answer, inside
from causation.model.structure import Model, Scenarios

type Evaluate = Callable[[Model, Scenarios], Answer]


def answer_of(model: Model, log_odds: np.ndarray) -> Answer:
    """An answer whose proposition has these natural log odds; the prior of routes is even."""
    routes, rows = len(model.routes), len(log_odds)
    mask = inside(model.routes, model.filled.proposition)
    prior = np.full((rows, routes), -np.log(routes))
    shift = np.log((~mask).sum() / mask.sum())
    evidence = np.where(mask, (log_odds + shift)[:, None], 0.0)
    credit = np.where(mask, 1.0, 0.0) * np.ones((rows, 1))
    nothing = np.zeros((rows, routes))
    return Answer(model, prior, evidence, nothing, credit, np.zeros(rows, bool))


def linear(at_base: float, slopes: Mapping[str, float]) -> Evaluate:
    """Log odds that are linear in the centres of some numbers."""

    def evaluate(model: Model, rows: Scenarios) -> Answer:
        base = model.base().center[0]
        odds = np.full(len(rows), at_base)
        for path, slope in slopes.items():
            column = model.columns[path]
            odds = odds + slope * (rows.center[:, column] - base[column])
        return answer_of(model, odds)

    return evaluate
