"""Sweeps against other packages and against the machine: ``python -m tests.benchmarks.sweeps``.

Everything is measured side by side in one run, each as the median of some rounds that take
turns. pyAgrum and pgmpy are left out, with a message, where they are not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from causation.analyses.spread import spreads_of
from causation.case import Case, fill, load_case
from causation.inference.infer import infer
from causation.inference.integrate import DRAFT, IntegratorSettings
from causation.model.structure import build_model
from causation.sweeping.chunks import evaluate_chunk, tables_of
from causation.sweeping.plan import Region, Sweep
from causation.sweeping.sweep import compute, plan_sweep

CASE = "bic-2025-doxxing"
RULE = "findings.no_alternative_route"
THREADS = len(os.sched_getaffinity(0))
SIZE = 1_000_000


def say(text: str = "") -> None:
    """One line of the result."""
    print(text, flush=True)


def median_time(run: Callable[[], object], rounds: int = 5, *, shared: int = 0) -> float:
    """Median seconds, after one round that is not counted.

    Wall seconds; or, with `shared` threads that are all busy, the CPU seconds of each: what the
    wall would show if nobody else used the machine.
    """
    run()
    times = []
    for _ in range(rounds):
        start, cpu = time.perf_counter(), time.process_time()
        run()
        wall, used = time.perf_counter() - start, time.process_time() - cpu
        times.append(used / shared if shared else wall)
    return statistics.median(times)


# --- the machine -------------------------------------------------------------------------------


def copy_bandwidth(*, shared: int = 0) -> float:
    """Bytes per second that all threads together copy from memory to memory."""
    source = np.ones(2**25)
    target = np.zeros_like(source)
    parts = np.linspace(0, source.size, THREADS + 1).astype(int)

    def copy(k: int) -> None:
        np.copyto(target[parts[k] : parts[k + 1]], source[parts[k] : parts[k + 1]])

    with ThreadPoolExecutor(THREADS) as pool:
        seconds = median_time(lambda: list(pool.map(copy, range(THREADS))), 7, shared=shared)
    return source.nbytes / seconds


def transcendental_rate() -> float:
    """Exponentials and logarithms per second on all threads, from cache."""
    x = np.linspace(0.1, 2.0, 4096)

    def work(_: int) -> None:
        out = np.empty_like(x)
        for _ in range(500):
            np.exp(x, out=out)
            np.log1p(out, out=out)

    with ThreadPoolExecutor(THREADS) as pool:
        seconds = median_time(lambda: list(pool.map(work, range(THREADS))))
    return THREADS * 500 * 2 * x.size / seconds


# --- findings and prior axes ---------------------------------------------------------------------


def algebra_plan(kind: str, cells: int = SIZE) -> Sweep:
    """A grid over axes that leave every integral as it is."""
    side = round((cells / 400) ** 0.5)
    weights = np.geomspace(0.1, 10.0, side)
    shares = np.linspace(0.05, 0.95, side)
    last = np.linspace(0.05, 0.95, 400)
    grid = {
        "findings": {
            f"{RULE}.likelihood.platform": shares,
            f"{RULE}.likelihood.osint": shares,
            f"{RULE}.reliability": last,
        },
        "prior and findings": {
            "sources.osint.weight": weights,
            "sources.platform.weight": weights,
            f"{RULE}.likelihood.osint": last,
        },
        "prior and chains": {
            "sources.osint.weight": weights,
            "sources.platform.weight": weights,
            "routes.platform/library": last / 2.0,
        },
    }[kind]
    return plan_sweep(CASE, grid, variables=("posterior",))


def cells_per_second(plan: Sweep, rounds: int = 5, *, shared: int = 0) -> float:
    """Scenarios per second on all threads into arrays in memory, integrals computed before."""
    slabs = [(slab, tables_of(plan, slab, map)) for slab in plan.slabs()]
    whole = plan.empty(plan.grid.shape)
    for array in whole.values():
        array.fill(0)  # the memory is there

    def views(region: Region) -> dict[str, np.ndarray]:
        spans: tuple[Any, ...] = tuple(slice(start, stop) for start, stop in region)
        return {name: array[(..., *spans)] for name, array in whole.items()}

    def run() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            for slab, tables in slabs:
                list(pool.map(lambda c, t=tables: evaluate_chunk(plan, t, c, views(c)),
                              slab.chunks))  # fmt: skip

    return plan.grid.size / median_time(run, rounds, shared=shared)


def algebra() -> None:
    """Findings and prior axes: scenarios per second, and the share of the copy bandwidth."""
    for kind in ("findings", "prior and findings", "prior and chains"):
        plan = algebra_plan(kind)
        for name, shared in (("wall", 0), ("CPU", THREADS)):
            rates, shares = [], []
            for _ in range(5):
                bandwidth = copy_bandwidth(shared=shared)
                rate = cells_per_second(plan, 3, shared=shared)
                rates.append(rate)
                shares.append(rate * plan.cell_bytes / bandwidth)
            say(
                f"{kind} ({name} time): {statistics.median(rates) / 1e6:.1f} million scenarios/s, "
                f"{statistics.median(shares):.0%} of the copy bandwidth "
                f"({min(shares):.0%} to {max(shares):.0%})"
            )


# --- other packages on the same discrete network ------------------------------------------------


def installed(package: str) -> bool:
    """Whether a peer can be imported; says so where not."""
    if importlib.util.find_spec(package) is None:
        say(f"{package}: not installed (pip install --group peers), left out")
        return False
    return True


BURGLARY = "three-suspect-burglary"
HITS = np.linspace(0.05, 0.95, 40)


def burglary() -> Case:
    """The published network: three suspects, two findings."""
    return load_case(Path("data/published") / f"{BURGLARY}.yaml")


def ours_discrete(cells: int) -> np.ndarray:
    """Posterior of suspect 1 over a grid of one likelihood and one weight."""
    plan = discrete_plan(cells)
    posterior = compute(plan)["posterior"]
    first: np.ndarray = posterior[0]
    return first


def discrete_plan(cells: int) -> Sweep:
    """A grid of `cells` scenarios of the published network."""
    weights = np.geomspace(0.1, 10.0, cells // HITS.size)
    grid = {"sources.suspect_1.weight": weights, "findings.item.likelihood.suspect_1": HITS}
    return plan_sweep(burglary(), grid, variables=("posterior",))


def scenarios(count: int) -> list[tuple[float, float]]:
    """The first scenarios of the grid as (weight, likelihood)."""
    weights = np.geomspace(0.1, 10.0, count // HITS.size)
    return [(float(w), float(p)) for w in weights for p in HITS]


def by_pyagrum(pairs: Iterable[tuple[float, float]]) -> list[float]:
    """Suspect 1 by variable elimination, tables refilled for each scenario."""
    import pyagrum as gum

    net = gum.fastBN("s[3]->item[2];s->time[2]")
    net.cpt("time").fillWith([0.1, 0.9, 0.9, 0.1, 0.25, 0.75])
    engine = gum.VariableElimination(net)
    found = []
    for w, p in pairs:
        total = w + 2.0
        net.cpt("s").fillWith([w / total, 1.0 / total, 1.0 / total])
        net.cpt("item").fillWith([1.0 - p, p, 0.9, 0.1, 0.9, 0.1])
        engine.setEvidence({"item": 1, "time": 1})
        engine.makeInference()
        found.append(float(engine.posterior("s")[0]))
    return found


def by_pgmpy(pairs: Iterable[tuple[float, float]]) -> list[float]:
    """Suspect 1 by variable elimination, tables replaced for each scenario."""
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.inference import VariableElimination
    from pgmpy.models import DiscreteBayesianNetwork

    net = DiscreteBayesianNetwork([("s", "item"), ("s", "time")])
    time_table = TabularCPD("time", 2, [[0.1, 0.9, 0.25], [0.9, 0.1, 0.75]], ["s"], [3])
    found = []
    for w, p in pairs:
        total = w + 2.0
        net.add_cpds(
            TabularCPD("s", 3, [[w / total], [1.0 / total], [1.0 / total]]),
            TabularCPD("item", 2, [[1.0 - p, 0.9, 0.9], [p, 0.1, 0.1]], ["s"], [3]),
            time_table,
        )
        answer = VariableElimination(net).query(
            ["s"], evidence={"item": 1, "time": 1}, show_progress=False
        )
        found.append(float(answer.values[0]))
    return found


def peers(count: int = 400) -> None:
    """Scenarios per second on the published network, the same scenarios and answers."""
    import logging
    import warnings

    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    pairs = scenarios(count)
    expected = ours_discrete(count).ravel()
    for name, package, run in (("pyAgrum", "pyagrum", by_pyagrum), ("pgmpy", "pgmpy", by_pgmpy)):
        if not installed(package):
            continue
        worst = float(np.abs(np.array(run(pairs)) - expected).max())
        ratios = []
        for _ in range(3):
            theirs = count / median_time(lambda run=run: run(pairs), 1, shared=1)  # type: ignore[misc]
            ours = cells_per_second(discrete_plan(SIZE), 3, shared=THREADS)
            ratios.append(ours / theirs)
        say(
            f"{name} (CPU time): {theirs:,.0f} scenarios/s, ours {ours / 1e6:.1f} million/s, "
            f"ratio {statistics.median(ratios):,.0f} (answers differ by {worst:.0e})"
        )


# --- axes that integrate --------------------------------------------------------------------------


def integral_plan(settings: IntegratorSettings, sides: tuple[int, int, int] = (5, 4, 5)) -> Sweep:
    """Four axes that change integrals: four counts, and numbers of which one is every route's."""
    correlation, publishes, phone = sides
    grid = {
        "victims.co_victims.count": [1, 3, 8, 21],
        "sources.platform.correlation": np.linspace(0.1, 0.9, correlation),
        "actor.publishes": [(0.3 + x, 0.7 + x) for x in np.linspace(0.0, 0.15, publishes)],
        "sources.library.disclosure.phone": [
            (0.2 + x, 0.6 + x / 2) for x in np.linspace(0.0, 0.4, phone)
        ],
    }
    return plan_sweep(CASE, grid, settings=settings, variables=("log10_lr", "posterior"))


