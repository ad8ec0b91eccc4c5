"""What one victim's data are worth at given latents, route by route, literally.

``At`` is a batch of points of the latents. A latent comes into being by being read: a run on
an empty batch finds the names, a second one on a real batch the values.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from tests.reference.cases import CUSTODIAN, INFERENCE, LIBRARY, Case, Num, Span, Victim
from tests.reference.prior import Route

__all__ = ["VAGUE", "Array", "At", "Event", "attributes", "cells", "effective", "known", "said"]

Array = NDArray[np.float64]
Event = Callable[[Mapping[str, frozenset[str]]], bool]
"""Given who supplied each published field, whether a proposition holds."""

States = list[tuple[dict[str, tuple[bool, ...]], float]]
"""Mixture of: by dated field, whether each source's copy lies in its window."""

VAGUE: Route = ("*",)
"""The route that stands for whatever is not named; it also is the residual."""
WIDE: Num = (0.0, math.log(19.0) / 1.6448536)


class At:
    """Points of the latents: ``x[n, d]`` is the d-th latent at the n-th point."""

    def __init__(self, names: dict[tuple[str, ...], int] | None = None, x: Array | None = None):
        self.names = {} if names is None else names
        self.x = x
        self.size = 1 if x is None else len(x)
        self.known: dict[object, Array] = {}

    def z(self, *latent: str) -> Array:
        """One latent at every point."""
        if self.x is None:
            self.names.setdefault(latent, len(self.names))
            return np.zeros(1)
        return np.asarray(self.x[:, self.names[latent]])

    def number(self, number: Num, *latent: str) -> Array:
        """A probability that has a latent of its own."""
        m, sd = number
        return np.asarray(expit(m + sd * self.z(*latent) if sd else np.full(self.size, m)))


def has(route: Route, source: str) -> bool:
    """Whether a named source is in the route."""
    return source in route


def field_share(case: Case, s: str, f: str, user: bool, at: At) -> Array:
    """a_sf: share of the victims of a source of whom it gives the actor this field."""
    key = (s, f, user)
    if key not in at.known:
        if (s,) == VAGUE:
            (m, sd), loading = WIDE, math.sqrt(0.5)
        else:
            m, sd = (case.share if user else case.share_not_user)[s, f]
            loading = case.loading.get((s, f), math.sqrt(case.correlation.get(s, 0.5)))
        rest = math.sqrt(1.0 - loading**2)
        x = np.full(at.size, m)
        if sd and loading:
            x = x + sd * loading * at.z("u", s)
        if sd and rest:
            x = x + sd * rest * at.z("c", s, f)
        at.known[key] = np.asarray(expit(x))
    return at.known[key]


def shares(case: Case, route: Route, v: Victim, f: str, at: At) -> list[Array]:
    """a_sf for every source of the route, by what is known of the victim's membership."""
    return [
        field_share(case, s, f, (case.sources.get(s) != CUSTODIAN) or v.users.get(s, True), at)
        for s in route
    ]


def omega(case: Case, at: At) -> Array:
    """Chance that the actor publishes a field that he has."""
    return at.number(case.publishes, "v")


def effective(case: Case, v: Victim) -> tuple[str, ...]:
    """Published fields that no other published field makes certain."""
    return tuple(
        f
        for f in v.published
        if not any(f in case.implies.get(g, frozenset()) for g in v.published if g != f)
    )


def impliers(case: Case, v: Victim, f: str) -> list[str]:
    """Published effective fields that make a field certain."""
    return [g for g in effective(case, v) if f in case.implies.get(g, frozenset())]


def suppliers(route: Route) -> list[frozenset[str]]:
    """Who can have supplied a field that the actor has."""
    sizes = range(1, len(route) + 1)
    return [frozenset(c) for n in sizes for c in itertools.combinations(route, n)]


