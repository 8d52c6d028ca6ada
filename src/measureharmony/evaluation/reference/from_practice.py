"""The people of a practice, one object each, for the reference interpreter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from measureharmony.evaluation.reference.record import Coding, Event, PersonRecord, Span, Time
from measureharmony.practice import Practice

#: So many people are in memory at once.
BATCH = 1000

#: One row of a relation, by column name: the edge where the database's values come in.
Row = Mapping[str, Any]

_PEOPLE = "SELECT * REPLACE (CAST(person_id AS VARCHAR) AS person_id) FROM accepted_person ORDER BY person_key"
_COVERAGE = "SELECT * FROM accepted_coverage WHERE person_key IN (SELECT unnest($keys)) ORDER BY ALL"
_TEXT_IDS = ", ".join(
    f"CAST({column} AS VARCHAR) AS {column}" for column in ("event_id", "encounter_id", "parent_id", "based_on_id")
)
_EVENTS = f"SELECT * REPLACE ({_TEXT_IDS}) FROM accepted_event WHERE person_key IN (SELECT unnest($keys))"
_CODES = """
    SELECT CAST(event_id AS VARCHAR) AS event_id, 'code' AS role, code_system AS system, code
    FROM accepted_event WHERE code IS NOT NULL AND person_key IN (SELECT unnest($keys))
    UNION ALL
    SELECT CAST(event_id AS VARCHAR), role, system, code FROM accepted_event_code
    WHERE event_id IN (SELECT event_id FROM accepted_event WHERE person_key IN (SELECT unnest($keys)))"""


def records_from_practice(practice: Practice, person_ids: Iterable[str] | None = None) -> Iterator[PersonRecord]:
    """The accepted people with all their accepted rows, in order of ``person_id``.

    ``person_ids`` picks some of them; identifiers that the practice does not have are passed over.
    """
    wanted = None if person_ids is None else frozenset(person_ids)
    people = [row for row in _rows(practice, _PEOPLE) if wanted is None or row["person_id"] in wanted]
    for start in range(0, len(people), BATCH):
        yield from _records(practice, people[start : start + BATCH])


def _records(practice: Practice, people: Sequence[Row]) -> Iterator[PersonRecord]:
    keys = [row["person_key"] for row in people]
    codes = _codes(_rows(practice, _CODES, keys))
    events, spans = defaultdict(list), defaultdict(list)
    for row in _rows(practice, _EVENTS, keys):
        events[row["person_key"]].append(_event(row, codes.get(row["event_id"], {})))
    for row in _rows(practice, _COVERAGE, keys):
        spans[row["person_key"]].append(_span(row))
    for row in people:
        key = row["person_key"]
        yield _person(row, tuple(events.get(key, ())), tuple(spans.get(key, ())))


def _rows(practice: Practice, query: str, keys: Sequence[int] | None = None) -> list[Row]:
    """The rows of a query; ``keys`` are the ``person_key`` it asks for."""
    cursor = practice.connection.cursor()
    result = cursor.execute(query) if keys is None else cursor.execute(query, {"keys": list(keys)})
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, values, strict=True)) for values in result.fetchall()]


def _person(row: Row, events: tuple[Event, ...], coverage: tuple[Span, ...]) -> PersonRecord:
    return PersonRecord(
        person_id=row["person_id"],
        birth=Time(row["birth_lo"], row["birth_hi"]),
        sex=row["sex"],
        gender=row["gender"],
        death=_time(row, "death"),
        events=events,
        coverage=coverage,
    )


def _event(row: Row, codes: Mapping[str, frozenset[Coding]]) -> Event:
    as_written = (
        "event_id", "kind", "status", "intent", "verification", "clinical_status", "not_done", "received_day", "source",
        "value", "unit", "value_type", "quantity", "quantity_unit", "days_supply", "refills", "encounter_id",
        "parent_id", "based_on_id", "sequence",
    )  # fmt: skip
    return Event(
        **{column: row[column] for column in as_written},
        types=_words(row["type"]),
        categories=_words(row["category"]),
        codes=codes,
        start=_time(row, "start"),
        end=_time(row, "end"),
        authored=_time(row, "authored"),
        recorded=_time(row, "recorded"),
    )


def _span(row: Row) -> Span:
    return Span(row["payer"], row["product_line"], row["start_day"], row["end_day"], _words(row["benefits"]))


def _time(row: Row, column: str) -> Time:
    return Time(row[f"{column}_lo"], row[f"{column}_hi"], row[f"{column}_ms"])


def _words(cell: str | None) -> frozenset[str] | None:
    """The blank-separated words of a cell; an empty cell says nothing."""
    return frozenset(cell.split()) if cell else None


def _codes(rows: Iterable[Row]) -> dict[str, dict[str, frozenset[Coding]]]:
    """The codings of each event, by role."""
    found: dict[str, dict[str, set[Coding]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        found[row["event_id"]][row["role"]].add((row["system"], row["code"]))
    return {event: {role: frozenset(codes) for role, codes in roles.items()} for event, roles in found.items()}
