"""DOCX, for those who have to edit: real headings, tables and a table of contents."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Inches, Pt, RGBColor, Twips
from docx.text.run import Run

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
from causation.report.manifest import MARK, NO_DIGEST, encode

if TYPE_CHECKING:
    from docx.document import Document as Word
    from docx.text.paragraph import Paragraph as WordParagraph

__all__ = ["MANIFEST_PART", "digest_of_parts", "render_docx"]

MANIFEST_PART = "customXml/causation.xml"
_ACCENT = RGBColor(0x00, 0x50, 0x7E)
_SOFT = RGBColor(0x5A, 0x5A, 0x5A)
_TEXT_WIDTH_TWIPS = 9412
_KEPT_ROWS = 13
"""Up to this many rows a table is kept on one page."""
_LONG_CELL = 600
"""Characters beyond which a row may be split between pages."""
_TABLE_START = (
    f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/>'
    f'<w:tblW w:w="{_TEXT_WIDTH_TWIPS}" w:type="dxa"/>'
    '<w:tblBorders><w:top w:val="single" w:sz="8" w:color="00507E"/>'
    '<w:left w:val="nil"/><w:bottom w:val="single" w:sz="4" w:color="C9C9C9"/>'
    '<w:right w:val="nil"/>'
    '<w:insideH w:val="single" w:sz="4" w:color="C9C9C9"/><w:insideV w:val="nil"/></w:tblBorders>'
    '<w:tblLayout w:type="fixed"/>'
    '<w:tblCellMar><w:top w:w="30" w:type="dxa"/><w:left w:w="80" w:type="dxa"/>'
    '<w:bottom w:w="30" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar>'
    "</w:tblPr>"
)
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 (a fixed stamp, in no zone)
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_STYLES = (
    ("Cell", 8.5, 1),
    ("SmallCell", 7.5, 1),
    ("Line", 7.5, 0),
    ("Entry", 9.5, 0),
    ("Close", 8, 2),
    ("Gap", 6, 2),
)
"""Own paragraph styles: name, points, points after."""
_FONTS = {"en": ("Arial", "SimSun"), "zh": ("Arial", "SimSun")}


def render_docx(document: Document) -> bytes:
    """A report as DOCX; the same document gives the same bytes."""
    writer = _Writer(document)
    first, rest = document.parts()
    writer.close = True
    for block in first:
        writer.block(block)
    writer.close = False
    for block in rest:
        writer.block(block)
    return _sealed(writer.word, encode(document.manifest), document.attachments)


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


class _Writer:
    """Writes blocks one after the other."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.word: Word = docx.Document()
        self.bookmarks: dict[str, int] = {}
        self._styles: dict[str, str] = {}
        self.close = False
        """Whether the first page is written, which is set smaller and closer."""
        self._set_up()

    def _set_up(self) -> None:
        section = self.word.sections[0]
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.2)
        section.top_margin, section.bottom_margin = Cm(1.8), Cm(1.8)
        latin, east = _FONTS[self.document.lang]
        for style in self.word.styles:
            if style.type is not None and hasattr(style, "font"):
                self._fonts(style, latin, east)
        self.word.styles["Normal"].font.size = Pt(10.5)
        for level, size in ((1, 16), (2, 13)):
            style = self.word.styles[f"Heading {level}"]
            style.font.size, style.font.bold = Pt(size), True
            style.font.color.rgb = _ACCENT
        for name, points, after in _STYLES:
            style = self.word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style = self.word.styles["Normal"]
            style.font.size = Pt(points)
            style.paragraph_format.space_before = Pt(0)
            style.paragraph_format.space_after = Pt(after)
            style.paragraph_format.line_spacing = 1.0
        properties = self.word.core_properties
        properties.title = self.document.title[:250]
        properties.author = properties.last_modified_by = ""
        properties.comments = ""
        properties.created = properties.modified = _EPOCH
        properties.language = "zh-CN" if self.document.lang == "zh" else "en-GB"
        self._page_numbers(section.footer.paragraphs[0])

    @staticmethod
    def _fonts(style: Any, latin: str, east: str) -> None:
        style.font.name = latin
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for name in list(fonts.attrib):
            if name.endswith("Theme"):
                del fonts.attrib[name]
        fonts.set(qn("w:eastAsia"), east)
        fonts.set(qn("w:cs"), latin)

    def _page_numbers(self, paragraph: WordParagraph) -> None:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _field(paragraph, "PAGE")
        paragraph.add_run(" / ")
        _field(paragraph, "NUMPAGES")

    # --- inlines -------------------------------------------------------------------------------

    def line(self, paragraph: WordParagraph, content: Iterable[Inline]) -> WordParagraph:
        for inline in content:
            if isinstance(inline, Struct) and inline.target:
                _link(paragraph, inline.text, inline.target)
                continue
            run = paragraph.add_run(inline.text)
            run.bold = True if isinstance(inline, Verbal | Strong) else None
        return paragraph

    def bookmark(self, paragraph: WordParagraph, name: str) -> None:
        """Make a paragraph a place that links lead to."""
        number = str(self.bookmarks.setdefault(name, len(self.bookmarks) + 1))
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        start.set(qn("w:id"), number)
        start.set(qn("w:name"), _bookmark_name(name))
        end.set(qn("w:id"), number)
        properties = paragraph._p.pPr  # noqa: SLF001 (python-docx has no bookmarks)
        paragraph._p.insert(0 if properties is None else 1, start)  # noqa: SLF001
        paragraph._p.append(end)  # noqa: SLF001

    # --- blocks --------------------------------------------------------------------------------

    def paragraph(self, style: str) -> Any:
        """A paragraph with a style; python-docx looks a style up anew for each paragraph."""
        if style not in self._styles:
            self._styles[style] = self.word.styles[style].style_id
        added = self.word.add_paragraph()
        added._p.style = self._styles[style]  # noqa: SLF001
        return added

    def block(self, block: Block) -> None:  # noqa: PLR0912 (one branch for each kind)
        match block:
            case Heading():
                self._heading(block)
            case Paragraph():
                self._paragraph(block)
            case BulletList():
                for item in block.items:
                    paragraph = self.line(self.paragraph("List Bullet"), item)
                    if self.close:
                        paragraph.paragraph_format.space_after = Pt(0)
                        _every_run(paragraph, size=8)
            case Table():
                self._table(block)
            case Figure():
                self._figure(block)
            case Code():
                for text in block.text.split("\n"):
                    line = self.paragraph("Line")
                    if text:
                        line.add_run(text)
            case SignatureLine():
                paragraph = self.line(self.word.add_paragraph(), block.label)
                paragraph.add_run(f" {self.document.words['blank']}")
            case Contents():
                self._contents(block)
            case Explorer():
                self._note(block.note)
            case Attachment():
                self._note(block.label)

    def _heading(self, block: Heading) -> None:
        level = 2 if self.close else min(max(block.level, 1), 2)
        paragraph = self.paragraph(f"Heading {level}")
        if self.close:
            paragraph.paragraph_format.space_before = Pt(2)
        word = f"{self.document.words['annex']} " if block.level == 3 else ""
        if block.number:
            paragraph.add_run(f"{word}{block.number}\u2002")
        self.line(paragraph, block.content)
        self.bookmark(paragraph, block.id)

    def _paragraph(self, block: Paragraph) -> None:
        if block.style == "note":
            self._note(block.content)
            return
        added = self.paragraph("Close") if self.close else self.word.add_paragraph()
        paragraph = self.line(added, block.content)
        if block.style == "title":
            _every_run(paragraph, size=16, color=_ACCENT)
        elif block.style == "subtitle":
            _every_run(paragraph, size=11, color=_SOFT)
        elif block.style == "headline":
            _every_run(paragraph, size=8.5 if self.close else 11)
        elif block.style == "lead":
            _every_run(paragraph, size=12)
        elif block.style == "quote":
            paragraph.paragraph_format.left_indent = Cm(0.7)
        elif block.announces:
            paragraph.paragraph_format.keep_with_next = True

    def _note(self, content: tuple[Inline, ...]) -> None:
        size = 8 if self.close else 9
        _every_run(self.line(self.word.add_paragraph(), content), size=size, color=_SOFT)

    def _caption(self, word: str, name: str, caption: tuple[Inline, ...]) -> WordParagraph:
        paragraph = self.word.add_paragraph()
        number = self.document.numbers[name]
        paragraph.add_run(f"{word} {number}{self.document.words['stop']}")
        self.line(paragraph, caption)
        for run in paragraph.runs:
            run.bold, run.font.size = True, Pt(8 if self.close else 9.5)
        if self.close:
            paragraph.paragraph_format.space_after = Pt(0)
        self.bookmark(paragraph, name)
        return paragraph

    def _table(self, block: Table) -> None:
        if block.id:
            caption = self._caption(self.document.words["table"], block.id, block.caption)
            caption.paragraph_format.keep_with_next = True
            caption.paragraph_format.space_after = Pt(1 if self.close else 3)
        rows: list[Row] = [block.header, *block.rows] if block.id else list(block.rows)
        total = sum(block.widths)
        widths = [round(_TEXT_WIDTH_TWIPS * w / total) for w in block.widths]
        style = "SmallCell" if block.small or self.close else "Cell"
        parts = [_TABLE_START, "<w:tblGrid>"]
        parts += [f'<w:gridCol w:w="{w}"/>' for w in widths]
        parts.append("</w:tblGrid>")
        for number, row in enumerate(rows):
            head = bool(block.id) and number == 0
            keep = number < len(rows) - 1 and (head or len(rows) <= _KEPT_ROWS)
            whole = max(len(plain(cell)) for cell in row) < _LONG_CELL
            parts += [
                "<w:tr><w:trPr>",
                "<w:cantSplit/>" if whole else "",
                "<w:tblHeader/>" if head else "",
                "</w:trPr>",
            ]
            for k, cell in enumerate(row):
                right, apart = k in block.numeric, k - 1 in block.numeric
                form = _CellForm(style, widths[k], head, right, apart and not right, keep)
                parts.append(form.xml(cell))
            parts.append("</w:tr>")
        parts.append("</w:tbl>")
        self.word.element.body.insert_element_before(parse_xml("".join(parts)), "w:sectPr")
        gap = self.paragraph("Gap")
        if self.close:
            gap.paragraph_format.line_spacing = Pt(4)
            gap.paragraph_format.space_after = Pt(0)

    def _figure(self, block: Figure) -> None:
        drawing = self.document.figures[block.id]
        paragraph = self.word.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        width = min(drawing.width, 4.7 if self.close else 5.6)
        shape = paragraph.add_run().add_picture(io.BytesIO(drawing.png()), width=Inches(width))
        shape._inline.docPr.set("descr", plain(block.alt))  # noqa: SLF001 (no public alt text)
        self._caption(self.document.words["figure"], block.id, block.caption)

    def _contents(self, block: Contents) -> None:
        """Entries as links with the page on which each stands, computed where it is opened."""
        title = self.line(self.word.add_paragraph(), block.title)
        title.paragraph_format.page_break_before = True
        _every_run(title, size=16, color=_ACCENT)
        headings = [h for h in self.document.headings() if h.level > 0]
        for heading in headings:
            paragraph = self.paragraph("Entry")
            paragraph.paragraph_format.left_indent = Cm(0.0 if heading.level == 1 else 0.7)
            paragraph.paragraph_format.tab_stops.add_tab_stop(
                Twips(_TEXT_WIDTH_TWIPS), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
            )
            word = f"{self.document.words['annex']} " if heading.level == 3 else ""
            _link(paragraph, f"{word}{heading.number}  {plain(heading.content)}", heading.id)
            paragraph.add_run("\t")
            _field(paragraph, f"PAGEREF {_bookmark_name(heading.id)} \\h", shown="–", dirty=True)
        _page_break(self.word.add_paragraph())


