"""The report as data: what every format renders, and none of them adds to.

Text comes in kinds, so that each numeral can be traced: wording has none, a `Num` is a
quantity of the registry, a `CaseText` stands in the case file, a `Ref` cites a law, a standard
or a publication, and a `Struct` numbers the report's own parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causation.report.figures import Drawing
    from causation.report.quantities import Quantity


@dataclass(frozen=True, slots=True)
class Text:
    """Wording of a language file; it has no numeral."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Wording that is set off; it has no numeral."""

    text: str


@dataclass(frozen=True, slots=True)
class Ref:
    """A citation, or a text shipped with the package that has numerals of its own."""

    text: str


@dataclass(frozen=True, slots=True)
class Num:
    """A quantity as it is printed; `key` names it in the registry."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class CaseText:
    """What the case file says, made safe to print."""

    text: str


@dataclass(frozen=True, slots=True)
class Verbal:
    """A band of the verbal scale, for a likelihood ratio only."""

    text: str


@dataclass(frozen=True, slots=True)
class Struct:
    """The number of a part of the report, with the part it points to."""

    text: str
    target: str = ""


type Inline = Text | Strong | Ref | Num | CaseText | Verbal | Struct
INLINES = (Text, Strong, Ref, Num, CaseText, Verbal, Struct)
type Row = tuple[tuple[Inline, ...], ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `number` is its number in the report, with the word for annexes."""

    level: int
    id: str
    number: str
    content: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph.

    `style` is ``normal``, ``lead``, ``title``, ``subtitle``, ``note``, ``quote`` or ``headline``;
    `claim` says what a sentence states, ``ratio`` or ``posterior``, where it states one; `leads`,
    that a table follows it.
    """

    content: tuple[Inline, ...]
    style: str = "normal"
    claim: str = ""
    leads: bool = False

    @property
    def announces(self) -> bool:
        """Whether it has to stay with what follows: it leads to a table, or ends with a colon."""
        return self.leads or plain(self.content).endswith((":", "："))


@dataclass(frozen=True, slots=True)
class BulletList:
    """A list of items."""

    items: tuple[tuple[Inline, ...], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `widths` are relative, `numeric` the columns that are set flush right.

    `label` is its word and number, as it stands before the caption.
    """

    id: str
    caption: tuple[Inline, ...]
    header: Row
    rows: tuple[Row, ...]
    widths: tuple[float, ...]
    numeric: frozenset[int] = frozenset()
    small: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure by the name under which it was drawn, with text for those who cannot see it."""

    id: str
    caption: tuple[Inline, ...]
    alt: tuple[Inline, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A file, as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """Something to be filled in by hand."""

    content: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """The table of contents, by its title."""

    content: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Explorer:
    """Where the interactive form goes, in formats that have one; `content` elsewhere."""

    content: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """Where a file that the report carries is named; `name` is its key in the document."""

    name: str
    content: tuple[Inline, ...]


type Block = (
    Heading
    | Paragraph
    | BulletList
    | Table
    | Figure
    | Code
    | SignatureLine
    | Contents
    | Explorer
    | Attachment
)


@dataclass(frozen=True, eq=False)
class Document:
    """A whole report, before it is rendered.

    Parameters
    ----------
    title : str
    lang : str
        ``en`` or ``zh``.
    blocks : tuple of Block
    quantities : dict of str to Quantity
        Every number that appears, by key.
    numbers : dict of str to str
        Numbers of headings, tables and figures, by id.
    figures : dict of str to Drawing
        By the id of their `Figure`.
    explorer : dict
        Data of the interactive form: components, weights, labels.
    manifest : dict
        What is needed to compute the report again.
    words : dict of str to str
        Words that the formats need themselves (page, figure, table).
    attachments : dict of str to str
        Files that the report carries, by name.
    """

    title: str
    lang: str
    blocks: tuple[Block, ...]
    quantities: dict[str, Quantity]
    numbers: dict[str, str] = field(default_factory=dict)
    figures: dict[str, Drawing] = field(default_factory=dict)
    explorer: dict[str, Any] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    attachments: dict[str, str] = field(default_factory=dict)

    def headings(self) -> tuple[Heading, ...]:
        """All headings, in order."""
        return tuple(b for b in self.blocks if isinstance(b, Heading))

    def parts(self) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
        """What stands before the contents, on the first page, and the rest."""
        at = next((k for k, b in enumerate(self.blocks) if isinstance(b, Contents)), 0)
        return self.blocks[:at], self.blocks[at:]


def plain(content: Iterable[Inline]) -> str:
    """Text of inlines, without their kinds.

    Examples
    --------
    >>> plain([Text("about "), Num("lr.osint", "300")])
    'about 300'
    """
    return "".join(inline.text for inline in content)


def block_inlines(block: Block) -> Iterator[tuple[Inline, ...]]:
    """Runs of inlines of a block, in reading order."""
    if isinstance(block, Code):
        yield (CaseText(block.text),)
    for f in fields(block):
        yield from _runs(getattr(block, f.name))


def _runs(value: object) -> Iterator[tuple[Inline, ...]]:
    if isinstance(value, tuple):
        if value and isinstance(value[0], INLINES):
            yield value
        else:
            for inner in value:
                yield from _runs(inner)
