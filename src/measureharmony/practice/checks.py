"""Which rows are not accepted: every rule of ``rejects.RULES`` asked of every row, in SQL.

Three relations per table come to be in the connection:

* ``cells_<table>``: ``raw_<table>`` with each cell as it was (``raw_<column>``) and as it reads; a view where the
  source's types make reading cheap, else over ``copied_<table>``, which is in place of ``raw_<table>``; few rows
  are copied into it;
* ``problems_<table>``, where rows break rules: one row per rule broken by a row (``row_id``, ``column``, ``rule``,
  ``shape``);
* ``kept_<table>``: view of the rows of ``cells_<table>`` that broke none.

And two further views are described for whoever needs them (:func:`views_of`):

* ``written_<table>``: the same rows as the source wrote them, in plain types;
* ``said_<table>``: what the same rows say, as a hash (``said``), and whose they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from measureharmony.practice.cells import EVENT_IDS, PERSON_IDS, Cell, Check, is_identifier_integer, quoted, read_cell
from measureharmony.practice.close_numbers import Flags, are_all_there, different_numbers
from measureharmony.practice.contract import Table, TableName
from measureharmony.practice.raw import RawTable
from measureharmony.practice.rejects import REJECTS_SCHEMA, joined, rejects_table
from measureharmony.practice.times import NO_END_DAY

#: Rows whose keys are compared in one go: their hashes take 8 bytes each.
_KEYS_AT_ONCE = 64_000_000
#: The columns that say whose a row is; of large tables also where it lies.
_WHOSE: Mapping[TableName, tuple[str, ...]] = {
    "person": ("person_id",),
    "coverage": ("person_id",),
    "roster": ("person_id",),
    "provider": ("provider_id",),
    "event": ("person_id", "event_id", "file_no"),
    "event_code": ("event_id", "file_no"),
}


@dataclass(frozen=True)
class CellTable:
    """A table whose ``cells_`` view exists, with how each of its columns is read."""

    raw: RawTable
    cells: Mapping[str, Cell]

    @property
    def name(self) -> str:
        """The table's name in the contract."""
        return self.raw.table.name

    @property
    def parsed(self) -> bool:
        """Whether some column is parsed from text, so that reading the cells again is dear."""
        return any(cell.parsed for cell in self.cells.values())


def identifier_types(raws: Mapping[str, RawTable]) -> dict[str, str]:
    """The DuckDB type (BIGINT or VARCHAR) in which each identifier column is kept: integers only if all agree."""
    kept: dict[str, str] = {}
    for group in (PERSON_IDS, EVENT_IDS):
        types = [raw.types[name] for raw in raws.values() for name in group if name in raw.types]
        present = [t for t in types if t not in ("NULL", '"NULL"')]
        integers = bool(present) and all(is_identifier_integer(t) for t in present)
        kept |= dict.fromkeys(group, "BIGINT" if integers else "VARCHAR")
    return kept


def cell_table(raw: RawTable, identifiers: Mapping[str, str]) -> CellTable:
    """How ``raw`` is read; ``identifiers`` as :func:`identifier_types` gives them."""
    return CellTable(
        raw,
        {
            c.name: read_cell(
                c,
                raw.types.get(c.name, "NULL"),
                identifiers.get(c.name, "VARCHAR"),
                filled=c.name in raw.filled,
                positive=c.name in raw.positive,
            )
            for c in raw.table.columns
        },
    )


def read_cells(table: CellTable) -> str:
    """The query behind ``cells_<table>``, where nothing of it is kept."""
    return f"SELECT *{_selected(table.cells.values())} FROM {_as_it_was(table)}"


def create_cells(con: duckdb.DuckDBPyConnection, raw: RawTable, identifiers: Mapping[str, str]) -> CellTable:
    """Create ``cells_<table>``; ``identifiers`` as :func:`identifier_types` gives them."""
    table = cell_table(raw, identifiers)
    cells, rows = table.cells, _as_it_was(table)
    copied = table.parsed or raw.arriving
    if copied and not raw.is_few:
        parsed = _selected(cell for cell in cells.values() if cell.parsed)
        con.execute(f"CREATE TABLE copied_{table.name} AS SELECT *{parsed} FROM {rows}")
        rows = f"copied_{table.name}"
    # What is read without parsing is only named anew: a copy of it would double the table.
    read = _selected(cell for cell in cells.values() if raw.is_few or not (copied and cell.parsed))
    con.execute(f"CREATE {'TABLE' if raw.is_few else 'VIEW'} cells_{table.name} AS SELECT *{read} FROM {rows}")
    if copied:
        raw.let_go(con)  # the copy holds what it says
    return table


