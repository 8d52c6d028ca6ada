"""What a written moment becomes: first and last possible day, and the instant where a time of day is written."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from measureharmony.practice import NO_END_DAY, NO_START_DAY, Practice, from_tables

UNKNOWN = (NO_START_DAY, NO_END_DAY, None)
KNOWN_PERSON = pa.table({"person_id": ["ann"]})


def day(text: str) -> int:
    return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days


def ms(text: str) -> int:
    return round(dt.datetime.fromisoformat(text).timestamp() * 1000)


def event(**columns: object) -> Practice:
    """A practice whose only event has ``columns``; Arrow arrays are taken as they are, others as text."""
    given = {"event_id": "e1", "person_id": "ann", "kind": "observation"} | columns
    table = {k: v if isinstance(v, pa.Array) else pa.array([v], pa.string()) for k, v in given.items()}
    return from_tables({"person": KNOWN_PERSON, "event": pa.table(table)})


def moment(practice: Practice, column: str) -> tuple[int, int, int | None]:
    query = f"SELECT {column}_lo, {column}_hi, {column}_ms FROM accepted_event"
    (row,) = practice.connection.execute(query).fetchall()
    return row


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-09", (day("2026-03-09"), day("2026-03-09"), None)),
        ("2026", (day("2026-01-01"), day("2026-12-31"), None)),
        ("2024-02", (day("2024-02-01"), day("2024-02-29"), None)),
        ("9999", (day("9999-01-01"), day("9999-12-31"), None)),
        ("2026-03-09T14:30", (day("2026-03-09"), day("2026-03-09"), ms("2026-03-09T14:30+00:00"))),
        ("2026-03-09 14:30:05", (day("2026-03-09"), day("2026-03-09"), ms("2026-03-09T14:30:05+00:00"))),
        ("2026-03-09T14:30:05.123Z", (day("2026-03-09"), day("2026-03-09"), ms("2026-03-09T14:30:05.123+00:00"))),
        ("2026-03-09T23:30-05:30", (day("2026-03-09"), day("2026-03-09"), ms("2026-03-10T05:00+00:00"))),
        ("2026-03-09T00:30:00+02:00", (day("2026-03-09"), day("2026-03-09"), ms("2026-03-08T22:30+00:00"))),
        ("1969-12-31T23:59:59.999Z", (-1, -1, -1)),
        ("0001-01-01", (NO_START_DAY, NO_START_DAY, None)),
        ("", UNKNOWN),
    ],
)
def test_start_as_text(text: str, expected: tuple[int, int, int | None]) -> None:
    assert moment(event(start=text), "start") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (pa.array([dt.date(2026, 3, 9)]), (day("2026-03-09"), day("2026-03-09"), None)),
        (pa.array([dt.date(1, 1, 1)]), (NO_START_DAY, NO_START_DAY, None)),
        (pa.array([dt.datetime(2026, 3, 9)]), (day("2026-03-09"), day("2026-03-09"), ms("2026-03-09T00:00+00:00"))),
        (
            pa.array([dt.datetime(1969, 12, 31, 23, 30)], pa.timestamp("ns")),
            (day("1969-12-31"), day("1969-12-31"), ms("1969-12-31T23:30+00:00")),
        ),
        (
            pa.array([dt.datetime(2026, 3, 9, 23, 30)], pa.timestamp("us", tz="America/New_York")),
            (day("2026-03-09"), day("2026-03-09"), ms("2026-03-09T23:30+00:00")),
        ),
        (pa.array([None], pa.date32()), UNKNOWN),
        (pa.nulls(1), UNKNOWN),
    ],
)
def test_typed_start(value: pa.Array, expected: tuple[int, int, int | None]) -> None:
    assert moment(event(start=value), "start") == expected


@pytest.mark.parametrize("no_end", ["9999-12-31", "9999-12-31T00:00Z", pa.array([dt.date(9999, 12, 31)])])
def test_an_end_that_is_known_never_to_come(no_end: object) -> None:
    assert moment(event(start="2026-01-01", end=no_end), "end") == (NO_END_DAY, NO_END_DAY, None)


@pytest.mark.parametrize("far", ["infinity", "20000-01-01"])
def test_typed_dates_beyond_the_calendar_are_rejected(far: str) -> None:
    days = 2**31 - 1 if far == "infinity" else 6_585_442
    with event(start=pa.array([days], pa.int32()).cast(pa.date32())) as practice:
        assert practice.rejects["rule"].to_pylist() == ["impossible-date"]
