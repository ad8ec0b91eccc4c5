"""Evidence of every route, posterior and propositions by brute force.

Nothing here is shared with the package under test. Every formula is written as the
specification states it: victim by victim, state by state, with no saving but that like
victims are computed once. The integrals are left to `tests.reference.integrate`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import logsumexp

from tests.reference.cases import RESIDUAL, Case, Span, Victim
from tests.reference.density import VAGUE, Array, At, Event, cells, known, said
from tests.reference.integrate import Integral, Whole, average, importance
from tests.reference.prior import Route, background, findings_factor, prior, routes

__all__ = ["Claim", "Evidence", "log_series"]

LN10 = math.log(10.0)
Integrand = Callable[[At], Array]
FEW = 50
"""Victims up to whom no mode lies far out."""


def _log(x: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(x))


def _kappa(case: Case, v: Victim, at: At) -> Array:
    """Chance that a victim belongs to the series."""
    if v.plaintiff or v.known_by.how == "attempt":
        return np.ones(at.size)
    if v.linkage is not None:
        return np.full(at.size, v.linkage)
    return at.number(case.linkage, "kappa")


def log_series(
    case: Case,
    route: Route,
    at: At,
    strangers: Mapping[str, float],
    *,
    events: Mapping[str, Event] | None = None,
    linked: Mapping[str, Array] | None = None,
) -> Array:
    """Log of the integrand of a route: product over victims, sum over snapshots.

    An event of ``events`` happens to one member of the group, who then is of the series.
    ``linked`` replaces linkages; it serves the search for modes only.
    """
    events = events or {}
    linked = linked or {}

    series = {
        v.id: (
            linked[v.id] if v.id in linked else _kappa(case, v, at),
            known(case, route, v, at),
        )
        for v in case.victims
    }

    def one(v: Victim, captures: Mapping[str, float]) -> tuple[Array, Array, Array]:
        """Log of what one is worth in or out of the series, out of it, and with the event."""
        kappa, selected = series[v.id]

        def ratio(x: Array) -> Array:
            return np.divide(x, selected, out=np.zeros(at.size), where=selected > 0.0)

        outside = (1.0 - kappa) * strangers.get(v.id, 0.0)
        said_of = ratio(said(case, route, v, at, captures=captures))
        part = kappa * said_of
        if v.id in events:
            part = kappa * ratio(said(case, route, v, at, captures=captures, event=events[v.id]))
        return _log(kappa * said_of + outside), _log(outside), _log(part)

    undated = {v.id: one(v, {}) for v in case.victims if not v.dates}
    terms = []
    for span, before, first in _orders(case):
        for p, captures in cells(case, route, case.victims, span):
            total, some, none = np.zeros(at.size), np.zeros(at.size), np.zeros(at.size)
            sure = False
            for v in case.victims:
                member, outside, part = undated.get(v.id) or one(v, captures)
                if v in before:
                    impossible = np.full(at.size, -np.inf)
                    total = total + (impossible if v.id in events else v.count * outside)
                    continue
                if v.id in events:
                    sure = sure or v in first
                    total = total + part
                more = (v.count - (v.id in events)) * member if v.count > (v.id in events) else 0.0
                if v in first:
                    some, none = some + more, none + v.count * outside
                else:
                    total = total + more
            if first and not sure:  # that one of them at least belongs to the series
                with np.errstate(invalid="ignore"):
                    lost = np.where(np.isfinite(none), np.exp(np.minimum(none - some, 0.0)), 0.0)
                some = some + _log(1.0 - lost)
            terms.append(math.log(p) + total + some)
    return np.asarray(terms[0] if len(terms) == 1 else logsumexp(terms, axis=0))


type _Order = tuple[Span, tuple[Victim, ...], tuple[Victim, ...]]


def _orders(case: Case) -> list[_Order]:
    """Whose publication was the first of the series: when, who was before, and whose it was.

    Who was before did not belong to it; nobody is named where the first is certain.
    """
    known = [v for v in case.victims if v.published or v.known_by.how != "attempt"]
    sure = [v for v in known if v.plaintiff or v.known_by.how == "attempt"]
    if not any(v.dates for v in case.victims):
        return [((0.0, 0.0), (), ())]
    last = min(v.posted for v in sure)
    open_ = [v for v in known if v not in sure and v.posted < last]
    spans = sorted({v.posted for v in open_})
    found: list[_Order] = [
        (
            span,
            tuple(v for v in open_ if v.posted < span),
            tuple(v for v in open_ if v.posted == span),
        )
        for span in spans
    ]
    return [*found, (last, tuple(open_), ())]


@dataclass(frozen=True)
class Claim:
    """A proposition about a union of sources and one victim.

    ``what`` is ``role``, ``entrance``, ``alone``, ``supplied`` or ``sole``; a list of fields
    means all of them, or any.
    """

    sources: tuple[str, ...]
    what: str = "role"
    fields: tuple[str, ...] = ()
    any: bool = False

    def decided(self, route: Route) -> bool:
        """Whether the route alone decides it."""
        ours = set(self.sources)
        return (
            self.what in {"entrance", "alone"}
            or set(route) <= ours
            or not set(route) & ours
            or (self.what == "role" and route[0] in ours)
        )

    def holds(self, route: Route, who: Mapping[str, frozenset[str]]) -> bool:
        """Whether it holds, given the route and who supplied every published field."""
        ours = set(self.sources)
        if self.what == "entrance":
            return route[0] in ours
        if self.what == "alone":
            return set(route) <= ours
        if self.what == "role":
            return route[0] in ours or any(s & ours for s in who.values())
        each = [
            bool(who[f] & ours) if self.what == "supplied" else who[f] <= ours
            for f in self.fields
            if f in who
        ]
        if len(each) < len(self.fields):
            return self.any and any(each)
        return any(each) if self.any else all(each)


def _everything(case: Case, v: Victim, route: Route) -> dict[str, frozenset[str]]:
    """Every published field supplied by the entrance: the misfit branch and single routes."""
    out = dict.fromkeys(v.published, frozenset(route[:1]))
    for f in v.published:
        out |= dict.fromkeys(case.implies.get(f, frozenset()), frozenset(route[:1]))
    return out


def _event(claim: Claim, route: Route) -> Event:
    return lambda who: claim.holds(route, who)


def _in_series(v: Victim) -> bool:
    """Whether it is certain that a victim was reached by this actor."""
    attempt = v.known_by.how == "attempt"
    return bool(v.published) if attempt else v.plaintiff


def _always(_: Mapping[str, frozenset[str]]) -> bool:
    return True


def _points(f: Integrand) -> tuple[Callable[[Array], Array], int]:
    """The integrand as a function of points, and the number of latents that it reads."""
    at = At()
    f(at)
    return lambda x: f(At(at.names, x)), len(at.names)


@dataclass(frozen=True)
class Evidence:
    """All integrals of a case, by one of the two integrators.

    Parameters
    ----------
    case : Case
    method : {"average", "importance"}
    settings : mapping
        Passed to the integrator.
    log2 : int
        Points of each scrambling for the background chances, as a power of two.
    """

    case: Case
    method: str = "average"
    settings: Mapping[str, Any] = field(default_factory=dict)
    log2: int = 14
    _cache: dict[object, Integral] = field(default_factory=dict, compare=False)

    def acting(self, route: Route) -> Route:
        """The route as the density knows it: the residual is the vague one."""
        return VAGUE if self.case.sources.get(route[0]) == RESIDUAL else route

    def misfit(self, route: Route) -> float:
        """Chance that a route does not behave as elicited."""
        return 1.0 - math.prod(1.0 - self.case.misfit.get(s, 0.0) for s in route)

    def series(self, branch: Route, key: object = None, **events: Event) -> Integral:
        """Integral of a route without misfit (or of the vague route), an event included."""
        if (branch, key) not in self._cache:
            strangers = self.strangers

            def integrand(at: At, linked: Mapping[str, Array] | None = None) -> Array:
                return log_series(self.case, branch, at, strangers, events=events, linked=linked)

            f, dim = _points(integrand)
            if self.method == "average":
                got = average(f, dim, **self.settings)
            else:
                to, read = self._linkages(), At()
                integrand(read)

                def others(x: Array, which: Whole) -> Array:
                    return integrand(At(read.names, x), {v: t[which] for v, t in to.items()})

                many = len(next(iter(to.values()), ()))
                far = (1e-3,) if sum(v.count for v in self.case.victims) > FEW else ()
                got = importance(f, dim, others=others if many else None, other=many, far=far,
                                 **self.settings)  # fmt: skip
            self._cache[branch, key] = got
        return self._cache[branch, key]

    def _linkages(self) -> dict[str, Array]:
        """Linkages of every group for starts: all, none, each group alone."""
        open_ = [v.id for v in self.case.victims if not v.plaintiff and v.known_by.how != "attempt"]
        near, far = 1.0 - 1e-9, 1e-9
        alone: list[Array] = list(np.where(np.eye(len(open_)), near, far)) if len(open_) > 1 else []
        every = np.array([np.full(len(open_), near), np.full(len(open_), far), *alone])
        return dict(zip(open_, every.T, strict=True))

    def _stranger(self, v: Victim, branch: Route, event: Event | None = None) -> Integral:
        """E[P(y, x, M and the event | route)] of one victim, with latents of its own."""

        def f(at: At) -> Array:
            terms = [
                math.log(p) + _log(said(self.case, branch, v, at, captures=c, event=event))
                for p, c in cells(self.case, branch, (v,), v.posted)
            ]
            return np.asarray(logsumexp(terms, axis=0))

        return average(*_points(f), log2=self.log2)

    def _listed(self, v: Victim, branch: Route) -> Integral:
        """E[P(A | route)] of one victim."""
        return average(*_points(lambda at: _log(known(self.case, branch, v, at))), log2=self.log2)

    @cached_property
    def _strangers(self) -> dict[str, tuple[float, float]]:
        out = {}
        branches = self._branches(background(self.case))
        for v in self.case.victims:
            if v.plaintiff or v.known_by.how == "attempt" or v.linkage == 1.0:
                continue
            sums = []
            for one in (self._stranger, self._listed):
                parts = [(w, one(v, branch)) for branch, w in branches.items() if w > 0.0]
                terms = [(w * math.exp(i.log), i.error) for w, i in parts]
                total = sum(x for x, _ in terms)
                spread = math.sqrt(sum((x * e) ** 2 for x, e in terms))
                sums.append((total, spread / total if total else 0.0))
            (top, error), (bottom, other) = sums
            out[v.id] = top / bottom, math.hypot(error, other)
        return out

    @property
    def strangers(self) -> dict[str, float]:
        """B of every victim that need not belong to the series."""
        return {v: b for v, (b, _) in self._strangers.items()}

    @property
    def strangers_error(self) -> dict[str, float]:
        """Standard error of B, in log10."""
        return {v: error for v, (_, error) in self._strangers.items()}

    def _branches(self, pi: Mapping[Route, float]) -> dict[Route, float]:
        """Weights of the routes with misfit taken apart."""
        out: dict[Route, float] = {}
        for z, p in pi.items():
            for branch, w in self._parts(z):
                out[branch] = out.get(branch, 0.0) + p * w
        return out

    def _parts(self, z: Route) -> list[tuple[Route, float]]:
        eps = self.misfit(z)
        return [(self.acting(z), 1.0 - eps), (VAGUE, eps)] if eps else [(self.acting(z), 1.0)]

    @cached_property
    def log(self) -> dict[Route, float]:
        """Natural log of the evidence of every route, findings included."""
        said_by = findings_factor(self.case)
        return {
            z: float(
                logsumexp(
                    [self.series(b).log for b, _ in self._parts(z)],
                    b=[w for _, w in self._parts(z)],
                )
            )
            + math.log(said_by[z])
            if said_by[z] > 0.0
            else -math.inf
            for z in routes(self.case)
        }

    @cached_property
    def error(self) -> dict[Route, float]:
        """Standard error of every log evidence, in log10."""
        out = {}
        for z in routes(self.case):
            parts = [
                (math.log(w) + self.series(b).log, self.series(b).error) for b, w in self._parts(z)
            ]
            top = max(p for p, _ in parts)
            if not math.isfinite(top):
                out[z] = 0.0
                continue
            part = [(math.exp(p - top), e) for p, e in parts]
            out[z] = math.sqrt(sum((p * e) ** 2 for p, e in part)) / sum(p for p, _ in part)
        return out

    @cached_property
    def posterior(self) -> dict[Route, float]:
        """P(route | evidence)."""
        pi = prior(self.case)
        logs = np.array(
            [self.log[z] + (math.log(p) if p > 0.0 else -math.inf) for z, p in pi.items()]
        )
        p = np.exp(logs - logsumexp(logs))
        return dict(zip(pi, (float(x) for x in p), strict=True))

    def _given(self, z: Route, v: Victim, claim: Claim) -> float:
        """E[rho R] of a victim under a route: of the series, and the claim true of it."""
        whole = part = 0.0
        scale = max(self.series(b).log for b, _ in self._parts(z))
        for branch, w in self._parts(z):
            whole += w * math.exp(self.series(branch).log - scale)
            if len(z) == 1 or branch == VAGUE or claim.decided(z):
                if not claim.holds(z, _everything(self.case, v, z)):
                    continue
                sure = _in_series(v)
                always = {} if sure else {v.id: _always}
                got = self.series(branch, ("linked", v.id) if always else None, **always)
            else:
                got = self.series(branch, (v.id, claim), **{v.id: _event(claim, z)})
            part += w * math.exp(got.log - scale)
        return part / whole

    def probability(self, claim: Claim, victim: str | None = None) -> float:
        """P(claim | evidence) of the first plaintiff or of a named victim."""
        post = self.posterior
        if not self.case.victims:
            return sum(p for z, p in post.items() if claim.holds(z, {"": frozenset(z)}))
        v = next(v for v in self.case.victims if victim in {None, v.id})
        ours = sum(p * self._given(z, v, claim) for z, p in post.items() if p > 0.0)
        every = Claim(tuple(self.case.sources))
        linked = sum(p * self._given(z, v, every) for z, p in post.items() if p > 0.0)
        if _in_series(v):
            return ours / linked
        if v.known_by.how == "attempt":
            return ours
        return ours + (1.0 - linked) * self._apart(v, claim)

    def _apart(self, v: Victim, claim: Claim) -> float:
        """The claim about a victim who is not of the series."""
        top = bottom = 0.0
        for z, p in background(self.case).items():
            for branch, w in self._parts(z):
                if p * w <= 0.0:
                    continue
                whole = p * w * math.exp(self._stranger(v, branch).log)
                bottom += whole
                if len(z) == 1 or branch == VAGUE or claim.decided(z):
                    top += whole * claim.holds(z, _everything(self.case, v, z))
                else:
                    top += p * w * math.exp(self._stranger(v, branch, _event(claim, z)).log)
        return top / bottom
