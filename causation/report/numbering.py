"""Numbers of the report's own parts, and references to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

from causation.report.document import (
    Attachment,
    Block,
    CaseText,
    Figure,
    Heading,
    Paragraph,
    Ref,
    Struct,
    Table,
)


def numbered(
    blocks: Iterable[Block], words: Mapping[str, str]
) -> tuple[tuple[Block, ...], dict[str, str]]:
    """Number headings, tables and figures, and fill in the references to them.

    Parameters
    ----------
    blocks : iterable of Block
    words : mapping of str to str
        For annex, table, figure, and what ends a label (``stop``).

    Returns
    -------
    tuple
        The blocks, and the number of every part by its id. Headings of level 0 and tables
        without id have none.

    Examples
    --------
    >>> from causation.report.document import Paragraph, Text
    >>> blocks = [Heading(1, "a", "", (Text("A"),)), Paragraph((Struct("", "a"),))]
    >>> numbered(blocks, {})[1]
    {'a': '1'}
    """
    blocks = _led(list(blocks))
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
    return tuple(_labelled(_filled(b, numbers), numbers, words) for b in blocks), numbers


def _led(blocks: list[Block]) -> list[Block]:
    """The blocks, with every paragraph marked that a table, or an attached file, follows."""
    return [
        replace(b, leads=True)
        if isinstance(b, Paragraph) and isinstance(after, Table | Attachment)
        else b
        for b, after in pairwise([*blocks, None])
        if b is not None
    ]


_PARTED = re.compile(r"(?<=[0-9]) (?=[0-9]{3}(?![0-9])|%)")
"""A space inside a number, or before its sign of per cent."""


def _filled(block: Block, numbers: Mapping[str, str]) -> Block:
    def fill(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(fill, value))
        if isinstance(value, Struct) and value.target and not value.text:
            return Struct(numbers[value.target], value.target)
        if isinstance(value, CaseText | Ref):
            return replace(value, text=_PARTED.sub("\u00a0", value.text))
        return value

    return replace(block, **{f.name: fill(getattr(block, f.name)) for f in fields(block)})


def _labelled(block: Block, numbers: Mapping[str, str], words: Mapping[str, str]) -> Block:
    """The block with its own number, as it is printed."""
    match block:
        case Heading(id=name) if name in numbers:
            word = f"{words['annex']} " if block.level == 3 else ""
            return replace(block, number=word + numbers[name])
        case Table(id=name) | Figure(id=name) if name in numbers:
            word = words["table" if isinstance(block, Table) else "figure"]
            return replace(block, label=f"{word} {numbers[name]}{words['stop']}")
        case _:
            return block
