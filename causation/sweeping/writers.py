"""Writers of sweeps that grow chunk by chunk, each chunk whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import re
import warnings
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causation.errors import OutputError
from causation.output import HALF, beside, flush, write_whole
from causation.sweeping.plan import LEADS
from causation.sweeping.sweep import to_dataset

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from causation.sweeping.plan import Region, Sweep

_MARK = "case_sha256"
"""What every sweep says of itself."""


class Writer(ABC):
    """Writes chunks into a folder."""

    names: re.Pattern[str]
    """Paths below the folder of every file that it writes, unfinished ones included."""

    def __init__(self, plan: Sweep) -> None:
        self.plan = plan

    @abstractmethod
    def create(self, folder: Path) -> None:
        """Prepare an empty folder."""

    @abstractmethod
    def write(self, folder: Path, region: Region, arrays: Mapping[str, np.ndarray]) -> None:
        """Write a chunk, onto the disk; may be repeated."""

    @abstractmethod
    def files(self, folder: Path, region: Region) -> list[Path]:
        """Files of a chunk."""

    @abstractmethod
    def finish(self, folder: Path, target: Path) -> None:
        """Put the complete folder in the place of the target."""

    @staticmethod
    @abstractmethod
    def marked(path: Path) -> bool:
        """Whether a file with a name of this writer's is of a sweep."""

    def frame(self, folder: Path) -> str:  # noqa: ARG002
        """Digest of what `create` has written, as it lies on the disk; empty without it."""
        return hashlib.sha256().hexdigest()

    def digest(self, folder: Path, region: Region) -> str:
        """Digest of a chunk as it lies on the disk; empty where a file of it is missing."""
        found = hashlib.sha256()
        try:
            for path in self.files(folder, region):
                found.update(path.read_bytes())
        except OSError:
            return ""
        return found.hexdigest()

    @classmethod
    def owns(cls, folder: Path) -> bool:
        """Whether there is nothing in a folder but what a sweep writes."""
        for path in folder.rglob("*"):
            if path.is_symlink():
                return False
            if path.is_file():
                name = path.relative_to(folder).as_posix()
                if not cls.names.fullmatch(name) or not cls.marked(path):
                    return False
        return True

    @classmethod
    def remove(cls, folder: Path) -> None:
        """Remove what a sweep has written, file by file; what else has come stays.

        Raises
        ------
        OutputError
            If something else is there.
        """
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_file() and cls.names.fullmatch(path.relative_to(folder).as_posix()):
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        if any(folder.iterdir()):
            raise OutputError(f"{folder}: holds something else than a sweep; move it away")
        folder.rmdir()

    def _replace(self, complete: Path, target: Path) -> None:
        """Put a complete folder or file in the place of the target."""
        if not target.is_dir() or target.is_symlink():
            if complete.is_dir():
                target.unlink(missing_ok=True)
            complete.replace(target)
            return
        if not self.owns(target):  # it may have changed meanwhile
            raise OutputError(f"{target}: a folder that holds something else than a sweep")
        old = beside(target, ".old")
        if old.exists():
            raise OutputError(f"{old}: is in the way; move it away")
        target.rename(old)
        complete.replace(target)
        self.remove(old)


