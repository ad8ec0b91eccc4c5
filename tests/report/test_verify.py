"""Verification: same, same but for the environment, or not the same, and why."""

from __future__ import annotations

import base64
import contextlib
import errno
import io
import json
import os
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from causation.case import load_case
from causation.document.shipped import data_path
from causation.errors import InputError
from causation.report import Status, verify_report
from causation.report import carried as carried_module
from causation.report import verify as verify_module
from causation.report.build import Report
from causation.report.carried import read_carried
from causation.report.docx import MANIFEST_PART, digest_of_parts
from causation.report.manifest import MARK, NO_DIGEST, decode, encode, environment, seal
from causation.report.printed import in_pdf
from causation.report.write import render

FileOf = Callable[[str, str, str], bytes]
CASE = "gao-2024"
KINDS = ("html", "pdf", "docx", "md")


def _put(tmp_path: Path, content: bytes, kind: str) -> Path:
    path = tmp_path / f"r.{kind}"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_as_written_is_the_same(tmp_path: Path, file_of: FileOf, kind: str) -> None:
    found = verify_report(_put(tmp_path, file_of(CASE, "zh", kind), kind))
    assert found.status is Status.SAME
    assert found.summary() == "same"


def test_a_redacted_report_verifies_from_what_it_carries(tmp_path: Path, file_of: FileOf) -> None:
    assert verify_report(_put(tmp_path, file_of("hostile", "en", "md"), "md")).same


@pytest.mark.parametrize("kind", KINDS)
def test_one_altered_byte_is_found(tmp_path: Path, file_of: FileOf, kind: str) -> None:
    content = file_of(CASE, "zh", kind)
    if kind == "docx":
        content = _rewritten(content, lambda xml: xml.replace("概要".encode(), "总结".encode(), 1))
    elif kind == "pdf":
        at = content.index(b"/Type/Page/")
        content = content[:at] + b"/Type/Page " + content[at + 11 :]
    else:
        content = content.replace("概要".encode(), "总结".encode(), 1)
    found = verify_report(_put(tmp_path, content, kind))
    assert found.status is Status.DIFFERENT
    assert not found.same
    assert "digest" in found.summary()


def _rewritten(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, change(part) if name == "word/document.xml" else part)
    return out.getvalue()


def _forged(content: bytes, change: Callable[[dict[str, Any]], None], text: str = "") -> bytes:
    """Markdown with another manifest or text and a digest that fits it."""
    match = re.search(rf"<!-- {MARK} (\w+) (\S+) -->".encode(), content)
    assert match is not None
    manifest = decode(match[2].decode())
    change(manifest)
    body = content[: match.start()] + text.encode()
    mark = f"<!-- {MARK} {NO_DIGEST} {encode(manifest)} -->\n"
    return seal(body + mark.encode())


def test_a_changed_number_is_named(tmp_path: Path, file_of: FileOf) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["numbers"]["probability"][0] += 0.1

    content = _forged(file_of(CASE, "zh", "md"), change)
    found = verify_report(_put(tmp_path, content, "md"))
    assert found.status is Status.DIFFERENT
    assert [c.key for c in found.changes] == ["probability"]
    assert "probability: was" in found.summary()


