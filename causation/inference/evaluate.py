"""One evaluation: every analysis is rows for it.

For every row, the evidence of every route: victims integrated over the latents and mixed with the
stand-in for whatever is not named, times the findings. Rows that agree in all that a route reads
share its integral.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from causation.document.mappings import Closed, kept, sealed
from causation.evidence.attributes import AttributeFacts
from causation.evidence.dates import DateFacts
from causation.evidence.series import Series, build_series
from causation.inference.alike import alike
from causation.inference.counting import beyond_states
from causation.inference.evaluation import (
    Evaluation,
    arithmetic,
    background_of,
    present_in,
)
from causation.inference.integrate import IntegratorSettings
from causation.inference.memo import Memo
from causation.inference.provenance import Wanted
from causation.model.structure import Model, Scenarios

if TYPE_CHECKING:
    from causation.case.filled import Proposition
    from causation.evidence.base import Route, Victim

LN10 = float(np.log(10.0))


@dataclass(frozen=True, eq=False)
class Answer(Closed):
    """Evidence and posterior of every route, for every row.

    Parameters
    ----------
    model : Model
    log_prior, log_evidence : ndarray, shape (S, Z)
        Natural logarithms; the prior is normalised.
    error : ndarray, shape (S, Z)
        Standard error of the log10 evidence.
    credit : ndarray, shape (S, Z)
        Posterior chance, given each route, that the proposition is true.
    slow : ndarray of bool, shape (S,)
        Rows for which the slower road was taken somewhere.

    Examples
    --------
    >>> from causation.model.structure import build_model
    >>> answer = evaluate(build_model("bic-2025-doxxing"))
    >>> answer.posterior.shape, answer.probability.round(2).tolist()
    ((1, 7), [0.76])
    """

    model: Model
    log_prior: np.ndarray
    log_evidence: np.ndarray
    error: np.ndarray
    credit: np.ndarray
    slow: np.ndarray

    def __post_init__(self) -> None:
        for f in fields(self):
            sealed(getattr(self, f.name))

    def __reduce__(self) -> tuple[Any, ...]:
        """Arrays come back from a pickle open, and are closed again."""
        return type(self), tuple(getattr(self, f.name) for f in fields(self))

    @kept
    def route_prior(self) -> np.ndarray:
        """Prior probability of every route, shape (S, Z)."""
        result: np.ndarray = np.exp(self.log_prior)
        return result

    @kept
    def posterior(self) -> np.ndarray:
        """Posterior probability of every route, shape (S, Z)."""
        total = self.log_prior + self.log_evidence
        share = np.exp(total - total.max(axis=-1, keepdims=True))  # exact, however far from 0
        result: np.ndarray = share / share.sum(axis=-1, keepdims=True)
        return result

    @kept
    def probability(self) -> np.ndarray:
        """Posterior probability of the case's proposition, shape (S,)."""
        result: np.ndarray = (self.posterior * self.credit).sum(axis=1)
        return result

    @kept
    def inside(self) -> np.ndarray:
        """Routes that the proposition's prior and ratio are about, bool of shape (Z,)."""
        return inside(self.model.routes, self.model.filled.proposition)

    @kept
    def log10_lr(self) -> np.ndarray:
        """log10 likelihood ratio of the proposition's routes against all others, shape (S,)."""
        return log10_ratio(self.log_prior, self.log_evidence, self.inside)

    @kept
    def prior(self) -> np.ndarray:
        """Prior probability of the proposition's routes, shape (S,)."""
        result: np.ndarray = np.exp(self.log_prior[:, self.inside]).sum(axis=1)
        return result

    @kept
    def probability_error(self) -> np.ndarray:
        """Standard error of the probability from the numerics alone, shape (S,)."""
        p = self.posterior
        slope = p * (self.credit - self.probability[:, None])
        result: np.ndarray = LN10 * np.sqrt(((slope * self.error) ** 2).sum(axis=1))
        return result


def inside(routes: Sequence[Route], proposition: Proposition) -> np.ndarray:
    """Routes under which a proposition can be true, shape (Z,)."""
    found = []
    for r in routes:
        within = [s.name in proposition.sources for s in r.sources]
        if proposition.role == "entrance":
            found.append(within[0])
        elif proposition.role == "alone":
            found.append(all(within))
        else:
            found.append(any(within))
    return np.array(found)