def every_input_plan(rows: int, settings: IntegratorSettings) -> Sweep:
    """Scenarios in which every elicited input is another one: nothing can be shared."""
    case = load_case(CASE)
    rng = np.random.default_rng(1)
    columns = {
        s.path: [s.at(float(t)) for t in rng.uniform(-0.5, 0.5, rows)]
        for s in spreads_of(build_model(fill(case)))
    }
    return plan_sweep(
        case, columns, zipped=True, settings=settings, variables=("log10_lr", "posterior")
    )


def integrals() -> None:
    """Assessments per second where every scenario integrates, and their error.

    By CPU time of all threads, planning included: what one core does in a second.
    """
    fine = replace(IntegratorSettings(), tolerance=0.001, limit=0.002)
    makes: list[tuple[str, Callable[[IntegratorSettings], Sweep]]] = [
        ("grid of four integrating axes", lambda s, x=sides: integral_plan(s, x))  # type: ignore[misc]
        for sides in ((5, 4, 5), (14, 12, 15), (30, 28, 30))
    ]
    makes.append(("every input another", lambda s: every_input_plan(60, s)))
    for name, make in makes:
        found: dict[str, np.ndarray] = {}

        def run(make: Any = make, found: dict[str, np.ndarray] = found) -> None:
            found.update(compute(make(DRAFT)))

        size = make(DRAFT).grid.size
        seconds = median_time(run, 3 if size < 50_000 else 1, shared=1)
        said = ""
        if size < 50_000:
            error = np.abs(found["log10_lr"] - compute(make(fine))["log10_lr"]).max()
            said = f", log10 LR within {error:.0e}"
        say(f"{name}, {size:,} scenarios: {size / seconds:,.0f} a second and core{said}")


