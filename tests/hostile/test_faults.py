"""Old output or new, never half: full disks, closed folders, kills, two at once."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import pytest

from causation.errors import OutputError
from causation.output import check_folder, write_whole
from tests.hostile.faults import command_line, kill_after, kill_storm, start, stray
from tests.hostile.outcomes import check_message, run_command

_ROOT = Path(__file__).parents[2]
_FINDING = "findings.no_alternative_route.likelihood.platform"
_GRID = ("--vary", "sources.osint.weight=log:0.1:10:21", "--vary", f"{_FINDING}=0.1:0.9:9")


def outputs(folder: Path) -> list[tuple[str, ...]]:
    """Commands that write, with where."""
    sweep = ("sweep", "bic-2025-doxxing", *_GRID, "-o")
    return [
        ("new", str(folder / "new.yaml")),
        (*sweep, str(folder / "s.csv")),
        (*sweep, str(folder / "s.nc")),
        (*sweep, str(folder / "s.parquet")),
        (*sweep, str(folder / "s.zarr")),
    ]


def limited(limit: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command that cannot write a file of more than `limit` bytes.

    It keeps no compiled code, of which Python 3.12 and 3.13.0 would leave a cut file to all that
    follow.
    """
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command_line(*arguments),
        cwd=_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )


@pytest.mark.parametrize(
    "number",
    [0, 1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow), 4],
    ids=["new", "csv", "nc", "parquet", "zarr"],
)
def test_no_room_for_the_file_leaves_none(number: int, tmp_path: Path) -> None:
    done = limited(200, *outputs(tmp_path)[number])
    assert done.returncode == 2, done.stderr
    check_message(done.stderr.removesuffix("\n"))
    assert not stray(tmp_path)
    assert run_command(*outputs(tmp_path)[number]).code == 0  # and nothing is in the way


