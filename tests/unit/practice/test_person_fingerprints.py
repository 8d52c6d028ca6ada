"""A person's fingerprint is over all that the rows say of this person, and over nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from random import Random

import pyarrow as pa
import pytest

from measureharmony.practice import Practice, from_tables
from measureharmony.practice.contract import TABLES
from measureharmony.practice.some_people import some_people

Row = dict[str, str]
Tables = dict[str, list[Row]]

#: Every column of every table about people, with two values; both are accepted, whatever the other cells are.
CELLS: dict[str, dict[str, tuple[str, str]]] = {
    "person": {
        "birth": ("1980-05-01", "1980-05"), "sex": ("female", "male"), "gender": ("other", "unknown"),
        "deceased": ("true", "false"), "death": ("", "2026"), "name": ("A", "B"), "language": ("en", "es"),
        "phone": ("1", "2"), "postal_code": ("1", "2"), "race": ("x", "y"), "ethnicity": ("x", "y"),
    },
    "coverage": {
        "payer": ("blue", "green"), "product_line": ("medicaid", "commercial"), "start": ("2026-01-01", "2026-01-02"),
        "end": ("2026-12-31", "9999-12-31"), "benefits": ("medical", "pharmacy"), "member_id": ("1", "2"),
    },
    "roster": {
        "program": ("north", "south"), "start": ("2026-01-01", "2026-01-02"), "end": ("2026-12-31", "2026-11-30"),
        "provider_id": ("d1", "d2"), "change": ("new", "changed"),
    },
    "event": {
        "event_id": ("first", "second"), "kind": ("observation", "procedure"), "type": ("lab", "screening"),
        "category": ("laboratory", "none"), "code_system": ("http://loinc.org", ""), "code": ("A1", "A2"),
        "status": ("final", "draft"), "intent": ("order", "plan"), "verification": ("confirmed", "refuted"),
        "clinical_status": ("active", "recurrence"), "not_done": ("true", "false"),
        "start": ("2026-03-01T12:00Z", "2026-03-01T12:01Z"), "end": ("2026-04-01", "2026-04-02"),
        "authored": ("2026-02-01", "2026-02-02"), "recorded": ("2026-04-03", "unknown"),
        "received": ("2026-04-04", "2026-04-05"), "source": ("claim", "registry"), "value": ("0", "-0"),
        "unit": ("%", "1"), "value_type": ("quantity", "integer"), "quantity": ("30", "60"),
        "quantity_unit": ("mL", "{tbl}"), "days_supply": ("30", "31"), "refills": ("0", "1"), "amount": ("1", "1.5"),
        "encounter_id": ("e5", "e6"), "parent_id": ("e5", "e6"), "based_on_id": ("e5", "e6"),
        "provider_id": ("d1", "d2"), "sequence": ("1", "2"),
    },
    "event_code": {"role": ("reason", "diagnosis"), "system": ("http://loinc.org", ""), "code": ("A1", "A2")},
}  # fmt: skip
CHANGES = [(table, column) for table, columns in CELLS.items() for column in columns]


def one_person(person: str, changed: tuple[str, str] | None = None) -> Tables:
    """A row of each table, all cells filled in; ``changed`` names the cell that has its other value."""
    rows = {
        table: {column: values[(table, column) == changed] for column, values in cells.items()}
        for table, cells in CELLS.items()
    }
    for table in ("person", "coverage", "roster", "event"):
        rows[table]["person_id"] = person
    rows["event"]["event_id"] += f" of {person}"
    rows["event_code"]["event_id"] = rows["event"]["event_id"]
    return {table: [row] for table, row in rows.items()}


def together(people: list[Tables]) -> Tables:
    return {table: [row for own in people for row in own[table]] for table in CELLS}


def read(rows: Mapping[str, list[Row]]) -> Practice:
    schemas = {name: pa.schema([(column.name, pa.string()) for column in TABLES[name].columns]) for name in rows}
    return from_tables({name: pa.Table.from_pylist(own, schema=schemas[name]) for name, own in rows.items()})


def fingerprints(rows: Mapping[str, list[Row]]) -> dict[str, bytes]:
    with read(rows) as practice:
        assert practice.rejects.num_rows == 0, practice.rejects.to_pylist()
        return dict(zip(*practice.person_fingerprints.to_pydict().values(), strict=True))


def test_every_cell_counts_and_only_for_its_person() -> None:
    named = ["-".join(change) for change in CHANGES]
    before = fingerprints(together([one_person("nobody else"), *map(one_person, named)]))
    changed = [one_person(name, change) for name, change in zip(named, CHANGES, strict=True)]
    after = fingerprints(together([one_person("nobody else"), *changed]))
    assert before.keys() == after.keys()
    assert [person for person in before if before[person] == after[person]] == ["nobody else"]
    assert {len(fingerprint) for fingerprint in (*before.values(), *after.values())} == {16}


def test_every_column_about_people_is_asked_for() -> None:
    columns = {name: {column.name for column in table.columns} for name, table in TABLES.items() if name in CELLS}
    whose = {"person": "person_id", "coverage": "person_id", "roster": "person_id", "event": "person_id"}
    assert {name: {*cells, whose.get(name, "event_id")} for name, cells in CELLS.items()} == columns
    assert TABLES.keys() - CELLS.keys() == {"provider"}


@pytest.fixture(scope="module")
def two() -> Tables:
    return together([one_person("ann"), one_person("ben")])


@pytest.fixture(scope="module")
def base(two: Tables) -> dict[str, bytes]:
    return fingerprints(two)


@pytest.mark.parametrize("table", ["coverage", "roster", "event_code"])
def test_a_row_twice_is_not_a_row_once(two: Tables, base: dict[str, bytes], table: str) -> None:
    found = fingerprints({**two, table: [*two[table], two[table][0]]})
    assert found["ann"] != base["ann"]
    assert found["ben"] == base["ben"]


def test_the_boundaries_of_cells_and_empty_cells_count() -> None:
    def with_words(person: str, code_system: str, code: str) -> Tables:
        event = {"event_id": "1", "person_id": person, "kind": "task", "code_system": code_system, "code": code}
        return {"person": [{"person_id": person}], "event": [event]}

    words = (("ab", "c"), ("a", "bc"), ("", "abc"), ("abc", ""), ("", ""))
    assert len({fingerprints(with_words("a", *two))["a"] for two in words}) == len(words)


def test_empty_text_is_an_empty_cell() -> None:
    assert fingerprints({"person": [{"person_id": "a", "sex": ""}]}) == fingerprints({"person": [{"person_id": "a"}]})


def test_row_order_and_other_people_mean_nothing(two: Tables, base: dict[str, bytes]) -> None:
    three = together([one_person("aaron"), two, one_person("zoe")])
    shuffled = {name: Random(3).sample(rows, len(rows)) for name, rows in three.items()}
    found = fingerprints({**shuffled, "provider": [{"provider_id": "d1"}]})
    assert list(found) == ["aaron", "ann", "ben", "zoe"]
    assert {person: found[person] for person in base} == base


def test_identifiers_are_the_same_as_numbers_and_as_text() -> None:
    def of(kind: pa.DataType) -> list[bytes]:
        one, people = pa.array([1]).cast(kind), pa.array([7, 8]).cast(kind)
        event = pa.table({"event_id": one, "person_id": people.slice(1), "kind": ["task"]})
        code = pa.table({"event_id": one, "code": ["A1"]})
        with from_tables({"person": pa.table({"person_id": people}), "event": event, "event_code": code}) as practice:
            return practice.person_fingerprints["fingerprint"].to_pylist()

    assert of(pa.int64()) == of(pa.string())


def test_text_is_the_number_that_it_writes_only_as_numbers_are_written() -> None:
    def of(identifier: int | str) -> bytes:
        event = pa.table({"event_id": [identifier], "person_id": [1], "kind": ["task"]})
        with from_tables({"person": pa.table({"person_id": [1]}), "event": event}) as practice:
            (fingerprint,) = practice.person_fingerprints["fingerprint"].to_pylist()
            return bytes(fingerprint)

    numbers = {str(number): of(number) for number in (7, 0, -7, 2**63 - 1)}
    assert {text: of(text) for text in numbers} == numbers
    others = {of(text) for text in ("07", "7.0", "-0", str(2**63), "seven")}
    assert len(others | {*numbers.values()}) == len(numbers) + 5


def test_moments_and_numbers_are_the_same_in_any_type_unless_they_say_more() -> None:
    def of(start: pa.Array, value: pa.Array) -> bytes:
        event = pa.table({"event_id": [1], "person_id": [1], "kind": ["task"], "start": start, "value": value})
        with from_tables({"person": pa.table({"person_id": [1]}), "event": event}) as practice:
            (fingerprint,) = practice.person_fingerprints["fingerprint"].to_pylist()
            return bytes(fingerprint)

    day, noon, one = pa.array([dt.date(2026, 3, 9)]), pa.array([dt.datetime(2026, 3, 9, 12)]), pa.array([1.0])
    alike = [
        {of(day, one), of(pa.array(["2026-03-09"]), pa.array(["1.00"])), of(day, pa.array([1]))},
        {of(noon, one), of(pa.array(["2026-03-09T12:00"]), pa.array(["1"]))},
        {of(pa.array(["2026-03"]), one)},
        {of(day, pa.array([0.0])), of(day, pa.array([0]))},
        {of(day, pa.array([-0.0])), of(day, pa.array(["-0"]))},
    ]
    assert [len(some) for some in alike] == [1] * len(alike)
    assert len(set[bytes]().union(*alike)) == len(alike)


def test_some_people_have_the_rows_that_they_have_in_the_whole(two: Tables) -> None:
    with read(two) as whole, some_people(whole, pa.array([1], pa.int32())) as part:
        for name in ("coverage", "roster", "event"):
            rows = f"SELECT * FROM accepted_{name}"
            his = whole.connection.sql(f"{rows} WHERE person_key = 1").fetchall()
            assert his == part.connection.sql(rows).fetchall() != []
        codes = "SELECT * FROM accepted_event_code WHERE event_id LIKE '%of ben'"
        assert whole.connection.sql(codes).fetchall() == part.connection.sql(codes).fetchall() != []
        assert part.connection.sql("SELECT person_key, person_id FROM accepted_person").fetchall() == [(1, "ben")]


def test_some_people_know_whose_rosters_there_are(two: Tables) -> None:
    rosters = {**two, "roster": two["roster"][:1]}
    with read(rosters) as whole, some_people(whole, pa.array([1], pa.int32())) as part:
        assert part.connection.sql("SELECT count(*) FROM accepted_roster").fetchall() == [(0,)]
        assert part.connection.sql("FROM listed_program").fetchall() == [("north",)]
