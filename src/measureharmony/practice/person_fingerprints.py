"""Fingerprints of people: 128 bits over everything that the accepted rows say of each of them.

DuckDB hashes every cell to 64 bits (numbers and days to numbers that are all different), and every row twice; a
person's rows are summed, so that their order means nothing, and the sums of all tables are hashed once more. Only
fingerprints of the same person are ever compared, so that a change passes unseen once in 2^64 times.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa

from measureharmony.practice.cells import quoted

#: The rows of people, by how each sum is called.
_ROWS = {"person": "accepted_person", "coverage": "accepted_coverage", "roster": "accepted_roster"}
#: Words put before the cells of a row: two hashes of one row are then independent of each other.
_SALTS = ("one", "other")


def person_fingerprints(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """The ``person_id`` (text) and ``fingerprint`` (16 bytes) of everybody accepted, in ascending order of their keys.

    The same for the same rows in whatever order, file format or number of files.
    """
    sums = {name: _summed(con, relation) for name, relation in _ROWS.items()} | {"event": _summed_events(con)}
    joins = " ".join(f"LEFT JOIN ({query}) AS {name}_sum USING (person_key)" for name, query in sums.items())
    every = ", ".join(f"coalesce({name}_sum.{column}, 0)" for name in sums for column in _columns_of(name))
    return con.sql(
        f"SELECT CAST(person_id AS VARCHAR) AS person_id, unhex(md5(concat_ws(' ', {every}))) AS fingerprint "
        f"FROM accepted_person {joins} ORDER BY person_key"
    ).to_arrow_table()


def row_sums(con: duckdb.DuckDBPyConnection, relation: str) -> str:
    """How many rows a relation has, and the sums of their hashes, as text."""
    (row,) = con.execute(f"SELECT count(*), {_sums(_hashes(con, relation))} FROM {relation}").fetchall()
    return " ".join(map(str, row))


def _columns_of(name: str) -> tuple[str, ...]:
    return ("rows", "one", "other", "code_one", "code_other") if name == "event" else ("rows", "one", "other")


def _summed(con: duckdb.DuckDBPyConnection, relation: str) -> str:
    return f"SELECT person_key, count(*) AS rows, {_sums(_hashes(con, relation))} FROM {relation} GROUP BY person_key"


def _summed_events(con: duckdb.DuckDBPyConnection) -> str:
    """Events with their further codings, which name only the event, in one pass over the events."""
    codes = (
        f"SELECT event_id, {_sums(_hashes(con, 'accepted_event_code'), 'code_')} FROM accepted_event_code "
        "GROUP BY event_id"
    )
    coded = ", ".join(f"sum(code_{salt}) AS code_{salt}" for salt in _SALTS)
    return (
        f"SELECT person_key, count(*) AS rows, {_sums(_hashes(con, 'accepted_event'))}, {coded} "
        f"FROM accepted_event LEFT JOIN ({codes}) USING (event_id) GROUP BY person_key"
    )


def _sums(hashes: str, prefix: str = "") -> str:
    return ", ".join(f"sum(CAST(hash('{salt}', {hashes}) AS HUGEINT)) AS {prefix}{salt}" for salt in _SALTS)


def _hashes(con: duckdb.DuckDBPyConnection, relation: str) -> str:
    """The cells of a row, as far as they say something: people's keys depend on who else is there."""
    columns = con.execute(f"DESCRIBE {relation}").fetchall()
    return ", ".join(part for name, kind, *_ in columns if name != "person_key" for part in _parts(name, kind))


def _parts(name: str, kind: str) -> Iterator[str]:
    cell = quoted(name)
    # As text, identifiers hash alike whether the source kept them as numbers or as text.
    yield f"CAST({cell} AS VARCHAR)" if name.endswith("_id") else cell
    if kind == "DOUBLE":
        yield f"signbit({cell})"  # zero and minus zero hash alike, and are not written alike
