"""Value sets from tables of codes, in whichever layout: one value set to a file, or one row for each code of many."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from measureharmony.errors import Issue
from measureharmony.value_sets.codes import CodeList
from measureharmony.value_sets.complaints import Complaints
from measureharmony.value_sets.sources.columns import COLUMNS_FILE, LABELS, ColumnMapping, normal
from measureharmony.value_sets.sources.sheets import NumberCell, Sheet
from measureharmony.value_sets.systems import CodeSystem, CodeSystems, is_uri

#: The heading row stands among the first so many rows of a sheet.
_HEADING_WITHIN = 100
#: So many problems of one kind are told one by one; of the rest, only where they are.
_TOLD = 5
_OID = re.compile(r"\d+(\.\d+)+")

Row = Mapping[str, str]


@dataclass
class ListedSet:
    """One value set of a table. ``name`` is the specs' own where the file or the mapping says it; ``line`` and
    ``sheet`` say where the set begins.
    """

    oid: str
    name: str
    title: str
    version: str
    line: int
    sheet: str
    list: CodeList = field(default_factory=CodeList)


class _RowComplaints(Complaints):
    """Problems of one sheet's rows, gathered, so that a mistake made on every row is told once."""

    def __init__(self, outer: Complaints):
        super().__init__(outer.path, [], outer.sheet)
        self._outer = outer
        self._rows: dict[tuple[str, str, str], list[int]] = {}

    def add(self, line: int, code: str, what: str, fix: str) -> None:
        """Note one problem of one row."""
        self._rows.setdefault((f"value-set-{code}", what, fix), []).append(line)

    def tell(self) -> None:
        """Hand the problems on: equal ones once, and of each kind the first few by themselves."""
        kinds: defaultdict[str, list[tuple[str, str, list[int]]]] = defaultdict(list)
        for (code, what, fix), rows in self._rows.items():
            kinds[code].append((what, fix, rows))
        for code, found in kinds.items():
            for what, fix, rows in found[:_TOLD]:
                more = f"; also {_rows(rows[1:])}" if rows[1:] else ""
                self._outer.issues.append(Issue(self.place, rows[0], code, what + more, fix))
            rest = sorted({row for _, _, rows in found[_TOLD:] for row in rows})
            if rest:
                what = f"{len(found) - _TOLD} more problems of this kind, {_rows(rest)}"
                self._outer.issues.append(Issue(self.place, rest[0], code, what, "correct them in the same way"))


def _rows(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:_TOLD]))
    more = f" and {len(numbers) - _TOLD:,} more" if len(numbers) > _TOLD else ""
    return f"in row{'s' if len(numbers) > 1 else ''} {shown}{more}"


def read_code_tables(
    sheets: Iterable[Sheet], mapping: ColumnMapping, systems: CodeSystems, complaints: Complaints
) -> list[ListedSet]:
    """The value sets of one file's sheets; rows of one OID (or, without OID, one name) are one set, on every sheet.

    A sheet without a heading ``Code`` holds no codes and is passed by, but may say which value set the file holds.
    """
    every = tuple(sheets)
    chosen = tuple(sheet for sheet in every if not mapping.sheets or sheet.name in mapping.sheets)
    missing = [name for name in mapping.sheets if name not in {sheet.name for sheet in every}]
    if missing and complaints.path.suffix.startswith(".xls"):
        fix = f"correct 'sheets' in {COLUMNS_FILE}; the file has: {', '.join(sheet.name for sheet in every)}"
        complaints.add(0, "missing-sheet", f"there is no sheet {', '.join(missing)}", fix)
    tables = [(sheet, start) for sheet in chosen if (start := _heading(sheet, mapping)) is not None]
    if not tables and every and not missing:
        what = "no sheet has" if every[0].name else "there is no"
        fix = f"name the column of the codes in {COLUMNS_FILE}: columns: {{code: …}}"
        complaints.add(0, "missing-column", f"{what} a heading row with a column Code", fix)
    described = _described([row for sheet in every if _heading(sheet, mapping) is None for _, row in sheet.rows])
    reader = _Reader(mapping, systems)
    for sheet, start in tables:
        own = _described([row for _, row in sheet.rows[:start]])
        reader.read(sheet, start, described | own, complaints.of(complaints.path, sheet.name))
    return list(reader.sets.values())


