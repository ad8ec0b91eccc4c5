"""Files appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from causation.errors import OutputError
from causation.output import check_writable, write_whole


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_text_and_bytes(tmp_path: Path) -> None:
    assert write_whole(tmp_path / "a.txt", "开盒\n").read_bytes() == "开盒\n".encode()
    assert write_whole(tmp_path / "a.txt", b"\x00\xff").read_bytes() == b"\x00\xff"
    assert names(tmp_path) == ["a.txt"]


def test_mode_follows_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        target = write_whole(tmp_path / "a", "x")
    finally:
        os.umask(old)
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A full disk while flushing, or a rename that is refused."""
    target = write_whole(tmp_path / "a", "old")

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OutputError, match=r"a: cannot be written: No space left on device"):
        write_whole(target, "new")
    monkeypatch.undo()
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a"]


def test_a_folder_that_cannot_be_made_into_a_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder; name a file"):
        write_whole(tmp_path, "x")
    with pytest.raises(OutputError, match="there is no folder"):
        write_whole(tmp_path / "none" / "a", "x")
    assert names(tmp_path) == []


def test_a_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="cannot be written"):
        check_writable(tmp_path / "a")


def test_no_folder_for_the_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(OutputError, match="Permission denied"):
        write_whole(tmp_path / "a", "x")
    assert names(tmp_path) == []
