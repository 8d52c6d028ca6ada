"""Workbooks written with XlsxWriter: frozen headings, filters, widths, dates as dates, shares as percentages.

Text is always written as text: a cell that begins with ``=`` is no formula, a web address is no link.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from measureharmony.payers.variant import CANONICAL
from measureharmony.reports.content.content import Content
from measureharmony.reports.extra import reports_package
from measureharmony.reports.workbook.sheets import Look, Sheet, Value, sheets

#: The most that a spreadsheet takes: rows of a sheet with its heading, characters of a cell.
MOST_ROWS, MOST_CHARACTERS = 1_048_576, 32_767
_FORMATS: dict[Look, dict[str, object]] = {
    "text": {},
    "number": {"num_format": "#,##0"},
    "percent": {"num_format": "0.0%", "align": "right"},
    "points": {"num_format": "+0.0;-0.0;0.0"},
    "money": {"num_format": "#,##0.00"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left"},
}
#: So that equal content gives an equal file: the clock is no part of it.
_MADE = dt.datetime(2000, 1, 1)


def write_workbook(content: Content, path: Path, program: str = CANONICAL) -> Path:
    """Write one program's workbook, or with ``canonical`` the practice's; returns ``path``.

    A sheet holds at most 1,048,575 rows; further ones are left out, which its last row says. :class:`UsageError` where
    XlsxWriter is not installed.
    """
    xlsxwriter = reports_package("xlsxwriter")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": f"Quality report: {program}", "created": _MADE})
        looks = {look: book.add_format({"valign": "top", **given}) for look, given in _FORMATS.items()}
        head = book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom", "bg_color": "#F0F3F6"}
        )
        for sheet in sheets(content, program):
            _write_sheet(book.add_worksheet(sheet.name), sheet, looks, head)
    return path


def _write_sheet(page: Any, sheet: Sheet, looks: dict[Look, Any], head: Any) -> None:
    for place, column in enumerate(sheet.columns):
        page.write_string(0, place, column.title, head)
        page.set_column(place, place, column.width)
    rows = list(sheet.rows[: MOST_ROWS - 1])
    if len(rows) < len(sheet.rows):
        rows[-1] = ["further rows do not fit on a sheet", *[None] * (len(sheet.columns) - 1)]
    for line, row in enumerate(rows, 1):
        for place, (value, column) in enumerate(zip(row, sheet.columns, strict=True)):
            _write_cell(page, line, place, value, looks[column.look])
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(len(rows), 1), len(sheet.columns) - 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _write_cell(page: Any, line: int, place: int, value: Value, look: Any) -> None:
    match value:
        case None | "":
            return
        case bool():
            page.write_string(line, place, "yes" if value else "no", look)
        case int() | float():
            page.write_number(line, place, value, look)
        case dt.date():
            page.write_datetime(line, place, value, look)
        case str():
            page.write_string(line, place, value[:MOST_CHARACTERS], look)


__all__ = ["write_workbook"]
