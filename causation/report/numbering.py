"""Numbers of the report's own parts, and references to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from causation.report.document import (
    Attachment,
    Block,
    BulletList,
    Explorer,
    Figure,
    Heading,
    Inline,
    Paragraph,
    SignatureLine,
    Struct,
    Table,
)

__all__ = ["numbered"]


def numbered(blocks: Iterable[Block]) -> tuple[tuple[Block, ...], dict[str, str]]:
    """Number headings, tables and figures, and fill in the references to them.

    Returns
    -------
    tuple
        The blocks, and the number of every part by its id. Headings of level 0 and tables
        without id have none.

    Examples
    --------
    >>> from causation.report.document import Text
    >>> blocks = [Heading(1, "a", "", (Text("A"),)), Paragraph((Struct("", "a"),))]
    >>> numbered(blocks)[1]
    {'a': '1'}
    """
    blocks = list(blocks)
    numbers = _numbers(blocks)
    return tuple(_filled(b, numbers) for b in blocks), numbers


def _numbers(blocks: list[Block]) -> dict[str, str]:
    numbers: dict[str, str] = {}
    part = section = annex = table = figure = 0
    for block in blocks:
        match block:
            case Heading(level=1):
                part, section = part + 1, 0
                numbers[block.id] = str(part)
            case Heading(level=2):
                section += 1
                numbers[block.id] = f"{part}.{section}"
            case Heading(level=3):
                annex += 1
                numbers[block.id] = chr(ord("A") + annex - 1)
            case Table(id=name) if name:
                table += 1
                numbers[name] = str(table)
            case Figure():
                figure += 1
                numbers[block.id] = str(figure)
            case _:
                pass
    return numbers


def _filled(block: Block, numbers: dict[str, str]) -> Block:
    def fill(content: tuple[Inline, ...]) -> tuple[Inline, ...]:
        return tuple(
            Struct(numbers[i.target], i.target)
            if isinstance(i, Struct) and i.target and not i.text
            else i
            for i in content
        )

    match block:
        case Heading():
            return replace(block, number=numbers.get(block.id, ""), content=fill(block.content))
        case Paragraph():
            return replace(block, content=fill(block.content))
        case BulletList():
            return replace(block, items=tuple(fill(i) for i in block.items))
        case Table():
            return replace(
                block,
                caption=fill(block.caption),
                header=tuple(fill(cell) for cell in block.header),
                rows=tuple(tuple(fill(cell) for cell in row) for row in block.rows),
            )
        case Figure():
            return replace(block, caption=fill(block.caption), alt=fill(block.alt))
        case SignatureLine() | Attachment():
            return replace(block, label=fill(block.label))
        case Explorer():
            return replace(block, note=fill(block.note))
        case _:
            return block
