"""Tables of victims: from a data frame, a spreadsheet or a file of text.

A table of victims has one row for each victim or group of like victims; its columns, in either
language and any case, are those of ``data/columns.yaml``, one for each field of personal data
and trait, and, by member, ``users_of.SERVICE``, ``since.FIELD`` and ``until.FIELD``. A field is
*yes* where it was published, *no* where it was not, *redacted* where it was shown blacked out,
and empty where it is not known.

The first row is the plaintiff unless a column says otherwise. Like rows are pooled. No personal
value belongs in it: the table says *whether* a phone number was published.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causation.case.filled import Notice
from causation.case.headings import heading_of, load_columns, unknown_heading
from causation.case.library import load_fields
from causation.case.rows import Row, is_blank, read_row
from causation.case.sheets import Grid, column_name, read_grid
from causation.document.checking import IDENTIFIER
from causation.document.problems import InvalidCaseError, format_path
from causation.document.shipped import said
from causation.errors import CaseError, InputError

if TYPE_CHECKING:
    import pandas as pd

_RULE = re.compile(r"[\s\-‐-―_=*·.|+~#]*")
"""A cell with nothing but the strokes of a drawn border."""
_HEAD = 20
"""Rows from the top among which the headings are looked for."""


@dataclass(frozen=True, slots=True)
class Table:
    """Groups of victims, as a case file has them, and what of the table was left out.

    ``rows`` has the numbers of the rows of each group; ``services`` the custodians that the table
    names, with their names there: one that cannot be an identifier is called ``service_1`` and so
    on.
    """

    groups: tuple[Mapping[str, Any], ...]
    left_out: tuple[Notice, ...] = ()
    rows: tuple[tuple[int, ...], ...] = ()
    services: Mapping[str, str] = field(default_factory=dict)
    file: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the groups name, sorted."""
        keys = ("disclosed", "not_disclosed", "redacted")
        return tuple(sorted({f for g in self.groups for key in keys for f in g.get(key, ())}))

    def located(self, error: InvalidCaseError) -> CaseError:
        """Return an error of the case that the groups made, by the row of the table."""
        loc = error.problems[0].loc
        if len(loc) < 2 or loc[0] != "victims" or not self.rows:
            return error
        place = f"row {self.rows[int(loc[1])][0]}"
        path = f"{place}, {format_path(loc[2:])}" if loc[2:] else place
        return CaseError(
            error.problem, file=self.file, path=path, found=error.found, allowed=error.allowed
        )


def read_victims(
    victims: pd.DataFrame | str | Path, *, sheet: str | None = None, fields: Collection[str] = ()
) -> Table:
    """Read a table of victims.

    Parameters
    ----------
    victims : DataFrame or path
        See the module for its columns. Of a data frame, an index named ``id`` counts as that
        column; a file is csv, tsv or xlsx.
    sheet : str, optional
        Sheet of a workbook, the first by default.
    fields : collection of str, optional
        Fields that the case defines itself.

    Returns
    -------
    Table
        One group for all rows of which the same is known, the first plaintiff alone; without
        ``id`` they are ``plaintiff``, ``victim_2`` and so on.

    Raises
    ------
    InputError
        If a heading is not known, a cell holds what it cannot, or no victim is left.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"phone": ["yes", "yes"], "email": ["no", None]})
    >>> [group["id"] for group in read_victims(table).groups]
    ['plaintiff', 'victim_2']
    """
    if isinstance(victims, str | Path):
        return _Reader(read_grid(victims, sheet=sheet), fields).table()
    if victims.index.name == "id":
        victims = victims.reset_index()
    cells = victims.itertuples(index=False, name=None)
    rows = ((0, tuple(victims.columns)), *enumerate(cells, start=1))
    return _Reader(Grid(None, rows), fields).table()


