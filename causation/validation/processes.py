"""Jobs spread over processes."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process


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
        With one, everything happens here. An interrupt, or an error, ends those at work.
    """
    if workers <= 1:
        yield from ((i, function(job)) for i, job in enumerate(jobs))
        return
    others = set(active_children())
    with _single_threaded_children():
        with _uninterrupted():  # what is started now, Python's own tracker too, never hears of one
            pool = ProcessPoolExecutor(
                workers, mp_context=get_context("spawn"), initializer=_follow
            )
            pending = {pool.submit(function, job): i for i, job in enumerate(jobs)}
        try:
            for future in as_completed(pending):
                yield pending[future], future.result()
        except BaseException:
            for worker in set(active_children()) - others:
                worker.kill()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _follow() -> None:
    """End this worker when the process that started it is gone, however it ended."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [signal.SIGINT, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
