"""Simulated cases, and what the model and two simpler ones say of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from causation.analyses.fit import KINDS, Predictive, fit_of, seen_facts
from causation.analyses.naive import naive_log_evidence
from causation.inference.evaluate import Answer, evaluate, inside
from causation.inference.integrate import DRAFT
from causation.model.structure import build_model
from causation.scales import LN10
from causation.validation.designs import designs, prior_before_incidents
from causation.validation.processes import in_processes
from causation.validation.together import Together
from causation.validation.worlds import WORLDS, Drawn, Setting, group_of

if TYPE_CHECKING:
    from causation.case.filled import Filled
    from causation.model.structure import Model

METHODS = ("model", "chains off", "naive")
"""What the routes of a case are weighed by: the model; the model with no weight on chains; and the
product of likelihoods as if every piece of evidence were independent."""
SOURCES = (
    "proposition", "custodian", "inference", "leaked_library", "residual", "unlisted",
)  # fmt: skip
"""Where the data came from: the proposition is true, or else what the entrance was."""
THRESHOLD = 0.75
"""Comparison value of the built-in designs."""
LEAST = 1e-3
"""Share of the posterior below which a route's error does not matter."""
FIT_DRAWS = 100
"""Cases drawn from a route for a fit check."""
FIT_CASES = 240
"""Cases of a world whose fit is checked: enough for a share with a standard error of 3 points."""


@dataclass(frozen=True, eq=False)
class Scores:
    """What was said of N cases of one world.

    Parameters
    ----------
    log10_lr : ndarray, shape (N, M)
        Of the proposition's routes against all others, by method (see `METHODS`). The prior among
        the others is that of the design; a security record counts as evidence.
    is_true : ndarray of bool, shape (N,)
        Whether the true route is one of the proposition's.
    claim : ndarray, shape (N, M)
        Posterior of the proposition itself: its source played a role.
    holds : ndarray of bool, shape (N,)
        Whether it did.
    source : ndarray of int, shape (N,)
        Place in `SOURCES`.
    probability : ndarray, shape (N, Z)
        The model's posterior of every route, 0 beyond the design's own.
    route : ndarray of int, shape (N,)
        The true route; -1 where the case does not list it.
    tail : ndarray, shape (N, 2 + K)
        Of the fit check: for the best named route, for the proposition's, and by kind of facts
        (`causation.analyses.fit.KINDS`) for the former; NaN where nothing could be otherwise.
    design : ndarray of int, shape (N,)
    """

    log10_lr: np.ndarray
    is_true: np.ndarray
    claim: np.ndarray
    holds: np.ndarray
    source: np.ndarray
    probability: np.ndarray
    route: np.ndarray
    tail: np.ndarray
    design: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[Scores]) -> Scores:
        """All cases together."""
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)))

    def take(self, rows: np.ndarray) -> Scores:
        """Return some of the cases."""
        return Scores(*(getattr(self, f.name)[rows] for f in fields(self)))


def score(
    cases: int,
    *,
    worlds: Sequence[str],
    random_seed: int,
    workers: int = 2,
    fit: int = FIT_CASES,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Scores]:
    """Simulate cases of every built-in design and infer their route.

    Parameters
    ----------
    cases : int
        Cases for each world, spread evenly over the designs of which it has something to say.
    worlds : sequence of str
        Names in `causation.validation.worlds.WORLDS`.
    random_seed : int
        The result depends on it and on `cases` alone, not on `workers`.
    workers : int
        Processes.
    fit : int
        Cases of each world whose fit is checked.
    progress : callable, optional
        Called with the share done, 0 to 1.

    Returns
    -------
    dict of str to Scores
    """
    sizes = {w: _spread(cases, w) for w in worlds}
    fits = {w: _spread(min(fit, cases), w) for w in worlds}
    jobs = [
        (i, tuple((w, sizes[w][i], fits[w][i]) for w in worlds if sizes[w][i]), random_seed)
        for i in range(len(designs()))
    ]
    # long ones first
    jobs.sort(key=lambda job: -len(designs()[job[0]].model.numbers))
    done: dict[int, dict[str, Scores]] = {}
    for place, result in in_processes(_score_design, jobs, workers):
        done[jobs[place][0]] = result
        if progress is not None:
            progress(len(done) / len(jobs))
    return {w: Scores.joined([done[i][w] for i in sorted(done) if w in done[i]]) for w in worlds}


