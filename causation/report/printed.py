"""How a report differs from the one made anew, for files that cannot be the same bytes.

Every text of a file is compared as it stands in it, with its markup, and everything that is
attached; of a PDF the words of its pages, what is attached to it, and what could show or do
something else. What other versions of libraries make differently, and nothing else, is told
apart by what makes it: figures, fonts, styles, the layout of a PDF.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causation.errors import CausationError
from causation.report.carried import open_parts
from causation.report.manifest import MARK

if TYPE_CHECKING:
    import zipfile

MADE_BY: dict[str, frozenset[str]] = {
    "figures": frozenset({"causation", "typst", "zhplot"}),
    "fonts": frozenset({"causation", "fonttools", "zhplot"}),
    "styles": frozenset({"causation", "python-docx"}),
    "layout": frozenset({"causation", "typst", "zhplot"}),
}
"""Whose versions change what can differ where every text is the same."""

_DATA = re.compile(rb"data:([a-z/+-]{1,40});base64,([A-Za-z0-9+/=]*)")
_STYLE_DIGEST = re.compile(rb"(?<=style-src \')sha256-[A-Za-z0-9+/=]{1,64}")
_MANIFEST = {
    "html": re.compile(rf'id="{MARK}" data-digest="[0-9a-f]{{64}}">[A-Za-z0-9+/=]*</'.encode()),
    "md": re.compile(rf"<!-- {MARK} [0-9a-f]{{64}} [A-Za-z0-9+/=]* -->".encode()),
}
_STATED = re.compile(rb'digest="[0-9a-f]{64}">[A-Za-z0-9+/=]*(?=<)')
"""Digest and manifest in a DOCX."""
_STYLES = re.compile(
    r"docProps/[\w.]+|word/(styles|stylesWithEffects|settings|webSettings|fontTable|numbering)\.xml"
    r"|word/theme/theme1\.xml"
)
_SECONDS = 60
"""Of a processor, for reading the text of a PDF."""
_PATIENCE = 10 * _SECONDS if os.name == "posix" else _SECONDS
"""Seconds until it is given up, however busy the machine is."""
_MEMORY = 2**29
"""Bytes of address space for reading a PDF, where a process can be held to them."""
_PAGE = re.compile(r"\d{1,4}( ?/ ?\d{1,4})?")
_LARGER = 2**16
"""Bytes by which a part may be more than twice as large as the one made anew."""
_ACTIVE = frozenset(
    {"/AA", "/AcroForm", "/Collection", "/CropBox", "/OCProperties", "/OpenAction", "/Perms",
     "/Rotate", "/Threads", "/Trans", "/URI", "/UserUnit"}
)  # fmt: skip
"""What in a PDF or a page does something, or shows less or more than what stands there."""

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


@dataclass(frozen=True, slots=True)
class Difference:
    """Something in a file that is not as it comes out.

    Parameters
    ----------
    kind : str
        One of `MADE_BY`, or ``text`` or ``part`` for what no other version explains.
    name : str
        What it is, of a part; of a text, where it differs.
    """

    kind: str
    name: str = ""


def differences(content: bytes, made: bytes, kind: str) -> list[Difference]:
    """What in a file is not as in the one made anew.

    Parameters
    ----------
    content, made : bytes
        The file, and the one made anew.
    kind : {"html", "md", "docx", "pdf"}

    Raises
    ------
    UnreadableError
        If the file cannot be read, or not within bounds of time and memory.
    """
    if len(content) > 2 * len(made) + 2**20:
        return [Difference("part", f"its size ({len(content)} bytes)")]
    if kind == "docx":
        from lxml.etree import LxmlError  # type: ignore[import-untyped]

        try:
            with open_parts(content) as was, open_parts(made) as now:
                beside = [] if _is_all(content, was) else [Difference("part", "what is no part")]
                return [*_in_parts(was, now), *beside]
        except (LookupError, LxmlError, ValueError, struct.error) as error:
            raise UnreadableError(f"the parts cannot be read: {type(error).__name__}") from None
    if kind == "pdf":
        (words, *rest), (made_words, *made_rest) = (json.loads(read_apart(c, in_pdf))
                                                    for c in (content, made))  # fmt: skip
        found = _texts(words.split(), made_words.split(), spaced=False)
        found += [Difference("part", "what is attached or active")] if rest != made_rest else []
        return [*found, Difference("layout")]
    return list(_in_text(content, made, kind))


def _in_text(content: bytes, made: bytes, kind: str) -> Iterator[Difference]:
    was, now = (_MANIFEST[kind].sub(b"\0", c, count=1) for c in (content, made))
    data, made_data = (_DATA.findall(c) for c in (was, now))
    was, now = (_DATA.sub(rb"data:\1", c) for c in (was, now))
    digests, made_digests = (_STYLE_DIGEST.findall(c) for c in (was, now))
    was, now = (_STYLE_DIGEST.sub(b"", c) for c in (was, now))
    if was != now:
        texts = (c.decode("utf-8", errors="backslashreplace").split() for c in (was, now))
        yield from _texts(*texts) or [Difference("part", "the space between words")]
    for name, start in (("figures", b"image/"), ("fonts", b"font/")):
        if [d for d in data if d[0].startswith(start)] != [
            d for d in made_data if d[0].startswith(start)
        ] or (name == "fonts" and digests != made_digests):
            yield Difference(name)


def _in_parts(was: zipfile.ZipFile, now: zipfile.ZipFile) -> Iterator[Difference]:
    """Parts of a DOCX, the manifest apart; XML is the same however it is written."""
    from causation.report.docx import MANIFEST_PART

    sizes, made = ({p.filename: p.file_size for p in a.infolist()} for a in (was, now))
    for name in sorted(sizes.keys() ^ made.keys()):
        yield Difference("part", name)
    for name in sorted(sizes.keys() & made.keys()):
        if sizes[name] > 2 * made[name] + _LARGER:
            yield Difference("part", name)
            continue
        one, other = was.read(name), now.read(name)
        if name == MANIFEST_PART:  # what it says is compared elsewhere
            one, other = (_STATED.sub(b"", part, count=1) for part in (one, other))
        if one != other:
            if name.startswith("word/media/"):
                yield Difference("figures")
            elif not name.endswith((".xml", ".rels")):
                yield Difference("styles" if _STYLES.fullmatch(name) else "part", name)
            elif _canonical(one) != _canonical(other):
                if _STYLES.fullmatch(name) and _words(one) == _words(other):
                    yield Difference("styles")
                else:
                    texts = _texts(_words(one), _words(other))
                    yield from texts or [Difference("part", name)]


def _is_all(content: bytes, archive: zipfile.ZipFile) -> bool:
    """Whether parts and their list are all that there is in an archive.

    Whatever reads a file from its beginning, or looks in it for another format, could be shown
    what stands before, between or behind them.
    """
    at = listed = 0
    for part in sorted(archive.infolist(), key=lambda part: part.header_offset):
        name, extra = struct.unpack_from("<HH", content, at + 26)
        if part.header_offset != at or extra or part.extra or part.comment:
            return False
        at += 30 + name + part.compress_size
        listed += 46 + name
    end = struct.pack("<IIH", listed, at, 0)
    return content[at + listed :].startswith(b"PK\5\6") and content[at + listed + 12 :] == end


def _tree(xml: bytes) -> Any:
    from lxml import etree  # type: ignore[import-untyped]

    tree = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    if tree.getroottree().docinfo.doctype:
        raise ValueError("declares entities")
    return tree


def _canonical(xml: bytes) -> bytes:
    from lxml import etree

    return bytes(etree.tostring(_tree(xml), method="c14n"))


def _words(xml: bytes) -> list[str]:
    return "".join(_tree(xml).itertext()).split()


def _texts(was: list[str], now: list[str], *, spaced: bool = True) -> list[Difference]:
    """The first place where two texts differ; in a PDF, whatever lines they are broken into."""
    if was == now or (not spaced and "".join(was) == "".join(now)):
        return []
    pairs = enumerate(zip_longest(was, now, fillvalue=""))
    at = next((k for k, (a, b) in pairs if a != b), 0)
    before, after = _around(was, at), _around(now, at)
    return [Difference("text", f"{before!r} stands where {after!r} comes out")]


def _around(words: list[str], at: int) -> str:
    return " ".join(word[:80] for word in words[max(0, at - 4) : at + 6])


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


def in_pdf(path: str) -> str:
    """As JSON: text of a PDF, but for lines that only number its pages; its files; what it does.

    The last is what is active, laid over a page, or shows other than the whole of it.
    """
    import pypdf

    reader = pypdf.PdfReader(path)
    lines: list[str] = []
    active: set[str] = set()
    root: Any = reader.trailer["/Root"]
    active |= {f"{key}" for key in _ACTIVE & root.keys()}
    active |= root.get("/Names", {}).keys() - {"/Dests", "/EmbeddedFiles"}
    for page in reader.pages:
        text = page.extract_text().replace("\u200b", "").replace("\u00ad", "")
        lines += [line for line in text.splitlines() if not _PAGE.fullmatch(line.strip())]
        active |= {str(page.mediabox), *(_ACTIVE & page.keys())}
        active |= {_laid_over(note.get_object()) for note in page.get("/Annots", ())}
    files = {
        name: [hashlib.sha256(content).hexdigest() for content in contents]
        for name, contents in reader.attachments.items()
    }
    return json.dumps(["\n".join(lines), files, sorted(active)])


def _laid_over(note: Any) -> str:
    """What something that is laid over a page is: a link inside the report is only that."""
    action = note.get("/A", {})
    shows = sorted({"/AA", "/AP", "/MK"} & note.keys())
    return f"{note['/Subtype']} {shows} {action.get('/S', '')} {action.get('/URI', '')}"
