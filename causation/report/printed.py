"""The words and numerals that a report prints, for files that cannot be the same bytes.

What other versions of libraries make differently (drawings, embedded fonts, the packing of a
PDF) is left out; every word that stands in the text is there, in its order.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from causation.errors import CausationError
from causation.report.carried import open_parts
from causation.report.manifest import MARK

_DATA = re.compile(rb"data:[a-z/+-]{1,40};base64,[A-Za-z0-9+/=]*")
_STYLE_DIGEST = re.compile(rb"'sha256-[A-Za-z0-9+/=]{1,64}'")
_MANIFEST = {
    "html": (f'id="{MARK}" data-digest="'.encode(), b"</script>"),
    "md": (f"<!-- {MARK} ".encode(), b" -->"),
}
_SECONDS = 60
"""Of a processor, for reading the text of a PDF."""
_PATIENCE = 10 * _SECONDS if os.name == "posix" else _SECONDS
"""Seconds until it is given up, however busy the machine is."""
_MEMORY = 2**30
"""Bytes of address space for reading the text of a PDF, where a process can be held to them."""
_PAGE = re.compile(r"\d{1,4}( ?/ ?\d{1,4})?")


_APART = f"""
import importlib, os, sys
if os.name == "posix":
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}))
    resource.setrlimit(resource.RLIMIT_CPU, ({_SECONDS}, {_SECONDS}))
module, function, path = sys.argv[1:]
said = getattr(importlib.import_module(module), function)(path)
sys.stdout.buffer.write(said.encode("utf-8", errors="replace"))
"""


class UnreadableError(CausationError):
    """The text of a file cannot be read."""


def printed_words(content: bytes, kind: str) -> list[str]:
    """Words of a report in the order in which they stand in it.

    Parameters
    ----------
    content : bytes
        The file.
    kind : {"html", "md", "docx", "pdf"}

    Returns
    -------
    list of str
        In HTML and Markdown with their markup, but without drawings, fonts and the manifest.

    Raises
    ------
    UnreadableError
        If the text cannot be read, or not within bounds of time and memory.
    """
    if kind == "pdf":
        return _in_pdf(content)
    if kind == "docx":
        return _in_docx(content)
    start, end = _MANIFEST[kind]
    at = content.find(start)
    stop = content.find(end, at)
    if at >= 0 and stop >= 0:
        content = content[:at] + content[stop:]
    content = _DATA.sub(b"data:", content)
    if kind == "html":
        content = _STYLE_DIGEST.sub(b"''", content)
    return content.decode("utf-8", errors="replace").split()


def drawings(content: bytes, kind: str) -> list[bytes]:
    """Figures of a report in their order; of a PDF, in which they are no parts, the whole file.

    Raises
    ------
    UnreadableError
        If it cannot be read.
    """
    if kind == "pdf":
        return [content]
    if kind != "docx":
        return [data for data in _DATA.findall(content) if data.startswith(b"data:image")]
    try:
        with open_parts(content) as archive:
            names = sorted(n for n in archive.namelist() if n.startswith("word/media/"))
            return [archive.read(name) for name in names]
    except (LookupError, ValueError) as error:
        raise UnreadableError(f"the figures cannot be read: {type(error).__name__}") from None


def _in_docx(content: bytes) -> list[str]:
    """Texts of all parts of the document proper; a word may be cut where its format changes."""
    from docx.oxml import parse_xml  # resolves no entities

    words: list[str] = []
    try:
        with open_parts(content) as archive:
            for name in sorted(archive.namelist()):
                if name.startswith("word/") and name.endswith(".xml"):
                    words += "".join(parse_xml(archive.read(name)).itertext()).split()
    except (LookupError, SyntaxError, ValueError) as error:
        raise UnreadableError(f"the text cannot be read: {type(error).__name__}") from None
    return words


def _in_pdf(content: bytes) -> list[str]:
    """Text of the pages."""
    return read_apart(content, _pages).split()


def read_apart(content: bytes, function: Callable[[str], str]) -> str:
    """What a function says of a PDF, in a process of its own that is held to bounds.

    Parameters
    ----------
    content : bytes
    function : callable
        Of a module; from the path of the file to a text.

    Raises
    ------
    UnreadableError
        If it fails, or not within bounds of time and memory.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.pdf"
        path.write_bytes(content)
        try:
            done = subprocess.run(  # noqa: S603 - this interpreter, this module
                [sys.executable, "-c", _APART, function.__module__, function.__name__, str(path)],
                capture_output=True,
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UnreadableError(f"the text was not read within {_PATIENCE} seconds") from None
    if done.returncode:
        raise UnreadableError("the text cannot be read")
    return done.stdout.decode("utf-8", errors="replace")


def _pages(path: str) -> str:
    """Text of the pages of a PDF, but for lines that only number them."""
    import pypdf

    lines: list[str] = []
    for page in pypdf.PdfReader(path).pages:
        text = page.extract_text().replace("\u200b", "").replace("\u00ad", "")
        lines += [line for line in text.splitlines() if not _PAGE.fullmatch(line.strip())]
    return "\n".join(lines)