def _heading(sheet: Sheet, mapping: ColumnMapping) -> int | None:
    """Which of the sheet's rows is the heading row: the first with a column of codes."""
    for index, (_, cells) in enumerate(sheet.rows[:_HEADING_WITHIN]):
        if any(mapping.field_of(cell) == "code" for cell in cells):
            return index
    return None


def _described(rows: Iterable[list[str]]) -> dict[str, str]:
    """What labels say about the one value set of a file: ``Value Set Name | Diabetes`` and so on; the first counts."""
    found: dict[str, str] = {}
    for cells in rows:
        filled = [cell for cell in cells if cell]
        label = LABELS.get(normal(filled[0])) if len(filled) > 1 else None
        if label:
            found.setdefault(label, filled[1])
    return found


class _Reader:
    """Gathers the value sets of a file's tables."""

    def __init__(self, mapping: ColumnMapping, systems: CodeSystems):
        self.mapping = mapping
        self.systems = systems
        self.sets: dict[str, ListedSet] = {}

    def read(self, sheet: Sheet, start: int, described: Mapping[str, str], complaints: Complaints) -> None:
        """Take in the table whose heading row is the sheet's row ``start``."""
        number, heading = sheet.rows[start]
        columns = self._columns(number, heading, complaints)
        if columns is None:
            return
        if not {"oid", "name", "title"} & set(columns) and not {"oid", "title"} & set(described):
            what = "the table does not say which value set its codes belong to"
            fix = (
                "add a column 'Value Set OID', or rows 'Value Set Name' and 'OID' before it; or name the sheets that "
                f"hold value sets in {COLUMNS_FILE}: sheets: […]"
            )
            complaints.add(number, "missing-column", what, fix)
            return
        found = _RowComplaints(complaints)
        for line, cells in sheet.rows[start + 1 :]:
            if _is_whole(line, cells, heading, found):
                row = {name: cells[column] for name, column in columns.items()}
                self._take(line, {**described, **row}, found)
        found.tell()

    def _columns(self, number: int, heading: list[str], complaints: Complaints) -> dict[str, int] | None:
        """Where each field stands; None, with complaints, when the table cannot be read safely."""
        columns: dict[str, int] = {}
        unknown, twice = [], []
        for column, cell in enumerate(heading):
            name = self.mapping.field_of(cell)
            if name is None:
                unknown += [cell] if cell and not self.mapping.ignores(cell) else []
            elif name in columns and name not in ("display", "system_version"):
                twice.append(cell)
            else:
                columns[name] = column
        if unknown:
            # A column nobody knows might say "deleted": whoever has the file must say that it does not matter.
            what = f"unknown column{'s' if len(unknown) > 1 else ''} {', '.join(unknown)}"
            fix = f"say in {COLUMNS_FILE} what it holds (columns: {{code: …}}) or that it does not matter (ignore: […])"
            complaints.add(number, "unknown-column", what, fix)
        if twice:
            fix = f"say in {COLUMNS_FILE} which column it is, and ignore the other"
            complaints.add(number, "repeated-column", f"two columns hold the same: {', '.join(twice)}", fix)
        if not {"system", "system_oid"} & set(columns):
            fix = f"add a column 'Code System', or name it in {COLUMNS_FILE}: columns: {{system: …}}"
            complaints.add(number, "missing-column", "no column says which code system the codes are of", fix)
        whole = not unknown and not twice and {"system", "system_oid"} & set(columns)
        return columns if whole else None

    def _take(self, line: int, row: Row, found: _RowComplaints) -> None:
        """One code of one value set."""
        oid, title = row.get("oid", "").removeprefix("urn:oid:"), row.get("title", "")
        key = oid or row.get("name", "") or title
        if not key:
            found.add(line, "missing-key", "the row names no value set", "fill in its OID or name")
            return
        if oid and not _OID.fullmatch(oid):
            found.add(line, "bad-value", f"'{oid}' is no OID", "correct it: numbers with dots between them")
            return
        listed = self.sets.get(key)
        if listed is None:
            name = self.mapping.name_of(oid, title) or row.get("name", "")
            listed = ListedSet(oid, name, title, _version(row), line, found.sheet)
            self.sets[key] = listed
        elif _version(row) != listed.version:
            where = f"row {listed.line}" + (f" of [{listed.sheet}]" if listed.sheet != found.sheet else "")
            here, there = _version(row) or "(none)", listed.version or "(none)"
            what = f"{key} stands here in version {here}, but in version {there} in {where}"
            found.add(line, "conflicting-version", what, "keep the rows of one version of the set")
        system = self._system(line, row, found)
        if system is not None:
            _add_code(listed.list, system, row["code"], line, found)

    def _system(self, line: int, row: Row, found: _RowComplaints) -> CodeSystem | None:
        """The code system of a row, by its name, its OID, or both, which must then mean the same."""
        written, oid = row.get("system", ""), row.get("system_oid", "").removeprefix("urn:oid:")
        word = self.mapping.systems.get(normal(written), written)
        named = self.systems.find(word) or (CodeSystem(word, word) if is_uri(word) else None)
        numbered = self.systems.find(oid) if oid else None
        if named and numbered and named.uri != numbered.uri:
            what = f"'{written}' is {named.name}, but its OID {oid} is that of {numbered.name}"
            found.add(line, "conflicting-system", what, "correct the code system's name or its OID")
            return None
        if named is None and numbered is None:
            what = f"'{written}'{f' (OID {oid})' if oid else ''} is not a known code system"
            names = ", ".join(self.systems.names)
            fix = f"use one of {names}, or a URI; or say what it means in {COLUMNS_FILE}: systems: {{{written}: …}}"
            found.add(line, "unknown-system", what, fix)
        return named or numbered


