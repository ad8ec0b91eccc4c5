"""Texts that try to be something else are shown as text, and the layout stays whole."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Callable
from functools import cache

import pytest

from causation.report.language import load_language
from causation.report.material import gather
from causation.report.privacy import leaked_values, pseudonyms_of, safe
from tests.report import hostile
from tests.report.reading import docx_text, html_runs, markdown_text, pdf_text

FileOf = Callable[[str, str, str], bytes]
KINDS = ("html", "pdf", "docx", "md")
LANGUAGES = ["en", pytest.param("zh", marks=pytest.mark.slow)]
"""What is withheld is said in the language of a report, so that each is computed for itself."""


@cache
def _text(content: bytes, kind: str) -> str:
    if kind == "html":
        runs = html_runs(content).runs
        return "".join(
            t for t, stack in runs if not {tag for tag, _ in stack} & {"script", "style", "head"}
        )
    if kind == "pdf":
        return re.sub(r"[\u200b\s]", "", "".join(pdf_text(content)))
    return docx_text(content) if kind == "docx" else markdown_text(content)


@pytest.mark.parametrize("kind", KINDS)
def test_markup_is_shown_as_text(file_of: FileOf, kind: str) -> None:
    text = _text(file_of("hostile", "en", kind), kind)
    wanted = [*hostile.LABELS.values(), "javascript:alert(1)", "<img src=x onerror=alert(2)>"]
    wanted += ["<b>Title</b> {{ 7*7 }} ${x}"]
    for label in wanted:
        assert (re.sub(r"\s", "", label) if kind == "pdf" else label) in text


def test_whatever_a_case_can_state_is_said(file_of: FileOf) -> None:
    text = _text(file_of("hostile", "en", "md"), "md")
    assert "could not be computed:" not in text
    assert "could not be drawn" not in text
    for said in (
        "shown blacked out: ID-card number",
        "Agree: phone number. Differ: –. Not compared: real name.",
        "only from June 2023 to an open end: phone number",
        "as persons of whom was published at least one of: phone number",
        "Where it is not stated how further victims came to be known",
        "was observed 3 times",
        "may repeat each other: with probability",
        "Incidents stated, over 5 years before the disclosure: 1",
        "there is no certificate",
        "The case declares the sources below exhaustive",
        "at least one of these sources",
        "has no probability here",
    ):
        assert said in text


@pytest.mark.parametrize("kind", KINDS)
def test_direction_and_control_characters_are_shown(file_of: FileOf, kind: str) -> None:
    text = _text(file_of("hostile", "en", kind), kind)
    assert "[U+202E]" in text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x07]", text)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_long_texts_are_whole(file_of: FileOf, kind: str, lang: str) -> None:
    text = _text(file_of("hostile", lang, kind), kind)
    text = re.sub(r"[\u200b\s]", "", text)
    assert "长" * 5000 + "W" * 5000 in text or kind == "pdf"
    assert text.count("长") >= 5000
    assert text.count("W") >= 5000


@pytest.mark.parametrize("kind", KINDS)
def test_names_and_leaked_values_are_nowhere(file_of: FileOf, kind: str) -> None:
    content = file_of("hostile", "en", kind)
    if kind == "docx":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(archive.read(n) for n in archive.namelist())
    text = content.decode("utf-8", errors="replace") + _text(file_of("hostile", "en", kind), kind)
    for value in (hostile.NAME, hostile.PHONE, hostile.ID, hostile.MAIL):
        assert value not in text
    language = load_language("en")
    material = gather(hostile.case(), language=language, priors=None, standard=None, identify=False)
    assert material.redacted
    for value in (hostile.NAME, hostile.PHONE, hostile.ID, hostile.MAIL):
        assert value not in material.case_text
    assert "张某" in text


def test_names_stay_where_persons_are_to_be_identified() -> None:
    material = gather(
        hostile.case(), language=load_language("zh"), priors=None, standard=None, identify=True
    )
    assert hostile.NAME in material.case_text
    assert hostile.PHONE not in material.case_text


def test_the_warning_names_the_place_and_never_the_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        gather(
            hostile.case(), language=load_language("en"), priors=None, standard=None, identify=False
        )
    assert "findings[0].note" in caplog.text
    for kind in ("phone", "id number", "email"):
        assert kind in caplog.text
    for value in (hostile.PHONE, hostile.ID, hostile.MAIL, hostile.NAME):
        assert value not in caplog.text


def test_what_is_no_leaked_value_is_left_alone() -> None:
    from causation.case import bundled_cases, load_case

    for name in bundled_cases():
        assert leaked_values(load_case(name)) == ()


def test_pseudonyms_given_win_and_are_kept_apart() -> None:
    assert pseudonyms_of(["李雷", "李梅"], {"李梅": "证人"}) == {"李雷": "李某", "李梅": "证人"}
    assert len(set(pseudonyms_of(["王一", "王二", "王三"], {}).values())) == 3


def test_safe_keeps_ordinary_text() -> None:
    text = "“开盒” 2023-10-02, café — 100 %"
    assert safe(text) == text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pdf_has_its_font_and_no_missing_glyph(file_of: FileOf, lang: str) -> None:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(file_of("hostile", lang, "pdf")))
    text = "".join(page.extract_text() for page in reader.pages)
    assert "\ufffd" not in text
    assert "[U+1F600]" in re.sub(r"[\u200b\s]", "", text)


def test_pdf_text_stays_between_the_margins(file_of: FileOf) -> None:
    import pdfplumber

    with pdfplumber.open(io.BytesIO(file_of("hostile", "en", "pdf"))) as pdf:
        for page in pdf.pages[2:8]:
            assert max(c["x1"] for c in page.chars) <= page.width - 40
            assert min(c["x0"] for c in page.chars) >= 40