def table_of(plan: Sweep, region: Region, arrays: Mapping[str, np.ndarray]) -> pd.DataFrame:
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

    names = re.compile(rf"part-[0-9-]*\.parquet|{HALF.pattern}")

    def create(self, folder: Path) -> None:
        """Make the folder."""
        folder.mkdir()

    def write(self, folder: Path, region: Region, arrays: Mapping[str, np.ndarray]) -> None:
        """Write one part."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pandas(table_of(self.plan, region, arrays), preserve_index=False)
        provenance = {k: str(v) for k, v in self.plan.attributes().items()}
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), **provenance})
        buffer = io.BytesIO()
        pq.write_table(table, buffer)
        [path] = self.files(folder, region)
        write_whole(path, buffer.getvalue())

    def files(self, folder: Path, region: Region) -> list[Path]:
        """The part."""
        return [folder / f"part-{'-'.join(f'{start:09d}' for start, _ in region)}.parquet"]

    def finish(self, folder: Path, target: Path) -> None:
        """Move the folder of parts, or the single part, to its place."""
        for path in folder.iterdir():
            if HALF.fullmatch(path.name):
                path.unlink()
        parts = list(folder.glob("part-*.parquet"))
        self._replace(parts[0] if len(parts) == 1 else folder, target)

    @staticmethod
    def marked(path: Path) -> bool:
        """Whether its metadata name a case; a part that was not written to its end has none."""
        import pyarrow.parquet as pq

        if path.name.startswith("."):
            return True
        try:
            return _MARK.encode() in (pq.read_schema(path).metadata or {})
        except (OSError, ValueError):
            return False


class ZarrWriter(Writer):
    """Arrays that xarray opens; a chunk of the file is a chunk of the sweep."""

    names = re.compile(
        r"([^/]+/)?zarr\.json|[^/]+/c(/[0-9]+)*|([^/]+/)*[^/]+\.[0-9a-f]{32}\.partial"
    )

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
            lead = (len(plan.lead(name)),) if name in LEADS else ()
            group.create_array(
                name,
                shape=(*lead, *plan.grid.shape),
                chunks=(*lead, *plan.chunk_shape),
                dtype="bool" if name == "met" else "float64",
                dimension_names=(*((LEADS[name],) if lead else ()), *plan.grid.names),
                compressors=None,
                fill_value=False if name == "met" else np.nan,
                config={"write_empty_chunks": True},  # a chunk that is not there is lost
            )

    def write(self, folder: Path, region: Region, arrays: Mapping[str, np.ndarray]) -> None:
        """Write one chunk of every array, and have it on the disk."""
        import zarr

        if self._arrays is None:
            group = zarr.open_group(folder, mode="r+")
            self._arrays = {
                name: group[name].with_config({"write_empty_chunks": True})  # type: ignore[union-attr]
                for name in self.plan.question.variables
            }
        spans = tuple(slice(start, stop) for start, stop in region)
        for name, array in arrays.items():
            self._arrays[name][(..., *spans)] = array
        for path in self.files(folder, region):
            flush(path)

    def frame(self, folder: Path) -> str:
        """Digest of the coordinates and of what describes the arrays."""
        found = hashlib.sha256()
        try:
            described = json.loads((folder / "zarr.json").read_text(encoding="utf-8"))
            described.pop("consolidated_metadata", None)  # comes at the end
            found.update(json.dumps(described, sort_keys=True).encode())
            for array in sorted(p for p in folder.iterdir() if p.is_dir()):
                of_chunks = array.name in self.plan.question.variables
                for path in [array / "zarr.json"] if of_chunks else sorted(array.rglob("*")):
                    if path.is_file() or of_chunks:
                        found.update(f"{path.relative_to(folder).as_posix()}\0".encode())
                        found.update(hashlib.sha256(path.read_bytes()).digest())
        except (AttributeError, OSError, ValueError):
            return ""
        return found.hexdigest()

    def files(self, folder: Path, region: Region) -> list[Path]:
        """A file for every variable."""
        steps = zip(region, self.plan.chunk_shape, strict=True)
        place = [str(start // step) for (start, _), step in steps]
        return [
            folder.joinpath(name, "c", *(["0"] if name in LEADS else []), *place)
            for name in sorted(self.plan.question.variables)
        ]

    def finish(self, folder: Path, target: Path) -> None:
        """Move the folder to its place."""
        import zarr

        with warnings.catch_warnings():
            # readers look for consolidated metadata first, though format 3 has no word on it
            warnings.simplefilter("ignore")
            zarr.consolidate_metadata(folder)
        self._replace(folder, target)

    @classmethod
    def owns(cls, folder: Path) -> bool:
        """Whether it is a group that names a case, and holds arrays only."""
        try:
            described = json.loads((folder / "zarr.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return _MARK in described.get("attributes", {}) and super().owns(folder)

    @staticmethod
    def marked(path: Path) -> bool:
        """Every file of a group that names a case is of the sweep."""
        return path.is_file()
