"""Cases built in code: from mappings, from a data frame of victims, from a spreadsheet.

A table of victims has one row for each victim or group of like victims, and columns

- ``id``, ``count``, ``linkage`` (or ``linkage_lo`` and ``linkage_hi``), ``party``, ``stage``,
  ``exhibit``: as in a case file;
- ``profile.ITEM`` and ``users_of.CUSTODIAN``: yes, no, or empty where it is not known;
- anything else is a field of personal data: yes where it was disclosed, no where it was not,
  empty where it is not known.

No personal value belongs in it: the table says *whether* a phone number was disclosed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causation.case import Case
from causation.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["build_case", "read_victims", "victims_from_frame"]

_YES = frozenset({"yes", "y", "true", "1", "1.0", "x", "是", "有", "√", "✓"})
_NO = frozenset({"no", "n", "false", "0", "0.0", "否", "无", "没有"})
_STATED = ("party", "stage", "exhibit", "bears_on")
_LINKAGE = ("linkage", "linkage_lo", "linkage_hi")

type Victims = pd.DataFrame | str | Path | list[Mapping[str, Any]] | tuple[Mapping[str, Any], ...]


def build_case(
    name: str,
    /,
    *,
    sources: Mapping[str, str | Mapping[str, Any]],
    proposition: str | Sequence[str],
    victims: Victims = (),
    **keys: Any,
) -> Case:
    """Build a case without a file.

    Parameters
    ----------
    name : str
        Identifier of the case.
    sources : mapping
        Each source as in a case file, or only its kind: ``custodian``, ``leaked_library``,
        ``inference``, ``residual``.
    proposition : str or sequence of str
        The source to be proved, or a union of sources.
    victims : DataFrame, path, or list of mappings
        A table of victims (see the module), a spreadsheet with one, or groups as in a case
        file. The first is the plaintiff.
    **keys
        Everything else as in a case file: ``title``, ``standard``, ``priors``, ``findings``,
        ``security`` and so on.

    Returns
    -------
    Case

    Raises
    ------
    CaseError
        If the case breaks the format.
    InputError
        If the table cannot be read.

    Examples
    --------
    >>> case = build_case(
    ...     "mine",
    ...     sources={
    ...         "shop": {"kind": "custodian", "holds": ["phone"]},
    ...         "library": "leaked_library",
    ...     },
    ...     proposition="shop",
    ...     victims=[{"id": "plaintiff", "disclosed": ["phone"]}],
    ... )
    >>> case.source_names
    ('shop', 'library', 'unknown')
    """
    tree = {
        "schema": 1,
        "id": name,
        "proposition": proposition if isinstance(proposition, str) else list(proposition),
        "sources": {key: _source(value) for key, value in sources.items()},
        "victims": _groups(victims),
        **keys,
    }
    return Case.model_validate(tree)


def _source(value: str | Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(value, str):
        return dict(value)
    if value == "leaked_library":
        return {"kind": "custodian", "class": value}
    return {"kind": value}


def _groups(victims: Victims) -> list[dict[str, Any]]:
    if isinstance(victims, str | Path):
        return victims_from_frame(read_victims(victims))
    if isinstance(victims, list | tuple):
        return [dict(group) for group in victims]
    return victims_from_frame(victims)


def read_victims(path: str | Path) -> pd.DataFrame:
    """Read a table of victims from a spreadsheet: csv, tsv or xlsx (its first sheet).

    Parameters
    ----------
    path : str or Path
        Text is UTF-8, or GB 18030 as some programs write it.

    Returns
    -------
    pandas.DataFrame
        Every cell as text; empty ones are missing.

    Raises
    ------
    InputError
        If there is no such file, or it is no such table.
    MissingExtraError
        If it is an xlsx file and openpyxl is not installed.
    """
    file = Path(path)
    readers: dict[str, Callable[[Path], pd.DataFrame]] = {
        ".csv": lambda f: _read_text(f, ","),
        ".tsv": lambda f: _read_text(f, "\t"),
        ".xlsx": _read_workbook,
    }
    if file.suffix.lower() not in readers:
        raise InputError(f"{file}: not a table of victims; allowed: {', '.join(readers)}")
    if not file.is_file():
        raise InputError(f"{file}: there is no such file")
    return readers[file.suffix.lower()](file)


def _read_text(file: Path, separator: str) -> pd.DataFrame:
    import pandas as pd

    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return pd.read_csv(file, sep=separator, dtype=str, encoding=encoding)
        except UnicodeDecodeError:
            continue
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise InputError(f"{file}: not a table: {error}") from None
    raise InputError(f"{file}: neither UTF-8 nor GB 18030 text")


def _read_workbook(file: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_excel(file, dtype=str, engine="openpyxl")
    except ImportError:
        raise MissingExtraError(
            "openpyxl", extra="spreadsheets", purpose="reading an xlsx file"
        ) from None
    except Exception as error:  # noqa: BLE001 - a broken workbook fails in many ways
        raise InputError(f"{file}: not a workbook: {type(error).__name__}") from None


def victims_from_frame(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Victim groups, as a case file has them, from a table of victims.

    Parameters
    ----------
    frame : pandas.DataFrame
        See the module for its columns. An index named ``id`` counts as that column.

    Returns
    -------
    list of dict
        One group for each row, in order; without ``id`` they are ``plaintiff``, ``victim_2``
        and so on.

    Raises
    ------
    InputError
        If a cell is neither yes, no nor empty where it has to be.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"phone": ["yes", "no"], "profile.anonymous": [True, None]})
    >>> victims_from_frame(table)[0]
    {'id': 'plaintiff', 'disclosed': ['phone'], 'profile': {'anonymous': True}}
    """
    if frame.index.name == "id":
        frame = frame.reset_index()
    columns = [str(c).strip() for c in frame.columns]
    repeated = sorted({c for c in columns if columns.count(c) > 1})
    if repeated:
        raise InputError(f"column {repeated[0]!r} stands twice in the table of victims")
    return [
        _group(dict(zip(columns, row, strict=True)), number)
        for number, row in enumerate(frame.itertuples(index=False, name=None), start=1)
    ]


