"""What became of every cell: as a table (CSV), as a page (Markdown), and in a terminal."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from measureharmony.errors import Issue
from measureharmony.intake.cells import Account, Cell
from measureharmony.intake.drafts import shortened
from measureharmony.measures.plain_words import how_many
from measureharmony.reports.safe_cells import safe_cell

if TYPE_CHECKING:
    from measureharmony.intake.intake import Intake, Suggested

REPORT_CSV, REPORT_PAGE = "intake-report.csv", "intake-report.md"
COLUMNS = ("sheet", "row", "column", "heading", "text", "result", "what", "measure")
#: The results of cells in the order of the report, and what they mean.
MEANING = {
    "placed": "became a change, or part of one",
    "equal": "says what the canonical measure says",
    "partly placed": "some of it became a change; the rest is for a person",
    "not understood": "for a person to place",
    "read": "a heading, or the name of a measure",
    "kept": "kept as a comment of a draft",
    "ignored": "left out, for the reason given",
}
_FOR_PEOPLE = ("partly placed", "not understood")
#: So many cells are listed in a terminal.
_LISTED = 12


def counts(accounts: Iterable[Account]) -> dict[str, int]:
    """How many cells had which result, in the order of :data:`MEANING`."""
    found = Counter(account.result for account in accounts)
    return {result: found[result] for result in MEANING if found[result]}


def report_csv(intake: Intake) -> str:
    """One line for each cell of the file, in reading order."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in intake.accounts:
        cell = one.cell
        keys = " ".join(intake.measures_of.get(cell, ()))
        # The payer's own words come back into a spreadsheet.
        theirs = [safe_cell(text) for text in (one.heading, cell.text, one.what)]
        writer.writerow([safe_cell(cell.sheet), cell.row, cell.letter, *theirs[:2], one.result, theirs[2], keys])
    return text.getvalue()


def report_page(intake: Intake) -> str:
    """The same for people: which measures, what was written, what is left to do, and the sum of all cells."""
    lines = [f"# Intake of {intake.document}", "", *_sums(intake), "", "## Measures", ""]
    lines += ["| the sheet | measure | why | changes |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in _measures(intake)]
    lines += ["", "## To be placed by a person", ""]
    left = [one for one in intake.accounts if one.result in _FOR_PEOPLE]
    lines += ["| cell | text | why |", "|---|---|---|"] if left else ["Nothing."]
    lines += [f"| {one.cell.address} | {_cell(shortened(one.cell.text))} | {_cell(_open(one))} |" for one in left]
    lines += ["", "## Changes", ""]
    for draft in intake.drafts:
        lines += [f"**{draft.measure.title}** (`{draft.key}.yaml`)", ""]
        lines += [f"- {said.what}, from {said.fact.cell.address}" for said, _ in draft.changes] or ["- none"]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _sums(intake: Intake) -> list[str]:
    found = counts(intake.accounts)
    total = sum(found.values())
    lines = [f"{total} cells with text, {total} accounted for ({REPORT_CSV} has each):", ""]
    return lines + [f"- {number} {result}: {MEANING[result]}" for result, number in found.items()]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _open(account: Account) -> str:
    """What of a cell is left for a person."""
    return "; ".join(what for result, what in account.facts if result == "not understood")


def _measures(intake: Intake) -> Iterator[tuple[str, str, str, str]]:
    """For each row of the sheet: its name, our measure, why, and the number of changes of that measure's draft."""
    changes = {draft.key: len(draft.changes) for draft in intake.drafts}
    for one in intake.suggested:
        found = one.suggestion
        count = str(changes.get(found.key or "", "")) or "–"
        yield _called(one), found.key or "–", _why(one), count


def _called(one: Suggested) -> str:
    rate = f", {one.row.rate.text}" if one.row.rate and one.row.name else ""
    identifier = f"{one.row.id.text}: " if one.row.id and one.row.name else ""
    return f"{identifier}{one.name}{rate}"


def _why(one: Suggested) -> str:
    found = one.suggestion
    near = f"; nearest {found.others[0]}" if found.others and found.key is None else ""
    return f"{found.why}{near}"


# --- in a terminal ----------------------------------------------------------------------------------------------------


def shown(intake: Intake, problems: Iterable[Issue]) -> RenderableType:
    """The measures, what a person has to place, and the sum of all cells."""
    parts: list[RenderableType] = [_measure_table(intake)]
    left = _left(intake)
    if left:
        parts.append(_left_table(left[:_LISTED]))
    if len(left) > _LISTED:
        more = sum(len(cells) for cells in left[_LISTED:])
        parts.append(Text(f"and {more} more cells: see {REPORT_CSV}\n", style="dim"))
    found = counts(intake.accounts)
    told = ", ".join(f"{number} {result}" for result, number in found.items())
    parts.append(Text(f"{sum(found.values())} cells accounted for: {told}"))
    wrong = [issue for issue in problems if not issue.code.startswith("hint-")]
    changes = sum(len(draft.changes) for draft in intake.drafts)
    if intake.drafts:
        state = "they pass validate" if not wrong else f"validate finds {how_many(len(wrong), 'problem')}"
        drafted = f"{how_many(changes, 'change')} in {how_many(len(intake.drafts), 'overlay draft')}"
        parts.append(Text(f"{drafted}, all of them guesses until confirmed; {state}"))
    parts += [Text(str(issue)) for issue in wrong]
    return Group(*parts)


def _measure_table(intake: Intake) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("The sheet", overflow="fold", ratio=3)
    table.add_column("Measure", no_wrap=True)
    table.add_column("Why", overflow="fold", ratio=4, style="dim")
    table.add_column("Changes", justify="right", no_wrap=True)
    for called, key, why, count in _measures(intake):
        table.add_row(called, Text(key, style="bold" if key != "–" else "bold red"), why, count)
    return table


def _left(intake: Intake) -> list[list[Account]]:
    """The cells that a person has to place; those of a row that has no measure belong together."""
    left = (one for one in intake.accounts if one.result in _FOR_PEOPLE)
    rowless = {
        (cell.sheet, cell.row) for one in intake.suggested if one.suggestion.key is None for cell in one.row.named_by
    }
    groups = groupby(left, key=lambda one: _together(one.cell, rowless))
    return [list(cells) for _, cells in groups]


def _together(cell: Cell, rowless: set[tuple[str, int]]) -> tuple[str, int, int]:
    return cell.sheet, cell.row, 0 if (cell.sheet, cell.row) in rowless else cell.column


def _left_table(left: list[list[Account]]) -> Table:
    title = Text("To be placed by a person", style="bold")
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("Cell", no_wrap=True)
    table.add_column("Text", overflow="fold", ratio=2)
    table.add_column("Why", overflow="fold", ratio=3, style="dim")
    for cells in left:
        first, last = cells[0].cell, cells[-1].cell
        place = first.address if len(cells) == 1 else f"{first.address}:{last.letter}{last.row}"
        text = " | ".join(one.cell.text for one in cells)
        table.add_row(place, shortened(text), _open(cells[0]))
    return table


__all__ = ["COLUMNS", "MEANING", "REPORT_CSV", "REPORT_PAGE", "counts", "report_csv", "report_page", "shown"]
