"""Fingerprints of people: 128 bits over everything that the accepted rows say of each of them.

A row's cells are hashed to 64 bits where they are read (``said`` of :mod:`measureharmony.practice.checks`), in one pass
over the source and without the contract's defaults. Hashes of a person's rows are summed, so that their order means
nothing; they are hashed once more before, so that sums have nothing to do with what makes hashes alike. The sums of all
tables are hashed together. Only fingerprints of the same person are ever compared, so that a change passes unseen once
in 2^64 times.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

#: How many rows there are, and what they say.
_SUMS = "count(*) AS rows, sum(hash(said)) AS sum"
#: The rows of each table, with whose they are. Further codings name only their event.
_ROWS = {
    "person": "said_person",
    "coverage": "said_coverage",
    "roster": "said_roster",
    "event": "said_event",
    "event_code": "said_event_code JOIN (SELECT event_id, person_id FROM kept_event) USING (event_id)",
}


def person_fingerprints(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """The ``person_id`` (text) and ``fingerprint`` (16 bytes) of everybody accepted, in ascending order of their keys.

    The same for the same rows in whatever order, file format or number of files.
    """
    joins = " ".join(
        f"LEFT JOIN (SELECT person_id, {_SUMS} FROM {rows} GROUP BY person_id) AS {name} USING (person_id)"
        for name, rows in _ROWS.items()
    )
    every = ", ".join(f"coalesce({name}.{part}, 0)" for name in _ROWS for part in ("rows", "sum"))
    return con.sql(
        f"SELECT CAST(person_id AS VARCHAR) AS person_id, unhex(md5(concat_ws(' ', {every}))) AS fingerprint "
        f"FROM accepted_person {joins} ORDER BY person_key"
    ).to_arrow_table()


def provider_sums(con: duckdb.DuckDBPyConnection) -> str:
    """How many clinicians are accepted, and the sums of what is said of them, as text."""
    (row,) = con.execute(f"SELECT {_SUMS} FROM said_provider").fetchall()
    return " ".join(map(str, row))

