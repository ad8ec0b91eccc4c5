"""Sweeps to files: csv and netCDF at once, zarr and parquet chunk by chunk.

A streamed sweep grows in a folder beside its target and takes the target's place when it is
complete. An interrupted one resumes: a journal names the chunks that are wholly written, and
a manifest says of which sweep they are.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.case import Case
from causation.errors import MissingExtraError, OutputError
from causation.inference.integrate import IntegratorSettings
from causation.output import check_writable, write_whole
from causation.sweeping.cluster import executor_for
from causation.sweeping.kernel import VARIABLES, Region
from causation.sweeping.sweep import (
    Progress,
    Sweep,
    compute,
    plan_sweep,
    to_dataset,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["sweep_to_file"]

_WHOLE = (".csv", ".nc")
_STREAMED = (".parquet", ".zarr")
_MOST_WHOLE = 20_000_000
"""Most scenarios in a file that is written at once."""


def sweep_to_file(
    case: Case | str | Path,
    vary: Any,
    output: str | os.PathLike[str],
    *,
    zipped: bool = False,
    priors: str | Path | None = None,
    standard: str | float | None = None,
    settings: IntegratorSettings | None = None,
    variables: Sequence[str] = VARIABLES,
    cluster: Any = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Compute a grid of scenarios into a file; see `causation.sweeping.sweep.sweep`.

    A zarr or parquet file is written in chunks, so that the grid may be larger than memory,
    and a sweep that was interrupted resumes where it stopped when it is asked for again.

    Parameters
    ----------
    output : path
        Ending in ``.csv``, ``.nc``, ``.parquet`` or ``.zarr``. Large parquet files are folders
        of parts.
    overwrite : bool
        Replace what is there, finished or not.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    OutputError
        If the output exists, cannot be written, or is larger than the disk.
    MissingExtraError
        If the format needs a package that is not installed.
    """
    target = Path(output)
    if target.suffix not in (*_WHOLE, *_STREAMED):
        raise OutputError(
            f"{target}: unknown format; end the name in {', '.join((*_WHOLE, *_STREAMED))}"
        )
    if target.suffix in _STREAMED:
        _require(target.suffix)
    if target.exists() and not overwrite:
        raise OutputError(f"{target}: exists already; give another name, or ask to overwrite it")
    if not target.is_dir():
        check_writable(target, read=(case, priors))
    options: dict[str, Any] = {
        "zipped": zipped, "priors": priors, "standard": standard,
        "settings": settings, "variables": variables,
    }  # fmt: skip
    plan = plan_sweep(case, vary, **options)
    _check_disk(plan, target)
    if target.suffix in _WHOLE:
        return _write_whole(plan, target, cluster=cluster, progress=progress)
    writer = _ZarrWriter(plan) if target.suffix == ".zarr" else _ParquetWriter(plan)
    try:
        return _stream(
            plan, writer, target, cluster=cluster, overwrite=overwrite, progress=progress
        )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OutputError(f"{target}: cannot be written: {reason}") from error


def _require(suffix: str) -> None:
    package = "zarr" if suffix == ".zarr" else "pyarrow"
    try:
        __import__(package)
    except ImportError as error:
        raise MissingExtraError(
            package, extra="cluster", purpose=f"writing {suffix[1:]}"
        ) from error


