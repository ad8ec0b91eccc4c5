"""PDF, set by Typst: vectors throughout, its font inside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from causation.report.document import (
    Attachment,
    Block,
    BulletList,
    Code,
    Contents,
    Document,
    Explorer,
    Figure,
    Heading,
    Inline,
    Paragraph,
    Row,
    SignatureLine,
    Strong,
    Struct,
    Table,
    Verbal,
    plain,
)
from causation.report.fonts import FONT, LATIN, font_file, latin_folder
from causation.report.manifest import MARK, NO_DIGEST, encode, seal

__all__ = ["render_pdf"]

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"

_LONG_ROW = 600
"""Characters beyond which a row of a table may be split between pages."""

_MOST_ROWS, _MOST_CHARACTERS = 6, 700
"""Up to this size a table is kept on one page."""

_UNBROKEN = re.compile(r"[!-~\u00a0-\u02ff]{13,}")
_BREAK = "\u200b"
_CM_PER_INCH = 2.54


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
    import typst

    path = font_file()
    setter = _Setter(document, _glyphs(path))
    fonts = typst.Fonts(
        include_system_fonts=False, font_paths=[str(path.parent), str(latin_folder())]
    )
    content = typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=fonts,
        sys_inputs={
            "document": json.dumps(setter.data(), ensure_ascii=False),
            "manifest": encode(document.manifest),
        },
        timestamp=0,
    )
    if not isinstance(content, bytes):
        raise TypeError("one PDF was expected")
    return seal(content)


class _Setter:
    """Turns a document into data for the template."""

    def __init__(self, document: Document, glyphs: frozenset[int]) -> None:
        self.document = document
        self.glyphs = glyphs

    def data(self) -> dict[str, Any]:
        d = self.document
        return {
            "title": self.shown(d.title),
            "running": self.shown(d.title)[:200],
            "keyword": f"{MARK}-{NO_DIGEST}",
            "manifest_name": f"{MARK}.txt",
            "lang": d.lang,
            "region": "CN" if d.lang == "zh" else "GB",
            "latin": LATIN,
            "font": FONT,
            "words": d.words,
            "first": [self.block(b) for b in d.parts()[0]],
            "blocks": [self.block(b) for b in d.parts()[1]],
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

    def line(self, content: Iterable[Inline]) -> list[list[str]]:
        return [self.inline(i) for i in content]

    def inline(self, i: Inline) -> list[str]:
        if isinstance(i, Struct) and i.target:
            return ["s", i.text, i.target]
        return ["b" if isinstance(i, Verbal | Strong) else "t", self.shown(i.text)]

    def rows(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        return [
            {
                "cells": [self.line(cell) for cell in row],
                "long": max(len(plain(cell)) for cell in row) > _LONG_ROW,
            }
            for row in rows
        ]

    def block(self, b: Block) -> dict[str, Any]:
        numbers = self.document.numbers
        match b:
            case Heading():
                word = self.document.words["annex"] + " " if b.level == 3 else ""
                number = word + b.number if b.number else ""
                return {
                    "kind": "heading",
                    "level": b.level,
                    "id": b.id,
                    "number": number,
                    "content": self.line(b.content),
                }
            case Paragraph():
                return {
                    "kind": "paragraph",
                    "style": b.style,
                    "content": self.line(b.content),
                    "announces": b.announces,
                }
            case BulletList():
                return {"kind": "list", "items": [self.line(i) for i in b.items]}
            case Table():
                return {
                    "kind": "table",
                    "id": b.id,
                    "number": numbers.get(b.id, ""),
                    "caption": self.line(b.caption),
                    "header": [self.line(c) for c in b.header] if b.id else [],
                    "rows": self.rows(b.rows),
                    "widths": list(b.widths),
                    "numeric": sorted(b.numeric),
                    "small": b.small,
                    "long": _is_long(b),
                }
            case Figure():
                return {
                    "kind": "figure",
                    "id": b.id,
                    "number": numbers[b.id],
                    "caption": self.line(b.caption),
                    "alt": plain(b.alt),
                    "width": self.document.figures[b.id].width * _CM_PER_INCH,
                }
            case Code():
                lines = [self.shown(text) or " " for text in b.text.split("\n")]
                return {"kind": "code", "lines": [_keep_indent(text) for text in lines]}
            case SignatureLine():
                return {"kind": "blank", "label": self.line(b.label)}
            case Contents():
                return {"kind": "contents", "title": self.line(b.title)}
            case Explorer() | Attachment():
                content = b.note if isinstance(b, Explorer) else b.label
                return {"kind": "note", "content": self.line(content)}


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
