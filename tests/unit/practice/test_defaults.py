"""What empty cells mean, as the contract says it."""

from __future__ import annotations

import pyarrow as pa
import pytest

from measureharmony.practice import NO_END_DAY, NO_START_DAY, Practice, from_tables
from tests.unit.practice.test_moments import KNOWN_PERSON, UNKNOWN, day, event, moment, ms

ONGOING = (NO_END_DAY, NO_END_DAY, None)
MARCH_9 = (day("2026-03-09"), day("2026-03-09"), None)


def only(practice: Practice, columns: str, table: str = "event") -> tuple[object, ...]:
    (row,) = practice.connection.execute(f"SELECT {columns} FROM accepted_{table}").fetchall()
    return row


def test_a_condition_goes_on() -> None:
    practice = event(kind="condition", start="2026-03-09", clinical_status="active")
    assert moment(practice, "start") == MARCH_9
    assert moment(practice, "end") == ONGOING


@pytest.mark.parametrize("status", ["inactive", "resolved", "remission"])
def test_a_condition_that_is_over_without_an_end_was_at_an_unknown_time(status: str) -> None:
    practice = event(kind="condition", start="2026-03-09T10:00", clinical_status=status)
    assert moment(practice, "start") == UNKNOWN
    assert moment(practice, "end") == UNKNOWN


def test_a_condition_that_is_over_with_an_end_keeps_its_time() -> None:
    practice = event(kind="condition", start="2026-03-09", end="2026-04", clinical_status="resolved")
    assert moment(practice, "start") == MARCH_9
    assert moment(practice, "end") == (day("2026-04-01"), day("2026-04-30"), None)


@pytest.mark.parametrize("kind", ["medication_order", "medication_dispense", "medication_administration"])
def test_a_medication_lasts_as_long_as_its_supply(kind: str) -> None:
    practice = event(kind=kind, start="2026-03-09T10:00", days_supply="30.9")
    assert moment(practice, "end") == (day("2026-04-07"), day("2026-04-07"), None)


def test_a_supply_from_an_unknown_or_endless_start_ends_at_an_unknown_time() -> None:
    assert moment(event(kind="medication_dispense", days_supply="30"), "end") == UNKNOWN
    assert moment(event(kind="medication_dispense", start="0001-01-01", days_supply="30"), "end") == UNKNOWN


@pytest.mark.parametrize("supply", ["", "0", "0.5"])
def test_a_medication_without_supply_ends_when_it_starts(supply: str) -> None:
    practice = event(kind="medication_dispense", start="2026-03-09T10:00Z", days_supply=supply)
    assert moment(practice, "end") == (*MARCH_9[:2], ms("2026-03-09T10:00+00:00"))


def test_an_absurd_supply_does_not_overflow() -> None:
    low, high, _ = moment(event(kind="medication_dispense", start="9998-03-09", days_supply="1e300"), "end")
    assert low == high < NO_END_DAY


def test_everything_else_ends_when_it_starts() -> None:
    assert moment(event(start="2026"), "end") == (day("2026-01-01"), day("2026-12-31"), None)
    assert moment(event(), "end") == UNKNOWN
    assert moment(event(start="0001-01-01"), "end") == (NO_START_DAY, NO_START_DAY, None)


@pytest.mark.parametrize("kind", ["medication_order", "service_request", "device_request"])
def test_an_order_is_authored_when_it_starts(kind: str) -> None:
    practice = event(kind=kind, start="2026-03-09T10:00Z")
    assert moment(practice, "authored") == (*MARCH_9[:2], ms("2026-03-09T10:00+00:00"))
    assert only(practice, "status, intent") == ("active", "order")
    assert moment(event(kind=kind, start="2026-03-09T10:00Z", authored="2026-03-08"), "authored")[2] is None


def test_what_is_no_order_has_no_authored_and_no_intent() -> None:
    practice = event(start="2026-03-09")
    assert moment(practice, "authored") == UNKNOWN
    assert only(practice, "status, intent, source, not_done, received_day") == ("final", None, "ehr", False, None)


def test_a_condition_has_no_status_of_its_own() -> None:
    assert only(event(kind="condition"), "status") == (None,)


@pytest.mark.parametrize(
    ("columns", "codes", "expected"),
    [
        ({}, [], None),
        ({"value": "7.5"}, [], "quantity"),
        ({"value": "7.5"}, [("value", "A")], "quantity"),
        ({}, [("value", "A")], "coded"),
        ({}, [("", "A")], None),
        ({"value_type": "text"}, [("value", "A")], "text"),
    ],
)
def test_value_type(columns: dict[str, str], codes: list[tuple[str, str]], expected: str | None) -> None:
    given = {"event_id": "e1", "person_id": "ann", "kind": "observation"} | columns
    tables = {"person": KNOWN_PERSON, "event": pa.table({k: [v] for k, v in given.items()})}
    if codes:
        roles, values = zip(*codes, strict=True)
        tables["event_code"] = pa.table({"event_id": ["e1"] * len(codes), "role": roles, "code": values})
    assert only(from_tables(tables), "value_type") == (expected,)


def test_an_empty_role_is_code() -> None:
    practice = from_tables(
        {
            "person": KNOWN_PERSON,
            "event": pa.table({"event_id": ["e1"], "person_id": ["ann"], "kind": ["procedure"]}),
            "event_code": pa.table({"event_id": ["e1"], "code": ["A"]}),
        }
    )
    assert only(practice, "event_id, role, system, code", "event_code") == ("e1", "code", None, "A")


def test_people_have_dense_keys_in_the_order_of_their_ids_as_text() -> None:
    practice = from_tables({"person": pa.table({"person_id": [10, 9, 100], "birth": ["", "1960", "1960-01-02"]})})
    rows = practice.connection.execute(
        "FROM accepted_person SELECT person_key, person_id, birth_lo, birth_hi"
    ).fetchall()
    assert sorted(rows) == [
        (0, 10, NO_START_DAY, NO_END_DAY),
        (1, 100, day("1960-01-02"), day("1960-01-02")),
        (2, 9, day("1960-01-01"), day("1960-12-31")),
    ]


def test_a_date_of_death_makes_deceased_and_nobody_else_dies() -> None:
    people = {"person_id": ["a", "b", "c"], "deceased": ["", "true", "false"], "death": ["2026-01-02T03:04Z", "", ""]}
    practice = from_tables({"person": pa.table(people)})
    query = "SELECT deceased, death_lo, death_ms FROM accepted_person ORDER BY person_key"
    assert practice.connection.execute(query).fetchall() == [
        (True, day("2026-01-02"), ms("2026-01-02T03:04+00:00")),
        (True, NO_START_DAY, None),
        (False, NO_END_DAY, None),
    ]


def test_coverage_and_roster_without_an_end_go_on() -> None:
    spans = {
        "person_id": ["ann"] * 3,
        "start": ["2026-01-01", "0001-01-01", "2026-01-01"],
        "end": ["", "9999-12-31", "2026-01-01"],
    }
    practice = from_tables(
        {
            "person": KNOWN_PERSON,
            "coverage": pa.table(spans | {"payer": ["acme"] * 3}),
            "roster": pa.table(spans | {"program": ["p"] * 3}),
        }
    )
    start = day("2026-01-01")
    expected = [(0, NO_START_DAY, NO_END_DAY), (0, start, start), (0, start, NO_END_DAY)]
    for table in ("coverage", "roster"):
        query = f"SELECT person_key, start_day, end_day FROM accepted_{table} ORDER BY ALL"
        assert practice.connection.execute(query).fetchall() == expected