def _row_bytes(plan: Sweep, suffix: str) -> int:
    if suffix == ".csv":
        return 18 * (len(plan.grid.paths) + plan.cell_bytes // 8)
    return plan.cell_bytes


def _check_disk(plan: Sweep, target: Path) -> None:
    need = plan.grid.size * _row_bytes(plan, target.suffix)
    free = shutil.disk_usage(target.parent).free
    if need > free:
        raise OutputError(
            f"{target}: the grid has {plan.grid.size:,} scenarios and takes about "
            f"{need / 2**30:,.1f} GiB, more than the {free / 2**30:,.1f} GiB free on the disk; "
            "take fewer values or variables"
        )


# --- at once ---------------------------------------------------------------------------------


def _write_whole(plan: Sweep, target: Path, *, cluster: Any, progress: Progress | None) -> Path:
    if plan.grid.size > _MOST_WHOLE:
        raise OutputError(
            f"{target}: {plan.grid.size:,} scenarios are too many for {target.suffix[1:]} "
            f"(at most {_MOST_WHOLE:,}); write zarr or parquet"
        )
    arrays = compute(plan, cluster=cluster, progress=progress)
    if target.suffix == ".csv":
        return write_whole(target, _rows(plan, _everything(plan), arrays).to_csv(index=False))
    return write_whole(target, bytes(to_dataset(plan, arrays).to_netcdf(engine="h5netcdf")))


def _everything(plan: Sweep) -> Region:
    return tuple((0, n) for n in plan.grid.shape)


def _rows(plan: Sweep, region: Region, arrays: dict[str, np.ndarray]) -> pd.DataFrame:
    """One row for each scenario of a region: what varies, then what came of it."""
    import pandas as pd

    shape = tuple(stop - start for start, stop in region)
    table: dict[str, Any] = {}
    for i, (axis, (start, stop)) in enumerate(zip(plan.grid.axes, region, strict=True)):
        place = [1] * len(shape)
        place[i] = stop - start
        for path in axis.columns:
            column = plan.coordinates[path][start:stop].reshape(place)
            table[path] = np.broadcast_to(column, shape).ravel()
    for name, array in arrays.items():
        if array.ndim == len(shape):
            table[name] = array.ravel()
        else:
            for source, values in zip(plan.sources, array, strict=True):
                table[f"{name}.{source}"] = values.ravel()
    return pd.DataFrame(table)


# --- in chunks -------------------------------------------------------------------------------


class _Writer(ABC):
    """Writes chunks into a folder, each whole or not at all."""

    @abstractmethod
    def create(self, folder: Path) -> None:
        """Prepare an empty folder."""

    @abstractmethod
    def write(self, folder: Path, region: Region, arrays: dict[str, np.ndarray]) -> None:
        """Write a chunk; may be repeated."""

    @abstractmethod
    def finish(self, folder: Path, target: Path) -> None:
        """Put the complete folder in the place of the target."""


def _stream(
    plan: Sweep,
    writer: _Writer,
    target: Path,
    *,
    cluster: Any,
    overwrite: bool,
    progress: Progress | None,
) -> Path:
    folder = target.with_name(f"{target.name}.partial")
    data = folder / "data"
    manifest = _manifest(plan)
    written = _resume(folder, manifest, overwrite=overwrite)
    if written is None:
        folder.mkdir()
        writer.create(data)
        write_whole(folder / _MANIFEST, json.dumps(manifest, indent=1))
        written = set()
    numbers = {c: i for i, c in enumerate(c for slab in plan.slabs() for c in slab.chunks)}
    with (
        (folder / _JOURNAL).open("a", encoding="utf-8") as journal,
        executor_for(cluster) as executor,
    ):
        todo = executor.chunks(plan, done=lambda c: numbers[c] in written, progress=progress)
        for region, arrays in todo:
            number = numbers[region]
            writer.write(data, region, arrays)
            journal.write(f"{number}\n")
            journal.flush()
            os.fsync(journal.fileno())
    writer.finish(data, target)
    shutil.rmtree(folder)
    return target


_MANIFEST = "sweep.json"
_JOURNAL = "written.txt"


def _manifest(plan: Sweep) -> dict[str, Any]:
    settings = plan.settings
    content = {
        **plan.attributes(),
        "priors": None if plan.priors is None else str(plan.priors),
        "threshold": plan.numbers.case.threshold,
        "grid": plan.grid.sha256(),
        "shape": list(plan.grid.shape),
        "chunk": list(plan.chunk_shape),
        "variables": list(plan.variables),
        "tolerance": settings.tolerance,
        "limit": settings.limit,
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return {**content, "sha256": digest}


def _resume(folder: Path, manifest: dict[str, Any], *, overwrite: bool) -> set[int] | None:
    """Numbers of the chunks that an interrupted sweep has written, or None to begin anew."""
    if not folder.exists():
        return None
    try:
        known = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    if known.get("sha256") != manifest["sha256"]:
        if known and not overwrite:
            raise OutputError(
                f"{folder}: holds another sweep that was interrupted; finish that one, give "
                "another name, or ask to overwrite it"
            )
        shutil.rmtree(folder)
        return None
    journal = folder / _JOURNAL
    lines = journal.read_text(encoding="utf-8").split("\n")[:-1] if journal.exists() else []
    return {int(line) for line in lines if line.isdigit()}


def _replace(folder: Path, target: Path) -> None:
    """Put a complete folder or file in the place of the target."""
    if target.is_dir():
        old = target.with_name(f"{target.name}.old")
        target.rename(old)
        folder.replace(target)
        shutil.rmtree(old)
    else:
        if folder.is_dir():
            target.unlink(missing_ok=True)
        folder.replace(target)


class _ParquetWriter(_Writer):
    """A part for each chunk; a sweep of one chunk is one file."""

    def __init__(self, plan: Sweep) -> None:
        self._plan = plan

    def create(self, folder: Path) -> None:
        """Make the folder."""
        folder.mkdir()

    def write(self, folder: Path, region: Region, arrays: dict[str, np.ndarray]) -> None:
        """Write one part."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pandas(_rows(self._plan, region, arrays), preserve_index=False)
        provenance = {k: str(v) for k, v in self._plan.attributes().items()}
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), **provenance})
        buffer = io.BytesIO()
        pq.write_table(table, buffer)
        name = "-".join(f"{start:09d}" for start, _ in region)
        write_whole(folder / f"part-{name}.parquet", buffer.getvalue())

    def finish(self, folder: Path, target: Path) -> None:
        """Move the folder of parts, or the single part, to its place."""
        parts = list(folder.glob("part-*.parquet"))
        _replace(parts[0] if len(parts) == 1 else folder, target)


class _ZarrWriter(_Writer):
    """Arrays that xarray opens; a chunk of the file is a chunk of the sweep."""

    def __init__(self, plan: Sweep) -> None:
        self._plan = plan
        self._arrays: dict[str, Any] | None = None

    def create(self, folder: Path) -> None:
        """Write coordinates, attributes and the shapes of the arrays."""
        import zarr

        plan = self._plan
        empty: dict[str, np.ndarray] = {}
        to_dataset(plan, empty).to_zarr(folder, consolidated=False, zarr_format=3)
        group = zarr.open_group(folder, mode="r+")
        axes = plan.grid.names
        for name in plan.variables:
            by_source = name in ("posterior", "log10_lr")
            group.create_array(
                name,
                shape=(len(plan.sources), *plan.grid.shape) if by_source else plan.grid.shape,
                chunks=(len(plan.sources), *plan.chunk_shape) if by_source else plan.chunk_shape,
                dtype="bool" if name == "meets_standard" else "float64",
                dimension_names=("source", *axes) if by_source else axes,
                compressors=None,
                fill_value=False if name == "meets_standard" else np.nan,
            )

    def write(self, folder: Path, region: Region, arrays: dict[str, np.ndarray]) -> None:
        """Write one chunk of every array."""
        import zarr

        if self._arrays is None:
            group = zarr.open_group(folder, mode="r+")
            self._arrays = {name: group[name] for name in self._plan.variables}
        spans = tuple(slice(start, stop) for start, stop in region)
        for name, array in arrays.items():
            lead = (slice(None),) * (array.ndim - len(spans))
            self._arrays[name][(*lead, *spans)] = array

    def finish(self, folder: Path, target: Path) -> None:
        """Move the folder to its place."""
        import zarr

        with warnings.catch_warnings():
            # readers look for consolidated metadata first, though format 3 has no word on it
            warnings.simplefilter("ignore")
            zarr.consolidate_metadata(folder)
        _replace(folder, target)
