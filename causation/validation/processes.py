"""Jobs spread over processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context

__all__ = ["in_processes"]


def in_processes[J, R](
    function: Callable[[J], R], jobs: Sequence[J], workers: int
) -> Iterator[tuple[int, R]]:
    """Yield the place and the result of every job, as they are done.

    Parameters
    ----------
    function : callable
        Of a module, so that other processes find it.
    jobs : sequence
    workers : int
        With one, everything happens here.
    """
    if workers <= 1:
        yield from ((i, function(job)) for i, job in enumerate(jobs))
        return
    with (
        _single_threaded_children(),
        ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool,
    ):
        pending = {pool.submit(function, job): i for i, job in enumerate(jobs)}
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
