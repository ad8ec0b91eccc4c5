"""What has to be integrated where victims are few: linkage states, and powers of shares.

In a state each uncertain victim either belongs to the series or does not, so that the likelihood
is a product over fields. A field's factor ``q^P (1 - omega q)^W``, with ``q = a + (1 - a) b`` in a
chain, is a sum of products of powers of the two sources' shares, every term of it positive.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from itertools import accumulate, pairwise, product, zip_longest
from math import comb, lgamma, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.evidence.fields import facts_of, fields_of
from causation.evidence.listing import are_apart, clauses_of, needed_of
from causation.inference.agreement import Registers, registers_of
from causation.inference.quadrature import MISSING, STRANGER, USER, Powers

if TYPE_CHECKING:
    from causation.evidence.base import Route, Victim
    from causation.evidence.series import Series
    from causation.inference.agreement import Compared
    from causation.inference.dated import Cells
    from causation.inference.provenance import Who

MOST_STATES = 256
MOST_TERMS = 400
_REMEMBERED = 300_000
"""Terms that are remembered, some 200 bytes each."""

type Config = tuple[int, ...]
"""How each source of the route stands to a victim."""
type Key = tuple[tuple[Config, Compared, Any, Any], ...]
"""By configuration and what was compared: of how many victims the field was published, and of how
many withheld."""
type Extra = tuple[Config, Compared, frozenset[Who]] | None
"""One more victim of whom it was published by just these sets of suppliers."""
type Polynomial = dict[tuple[int, ...], float]
"""From exponents (a, 1 - a, a', 1 - a', the same of b, omega, 1 - omega, and in pairs those of the
shares in which values agree) to coefficients."""

_SIZE = 10
_EITHER: frozenset[Who] = frozenset({(True, False), (False, True), (True, True)})


def separable(victims: Sequence[Victim], additive: frozenset[str]) -> bool:
    """Whether the victims' fields are independent given what their sources share."""
    for v in victims:
        if not v.facts.keys() <= additive | {"records", "dates"}:
            return False
        facts = facts_of(v)
        clauses = clauses_of(facts)
        if not all(c & {*facts.published} for c in clauses):  # nobody can be on such a list
            return False
        if not are_apart(clauses):
            return False
    return _each_by_one(victims)


def expanded(victims: Sequence[Victim]) -> bool:
    """Whether somebody's list is expanded in powers, which in many rows is sampled."""
    return any(len(c) > 1 for v in victims for c in clauses_of(facts_of(v)))


def _each_by_one(victims: Sequence[Victim]) -> bool:
    """Whether every value that was compared is carried by one published field, always the same."""
    carrier: dict[str, tuple[str, ...]] = {}
    return all(
        len(by) == 1 and carrier.setdefault(f, by) == by
        for v in victims
        for r in registers_of(v)
        for f, by, _ in r.compared
    )


@dataclass(frozen=True)
class Listed:
    """Some fields of which one at least was published of everybody on a list.

    Its factor in a state is the product of those of the fields, over the chance that one of them is
    published to the power of those on the list.

    Parameters
    ----------
    fields : tuple of str
    config : Config
        How the route's sources stand to those on the list.
    """

    fields: tuple[str, ...]
    config: Config


@dataclass(frozen=True)
class Stand:
    """How a route's sources stand to the victims: routes alike in this share their plans.

    Parameters
    ----------
    configs : tuple of Config
    registers : Registers
    cells : tuple of Cells
        Of every victim's dates.
    """

    configs: tuple[Config, ...]
    registers: Registers
    cells: tuple[Cells, ...]

    @classmethod
    def of(cls, series: Series, route: Route, cells: tuple[Cells, ...] | None = None) -> Stand:
        """How the sources of a route stand to a series."""
        configs = tuple(config_of(v, route) for v in series.victims)
        registers = Registers.of(series.victims, series.count.tolist(), route)
        whole = ((frozenset[str](),) * len(route.sources),)
        return cls(configs, registers, cells or (whole,) * len(configs))

    @cached_property
    def sorts(self) -> tuple[tuple[int, int], ...]:
        """Every victim in every cell of his dates."""
        return tuple((i, c) for i, cells in enumerate(self.cells) for c in range(len(cells)))

    def config(self, sort: tuple[int, int], field: str) -> Config:
        """How the sources stand to a victim in a cell, where a field is concerned."""
        victim, cell = sort
        return without(self.configs[victim], self.cells[victim][cell], field)


