"""Fingerprints of people: 128 bits over everything that the accepted rows say of each of them.

A row's cells are hashed to 64 bits where they are read (``said`` of :mod:`measureharmony.practice.checks`), in one pass
over the source and without the contract's defaults. Hashes of a person's rows are summed, so that their order means
nothing; they are hashed once more before, so that sums have nothing to do with what makes hashes alike. The sums of all
tables and the identifier are hashed together. Only fingerprints of the same person are ever compared, so that a change
passes unseen once in 2^64 times.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

#: The file that keeps the fingerprints of a run's people, and the key of what else its metadata tell.
FILE = "fingerprints.parquet"
KEY = b"measureharmony"
#: What it is called there by which rules rows were accepted.
RULES = "rules"
SCHEMA = pa.schema([("person_id", pa.string()), ("fingerprint", pa.binary())])
#: How many rows there are, and what they say.
_SUMS = "count(*) AS rows, sum(hash(said)) AS sum"


def person_fingerprints(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """The ``person_id`` (text) and ``fingerprint`` (16 bytes) of everybody accepted, in ascending order of their keys.

    The same for the same rows in whatever order, file format or number of files. Needs the views ``said_<table>``, and
    ``said_before``: the fingerprints of those whose rows need not be looked at.
    """
    said = {name: f"said_{name}" for name in ("person", "coverage", "roster", "event", "event_code")}
    found = fingerprint_query("accepted_person ANTI JOIN said_before USING (person_id)", sums_of(said))
    return con.sql(
        "SELECT CAST(person_id AS VARCHAR) AS person_id, fingerprint FROM ("
        "SELECT person_key, person_id, before AS fingerprint FROM accepted_person JOIN said_before USING (person_id) "
        f"UNION ALL SELECT person_key, person_id, fingerprint FROM ({found})) ORDER BY person_key"
    ).to_arrow_table()


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
    owners = f"(SELECT event_id, person_id FROM {said['event']})"
    rows = {**said, "event_code": f"{said['event_code']} JOIN {owners} USING (event_id)"}
    return {name: f"(SELECT person_id, {_SUMS} FROM {relation} GROUP BY person_id)" for name, relation in rows.items()}


def fingerprint_query(people: str, sums: Mapping[str, str]) -> str:
    """SQL of ``people`` (a relation with ``person_id``) with the ``fingerprint`` and the number of codings of each.

    ``sums``: as :func:`sums_of` gives them.
    """
    joins = " ".join(f"LEFT JOIN {relation} AS {name} USING (person_id)" for name, relation in sums.items())
    every = ", ".join(f"coalesce({name}.{part}, 0)" for name in sums for part in ("rows", "sum"))
    return (
        f"SELECT COLUMNS(people.*), unhex(md5(concat_ws(' ', {every}, people.person_id))) AS fingerprint, "
        f"coalesce(event_code.rows, 0) AS codings FROM (FROM {people}) AS people {joins}"
    )


def provider_sums(con: duckdb.DuckDBPyConnection) -> str:
    """How many clinicians are accepted, and the sums of what is said of them, as text."""
    (row,) = con.execute(f"SELECT {_SUMS} FROM said_provider").fetchall()
    return " ".join(map(str, row))