def _spread(cases: int, world: str) -> list[int]:
    """How many cases of each design."""
    there = [WORLDS[world].applies(d) for d in designs()]
    each, rest = divmod(cases, sum(there))
    return [t * (each + (sum(there[:i]) < rest)) for i, t in enumerate(there)]


type _Job = tuple[int, tuple[tuple[str, int, int], ...], int]


def _score_design(job: _Job) -> dict[str, Scores]:
    """All cases of one design in some worlds."""
    index, sizes, seed = job
    design = designs()[index]
    known: dict[str, tuple[_Design, list[Drawn]]] = {}
    places: dict[str, tuple[str, slice]] = {}
    for world, size, _ in sizes:
        setting = Setting.of(design, WORLDS[world])
        if setting is None:
            continue
        key = repr(setting.document)
        drawn = known.setdefault(key, (_Design(setting.stated), []))[1]
        rng = np.random.default_rng([seed, index, list(WORLDS).index(world)])
        places[world] = (key, slice(len(drawn), len(drawn) + size))
        drawn += [setting.draw(rng) for _ in range(size)]
    said = {key: one.said([d.filled for d in drawn]) for key, (one, drawn) in known.items()}
    fits = {world: fit for world, _, fit in sizes}
    return {
        world: known[key][0].scores(known[key][1], said[key], some, index=index, fit=fits[world])
        for world, (key, some) in places.items()
    }


@dataclass(frozen=True, eq=False)
class _Said:
    """What is said of N cases: log prior and evidence of every route, and by method."""

    log_prior: np.ndarray
    log_evidence: np.ndarray
    log10_lr: np.ndarray
    claim: np.ndarray


