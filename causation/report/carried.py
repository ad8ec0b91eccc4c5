"""What a report says about itself, read from a file that may be hostile.

Every step is linear in the size of the file, and nothing expands beyond `MAX_PARTS` bytes.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from causation.document.reading import opener
from causation.errors import InputError
from causation.report.manifest import MARK, NO_DIGEST

MAX_BYTES = 64 * 2**20
"""Largest report that is read, in bytes."""
MAX_PARTS = 48 * 2**20
"""Largest sum of what a file unpacks to, in bytes."""
_MOST_PARTS = 400
_MOST_ENDS = 8
"""Places looked at where a PDF may end."""
_DAMAGED = (
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a damaged archive may end in."""
_HEAD = 400
"""Within so many bytes of its type the data of an embedded file begin."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a file says about itself.

    Parameters
    ----------
    format : str
        ``html``, ``md``, ``pdf`` or ``docx``.
    content : bytes
        The file.
    intact : bool
        Whether the file has the digest that it states.
    line : str
        The manifest, as one line.
    appended : bytes
        What follows the report: a signature, in a PDF.
    """

    format: str
    content: bytes
    intact: bool
    line: str
    appended: bytes = b""


def read_carried(path: Path) -> Carried:
    """Read a report.

    Raises
    ------
    InputError
        If the file cannot be read, is larger than a report can be, or is none.
    """
    try:
        with open(path, "rb", opener=opener) as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a file name"
        raise InputError(f"{path}: cannot be read: {reason}") from error
    if len(content) > MAX_BYTES:
        raise InputError(f"{path}: is larger than a report can be ({MAX_BYTES} bytes)")
    try:
        if content.startswith(b"%PDF-"):
            return _in_pdf(content)
        if content.startswith(b"PK"):
            return _in_docx(content)
        return _in_text(content)
    except _DAMAGED:
        raise InputError(f"{path}: is no report of this program, or lost its manifest") from None


def _sealed(content: bytes, digest: bytes) -> bool:
    return hashlib.sha256(content.replace(digest, NO_DIGEST.encode())).hexdigest().encode() == (
        digest
    )


def _in_text(content: bytes) -> Carried:
    html = content[:200].lstrip().lower().startswith(b"<!doctype")
    before, after, end = (
        (f'id="{MARK}" data-digest="', '">', b"<") if html else (f"<!-- {MARK} ", " ", b" -->")
    )
    if content.count(before.encode()) != 1:
        raise LookupError(MARK)
    start = content.index(before.encode()) + len(before)
    digest = content[start : start + 64]
    start += 64 + len(after)
    if not re.fullmatch(rb"[0-9a-f]{64}", digest) or content[start - len(after) : start] != (
        after.encode()
    ):
        raise LookupError(MARK)
    stop = content.find(end, start)
    if stop < 0:
        raise LookupError(MARK)
    line = content[start:stop].decode("ascii", errors="replace")
    return Carried("html" if html else "md", content, _sealed(content, digest), line)


def _in_pdf(content: bytes) -> Carried:
    match = re.search(rf"{MARK}-([0-9a-f]{{64}})".encode(), content)
    if match is None:
        raise LookupError(MARK)
    for embedded in _embedded(content):
        if embedded.startswith(b"eyJ"):  # base64 of an object of JSON
            line = embedded.strip().decode("ascii", errors="replace")
            ends = islice((mark.end() for mark in re.finditer(b"%%EOF", content)), _MOST_ENDS)
            for end in (len(content), *ends):
                if intact := _sealed(content[:end], match[1]):
                    return Carried("pdf", content[:end], intact, line, content[end:])
            return Carried("pdf", content, intact=False, line=line)
    raise LookupError("no embedded file")


def _embedded(content: bytes) -> Iterator[bytes]:
    """The embedded files of a PDF."""
    left, at = MAX_PARTS, 0
    for _ in range(_MOST_PARTS):
        at = content.find(b"/EmbeddedFile", at)
        if at < 0:
            return
        head = content[at : at + _HEAD]
        start = head.find(b"stream")
        if start >= 0:
            compressed = b"/FlateDecode" in content[max(0, at - _HEAD) : at + start]
            start += at + len(b"stream")
            start += 2 if content[start : start + 2] == b"\r\n" else 1
            stop = content.find(b"endstream", start)
            data = content[start : stop if stop >= 0 else start]
            if compressed:
                data = zlib.decompressobj().decompress(data, left)
            left -= len(data)
            yield data
            if left <= 0:
                return
            at = max(stop, start)
        at += len(b"/EmbeddedFile")


def _in_docx(content: bytes) -> Carried:
    from causation.report.docx import MANIFEST_PART, digest_of_parts

    with open_parts(content) as archive:
        xml = _manifest_part(archive, MANIFEST_PART)
        match = re.search(rb'digest="([0-9a-f]{64})"[^<>]{0,200}>', xml)
        stop = -1 if match is None else xml.find(b"<", match.end())
        if match is None or stop < 0:
            raise LookupError(MARK)
        line = xml[match.end() : stop].decode("ascii", errors="replace")
        intact = digest_of_parts(archive).encode() == match[1]
        return Carried("docx", content, intact, line)


def open_parts(content: bytes) -> zipfile.ZipFile:
    """A DOCX whose parts are few and unpack to a bounded size.

    Raises
    ------
    LookupError
        If they are more, larger, named twice or packed otherwise.
    """
    archive = zipfile.ZipFile(io.BytesIO(content))
    parts = archive.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MAX_PARTS:
        raise LookupError("parts larger than those of a report")
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise LookupError("a part packed as no word processor does")
    if len({part.filename for part in parts}) < len(parts):
        raise LookupError("a part named twice")
    return archive


def _manifest_part(archive: zipfile.ZipFile, name: str) -> bytes:
    """The part with the manifest; word processors give it another name."""
    names = archive.namelist()
    for part in (name, *(n for n in names if n.startswith("customXml/") and n != name)):
        if part in names:
            xml = archive.read(part)
            if MARK.encode() in xml:
                return xml
    raise LookupError(MARK)
