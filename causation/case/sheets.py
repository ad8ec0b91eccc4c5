"""Cells of spreadsheets and of tables in text files, by the row numbers that their users see."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from causation.document.problems import listing, nearest
from causation.document.reading import read_file, shown_file
from causation.errors import InputError

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx")
"""What a table of victims may be."""
MAX_ROWS = 100_000
"""Most rows of a sheet, empty ones with a format included."""
_LARGEST = 200_000_000
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SEPARATORS = ",;\t，；"


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells, each with its number; ``file`` is None for a table that was made in code.

    ``spread`` are the places, by row and column from 0, of cells that repeat a merged cell's value.
    """

    file: str | None
    rows: tuple[tuple[int, tuple[object, ...]], ...]
    spread: frozenset[tuple[int, int]] = frozenset()


def column_name(index: int) -> str:
    """Name a column as a spreadsheet does.

    Examples
    --------
    >>> column_name(0), column_name(27)
    ('A', 'AB')
    """
    name, left = "", index + 1
    while left:
        left, letter = divmod(left - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def read_grid(path: str | Path, *, sheet: str | None = None) -> Grid:
    """Read the cells of a csv, tsv or xlsx file.

    Parameters
    ----------
    path : str or Path
        Text is UTF-8, UTF-16 with its mark, or GB 18030 as some programs write it; its separator
        is found, or named by a first line ``sep=;``.
    sheet : str, optional
        Sheet of a workbook, the first by default.

    Raises
    ------
    InputError
        If there is no such file, sheet, or it is no such table.
    """
    file = Path(path)
    suffix = file.suffix.lower()
    name = shown_file(file)
    if suffix not in SUFFIXES:
        raise InputError(f"{name}: not a table of victims; allowed: {', '.join(SUFFIXES)}")
    if suffix == ".xlsx":
        return _workbook(name, read_file(file), sheet)
    if sheet is not None:
        raise InputError(f"{name}: only a workbook (.xlsx) has sheets")
    return Grid(name, tuple(_text_rows(name, read_file(file))))


def _text_rows(file: str, data: bytes) -> Iterator[tuple[int, tuple[object, ...]]]:
    text, separator = _decoded(file, data), ""
    if text[:4].lower() == "sep=":
        first, _, text = text.partition("\n")
        separator = first.strip('\r\n"')[4:5]
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = separator or max(_SEPARATORS, key=head.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        for number, row in enumerate(reader, start=1):
            yield number, tuple(cell.strip() or None for cell in row)
    except csv.Error:
        raise InputError(f"{file}: not a table of text") from None


def _decoded(file: str, data: bytes) -> str:
    marked = [name for mark, name in _MARKS.items() if data.startswith(mark)]
    for encoding in (*marked, "utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{file}: neither UTF-8, UTF-16 nor GB 18030 text")


def _workbook(name: str, data: bytes, sheet: str | None) -> Grid:
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size <= _LARGEST:
            books = [openpyxl.load_workbook(io.BytesIO(data), data_only=b) for b in (True, False)]
    except Exception as error:  # noqa: BLE001 - a broken workbook fails in many ways
        raise InputError(f"{name}: not a workbook: {type(error).__name__}") from None
    if size > _LARGEST:
        raise InputError(f"{name}: the workbook is too large")
    values, formulas = (_sheet(name, book, sheet) for book in books)
    if values.max_row > MAX_ROWS:
        raise InputError(f"{name}: more than {MAX_ROWS} rows; delete the formats below the table")
    filled = (cell for row in values.iter_rows() for cell in row if cell.value is not None)
    cells = {(cell.row, cell.column): cell.value for cell in filled}
    for cell in (cell for row in formulas.iter_rows() for cell in row if cell.data_type == "f"):
        if (cell.row, cell.column) not in cells:
            raise InputError(
                f"{name}: row {cell.row}, column {column_name(cell.column - 1)}: a formula "
                "without its value; open and save the file in a spreadsheet program"
            )
    if not cells:
        raise InputError(
            f"{name}: the sheet {_quoted(values.title)} has no rows; name another one (--sheet); "
            f"sheets: {', '.join(_quoted(title) for title in books[0].sheetnames)}"
        )
    spread = _fill_merged(values, cells)
    width = max(column for _, column in cells)
    rows = tuple(
        (row, tuple(cells.get((row, column)) for column in range(1, width + 1)))
        for row in range(1, max(row for row, _ in cells) + 1)
    )
    return Grid(name, rows, frozenset((row - 1, column - 1) for row, column in spread))


def _quoted(title: str) -> str:
    return repr(title if title.isprintable() else ascii(title)[1:-1])


def _sheet(file: str, book: Any, name: str | None) -> Any:
    if name is None:
        return book.worksheets[0]
    titles = [sheet.title for sheet in book.worksheets]
    if name not in titles:
        raise InputError(
            f"{file}: there is no such sheet; found {nearest(name, titles)}; allowed: "
            f"{listing(titles)}"
        )
    return book[name]


def _fill_merged(sheet: Any, cells: dict[tuple[int, int], Any]) -> set[tuple[int, int]]:
    """Give every part of a merged cell its value; return the parts that had none of their own."""
    spread = set()
    for area in sheet.merged_cells.ranges:
        value = cells.get((area.min_row, area.min_col))
        if value is None:
            continue
        for row in range(area.min_row, min(area.max_row, MAX_ROWS) + 1):
            for column in range(area.min_col, min(area.max_col, 1_000) + 1):
                if (row, column) not in cells:
                    cells[row, column] = value
                    spread.add((row, column))
    return spread
