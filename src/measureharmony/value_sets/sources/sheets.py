"""Spreadsheets and text tables as sheets of cells, every row with the number that people see beside it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from measureharmony.value_sets.complaints import Complaints

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

#: Kinds of file that hold code tables.
WORKBOOKS = (".xlsx", ".xls")
TEXTS = (".csv", ".tsv")
#: What the cells of a CSV file may be divided by; the first one counts where it is not clear.
DELIMITERS = (",", ";", "\t", "|")
TABLES = (*WORKBOOKS, *TEXTS)


class NumberCell(str):
    """The text of a cell that holds a number: whatever zeros it once began with, and digits past the 15th, are gone."""

    __slots__ = ()


#: Cells merged into one: first row, first column, last row, last column, all counted from 1.
Merged = tuple[int, int, int, int]


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name (empty for a text file), and its rows as (number counted from 1, cells without blanks around
    them). Rows without any text are left out. Of ``merged`` cells only the first holds the text.
    """

    name: str
    rows: tuple[tuple[int, list[str]], ...]
    merged: tuple[Merged, ...] = ()


def read_sheets(complaints: Complaints) -> tuple[Sheet, ...]:
    """The sheets of the complaints' file; none, with a complaint, when it cannot be read."""
    if complaints.path.suffix.lower() in WORKBOOKS:
        return _workbook(complaints)
    text = complaints.read_text()
    if text is None:
        return ()
    delimiter = "\t" if complaints.path.suffix.lower() == ".tsv" else _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return (Sheet("", tuple(_filled((reader.line_num, [cell.strip() for cell in cells]) for cells in reader))),)


def _delimiter(text: str) -> str:
    """What a text table's first line is divided by: semicolons where the decimal comma is written, pipes, or commas."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    cells = {mark: len(next(csv.reader([first], delimiter=mark))) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: cells[mark])


def _workbook(complaints: Complaints) -> tuple[Sheet, ...]:
    # Here, so that only those who load a workbook wait for it.
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with CalamineWorkbook.from_path(complaints.path) as workbook:
            names = workbook.sheet_names
            sheets = [workbook.get_sheet_by_name(name) for name in names]
            read = [(sheet.name, sheet.to_python(skip_empty_area=False), _merged(sheet)) for sheet in sheets]
    except PasswordError:
        fix = "open it, remove the password, and save it again"
        complaints.add(0, "unreadable", "the workbook is protected by a password", fix)
        return ()
    except (CalamineError, OSError) as error:
        fix = "fetch it again, or open it in a spreadsheet program and save it as .xlsx"
        complaints.add(0, "unreadable", f"the file is no workbook that can be read ({error})", fix)
        return ()
    return tuple(
        Sheet(name, tuple(_filled((number, [*map(_text, cells)]) for number, cells in enumerate(grid, 1))), merged)
        for name, grid, merged in read
    )


def _merged(sheet: CalamineSheet) -> tuple[Merged, ...]:
    """The merged cells of a sheet; calamine counts from 0."""
    ranges = sheet.merged_cell_ranges or ()
    return tuple((top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in ranges)


def _filled(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    return (row for row in rows if any(row[1]))


def _text(cell: object) -> str:
    """A cell as people would write it: whole numbers without decimals, dates as 2026-12-31."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return NumberCell(int(cell) if cell.is_integer() else cell)
    if isinstance(cell, int):
        return NumberCell(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        cell = cell.date()
    return str(cell).strip()


__all__ = ["TABLES", "Merged", "NumberCell", "Sheet", "read_sheets"]
