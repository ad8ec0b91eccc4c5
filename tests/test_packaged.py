"""What is installed without make: a wheel with all it needs, and its metadata."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def built(kind: str, folder: Path) -> Path:
    """Build a distribution; the one file that was made."""
    pytest.importorskip("hatchling")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (file,) = folder.iterdir()
    return file


def test_metadata_is_what_a_packager_needs() -> None:
    assert PROJECT["license"] == "Apache-2.0"
    assert (ROOT / "LICENSE").is_file()
    assert PROJECT["requires-python"] == ">=3.12"
    assert PROJECT["scripts"] == {"causation": "causation.__main__:main"}
    every = [
        *PROJECT["dependencies"],
        *(d for e in PROJECT["optional-dependencies"].values() for d in e),
    ]
    for requirement in every:
        assert "@" not in requirement, "no address, no commit: a channel has to have it"
        assert re.fullmatch(r"[A-Za-z0-9-]+(\[[a-z,]+\])?(>=[0-9.]+)?", requirement), requirement
    assert any(d.startswith("openpyxl") for d in PROJECT["dependencies"])
    assert not {"make", "pip", "setuptools"} & {re.split(r"[^a-z]", d)[0] for d in every}


@pytest.mark.slow
def test_a_wheel_runs_from_a_folder_with_spaces_and_chinese(tmp_path: Path) -> None:
    wheel = built("wheel", tmp_path / "dist")
    place = tmp_path / "已 安装 here"
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        packed.extractall(place)  # noqa: S202 - our own
    for name in (
        "cases/bic-2025-doxxing.yaml",
        "priors/neutral.yaml",
        "starter.yaml",
        "columns.yaml",
    ):
        assert f"causation/data/{name}" in names
    assert not any(n.startswith(("tests/", "docs/", "notebooks/")) for n in names)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    work = tmp_path / "其他 folder"
    work.mkdir()
    (work / "表.csv").write_text("手机号码\n是\n", encoding="utf-8")
    commands = (
        "--version",
        "cases --lang zh",
        "import 表.csv -o 案.yaml",
        "validate 案.yaml shen-2018",
    )
    for command in map(str.split, commands):
        done = subprocess.run(
            [sys.executable, "-m", "causation", *command], cwd=work, capture_output=True,
            text=True, check=False, encoding="utf-8",
            env=environment | {"PYTHONPATH": str(place), "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, ""), command
    where = "import causation; print(causation.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", where], cwd=work, capture_output=True, text=True, check=True,
        env=environment | {"PYTHONPATH": str(place)},
    )  # fmt: skip
    assert str(place) in done.stdout


@pytest.mark.slow
def test_a_source_distribution_has_its_licence_and_its_tests(tmp_path: Path) -> None:
    with tarfile.open(built("sdist", tmp_path / "dist")) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", "tests/test_packaged.py", "PKG-INFO",
            "data/columns.yaml", "causation/__init__.py"} <= names  # fmt: skip


def test_the_conda_recipe_asks_for_what_pyproject_does() -> None:
    """Names that differ on conda-forge apart, and the one package that it does not have."""
    import yaml

    recipe = yaml.safe_load((ROOT / "conda" / "recipe.yaml").read_text("utf-8"))
    other = {"matplotlib": "matplotlib-base", "pymc": "pymc-base", "typst": "typst-py"}
    wanted = {"python": PROJECT["requires-python"]}
    for requirement in PROJECT["dependencies"]:
        name, _, version = requirement.partition(">=")
        wanted[other.get(name, name.lower())] = f">={version}"
    asked = dict(line.split(" ") for line in recipe["requirements"]["run"])
    assert asked | {"zhplot": ">=1"} == wanted
    assert "zhplot" not in asked
    assert "hatchling >=1.27" in recipe["requirements"]["host"]
    assert recipe["context"]["version"] == PROJECT["version"]
    assert recipe["about"]["license"] == PROJECT["license"]
    (command,) = recipe["build"]["python"]["entry_points"]
    assert command == "causation = " + PROJECT["scripts"]["causation"]
