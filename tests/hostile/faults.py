"""Processes killed at random instants, and what they leave behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["command_line", "duration", "kill_after", "kill_storm", "start", "stray"]

_ROOT = Path(__file__).parents[2]


def command_line(*arguments: str | Path) -> list[str]:
    """The command line as a program of this interpreter."""
    code = "import sys; from causation.__main__ import main; sys.exit(main())"
    return [sys.executable, "-c", code, *map(str, arguments)]


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    """Start a command in a process group of its own."""
    return subprocess.Popen(
        command_line(*arguments),
        cwd=_ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def kill_after(process: subprocess.Popen[str], seconds: float) -> bool:
    """Kill a process group after some seconds; whether it was still at work."""
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return True
    return False


def kill_storm(
    arguments: Sequence[str | Path], whole: Mapping[Path, bytes], *, rounds: int,
    seconds: float, old: bytes | None = None, seed: int = 0,
) -> int:  # fmt: skip
    """Kill a command until so many kills struck at work; each output is as it was, or whole.

    Parameters
    ----------
    arguments : sequence of str or Path
    whole : mapping of Path to bytes
        What the command writes where it is left alone.
    rounds : int
        Kills that shall strike at work; it is started three times as often at the most.
    seconds : float
        How long it takes. Half of the kills strike at any time, half at the end, where it writes.
    old : bytes, optional
        What stands in each output before; nothing by default.
    seed : int

    Returns
    -------
    int
        How often the process was killed at work.
    """
    rng = random.Random(seed)
    killed = 0
    for number in range(3 * rounds):
        if killed == rounds:
            break
        for output in whole:
            if old is None:
                output.unlink(missing_ok=True)
            else:
                output.write_bytes(old)
        first = 0.0 if number % 2 else 0.85 * seconds
        killed += kill_after(start(*arguments), rng.uniform(first, 1.05 * seconds))
        for output, content in whole.items():
            found = output.read_bytes() if output.exists() else None
            assert found in (old, content), f"{output.name}: half of {len(found or b'')} bytes"
    return killed


def stray(folder: Path, *names: str) -> list[str]:
    """Files that are neither outputs nor parts of one that a later run takes up or clears."""
    return sorted(
        p.name
        for p in folder.iterdir()
        if p.name not in names and not p.name.endswith(".partial") and not p.name.startswith(".")
    )


def duration(*arguments: str | Path) -> float:
    """Seconds that a command takes when it is left alone."""
    began = time.monotonic()
    process = start(*arguments)
    _, err = process.communicate()
    assert process.returncode == 0, err
    return time.monotonic() - began
