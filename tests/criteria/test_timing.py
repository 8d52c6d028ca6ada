"""Moments, windows, precision and shifts."""

from __future__ import annotations

import pytest

from measureharmony.evaluation.reference.record import Event, PersonRecord
from measureharmony.measures.window import RELATIONS
from tests.criteria.example import Evaluate, Example, event, person

Case = tuple[PersonRecord, bool | None]


def timed(relation: str, window: str, people: dict[str, Case], precision: str = "day", sections: str = "") -> Example:
    """Whether each person's one observation lies so; unknown and false both mean: not in the set."""
    criterion = f"{{exists: {{kind: observation, when: {{{relation}: {window}, precision: {precision}}}}}}}"
    return Example(relation, criterion, people, sections)


def has(one: Event) -> Case:
    return person(one), True


def lacks(one: Event) -> Case:
    return person(one), False


EXAMPLES = [
    timed("start", "period", {
        "first day": has(event(start="2026-01-01")), "last day": has(event(start="2026-12-31")),
        "the day before": lacks(event(start="2025-12-31")), "unknown": lacks(event()),
        "only the year, and it decides": has(event(start="2026")),
        "last day as written, next day in UTC": has(event(start="2026-12-31T23:30:00-05:00")),
        "next day as written, last day in UTC": lacks(event(start="2027-01-01T00:30:00+05:00")),
    }),
    timed("start", "{from: period.start + 1 month, to: period.end}", {
        "the year alone leaves it open": lacks(event(start="2026")),
        "a month decides": has(event(start="2026-02")),
    }),
    timed("start", "{after: period.start, before: period.end}", {
        "the bound itself is out": lacks(event(start="2026-01-01")), "a day later": has(event(start="2026-01-02")),
        "the other bound too": lacks(event(start="2026-12-31")), "a day earlier": has(event(start="2026-12-30")),
        "a partial date that touches a bound": lacks(event(start="2026-12")),
    }),
    timed("start", "{to: period.end}", {
        "long ago": has(event(start="1950-01-01")), "since ever": has(event(start="ever", end="2026-01-01")),
        "unknown": lacks(event()),
    }),
    timed("end", "period", {
        "ends inside": has(event(start="2020-01-01", end="2026-05-05")),
        "never ends": lacks(event(start="2026-01-01", end="never")),
        "end unknown": lacks(event(start="2026-01-01", end="unknown")),
    }),
    timed("end", "{from: period.start}", {"never ends is after any day": has(event(start="2020-01-01", end="never"))}),
    timed("latest", "period", {
        "its end": lacks(event(start="2026-01-01", end="2027-01-01")),
        "its start, as it never ends": has(event(start="2026-01-01", end="never")),
        "its start, as the end is unknown": has(event(start="2026-01-01", end="unknown")),
        "a partial end is known": has(event(start="2020-01-01", end="2026-05")),
        "nothing known": lacks(event()),
    }),
    timed("earliest", "period", {
        "its start": lacks(event(start="2025-01-01", end="2026-01-01")),
        "its end, as it began before all dates": has(event(start="ever", end="2026-01-01")),
        "its end, as the start is unknown": has(event(start="unknown", end="2026-01-01")),
    }),
    timed("authored", "period", {
        "written in the period": has(event(start="2025-01-01", authored="2026-02-01")),
        "not stated": lacks(event(start="2026-02-01")),
    }),
    timed("recorded", "period", {"recorded in the period": has(event(start="2025-01-01", recorded="2026-02-01"))}),
    timed("whole", "period", {
        "all of it": has(event(start="2026-01-01", end="2026-12-31")),
        "began before": lacks(event(start="2025-12-31", end="2026-01-05")),
        "ends after": lacks(event(start="2026-12-30", end="2027-01-01")),
        "never ends": lacks(event(start="2026-12-30", end="never")),
    }),
    timed("whole", "{to: period.end}", {"an open bound asks nothing": has(event(start="unknown", end="2026-05-05"))}),
    timed("overlaps", "period", {
        "reaches in from before": has(event(start="2020-01-01", end="2026-01-01")),
        "reaches out": has(event(start="2026-12-31", end="2027-05-01")),
        "around it": has(event(start="2020-01-01", end="never")),
        "before it": lacks(event(start="2020-01-01", end="2025-12-31")),
        "after it": lacks(event(start="2027-01-01", end="never")),
        "since ever": has(event(start="ever", end="2026-01-01")),
        "whole time unknown": lacks(event(start="unknown", end="unknown")),
        "began before, end unknown": lacks(event(start="2020-01-01", end="unknown")),
    }),
    timed("overlaps", "{after: period.start, before: period.end}", {
        "only the bound's day is shared": lacks(event(start="2025-01-01", end="2026-01-01")),
        "one day more": has(event(start="2025-01-01", end="2026-01-02")),
    }),
    timed("start", "period", {
        "a date on the first day ties with its beginning": lacks(event(start="2026-01-01")),
        "a date on the second day decides": has(event(start="2026-01-02")),
        "a date on the last day ties with its end": lacks(event(start="2026-12-31")),
        "the first instant": has(event(start="2026-01-01T00:00:00Z")),
        "the last instant": has(event(start="2026-12-31T23:59:59.999Z")),
        "the next year in UTC": lacks(event(start="2026-12-31T23:30:00-05:00")),
        "the year before as written, but not in UTC": has(event(start="2025-12-31T23:30:00-05:00")),
        "a partial date away from the bounds": has(event(start="2026-05")),
        "a partial date around a bound": lacks(event(start="2026-12")),
    }, precision="exact"),
    timed("end", "{to: period.end - 3 days}", {
        "the end of the period stays an instant": has(event(start="2026-12-28T23:59:59.999Z")),
        "a date on that day ties": lacks(event(start="2026-12-28")),
    }, precision="exact"),
    timed("start", "{after: birth}", {
        "two dates compare as dates": (person(event(start="1980-01-02"), birth="1980-01-01"), True),
        "the same date": (person(event(start="1980-01-01"), birth="1980-01-01"), False),
        "an instant on the day of birth": (person(event(start="1980-01-01T10:00:00Z"), birth="1980-01-01"), False),
    }, precision="exact"),
    timed("start", "{from: birth + 2 years, to: birth + 2 years}", {
        "29 February becomes 28": (person(event(start="2026-02-28"), birth="2024-02-29"), True),
        "not 1 March": (person(event(start="2026-03-01"), birth="2024-02-29"), False),
        "birth unknown": (person(event(start="2026-02-28")), False),
    }),
    timed("start", "{from: period.start - 15 months, to: period.start - 2 weeks - 1 day}", {
        "first day": has(event(start="2024-10-01")), "a day too early": lacks(event(start="2024-09-30")),
        "shifts go from left to right": has(event(start="2025-12-17")),
        "a day too late": lacks(event(start="2025-12-18")),
    }),
    timed("start", "{from: period.start - 3000 years, to: birth + 9000 years - 9000 years}", {
        "beyond the calendar there is no bound": (person(event(start="9998-12-31"), birth="1980-01-01"), True),
        "nor for the unborn": (person(event(start="2026-05-05")), False),
    }),
    timed("start", "{from: period.start - 3000 years - 1 millisecond, to: period.end}", {
        "no instant lies beyond the calendar": has(event(start="0001-01-02")),
    }),
    timed("start", "{from: period.start - 3000 years}", {
        "any day": has(event(start="0001-01-02")), "even an unknown one": has(event()),
    }),
    timed("start", "{from: first_visit + 3 days}", {
        "on the day": (person(event("v", "2026-01-01", kind="encounter"), event(start="2026-01-04")), True),
        "a day early": (person(event("v", "2026-01-01", kind="encounter"), event(start="2026-01-03")), False),
        "without a visit": (person(event(start="2026-01-04")), False),
        "the earliest of two visits": (person(event("b", "2026-01-01", kind="encounter", sequence=2),
                                              event("c", "2025-01-01", kind="encounter", sequence=1),
                                              event(start="2025-01-04")), True),
    }, sections="""
        events: {visits: {kind: encounter, take: {first: start}}}
        anchors: {first_visit: {of: visits, point: start}}
    """),
    timed("start", "{from: moment + 1 month, to: moment + 1 month}", {
        "the time of day and its offset stay": (
            person(event("v", "2026-01-31T23:30:00-05:00", kind="encounter"),
                   event(start="2026-02-28T23:30:00-05:00")), True),
        "a minute later": (
            person(event("v", "2026-01-31T23:30:00-05:00", kind="encounter"),
                   event(start="2026-02-28T23:31:00-05:00")), False),
    }, precision="exact", sections="anchors: {moment: {of: {kind: encounter}, point: end}}"),
    timed("start", "{from: [period.start, birth + 1 year], to: [period.end, death]}", {
        "born long ago, not dead": (person(event(start="2026-12-31"), birth="1980-01-01"), True),
        "after death": (person(event(start="2026-06-02"), birth="1980-01-01", death="2026-06-01"), False),
        "on the day of death": (person(event(start="2026-06-01"), birth="1980-01-01", death="2026-06-01"), True),
        "before the first birthday": (person(event(start="2026-06-01"), birth="2025-06-02"), False),
        "on the first birthday": (person(event(start="2026-06-02"), birth="2025-06-02"), True),
        "dead, nobody knows when": (person(event(start="2026-06-02"), birth="1980-01-01", death="unknown"), False),
        "too late, whenever the death was": (person(event(start="2027-01-01"), birth="1980", death="unknown"), False),
    }),
    timed("start", "{after: [period.start, birth], before: [period.end, death]}", {
        "the day of birth is out": (person(event(start="2026-03-01"), birth="2026-03-01"), False),
        "the day after is in": (person(event(start="2026-03-02"), birth="2026-03-01"), True),
        "the day of death is out": (person(event(start="2026-03-02"), birth="2026-03-01", death="2026-03-02"), False),
    }),
    timed("start", "recent", {"a named window": has(event(start="2025-12-01"))},
          sections="windows: {recent: {from: period.start - 1 month, to: period.end}}"),
]  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_timing(evaluate: Evaluate, example: Example) -> None:
    assert example.truths(evaluate) == example.expected


def test_an_anchor_uses_the_first_event_in_the_sources_order(evaluate: Evaluate) -> None:
    sections = "anchors: {visit: {of: {kind: encounter}, point: start}}"
    late_first = (event("z", "2026-05-01", kind="encounter", sequence=1), event("a", "2026-01-01", kind="encounter"))
    people = {"sequence goes before event_id": (person(*late_first, birth="1976-05-01"), True)}
    example = Example("age", "{age: {at: visit, from: 50}}", people, sections)
    assert example.truths(evaluate) == example.expected


def test_every_relation_has_an_example() -> None:
    assert {example.covers for example in EXAMPLES} == set(RELATIONS)
