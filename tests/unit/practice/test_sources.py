"""The same practice from every source: CSV, Parquet (typed and as text), pyarrow and pandas; one file or several."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from measureharmony.practice import Practice, from_tables, read_folder
from measureharmony.practice.contract import TABLES
from measureharmony.practice.rejects import Account, Reject, accounts_table, rejects_table

TEXT = {
    "person": {
        "person_id": ["7", "8", "9"],
        "birth": ["1967-05-02", "1950-01-01", ""],
        "sex": ["female", "male", ""],
        "deceased": ["false", "true", ""],
    },
    "coverage": {"person_id": ["7"], "payer": ["acme"], "start": ["2024-01-01"], "end": ["9999-12-31"]},
    "provider": {"provider_id": ["p1"], "npi": ["12"], "primary_care": ["true"]},
    "event": {
        "event_id": ["1", "2", "3", "4"],
        "person_id": ["7", "7", "8", "8"],
        "kind": ["encounter", "observation", "condition", "medication_order"],
        "start": ["2026-03-09", "2026-03-09", "2020-01-01", "2026-01-01"],
        "recorded": ["2026-03-09T14:30:05.250", "", "", ""],
        "value": ["", "7.5", "", ""],
        "refills": ["", "", "", "2"],
        "encounter_id": ["", "1", "", ""],
        "not_done": ["", "", "true", ""],
    },
    "event_code": {"event_id": ["1", "2"], "role": ["class", "value"], "code": ["AMB", "X"]},
}

TYPES = {"date": pa.date32(), "number": pa.float64(), "integer": pa.int32(), "flag": pa.bool_()}
IDS = ("person_id", "event_id", "encounter_id")


def text_tables() -> dict[str, pa.Table]:
    return {name: pa.table(columns) for name, columns in TEXT.items()}


def typed(table: str, name: str, cells: list[str]) -> pa.Array:
    """The cells as a typical typed extract has them."""
    given = [cell or None for cell in cells]
    if name in IDS:
        return pa.array([cell and int(cell) for cell in given], pa.int64())
    kind = TABLES[table].column(name).type
    if name == "recorded":
        return pa.array([cell and dt.datetime.fromisoformat(cell) for cell in given], pa.timestamp("us"))
    if kind in ("date", "time"):
        return pa.array([cell and dt.date.fromisoformat(cell) for cell in given], pa.date32())
    if kind == "flag":
        return pa.array([cell and cell == "true" for cell in given])
    if kind in TYPES:
        return pa.array([cell and float(cell) for cell in given]).cast(TYPES[kind])
    return pa.array(given, pa.string()).dictionary_encode()


def typed_tables() -> dict[str, pa.Table]:
    return {
        name: pa.table({column: typed(name, column, cells) for column, cells in columns.items()})
        for name, columns in TEXT.items()
    }


def from_csv(folder: Path) -> Practice:
    for name, table in text_tables().items():
        pa_csv.write_csv(table, folder / f"{name}.csv")
    return read_folder(folder)


def from_parquet(folder: Path) -> Practice:
    for name, table in typed_tables().items():
        pq.write_table(table, folder / f"{name}.parquet")
    return read_folder(folder)


def from_text_parquet(folder: Path) -> Practice:
    for name, table in text_tables().items():
        pq.write_table(table, folder / f"{name}.parquet")
    return read_folder(folder)


def from_parts(folder: Path) -> Practice:
    """Events as several files in a sub-folder and beside each other, columns in another order, the rest as CSV."""
    (folder / "event").mkdir()
    table = typed_tables()["event"]
    pq.write_table(table.slice(2, 2), folder / "event" / "a.parquet")
    pq.write_table(table.slice(0, 1).select(table.column_names[::-1]), folder / "event-2026.parquet")
    pq.write_table(table.slice(1, 1), folder / "event-2027.parquet")
    for name, other in text_tables().items():
        if name != "event":
            pa_csv.write_csv(other, folder / f"{name}-part.CSV")
    (folder / "_SUCCESS").touch()
    (folder / "README.md").touch()
    return read_folder(folder)


def from_pandas(_: Path) -> Practice:
    return from_tables({name: table.to_pandas() for name, table in text_tables().items()})


def from_arrow(_: Path) -> Practice:
    return from_tables(typed_tables())


@pytest.mark.parametrize("read", [from_parquet, from_text_parquet, from_parts, from_pandas, from_arrow])
def test_every_source_gives_the_same_practice(read: object, tmp_path: Path) -> None:
    (tmp_path / "csv").mkdir()
    (tmp_path / "other").mkdir()
    expected = from_csv(tmp_path / "csv")
    practice = read(tmp_path / "other")  # type: ignore[operator]
    assert expected.rejects.num_rows == practice.rejects.num_rows == 0
    assert practice.fingerprint() == expected.fingerprint()
    assert practice.person_count == 3


def test_accepted_rows_read_again_as_the_same_practice(tmp_path: Path) -> None:
    for practice in (from_csv(tmp_path), from_arrow(tmp_path)):
        again = from_tables({name: practice.table(name) for name in TABLES})
        assert again.rejects.num_rows == 0
        assert again.fingerprint() == practice.fingerprint()


def relation_kind(practice: Practice, name: str) -> str:
    query = "SELECT table_type FROM information_schema.tables WHERE table_name = ?"
    return str(practice.connection.execute(query, [name]).fetchall()[0][0])


def test_typed_parquet_is_not_copied(tmp_path: Path) -> None:
    practice = from_parquet(tmp_path)
    assert {relation_kind(practice, f"{stage}_event") for stage in ("raw", "cells", "accepted")} == {"VIEW"}


def test_text_is_parsed_once(tmp_path: Path) -> None:
    assert relation_kind(from_text_parquet(tmp_path), "copied_event") == "BASE TABLE"


@pytest.mark.parametrize("words", [["ann", "", "ben"], ["ann", "ben", ""], ["", "", ""], ["ann", "ben", "eve"]])
@pytest.mark.parametrize("statistics", [True, False])
def test_empty_text_is_nothing_wherever_it_stands(tmp_path: Path, words: list[str], statistics: bool) -> None:
    people = pa.table({"person_id": [1, 2, 3], "name": words})
    (tmp_path / "person").mkdir()
    pq.write_table(people.slice(0, 2), tmp_path / "person/a.parquet", row_group_size=1, write_statistics=statistics)
    pq.write_table(people.slice(2), tmp_path / "person/b.parquet", write_statistics=statistics)
    with read_folder(tmp_path) as practice:
        assert practice.table("person")["name"].to_pylist() == [word or None for word in words]


def test_relations_are_seen_by_other_cursors(tmp_path: Path) -> None:
    for practice in (from_csv(tmp_path), from_arrow(tmp_path)):
        assert practice.connection.cursor().execute("SELECT count(*) FROM accepted_event").fetchall() == [(4,)]


def test_numbers_and_text_are_never_the_same_identifier() -> None:
    events = pa.table({"event_id": ["a", "b"], "person_id": ["07", "7"], "kind": ["encounter"] * 2})
    practice = from_tables({"person": pa.table({"person_id": [7]}), "event": events})
    assert practice.rejects.select(["row", "rule"]).to_pylist() == [{"row": 1, "rule": "unknown-person"}]


def test_rows_may_say_where_they_come_from() -> None:
    people = pa.table({"person_id": ["a", "b", "c"], "_file": ["x.json", "y.json", "y.json"], "_row": [1, 5, 5]})
    sexed = people.append_column("sex", pa.array(["male", "man", "men"]))
    own_rejects = rejects_table([Reject("z.json", 1, "", "", "no-subject", "")])
    own_accounts = accounts_table([Account("z.json", "Patient", rows_in=1, rejected=1)])
    practice = from_tables({"person": sexed}, "deck", own_rejects, own_accounts)
    assert [(r["file"], r["row"], r["rule"]) for r in practice.rejects.to_pylist()] == [
        ("z.json", 1, "no-subject"),
        ("y.json", 5, "not-in-list"),
        ("y.json", 5, "not-in-list"),
    ]
    counts = [tuple(account.values()) for account in practice.accounts.to_pylist()]
    assert counts == [("z.json", "Patient", 1, 0, 1), ("x.json", "person", 1, 1, 0), ("y.json", "person", 2, 0, 2)]


def test_rejects_of_several_parquet_files_name_file_and_row(tmp_path: Path) -> None:
    pq.write_table(pa.table({"person_id": ["a", "b"]}), tmp_path / "person-1.parquet")
    pq.write_table(pa.table({"person_id": ["c", "a", None]}), tmp_path / "person-2.parquet")
    practice = read_folder(tmp_path)
    found = [(Path(r["file"]).name, r["row"], r["rule"]) for r in practice.rejects.to_pylist()]
    assert found == [("person-2.parquet", 2, "duplicate"), ("person-2.parquet", 3, "missing-value")]
    assert practice.accounts["rows_in"].to_pylist() == [2, 3]


def test_the_first_acceptable_row_of_a_key_counts() -> None:
    people = pa.table({"person_id": ["a", "a", "a"], "sex": ["man", "male", "female"]})
    practice = from_tables({"person": people})
    assert practice.rejects["rule"].to_pylist() == ["not-in-list", "conflicting-duplicate"]
    assert practice.table("person")["sex"].to_pylist() == ["male"]
