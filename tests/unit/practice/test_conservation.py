"""Law 6, generated: rows in = accepted + rejected for every table, and row order changes nothing that is accepted."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from measureharmony.practice import Practice, from_tables, read_folder
from measureharmony.practice.contract import TABLES, Column, Table
from measureharmony.practice.rejects import RULES

DIRT = st.sampled_from(["", " ", "x", "-1", "nan", "1e999", "2026-02-30", "9999-12-31", "'", '"', "a,b", "é\n", "0"])
TIMES = ("2026", "2026-02", "2026-03-09", "2025-03-09T10:00", "2026-03-09T23:59:59.5-08:00", "0001-01-01", "9999-12-31")
CLEAN = {
    "text": ("a", "b", "resolved"),
    "words": ("lab", "lab bmi"),
    "date": ("2026-01-01", "2025-06-30", "9999-12-31"),
    "time": TIMES,
    "number": ("0", "7.5", "30"),
    "integer": ("1", "2"),
    "flag": ("true", "False"),
}
IDS = {"person_id": ("p1", "p2", "p3"), "event_id": ("e1", "e2", "e3", "e4")}
TABLES_TO_FILL = tuple(TABLES.values())


def cells(column: Column) -> st.SearchStrategy[str]:
    clean = st.sampled_from(IDS.get(column.name) or column.allowed or CLEAN[column.type])
    return st.integers(0, 24).flatmap(lambda n: DIRT if n == 0 else clean)


def rows(table: Table) -> st.SearchStrategy[list[tuple[str, ...]]]:
    return st.lists(st.tuples(*(cells(column) for column in table.columns)), max_size=5)


Filled = dict[str, list[tuple[str, ...]]]
DATASETS: st.SearchStrategy[Filled] = st.fixed_dictionaries({table.name: rows(table) for table in TABLES_TO_FILL}).map(
    lambda filled: filled | {"person": [("p0", *[""] * (len(TABLES["person"].columns) - 1)), *filled["person"]]}
)


def arrow(name: str, filled: Sequence[tuple[str, ...]]) -> pa.Table:
    columns = [column.name for column in TABLES[name].columns]
    return pa.table({c: pa.array([row[i] for row in filled], pa.string()) for i, c in enumerate(columns)})


def check_accounts(practice: Practice, filled: Filled, expected_extra: int = 0) -> None:
    rejects = practice.rejects.to_pylist()
    assert {reject["rule"] for reject in rejects} <= set(RULES)
    for account in practice.accounts.to_pylist():
        name = account["table"]
        assert account["rows_in"] == len(filled[name]) + expected_extra
        assert account["rows_in"] == account["accepted"] + account["rejected"]
        assert account["accepted"] == practice.table(name).num_rows
        assert account["rejected"] == len({reject["row"] for reject in rejects if reject["table"] == name})
        counted = practice.connection.execute(f"SELECT count(*) FROM accepted_{name}").fetchall()
        assert counted == [(account["accepted"],)]


@given(DATASETS)
@settings(max_examples=12)
def test_every_row_is_accepted_or_rejected(filled: Filled) -> None:
    with from_tables({name: arrow(name, table) for name, table in filled.items()}) as practice:
        check_accounts(practice, filled)


@given(DATASETS)
@settings(max_examples=6)
def test_every_csv_row_is_accepted_or_rejected(filled: Filled) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for table, given_rows in filled.items():
            with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow([column.name for column in TABLES[table].columns])
                writer.writerows(given_rows)
                writer.writerow(["too", "short"] if len(TABLES[table].columns) != 2 else ["s"])
        with read_folder(folder) as practice:
            check_accounts(practice, filled, expected_extra=1)
            in_memory = from_tables({name: arrow(name, table) for name, table in filled.items()})
            assert practice.fingerprint() == in_memory.fingerprint()


@given(DATASETS, st.randoms(use_true_random=False))
@settings(max_examples=12)
def test_row_order_changes_nothing_without_duplicates(filled: Filled, random: object) -> None:
    unique = {name: first_of_each_key(TABLES[name], table) for name, table in filled.items()}
    shuffled = {name: random.sample(table, len(table)) for name, table in unique.items()}  # type: ignore[attr-defined]
    with (
        from_tables({name: arrow(name, table) for name, table in unique.items()}) as one,
        from_tables({name: arrow(name, table) for name, table in shuffled.items()}) as other,
    ):
        assert one.fingerprint() == other.fingerprint()
        columns = ["table", "column", "rule", "shape"]
        order = [(column, "ascending") for column in columns]
        assert one.rejects.select(columns).sort_by(order) == other.rejects.select(columns).sort_by(order)


def first_of_each_key(table: Table, filled: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    if not table.key:
        return filled
    at = [column.name for column in table.columns].index(table.key[0])
    return list({row[at]: row for row in reversed(filled)}.values())
