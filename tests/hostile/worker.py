"""One process of the fuzzer: told kinds and numbers of inputs, it says what became of them.

Every input goes through the command line. Whatever the process opens for writing outside its
own folder, every socket that it connects and every program that it starts is a defect.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

from causation.analyses import contributions, redrawn
from tests.hostile.inputs import MUTATIONS
from tests.hostile.memory import forget_peak, peak_mib
from tests.hostile.outcomes import Run, check_result, check_run, run_command

__all__ = ["main"]

_MEMORY = 4 << 30
"""Limit of the address space, in bytes: libraries map much more than they use."""
_TERMINAL_EVERY = 5
_SECONDS = 60.0
"""Of processor time, in which every command is answered."""
_MIB = 1024.0
"""Resident memory of a command that did not say that it takes long."""


def _late(*_: object) -> None:
    raise TimeoutError(f"no answer in {_SECONDS:.0f} s of processor time")


class _Watch:
    """Doors that opened since the last look."""

    def __init__(self, folder: Path) -> None:
        self.folder = os.path.realpath(folder)
        self.ours = {os.devnull, f"/proc/{os.getpid()}/clear_refs"}
        self.seen: list[str] = []
        sys.addaudithook(self)

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = args
            writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
            if isinstance(path, str | bytes) and flags & writes:
                name = os.path.realpath(os.fsdecode(path))
                if not name.startswith(self.folder) and name not in self.ours:
                    self.seen.append(f"writes {name}")
        elif event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.system", "os.exec"):
            self.seen.append(event)

    def take(self) -> list[str]:
        """What was seen, and forget it."""
        seen, self.seen = self.seen, []
        return seen


def _assess(answer: dict[str, Any], *arguments: str | Path) -> Run:
    forget_peak()
    signal.setitimer(signal.ITIMER_PROF, _SECONDS)
    try:
        run = run_command("assess", *arguments)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
    most = peak_mib()
    answer["mib"] = max(most, answer.get("mib", 0.0))
    assert most <= _MIB or "this takes" in run.err, f"{most:.0f} MiB"
    return run


def _try(kind: str, number: int, file: Path, watch: _Watch, answer: dict[str, Any]) -> str:
    file.write_bytes(MUTATIONS[kind](random.Random(f"{kind}:{number}")))
    run = _assess(answer, file, "--json")
    check_run(run)
    if run.code == 0:
        check_result(json.loads(run.out))
        if number % _TERMINAL_EVERY == 0:
            check_run(_assess(answer, file))
    assert not (doors := watch.take()), doors
    return "valid" if run.code == 0 else "refused"


def _shorten() -> None:
    """Fewer redraws and orders: all of the code runs, an input takes a tenth of the time."""
    redraws = redrawn.Plan.of.__func__.__kwdefaults__  # type: ignore[attr-defined]
    redraws |= {"draws": 24}
    redrawn.FEWER = 8
    contributions.EXACT_ROWS, contributions.BUDGET = 4, 40


def main() -> None:
    """Answer every line ``kind number`` on standard input with one line of JSON."""
    folder = Path(sys.argv[1])
    warnings.simplefilter("error")
    os.environ["CAUSATION_DEBUG"] = "1"  # what would be exit 1 comes out as it is
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    _shorten()
    watch = _Watch(folder)
    signal.signal(signal.SIGPROF, _late)
    for line in sys.stdin:
        kind, number = line.split()
        start = time.process_time()
        answer: dict[str, Any] = {}
        try:
            answer["outcome"] = _try(kind, int(number), folder / "input.yaml", watch, answer)
        except TimeoutError as error:
            said = "this takes" in "".join(getattr(error, "__notes__", ()))
            answer = {"outcome": "announced" if said else "hang", "what": str(error)}
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            place = traceback.extract_tb(error.__traceback__)[-1]
            answer["outcome"] = "defect"
            answer["what"] = (
                f"{type(error).__name__}: {str(error)[:300]} ({place.filename}:{place.lineno})"
            )
        answer["seconds"] = time.process_time() - start
        sys.__stdout__.write(json.dumps(answer) + "\n")  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]


if __name__ == "__main__":
    main()
