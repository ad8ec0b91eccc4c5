"""The long runs, and the figures for docs/reliability.md: ``python -m tests.hostile``."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.hostile.bounds import table
from tests.hostile.faults import duration, kill_after, kill_storm, start
from tests.hostile.fuzzing import fuzz
from tests.hostile.loads import ANSWER_ALONE, LOADS, MOST_MIB, run_load
from tests.hostile.outcomes import run_command
from tests.hostile.searching import SUSPECT, climb, score


def run_fuzz(options: argparse.Namespace) -> bool:
    """Fuzz the command line; whether no defect was found."""
    began = time.monotonic()
    figures = fuzz(inputs=options.inputs, start=options.start, processes=options.processes)
    print(f"fuzz: {figures.outcomes.total()} inputs in {time.monotonic() - began:.0f} s")
    for (kind, outcome), count in sorted(figures.outcomes.items()):
        print(f"  {kind:10} {outcome:8} {count:6}")
    print(f"  slowest {figures.slowest:.1f} s ({figures.slowest_input}); "
          f"{figures.mib:.0f} MiB ({figures.largest_input})")  # fmt: skip
    for defect in figures.defects:
        print(f"  DEFECT {defect}")
    return not figures.defects


def run_load_figures(_: argparse.Namespace) -> bool:
    """Assess cases as large as the limits allow; whether each was answered as it should be."""
    good = True
    for name, (text, answered) in LOADS.items():
        whole = name not in ANSWER_ALONE
        try:
            figure = run_load(text, whole=whole, limit=1800.0)
        except subprocess.TimeoutExpired as error:
            print(f"load: {name}: no answer in {error.timeout:.0f} s DEFECT", flush=True)
            good = False
            continue
        as_expected = (figure.code == 0) == answered and figure.code in (0, 2)
        as_expected &= figure.mib < MOST_MIB
        good &= as_expected
        print(
            f"load: {name}{'' if whole else ' (the answer alone)'}: exit {figure.code}, "
            f"{figure.seconds:.1f} s of processor, {figure.mib:.0f} MiB {figure.message[:160]}"
            f"{'' if as_expected else ' DEFECT'}",
            flush=True,
        )
    return good


_SWEEP = ("sweep", "bic-2025-doxxing", "--vary", "sources.osint.weight=log:0.1:10:101",
          "--vary", "victims.co_victims.count=1:4:4", "-o")  # fmt: skip


def run_kills(options: argparse.Namespace) -> bool:
    """Kill commands at random instants; whether only old or new outputs were ever seen."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        reports = [folder / f"report.{suffix}" for suffix in ("md", "html", "docx", "pdf")]
        named = [a for output in reports for a in ("-o", output)]
        _storm("new", ["new", folder / "new.yaml"], [folder / "new.yaml"], None, options.kills)
        table = folder / "sweep.csv"
        _storm("sweep to csv", [*_SWEEP, table, "--overwrite"], [table], b"old", options.kills)
        report: list[str | Path] = ["report", "shen-2018", *named, "--overwrite"]
        _storm("report, four formats", report, reports, b"old", options.kills)
        curve = folder / "curve.svg"
        plot: list[str | Path] = ["plot", "shen-2018", "prior-curve", "-o", curve, "--overwrite"]
        _storm("plot", plot, [curve], b"old", options.kills)
        for suffix in ("parquet", "zarr"):
            _kill_and_resume(folder, suffix, options.kills)
    return True


def _storm(
    name: str, command: Sequence[str | Path], outputs: Path | Sequence[Path],
    old: bytes | None, kills: int,
) -> None:  # fmt: skip
    """Kill a command; outputs are files, or a folder that it fills."""
    seconds = duration(*command)
    files = sorted(outputs.iterdir()) if isinstance(outputs, Path) else outputs
    whole = {file: file.read_bytes() for file in files}
    killed = kill_storm(command, whole, rounds=kills, seconds=seconds, old=old)
    print(f"kill: {name}: {seconds:.1f} s; {killed} of {kills} killed at work, none left a half",
          flush=True)  # fmt: skip


def _kill_and_resume(folder: Path, suffix: str, rounds: int) -> None:
    """Kill a sweep again and again until it is through; its bytes are those of one at once."""
    whole, broken = folder / f"whole.{suffix}", folder / f"broken.{suffix}"
    seconds = duration(*_SWEEP, whole)
    killed = 0
    for number in range(rounds):
        if broken.exists():
            break
        killed += kill_after(start(*_SWEEP, broken), seconds * (0.5 + number / rounds))
    if not broken.exists():
        assert run_command(*_SWEEP, broken).code == 0
    assert _bytes(whole) == _bytes(broken), f"{suffix}: not what an undisturbed sweep writes"
    print(f"kill: sweep to {suffix}: killed {killed} times, resumed to the same bytes", flush=True)


def _bytes(path: Path) -> dict[str, bytes]:
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return {str(p.relative_to(path)): p.read_bytes() for p in files}


def run_search(options: argparse.Namespace) -> bool:
    """Make cases harder where integrator and reference part; whether they agree when both try."""
    compared, looked_at, worst, good = 0, 0, 0.0, True
    for seed in range(options.start, options.start + options.seeds):
        for tree, found in climb(seed, steps=options.steps):
            compared += 1
            worst = max(worst, found.errors)
            if found.errors <= SUSPECT:
                continue
            looked_at += 1
            surely = score(tree, thorough=True)
            if surely is not None and surely.errors > SUSPECT:
                good = False
                print(f"search: seed {seed}: {surely} DEFECT\n{json.dumps(tree)}", flush=True)
    print(
        f"search: {compared} cases; largest difference {worst:.1f} standard errors in a quick "
        f"comparison; {looked_at} looked at thoroughly{'' if good else ' DEFECT'}",
        flush=True,
    )
    return good  # fmt: skip


def run_bounds(_: argparse.Namespace) -> bool:
    """The table of every command on the largest cases; whether all are bounded or refused."""
    good = True
    for line, kept in table():
        print(line, flush=True)
        good &= kept
    return good


RUNS = {
    "bounds": run_bounds,
    "fuzz": run_fuzz,
    "load": run_load_figures,
    "kill": run_kills,
    "search": run_search,
}


def main() -> int:
    """Run what is asked for, or everything; 1 where something broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("runs", nargs="*", help=f"of {', '.join(RUNS)}; all by default")
    parser.add_argument("--inputs", type=int, default=20_000, help="inputs of the fuzz")
    parser.add_argument("--start", type=int, default=0, help="number of the first input")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--kills", type=int, default=40, help="kills of each command")
    parser.add_argument("--seeds", type=int, default=1000, help="random cases of the search")
    parser.add_argument("--steps", type=int, default=5, help="steps from each of them")
    options = parser.parse_args()
    if unknown := set(options.runs) - set(RUNS):
        parser.error(f"there is no run {', '.join(sorted(unknown))}")
    good = [RUNS[name](options) for name in options.runs or RUNS]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
