"""From a practice to the columns that a plan's kernels work on.

DuckDB reads the events that some part of the plan looks at, once, with only the columns it reads; NumPy puts them into
the order of person and source, and finds the rows of every set of codes. Everything after this is array arithmetic.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from measureharmony.engines.source_order import source_order, stable_order
from measureharmony.evaluation.columns import (
    NO_MS,
    Bools,
    Events,
    Floats,
    Ints,
    Links,
    Partition,
    People,
    Spans,
    Times,
    Words,
)
from measureharmony.evaluation.outcome import Subjects
from measureharmony.evaluation.plan import Columns, EvaluationPlan
from measureharmony.evaluation.row_kernels import union
from measureharmony.evaluation.terminology import CodeIndex, Coding, Terminology
from measureharmony.periods import day_number
from measureharmony.practice import Practice

_LINKS = {"encounter": "encounter_id", "parent": "parent_id", "based_on": "based_on_id"}


@dataclass(frozen=True)
class Loaded:
    """A whole practice as a plan needs it."""

    partition: Partition
    subjects: Subjects


def load(practice: Practice, plan: EvaluationPlan, terminology: Terminology, as_of: dt.date | None) -> Loaded:
    """Everything about everybody that ``plan`` looks at; with ``as_of``, as it was known at the end of that day."""
    with practice.connection.cursor() as connection:
        needed = plan.columns()
        index = CodeIndex(plan.matches(), terminology)
        wanted = _wanted_codings(connection, index)
        rows = _read_rows(connection, needed, _condition(plan, wanted, as_of))
        people = _fetch(connection, "SELECT * FROM accepted_person ORDER BY person_key")
        partition = Partition(
            people=_people(people),
            events=_events(rows, needed, _link_rows(connection, rows, needed)),
            coverage=_spans(connection, "accepted_coverage", "payer", "product_line", "benefits"),
            roster=_spans(connection, "accepted_roster", "program", "NULL", "NULL"),
            matches=dict(zip(index.groups, _group_rows(connection, rows, index, wanted), strict=True)),
            listed=_listed_programs(connection),
        )
        return Loaded(partition, Subjects(_text(people["person_id"]), rows.identifier))


# --- codes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _WantedCodings:
    """The different codings in the data that some group wants, numbered; the groups' numbers by coding.

    In the connection, ``wanted_inline`` says which codings of ``accepted_event`` they are, and ``further_coding`` which
    events have which of them in ``accepted_event_code``.
    """

    groups: Sequence[Sequence[int]]
    further: bool


def _wanted_codings(connection: duckdb.DuckDBPyConnection, index: CodeIndex) -> _WantedCodings:
    """Ask the data which codings there are, and ``index`` who wants them."""
    inline = _wanted_among(connection, index, "SELECT DISTINCT 'code', code_system, code FROM accepted_event")
    further = _wanted_among(connection, index, "SELECT DISTINCT role, system, code FROM accepted_event_code")
    connection.register("wanted_inline", _coding_table(list(inline), 0))
    connection.register("wanted_further", _coding_table(list(further), len(inline)))
    connection.execute(
        """
        CREATE TEMP TABLE further_coding AS SELECT c.event_id, w.coding FROM accepted_event_code c
        JOIN wanted_further w ON c.code = w.code AND c.role = w.role AND c.system IS NOT DISTINCT FROM w.system
        """
    )
    return _WantedCodings([*inline.values(), *further.values()], bool(further))


def _wanted_among(connection: duckdb.DuckDBPyConnection, index: CodeIndex, query: str) -> dict[Coding, list[int]]:
    present = [Coding(*row) for row in connection.sql(query).fetchall() if row[-1] is not None]
    return {coding: groups for coding in present if (groups := index.groups_of(coding))}


def _coding_table(codings: Sequence[Coding], first: int) -> pa.Table:
    """The codings as a relation, numbered from ``first`` on."""
    numbers = pa.array(np.arange(first, first + len(codings), dtype=np.int32))
    parts = {name: pa.array([coding[i] for coding in codings], pa.string()) for i, name in enumerate(Coding._fields)}
    return pa.table({"coding": numbers, **parts})


def _group_rows(
    connection: duckdb.DuckDBPyConnection, rows: _Rows, index: CodeIndex, wanted: _WantedCodings
) -> list[Ints]:
    """For each group, the rows that have one of its codings: each once, ascending."""
    coding = rows.numbers("coding", empty=-1)
    row = np.flatnonzero(coding >= 0)
    coding = coding[row]
    if wanted.further:
        pairs = _fetch(connection, "SELECT row, coding FROM further_coding JOIN loaded_row USING (event_id)")
        row = np.concatenate((row, _numbers(pairs["row"])))
        coding = np.concatenate((coding, _numbers(pairs["coding"])))
    order = stable_order(coding)
    row, counts = row[order], np.bincount(coding, minlength=len(wanted.groups))
    ends = np.cumsum(counts)
    found: list[list[Ints]] = [[] for _ in index.groups]
    for groups, start, end in zip(wanted.groups, ends - counts, ends, strict=True):
        for group in groups:
            found[group].append(row[start:end])
    return [union(parts) if parts else np.empty(0, dtype=np.int64) for parts in found]


# --- events --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rows:
    """The events read, as they arrived, and the order in which they are numbered as rows.

    In the connection, ``loaded_row`` gives the row and the links of each ``event_id``.
    """

    arrived: pa.Table
    order: Ints
    identifier: pa.Array

    def numbers(self, name: str, empty: int | None = None) -> Ints:
        """A column of whole numbers or flags in the order of rows, with ``empty`` for its empty cells."""
        column = self.arrived[name] if empty is None else self.arrived[name].fill_null(empty)
        return np.asarray(_numbers(column)[self.order])

    def floats(self, name: str) -> Floats:
        """A column of numbers in the order of rows; NaN is an empty cell."""
        return np.asarray(_floats(self.arrived[name])[self.order])

    def words(self, name: str) -> Words:
        """A column of words in the order of rows."""
        return _words(self.arrived[name], self.order)

    def times(self, name: str) -> Times:
        """A moment in the order of rows."""
        ms = self.arrived[f"{name}_ms"]
        known = ms.null_count < len(ms)
        instant = self.numbers(f"{name}_ms", empty=NO_MS) if known else None
        return Times(self.numbers(f"{name}_lo"), self.numbers(f"{name}_hi"), instant)


def _condition(plan: EvaluationPlan, wanted: _WantedCodings, as_of: dt.date | None) -> str:
    """SQL: some part of the plan looks at the event, for its codings or whatever they are, and it was known by then."""
    reasons = ["w.coding IS NOT NULL"]
    uncoded = [match.kinds for match in plan.matches() if match.codes is None]
    if kinds := sorted({kind for kinds in uncoded for kind in kinds}):
        reasons.append(f"kind IN ({', '.join(repr(kind) for kind in kinds)})")
    if () in uncoded:
        reasons.append("true")
    if wanted.further:
        reasons.append("event_id IN (SELECT event_id FROM further_coding)")
    looked_at = f"({' OR '.join(reasons)})"
    if as_of is None:
        return looked_at
    day = day_number(as_of)
    return f"{looked_at} AND (received_day <= {day} OR (received_day IS NULL AND start_lo <= {day}))"


def _read_rows(connection: duckdb.DuckDBPyConnection, needed: Columns, condition: str) -> _Rows:
    times = [f"{name}_{part}" for name in needed.times for part in ("lo", "hi", "ms")]
    links = [_LINKS[link] for link in needed.links]
    fixed = ("event_id", "person_key", "sequence", "not_done", "unit", "value_type")
    columns = dict.fromkeys([*fixed, *needed.words, *times, *needed.numbers, *links])
    arrived = _fetch(
        connection,
        f"""
        SELECT w.coding, {", ".join(f"e.{column}" for column in columns)}
        FROM accepted_event e LEFT JOIN wanted_inline w
        ON e.code = w.code AND e.code_system IS NOT DISTINCT FROM w.system
        WHERE {condition}
        """,
    )
    order = source_order(connection, _numbers(arrived["person_key"]), arrived["sequence"], arrived["event_id"])
    kept = arrived.select(["event_id", *links]).take(order)
    connection.register("loaded_row", kept.append_column("row", pa.array(np.arange(len(order)))))
    return _Rows(arrived, order, kept["event_id"].combine_chunks())


def _link_rows(connection: duckdb.DuckDBPyConnection, rows: _Rows, needed: Columns) -> dict[str, Links]:
    """By kind of link, which rows point to which rows of the same person; text cells may name several events."""
    person = rows.numbers("person_key")
    links: dict[str, Links] = {}
    for link in needed.links:
        column = _LINKS[link]
        (kind,) = connection.sql(f"SELECT {column} FROM loaded_row LIMIT 0").types
        each = column if "INT" in str(kind) else f"unnest(string_split(trim({column}), ' '))"
        pairs = _fetch(
            connection,
            f"SELECT e.row AS pointing, t.row AS pointed FROM loaded_row t JOIN "
            f"(SELECT row, {each} AS target FROM loaded_row WHERE {column} IS NOT NULL) e ON e.target = t.event_id",
        )
        pointing, pointed = _numbers(pairs["pointing"]), _numbers(pairs["pointed"])
        own = np.flatnonzero(person[pointing] == person[pointed])
        order = own[stable_order(pointed[own])]
        order = order[stable_order(pointing[order])]
        links[link] = Links(pointing[order], pointed[order])
    return links


def _events(rows: _Rows, needed: Columns, links: dict[str, Links]) -> Events:
    return Events(
        person=rows.numbers("person_key"),
        not_done=rows.numbers("not_done").astype(bool),
        words={name: rows.words(name) for name in needed.words},
        times={name: rows.times(name) for name in needed.times},
        numbers={name: rows.floats(name) for name in needed.numbers},
        links=links,
        unit=rows.words("unit"),
        value_type=rows.words("value_type"),
    )


def _people(table: pa.Table) -> People:
    return People(
        key=_numbers(table["person_key"]),
        birth=_times(table, "birth"),
        sex=_words(table["sex"]),
        gender=_words(table["gender"]),
        death=_times(table, "death"),
    )


def _listed_programs(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    return frozenset(row[0] for row in connection.sql("SELECT DISTINCT program FROM accepted_roster").fetchall())


def _spans(connection: duckdb.DuckDBPyConnection, relation: str, name: str, line: str, benefits: str) -> Spans:
    table = _fetch(
        connection,
        f"""
        SELECT person_key, start_day, end_day, {name}::VARCHAR AS name, {line}::VARCHAR AS product_line,
               {benefits}::VARCHAR AS benefits
        FROM {relation} ORDER BY person_key, start_day, end_day, name
        """,
    )
    return Spans(
        person=_numbers(table["person_key"]),
        name=_words(table["name"]),
        product_line=_words(table["product_line"]),
        benefits=_words(table["benefits"]),
        start=_numbers(table["start_day"]),
        end=_numbers(table["end_day"]),
    )


# --- Arrow to NumPy ------------------------------------------------------------------------------------------------


def _fetch(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return connection.sql(query).to_arrow_table()


def _numbers(column: pa.ChunkedArray) -> Ints:
    numbers: Ints = column.to_numpy()
    return numbers


def _floats(column: pa.ChunkedArray) -> Floats:
    floats: Floats = column.cast(pa.float64()).to_numpy()
    return floats


def _flags(column: pa.ChunkedArray) -> Bools:
    flags: Bools = column.to_numpy().astype(bool)
    return flags


def _text(column: pa.ChunkedArray) -> pa.Array:
    return column.cast(pa.string()).combine_chunks()


def _words(column: pa.ChunkedArray, order: Ints | None = None) -> Words:
    """The column's different words, and a number for each cell as small as they allow: the cells are many."""
    encoded = column.cast(pa.string()).dictionary_encode().combine_chunks()
    words = tuple(encoded.dictionary.to_pylist())
    codes = encoded.indices.fill_null(-1).to_numpy().astype(np.min_scalar_type(-max(1, len(words))))
    return Words(codes if order is None else codes[order], words)


def _times(table: pa.Table, name: str) -> Times:
    lo, hi = _numbers(table[f"{name}_lo"]), _numbers(table[f"{name}_hi"])
    ms_name = f"{name}_ms"
    if ms_name not in table.column_names or table[ms_name].null_count == len(table):
        return Times(lo, hi)
    return Times(lo, hi, table[ms_name].fill_null(NO_MS).to_numpy())
