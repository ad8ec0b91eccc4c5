"""Interrupts, killed parents, threads and other ways to start processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import matplotlib as mpl
import pytest

from causation import plots
from causation.dossier.assessment import assess
from causation.plots.style import drawn_as
from causation.report.write import write_report
from tests.hostile.faults import start

_ROOT = Path(__file__).parents[2]
_WORK = """
import signal, sys, time
from causation.validation.processes import in_processes

def job(seconds):
    print("at work", flush=True)
    time.sleep(seconds)

if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGHUP):  # also where a shell has it ignored
        signal.signal(number, signal.default_int_handler)
    try:
        list(in_processes(job, [600.0] * 3, 2))
    except KeyboardInterrupt:
        sys.exit(130)
"""
"""Workers that are busy for ever."""


def _group(leader: int) -> list[int]:
    """Living processes of a process group."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                fields = (place / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # ended meanwhile
            if int(fields[2]) == leader and fields[0] != "Z":
                found.append(int(place.name))
    return found


def _gone(leader: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while _group(leader) and time.monotonic() < end:
        time.sleep(0.05)
    return not _group(leader)


HOW = ["interrupt to all", "interrupt to the parent", "terminal closed", "parent killed"]


@pytest.mark.parametrize("how", HOW)
def test_no_worker_outlives_an_interrupt_or_its_parent(how: str, tmp_path: Path) -> None:
    file = tmp_path / "work.py"
    file.write_text(_WORK)
    with subprocess.Popen(
        [sys.executable, file], env={**os.environ, "PYTHONPATH": str(_ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for _ in range(2):
            assert process.stdout.readline() == "at work\n"
        if how in {"interrupt to all", "terminal closed"}:
            os.killpg(process.pid, signal.SIGINT if "all" in how else signal.SIGHUP)
        else:
            process.send_signal(signal.SIGINT if "interrupt" in how else signal.SIGKILL)
        # more than the two seconds that it takes, for a machine that is busy
        gone = _gone(process.pid, 20.0)
        if not gone:
            os.killpg(process.pid, signal.SIGKILL)
        assert gone
        assert process.wait() == (-signal.SIGKILL if how == "parent killed" else 130)
        assert "Traceback" not in process.communicate()[1]


@pytest.mark.slow
@pytest.mark.parametrize("to_all", [True, False], ids=["group", "parent"])
def test_calibrate_obeys_the_first_interrupt_in_two_seconds(to_all: bool, tmp_path: Path) -> None:
    process = start("calibrate", "-o", tmp_path / "out")
    end = time.monotonic() + 120.0
    while len(_group(process.pid)) < 3 and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(3.0)
    began = time.monotonic()
    (os.killpg if to_all else os.kill)(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60.0)
    assert time.monotonic() - began < 2.0
    assert process.returncode == 130
    assert "Traceback" not in err
    assert _gone(process.pid, 2.0)


def _in_threads(work: list[threading.Thread]) -> None:
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()


def test_threads_that_draw_leave_the_settings_and_draw_the_same() -> None:
    a = assess("shen-2018")
    draw = {
        "posterior": lambda: plots.plot_posterior(a),
        "curve": lambda: plots.plot_prior_curve(a, lang="zh"),
        "standing": lambda: plots.plot_standing(a),
    }
    alone = {name: drawn_as(function, "svg") for name, function in draw.items()}
    found: dict[str, bytes] = {}

    def work(name: str) -> None:
        found[name] = drawn_as(draw[name], "svg")

    with mpl.rc_context({"savefig.bbox": "tight", "font.size": 3.0}):
        before = dict(mpl.rcParams)
        _in_threads([threading.Thread(target=work, args=(name,)) for name in (*draw, *draw)])
        assert dict(mpl.rcParams) == before
    assert found == alone


@pytest.mark.slow
def test_threads_that_write_reports_write_what_one_writes(tmp_path: Path) -> None:
    def write(name: str) -> None:
        write_report("shen-2018", tmp_path / f"{name}.html")

    before = dict(mpl.rcParams)
    write("alone")
    _in_threads([threading.Thread(target=write, args=(str(i),)) for i in range(3)])
    assert dict(mpl.rcParams) == before
    assert len({file.read_bytes() for file in tmp_path.glob("*.html")}) == 1
    assert len(list(tmp_path.glob("*.html"))) == 4


_FORKED = """
import os, signal
from causation.report.signing import _stamp

assert _stamp("here", "en").startswith(b"%PDF")
if not (child := os.fork()):
    signal.alarm(60)
    os._exit(not _stamp("there", "en").startswith(b"%PDF"))
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_process_forked_from_one_that_has_set_a_page_sets_one() -> None:
    """Typst's threads are not in it, and it would wait for them."""
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _FORKED], check=True, cwd=_ROOT, timeout=120
    )


_SAME = """
import multiprocessing, sys
from causation import assess

def probability(case):
    return assess(case).probability

if __name__ == "__main__":
    here = probability("shen-2018")
    if sys.argv[1] == "loky":
        from joblib import Parallel, delayed
        [there] = Parallel(2, backend="loky")(delayed(probability)(c) for c in ["shen-2018"])
    else:
        with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
            there = pool.apply(probability, ("shen-2018",))
    print(here.hex(), there.hex())
"""


@pytest.mark.parametrize(
    "method",
    [
        pytest.param("forkserver", marks=pytest.mark.slow),
        pytest.param("loky", marks=pytest.mark.slow),
    ],
)
def test_every_way_to_start_a_process_gives_the_same_number(method: str, tmp_path: Path) -> None:
    if method == "loky":
        pytest.importorskip("joblib")
    file = tmp_path / "same.py"
    file.write_text(_SAME)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", file, method], check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    here, there = done.stdout.split()
    assert here == there
