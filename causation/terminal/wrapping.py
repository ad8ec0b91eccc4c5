"""Where a line of Chinese may end: between characters, never inside a number or before a comma."""

from __future__ import annotations

import re

from rich.cells import cell_len

_CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_PART = re.compile(r"(?:[\x21-\x7e±–]|(?<=\d) (?=%|\d{3}(?!\d)))+| +|.", re.DOTALL)
_OPENING = "（《“‘「【"
_CLOSING = "，。；：、！？）》”’」】%"


def is_chinese(text: str) -> bool:
    """Whether a text has Chinese in it."""
    return _CHINESE.search(text) is not None


def _units(text: str) -> list[str]:
    """Parts of a text that stay on one line."""
    units: list[str] = []
    for part in _PART.findall(text):
        if units and (part in _CLOSING or units[-1][-1] in _OPENING):
            units[-1] += part
        else:
            units.append(part)
    return units


def breaks(text: str, width: int) -> list[int]:
    """Return the places at which lines of at most so many cells begin, the first apart.

    Examples
    --------
    >>> breaks("概率为51.1%。", 8), breaks("甲，乙", 4), breaks("high 高 (50.9 % held)", 15)
    ([3], [2], [15])
    """
    places, used, place = [], 0, 0
    for unit in _units(text):
        size = cell_len(unit)
        if used and used + cell_len(unit.rstrip()) > width:
            places.append(place)
            used = 0
        if size > width and not unit.isspace():  # longer than a line: it is cut
            for offset, character in enumerate(unit):
                if used + cell_len(character) > width and used:
                    places.append(place + offset)
                    used = 0
                used += cell_len(character)
        else:
            used += size
        place += len(unit)
    return places
