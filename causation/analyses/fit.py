"""Fit check: how unusual the evidence is, kind by kind.

Cases of the same shape are drawn from the named route that explains the evidence best, from the
best route of the proposition, and from all routes by their posterior probabilities. For every kind
of facts a distance from what is usual is compared with the same of the drawn cases. The first says
whether any named route explains the facts: victims whose shares contradict what was elicited, or
who are more alike than any actor's, show there. The second says whether what is to be proved
explains them: values that contradict the claimed source's own register show there, although some
other route explains them well.

References
----------
G. E. P. Box (1980), "Sampling and Bayes' inference in scientific modelling and robustness",
Journal of the Royal Statistical Society A 143, 383-430.
A. Gelman, X.-L. Meng, H. Stern (1996), "Posterior predictive assessment of model fitness via
realized discrepancies", Statistica Sinica 6, 733-807.
P. H. Westfall, S. S. Young (1993), Resampling-Based Multiple Testing (the least of many tails).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from causation.errors import InputError
from causation.model.simulation import MARK, Simulator
from causation.model.structure import build_model

if TYPE_CHECKING:
    from causation.case.filled import Filled, FilledGroup
    from causation.inference.evaluate import Answer
    from causation.model.structure import Model

FIT_THRESHOLD = 0.05
"""A tail probability below this calls for a warning."""
KINDS = ("fields", "attributes", "records", "dates", "counts", "findings", "incidents")
"""Kinds of facts with a distance of their own; ``counts`` is how many victims are alike."""

_MANY = 30
"""Victims that are looked at."""
_LEAST_DRAWS = 20

type Facts = Mapping[str, Mapping[Hashable, float]]
"""By kind: how often each thing was seen."""


@dataclass(frozen=True, slots=True)
class FitPart:
    """How unusual the facts of one kind are.

    `tail_probability` is the share of the cases drawn from the best named route that lie as far
    from what is usual among them as the evidence, or further (the case itself counted, so it is
    never 0); the others are the same for the best route of the proposition, and for cases whose
    routes are drawn by their posterior probabilities. Standard errors are from the number of draws.
    """

    kind: str
    tail_probability: float
    error: float
    claimed_tail: float
    claimed_error: float
    posterior_tail: float
    posterior_error: float


@dataclass(frozen=True, slots=True)
class FitCheck:
    """Predictive tails of the evidence, with standard errors from the number of draws.

    `tail_probability` is the share of the cases drawn from `route`, the named one that explains the
    evidence best, in which some kind of facts is as unusual among all of them as the most unusual
    one of this case, or more; `claimed_tail` the same of the best route of the proposition. Each is
    `poor` below `FIT_THRESHOLD`. `parts` has the kinds of which something could have come out
    otherwise.
    """

    tail_probability: float
    error: float
    route: str
    poor: bool
    claimed_tail: float
    claimed_error: float
    claimed_route: str
    claimed_poor: bool
    draws: int
    parts: tuple[FitPart, ...]


def fit_check(
    model: Model, answer: Answer, *, random_seed: int = 20250723, draws: int = 200
) -> FitCheck:
    """Compare the evidence with what the model would produce, at most thirty victims of it.

    `draws` cases are simulated from each of two routes, and from all.

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
    predictive = Predictive(model, draws=draws, random_seed=random_seed)
    filled = predictive.design.filled
    seen = {f.id: True for f in filled.findings}
    incidents = {r.source: r.incidents for r in filled.security}
    return fit_of(answer, predictive, seen_facts(filled, filled.groups, seen, incidents))


class Predictive:
    """What the routes of a model produce of the facts that it looks at, drawn when asked for.

    Parameters
    ----------
    draws : int
    """

    def __init__(self, model: Model, *, draws: int = 200, random_seed: int = 20250723) -> None:
        if draws < _LEAST_DRAWS:
            raise InputError(f"fit check: {draws} draws; allowed: at least {_LEAST_DRAWS}")
        self.design, self.draws, self._seed = _with_few(model, _MANY), draws, random_seed
        self._known: dict[str, list[Facts]] = {}
        self._simulators: dict[str, Simulator] = {}

    def of(self, route: str, count: int | None = None) -> list[Facts]:
        """Return cases of one route, all draws or the first of them."""
        wanted = self.draws if count is None else count
        if route not in self._known:
            rng = np.random.default_rng([self._seed, self.design.route_names.index(route)])
            self._known[route], self._simulators[route] = [], Simulator(self.design, rng=rng)
        known, filled = self._known[route], self.design.filled
        while len(known) < wanted:
            case = self._simulators[route].case(route)
            known.append(seen_facts(filled, case.groups, case.seen, case.incidents))
        return known[:wanted]

    def mixed(self, probability: np.ndarray) -> list[Facts]:
        """Return cases of routes in proportion to a probability, shape (Z,)."""
        share = np.concatenate([[0.0], np.cumsum(probability / probability.sum())])
        edges = np.rint(share * self.draws).astype(int)
        names = self.design.route_names
        return [
            facts
            for name, lo, hi in zip(names, edges, edges[1:], strict=False)
            if hi > lo
            for facts in self.of(name, hi - lo)
        ]


