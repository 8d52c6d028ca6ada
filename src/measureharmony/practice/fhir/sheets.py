"""The rows being collected, and the Arrow tables they become.

Events come as tables of many rows; people, spans, providers and the lines of claims as plain dicts that hold only the
cells that are known. Every row carries ``_file`` and ``_row``, the place it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

from measureharmony.practice.contract import TABLES, ColumnType
from measureharmony.practice.fhir.coding_columns import Codings
from measureharmony.practice.fhir.codings import Coding
from measureharmony.practice.fhir.json_shapes import shape_of

Cell = str | float | int | bool | None
Row = dict[str, Cell]
CodeRow = tuple[str, str, str, str, str, int]
"""event_id, role, system, code, _file, _row."""

_ARROW: dict[ColumnType, pa.DataType] = {"number": pa.float64(), "integer": pa.int64(), "flag": pa.bool_()}
_REJECTS = pa.schema(
    [("file", pa.string()), ("row", pa.int64())] + [(n, pa.string()) for n in ("table", "column", "rule", "shape")]
)
_ACCOUNTS = pa.schema(
    [("file", pa.string()), ("table", pa.string())] + [(n, pa.int64()) for n in ("rows_in", "accepted", "rejected")]
)

#: Why a resource gave no row. The words are stable; ``docs/fhir.md`` explains each.
RULES = {
    "unreadable-file": "the file cannot be opened or unpacked",
    "malformed-json": "the text is not JSON, or stops in the middle",
    "not-a-bundle": "the file is JSON but not a FHIR Bundle",
    "not-a-resource": "the entry or line holds no FHIR resource with a resourceType",
    "no-place-in-contract": "the dataset contract has no table for this resource type",
    "missing-id": "a Patient, Practitioner or Organization without an id cannot be referred to",
    "repeated-resource": "the same resource was read before; its id makes it one",
    "bundle-without-patient": "the bundle has no Patient and the reference names none that was read",
    "unknown-person": "the reference names no Patient that was read",
    "coverage-not-in-force": "the coverage was entered in error, is a draft, or says there is no insurance",
    "coverage-without-payer": "the coverage names no payor",
    "coverage-without-start": "the coverage has no first day",
    "group-not-a-list": "the group is no list of actual people: animals, devices, a definition, or nobody at all",
    "member-without-start": "the member has no first day, and the group's contract none either",
    "member-without-end": "the member was dropped or is inactive, and nothing says since when",
    "claim-not-active": "the claim is no active claim: a draft, cancelled, in error, or not a claim for payment",
    "claim-told-by-eob": "an ExplanationOfBenefit tells the same claim; its lines are used",
    "claim-without-new-lines": "no line of the claim says anything that the record does not hold already",
}


class Place(NamedTuple):
    """Where something came from: file name and 1-based entry or line number."""

    file: str
    row: int


@dataclass(frozen=True)
class Citation:
    """A diagnosis that a visit, or a claim for it, names; its codes are known for sure when everything is read.

    ``role``: the role of ``event_code`` under which ``visit`` (an event_id) is to get the codes. ``condition``: the
    event_id of the condition referred to, or None where ``codings`` are given outright.
    """

    visit: str
    role: str
    place: Place
    condition: str | None
    codings: tuple[Coding, ...] = ()


@dataclass
class Harvest:
    """Everything collected so far.

    ``event_tables``: some of the contract's columns, ``_file``, ``_row`` and ``_story`` (see ``held.Origins``).
    ``code_tables``: all columns of ``event_code``, ``_file`` and ``_row``. ``events`` and ``codes``: those of claims.
    """

    persons: list[Row] = field(default_factory=list)
    coverage: list[Row] = field(default_factory=list)
    roster: list[Row] = field(default_factory=list)
    providers: list[Row] = field(default_factory=list)
    event_tables: list[pa.Table] = field(default_factory=list)
    code_tables: list[pa.Table] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    codes: list[CodeRow] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    rejected: list[tuple[str, int, str, str, str, str]] = field(default_factory=list)
    counts: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def take(self, other: Harvest) -> None:
        """Take what another collected from files, or lines of files, that come after these."""
        for name, found in vars(other).items():
            if name != "counts":
                getattr(self, name).extend(found)
        for (file, resource_type), (accepted, rejected) in other.counts.items():
            counts = self._count(Place(file, 0), resource_type)
            counts[0] += accepted
            counts[1] += rejected

    def accept(self, place: Place, resource_type: str, count: int = 1) -> None:
        """Count resources of one file that gave rows (or codes that other rows use)."""
        self._count(place, resource_type)[0] += count

    def reject(self, place: Place, resource_type: str, column: str, rule: str, value: object = None) -> None:
        """Count one resource that gave no row, with the rule, the element it broke and that element's shape."""
        self._count(place, resource_type)[1] += 1
        self.rejected.append((place.file, place.row, resource_type, column, rule, shape_of(value)))

    def _count(self, place: Place, resource_type: str) -> list[int]:
        return self.counts.setdefault((place.file, resource_type), [0, 0])

    def add_codes(self, event_id: str, role: str, codings: Iterable[Coding], place: Place) -> None:
        """Write ``codings`` of the event under ``role``."""
        for system, code in codings:
            self.codes.append((event_id, role, system, code, place.file, place.row))

    def add_code_columns(self, events: Mapping[str, pa.Array] | pa.Table, role: str, codings: Codings) -> None:
        """Write codings under ``role``; their rows are those of ``events`` (``event_id``, ``_file`` and ``_row``)."""
        if not len(codings):
            return
        chosen = pa.array(codings.rows)
        told = {"role": pa.repeat(role, len(codings)), "system": codings.systems, "code": codings.codes}
        named = {name: events[name].take(chosen) for name in ("event_id", "_file", "_row")}
        self.code_tables.append(pa.table({"event_id": named.pop("event_id"), **told, **named}))

    def event_cells(self, *names: str) -> Iterator[tuple[Cell, ...]]:
        """These columns of all events so far, row by row."""
        for table in self.event_tables:
            absent = [None] * table.num_rows
            known = set(table.column_names)
            yield from zip(*(table[n].to_pylist() if n in known else absent for n in names), strict=True)
        for row in self.events:
            yield tuple(row.get(name) for name in names)

    def code_cells(self) -> Iterator[tuple[str, str, str, str]]:
        """Event id, role, system and code of all further codings so far, row by row."""
        for table in self.code_tables:
            yield from zip(*(table[n].to_pylist() for n in ("event_id", "role", "system", "code")), strict=True)
        for row in self.codes:
            yield row[:4]

    def tables(self) -> dict[str, pa.Table]:
        """The contract's tables that have rows to give, each with ``_file`` and ``_row`` after its columns."""
        return {
            "person": _table("person", self.persons),
            "coverage": _table("coverage", self.coverage),
            "roster": _table("roster", self.roster),
            "provider": _table("provider", self.providers),
            "event": self._event_table(),
            "event_code": self._code_table(),
        }

    def _event_table(self) -> pa.Table:
        claimed = _table("event", self.events)
        return _in_place([*_completed(self.event_tables, claimed.schema), claimed])

    def _code_table(self) -> pa.Table:
        columns = list(zip(*self.codes, strict=True)) or [()] * 6
        names = ("event_id", "role", "system", "code", "_file", "_row")
        arrays = {
            name: pa.array(column, pa.int64() if name == "_row" else pa.string())
            for name, column in zip(names, columns, strict=True)
        }
        return _in_place([*self.code_tables, pa.table(arrays)])

    def rejects_table(self) -> pa.Table:
        """``file, row, table, column, rule, shape``: one row per resource that gave none."""
        return _from_tuples(self.rejected, _REJECTS)

    def accounts_table(self) -> pa.Table:
        """``file, table, rows_in, accepted, rejected`` per file and resource type."""
        rows = [(f, t, yes + no, yes, no) for (f, t), (yes, no) in sorted(self.counts.items())]
        return _from_tuples(rows, _ACCOUNTS)


