"""What has to be integrated where victims are few: linkage states, and powers of shares.

In a state each uncertain victim either belongs to the series or does not, so that the likelihood
is a product over fields. A field's factor ``q^P (1 - omega q)^W``, with ``q = a + (1 - a) b`` in a
chain, is a sum of products of powers of the two sources' shares, every term of it positive.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb, lgamma, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.fields import facts_of, fields_of
from causation.inference.quadrature import MISSING, STRANGER, USER, Powers

if TYPE_CHECKING:
    from causation.evidence.base import Route, Victim
    from causation.evidence.series import Series
    from causation.inference.provenance import Who

__all__ = [
    "Config",
    "Key",
    "Plan",
    "Polynomial",
    "Terms",
    "config_of",
    "identity_of",
    "log_ways",
    "moving_of",
    "polynomial",
    "separable",
    "states_of",
]

MOST_STATES = 256
MOST_TERMS = 400

type Config = tuple[int, ...]
"""How each source of the route stands to a victim."""
type Key = tuple[tuple[Config, Any, Any], ...]
"""By configuration: of how many victims the field was published, and of how many withheld."""
type Extra = tuple[Config, frozenset[Who]] | None
"""One more victim of whom it was published by just these sets of suppliers."""
type Polynomial = dict[tuple[int, ...], float]
"""From exponents (a, 1 - a, a', 1 - a', the same of b, omega, 1 - omega) to coefficients."""

_SIZE = 10


def separable(victims: Sequence[Victim], additive: frozenset[str]) -> bool:
    """Whether the victims' fields are independent given what their sources share."""
    for v in victims:
        if not v.facts.keys() <= additive:
            return False
        facts = facts_of(v)
        if facts.impliers or not {*facts.all_of} <= {*facts.published}:
            return False
        if len(facts.any_of) > 1 or not {*facts.any_of} <= {*facts.published}:
            return False
        if facts.any_of and facts.all_of:
            return False
    return True


def config_of(victim: Victim, route: Route) -> Config:
    """How the sources of a route stand to a victim."""
    strange = facts_of(victim).stranger_to
    return tuple(STRANGER if s.name in strange and not s.vague else USER for s in route.sources)


def _unit(place: int, power: int = 1) -> tuple[int, ...]:
    return tuple(power if i == place else 0 for i in range(_SIZE))


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    result: Polynomial = {}
    for x, p in left.items():
        for y, q in right.items():
            key = tuple(map(sum, zip(x, y, strict=True)))
            result[key] = result.get(key, 0.0) + p * q
    return result


def _places(config: Config) -> list[int | None]:
    """Where the share of each source stands; its complement is next to it."""
    return [None if c == MISSING else 4 * n + 2 * c for n, c in enumerate(config)]


def _published(config: Config, count: int) -> Polynomial:
    """``q^count``."""
    there = [p for p in _places(config) if p is not None]
    if not there:
        return {} if count else {_unit(0, 0): 1.0}
    if len(there) == 1:
        return {_unit(there[0], count): 1.0}
    a, b = there
    found: Polynomial = {}
    for j in range(count + 1):
        key = [0] * _SIZE
        key[a], key[a + 1], key[b] = count - j, j, j
        found[tuple(key)] = float(comb(count, j))
    return found


def _withheld(config: Config, count: int) -> Polynomial:
    """``(1 - omega q)^count``."""
    there = [p for p in _places(config) if p is not None]
    if not there:
        return {_unit(0, 0): 1.0}
    found: Polynomial = {}
    for j in range(count + 1):
        key = [0] * _SIZE
        key[8], key[9] = j, count - j
        for p in there:
            key[p + 1] = j
        found[tuple(key)] = float(comb(count, j))
    return found


def _supplied(config: Config, sets: frozenset[Who]) -> Polynomial:
    """Chance that just these sets of sources gave the actor a field."""
    found: Polynomial = {}
    places = _places(config)
    for who in sorted(sets):
        key, possible = [0] * _SIZE, True
        for gave, p in zip(who, places, strict=True):
            if p is None:
                possible = possible and not gave
            else:
                key[p + (not gave)] += 1
        if possible:
            found[tuple(key)] = 1.0
    return found


@dataclass(frozen=True, eq=False)
class Terms:
    """A sum of products of powers, as arrays.

    Parameters
    ----------
    coefficient, omega, rest : ndarray, shape (T,)
        Coefficients, powers of the share published and of its complement.
    powers : tuple of tuple
        For each source, the powers of its shares, one a term.
    """

    coefficient: np.ndarray
    omega: np.ndarray
    rest: np.ndarray
    powers: tuple[tuple[Powers, ...], ...]

    @property
    def publishes(self) -> bool:
        """Whether the share published matters."""
        return bool(self.omega.any() or self.rest.any())


@lru_cache(maxsize=8192)
def polynomial(key: Key, extra: Extra, sources: int) -> Terms:
    """Terms of the factor of one field, less ``omega`` to the number of those published."""
    whole: Polynomial = {_unit(0, 0): 1.0}
    for config, published, withheld in key:
        whole = _times(whole, _times(_published(config, published), _withheld(config, withheld)))
    if extra is not None:
        whole = _times(whole, _supplied(*extra))
    every = sorted(whole)
    table = np.array(every, int).reshape(len(every), _SIZE)
    powers = tuple(
        tuple((e[4 * n], e[4 * n + 1], e[4 * n + 2], e[4 * n + 3]) for e in every)
        for n in range(sources)
    )
    return Terms(np.array([whole[e] for e in every]), table[:, 8], table[:, 9], powers)


