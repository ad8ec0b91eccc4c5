"""Fit check: how surprising the evidence is, as a whole and kind by kind.

Cases of the same shape are drawn from the named route that explains the evidence best, and from
the routes by their posterior probabilities. How improbable the evidence is among the first says
whether any named route explains it. For every kind of facts a distance from what is usual is
compared with the same of the drawn cases: victims whose shares contradict what was elicited, or
who are more alike than any actor's, show there, whichever route gains by it.

References
----------
G. E. P. Box (1980), "Sampling and Bayes' inference in scientific modelling and robustness",
Journal of the Royal Statistical Society A 143, 383-430.
A. Gelman, X.-L. Meng, H. Stern (1996), "Posterior predictive assessment of model fitness via
realized discrepancies", Statistica Sinica 6, 733-807.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from causation.errors import InputError
from causation.inference.integrate import DRAFT
from causation.inference.joint import Joint
from causation.model.routes import VAGUE
from causation.model.simulation import MARK, simulate
from causation.model.structure import build_model

if TYPE_CHECKING:
    from collections.abc import Hashable

    from causation.case.filled import FilledGroup
    from causation.inference.evaluate import Answer
    from causation.model.structure import Model

__all__ = ["FIT_THRESHOLD", "KINDS", "FitCheck", "FitPart", "fit_check"]

FIT_THRESHOLD = 0.05
"""A tail probability below this says that no named route explains the evidence."""
KINDS = ("fields", "attributes", "records", "dates", "counts", "findings", "incidents")
"""Kinds of facts with a distance of their own; ``counts`` is how many victims are alike."""

_FEW, _MANY = 6, 60
"""Victims that are looked at: for the probability of the evidence, and kind by kind."""
_LEAST_DRAWS = 20
_DRAWS_BY_KIND = 200


@dataclass(frozen=True, slots=True)
class FitPart:
    """How unusual the facts of one kind are.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    tail_probability : float
        Share of the cases drawn from the best named route that lie as far from what is usual
        among them as the evidence, or further (the case itself counted, so it is never 0).
    error : float
        Its standard error from the number of draws.
    posterior_tail, posterior_error : float
        The same for cases whose routes are drawn by their posterior probabilities.
    """

    kind: str
    tail_probability: float
    error: float
    posterior_tail: float
    posterior_error: float


@dataclass(frozen=True, slots=True)
class FitCheck:
    """Predictive tails of the evidence.

    Parameters
    ----------
    tail_probability : float
        Probability that the best named route produces evidence no more probable than that of
        the case, from `draws` simulated cases (the case itself counted, so it is never 0).
    error : float
        Its standard error from the number of draws.
    route : str
        The named route that explains the evidence best.
    poor : bool
        Whether even that explains it badly, as a whole or in one kind of facts.
    draws : int
    parts : tuple of FitPart
        By kind, of those of which something could have come out otherwise.
    """

    tail_probability: float
    error: float
    route: str
    poor: bool
    draws: int
    parts: tuple[FitPart, ...]


def fit_check(
    model: Model, answer: Answer, *, random_seed: int = 20250723, draws: int = 200
) -> FitCheck:
    """Compare the evidence with what the model would produce.

    For the probability of the evidence at most six victims are looked at, kind by kind at most
    sixty. That a kind is out of the ordinary is said where its tail, times the number of kinds,
    is below `FIT_THRESHOLD`.

    Parameters
    ----------
    model : Model
    answer : Answer
        Of the model; its first row counts.
    random_seed : int
    draws : int
        Simulated cases for the probability of the evidence; kind by kind there are at least 200.

    Returns
    -------
    FitCheck

    Raises
    ------
    InputError
        If there are fewer than 20 draws, or what put a victim on his list hardly ever happens.

    Examples
    --------
    >>> from causation.inference.evaluate import evaluate
    >>> model = build_model("data/published/three-suspect-burglary.yaml")
    >>> found = fit_check(model, evaluate(model), draws=20)
    >>> found.route, found.poor, [part.kind for part in found.parts]
    ('suspect_1', False, ['findings'])
    """
    if draws < _LEAST_DRAWS:
        raise InputError(f"fit check: {draws} draws; allowed: at least {_LEAST_DRAWS}")
    place = _best_named(model, answer)
    rng = np.random.default_rng(random_seed)
    tail = _improbable(model, place, draws, rng)
    parts = _parts(model, answer, place, max(draws, _DRAWS_BY_KIND), rng)
    poor = tail < FIT_THRESHOLD or any(
        p.tail_probability * len(parts) < FIT_THRESHOLD for p in parts
    )
    return FitCheck(tail, _error(tail, draws), model.route_names[place], poor, draws, parts)


def _best_named(model: Model, answer: Answer) -> int:
    named = np.array([not r.vague for r in model.routes])
    return int(np.argmax(np.where(named | ~named.any(), answer.log_evidence[0], -np.inf)))


def _error(tail: float, draws: int) -> float:
    """Standard error of a share of so many draws, above 0 also where it is 1."""
    share = (tail * (draws + 1) + 0.5) / (draws + 2)
    return math.sqrt(share * (1.0 - share) / (draws + 1))


# --- the evidence as a whole ---------------------------------------------------------------------


def _improbable(model: Model, place: int, draws: int, rng: np.random.Generator) -> float:
    """Share of cases drawn from a route whose likelihood is no larger than that of the case."""
    design = _with_few(model, _FEW)
    seen = _log_likelihood(design, place)
    known: dict[Hashable, float] = {}
    drawn = []
    for _ in range(draws):
        case = simulate(design, route=model.route_names[place], rng=rng)
        if case.outcome not in known:
            known[case.outcome] = _log_likelihood(case.model(), place)
        drawn.append(known[case.outcome])
    # equal evidence may differ by rounding
    return (1 + sum(x <= seen + 1e-6 for x in drawn)) / (1 + draws)


def _log_likelihood(model: Model, place: int) -> float:
    """Log likelihood (natural) of all evidence under one route, its misfit included."""
    joint = Joint(model, settings=DRAFT)
    odd = float(joint.evaluation.victims(VAGUE, "", None)[0][0])
    route = model.routes[place]
    if route.vague:
        return odd + float(joint.log_findings[place])
    own = float(joint.evaluation.victims(route, model.reach_of[place], None)[0][0])
    fits, misfits = joint.log_fit[:, place]
    return float(np.logaddexp(fits + own, misfits + odd) + joint.log_findings[place])


def _with_few(model: Model, most: int) -> Model:
    """The model with groups cut down, one victim of each in turn, to a number that is quick."""
    groups = model.filled.groups
    if sum(g.count for g in groups) <= most:
        return model
    count = [0] * len(groups)
    for _ in range(most):
        open_ = [i for i, g in enumerate(groups) if count[i] < g.count]
        count[min(open_, key=lambda i: count[i])] += 1
    few = tuple(replace(g, count=n) for g, n in zip(groups, count, strict=True) if n)
    return build_model(replace(model.filled, groups=few))


# --- kind by kind --------------------------------------------------------------------------------

type _Facts = Mapping[str, Mapping[str, float]]
"""By kind: how often each thing was seen."""


def _parts(
    model: Model, answer: Answer, place: int, draws: int, rng: np.random.Generator
) -> tuple[FitPart, ...]:
    design = _with_few(model, _MANY)
    groups = design.filled.groups
    seen = _facts_of(
        groups,
        groups,
        {f.id: True for f in design.filled.findings},
        {r.source: r.incidents for r in design.filled.security},
    )
    posterior = answer.posterior[0]
    routes = rng.choice(posterior.size, size=draws, p=posterior / posterior.sum())
    best, any_route = (
        [_drawn(design, model.route_names[z], rng) for z in places]
        for places in ([place] * draws, routes.tolist())
    )
    found = []
    for kind in KINDS:
        tails = [_tail(seen[kind], [d[kind] for d in drawn]) for drawn in (best, any_route)]
        first, second = tails
        if first is None and second is None:
            continue
        one, two = (1.0 if x is None else x for x in (first, second))
        found.append(FitPart(kind, one, _error(one, draws), two, _error(two, draws)))
    return tuple(found)


def _drawn(design: Model, route: str, rng: np.random.Generator) -> _Facts:
    case = simulate(design, route=route, rng=rng)
    return _facts_of(design.filled.groups, case.groups, case.seen, case.incidents)


def _facts_of(
    stated: Sequence[FilledGroup],
    groups: Sequence[FilledGroup],
    seen: Mapping[str, bool],
    incidents: Mapping[str, int],
) -> _Facts:
    """Count what was seen of the victims, kind by kind."""
    windows = {g.id: g.dates for g in stated}
    kinds: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    alike: Counter[Hashable] = Counter()
    for g in groups:
        mine: dict[str, dict[str, float]] = {
            "fields": dict.fromkeys(g.disclosed, 1.0),
            "attributes": {**g.traits, **{f"user of {c}": float(x) for c, x in g.users.items()}},
            "records": {f"{r.of} {f}": 1.0 for r in g.records for f in r.agrees},
            "dates": {
                f: 1.0
                for f, window in windows[g.id.partition(MARK)[0]].items()
                if f in g.disclosed and g.dates.get(f) == window
            },
        }
        for kind, table in mine.items():
            for name, value in table.items():
                kinds[kind][name] += g.count * value  # type: ignore[assignment]
        alike[tuple(tuple(sorted(table.items())) for table in mine.values())] += g.count
    # the chance that two victims are alike in everything that is looked at
    kinds["counts"]["alike"] = sum(n * (n - 1) for n in alike.values())
    kinds["findings"].update({name: int(made) for name, made in seen.items()})
    kinds["incidents"].update(dict(incidents))
    return kinds


def _tail(seen: Mapping[str, float], drawn: Sequence[Mapping[str, float]]) -> float | None:
    """Share of the cases, this one included, that lie as far from the mean of all or further.

    Distances are in standard deviations, of all cases together, so that the case and the drawn
    ones are treated alike; None where all are the same.
    """
    names = sorted({name for case in (seen, *drawn) for name in case})
    table = np.array([[case.get(name, 0.0) for name in names] for case in (seen, *drawn)], float)
    if not names or not (spread := table.std(axis=0)).any():
        return None
    scaled = (table - table.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    distance = (scaled**2).sum(axis=1)
    return float((distance >= distance[0] - 1e-9).mean())
