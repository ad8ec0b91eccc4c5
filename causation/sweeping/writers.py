"""Writers of sweeps that grow chunk by chunk, each chunk whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import warnings
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.errors import OutputError
from causation.output import write_whole
from causation.sweeping.sweep import to_dataset

if TYPE_CHECKING:
    import pandas as pd

    from causation.sweeping.plan import Region, Sweep

__all__ = ["ParquetWriter", "Writer", "ZarrWriter", "table_of"]

_MARK = "case_sha256"
"""What every sweep says of itself."""


class Writer(ABC):
    """Writes chunks into a folder."""

    def __init__(self, plan: Sweep) -> None:
        self.plan = plan

    @abstractmethod
    def create(self, folder: Path) -> None:
        """Prepare an empty folder."""

    @abstractmethod
    def write(self, folder: Path, region: Region, arrays: dict[str, np.ndarray]) -> None:
        """Write a chunk; may be repeated."""

    @abstractmethod
    def digest(self, folder: Path, region: Region) -> str:
        """Digest of a chunk as it lies on the disk; empty where it cannot be read."""

    @abstractmethod
    def finish(self, folder: Path, target: Path) -> None:
        """Put the complete folder in the place of the target."""

    @staticmethod
    @abstractmethod
    def owns(folder: Path) -> bool:
        """Whether there is nothing in a folder but a sweep."""

    def _replace(self, complete: Path, target: Path) -> None:
        """Put a complete folder or file in the place of the target."""
        if not target.is_dir():
            if complete.is_dir():
                target.unlink(missing_ok=True)
            complete.replace(target)
            return
        if not self.owns(target):  # it may have changed meanwhile
            raise OutputError(f"{target}: a folder that holds something else than a sweep")
        old = target.with_name(f"{target.name}.old")
        target.rename(old)
        complete.replace(target)
        shutil.rmtree(old)


def table_of(plan: Sweep, region: Region, arrays: dict[str, np.ndarray]) -> pd.DataFrame:
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
        if lead := plan.lead(name):
            for label, values in zip(lead, array, strict=True):
                table[f"{name}.{label}"] = values.ravel()
        else:
            table[name] = array.ravel()
    return pd.DataFrame(table)


class ParquetWriter(Writer):
    """A part for each chunk; a sweep of one chunk is one file."""

    def create(self, folder: Path) -> None:
        """Make the folder."""
        folder.mkdir()

    def write(self, folder: Path, region: Region, arrays: dict[str, np.ndarray]) -> None:
        """Write one part."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pandas(table_of(self.plan, region, arrays), preserve_index=False)
        provenance = {k: str(v) for k, v in self.plan.attributes().items()}
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), **provenance})
        buffer = io.BytesIO()
        pq.write_table(table, buffer)
        write_whole(_part(folder, region), buffer.getvalue())

    def digest(self, folder: Path, region: Region) -> str:
        """Digest of the part."""
        try:
            return hashlib.sha256(_part(folder, region).read_bytes()).hexdigest()
        except OSError:
            return ""

    def finish(self, folder: Path, target: Path) -> None:
        """Move the folder of parts, or the single part, to its place."""
        parts = list(folder.glob("part-*.parquet"))
        self._replace(parts[0] if len(parts) == 1 else folder, target)

    @staticmethod
    def owns(folder: Path) -> bool:
        """Whether every file is a part of a sweep."""
        import pyarrow.parquet as pq

        for path in folder.iterdir():
            if path.is_file() and path.match(".part-*.parquet.*"):
                continue  # a part that was not written to its end
            if not (path.is_file() and path.match("part-*.parquet")):
                return False
            try:
                metadata = pq.read_schema(path).metadata or {}
            except (OSError, ValueError):
                return False
            if _MARK.encode() not in metadata:
                return False
        return True


def _part(folder: Path, region: Region) -> Path:
    return folder / f"part-{'-'.join(f'{start:09d}' for start, _ in region)}.parquet"


class ZarrWriter(Writer):
    """Arrays that xarray opens; a chunk of the file is a chunk of the sweep."""

    def __init__(self, plan: Sweep) -> None:
        super().__init__(plan)
        self._arrays: dict[str, Any] | None = None

    def create(self, folder: Path) -> None:
        """Write coordinates, attributes and the shapes of the arrays."""
        import zarr

        plan = self.plan
        empty: dict[str, np.ndarray] = {}
        to_dataset(plan, empty).to_zarr(folder, consolidated=False, zarr_format=3)
        group = zarr.open_group(folder, mode="r+")
        for name in plan.question.variables:
            lead = {"posterior": ("route",), "role": ("source",)}.get(name, ())
            size = (len(plan.lead(name)),) if lead else ()
            group.create_array(
                name,
                shape=(*size, *plan.grid.shape),
                chunks=(*size, *plan.chunk_shape),
                dtype="bool" if name == "met" else "float64",
                dimension_names=(*lead, *plan.grid.names),
                compressors=None,
                fill_value=False if name == "met" else np.nan,
            )

    def _opened(self, folder: Path) -> dict[str, Any]:
        import zarr

        if self._arrays is None:
            group = zarr.open_group(folder, mode="r+")
            self._arrays = {name: group[name] for name in self.plan.question.variables}
        return self._arrays

    def write(self, folder: Path, region: Region, arrays: dict[str, np.ndarray]) -> None:
        """Write one chunk of every array."""
        opened = self._opened(folder)
        for name, array in arrays.items():
            opened[name][(..., *_spans(region))] = array

    def digest(self, folder: Path, region: Region) -> str:
        """Digest of the chunk of every array, read back."""
        found = hashlib.sha256()
        try:
            for name, array in sorted(self._opened(folder).items()):
                found.update(name.encode())
                found.update(np.ascontiguousarray(array[(..., *_spans(region))]).tobytes())
        except (OSError, ValueError, KeyError):
            return ""
        return found.hexdigest()

    def finish(self, folder: Path, target: Path) -> None:
        """Move the folder to its place."""
        import zarr

        with warnings.catch_warnings():
            # readers look for consolidated metadata first, though format 3 has no word on it
            warnings.simplefilter("ignore")
            zarr.consolidate_metadata(folder)
        self._replace(folder, target)

    @staticmethod
    def owns(folder: Path) -> bool:
        """Whether the folder is a group of a sweep, and has arrays only."""
        try:
            described = json.loads((folder / "zarr.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        if _MARK not in described.get("attributes", {}):
            return False
        return all(
            path.name == "zarr.json" or (path / "zarr.json").is_file() for path in folder.iterdir()
        )


def _spans(region: Region) -> tuple[slice, ...]:
    return tuple(slice(start, stop) for start, stop in region)