def register(case: Case, v: Victim, f: str, who: frozenset[str], at: At) -> Array:
    """Chance of what every register says of one value, given who supplied it."""
    out = np.ones(at.size)
    for record in v.records:
        if f not in record.agrees + record.differs:
            continue
        if who & set(record.of):
            p = at.number(case.agreement_own, "mu", *sorted(record.of))
        else:
            key = ("alpha", f)
            if key not in at.known:
                m, sd = case.agreement[f]
                x = np.full(at.size, m)
                if sd:
                    half = math.sqrt(0.5)
                    x = x + sd * (half * at.z("alpha") + half * at.z("alpha", f))
                at.known[key] = np.asarray(expit(x))
            p = at.known[key]
        out = out * (p if f in record.agrees else 1.0 - p)
    return out


def _supplied(
    case: Case, route: Route, v: Victim, f: str, inside: tuple[bool, ...], at: At
) -> dict[frozenset[str], Array]:
    """Chance of each set of suppliers of a published field, values in the register included."""
    a = [p * i for p, i in zip(shares(case, route, v, f, at), inside, strict=True)]
    lone = [g for g in case.implies.get(f, frozenset()) if impliers(case, v, g) == [f]]
    out = {}
    for who in suppliers(route):
        p = omega(case, at)
        for s, share in zip(route, a, strict=True):
            p = p * (share if s in who else 1.0 - share)
        for g in (f, *lone):
            p = p * register(case, v, g, who, at)
        out[who] = p
    return out


def _published(
    case: Case,
    route: Route,
    v: Victim,
    states: Mapping[str, tuple[bool, ...]],
    at: At,
    event: Event | None,
) -> Array:
    """Chance of the published fields, of their values, and of the event."""
    fields = effective(case, v)
    inside = {f: states.get(f, (True,) * len(route)) for f in fields}
    table = {f: _supplied(case, route, v, f, inside[f], at) for f in fields}
    compared = {f for r in v.records for f in r.agrees + r.differs}
    shared = {g for g in compared if len(impliers(case, v, g)) > 1}
    out = np.ones(at.size)
    if event is None and not shared:
        for f in fields:
            out = out * sum(table[f].values())
        return out
    out = np.zeros(at.size)
    for choice in itertools.product(suppliers(route), repeat=len(fields)):
        who = dict(zip(fields, choice, strict=True))
        for f, one in zip(fields, choice, strict=True):
            for g in case.implies.get(f, frozenset()):
                who[g] = who.get(g, frozenset()) | one
        if event is not None and not event(who):
            continue
        p = np.ones(at.size)
        for f in fields:
            p = p * table[f][who[f]]
        for g in shared:
            p = p * register(case, v, g, who[g], at)
        out = out + p
    return out


def fields_factor(
    case: Case,
    route: Route,
    v: Victim,
    at: At,
    captures: Mapping[str, float],
    event: Event | None,
) -> Array:
    """P(published and not published, values | route), ages of the data summed over."""
    hidden = np.ones(at.size)
    for f in v.silent:
        miss = np.ones(at.size)
        for p in shares(case, route, v, f, at):
            miss = miss * (1.0 - p)
        hidden = hidden * (1.0 - omega(case, at) * (1.0 - miss))
    total = np.zeros(at.size)
    for states, weight in windows(case, route, v, captures):
        key = ("published", v, tuple(states.items()), event)
        if key not in at.known:
            at.known[key] = _published(case, route, v, states, at, event)
        total = total + weight * at.known[key]
    return hidden * total


def points(span: Span) -> Array:
    """Equally likely times that a stated date can mean: 24 hours of a day, else 12 dates."""
    lo, hi = span
    n = 24 if lo == hi else 12
    return np.asarray(lo + (np.arange(n) + 0.5) / n * (hi + 1.0 - lo))


def _below(age: Num, t: Array) -> Array:
    """P(age < t) of a lognormal age."""
    m, sd = age
    log_t = np.log(np.maximum(t, 1e-300))
    p = ndtr((log_t - m) / sd) if sd else (log_t >= m).astype(float)
    return np.asarray(np.where(t > 0.0, p, 0.0))


