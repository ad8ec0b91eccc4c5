"""Cases as large as the limits allow, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LOADS", "LoadFigure", "large_case", "run_load"]

_ROOT = Path(__file__).parents[2]


def large_case(
    *, sources: int = 4, findings: int = 0, groups: int = 1, linkage: str = "1.0",
    count: int = 100, alike: bool = False,
) -> str:  # fmt: skip
    """A case of this size, as YAML; groups differ in their counts unless they are `alike`."""
    rows = ["schema: 1", "id: large", "proposition: s0", "sources:"]
    rows += [f"  s{i}: {{kind: custodian, holds: [phone]}}" for i in range(sources)]
    rows += ["victims:"]
    rows += [
        f"  - {{id: v{i}, count: {count if alike else count + i}, linkage: {linkage}, "
        "disclosed: [phone]}"
        for i in range(groups)
    ]
    if findings:
        rows += ["findings:"]
        rows += [
            f"  - {{id: f{i}, template: stale_value, about: s{i % sources}}}"
            for i in range(findings)
        ]
    return "\n".join(rows)


LOADS: dict[str, tuple[str, bool]] = {
    "10^6 victims in one group": (large_case(count=10**6, linkage="[0.7, 0.98]"), True),
    "10^6 victims in 1000 groups": (large_case(groups=1000, count=1000, alike=True), True),
    "1000 groups of different sizes": (large_case(groups=1000), True),
    "10^4 groups of different sizes": (large_case(groups=10_000), True),
    "9 different groups of uncertain linkage": (large_case(groups=9, linkage="[0.5, 0.9]"), True),
    "11 different groups of uncertain linkage": (
        large_case(groups=11, linkage="[0.5, 0.9]"), False,
    ),
    "1000 like groups of uncertain linkage": (
        large_case(groups=1000, linkage="[0.5, 0.9]", alike=True), True,
    ),
    "1000 sources": (large_case(sources=1000), True),
    "10^4 findings": (large_case(findings=10_000), True),
    "10^4 findings, 10^4 groups": (large_case(findings=10_000, groups=10_000), True),
    "1001 sources": (large_case(sources=1001), False),
}  # fmt: skip
"""Cases by what is large in them, and whether they are assessed (or else refused)."""


@dataclass(frozen=True, slots=True)
class LoadFigure:
    """Exit status, processor seconds and memory (MiB) of ``assess --json``, and its message."""

    code: int
    seconds: float
    mib: float
    message: str


_CODE = """
import json, resource, sys
from causation.terminal.cli import main
code = main(["assess", sys.argv[1], "--json"])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def run_load(text: str, *, limit: float = 600.0) -> LoadFigure:
    """Assess a large case in a process of its own.

    Raises
    ------
    subprocess.TimeoutExpired
        If there is no answer in `limit` seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "large.yaml")
        file.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", _CODE, str(file)],
            cwd=_ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=limit,
            check=True,
        )
    code, seconds, mib = json.loads(done.stdout.rsplit("\n", 2)[-2])
    return LoadFigure(code, seconds, mib, done.stderr.strip())
