"""Processes killed at random instants, and what they leave behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

__all__ = ["command_line", "kill_storm", "start", "stray"]

_ROOT = Path(__file__).parents[2]


def command_line(*arguments: str | Path) -> list[str]:
    """The command line as a program of this interpreter."""
    code = "import sys; from causation.cli import main; sys.exit(main())"
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
    arguments: Sequence[str | Path], output: Path, *, end: bytes, rounds: int,
    longest: float, seed: int = 0,
) -> int:  # fmt: skip
    """Kill a command again and again; there is no output or a whole one.

    Parameters
    ----------
    arguments : sequence of str or Path
    output : Path
        What the command writes.
    end : bytes
        What a whole output is, or ends with where its digest may differ.
    rounds : int
    longest : float
        Instants are uniform up to this many seconds.
    seed : int

    Returns
    -------
    int
        How often the process was killed at work.
    """
    rng = random.Random(seed)
    killed = 0
    for _ in range(rounds):
        killed += kill_after(start(*arguments), rng.uniform(0.0, longest))
        content = output.read_bytes() if output.exists() else None
        whole = content is None or content.endswith(end)
        assert whole, f"half an output of {len(content or b'')} bytes"
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
