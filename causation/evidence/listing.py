"""What put every victim on his list: whoever is on it has some of several fields published.

A condition is a set of clauses, in each of which one field at least was published: every field of
`published_all` is a clause, all of `published_any` are one together. A field counts as published
if one that implies it is, where the entry states that.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from causation.evidence.fields import FieldFacts, Mixture, factor_of, facts_of

if TYPE_CHECKING:
    from causation.evidence.base import At, Route, Victim
    from causation.evidence.fields import Terms

type Clauses = tuple[frozenset[str], ...]


@lru_cache(maxsize=4096)
def clauses_of(facts: FieldFacts) -> Clauses:
    """Fields of which one at least was published of everybody on a list, clause by clause.

    Examples
    --------
    >>> shown = (("id_photo", frozenset({"real_name"})),)
    >>> facts = FieldFacts(all_of=("phone", "real_name"), impliers=shown)
    >>> [sorted(c) for c in clauses_of(facts)]
    [['id_photo', 'real_name'], ['phone']]
    """

    def counting(field: str) -> frozenset[str]:
        return frozenset({field, *(g for g, implied in facts.impliers if field in implied)})

    found = {counting(f) for f in facts.all_of}
    if facts.any_of:
        found.add(frozenset[str]().union(*map(counting, facts.any_of)))
    return tuple(sorted((c for c in found if not any(d < c for d in found)), key=sorted))


def needed_of(facts: FieldFacts) -> frozenset[str]:
    """Fields without which somebody would not be on his list."""
    return frozenset().union(*(c for c in clauses_of(facts) if len(c) == 1))


def ways_of(clauses: Clauses) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Ways in which all clauses hold, no two at once: fields published, and fields that were not.

    Examples
    --------
    >>> for shown, hidden in ways_of((frozenset({"phone", "email"}),)):
    ...     print(sorted(shown), sorted(hidden))
    ['email'] []
    ['phone'] ['email']
    """
    if not clauses:
        yield frozenset(), frozenset()
        return
    before: frozenset[str] = frozenset()
    least = min(clauses, key=lambda c: (len(c), sorted(c)))
    for f in sorted(least):
        left = tuple(c - before for c in clauses if f not in c)
        if all(left):
            for shown, hidden in ways_of(left):
                yield shown | {f}, hidden | before
        before |= {f}


def are_apart(clauses: Sequence[frozenset[str]]) -> bool:
    """Whether no field is in two clauses."""
    every = [f for c in clauses for f in c]
    return len(every) == len({*every})


def log_listing(victims: Sequence[Victim], route: Route, at: At) -> Any:
    """Log probability (natural) of what put every victim on his list, shape (..., V), or 0."""
    clauses = [clauses_of(facts_of(v)) for v in victims]
    if not any(clauses):
        return 0.0
    factor = factor_of(victims, route, at)
    known: dict[Hashable, Any] = {}
    columns = []
    whole = Mixture(((frozenset(),) * len(route.sources),))
    for victim, mine in zip(victims, clauses, strict=True):
        key = (mine, factor.strangers(victim))
        if not mine:
            columns.append(factor.omega * 0.0)
            continue
        if key not in known:
            known[key] = _log_event(mine, factor.place, factor.terms(victim, whole, 0), at.xp)
        columns.append(known[key])
    return at.xp.stack(columns)


def _log_event(clauses: Clauses, place: Mapping[str, int], given: Terms, xp: Any) -> Any:
    """Log probability that all clauses hold: of those that share no field, one by one."""
    parts = [(c,) for c in clauses] if are_apart(clauses) else [clauses]
    return sum(_log_ways(part, place, given, xp) for part in parts)


def _log_ways(clauses: Clauses, place: Mapping[str, int], given: Terms, xp: Any) -> Any:
    """The same as a sum over ways: one less the chance of none is lost where it is small."""
    terms = []
    for shown, hidden in ways_of(clauses):
        term: Any = 0.0
        for f in sorted(shown):
            term = term + given.published[..., place[f]]
        for f in sorted(hidden):
            term = term + given.withheld[..., place[f]]
        terms.append(term)
    return terms[0] if len(terms) == 1 else xp.logsumexp(xp.stack(terms))
