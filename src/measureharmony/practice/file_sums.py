"""What the rows of files say of each person, added up, and kept: files that are there again need not be hashed.

Sums over different files add up to those of a table, and those to a fingerprint. Kept are those of the large tables, by
*groups* of files: a group is hashed anew when one of its files is not there any more. A further coding names only its
event; whose that is, is told by all events. Whose event is another's now, differs in the sums of events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import orjson
import pyarrow as pa

from measureharmony.practice.checks import CellTable, said_by
from measureharmony.practice.person_fingerprints import ADDED, SUMS, owned

#: The tables whose sums are kept.
LARGE = ("event", "event_code")
#: More groups than these of a table become one: a person may have rows in each of them.
_MOST_GROUPS = 16
#: The columns that keep the sums, in lists by person: of which group of files, how many rows, and what they say.
SCHEMA = pa.schema([("files", pa.list_(pa.int32())), ("rows", pa.list_(pa.int32())), ("sums", pa.list_(pa.uint64()))])
#: The key, in the metadata of a table of such columns, of what the groups are.
_GROUPS = b"groups"


@dataclass(frozen=True)
class FileGroup:
    """Files of a table, by the SHA-256 of each."""

    table: str
    digests: tuple[str, ...]


@dataclass(frozen=True)
class KeptSums:
    """Sums by person: ``people`` (``person_id``, and the columns of :data:`SCHEMA`) over ``groups`` of files."""

    groups: tuple[FileGroup, ...]
    people: pa.Table

    @staticmethod
    def of(table: pa.Table) -> KeptSums | None:
        """Those that :func:`kept_sums` gave, beside ``person_id``; ``None`` where there are none."""
        told = orjson.loads((table.schema.metadata or {}).get(_GROUPS, b"null"))
        if told is None:
            return None
        groups = tuple(FileGroup(one["table"], tuple(one["digests"])) for one in told)
        return KeptSums(groups, table.select(["person_id", *SCHEMA.names]))


@dataclass(frozen=True)
class Grouped:
    """Today's files in ``groups``; ``of_file`` has the number of the group of each file, by table and ``file_no``.

    ``earlier``: for each group of an earlier run, the number of the group that its sums count for; -1: for none.
    ``hashed``: by table, the files whose sums are not known yet.
    """

    groups: tuple[FileGroup, ...]
    of_file: Mapping[str, tuple[int, ...]]
    earlier: tuple[int, ...]
    hashed: Mapping[str, tuple[int, ...]]


def grouped(digests: Mapping[str, Sequence[str]], before: KeptSums | None) -> Grouped:
    """Today's files, of which ``digests`` are the SHA-256 by table, in the groups that an earlier run kept, or anew."""
    kept = before.groups if before else ()
    earlier, groups, of_file, hashed = [-1] * len(kept), list[FileGroup](), {}, {}
    for table in LARGE:
        here = digests.get(table, ())
        again, new = _there_again(here, {number: one.digests for number, one in enumerate(kept) if one.table == table})
        parts = [*again.values(), *([file] for file in new)]
        together = len(parts) > _MOST_GROUPS
        for place, number in enumerate(again):
            earlier[number] = len(groups) + (0 if together else place)
        parts = [list(range(len(here)))] if together else parts
        of = {file: len(groups) + place for place, files in enumerate(parts) for file in files}
        groups += [FileGroup(table, tuple(here[file] for file in files)) for files in parts]
        of_file[table], hashed[table] = tuple(of[file] for file in range(len(here))), tuple(new)
    return Grouped(tuple(groups), of_file, tuple(earlier), hashed)


def _there_again(
    here: Sequence[str], groups: Mapping[int, Sequence[str]]
) -> tuple[Mapping[int, list[int]], Sequence[int]]:
    """The places in ``here`` of the groups all of whose files are there, each file in one of them; and the others."""
    places: dict[str, list[int]] = {}
    for place, digest in enumerate(here):
        places.setdefault(digest, []).append(place)
    found = {}
    for number, digests in groups.items():
        if all(len(places.get(digest, ())) >= count for digest, count in Counter(digests).items()):
            found[number] = [places[digest].pop() for digest in digests]
    return found, sorted(place for those in places.values() for place in those)


def create_sums(con: duckdb.DuckDBPyConnection, prefix: str) -> None:
    """Tables for sums, with identifiers as they are read today."""
    sums = "0 AS files, 0::BIGINT AS rows, 0::UBIGINT AS sum"
    for name in LARGE:
        con.execute(f"CREATE TABLE {prefix}_{name} AS SELECT person_id, {sums} FROM cells_event WHERE false")


