"""Cases built in code: from mappings, from a data frame of victims, from a spreadsheet.

A table of victims has one row for each victim or group of like victims, and columns, in either
language and any case,

- ``id``, ``count``, ``plaintiff``, ``linkage`` (a number or per cent; or ``linkage_lo`` and
  ``linkage_hi``), ``party``, ``stage``, ``exhibit``: as in a case file;
- ``traits.TRAIT`` or a trait's own name, and ``users_of.CUSTODIAN``: yes, no, or empty where it
  is not known;
- fields of personal data: yes where it was published, no where it was not, empty where it is
  not known.

The first row is the plaintiff unless a column says otherwise. Like rows are pooled. No personal
value belongs in it: the table says *whether* a phone number was published.
"""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causation.case.filled import Notice
from causation.case.library import load_fields, load_traits
from causation.case.schema import Case
from causation.document.mappings import Fixed
from causation.document.problems import listing, nearest
from causation.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Table", "build_case", "read_victims", "table_of", "victims_from_frame"]

_YES = frozenset({"yes", "y", "true", "1", "1.0", "x", "是", "有", "√", "✓"})
_NO = frozenset({"no", "n", "false", "0", "0.0", "否", "无", "没有"})
_UNKNOWN = frozenset({"", "unknown", "?", "-", "n/a", "不详", "未知", "不明"})
_STATED = ("party", "stage", "exhibit", "bears_on")
_LINKAGE = ("linkage", "linkage_lo", "linkage_hi")
_HEADINGS = {
    "编号": "id",
    "人数": "count",
    "原告": "plaintiff",
    "how_sure": "linkage",
    "属同一系列的概率": "linkage",
    "举证方": "party",
    "阶段": "stage",
    "证据编号": "exhibit",
}
_PLAIN = ("id", "count", "plaintiff", *_LINKAGE, *_STATED)

type Victims = pd.DataFrame | str | Path | list[Mapping[str, Any]] | tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Groups of victims, as a case file has them, and the rows or cells that were left out."""

    groups: tuple[Mapping[str, Any], ...]
    left_out: tuple[Notice, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the groups name, sorted."""
        keys = ("disclosed", "not_disclosed")
        return tuple(sorted({f for g in self.groups for key in keys for f in g.get(key, ())}))


def build_case(
    name: str,
    /,
    *,
    victims: Victims = (),
    sources: Mapping[str, str | Mapping[str, Any]] | None = None,
    proposition: str | Sequence[str] | Mapping[str, Any] = "platform",
    **keys: Any,
) -> Case:
    """Build a case without a file.

    Parameters
    ----------
    name : str
        Identifier of the case.
    victims : DataFrame, path, or list of mappings
        A table of victims (see the module), a spreadsheet with one, or groups as in a case
        file. The first is the plaintiff unless one says that it is.
    sources : mapping, optional
        Each source as in a case file, or only its kind: ``custodian``, ``leaked_library``,
        ``inference``, ``residual``. By default a custodian ``platform`` that holds the fields
        of the victims.
    proposition : str, sequence of str, or mapping
        What is to be proved.
    **keys
        Everything else as in a case file: ``title``, ``standard``, ``priors``, ``findings``,
        ``security`` and so on. Without a standard it is 0.75, of no jurisdiction.

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
    >>> case = build_case("mine", victims=[{"id": "plaintiff", "disclosed": ["phone"]}])
    >>> case.source_names, case.sources["platform"].holds
    (('platform', 'library', 'osint', 'unknown'), ('phone',))
    """
    table = _table(victims)
    stated = {"platform": {"kind": "custodian", "holds": list(table.fields)}}
    ground = {} if "standard" in keys or "jurisdiction" in keys else _GROUND
    tree = {
        "schema": 2,
        "id": name,
        **ground,
        "proposition": proposition,
        "sources": {key: _source(value) for key, value in (sources or stated).items()},
        "victims": _with_plaintiff(table.groups),
        **keys,
    }
    return Case.model_validate(tree)


_GROUND = {"jurisdiction": "none", "standard": 0.75}


