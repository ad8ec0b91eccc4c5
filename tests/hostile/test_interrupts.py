"""Ctrl-C, and what else asks a program to end: one line, its status, nothing left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from causation import build_model, fill, load_case
from causation.interrupts import Interrupted, unshortened
from tests.hostile.interrupting import COMMANDS, storm

_ROOT = Path(__file__).parents[2]
_STRIKE = """
import os, signal, sys
NUMBER, EVENT, WORD = int(sys.argv.pop(1)), sys.argv.pop(1), sys.argv.pop(1)
struck = []

class Finalized:
    def __del__(self):
        os.kill(os.getpid(), NUMBER)

def hook(event, arguments):
    if event == EVENT.removeprefix("lost ") and WORD in str(arguments[0]) and not struck:
        struck.append(True)
        if EVENT.startswith("lost "):
            return print(Finalized() and "", end="")
        os.kill(os.getpid(), NUMBER)
        os.kill(os.getpid(), NUMBER)

sys.addaudithook(hook)
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell has it ignored
from causation.__main__ import main
sys.exit(main())
"""
"""Strikes where something is imported or opened: twice, or where nothing can be raised."""


def struck(
    number: int, event: str, word: str, *arguments: str | Path
) -> subprocess.CompletedProcess[str]:
    heard = f"import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)\n{_STRIKE}"  # nohup
    return subprocess.run(
        [sys.executable, "-c", heard, str(int(number)), event, word, *map(str, arguments)],
        cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_is_one_line_and_its_status(name: str, tmp_path: Path) -> None:
    """It comes twice, as from a terminal and from whoever waits."""
    number = getattr(signal, name)
    done = struck(number, "open", "gao-2024", "report", "gao-2024", "-o", tmp_path / "r.md")
    assert (done.returncode, done.stdout) == (128 + number, "")
    assert done.stderr == "causation: interrupted\n"
    assert not list(tmp_path.iterdir())


def test_it_is_said_in_chinese() -> None:
    done = struck(signal.SIGINT, "open", "gao-2024", "validate", "gao-2024", "--lang", "zh")
    assert (done.returncode, done.stderr) == (130, "causation: 已中断\n")


@pytest.mark.parametrize("module", ["typer", "rich.console", "causation.document"])
def test_a_program_that_is_only_beginning_is_interrupted_too(module: str) -> None:
    done = struck(signal.SIGINT, "import", module, "validate", "gao-2024")
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "causation: interrupted\n"


def test_an_interrupt_that_is_lost_in_a_finalizer_comes_again() -> None:
    done = struck(signal.SIGINT, "lost open", "gao-2024", "assess", "gao-2024")
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "causation: interrupted\n"


def test_what_is_to_outlive_its_terminal_does() -> None:
    ignored = f"import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n{_STRIKE}"
    done = subprocess.run(
        [sys.executable, "-c", ignored, "1", "open", "gao-2024", "validate", "gao-2024"],
        cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "gao-2024" in done.stdout


@pytest.mark.parametrize(
    ("command", "rounds"),
    [
        ("convert", 3),
        *(pytest.param(name, 12, marks=pytest.mark.slow) for name in COMMANDS),
    ],
)
def test_signals_at_any_instant(command: str, rounds: int) -> None:
    """By processor time; one or two of them, to the program or to its whole group."""
    done = storm(command, rounds=rounds)
    assert done.interrupted + done.through == rounds
    assert not done.defects


# ------------------------------------------------------------------ samplers


@pytest.fixture
def model() -> Any:
    return build_model(fill(load_case("gao-2024")))


def test_an_interrupted_sampler_returns_no_shorter_run(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both samplers take Ctrl-C for the wish to have what there is."""
    import pymc as pm

    from causation.inference import mcmc

    runs = []

    def short(**options: Any) -> object:
        runs.append(options["draws"])
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            pytest.fail("a shorter run")
        return None

    monkeypatch.setattr(pm, "sample", short)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            mcmc.sample(model, random_seed=1)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(runs) == 1


def _compile(callback: type) -> None:
    with unshortened():
        callback()
        raise RuntimeError("no compiled object yet")


def test_what_a_compiler_makes_of_an_interrupt_is_one() -> None:
    class Callback:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            _compile(Callback)
    finally:
        signal.signal(signal.SIGINT, before)


def test_no_handler_is_put_where_another_is() -> None:
    def theirs(*_: object) -> None:
        raise ZeroDivisionError

    before = signal.signal(signal.SIGINT, theirs)
    try:
        with pytest.raises(ZeroDivisionError), unshortened():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert not issubclass(Interrupted, Exception | KeyboardInterrupt)
