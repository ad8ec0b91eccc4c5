"""A report against its case, again.

Three things are compared: the digest of the file with the one it carries, the numbers that it
carries with those computed again from the case inside it (or from another one), and, where
program and libraries are the same versions, the file itself with one made anew.
"""

from __future__ import annotations

import hashlib
import io
import math
import re
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from causation.case import Case
from causation.document.reading import opener
from causation.errors import CausationError, InputError
from causation.report.document import Document
from causation.report.manifest import MARK, NO_DIGEST, decode, encode, environment
from causation.version import VERSION

__all__ = ["Change", "Status", "Verification", "verify_report"]

RELATIVE_TOLERANCE = 1e-6
"""Largest relative difference between machines that is no change."""
MAX_BYTES = 200_000_000
"""Largest report that is read, in bytes, and largest sum of the parts of a DOCX."""

_BROKEN = (
    CausationError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a manifest that this program did not write may end in."""
_NUMERAL = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)")


class Status(StrEnum):
    """What became of a report."""

    SAME = "same"
    CHANGED = "changed"
    TAMPERED = "tampered"


@dataclass(frozen=True, slots=True)
class Change:
    """A number that is not what it was.

    Parameters
    ----------
    key : str
        Its name.
    was, now : str or None
        As it was printed and would be printed now; None where it is missing.
    """

    key: str
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found.

    Parameters
    ----------
    status : Status
        ``same``: file and numbers are as they were written. ``changed``: some numbers come
        out differently now. ``tampered``: the file is not as it was written.
    changes : tuple of Change
        Numbers that come out differently.
    reasons : tuple of str
        Why the file is taken to be altered.
    notes : tuple of str
        What limits the comparison.
    """

    status: Status
    changes: tuple[Change, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether all is as it was."""
        return self.status is Status.SAME

    def summary(self) -> str:
        """What was found, in a few lines."""
        lines = [self.status.value, *self.reasons]
        lines += [f"{c.key}: was {c.was or 'absent'}, is {c.now or 'absent'}" for c in self.changes]
        return "\n".join([*lines, *self.notes])


@dataclass(frozen=True, slots=True)
class _Carried:
    """What a file says about itself."""

    format: str
    digest: str
    expected: str
    line: str


def verify_report(path: str | Path, *, case: Case | str | Path | None = None) -> Verification:
    """Check a report: that it is as it was written, and that its numbers come out again.

    Parameters
    ----------
    path : str or Path
        A report of this package, in any format.
    case : Case, str or Path, optional
        The case to compute from, in place of the one inside the report.

    Returns
    -------
    Verification

    Raises
    ------
    InputError
        If the file cannot be read, or is no report of this package.
    """
    content = _read(Path(path))
    carried = _carried(content, Path(path))
    reasons = []
    if carried.digest != carried.expected:
        reasons.append("the file differs from what its digest was taken of")
    try:
        manifest = decode(carried.line)
    except ValueError:
        return Verification(
            Status.TAMPERED, reasons=(*reasons, "the manifest inside cannot be read")
        )
    try:
        numbers, made, notes = _again(manifest, carried.format, case)
    except _BROKEN as error:
        reasons.append(f"the report cannot be computed again: {error}")
        return Verification(Status.TAMPERED, reasons=tuple(reasons))
    changes = _changes(manifest["numbers"], numbers)
    if made is not None and not changes and not reasons and not _alike(made, content, carried):
        reasons.append("the file differs from one made anew from the same case and versions")
    status = Status.CHANGED if changes else Status.SAME
    status = Status.TAMPERED if reasons else status
    return Verification(status, tuple(changes), tuple(reasons), tuple(notes))


def _read(path: Path) -> bytes:
    try:
        with open(path, "rb", opener=opener) as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a file name"
        raise InputError(f"{path}: cannot be read: {reason}") from error
    if len(content) > MAX_BYTES:
        raise InputError(f"{path}: is larger than a report can be ({MAX_BYTES} bytes)")
    return content


def _carried(content: bytes, path: Path) -> _Carried:
    """Digest and manifest of a file."""
    try:
        if content.startswith(b"%PDF-"):
            return _in_pdf(content)
        if content.startswith(b"PK"):
            return _in_docx(content)
        text = content.decode("utf-8", errors="replace")
        kind = "html" if text.lstrip().lower().startswith("<!doctype") else "md"
        return _in_text(content, text, kind)
    except (LookupError, zipfile.BadZipFile, zlib.error):
        raise InputError(f"{path}: is no report of this program, or lost its manifest") from None


def _sealed(content: bytes, digest: str) -> str:
    return hashlib.sha256(content.replace(digest.encode(), NO_DIGEST.encode())).hexdigest()


def _in_text(content: bytes, text: str, kind: str) -> _Carried:
    pattern = (
        rf'id="{MARK}" data-digest="([0-9a-f]{{64}})">([^<]*)<'
        if kind == "html"
        else rf"<!-- {MARK} ([0-9a-f]{{64}}) (\S*) -->"
    )
    found = re.findall(pattern, text)
    if len(found) != 1:
        raise LookupError(MARK)
    digest, line = found[0]
    return _Carried(kind, digest, _sealed(content, digest), line)


def _in_pdf(content: bytes) -> _Carried:
    match = re.search(rf"{MARK}-([0-9a-f]{{64}})".encode(), content)
    if match is None:
        raise LookupError(MARK)
    digest = match[1].decode()
    return _Carried("pdf", digest, _sealed(content, digest), _attached(content))


def _attached(content: bytes) -> str:
    """The manifest among the embedded files of a PDF."""
    for match in re.finditer(rb"/Type\s*/EmbeddedFile.*?stream\r?\n", content, re.DOTALL):
        stream = content[match.end() : content.index(b"endstream", match.end())]
        if b"/FlateDecode" in match[0]:
            stream = zlib.decompressobj().decompress(stream, MAX_BYTES)
        return stream.strip().decode("ascii", errors="replace")
    raise LookupError("no embedded file")


def _in_docx(content: bytes) -> _Carried:
    from causation.report.docx import MANIFEST_PART, digest_of_parts

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MAX_BYTES:
            raise LookupError("parts larger than those of a report")
        xml = _manifest_part(archive, MANIFEST_PART)
        match = re.search(r'digest="([0-9a-f]{64})"[^>]*>([^<]*)<', xml)
        if match is None:
            raise LookupError(MARK)
        return _Carried("docx", match[1], digest_of_parts(archive), match[2])


def _manifest_part(archive: zipfile.ZipFile, name: str) -> str:
    """The part with the manifest; word processors give it another name."""
    others = [n for n in archive.namelist() if n.startswith("customXml/") and n != name]
    for part in (name, *others):
        if part in archive.namelist():
            text = archive.read(part).decode("utf-8", errors="replace")
            if MARK in text:
                return text
    raise LookupError(MARK)


def _again(
    manifest: dict[str, Any], kind: str, case: Case | str | Path | None
) -> tuple[dict[str, tuple[Any, str]], bytes | None, list[str]]:
    """Numbers computed again, the file made anew where that can be compared, and notes."""
    from causation.report.build import build_report
    from causation.report.language import load_language
    from causation.report.material import from_embedded, gather
    from causation.report.write import render

    language = load_language(manifest["lang"])
    notes = []
    with tempfile.TemporaryDirectory() as folder:
        material = from_embedded(manifest, Path(folder))
        if case is not None:
            material = gather(
                case,
                language=language,
                priors=material.priors if material.priors_embedded else manifest["priors"]["name"],
                standard=manifest["standard"],
                identify=manifest["identify"],
            )
        report = build_report(material, language, random_seed=manifest["provenance"]["random_seed"])
    comparable = manifest["environment"] == environment() and manifest["version"] == VERSION
    if not comparable:
        notes.append(
            "written with other versions of the program or its libraries: numbers were compared, "
            "the file itself was not"
        )
    compared = comparable and case is None
    made = render(_as_written(report.document, manifest), kind) if compared else None
    numbers = {key: (q.value, q.text) for key, q in report.document.quantities.items()}
    return numbers, made, notes


def _as_written(document: Document, manifest: dict[str, Any]) -> Document:
    """The document with the manifest and the values that a file carries.

    Processors differ in the last digits of a number, which are carried but not printed. Where
    anything but numbers differs, the document is left as it is.
    """
    fresh = decode(encode(document.manifest))
    numbers = manifest["numbers"]
    if fresh | {"numbers": None} != manifest | {"numbers": None} or fresh["numbers"].keys() != (
        numbers.keys()
    ):
        return document
    quantities = {k: replace(q, value=numbers[k][0]) for k, q in document.quantities.items()}
    return replace(document, manifest=manifest, quantities=quantities)


def _alike(made: bytes, content: bytes, carried: _Carried) -> bool:
    """Whether a file is the one made anew; in HTML but for the last digits of the form's data."""
    if made == content:
        return True
    if carried.format != "html":
        return False
    ours, theirs = (
        _NUMERAL.split(text.decode("utf-8", errors="replace"))
        for text in (
            re.sub(rb'data-digest="[0-9a-f]{64}"', b"", whole) for whole in (made, content)
        )
    )
    return len(ours) == len(theirs) and all(
        a == b or (i % 2 == 1 and math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-12))
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True))
    )


_ENVIRONMENT_KEYS = ("version.",)


def _changes(was: dict[str, Any], now: dict[str, tuple[Any, str]]) -> list[Change]:
    found = []
    for key in (*was, *(k for k in now if k not in was)):
        if key.startswith(_ENVIRONMENT_KEYS):
            continue
        before, after = was.get(key), now.get(key)
        if before is None or after is None or not _equal(before[0], after[0]):
            found.append(
                Change(
                    key,
                    None if before is None else str(before[1]),
                    None if after is None else after[1],
                )
            )
    return found


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float):
        return abs(a - b) <= RELATIVE_TOLERANCE * max(abs(a), abs(b), 1e-3)
    return bool(a == b)
