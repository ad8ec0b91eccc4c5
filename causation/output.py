"""Files that appear whole or not at all, and texts that move no cursor."""

from __future__ import annotations

import atexit
import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from causation.errors import OutputError

HALF = re.compile(r"\.causation-[0-9a-f]{16}")
"""Names of files that were not written to their end, which a kill may leave."""
_LONGEST_NAME = 255
"""Bytes that a name may have."""
REFUSALS = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EIO", "EBADF", "EFBIG", "EROFS", "EMFILE", "ENFILE", "ENOMEM")
    if hasattr(errno, name)
)
"""What the system says when it cannot, whatever the program does."""
_MOVING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that a terminal may obey or cannot show."""


def printable(text: str, *, longest: int = 4_000) -> str:
    r"""One line of bounded length in which nothing controls a terminal.

    Examples
    --------
    >>> print(printable("a\x1b[2K\nb"), printable("abcdef", longest=5))
    a\x1b[2K\nb ab...
    """
    if len(text) <= longest and text.isprintable():
        return text
    kept = "".join(
        ascii(c)[1:-1] if unicodedata.category(c) in _MOVING else c for c in text[: longest + 1]
    )
    return kept if len(kept) <= longest else f"{kept[: longest - 3]}..."


def usable_home() -> None:
    """Let libraries keep their caches in a temporary folder where the home cannot be written.

    To be called before they are imported; what the user has set stays.
    """
    if os.access(Path("~").expanduser(), os.W_OK):
        return
    stated, flags = os.environ, os.environ.get("PYTENSOR_FLAGS", "")
    if stated.get("MPLCONFIGDIR") and "compiledir" in flags:
        return
    folder = tempfile.mkdtemp(prefix="causation-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    stated["MPLCONFIGDIR"] = stated.get("MPLCONFIGDIR") or folder
    stated.setdefault("NUMBA_CACHE_DIR", folder)
    if "compiledir" not in flags:
        stated["PYTENSOR_FLAGS"] = ",".join(filter(None, [flags, f"base_compiledir={folder}"]))


def is_file(path: str | os.PathLike[str]) -> bool:
    """Whether there is such a file; of a name that the system does not take, a Path would raise."""
    return os.path.isfile(path)  # noqa: PTH113


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether there is such a folder; see `is_file`."""
    return os.path.isdir(path)  # noqa: PTH112


def check_writable(
    path: str | os.PathLike[str], *, read: Iterable[object] = (), overwrite: bool = True
) -> Path:
    """Raise early where a file cannot be written later.

    Parameters
    ----------
    path : path
    read : iterable
        What the content is made from. The output may be none of the files among it, nor one
        that something in it was read from (its ``file``); anything else in it is passed over.
    overwrite : bool
        Whether an existing file may be replaced; one that cannot be written never is.

    Raises
    ------
    OutputError
        If the folder does not exist or cannot be written, the path is a folder, or a file that
        is read, or one that exists already and may not be replaced.
    """
    target = Path(path)
    if any(_same(target, source) for source in read):
        raise OutputError(f"{target}: is read for this; name another file")
    try:
        there = target.exists() and target.stat()
        folder = target.parent.is_dir()
    except (OSError, ValueError) as error:  # a name that the system does not take
        reason = error.strerror if isinstance(error, OSError) else "not a file name"
        raise OutputError(f"{target}: cannot be written: {reason}") from None
    if there and stat.S_ISDIR(there.st_mode):
        raise OutputError(f"{target}: is a folder; name a file")
    if not folder:
        raise OutputError(f"{target}: there is no folder {target.parent}")
    if not os.access(target.parent, os.W_OK):
        raise OutputError(f"{target}: the folder {target.parent} cannot be written")
    if there and not there.st_mode & stat.S_IWUSR:
        raise OutputError(f"{target}: is read-only; name another file")
    if there and not overwrite:
        raise OutputError(f"{target}: exists already; name another file, or add --overwrite")
    return target


def check_folder(path: str | os.PathLike[str], *, overwrite: bool = True) -> Path:
    """Raise early where the files of a folder cannot be written later; see `check_writable`.

    Raises
    ------
    OutputError
        If it is a file, cannot be written, or has something in it that may not be replaced.
    """
    folder = Path(path)
    if is_file(folder):
        raise OutputError(f"{folder}: is a file; name a folder")
    if is_folder(folder) and not os.access(folder, os.W_OK):
        raise OutputError(f"{folder}: the folder {folder} cannot be written")
    for file in sorted(folder.iterdir()) if is_folder(folder) else ():
        if file.is_file():
            check_writable(file, overwrite=overwrite)
    return folder


def make_folder(path: str | os.PathLike[str]) -> Path:
    """Make a folder and those above it; `OutputError` if that cannot be."""
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror}") from error
    return folder


def _same(target: Path, source: object) -> bool:
    source = getattr(source, "file", source)
    if not isinstance(source, str | os.PathLike):
        return False
    try:
        return target.samefile(source)
    except (OSError, ValueError):
        return False


def beside(target: Path, suffix: str) -> Path:
    """A place that is named after a target and lies beside it, whatever name the target has."""
    name = f"{target.name}{suffix}"
    if len(os.fsencode(name)) > _LONGEST_NAME:
        digest = hashlib.sha256(os.fsencode(target.name)).hexdigest()
        name = f".causation-{digest[:16]}{suffix}"
    return target.with_name(name)


def write_whole(path: str | os.PathLike[str], content: bytes | str) -> Path:
    """Write a file so that a reader sees the old content or the new, never a part.

    The content goes to a temporary file in the same folder, is flushed to the disk, and
    replaces the target in one step. Its own name is short, so that any name that the system
    allows can be written.

    Raises
    ------
    OutputError
        If it cannot be written; what was there before is untouched.
    """
    target = check_writable(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = target.parent / f".causation-{secrets.token_hex(8)}"
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException as error:  # an interrupt leaves no temporary file either
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise OutputError(f"{target}: cannot be written: {error.strerror}") from error
        raise
    return target


def _lock(stream: IO[str]) -> None:
    """Lock an open file until it is closed, where the system can; a locked one is an error."""
    if os.name == "nt":
        import msvcrt

        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError as error:
            raise BlockingIOError(str(error)) from None
        return
    import fcntl

    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a file system that knows no locks
        return


@contextlib.contextmanager
def alone(place: Path, *, busy: Exception, patience: float = 0.0) -> Iterator[None]:
    """Hold a lock file, which is removed afterwards; it is given back however the process ends.

    Raises
    ------
    Exception
        `busy`, if another process, or another thread of this one, holds it for longer than
        `patience` seconds.
    """
    end = time.monotonic() + patience
    while (stream := _locked(place)) is None:
        if time.monotonic() >= end:
            raise busy
        time.sleep(0.02)
    with stream:
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # one that is open cannot be removed everywhere
                place.unlink()


def _locked(place: Path) -> IO[str] | None:
    """Open and lock a file; None if another has it, or had it and has removed it since."""
    stream = place.open("a", encoding="utf-8")
    try:
        _lock(stream)
        if os.path.samestat(os.fstat(stream.fileno()), place.stat()):
            return stream
    except (BlockingIOError, FileNotFoundError):
        pass
    stream.close()
    return None


def flush(path: Path) -> None:
    """Have the content of a file on the disk, not only in memory."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
