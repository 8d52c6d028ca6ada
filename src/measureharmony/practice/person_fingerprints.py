"""Fingerprints of people: 128 bits over everything that the accepted rows say of each of them.

A row's cells are hashed to 64 bits where they are read (``said`` of :mod:`measureharmony.practice.checks`), in one pass
over the source and without the contract's defaults. Hashes of a person's rows are summed, so that their order means
nothing; they are hashed once more before, so that sums have nothing to do with what makes hashes alike. The sums of all
tables and the identifier are hashed together, forwards and backwards. Only fingerprints of the same person are ever
compared, so that a change passes unseen once in 2^64 times.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

#: The file that keeps the fingerprints of a run's people, and the key of what else its metadata tell.
FILE = "fingerprints.parquet"
KEY = b"measureharmony"
#: What it is called there by which rules rows were accepted.
RULES = "rules"
SCHEMA = pa.schema([("person_id", pa.string()), ("fingerprint", pa.binary())])
#: Both halves of a fingerprint, and the bytes of the whole.
HALVES = "forwards, backwards"
SIZE = 16
#: How many rows there are, and what they say; and the same of such sums. They wrap around, to be kept in 64 bits.
_WRAPPED = "CAST({} & 18446744073709551615 AS UBIGINT) AS sum"
SUMS = f"count(*) AS rows, {_WRAPPED.format('sum(hash(said))')}"
ADDED = f"sum(rows)::BIGINT AS rows, {_WRAPPED.format('sum(sum)')}"


def person_fingerprints(con: duckdb.DuckDBPyConnection, sums: Mapping[str, str] | None = None) -> pa.Table:
    """The ``person_id`` (text) and ``fingerprint`` (16 bytes) of everybody accepted, in ascending order of their keys.

    The same for the same rows in whatever order, file format or number of files. Needs the views ``said_<table>``, and
    ``said_before``: the fingerprints of those whose rows need not be looked at. ``sums``: those of some tables, where
    they have been found already.
    """
    said = {name: f"said_{name}" for name in ("person", "coverage", "roster", "event", "event_code")}
    every = {**sums_of(said), **(sums or {})}
    found = fingerprint_query("accepted_person ANTI JOIN said_before USING (person_id)", every)
    every_half = con.sql(
        f"SELECT CAST(person_id AS VARCHAR) AS person_id, {HALVES} FROM ("
        f"SELECT person_key, person_id, {HALVES} FROM accepted_person JOIN said_before USING (person_id) "
        f"UNION ALL SELECT person_key, person_id, {HALVES} FROM ({found})) ORDER BY person_key"
    ).to_arrow_table()
    halves = np.column_stack([every_half[name].to_numpy().astype("<u8") for name in ("forwards", "backwards")])
    fingerprints = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(SIZE), len(halves), [None, pa.py_buffer(halves.tobytes())]
    )
    return pa.table([every_half["person_id"], fingerprints.cast(pa.binary())], schema=SCHEMA)


def in_halves(people: pa.Table) -> pa.Table:
    """``person_id`` and both :data:`HALVES` of fingerprints, each 16 bytes, as they are found in the database."""
    halves = np.frombuffer(b"".join(people["fingerprint"].to_pylist()), "<u8").reshape(-1, 2)
    return pa.table(
        [people["person_id"], halves[:, 0].copy(), halves[:, 1].copy()], ["person_id", "forwards", "backwards"]
    )


@cache
def rules() -> str:
    """By which rules rows are accepted, and how they are hashed: the source that reads them, and DuckDB's release."""
    digest = hashlib.sha256(duckdb.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def sums_of(said: Mapping[str, str]) -> dict[str, str]:
    """SQL of the ``rows`` of each person (``person_id``; NULL: of nobody) and the ``sum`` of what they say, by table.

    ``said``: by table, a relation of what the rows say and whose they are. Further codings name only their event.
    """
    rows = dict(said)
    if "event_code" in rows:
        rows["event_code"] = owned(said["event_code"], said["event"])
    return {name: f"(SELECT person_id, {SUMS} FROM {relation} GROUP BY person_id)" for name, relation in rows.items()}


def owned(codings: str, events: str) -> str:
    """SQL of codings with the ``person_id`` of their event; codings of no event are left out."""
    return f"{codings} JOIN (SELECT event_id, person_id FROM {events}) USING (event_id)"


def fingerprint_query(people: str, sums: Mapping[str, str]) -> str:
    """SQL of ``people`` (a relation with ``person_id``) with the :data:`HALVES` and the number of codings of each.

    ``sums``: as :func:`sums_of` gives them.
    """
    joins = " ".join(f"LEFT JOIN {relation} AS {name} USING (person_id)" for name, relation in sums.items())
    every = [f"coalesce({name}.{part}, 0::UBIGINT)" for name in sums for part in ("rows::UBIGINT", "sum")]
    every.append("CAST(people.person_id AS VARCHAR)")
    forwards, backwards = ", ".join(every), ", ".join(reversed(every))
    return (
        f"SELECT COLUMNS(people.*), hash({forwards}) AS forwards, hash({backwards}) AS backwards, "
        f"coalesce(event_code.rows, 0) AS codings FROM (FROM {people}) AS people {joins}"
    )


def provider_sums(con: duckdb.DuckDBPyConnection) -> str:
    """How many clinicians are accepted, and the sums of what is said of them, as text."""
    (row,) = con.execute(f"SELECT {SUMS} FROM said_provider").fetchall()
    return " ".join(map(str, row))
