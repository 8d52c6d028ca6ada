"""A validated practice dataset, ready to be evaluated."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from html import escape
from pathlib import Path
from threading import Lock
from types import TracebackType

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv

from measureharmony.errors import UsageError
from measureharmony.practice.accepted_before import SameFiles
from measureharmony.practice.cells import quoted
from measureharmony.practice.contract import TABLES
from measureharmony.practice.file_sums import Grouped, add_up_accepted, kept_sums, sums_by_person
from measureharmony.practice.person_fingerprints import person_fingerprints, provider_sums

#: With less than this, DuckDB cannot work.
_LEAST_MEMORY = 250_000_000


class Practice:
    """The accepted rows of a dataset, and an account of those that were not.

    Made by ``read_folder``, ``from_tables`` or an adapter. ``connection`` holds the relations ``accepted_person``,
    ``accepted_coverage``, … that :mod:`measureharmony.practice.normalize` describes; take ``connection.cursor()`` in
    each thread.
    """

    def __init__(  # noqa: PLR0913 - what a practice is made of
        self,
        connection: duckdb.DuckDBPyConnection | Callable[[], Practice],
        origin: str,
        rejects: pa.Table,
        accounts: pa.Table,
        views: Mapping[str, str] | None = None,
        rows: Mapping[str, pa.Table] | None = None,
        files: SameFiles | None = None,
        groups: Grouped | None = None,
    ):
        """``views``: queries by name of further views that ``connection`` is to have once they are asked for.

        ``rows``: some of the relations ``accepted_…`` in memory, by table, where they are few. ``connection`` may then
        be a way to read the same practice into a database, taken when something is asked that only this can answer.
        ``files``: what a later run is to be told of the files that the practice was read from; ``groups``: in which
        groups it is to be told what their rows add up to.
        """
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._read: Callable[[], Practice] | None = None
        if isinstance(connection, duckdb.DuckDBPyConnection):
            self._connection = connection
        else:
            self._read = connection
        self._opening = Lock()
        self._views = dict(views or {})
        self._described = frozenset(self._views)
        self._rows = dict(rows or {})
        self._files = files
        self._groups = groups if files else None
        self.origin = origin
        self.rejects = rejects
        self.accounts = accounts
        #: The rows as an engine has put them in order (:mod:`measureharmony.engines.arranging`), if one has.
        self.arranged: object = None

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Where the accepted rows are; :class:`UsageError` once the practice is closed."""
        self._open()
        if self._connection is None:
            raise UsageError(
                "The practice is closed: its data are gone. Ask before it is closed (inside of its 'with' block), or "
                "read it again."
            )
        return self._connection

    def _open(self) -> None:
        """Read the practice into a database, where that has been put off."""
        with self._opening:
            if self._read is not None:
                whole = self._read()
                self._connection, self._views, self._described = whole._connection, whole._views, whole._described
                self._read = None

    def accepted(self, name: str, columns: Sequence[str]) -> pa.Table:
        """Columns of the relation ``accepted_<name>``, its rows in any order."""
        if name in self._rows:
            return self._rows[name].select(list(columns))
        chosen = ", ".join(map(quoted, columns))
        return self.connection.cursor().sql(f"SELECT {chosen} FROM accepted_{name}").to_arrow_table()

    def has_view(self, name: str) -> bool:
        """Whether :meth:`with_views` knows the view of that name."""
        self._open()
        return name in self._described

    def with_views(self, prefix: str) -> duckdb.DuckDBPyConnection:
        """The connection, with the views whose names begin so (see :mod:`measureharmony.practice.checks`)."""
        connection = self.connection
        for name in [name for name in self._views if name.startswith(prefix)]:
            connection.execute(f"CREATE VIEW IF NOT EXISTS {name} AS {self._views.pop(name)}")
        return connection

    @cached_property
    def person_count(self) -> int:
        """How many people were accepted; their ``person_key`` runs from 0 to one less."""
        if "person" in self._rows:
            return len(self._rows["person"])
        return self._count("SELECT count(*) FROM accepted_person")

    @cached_property
    def event_count(self) -> int:
        """How many rows of events were accepted."""
        return sum(accepted for name, _, accepted, _ in self._totals() if name == "event")

    @cached_property
    def listed_programs(self) -> frozenset[str]:
        """The programs that have a roster."""
        if "roster" in self._rows:
            return frozenset(self._rows["roster"]["program"].to_pylist())
        return frozenset(row[0] for row in self.connection.cursor().sql("FROM listed_program").fetchall())

    def limit_memory(self, size: int) -> None:
        """Let DuckDB keep at most ``size`` bytes in memory; what does not fit goes to the temporary folder."""
        self.connection.execute(f"SET memory_limit = '{max(size, _LEAST_MEMORY)}B'")

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """The accepted rows of a table, in file order, with the contract's columns as the source wrote them.

        ``date`` columns are Arrow dates, ``number``, ``integer`` and ``flag`` columns float64, int64 and bool, all
        others text (moments typed in the source are written in ISO format). Empty cells are null; defaults are not
        filled in. What is given back reads again as the same practice. ``columns``: only these, of the contract's.

        Raises :class:`UsageError` for a name that is not a table of the contract.
        """
        if name not in TABLES:
            raise UsageError(f"There is no table {name!r}. Tables: {', '.join(TABLES)}.")
        chosen = "* EXCLUDE (row_id)" if columns is None else ", ".join(map(quoted, columns))
        query = f"SELECT {chosen} FROM written_{name} ORDER BY row_id"
        return self.with_views(f"written_{name}").sql(query).to_arrow_table()

    def fingerprint(self) -> str:
        """SHA-256, in hexadecimal, over the accepted contents.

        The same for the same contents in whatever row order, file format or number of files. It recognizes a dataset;
        it is not meant to withstand forgery.
        """
        return self._fingerprint

    @cached_property
    def person_fingerprints(self) -> pa.Table:
        """The ``person_id`` (text) and ``fingerprint`` (16 bytes) of everybody, in the order of their ``person_key``.

        A fingerprint is over everything that the accepted rows say of a person, and over nothing else.
        """
        found = person_fingerprints(self.with_views("said_"), self._sums)
        return found.replace_schema_metadata(self._files.metadata) if self._files else found

    @cached_property
    def file_sums(self) -> pa.Table | None:
        """What the rows of each file add up to for everybody, in the order of their ``person_key``, for a later run.

        ``None`` where no run is to be told of the files. See :mod:`measureharmony.practice.file_sums`.
        """
        if self._groups is None:
            return None
        return kept_sums(self.connection, self._groups) if self._sums else None

    @cached_property
    def _sums(self) -> Mapping[str, str]:
        """SQL of sums by person, of tables that are added up file by file."""
        if self._groups is None:
            return {}
        add_up_accepted(self.with_views("said_"), self._groups)
        return sums_by_person("some_sums")

    def write_rejects(self, folder: str | Path) -> list[Path]:
        """Write ``rejects.csv`` and ``accounts.csv`` into ``folder`` (made if need be) and return their paths."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        paths = [target / "rejects.csv", target / "accounts.csv"]
        for path, table in zip(paths, (self.rejects, self.accounts), strict=True):
            pa_csv.write_csv(table, path)
        return paths

    def close(self) -> None:
        """Let go of the data; the practice cannot be used afterwards. Closing it again does nothing."""
        if self._is_closed:
            return
        with suppress(duckdb.Error):
            _ = self.person_count  # results of it still tell it
        if self._connection is not None:
            self._connection.close()
        self._connection = self._read = self.arranged = None
        self._rows = {}

    def __enter__(self) -> Practice:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._is_closed:
            return f"Practice from {self.origin}, closed"
        lines = [f"Practice from {self.origin}: {self._people()}"]
        for name, rows_in, accepted, rejected in self._totals():
            lost = f", {rejected:,} rejected" if rejected else ""
            lines.append(f"  {name:<12} {rows_in:>12,} rows, {accepted:,} accepted{lost}")
        if self.rejects.num_rows:
            lines.append("  .rejects says which rows were not accepted, and why")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        if self._is_closed:
            return f"<p><b>Practice</b> from {escape(self.origin)}, closed</p>"
        rows = "".join(f"<tr><td>{escape(name)}</td>{_number_cells(numbers)}</tr>" for name, *numbers in self._totals())
        head = "".join(f"<th>{word}</th>" for word in ("table", "rows in", "accepted", "rejected"))
        return (
            f"<p><b>Practice</b> from {escape(self.origin)}: {self._people()}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )

    @property
    def _is_closed(self) -> bool:
        return self._connection is None and self._read is None

    def _people(self) -> str:
        return "1 person" if self.person_count == 1 else f"{self.person_count:,} people"

    def _totals(self) -> list[tuple[str, int, int, int]]:
        """Rows in, accepted and rejected by table, all its files together, in the order of the accounts."""
        totals: dict[str, tuple[int, int, int]] = {}
        for row in self.accounts.to_pylist():
            rows_in, accepted, rejected = totals.get(row["table"], (0, 0, 0))
            totals[row["table"]] = (rows_in + row["rows_in"], accepted + row["accepted"], rejected + row["rejected"])
        return [(name, *numbers) for name, numbers in totals.items()]

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for fingerprint in self.person_fingerprints["fingerprint"].to_pylist():
            digest.update(fingerprint)
        digest.update(provider_sums(self.with_views("said_")).encode())
        return digest.hexdigest()

    def _count(self, query: str) -> int:
        (count,) = self.connection.execute(query).fetchall()[0]
        return int(count)


def _number_cells(numbers: list[int]) -> str:
    return "".join(f"<td style='text-align:right'>{number:,}</td>" for number in numbers)
