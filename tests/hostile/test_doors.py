"""No doors: no network, no program, no code from data, no file but the output."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import causation
from tests.sources import dotted, parsed

_PACKAGE = Path(causation.__file__).parent
_ROOT = Path(__file__).parents[2]
_MODULES = sorted(_PACKAGE.rglob("*.py"))
_FORBIDDEN_MODULES = frozenset(
    [
        "asyncio",
        "aiohttp",
        "cloudpickle",
        "code",
        "codeop",
        "commands",
        "ctypes",
        "dbm",
        "dill",
        "ftplib",
        "http",
        "httpx",
        "imaplib",
        "joblib",
        "marshal",
        "nntplib",
        "pickle",
        "poplib",
        "pty",
        "requests",
        "shelve",
        "smtplib",
        "socket",
        "socketserver",
        "subprocess",
        "telnetlib",
        "urllib",
        "webbrowser",
        "xmlrpc",
        "xml",
    ]
)
_FORBIDDEN_CALLS = frozenset(
    [
        "eval",
        "exec",
        "compile",
        "system",
        "popen",
        "spawnl",
        "spawnv",
        "execv",
        "execl",
        "execvp",
        "load_pickle",
        "read_pickle",
        "to_pickle",
        "unsafe_load",
        "full_load",
        "loads_pickle",
    ]
)
_UNSAFE_LOADERS = frozenset(["Loader", "UnsafeLoader", "FullLoader"])


_ALLOWED = frozenset(
    {
        ("report/docx.py", "xml.sax.saxutils"),  # its escape only
        ("report/printed.py", "subprocess"),  # this interpreter on that module, held to bounds
        ("report/typesetting.py", "subprocess"),  # this interpreter on that module
    }
)


def _names(node: ast.AST) -> list[str]:
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom():
            return [node.module or ""]
    return []


@pytest.mark.parametrize("module", _MODULES, ids=lambda p: str(p.relative_to(_PACKAGE)))
def test_no_code_from_data_and_no_shell(module: Path) -> None:
    tree = parsed(module)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            assert node.attr not in _UNSAFE_LOADERS, (node.attr, node.lineno)
        for name in _names(node):
            if (str(module.relative_to(_PACKAGE)), name) not in _ALLOWED:
                assert name.split(".")[0] not in _FORBIDDEN_MODULES, name
        if isinstance(node, ast.Call):
            function = node.func
            called = (
                function.id
                if isinstance(function, ast.Name)
                else function.attr
                if isinstance(function, ast.Attribute)
                and dotted(function.value) in ("os", "builtins", "yaml", "pd", "np", "numpy")
                else ""
            )
            assert called not in _FORBIDDEN_CALLS, (called, node.lineno)
            if called == "load" and dotted(function) == "yaml.load":
                loader = {k.arg: dotted(k.value) for k in node.keywords}["Loader"]
                made = f"{loader} = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)"
                assert made in ast.unparse(tree)  # which leaves comments out
            for keyword in node.keywords:
                assert keyword.arg != "shell", node.lineno
                if keyword.arg == "allow_pickle":
                    assert isinstance(keyword.value, ast.Constant), node.lineno
                    assert keyword.value.value is False, node.lineno


def sealed(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command without doors, and without a network where the system lets us."""
    environment = {
        **os.environ,
        "TMPDIR": str(folder / "tmp"),
        "MPLCONFIGDIR": str(folder / "tmp"),
        "HOME": str(folder / "home"),
        "OPENBLAS_NUM_THREADS": "1",
    }
    return subprocess.run(
        [*_without_network(), sys.executable, "-m", "tests.hostile.sealed", folder, *arguments],
        cwd=_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


@cache
def _without_network() -> tuple[str, ...]:
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    works = subprocess.run([unshare, "-n", "true"], capture_output=True, check=False)
    return (unshare, "-n") if works.returncode == 0 else ()


OLD = """\
schema: 1
id: old
proposition: a
standard: 0.75
sources: {a: {kind: custodian, holds: [phone]}, others: {kind: residual}}
victims: [{id: p, disclosed: [phone]}]
"""
COMMANDS: dict[str, tuple[str, ...]] = {
    "cases": ("cases",),
    "validate": ("validate", "bic-2025-doxxing", "gao-2024"),
    "schema": ("schema",),
    "convert": ("convert", "OLD", "OUT/converted.yaml"),
    "new": ("new", "OUT/new.yaml"),
    "assess": ("assess", "bic-2025-doxxing"),
    "json": ("assess", "shen-2018", "--json"),
    "csv": ("sweep", "bic-2025-doxxing", "--vary", "sources.osint.weight=1:2:3", "-o", "OUT/a.csv"),
    "nc": ("sweep", "bic-2025-doxxing", "--vary", "sources.osint.weight=1:2:3", "-o", "OUT/a.nc"),
    "parquet": (
        "sweep", "bic-2025-doxxing", "--vary", "sources.osint.weight=1:2:3", "-o", "OUT/a.parquet",
    ),
    "zarr": ("sweep", "bic-2025-doxxing", "--vary", "standard=0.5:0.9:3", "-o", "OUT/a.zarr"),
    "md": ("report", "bic-2025-doxxing", "-o", "OUT/r.md"),
    "html": ("report", "bic-2025-doxxing", "-o", "OUT/r.html"),
    "docx": ("report", "bic-2025-doxxing", "-o", "OUT/r.docx"),
    "pdf": ("report", "bic-2025-doxxing", "-o", "OUT/r.pdf", "--lang", "zh"),
    "plot": ("plot", "bic-2025-doxxing", "prior-curve", "-o", "OUT/curve.svg"),
    "inquire": ("inquire", "bic-2025-doxxing"),
    "selftest": ("selftest",),
    "calibrate": ("calibrate", "--cases", "100", "-o", "OUT/calibration"),
}  # fmt: skip
_SLOW = {
    "assess",
    "plot",
    "zarr",
    "md",
    "html",
    "docx",
    "pdf",
    "inquire",
    "parquet",
    "nc",
    "selftest",
    "calibrate",
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow if n in _SLOW else ()) for n in COMMANDS],
)
def test_a_command_opens_no_door(name: str, tmp_path: Path) -> None:
    old = tmp_path / "home" / "old.yaml"
    old.parent.mkdir()
    old.write_text(OLD, encoding="utf-8")
    arguments = [a.replace("OUT", str(tmp_path)).replace("OLD", str(old)) for a in COMMANDS[name]]
    done = sealed(tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    written = {p.name for p in tmp_path.iterdir()} - {"tmp", "home"}
    assert written == {Path(a).name for a in arguments if str(tmp_path) in a} - {old.name}


def test_the_seal_holds(tmp_path: Path) -> None:
    """A door that is tried is found even where its error is caught."""
    code = (
        "import sys; from causation.terminal import cli\n"
        "def tries(args):\n"
        "    import socket\n"
        "    try: socket.create_connection(('127.0.0.1', 9), timeout=1)\n"
        "    except OSError: pass\n"
        "    return 0\n"
        "cli.main = tries\n"
        f"sys.argv = ['sealed', {str(tmp_path)!r}]\n"
        "from tests.hostile import sealed; sys.exit(sealed.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=_ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 9, done.stderr
    assert "socket." in done.stderr
