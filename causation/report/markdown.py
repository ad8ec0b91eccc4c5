"""Markdown: one text file, with its figures inside it as data."""

from __future__ import annotations

import re
from collections.abc import Iterable

from causation.report.document import Document, Inline, Strong, Struct, Verbal
from causation.report.manifest import MARK, NO_DIGEST, encode, seal
from causation.report.rendering import rendered

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
    text = rendered(
        "report.md.jinja",
        document,
        {"escape": escape, "line": _line},
        manifest=f"<!-- {MARK} {NO_DIGEST} {encode(document.manifest)} -->",
    )
    return seal(text.encode())


def _line(content: Iterable[Inline]) -> str:
    return _AT_START.sub(r"\1\\\2", "".join(map(_inline, content)))


def _inline(i: Inline) -> str:
    text = escape(i.text)
    if isinstance(i, Struct) and i.target:
        return f"[{text}](#{i.target})"
    return f"**{text}**" if isinstance(i, Verbal | Strong) else text