def _group(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    cells = {name: value for name, value in row.items() if not _is_empty(value)}
    default = "plaintiff" if number == 1 else f"victim_{number}"
    group: dict[str, Any] = {"id": str(cells.pop("id", default)).strip()}
    if "count" in cells:
        group["count"] = _count(cells.pop("count"), number)
    group |= _linkage({k: cells.pop(k) for k in _LINKAGE if k in cells}, number)
    group |= {key: str(cells.pop(key)).strip() for key in _STATED if key in cells}
    for name, value in cells.items():
        place = f"row {number}, column {name!r}"
        part, _, member = name.partition(".")
        if member and part == "profile":
            group.setdefault(part, {})[member] = _degree(value, place)
        elif member and part == "users_of":
            group.setdefault(part, {})[member] = _yes(value, place)
        else:
            key = "disclosed" if _yes(value, place) else "not_disclosed"
            group.setdefault(key, []).append(name)
    return group


def _is_empty(value: Any) -> bool:
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    return (isinstance(value, float) and math.isnan(value)) or type(value).__name__ == "NAType"


def _yes(value: Any, place: str) -> bool:
    text = str(value).strip().lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise InputError(
        f"{place}: neither yes, no nor empty; no personal value belongs in the table, only "
        "whether it was disclosed"
    )


def _degree(value: Any, place: str) -> bool | float:
    text = str(value).strip().lower()
    if text in _YES | _NO:
        return text in _YES
    return _number(value, place)


def _number(value: Any, place: str) -> float:
    try:
        return float(str(value).strip())
    except ValueError:
        raise InputError(f"{place}: not a number") from None


def _count(value: Any, number: int) -> int:
    count = _number(value, f"row {number}, column 'count'")
    if not count.is_integer():
        raise InputError(f"row {number}, column 'count': not a whole number")
    return int(count)


def _linkage(cells: Mapping[str, Any], number: int) -> dict[str, Any]:
    ends = {k: _number(v, f"row {number}, column {k!r}") for k, v in cells.items()}
    if not ends:
        return {}
    if set(ends) == {"linkage"}:
        return ends
    if set(ends) != {"linkage_lo", "linkage_hi"}:
        raise InputError(f"row {number}: state linkage, or linkage_lo and linkage_hi")
    lo, hi = ends["linkage_lo"], ends["linkage_hi"]
    return {"linkage": lo if lo == hi else [lo, hi]}