def _as_it_was(table: CellTable) -> str:
    """The rows with each cell as the source has it."""
    as_is = ", ".join(f"{cell.raw} AS raw_{name}" for name, cell in table.cells.items())
    return f"(SELECT row_id, file_no, source_row, {as_is} FROM {table.raw.relation})"


def _selected(cells: Iterable[Cell]) -> str:
    """The values read of ``cells``, as further columns of a select list."""
    return "".join(f", {sql} AS {quoted(out)}" for cell in cells for out, sql in cell.outputs.items())


class Checked(NamedTuple):
    """Whether ``kept_<table>`` has all rows; ``keys``: which keys these have, where they are numbers close together."""

    clean: bool
    keys: Flags | None = None


class KnownEvents(NamedTuple):
    """The accepted events as a relation, and their identifiers, where they are numbers close together."""

    relation: str
    numbers: Flags | None = None


def check_rows(con: duckdb.DuckDBPyConnection, table: CellTable, rows: str, events: KnownEvents) -> Checked:
    """Ask every rule of the rows of ``table``, and create ``kept_<table>``.

    Where it has not all of them, ``problems_<table>`` says why. ``rows``: a relation with some rows of
    ``cells_<table>``, where the others are known to break no rule but to have a key that one of these has, too; or
    nothing. Tables that refer to people need ``accepted_person`` in the connection; ``event_code`` needs ``events``,
    or those of its rows.
    """
    if not table.raw.files:  # an absent table has no rows to ask
        _create_kept(con, table.name, clean=True)
        return Checked(clean=True)
    clean = not _find_problems(con, table, rows or f"cells_{table.name}", _to_look_for(con, table, events))
    _create_kept(con, table.name, clean=clean)
    if not table.raw.table.key:
        return Checked(clean)
    keys = None if rows or table.raw.is_few else _different_keys(con, table)
    if keys is None and _reject_duplicates(con, table, rows):
        clean = False
        _create_kept(con, table.name, clean=clean)
    return Checked(clean, keys)


def _to_look_for(con: duckdb.DuckDBPyConnection, table: CellTable, events: KnownEvents) -> str:
    """The relation in which to look for the events that rows of ``table`` name; none where all are known."""
    there = events.numbers
    if table.name != "event_code" or there is None or not are_all_there(con, "cells_event_code", "event_id", there):
        return events.relation
    return ""


def _different_keys(con: duckdb.DuckDBPyConnection, table: CellTable) -> Flags | None:
    (key,) = table.raw.table.key
    return different_numbers(con, f"kept_{table.name}", key, _count(con, table))


def views_of(table: CellTable) -> dict[str, str]:
    """The queries behind ``written_<table>`` and ``said_<table>``, by these names."""
    kept = f"kept_{table.name}"
    written = ", ".join(f"{cell.written} AS {quoted(name)}" for name, cell in table.cells.items())
    return {
        f"written_{table.name}": f"SELECT row_id, {written} FROM {kept}",
        f"said_{table.name}": said_by(table, kept),
    }


def said_by(table: CellTable, rows: str) -> str:
    """SQL of what rows say, and whose they are; ``rows``: a relation with the columns of ``cells_<table>``.

    Which person's they are is not among what they say.
    """
    cells = [cell for name, cell in table.cells.items() if name not in PERSON_IDS]
    besides = [table.cells[c.name].besides for c in table.raw.table.columns if c.type in ("number", "time")]
    some = " OR ".join(f"{sql} IS NOT NULL" for sql in besides if sql) or "false"
    rest = ", ".join(sql or "CAST(NULL AS UBIGINT)" for sql in besides) or "0"
    said = ", ".join([*(cell.said for cell in cells), f"CASE WHEN {some} THEN hash({rest}) END"])
    whose = ", ".join(map(quoted, _WHOSE[table.raw.table.name]))
    return f"SELECT {whose}, hash({said}) AS said FROM {rows}"