class _Design:
    """Cases of one shape, by the numbers of one case file."""

    def __init__(self, stated: Model) -> None:
        self.stated = stated
        self.mine = inside(stated.routes, stated.filled.proposition)
        before = np.log(prior_before_incidents(stated))[None]
        self.prior = [_log10_odds(x, self.mine) for x in (before, self._no_chains(before))]
        self.predictive: dict[Hashable, Predictive] = {}

    def _no_chains(self, log_prior: np.ndarray) -> np.ndarray:
        """The weight of every chain given to the single route from its entrance; shape (N, Z)."""
        routes = self.stated.routes
        result = np.full(log_prior.shape, -np.inf)
        for z, r in enumerate(routes):
            single = next(i for i, q in enumerate(routes) if q.sources == (r.entrance,))
            result[:, single] = np.logaddexp(result[:, single], log_prior[:, z])
        return result

    def said(self, cases: Sequence[Filled]) -> _Said:
        """Infer the routes of cases."""
        found = Together(self.stated, cases)
        rest: dict[Hashable, tuple[np.ndarray, ...]] = {}
        keys = [_besides_victims(filled) for filled in cases]
        for key, filled in zip(keys, cases, strict=True):
            if key not in rest:
                model = build_model(replace(filled, groups=(), all_groups=()))
                answer = evaluate(model, settings=DRAFT)
                rest[key] = (
                    answer.log_prior[0], answer.log_evidence[0], naive_log_evidence(model)
                )  # fmt: skip
        prior, evidence, naive = (
            np.array([rest[key][i] for key in keys]) for i in range(3)
        )  # fmt: skip
        evidence, credit = evidence + found.log_evidence, found.credit.copy()
        for c in np.flatnonzero(_uncertain(prior + evidence, found.error)).tolist():
            answer = evaluate(build_model(cases[c]), settings=DRAFT)
            evidence[c], credit[c] = answer.log_evidence[0], answer.credit[0]
        ratios, claims = [], []
        for log_prior, log_l, before in (
            (prior, evidence, self.prior[0]),
            (self._no_chains(prior), evidence, self.prior[1]),
            (prior, naive + found.naive, self.prior[0]),
        ):
            ratios.append(_log10_odds(log_prior + log_l, self.mine) - before)
            claims.append((_shares(log_prior + log_l) * credit).sum(axis=1))
        return _Said(prior, evidence, np.stack(ratios, axis=1), np.stack(claims, axis=1))

    def scores(
        self, drawn: Sequence[Drawn], said: _Said, some: slice, *, index: int, fit: int
    ) -> Scores:
        """Everything that is kept of some of the cases; the fit of the first few is checked."""
        names, mine = self.stated.route_names, {*self.stated.filled.proposition.sources}
        place: dict[str, int] = defaultdict(lambda: SOURCES.index("unlisted"))
        place |= {s.name: SOURCES.index(str(s.kind)) for s in self.stated.filled.sources}
        most = max(len(d.model.routes) for d in designs()) + 1
        cases = [d.case for d in drawn[some]]
        routes = [c.route.split("/") for c in cases]
        holds = [c.holds() for c in cases]
        posterior = _shares(said.log_prior[some] + said.log_evidence[some])
        tail = np.full((len(cases), 2 + len(KINDS)), np.nan)
        for i in range(min(fit, len(cases))):
            tail[i] = self._tail(drawn[some][i], said, some.start + i)
        return Scores(
            log10_lr=said.log10_lr[some],
            is_true=np.array([not mine.isdisjoint(r) for r in routes]),
            claim=said.claim[some],
            holds=np.array(holds),
            source=np.array([place[r[0]] * (not h) for h, r in zip(holds, routes, strict=True)]),
            probability=np.pad(posterior, ((0, 0), (0, most - len(names)))),
            route=np.array([names.index(c.route) if c.route in names else -1 for c in cases]),
            tail=tail,
            design=np.full(len(cases), index),
        )

    def _tail(self, drawn: Drawn, said: _Said, place: int) -> np.ndarray:
        """Check the fit; cases of which the same is looked at share what is drawn."""
        filled, shape = drawn.filled, self._shape(drawn.filled)
        key = _looked_at(shape)
        if key not in self.predictive:
            self.predictive[key] = Predictive(build_model(shape), draws=FIT_DRAWS)
        seen = {f.id: drawn.case.seen[f.id] for f in shape.findings}
        facts = seen_facts(self.stated.filled, filled.groups, seen, drawn.case.incidents)
        prior, evidence = said.log_prior[None, place], said.log_evidence[None, place]
        nothing = np.zeros_like(prior)
        answer = Answer(build_model(filled), prior, evidence, nothing, nothing, np.zeros(1, bool))
        found = fit_of(answer, self.predictive[key], facts)
        tail = np.full(2 + len(KINDS), np.nan)
        tail[:2] = found.tail_probability, found.claimed_tail
        for part in found.parts:
            tail[2 + KINDS.index(part.kind)] = part.tail_probability
        return tail

    def _shape(self, filled: Filled) -> Filled:
        """A case of which the same is looked at, as it might be drawn."""
        stated, ids = self.stated.filled, {f.id for f in filled.findings}
        said = [group_of(stated, g) for g in filled.groups]
        groups = tuple(
            replace(g, records=s.records, dates=s.dates)
            for g, s in zip(filled.groups, said, strict=True)
        )
        asked = tuple(f for f in stated.findings if f.id in ids)
        return replace(filled, groups=groups, findings=asked, security=stated.security)


def _besides_victims(filled: Filled) -> Hashable:
    """What was seen besides the victims."""
    findings = tuple(
        (f.id, tuple(n.center for n in f.likelihood.values())) for f in filled.findings
    )
    return findings, tuple(r.incidents for r in filled.security)


def _uncertain(log_weight: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Cases in which the error (log10) of a route that matters is too large, shape (N,)."""
    matters = log_weight > log_weight.max(axis=1)[:, None] + np.log(LEAST)
    result: np.ndarray = (matters & ~(error <= DRAFT.tolerance)).any(axis=1)
    return result


def _looked_at(shape: Filled) -> Hashable:
    """What was looked at of a case that may be drawn."""
    groups = tuple(
        (
            frozenset((*g.disclosed, *g.not_disclosed)),
            tuple(g.traits),
            tuple(sorted(g.users.items())) if g.first else tuple(g.users),
        )
        for g in shape.groups
    )
    return groups, tuple(f.id for f in shape.findings)


def _log10_odds(log_weight: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """log10 of the odds of some routes against the others, shape (N,)."""
    sides = [np.logaddexp.reduce(log_weight[:, m], axis=1) for m in (mask, ~mask)]
    result: np.ndarray = (sides[0] - sides[1]) / LN10
    return result


def _shares(log_weight: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.exp(log_weight - np.logaddexp.reduce(log_weight, axis=1)[:, None])
    return result
