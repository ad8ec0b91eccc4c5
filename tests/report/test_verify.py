"""Verification: same, changed (which number), or tampered."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from causation.case import load_case
from causation.errors import InputError
from causation.report import Status, verify_report
from causation.report import verify as verify_module
from causation.report.manifest import MARK, NO_DIGEST, decode, encode, seal

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
        content = _rewritten(content, lambda xml: xml.replace("摘要".encode(), "总结".encode(), 1))
    elif kind == "pdf":
        at = content.index(b"/Type/Page/")
        content = content[:at] + b"/Type/Page " + content[at + 11 :]
    else:
        content = content.replace("摘要".encode(), "总结".encode(), 1)
    found = verify_report(_put(tmp_path, content, kind))
    assert found.status is Status.TAMPERED
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
    assert found.status is Status.CHANGED
    assert [c.key for c in found.changes] == ["probability"]
    assert "probability: was" in found.summary()


def test_another_case_changes_numbers(tmp_path: Path, file_of: FileOf) -> None:
    path = _put(tmp_path, file_of(CASE, "zh", "md"), "md")
    assert verify_report(path, case=CASE).same
    other = load_case(CASE).replace({"sources.broker.weight": 5.0})
    found = verify_report(path, case=other)
    assert found.status is Status.CHANGED
    assert "posterior.broker" in {c.key for c in found.changes}


def test_a_forged_digest_does_not_hide_altered_text(tmp_path: Path, file_of: FileOf) -> None:
    content = _forged(file_of(CASE, "zh", "md"), lambda _manifest: None, text="more\n")
    found = verify_report(_put(tmp_path, content, "md"))
    assert found.status is Status.TAMPERED
    assert "made anew" in found.summary()


def test_other_versions_compare_numbers_only(
    tmp_path: Path, file_of: FileOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_module, "environment", lambda: {"python": "9"})
    found = verify_report(_put(tmp_path, file_of(CASE, "zh", "md"), "md"))
    assert found.same
    assert "other versions" in found.summary()


def test_what_is_no_report_is_an_error(tmp_path: Path) -> None:
    for content in (b"", b"# text", b"%PDF-1.7", b"PK\x03\x04", b"<!doctype html>"):
        with pytest.raises(InputError, match="no report of this program"):
            verify_report(_put(tmp_path, content, "md"))
    with pytest.raises(InputError, match="cannot be read"):
        verify_report(tmp_path / "none.html")


def test_a_broken_manifest_is_tampering(tmp_path: Path) -> None:
    line = base64.b64encode(json.dumps({"a": 1}).encode()).decode()
    content = seal(f"<!-- {MARK} {NO_DIGEST} {line} -->\n".encode())
    assert verify_report(_put(tmp_path, content, "md")).status is Status.TAMPERED


def test_the_manifest_has_what_is_needed(file_of: FileOf) -> None:
    match = re.search(rf"<!-- {MARK} (\w+) (\S+) -->".encode(), file_of(CASE, "zh", "md"))
    assert match is not None
    manifest = decode(match[2].decode())
    assert {
        "case", "priors", "standards_sha256", "version", "provenance", "numbers", "environment",
        "lang", "identify", "engine", "standard", "format",
    } == set(manifest)  # fmt: skip
    assert manifest["case"]["text"].startswith("#")
    assert not manifest["case"]["redacted"]
