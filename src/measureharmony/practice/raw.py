"""Every source as one kind of relation: ``raw_<table>``.

Its columns: ``row_id`` BIGINT (unique; ascending in file order), ``file_no`` (place in ``RawTable.files``),
``source_row`` BIGINT (what a reject calls ``row``), and all columns of the contract's table by name, with the source's
own types (a column the source lacks is NULL text). CSV is copied into the connection once; tables in memory are only
looked at where they lie until the cells have been read; Parquet stays where it is, behind a view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.errors import DataError, Issue, shown
from measureharmony.practice import csv_rows
from measureharmony.practice.cells import EVENT_IDS, family, quoted
from measureharmony.practice.columns import name_issues, type_issues
from measureharmony.practice.contract import Table
from measureharmony.practice.folder import TableFiles
from measureharmony.practice.rejects import Reject

if TYPE_CHECKING:
    import pandas as pd

#: Optional columns of a table in memory that say where its rows come from (file name, row in it).
ORIGIN_COLUMNS = ("_file", "_row")

_FILE_SHIFT = 40  # a file may have 2**40 rows

#: Up to so many rows of a table in memory are few: every statement about them costs more than they do.
FEW_ROWS = 10_000


@dataclass(frozen=True)
class RawTable:
    """A table of a source, readable as ``relation``.

    ``types``: DuckDB type by column that the source has. ``files``: what rejects call the sources, by ``file_no``.
    ``malformed``: rows that have no place in the relation (wrong number of cells), with their ``file_no``.
    ``copied``: the relation is a table of the connection, not a view. ``arriving``: it is neither, but lies in memory
    until it is let go of. ``rows``: how many it has of each file, by ``file_no``, where that is known without asking.
    ``filled``: columns of text that are known to have no empty text, only cells that are not there; ``positive``:
    columns of numbers that are known to have none that is zero or less.
    """

    table: Table
    files: tuple[str, ...]
    types: Mapping[str, str]
    malformed: tuple[tuple[int, Reject], ...] = ()
    copied: bool = False
    arriving: bool = False
    rows: Mapping[int, int] | None = None
    filled: frozenset[str] = frozenset()
    positive: frozenset[str] = frozenset()

    @property
    def relation(self) -> str:
        """Name of the relation in the connection."""
        return f"raw_{self.table.name}"

    @property
    def is_few(self) -> bool:
        """Whether the rows are known to be so few that statements about them cost more than they do."""
        return self.rows is not None and sum(self.rows.values()) <= FEW_ROWS

    def let_go(self, con: duckdb.DuckDBPyConnection) -> None:
        """Free what the connection holds for the relation, of which nothing will be asked any more."""
        if self.arriving:
            con.unregister(self.relation)
        elif self.copied:
            con.execute(f"DROP TABLE {self.relation}")


def load_files(con: duckdb.DuckDBPyConnection, table: Table, files: TableFiles) -> RawTable:
    """Make ``raw_<table>`` from the files of one table.

    Raises :class:`DataError` with all that is wrong with their encoding, columns and types.
    """
    if files.format == "csv":
        return _load_csv(con, table, files.paths)
    return _load_parquet(con, table, files.paths)


def load_absent(con: duckdb.DuckDBPyConnection, table: Table) -> RawTable:
    """Make an empty ``raw_<table>`` for a table that the source does not have."""
    con.execute(
        f"CREATE VIEW raw_{table.name} AS SELECT CAST(NULL AS BIGINT) AS row_id, 0 AS file_no, "
        f"CAST(NULL AS BIGINT) AS source_row, {_columns(table, {})} WHERE false"
    )
    return RawTable(table, (), {})


@dataclass(frozen=True)
class Arriving:
    """A table in memory in the form of a raw relation; ``names``: the columns in which the source may have something.

    ``files`` and ``rows`` as in :class:`RawTable`.
    """

    table: Table
    place: str
    names: tuple[str, ...]
    relation: pa.Table
    files: tuple[str, ...]
    rows: Mapping[int, int]


def arriving(table: Table, data: pa.Table | pd.DataFrame, origin: str) -> Arriving:
    """A pyarrow table or a pandas frame on its way in; rejects name ``origin`` as its file.

    Raises :class:`DataError` about its columns.
    """
    place = f"{origin}: {table.name}"
    arrow = data if isinstance(data, pa.Table) else _from_pandas(data, place)
    names = [name for name in arrow.column_names if name not in ORIGIN_COLUMNS]
    _raise_any(name_issues(table, names, place))
    empty = {field.name for field in arrow.schema if pa.types.is_null(field.type)}
    arrow, files = _with_origin(arrow, origin)
    rows = dict(enumerate(np.bincount(arrow["file_no"].to_numpy(), minlength=len(files)).tolist()))
    there = tuple(name for name in names if name not in empty)
    return Arriving(table, place, there, _complete(table, arrow), files, rows)


def load_memory(con: duckdb.DuckDBPyConnection, data: Arriving) -> RawTable:
    """Make ``raw_<table>`` from a table in memory.

    Raises :class:`DataError` about the types of its columns.
    """
    con.register(f"raw_{data.table.name}", data.relation)
    filled = frozenset(name for name in data.names if _is_filled(data.relation[name]))
    return replace(registered(con, data), filled=filled)


def _is_filled(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_string(column.type) and pc.min(pc.binary_length(column)).as_py() != 0)


def registered(con: duckdb.DuckDBPyConnection, data: Arriving, names: Sequence[str] | None = None) -> RawTable:
    """:func:`load_memory`, once ``raw_<table>`` is there; ``names``: the columns to be read, if not as there are."""
    types = _described(con, f"FROM raw_{data.table.name}", data.names if names is None else names)
    _raise_any(type_issues(data.table, types, data.place))
    return RawTable(data.table, data.files, types, arriving=True, rows=data.rows)


def _complete(table: Table, arrow: pa.Table) -> pa.Table:
    """``arrow`` with all columns of the contract; those that are not there, or hold nothing, are NULL text.

    Links to other events are NULL of the type of the events' own identifiers.
    """
    text = pa.nulls(arrow.num_rows, pa.string())
    nothing = (
        dict.fromkeys(EVENT_IDS, pa.nulls(arrow.num_rows, arrow["event_id"].type)) if table.name == "event" else {}
    )
    there = {
        name for name, kind in zip(arrow.column_names, arrow.schema.types, strict=True) if not pa.types.is_null(kind)
    }
    columns = {name: arrow[name] for name in ("row_id", "file_no", "source_row")}
    columns |= {c.name: arrow[c.name] if c.name in there else nothing.get(c.name, text) for c in table.columns}
    return pa.table(columns)


def _load_csv(con: duckdb.DuckDBPyConnection, table: Table, paths: tuple[Path, ...]) -> RawTable:
    opened = [csv_rows.open_csv(path) for path in paths]
    _raise_any([issue for file in opened for issue in name_issues(table, file.header, shown(file.path))])
    types = {name: "VARCHAR" for f in opened for name in f.header}
    columns = ", ".join(f"{quoted(c.name)} VARCHAR" for c in table.columns)
    con.execute(f"CREATE TABLE raw_{table.name} (row_id BIGINT, file_no INTEGER, source_row BIGINT, {columns})")
    malformed: list[tuple[int, Reject]] = []
    for file_no, file in enumerate(opened):
        for batch, lines in file.batches():
            arriving = pa.Table.from_batches([batch]).append_column("source_row", pa.array(lines))
            con.register("arriving", arriving)
            con.execute(
                f"INSERT INTO raw_{table.name} BY NAME SELECT *, {file_no} AS file_no, "
                f"source_row + ({file_no}::BIGINT << {_FILE_SHIFT}) AS row_id FROM arriving"
            )
            con.unregister("arriving")
        malformed += [(file_no, _wrong_cells(table, file.path, line, m)) for line, m in file.malformed_lines()]
    return RawTable(table, tuple(shown(path) for path in paths), types, tuple(malformed), copied=True)


def _wrong_cells(table: Table, path: Path, line: int, row: csv_rows.Malformed) -> Reject:
    shape = f"{row.cells} cells instead of {row.expected}"
    return Reject(shown(path), line, table.name, "", "wrong-number-of-cells", shape)


def _load_parquet(con: duckdb.DuckDBPyConnection, table: Table, paths: tuple[Path, ...]) -> RawTable:
    names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    source = f"read_parquet([{names}], union_by_name = true, hive_partitioning = false, binary_as_string = true)"
    place = shown(paths[0] if len(paths) == 1 else paths[0].parent)
    for path in paths:
        if damaged := damaged_parquet(con, path):
            raise DataError([damaged])
    types = _described(con, f"SELECT * FROM {source}", None)
    _raise_any([*name_issues(table, list(types), place), *type_issues(table, types, place)])
    con.execute(
        f"CREATE VIEW raw_{table.name} AS SELECT (file_index::BIGINT << {_FILE_SHIFT}) + file_row_number AS row_id, "
        f"file_index::INTEGER AS file_no, file_row_number + 1 AS source_row, {_columns(table, types)} FROM {source}"
    )
    filled, positive = _by_statistics(con, names)
    return RawTable(table, tuple(shown(path) for path in paths), types, filled=filled, positive=positive)


def _by_statistics(con: duckdb.DuckDBPyConnection, names: str) -> tuple[frozenset[str], frozenset[str]]:
    """The columns without empty text, and those all of whose numbers are positive, as the files' own statistics tell.

    Empty text would be the least of all text.
    """
    least = ("stats_min_value <> ''", "type IN ('DOUBLE', 'FLOAT') AND TRY_CAST(stats_min_value AS DOUBLE) > 0")
    tell = ", ".join(f"bool_and(coalesce(stats_null_count = num_values OR ({one}), false))" for one in least)
    rows = con.execute(f"SELECT path_in_schema, {tell} FROM parquet_metadata([{names}]) GROUP BY ALL").fetchall()
    filled, positive = (frozenset(str(row[0]) for row in rows if row[place]) for place in (1, 2))
    return filled, positive


def damaged_parquet(con: duckdb.DuckDBPyConnection, path: Path) -> Issue | None:
    """What is wrong with a file that should be Parquet, as far as its beginning and end tell."""
    if path.stat().st_size == 0:
        return Issue(shown(path), 0, "data-empty-file", "The file is empty.", "Export it again.")
    try:
        con.execute("SELECT num_rows FROM parquet_file_metadata(?)", [str(path)]).fetchall()
    except duckdb.Error:
        return csv_rows.unreadable(path, "it is no complete Parquet file")
    return None


def _described(con: duckdb.DuckDBPyConnection, query: str, names: Sequence[str] | None) -> dict[str, str]:
    """DuckDB type by column of ``query``; of the columns ``names`` only, where given."""
    rows = con.execute(f"DESCRIBE {query}").fetchall()
    return {str(row[0]): str(row[1]) for row in rows if names is None or row[0] in names}


def _columns(table: Table, types: Mapping[str, str]) -> str:
    """Select list of all contract columns; those without a type in ``types`` are NULL."""
    present = {name for name, sql_type in types.items() if family(sql_type) != "absent"}
    return ", ".join(
        quoted(c.name) if c.name in present else f"CAST(NULL AS VARCHAR) AS {quoted(c.name)}" for c in table.columns
    )


def _with_origin(arrow: pa.Table, origin: str) -> tuple[pa.Table, tuple[str, ...]]:
    """``arrow`` with ``row_id``, ``file_no`` and ``source_row`` in place of the optional origin columns."""
    row_id = pa.array(np.arange(1, arrow.num_rows + 1, dtype=np.int64))
    source_row = arrow["_row"].cast(pa.int64()) if "_row" in arrow.column_names else row_id
    if "_file" in arrow.column_names:
        named = arrow["_file"]
        if not pa.types.is_dictionary(named.type) or named.null_count:
            named = pc.fill_null(named.cast(pa.string()), origin).dictionary_encode()
        encoded = named.unify_dictionaries().combine_chunks()
        file_no, files = encoded.indices.cast(pa.int32()), tuple(encoded.dictionary.to_pylist())
    else:
        file_no, files = pa.array(np.zeros(arrow.num_rows, np.int32)), (origin,)
    arrow = arrow.drop_columns([name for name in ORIGIN_COLUMNS if name in arrow.column_names])
    for name, values in (("row_id", row_id), ("file_no", file_no), ("source_row", source_row)):
        arrow = arrow.append_column(name, values)
    return arrow, files


def _from_pandas(frame: pd.DataFrame, place: str) -> pa.Table:
    """``frame`` column by column, so that every column that cannot become typed is named."""
    columns: dict[str, pa.Array] = {}
    issues: list[Issue] = []
    for name in frame.columns:
        try:
            columns[str(name)] = pa.array(frame[name], from_pandas=True)
        except (pa.ArrowException, ValueError, TypeError, OverflowError):  # its words may quote a cell
            issues.append(
                Issue(
                    place,
                    0,
                    "data-wrong-type",
                    f"Column {name} mixes values of several types.",
                    "Give the whole column one type, or make it text throughout.",
                )
            )
    _raise_any(issues)
    return pa.table(columns)


def _raise_any(issues: list[Issue]) -> None:
    if issues:
        raise DataError(issues)
