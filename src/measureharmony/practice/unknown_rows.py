"""What of a source is not known from before: the rows of people who differ from when all of theirs were accepted.

Of whom a source says to the last cell what it said then, there is nothing to check but whether somebody else's rows
now have the identifiers of theirs. Where its files are the same, that is everybody; else one pass over them finds
fingerprints, and who has rows at all. The rules are asked of the other people's rows alone, which are copied:
``unknown_event``, ``unknown_event_code``. They are few, or it is not worth it.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from measureharmony.practice.accepted_before import AcceptedBefore, SameFiles
from measureharmony.practice.checks import CellTable, said_by
from measureharmony.practice.person_fingerprints import fingerprint_query, sums_of

#: With more events than this share unknown, copying them costs more than it spares.
_MOST = 0.25
#: The tables whose rows are about people.
_ABOUT_PEOPLE = ("person", "coverage", "roster", "event", "event_code")
#: The people of the source (``person_id``) who were accepted before, with their fingerprints (``before``).
_OWN_BEFORE = (
    "(SELECT own.person_id, before.fingerprint AS before FROM (SELECT DISTINCT person_id FROM cells_person) AS own "
    "JOIN before ON before.person_id = CAST(own.person_id AS VARCHAR))"
)
#: The views of :func:`views_of_unknown` where nobody is known from before.
NOBODY_KNOWN = {"said_before": "SELECT person_id, CAST(NULL AS BLOB) AS before FROM accepted_person WHERE false"}
#: Its view of the events of everybody else.
UNKNOWN_EVENTS = "unknown_kept_event"


def copy_unknown(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, CellTable], before: AcceptedBefore
) -> Mapping[str, str]:
    """Copy the unknown rows of ``cells_event`` and ``cells_event_code``: the relations to be checked, by table.

    ``known_person`` then has those who are as they were before (``person_id``, ``before``), ``unknown_person``
    everybody else who has events. The other tables are small, and to be checked in full. No relations where it cannot
    be told who is known, or is not worth it.
    """
    files = before.files
    if files is not None and files.digest == before.today:
        _know_by_files(con, before.people, files)
    elif before.people.num_rows and all(
        cell.is_exact for name in _ABOUT_PEOPLE for cell in tables[name].cells.values()
    ):
        files = None
        _know_by_sums(con, tables, before.people)
    else:
        return {}
    if _count(con, "known_person") < (1 - _MOST) * _count(con, "cells_person"):
        return {}
    _copy_events(con)
    con.execute("CREATE TABLE unknown_event_code AS FROM cells_event_code SEMI JOIN unknown_event USING (event_id)")
    every = not files.orphans if files else not _some_orphans(con)
    return {"event": "unknown_event", "event_code": "unknown_event_code" if every else "cells_event_code"}


def _know_by_files(con: duckdb.DuckDBPyConnection, people: pa.Table, files: SameFiles) -> None:
    """Create ``known_person`` and ``unknown_person`` where the source's files are those of ``people``."""
    con.register("before", people)
    con.register("refused", pa.table({"person_id": pa.array(files.refused, pa.string())}))
    con.execute("CREATE TABLE unknown_person AS SELECT person_id FROM cells_event WHERE false")
    con.execute("INSERT INTO unknown_person FROM refused")
    con.execute(f"CREATE TABLE known_person AS FROM {_OWN_BEFORE} ANTI JOIN unknown_person USING (person_id)")
    con.unregister("before")
    con.unregister("refused")


def _know_by_sums(con: duckdb.DuckDBPyConnection, tables: Mapping[str, CellTable], people: pa.Table) -> None:
    """Create ``known_person`` and ``unknown_person`` by what all rows say of each; one pass over the events."""
    sums = sums_of({name: f"({said_by(tables[name], f'cells_{name}')})" for name in _ABOUT_PEOPLE})
    con.execute(f"CREATE TABLE event_sums AS FROM {sums['event']}")
    con.register("before", people)
    found = fingerprint_query(_OWN_BEFORE, {**sums, "event": "event_sums"})
    con.execute(
        f"CREATE TABLE known_person AS SELECT person_id, before, codings FROM ({found}) WHERE fingerprint = before"
    )
    con.unregister("before")
    others = "SELECT person_id FROM event_sums ANTI JOIN known_person USING (person_id)"
    con.execute(f"CREATE TABLE unknown_person AS {others}")


def _some_orphans(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether there may be codings of no event at all, or of one that is there twice."""
    ((codings,),) = con.execute("SELECT coalesce(sum(codings), 0) FROM known_person").fetchall()
    return bool(codings + _count(con, "unknown_event_code") != _count(con, "cells_event_code"))


def _copy_events(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``unknown_event``: the events of everybody who is not known, whether there is such a person or not."""
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
