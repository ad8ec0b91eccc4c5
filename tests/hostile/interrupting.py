"""Commands that are interrupted at any instant of their processor time, and what comes of it.

One process imports everything and forks for every trial, so that a trial costs what the command
does. As a program it prints what it found:
``python -m tests.hostile.interrupting ROUNDS SEED COMMAND``.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.case.test_convert import OLD

__all__ = ["COMMANDS", "Storm", "storm"]

_ROOT = Path(__file__).parents[2]
_CASE = "bic-2025-doxxing"
_GRID = ["--vary", "sources.osint.weight=log:0.1:10:41",
         "--vary", "findings.no_alternative_route.likelihood.platform=0.1:0.9:21"]  # fmt: skip
_VICTIMS = "id,plaintiff,phone number,real name\nfirst,yes,yes,yes\nsecond,,yes,\n"
_FIGURES = ("routes", "flow", "redraws", "contributions", "uncertainty")

COMMANDS: dict[str, tuple[str, ...]] = {
    "new": ("new", "OUT.yaml"),
    "convert": ("convert", "old.yaml", "OUT.yaml"),
    "import": ("import", "victims.csv", "-o", "OUT.yaml"),
    "validate": ("validate", _CASE),
    "assess": ("assess", _CASE),
    "assess json": ("assess", _CASE, "--json"),
    "assess mcmc": ("assess", "gao-2024", "--engine", "mcmc", "--json"),
    "inquire": ("inquire", _CASE),
    **{f"sensitivity {what}": ("sensitivity", _CASE, "--what", what)
       for what in ("tornado", "tipping", "bounds", "indices", "variants")},
    **{f"sweep {kind}": ("sweep", _CASE, *_GRID, "-o", f"OUT.{kind}")
       for kind in ("csv", "nc", "parquet", "zarr", "png")},
    **{f"report {kind}": ("report", _CASE, "-o", f"OUT.{kind}")
       for kind in ("md", "html", "docx", "pdf")},
    "report to a pipe": ("report", "gao-2024", "-o", "-"),
    **{f"plot {name}": ("plot", _CASE, name, "-o", "OUT.svg") for name in _FIGURES},
    **{f"verify {kind}": ("verify", f"report.{kind}") for kind in ("pdf", "docx")},
    "calibrate": ("calibrate", "-o", "OUT", "--cases", "48", "--fit", "8",
                  "--world", "as elicited"),
    "selftest": ("selftest",),
}  # fmt: skip
"""By name; ``OUT`` is what is written."""


@dataclass
class Storm:
    """What came of many trials of one command.

    Parameters
    ----------
    seconds : float
        Of the processor, that it takes when it is left alone.
    interrupted, through : int
        Trials in which the signal ended it, and in which it was through before.
    slowest : float
        Seconds from the signal to the end.
    defects : dict of str to int
        What went wrong, and how often.
    """

    seconds: float
    interrupted: int = 0
    through: int = 0
    slowest: float = 0.0
    defects: dict[str, int] = field(default_factory=dict)


def storm(command: str, *, rounds: int, seed: int = 0) -> Storm:
    """Interrupt a command of `COMMANDS` so many times."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.interrupting", str(rounds), str(seed), command],
        cwd=_ROOT, env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return Storm(**json.loads(done.stdout.splitlines()[-1]))


