"""Simulated cases and what the model and the naive product say of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np

from causation.analyses.naive import naive_log_evidence
from causation.evidence.base import logsumexp
from causation.inference.infer import infer_many
from causation.inference.integrate import IntegratorSettings
from causation.scales import LN10
from causation.validation.designs import designs
from causation.validation.worlds import WORLDS, draw

__all__ = ["QUICK", "Scores", "score"]

QUICK = IntegratorSettings(points=127, replicates=2, tolerance=0.02, limit=0.05)
"""Settings of the integrator that suffice for validation: an error of 0.02 bans a case."""


@dataclass(frozen=True, eq=False)
class Scores:
    """What was said of N cases of one world.

    Parameters
    ----------
    log10_lr, naive_log10_lr : ndarray, shape (N,)
        Of the proposition against the rest, by the model and by the naive product. The prior
        among the rest is that of the design; a security record counts as evidence.
    is_true : ndarray of bool, shape (N,)
        Whether the proposition is true.
    probability : ndarray, shape (N, 5)
        Posterior of every source, 0 beyond the design's own.
    source : ndarray of int, shape (N,)
        The true source.
    design : ndarray of int, shape (N,)
    """

    log10_lr: np.ndarray
    naive_log10_lr: np.ndarray
    is_true: np.ndarray
    probability: np.ndarray
    source: np.ndarray
    design: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[Scores]) -> Scores:
        """All cases together."""
        names = ("log10_lr", "naive_log10_lr", "is_true", "probability", "source", "design")
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def score(
    cases: int,
    *,
    worlds: Sequence[str],
    random_seed: int,
    workers: int = 2,
    progress: Callable[[float], None] | None = None,
) -> dict[str, Scores]:
    """Simulate cases of every built-in design and infer their source.

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
    jobs = [(i, size, tuple(worlds), random_seed) for i, size in enumerate(sizes) if size]
    jobs.sort(key=lambda job: -len(designs()[job[0]].model.groups))
    done: dict[int, dict[str, Scores]] = {}
    for index, result in _results(jobs, workers):
        done[index] = result
        if progress is not None:
            progress(len(done) / len(jobs))
    return {w: Scores.joined([done[i][w] for i in sorted(done)]) for w in worlds}


type _Job = tuple[int, int, tuple[str, ...], int]


def _results(jobs: Sequence[_Job], workers: int) -> Iterator[tuple[int, dict[str, Scores]]]:
    if workers <= 1:
        for job in jobs:
            yield job[0], _score_design(job)
        return
    with (
        _single_threaded_children(),
        ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool,
    ):
        pending = {pool.submit(_score_design, job): job[0] for job in jobs}
        for future in as_completed(pending):
            yield pending[future], future.result()


@contextmanager
def _single_threaded_children() -> Iterator[None]:
    """Worker processes must not start threads of their own for linear algebra."""
    before = os.environ.get("OPENBLAS_NUM_THREADS")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["OPENBLAS_NUM_THREADS"]
        else:
            os.environ["OPENBLAS_NUM_THREADS"] = before


def _score_design(job: _Job) -> dict[str, Scores]:
    """All cases of one design; integrals that they share are computed once."""
    index, size, worlds, seed = job
    model = designs()[index].model
    drawn = [
        draw(model, WORLDS[world], rng)
        for world in worlds
        for rng in [np.random.default_rng([seed, index, list(WORLDS).index(world)])]
        for _ in range(size)
    ]
    posteriors = infer_many([m for _, m in drawn], random_seed=seed, settings=QUICK)
    truth = np.array([model.sources.index(case.source) for case, _ in drawn])
    log_prior = drawn[0][0].log_prior
    joint = np.array([p.log_prior + p.log_evidence for p in posteriors])
    naive = np.array([m.log_prior + naive_log_evidence(m) for _, m in drawn])
    probability = np.zeros((len(drawn), 5))
    probability[:, : len(model.sources)] = np.exp(joint - logsumexp(np, joint, axis=-1)[:, None])
    prior_odds = _log10_odds(log_prior[None], model.proposition)
    result = {}
    for i, world in enumerate(worlds):
        rows = slice(i * size, (i + 1) * size)
        result[world] = Scores(
            log10_lr=_log10_odds(joint[rows], model.proposition) - prior_odds,
            naive_log10_lr=_log10_odds(naive[rows], model.proposition) - prior_odds,
            is_true=model.proposition[truth[rows]],
            probability=probability[rows],
            source=truth[rows],
            design=np.full(size, index),
        )
    return result


def _log10_odds(log_weight: np.ndarray, proposition: np.ndarray) -> np.ndarray:
    ratio = logsumexp(np, log_weight[:, proposition], axis=-1) - logsumexp(
        np, log_weight[:, ~proposition], axis=-1
    )
    return np.asarray(ratio / LN10)