class _Reader:
    """Reads the rows of a grid as groups of victims."""

    def __init__(self, grid: Grid, own: Collection[str]) -> None:
        self._grid, self._file, self._own = grid, grid.file, own
        self._top = _head(grid, own)
        self._body = grid.rows[self._top + 1 :]
        self._keys = self._headings()
        self._left_out: list[Notice] = []

    def table(self) -> Table:
        """Return the groups, and what was left out."""
        self._refuse_spread()
        rows = self._rows()
        kept = [row for row in rows if self._is_published(row)]
        self._choose_plaintiff(rows, kept)
        self._name(rows)
        if not kept:
            raise self._error("no victim is left in the table", *self._left_out[:5])
        groups, numbers = _pooled(kept)
        if self._file:
            first = next(group for group in groups if group.get("plaintiff"))
            groups = [
                {"id": group["id"], **({} if group is first else {"label": _label(n)}), **group,
                 "note": _note(n)}
                for group, n in zip(groups, numbers, strict=True)
            ]  # fmt: skip
        groups, services = _with_services(groups, self._keys)
        left_out = tuple(self._left_out)
        return Table(tuple(groups), left_out, tuple(numbers), services, self._file)

    def _error(self, text: str, *more: Notice) -> InputError:
        head = f"{self._file}: {text}" if self._file else text
        return InputError("; ".join([head, *(notice.text["en"] for notice in more)]))

    def _leave_out(self, id: str, **names: Any) -> None:
        self._left_out.append(Notice("left_out", said("left_out", id, **names)))

    def _headings(self) -> list[str]:
        if not self._grid.rows:
            raise self._error("the table is empty")
        keys: list[str] = []
        for index, text in enumerate(self._grid.rows[self._top][1]):
            place = f"column {column_name(index)}"
            if is_blank(text):
                if any(not is_blank(cell) for _, row in self._body for cell in row[index:][:1]):
                    raise self._error(f"{place}: it has values and no heading")
                keys.append("")
                continue
            key = heading_of(str(text), own=self._own)
            if key is None:
                raise unknown_heading(f"{self._file}: {place}" if self._file else place, str(text))
            if key in keys:
                raise self._error(f"{place}: {key!r} stands twice in the table of victims")
            keys.append(key)
        if not any(keys):
            raise self._error("the table is empty")
        return keys

    def _refuse_spread(self) -> None:
        """Refuse merged cells where what they hold belongs to one row alone."""
        for row, column in sorted(self._grid.spread):
            if row > self._top and column < len(self._keys) and self._keys[column] in {
                "id", "count",
            }:  # fmt: skip
                raise self._error(
                    f"row {self._grid.rows[row][0]}, column {self._keys[column]!r}: merged cells; "
                    "each row needs its own"
                )

    def _rows(self) -> list[Row]:
        rows, blank = [], []
        head = self._grid.rows[self._top][1]
        for number, cells in self._body:
            if all(is_blank(c) or _RULE.fullmatch(str(c)) for c in cells):
                blank.append(number)
            elif tuple(cells) == tuple(head):
                self._leave_out("heading", row=number)
            else:
                rows.append(self._row(number, cells))
        if self._grid.file and (inside := [n for n in blank if rows and n < rows[-1].number]):
            self._leave_out("empty", row=_spans(inside))
        for key in (k for k in self._keys if k in load_columns() and load_columns()[k].ignored):
            self._leave_out("column", column=load_columns()[key].heading)
        if not rows:
            raise self._error("the table has headings and no rows")
        return rows

    def _row(self, number: int, cells: Sequence[object]) -> Row:
        try:
            return read_row(number, self._keys, cells, own=self._own, leave_out=self._leave_out)
        except InputError as error:
            raise self._error(str(error)) from None

    def _is_published(self, row: Row) -> bool:
        """Say whether something was published; leave out what contradicts it."""
        group, fields = row.group, load_fields()
        disclosed, hidden = group.get("disclosed", ()), group.pop("not_disclosed", [])
        if not disclosed and group.get("known_by") != "attempt":
            self._leave_out("unpublished", row=row.number)
            return False
        shown = set[str]().union(*(fields[f].implies for f in disclosed if f in fields))
        for name in (f for f in hidden if f in shown):
            label = fields[name].label["zh"]
            self._leave_out("implied", row=row.number, field=name, label=label)
        if kept := [f for f in hidden if f not in shown]:
            group["not_disclosed"] = kept
        return True

    def _choose_plaintiff(self, rows: list[Row], kept: list[Row]) -> None:
        """Let the first row be the plaintiff unless one says that it is."""
        chosen = [row for row in rows if row.plaintiff]
        if not chosen:
            chosen = [row for row in rows if row.plaintiff is None][:1]
        if not chosen:
            raise self._error("no row is the plaintiff; say yes in one of them")
        if chosen[0] not in kept:
            raise self._error(
                f"row {chosen[0].number}: the plaintiff, of whom nothing was published"
            )
        for row in chosen:
            row.group["plaintiff"] = True
            row.group.pop("linkage", None)
        chosen[0].group.pop("known_by", None)
        if not chosen[0].group["id"] and chosen[0] is rows[0]:
            chosen[0].group["id"] = "plaintiff"

    def _name(self, rows: list[Row]) -> None:
        """Give every row an id of its own."""
        seen: dict[str, int] = {}
        for row in rows:
            name = row.group["id"] or f"victim_{row.number}"
            if name in seen:
                raise self._error(
                    f"row {row.number}, column 'id': the same as in row {seen[name]}; each row is "
                    "one victim, or a group with a count"
                )
            seen[name] = row.number
            row.group["id"] = name


