"""Few rows are read by what was prepared for others like them, and come to what the database of many rows has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pytest

from measureharmony.errors import UsageError
from measureharmony.practice import Practice, few_rows, from_tables

Tables = Mapping[str, pa.Table]
Columns = dict[str, list[str | None]]

EVENTS: Columns = {
    "event_id": ["e1", "e2", "e3", "e4"],
    "person_id": ["p1", "p1", "p2", "p2"],
    "kind": ["observation", "condition", "medication_dispense", "observation"],
    "type": ["lab", None, "", "other"],
    "code": ["4548-4", "E11.9", None, "1"],
    "start": ["2026-01-05", "2025-06", "2026-02-01T10:30:00-05:00", "2026"],
    "end": [None, "9999-12-31", None, "2026"],
    "value": ["7.5", None, None, None],
    "days_supply": [None, None, "30", None],
    "encounter_id": ["e2", None, "e2 e1", None],
}
PEOPLE: Columns = {"person_id": ["p2", "p1"], "birth": ["1960-03", "1971-12-31"], "sex": ["female", None]}
CODES: Columns = {"event_id": ["e1", "e3"], "role": ["value", None], "code": ["260385009", "123"]}
COVERAGE: Columns = {"person_id": ["p1", "p2"], "payer": ["north", "south"], "start": ["2025-01-01", "2026-01-01"]}
ROSTER: Columns = {"person_id": ["p2"], "program": ["stars"], "start": ["2026-01-01"], "end": [""]}


def text(columns: Columns) -> pa.Table:
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})


TEXT = {
    "person": text(PEOPLE), "event": text(EVENTS), "event_code": text(CODES), "coverage": text(COVERAGE),
    "roster": text(ROSTER),
}  # fmt: skip
TYPED = {
    "person": pa.table({"person_id": [2, 10], "birth": [dt.date(1950, 1, 2), None], "deceased": [False, True]}),
    "event": pa.table({
        "event_id": [7, -3, 100], "person_id": [10, 2, 2], "kind": ["encounter", "procedure", "condition"],
        "start": [dt.datetime(2026, 1, 1, 8), None, dt.datetime(2026, 2, 1)], "value": [1.5, None, 0.0],
        "based_on_id": pa.nulls(3), "parent_id": [None, 7, None],
    }),
    "event_code": pa.table({"event_id": [7], "code": ["99213"]}),
}  # fmt: skip
NOBODY_BUT_ONE = {"person": text({"person_id": ["only"]})}


def in_memory(practice: Practice) -> dict[str, list[tuple[Any, ...]]]:
    """What evaluation is handed of each table, in some order of the rows."""
    found = {}
    for name in few_rows.READ:
        columns = practice.connection.sql(f"FROM accepted_{name}").columns
        rows = practice.accepted(name, columns).to_pylist()
        found[name] = sorted((tuple(row.values()) for row in rows), key=repr)
    return found


def in_database(practice: Practice) -> dict[str, list[tuple[Any, ...]]]:
    """The same of the database."""
    return {
        name: sorted(practice.connection.sql(f"FROM accepted_{name}").fetchall(), key=repr) for name in few_rows.READ
    }


@pytest.mark.parametrize("tables", [TEXT, TYPED, NOBODY_BUT_ONE], ids=["text", "typed", "nobody but one"])
def test_what_is_read_at_once_is_what_the_database_has(tables: Tables) -> None:
    with from_tables(tables) as practice:
        assert practice.person_count == len(tables["person"])
        assert in_memory(practice) == in_database(practice)
        assert practice.listed_programs == {row[0] for row in practice.connection.sql("FROM listed_program").fetchall()}


def test_a_frame_is_as_it_was_when_it_was_read() -> None:
    frames = {name: table.to_pandas() for name, table in TEXT.items()}
    with from_tables(frames) as practice, from_tables(TEXT) as same:
        frames["event"].loc[0, "value"] = "1"
        assert in_memory(practice) == in_database(practice)
        assert practice.fingerprint() == same.fingerprint()


def test_practices_that_are_read_one_after_the_other_are_independent() -> None:
    others = {**TEXT, "person": text({**PEOPLE, "sex": ["male", "male"]}), "roster": text(ROSTER).slice(0, 0)}
    with from_tables(TEXT) as first, from_tables(others) as second:
        assert sorted(first.accepted("person", ["sex"])["sex"].to_pylist(), key=str) == [None, "female"]
        assert second.accepted("person", ["sex"])["sex"].to_pylist() == ["male", "male"]
        assert first.listed_programs == {"stars"}
        assert not second.listed_programs
        assert in_memory(first) == in_database(first)


def test_a_column_that_is_empty_here_is_read_where_it_is_not() -> None:
    without = {**TEXT, "event": TEXT["event"].set_column(5, "start", pa.nulls(4)).drop_columns("encounter_id")}
    with from_tables(without) as unknown, from_tables(TEXT) as known:
        assert in_memory(unknown) == in_database(unknown)
        assert in_memory(known) == in_database(known)


def test_whatever_breaks_a_rule_is_rejected_as_among_many_rows() -> None:
    broken = {**TEXT, "event": text({**EVENTS, "person_id": ["p1", "p3", "p2", "p2"], "value": ["x", "", "", ""]})}
    twice = {**TEXT, "person": text({"person_id": ["p1", "p1", "p2"]})}
    with from_tables(broken) as practice:
        rejects = [(row["row"], row["rule"]) for row in practice.rejects.to_pylist()]
        assert rejects == [(1, "not-a-number"), (2, "unknown-person"), (1, "unknown-event")]
        assert in_memory(practice) == in_database(practice)
    with from_tables(twice) as practice:
        assert practice.rejects["rule"].to_pylist() == ["duplicate"]


def test_threads_read_side_by_side() -> None:
    def read(number: int) -> list[str]:
        with from_tables({"person": text({"person_id": [f"p{number}"]})}) as practice:
            found: list[str] = practice.accepted("person", ["person_id"])["person_id"].to_pylist()
            return found

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(12))) == [[f"p{number}"] for number in range(12)]


def test_a_closed_practice_has_no_rows_but_is_counted() -> None:
    practice = from_tables(TEXT)
    practice.close()
    practice.close()
    assert practice.person_count == 2
    assert repr(practice) == "Practice from memory, closed"
    with pytest.raises(UsageError, match="is closed"):
        practice.accepted("person", ["person_id"])
