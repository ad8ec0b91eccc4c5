"""Shares that go on from an entrance never add up to more than 1, in whatever rows are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causation.evidence.arrays import NUMPY
from causation.evidence.base import At
from causation.evidence.security import log_security
from causation.model.structure import Model, Scenarios

if TYPE_CHECKING:
    from causation.evidence.base import Route

_STEP = 0.05
"""Logits by which shares that add up to too much are lowered at a time."""


def onward_shares(model: Model, scenarios: Scenarios) -> dict[str, np.ndarray]:
    """Total share that goes on from every entrance that has chains, by row.

    Returns
    -------
    mapping of str to ndarray, shape (S,)
        By entrance; the security records that are there move the shares.
    """
    filled, at = model.filled, At(NUMPY, model.places, scenarios.center, scenarios.sd, {})
    records = {}
    for r in filled.security:
        there = scenarios.present[:, model.item_index[f"security.{r.source}"]]
        records[r.source] = np.where(there, log_security(r, at), 0.0)
    totals: dict[str, np.ndarray] = {}
    for route in _chains(model):
        a, b = (s.name for s in route.sources)
        number, stated = filled.chain(a, b)  # type: ignore[misc]
        q = 1.0 / (1.0 + np.exp(-at.middle(number.path)))
        q = q if stated else q * filled.share_of(b)
        with np.errstate(divide="ignore", invalid="ignore"):  # a share of 1 stays 1
            odds = q / (1.0 - q) * np.exp(records.get(b, 0.0))
            q = np.where(np.isinf(odds), 1.0, odds / (1.0 + odds))
        totals[a] = totals.get(a, 0.0) + q
    return totals


def lowered_to_one(model: Model, scenarios: Scenarios) -> Scenarios:
    """Lower the shares of an entrance together, by logits, until they add up to 1 or less.

    Parameters
    ----------
    scenarios : Scenarios
        Rows of which some may have shares that add up to more.
    """
    center = scenarios.center.copy()
    columns: dict[str, list[int]] = {}
    for route in _chains(model):
        a, b = (s.name for s in route.sources)
        number, _ = model.filled.chain(a, b)  # type: ignore[misc]
        columns.setdefault(a, []).append(model.columns[number.path])
    rows = Scenarios(center, scenarios.sd, scenarios.present)
    todo = np.arange(len(scenarios))
    while todo.size:
        over = {a: total > 1.0 for a, total in onward_shares(model, rows.take(todo)).items()}
        for a, mask in over.items():
            center[np.ix_(todo[mask], sorted(set(columns[a])))] -= _STEP
        todo = todo[np.logical_or.reduce(list(over.values()))] if over else todo[:0]
    return rows


def rows_at(model: Model, center: np.ndarray) -> Scenarios:
    """Rows of a model with other centres, (S, N), of which none goes on with more than 1."""
    base, rows = model.base(), len(center)
    others = (np.repeat(x, rows, axis=0) for x in (base.sd, base.present))
    return lowered_to_one(model, Scenarios(center, *others))


def _chains(model: Model) -> list[Route]:
    return [r for r in model.routes if len(r.sources) == 2]
