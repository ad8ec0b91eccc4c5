"""Cases as large as the limits allow, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ANSWER_ALONE", "LOADS", "MOST_MIB", "LoadFigure", "large_case", "run_load"]

_ROOT = Path(__file__).parents[2]


_PRIVATE = ("phone", "real_name", "id_number", "home_address", "email", "employer", "sex",
            "occupation")  # fmt: skip


def large_case(
    *, sources: int = 2, findings: int = 0, groups: int = 1, count: int = 1,
    linkage: str | None = None, kinds: int = 1, known: Sequence[str] | None = None,
    held: Sequence[str] = ("phone",),
) -> str:  # fmt: skip
    """A case of this size, as YAML.

    Parameters
    ----------
    sources, findings : int
        Custodians, and findings that are about them in turn.
    groups, count : int
        Groups of further victims, and how many there are in each.
    linkage : str, optional
        Of the further victims; the prior set's by default.
    kinds : int
        How many of the groups' entries differ; the others repeat them.
    known : sequence of str, optional
        Entries of victims in place of those groups.
    held : sequence of str
        Fields that custodians hold.
    """
    rows = ["schema: 2", "id: large", "jurisdiction: none", "standard: 0.75", "proposition: s0",
            "incident_date: 2023-10-02"]  # fmt: skip
    rows += ["sources:"]
    rows += [f"  s{i}: {{kind: custodian, holds: [{', '.join(held)}]}}" for i in range(sources)]
    rows += ["victims:", "  - {id: plaintiff, plaintiff: true, disclosed: [phone]}"]
    stated = "" if linkage is None else f"linkage: {linkage}, "
    if known is None:
        known = [
            f"count: {count}, {stated}known_by: exposure, {_entry(i % kinds)}"
            for i in range(groups)
        ]
    rows += [f"  - {{id: v{i}, {entry}}}" for i, entry in enumerate(known)]
    if findings:
        rows += ["findings:"]
        rows += [
            f"  - {{id: f{i}, template: stale_value, about: s{i % sources}}}"
            for i in range(findings)
        ]
    return "\n".join(rows)


def _entry(number: int) -> str:
    """What was published of one kind of victims; kinds differ in it, up to 255 of them."""
    bits = number % (2 ** len(_PRIVATE) - 1) + 1
    shown = [f for k, f in enumerate(_PRIVATE) if bits >> k & 1]
    hidden = [f for f in _PRIVATE if f not in shown]
    return f"disclosed: [{', '.join(shown)}], not_disclosed: [{', '.join(hidden)}]"


LOADS: dict[str, tuple[str, bool]] = {
    "10^6 victims in one group": (large_case(count=10**6), True),
    "10^6 victims, linkage stated": (large_case(count=10**6, linkage="[0.7, 0.98]"), True),
    "10^6 victims in 1000 like groups": (large_case(groups=1000, count=1000), True),
    "20 different victims": (large_case(groups=20, kinds=20), True),
    "200 different victims": (large_case(groups=200, kinds=200), True),
    "200 different groups of 5000": (large_case(groups=200, kinds=200, count=5000), True),
    "30 custodians": (large_case(sources=30), True),
    "1000 findings": (large_case(findings=1000), True),
    "1001 sources": (large_case(sources=1001), False),
    "10001 groups": (large_case(groups=10_001), False),
}  # fmt: skip
"""Cases by what is large in them, and whether they are assessed (or else refused)."""
ANSWER_ALONE = frozenset({"200 different victims", "200 different groups of 5000"})
"""Of these the answer is asked for, with every victim's, and not its variants and redraws."""
MOST_MIB = 2048.0
"""Memory that an answer may take."""


@dataclass(frozen=True, slots=True)
class LoadFigure:
    """Exit status, processor seconds and memory (MiB), the message, and what was printed."""

    code: int
    seconds: float
    mib: float
    message: str
    out: str


_CODE = """
import json, resource, sys
from causation.case import load_case
from causation.dossier.assessment import assess
from causation.errors import InputError
from causation.terminal.cli import main
from tests.hostile.memory import peak_mib
if sys.argv[2] == "whole":
    code = main(["assess", sys.argv[1], "--json"])
else:
    try:
        print(json.dumps(assess(load_case(sys.argv[1])).to_dict(whole=False)))
        code = 0
    except InputError as error:
        print(error, file=sys.stderr)
        code = 2
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([code, used.ru_utime + used.ru_stime, peak_mib()]))
"""


def run_load(text: str, *, whole: bool = True, limit: float = 600.0) -> LoadFigure:
    """Assess a large case in a process of its own.

    Parameters
    ----------
    text : str
    whole : bool
        By ``assess --json``; else the answer alone, without variants and redraws.
    limit : float

    Raises
    ------
    subprocess.TimeoutExpired
        If there is no answer in `limit` seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "large.yaml")
        file.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", _CODE, str(file), "whole" if whole else "answer"],
            cwd=_ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=limit,
            check=True,
        )
    out, last = done.stdout.rstrip("\n").rpartition("\n")[::2]
    code, seconds, mib = json.loads(last)
    return LoadFigure(code, seconds, mib, done.stderr.strip(), out)