@pytest.fixture
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB, or what is asked for."""
    place, size = tmp_path / "disk", getattr(request, "param", 64)
    place.mkdir()
    mount = ["/bin/mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["/bin/umount", str(place)], check=True)


def _fill(stream: FileIO) -> None:
    while True:
        stream.write(bytes(512))


@pytest.mark.parametrize("number", range(5), ids=["new", "csv", "nc", "parquet", "zarr"])
def test_a_full_disk_leaves_the_old_output(number: int, small_disk: Path) -> None:
    arguments = list(outputs(small_disk)[number])
    old = Path(arguments[-1])
    if number:
        arguments.append("--overwrite")
        old.write_bytes(b"old")
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as stream, pytest.raises(OSError, match="No space"):
        _fill(stream)
    run = run_command(*arguments)
    assert run.code == 2, run.err
    check_message(run.err.removesuffix("\n"))
    assert (old.read_bytes() if number else old.exists()) in (b"old", False)
    assert not stray(small_disk, "filler", old.name)


@pytest.mark.parametrize(
    "suffix",
    ["zarr", *(pytest.param(x, marks=pytest.mark.slow) for x in ("csv", "nc", "parquet"))],
)
@pytest.mark.parametrize("small_disk", [192], indirect=True)
def test_a_disk_that_fills_up_at_any_stage(suffix: str, small_disk: Path, tmp_path: Path) -> None:
    """With more and more room: a message until it is enough, and then what is written elsewhere."""
    sweep = ("sweep", "bic-2025-doxxing", *_GRID, "-o")
    output, elsewhere = small_disk / f"s.{suffix}", tmp_path / f"s.{suffix}"
    assert run_command(*sweep, elsewhere).code == 0
    filler, refused = small_disk / "filler", 0
    with filler.open("wb", buffering=0) as stream, pytest.raises(OSError, match="No space"):
        _fill(stream)
    for room in range(8, 192, 48):
        with filler.open("r+b") as stream:
            stream.truncate((188 - room) * 1024)
        run = run_command(*sweep, output)
        if run.code == 0:
            break
        refused += 1
        assert run.code == 2, run.err
        check_message(run.err.removesuffix("\n"))
        assert not output.exists()
        assert not stray(small_disk, "filler")
    else:
        pytest.fail("it never had room enough")
    assert refused
    assert content(output) == content(elsewhere)
    assert not stray(small_disk, "filler", output.name)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A read-only mount: modes of a folder do not bind root."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["/bin/mount", "-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", str(place)]
    if os.geteuid():
        place.chmod(0o555)
    elif subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        for arguments in outputs(place):
            run = run_command(*arguments)
            assert run.code == 2
            check_message(run.err.removesuffix("\n"))
            assert str(place) in run.err
        with pytest.raises(OutputError, match="cannot be written"):  # before anything is computed
            check_folder(place)
        assert not list(place.iterdir())
    finally:
        if not os.geteuid():
            subprocess.run(["/bin/umount", str(place)], check=True)


@pytest.mark.parametrize("step", ["fsync", "replace", "write"])
@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT])
def test_an_error_at_any_step_leaves_the_old_file(
    step: str, reason: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(reason, os.strerror(reason))

    file = tmp_path / "f"
    file.write_bytes(b"old")
    if step == "fsync":
        monkeypatch.setattr(os, "fsync", fails)
    elif step == "replace":
        monkeypatch.setattr(Path, "replace", fails)
    else:
        monkeypatch.setattr(Path, "open", fails)
    with pytest.raises(OutputError, match="cannot be written"):
        write_whole(file, b"new")
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_an_interrupt_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    file = tmp_path / "f"
    file.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(file, b"new")
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_kills_while_a_file_is_replaced_leave_old_or_new(tmp_path: Path) -> None:
    """The writer alone, so that most kills strike while it writes."""
    file = tmp_path / "f"
    old, new = b"a" * 3_000_000, b"b" * 3_000_000
    code = (
        "import sys; from causation.output import write_whole\n"
        "print(flush=True)\n"
        "while True:\n"
        "    for letter in (b'b', b'a'):\n"
        "        write_whole(sys.argv[1], letter * 3_000_000)"
    )
    write_whole(file, old)
    for number in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(file)], cwd=_ROOT, stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            try:
                writer.wait(0.03 + 0.017 * number)
            except subprocess.TimeoutExpired:
                writer.kill()
        assert file.read_bytes() in (old, new)


@pytest.mark.parametrize("suffix", [pytest.param("parquet", marks=pytest.mark.slow), "zarr"])
def test_a_killed_sweep_resumes_to_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    whole, broken = tmp_path / f"whole.{suffix}", tmp_path / f"broken.{suffix}"
    sweep = ("sweep", "bic-2025-doxxing", *_GRID, "-o")
    assert run_command(*sweep, whole).code == 0
    for seconds in (0.4, 0.8, 1.2, 1.6):
        kill_after(start(*sweep, broken), seconds)
        if broken.exists():
            break
    if not broken.exists():
        run = run_command(*sweep, broken)
        assert run.code == 0, run.err
    assert content(broken) == content(whole)
    assert not stray(tmp_path, whole.name, broken.name)


def content(path: Path) -> dict[str, bytes]:
    """Every file of an output by name."""
    if path.is_file():
        return {"": path.read_bytes()}
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def test_two_processes_on_one_output_leave_one_whole(tmp_path: Path) -> None:
    results = []
    grids = [("--vary", f"sources.osint.weight=log:{lo}:10:40") for lo in ("0.1", "0.2")]
    for number, grid in enumerate(grids):
        alone = tmp_path / f"{number}.csv"
        assert run_command("sweep", "bic-2025-doxxing", *grid, "-o", alone).code == 0
        results.append(alone.read_bytes())
    output = tmp_path / "both.csv"
    both = [
        start("sweep", "bic-2025-doxxing", *grid, "-o", output, "--overwrite") for grid in grids
    ]
    for process in both:
        _, err = process.communicate()
        assert process.returncode == 0, err
    assert output.read_bytes() in results
    assert not stray(tmp_path, "0.csv", "1.csv", "both.csv")


def test_a_quick_kill_storm_over_new(tmp_path: Path) -> None:
    output = tmp_path / "new.yaml"
    assert run_command("new", output).code == 0
    kill_storm(["new", output], {output: output.read_bytes()}, rounds=4, seconds=1.0)
    output.unlink(missing_ok=True)
    assert not stray(tmp_path)


def test_a_kill_storm_finds_half_an_output(tmp_path: Path) -> None:
    """The check itself, on an output that is neither old nor whole."""
    output = tmp_path / "new.yaml"
    with pytest.raises(AssertionError, match="half"):
        kill_storm(["new", output], {output: b"other"}, rounds=1, seconds=60.0)
