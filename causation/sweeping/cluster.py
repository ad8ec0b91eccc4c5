"""Where a sweep is computed: on this machine, or on a Dask cluster.

The units of work (batches of integrals, chunks of cells) depend on the grid alone, never on
who computes them, so that every executor gives the same bits.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from causation.errors import InputError, MissingExtraError
from causation.sweeping.chunks import evaluate_chunk, tables_of
from causation.sweeping.plan import Region, Slab, Sweep

if TYPE_CHECKING:
    from causation.sweeping.sweep import Progress

_PATIENCE = 10.0
"""Seconds to wait for a scheduler."""
_LOOK = 2.0
"""Seconds between looks at whether the scheduler is still there."""
_LOST = "the cluster was lost; ask again and the sweep resumes where it stopped"
_ATTEMPTS = 10
"""How often a unit of work may lose its worker."""
_AHEAD = 4
"""Units of work per worker that are computed before they are taken."""

type Arrays = Mapping[str, np.ndarray]
type Views = Callable[[Region], Arrays]
"""Where the cells of a region go."""


class Executor:
    """Computes the chunks of a sweep, in order: here, with one thread for each processor."""

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads or processors()

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def chunks(
        self,
        plan: Sweep,
        *,
        done: Callable[[Region], bool] = lambda _: False,
        into: Views | None = None,
        progress: Progress | None = None,
    ) -> Iterator[tuple[Region, Arrays]]:
        """Yield every chunk that is not done yet: its region and its arrays.

        Parameters
        ----------
        plan : Sweep
        done : callable
            Whether the chunk of a region is there already.
        into : callable, optional
            From a region to the arrays that its cells are written to.
        progress : callable, optional
        """
        for slab, report in _slabs(plan, progress):
            todo = [c for c in slab.chunks if not done(c)]
            if not todo:
                continue
            tables = tables_of(plan, slab, self._counting(report))
            found = zip(todo, self._evaluate(plan, tables, todo, into), strict=True)
            for number, (region, arrays) in enumerate(found, 1):
                yield region, arrays
                report(0.5 + 0.5 * number / len(todo))

    def _ordered(self, function: Any, work: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        """Results in order, with few units of work ahead of the one that is waited for."""
        ahead: deque[Any] = deque()
        most = _AHEAD * max(1, self._workers())
        for arguments in work:
            ahead.append(self._submit(function, *arguments))
            if len(ahead) >= most:
                yield self._result(ahead.popleft())
        while ahead:
            yield self._result(ahead.popleft())

    def _counting(self, report: Callable[[float], None]) -> Any:
        """A mapper that reports as its results come in; integrals are half of a slab."""

        def run(function: Any, items: Iterable[Any]) -> Iterator[Any]:
            work = [(item,) for item in items]
            for number, result in enumerate(self._ordered(function, work), 1):
                report(0.5 * number / len(work))
                yield result

        return run

    def _evaluate(
        self, plan: Sweep, tables: Any, todo: list[Region], into: Views | None
    ) -> Iterator[Arrays]:
        """Compute the cells of some chunks, in order."""
        work = ((plan, tables, c, None if into is None else into(c)) for c in todo)
        return self._ordered(evaluate_chunk, work)

    def _workers(self) -> int:
        return self._threads

    def _submit(self, function: Any, *arguments: Any) -> Any:
        return self._pool.submit(function, *arguments)

    def _result(self, future: Any) -> Any:
        return future.result()


class Cluster(Executor):
    """The workers of a Dask scheduler."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def _evaluate(
        self, plan: Sweep, tables: Any, todo: list[Region], into: Views | None
    ) -> Iterator[Arrays]:
        # hash=False: equal names would be taken for equal work of an earlier sweep
        with _named_loss():
            [shared] = self._client.scatter([(plan, tables)], broadcast=True, hash=False)
        found = self._ordered(_chunk_of, ((shared, region) for region in todo))
        for region, arrays in zip(todo, found, strict=True):
            if into is not None:
                for name, target in into(region).items():
                    target[...] = arrays[name]
            yield arrays

    def _workers(self) -> int:
        with _named_loss():
            return len(self._client.ncores())

    def _submit(self, function: Any, *arguments: Any) -> Any:
        with _named_loss():
            return self._client.submit(function, *arguments, pure=False, retries=_ATTEMPTS)

    def _result(self, future: Any) -> Any:
        """Wait for one unit of work, but not for ever for a scheduler that is gone."""
        gone: float | None = None
        while True:
            try:
                with _named_loss():
                    result = future.result(timeout=_LOOK)
            except TimeoutError:
                if self._client.status == "running":
                    gone = None
                    continue
                gone = time.monotonic() if gone is None else gone
                if time.monotonic() - gone < _PATIENCE:
                    continue
                raise InputError(_LOST) from None
            future.release()
            return result


def _chunk_of(shared: tuple[Sweep, Any], region: Region) -> Arrays:
    plan, tables = shared
    return evaluate_chunk(plan, tables, region)


@contextmanager
def _named_loss() -> Iterator[None]:
    """Say that the cluster is gone where Dask says that a connection is."""
    from distributed import CancelledError as Cancelled
    from distributed.comm.core import CommClosedError

    try:
        yield
    except (CommClosedError, Cancelled, CancelledError) as error:
        raise InputError(_LOST) from error


@contextmanager
def executor_for(cluster: Any = None) -> Iterator[Executor]:
    """Here, or on a cluster.

    Parameters
    ----------
    cluster : str or distributed.Client, optional
        Address of a scheduler, or a client of one.

    Raises
    ------
    MissingExtraError
        If Dask is not installed.
    InputError
        If the scheduler cannot be reached.
    """
    if cluster is None:
        with Executor() as here:
            yield here
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtraError(
            "distributed", extra="cluster", purpose="computing on a cluster"
        ) from error
    if not isinstance(cluster, str):
        yield Cluster(cluster)
        return
    try:
        client: Any = Client(cluster, timeout=_PATIENCE)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"no cluster can be reached at {cluster}: {reason}") from error
    with client:
        if not client.ncores():
            raise InputError(f"the cluster at {cluster} has no workers")
        yield Cluster(client)


def processors() -> int:
    """Processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _slabs(
    plan: Sweep, progress: Progress | None
) -> Iterator[tuple[Slab, Callable[[float], None]]]:
    """Every slab, with a function that takes the share of it that is done."""
    total, before = plan.grid.size, 0
    for slab in plan.slabs():
        size = int(np.prod([stop - start for start, stop in slab.region], dtype=float))

        def report(share: float, before: int = before, size: int = size) -> None:
            if progress is not None:
                progress((before + share * size) / total)

        yield slab, report
        before += size
        report(1.0, before - size, size)
