"""Single victims by themselves, by nested quadrature: what strangers to the series have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from causation import evidence
from causation.evidence.arrays import NUMPY
from causation.evidence.base import At
from causation.evidence.dates import by_himself, is_dated
from causation.evidence.fields import facts_of
from causation.evidence.listing import clauses_of, ways_of
from causation.inference.agreement import PLAIN, Registers
from causation.inference.counting import config_of, without
from causation.inference.dated import dated_of
from causation.inference.factors import Factors, factors_of, log_published
from causation.inference.nested import log_compared
from causation.inference.quadrature import FEW

if TYPE_CHECKING:
    from causation.evidence.base import Kind, Route, Victim
    from causation.inference.agreement import Compared
    from causation.inference.counting import Config, Key
    from causation.inference.quadrature import Tables

_TOGETHER = 256
"""Rows whose strangers are integrated together, at most."""
_NODES = 2_000_000
"""Nodes of their grids, at most."""


def log_singles(
    tables: Tables, victims: Sequence[Victim], route: Route, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log probability (natural) of single victims, and of what put each on the list, (S, V)."""
    columns = {h: tables.read_by(route.sources, hidden=h) for h in (False, True)}
    registers = Registers.of(victims, [1.0] * len(victims), route)
    read = registers.columns(tables.places)

    def chance(
        shown: Mapping[str, tuple[Config, Compared]], hidden: Mapping[str, Config]
    ) -> np.ndarray:
        keys = [(f, ((*how, 1, 0),)) for f, how in shown.items()]
        keys += [(f, ((config, (), 0, 1),)) for f, config in hidden.items()]
        held = any(compared for _, compared in shown.values())
        given: Any = {"hidden": bool(hidden), "registers": registers if held else PLAIN}

        def find(some: np.ndarray) -> np.ndarray:
            size = factors_of(tables, route, some[:1], **given).size
            step = max(1, min(_TOGETHER, _NODES // size))
            parts = np.split(some, range(step, len(some), step))
            return np.concatenate(
                [_alone(factors_of(tables, route, r, **given), keys, len(shown)) for r in parts]
            )

        name = ("alone", route.name, tuple(keys), *given.values(), rows.tobytes())
        if name not in tables.kept:  # other victims, and other series, may have the same fields
            more = read if held else []
            found = tables.shared([*columns[bool(hidden)], *more], rows, find)
            if shown and not hidden:
                power = np.array([len(shown)])
                found = found + log_published(tables, rows, power)[:, 0]
            tables.kept[name] = found
        mine: np.ndarray = tables.kept[name]
        return mine

    def alone(v: Victim, missing: Sequence[frozenset[str]] = ()) -> np.ndarray:
        facts, config = facts_of(v), config_of(v, route)
        shown = {
            f: (without(config, missing, f), registers.compared(v, f)) for f in facts.published
        }
        return chance(shown, dict.fromkeys(facts.withheld, config))

    def listed(v: Victim) -> np.ndarray:
        config = config_of(v, route)
        ways = [
            chance(
                dict.fromkeys(sorted(shown), (config, ())), dict.fromkeys(sorted(hidden), config)
            )
            for shown, hidden in ways_of(clauses_of(facts_of(v)))
        ]
        return ways[0] if len(ways) == 1 else np.asarray(np.logaddexp.reduce(ways, axis=0))

    def mixed(v: Victim) -> np.ndarray:
        if not is_dated(v):
            return alone(v)
        dated = dated_of(tables, [by_himself(v)], route)
        cells = dated.cells[0]
        every = np.stack([alone(v, missing) for missing in cells], axis=1)
        chance = dated.log_chance(np.eye(len(cells)), rows)
        result: np.ndarray = np.logaddexp.reduce(every + chance, axis=1)
        return result

    def held(some: np.ndarray) -> np.ndarray:
        found = log_compared(tables, registers, some, registers.by_itself(victims))[0]
        return np.broadcast_to(found, (len(some), len(victims)))

    other: Any = 0.0 if registers is PLAIN else tables.shared(read, rows, held)
    for kind in evidence.KINDS:
        if kind.additive and any(kind.name in v.facts for v in victims):
            other = other + _of_strangers(tables, kind, victims, route, rows)
    mine = np.stack([mixed(v) for v in victims], axis=1)
    return mine + other, np.stack([listed(v) for v in victims], axis=1)


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
        table = factors(f, ((key, None),))
        whole, log_scale = whole * table.value[:, 0], log_scale + table.log_scale[:, 0]
    if factors.with_share:
        whole = whole * np.exp(published * factors.log_omega)[:, :, None, None]
    result: np.ndarray = np.log(whole.sum(axis=(1, 2, 3))) + log_scale
    return result