def without(config: Config, missing: Sequence[frozenset[str]], field: str) -> Config:
    """How sources stand to a victim of which some could not have a field."""
    if not any(field in m for m in missing):
        return config
    return tuple(MISSING if field in m else c for c, m in zip(config, missing, strict=True))


def config_of(victim: Victim, route: Route) -> Config:
    """How the sources of a route stand to a victim."""
    strange = facts_of(victim).stranger_to
    return tuple(STRANGER if s.name in strange and not s.vague else USER for s in route.sources)


def _unit(place: int, power: int = 1, size: int = _SIZE) -> tuple[int, ...]:
    return tuple(power if i == place else 0 for i in range(size))


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    result: Polynomial = {}
    for x, p in left.items():
        for y, q in right.items():
            key = tuple(map(sum, zip_longest(x, y, fillvalue=0)))
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


def _compared(config: Config, compared: Compared, sets: frozenset[Who]) -> Polynomial:
    """Chance that one of these sets of sources gave a field and its values agree as they do."""
    size = _SIZE + 2 + 2 * max(c[1] for c in compared)
    by_shares: dict[tuple[int, ...], set[Who]] = {}
    for who in sets:
        key = [0] * size
        for member, other, mask, agrees in compared:
            inside = any(gave and m for gave, m in zip(who, mask, strict=True))
            key[_SIZE + 2 * (member if inside else other) + (not agrees)] += 1
        by_shares.setdefault(tuple(key), set()).add(who)
    found: Polynomial = {}
    for shares, some in by_shares.items():
        found |= _times({shares: 1.0}, _supplied(config, frozenset(some)))
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
    places = _places(config)
    if sets == _EITHER:
        return _published(config, 1)
    for n, place in enumerate(places):  # one of the two did, the other as may be
        if place is not None and sets == {w for w in _EITHER if w[n]}:
            return {_unit(place): 1.0}
    found: Polynomial = {}
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
    further : ndarray, shape (T, 2 * N)
        Powers of the shares in which values agree, and of their complements.
    powers : tuple of tuple
        For each source, the powers of its shares, one a term.
    """

    coefficient: np.ndarray
    omega: np.ndarray
    rest: np.ndarray
    further: np.ndarray
    powers: tuple[tuple[Powers, ...], ...]

    @cached_property
    def publishes(self) -> bool:
        """Whether the share published matters."""
        return bool(self.omega.any() or self.rest.any())

    @cached_property
    def plain(self) -> bool:
        """Whether it does not, nor any share in which values agree."""
        return not (self.publishes or self.further.any())

    def __len__(self) -> int:
        return len(self.coefficient)

    def part(self, some: slice) -> Terms:
        """Some of the terms, less their powers."""
        columns = {f: getattr(self, f)[some] for f in ("coefficient", "omega", "rest", "further")}
        return replace(self, **columns, powers=())


def _remembered[**P, T: Terms | Sums](find: Callable[P, T]) -> Callable[P, T]:
    """Remember what is found until it has too many terms; then all of it is forgotten."""
    known: dict[Hashable, T] = {}
    terms = 0

    @wraps(find)
    def kept(*asked: P.args, **named: P.kwargs) -> T:
        nonlocal terms
        found = known.get(asked)
        if found is None:
            found = find(*asked, **named)
            terms += 1 + len(found)
            if terms > _REMEMBERED:
                known.clear()
                terms = 1 + len(found)
            known[asked] = found
        return found

    return kept


@_remembered
def polynomial(key: Key, extra: Extra, sources: int) -> Terms:
    """Terms of the factor of one field, less ``omega`` to the number of those published."""
    whole: Polynomial = {_unit(0, 0): 1.0}
    every = _EITHER if sources == 2 else frozenset({(True,)})
    for config, compared, published, withheld in key:
        if compared:
            one = _compared(config, compared, every)
            for _ in range(published):
                whole = _times(whole, one)
        else:
            whole = _times(whole, _published(config, published))
        whole = _times(whole, _withheld(config, withheld))
    if extra is not None:
        config, compared, sets = extra
        last = _compared(config, compared, sets) if compared else _supplied(config, sets)
        whole = _times(whole, last)
    terms = sorted(whole)
    table = np.zeros((len(terms), max(map(len, terms), default=_SIZE)), int)
    for row, exponents in zip(table, terms, strict=True):
        row[: len(exponents)] = exponents
    powers = tuple(
        tuple((e[4 * n], e[4 * n + 1], e[4 * n + 2], e[4 * n + 3]) for e in terms)
        for n in range(sources)
    )
    columns = (table[:, 8].copy(), table[:, 9].copy(), table[:, _SIZE:].copy())
    return Terms(np.array([whole[e] for e in terms]), *columns, powers)


@dataclass(frozen=True, eq=False)
class Sums:
    """Terms of several factors in a row.

    Parameters
    ----------
    terms : Terms
        For each source, its different powers.
    places : tuple of (ndarray or None), shape (T,)
        For each source, which of them every term has; None where each has its own, in order.
    ends : tuple of int
        Where the terms of each factor end.
    """

    terms: Terms
    places: tuple[np.ndarray | None, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.terms)

    @cached_property
    def longest(self) -> int:
        """Most terms of one factor."""
        return max(end - start for start, end in pairwise((0, *self.ends)))

    def runs(self, most: int) -> Iterator[list[slice]]:
        """Where the terms of the factors stand: as many at a time as have so many, at least one."""
        run: list[slice] = []
        for start, end in pairwise((0, *self.ends)):
            if run and end - run[0].start > most:
                yield run
                run = []
            run.append(slice(start, end))
        yield run


@_remembered
def polynomials(asked: tuple[tuple[Key, Extra], ...], sources: int) -> Sums:
    """Terms of the factors of one field in several states."""
    parts = [polynomial(*x, sources) for x in asked]
    width = max(p.further.shape[1] for p in parts)
    further = [np.pad(p.further, ((0, 0), (0, width - p.further.shape[1]))) for p in parts]
    powers, places = [], []
    for n in range(sources):
        every = [x for p in parts for x in p.powers[n]]
        place = {x: i for i, x in enumerate(dict.fromkeys(every))}
        powers.append(tuple(place))
        places.append(
            None if len(place) == len(every) else np.array([place[x] for x in every], int)
        )
    coefficient, omega, rest = (
        np.concatenate(x)
        for x in zip(*((p.coefficient, p.omega, p.rest) for p in parts), strict=True)
    )
    terms = Terms(coefficient, omega, rest, np.concatenate(further), tuple(powers))
    return Sums(terms, tuple(places), tuple(accumulate(len(p.coefficient) for p in parts)))


@dataclass(frozen=True, eq=False)
class Plan:
    """The states of a series under routes to which the victims stand alike.

    Parameters
    ----------
    stand : Stand
    sorted : ndarray, shape (K, W)
        How many of each sort of victim, in each cell of his dates, belong to the series and were
        reached.
    log_ways : ndarray, shape (K,)
    keys : mapping of str or Listed to tuple
        Of every field, or of those that put somebody on a list together, the key of every state:
        of the latter how many are on the list, and the key of each field.
    power : ndarray, shape (K,)
        Number of published fields in a state, less those that define a list by themselves.
    """

    series: Series
    stand: Stand
    sorted: np.ndarray
    log_ways: np.ndarray
    keys: Mapping[str | Listed, tuple[Any, ...]]
    power: np.ndarray

    @classmethod
    def of(cls, series: Series, stand: Stand, additive: frozenset[str]) -> Plan | None:
        """Plan of a series; None where it does not separate or is too large."""
        if not separable(series.victims, additive):
            return None
        moving, cells = moving_of(series), [len(c) for c in stand.cells]
        sizes = [
            comb(int(n) + c - 1 + m, c - 1 + m)
            for n, c, m in zip(series.count, cells, moving.tolist(), strict=True)
        ]
        if prod(sizes) > MOST_STATES:
            return None
        return cls.at(series, stand, states_of(series.count, moving, cells), most=MOST_TERMS)

    @classmethod
    def at(
        cls, series: Series, stand: Stand, count: np.ndarray, *, most: float = np.inf
    ) -> Plan | None:
        """Plan of some states, shape (K, W).

        None where a field takes more terms than `most`, or lists overlap that are not the same.
        """
        lists = lists_of(series, stand, count)
        if lists is None:
            return None
        owner = [i for i, _ in stand.sorts]
        left = series.count.copy() + np.zeros((len(count), 1))
        ways = np.zeros(len(count))
        for column, i in enumerate(owner):
            ways += log_ways(left[:, i], count[:, column])
            left[:, i] -= count[:, column]
        keys: dict[str | Listed, tuple[Any, ...]] = {}
        power = np.zeros(len(count))
        for f in fields_of(series.victims):
            counts = _counts(series.victims, stand, count, f)
            power += sum(published for published, _ in counts.values())
            if not _small(counts, most, chain=len(stand.configs[0]) == 2):
                return None
            columns = [
                (*sort, [_number(n) for n in both[0]], [_number(n) for n in both[1]])
                for sort, both in sorted(counts.items())
            ]
            keys[f] = tuple(
                tuple((c, w, p[k], h[k]) for c, w, p, h in columns if p[k] or h[k])
                for k in range(len(count))
            )
        for one, total in lists.items():
            every = zip(*(keys.pop(f) for f in one.fields), strict=True)
            keys[one] = tuple(
                (_number(n), key) for n, key in zip(total.tolist(), every, strict=True)
            )
        return cls(series, stand, count, ways, keys, power)

    def take(self, places: np.ndarray) -> Plan:
        """Some of the states."""
        keys = {f: tuple(every[k] for k in places) for f, every in self.keys.items()}
        count, log_ways, power = (x[places] for x in (self.sorted, self.log_ways, self.power))
        return Plan(self.series, self.stand, count, log_ways, keys, power)

    @cached_property
    def apart(self) -> np.ndarray:
        """How many of each victim of uncertain linkage do not belong to it, shape (K, U)."""
        places = [i for i, v in enumerate(self.series.victims) if v.linkage is not None]
        found: np.ndarray = self.series.count[places] - self.count[:, places]
        return found

    @cached_property
    def different(self) -> Mapping[str | Listed, tuple[tuple[Any, ...], np.ndarray]]:
        """Of every field, its different keys, and which of them every state has."""
        found = {}
        for f, keys in self.keys.items():
            place = {key: n for n, key in enumerate(dict.fromkeys(keys))}
            found[f] = tuple(place), np.array([place[key] for key in keys])
        return found

    @cached_property
    def expansions(self) -> float:
        """What expanding lists in all different states takes, in expansions for few victims."""
        sizes: list[float] = [
            n for one, keys in self.keys.items() if isinstance(one, Listed) for n, _ in set(keys)
        ]
        return float(sum((1.0 + n / 4.0) ** 1.5 for n in sizes))

    @cached_property
    def count(self) -> np.ndarray:
        """How many of each victim belong to the series and were reached, shape (K, V)."""
        whole = np.zeros((len(self.sorted), len(self.series.victims)))
        for column, (i, _) in enumerate(self.stand.sorts):
            whole[:, i] += self.sorted[:, column]
        return whole


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


def states_in(count: np.ndarray) -> float:
    """How many states some counts have together; infinite where no double holds it."""
    return float(prod((count + 1.0).tolist()))


def beyond_states(series: Series) -> bool:
    """Whether there are too many unlike victims of uncertain linkage to sum over their states."""
    count = np.sort(series.count[moving_of(series)])
    return states_in(count) > MOST_STATES and states_in(count[:-1]) * 64.0 > 4 * MOST_STATES


def _missable(victim: Victim) -> bool:
    """Whether he may have been chosen and not been reached."""
    return victim.attempt and not facts_of(victim).shown


def states_of(total: np.ndarray, moving: np.ndarray, cells: Sequence[int]) -> np.ndarray:
    """Every number of each victim in each of his cells, (K, W): all of those that do not move."""
    axes = [
        [x for m in range(0 if move else int(n), int(n) + 1) for x in _splits(m, c)]
        for n, move, c in zip(total, moving, cells, strict=True)
    ]
    return np.array([sum(x, ()) for x in product(*axes)], int).reshape(-1, sum(cells))


def _splits(total: int, parts: int) -> list[tuple[int, ...]]:
    """Every way to split a number."""
    if parts == 1:
        return [(total,)]
    return [(n, *rest) for n in range(total + 1) for rest in _splits(total - n, parts - 1)]


def lists_of(series: Series, stand: Stand, count: np.ndarray) -> dict[Listed, np.ndarray] | None:
    """Of how many somebody's list asks one of some fields, (K,); None where lists overlap.

    Parameters
    ----------
    count : ndarray, shape (K, W)
        Of every sort of victim.
    """
    found: dict[Listed, np.ndarray] = {}
    for i, v in enumerate(series.victims):
        mine = [column for column, sort in enumerate(stand.sorts) if sort[0] == i]
        for c in clauses_of(facts_of(v)):
            if len(c) > 1:
                one = Listed(tuple(sorted(c)), stand.configs[i])
                found[one] = found.get(one, np.zeros(len(count))) + count[:, mine].sum(axis=1)
    names = [f for one in found for f in one.fields]
    return found if len(names) == len({*names}) else None


def _counts(
    victims: Sequence[Victim], stand: Stand, count: np.ndarray, field: str
) -> dict[tuple[Config, Compared], np.ndarray]:
    """Of how many a field was published, less those whom it put on a list, and withheld (2, K).

    By how the sources stand to them and what was compared.
    """
    found: dict[tuple[Config, Compared], np.ndarray] = {}
    for column, sort in enumerate(stand.sorts):
        v, config = victims[sort[0]], stand.configs[sort[0]]
        facts = facts_of(v)
        parts = [
            (field in facts.published, stand.config(sort, field),
             stand.registers.compared(v, field), 0, 1),
            (field in needed_of(facts), config, (), 0, -1),
            (field in facts.withheld, config, (), 1, 1),
        ]  # fmt: skip
        for stated, how, compared, row, sign in parts:
            if stated:
                table = found.setdefault((how, compared), np.zeros((2, len(count))))
                table[row] += sign * count[:, column]
    return found


def _small(counts: dict[tuple[Config, Compared], np.ndarray], most: float, *, chain: bool) -> bool:
    """Whether a field's sums have few enough terms."""
    if most == np.inf:
        return True
    terms = 1
    for published, withheld in (x.max(axis=1, initial=0.0).tolist() for x in counts.values()):
        terms *= (int(published) + 1 if chain else 1) * (int(withheld) + 1)
        if published > most:
            return False
    return terms <= most
