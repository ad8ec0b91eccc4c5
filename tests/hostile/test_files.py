"""Files that are not what they seem: pipes, devices, links, the input as output."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from causation.case import dump_case, load_case
from tests.hostile.faults import command_line, start
from tests.hostile.outcomes import check_message, run_command

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes by name")
_VARY = ("--vary", "standard=0.5,0.9", "-o")


def refused(*arguments: str | Path) -> str:
    """Run a command by itself, for not more than a minute; its one message."""
    process = start(*arguments)
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 2, err
    assert not out
    check_message(err.removesuffix("\n"))
    return err


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    file = tmp_path / "pipe.yaml"
    os.mkfifo(file)
    return file


def test_a_pipe_into_which_nobody_writes_is_not_waited_for(pipe: Path) -> None:
    assert "empty" in refused("validate", pipe)
    assert "empty" in refused("assess", "bic-2025-doxxing", "--priors", pipe)


def test_a_pipe_into_which_somebody_writes_is_read() -> None:
    text = dump_case(load_case("bic-2025-doxxing"))
    done = subprocess.run(
        command_line("validate", "/dev/stdin"), input=text, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_links_in_a_circle_are_named(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.symlink_to(two)
    two.symlink_to(one)
    assert "one.yaml" in refused("validate", one)
    assert "one.yaml" in refused("sweep", one, *_VARY, tmp_path / "s.csv")


@pytest.mark.parametrize("place", ["/dev/zero", "/proc/self/environ", "/etc/passwd"])
def test_a_prior_set_that_is_another_file_is_not_quoted(place: str, tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    for path in (place, os.path.relpath(place, tmp_path)):
        text = dump_case(load_case("bic-2025-doxxing")).replace("priors: neutral", "")
        case.write_text(f"{text}\npriors: {path}\n", encoding="utf-8")
        for arguments in (("assess", case), ("assess", "gao-2024", "--priors", path)):
            run = run_command(*arguments)
            assert run.code == 2
            check_message(run.err.removesuffix("\n"))
            assert "root:x" not in run.out + run.err
            assert "PATH=" not in run.out + run.err


def test_an_output_that_is_a_link_or_a_pipe_is_replaced_itself(tmp_path: Path, pipe: Path) -> None:
    """What a link points to is never written: whoever may make links may not choose files."""
    precious, link = tmp_path / "precious", tmp_path / "link.csv"
    precious.write_text("precious", encoding="utf-8")
    link.symlink_to(precious)
    pipe = pipe.rename(tmp_path / "pipe.csv")
    for output in (link, pipe):
        run = run_command("sweep", "bic-2025-doxxing", *_VARY, output, "--overwrite")
        assert run.code == 0, run.err
        assert output.is_file()
        assert not output.is_symlink()
    assert precious.read_text(encoding="utf-8") == "precious"


def test_a_link_to_nowhere_is_replaced_and_nothing_is_made_there(tmp_path: Path) -> None:
    link, elsewhere = tmp_path / "link.csv", tmp_path / "elsewhere.csv"
    link.symlink_to(elsewhere)
    run_command("sweep", "bic-2025-doxxing", *_VARY, link, "--overwrite")
    assert not elsewhere.exists()


@pytest.mark.parametrize("suffix", ["zarr", "parquet"])
def test_a_link_in_place_of_the_folder_of_a_sweep_is_not_followed(
    suffix: str, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("precious", encoding="utf-8")
    output = tmp_path / f"s.{suffix}"
    output.with_name(f"{output.name}.partial").symlink_to(precious)
    for flags in ((), ("--overwrite",)):
        run = run_command("sweep", "bic-2025-doxxing", *_VARY, output, *flags)
        assert run.code in (0, 2), run.err
        assert [p.name for p in precious.iterdir()] == ["file"]
        assert (precious / "file").read_text(encoding="utf-8") == "precious"


def test_the_case_is_not_overwritten_by_its_sweep(tmp_path: Path) -> None:
    text = dump_case(load_case("bic-2025-doxxing"))
    case, link = tmp_path / "case.csv", tmp_path / "link.csv"
    case.write_text(text, encoding="utf-8")
    link.hardlink_to(case)
    for output in (case, link):
        run = run_command("sweep", case, *_VARY, output, "--overwrite")
        assert run.code == 2
        check_message(run.err.removesuffix("\n"))
    assert case.read_text(encoding="utf-8") == text


@pytest.mark.slow
@pytest.mark.parametrize("command", ["report", "plot"])
def test_no_backend_for_figures_is_loaded_that_the_surroundings_name(
    command: str, tmp_path: Path
) -> None:
    """Matplotlib reads ``matplotlibrc`` in the current folder, where hostile files may lie."""
    (tmp_path / "matplotlibrc").write_text("backend: module://evil\n", encoding="utf-8")
    (tmp_path / "evil.py").write_text("open('loaded', 'w').close()\n", encoding="utf-8")
    arguments = {
        "report": ("bic-2025-doxxing", "-o", "r.md"),
        "plot": ("shen-2018", "prior-curve", "-o", "curve.png"),
    }[command]
    done = subprocess.run(
        command_line(command, *arguments), cwd=tmp_path, capture_output=True, text=True,
        check=False, timeout=300,
        env={**os.environ, "MPLBACKEND": "module://evil", "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "loaded").exists()
