"""From a filled case of the package to the plain input: copies numbers by path, no more."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from tests.reference.cases import (
    CUSTODIAN,
    INFERENCE,
    RESIDUAL,
    Case,
    Certificate,
    Finding,
    KnownBy,
    Num,
    Record,
    Security,
    Span,
    Victim,
    chance,
    mean,
    positive,
)

if TYPE_CHECKING:
    import datetime as dt

    from causation.case.filled import Filled, FilledGroup, FilledSecurity
    from causation.document.numbers import Number

__all__ = ["from_filled"]


def _pair(number: Number) -> Num:
    return number.center, number.sd


def _value(number: Number) -> float:
    """The mean of a probability."""
    if math.isinf(number.center):
        return float(number.center > 0.0)
    return mean(_pair(number))


def _centre(value: Any, interval: Any) -> float:
    """Centre of a number or an interval of a prior set, on its own scale."""
    ends = value if isinstance(value, tuple) else (value,)
    return float(interval(*ends)[0])


def _odds(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else 0.0


def _span(days: tuple[dt.date, dt.date] | None) -> Span | None:
    return None if days is None else (days[0].toordinal(), days[1].toordinal())


def _victim(group: FilledGroup) -> Victim:
    known = group.known_by
    how = "exposure" if known.how == "unstated" else known.how
    return Victim(
        id=group.id,
        count=group.count,
        plaintiff=group.plaintiff or group.first,
        published=group.disclosed,
        silent=group.not_disclosed,
        users=dict(group.users),
        traits=dict(group.traits),
        known_by=KnownBy(
            how, known.published_all, known.published_any, known.users_of, known.traits
        ),
        stated=known.how != "unstated",
        linkage=None if group.linkage is None else _value(group.linkage),
        records=tuple(Record(r.of, r.agrees, r.differs) for r in group.records),
        dates={f: (_span(w.since), _span(w.until)) for f, w in group.dates.items()},
        posted=_span(group.posted) or (0.0, 0.0),
    )


def _security(record: FilledSecurity) -> Security:
    stated, certificate = record.certificate, None
    if stated is not None:
        certificate = Certificate(
            hazard=_pair(stated.hazard_ratio),
            half_life=math.exp(stated.half_life.center),
            reference=stated.reference.center,
            age=stated.age_years,
            expired=stated.expired,
            none=stated.none,
        )
    return Security(
        shape=math.exp(record.shape.center),
        rate=math.exp(record.rate.center),
        detection=_pair(record.detection),
        incidents=record.incidents,
        years=record.years,
        certificate=certificate,
    )


def _series(filled: Filled) -> dict[str, Any]:
    """What is of the actor, and of the victims."""
    groups = sorted(filled.groups, key=lambda g: not g.first)
    compared = {f for g in groups for r in g.records for f in (*r.agrees, *r.differs)}
    asked = {g.known_by.how for g in groups}
    return {
        "victims": tuple(_victim(g) for g in groups),
        "publishes": _pair(filled.number("actor.publishes")) if groups else (0.0, 0.0),
        "traits": {k: _pair(filled.number(f"actor.traits.{k}")) for k in filled.traits},
        "users": {c: _pair(filled.number(f"actor.users.{c}")) for c in filled.custodians},
        "linkage": _pair(n) if (n := filled.optional("actor.linkage")) else (0.0, 0.0),
        "agreement_own": _pair(filled.number("agreement.own")) if compared else (0.0, 0.0),
        "agreement": {f: _pair(filled.number(f"agreement.{f}")) for f in compared},
        "implies": dict(filled.implies),
        "account_of": filled.account_of,
        "reach": {
            s.name: _pair(filled.number(f"sources.{s.name}.reach"))
            for s in filled.sources
            if "attempt" in asked
        },
        "age": {
            s.name: _pair(filled.number(f"sources.{s.name}.age"))
            for s in filled.sources
            if any(g.dates for g in groups)
        },
    }


def _sources(filled: Filled) -> dict[str, Any]:
    """What a source yields."""
    named = [s for s in filled.sources if s.kind != RESIDUAL]
    pairs = [(s.name, f) for s in named for f in filled.fields]
    at = {p: f"sources.{p[0]}.disclosure.{p[1]}" for p in pairs}
    away = {p: f"sources.{p[0]}.disclosure_not_user.{p[1]}" for p in pairs}
    load = {p: filled.optional(f"sources.{p[0]}.loadings.{p[1]}") for p in pairs}
    return {
        "share": {p: _pair(filled.number(path)) for p, path in at.items()},
        "share_not_user": {
            p: _pair(n) for p, path in away.items() if (n := filled.optional(path)) is not None
        },
        "loading": {p: n.center for p, n in load.items() if n is not None},
        "correlation": {
            s.name: filled.number(f"sources.{s.name}.correlation").center
            for s in named
            if filled.fields
        },
        "misfit": {
            s.name: n.center
            for s in named
            if (n := filled.optional(f"sources.{s.name}.misfit")) is not None
        },
        "odds_ratio": {
            (s.name, k): filled.number(f"sources.{s.name}.odds_ratio.{k}").center
            for s in named
            if s.kind == INFERENCE
            for k in filled.traits
        },
        "own": {
            s.name: _value(filled.number(f"sources.{s.name}.membership"))
            for s in named
            if s.kind == CUSTODIAN and s.name in filled.custodians
        },
    }


def _routes(filled: Filled) -> dict[str, Any]:
    """Weights and chains, the case's and the prior set's."""
    kinds = {s.name: str(s.kind) for s in filled.sources}
    weights = filled.priors.weights
    by_set = {k: math.exp(_centre(getattr(weights, k).value, positive)) for k in WEIGHTS}
    chain: dict[tuple[str, str], float] = {}
    pair: dict[tuple[str, str], float] = {}
    for (a, kind_a), (b, kind_b) in itertools.permutations(kinds.items(), 2):
        if RESIDUAL in {kind_a, kind_b}:
            continue
        found = filled.chain(a, b)
        if found is None:
            pair[a, b] = 0.0
        elif found[1]:
            pair[a, b] = _odds(found[0].center)
        else:
            chain[kind_a, kind_b] = _odds(found[0].center)
    of_set = {
        (k.partition("/")[0], k.partition("/")[2]): _odds(_centre(e.value, chance))
        for k, e in filled.priors.chains.items()
    }
    return {
        "sources": kinds,
        "weight": {
            s: math.exp((filled.optional(f"sources.{s}.weight") or filled.weight_of(s)).center)
            for s in kinds
        },
        "kind_weight": {k: math.exp(filled.weight_of(s).center) for s, k in kinds.items()},
        "set_weight": by_set,
        "chain": chain,
        "pair": pair,
        "set_chain": of_set,
        "single": filled.single,
        "split": {s.name: s.share for s in filled.sources if s.share is not None},
        "one_service": {s.name: s.one_service for s in filled.sources if s.one_service},
        "background": dict(filled.background) or None,
    }


WEIGHTS = ("custodian", "leaked_library", "inference", "residual")


def from_filled(filled: Filled) -> Case:
    """Copy a filled case."""
    residual = next((s.name for s in filled.sources if s.kind == RESIDUAL), None)
    facts = _routes(filled) | _sources(filled) | _series(filled)
    aged = _pair(filled.number(f"sources.{residual}.age")) if residual in facts["age"] else None
    if aged is None:
        value = filled.priors.ages.residual.value
        aged = positive(*(value if isinstance(value, tuple) else (value,)))
    findings = tuple(
        Finding(
            likelihood={s: _value(n) for s, n in f.likelihood.items()},
            group=f.group,
            about=f.about,
            reliability=_value(f.reliability),
            overlap=f.overlap.center,
            count=f.count,
            repeats=f.repeats.center,
        )
        for f in filled.findings
        if str(f.bears_on) == "source"
    )
    return Case(
        proposition=filled.proposition.sources,
        findings=findings,
        security={r.source: _security(r) for r in filled.security if str(r.bears_on) == "source"},
        vague_age=aged,
        vague_reach=facts["reach"].get(residual, (0.0, math.log(19.0) / 1.6448536)),
        **facts,
    )