def _head(grid: Grid, own: Collection[str]) -> int:
    """Place of the headings: the first row that is mostly such, else the first filled."""
    if grid.file is None:
        return 0
    rows = ([c for c in cells if not is_blank(c)] for _, cells in grid.rows)
    filled = [(index, cells) for index, cells in enumerate(rows) if cells]
    for index, cells in filled[:_HEAD]:
        if 2 * sum(heading_of(str(cell), own=own) is not None for cell in cells) > len(cells):
            return index
    return filled[0][0] if filled else 0


def _spans(numbers: Sequence[int]) -> str:
    """Write ascending numbers, neighbours as a span."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    return ", ".join("–".join(map(str, span)) for span in spans)


def _pooled(rows: Sequence[Row]) -> tuple[list[dict[str, Any]], list[tuple[int, ...]]]:
    """Pool the rows of which the same is known; the first plaintiff stays alone."""
    pools: dict[str, list[Row]] = {}
    first = next(row for row in rows if row.group.get("plaintiff"))
    for row in rows:
        stated = {k: v for k, v in row.group.items() if k not in ("id", "count")}
        pools.setdefault("first" if row is first else repr(_comparable(stated)), []).append(row)
    for pool in pools.values():
        if len(pool) > 1:
            pool[0].group["count"] = sum(row.group.get("count", 1) for row in pool)
    numbers = [tuple(row.number for row in pool) for pool in pools.values()]
    return [pool[0].group for pool in pools.values()], numbers


def _label(numbers: Sequence[int]) -> dict[str, str]:
    """Call a group by the rows that it was made from."""
    rows = _spans(numbers)
    return {"en": f"row{'s'[: len(numbers) > 1]} {rows}", "zh": f"第{rows.replace(', ', '、')}行"}


def _note(numbers: Sequence[int]) -> dict[str, str]:
    """Say from which rows a group was made."""
    words = _label(numbers)
    return {"en": f"{words['en']} of the table", "zh": f"表格{words['zh']}"}


def _with_services(
    groups: Sequence[Mapping[str, Any]], keys: Sequence[str]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Give the services that groups and columns name identifiers; return both."""
    named = [key.removeprefix("users_of.") for key in keys if key.startswith("users_of.")]
    listed = [(group, key) for group in groups for key in ("users_of", "not_users_of")]
    listed += [(k, "users_of") for g in groups if isinstance(k := g.get("known_by"), Mapping)]
    named += [name for place, key in listed for name in place.get(key, ())]
    ids = {
        name: name if re.fullmatch(IDENTIFIER, name) else f"service_{index}"
        for index, name in enumerate(dict.fromkeys(named), start=1)
    }

    def renamed(part: Mapping[str, Any]) -> dict[str, Any]:
        """Write the identifiers into a group, or into what lists it."""
        found = {**part}
        for key in ("users_of", "not_users_of"):
            if key in found:
                found[key] = [ids[name] for name in found[key]]
        if isinstance(found.get("known_by"), Mapping):
            found["known_by"] = renamed(found["known_by"])
        return found

    return [renamed(group) for group in groups], {id: name for name, id in ids.items()}


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((key, _comparable(inner)) for key, inner in value.items())
    return sorted(value, key=str) if isinstance(value, list) else value