def rejects_of(con: duckdb.DuckDBPyConnection, table: CellTable, *, clean: bool) -> pa.Table:
    """Everything wrong with the rows of a table, in file order (``REJECTS_SCHEMA``); ``clean``: nothing was found."""
    raw = table.raw
    malformed = rejects_table([reject for _, reject in raw.malformed])
    if clean:
        return malformed
    found = con.sql(
        f'SELECT source_row AS row, \'{table.name}\' AS "table", "column", rule, shape, file_no '
        f"FROM problems_{table.name} JOIN (SELECT row_id, file_no, source_row FROM cells_{table.name}) USING (row_id)"
    ).to_arrow_table()
    files = pa.array(raw.files, pa.string()).take(found["file_no"])
    found = found.drop_columns("file_no").add_column(0, "file", files)
    order = [(name, "ascending") for name in ("file", "row", "column", "rule")]
    return joined([malformed, found], REJECTS_SCHEMA).sort_by(order)


def counts_of(con: duckdb.DuckDBPyConnection, table: CellTable, *, clean: bool) -> Iterator[tuple[str, int, int]]:
    """For each file of a table: its name, the rows in it, and how many of them are rejected (none if ``clean``)."""
    raw, rejected = table.raw, dict[int, int]()
    rows_in = raw.rows
    if rows_in is None:
        rows_in = dict(con.execute(f"SELECT file_no, count(*) FROM cells_{table.name} GROUP BY ALL").fetchall())
    if not clean:
        query = (
            f"SELECT file_no, count(*) FROM cells_{table.name} "
            f"WHERE row_id IN (SELECT row_id FROM problems_{table.name}) GROUP BY ALL"
        )
        rejected = dict(con.execute(query).fetchall())
    for file_no, file in enumerate(raw.files):
        malformed = sum(1 for no, _ in raw.malformed if no == file_no)
        yield file, rows_in.get(file_no, 0) + malformed, rejected.get(file_no, 0) + malformed


def _create_kept(con: duckdb.DuckDBPyConnection, name: str, *, clean: bool) -> None:
    """The rows without problems; the join is left out where there are none, as is usual for large clean extracts."""
    without = "" if clean else f" ANTI JOIN problems_{name} USING (row_id)"
    con.execute(f"CREATE OR REPLACE VIEW kept_{name} AS SELECT * FROM cells_{name}{without}")


def _create_problems(con: duckdb.DuckDBPyConnection, name: str) -> None:
    columns = '(row_id BIGINT, "column" VARCHAR, rule VARCHAR, shape VARCHAR)'
    con.execute(f"CREATE TABLE IF NOT EXISTS problems_{name} {columns}")


def _find_problems(con: duckdb.DuckDBPyConnection, table: CellTable, asked: str, events: str) -> bool:
    """Fill ``problems_<table>``, if there are any: one scan finds the rows with some, only then it is asked which."""
    checks, rows = _asked_of(table, asked, events)
    suspects = f"CREATE OR REPLACE TABLE suspect AS SELECT row_id FROM {rows} WHERE {_any_fails(checks)}"
    ((found,),) = con.execute(suspects).fetchall()
    if not found:
        return False
    _create_problems(con, table.name)
    problems = ", ".join(
        f"CASE WHEN {check.fails} THEN {{'column': '{check.column}', 'rule': '{check.rule}', "
        f"'shape': {table.cells[check.column].shape}}} END"
        for check in checks
    )
    con.execute(
        f"INSERT INTO problems_{table.name} SELECT row_id, problem.column, problem.rule, problem.shape "
        f"FROM (SELECT row_id, unnest([{problems}]) AS problem FROM {rows} JOIN suspect USING (row_id)) "
        "WHERE problem IS NOT NULL"
    )
    return True


def breaks_rules(table: CellTable) -> str:
    """SQL that says of the rows of ``cells_<table>`` whether any of them breaks a rule.

    ``_find_problems`` and ``_reject_duplicates`` then say which, and why; needs what :func:`check_rows` does.
    """
    checks, rows = _asked_of(table, f"cells_{table.name}")
    # Taken together and not picked out by WHERE: DuckDB would turn each list of words into a join.
    fails = [f"coalesce(bool_or({_any_fails(checks)}), false)"]
    for name in table.raw.table.key:
        key = f"cells_{table.name}.{name}"
        fails.append(f"count({key}) <> count(DISTINCT {key})")
    return f"SELECT {' OR '.join(fails)} FROM {rows}"


def _asked_of(table: CellTable, rows: str, events: str = "kept_event") -> tuple[Sequence[Check], str]:
    """All that is asked of each row of a table but the uniqueness of keys, and the rows with what they refer to."""
    checks = [check for cell in table.cells.values() for check in cell.checks]
    joins, reference_checks = _reference_checks(table.raw.table, events)
    checks += [*_row_checks(table.raw.table), *reference_checks]
    return checks, f"(FROM {rows}) AS cells_{table.name} {joins}"


