"""DuckDB reads, matches and sorts: from a practice to the columns that a plan's kernels work on.

Only events that some part of the plan looks at are loaded, with only the columns it reads, ordered by person and the
source's own order. Everything after this is array arithmetic.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import (
    NO_MS,
    Bools,
    Events,
    Floats,
    Ints,
    Partition,
    People,
    Spans,
    Times,
    Words,
)
from measureharmony.evaluation.outcome import Subjects
from measureharmony.evaluation.plan import Columns, EvaluationPlan
from measureharmony.evaluation.terminology import CodeTable, Terminology, code_table
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
    connection = practice.connection.cursor()
    needed = plan.columns()
    table = code_table(plan.matches(), terminology)
    _register_codes(connection, table, terminology)
    _find_hits(connection)
    _order_events(connection, needed, _wanted_events(plan), as_of)
    events = _fetch(connection, f"SELECT {', '.join(_event_columns(needed))} FROM loaded_event ORDER BY row")
    people = _fetch(connection, "SELECT * FROM accepted_person ORDER BY person_key")
    partition = Partition(
        people=_people(people),
        events=_events(events, needed, _link_rows(connection, needed, len(events))),
        coverage=_spans(connection, "accepted_coverage", "payer", "product_line", "benefits"),
        roster=_spans(connection, "accepted_roster", "program", "NULL", "NULL"),
        matches=_matches(connection, table),
        listed=frozenset(row[0] for row in connection.sql("SELECT DISTINCT program FROM accepted_roster").fetchall()),
    )
    for name in ("loaded_event", "hit", "code_map"):
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    return Loaded(partition, Subjects(_text(people["person_id"]), events["event_id"].combine_chunks()))


# --- codes ---------------------------------------------------------------------------------------------------------


def _register_codes(connection: duckdb.DuckDBPyConnection, table: CodeTable, terminology: Terminology) -> None:
    """``code_map(grp, role, system, code)``: what the data may write for each code, beginnings spelt out."""
    arrow = pa.table(
        {
            "grp": pa.array(table.group, pa.int32()),
            "role": pa.array(table.role, pa.string()),
            "uri": pa.array(table.system, pa.string()),
            "code": pa.array(table.code, pa.string()),
            "prefix": pa.array(table.prefix, pa.bool_()),
        }
    )
    spellings = [
        row[0]
        for row in connection.sql(
            "SELECT code_system FROM accepted_event UNION SELECT system FROM accepted_event_code"
        ).fetchall()
        if row[0] is not None
    ]
    written = pa.table(
        {
            "uri": pa.array([terminology.systems.canonical(spelling) for spelling in spellings], pa.string()),
            "system": pa.array(spellings, pa.string()),
        }
    )
    connection.register("wanted_code", arrow)
    connection.register("written_system", written)
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE code_map AS
        SELECT grp, role, system, code FROM wanted_code JOIN written_system USING (uri) WHERE NOT prefix
        UNION ALL SELECT grp, role, NULL, code FROM wanted_code WHERE uri = '*'
        """
    )
    if any(table.prefix):
        _spell_out_beginnings(connection)
    connection.unregister("wanted_code")
    connection.unregister("written_system")


