"""The file itself: rows in the payer's columns, and a list of what was left out of it and why."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from measureharmony.reports.extra import reports_package
from measureharmony.reports.file_names import file_stem
from measureharmony.reports.safe_cells import safe_cell, safe_table
from measureharmony.reports.supplemental.profile import Column, Form, PayerProfile

_CHUNK = 10_000
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
#: Columns of the list of what was left out.
LEFT_OUT = ("event_id", "measure", "column", "why")


@dataclass(frozen=True)
class SupplementalData:
    """A file in a payer's form: its ``rows`` (text, a column for each of the profile's), and what is ``left_out``.

    Rows that say the same are one row. ``found`` counts the pieces of evidence; each is in the file, or left out.
    """

    profile: PayerProfile
    name: str
    rows: pa.Table
    left_out: pa.Table
    found: int

    @classmethod
    def of(cls, profile: PayerProfile, name: str, content: pa.Table) -> SupplementalData:
        """The file of evidence; ``content`` has a column for everything that a profile can ask for."""
        cells = {column.heading: _cells(column, content) for column in profile.columns}
        complete = pa.repeat(pa.scalar(True), content.num_rows)
        left = []
        unflagged = pc.is_null(content["source_flag"])
        if profile.source_flags:
            left.append(_left_out(content.filter(unflagged), "", "the payer takes no evidence from this source"))
            complete = pc.and_(complete, pc.invert(unflagged).combine_chunks())
        for column in profile.columns:
            if column.required:
                empty = pc.equal(pc.fill_null(cells[column.heading], ""), "").combine_chunks()
                lacking = content.filter(pc.and_(empty, complete))
                left.append(_left_out(lacking, column.heading, "a required cell would be empty"))
                complete = pc.and_(complete, pc.invert(empty))
        rows = pa.table(cells).filter(complete)
        rows = rows.group_by(rows.column_names, use_threads=False).aggregate([])
        out = pa.concat_tables(left) if left else _left_out(content.slice(0, 0), "", "")
        return cls(profile, file_stem(name), rows, out, content.num_rows)

    def write(self, folder: str | Path) -> list[Path]:
        """Write the file, and ``<name>_left_out.csv`` where something was left out; returns the paths."""
        target, form = Path(folder), self.profile.file
        target.mkdir(parents=True, exist_ok=True)
        paths = [target / f"{self.name}.{form.kind}"]
        if form.kind == "xlsx":
            _write_workbook(paths[0], form, self.rows)
        else:
            with paths[0].open("w", encoding="utf-8", newline="") as file:
                _write_text(file, form, self.rows)
        if self.left_out.num_rows:
            paths.append(target / f"{self.name}_left_out.csv")
            pa_csv.write_csv(safe_table(self.left_out), paths[1])
        return paths

    def __repr__(self) -> str:
        told = f"{self.rows.num_rows:,} rows of {self.found:,} pieces of evidence, {self.left_out.num_rows:,} left out"
        return f"{self.name}: {told}"


def _cells(column: Column, content: pa.Table) -> pa.ChunkedArray:
    if column.from_ is None:
        return pa.chunked_array([pa.repeat(pa.scalar(column.value, pa.string()), content.num_rows)])
    cells = content[column.from_]
    for word, instead in column.words.items():
        cells = pc.if_else(pc.fill_null(pc.equal(cells, word), False), instead, cells)
    return cells


def _left_out(content: pa.Table, column: str, why: str) -> pa.Table:
    count = content.num_rows
    cells = (content["event_id"], content["measure"], *(pa.repeat(pa.scalar(word), count) for word in (column, why)))
    return pa.table(dict(zip(LEFT_OUT, cells, strict=True)))


def _lines(form: Form, rows: pa.Table) -> Iterator[Sequence[str]]:
    if form.header:
        yield rows.column_names
    for start in range(0, rows.num_rows, _CHUNK):
        columns = [column.to_pylist() for column in rows.slice(start, _CHUNK).columns]
        for cells in zip(*columns, strict=True):
            yield [cell or "" for cell in cells]


def _write_text(file: TextIO, form: Form, rows: pa.Table) -> None:
    writer = csv.writer(file, delimiter=form.delimiter, lineterminator="\n")
    for line in _lines(form, rows):
        writer.writerow([neutral(cell) for cell in line] if form.neutralise else line)


def neutral(cell: str) -> str:
    """``cell`` with an apostrophe before it if a spreadsheet would run it; numbers stay as they are.

    >>> neutral("=1+1"), neutral("-7.5"), neutral("Ann")
    ("'=1+1", '-7.5', 'Ann')
    """
    return cell if _NUMBER.fullmatch(cell) else safe_cell(cell)


def _write_workbook(path: Path, form: Form, rows: pa.Table) -> None:
    with reports_package("xlsxwriter").Workbook(path, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(form.sheet)
        for number, line in enumerate(_lines(form, rows)):
            for place, cell in enumerate(line):
                sheet.write_string(number, place, cell)


__all__ = ["LEFT_OUT", "SupplementalData", "neutral"]
