"""One row of a table of victims as a group of a case file, and what its cells say."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from causation.case.headings import Column, heading_of, load_columns, normal
from causation.case.library import load_fields
from causation.case.sheets import column_name
from causation.document.checking import IDENTIFIER
from causation.document.dates import When
from causation.document.problems import listing
from causation.errors import InputError

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
    leave_out: Callable[..., None],
) -> Row:
    """Read the cells of a row, whose columns mean the keys; an empty key is none.

    `own` are the fields that the case defines itself; `leave_out` is told what is left out. A cell
    that holds what it cannot is an InputError.
    """
    for index, cell in enumerate(cells[len(keys) :], start=len(keys)):
        if not is_blank(cell):
            raise InputError(f"row {number}, column {column_name(index)}: beyond the headings")
    by_key = {key: cell for key, cell in zip(keys, cells, strict=False) if key}
    blank = {key: is_blank(c) if key == "id" else _is_empty(c) for key, c in by_key.items()}
    found = {key: cell for key, cell in by_key.items() if not blank[key]}
    row, place = Row(number), f"row {number}"
    row.group["id"] = _identifier(found.get("id"), number, leave_out)
    if "count" in found:
        row.group["count"] = _read_count(found["count"], f"{place}, column 'count'")
    if "plaintiff" in found:
        row.plaintiff = _read_yes(found["plaintiff"], f"{place}, column 'plaintiff'")
    row.group |= _read_linkage({k: found[k] for k in _LINKAGE if k in found}, place)
    for key, value in found.items():
        if key not in _APART:
            _enter(row.group, key, value, f"{place}, column {key!r}", own)
    return row


def _enter(group: dict[str, Any], key: str, value: Any, place: str, own: Collection[str]) -> None:
    part, _, member = key.partition(".")
    if key in load_columns():
        _enter_column(group, load_columns()[key], value, place, own)
    elif part == "traits":
        group.setdefault(part, {})[member] = _read_degree(value, place)
    elif part == "users_of":
        _add(group, part if _read_yes(value, place) else "not_users_of", member)
    elif part in ("since", "until"):
        dates = group.setdefault("dates", {})
        dates.setdefault(member, {})[part] = _read_date(value, place)
    elif _is_redacted(value):
        _add(group, "redacted", key)
    else:
        _add(group, "disclosed" if _read_yes(value, place) else "not_disclosed", key)


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
        group[column.key] = _read_date(value, place)
    elif not column.choices:
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


def _identifier(value: Any, number: int, leave_out: Callable[..., None]) -> str:
    text = "" if value is None else str(value).strip()
    if re.fullmatch(r"[0-9]{1,12}(\.0)?", text):
        return f"v{int(float(text))}"
    if text and not re.fullmatch(IDENTIFIER, text):
        leave_out("identifier", row=number)
        return ""
    return text


def _add(group: dict[str, Any], key: str, word: str) -> None:
    words = group.setdefault(key, [])
    if word not in words:
        words.append(word)


_YES = frozenset({"yes", "y", "true", "1", "1.0", "是", "有", "对", "真", "√", "✓", "✔"})
_NO = frozenset({"no", "n", "false", "0", "0.0", "否", "无", "没有", "×", "✗", "✘"})
_EMPTY = frozenset({"", "unknown", "?", "-", "—", "n/a", "na", "不详", "未知", "不明"})
_REDACTED = frozenset({"redacted", "blacked out", "已遮盖", "遮盖", "打码", "已打码"})


def is_blank(value: object) -> bool:
    """Say whether there is nothing: no text, or one of the values that stand for a missing one."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    if type(value).__name__ in ("NAType", "NaTType"):
        return True
    try:
        return value != value  # noqa: PLR0124 - NaN of any type is not itself
    except (ArithmeticError, TypeError, ValueError):
        return True  # a signalling NaN


def _is_empty(value: object) -> bool:
    """Say whether a cell says that nothing is known."""
    return is_blank(value) or normal(str(value)) in _EMPTY


def _is_redacted(value: object) -> bool:
    """Say whether a cell says that a field was shown blacked out."""
    return normal(str(value)) in _REDACTED


def _read_yes(value: Any, place: str) -> bool:
    """Read yes or no."""
    text = normal(str(value))
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise InputError(
        f"{place}: neither yes, no nor empty; no personal value belongs in the table, only "
        "whether it was published"
    )


def _read_degree(value: Any, place: str) -> bool | float:
    """Read yes, no, or a degree between them."""
    text = normal(str(value))
    return text in _YES if text in _YES | _NO else _share(value, place)


def _number(value: Any, place: str) -> float:
    text = normal(str(value)).replace(" ", "")
    try:
        return float(text[:-1]) / 100.0 if text.endswith("%") else float(text)
    except ValueError:
        raise InputError(f"{place}: not a number") from None


def _share(value: Any, place: str) -> float:
    number = _number(value, place)
    if not 0.0 <= number <= 1.0:
        raise InputError(f"{place}: not from 0 to 1; write 0.8, or 80% with its sign")
    return number


def _read_count(value: Any, place: str) -> int:
    """Read a number of people."""
    count = _number(value, place)
    if not count.is_integer() or count < 1:
        raise InputError(f"{place}: not a whole number from 1 on")
    return int(count)


def _read_linkage(cells: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Read how sure it is that a victim belongs to the series, from one column or two."""
    ends = {k: _share(v, f"{place}, column {k!r}") for k, v in cells.items()}
    if not ends:
        return {}
    if set(ends) == {"linkage"}:
        return ends
    if set(ends) != {"linkage_lo", "linkage_hi"}:
        raise InputError(f"{place}: state linkage, or linkage_lo and linkage_hi")
    lo, hi = ends["linkage_lo"], ends["linkage_hi"]
    return {"linkage": lo if lo == hi else [lo, hi]}


_DATE = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?)?月?)?年?")


def _read_date(value: Any, place: str) -> str:
    """Return a date as a case file has it; a time of the day is left out."""
    when = When.read(value) if isinstance(value, dt.date) else None
    text = re.sub(r"[ t]00:00(:00(\.0+)?)?$", "", normal(str(value)).removesuffix(".0"))
    if when is None and (match := _DATE.fullmatch(text)) is not None:
        when = When.read("-".join(part.zfill(2) for part in match.groups() if part))
    if when is None:
        raise InputError(f"{place}: not a date; write 2024-05-03, 2024-05 or 2024")
    return str(when)
