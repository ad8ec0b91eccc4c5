"""Sweeps to files: csv and netCDF at once, zarr and parquet chunk by chunk.

A streamed sweep grows in a folder beside its target and takes the target's place when it is
complete. An interrupted one resumes: a journal names the chunks that are wholly written, each
with the digest of its content, and a manifest says of which sweep they are, by the content of
the cases, prior sets and standards, the settings and the version. A folder is only ever replaced
or removed where everything in it is of a sweep.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from causation.errors import MissingExtraError, OutputError
from causation.output import HALF, alone, beside, check_writable, is_folder, write_whole
from causation.sweeping.cluster import executor_for
from causation.sweeping.sweep import Options, Progress, compute, plan_sweep, to_dataset
from causation.sweeping.writers import ParquetWriter, Writer, ZarrWriter, table_of

if TYPE_CHECKING:
    from causation.case.schema import Case
    from causation.sweeping.plan import Region, Sweep

_WHOLE = (".csv", ".nc")
_STREAMED = (".parquet", ".zarr")
_MOST_WHOLE = 20_000_000
"""Most scenarios in a file that is written at once."""
_MANIFEST = "sweep.json"
_JOURNAL = "written.txt"
_DATA = "data"
_LOCK = "lock"
_LINE = re.compile(r"[0-9]+ [0-9a-f]{64}")


def sweep_to_file(
    case: Case | str | Path | Sequence[Case | str | Path],
    vary: Any,
    output: str | os.PathLike[str],
    *,
    cluster: Any = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    **options: Unpack[Options],
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
        Replace what is there, finished or not, unless it is read-only or not of a sweep.
    **options
        As for `sweep`: ``zipped``, ``priors``, ``standard``, ``bound``, ``gaps``, ``settings``,
        ``variables``.

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
    given = case if isinstance(case, list | tuple) else [case]
    _check_target(target, read=[*given, options.get("priors")], overwrite=overwrite)
    plan = plan_sweep(case, vary, **options)
    _check_disk(plan, target)
    if target.suffix in _WHOLE:
        return _write_whole(plan, target, cluster=cluster, progress=progress)
    writer = ZarrWriter(plan) if target.suffix == ".zarr" else ParquetWriter(plan)
    try:
        return _stream(
            plan, writer, target, cluster=cluster, overwrite=overwrite, progress=progress
        )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OutputError(f"{target}: cannot be written: {reason}") from error


def _check_target(target: Path, *, read: Sequence[object], overwrite: bool) -> None:
    if target.suffix not in (*_WHOLE, *_STREAMED):
        raise OutputError(
            f"{target}: unknown format; end the name in {', '.join((*_WHOLE, *_STREAMED))}"
        )
    if target.suffix in _STREAMED:
        _require(target.suffix)
    if not is_folder(target):
        check_writable(target, read=read, overwrite=overwrite)
        return
    if not overwrite:
        raise OutputError(f"{target}: exists already; name another file, or add --overwrite")
    if target.is_symlink():  # which is itself replaced
        return
    kind = {".zarr": ZarrWriter, ".parquet": ParquetWriter}.get(target.suffix)
    if kind is None or not kind.owns(target):
        raise OutputError(
            f"{target}: a folder that holds something else than a sweep; name another file"
        )


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


def _write_whole(plan: Sweep, target: Path, *, cluster: Any, progress: Progress | None) -> Path:
    if plan.grid.size > _MOST_WHOLE:
        raise OutputError(
            f"{target}: {plan.grid.size:,} scenarios are too many for {target.suffix[1:]} "
            f"(at most {_MOST_WHOLE:,}); write zarr or parquet"
        )
    arrays = compute(plan, cluster=cluster, progress=progress)
    if target.suffix == ".csv":
        everything = tuple((0, n) for n in plan.grid.shape)
        return write_whole(target, table_of(plan, everything, arrays).to_csv(index=False))
    return write_whole(target, bytes(to_dataset(plan, arrays).to_netcdf(engine="h5netcdf")))


def _stream(
    plan: Sweep,
    writer: Writer,
    target: Path,
    *,
    cluster: Any,
    overwrite: bool,
    progress: Progress | None,
) -> Path:
    folder = beside(target, ".partial")
    data, journal = folder / _DATA, folder / _JOURNAL
    manifest = _manifest(plan)
    chunks = {c: i for i, c in enumerate(c for slab in plan.slabs() for c in slab.chunks)}
    if folder.is_symlink():
        raise OutputError(f"{folder}: is a link to another place; remove it, or name another file")
    folder.mkdir(exist_ok=True)
    reason = "is being written by another sweep; wait for it, or name another file"
    with alone(folder / _LOCK, busy=OutputError(f"{folder}: {reason}")):
        written = _resume(folder, manifest, writer, chunks, overwrite=overwrite)
        if written is None:
            write_whole(folder / _MANIFEST, json.dumps(manifest, indent=1))
            writer.create(data)
            # from here on the data is whole, if empty
            write_whole(journal, f"{len(chunks)} {writer.frame(data)}\n")
            written = set()
        with (
            journal.open("a", encoding="utf-8") as stream,
            executor_for(cluster) as executor,
        ):
            todo = executor.chunks(plan, done=lambda c: chunks[c] in written, progress=progress)
            for region, arrays in todo:
                writer.write(data, region, arrays)
                stream.write(f"{chunks[region]} {writer.digest(data, region)}\n")
                stream.flush()
                os.fsync(stream.fileno())
        _check_disk_has(chunks, data, writer)
        writer.finish(data, target)
        _clear(folder, writer)
    with suppress(OSError):  # somebody else has taken it up meanwhile
        folder.rmdir()
    return target


def _check_disk_has(chunks: Iterable[Region], data: Path, writer: Writer) -> None:
    missing = [c for c in chunks if not all(p.is_file() for p in writer.files(data, c))]
    if missing:
        raise OutputError(
            f"{data}: {len(missing)} chunks that were written are gone; ask again, and they are "
            "computed again"
        )


def _manifest(plan: Sweep) -> dict[str, Any]:
    """Of which sweep the chunks are, by content: never by the name of a file."""
    content = {
        **plan.attributes(),
        "numpy": np.__version__,
        "scipy": version("scipy"),
        "thresholds": plan.thresholds(),
        "grid": plan.grid.sha256(),
        "shape": list(plan.grid.shape),
        "chunk": list(plan.chunk_shape),
        "variables": list(plan.question.variables),
        "gaps": plan.question.gaps,
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return {**content, "sha256": digest}


def _resume(
    folder: Path,
    manifest: dict[str, Any],
    writer: Writer,
    chunks: dict[Region, int],
    *,
    overwrite: bool,
) -> set[int] | None:
    """Numbers of the chunks that an interrupted sweep has written, or None to begin anew.

    Raises
    ------
    OutputError
        If what lies there is of another sweep, or damaged, and may not be overwritten.
    """
    journal = folder / _JOURNAL
    known = _known(folder)
    if known.get("sha256") == manifest["sha256"] and journal.exists():
        stated = _stated(journal)
        if stated and stated.get(len(chunks)) == writer.frame(folder / _DATA):
            return {
                number
                for region, number in chunks.items()
                if writer.digest(folder / _DATA, region) == stated.get(number)
            }
    whose = {p.name for p in folder.iterdir()} & {_JOURNAL, _DATA}
    if whose and journal.exists() and not overwrite:
        if known.get("sha256") == manifest["sha256"]:
            reason = (
                "holds this sweep with a journal or data that are damaged; add --overwrite to "
                "begin anew"
            )
        elif known:
            changed = sorted(k for k in manifest if known.get(k) != manifest[k] and k != "sha256")
            reason = (
                "holds another sweep that was interrupted (it differs in "
                f"{', '.join(changed)}); finish that one, give another name, or add --overwrite"
            )
        else:
            reason = "holds a sweep with a manifest that is damaged; add --overwrite to begin anew"
        raise OutputError(f"{folder}: {reason}")
    _clear(folder, writer)
    return None


def _stated(journal: Path) -> dict[int, str] | None:
    """Digests of the chunks in a journal; None where it is damaged.

    A last line without an end is that of a chunk that was interrupted.
    """
    try:
        lines = journal.read_text(encoding="utf-8").split("\n")[:-1]
    except (OSError, ValueError):
        return None
    if not all(_LINE.fullmatch(line) for line in lines):
        return None
    return {int(number): found for number, _, found in (line.partition(" ") for line in lines)}


def _known(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder, or nothing where there is none."""
    try:
        found = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _clear(folder: Path, writer: Writer) -> None:
    """Remove what a sweep has written into a folder, if there is nothing else in it.

    Raises
    ------
    OutputError
        If there is.
    """
    found = {p.name for p in folder.iterdir() if not HALF.fullmatch(p.name)}
    data = folder / _DATA
    foreign = found - {_MANIFEST, _JOURNAL, _DATA, _LOCK}
    # without a journal the data were being made; they are known by their names alone
    begun = data.exists() and (folder / _JOURNAL).exists()
    if foreign or (begun and not writer.owns(data)):
        raise OutputError(f"{folder}: holds something else than a sweep; move it away")
    if data.exists():
        writer.remove(data)
    for path in folder.iterdir():
        if path.name != _LOCK:
            path.unlink()
