"""The long fuzz: many inputs in watched processes, with a time limit for each."""

from __future__ import annotations

import collections
import itertools
import json
import os
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

__all__ = ["FuzzFigures", "fuzz"]

_ROOT = Path(__file__).parents[2]
_MIX = (
    ["bytes"] * 14 + ["lines"] * 8 + ["structure"] * 13 + ["numbers"] * 2 + ["made_up"] * 2
    + ["ordinary"]
)  # fmt: skip
"""How often each kind of input comes, out of 40; the last three are the most often valid."""


@dataclass(slots=True)
class FuzzFigures:
    """What came of all inputs."""

    outcomes: collections.Counter[tuple[str, str]] = field(default_factory=collections.Counter)
    defects: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_input: str = ""
    mib: float = 0.0
    largest_input: str = ""

    def add(self, kind: str, number: int, answer: dict[str, Any]) -> None:
        """Count one answer of a worker."""
        self.outcomes[kind, answer["outcome"]] += 1
        if answer["outcome"] not in ("valid", "refused", "announced"):
            self.defects.append(f"{kind} {number}: {answer.get('what', answer['outcome'])}")
            print(f"DEFECT {self.defects[-1]}", flush=True)
        if answer.get("seconds", 0.0) > self.slowest:
            self.slowest, self.slowest_input = answer["seconds"], f"{kind} {number}"
        if answer.get("mib", 0.0) > self.mib:
            self.mib, self.largest_input = answer["mib"], f"{kind} {number}"


class _Worker:
    def __init__(self, folder: Path) -> None:
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.worker", str(folder)],
            cwd=_ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._input: IO[str] = self._process.stdin  # type: ignore[assignment]
        self._output: IO[str] = self._process.stdout  # type: ignore[assignment]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._output, selectors.EVENT_READ)

    def ask(self, kind: str, number: int, limit: float) -> dict[str, Any]:
        self._input.write(f"{kind} {number}\n")
        self._input.flush()
        if not self._selector.select(timeout=limit):
            return {"outcome": "hang", "what": f"no answer in {limit:.0f} s", "seconds": limit}
        line = self._output.readline()
        if not line:
            return {"outcome": "died", "what": f"exit {self._process.wait()}"}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._input.close()
        self._output.close()


def fuzz(*, inputs: int, start: int = 0, processes: int = 2, limit: float = 900.0) -> FuzzFigures:
    """Put many inputs through the command line.

    Parameters
    ----------
    inputs : int
        How many.
    start : int
        Number of the first; input ``kind number`` is the same on every machine.
    processes : int
    limit : float
        Seconds after which an input counts as a hang and its process is killed, however busy the
        machine; the worker itself gives up after a minute of processor time.

    Returns
    -------
    FuzzFigures
    """
    figures = FuzzFigures()
    numbers: Iterator[int] = itertools.count(start)
    lock = threading.Lock()
    began = time.monotonic()

    def work(folder: Path) -> None:
        worker = _Worker(folder)
        while True:
            with lock:
                number = next(numbers)
            if number >= start + inputs:
                break
            kind = _MIX[number % len(_MIX)]
            answer = worker.ask(kind, number, limit)
            with lock:
                figures.add(kind, number, answer)
                if (number + 1 - start) % 1000 == 0:
                    print(
                        f"{number + 1 - start} inputs, {len(figures.defects)} defects, "
                        f"{time.monotonic() - began:.0f} s",
                        flush=True,
                    )
            if answer["outcome"] in ("hang", "died"):
                worker.stop()
                worker = _Worker(folder)
        worker.stop()

    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch, str(i)) for i in range(processes)]
        for folder in folders:
            folder.mkdir()
        threads = [threading.Thread(target=work, args=(folder,)) for folder in folders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return figures
