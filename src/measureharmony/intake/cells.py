"""The cells of a payer's file: each with its place, merged cells read as one, and what became of every one of them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from measureharmony.errors import Issue, MeasureHarmonyError, shown
from measureharmony.value_sets.complaints import Complaints
from measureharmony.value_sets.sources.sheets import TABLES, Merged, NumberCell, Sheet, read_sheets

#: What became of a cell, or of one of the facts in it.
Result = Literal["placed", "equal", "read", "kept", "ignored", "not understood"]
RESULTS: tuple[Result, ...] = get_args(Result)
#: What stands in a cell whose formula failed.
_FORMULA_ERRORS = ("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!")


class IntakeError(MeasureHarmonyError):
    """A payer's file or its mapping profile cannot be used; ``issues`` holds every problem found."""

    def __init__(self, issues: Iterable[Issue]):
        self.issues: tuple[Issue, ...] = tuple(sorted(set(issues)))
        super().__init__("\n".join(str(issue) for issue in self.issues))


class IntakeComplaints(Complaints):
    """Problems of a payer's file."""

    family = "intake"


@dataclass(frozen=True, order=True)
class Cell:
    """One cell with text: its sheet (empty for a text file), row and column (from 1), and the text without blanks."""

    sheet: str
    row: int
    column: int
    text: str = field(compare=False)
    is_number: bool = field(default=False, compare=False)

    @property
    def letter(self) -> str:
        """The column as spreadsheets name it.

        >>> Cell("", 1, 28, "x").letter
        'AB'
        """
        return letter(self.column)

    @property
    def address(self) -> str:
        """The cell as spreadsheets name it: ``Measures!C5``; ``C5`` in a text file."""
        return f"{self.sheet}!{self.letter}{self.row}" if self.sheet else f"{self.letter}{self.row}"

    @property
    def is_broken(self) -> bool:
        """Whether the cell's formula failed."""
        return self.text.startswith(_FORMULA_ERRORS)


def letter(column: int) -> str:
    """The name of a column, counted from 1, as spreadsheets have it."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


@dataclass(frozen=True)
class Grid:
    """One sheet as cells. ``merged`` are the areas that look like one cell; their text stands in the first."""

    name: str
    cells: Mapping[tuple[int, int], Cell]
    merged: tuple[Merged, ...] = ()

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """The rows that hold any text."""
        return tuple(sorted({row for row, _ in self.cells}))

    @cached_property
    def _covered(self) -> Mapping[tuple[int, int], Cell]:
        return {
            (row, column): self.cells[top, left]
            for top, left, bottom, right in self.merged
            if (top, left) in self.cells
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        }

    def own(self, row: int) -> list[Cell]:
        """The cells that begin in a row, from left to right."""
        return [self.cells[key] for key in sorted(self.cells) if key[0] == row]

    def at(self, row: int, column: int) -> Cell | None:
        """What a reader sees at a place: the cell itself, or the merged one that covers it."""
        return self.cells.get((row, column)) or self._covered.get((row, column))

    def seen(self, row: int) -> dict[int, Cell]:
        """What a reader sees in a row, by column."""
        columns = {column for place, column in (*self.cells, *self._covered) if place == row}
        return {column: cell for column in sorted(columns) if (cell := self.at(row, column)) is not None}

    def spans_across(self, row: int) -> bool:
        """Whether some cell of the row covers several columns, but not the whole table."""
        width = max(column for _, column in self.cells)
        return any(
            top <= row <= bottom and left < right and right - left + 1 < width
            for top, left, bottom, right in self.merged
        )


def read_grids(path: Path) -> tuple[Grid, ...]:
    """The sheets of a workbook or text table that hold any text; :class:`IntakeError` when it cannot be read."""
    complaints = IntakeComplaints(path)
    if path.suffix.lower() not in TABLES:
        fix = f"give a file of one of the kinds {', '.join(TABLES)}; copy a PDF's table into one"
        complaints.add(0, "kind-of-file", f"files that end in '{path.suffix}' are not read here", fix)
        raise IntakeError(complaints.issues)
    try:
        sheets = read_sheets(complaints)
    except csv.Error as error:
        complaints.add(0, "unreadable", f"the file is no table of text ({error})", "save it again as CSV, UTF-8")
    if complaints.issues:
        raise IntakeError(complaints.issues)
    grids = tuple(_grid(sheet) for sheet in sheets if sheet.rows)
    if not grids:
        complaints.add(0, "empty", "no cell of the file holds any text", "save it again with its measures")
        raise IntakeError(complaints.issues)
    return grids


def _grid(sheet: Sheet) -> Grid:
    cells = {
        (row, column): Cell(sheet.name, row, column, " ".join(text.split()), isinstance(text, NumberCell))
        for row, texts in sheet.rows
        for column, text in enumerate(texts, 1)
        if text.strip()
    }
    return Grid(sheet.name, cells, sheet.merged)


@dataclass(frozen=True)
class Account:
    """What became of one cell: the heading that it stands under, and of each fact in it the result and what it says."""

    cell: Cell
    heading: str
    facts: tuple[tuple[Result, str], ...]

    @property
    def result(self) -> str:
        """The cell in one word; ``partly placed`` where some of it is not understood."""
        found = {result for result, _ in self.facts}
        if "not understood" in found:
            return "partly placed" if found & {"placed", "equal"} else "not understood"
        return next(result for result in RESULTS if result in found)

    @property
    def what(self) -> str:
        """What became of it, in words."""
        return "; ".join(dict.fromkeys(text for _, text in self.facts if text))


class Ledger:
    """Every cell of the file, and what became of it. A cell that nobody spoke of counts as not understood."""

    def __init__(self, path: Path, grids: Iterable[Grid]):
        self.file = shown(path)
        self._facts: dict[Cell, list[tuple[Result, str]]] = {
            cell: [] for grid in grids for _, cell in sorted(grid.cells.items())
        }
        self._headings: dict[Cell, str] = {}

    def note(self, cell: Cell, result: Result, what: str, heading: str = "") -> None:
        """Write down what became of a cell, or of a fact in it."""
        if (result, what) not in self._facts[cell]:
            self._facts[cell].append((result, what))
        if heading:
            self._headings.setdefault(cell, heading)

    def note_heading(self, cell: Cell, heading: str) -> None:
        """Write down the heading that a cell stands under."""
        self._headings.setdefault(cell, heading)

    def accounts(self) -> Iterator[Account]:
        """One for each cell, in reading order."""
        for cell, facts in self._facts.items():
            nobody: list[tuple[Result, str]] = [("not understood", "nothing was made of it")]
            yield Account(cell, self._headings.get(cell, ""), tuple(facts or nobody))


__all__ = [
    "RESULTS", "Account", "Cell", "Grid", "IntakeComplaints", "IntakeError", "Ledger", "Result", "letter", "read_grids",
]  # fmt: skip