def against_nuts() -> None:
    """Time for one assessment at the Monte Carlo error that NUTS reaches in its own time."""
    from causation.inference.mcmc import sample

    model = build_model(fill(load_case(CASE)))
    start = time.perf_counter()
    chains = sample(model, random_seed=1)
    theirs = time.perf_counter() - start
    their_error = float(np.max(chains.error))
    settings = DRAFT
    ours = median_time(lambda: infer(model, settings=settings), 3)
    our_error = float(np.max(infer(model, settings=settings).error))
    # errors fall with the root of the time: bring NUTS to the error of the integrator
    same = theirs * max(1.0, (their_error / our_error) ** 2)
    say(
        f"NUTS: {theirs:.1f} s for a standard error of {their_error:.4f} (log10 evidence); "
        f"integrator: {ours:.3f} s for {our_error:.4f}; ratio at the same error {same / ours:,.0f}"
    )
    plan = integral_plan(DRAFT)
    seconds = median_time(lambda: compute(plan), 1) / plan.grid.size
    say(f"per scenario of a grid: {seconds * 1e6:.0f} microseconds; ratio {same / seconds:,.0f}")


# --- cost curves ----------------------------------------------------------------------------------


def curve(title: str, costs: dict[int, float], unit: str) -> None:
    """One cost curve as a line."""
    listed = ", ".join(f"{n:,}: {1e3 * t:.1f} ms" for n, t in costs.items())
    say(f"{title} ({unit}): {listed}")