def _any_fails(checks: Iterable[Check]) -> str:
    return " OR ".join(f"({check.fails})" for check in checks)


def _row_checks(table: Table) -> list[Check]:
    """Rules about two cells of one row. Only certain contradictions count: partial dates get the benefit of doubt."""
    match table.name:
        case "person":
            return [Check("death", "birth-after-death", "birth_lo > death_hi")]
        case "coverage":
            return [Check("end", "end-before-start", "start_day > end_day")]
        case "roster":
            # Read as a span that goes on, it would list the very person whom the payer takes off its list.
            endless = f"change = 'dropped' AND coalesce(end_day, {NO_END_DAY}) = {NO_END_DAY}"
            return [
                Check("end", "end-before-start", "start_day > end_day"),
                Check("end", "dropped-without-end", endless),
            ]
        case "event":
            # Written dates of two time zones may seem reversed; where both instants are known, they decide.
            fails = "coalesce(end_ms < start_ms, end_hi < start_lo)"
            return [Check("end", "end-before-start", fails)]
        case _:
            return []


def _reference_checks(table: Table, events: str) -> tuple[str, list[Check]]:
    """Joins that look up what a row refers to, and the rules that it be there; no ``events``: they are."""
    match table.name:
        case "coverage" | "roster" | "event":
            join = f"LEFT JOIN accepted_person AS known ON known.person_id = cells_{table.name}.person_id"
            fails = "raw_person_id IS NOT NULL AND known.person_key IS NULL"
            return join, [Check("person_id", "unknown-person", fails)]
        case "event_code" if events:
            join = (
                f"LEFT JOIN (SELECT event_id, true AS is_known FROM {events}) AS known "
                "ON known.event_id = cells_event_code.event_id"
            )
            return join, [Check("event_id", "unknown-event", "raw_event_id IS NOT NULL AND known.is_known IS NULL")]
        case _:
            return "", []


def _reject_duplicates(con: duckdb.DuckDBPyConnection, table: CellTable, asked: str) -> bool:
    """Reject all but the first of the kept rows that share a key; say whether there may be any.

    Sorting hashes of the keys is several times faster than grouping by the keys; a hash that occurs twice only makes
    its rows candidates, the keys themselves decide.
    """
    (key,) = table.raw.table.key
    repeated = _repeated_hashes(con, table, key, f"{key} IN (SELECT {key} FROM {asked})" if asked else "true")
    if not len(repeated):
        return False
    _create_problems(con, table.name)
    contents = ", ".join(f"raw_{name}" for name in table.cells)
    con.register("repeated", pa.table({"hash": repeated}))
    con.execute(
        f"""
        INSERT INTO problems_{table.name}
        SELECT row_id, '{key}', CASE WHEN contents IS NOT DISTINCT FROM first_contents THEN 'duplicate'
               ELSE 'conflicting-duplicate' END, shape
        FROM (
            SELECT row_id, row({contents}) AS contents, first_value(row({contents})) OVER same_key AS first_contents,
                   row_number() OVER same_key AS place, {table.cells[key].shape} AS shape
            FROM kept_{table.name}
            WHERE hash({key}) IN (SELECT hash FROM repeated)
            WINDOW same_key AS (PARTITION BY {key} ORDER BY row_id)
        )
        WHERE place > 1
        """
    )
    con.unregister("repeated")
    return True


def _repeated_hashes(
    con: duckdb.DuckDBPyConnection, table: CellTable, key: str, condition: str
) -> npt.NDArray[np.uint64]:
    """Hashes that occur more than once among the keys of those rows of ``kept_<table>`` that meet a condition."""
    relation = f"kept_{table.name}"
    parts = _count(con, table) // _KEYS_AT_ONCE + 1
    found = []
    for part in range(parts):
        where = f"{condition} AND hash({key}) % {parts} = {part}" if parts > 1 else condition
        column = con.execute(f"SELECT hash({key}) AS hash FROM {relation} WHERE {where}").fetchnumpy()["hash"]
        hashes = np.asarray(column, dtype=np.uint64)
        hashes.sort()
        found.append(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
    return np.concatenate(found)


def _count(con: duckdb.DuckDBPyConnection, table: CellTable) -> int:
    """How many rows a table has, or at least how many of them are kept."""
    known = table.raw.rows
    return sum(known.values()) if known else con.execute(f"SELECT count(*) FROM kept_{table.name}").fetchall()[0][0]
