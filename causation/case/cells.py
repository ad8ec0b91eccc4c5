"""What the cells of a table of victims say."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from causation.case.headings import normal
from causation.document.dates import When
from causation.errors import InputError

__all__ = [
    "is_blank",
    "is_empty",
    "is_redacted",
    "read_count",
    "read_date",
    "read_degree",
    "read_linkage",
    "read_yes",
]

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


def is_empty(value: object) -> bool:
    """Say whether a cell says that nothing is known."""
    return is_blank(value) or normal(str(value)) in _EMPTY


def is_redacted(value: object) -> bool:
    """Say whether a cell says that a field was shown blacked out."""
    return normal(str(value)) in _REDACTED


def read_yes(value: Any, place: str) -> bool:
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


def read_degree(value: Any, place: str) -> bool | float:
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


def read_count(value: Any, place: str) -> int:
    """Read a number of people."""
    count = _number(value, place)
    if not count.is_integer() or count < 1:
        raise InputError(f"{place}: not a whole number from 1 on")
    return int(count)


def read_linkage(cells: Mapping[str, Any], place: str) -> dict[str, Any]:
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


def read_date(value: Any, place: str) -> str:
    """Return a date as a case file has it; a time of the day is left out."""
    when = When.read(value) if isinstance(value, dt.date) else None
    text = re.sub(r"[ t]00:00(:00(\.0+)?)?$", "", normal(str(value)).removesuffix(".0"))
    if when is None and (match := _DATE.fullmatch(text)) is not None:
        when = When.read("-".join(part.zfill(2) for part in match.groups() if part))
    if when is None:
        raise InputError(f"{place}: not a date; write 2024-05-03, 2024-05 or 2024")
    return str(when)