def costs() -> None:
    """How the cost grows with victims, sources, fields, axes and the size of the grid."""
    case = load_case(CASE)

    def assess(changed: Case) -> float:
        model = build_model(fill(changed))
        return median_time(lambda: infer(model), 3)

    counts = (1, 10, 100, 10_000, 1_000_000)
    curve(
        "one assessment, further victims",
        {n: assess(case.replace({"victims.co_victims.count": n})) for n in counts},
        "count",
    )
    shop = {"kind": "custodian", "holds": ["phone", "real_name"]}
    by_sources = {}
    for extra in (0, 2, 4, 8):
        more = {f"sources.shop_{i}": shop for i in range(extra)}
        by_sources[4 + extra] = assess(case.replace(more))
    curve("one assessment, sources", by_sources, "sources")
    names = ["email", "home_address", "employer", "sex", "transaction", "occupation"]
    by_fields = {}
    for extra in (0, 2, 4, 6):
        disclosed = [*case.victims[0].disclosed, *names[:extra]]
        by_fields[4 + extra] = assess(case.replace({"victims.plaintiff.disclosed": disclosed}))
    curve("one assessment, fields", by_fields, "fields")
    per_cell = {}
    for cells in (10**4, 10**5, 10**6):
        plan = algebra_plan("prior and findings", cells)
        per_cell[plan.grid.size] = plan.grid.size / cells_per_second(plan, 3)
    curve("prior and findings axes, grid size", per_cell, "scenarios")
    by_axes = {}
    for axes in (1, 2, 3, 4):
        paths = [f"{RULE}.likelihood.{s}" for s in case.sources]
        side = round(10 ** (6 / axes))
        grid = {p: np.linspace(0.1, 0.9, side) for p in paths[:axes]}
        plan = plan_sweep(CASE, grid, variables=("posterior",))
        by_axes[axes] = plan.grid.size / cells_per_second(plan, 3)
    curve("a million scenarios, axes", by_axes, "axes")


# --- a billion cells ------------------------------------------------------------------------------

BILLION = """
import resource, sys, time
import numpy as np
from causation.sweeping.files import sweep_to_file
grid = {{
    "sources.osint.weight": np.geomspace(0.1, 10.0, {side}),
    "sources.platform.weight": np.geomspace(0.1, 10.0, 1000),
    "findings.no_alternative_route.likelihood.osint": np.linspace(0.05, 0.95, 1000),
}}
start = time.perf_counter()
sweep_to_file("bic-2025-doxxing", grid, {target!r}, variables=("probability",))
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(f"{{1e6 * {side}:,.0f}} cells to zarr in {{seconds:.0f}} s, peak memory {{peak:.2f}} GiB")
"""


def billion(side: int = 1000) -> None:
    """Stream a billion cells to a zarr file in a process of its own."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        code = BILLION.format(side=side, target=str(Path(folder) / "x.zarr"))
        result = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        say(result.stdout.strip())


PARTS: dict[str, Callable[[], Any]] = {
    "algebra": algebra,
    "peers": peers,
    "integrals": integrals,
    "nuts": against_nuts,
    "costs": costs,
    "billion": billion,
}


def main() -> None:
    """Run all parts, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    chosen = parser.parse_args().parts or list(PARTS)
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    say(f"{THREADS} processors, load {load}")
    say(f"copy bandwidth {copy_bandwidth() / 1e9:.1f} GB/s written")
    say(f"transcendental functions {transcendental_rate() / 1e6:,.0f} million/s")
    for name in chosen:
        PARTS[name]()
    say(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
