"""Imports run one way, and the heavy packages stay where they belong."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import causation
from tests.sources import dotted, parsed

ROOT = Path(causation.__file__).parent
LOOSE = {"__init__", "__main__", "errors", "interrupts", "output", "scales", "version"}
"""All that stands at the root; ``__main__`` is the program."""
ROOMS = (
    ("errors", "interrupts", "output", "scales", "version"),
    ("document",),
    ("evidence",),
    ("case",),
    ("dossier.digits", "dossier.labels", "dossier.wording"),
    ("elicitation",),
    ("model",),
    ("inference",),
    ("analyses",),
    ("sweeping",),
    ("dossier",),
    ("validation",),
    ("plots",),
    ("notebook",),
    ("report",),
    ("terminal",),
    ("__main__",),
)
"""From top to bottom: a module imports its own room and those above, lazily or not.

The words of the dossier (what things are called, how numbers are printed) stand above the model, so
that analyses can say what they found.
"""
LAYERS = {name: rank for rank, room in enumerate(ROOMS) for name in room}
SHOWS_ITSELF = {
    ("case.schema", "notebook.display"),
    ("dossier.assessment", "notebook.display"),
}
"""The imports that run the other way: how an object shows itself when it is asked to."""
ALLOWED = {
    "pymc": {"inference.mcmc", "inference.smc"},
    "pytensor": {"inference.mcmc", "inference.smc", "inference.tensors"},
    "matplotlib": {"plots"},
}
READERS = {"plots", "notebook", "report", "terminal"}
ARITHMETIC = {"numpy", "math", "scipy", "statistics", "cmath"}
PRINTING = {
    "math.isfinite", "math.isnan", "math.isclose", "math.copysign",
    "math.ceil", "math.floor",  # heights of rows on a page, ticks of an axis
    "math.log10",  # ends of a logarithmic slider
    "np.__version__",
}  # fmt: skip
"""What readers may use to print, compare and lay out; none makes a number."""
DRAWING = {
    "plots.calibration": "grids on which the curves of `validation.metrics` are drawn",
    "plots.validation": "the same",
    "plots.sweeps": "places of cells and the scale of an axis",
}
"""Readers that may use arrays, and for what."""
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


@cache
def imported(path: Path) -> tuple[tuple[str, bool, bool], ...]:
    """Names that a module imports; whether only for the type checker, and inside a function."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[tuple[str, bool, bool]]:
    tree = parsed(path)
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and dotted(block.test).endswith("TYPE_CHECKING")
        for statement in block.body
        for node in ast.walk(statement)
    }
    late = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }
    # where there is importlib, a name in quotes may be that of a module
    by_name = "importlib" in path.read_text("utf-8")
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
        elif by_name and isinstance(node, ast.Constant) and str(node.value)[:10] == "causation.":
            yield str(node.value), False, True


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
    """Modules of rooms further down that a module imports."""
    own = layer(name)
    found = []
    for target, for_types, _ in imported(path):
        part = target.removeprefix("causation.")
        if not target.startswith("causation.") or for_types or part not in known:
            continue
        if layer(part) > own and not any(
            name == shown and inside(part, {by}) for shown, by in SHOWS_ITSELF
        ):
            found.append(part)
    return found


def test_imports_run_one_way() -> None:
    found = modules()
    wrong = {name: upward(name, path, set(found)) for name, path in found.items()}
    assert {name: parts for name, parts in wrong.items() if parts} == {}
    assert len(found) > 50


def test_every_exception_is_used() -> None:
    for name, shown in SHOWS_ITSELF:
        targets = {t.removeprefix("causation.") for t, *_ in imported(modules()[name])}
        assert any(inside(t, {shown}) for t in targets), name


def test_the_root_holds_nothing_else() -> None:
    assert {p.stem for p in ROOT.glob("*.py")} == LOOSE
    rooms = {p.name for p in ROOT.iterdir() if (p / "__init__.py").is_file()}
    assert rooms == {name.split(".")[0] for name in LAYERS} - LOOSE


def reads(name: str) -> bool:
    return inside(name, READERS)


def test_readers_make_no_number() -> None:
    """Readers take every number from the dossier: what they use of arithmetic is listed."""
    used = set()
    for name, path in modules().items():
        if not reads(name):
            continue
        taken = {t.split(".")[0] for t, for_types, _ in imported(path) if not for_types}
        for top in taken & ARITHMETIC:
            used.add(name)
            if name in DRAWING:
                continue
            alias = {"numpy": "np"}.get(top, top)
            calls = {
                f"{alias}.{node.attr}"
                for node in ast.walk(parsed(path))
                if isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == alias
            }
            assert calls, f"{name} imports {top} by another name"
            assert calls <= PRINTING, f"{name}: {sorted(calls - PRINTING)}"
    assert set(DRAWING) <= used


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


BIG = """
schema: 2
id: big
jurisdiction: none
standard: 0.75
proposition: platform
sources:
  platform: {kind: custodian, holds: [phone, real_name, id_photo]}
victims:
  - {id: plaintiff, plaintiff: true, disclosed: [phone, real_name], traits: {anonymous: true}}
  - {id: others, count: 10000, disclosed: [phone], not_disclosed: [id_photo],
     traits: {public_traces: false}, known_by: exposure}
"""


@pytest.mark.parametrize(
    "case", ["bic-2025-doxxing", pytest.param(BIG, marks=pytest.mark.slow, id="big")]
)
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
        "from tests.hostile.memory import peak_mib\n"
        "print(code, peak_mib(), file=real)\n"
    )
    code, peak = out.split()
    assert code == "0"
    assert float(peak) < 250.0
