"""Verification: same, changed (which number), or tampered."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from causation.case import load_case
from causation.errors import InputError
from causation.report import Status, verify_report
from causation.report import verify as verify_module
from causation.report.build import Report
from causation.report.manifest import MARK, NO_DIGEST, decode, encode, seal
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
    assert "entrance.broker" in {c.key for c in found.changes}


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
    expected = {Status.TAMPERED, Status.CHANGED}
    # with other versions the file itself is not compared, and says so
    assert found.status in expected or "was not" in found.summary()


def test_a_manifest_too_deep_is_tampering(tmp_path: Path) -> None:
    line = base64.b64encode(b"[" * 200_000).decode()
    content = seal(f"<!-- {MARK} {NO_DIGEST} {line} -->\n".encode())
    assert verify_report(_put(tmp_path, content, "md")).status is Status.TAMPERED


def test_what_is_larger_than_a_report_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_of: FileOf
) -> None:
    pipe = tmp_path / "pipe.html"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="no report of this program"):
        verify_report(pipe)
    content = file_of(CASE, "zh", "docx")
    monkeypatch.setattr(verify_module, "MAX_BYTES", len(content))
    with pytest.raises(InputError, match="no report of this program"):  # larger when unpacked
        verify_report(_put(tmp_path, content, "docx"))
    with pytest.raises(InputError, match="larger than a report"):
        verify_report("/dev/zero")


@pytest.mark.parametrize("kind", KINDS)
def test_last_digits_of_another_processor_are_no_tampering(
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
    other = replace(
        document,
        manifest=document.manifest | {"numbers": numbers},
        quantities={k: replace(q, value=moved(q.value)) for k, q in document.quantities.items()},
        explorer=document.explorer | {"routes": moved(document.explorer["routes"])},
    )
    content = render(other, kind)
    assert content != render(document, kind)
    assert verify_report(_put(tmp_path, content, kind)).same


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
