"""DOCX, for those who have to edit: real headings, tables and a table of contents.

The text is written by a template; python-docx gives the package, its styles and the pictures.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import serialize_for_reading
from docx.shared import Cm, Inches, Pt, RGBColor, Twips
from markupsafe import Markup

from causation.report.document import Document, Figure, Table, plain
from causation.report.manifest import MARK, NO_DIGEST, encode
from causation.report.rendering import rendered

if TYPE_CHECKING:
    from docx.document import Document as Word

MANIFEST_PART = "customXml/causation.xml"
_ACCENT, _SOFT = RGBColor(0x00, 0x50, 0x7E), RGBColor(0x5A, 0x5A, 0x5A)
_TEXT_WIDTH_TWIPS = 9412
_KEPT_ROWS, _KEPT_CHARACTERS = 12, 900
"""Up to this size a table is kept on one page."""
_LONG_CELL = 600
"""Characters beyond which a row may be split between pages."""
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 (a fixed stamp, in no zone)
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_LATIN, _EAST = "Arial", "SimSun"
_FIRST_WIDTH, _WIDTH, _HEIGHT = 4.7, 5.6, 4.4
"""Of a figure on the first page and elsewhere, and its height, at most, in inches."""
_STYLES: tuple[tuple[str, str, float, RGBColor | None, bool, float, float], ...] = (
    ("Heading 1", "", 16, _ACCENT, True, 14, 5),
    ("Heading 2", "", 13, _ACCENT, True, 11, 4),
    ("Report Title", "Normal", 16, _ACCENT, False, 0, 2),
    ("Subtitle Line", "Normal", 11, _SOFT, False, 0, 3),
    ("Contents Title", "Normal", 16, _ACCENT, False, 0, 8),
    ("Headline", "Normal", 11, None, False, 0, 6),
    ("Lead", "Normal", 12, None, False, 0, 6),
    ("Quote Line", "Normal", 10, None, False, 0, 6),
    ("Note", "Normal", 9, _SOFT, False, 0, 6),
    ("Figure Line", "Normal", 10.5, None, False, 4, 2),
    ("Label", "Normal", 9.5, None, True, 6, 3),
    ("Cell", "Normal", 8.5, None, False, 0, 1),
    ("SmallCell", "Normal", 7.5, None, False, 0, 1),
    ("Line", "Normal", 7.5, None, False, 0, 0),
    ("Entry", "Normal", 9.5, None, False, 0, 0),
    ("Gap", "Normal", 6, None, False, 0, 2),
    ("Close", "Normal", 8, None, False, 0, 2),
    ("Close Heading", "Heading 2", 11, _ACCENT, True, 2, 2),
    ("Close Bullet", "List Bullet", 8, None, False, 0, 0),
    ("Close Headline", "Normal", 8.5, None, False, 0, 3),
    ("Close Note", "Normal", 8, _SOFT, False, 0, 2),
    ("Close Label", "Normal", 8, None, True, 0, 1),
    ("Close Gap", "Normal", 2, None, False, 0, 0),
)
"""Paragraph styles: name, on which, points, colour, bold, points before and after. Those that
begin with "Close" are for the first page."""


def render_docx(document: Document) -> bytes:
    """A report as DOCX; the same document gives the same bytes."""
    word = docx.Document()
    _set_up(word, document)
    numbers: dict[str, int] = {}
    first, rest = document.parts()
    body = rendered(
        "report.docx.jinja",
        document,
        {
            "anchor": _anchor,
            "number": lambda name: numbers.setdefault(name, len(numbers) + 1),
            "style": {s.name: s.style_id for s in word.styles}.__getitem__,
            "shares": lambda widths: [round(_TEXT_WIDTH_TWIPS * w / sum(widths)) for w in widths],
            "kept": _kept,
            "breakable": _breakable,
            "longest": lambda row: max(len(plain(cell)) for cell in row),
            "picture": lambda b, close: Markup(  # noqa: S704 (made here, not text of a case)
                _picture(word, document, b, _FIRST_WIDTH if close else _WIDTH)
            ),
        },
        parts=((first, True), (rest, False)),
        width=_TEXT_WIDTH_TWIPS,
        long=_LONG_CELL,
    )
    end = word.element.body[-1]
    for element in list(parse_xml(body)):
        end.addprevious(element)
    return _sealed(word, encode(document.manifest), document.attachments)


def _set_up(word: Word, document: Document) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin, section.bottom_margin = Cm(1.8), Cm(1.8)
    word.styles["Normal"].font.size = Pt(10.5)
    for name, base, points, color, bold, before, after in _STYLES:
        style: Any = word.styles[name] if not base else None
        if style is None:
            style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style = word.styles[base]
        style.font.size, style.font.bold = Pt(points), bold or None
        if color is not None:
            style.font.color.rgb = color
        form = style.paragraph_format
        form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), 1.0
        if name.endswith(("Label", "Figure Line")):
            form.keep_with_next = True
    for name in ("Headline", "Lead", "Note", "Quote Line"):
        word.styles[name].paragraph_format.line_spacing = None
    word.styles["Quote Line"].paragraph_format.left_indent = Cm(0.7)
    word.styles["Contents Title"].paragraph_format.page_break_before = True
    tabs = word.styles["Entry"].paragraph_format.tab_stops
    tabs.add_tab_stop(Twips(_TEXT_WIDTH_TWIPS), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    for style in word.styles:
        if style.type is not None and hasattr(style, "font"):
            _fonts(style)
    properties = word.core_properties
    properties.title = document.title[:250]
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = _EPOCH
    properties.language = "zh-CN" if document.lang == "zh" else "en-GB"
    footer = section.footer.paragraphs[0]._p  # noqa: SLF001 (python-docx has no fields)
    for element in list(parse_xml(rendered("footer.docx.jinja", document, {}))):
        footer.append(element)


def _fonts(style: Any) -> None:
    style.font.name = _LATIN
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    fonts.set(qn("w:eastAsia"), _EAST)
    fonts.set(qn("w:cs"), _LATIN)


def _kept(table: Table) -> bool:
    size = sum(len(plain(cell)) for row in table.rows for cell in row)
    return len(table.rows) <= _KEPT_ROWS and size <= _KEPT_CHARACTERS


_NAME = re.compile(r"(?<=>)[\w.]{20,}(?=<)")


def _breakable(xml: Markup) -> Markup:
    """Content of a cell, in which the name of an input may be broken after its dots and dashes."""
    return Markup(_NAME.sub(lambda m: re.sub(r"([._])(?=\w)", "\\1\u200b", m[0]), xml))  # noqa: S704


def _picture(word: Word, document: Document, figure: Figure, most: float) -> str:
    drawing = document.figures[figure.id]
    stream = io.BytesIO(drawing.png())
    width = min(drawing.width, most, _HEIGHT * drawing.width / drawing.height)
    shape = word.part.new_pic_inline(stream, width=Inches(width))
    shape.docPr.set("descr", plain(figure.alt))
    return str(serialize_for_reading(shape))


def _anchor(name: str) -> str:
    """A bookmark may have letters, digits and underscores, at most 40."""
    return "r_" + "".join(c if c.isalnum() else "_" for c in name)[:36]


def digest_of_parts(archive: zipfile.ZipFile) -> str:
    """SHA-256 over all parts of a package but the one that holds the manifest."""
    digest = hashlib.sha256()
    for name in sorted(archive.namelist()):
        if name != MANIFEST_PART:
            content = archive.read(name)
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def _sealed(word: Word, manifest: str, attachments: Mapping[str, str]) -> bytes:
    xml = f'<manifest xmlns="urn:{MARK}" digest="{NO_DIGEST}">{manifest}</manifest>'
    package = word.part.package
    for key, relation in list(package.rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:  # of another document: the template
            del package.rels[key]
    part = Part(PackURI(f"/{MANIFEST_PART}"), "application/xml", xml.encode(), package)
    word.part.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_XML)
    for name, text in attachments.items():
        file = Part(PackURI(f"/customXml/{name}"), "text/csv", text.encode(), package)
        word.part.relate_to(file, RELATIONSHIP_TYPE.CUSTOM_XML)
    stream = io.BytesIO()
    word.save(stream)
    with zipfile.ZipFile(stream) as archive:
        digest = digest_of_parts(archive)
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[MANIFEST_PART] = xml.replace(NO_DIGEST, digest).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
