"""The text of rendered reports, by means that have nothing to do with the renderers."""

from __future__ import annotations

import html
import io
import re
import zipfile
from functools import cache
from html.parser import HTMLParser
from typing import Any

__all__ = ["docx_text", "html_runs", "markdown_text", "numerals", "pdf_text"]

_NUMERAL = re.compile(r"[0-9]+(?:[.,][0-9]+)*")


def numerals(text: str) -> list[str]:
    """Numerals of a text, commas between thousands and all."""
    return _NUMERAL.findall(text)


class _Runs(HTMLParser):
    """Text runs with the chain of elements around each."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[tuple[str, dict[str, str | None]]] = []
        self.runs: list[tuple[str, list[tuple[str, dict[str, str | None]]]]] = []
        self.images: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.images.append(dict(attrs))
        if tag not in {"meta", "img", "input", "br"}:
            self.stack.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.runs.append((data, list(self.stack)))


def html_runs(content: bytes) -> _Runs:
    parser = _Runs()
    parser.feed(content.decode())
    return parser


def markdown_text(content: bytes) -> str:
    """Markdown without its markup: comments, data, anchors, link targets, escapes."""
    text = re.sub(r"<!-- .*? -->", "", content.decode(), flags=re.DOTALL)
    text = re.sub(r"^\[[\w.-]+\]: data:.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r'<a id="[^"]*"></a>', "", text)
    text = re.sub(r"\]\(#[^)]*\)", "]", text)
    text = re.sub(r"\]\[(f-\w+|[\w.]+csv)\]", "]", text)
    text = re.sub(r"\\(.)", r"\1", text)
    return html.unescape(text)


def docx_text(content: bytes) -> str:
    """Paragraphs of a DOCX, and the alternative texts of its figures."""
    from lxml import etree  # type: ignore[import-untyped]

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = etree.fromstring(archive.read("word/document.xml"))
    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    parts = []
    for paragraph in root.iter(f"{space}p"):
        texts = [node.text or "" for node in paragraph.iter(f"{space}t")]
        alts = [str(node.get("descr")) for node in paragraph.iter() if node.get("descr")]
        parts.append("".join([*texts, *alts]))
    return "\n".join(parts)


@cache
def pdf_text(content: bytes) -> tuple[str, ...]:
    """Text of every page of a PDF without its footer; read once, since that takes seconds."""
    from pypdf import PdfReader

    pages = []
    for page in PdfReader(io.BytesIO(content)).pages:
        parts: list[str] = []

        def visit(
            text: str, _matrix: Any, place: list[float], _font: Any, _size: Any, parts: Any = parts
        ) -> None:
            if _matrix[1] == 0 and _height(_matrix, place) > FOOTER:
                parts.append(text)

        page.extract_text(visitor_text=visit)
        pages.append("".join(parts))
    return tuple(pages)


FOOTER = 60.0
"""Points from the lower edge within which the page number stands."""


def _height(matrix: list[float], place: list[float]) -> float:
    return float(matrix[3] * place[5] + matrix[5])
