"""What of a source is not known from before: the rows of people who differ from when all of theirs were accepted.

Of whom a source says to the last cell what it said then, there is nothing to check but whether somebody else's rows
now have the identifiers of theirs. So one pass over the source finds fingerprints, and who else has rows; the rules are
asked of the other people's rows alone, which are copied: ``unknown_event``, ``unknown_event_code``. They are few, or it
is not worth it.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from measureharmony.practice.checks import CellTable, said_by
from measureharmony.practice.person_fingerprints import fingerprint_query, sums_of

#: With more events than this share unknown, copying them costs more than it spares.
_MOST = 0.25
#: The views of :func:`views_of_unknown` where nobody is known from before.
NOBODY_KNOWN = {"said_before": "SELECT person_id, CAST(NULL AS BLOB) AS before FROM accepted_person WHERE false"}
#: Its view of the events of everybody else.
UNKNOWN_EVENTS = "unknown_kept_event"


def copy_unknown(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, CellTable], before: pa.Table
) -> Mapping[str, str]:
    """Copy the unknown rows of ``cells_event`` and ``cells_event_code``: the relations to be checked, by table.

    ``before``: ``person_id`` (text) and ``fingerprint`` of people, as their rows were accepted under today's rules.
    ``known_person`` then has those who are as they were: ``person_id``, ``before``. The other tables are small, and to
    be checked in full. No relations where it cannot be told who is known, or is not worth it.
    """
    if not all(cell.is_exact for name, table in tables.items() if name != "provider" for cell in table.cells.values()):
        return {}
    said = {name: f"({said_by(table, f'cells_{name}')})" for name, table in tables.items() if name != "provider"}
    sums = sums_of(said)
    con.execute(f"CREATE TABLE event_sums AS FROM {sums['event']}")
    con.register("before", before)
    people = (
        "(SELECT own.person_id, before.fingerprint AS before FROM (SELECT DISTINCT person_id FROM cells_person) AS own "
        "JOIN before ON before.person_id = CAST(own.person_id AS VARCHAR))"
    )
    con.execute(
        "CREATE TABLE known_person AS SELECT person_id, before, codings "
        f"FROM ({fingerprint_query(people, {**sums, 'event': 'event_sums'})}) WHERE fingerprint = before"
    )
    con.unregister("before")
    if _count(con, "known_person") < (1 - _MOST) * _count(con, "cells_person"):
        return {}
    _copy_events(con)
    con.execute("CREATE TABLE unknown_event_code AS FROM cells_event_code SEMI JOIN unknown_event USING (event_id)")
    ((codings,),) = con.execute("SELECT coalesce(sum(codings), 0) FROM known_person").fetchall()
    # Some codings more: those of no event at all, or of one that is there twice.
    every = codings + _count(con, "unknown_event_code") == _count(con, "cells_event_code")
    return {"event": "unknown_event", "event_code": "unknown_event_code" if every else "cells_event_code"}


def _copy_events(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``unknown_event``: the events of everybody who is not known, whether there is such a person or not."""
    people = "SELECT person_id FROM event_sums ANTI JOIN known_person USING (person_id)"
    con.execute(f"CREATE TABLE unknown_person AS {people}")
    some = _count(con, "(FROM unknown_person WHERE person_id IS NOT NULL)")
    nobodys = _count(con, "(FROM unknown_person WHERE person_id IS NULL)")
    # Few people are quicker to be looked for than all others to be left out: their identifiers alone are read at first.
    theirs = "FROM cells_event SEMI JOIN unknown_person USING (person_id)" if some else "FROM cells_event WHERE false"
    without = " UNION ALL FROM cells_event WHERE person_id IS NULL" if nobodys else ""
    con.execute(f"CREATE TABLE unknown_event AS {theirs}{without}")


def views_of_unknown(con: duckdb.DuckDBPyConnection, event: CellTable, *, clean: bool) -> dict[str, str]:
    """The views of who is known, and of the events of everybody else, by name; and ``said_event`` of these alone.

    ``clean``: no event was rejected. Where somebody known has lost one, to whom its identifier is now, nobody is known.
    """
    if clean:
        kept = "FROM unknown_event"
    elif not _count(con, "(FROM problems_event ANTI JOIN unknown_event USING (row_id))"):
        kept = "FROM unknown_event ANTI JOIN problems_event USING (row_id)"
    else:
        return NOBODY_KNOWN
    return {
        "said_before": "SELECT person_id, before FROM known_person",
        "said_event": said_by(event, f"({kept})"),
        UNKNOWN_EVENTS: kept,
    }


def _count(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    ((count,),) = con.execute(f"SELECT count(*) FROM {relation}").fetchall()
    return int(count)
