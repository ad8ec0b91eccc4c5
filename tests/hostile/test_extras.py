"""Each optional package that is missing has one message that says how to get it."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.outcomes import Run, check_message, run_command


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that makes packages look as if they were not installed."""

    def hide(*packages: str) -> None:
        real = builtins.__import__

        def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
            if name.split(".", maxsplit=1)[0] in packages:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            return real(name, *args, **kwargs)

        for module in list(sys.modules):
            if module.split(".")[0] in packages:
                monkeypatch.delitem(sys.modules, module)
        monkeypatch.setattr(builtins, "__import__", refuse)

    return hide


def check(run: Run, package: str, extra: str, output: Path) -> None:
    assert run.code == 2, run.err
    check_message(run.err.removesuffix("\n"))
    assert package in run.err
    assert f"causation[{extra}]" in run.err
    assert not output.exists()
    assert not list(output.parent.iterdir())


@pytest.mark.parametrize(("suffix", "package"), [("parquet", "pyarrow"), ("zarr", "zarr")])
def test_a_format_of_the_sweep(suffix: str, package: str, without: Any, tmp_path: Path) -> None:
    output = tmp_path / f"s.{suffix}"
    without(package)
    vary = ("--vary", "standard=0.5,0.9")
    check(run_command("sweep", "bic-2025-doxxing", *vary, "-o", output), package, "cluster", output)


def test_a_cluster(without: Any, tmp_path: Path) -> None:
    output = tmp_path / "s.csv"
    without("distributed")
    run = run_command(
        "sweep", "bic-2025-doxxing", "--vary", "standard=0.5,0.9", "-o", output,
        "--cluster", "tcp://127.0.0.1:1",
    )  # fmt: skip
    check(run, "distributed", "cluster", output)


def test_widgets(without: Any) -> None:
    from causation.errors import MissingExtraError
    from causation.notebook.widgets import explore

    without("ipywidgets")
    with pytest.raises(MissingExtraError, match=r"ipywidgets.*causation\[notebooks\]"):
        explore("bic-2025-doxxing")


def test_nothing_but_what_is_asked_for_is_needed(without: Any) -> None:
    without("nutpie", "distributed", "dask", "pyarrow", "zarr", "ipywidgets", "openpyxl")
    assert run_command("assess", "shen-2018").code == 0
