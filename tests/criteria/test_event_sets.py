"""Where a set of events starts from, and how steps choose among its rows."""

from __future__ import annotations

import datetime as dt

import pytest

from measureharmony.evaluation.reference.record import Event
from measureharmony.measures.event_set import CHOICES
from measureharmony.periods import day_number
from tests.criteria.example import SNOMED, Evaluate, Example, event, person

SETS = [
    Example("kind", "{exists: {kind: [condition, procedure]}}", {
        "the first": (person(event(kind="condition")), True), "the second": (person(event(kind="procedure")), True),
        "another": (person(event(kind="encounter")), False),
    }),
    Example("codes", "{exists: {kind: condition, codes: [diabetes, 'LOINC|X-1']}}", {
        "in the value set": (person(event(kind="condition", system=SNOMED, code="D-1")), True),
        "by its beginning": (person(event(kind="condition", system=SNOMED, code="D-22")), True),
        "the single code": (person(event(kind="condition", code="X-1")), True),
        "the code in another system": (person(event(kind="condition", code="D-1")), False),
        "no code": (person(event(kind="condition")), False),
        "one of its codings": (person(event(kind="condition", codes={
            "code": [("urn:x", "1"), (SNOMED, "D-1")]})), True),
    }),
    Example("role", "{exists: {kind: encounter, codes: diabetes, role: reason}}", {
        "as the reason": (person(event(kind="encounter", codes={"reason": [(SNOMED, "D-1")]})), True),
        "as the code": (person(event(kind="encounter", system=SNOMED, code="D-1")), False),
    }),
    Example("not_done", "{exists: {kind: procedure}}", {
        "not done": (person(event(kind="procedure", not_done=True)), False),
        "done": (person(event(kind="procedure")), True),
    }),
    Example("not_done", "{exists: {kind: procedure, not_done: true}}", {
        "not done": (person(event(kind="procedure", not_done=True)), True),
        "done": (person(event(kind="procedure")), False),
    }),
    Example("from_", "{count: {of: {from: [tests, early]}, at_least: 2}}", {
        "one event of both sets counts once": (person(event("a", "2026-01-05")), False),
        "two events": (person(event("a", "2026-01-05"), event("b", "2026-09-05")), True),
    }, "events: {tests: {kind: observation}, early: {kind: observation, when: {start: {to: period.start + 1 month}}}}"),
    Example("from_", "{exists: {from: [refused]}}", {
        "a union keeps what its sets hold": (person(event(kind="procedure", not_done=True)), True),
    }, "events: {refused: {kind: procedure, not_done: true}}"),
    Example("components_of", "{exists: {components_of: panels, codes: 'LOINC|SYS'}}", {
        "a component": (person(event("p", code="BP"), event("s", code="SYS", parent_id="p")), True),
        "another component": (person(event("p", code="BP"), event("s", code="DIA", parent_id="p")), False),
        "of another panel": (person(event("p", code="XX"), event("s", code="SYS", parent_id="p")), False),
        "a reading of its own": (person(event("p", code="BP"), event("s", code="SYS")), False),
    }, "events: {panels: {kind: observation, codes: 'LOINC|BP'}}"),
    Example("components_of", "{exists: {components_of: panels}}", {
        "without codes: every component": (person(event("p", code="BP"), event("s", parent_id="p")), True),
    }, "events: {panels: {kind: observation, codes: 'LOINC|BP'}}"),
    Example("type", "{exists: {kind: observation, type: lab}}", {
        "lab": (person(event(types=["lab"])), True), "not lab": (person(event(types=["simple"])), False),
    }),
]  # fmt: skip


