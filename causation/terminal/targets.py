"""Where a command writes: one rule for all of them."""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from causation.errors import InputError
from causation.output import check_writable, is_folder
from causation.terminal.layout import echo, say


def is_stdout(output: Path) -> bool:
    """Whether an output is standard output: ``-``, or ``-.pdf`` to name its format."""
    return output.name == str(output) and output.name.partition(".")[0] == "-"


@contextmanager
def target(
    output: Path,
    *,
    usual: str,
    lang: str = "en",
    read: Iterable[object] = (),
    overwrite: bool = False,
    folder: bool = False,
) -> Iterator[Path]:
    """Yield the file to write, and say that it was written.

    Parameters
    ----------
    output : Path
        As asked for; ``-`` is standard output, ``-.pdf`` with a format of its own.
    usual : str
        Suffix of what goes to standard output unless it is named.
    lang : {"en", "zh"}
    read : iterable
        What the content is made from; the output is none of it.
    overwrite : bool
        Whether an existing file may be replaced; a read-only one never is.
    folder : bool
        Whether it may be a folder, which whoever writes it checks.

    Raises
    ------
    OutputError
        If the file cannot or may not be written; before anything is computed.
    InputError
        If the result is a folder and has to go to standard output.
    """
    if not is_stdout(output):
        if not (folder and is_folder(output)):
            check_writable(output, read=read, overwrite=overwrite)
        yield output
        echo(say("written", lang, file=output))
        return
    with tempfile.TemporaryDirectory(prefix="causation-") as place:
        file = Path(place) / f"output{output.suffix or usual}"
        yield file
        if not file.is_file():
            raise InputError("standard output takes one file, no folder; name a path")
        _copy(file.read_bytes())


def _copy(content: bytes) -> None:
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    if isinstance(binary, io.IOBase):
        binary.write(content)
    else:  # a stream of text in place of the standard one
        sys.stdout.write(content.decode("utf-8", "replace"))
