"""PDF, set by Typst: vectors throughout, its font inside."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from causation.report.document import (
    INLINES,
    Block,
    Code,
    Document,
    Figure,
    Paragraph,
    Strong,
    Struct,
    Table,
    Verbal,
    plain,
)
from causation.report.fonts import FONT, LATIN, font_file
from causation.report.manifest import MARK, NO_DIGEST, encode, seal
from causation.report.rendering import template_file
from causation.report.typesetting import typeset

_LONG_ROW = 600
"""Characters beyond which a row of a table may be split between pages."""

_MOST_ROWS, _MOST_CHARACTERS = 5, 350
"""Up to this size a table is kept on one page."""

_UNBROKEN = re.compile(r"[!-~\u00a0-\u02ff]{13,}")
_BREAK = "\u200b"


@cache
def _glyphs(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def render_pdf(document: Document) -> bytes:
    """A report as PDF with its table of contents, its font and its manifest inside.

    Raises
    ------
    InputError
        If the font is missing.
    """
    setter = _Setter(document, _glyphs(font_file()))
    content = typeset(
        template_file("report.typ"),
        kind="pdf",
        inputs={
            "document": json.dumps(setter.data(), ensure_ascii=False),
            "manifest": encode(document.manifest),
        },
        timestamp=0,
    )
    return seal(content)


class _Setter:
    """Turns a document into data for the template."""

    def __init__(self, document: Document, glyphs: frozenset[int]) -> None:
        self.document = document
        self.glyphs = glyphs

    def data(self) -> dict[str, Any]:
        d = self.document
        first, rest = d.parts()
        return {
            "title": self.shown(d.title),
            "running": self.shown(d.title)[:200],
            "keyword": f"{MARK}-{NO_DIGEST}",
            "manifest_name": f"{MARK}.txt",
            "lang": d.lang,
            "region": "CN" if d.lang == "zh" else "GB",
            "latin": LATIN,
            "font": FONT,
            "first": [self.block(b) for b in first],
            "blocks": [self.block(b) for b in rest],
            "attachments": d.attachments,
            "drawings": {name: drawing.svg.decode() for name, drawing in d.figures.items()},
        }

    def shown(self, text: str) -> str:
        """Text in characters that the font has, with places to break long runs."""
        if not text.isascii():
            text = "".join(
                c if ord(c) in self.glyphs or c == "\n" else f"[U+{ord(c):04X}]" for c in text
            )
        return _UNBROKEN.sub(_with_breaks, text)

    def plain_data(self, value: Any) -> Any:
        """Tuples as lists, and an inline as its kind, its text, and where it leads."""
        if isinstance(value, tuple | frozenset):
            return [self.plain_data(inner) for inner in value]
        if isinstance(value, Struct) and value.target:
            return ["s", value.text, value.target]
        if isinstance(value, INLINES):
            return ["b" if isinstance(value, Verbal | Strong) else "t", self.shown(value.text)]
        return value

    def block(self, b: Block) -> dict[str, Any]:
        data = {f.name: self.plain_data(getattr(b, f.name)) for f in fields(b)}
        data["kind"] = type(b).__name__
        match b:
            case Paragraph():
                data["announces"] = b.announces
            case Table():
                data["long"] = _is_long(b)
                data["long_rows"] = [max(len(plain(c)) for c in row) > _LONG_ROW for row in b.rows]
            case Figure():
                data |= {"alt": plain(b.alt), "width": self.document.figures[b.id].width}
            case Code():
                lines = [self.shown(text) or " " for text in b.text.split("\n")]
                data["lines"] = [_keep_indent(text) for text in lines]
            case _:
                pass
        return data


def _is_long(table: Table) -> bool:
    """Whether a table may be split between pages: long ones, between their rows."""
    size = sum(len(plain(cell)) for row in table.rows for cell in row)
    return len(table.rows) > _MOST_ROWS or size > _MOST_CHARACTERS


def _with_breaks(match: re.Match[str]) -> str:
    """A long run with a place to break after punctuation, and every ten characters else."""
    text = re.sub(r"([._/\-])(?=[^._/\-])", rf"\1{_BREAK}", match[0])
    return _BREAK.join(
        _BREAK.join(piece[k : k + 10] for k in range(0, len(piece), 10))
        if len(piece) > 16
        else piece
        for piece in text.split(_BREAK)
    )


def _keep_indent(text: str) -> str:
    body = text.lstrip(" ")
    return "\u00a0" * (len(text) - len(body)) + body