@dataclass(frozen=True, slots=True)
class _CellForm:
    """How a cell of a table looks; tables are written as text, which is twenty times faster."""

    style: str
    width: int
    head: bool
    right: bool
    apart: bool
    """It stands to the right of numbers that are set flush right."""
    keep: bool

    def xml(self, content: tuple[Inline, ...]) -> str:
        shade = '<w:shd w:val="clear" w:color="auto" w:fill="F3F5F7"/>' if self.head else ""
        return (
            f'<w:tc><w:tcPr><w:tcW w:w="{self.width}" w:type="dxa"/>{shade}</w:tcPr>'
            f'<w:p><w:pPr><w:pStyle w:val="{self.style}"/>'
            f"{'<w:keepNext/>' if self.keep else ''}"
            f"{'<w:ind w:left="160"/>' if self.apart else ''}"
            f"{'<w:jc w:val="right"/>' if self.right else ''}</w:pPr>"
            f"{''.join(self.run(i) for i in content)}</w:p></w:tc>"
        )

    def run(self, inline: Inline) -> str:
        text = f'<w:t xml:space="preserve">{escape(inline.text)}</w:t>'
        if isinstance(inline, Struct) and inline.target:
            anchor = _bookmark_name(inline.target)
            return (
                f'<w:hyperlink w:anchor="{anchor}"><w:r><w:rPr><w:color w:val="00507E"/></w:rPr>'
                f"{text}</w:r></w:hyperlink>"
            )
        bold = self.head or isinstance(inline, Verbal | Strong)
        return f"<w:r>{'<w:rPr><w:b/></w:rPr>' if bold else ''}{text}</w:r>"


