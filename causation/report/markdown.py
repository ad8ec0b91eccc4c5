"""Markdown: one text file, with its figures inside it as data."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable

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
from causation.report.manifest import MARK, NO_DIGEST, encode, seal

__all__ = ["escape", "render_markdown"]

_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
_AT_START = re.compile(r"^(\s*(?:[0-9]{1,9}(?=[.)])|))([#+=>.)-])")


def escape(text: str) -> str:
    r"""Text in which nothing is markup, wherever it stands in a line but at its start.

    Examples
    --------
    >>> escape("*x* <script>")
    '\\*x\\* &lt;script&gt;'
    >>> escape("[a](https://b.c) | 0.95")
    '\\[a\\](https://b.c) \\| 0.95'
    """
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", text)


def render_markdown(document: Document) -> bytes:
    """A report as Markdown (CommonMark with tables)."""
    writer = _Writer(document)
    parts = [writer.block(b) for b in document.blocks]
    parts += [
        f"[{name}]: data:image/svg+xml;base64,{base64.b64encode(drawing.svg).decode()}"
        for name, drawing in document.figures.items()
    ]
    parts += [
        f"[{name}]: data:text/csv;charset=utf-8;base64,{base64.b64encode(text.encode()).decode()}"
        for name, text in document.attachments.items()
    ]
    parts.append(f"<!-- {MARK} {NO_DIGEST} {encode(document.manifest)} -->")
    return seal(("\n\n".join(parts) + "\n").encode())


class _Writer:
    """Writes blocks as Markdown."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def line(self, content: Iterable[Inline]) -> str:
        return _AT_START.sub(r"\1\\\2", "".join(self.inline(i) for i in content))

    def inline(self, i: Inline) -> str:
        if isinstance(i, Struct) and i.target:
            return f"[{escape(i.text)}](#{i.target})"
        if isinstance(i, Verbal | Strong):
            return f"**{escape(i.text)}**"
        return escape(i.text)

    def row(self, row: Row) -> str:
        return "| " + " | ".join(self.line(cell) for cell in row) + " |"

    def block(self, b: Block) -> str:  # noqa: PLR0912 (one branch for each kind)
        words = self.document.words
        match b:
            case Heading():
                marks = "##" if b.level < 2 else "###"
                word = f"{words['annex']} " if b.level == 3 else ""
                number = f"{word}{b.number} " if b.number else ""
                return f'<a id="{b.id}"></a>\n\n{marks} {number}{self.line(b.content)}'
            case Paragraph(style="title"):
                return f"# {self.line(b.content)}"
            case Paragraph(style="subtitle" | "lead" | "headline"):
                return f"**{self.line(b.content)}**"
            case Paragraph(style="quote"):
                return f"> {self.line(b.content)}"
            case Paragraph():
                return self.line(b.content)
            case BulletList():
                return "\n".join(f"- {self.line(item)}" for item in b.items)
            case Table():
                return self.table(b)
            case Figure():
                number = self.document.numbers[b.id]
                caption = f"{words['figure']} {number}{words['stop']}{self.line(b.caption)}"
                return f'<a id="{b.id}"></a>\n\n![{escape(plain(b.alt))}][{b.id}]\n\n{caption}'
            case Code():
                return "\n".join(f"    {text}".rstrip() for text in b.text.split("\n"))
            case SignatureLine():
                return f"{self.line(b.label)} {escape(words['blank'])}"
            case Contents():
                return self.contents(b)
            case Explorer():
                return self.line(b.note)
            case Attachment():
                return f"[{self.line(b.label)}][{b.name}]"

    def table(self, b: Table) -> str:
        ruler = "|" + "|".join("---:" if k in b.numeric else "---" for k in range(len(b.widths)))
        rows = [self.row(b.header), f"{ruler}|", *(self.row(row) for row in b.rows)]
        body = "\n".join(rows)
        if not b.id:
            return body
        words = self.document.words
        title = f"{words['table']} {self.document.numbers[b.id]}{words['stop']}"
        return f'<a id="{b.id}"></a>\n\n{title}{self.line(b.caption)}\n\n{body}'

    def contents(self, b: Contents) -> str:
        lines = []
        for heading in self.document.headings():
            if heading.level > 0:
                word = f"{self.document.words['annex']} " if heading.level == 3 else ""
                text = escape(f"{word}{heading.number} {plain(heading.content)}")
                lines.append(f"{'  ' * (heading.level > 1)}- [{text}](#{heading.id})")
        return f"## {self.line(b.title)}\n\n" + "\n".join(lines)
