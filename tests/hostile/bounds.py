"""How long and how large every command gets on the largest cases that ``validate`` accepts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.loads import large_case

__all__ = ["CASES", "COMMANDS", "Bound", "measure", "table"]

_ROOT = Path(__file__).parents[2]
SECONDS = 60
"""Processor time that a command may take."""
MIB = 1024.0

_AXES = [
    f"--vary={axis}"
    for axis in (
        "sources.s0.weight=log:0.1:10:11",
        "sources.s0.disclosure.phone=0.1:0.9:9",
        "actor.publishes=0.1:0.9:9",
        "actor.linkage=0.1:0.9:5",
    )
]
COMMANDS: Mapping[str, Sequence[str]] = {
    "validate": ("validate", "CASE"),
    "inquire": ("inquire", "CASE"),
    "sweep": ("sweep", "CASE", "--vary", "sources.s0.weight=log:0.1:10:101", "-o", "x.csv"),
    "sweep, four axes": ("sweep", "CASE", "-o", "x.csv", *_AXES),
    "assess": ("assess", "CASE", "--json"),
    "sensitivity": ("sensitivity", "CASE"),
    "plot": ("plot", "CASE", "routes", "-o", "x.png"),
    "report": ("report", "CASE", "-o", "x.md"),
}
_LISTED = [
    "disclosed: [phone, email], not_disclosed: [sex], known_by: {published_all: [phone]}",
    "count: 20, disclosed: [phone, sex], not_disclosed: [email, employer], known_by: exposure",
]
_DATED = [
    f"count: 8, disclosed: [phone, email], known_by: exposure, dates: {{phone: {{since: "
    f"{2015 + n}-03-01}}, email: {{until: 2023-0{n + 4}-15}}}}"
    for n in range(3)
]
_PLAINTIFFS = [f"plaintiff: true, disclosed: [phone{', email' * (n % 2)}]" for n in range(40)]
CASES: Mapping[str, str] = {
    "10^6 victims in one group": large_case(count=10**6),
    "1000 sources": large_case(sources=1000),
    "10000 like groups": large_case(groups=9_999),
    "1000 findings": large_case(findings=1000),
    "20 unlike victims": large_case(groups=20, kinds=20),
    "200 unlike victims": large_case(groups=200, kinds=200),
    "21 on lists, four fields": large_case(known=_LISTED, held=("phone", "sex", "email")),
    "24 with dates": large_case(known=_DATED, held=("phone", "email")),
    "40 plaintiffs": large_case(known=_PLAINTIFFS, held=("phone", "email")),
}

_CODE = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
from causation.terminal.cli import main
from tests.hostile.memory import peak_mib
code = main(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
print(code, used.ru_utime + used.ru_stime, peak_mib(), file=sys.stderr)
"""


_WARNED = re.compile(r"(?:about (\d+) min|more than a minute) of the processor")


@dataclass(frozen=True, slots=True)
class Bound:
    """What a command did with a case: exit status (None: not done in time), seconds, MiB, words.

    `minutes` is how long it said beforehand that it would take; then it was not waited for.
    """

    code: int | None
    seconds: float
    mib: float
    said: str
    minutes: int | None = None

    def __str__(self) -> str:
        if self.minutes is not None:
            return f"says {self.minutes} min"
        if self.code is None:
            return f"**not in {SECONDS} s**"
        if self.code == 2:
            return f"refused ({self.seconds:.0f} s): {self.said}"
        return f"{self.seconds:.0f} s, {self.mib:.0f} MiB" + ("" if self.mib <= MIB else " **!**")

    @property
    def kept(self) -> bool:
        """Whether it is within the bounds, was refused, or said beforehand that it is not."""
        return self.minutes is not None or (self.code in (0, 2) and self.mib <= MIB)


def measure(command: str, text: str) -> Bound:
    """Run a command on a case in a process of its own, until it says how long it will take."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "case.yaml").write_text(text, encoding="utf-8")
        arguments = ["case.yaml" if a == "CASE" else a for a in COMMANDS[command]]
        with subprocess.Popen(
            [sys.executable, "-c", _CODE, *arguments], text=True, cwd=folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1"},
        ) as process:  # fmt: skip
            lines = []
            for line in process.stderr or ():
                lines.append(line.rstrip("\n"))
                if found := _WARNED.search(line):
                    process.kill()
                    return Bound(None, 0.0, 0.0, line, int(found[1] or 1))
    if process.returncode < 0:
        return Bound(None, float(SECONDS), 0.0, "")
    code, seconds, mib = lines.pop().split()
    return Bound(int(code), float(seconds), float(mib), (lines or [""])[-1][:120])


def table(commands: Sequence[str] = tuple(COMMANDS)) -> Iterator[tuple[str, bool]]:
    """Lines of the table in Markdown as they are found, and whether what they say is bounded."""
    yield f"| case | {' | '.join(commands)} |", True
    yield "| --- " * (len(commands) + 1) + "|", True
    for name, text in CASES.items():
        found: list[Bound] = []
        for command in commands:
            found.append(measure(command, text))
            print(f"{name}: {command}: {found[-1]}", file=sys.stderr, flush=True)
        yield f"| {name} | {' | '.join(map(str, found))} |", all(b.kept for b in found)