def log10_ratio(log_prior: np.ndarray, log_evidence: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """log10 ratio of expected likelihoods, of some routes against the others, shape (S,)."""

    def mean(chosen: np.ndarray) -> np.ndarray:
        weight = log_prior[:, chosen]
        total: np.ndarray = np.logaddexp.reduce(weight + log_evidence[:, chosen], axis=1)
        value: np.ndarray = total - np.logaddexp.reduce(weight, axis=1)
        return value

    with np.errstate(invalid="ignore"):
        result: np.ndarray = (mean(mask) - mean(~mask)) / LN10
    return result


def evaluate(
    model: Model,
    scenarios: Scenarios | None = None,
    *,
    settings: IntegratorSettings | None = None,
    memo: Memo | None = None,
) -> Answer:
    """Evaluate rows of a model.

    Parameters
    ----------
    model : Model
    scenarios : Scenarios, optional
        The case as it is by default.
    settings : IntegratorSettings, optional
    memo : Memo, optional
        What earlier calls found for this model; it keeps what this one finds.

    Returns
    -------
    Answer

    Examples
    --------
    >>> from causation.model.structure import build_model
    >>> model = build_model("bic-2025-doxxing")
    >>> rows = model.rows([{"sources.platform.weight": w} for w in (0.5, 1.0, 2.0)])
    >>> evaluate(model, rows).probability.argsort().tolist()
    [0, 1, 2]
    """
    rows = model.base() if scenarios is None else scenarios
    chosen = settings or IntegratorSettings()
    shape = (len(rows), len(model.routes))
    parts = {name: np.zeros(shape) for name in ("log_evidence", "error", "credit")}
    parts["log_prior"], findings = arithmetic(model, rows, background_of(model, rows))
    slow = np.zeros(len(rows), bool)
    for members, series, key, count in _together(_of_one_series(model, rows), memo):
        kept = None if memo is None else (memo, key)
        make = partial(Evaluation, model, settings=chosen, series=series, memo=kept, key=key)
        every = make(rows.take(members), count=count)
        step = every.most_rows
        for first in range(0, len(members), step):
            some = slice(first, first + step)
            one = every
            if step < len(members):
                mine = None if count is None else count[some]
                one = make(rows.take(members[some]), count=mine, whole=len(members))
            for name, array in one.run().items():
                parts[name][members[some]] = array
            slow[members[some]] = one.slow
    parts["log_evidence"] += findings
    return Answer(model, **parts, slow=slow)


def _of_one_series(model: Model, rows: Scenarios) -> list[tuple[np.ndarray, Series, Hashable]]:
    """Places of rows in which the same of the victims counts, in the order of their first.

    Findings and security records enter by arithmetic, and leaving something out may leave the
    victims in effect as they were, or as they are without something else.
    """
    groups: dict[Hashable, tuple[list[int], Series]] = {}
    every = model.filled.groups
    about = Wanted.group(model)
    undated = {g.id: g.count for g in every} if not any(g.dates for g in every) else {}
    known: dict[Hashable, Hashable] = {}
    for members in alike(rows.present):
        row = rows.present[members[0]]
        out = _groups_out(model, row)
        if out is None or (out and not undated):  # who was first?
            series = build_series(model.filled, present_in(model, row))
            key = key_of(model, series)
        else:
            whole = _whole(model)
            less = Counter[int]()
            for name in out & whole.groups.keys():
                less[whole.groups[name]] += undated[name]
            alike_to = frozenset(less.items()), about in out
            if alike_to in known:
                groups[known[alike_to]][0].extend(members.tolist())
                continue
            series = _less(whole, less, out)
            key = known[alike_to] = key_of(model, series)
        groups.setdefault(key, ([], series))[0].extend(members.tolist())
    return [(np.array(places), series, key) for key, (places, series) in groups.items()]


_WHOLE: WeakKeyDictionary[Model, Series] = WeakKeyDictionary()


def _whole(model: Model) -> Series:
    """Return the victims of a case as it is."""
    if model not in _WHOLE:
        _WHOLE[model] = build_series(model.filled, lambda _: True)
    return _WHOLE[model]


def _groups_out(model: Model, row: np.ndarray) -> set[str] | None:
    """Groups of victims that are left out, where nothing else of any victim is."""
    items = [model.items[i] for i in np.flatnonzero(~row)]
    out = {str(i.group) for i in items if i.kind == "series"}
    return out if all(i.group is None or i.group in out for i in items) else None


def _less(whole: Series, less: Mapping[int, int], out: set[str]) -> Series:
    """Return a series without some groups, so many victims less of each kind."""
    count = whole.count.copy()
    for i, size in less.items():
        count[i] -= size
    kept = np.flatnonzero(count > 0.0)
    place = {int(old): new for new, old in enumerate(kept)}
    groups = {g: place[i] for g, i in whole.groups.items() if g not in out}
    return Series(tuple(whole.victims[i] for i in kept), count[kept], groups)


type _Job = tuple[np.ndarray, Series, Hashable, np.ndarray | None]


def _together(
    found: Sequence[tuple[np.ndarray, Series, Hashable]], memo: Memo | None
) -> list[_Job]:
    """Rows without some of many victims are sampled with those that have them all.

    The same points serve them, with other counts of the victims.
    """
    large = [x for x in found if beyond_states(x[1])]
    host = max(((x[1], x[2]) for x in large), key=lambda x: len(x[0].victims), default=None)
    if memo is not None and host is not None:
        if memo.host is None:
            memo.host = host
        elif _within(memo.host[1])(host[1]):
            host = memo.host
    if host is None or (len(large) == 1 and large[0][2] == host[1]):
        return [(*x, None) for x in found]
    within = _within(host[1])
    mine = sorted((x for x in large if within(x[2])), key=lambda x: x[2] != host[1])
    families = [(host, mine)]
    others: dict[Hashable, list[tuple[np.ndarray, Series, Hashable]]] = {}
    for x in large:
        if not any(x is y for y in mine):
            others.setdefault((_stated(x[1]), x[2][1]), []).append(x)  # type: ignore[index]
    for several in others.values():
        several.sort(key=lambda x: -len(x[1].victims))
        if len(several) > 1:
            families.append((_union(several), several))
    jobs = [_with_counts(*family) for family in families]
    counted = {id(x) for _, several in families for x in several}
    return [*jobs, *((*x, None) for x in found if id(x) not in counted)]


type _Host = tuple[Series, Hashable]


def _with_counts(host: _Host, rows: Sequence[tuple[np.ndarray, Series, Hashable]]) -> _Job:
    """Rows with how many they have of every victim of a series that holds them all."""
    place = {v.key: i for i, v in enumerate(host[0].victims)}
    count = np.zeros((sum(len(x[0]) for x in rows), len(place)))
    start = 0
    for members, series, _ in rows:
        end = start + len(members)
        count[start:end, [place[v.key] for v in series.victims]] = series.count
        start = end
    return (np.concatenate([x[0] for x in rows]), *host, count)


def _union(rows: Sequence[tuple[np.ndarray, Series, Hashable]]) -> _Host:
    """Everybody who is in one of several series, first those of the first."""
    _, first, key = rows[0]
    victims: dict[Hashable, Victim] = {}
    for _, series, _ in rows:
        for v in series.victims:
            victims.setdefault(v.key, v)
    every = tuple(victims.values())
    return Series(every, np.ones(len(every)), first.groups), ("union", tuple(victims), key)


def _stated(series: Series) -> Hashable:
    """Which traits and memberships are stated of some, what else, and from when ages count."""
    found: set[Hashable] = set()
    for v in series.victims:
        for kind, facts in v.facts.items():
            found.add(kind)
            if isinstance(facts, AttributeFacts):
                found.update(name for name, _ in (*facts.traits, *facts.users))
            if isinstance(facts, DateFacts):  # from when a snapshot's age is counted
                found.add(facts.firsts)
    return frozenset(found)


def _within(whole: Any) -> Callable[[Any], bool]:
    """Whether a series, by its key, is this one less some victims, the proposition the same."""
    keys = {key for key, _ in whole[0]}

    def within(one: Any) -> bool:
        return bool(one[1] == whole[1] and keys.issuperset(key for key, _ in one[0]))

    return within


def key_of(model: Model, series: Series) -> Hashable:
    """Return what tells victims that count from others, and whom the proposition is about.

    The order is that of the victims: what is kept of each stands in it.
    """
    counts = zip((v.key for v in series.victims), series.count.tolist(), strict=True)
    about = Wanted.of(model, series).victim
    return tuple(counts), None if about is None else about.key
