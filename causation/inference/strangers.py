"""Single victims by themselves, by nested quadrature: what strangers to the series have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from causation import evidence
from causation.evidence.arrays import NUMPY
from causation.evidence.base import At
from causation.evidence.dates import by_himself
from causation.evidence.fields import facts_of
from causation.inference.agreement import PLAIN, Registers
from causation.inference.counting import config_of, without
from causation.inference.dated import dated_of
from causation.inference.factors import Factors, factors_of, log_published
from causation.inference.nested import log_compared
from causation.inference.quadrature import FEW

if TYPE_CHECKING:
    from causation.evidence.base import Kind, Route, Victim
    from causation.inference.counting import Key
    from causation.inference.quadrature import Tables

__all__ = ["log_singles"]

_TOGETHER = 256
"""Rows whose strangers are integrated together."""


def log_singles(
    tables: Tables, victims: Sequence[Victim], route: Route, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log probability (natural) of single victims, and of what put each on the list, (S, V)."""
    withheld = [bool(facts_of(v).withheld) for v in victims]
    columns = {h: tables.read_by(route.sources, hidden=h) for h in {*withheld, False}}
    registers = Registers.of(victims, [1.0] * len(victims), route)
    read = registers.columns(tables.places)

    def alone(v: Victim, missing: Sequence[frozenset[str]] = (), *, listed: bool) -> np.ndarray:
        facts, config = facts_of(v), config_of(v, route)
        published = (*facts.all_of, *facts.any_of) if listed else facts.published
        hidden = () if listed else facts.withheld
        compared = {f: () if listed else registers.compared(v, f) for f in published}
        keys = [(f, ((without(config, missing, f), c, 1, 0),)) for f, c in compared.items()]
        keys += [(f, ((config, (), 0, 1),)) for f in hidden]
        given: Any = {
            "hidden": bool(hidden), "registers": registers if any(compared.values()) else PLAIN
        }  # fmt: skip

        def find(some: np.ndarray) -> np.ndarray:
            parts = np.split(some, range(_TOGETHER, len(some), _TOGETHER))
            every = [factors_of(tables, route, r, **given) for r in parts]
            return np.concatenate([_alone(x, keys, len(published)) for x in every])

        name = ("alone", route.name, tuple(keys), len(published), *given.values(), rows.tobytes())
        if name not in tables.kept:  # other victims, and other series, may have the same fields
            more = read if any(compared.values()) else []
            found = tables.shared([*columns[bool(hidden)], *more], rows, find)
            if published and not hidden:
                power = np.array([len(published)])
                found = found + log_published(tables, rows, power)[:, 0]
            tables.kept[name] = found
        mine: np.ndarray = tables.kept[name]
        return mine

    def mixed(v: Victim) -> np.ndarray:
        dated = dated_of(tables, [by_himself(v)], route)
        cells = dated.cells[0]
        every = np.stack([alone(v, missing, listed=False) for missing in cells], axis=1)
        chance = dated.log_chance(np.eye(len(cells)), rows)
        result: np.ndarray = np.logaddexp.reduce(every + chance, axis=1)
        return result

    def held(some: np.ndarray) -> np.ndarray:
        found = log_compared(tables, registers, some, registers.by_itself(victims))[0]
        return np.broadcast_to(found, (len(some), len(victims)))

    other: Any = tables.shared(read, rows, held)
    for kind in evidence.KINDS:
        if kind.additive and any(kind.name in v.facts for v in victims):
            other = other + _of_strangers(tables, kind, victims, route, rows)
    mine = np.stack([mixed(v) for v in victims], axis=1)
    return mine + other, np.stack([alone(v, listed=True) for v in victims], axis=1)


def _of_strangers(
    tables: Tables, kind: Kind, victims: Sequence[Victim], route: Route, rows: np.ndarray
) -> np.ndarray:
    """Log mean of an additive kind's factor of single victims, shape (S, V)."""

    def at(some: np.ndarray, read: set[int] | None = None) -> At:
        return At(NUMPY, tables.places, tables.center[some], tables.sd[some], {}, read)

    def find(some: np.ndarray) -> np.ndarray:
        found = kind.log_factor(victims, route, at(some))
        return np.broadcast_to(found, (len(some), len(victims)))

    read: set[int] = set()
    if len(rows) > FEW:
        kind.log_factor(victims, route, at(rows[:1], read))
    return tables.shared(read, rows, find)


def _alone(factors: Factors, keys: Sequence[tuple[str, Key]], published: int) -> np.ndarray:
    """Log probability of one victim's fields, less that of publishing where none is withheld."""
    rows = len(factors.rows)
    if not keys:
        return np.zeros(rows)
    whole: Any = factors.weight()
    log_scale: Any = np.zeros(rows)
    for f, key in keys:
        table = factors(f, key)
        whole, log_scale = whole * table.value, log_scale + table.log_scale
    if factors.with_share:
        whole = whole * np.exp(published * factors.log_omega)[:, :, None, None]
    result: np.ndarray = np.log(whole.sum(axis=(1, 2, 3))) + log_scale
    return result
