"""A scheduler that is lost: one message, and the sweep resumes to the same bytes without it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from causation.errors import InputError
from causation.sweeping.files import sweep_to_file

pytest.importorskip("distributed")
VARY = {"sources.osint.weight": [0.1 * k for k in range(1, 13)],
        "victims.co_victims.count": [1, 3, 5, 9]}  # fmt: skip


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler and a worker as processes: the address and the scheduler."""
    import json

    address = tmp_path / "scheduler.json"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    module = [sys.executable, "-m"]
    scheduler = subprocess.Popen(
        [*module, "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard",
         "--host", "127.0.0.1", "--scheduler-file", str(address)], **quiet,
    )  # fmt: skip
    for _ in range(600):
        if address.exists() and address.read_text(encoding="utf-8").strip():
            break
        time.sleep(0.1)
    worker = subprocess.Popen(
        [*module, "distributed.cli.dask_worker", "--scheduler-file", str(address),
         "--nthreads", "1", "--no-dashboard", "--no-nanny"], **quiet,
    )  # fmt: skip
    yield json.loads(address.read_text(encoding="utf-8"))["address"], scheduler
    for process in (worker, scheduler):
        process.kill()
        process.wait()


class _Gone:
    """A client, and a unit of work, of a scheduler that is gone."""

    def __init__(self, error: BaseException, status: str = "closed") -> None:
        self.error, self.status = error, status

    def ncores(self) -> dict[str, int]:
        return {"a": 1}

    def submit(self, *_: Any, **__: Any) -> _Gone:
        return self

    def result(self, **_: Any) -> None:
        raise self.error


@pytest.mark.parametrize("error", ["timeout", "closed", "cancelled"])
def test_work_that_is_lost_is_one_message(
    error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import CancelledError
    from distributed.comm.core import CommClosedError

    found = {"timeout": TimeoutError(), "closed": CommClosedError(), "cancelled": CancelledError()}
    monkeypatch.setattr("causation.sweeping.cluster._PATIENCE", 0.0)
    target = tmp_path / "x.zarr"
    with pytest.raises(InputError, match="the cluster was lost; ask again"):
        sweep_to_file("bic-2025-doxxing", VARY, target, cluster=_Gone(found[error]))
    assert not target.exists()
    small = {"sources.osint.weight": [1.0]}
    sweep_to_file("bic-2025-doxxing", small, target, overwrite=True)
    assert [p.name for p in tmp_path.iterdir()] == ["x.zarr"]


def test_a_client_that_is_interrupted_leaves_what_resumes(tmp_path: Path) -> None:
    """Ctrl-C while work is out: what was written stays, nothing else; asked again, it is whole."""
    target, whole = tmp_path / "x.zarr", tmp_path / "whole.zarr"
    with pytest.raises(KeyboardInterrupt):
        sweep_to_file("bic-2025-doxxing", VARY, target, cluster=_Gone(KeyboardInterrupt()))
    assert not target.exists()
    for output in (target, whole):
        sweep_to_file("bic-2025-doxxing", VARY, output)
    names = sorted(p.relative_to(whole) for p in whole.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(target) for p in target.rglob("*") if p.is_file())
    assert all((whole / n).read_bytes() == (target / n).read_bytes() for n in names)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["whole.zarr", "x.zarr"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_lost_scheduler_is_named_and_the_sweep_resumes(
    cluster: tuple[str, subprocess.Popen[bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import distributed

    address, scheduler = cluster
    monkeypatch.setattr("causation.sweeping.plan._CHUNK", 6)
    whole, broken = tmp_path / "whole.zarr", tmp_path / "broken.zarr"
    sweep_to_file("bic-2025-doxxing", VARY, whole)

    def lose(share: float) -> None:
        if share > 0.6:
            scheduler.kill()

    with distributed.Client(address, timeout=60) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(1, timeout=60)
        with pytest.raises(InputError, match="cluster"):
            sweep_to_file("bic-2025-doxxing", VARY, broken, cluster=client, progress=lose)
    assert not broken.exists()
    sweep_to_file("bic-2025-doxxing", VARY, broken)
    for file in (p for p in whole.rglob("*") if p.is_file()):
        assert file.read_bytes() == (broken / file.relative_to(whole)).read_bytes()
