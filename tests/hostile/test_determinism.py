"""Same inputs and seed, same bits: across processes, hash seeds, threads, order, engines."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from causation.case import load_case, parse_case
from causation.document.writing import plain
from causation.dossier.assessment import assess
from causation.scales import LN10
from tests.evidence.small import case
from tests.regression.results import differences
from tests.shipped import FEW

_ROOT = Path(__file__).parents[2]
_ENVIRONMENTS: list[dict[str, str]] = [
    {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    {
        "PYTHONHASHSEED": "random", "OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2",
        "LC_ALL": "C", "TZ": "Asia/Shanghai", "PYTHONUTF8": "1",
    },
]  # fmt: skip


def command(environment: dict[str, str], *arguments: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-c",
         "import sys; from causation.__main__ import main; sys.exit(main())", *arguments],
        cwd=_ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize(
    "case",
    ["shen-2018", *(pytest.param(c, marks=pytest.mark.slow) for c in ("bic-2025-doxxing",))],
)
def test_processes_hash_seeds_and_threads_agree_to_the_bit(case: str) -> None:
    first, *others = (command(e, "assess", case, "--json") for e in _ENVIRONMENTS)
    assert json.loads(first)["case"] == case
    assert all(other == first for other in others)


_SOME = ("bic-2025-doxxing/neutral",)


@pytest.mark.parametrize("kernels", ["Core2", pytest.param("Sandybridge", marks=pytest.mark.slow)])
def test_results_do_not_depend_on_the_processor(kernels: str) -> None:
    """Linear algebra for other processors: eigenvectors have other signs, sums another order.

    OpenBLAS obeys the variable; where NumPy has another library there is nothing to compare.
    """
    code = (
        "import json; from tests.regression.results import compute_results\n"
        f"print(json.dumps([compute_results(k) for k in {_SOME!r}]))"
    )
    one, two = (
        subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, check=True,
                       env={**os.environ, **chosen}).stdout
        for chosen in ({}, {"OPENBLAS_CORETYPE": kernels})
    )  # fmt: skip
    compared = list(zip(_SOME, json.loads(one), json.loads(two), strict=True))
    assert compared
    for key, ours, theirs in compared:
        assert not differences(ours, theirs), key


def answer(case: str) -> str:
    return json.dumps(assess(case).to_dict(whole=False))


def test_the_order_of_assessments_does_not_matter() -> None:
    cases = FEW[2:]
    forward = {c: answer(c) for c in cases}
    backward = {c: answer(c) for c in reversed(cases)}
    assert forward == backward


@pytest.mark.slow
def test_the_order_in_which_results_are_read_does_not_matter() -> None:
    one, two = assess("shen-2018"), assess("shen-2018")
    parts = ("contributions", "redraws", "variants", "burden", "prior_curve", "carriers", "roles")
    for name in parts:
        getattr(one, name)
    for name in reversed(parts):
        getattr(two, name)
    assert json.dumps(one.to_dict()) == json.dumps(two.to_dict())


def test_another_seed_changes_digits_within_the_error_alone() -> None:
    """Of a case in which a name that was compared ties two fields; others need no seed."""
    record = {"of": ["forum"], "agrees": ["real_name"]}
    tied = case({"id": "g", "disclosed": ["id_photo"], "record": record},
                plaintiff={"record": record})  # fmt: skip
    one, two = assess(tied), assess(tied, random_seed=1)
    assert one.probability != two.probability
    error = np.hypot(one.probability_error, two.probability_error)
    assert abs(one.probability - two.probability) < 5.0 * error  # of independent randomisations


@pytest.mark.parametrize("case", ["pang-2017", "gao-2024"])
def test_the_order_of_entries_in_the_file_does_not_matter(case: str) -> None:
    """To the stated error: lattice points fall on other latents."""
    tree = plain(load_case(case))
    first = assess(parse_case(json.dumps(tree)))
    for key in ("victims", "findings"):
        tree[key] = tree.get(key, [])[::-1]
        for row in tree[key]:
            row["disclosed"] = row["disclosed"][::-1] if "disclosed" in row else []
            if key == "findings":
                del row["disclosed"]
    for key in ("sources", "security"):
        tree[key] = dict(reversed(tree.get(key, {}).items()))
    second = assess(parse_case(json.dumps(dict(reversed(tree.items())))))
    assert set(second.routes) == set(first.routes)
    for route, value in first.log_evidence.items():
        error = LN10 * np.hypot(first.error[route], second.error[route])
        assert second.log_evidence[route] == pytest.approx(value, abs=5.0 * error + 1e-9), route
        assert second.prior[route] == pytest.approx(first.prior[route], rel=1e-12), route


def _in_a_worker(case: str) -> str:
    return answer(case)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_forked_and_spawned_processes_have_the_same_numbers(method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    context = multiprocessing.get_context(method)
    with warnings.catch_warnings(), context.Pool(1) as pool:
        warnings.simplefilter("ignore", DeprecationWarning)  # a fork where there are threads
        assert pool.map(_in_a_worker, ["shen-2018"]) == [answer("shen-2018")]


_GRID = (
    "--vary",
    "sources.osint.weight=log:0.1:10:30",
    "--vary",
    "findings.no_alternative_route.likelihood.osint=0.2,0.4",
)


def test_a_sweep_has_the_same_bits_in_every_process(tmp_path: Path) -> None:
    outputs = []
    for number, environment in enumerate(_ENVIRONMENTS):
        output = tmp_path / f"{number}.csv"
        command(environment, "sweep", "bic-2025-doxxing", *_GRID, "-o", str(output))
        outputs.append(output.read_bytes())
    assert outputs[0] == outputs[1]
    assert len(outputs[0].splitlines()) == 1 + 30 * 2


def test_threads_and_a_cluster_give_the_bits_of_one_thread() -> None:
    distributed = pytest.importorskip("distributed")
    from causation.sweeping.cluster import Cluster, Executor
    from causation.sweeping.sweep import plan_sweep

    plan = plan_sweep(
        "bic-2025-doxxing",
        {"sources.osint.weight": [0.1, 1.0, 5.0], "victims.co_victims.count": [1, 9]},
    )
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as local,
        distributed.Client(local) as client,
    ):
        results = [
            dict(executor.chunks(plan)) for executor in (Executor(1), Executor(3), Cluster(client))
        ]
    first, *others = results
    assert first
    for other in others:
        assert other.keys() == first.keys()
        for region, arrays in first.items():
            for name, array in arrays.items():
                assert array.tobytes() == other[region][name].tobytes(), name


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["md", "html"])
def test_a_report_has_the_same_bytes_in_every_process(suffix: str, tmp_path: Path) -> None:
    contents = []
    for number, environment in enumerate(_ENVIRONMENTS):
        output = tmp_path / f"{number}.{suffix}"
        command(environment, "report", "bic-2025-doxxing", "-o", str(output))
        contents.append(output.read_bytes())
    assert contents[0] == contents[1]