#: (covers, step, why, rows, ids kept)
STEPS: list[tuple[str, str, str, tuple[Event, ...], str]] = [
    ("spaced", "{spaced: start, days: 30}", "each at least 30 days after the one kept before it", (
        event("a", "2026-03-01"), event("b", "2026-03-30"), event("c", "2026-03-31"), event("d", "2026-04-29")), "a c"),
    ("spaced", "{spaced: start, days: 30}", "an unknown moment is left out", (
        event("a"), event("b", "2026-03-30")), "b"),
    ("spaced", "{spaced: start, days: 1}", "tie: first in the source's order", (
        event("b", "2026-03-01"), event("a", "2026-03-01")), "a"),
    *[("chain", f"{{chain: {which}, days: 1}}", why, rows, kept.split("|")[n])
      for n, which in enumerate(("first", "last")) for why, rows, kept in (
        ("the day after discharge belongs to it, the second day does not", (
            event("a", "2026-03-01", "2026-03-05"), event("b", "2026-03-06", "2026-03-08"),
            event("c", "2026-03-10", "2026-03-11")), "a c|b c"),
        ("the latest end so far counts, not that of the event before", (
            event("a", "2026-03-01", "2026-03-20"), event("b", "2026-03-02", "2026-03-03"),
            event("c", "2026-03-21")), "a|c"),
        ("the last one is the one that ends last", (
            event("a", "2026-03-01", "2026-03-20"), event("b", "2026-03-02", "2026-03-03")), "a|a"),
        ("ties: by the source's order", (
            event("b", "2026-03-01", "2026-03-20"), event("a", "2026-03-01", "2026-03-20")), "a|b"),
        ("days that are not known are left out", (
            event("a", "2026-03-01", "unknown"), event("b", "2026-03"), event("c", "unknown", "2026-03-01"),
            event("d", "2026-03-02"), event("e", "2026-03-03", "2026-03-02")), "d|d"),
        ("one that never ends goes on for ever", (
            event("a", "2026-03-01", "never"), event("b", "2027-03-02", "2027-03-03")), "a|a"),
        ("in whatever order they come", (
            event("c", "2026-03-01"), event("b", "2026-03-02"), event("a", "2026-03-03")), "c|a"),
        ("nothing", (), "|"),
    )],
    ("chain", "{chain: last, days: 0}", "on the day of discharge", (
        event("a", "2026-03-01", "2026-03-05"), event("b", "2026-03-05", "2026-03-08"),
        event("c", "2026-03-09")), "b c"),
    ("first", "{first: start}", "the earliest", (event("a", "2026-05-05"), event("b", "2026-01-05")), "b"),
    ("first", "{first: start}", "an unknown moment is left out", (event("a"), event("b", "2026-01-05")), "b"),
    ("first", "{first: start}", "nothing but unknown moments", (event("a"), event("b")), ""),
    ("first", "{first: start}", "since ever is known", (event("a", "2026-01-05"), event("b", "ever", "never")), "b"),
    ("first", "{first: start}", "tie: first in the source's order", (
        event("a", "2026-01-05", sequence=2), event("b", "2026-01-05", sequence=1)), "b"),
    ("first", "{first: start}", "tie: the shorter event_id", (
        event("e10", "2026-01-05"), event("e9", "2026-01-05")), "e9"),
    ("first", "{first: start}", "a date sorts as the beginning of its day", (
        event("a", "2026-01-05T00:00:01Z"), event("b", "2026-01-05")), "b"),
    ("first", "{first: start}", "a partial date sorts as its earliest day", (
        event("a", "2026-01-02"), event("b", "2026")), "b"),
    ("last", "{last: start}", "the latest", (event("a", "2026-05-05"), event("b", "2026-01-05")), "a"),
    ("last", "{last: start}", "tie: last in the source's order", (
        event("a", "2026-01-05", sequence=2), event("b", "2026-01-05", sequence=1)), "a"),
    ("last", "{last: start}", "without a sequence comes after those with one", (
        event("a", "2026-01-05"), event("b", "2026-01-05", sequence=1)), "a"),
    ("last", "{last: start}", "instants decide, not days as written", (
        event("a", "2026-01-05T23:00:00-05:00"), event("b", "2026-01-06T01:00:00Z")), "a"),
    ("last", "{last: end}", "never ends is latest", (
        event("a", "2026-01-01", "never"), event("b", "2026-01-01", "2026-12-31")), "a"),
    ("last", "{last: latest}", "an event that never ends counts by its start", (
        event("a", "2026-01-01", "never"), event("b", "2026-01-01", "2026-12-31")), "b"),
    ("first_day", "{first_day: start}", "all events on the day", (
        event("a", "2026-01-05T09:00:00Z"), event("b", "2026-01-05"), event("c", "2026-01-06")), "a b"),
    ("first_day", "{first_day: start}", "unknown moments are left out", (event("a"), event("b", "2026-01-05")), "b"),
    ("last_day", "{last_day: latest}", "all events on the day", (
        event("a", "2026-01-05"), event("b", "2026-01-06"), event("c", "2026-01-01", "2026-01-06")), "b c"),
    ("last_day", "{last_day: start}", "the day is as written", (
        event("a", "2026-01-05T23:00:00-05:00"), event("b", "2026-01-06T01:00:00Z")), "b"),
    ("last_day", "{last_day: start}", "nothing", (), ""),
    ("lowest", "{lowest: value, unit: '%'}", "the smallest, converted", (
        event("a", value=8.0, unit="%"), event("b", value=0.07)), "b"),
    ("lowest", "{lowest: value, unit: '%'}", "without a number comes last", (
        event("a"), event("b", value=8.0, unit="%")), "b"),
    ("lowest", "{lowest: value, unit: '%'}", "kept when none has a number", (
        event("a", value=5.0, unit="kg"), event("b")), "a"),
    ("lowest", "{lowest: value, unit: '%', missing: first}", "lower than any number", (
        event("a", value=1.0, unit="%"), event("b")), "b"),
    ("lowest", "{lowest: value, unit: '%'}", "tie: first in the source's order", (
        event("a", value=8.0, unit="%", sequence=2), event("b", value=8.0, unit="%", sequence=1)), "b"),
    ("lowest", "{lowest: days_supply}", "another number", (
        event("a", days_supply=30), event("b", days_supply=90)), "a"),
    ("highest", "{highest: value, unit: '%'}", "the greatest", (
        event("a", value=8.0, unit="%"), event("b", value=0.09)), "b"),
    ("highest", "{highest: value, unit: '%'}", "tie: first in the source's order", (
        event("a", value=8.0, unit="%", sequence=2), event("b", value=8.0, unit="%", sequence=1)), "b"),
    ("highest", "{highest: value, unit: '%', missing: first}", "prefers the one without a number", (
        event("a", value=8.0, unit="%"), event("b")), "b"),
    ("last_day", "[{last_day: start}, {lowest: value, unit: '%'}]", "step by step", (
        event("a", "2026-01-05", value=5.0, unit="%"), event("b", "2026-02-05", value=8.0, unit="%"),
        event("c", "2026-02-05", value=7.0, unit="%")), "c"),
]  # fmt: skip