def _is_whole(line: int, cells: list[str], heading: list[str], found: _RowComplaints) -> bool:
    """Whether every cell of a row stands under a heading; anything else might be a code that shifted."""
    if len(cells) != len(heading):
        what = f"{len(cells)} cells under {len(heading)} columns"
        found.add(line, "malformed-row", what, "give every row one cell a column; quote commas")
        return False
    if any(cell and not name for cell, name in zip(cells, heading, strict=True)):
        found.add(line, "malformed-row", "a cell stands under no heading", "give the column a heading, or empty it")
        return False
    return True


def _version(row: Row) -> str:
    """The version of the definition, and of the expansion where it is told, too."""
    return ", ".join(text for text in (row.get("version", ""), row.get("expansion", "")) if text)


def _add_code(codes: CodeList, system: CodeSystem, code: str, line: int, found: _RowComplaints) -> None:
    if isinstance(code, NumberCell) and not _surely(code, system):
        what = f"a code of {system.name} stands in a number cell, which drops zeros and digits"
        found.add(line, "malformed-code", what, "write the codes as text: format the column so, and enter them anew")
    else:
        codes.add(system, code, line, found)


def _surely(digits: str, system: CodeSystem) -> bool:
    """Whether a number cell certainly holds the code as it was: no code of the system could have lost a zero."""
    if system.form is None or not digits.isdigit() or len(digits) > 15:
        return False
    return bool(system.form.fullmatch(digits)) and not system.form.fullmatch(f"0{digits}")


__all__ = ["ListedSet", "read_code_tables"]
