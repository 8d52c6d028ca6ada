"""Fingerprints of people: 128 bits over everything that the accepted rows say of each of them.

A row's cells are hashed to 64 bits where they are read (``said`` of :mod:`measureharmony.practice.checks`), in one pass
over the source and without the contract's defaults. A person's rows are summed twice, so that their order means
nothing: their hashes, and hashes of these, since other rows may well have the same sum, but hardly both. The sums of
all tables are hashed once more. Only fingerprints of the same person are ever compared, so that a change passes unseen
once in 2^64 times.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

#: How many rows there are, and what they say.
_SUMS = "count(*) AS rows, sum(said) AS one, sum(hash(said)) AS other"
#: Sums of each person's rows, by what they are called. Further codings, which name only their event, are in its row.
_SUMMED = {
    "person": f"SELECT person_id, {_SUMS} FROM said_person GROUP BY ALL",
    "coverage": f"SELECT person_id, {_SUMS} FROM said_coverage GROUP BY ALL",
    "roster": f"SELECT person_id, {_SUMS} FROM said_roster GROUP BY ALL",
    "event": f"""
        SELECT person_id, {_SUMS}, sum(codes.one) AS code_one, sum(codes.other) AS code_other
        FROM said_event LEFT JOIN (SELECT event_id, {_SUMS} FROM said_event_code GROUP BY ALL) AS codes USING (event_id)
        GROUP BY person_id""",
}


def person_fingerprints(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """The ``person_id`` (text) and ``fingerprint`` (16 bytes) of everybody accepted, in ascending order of their keys.

    The same for the same rows in whatever order, file format or number of files.
    """
    joins = " ".join(f"LEFT JOIN ({query}) AS {name}_sum USING (person_id)" for name, query in _SUMMED.items())
    every = ", ".join(f"coalesce({name}_sum.{column}, 0)" for name in _SUMMED for column in _columns_of(name))
    return con.sql(
        f"SELECT CAST(person_id AS VARCHAR) AS person_id, unhex(md5(concat_ws(' ', {every}))) AS fingerprint "
        f"FROM accepted_person {joins} ORDER BY person_key"
    ).to_arrow_table()


def provider_sums(con: duckdb.DuckDBPyConnection) -> str:
    """How many clinicians are accepted, and the sums of what is said of them, as text."""
    (row,) = con.execute(f"SELECT {_SUMS} FROM said_provider").fetchall()
    return " ".join(map(str, row))


def _columns_of(name: str) -> tuple[str, ...]:
    return ("rows", "one", "other", "code_one", "code_other") if name == "event" else ("rows", "one", "other")