def _from_tuples(rows: Sequence[tuple[str | int, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)], schema=schema)


def _completed(tables: Sequence[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    """``tables`` in the columns of ``schema``; what is in none of them lies in memory once."""
    most = max((table.num_rows for table in tables), default=0)
    nothing = {of: pa.nulls(most, of) for of in set(schema.types)}
    for table in tables:
        there = set(table.column_names)
        columns = [table[f.name] if f.name in there else nothing[f.type].slice(0, table.num_rows) for f in schema]
        yield pa.table(columns, schema.names)


def _in_place(tables: list[pa.Table]) -> pa.Table:
    """``tables`` one after the other, files by name and rows in the order of their files."""
    tables = [table.set_column(table.column_names.index("_file"), "_file", _named(table["_file"])) for table in tables]
    return pa.concat_tables(tables, promote_options="default").unify_dictionaries()


def _named(files: pa.ChunkedArray) -> pa.ChunkedArray:
    return files if pa.types.is_dictionary(files.type) else files.dictionary_encode()


def _table(name: str, rows: list[Row]) -> pa.Table:
    """``rows`` in exactly the contract's columns (empty cells null), then ``_file`` and ``_row``."""
    fields = [(column.name, _ARROW.get(column.type, pa.string())) for column in TABLES[name].columns]
    shape = pa.struct([*fields, ("_file", pa.string()), ("_row", pa.int64())])
    # Arrow takes the cells out of the dicts itself, several times faster than column by column in Python.
    return pa.Table.from_struct_array(pa.array(rows, shape))