def add_up(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, CellTable], today: Grouped, before: KeptSums | None
) -> None:
    """Fill ``all_sums_<table>`` with what all rows say, accepted or not; only files that are new are hashed."""
    if before:
        _add_kept(con, today, before)
    for name in LARGE:
        if hashed := today.hashed[name]:
            every = len(hashed) == len(today.of_file[name])
            some = "true" if every else " OR ".join(f"file_no = {file}" for file in hashed)
            said = f"({said_by(tables[name], f'(FROM cells_{name} WHERE {some})')})"
            _insert(con, "all_sums", name, said, "cells_event", today)


def add_up_accepted(con: duckdb.DuckDBPyConnection, today: Grouped) -> None:
    """Create ``some_sums_<table>``: what the accepted rows say that have to be looked at (``said_<table>``)."""
    create_sums(con, "some_sums")
    for name in LARGE:
        _insert(con, "some_sums", name, f"said_{name}", "said_event", today)


def sums_by_person(prefix: str) -> dict[str, str]:
    """SQL of the sums of each person by table, as :func:`measureharmony.practice.person_fingerprints.sums_of` does."""
    return {name: f"(SELECT person_id, {ADDED} FROM {prefix}_{name} GROUP BY person_id)" for name in LARGE}


def kept_sums(con: duckdb.DuckDBPyConnection, today: Grouped) -> pa.Table:
    """What a later run is to be told: the columns of :data:`SCHEMA` for everybody accepted, in the order of their keys.

    What is known of those of ``said_before`` is in ``all_sums_<table>``, of everybody else in ``some_sums_<table>``.
    """
    parts = [
        f"SELECT person_id, files, rows, sum FROM {relation}"
        for name in LARGE
        for relation in (
            f"some_sums_{name} ANTI JOIN said_before USING (person_id)",
            f"all_sums_{name} SEMI JOIN said_before USING (person_id)",
        )
    ]
    query = (
        f"SELECT person_key, files, {ADDED} FROM ({' UNION ALL '.join(parts)}) JOIN accepted_person USING (person_id) "
        "GROUP BY ALL ORDER BY ALL"
    )
    found = con.sql(query).to_arrow_table()
    ((people,),) = con.execute("SELECT count(*) FROM accepted_person").fetchall()
    ends = np.searchsorted(found["person_key"].to_numpy(), np.arange(people + 1)).astype(np.int32)
    names = {"files": "files", "rows": "rows", "sums": "sum"}
    lists = [
        pa.ListArray.from_arrays(ends, found[name].combine_chunks().cast(SCHEMA.field(column).type.value_type))
        for column, name in names.items()
    ]
    told = orjson.dumps(today.groups)
    return pa.table(lists, schema=SCHEMA).replace_schema_metadata({_GROUPS: told})


def _add_kept(con: duckdb.DuckDBPyConnection, today: Grouped, before: KeptSums) -> None:
    """Those of the sums that were kept whose files are there again."""
    files = before.people["files"].combine_chunks()
    whose = np.repeat(np.arange(len(files), dtype=np.int32), np.diff(files.offsets.to_numpy()))
    group = np.array([*today.earlier, -1], dtype=np.int32)[files.flatten().to_numpy()]
    large = np.array([*(LARGE.index(one.table) for one in today.groups), -1])[group]
    rows, sums = (before.people[name].combine_chunks().flatten() for name in ("rows", "sums"))
    for number, name in enumerate(LARGE):
        some = pa.array(np.flatnonzero(large == number))
        person_id = before.people["person_id"].combine_chunks().take(pa.array(whose).take(some))
        arrays = [person_id, pa.array(group).take(some), rows.take(some), sums.take(some)]
        con.register("kept", pa.table(arrays, ["person_id", "files", "rows", "sum"]))
        con.execute(f"INSERT INTO all_sums_{name} FROM kept")
        con.unregister("kept")


def _insert(con: duckdb.DuckDBPyConnection, prefix: str, name: str, said: str, events: str, today: Grouped) -> None:
    """Add up what rows say, by the group of their file."""
    whose = owned(said, events) if name == "event_code" else said
    of_file = today.of_file[name]
    group, by = str(min(of_file, default=0)), "person_id"
    if len(set(of_file)) > 1:
        group, by = f"[{', '.join(map(str, of_file))}][file_no + 1]", "person_id, file_no"
    con.execute(f"INSERT INTO {prefix}_{name} SELECT person_id, {group}, {SUMS} FROM {whose} GROUP BY {by}")
