"""Simulated cases and what the model and the naive product say of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from causation.analyses.naive import naive_log_evidence
from causation.inference.evaluate import Answer, evaluate, inside
from causation.inference.integrate import DRAFT
from causation.scales import LN10
from causation.validation.designs import designs, prior_before_incidents
from causation.validation.processes import in_processes
from causation.validation.worlds import WORLDS, draw

__all__ = ["Scores", "score"]


@dataclass(frozen=True, eq=False)
class Scores:
    """What was said of N cases of one world.

    Parameters
    ----------
    log10_lr, naive_log10_lr : ndarray, shape (N,)
        Of the proposition's routes against all others, by the model and by the naive product. The
        prior among the others is that of the design; a security record counts as evidence.
    is_true : ndarray of bool, shape (N,)
        Whether the true route is one of the proposition's.
    probability : ndarray, shape (N, Z)
        Posterior of every route, 0 beyond the design's own.
    route : ndarray of int, shape (N,)
        The true route.
    claim : ndarray, shape (N,)
        Posterior of the proposition itself: its source played a role.
    holds : ndarray of bool, shape (N,)
        Whether it did.
    design : ndarray of int, shape (N,)
    """

    log10_lr: np.ndarray
    naive_log10_lr: np.ndarray
    is_true: np.ndarray
    probability: np.ndarray
    route: np.ndarray
    claim: np.ndarray
    holds: np.ndarray
    design: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[Scores]) -> Scores:
        """All cases together."""
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)))


def score(
    cases: int,
    *,
    worlds: Sequence[str],
    random_seed: int,
    workers: int = 2,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Scores]:
    """Simulate cases of every built-in design and infer their route.

    Parameters
    ----------
    cases : int
        Cases for each world, spread evenly over the designs.
    worlds : sequence of str
        Names in `causation.validation.worlds.WORLDS`.
    random_seed : int
        The result depends on it and on `cases` alone, not on `workers`.
    workers : int
        Processes.
    progress : callable, optional
        Called with the share done, 0 to 1.

    Returns
    -------
    dict of str to Scores
    """
    count = len(designs())
    sizes = [cases // count + (i < cases % count) for i in range(count)]
    jobs = [
        (i, size, world, random_seed) for i, size in enumerate(sizes) if size for world in worlds
    ]
    jobs.sort(key=lambda job: -len(designs()[job[0]].model.routes))
    done: dict[tuple[int, str], Scores] = {}
    for place, result in in_processes(_score_design, jobs, workers):
        done[jobs[place][0], jobs[place][2]] = result
        if progress is not None:
            progress(len(done) / len(jobs))
    return {w: Scores.joined([done[i, v] for i, v in sorted(done) if v == w]) for w in worlds}


type _Job = tuple[int, int, str, int]


def _score_design(job: _Job) -> Scores:
    """All cases of one design in one world; equal outcomes are inferred once."""
    index, size, world, seed = job
    model = designs()[index].model
    rng = np.random.default_rng([seed, index, list(WORLDS).index(world)])
    chosen = inside(model.routes, model.filled.proposition)
    prior = _log10_odds(np.log(prior_before_incidents(model)), chosen)
    known: dict[Any, tuple[Answer, np.ndarray]] = {}
    rows = []
    for _ in range(size):
        case = draw(model, WORLDS[world], rng)
        key = case.outcome
        if key not in known:
            one = case.model()
            known[key] = evaluate(one, settings=DRAFT), naive_log_evidence(one)
        answer, naive = known[key]
        log_prior, log_evidence = answer.log_prior[0], answer.log_evidence[0]
        probability = np.zeros(_most_routes())
        probability[: len(model.routes)] = answer.posterior[0]
        route = model.route_names.index(case.route)
        rows.append(
            (
                _log10_odds(log_prior + log_evidence, chosen) - prior,
                _log10_odds(log_prior + naive, chosen) - prior,
                bool(chosen[route]),
                probability,
                route,
                float(answer.probability[0]),
                case.holds(),
                index,
            )
        )
    return Scores(*(np.array(column) for column in zip(*rows, strict=True)))


def _most_routes() -> int:
    return max(len(d.model.routes) for d in designs())


def _log10_odds(log_weight: np.ndarray, mask: np.ndarray) -> float:
    sides = [np.logaddexp.reduce(log_weight[m]) for m in (mask, ~mask)]
    return float(sides[0] - sides[1]) / LN10
