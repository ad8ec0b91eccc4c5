"""Other systems than this one, and a home that cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WINDOWS = """
    import builtins, os, sys
    import matplotlib.pyplot, numpy, openpyxl, pandas, pydantic, rich.console, scipy.stats, typer
    import concurrent.futures, multiprocessing, subprocess, tempfile, zipfile, xarray, yaml

    missing = ("fork", "forkpty", "getuid", "geteuid", "getpgid", "killpg", "setsid",
               "set_blocking", "O_NONBLOCK", "O_CLOEXEC", "O_DIRECTORY", "mkfifo",
               "sched_getaffinity", "uname")
    for name in missing:
        if hasattr(os, name):
            delattr(os, name)
    absent = {"fcntl", "grp", "pwd", "pty", "resource", "termios", "tty", "syslog"}
    for name in absent:
        sys.modules.pop(name, None)
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        asking = (args[0] if args else kwargs.get("globals") or {}).get("__name__", "")
        if name in absent and asking.startswith("causation"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *args, **kwargs)

    builtins.__import__ = refuse

    import causation
    from causation.terminal.cli import main

    def windows(module):
        class Os:
            name = "nt"
            def __getattr__(self, key):
                return getattr(os, key)
        module.os = Os()

    def run(*args):
        import causation.output, causation.document.reading
        for module in (causation.output, causation.document.reading):
            windows(module)
        code = main(list(args))
        assert code == 0, (args, code)

    run("new", "mine.yaml")
    run("new", "mine.yaml", "--overwrite", "--lang", "zh")
    run("import", "--template", "t.xlsx")
    run("import", "v.csv", "-o", "v.yaml")
    run("validate", "v.yaml", "shen-2018")
    run("assess", "v.yaml", "--json")
    run("sweep", "v.yaml", "--vary", "standard=0.5,0.9", "-o", "s.csv")
    run("plot", "v.yaml", "routes", "-o", "p.png")
    run("report", "v.yaml", "-o", "r.md")
"""


def run(code: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=folder, capture_output=True, text=True,
        check=False, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1",
             "PYTHONIOENCODING": "utf-8", "MPLBACKEND": "agg", **environment},
    )  # fmt: skip


@pytest.mark.slow
def test_nothing_that_only_posix_has_is_needed(tmp_path: Path) -> None:
    """Every command that a user needs, without the modules and calls that Windows lacks."""
    (tmp_path / "v.csv").write_text("phone\nyes\n", encoding="utf-8")
    done = run(WINDOWS, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "p.png").stat().st_size > 1000
    assert (tmp_path / "r.md").stat().st_size > 1000


def test_no_module_imports_what_only_posix_has_but_behind_a_guard() -> None:
    """At the top of a module there is none of it; elsewhere, only after a look at os.name."""
    for path in (ROOT / "causation").rglob("*.py"):
        text = path.read_text("utf-8")
        for name in ("fcntl", "resource", "pwd", "grp", "termios", "pty"):
            assert f"\nimport {name}\n" not in text, path
            if f"import {name}\n" in text:
                assert "os.name" in text, path


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    """Caches of libraries go elsewhere; nobody is told."""
    code = """
        import os, sys
        from causation.terminal.cli import main
        sys.argv = ["causation", "plot", "shen-2018", "routes", "-o", "p.svg"]
        code = main()
        assert os.environ["MPLCONFIGDIR"]
        import matplotlib
        import pytensor
        assert str(pytensor.config.compiledir).startswith(os.environ["MPLCONFIGDIR"])
        sys.exit(code)
    """
    done = run(code, tmp_path, HOME="/dev/null/nowhere", MPLCONFIGDIR="", PYTENSOR_FLAGS="")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "p.svg").is_file()
