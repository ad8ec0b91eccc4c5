"""Same inputs and seed, same bits: across processes, hash seeds, threads, order, engines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from causation.case import bundled_cases
from causation.dossier.assessment import assess
from tests.regression.results import differences, keys

_ROOT = Path(__file__).parents[2]
_ENVIRONMENTS: list[dict[str, str]] = [
    {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    {"PYTHONHASHSEED": "1", "OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"},
    {"PYTHONHASHSEED": "random", "LC_ALL": "C", "TZ": "Asia/Shanghai", "PYTHONUTF8": "1"},
]


def command(environment: dict[str, str], *arguments: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-c",
         "import sys; from causation.terminal.cli import main; sys.exit(main())", *arguments],
        cwd=_ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("case", ["bic-2025-doxxing", "pang-2017"])
def test_processes_hash_seeds_and_threads_agree_to_the_bit(case: str) -> None:
    first, *others = (command(e, "assess", case, "--json") for e in _ENVIRONMENTS)
    assert json.loads(first)["case"] == case
    assert all(other == first for other in others)


@pytest.mark.parametrize("kernels", ["Core2", "Sandybridge"])
def test_results_do_not_depend_on_the_processor(kernels: str) -> None:
    """Linear algebra for other processors: eigenvectors have other signs, sums another order.

    OpenBLAS obeys the variable; where NumPy has another library there is nothing to compare.
    """
    code = (
        "import json, sys; from tests.regression.results import compute_results, keys\n"
        "print(json.dumps([compute_results(k) for k in keys()]))"
    )
    one, two = (
        subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, check=True,
                       env={**os.environ, **chosen}).stdout
        for chosen in ({}, {"OPENBLAS_CORETYPE": kernels})
    )  # fmt: skip
    compared = list(zip(keys(), json.loads(one), json.loads(two), strict=True))
    assert compared
    for key, ours, theirs in compared:
        assert not differences(ours, theirs), key


def test_the_order_of_assessments_does_not_matter() -> None:
    forward = {c: json.dumps(assess(c).to_dict()) for c in bundled_cases()}
    backward = {c: json.dumps(assess(c).to_dict()) for c in reversed(bundled_cases())}
    assert forward == backward


def test_the_order_in_which_results_are_read_does_not_matter() -> None:
    one, two = assess("bic-2025-doxxing"), assess("bic-2025-doxxing")
    parts = ("contributions", "input_sensitivity", "burden", "dependence", "prior_curve")
    for name in parts:
        getattr(one, name)
    for name in reversed(parts):
        getattr(two, name)
    assert json.dumps(one.to_dict()) == json.dumps(two.to_dict())


def test_another_seed_changes_digits_within_the_error_alone() -> None:
    one, two = assess("bic-2025-doxxing"), assess("bic-2025-doxxing", random_seed=1)
    assert one.probability != two.probability
    error = np.hypot(one.probability_error, two.probability_error)
    assert abs(one.probability - two.probability) < 5.0 * error  # of independent randomisations


_GRID = (
    "--vary",
    "sources.osint.weight=log:0.1:10:30",
    "--vary",
    "victims.co_victims.count=1:40:14",
)


def test_a_sweep_has_the_same_bits_in_every_process(tmp_path: Path) -> None:
    outputs = []
    for number, environment in enumerate(_ENVIRONMENTS[:2]):
        output = tmp_path / f"{number}.csv"
        command(environment, "sweep", "bic-2025-doxxing", *_GRID, "-o", str(output))
        outputs.append(output.read_bytes())
    assert outputs[0] == outputs[1]
    assert len(outputs[0].splitlines()) == 1 + 30 * 14


def test_threads_and_a_cluster_give_the_bits_of_one_thread() -> None:
    distributed = pytest.importorskip("distributed")
    from causation.sweeping.cluster import Cluster, Here
    from causation.sweeping.sweep import plan_sweep

    plan = plan_sweep(
        "bic-2025-doxxing",
        {"sources.osint.weight": [0.1, 1.0, 5.0], "victims.co_victims.count": [1, 5, 9]},
    )
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as local,
        distributed.Client(local) as client,
    ):
        results = [dict(executor.chunks(plan)) for executor in (Here(1), Here(3), Cluster(client))]
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
    for number, environment in enumerate(_ENVIRONMENTS[:2]):
        output = tmp_path / f"{number}.{suffix}"
        command(environment, "report", "bic-2025-doxxing", "-o", str(output))
        contents.append(output.read_bytes())
    assert contents[0] == contents[1]