@pytest.mark.parametrize("example", SETS, ids=str)
def test_where_a_set_starts_from(evaluate: Evaluate, example: Example) -> None:
    assert example.truths(evaluate) == example.expected


@pytest.mark.parametrize(("covers", "step", "why", "rows", "kept"), STEPS, ids=lambda part: str(part)[:40])
def test_step(evaluate: Evaluate, covers: str, step: str, why: str, rows: tuple[Event, ...], kept: str) -> None:
    answers = {row.event_id: _is_taken(evaluate, covers, step, rows, row) for row in rows}
    assert [event_id for event_id, taken in answers.items() if taken] == kept.split(), why


def _is_taken(evaluate: Evaluate, covers: str, step: str, rows: tuple[Event, ...], row: Event) -> bool:
    """Whether ``row`` is among those a step keeps: it is the parent of a component of the set taken."""
    child = event("child", parent_id=row.event_id, kind="procedure", code="CHILD")
    sections = f"events: {{taken: {{kind: observation, take: {step}}}}}"
    example = Example(
        covers,
        "{exists: {components_of: taken, codes: 'LOINC|CHILD'}}",
        {"one": (person(*rows, child), True)},
        sections,
    )
    return example.truths(evaluate)["one"] is True


def test_only_accepted_sources_are_seen_also_in_relations_and_anchors(evaluate: Evaluate) -> None:
    visit, result = event("v", "2026-03-01", kind="encounter"), event("r", "2026-03-01", source="claim")
    people = {"the visit is not from a claim": (person(visit, result), False)}
    for criterion in (
        "{exists: {kind: observation, where: {with: {events: {kind: encounter}}}}}",
        "{exists: {kind: observation, when: {start: {from: visit}}}}",
        "{exists: {kind: encounter}}",
    ):
        sections = "anchors: {visit: {of: {kind: encounter}, point: start}}"
        example = Example("source", criterion, people, sections, sources={"numerator": ("claim",)})
        assert example.truths(evaluate) == example.expected


def test_what_was_not_known_by_the_as_of_date_does_not_exist(evaluate: Evaluate) -> None:
    may = day_number(dt.date(2026, 5, 31))
    example = Example("exists", "{exists: {kind: observation}}", {
        "received in time": (person(event(start="2026-05-01", received_day=may)), True),
        "received too late": (person(event(start="2026-05-01", received_day=may + 1)), False),
        "no date of receipt, began in time": (person(event(start="2026-05-31")), True),
        "no date of receipt, began later": (person(event(start="2026-06-01")), False),
        "no dates at all": (person(event()), True),
    }, as_of=dt.date(2026, 5, 31))  # fmt: skip
    assert example.truths(evaluate) == example.expected


def test_every_step_has_an_example() -> None:
    assert {covers for covers, *_ in STEPS} == set(CHOICES)
