"""One row of a table of victims as a group of a case file."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from causation.case.cells import (
    is_blank,
    is_empty,
    is_redacted,
    read_count,
    read_date,
    read_degree,
    read_linkage,
    read_yes,
)
from causation.case.headings import Column, heading_of, load_columns, normal
from causation.case.library import load_fields
from causation.case.sheets import column_name
from causation.document.checking import IDENTIFIER
from causation.document.problems import listing
from causation.errors import InputError

__all__ = ["Row", "read_row"]

_SEPARATOR = re.compile(r"[\s,;、，；+]+")
_LINKAGE = ("linkage", "linkage_lo", "linkage_hi")
_APART = ("id", "count", "plaintiff", *_LINKAGE)
_EITHER = "a word under 'known_by', or what lists; not both"


@dataclass
class Row:
    """A row while the table is read: its number, what it states, whether it is a plaintiff's."""

    number: int
    group: dict[str, Any] = field(default_factory=dict)
    plaintiff: bool | None = None


def read_row(
    number: int,
    keys: Sequence[str],
    cells: Sequence[object],
    *,
    own: Collection[str],
    leave_out: Callable[[str, str, str, str], None],
) -> Row:
    """Read the cells of a row.

    Parameters
    ----------
    number : int
        As its users see it.
    keys : sequence of str
        What the columns mean; an empty one is none.
    cells : sequence
    own : collection of str
        Fields that the case defines itself.
    leave_out : callable
        Is told what is left out: its place and why, each in English and Chinese.

    Raises
    ------
    InputError
        If a cell holds what it cannot.
    """
    for index, cell in enumerate(cells[len(keys) :], start=len(keys)):
        if not is_blank(cell):
            raise InputError(f"row {number}, column {column_name(index)}: beyond the headings")
    found = {
        key: cell
        for key, cell in zip(keys, cells, strict=False)
        if key and not (is_blank(cell) if key == "id" else is_empty(cell))
    }
    row, place = Row(number), f"row {number}"
    row.group["id"] = _identifier(found.get("id"), number, leave_out)
    if "count" in found:
        row.group["count"] = read_count(found["count"], f"{place}, column 'count'")
    if "plaintiff" in found:
        row.plaintiff = read_yes(found["plaintiff"], f"{place}, column 'plaintiff'")
    row.group |= read_linkage({k: found[k] for k in _LINKAGE if k in found}, place)
    for key, value in found.items():
        if key not in _APART:
            _enter(row.group, key, value, f"{place}, column {key!r}", own)
    return row


def _enter(group: dict[str, Any], key: str, value: Any, place: str, own: Collection[str]) -> None:
    part, _, member = key.partition(".")
    if key in load_columns():
        _enter_column(group, load_columns()[key], value, place, own)
    elif part == "traits":
        group.setdefault(part, {})[member] = read_degree(value, place)
    elif part == "users_of":
        _add(group, part if read_yes(value, place) else "not_users_of", member)
    elif part in ("since", "until"):
        dates = group.setdefault("dates", {})
        dates.setdefault(member, {})[part] = read_date(value, place)
    elif is_redacted(value):
        _add(group, "redacted", key)
    else:
        _add(group, "disclosed" if read_yes(value, place) else "not_disclosed", key)


def _enter_column(
    group: dict[str, Any], column: Column, value: Any, place: str, own: Collection[str]
) -> None:
    part, _, member = column.key.partition(".")
    if column.ignored:
        return
    if column.members is not None:
        words = _words(value, column.members, place, own)
        if part != "known_by":
            for word in words:
                _add(group, column.key, word)
        elif isinstance(group.setdefault(part, {}), dict):
            group[part][member] = words
        else:
            raise InputError(f"{place}: {_EITHER}")
    elif column.is_date:
        group[column.key] = read_date(value, place)
    elif column.words is None:
        group[column.key] = str(value).strip()
    elif normal(str(value)) not in column.words:
        raise InputError(f"{place}: unknown value; allowed: {', '.join(column.words)}")
    elif column.key in group:
        raise InputError(f"{place}: {_EITHER}")
    else:
        group[column.key] = column.words[normal(str(value))]


def _words(value: Any, members: str, place: str, own: Collection[str]) -> list[str]:
    """Read a list of fields, traits or services in one cell."""
    found = []
    for word in filter(None, _SEPARATOR.split(str(value))):
        key = word if members == "custodians" else heading_of(word, own=own) or ""
        prefix = "traits." if members == "traits" else ""
        known = members != "fields" or key in own or key in load_fields()
        if not key.startswith(prefix) or not known or not key:
            allowed = f"; allowed: {listing([*load_fields(), *own])}" if not prefix else ""
            raise InputError(f"{place}: no names of {members}, separated by commas{allowed}")
        found.append(key.removeprefix(prefix))
    return found


def _identifier(value: Any, number: int, leave_out: Callable[[str, str, str, str], None]) -> str:
    text = "" if value is None else str(value).strip()
    if re.fullmatch(r"[0-9]{1,12}(\.0)?", text):
        return f"v{int(float(text))}"
    if text and not re.fullmatch(IDENTIFIER, text):
        leave_out(
            f"row {number}, column 'id'", f"第{number}行“编号”",
            f"no identifier; victim_{number} in its place", f"不是标识符，改用 victim_{number}",
        )  # fmt: skip
        return ""
    return text


def _add(group: dict[str, Any], key: str, word: str) -> None:
    words = group.setdefault(key, [])
    if word not in words:
        words.append(word)