def fit_of(answer: Answer, predictive: Predictive, seen: Facts) -> FitCheck:
    """Compare facts with what the routes of an answer produce.

    Parameters
    ----------
    predictive : Predictive
    seen : mapping
        See `seen_facts`.
    """
    names = answer.model.route_names
    best = _best(answer, np.array([not r.vague for r in answer.model.routes]))
    claimed = _best(answer, answer.inside)
    of_best = _tails(seen, predictive.of(names[best]))
    of_claimed = of_best if claimed == best else _tails(seen, predictive.of(names[claimed]))
    of_all = _tails(seen, predictive.mixed(answer.posterior[0]))
    draws = predictive.draws
    parts = []
    for kind in KINDS:
        tails = [t.by_kind.get(kind) for t in (of_best, of_claimed, of_all)]
        if any(t is not None for t in tails):
            pairs = [_with_error(1.0 if t is None else t, draws) for t in tails]
            parts.append(FitPart(kind, *(x for pair in pairs for x in pair)))
    one, two = (
        (*_with_error(t.least, draws), names[z], t.least < FIT_THRESHOLD)
        for t, z in ((of_best, best), (of_claimed, claimed))
    )
    return FitCheck(*one, *two, draws, tuple(parts))


def _best(answer: Answer, chosen: np.ndarray) -> int:
    """Of some routes, or all where there are none of them, the one of the greatest evidence."""
    return int(np.argmax(np.where(chosen | ~chosen.any(), answer.log_evidence[0], -np.inf)))


def _with_error(tail: float, draws: int) -> tuple[float, float]:
    """A share of so many draws with its standard error, above 0 also where it is 1."""
    share = (tail * (draws + 1) + 0.5) / (draws + 2)
    return tail, math.sqrt(share * (1.0 - share) / (draws + 1))


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


def seen_facts(
    design: Filled,
    groups: Sequence[FilledGroup],
    seen: Mapping[str, bool],
    incidents: Mapping[str, int],
) -> Facts:
    """What a case shows, kind by kind.

    Dated values are asked whether they are those of the windows of `design`; `seen` says which
    findings were made, `incidents` how many there were by source.
    """
    windows = {g.id: g.dates for g in design.groups}
    kinds: dict[str, dict[Hashable, float]] = {kind: defaultdict(float) for kind in KINDS}
    alike: dict[str, Counter[Hashable]] = {kind: Counter() for kind in ("fields", "all")}
    for g in groups:
        said = windows[g.id if g.id in windows else g.id.partition(MARK)[0]]
        dated = [(f, g.dates.get(f) == w) for f, w in said.items() if f in g.disclosed]
        mine: dict[str, dict[Hashable, float]] = {
            "fields": {**dict.fromkeys(g.disclosed, 1.0), None: float(len(g.disclosed))},
            "attributes": {
                **{("trait", k): x for k, x in g.traits.items()},
                **{("user", c): float(x) for c, x in g.users.items()},
            },
            "records": {
                (r.of, agrees): float(len(r.agrees if agrees else r.differs))
                for r in g.records
                for agrees in (True, False)
            },
            "dates": dict(Counter(inside for _, inside in dated)),
        }
        for kind, table in mine.items():
            for name, value in table.items():
                kinds[kind][name] += g.count * value
        whole = (g.disclosed, tuple(g.traits.items()), tuple(g.users.items()), g.records, *dated)
        alike["fields"][frozenset(g.disclosed)] += g.count
        alike["all"][whole] += g.count
    # the chance that two victims are alike in what was published, and in everything
    for name, pattern in alike.items():
        kinds["counts"][name] = sum(n * (n - 1) for n in pattern.values())
    kinds["findings"].update({name: int(made) for name, made in seen.items()})
    kinds["incidents"].update(dict(incidents))
    return kinds


@dataclass(frozen=True, slots=True)
class _Tails:
    """By kind, and of the least of them."""

    by_kind: Mapping[str, float]
    least: float


def _tails(seen: Facts, drawn: Sequence[Facts]) -> _Tails:
    """Share of the cases, this one included, that lie as far from the mean of all or further.

    The case and the drawn ones are treated alike, so that each share, and that of the least of a
    case's shares, is below x with a probability of x at most if the case is one of those drawn.
    """
    ranks = {}
    for kind in KINDS:
        distance = _distance(seen[kind], [d[kind] for d in drawn])
        if distance is not None:
            ordered = np.sort(distance)
            ranks[kind] = 1.0 - np.searchsorted(ordered, distance - 1e-9) / distance.size
    if not ranks:
        return _Tails({}, 1.0)
    least = np.min(list(ranks.values()), axis=0)
    return _Tails(
        {kind: float(r[0]) for kind, r in ranks.items()},
        float((least <= least[0] + 1e-12).mean()),
    )


def _distance(
    seen: Mapping[Hashable, float], drawn: Sequence[Mapping[Hashable, float]]
) -> np.ndarray | None:
    """Squared distance of every case from the mean of all, the case first; None if all are alike.

    In standard deviations, of all cases together.
    """
    cases = (seen, *drawn)
    names = list(dict.fromkeys(name for case in cases for name in case))
    if not names:
        return None
    table = np.array([[case.get(name, 0.0) for name in names] for case in cases], float)
    spread = table.std(axis=0)
    if not (spread > 1e-12).any():
        return None
    scaled = (table - table.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0)
    result: np.ndarray = (scaled**2).sum(axis=1)
    return result
