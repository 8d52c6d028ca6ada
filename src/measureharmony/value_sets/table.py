"""The code list of one value set, in a CSV file beside its YAML file."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from measureharmony.value_sets.codes import CodeList, known_system
from measureharmony.value_sets.complaints import Complaints
from measureharmony.value_sets.systems import CodeSystems

_NEEDED = ("system", "code")
#: Columns that may stand in a code list and are not needed here.
_IGNORED = ("display", "version", "title")


def read_code_list(systems: CodeSystems, complaints: Complaints) -> CodeList:
    """Codes of one value set from the complaints' file, a CSV with the columns system and code."""
    codes = CodeList()
    for line, row in _rows(complaints):
        system = known_system(row["system"], systems, line, complaints)
        if system:
            codes.add(system, row["code"], line, complaints)
    return codes


def _rows(complaints: Complaints) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with its line; a header without the needed columns, or a row of another width, is a complaint."""
    text = complaints.read_text()
    if text is None:
        return
    reader = csv.reader(text.splitlines())
    header = [column.strip().lower() for column in next(reader, [])]
    missing = [column for column in _NEEDED if column not in header]
    strange = [column for column in header if column not in (*_NEEDED, *_IGNORED)]
    if missing:
        complaints.add(1, "missing-column", f"no column {', '.join(missing)}", "the columns are system, code")
        return
    if strange:
        fix = f"use {', '.join((*_NEEDED, *_IGNORED))}"
        complaints.add(1, "unknown-key", f"unknown column {', '.join(strange)}", fix)
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            what = f"{len(cells)} cells under {len(header)} columns"
            complaints.add(reader.line_num, "malformed-row", what, "give every row one cell a column; quote commas")
            continue
        yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))
