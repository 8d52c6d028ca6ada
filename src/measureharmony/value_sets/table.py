"""Code lists in CSV files: codes of one value set beside its YAML file, or of several in a loaded folder."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field

from measureharmony.value_sets.codes import CodeList, known_system
from measureharmony.value_sets.complaints import Complaints
from measureharmony.value_sets.systems import CodeSystems

#: Columns that may stand in a code list and are not needed here.
_IGNORED = ("display", "version", "title")


@dataclass
class ListedSet:
    """The codes a CSV file lists for one value set, which it names by OID, by name, or by both."""

    oid: str
    name: str
    line: int
    list: CodeList = field(default_factory=CodeList)


def read_code_list(systems: CodeSystems, complaints: Complaints) -> CodeList:
    """Codes of one value set from the complaints' file, a CSV with the columns system and code."""
    codes = CodeList()
    for line, row in _rows(("system", "code"), (), complaints):
        system = known_system(row["system"], systems, line, complaints)
        if system:
            codes.add(system, row["code"], line, complaints)
    return codes


def read_listed_sets(systems: CodeSystems, complaints: Complaints) -> list[ListedSet]:
    """Value sets from the complaints' file, a CSV with the columns oid or name (or both), system and code."""
    sets: dict[str, ListedSet] = {}
    for line, row in _rows(("system", "code"), ("oid", "name"), complaints):
        oid, name = row.get("oid", "").removeprefix("urn:oid:"), row.get("name", "")
        if not oid and not name:
            complaints.add(line, "missing-key", "the row names no value set", "fill in the column oid or name")
            continue
        listed = sets.setdefault(oid or name, ListedSet(oid, name, line))
        system = known_system(row["system"], systems, line, complaints)
        if system:
            listed.list.add(system, row["code"], line, complaints)
    return list(sets.values())


def _rows(
    needed: tuple[str, ...], one_of: tuple[str, ...], complaints: Complaints
) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with its line; a header without the needed columns, or a row of another width, is a complaint."""
    text = complaints.read_text()
    if text is None:
        return
    reader = csv.reader(text.splitlines())
    header = [column.strip().lower() for column in next(reader, [])]
    allowed = (*needed, *one_of, *_IGNORED)
    missing = [c for c in needed if c not in header] + (["oid or name"] if one_of and not {*one_of} & {*header} else [])
    strange = [c for c in header if c not in allowed]
    if missing:
        fix = f"the columns are {', '.join((*one_of, *needed))}"
        complaints.add(1, "missing-column", f"no column {', '.join(missing)}", fix)
        return
    if strange:
        complaints.add(1, "unknown-key", f"unknown column {', '.join(strange)}", f"use {', '.join(allowed)}")
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            what = f"{len(cells)} cells under {len(header)} columns"
            complaints.add(reader.line_num, "malformed-row", what, "give every row one cell a column; quote commas")
            continue
        yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))