def _spell_out_beginnings(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        INSERT INTO code_map
        WITH beginning AS (SELECT * FROM wanted_code JOIN written_system USING (uri) WHERE prefix),
        present AS (
            SELECT 'code' AS role, code_system AS system, code FROM accepted_event
            WHERE code_system IN (SELECT system FROM beginning)
            UNION SELECT role, system, code FROM accepted_event_code WHERE system IN (SELECT system FROM beginning)
        )
        SELECT DISTINCT b.grp, b.role, p.system, p.code
        FROM present p JOIN beginning b ON p.role = b.role AND p.system = b.system AND starts_with(p.code, b.code)
        """
    )


def _find_hits(connection: duckdb.DuckDBPyConnection) -> None:
    """``hit(event_id, grp)``: which events have a coding in which group."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE hit AS
        SELECT e.event_id, m.grp FROM accepted_event e
        JOIN code_map m ON e.code = m.code AND e.code_system = m.system WHERE m.role = 'code'
        UNION ALL
        SELECT c.event_id, m.grp FROM accepted_event_code c
        JOIN code_map m ON c.code = m.code AND c.system = m.system AND c.role = m.role
        """
    )
    if connection.sql("SELECT count(*) FROM code_map WHERE system IS NULL").fetchall()[0][0]:
        connection.execute(
            """
            INSERT INTO hit
            SELECT e.event_id, m.grp FROM accepted_event e
            JOIN code_map m ON e.code = m.code WHERE m.role = 'code' AND m.system IS NULL
            UNION ALL
            SELECT c.event_id, m.grp FROM accepted_event_code c
            JOIN code_map m ON c.code = m.code AND c.role = m.role WHERE m.system IS NULL
            """
        )


def _matches(connection: duckdb.DuckDBPyConnection, table: CodeTable) -> Mapping[tuple[str, tuple[str, ...] | None], Ints]:
    hits = _fetch(
        connection, "SELECT grp, row FROM hit JOIN loaded_event USING (event_id) ORDER BY grp, row"
    )
    group, row = _numbers(hits["grp"]), _numbers(hits["row"]).astype(np.int64)
    if len(row):
        fresh = np.concatenate(([True], (row[1:] != row[:-1]) | (group[1:] != group[:-1])))
        group, row = group[fresh], row[fresh]
    bounds = np.searchsorted(group, np.arange(len(table.groups) + 1))
    return {key: row[bounds[i] : bounds[i + 1]] for i, key in enumerate(table.groups)}


# --- events --------------------------------------------------------------------------------------------------------


def _wanted_events(plan: EvaluationPlan) -> str:
    """SQL condition: some part of the plan looks at the event, for its codes or whatever its codes."""
    uncoded = [match.kinds for match in plan.matches() if match.codes is None]
    if () in uncoded:
        return "true"
    kinds = sorted({kind for kinds in uncoded for kind in kinds})
    listed = f" OR kind IN ({', '.join(repr(kind) for kind in kinds)})" if kinds else ""
    return f"(event_id IN (SELECT event_id FROM hit){listed})"


def _event_columns(needed: Columns) -> list[str]:
    times = [f"{name}_{part}" for name in needed.times for part in ("lo", "hi", "ms")]
    return ["event_id", "person_key", "not_done", "unit", "value_type", *needed.words, *times, *needed.numbers]


def _order_events(
    connection: duckdb.DuckDBPyConnection, needed: Columns, wanted: str, as_of: dt.date | None
) -> None:
    """``loaded_event``: the events any part of the plan looks at, numbered by person and the source's order."""
    columns = dict.fromkeys([*_event_columns(needed), *(_LINKS[link] for link in needed.links)])
    known = ""
    if as_of is not None:
        day = day_number(as_of)
        known = f"AND (received_day <= {day} OR (received_day IS NULL AND start_lo <= {day}))"
    kind_of_id = connection.sql("SELECT event_id FROM accepted_event LIMIT 0").types[0]
    tie = "event_id" if "INT" in str(kind_of_id) else "length(event_id), event_id"
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE loaded_event AS
        SELECT row_number() OVER (ORDER BY person_key, sequence NULLS LAST, {tie}) - 1 AS row, {", ".join(columns)}
        FROM accepted_event WHERE {wanted} {known}
        """
    )


def _link_rows(connection: duckdb.DuckDBPyConnection, needed: Columns, count: int) -> dict[str, Ints]:
    links: dict[str, Ints] = {}
    for link in needed.links:
        pairs = _fetch(
            connection,
            f"SELECT e.row AS pointing, t.row AS pointed FROM loaded_event e JOIN loaded_event t "
            f"ON e.{_LINKS[link]} = t.event_id AND e.person_key = t.person_key",
        )
        target = np.full(count, -1, dtype=np.int64)
        target[_numbers(pairs["pointing"])] = _numbers(pairs["pointed"])
        links[link] = target
    return links


def _events(table: pa.Table, needed: Columns, links: dict[str, Ints]) -> Events:
    return Events(
        person=_numbers(table["person_key"]),
        not_done=_flags(table["not_done"]),
        words={name: _words(table[name]) for name in needed.words},
        times={name: _times(table, name) for name in needed.times},
        numbers={name: _floats(table[name]) for name in needed.numbers},
        links=links,
        unit=_words(table["unit"]),
        value_type=_words(table["value_type"]),
    )


def _people(table: pa.Table) -> People:
    return People(
        key=_numbers(table["person_key"]),
        birth=_times(table, "birth"),
        sex=_words(table["sex"]),
        gender=_words(table["gender"]),
        death=_times(table, "death"),
    )


def _spans(connection: duckdb.DuckDBPyConnection, relation: str, name: str, line: str, benefits: str) -> Spans:
    table = _fetch(
        connection,
        f"SELECT person_key, {name}::VARCHAR AS name, {line}::VARCHAR AS product_line, {benefits}::VARCHAR AS benefits, "
        f"start_day, end_day FROM {relation} ORDER BY person_key, start_day, end_day, name",
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


def _words(column: pa.ChunkedArray) -> Words:
    encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return Words(codes, tuple(encoded.dictionary.to_pylist()))


def _times(table: pa.Table, name: str) -> Times:
    lo, hi = _numbers(table[f"{name}_lo"]), _numbers(table[f"{name}_hi"])
    ms_name = f"{name}_ms"
    if ms_name not in table.column_names or table[ms_name].null_count == len(table):
        return Times(lo, hi)
    return Times(lo, hi, table[ms_name].fill_null(NO_MS).to_numpy())