def _source(value: str | Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": value} if isinstance(value, str) else dict(value)


def _table(victims: Victims) -> Table:
    if isinstance(victims, str | Path):
        return table_of(read_victims(victims))
    if isinstance(victims, list | tuple):
        return Table(tuple(dict(group) for group in victims), ())
    return table_of(victims)


def _with_plaintiff(groups: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = [dict(group) for group in groups]
    if len(rows) > 1 and not any(row.get("plaintiff") for row in rows):
        rows[0] = {"id": rows[0].get("id"), "plaintiff": True, **rows[0]}
    return rows


def read_victims(path: str | Path) -> pd.DataFrame:
    """Read a table of victims from a spreadsheet: csv, tsv or xlsx (its first sheet).

    Parameters
    ----------
    path : str or Path
        Text is UTF-8, or GB 18030 as some programs write it; its separator is found.

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
    readers = {".csv": _read_text, ".tsv": _read_text, ".xlsx": _read_workbook}
    if file.suffix.lower() not in readers:
        raise InputError(f"{file}: not a table of victims; allowed: {', '.join(readers)}")
    if not file.is_file():
        raise InputError(f"{file}: there is no such file")
    return readers[file.suffix.lower()](file)


def _read_text(file: Path) -> pd.DataFrame:
    import pandas as pd

    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = file.read_bytes().decode(encoding)
            return pd.read_csv(io.StringIO(text), sep=_separator(text), dtype=str)
        except UnicodeDecodeError:
            continue
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise InputError(f"{file}: not a table: {error}") from None
    raise InputError(f"{file}: neither UTF-8 nor GB 18030 text")


def _separator(text: str) -> str:
    head = text.partition("\n")[0]
    try:
        return csv.Sniffer().sniff(head, delimiters=",;\t").delimiter
    except csv.Error:  # one column
        return ","


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
        One group for all rows of which the same is known; without ``id`` they are
        ``plaintiff``, ``victim_2`` and so on.

    Raises
    ------
    InputError
        If a heading is not known, or a cell is neither yes, no nor empty where it has to be.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"phone": ["yes", "yes"], "email": ["no", None]})
    >>> [group["id"] for group in victims_from_frame(table)]
    ['plaintiff', 'victim_2']
    """
    return [dict(group) for group in table_of(frame).groups]


def table_of(frame: pd.DataFrame) -> Table:
    """Read a table of victims; see `victims_from_frame`, and what was left out."""
    if frame.index.name == "id":
        frame = frame.reset_index()
    columns = [_heading(str(c)) for c in frame.columns]
    repeated = sorted({c for c in columns if columns.count(c) > 1})
    if repeated:
        raise InputError(f"column {repeated[0]!r} stands twice in the table of victims")
    left_out: list[Notice] = []
    rows = []
    for number, cells in enumerate(frame.itertuples(index=False, name=None), start=1):
        row = _row(dict(zip(columns, cells, strict=True)), number)
        if row is not None and (kept := _published(row, number, left_out)) is not None:
            rows.append(kept)
    return Table(tuple(_pooled(_with_first(rows))), tuple(left_out))


def _normal(text: str) -> str:
    """Write a text in half width, small letters and without space around."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def _heading(text: str) -> str:
    """Return the key that a heading means."""
    known = {name: name for name in (*_PLAIN, *load_fields())} | _HEADINGS
    known |= {name: f"traits.{name}" for name in load_traits()}
    for prefix, terms in (("", load_fields()), ("traits.", load_traits())):
        for name, term in terms.items():
            known |= {_normal(label).replace(" ", "_"): prefix + name
                      for label in term.label.values()}  # fmt: skip
    word = _normal(text).replace(" ", "_")
    part, _, member = word.partition(".")
    if part in ("traits", "users_of") and member:
        return f"{part}.{unicodedata.normalize('NFKC', text).strip().partition('.')[2]}"
    if word not in known:
        raise InputError(
            f"unknown heading in the table of victims; found {nearest(word, known)}; allowed: "
            f"{listing([*_PLAIN, *load_fields(), *load_traits(), 'users_of.CUSTODIAN'], near=word)}"
        )
    return known[word]


def _row(row: Mapping[str, Any], number: int) -> dict[str, Any] | None:
    """Return a row as a group; None for a blank one."""
    cells = {name: value for name, value in row.items() if not _is_empty(value)}
    if not cells:
        return None
    group: dict[str, Any] = {"id": str(cells.pop("id", "")).strip()}
    if "count" in cells:
        group["count"] = _count(cells.pop("count"), number)
    if "plaintiff" in cells and _yes(cells.pop("plaintiff"), f"row {number}, column 'plaintiff'"):
        group["plaintiff"] = True
    group |= _linkage({k: cells.pop(k) for k in _LINKAGE if k in cells}, number)
    group |= {key: str(cells.pop(key)).strip() for key in _STATED if key in cells}
    for name, value in cells.items():
        place = f"row {number}, column {name!r}"
        part, _, member = name.partition(".")
        if part == "traits":
            group.setdefault(part, {})[member] = _degree(value, place)
        elif part == "users_of":
            key = part if _yes(value, place) else "not_users_of"
            group.setdefault(key, []).append(member)
        else:
            key = "disclosed" if _yes(value, place) else "not_disclosed"
            group.setdefault(key, []).append(name)
    return {
        "id": group["id"] or f"victim_{number}",
        **{k: v for k, v in group.items() if k != "id"},
    }


def _published(group: dict[str, Any], number: int, left_out: list[Notice]) -> dict[str, Any] | None:
    """Return a group without what contradicts itself; None where nothing was published."""
    if not group.get("disclosed"):
        left_out.append(_left_out(f"row {number}", "no published field", "没有已公开的信息"))
        return None
    fields = load_fields()
    shown = set[str]().union(*(fields[f].implies for f in group["disclosed"] if f in fields))
    hidden = group.get("not_disclosed", [])
    left_out += [
        _left_out(f"row {number}, {f}", "a published field shows it", "已公开的信息即可显示该项")
        for f in hidden
        if f in shown
    ]
    if kept := [f for f in hidden if f not in shown]:
        group["not_disclosed"] = kept
    else:
        group.pop("not_disclosed", None)
    return group


def _left_out(place: str, en: str, zh: str) -> Notice:
    return Notice("left_out", Fixed({"en": f"{place} left out: {en}", "zh": f"{place} 略去：{zh}"}))


def _with_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let the first row be the plaintiff unless one says that it is; drop plaintiffs' linkage."""
    if rows and not any(row.get("plaintiff") for row in rows):
        rows[0]["plaintiff"] = True
        if rows[0]["id"] == "victim_1":
            rows[0]["id"] = "plaintiff"
    return [
        {k: v for k, v in row.items() if not (k == "linkage" and row.get("plaintiff"))}
        for row in rows
    ]


def _pooled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pool the rows of which the same is known; the first plaintiff stays alone."""
    pools: dict[str, dict[str, Any]] = {}
    first = next((row["id"] for row in rows if row.get("plaintiff")), None)
    for row in rows:
        key = repr(sorted((k, _comparable(v)) for k, v in row.items() if k not in ("id", "count")))
        key = f"{row['id']} alone" if row["id"] == first else key
        if key in pools:
            pools[key]["count"] = pools[key].get("count", 1) + row.get("count", 1)
        else:
            pools[key] = row
    return list(pools.values())


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted(value.items())
    return sorted(value, key=str) if isinstance(value, list) and value else value


def _is_empty(value: Any) -> bool:
    if value is None or (isinstance(value, str) and _normal(value) in _UNKNOWN):
        return True
    return (isinstance(value, float) and math.isnan(value)) or type(value).__name__ == "NAType"


def _yes(value: Any, place: str) -> bool:
    text = _normal(str(value))
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise InputError(
        f"{place}: neither yes, no nor empty; no personal value belongs in the table, only "
        "whether it was published"
    )


def _degree(value: Any, place: str) -> bool | float:
    text = _normal(str(value))
    if text in _YES | _NO:
        return text in _YES
    return _number(value, place)


def _number(value: Any, place: str) -> float:
    text = _normal(str(value))
    try:
        return float(text[:-1]) / 100.0 if text.endswith("%") else float(text)
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
