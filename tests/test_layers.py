"""Imports run one way, and the heavy packages stay where they belong."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import causation

ROOT = Path(causation.__file__).parent
LAYERS = {
    "version": 0, "errors": 0, "scales": 0, "output": 0,
    "evidence": 1, "case": 2, "case.tables": 3, "model": 3, "model.simulation": 5, "inference": 5,
    "analyses": 0, "analyses.information": 0, "analyses.naive": 4, "analyses.contributions": 6,
    "analyses.dependence": 6, "analyses.evidence_ratios": 6, "analyses.prior_curve": 6,
    "analyses.redrawn": 6, "analyses.bounds": 8, "analyses.indices": 8, "analyses.inquiry": 8,
    "analyses.spread": 8, "analyses.tipping": 8, "analyses.tornado": 8,
    "dossier": 0, "dossier.labels": 3, "dossier.assessment": 7, "dossier.wording": 8,
    "dossier.tables": 9,
    "sweeping": 8, "validation": 8,
    "inference.trees": 9, "plots": 9, "report": 10,
    "notebook": 0, "notebook.display": 10, "notebook.exploring": 11, "notebook.widgets": 12,
    "terminal": 0, "terminal.progress": 0, "terminal.printing": 12, "terminal.cli": 13,
}  # fmt: skip
"""Layer of every part: a module imports its own layer and those below, never above.

A room whose modules lie in several layers lists them all; the room itself loads nothing.
"""
SHOWN = {"notebook.display", "dossier.tables", "inference.trees", "plots", "dossier.labels"}
"""How an object shows itself: may be imported from below, in the method that is asked for it."""
ALLOWED = {
    "pymc": {"inference.mcmc", "inference.smc"},
    "pytensor": {"inference.mcmc", "inference.smc"},
    # the report turns the figures of `plots` into files
    "matplotlib": {"plots", "report.figures"},
}
SLIM = (
    "pymc", "pytensor", "arviz", "matplotlib", "pandas", "xarray", "dask", "scipy.stats",
    "causation.report", "causation.plots",
)  # fmt: skip


def modules() -> dict[str, Path]:
    """Every module by its name below the package."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name:
            found[name] = path
    return found


def imported(path: Path) -> Iterator[tuple[str, bool, bool]]:
    """Names that a module imports; whether only for the type checker, and inside a function."""
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test).endswith("TYPE_CHECKING")
        for statement in block.body
        for node in ast.walk(statement)
    }
    late = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        marks = (id(node) in typing_only, id(node) in late)
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, *marks
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in {path}"
            assert node.module is not None
            yield node.module, *marks
            for alias in node.names:
                yield f"{node.module}.{alias.name}", *marks


def layer(name: str) -> int:
    """Layer of a module, that of its nearest named parent."""
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        if (known := LAYERS.get(".".join(parts[:size]))) is not None:
            return known
    raise KeyError(name)


def inside(name: str, parents: set[str]) -> bool:
    return any(name == p or name.startswith(p + ".") for p in parents)


def upward(name: str, path: Path, known: set[str]) -> list[str]:
    """Modules of higher layers that a module imports."""
    own = layer(name)
    above = []
    for target, for_types, late in imported(path):
        part = target.removeprefix("causation.")
        if not target.startswith("causation.") or for_types or part not in known:
            continue
        if late and inside(part, SHOWN):
            continue
        if layer(part) > own:
            above.append(part)
    return above


def test_imports_run_one_way() -> None:
    found = modules()
    above = {name: upward(name, path, set(found)) for name, path in found.items()}
    assert {name: parts for name, parts in above.items() if parts} == {}
    assert len(found) > 50


def test_heavy_packages_stay_where_they_belong() -> None:
    seen = set()
    for name, path in modules().items():
        for target, for_types, _ in imported(path):
            top = target.split(".")[0]
            if top in ALLOWED and not for_types:
                assert inside(name, ALLOWED[top]), f"{name} imports {target}"
                seen.add(top)
    assert seen == set(ALLOWED)


