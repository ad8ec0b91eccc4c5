"""Files: every format the same numbers, whole or not at all, resumed where interrupted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from causation.case.files import load_case
from causation.case.writing import dump_case
from causation.document.shipped import data_path
from causation.errors import InputError, MissingExtraError, OutputError
from causation.inference.integrate import DRAFT
from causation.sweeping import files, plan, writers
from causation.sweeping.files import sweep_to_file
from causation.sweeping.plan import Region
from causation.sweeping.sweep import sweep

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
        table[f"posterior.{r}"].to_numpy().reshape(shape) for r in expected["route"].to_numpy()
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
    monkeypatch.setattr(plan, "_CHUNK", 9)


@pytest.fixture
def in_chunks(small_chunks: None, expected: xr.Dataset) -> xr.Dataset:  # noqa: ARG001
    """What is expected, in the chunks in which it is written: the same but for the last bits."""
    found = sweep(CASE, VARY, settings=DRAFT)
    xr.testing.assert_allclose(found, expected, rtol=1e-12)
    return found


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_holds_the_same_numbers(
    suffix: str, tmp_path: Path, expected: xr.Dataset
) -> None:
    written = sweep_to_file(CASE, VARY, tmp_path / f"x.{suffix}", settings=DRAFT)
    assert_same(written, expected)
    assert [p.name for p in tmp_path.iterdir()] == [f"x.{suffix}"]


@pytest.mark.parametrize("suffix", ["parquet", "zarr"])
def test_chunk_by_chunk(suffix: str, tmp_path: Path, in_chunks: xr.Dataset) -> None:
    written = sweep_to_file(CASE, VARY, tmp_path / f"x.{suffix}", settings=DRAFT)
    assert written.is_dir()
    assert_same(written, in_chunks)
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


@pytest.mark.parametrize("suffix", ["parquet", "zarr"])
def test_an_interrupted_sweep_resumes(
    suffix: str, tmp_path: Path, in_chunks: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = {"parquet": writers.ParquetWriter, "zarr": writers.ZarrWriter}[suffix]
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
    assert_same(target, in_chunks)
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


@pytest.mark.usefixtures("small_chunks")
def test_another_sweep_does_not_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "x.zarr"
    with monkeypatch.context() as patch:
        interrupt_after(patch, writers.ZarrWriter, 1)
        with pytest.raises(InterruptedSweepError):
            sweep_to_file(CASE, VARY, target, settings=DRAFT)
    other = ["sources.osint.weight=1,2"]
    with pytest.raises(OutputError, match="another sweep that was interrupted"):
        sweep_to_file(CASE, other, target, settings=DRAFT)
    manifest = json.loads((tmp_path / "x.zarr.partial" / "sweep.json").read_text())
    assert manifest["shape"] == [7, 3, 3]
    sweep_to_file(CASE, other, target, settings=DRAFT, overwrite=True)
    assert xr.open_zarr(target)["probability"].shape == (2,)


def interrupted(target: Path, case: Any, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Path:
    """The folder of a sweep that stopped after three chunks."""
    kinds = {".parquet": writers.ParquetWriter, ".zarr": writers.ZarrWriter}
    with monkeypatch.context() as patch:
        interrupt_after(patch, kinds[target.suffix], 3)
        with pytest.raises(InterruptedSweepError):
            sweep_to_file(case, VARY, target, settings=DRAFT, **options)
    return target.with_name(f"{target.name}.partial")


@pytest.mark.parametrize("suffix", ["parquet", "zarr"])
def test_a_chunk_that_was_changed_is_computed_again(
    suffix: str, tmp_path: Path, in_chunks: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / f"x.{suffix}"
    folder = interrupted(target, CASE, monkeypatch)
    pattern = "part-*.parquet" if suffix == "parquet" else "probability/c/**/*"
    victim = min(p for p in (folder / "data").glob(pattern) if p.is_file())
    content = bytearray(victim.read_bytes())
    content[-1] ^= 1
    victim.write_bytes(content)
    sweep_to_file(CASE, VARY, target, settings=DRAFT)
    assert_same(target, in_chunks)


@pytest.mark.parametrize("suffix", ["parquet", "zarr"])
def test_a_chunk_that_is_gone_is_computed_again(
    suffix: str, tmp_path: Path, in_chunks: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / f"x.{suffix}"
    folder = interrupted(target, CASE, monkeypatch)
    pattern = "part-*.parquet" if suffix == "parquet" else "*/c/0/**/*"
    min(p for p in (folder / "data").glob(pattern) if p.is_file()).unlink()
    sweep_to_file(CASE, VARY, target, settings=DRAFT)
    assert_same(target, in_chunks)


@pytest.mark.usefixtures("small_chunks")
def test_a_chunk_that_goes_while_others_are_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is finished that is not whole."""
    target, original = tmp_path / "x.zarr", writers.ZarrWriter.write
    seen: list[Path] = []

    def write(self: Any, folder: Path, region: Region, arrays: Any) -> None:
        original(self, folder, region, arrays)
        seen.extend(self.files(folder, region))
        if len(seen) > 20 and seen[0].exists():
            seen[0].unlink()

    with monkeypatch.context() as patch:
        patch.setattr(writers.ZarrWriter, "write", write)
        with pytest.raises(OutputError, match="1 chunks that were written are gone"):
            sweep_to_file(CASE, VARY, target, settings=DRAFT)
    assert not target.exists()
    sweep_to_file(CASE, VARY, target, settings=DRAFT)
    assert not np.isnan(xr.open_zarr(target)["probability"]).any()


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("name", ["written.txt", "sweep.json"])
@pytest.mark.parametrize("damage", [b"\xff\x00 garbage\n", b"1 abc\n2 def\n", b"{}\n"])
def test_a_damaged_journal_or_manifest_is_a_message(
    name: str, damage: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "x.zarr"
    folder = interrupted(target, CASE, monkeypatch)
    (folder / name).write_bytes(damage)
    with pytest.raises(OutputError, match=r"damaged.*--overwrite"):
        sweep_to_file(CASE, VARY, target, settings=DRAFT)
    sweep_to_file(CASE, VARY, target, settings=DRAFT, overwrite=True)
    assert not folder.exists()


def test_the_end_of_a_line_that_was_cut_is_no_damage(
    tmp_path: Path, in_chunks: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "x.zarr"
    journal = interrupted(target, CASE, monkeypatch) / "written.txt"
    journal.write_bytes(journal.read_bytes()[:-9])
    sweep_to_file(CASE, VARY, target, settings=DRAFT)
    assert_same(target, in_chunks)


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("gone", [True, False])
@pytest.mark.parametrize("name", ["route/c/0", "route/zarr.json", "probability/zarr.json"])
def test_damage_to_what_describes_the_arrays_is_a_message(
    name: str, gone: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Coordinates that are lost read as zeros, and another order of axes as other numbers."""
    target = tmp_path / "x.zarr"
    file = interrupted(target, CASE, monkeypatch) / "data" / name
    if gone:
        file.unlink()
    else:
        file.write_bytes(file.read_bytes().replace(b"0", b"1") + b" ")
    with pytest.raises(OutputError, match=r"damaged.*--overwrite"):
        sweep_to_file(CASE, VARY, target, settings=DRAFT)
    sweep_to_file(CASE, VARY, target, settings=DRAFT, overwrite=True)
    assert not np.isnan(xr.open_zarr(target)["probability"]).any()


@pytest.mark.parametrize("suffix", ["parquet", "zarr"])
def test_what_a_kill_leaves_is_in_nobodys_way(
    suffix: str, tmp_path: Path, in_chunks: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / f"x.{suffix}"
    folder = interrupted(target, CASE, monkeypatch)
    half = ".causation-0123456789abcdef"
    inner = half if suffix == "parquet" else f"probability/c/0.{'0a' * 16}.partial"
    for place in (folder / half, folder / "data" / inner):
        place.write_bytes(b"half")
    sweep_to_file(CASE, VARY, target, settings=DRAFT)
    assert_same(target, in_chunks)
    folder = interrupted(tmp_path / f"y.{suffix}", CASE, monkeypatch)
    for place in (folder / half, folder / "data" / inner):
        place.write_bytes(b"half")
    sweep_to_file(CASE, ["standard=0.5"], tmp_path / f"y.{suffix}", settings=DRAFT, overwrite=True)
    sweep_to_file(CASE, VARY, target, settings=DRAFT, overwrite=True)
    assert {p.name for p in tmp_path.iterdir()} == {f"x.{suffix}", f"y.{suffix}"}


@pytest.mark.parametrize("suffix", FORMATS)
def test_names_as_long_as_the_system_allows(
    suffix: str,
    tmp_path: Path,
    small_chunks: None,  # noqa: ARG001
) -> None:
    target = tmp_path / f"{'案' * 82}{'x' * (254 - 82 * 3 - len(suffix))}.{suffix}"
    for _ in range(2):
        sweep_to_file(CASE, VARY, target, settings=DRAFT, overwrite=True)
        assert [p.name for p in tmp_path.iterdir()] == [target.name]


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("suffix", ["parquet", "zarr"])
def test_a_link_in_place_of_a_sweep_is_itself_replaced(suffix: str, tmp_path: Path) -> None:
    real, link = tmp_path / f"x.{suffix}", tmp_path / f"link.{suffix}"
    sweep_to_file(CASE, VARY, real, settings=DRAFT)
    before = sorted(p for p in real.rglob("*"))
    link.symlink_to(real)
    with pytest.raises(OutputError, match="exists already"):
        sweep_to_file(CASE, VARY, link, settings=DRAFT)
    sweep_to_file(CASE, VARY, link, settings=DRAFT, overwrite=True)
    assert not link.is_symlink()
    assert sorted(p for p in real.rglob("*")) == before


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("suffix", ["parquet", "zarr"])
def test_two_writers_do_not_meet(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / f"x.{suffix}"
    writer = {"parquet": writers.ParquetWriter, "zarr": writers.ZarrWriter}[suffix]
    refused: list[str] = []
    original = writer.write

    def write(self: Any, folder: Path, region: Region, arrays: Any) -> None:
        if not refused:
            with pytest.raises(OutputError) as error:
                sweep_to_file(CASE, VARY, target, settings=DRAFT, overwrite=True)
            refused.append(str(error.value))
        original(self, folder, region, arrays)

    monkeypatch.setattr(writer, "write", write)
    sweep_to_file(CASE, VARY, target, settings=DRAFT)
    assert "is being written by another sweep" in refused[0]
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


@pytest.mark.usefixtures("small_chunks")
def test_a_sweep_is_known_by_the_content_of_what_it_is_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same case in another file resumes; other numbers under the same name do not."""
    own = tmp_path / "priors.yaml"
    own.write_bytes(data_path("priors", "neutral.yaml").read_bytes())
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    for path in (one, two):
        path.write_text(dump_case(load_case(CASE)), encoding="utf-8")
    target = tmp_path / "x.zarr"
    folder = interrupted(target, one, monkeypatch, priors=own)
    with monkeypatch.context() as patch:
        after = interrupt_after(patch, writers.ZarrWriter, 100)
        sweep_to_file(two, VARY, target, settings=DRAFT, priors=own)
        assert len(after) == 4
    sweep_to_file(two, ["standard=0.5"], target, settings=DRAFT, overwrite=True)
    interrupted(tmp_path / "y.zarr", one, monkeypatch, priors=own)
    text = own.read_text(encoding="utf-8")
    own.write_text(text.replace("value: [2, 8]", "value: [2, 9]"), encoding="utf-8")
    with pytest.raises(OutputError, match=r"interrupted \(it differs in .*prior_set_sha256"):
        sweep_to_file(one, VARY, tmp_path / "y.zarr", settings=DRAFT, priors=own)
    assert not folder.exists()


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("suffix", ["parquet", "zarr"])
def test_files_that_are_not_of_a_sweep_are_never_removed(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = {"settings": DRAFT, "overwrite": True}
    target = tmp_path / f"x.{suffix}"
    folder = interrupted(target, CASE, monkeypatch)
    inner = [p for p in (folder / "data").rglob("*") if p.is_dir()]
    places = [place / "notes.txt" for place in (folder, folder / "data", *inner)]
    for mine in (
        *places,
        folder / ".causation-notes",
        inner[0] / "notes.partial" if inner else folder / "x",
    ):
        mine.write_text("mine", encoding="utf-8")
        with pytest.raises(OutputError, match="something else than a sweep"):
            sweep_to_file(CASE, ["standard=0.5"], target, **options)
        assert mine.read_text(encoding="utf-8") == "mine"
        mine.unlink()
    sweep_to_file(CASE, VARY, target, settings=DRAFT)
    mine = target / "notes.txt"
    mine.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="something else than a sweep"):
        sweep_to_file(CASE, VARY, target, **options)
    assert mine.exists()


def test_folders_of_others_and_read_only_files_stay(tmp_path: Path) -> None:
    for suffix in FORMATS:
        folder = tmp_path / f"x.{suffix}"
        folder.mkdir()
        (folder / "notes.txt").write_text("mine", encoding="utf-8")
        with pytest.raises(OutputError, match="something else than a sweep"):
            sweep_to_file(CASE, VARY, folder, overwrite=True)
        file = tmp_path / f"y.{suffix}"
        file.write_text("mine", encoding="utf-8")
        file.chmod(0o444)
        with pytest.raises(OutputError, match="read-only"):
            sweep_to_file(CASE, VARY, file, overwrite=True)
        assert file.read_text(encoding="utf-8") == "mine"


def test_several_cases_stream_too(tmp_path: Path) -> None:
    names = [CASE, "gao-2024"]
    options: dict[str, Any] = {"settings": DRAFT, "priors": ["neutral", "claimant"]}
    written = sweep_to_file(names, None, tmp_path / "x.parquet", **options)
    table = pd.read_parquet(written)
    expected = sweep(names, **options)
    assert table["case"].tolist() == [CASE, CASE, "gao-2024", "gao-2024"]
    np.testing.assert_array_equal(table["probability"], expected["probability"].to_numpy().ravel())


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