def dated(case: Case, v: Victim) -> list[str]:
    """Published effective fields with a window."""
    return [f for f in effective(case, v) if f in v.dates]


def _ends(case: Case, v: Victim) -> Array:
    """Every time at which a window can begin or end."""
    spans = [s for f in dated(case, v) for s in v.dates[f] if s is not None]
    return np.unique(np.concatenate([points(s) for s in spans])) if spans else np.empty(0)


def _age_cells(age: Num, published: float, ends: Array) -> list[tuple[float, float]]:
    """(chance, capture time) of the cells into which the ends of windows cut an age."""
    cuts = np.unique(published - ends)
    cuts = cuts[cuts > 0.0]
    edges = np.concatenate([[0.0], cuts, [math.inf]])
    below = np.concatenate([_below(age, edges[:-1]), [1.0]])
    last = edges[-2]
    middle = np.append(0.5 * (edges[:-2] + edges[1:-1]), last + 1.0)
    return [
        (float(p), published - float(t))
        for p, t in zip(np.diff(below), middle, strict=True)
        if p > 0.0
    ]


def _window_states(window: tuple[Span | None, Span | None], times: Array) -> Array:
    """Chance of each pattern (bit s: the copy of source s lies in the window).

    ``times[c, s]`` is when the copy was made; the answer is ``[c, pattern]``.
    """
    bits = 1 << np.arange(times.shape[1])
    after = before = np.full((1, len(times)), bits.sum())
    since, until = window
    if since is not None:
        after = (points(since)[:, None, None] <= times) @ bits
    if until is not None:
        before = (times <= points(until)[:, None, None]) @ bits
    codes = after[:, None, :] & before[None, :, :]
    return np.stack([(codes == code).mean(axis=(0, 1)) for code in range(2 * bits[-1])], axis=1)


def windows(case: Case, route: Route, v: Victim, captures: Mapping[str, float]) -> States:
    """Which sources' copies fall into the windows of the dated fields, with the chance of it."""
    return _tabulate(case, route, v, tuple(captures.items()))


def _outer(rows: list[Array]) -> Array:
    """Products of rows ``[c, pattern]``, one axis for the patterns of each."""
    out = rows[0]
    for row in rows[1:]:
        out = out[..., None] * row.reshape(len(row), *(1,) * (out.ndim - 1), -1)
    return out


@lru_cache(maxsize=4096)
def _tabulate(
    case: Case, route: Route, v: Victim, captured: tuple[tuple[str, float], ...]
) -> States:
    captures = dict(captured)
    fields = dated(case, v)
    if not fields:
        return [({}, 1.0)]
    hours, ends = points(v.posted), _ends(case, v)
    table = np.zeros((1 << len(route),) * len(fields))
    if route == VAGUE:  # every field has an age of its own
        for hour in hours:
            chances, times = np.array(_age_cells(case.vague_age, hour, ends)).T
            rows = [chances @ _window_states(v.dates[f], times[:, None]) for f in fields]
            table += _outer([row[None] for row in rows])[0] / hours.size
    else:
        drawn = [
            (math.prod(p for p, _ in copies) / hours.size, [t for _, t in copies])
            for hour in hours
            for copies in itertools.product(
                *(
                    [(1.0, captures[s])] if s in captures else _age_cells(case.age[s], hour, ends)
                    for s in route
                )
            )
        ]
        for start in range(0, len(drawn), 2000):
            some = drawn[start : start + 2000]
            times = np.array([t for _, t in some])
            rows = [_window_states(v.dates[f], times) for f in fields]
            table += np.tensordot(np.array([p for p, _ in some]), _outer(rows), 1)
    out = []
    for code in zip(*np.nonzero(table), strict=True):
        states = {
            f: tuple(bool(c >> i & 1) for i in range(len(route)))
            for f, c in zip(fields, (int(c) for c in code), strict=True)
        }
        out.append((states, float(table[code])))
    return out


