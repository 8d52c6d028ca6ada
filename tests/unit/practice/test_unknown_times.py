"""`unknown` where an empty cell would mean something else, and events that no measure looks at."""

from __future__ import annotations

import pyarrow as pa

from measureharmony.practice import NO_END_DAY, NO_START_DAY, Practice, from_tables


def practice(**columns: list[str | None]) -> Practice:
    count = len(next(iter(columns.values())))
    events = {"event_id": [str(n) for n in range(count)], "person_id": ["a"] * count, **columns}
    return from_tables({"person": pa.table({"person_id": ["a"]}), "event": pa.table(events)})


def test_an_unknown_end_of_a_condition_is_not_an_ongoing_one() -> None:
    read = practice(kind=["condition", "condition"], start=["2026-01-01", "2026-01-01"], end=["unknown", None])
    ends = read.connection.sql("SELECT end_lo, end_hi FROM accepted_event ORDER BY event_id").fetchall()
    assert ends == [(NO_START_DAY, NO_END_DAY), (NO_END_DAY, NO_END_DAY)]


def test_every_moment_can_be_unknown() -> None:
    read = practice(
        kind=["service_request"], start=["unknown"], end=["unknown"], authored=["unknown"], recorded=["unknown"]
    )
    columns = ", ".join(f"{t}_lo, {t}_hi, {t}_ms" for t in ("start", "end", "authored", "recorded"))
    assert read.rejects.num_rows == 0
    assert read.connection.sql(f"SELECT {columns} FROM accepted_event").fetchall() == [
        (NO_START_DAY, NO_END_DAY, None) * 4
    ]


def test_an_event_of_type_other_is_accepted_but_not_looked_at() -> None:
    read = practice(kind=["observation", "observation"], type=["other", "lab"], start=["2026-01-01", "2026-01-01"])
    assert read.table("event").num_rows == 2
    assert read.connection.sql("SELECT type FROM accepted_event").fetchall() == [("lab",)]