@dataclass(frozen=True, eq=False)
class Plan:
    """The states of a series under routes to which the victims stand alike.

    Parameters
    ----------
    configs : tuple of Config
        How the sources stand to each sort of victim.
    count : ndarray, shape (K, V)
        How many of each sort of victim belong to the series and were reached.
    log_ways : ndarray, shape (K,)
    fields : tuple of str
    keys : tuple of tuple
        By field, the key of every state.
    power : ndarray, shape (K,)
        Number of published fields in a state, less those that define a list.
    """

    series: Series
    configs: tuple[Config, ...]
    count: np.ndarray
    log_ways: np.ndarray
    fields: tuple[str, ...]
    keys: tuple[tuple[Key, ...], ...]
    power: np.ndarray

    @classmethod
    def of(
        cls, series: Series, configs: tuple[Config, ...], additive: frozenset[str]
    ) -> Plan | None:
        """Plan of a series; None where it does not separate or is too large."""
        if not separable(series.victims, additive):
            return None
        moving = moving_of(series)
        if prod(int(n) + 1 for n in series.count[moving]) > MOST_STATES:
            return None
        return cls.at(series, configs, states_of(series.count, moving), most=MOST_TERMS)

    @classmethod
    def at(
        cls,
        series: Series,
        configs: tuple[Config, ...],
        count: np.ndarray,
        *,
        most: float = np.inf,
    ) -> Plan | None:
        """Plan of some states, shape (K, V); None where a field takes more terms than `most`."""
        victims, total = series.victims, series.count
        ways = log_ways(total, count)
        fields = fields_of(victims)
        keys, power = [], np.zeros(len(count))
        for f in fields:
            published = _counts(victims, configs, count, _is_published(f))
            withheld = _counts(victims, configs, count, lambda v, f=f: f in facts_of(v).withheld)
            power += sum(published.values())
            if not _small(published, withheld, most, chain=len(configs[0]) == 2):
                return None
            every = sorted({*published, *withheld})
            none = np.zeros(len(count))
            keys.append(
                tuple(
                    tuple(
                        (c, _number(published.get(c, none)[k]), _number(withheld.get(c, none)[k]))
                        for c in every
                        if published.get(c, none)[k] or withheld.get(c, none)[k]
                    )
                    for k in range(len(count))
                )
            )
        return cls(series, configs, count, ways.sum(axis=1), fields, tuple(keys), power)


_log_gamma = np.frompyfunc(lgamma, 1, 1)


def log_ways(total: Any, some: Any) -> np.ndarray:
    """Log of the number of ways to choose so many of a total, element by element.

    Examples
    --------
    >>> np.exp(log_ways(4, np.arange(5))).round(9).tolist()
    [1.0, 4.0, 6.0, 4.0, 1.0]
    """
    parts = (_log_gamma(np.asarray(n) + 1.0) for n in (total, some, total - some))
    whole, chosen, left = (np.asarray(p, float) for p in parts)
    return np.asarray(whole - chosen - left)


def identity_of(series: Series) -> Hashable:
    """What tells a series from others of the same case."""
    return tuple(v.key for v in series.victims), series.count.tobytes()


def moving_of(series: Series) -> np.ndarray:
    """Which victims may not belong to the series, or not have been reached; shape (V,)."""
    return np.array([v.linkage is not None or _missable(v) for v in series.victims], bool)


def _number(x: Any) -> Any:
    """A count as a whole number where it is one."""
    return int(x) if x == int(x) else float(x)


def _missable(victim: Victim) -> bool:
    """Whether he may have been chosen and not been reached."""
    return victim.attempt and not facts_of(victim).shown


def _is_published(field: str) -> Callable[[Victim], int]:
    def count(victim: Victim) -> int:
        facts = facts_of(victim)
        return int(field in facts.published) - int(field in {*facts.all_of, *facts.any_of})

    return count


def states_of(total: np.ndarray, moving: np.ndarray) -> np.ndarray:
    """Every number of each sort of victims, (K, V): all of those that do not move."""
    axes = [
        np.arange(int(n) + 1) if m else np.array([int(n)])
        for n, m in zip(total, moving, strict=True)
    ]
    if not axes:
        return np.zeros((1, 0), int)
    return np.stack([x.ravel() for x in np.meshgrid(*axes, indexing="ij")], axis=1)


def _counts(
    victims: Sequence[Victim], configs: Sequence[Config], count: np.ndarray, weight: Any
) -> dict[Config, np.ndarray]:
    found: dict[Config, np.ndarray] = {}
    for i, (v, c) in enumerate(zip(victims, configs, strict=True)):
        if w := int(weight(v)):
            found[c] = found.get(c, 0) + w * count[:, i]
    return found


def _small(
    published: dict[Config, np.ndarray],
    withheld: dict[Config, np.ndarray],
    most: float,
    *,
    chain: bool,
) -> bool:
    """Whether a field's sums have few enough terms."""
    if most == np.inf:
        return True
    terms = 1
    for n in published.values():
        terms *= (int(n.max(initial=0)) + 1) if chain else 1
        if n.max(initial=0) > most:
            return False
    for n in withheld.values():
        terms *= int(n.max(initial=0)) + 1
    return terms <= most