def test_how_long_it_takes_is_said_before_anything_is_computed(
    tmp_path: Path, file_of: FileOf, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """A small file may carry a case that takes minutes."""
    from causation.terminal import progress
    from causation.terminal.cli import main

    monkeypatch.setattr(progress, "_expected", lambda *_, **__: 600.0)
    monkeypatch.setattr("causation.report.build.build_report", lambda *_, **__: sys.exit(0))
    main(["verify", str(_put(tmp_path, file_of(CASE, "zh", "md"), "md"))])
    assert "10 min" in capsys.readouterr().err


def test_another_case_changes_numbers(tmp_path: Path, file_of: FileOf) -> None:
    path = _put(tmp_path, file_of(CASE, "zh", "md"), "md")
    assert verify_report(path, case=CASE).same
    other = load_case(CASE).replace({"sources.broker.weight": 5.0})
    found = verify_report(path, case=other)
    assert found.status is Status.DIFFERENT
    assert "entrance.broker" in {c.key for c in found.changes}


def test_a_forged_digest_does_not_hide_altered_text(tmp_path: Path, file_of: FileOf) -> None:
    content = _forged(file_of(CASE, "zh", "md"), lambda _manifest: None, text="more\n")
    found = verify_report(_put(tmp_path, content, "md"))
    assert found.status is Status.DIFFERENT
    assert "what is printed differs" in found.summary()
    assert "more" in found.summary()


def _elsewhere(monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    """As if the file had been written where some versions are others."""
    here = environment() | versions
    monkeypatch.setattr(verify_module, "environment", lambda: here)


@pytest.mark.parametrize("kind", KINDS)
def test_other_versions_are_listed(
    tmp_path: Path, file_of: FileOf, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    _elsewhere(monkeypatch, numpy="9.9", python="4.0")
    found = verify_report(_put(tmp_path, file_of(CASE, "zh", kind), kind))
    assert found.status is Status.ENVIRONMENT
    assert {c.key for c in found.environment} == {"numpy", "python"}
    assert found.summary().startswith("same but for the environment\nnumpy: was ")
    assert not found.same


@pytest.mark.parametrize("kind", KINDS)
def test_where_bytes_cannot_be_the_same_every_word_is_compared(
    tmp_path: Path, file_of: FileOf, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Drawings and packing differ as by other versions of libraries; then a numeral as well."""
    _elsewhere(monkeypatch, typst="9.9")
    content = file_of(CASE, "zh", kind)
    drawn = _drawn_otherwise(content, kind)
    found = verify_report(_put(tmp_path, drawn, kind))
    assert found.status is Status.ENVIRONMENT, found.summary()
    said = "layout" if kind == "pdf" else "figures"
    assert found.summary().endswith(f"since other versions make it otherwise: {said}")
    if kind != "pdf":  # whose text is packed
        altered = _resealed(drawn, kind, _another_percentage)
        found = verify_report(_put(tmp_path, altered, kind))
        assert found.status is Status.DIFFERENT
        assert "what is printed differs" in found.summary()


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_drawn_by_the_same_versions_is_the_one_that_comes_out(
    tmp_path: Path, file_of: FileOf, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Another NumPy excuses the last digits of numbers, not another figure."""
    _elsewhere(monkeypatch, numpy="9.9")
    content = _drawn_otherwise(file_of(CASE, "zh", kind), kind)
    found = verify_report(_put(tmp_path, content, kind))
    assert found.status is Status.DIFFERENT
    said = "layout" if kind == "pdf" else "figures"
    assert f"not what comes out: {said}" in found.summary()


def test_another_packing_changes_nothing_that_shows(
    tmp_path: Path, file_of: FileOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = _docx_sealed(file_of(CASE, "zh", "docx"))
    assert verify_report(_put(tmp_path, content, "docx")).status is Status.DIFFERENT
    _elsewhere(monkeypatch, python="4.0")  # whose zlib packs otherwise
    found = verify_report(_put(tmp_path, content, "docx"))
    assert found.status is Status.ENVIRONMENT
    assert found.notes == ()


def test_a_full_disk_says_nothing_of_a_report(
    tmp_path: Path, file_of: FileOf, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from causation.report import printed
    from causation.terminal.cli import main

    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    _elsewhere(monkeypatch, typst="9.9")
    monkeypatch.setattr(printed, "read_apart", full)
    content = _drawn_otherwise(file_of(CASE, "zh", "pdf"), "pdf")
    assert main(["verify", str(_put(tmp_path, content, "pdf"))]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "no space left" in err


def _member(name: str, was: bytes, now: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        assert was in parts[name]
        parts[name] = parts[name].replace(was, now, 1)

    return change


def _second_document(parts: dict[str, bytes]) -> None:
    parts["evil/document.xml"] = parts["word/document.xml"]
    _member("_rels/.rels", b"word/document.xml", b"evil/document.xml")(parts)
    _member("[Content_Types].xml", b"/word/document.xml", b"/evil/document.xml")(parts)


DOCX_FORGERIES: dict[str, Callable[[dict[str, bytes]], None]] = {
    "hidden": _member("word/document.xml", b"<w:rPr>", b"<w:rPr><w:vanish/>"),
    "joined": _member("word/document.xml", b"<w:r><w:t xml:space=", b"<w:r><w:t xml:lang="),
    "deleted": _member("word/document.xml", b"</w:r><w:r>", b"</w:r><w:del></w:del><w:r>"),
    "second document": _second_document,
    "figures exchanged": _member("word/_rels/document.xml.rels", b"image1.png", b"image2.png"),
    "figure elsewhere": _member(
        "word/_rels/document.xml.rels", b'Target="media/image1.png"',
        b'Target="https://example.org/1.png" TargetMode="External"',
    ),
    "numbers attached": _member("customXml/numbers.csv", b",", b",9"),
    "a part more": lambda parts: parts.update({"word/comments.xml": b"<a>12.3 %</a>"}),
    "a large part": lambda parts: parts.update(
        {"word/footer1.xml": b"<a>" + b"<b/>" * (10 * 2**20) + b"</a>"}
    ),
    "a name space that is none": lambda parts: parts.update(
        {"word/footer1.xml": b'<a xmlns:b="none"><b:c/></a>'}
    ),
    "its properties": _member("docProps/core.xml", b"</dc:title>", b" 12.3 %</dc:title>"),
    "beside the manifest": _member(MANIFEST_PART, b"</manifest>", b"<a>12.3 %</a></manifest>"),
    "a picture of another": lambda parts: parts.update({"docProps/thumbnail.jpeg": b"12.3 %"}),
    "entities": lambda parts: parts.update(
        {"word/footer1.xml": b'<!DOCTYPE a [<!ENTITY x "12.3">]><a>&x;</a>'}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCX_FORGERIES)
def test_nothing_in_a_docx_is_excused_by_another_version_that_does_not_make_it(
    name: str, tmp_path: Path, file_of: FileOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    _elsewhere(monkeypatch, **{"typst": "9.9", "python-docx": "9.9", "numpy": "9.9"})
    with zipfile.ZipFile(io.BytesIO(file_of(CASE, "zh", "docx"))) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    DOCX_FORGERIES[name](parts)
    found = verify_report(_put(tmp_path, _docx_sealed(_archive(parts)), "docx"))
    assert found.status is Status.DIFFERENT, found.summary()


def _hidden(content: bytes) -> bytes:
    """An archive with another document before all that its list names."""
    before = _archive({"word/document.xml": b"<a>12.3 %</a>"})
    before, moved = before[: before.index(b"PK\1\2")], bytearray(content)
    place = -1
    while (place := moved.find(b"PK\1\2", place + 1)) >= 0:
        _add(moved, place + 42, len(before))
    _add(moved, moved.rindex(b"PK\5\6") + 16, len(before))
    return before + bytes(moved)


def _add(content: bytearray, place: int, by: int) -> None:
    [number] = struct.unpack_from("<I", content, place)
    struct.pack_into("<I", content, place, number + by)


@pytest.mark.parametrize(
    "change",
    [
        _hidden,
        lambda content: b"PK\3\4%PDF-1.7 another document" + content,
        lambda content: content + b"12.3 %",
        lambda content: content[:-2] + b"\6\0" + b"12.3 %",
    ],
    ids=["before", "another format", "behind", "comment"],
)
def test_what_is_in_an_archive_and_no_part_of_it_is_not_excused(
    change: Callable[[bytes], bytes], tmp_path: Path, file_of: FileOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Programs that read a file from its beginning, or look for another format, would show it."""
    _elsewhere(monkeypatch, **{"typst": "9.9", "python-docx": "9.9", "numpy": "9.9"})
    found = verify_report(_put(tmp_path, change(file_of(CASE, "zh", "docx")), "docx"))
    assert found.status is Status.DIFFERENT, found.summary()
    assert found.reasons == ("not what comes out: what is no part",)


HTML_FORGERIES: dict[str, tuple[bytes, bytes]] = {
    "fonts": (b"data:font/ttf;base64,", b"data:font/ttf;base64,AAAA"),
    "words joined": (b"</p>\n<p>", b"</p><p>"),
    "style not obeyed": (b"style-src 'sha256-", b"style-src 'sha256-A"),
    "style": (b"</style>", b"main{display:none}</style>"),
}


@pytest.mark.parametrize("name", HTML_FORGERIES)
def test_nothing_in_html_is_excused_by_another_version_that_does_not_make_it(
    name: str, tmp_path: Path, file_of: FileOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    _elsewhere(monkeypatch, typst="9.9", numpy="9.9")
    was, now = HTML_FORGERIES[name]
    content = file_of(CASE, "zh", "html")
    assert was in content
    altered = _resealed(content, "html", lambda text: text.replace(was, now, 1))
    assert verify_report(_put(tmp_path, altered, "html")).status is Status.DIFFERENT


def test_the_manifest_hides_nothing_that_follows_it(
    tmp_path: Path, file_of: FileOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script that opens another one inside a comment does not end where it seems to."""
    _elsewhere(monkeypatch, typst="9.9")
    content = file_of(CASE, "zh", "html").replace(
        b"</script>\n<script>", b"<!--<script </script>\n<script>"
    )
    [digest] = set(re.findall(rf'{MARK}" data-digest="([0-9a-f]{{64}})'.encode(), content))
    forged = seal(content.replace(digest, NO_DIGEST.encode()))
    assert verify_report(_put(tmp_path, forged, "html")).status is Status.DIFFERENT


def test_the_lines_of_markdown_are_what_they_were(
    tmp_path: Path, file_of: FileOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    _elsewhere(monkeypatch, typst="9.9")
    altered = _resealed(
        file_of(CASE, "zh", "md"), "md", lambda text: text.replace(b"\n\n", b"\n\n    ", 30)
    )
    found = verify_report(_put(tmp_path, altered, "md"))
    assert found.status is Status.DIFFERENT
    assert "space between words" in found.summary()


def _laid_over(writer: Any) -> None:
    from pypdf.annotations import FreeText

    writer.add_annotation(0, FreeText(text="12.3 %", rect=(50, 600, 300, 700)))


def _acts(writer: Any) -> None:
    from pypdf.generic import DictionaryObject, NameObject

    writer.root_object[NameObject("/OpenAction")] = DictionaryObject()


def _cropped(writer: Any) -> None:
    from pypdf.generic import RectangleObject

    writer.pages[0].cropbox = RectangleObject((0, 0, 100, 100))


PDF_FORGERIES: dict[str, Callable[[Any], None]] = {
    "laid over": _laid_over,
    "acts": _acts,
    "cropped": _cropped,
    "attached": lambda writer: writer.add_attachment("numbers.csv", b"12.3"),
    "a page fewer": lambda writer: writer.remove_page(3),
}


@pytest.mark.parametrize("name", PDF_FORGERIES)
def test_nothing_in_a_pdf_is_excused_by_another_layout(
    name: str, tmp_path: Path, file_of: FileOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pypdf

    _elsewhere(monkeypatch, typst="9.9")

    def change(content: bytes) -> bytes:
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
        PDF_FORGERIES[name](writer)
        stream = io.BytesIO()
        writer.write(stream)
        return stream.getvalue()

    altered = _resealed(file_of(CASE, "zh", "pdf"), "pdf", change)
    found = verify_report(_put(tmp_path, altered, "pdf"))
    assert found.status is Status.DIFFERENT
    assert "not what comes out" in found.summary() or "printed differs" in found.summary()


def _exchanged(content: bytes) -> bytes:
    """A DOCX with its first two figures in each other's place."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        one, two = sorted(n for n in old.namelist() if n.startswith("word/media/"))[:2]
        for name in old.namelist():
            new.writestr(name, old.read({one: two, two: one}.get(name, name)))
    return out.getvalue()


def _drawn_otherwise(content: bytes, kind: str) -> bytes:
    if kind == "docx":
        return _docx_sealed(_exchanged(content))
    if kind == "pdf":
        return _resealed(content, kind, lambda text: text + b"\n% packed otherwise\n")
    image = re.search(rb"data:image/[a-z+]+;base64,([A-Za-z0-9+/=]{40})", content)
    assert image is not None
    return _resealed(content, kind, lambda text: text.replace(image[1], b"A" * 40))


def _another_percentage(text: bytes) -> bytes:
    """Every print of the headline's probability replaced."""
    found = re.search(rb"(\d\d\.\d)(?=\s?%)", text)
    assert found is not None
    return text.replace(found[1], b"12.3")


def _resealed(content: bytes, kind: str, change: Callable[[bytes], bytes]) -> bytes:
    """A file changed outside its manifest, with a digest that fits it."""
    if kind == "docx":
        return _docx_sealed(_rewritten(content, change))
    [digest] = set(
        re.findall(rf"{MARK}(?:-| |\" data-digest=\")([0-9a-f]{{64}})".encode(), content)
    )
    open_ = content.replace(digest, NO_DIGEST.encode())
    at = open_.index(b"eyJ") if kind != "pdf" else len(open_)
    return seal(change(open_[:at]) + open_[at:] if kind != "pdf" else change(open_))


def _docx_sealed(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        digest = digest_of_parts(old)
        for name in old.namelist():
            part = old.read(name)
            if name == MANIFEST_PART:
                part = re.sub(rb'digest="[0-9a-f]{64}"', f'digest="{digest}"'.encode(), part)
            new.writestr(name, part)
    return out.getvalue()


def test_the_text_of_a_pdf_is_read(tmp_path: Path, file_of: FileOf) -> None:
    """What a PDF prints is what the Markdown of the same report prints, as far as words go."""
    path = _put(tmp_path, file_of(CASE, "en", "pdf"), "pdf")
    text, files, _ = json.loads(in_pdf(str(path)))
    words = "".join(text.split())
    body = file_of(CASE, "en", "md").split(f"<!-- {MARK}".encode())[0].decode()
    numerals = re.findall(r"(?<!\S)\d+\.\d+(?!\S)", body)
    assert len(numerals) > 100
    assert [n for n in numerals if n not in words] == []
    assert list(files) == [f"{MARK}.txt", "numbers.csv"]


def test_forged_everywhere_with_another_version_is_not_the_same(
    tmp_path: Path, file_of: FileOf
) -> None:
    content = file_of(CASE, "zh", "md")

    def change(manifest: dict[str, Any]) -> None:
        manifest["environment"]["numpy"] = "1.0"
        for number in manifest["numbers"].values():
            number[1] = number[1].replace("9", "8")

    start = content.index(f"<!-- {MARK}".encode())
    manifest = decode(_line(content))
    change(manifest)
    body = content[:start].replace(b"9", b"8")
    forged = seal(body + f"<!-- {MARK} {NO_DIGEST} {encode(manifest)} -->\n".encode())
    found = verify_report(_put(tmp_path, forged, "md"))
    assert found.status is Status.DIFFERENT
    assert found.changes
    assert found.environment


def _line(content: bytes) -> str:
    match = re.search(rf"<!-- {MARK} (\w+) (\S+) -->".encode(), content)
    assert match is not None
    return match[2].decode()


def test_printed_text_in_the_manifest_is_checked(tmp_path: Path, file_of: FileOf) -> None:
    def change(manifest: dict[str, Any]) -> None:
        key = next(k for k in manifest["numbers"] if k.startswith("entrance."))
        manifest["numbers"][key][1] += "9"

    found = verify_report(_put(tmp_path, _forged(file_of(CASE, "zh", "md"), change), "md"))
    assert found.status is Status.DIFFERENT
    assert len(found.changes) == 1


def test_a_case_that_is_not_of_its_digest_is_found(tmp_path: Path, file_of: FileOf) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["case"]["sha256"] = "0" * 63 + "1"

    content = file_of(CASE, "zh", "md")
    stated = decode(_line(content))["case"]["sha256"].encode()
    found = verify_report(_put(tmp_path, _forged(content, change), "md"))
    assert found.status is Status.DIFFERENT
    assert any("'case'" in reason for reason in found.reasons)
    # and where the printed digest was replaced as well
    body = content[: content.index(f"<!-- {MARK}".encode())].replace(stated, b"0" * 63 + b"1")
    manifest = decode(_line(content))
    change(manifest)
    manifest["numbers"]["digest.case"] = ["0" * 63 + "1"] * 2
    forged = seal(body + f"<!-- {MARK} {NO_DIGEST} {encode(manifest)} -->\n".encode())
    found = verify_report(_put(tmp_path, forged, "md"))
    assert found.status is Status.DIFFERENT
    assert [c.key for c in found.changes] == ["digest.case"]


def test_a_whole_number_within_a_billionth_is_another(tmp_path: Path, file_of: FileOf) -> None:
    """The number of a docket is text; nothing in it is taken for a last digit."""
    content = file_of(CASE, "zh", "html")
    docket = re.search(rb"\d{4}", content[content.index(b"<main") :])
    assert docket is not None
    altered = _resealed(
        content, "html", lambda text: text.replace(docket[0], str(int(docket[0]) + 1).encode())
    )
    found = verify_report(_put(tmp_path, altered, "html"))
    assert found.status is Status.DIFFERENT
    assert "what is printed differs" in found.summary()


def test_nothing_from_a_file_controls_a_terminal(tmp_path: Path, file_of: FileOf) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["environment"]["numpy"] = "1\x1b[2K\rsame\n"
        manifest["numbers"]["\x1b[1A\x1b[2Ksame"] = [1.0, "\x9b2Jsame\u202e"]

    found = verify_report(_put(tmp_path, _forged(file_of(CASE, "zh", "md"), change), "md"))
    lines = found.summary().split("\n")
    assert lines[0] == "not the same"
    assert all(line.isprintable() for line in lines)
    assert "same" not in lines


HOSTILE: dict[str, Callable[[], bytes]] = {
    "md": lambda: f"<!-- {MARK} {'0' * 64} ".encode() * 30_000,
    "html": lambda: b"<!doctype html>" + f'id="{MARK}" data-digest="{"0" * 64}">'.encode() * 12_000,
    "digits": lambda: f"<!-- {MARK} {'0' * 64} ".encode() + b"1" * 2_000_000,
    "pdf-types": lambda: f"%PDF-1.7 {MARK}-{'0' * 64}".encode() + b"/Type/EmbeddedFile" * 40_000,
    "pdf-bomb": lambda: (
        f"%PDF-1.7 {MARK}-{'0' * 64} ".encode()
        + b"/FlateDecode /Type/EmbeddedFile >> stream\n"
        + zlib.compress(b"eyJ" + b"A" * (400 * 2**20), 9)
        + b"\nendstream"
    ),
    "docx-bomb": lambda: _archive({"word/document.xml": b" " * (300 * 2**20)}),
    "docx-parts": lambda: _archive({f"word/{n}.xml": b"" for n in range(2_000)}),
    "docx-marks": lambda: _archive(
        {MANIFEST_PART: MARK.encode() + f'digest="{"0" * 64}">'.encode() * 600_000}
    ),
    "json": lambda: seal(
        f"<!-- {MARK} {NO_DIGEST} ".encode() + base64.b64encode(b"[" + b"[]," * 10**6) + b" -->"
    ),
}
"""Small files that expand, or invite steps without end."""


def _archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.skipif(os.name != "posix", reason="bounds of a process")
@pytest.mark.parametrize("name", HOSTILE)
def test_small_hostile_files_end_within_bounds(tmp_path: Path, name: str) -> None:
    path = _put(tmp_path, HOSTILE[name](), "file")
    code = (
        "import resource, sys; from causation.report import verify_report\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (30, 30))\n"
        "try: print(verify_report(sys.argv[1]).status)\n"
        "except Exception as e: print(type(e).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() in {"InputError", "not the same"}, (done.stdout, done.stderr[-300:])


def test_a_damaged_archive_is_no_report(tmp_path: Path) -> None:
    """Whatever the library for archives makes of it."""
    line = f'{MARK} digest="{"0" * 64}">eyJ<'.encode()
    parts = {"word/文.xml": b"<a>words</a>" * 40, MANIFEST_PART: line}
    random = np.random.default_rng(20250723)
    for packing in (zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", packing) as archive:
            for name, part in parts.items():
                archive.writestr(name, part)
        whole = out.getvalue()
        for _ in range(400):
            damaged = bytearray(whole)
            for at in random.integers(2, len(whole), size=2):
                damaged[at] = random.choice([0, 255, random.integers(256)])
            path = _put(tmp_path, bytes(damaged), "docx")
            with contextlib.suppress(InputError):
                read_carried(path)


def test_what_is_no_report_is_an_error(tmp_path: Path) -> None:
    for content in (b"", b"# text", b"%PDF-1.7", b"PK\x03\x04", b"<!doctype html>"):
        with pytest.raises(InputError, match="no report of this program"):
            verify_report(_put(tmp_path, content, "md"))
    with pytest.raises(InputError, match="cannot be read"):
        verify_report(tmp_path / "none.html")


def test_a_broken_manifest_is_not_the_same(tmp_path: Path) -> None:
    line = base64.b64encode(json.dumps({"a": 1}).encode()).decode()
    content = seal(f"<!-- {MARK} {NO_DIGEST} {line} -->\n".encode())
    assert verify_report(_put(tmp_path, content, "md")).status is Status.DIFFERENT


def _set(*path: str, to: object) -> Callable[[dict[str, Any]], None]:
    def change(manifest: dict[str, Any]) -> None:
        place: Any = manifest
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = to

    return change


@pytest.mark.parametrize(
    "change",
    [
        _set("numbers", to=[1, 2]),
        _set("numbers", to="text"),
        _set("numbers", "probability", to="0.9"),
        _set("numbers", "probability", to=[0.9, None]),
        _set("case", "text", to=[[]]),
        _set("case", "text", to="- 1"),
        _set("case", "sha256", to=None),
        _set("case", to=7),
        _set("priors", "name", to="../../pyproject"),
        _set("priors", to=[]),
        _set("lang", to={"a": 1}),
        _set("provenance", to=None),
        _set("provenance", "random_seed", to="x"),
        _set("environment", to=[]),
        _set("case", "withheld", to=5),
        _set("standard", to={}),
    ],
)
def test_a_manifest_of_another_hand_is_never_the_same(
    change: Callable[[dict[str, Any]], None], tmp_path: Path, file_of: FileOf
) -> None:
    content = _forged(file_of(CASE, "zh", "md"), change)
    found = verify_report(_put(tmp_path, content, "md"))
    assert found.status is Status.DIFFERENT


def test_a_prior_set_that_a_manifest_names_by_a_path_is_not_read(
    tmp_path: Path, file_of: FileOf
) -> None:
    """Though it is one: a file says nothing of what else lies on the disk of whoever checks it."""
    own = tmp_path / "own.yaml"
    own.write_bytes(data_path("priors", "neutral.yaml").read_bytes())
    content = _forged(file_of(CASE, "zh", "md"), _set("priors", "name", to=str(own)))
    found = verify_report(_put(tmp_path, content, "md"))
    assert found.status is Status.DIFFERENT
    assert "no prior set of that name" in found.summary()
    assert not found.changes


def test_a_manifest_too_deep_is_not_the_same(tmp_path: Path) -> None:
    line = base64.b64encode(b"[" * 200_000).decode()
    content = seal(f"<!-- {MARK} {NO_DIGEST} {line} -->\n".encode())
    assert verify_report(_put(tmp_path, content, "md")).status is Status.DIFFERENT


def test_what_is_larger_than_a_report_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_of: FileOf
) -> None:
    pipe = tmp_path / "pipe.html"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="no report of this program"):
        verify_report(pipe)
    content = file_of(CASE, "zh", "docx")
    monkeypatch.setattr(carried_module, "MAX_PARTS", len(content))
    with pytest.raises(InputError, match="no report of this program"):  # larger when unpacked
        verify_report(_put(tmp_path, content, "docx"))
    with pytest.raises(InputError, match="larger than a report"):
        verify_report("/dev/zero")


@pytest.mark.parametrize(("by", "changes"), [(9e-10, 1), (8e-16, 0)])
def test_a_small_number_is_no_last_digit(
    by: float, changes: int, tmp_path: Path, file_of: FileOf
) -> None:
    """A chance of one in a billion may not be stated as another."""

    def change(manifest: dict[str, Any]) -> None:
        numbers = manifest["numbers"]
        key = min(numbers, key=lambda k: abs(_of(numbers[k][0])))
        numbers[key][0] += by

    found = verify_report(_put(tmp_path, _forged(file_of(CASE, "zh", "md"), change), "md"))
    assert len(found.changes) == changes


def _of(value: Any) -> float:
    return value if isinstance(value, float) else 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_last_digits_of_another_processor_change_nothing(
    kind: str, tmp_path: Path, build: Callable[[str, str], Report]
) -> None:
    """As if every number had been computed with sums in another order."""
    document = build(CASE, "zh").document

    def moved(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: moved(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [moved(inner) for inner in value]
        return value * (1.0 + 4e-13) if isinstance(value, float) else value

    numbers = {k: [moved(v), text] for k, (v, text) in document.manifest["numbers"].items()}
    explorer = document.explorer | {"routes": moved(document.explorer["routes"])}
    other = replace(
        document,
        manifest=document.manifest | {"numbers": numbers, "explorer": explorer},
        quantities={k: replace(q, value=moved(q.value)) for k, q in document.quantities.items()},
        explorer=explorer,
    )
    content = render(other, kind)
    assert content != render(document, kind)
    assert verify_report(_put(tmp_path, content, kind)).same


def test_the_manifest_has_what_is_needed(file_of: FileOf) -> None:
    match = re.search(rf"<!-- {MARK} (\w+) (\S+) -->".encode(), file_of(CASE, "zh", "md"))
    assert match is not None
    manifest = decode(match[2].decode())
    assert {
        "case", "priors", "standards_sha256", "provenance", "numbers", "environment",
        "lang", "identify", "engine", "standard", "format", "explorer",
    } == set(manifest)  # fmt: skip
    assert manifest["case"]["text"].startswith("#")
    assert not manifest["case"]["redacted"]
