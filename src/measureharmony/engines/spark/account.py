"""What is known of a practice whose rows lie on a cluster: what each part's task says of them, put together."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from measureharmony.errors import UsageError
from measureharmony.practice import Practice
from measureharmony.practice.contract import TABLES
from measureharmony.practice.rejects import ACCOUNTS_SCHEMA, REJECTS_SCHEMA, joined

#: A table's accepted rows, and the sum of a hash of each: the same in whatever order and parts they are.
Digest = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class PartAccount:
    """What a task has to say of its rows; ``births`` counts people by the first and last possible day of birth."""

    rejects: pa.Table
    accounts: pa.Table
    births: Mapping[tuple[int, int], int]
    digest: Digest


def account_of(practice: Practice) -> PartAccount:
    """The account of a part."""
    cursor = practice.with_views("written_").cursor()
    births = cursor.execute("SELECT birth_lo, birth_hi, count(*) FROM accepted_person GROUP BY ALL").fetchall()
    total = "SELECT count(*), CAST(coalesce(sum(CAST(hash(t) AS HUGEINT)), 0) AS VARCHAR) FROM {} AS t"
    digest = {}
    for name in TABLES:
        digest[name] = _digest(cursor, total.format(f"(SELECT * EXCLUDE (row_id) FROM written_{name})"))
    return PartAccount(practice.rejects, practice.accounts, {(lo, hi): n for lo, hi, n in births}, digest)


def _digest(cursor: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int]:
    ((rows, total),) = cursor.execute(query).fetchall()
    return int(rows), int(total)


class PracticeElsewhere(Practice):
    """A practice whose rows are not here: its accounts, rejects and fingerprint, and when its people were born."""

    def __init__(self, origin: str, files: Mapping[str, Sequence[str]], parts: Sequence[PartAccount]):
        rejects = joined([part.rejects for part in parts], REJECTS_SCHEMA)
        order = [(name, "ascending") for name in ("table", "file", "row", "column", "rule")]
        accounts = _accounts(files, [part.accounts for part in parts])
        super().__init__(_births(parts), origin, rejects.sort_by(order), accounts)
        self._parts_digest = _together(part.digest for part in parts)

    def fingerprint(self) -> str:
        """SHA-256 over the accepted contents as far as they are looked at.

        The same for the same contents in whatever files and parts, but not what a practice in memory has: columns that
        no measure reads do not count.
        """
        told = (f"{name}:{rows}:{total}\n" for name, (rows, total) in sorted(self._parts_digest.items()))
        return hashlib.sha256("".join(told).encode()).hexdigest()

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Not here: :class:`UsageError`."""
        raise UsageError("The rows of a practice that Spark evaluated stay on the cluster. Read them with Spark.")


def _births(parts: Iterable[PartAccount]) -> duckdb.DuckDBPyConnection:
    """A connection whose ``accepted_person`` has a row for everybody, made of how many were born when."""
    births: Counter[tuple[int, int]] = Counter()
    for part in parts:
        births.update(part.births)
    columns = zip(*((lo, hi, n) for (lo, hi), n in sorted(births.items())), strict=True)
    lo, hi, people = (pa.array(one, pa.int32()) for one in (tuple(columns) or ((), (), ())))
    connection = duckdb.connect(":memory:")
    connection.register("born", pa.table({"birth_lo": lo, "birth_hi": hi, "people": people}))
    connection.execute("CREATE TABLE births AS FROM born")
    connection.unregister("born")
    connection.execute(
        "CREATE VIEW accepted_person AS SELECT birth_lo, birth_hi FROM births, generate_series(1, births.people)"
    )
    return connection


def _accounts(files: Mapping[str, Sequence[str]], found: Sequence[pa.Table]) -> pa.Table:
    """The accounts of all files, in the contract's order, also of those without a row."""
    rows_in: Counter[tuple[str, str]] = Counter()
    rejected: Counter[tuple[str, str]] = Counter()
    for one in pa.concat_tables(found).to_pylist() if found else ():
        rows_in[one["table"], one["file"]] += one["rows_in"]
        rejected[one["table"], one["file"]] += one["rejected"]
    told = []
    for key in ((table, file) for table in TABLES for file in files.get(table, ())):
        counts = {"rows_in": rows_in[key], "accepted": rows_in[key] - rejected[key], "rejected": rejected[key]}
        told.append({"table": key[0], "file": key[1], **counts})
    return pa.Table.from_pylist(told, schema=ACCOUNTS_SCHEMA)


def _together(digests: Iterable[Digest]) -> Digest:
    totals: dict[str, tuple[int, int]] = {}
    for digest in digests:
        for name, (rows, total) in digest.items():
            before = totals.get(name, (0, 0))
            totals[name] = (before[0] + rows, before[1] + total)
    return totals


__all__ = ["PartAccount", "PracticeElsewhere", "account_of"]