class _Trials:
    """A folder to work in, and the trials of one command in it."""

    def __init__(self, command: str, folder: Path, seed: int) -> None:
        self.random = random.Random(f"{command}:{seed}")
        self.command, self.folder = COMMANDS[command], folder
        self.work, self.scratch = folder / "work", folder / "scratch"
        self.said, self.printed = folder / "said", folder / "printed"
        self.defects: Counter[str] = Counter()
        self.whole: dict[str, bytes] = {}

    def arguments(self, *, old: bool) -> list[str]:
        """The command with its files; those that it writes may have an old content."""
        found = []
        for part in self.command:
            if part.startswith("OUT"):
                found.append(str(self.work / part))
                if old:
                    Path(found[-1]).write_bytes(b"old")
            else:
                found.append(str(self.folder / part) if (self.folder / part).exists() else part)
        return [*found, "--overwrite"] if old else found

    def start(self, arguments: list[str]) -> int:
        """Fork a child that runs the command as a program does."""
        process = os.fork()
        if process:
            return process
        os.setpgid(0, 0)
        for stream, path in ((1, self.printed), (2, self.said)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ["TMPDIR"], tempfile.tempdir = str(self.scratch), None
        sys.argv = ["causation", *arguments]
        from causation.__main__ import main

        sys.exit(main())

    def clear(self) -> None:
        for place in (self.work, self.scratch):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()

    def alone(self) -> float:
        """Seconds of the processor of an undisturbed run, whose outputs are kept."""
        self.clear()
        _, status, used = os.wait4(self.start(self.arguments(old=False)), 0)
        assert status == 0, self.said.read_text()
        self.whole = {p.name: p.read_bytes() for p in self.work.rglob("*") if p.is_file()}
        return used.ru_utime + used.ru_stime

    def strike(self, seconds: float, result: Storm) -> None:
        """One trial."""
        self.clear()
        rng = self.random
        number = rng.choice([signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
        to_all, again = rng.random() < 0.5, rng.choice([None, 0.0, 0.01, 0.1])
        one_file = any(part.startswith("OUT.") for part in self.command)
        old = one_file and "zarr" not in self.command[-1] and rng.random() < 0.5
        at = rng.uniform(0.0, 0.8 * seconds)
        process = self.start(self.arguments(old=old))
        while (status := _ended(process)) is None and _used(process) < at:
            time.sleep(0.005)
        if status is None:
            began = time.monotonic()
            send = os.killpg if to_all else os.kill
            send(process, number)
            if again is not None:
                time.sleep(again)
                if (status := _ended(process)) is None:
                    send(process, number)
            while status is None and time.monotonic() < began + 60.0:
                time.sleep(0.002)
                status = _ended(process)
            result.slowest = max(result.slowest, time.monotonic() - began)
        if status is None:
            self.defects["does not end"] += 1
        if not _gone(process):
            self.defects["a process is left"] += 1
            os.killpg(process, signal.SIGKILL)
        if status == 0:
            result.through += 1
        else:
            result.interrupted += 1
            self.check_end(status, number)
        self.check_files(status, old=old)

    def check_end(self, status: int | None, number: int) -> None:
        if status != 128 + number:
            self.defects[f"status {status} of signal {number}"] += 1
        if (said := self.said.read_text(errors="replace")) != "causation: interrupted\n":
            self.defects[f"it says {said[-1000:]}"] += 1

    def check_files(self, status: int | None, *, old: bool) -> None:
        """Outputs are old or whole, new where it is through; nothing else is left."""
        for path in self.scratch.iterdir():
            if path.name.startswith("causation") or "mcmc" not in self.command:
                self.defects[f"temporary: {path.name[:10]}"] += 1  # PyTensor keeps its code there
        partial = any(p.suffix == ".partial" for p in self.work.iterdir())
        if partial and status == 0:
            self.defects["a part beside the whole"] += 1
        if partial:  # a sweep, which resumes
            return
        found = {p.name: p.read_bytes() for p in self.work.rglob("*") if p.is_file()}
        if found.keys() - self.whole.keys():
            self.defects[f"left: {min(found.keys() - self.whole.keys())}"] += 1
        if status == 0 or not (old or not found):
            if found != self.whole:
                self.defects["an output that is not whole"] += 1
        elif any(found.get(n, b"old") not in (b"old", c) for n, c in self.whole.items()):
            self.defects["neither old nor new"] += 1
        elif old and found.keys() != self.whole.keys():
            self.defects["the old output is gone"] += 1


def _ended(process: int) -> int | None:
    found, status = os.waitpid(process, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _used(process: int) -> float:
    """Seconds of the processor that a process and its children have used."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_used(int(child)) for child in children)


def _gone(leader: int, seconds: float = 3.0) -> bool:
    """Whether nothing of a process group is left, soon."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(leader, 0)
        except OSError:
            return True
        time.sleep(0.02)
    return False


def _main(rounds: int, seed: int, command: str) -> None:
    from causation.terminal.cli import main

    process = os.getpid()
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "old.yaml").write_text(OLD)
        (folder / "victims.csv").write_text(_VICTIMS)
        if command.startswith("verify"):
            report = folder / COMMANDS[command][-1]
            assert main(["report", "gao-2024", "-o", str(report)]) == 0
        trials = _Trials(command, folder, seed)
        result = Storm(trials.alone())
        for _ in range(rounds):
            trials.strike(result.seconds, result)
        result.defects = dict(trials.defects)
        print(json.dumps(asdict(result)), flush=True)
    finally:
        if os.getpid() == process:  # not one of its children
            shutil.rmtree(folder)


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
