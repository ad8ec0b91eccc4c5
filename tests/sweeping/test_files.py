"""Files: every format the same numbers, whole or not at all, resumed where interrupted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import causation.sweeping.sweep as sweeping
from causation.errors import InputError, MissingExtraError, OutputError
from causation.sweeping import files
from causation.sweeping.files import sweep_to_file
from causation.sweeping.kernel import Region
from causation.sweeping.sweep import DRAFT, sweep

CASE = "bic-2025-doxxing"
VARY = ["sources.osint.weight=log:0.1:10:7", "victims.co_victims.count=1,5,9", "standard=0.5:0.9:3"]
FORMATS = ("csv", "nc", "parquet", "zarr")


@pytest.fixture(scope="module")
def expected() -> xr.Dataset:
    return sweep(CASE, VARY, settings=DRAFT)


def _number(text: str) -> float | str:
    """The nearest number, which older pandas do not read by default."""
    try:
        return float(text)
    except ValueError:
        return text


def read(path: Path, expected: xr.Dataset) -> xr.Dataset:
    """What stands in a file, in the shape of a sweep."""
    if path.suffix == ".nc":
        whole: xr.Dataset = xr.open_dataset(path, engine="h5netcdf").load()
        return whole
    if path.suffix == ".zarr":
        stored: xr.Dataset = xr.open_zarr(path).load()
        return stored
    table = (
        pd.read_csv(path, dtype=str).map(_number)
        if path.suffix == ".csv"
        else pd.read_parquet(path)
    )
    dims, shape = expected["probability"].dims, expected["probability"].shape
    table = table.sort_values([str(n) for n in dims], ignore_index=True)
    posterior = [
        table[f"posterior.{s}"].to_numpy().reshape(shape) for s in expected["source"].to_numpy()
    ]
    probability = table["probability"].to_numpy().reshape(shape)
    data = {
        "probability": (dims, probability),
        "posterior": (expected["posterior"].dims, np.stack(posterior)),
    }
    return xr.Dataset(data, expected.coords)


def assert_same(path: Path, expected: xr.Dataset) -> None:
    found = read(path, expected)
    for name in ("probability", "posterior"):
        # every bit, through text as well
        xr.testing.assert_equal(found[name], expected[name])


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "_CHUNK", 9)


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_holds_the_same_numbers(
    suffix: str, tmp_path: Path, expected: xr.Dataset
) -> None:
    written = sweep_to_file(CASE, VARY, tmp_path / f"x.{suffix}", settings=DRAFT)
    assert_same(written, expected)
    assert [p.name for p in tmp_path.iterdir()] == [f"x.{suffix}"]


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("suffix", ["parquet", "zarr"])
def test_chunk_by_chunk(suffix: str, tmp_path: Path, expected: xr.Dataset) -> None:
    written = sweep_to_file(CASE, VARY, tmp_path / f"x.{suffix}", settings=DRAFT)
    assert written.is_dir()
    assert_same(written, expected)
    assert [p.name for p in tmp_path.iterdir()] == [f"x.{suffix}"]


class InterruptedSweepError(Exception):
    pass


def interrupt_after(monkeypatch: pytest.MonkeyPatch, writer: Any, chunks: int) -> list[Region]:
    """Let a writer fail while it writes the next chunk; what it wrote before is recorded."""
    written: list[Region] = []
    original = writer.write

    def write(self: Any, folder: Path, region: Region, arrays: dict[str, np.ndarray]) -> None:
        if len(written) == chunks:
            for array in arrays.values():  # half a chunk may lie on the disk
                array[...] = 0
            original(self, folder, region, arrays)
            raise InterruptedSweepError
        written.append(region)
        original(self, folder, region, arrays)

    monkeypatch.setattr(writer, "write", write)
    return written


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("suffix", ["parquet", "zarr"])
def test_an_interrupted_sweep_resumes(
    suffix: str, tmp_path: Path, expected: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = {"parquet": files._ParquetWriter, "zarr": files._ZarrWriter}[suffix]
    target = tmp_path / f"x.{suffix}"
    with monkeypatch.context() as patch:
        before = interrupt_after(patch, writer, 3)
        with pytest.raises(InterruptedSweepError):
            sweep_to_file(CASE, VARY, target, settings=DRAFT)
    assert not target.exists()
    with monkeypatch.context() as patch:
        after = interrupt_after(patch, writer, 100)
        sweep_to_file(CASE, VARY, target, settings=DRAFT)
    assert before
    assert not set(before) & set(after)  # nothing is computed twice
    assert len(before) + len(after) == 7
    assert_same(target, expected)
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


@pytest.mark.usefixtures("small_chunks")
def test_another_sweep_does_not_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "x.zarr"
    with monkeypatch.context() as patch:
        interrupt_after(patch, files._ZarrWriter, 1)
        with pytest.raises(InterruptedSweepError):
            sweep_to_file(CASE, VARY, target, settings=DRAFT)
    other = ["sources.osint.weight=1,2"]
    with pytest.raises(OutputError, match="another sweep that was interrupted"):
        sweep_to_file(CASE, other, target, settings=DRAFT)
    manifest = json.loads((tmp_path / "x.zarr.partial" / "sweep.json").read_text())
    assert manifest["shape"] == [7, 3, 3]
    sweep_to_file(CASE, other, target, settings=DRAFT, overwrite=True)
    assert xr.open_zarr(target)["probability"].shape == (2,)


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_exists_stays_unless_overwritten(suffix: str, tmp_path: Path) -> None:
    target = tmp_path / f"x.{suffix}"
    one, two = ["standard=0.5,0.6"], ["standard=0.5"]
    sweep_to_file(CASE, one, target, settings=DRAFT)
    with pytest.raises(OutputError, match="exists already"):
        sweep_to_file(CASE, two, target, settings=DRAFT)
    sweep_to_file(CASE, two, target, settings=DRAFT, overwrite=True)
    expected = sweep(CASE, two, settings=DRAFT)
    assert_same(target, expected)
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


def test_an_error_leaves_nothing_behind(tmp_path: Path) -> None:
    for suffix in FORMATS:
        with pytest.raises(InputError):
            sweep_to_file(CASE, ["sources.nobody.weight=1"], tmp_path / f"x.{suffix}")
    assert not list(tmp_path.iterdir())


def test_a_grid_larger_than_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 5_000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(OutputError, match=r"63 scenarios .* more than the 0.0 GiB free"):
        sweep_to_file(CASE, VARY, tmp_path / "x.csv")
    assert not list(tmp_path.iterdir())


def test_too_many_rows_for_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MOST_WHOLE", 10)
    with pytest.raises(OutputError, match="write zarr or parquet"):
        sweep_to_file(CASE, VARY, tmp_path / "x.csv")


def test_unknown_formats_and_folders(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="unknown format"):
        sweep_to_file(CASE, VARY, tmp_path / "x.xls")
    with pytest.raises(OutputError, match="there is no folder"):
        sweep_to_file(CASE, VARY, tmp_path / "nowhere" / "x.csv")


@pytest.mark.parametrize(("suffix", "package"), [("zarr", "zarr"), ("parquet", "pyarrow")])
def test_a_missing_package_is_named(
    suffix: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(MissingExtraError, match=rf"{package}.*causation\[cluster\]"):
        sweep_to_file(CASE, VARY, tmp_path / f"x.{suffix}")