def cells(
    case: Case, route: Route, victims: tuple[Victim, ...], first_posted: Span
) -> list[tuple[float, dict[str, float]]]:
    """Cells of the snapshots of the route's libraries: chance, capture time by library."""
    libraries = [s for s in route if case.sources.get(s) == LIBRARY]
    if not libraries or not any(dated(case, v) for v in victims):
        return [(1.0, {})]
    ends = np.unique(np.concatenate([_ends(case, v) for v in victims]))
    first = points(first_posted)
    edges = np.concatenate([[-math.inf], ends[ends < first.max()], [first.max()]])
    middle = np.append(edges[1] - 1.0, 0.5 * (edges[1:-1] + edges[2:]))
    per_library = []
    for s in libraries:
        older = np.array(
            [1.0 - _below(case.age[s], first - e) if e > -math.inf else 0.0 * first for e in edges]
        )
        per_library.append(
            [(s, p, float(t)) for p, t in zip(np.diff(older, axis=0), middle, strict=True)]
        )
    found = [  # the first publication is one moment for all of them
        (
            float(np.prod([p for _, p, _ in combination], axis=0).mean()),
            {s: t for s, _, t in combination},
        )
        for combination in itertools.product(*per_library)
    ]
    return [(p, captures) for p, captures in found if p > 0.0]


def attributes(case: Case, route: Route, v: Victim, first: bool, at: At) -> Array:
    """P(traits, memberships | route), those that define the list or the case left out."""
    out = np.ones(at.size)
    for k, degree in v.traits.items():
        if k in v.known_by.traits:
            continue
        m, sd = case.traits[k]
        x = m + sd * at.z("b", k) if sd else np.full(at.size, m)
        if case.sources.get(route[0]) == INFERENCE:
            x = x + case.odds_ratio.get((route[0], k), 0.0)
        p = expit(x)
        out = out * (degree * p + (1.0 - degree) * (1.0 - p))
    for c, member in v.users.items():
        if c in v.known_by.users_of or (first and member):
            continue
        if c == case.account_of and case.shows(v, "account_link"):
            continue
        p = np.full(at.size, case.own[c]) if has(route, c) else at.number(case.users[c], "h", c)
        out = out * (p if member else 1.0 - p)
    return out


def known(case: Case, route: Route, v: Victim, at: At) -> Array:
    """P(A | route): chance of the event that put a person on the list, its attributes apart."""
    a = v.known_by
    if a.how != "list" or not (a.published_all or a.published_any):
        return np.ones(at.size)
    stated = set(v.published) | set(v.silent)
    by = {
        f: {f} | {g for g in stated if f in case.implies.get(g, frozenset())}
        for f in a.published_all + a.published_any
    }
    fields = sorted(set().union(*by.values()))
    chance = {}
    for f in fields:
        miss = np.ones(at.size)
        for p in shares(case, route, v, f, at):
            miss = miss * (1.0 - p)
        chance[f] = omega(case, at) * (1.0 - miss)
    total = np.zeros(at.size)
    for outcome in itertools.product((True, False), repeat=len(fields)):
        out = {f for f, y in zip(fields, outcome, strict=True) if y}
        if not all(by[f] & out for f in a.published_all):
            continue
        if a.published_any and not any(by[f] & out for f in a.published_any):
            continue
        p = np.ones(at.size)
        for f, y in zip(fields, outcome, strict=True):
            p = p * (chance[f] if y else 1.0 - chance[f])
        total = total + p
    return total


def said(
    case: Case,
    route: Route,
    v: Victim,
    at: At,
    *,
    captures: Mapping[str, float],
    event: Event | None = None,
) -> Array:
    """P(y, x, M | route) at every point, or that together with an event of who supplied what."""
    fields = fields_factor(case, route, v, at, captures, event)
    if v.known_by.how == "attempt":
        vague = route == VAGUE
        e = at.number(case.vague_reach if vague else case.reach[route[0]], "e", route[0])
        missed = 0.0 if v.published or event is not None else 1.0
        return np.asarray(e * fields + (1.0 - e) * missed)
    return fields * attributes(case, route, v, v is case.victims[0], at)
