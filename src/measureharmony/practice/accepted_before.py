"""What an earlier run tells of the people whose rows it accepted: their fingerprints, and of which files they are.

Whose rows make the same fingerprint today, or lie in the very same files, has the rows that were accepted then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from measureharmony.practice.checks import CellTable
from measureharmony.practice.file_sums import KeptSums
from measureharmony.practice.folder import TableFiles
from measureharmony.practice.person_fingerprints import FILE, KEY, RULES, SCHEMA, SIZE, rules

#: With more people than this who have a row that is not accepted, the files are not told of.
_MOST_REFUSED = 10_000
#: The key, in the metadata of fingerprints, of what is told of the files.
_FILES = b"files"


@dataclass(frozen=True)
class SameFiles:
    """Files by a digest of their contents, and of whom they have a row that is not accepted (None: of nobody).

    ``orphans``: some of the codings are not accepted.
    """

    digest: str
    refused: tuple[str | None, ...]
    orphans: bool

    @property
    def metadata(self) -> dict[bytes, bytes]:
        """What the next run is to be told, as metadata of a table of fingerprints."""
        return {_FILES: orjson.dumps(self)}


@dataclass(frozen=True)
class AcceptedBefore:
    """``people``: ``person_id`` (text) and ``fingerprint``, under today's rules; ``files``, where they are told of.

    ``sums``: what the rows of which files add up to, where that was kept. ``today``: the files that are to be read, by
    table; empty where the next run is not to be told of them.
    """

    people: pa.Table
    files: SameFiles | None = None
    sums: KeptSums | None = None
    today: Mapping[str, Sequence[str]] = field(default_factory=dict)


#: Where there is no earlier run that could be relied on.
NOBODY = AcceptedBefore(SCHEMA.empty_table())


def accepted_before(folder: Path) -> AcceptedBefore:
    """What the run whose results are in ``folder`` tells, if it can be relied on today."""
    try:
        with pq.ParquetFile(folder / FILE, page_checksum_verification=True) as file:
            people = file.read()
        metadata = people.schema.metadata or {}
        if orjson.loads(metadata[KEY])[RULES] != rules():
            return NOBODY
        told = orjson.loads(metadata[_FILES]) if _FILES in metadata else None
        files = SameFiles(told["digest"], tuple(told["refused"]), told["orphans"]) if told else None
        sums = KeptSums.of(people) if files else None
        people = people.select(SCHEMA.names).cast(SCHEMA)
        if not pc.all(pc.equal(pc.binary_length(people["fingerprint"]), SIZE), skip_nulls=False, min_count=0).as_py():
            return NOBODY
        return AcceptedBefore(people, files, sums)
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
        return NOBODY


def digests_of(files: Iterable[TableFiles]) -> dict[str, tuple[str, ...]]:
    """The format of each file and its SHA-256, by table and in the order in which its rows are read."""
    return {table.table: tuple(f"{table.format} {_sha256(path)}" for path in table.paths) for table in files}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(files: Mapping[str, Sequence[str]]) -> str:
    """SHA-256, in hexadecimal, over which tables there are, and over those of their files one after the other."""
    return hashlib.sha256(orjson.dumps(list(files.items()))).hexdigest()


def same_files(
    con: duckdb.DuckDBPyConnection, digest: str, tables: Mapping[str, CellTable], clean: Mapping[str, bool]
) -> SameFiles | None:
    """What the next run is to be told of the files that were read; ``clean``: tables all of whose rows are accepted."""
    refused = [
        f"SELECT person_id FROM cells_{name} SEMI JOIN problems_{name} USING (row_id)"
        for name in ("person", "coverage", "roster", "event")
        if not clean[name]
    ]
    if not clean["event_code"]:
        codings = "SELECT event_id FROM cells_event_code SEMI JOIN problems_event_code USING (row_id)"
        refused.append(f"SELECT person_id FROM cells_event SEMI JOIN ({codings}) AS refused USING (event_id)")
    if not refused:
        return SameFiles(digest, (), orphans=False)
    query = f"SELECT DISTINCT CAST(person_id AS VARCHAR) FROM ({' UNION ALL '.join(refused)}) LIMIT {_MOST_REFUSED + 1}"
    people = tuple(person for (person,) in con.execute(query).fetchall())
    return SameFiles(digest, people, orphans=not clean["event_code"]) if len(people) <= _MOST_REFUSED else None
