"""From a source in the contract's layout to a :class:`~measureharmony.practice.practice.Practice`.

The way of every source: raw relations → cells → checks → accepted relations, table by table in an order in which
whatever a row refers to has been accepted before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.errors import DataError, Issue, shown
from measureharmony.practice import checks, few_rows, normalize
from measureharmony.practice.accepted_before import NOBODY, AcceptedBefore, digest_of, digests_of, same_files
from measureharmony.practice.close_numbers import Flags
from measureharmony.practice.columns import name_issues, type_issues
from measureharmony.practice.contract import TABLES
from measureharmony.practice.database import opened
from measureharmony.practice.folder import table_files
from measureharmony.practice.memory import bytes_of
from measureharmony.practice.practice import Practice
from measureharmony.practice.raw import FEW_ROWS, RawTable, arriving, load_absent, load_files, load_memory
from measureharmony.practice.rejects import (
    ACCOUNTS_SCHEMA,
    REJECTS_SCHEMA,
    Account,
    accounts_table,
    joined,
)
from measureharmony.practice.unknown_rows import (
    NOBODY_KNOWN,
    copy_unknown,
    events_of_codings,
    files_today,
    views_of_unknown,
)

if TYPE_CHECKING:
    import pandas as pd

_Tables = Mapping[str, "pa.Table | pd.DataFrame"]
_Load = Callable[[], RawTable]


@dataclass(frozen=True)
class _Source:
    """Where tables come from, and what an adapter already rejected and counted there."""

    origin: str
    rejects: pa.Table | None = None
    accounts: pa.Table | None = None


def read_folder(path: str | Path, memory: str | None = None, before: AcceptedBefore | None = None) -> Practice:
    """The practice in a folder of CSV or Parquet files named after the contract's tables.

    Files may be ``event.parquet``, ``event-2026.parquet`` or ``event/….parquet`` (CSV alike); of all tables only
    ``person`` must be there. Parquet files are read where they lie, so they must stay as long as the practice is used.
    ``memory``, such as ``4GB``, is what DuckDB may take of it. ``before``: who was accepted before
    (:func:`measureharmony.practice.accepted_before.accepted_before`); of them, only who has changed is checked.

    Raises :class:`DataError` with all that is wrong with the folder's layout, columns and types, and when nobody is
    accepted. Rows that break a rule raise nothing: they are in ``Practice.rejects``.
    """
    folder = Path(path)
    files, issues = table_files(folder)
    con = opened()
    if memory:
        con.execute(f"SET memory_limit = '{bytes_of(memory)}B'")
    loads: dict[str, _Load] = {f.table: lambda f=f: load_files(con, TABLES[f.table], f) for f in files}  # type: ignore[misc]
    # Their digests are found before they are read: were they found afterwards, they could have changed meanwhile.
    known = replace(before, today=digests_of(files)) if before else NOBODY
    practice = _read(con, _loaded(con, loads, issues), _Source(shown(folder)), known)
    require_people(practice)
    return practice


def from_tables(
    tables: Mapping[str, pa.Table | pd.DataFrame],
    origin: str = "memory",
    extra_rejects: pa.Table | None = None,
    extra_accounts: pa.Table | None = None,
) -> Practice:
    """The practice in pyarrow tables or pandas frames, by name of the contract's table.

    Any table may say where its rows come from in two further columns: ``_file`` (text) and ``_row`` (integer); rejects
    then name them instead of ``origin`` and the row's place. An adapter hands over what it rejected and counted itself
    as ``extra_rejects`` and ``extra_accounts``, in the columns of ``Practice.rejects`` and ``Practice.accounts``.

    Raises :class:`DataError` as :func:`read_folder` does.
    """
    source = _Source(origin, extra_rejects, extra_accounts)
    few = all(len(table) <= FEW_ROWS for table in tables.values())
    practice = (_few(tables, source) if few else None) or _from_tables(tables, source, few=few)
    require_people(practice)
    return practice


def _from_tables(tables: _Tables, source: _Source, *, few: bool) -> Practice:
    con = opened()
    if few:
        con.execute("PRAGMA disable_optimizer")  # looking for a better plan costs more than it spares
    practice = _read(con, _loaded_memory(con, tables, source.origin), source)
    con.execute("PRAGMA enable_optimizer")
    return practice


def _few(tables: _Tables, source: _Source) -> Practice | None:
    """Few rows that break no rule, read at once; ``None`` where there is more to say of them.

    The database that other questions need is opened when one of them is asked, from the tables as they are now.
    """
    tables = {name: data if isinstance(data, pa.Table) else data.copy() for name, data in tables.items()}
    try:
        data = [arriving(TABLES[name], tables[name], source.origin) for name in TABLES if name in tables]
        rows = None if _table_issues(tables, source.origin) else few_rows.accepted(data)
    except DataError:
        return None
    if rows is None:
        return None
    accounts = [Account(one.files[no], one.table.name, count, 0) for one in data for no, count in one.rows.items()]
    return Practice(
        partial(_from_tables, tables, source, few=True),
        source.origin,
        joined([source.rejects], REJECTS_SCHEMA),
        joined([source.accounts, accounts_table(accounts)], ACCOUNTS_SCHEMA),
        rows=rows,
    )


def from_part(tables: Mapping[str, pa.Table | pd.DataFrame], origin: str = "memory") -> Practice:
    """Some rows of a practice, of which other parts are elsewhere: as :func:`from_tables`, but nobody need be accepted.

    It keeps to one thread, because the other parts keep the other cores busy.
    """
    con = opened(threads=1)
    return _read(con, _loaded_memory(con, tables, origin), _Source(origin))


def _loaded_memory(con: duckdb.DuckDBPyConnection, tables: _Tables, origin: str) -> dict[str, RawTable]:
    """All of ``tables``, as :func:`_loaded` gives them."""
    issues = _table_issues(tables, origin)
    loads: dict[str, _Load] = {
        name: lambda name=name, data=data: load_memory(con, arriving(TABLES[name], data, origin))  # type: ignore[misc]
        for name, data in tables.items()
        if name in TABLES
    }
    return _loaded(con, loads, issues)


def _loaded(con: duckdb.DuckDBPyConnection, loads: Mapping[str, _Load], issues: list[Issue]) -> dict[str, RawTable]:
    """All tables, absent ones empty; raises :class:`DataError` with ``issues`` and those of every table together."""
    raws: dict[str, RawTable] = {}
    issues = list(issues)
    for name, table in TABLES.items():
        try:
            raws[name] = loads[name]() if name in loads else load_absent(con, table)
        except DataError as error:
            issues += error.issues
    if issues:
        raise DataError(issues)
    return raws


def _read(
    con: duckdb.DuckDBPyConnection,
    raws: Mapping[str, RawTable],
    source: _Source,
    before: AcceptedBefore = NOBODY,
) -> Practice:
    identifiers = checks.identifier_types(raws)
    tables = {name: checks.create_cells(con, raw, identifiers) for name, raw in raws.items()}
    normalize.create_coded_events(con)
    groups = files_today(tables, before)
    asked = copy_unknown(con, tables, before, groups)
    # The contract's order: people before what refers to them, events before their codes.
    clean: dict[str, bool] = {}
    keys: dict[str, Flags | None] = {}
    for name, table in tables.items():
        events = checks.KnownEvents(events_of_codings(asked, clean), keys.get("event"))
        clean[name], keys[name] = checks.check_rows(con, table, asked.get(name, ""), events)
        normalize.create_accepted(con, table)
    present = {name: table for name, table in tables.items() if table.raw.files}
    rejects = joined(
        (checks.rejects_of(con, table, clean=clean[name]) for name, table in present.items()), REJECTS_SCHEMA
    )
    accounts = [
        Account(file, name, rows_in, rejected)
        for name, table in present.items()
        for file, rows_in, rejected in checks.counts_of(con, table, clean=clean[name])
    ]
    views = {view: query for table in tables.values() for view, query in checks.views_of(table).items()}
    views |= views_of_unknown(con, tables["event"], clean=clean["event"]) if asked else NOBODY_KNOWN
    return Practice(
        con,
        source.origin,
        joined([source.rejects, rejects], REJECTS_SCHEMA),
        joined([source.accounts, accounts_table(accounts)], ACCOUNTS_SCHEMA),
        views,
        files=same_files(con, digest_of(before.today), tables, clean) if before.today else None,
        groups=groups,
    )


def require_people(practice: Practice) -> None:
    """:class:`DataError` (``data-no-persons``) where no row of ``person`` was accepted."""
    people = [account for account in practice.accounts.to_pylist() if account["table"] == "person"]
    if sum(account["accepted"] for account in people):
        return
    rejects = practice.rejects
    rules = Counter(rejects.filter(pc.equal(rejects["table"], "person"))["rule"].to_pylist())
    why = ", ".join(f"{rule} × {count}" for rule, count in rules.most_common()) or "the table has no rows"
    raise DataError(
        [
            Issue(
                practice.origin,
                0,
                "data-no-persons",
                f"No person was accepted out of {sum(account['rows_in'] for account in people)} rows ({why}).",
                "A practice needs at least one row of `person` with a person_id.",
            )
        ]
    )


def require_contract(tables: Mapping[str, Sequence[tuple[str, str]]], origin: str) -> None:
    """:class:`DataError` with all that the contract has against tables, given as (column, DuckDB type) pairs."""
    issues = _table_issues(tables, origin)
    for name in TABLES.keys() & tables.keys():
        place, columns = f"{origin}: {name}", tables[name]
        issues += name_issues(TABLES[name], [column for column, _ in columns], place)
        issues += type_issues(TABLES[name], dict(columns), place)
    if issues:
        raise DataError(issues)


def _table_issues(names: Collection[str], origin: str) -> list[Issue]:
    """Tables that are not the contract's, and those that must be there and are not."""
    return [_unknown_table(name, origin) for name in names if name not in TABLES] + [
        Issue(origin, 0, "data-missing-table", f"There is no table `{name}`.", "Add it to the mapping.")
        for name, table in TABLES.items()
        if table.required and name not in names
    ]


def _unknown_table(name: str, origin: str) -> Issue:
    return Issue(
        origin, 0, "data-unknown-table", f"There is no table `{name}` in the contract.", f"Tables: {', '.join(TABLES)}."
    )
