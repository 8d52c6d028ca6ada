"""What of a source is not known from before: the rows of people who differ from when all of theirs were accepted.

Of whom a source says to the last cell what it said then, there is nothing to check but whether somebody else's rows
now have the identifiers of theirs. Where its files are the same, that is everybody; else one pass over those that are
not finds fingerprints, and who has rows at all. The rules are asked of the other people's rows alone, which are copied:
``unknown_event``, ``unknown_event_code``. They are few, or it is not worth it.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from measureharmony.practice.accepted_before import AcceptedBefore, SameFiles, digest_of
from measureharmony.practice.checks import CellTable, said_by
from measureharmony.practice.file_sums import LARGE, Grouped, add_up, create_sums, grouped, sums_by_person
from measureharmony.practice.person_fingerprints import HALVES, fingerprint_query, in_halves, sums_of

#: With more events than this share unknown, copying them costs more than it spares.
_MOST = 0.25
#: The tables whose rows are about people.
_ABOUT_PEOPLE = ("person", "coverage", "roster", "event", "event_code")
#: The people of the source (``person_id``) who were accepted before, with both halves of their fingerprints.
_OWN_BEFORE = (
    "(SELECT own.person_id, before.forwards AS forwards_before, before.backwards AS backwards_before "
    "FROM (SELECT DISTINCT person_id FROM cells_person) AS own "
    "JOIN before ON before.person_id = CAST(own.person_id AS VARCHAR))"
)
#: The views of :func:`views_of_unknown` where nobody is known from before.
NOBODY_KNOWN = {
    "said_before": "SELECT person_id, 0::UBIGINT AS forwards, 0::UBIGINT AS backwards FROM accepted_person WHERE false"
}
#: Its view of the events of everybody else.
UNKNOWN_EVENTS = "unknown_kept_event"


def copy_unknown(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, CellTable], before: AcceptedBefore, today: Grouped | None
) -> Mapping[str, str]:
    """Copy the unknown rows of ``cells_event`` and ``cells_event_code``: the relations to be checked, by table.

    ``today``: today's files, where the rows of each can be added up.

    ``known_person`` then has those who are as they were before, with their fingerprints, ``unknown_person``
    everybody else who has events. The other tables are small, and to be checked in full. No relations where it cannot
    be told who is known, or is not worth it.
    """
    files = before.files
    if today is not None:
        create_sums(con, "all_sums")
    if today is not None and before.people.num_rows:
        add_up(con, tables, today, before.sums)
    if files is not None and files.digest == digest_of(before.today):
        _know_by_files(con, before.people, files)
    elif before.people.num_rows and today is not None:
        _know_by_sums(con, tables, before)
        files = None
    else:
        return {}
    if _count(con, "known_person") < (1 - _MOST) * _count(con, "cells_person"):
        return {}
    _copy_events(con)
    con.execute("CREATE TABLE unknown_event_code AS FROM cells_event_code SEMI JOIN unknown_event USING (event_id)")
    every = not files.orphans if files else not _some_orphans(con)
    return {"event": "unknown_event", "event_code": "unknown_event_code" if every else "cells_event_code"}


def events_of_codings(asked: Mapping[str, str], clean: Mapping[str, bool]) -> str:
    """The accepted events that those codings name which are ``asked`` for; ``clean``: no event was rejected."""
    few = asked.get("event_code") == "unknown_event_code" and clean.get("event", False)
    return "unknown_event" if few else "kept_event"


def files_today(tables: Mapping[str, CellTable], before: AcceptedBefore) -> Grouped | None:
    """Today's files in groups, where equal hashes of their rows mean equal cells before anything is checked."""
    exact = all(cell.is_exact for name in _ABOUT_PEOPLE for cell in tables[name].cells.values())
    return grouped(before.today, before.sums) if before.today and exact else None


def _know_by_files(con: duckdb.DuckDBPyConnection, people: pa.Table, files: SameFiles) -> None:
    """Create ``known_person`` and ``unknown_person`` where the source's files are those of ``people``."""
    con.register("before", in_halves(people))
    con.register("refused", pa.table({"person_id": pa.array(files.refused, pa.string())}))
    con.execute("CREATE TABLE unknown_person AS SELECT person_id FROM cells_event WHERE false")
    con.execute("INSERT INTO unknown_person FROM refused")
    known = f"SELECT person_id, forwards_before AS forwards, backwards_before AS backwards FROM {_OWN_BEFORE}"
    con.execute(f"CREATE TABLE known_person AS {known} ANTI JOIN unknown_person USING (person_id)")
    con.unregister("before")
    con.unregister("refused")


def _know_by_sums(con: duckdb.DuckDBPyConnection, tables: Mapping[str, CellTable], before: AcceptedBefore) -> None:
    """Create ``known_person`` and ``unknown_person`` by what all rows say of each, as ``all_sums_<table>`` adds it up.

    Of files that are there again, only accepted rows were added up: who had others is not known.
    """
    refused = before.files.refused if before.files else ()
    con.register("before", in_halves(before.people))
    con.register("refused", pa.table({"person_id": pa.array(refused, pa.string())}))
    small = {name: f"({said_by(tables[name], f'cells_{name}')})" for name in _ABOUT_PEOPLE if name not in LARGE}
    sums = {**sums_of(small), **sums_by_person("all_sums")}
    con.execute(f"CREATE TABLE event_sums AS FROM {sums['event']}")
    found = fingerprint_query(_OWN_BEFORE, {**sums, "event": "event_sums"})
    con.execute(
        f"CREATE TABLE known_person AS SELECT person_id, {HALVES}, codings FROM ({found}) "
        "WHERE forwards = forwards_before AND backwards = backwards_before "
        "AND CAST(person_id AS VARCHAR) NOT IN (FROM refused WHERE person_id IS NOT NULL)"
    )
    con.unregister("before")
    con.execute(
        "CREATE TABLE unknown_person AS SELECT person_id FROM event_sums ANTI JOIN known_person USING (person_id)"
    )
    ((identifier,),) = con.execute("SELECT column_type FROM (DESCRIBE unknown_person)").fetchall()
    # Whoever cannot have an identifier as they are read today, has no rows.
    others = f"(SELECT TRY_CAST(person_id AS {identifier}) AS own, person_id FROM refused)"
    con.execute(f"INSERT INTO unknown_person SELECT own FROM {others} WHERE own IS NOT NULL OR person_id IS NULL")
    con.unregister("refused")


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
        "said_before": f"SELECT person_id, {HALVES} FROM known_person",
        "said_event": said_by(event, f"({kept})"),
        UNKNOWN_EVENTS: kept,
    }


def _count(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    ((count,),) = con.execute(f"SELECT count(*) FROM {relation}").fetchall()
    return int(count)
