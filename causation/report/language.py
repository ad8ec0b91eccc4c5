"""Wording from language files: templates into which quantities and labels are put.

A template has ``{names}`` for what is put in, ``[[...]]`` for citations and ``<<id>>`` for the
number of a section, table or figure, ``**...**`` for what is set off. Apart from citations it has
no digit, so no number
can be typed into the wording.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from causation.dossier.labels import LANGUAGES, texts
from causation.errors import InputError
from causation.report.document import Inline, Ref, Strong, Struct, Text, plain

_PIECE = re.compile(
    r"\{(?P<name>\w+)\}|\[\[(?P<ref>.+?)\]\]|<<(?P<target>[\w.-]+)>>|\*\*(?P<strong>.+?)\*\*"
)

type Filling = Inline | tuple[Inline, ...]


class Language:
    """The wording of one language.

    Parameters
    ----------
    name : str
        ``en`` or ``zh``.
    entries : dict of str to str or tuple of str
        Templates by dotted key.
    """

    def __init__(self, name: str, entries: dict[str, str | tuple[str, ...]]) -> None:
        self.name = name
        self.entries = entries

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def raw(self, key: str) -> str:
        """A template as it stands in the file."""
        entry = self.entries[key]
        if not isinstance(entry, str):
            raise TypeError(f"{key} is a list")
        return entry

    def text(self, key: str, **filling: Filling) -> tuple[Inline, ...]:
        """Fill a template.

        Parameters
        ----------
        key : str
            Dotted key of the template.
        **filling
            What is put in for each of its names; all of them, and no other.
        """
        return self.fill(self.raw(key), key=key, **filling)

    def texts(self, key: str, **filling: Filling) -> tuple[tuple[Inline, ...], ...]:
        """Fill a list of templates, each with what it asks for."""
        entry = self.entries[key]
        if isinstance(entry, str):
            raise TypeError(f"{key} is not a list")
        result = []
        for template in entry:
            own = {name: filling[name] for name in names_in(template)}
            result.append(self.fill(template, key=key, **own))
        return tuple(result)

    def fill(self, template: str, *, key: str = "", **filling: Filling) -> tuple[Inline, ...]:
        """Fill a template given by its text."""
        result: list[Inline] = []
        used: set[str] = set()
        end = 0
        for piece in _PIECE.finditer(template):
            if piece.start() > end:
                result.append(Text(template[end : piece.start()]))
            end = piece.end()
            if piece["ref"]:
                result.append(Ref(piece["ref"]))
            elif piece["strong"]:
                result.append(Strong(piece["strong"]))
            elif piece["target"]:
                result.append(Struct("", piece["target"]))
            else:
                value = filling[piece["name"]]
                used.add(piece["name"])
                result += value if isinstance(value, tuple) else (value,)
        if end < len(template):
            result.append(Text(template[end:]))
        if left := set(filling) - used:
            raise KeyError(f"{key}: nothing to put {', '.join(sorted(left))} into")
        return tuple(result)

    def plain(self, key: str, **filling: Filling) -> str:
        """Fill a template, as plain text."""
        return plain(self.text(key, **filling))

    def when(self, first: dt.date, last: dt.date) -> str:
        """A day, a month or a year, by the first and last day that it can mean.

        Examples
        --------
        >>> day = dt.date(2023, 10, 2)
        >>> load_language("zh").when(day, day), load_language("en").when(day, day)
        ('2023年10月2日', '2 October 2023')
        >>> load_language("en").when(dt.date(2023, 1, 1), dt.date(2023, 12, 31))
        '2023'
        """
        months = self.entries["format.months"]
        name = "year" if (first.month, last.month) == (1, 12) else "month"
        return (
            self.raw("format.date" if first == last else f"format.{name}")
            .replace("%Y", str(first.year))
            .replace("%B", months[first.month - 1])
            .replace("%m", str(first.month))
            .replace("%d", str(first.day))
        )


def names_in(template: str) -> set[str]:
    """Return the names that a template asks for."""
    return {m["name"] for m in _PIECE.finditer(template) if m["name"]}


def from_yaml(path: Path) -> Any:
    """What a file of the package states."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506


def _flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, str | tuple[str, ...]]:
    entries: dict[str, str | tuple[str, ...]] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            entries |= _flatten(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            entries[prefix + key] = tuple(str(item).strip() for item in value)
        else:
            entries[prefix + key] = str(value).strip("\n")
    return entries


@cache
def load_language(name: str) -> Language:
    """Load the wording of a language; the headline is that of every reader of the program.

    Raises
    ------
    InputError
        If there is no such language.
    """
    if name not in LANGUAGES:
        raise InputError(
            f"there is no report in the language {name!r}; allowed: {', '.join(LANGUAGES)}"
        )
    entries = _flatten(from_yaml(Path(__file__).parent / "languages" / f"{name}.yaml"))
    entries |= {f"summary.{key}": entry[name] for key, entry in texts("headline").items()}
    return Language(name, entries)