# --- pieces of WordprocessingML ------------------------------------------------------------------


def _bookmark_name(name: str) -> str:
    """A bookmark may have letters, digits and underscores, at most 40."""
    return "r_" + "".join(c if c.isalnum() else "_" for c in name)[:36]


def _every_run(paragraph: WordParagraph, *, size: float, color: RGBColor | None = None) -> None:
    for element in paragraph._p.iter(qn("w:r")):  # noqa: SLF001 (those of links too)
        run = Run(element, paragraph)
        run.font.size = Pt(size)
        if color is not None and run.font.color.rgb is None:
            run.font.color.rgb = color


def _link(paragraph: WordParagraph, text: str, target: str) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), _bookmark_name(target))
    run = paragraph.add_run(text)
    run.font.color.rgb = _ACCENT
    link.append(run._r)  # noqa: SLF001
    paragraph._p.append(link)  # noqa: SLF001


def _page_break(paragraph: WordParagraph) -> None:
    paragraph.add_run().add_break(WD_BREAK.PAGE)


def _field_char(paragraph: WordParagraph, kind: str, *, dirty: bool = False) -> None:
    """One end of a field; a dirty one is computed when the file is opened."""
    char = OxmlElement("w:fldChar")
    char.set(qn("w:fldCharType"), kind)
    if dirty:
        char.set(qn("w:dirty"), "true")
    paragraph.add_run()._r.append(char)  # noqa: SLF001


def _field_begin(paragraph: WordParagraph, instruction: str, *, dirty: bool = False) -> None:
    _field_char(paragraph, "begin", dirty=dirty)
    text = OxmlElement("w:instrText")
    text.set(qn("xml:space"), "preserve")
    text.text = f" {instruction} "
    paragraph.add_run()._r.append(text)  # noqa: SLF001
    _field_char(paragraph, "separate")


def _field(
    paragraph: WordParagraph, instruction: str, *, shown: str = "1", dirty: bool = False
) -> None:
    _field_begin(paragraph, instruction, dirty=dirty)
    paragraph.add_run(shown)
    _field_char(paragraph, "end")