def run(code: str, *, limits: str = "") -> str:
    """Standard output of a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", limits + code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("option", [(), ("--json",), ("--priors", "neutral,claimant")])
def test_assess_imports_nothing_heavy(option: tuple[str, ...]) -> None:
    arguments = ["assess", "bic-2025-doxxing", *option]
    out = run(
        "import sys, io\n"
        "from causation.terminal.cli import main\n"
        "real, sys.stdout = sys.stdout, io.StringIO()\n"
        f"code = main({arguments!r})\n"
        "import json\n"
        "print(json.dumps([code, sorted(sys.modules)]), file=real)\n"
    )
    code, loaded = json.loads(out)
    assert code == 0
    assert [m for m in SLIM if m in loaded] == []


def test_importing_the_package_costs_nothing() -> None:
    loaded = json.loads(run("import causation, json, sys; print(json.dumps(sorted(sys.modules)))"))
    assert not {"numpy", "pydantic", "yaml", "rich", "typer"} & set(loaded)


def test_no_network_at_run_time() -> None:
    """Sockets cannot even be made; assess does not notice."""
    out = run(
        "import socket, sys\n"
        "def blocked(*_, **__): raise RuntimeError('a socket')\n"
        "socket.socket = blocked\n"
        "socket.create_connection = blocked\n"
        "socket.getaddrinfo = blocked\n"
        "import _socket; _socket.socket = blocked\n"
        "from causation.terminal.cli import main\n"
        "sys.exit(main(['assess', 'bic-2025-doxxing', '--json']))\n"
    )
    assert json.loads(out)["case"] == "bic-2025-doxxing"


def test_no_door_for_code() -> None:
    """No pickle, eval, exec, shell or unsafe YAML anywhere in the package."""
    doors = {"eval", "exec", "compile"}
    for name, path in modules().items():
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in doors, f"{name}: {called}"
                assert called not in {"yaml.unsafe_load", "yaml.full_load", "os.system", "os.popen"}
                words = {k.arg for k in node.keywords}
                assert "shell" not in words, f"{name}: shell"
                assert called != "yaml.load" or "Loader" in words, f"{name}: yaml.load"
        for base in ast.walk(tree):
            if isinstance(base, ast.Attribute):
                assert base.attr not in {"Loader", "UnsafeLoader", "FullLoader"}, name
        for target, *_ in imported(path):
            assert target.split(".")[0] not in {"pickle", "marshal", "shelve"}, name


BIG = """
schema: 1
id: big
proposition: platform
sources:
  platform: {kind: custodian, holds: [phone, real_name, id_photo]}
  osint: {kind: inference}
  library: {kind: custodian, class: leaked_library}
victims:
  - {id: plaintiff, disclosed: [phone, real_name], profile: {anonymous: true},
     users_of: {platform: true}}
  - {id: others, count: 10000, linkage: [0.7, 0.98], disclosed: [phone], not_disclosed: [id_photo],
     profile: {public_traces: false}, users_of: {platform: true}}
"""


PEAK = (
    "status = open('/proc/self/status').read()\n"
    "peak = int(status.split('VmHWM:')[1].split()[0]) / 1024\n"
)
"""Peak memory in MiB of this program: ``ru_maxrss`` would count the parent's at the fork."""


@pytest.mark.parametrize("case", ["bic-2025-doxxing", BIG])
def test_memory(case: str, tmp_path: Path) -> None:
    """The peak of the whole process stays below 250 MiB."""
    if case == BIG:
        path = tmp_path / "big.yaml"
        path.write_text(BIG, encoding="utf-8")
        case = str(path)
    out = run(
        "import sys, io\n"
        "from causation.terminal.cli import main\n"
        "real, sys.stdout = sys.stdout, io.StringIO()\n"
        f"code = main(['assess', {case!r}])\n"
        f"{PEAK}"
        "print(code, peak, file=real)\n"
    )
    code, peak = out.split()
    assert code == "0"
    assert float(peak) < 250.0


def test_memory_of_the_hardest_integral() -> None:
    """At the most points and 32 profile cells an integral is looked at in parts."""
    out = run(
        "import numpy as np\n"
        "from causation.inference.components import Plan\n"
        "from causation.inference.integrate import IntegratorSettings, integrate\n"
        "from tests.bridge import model_of\n"
        "from tests.reference.evidence import Group, Problem, Source\n"
        "items = 5\n"
        "s = Source('inference', [-1.0] * 6, [1.0] * 6, 0.5, [0.3] * items, [0.0] * items)\n"
        "g = Group(30, [True] * 3 + [False] * 3, [False] * 6, [None] * items)\n"
        "model = model_of(Problem([s], [g], [0.4] * items))\n"
        "settings = IntegratorSettings(points=16381, tolerance=1.0)\n"
        "value = integrate(Plan([model]).problems, settings)[0].log_value\n"
        "assert np.isfinite(value)\n"
        f"{PEAK}"
        "print(peak)\n"
    )
    # 131 048 points of 32 cells and 6 fields are 200 MB an array, held whole, and several are held
    assert float(out) < 300.0
