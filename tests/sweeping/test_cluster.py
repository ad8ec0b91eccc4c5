"""A real cluster of two worker processes, one of which is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from causation.errors import InputError, MissingExtraError
from causation.inference.integrate import DRAFT
from causation.sweeping import factors, plan
from causation.sweeping.files import sweep_to_file
from causation.sweeping.sweep import sweep

distributed = pytest.importorskip("distributed")

CASE = "bic-2025-doxxing"
VARY = {
    "sources.platform.correlation": [0.1 * k for k in range(10)],
    "victims.co_victims.count": [1, 2, 3, 5, 9],
    "sources.osint.weight": [1.0, 2.0, 3.0],
}

pytestmark = [
    pytest.mark.slow,
    # of distributed: sockets and logs of a worker that dies
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client


@pytest.fixture
def small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_CHUNK", 30)
    monkeypatch.setattr(factors, "BATCH", 8)


@pytest.mark.usefixtures("small_units")
def test_the_same_bits_as_here_though_a_worker_is_killed(client: Any) -> None:
    here = sweep(CASE, VARY, settings=DRAFT)
    victim = min(client.run(os.getpid).values())
    killed = threading.Event()

    def kill_in_the_middle(share: float) -> None:
        if share > 0.1 and not killed.is_set():
            killed.set()
            os.kill(victim, signal.SIGKILL)

    there = sweep(CASE, VARY, settings=DRAFT, cluster=client, progress=kill_in_the_middle)
    assert killed.is_set()
    xr.testing.assert_identical(there, here)
    deadline = time.monotonic() + 30.0
    while len(client.ncores()) < 2 and time.monotonic() < deadline:  # its nanny starts another
        time.sleep(0.1)
    assert victim not in client.run(os.getpid).values()


@pytest.mark.usefixtures("small_units")
def test_streaming_by_address(client: Any, tmp_path: Path) -> None:
    target = tmp_path / "x.zarr"
    sweep_to_file(CASE, VARY, target, settings=DRAFT, cluster=client.scheduler.address)
    here = sweep(CASE, VARY, settings=DRAFT)
    xr.testing.assert_equal(xr.open_zarr(target).load()["posterior"], here["posterior"])


def test_an_error_on_a_worker_arrives(client: Any) -> None:
    grid = {"routes.platform/library": [0.2, 0.9], "routes.platform/osint": [0.3, 0.05]}
    with pytest.raises(InputError, match="more than 1 at routes"):
        sweep(CASE, grid, settings=DRAFT, cluster=client)


def test_a_cluster_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("causation.sweeping.cluster._PATIENCE", 0.5)
    with pytest.raises(InputError, match=r"no cluster can be reached at tcp://127\.0\.0\.1:9"):
        sweep(CASE, VARY, settings=DRAFT, cluster="tcp://127.0.0.1:9")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"distributed.*causation\[cluster\]"):
        sweep(CASE, VARY, settings=DRAFT, cluster="tcp://127.0.0.1:9")
