"""Numbers of a subject: one key of a number after the other, asked by a bound on either side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from measureharmony.evaluation.reference.record import Event, PersonRecord
from measureharmony.measures.number import NUMBER_TYPES
from measureharmony.payers.variant import RiskTables
from tests.criteria.example import Evaluate, Example, event, person


def fill(event_id: str, start: str, end: str = "unknown", code: str = "A", **columns: float) -> Event:
    """A dispense of medication with the days that it lasts."""
    return event(event_id, start, end, kind="medication_dispense", code=code, **columns)


def result(event_id: str, value: float | None, unit: str = "mg/dL") -> Event:
    """A result of some test."""
    return event(event_id, "2026-05-05", value=value, unit=unit)


def numbers(covers: str, number: str, people: dict[str, tuple[PersonRecord, float | None]]) -> list[Example]:
    """The number of each person is just this (``None``: unknown): at least so much, and no more."""
    return [
        Example(
            covers,
            f"{{number: {{of: {number}, at_least: {value or 0}, at_most: {value or 0}}}}}",
            {name: (record, None if value is None else True)},
        )
        for name, (record, value) in people.items()
    ] + [
        Example(covers, f"{{number: {{of: {number}, above: {value}}}}}", {name: (record, False)})
        for name, (record, value) in people.items()
        if value is not None
    ]


FILLS = "{kind: medication_dispense}"
Q1 = "{from: period.start, to: period.start + 89 days}"
JANUARY = fill("1", "2026-01-01", "2026-01-31")
FEBRUARY = fill("2", "2026-01-21", "2026-02-19")

EXAMPLES = [
    *numbers("count", f"{{count: {{of: {FILLS}}}}}", {
        "none": (person(), 0), "two": (person(JANUARY, FEBRUARY), 2),
        "two a day": (person(JANUARY, fill("2", "2026-01-01")), 2),
    }),
    *numbers("count", f"{{count: {{of: {FILLS}, distinct: day}}}}", {
        "two a day": (person(JANUARY, fill("2", "2026-01-01")), 1),
        "a day that is not known": (person(JANUARY, fill("2", "unknown")), 1),
    }),
    *numbers("sum", f"{{sum: {{of: {FILLS}, amount: days_supply}}}}", {
        "those without are passed over": (person(fill("1", "2026-01-01", days_supply=30.5), fill("2", "unknown"),
                                                 fill("3", "2026-01-01", days_supply=60)), 90.5),
        "nothing to add": (person(fill("1", "2026-01-01")), 0), "no event": (person(), 0),
    }),
    *numbers("sum", f"{{sum: {{of: {FILLS}, amount: days_supply, per: 30, round: up}}}}", {
        "each is rounded before it is added": (person(fill("1", "2026-01-01", days_supply=31),
                                                      fill("2", "2026-01-01", days_supply=30)), 3),
    }),
    *numbers("sum", f"{{sum: {{of: {FILLS}, amount: quantity, per: 0.3, round: up}}}}", {
        "0.9 is three times 0.3, and no more": (person(fill("1", "2026-01-01", quantity=0.9)), 3),
    }),
    *numbers("sum", f"{{sum: {{of: {FILLS}, amount: quantity, round: down}}}}", {
        "down": (person(fill("1", "2026-01-01", quantity=1.9), fill("2", "2026-01-01", quantity=1.2)), 2),
    }),
    *numbers("sum", "{sum: {of: {kind: observation}, amount: value, unit: g/L}}", {
        "converted": (person(result("1", 150), result("2", 2, "g/L"), result("3", 4, "mm[Hg]"), result("4", None)),
                      3.5),
        "tenths add up": (person(*(result(str(i), 0.1, "g/L") for i in range(10))), 1),
        "more than anything measured": (person(result("1", 1e12, "g/L")), 0),
        "many that are too much together": (person(result("1", 6e11, "g/L"), result("2", 6e11, "g/L")), None),
    }),
    *numbers("sum", f"{{sum: {{of: [{FILLS}, {{kind: medication_dispense, codes: 'LOINC|A'}}], amount: days}}}}", {
        "in both sets, counted once": (person(JANUARY), 31),
        "an end that never comes": (person(fill("1", "2026-01-01", "never")), 0),
        "a month that is only partly known": (person(fill("1", "2026-01", "2026-02-01")), 0),
        "a single day": (person(fill("1", "2026-01-01", "2026-01-01")), 1),
    }),
    *numbers("days_covered", f"{{days_covered: {{of: {FILLS}, within: {Q1}}}}}", {
        "a day counts once": (person(JANUARY, FEBRUARY), 50), "nothing covers any": (person(), 0),
    }),
    *numbers("days_covered", f"{{days_covered: {{of: {FILLS}, within: {Q1}, shift: true}}}}", {
        "an early refill is saved up": (person(JANUARY, FEBRUARY), 61),
    }),
    *numbers("days_covered", f"{{days_covered: {{of: {FILLS}, within: {{from: birth, to: period.end}}}}}}", {
        "a birth known to the year": (person(JANUARY, birth="2020"), None),
        "a window that ends before it starts": (person(JANUARY, birth="2027-01-01"), 0),
    }),
    *numbers("days_covered", f"{{days_covered: {{of: {FILLS}, within: {{from: period.start}}}}}}", {
        "an open window": (person(JANUARY), None),
    }),
    *numbers("share_covered", f"{{share_covered: {{of: {FILLS}, within: {Q1}}}}}", {
        "of the days of the window": (person(JANUARY, FEBRUARY), 0.555555556), "nothing covers any": (person(), 0),
    }),
    *numbers("share_covered", f"{{share_covered: {{of: {FILLS}, within: {Q1}, except: {{kind: encounter}}}}}}", {
        "without the days of stays": (person(JANUARY, event("s", "2026-01-22", "2026-03-31", kind="encounter")), 1),
        "no day counts": (person(JANUARY, event("s", "2026-01-01", "2026-12-31", kind="encounter")), None),
    }),
    *numbers("days_in", f"{{days_in: {Q1}}}", {"both ends are in it": (person(), 90)}),
    *numbers("days_in", "{days_in: {after: birth, before: period.end}}", {
        "without its ends": (person(birth="2026-12-01"), 29),
        "it ends before it starts": (person(birth="2027-01-01"), 0),
        "not known to the day": (person(birth="2026-12"), None),
    }),
    *numbers("days_in", "{days_in: {to: period.end}}", {"open": (person(), None)}),
    *numbers("age", "{age: {at: period.end}}", {
        "completed years": (person(birth="1976-12-31"), 50), "unknown": (person(), None),
        "it does not matter which day": (person(birth="1976"), 50),
    }),
    *numbers("age", "{age: {at: period.start, unit: months}}", {
        "months": (person(birth="2025-07-02"), 5), "which one is open": (person(birth="2025-07"), None),
    }),
    *numbers("plus", f"{{plus: [{{days_in: {Q1}}}, {{count: {{of: {FILLS}}}}}, {{age: {{at: period.end}}}}]}}", {
        "all of them": (person(JANUARY, birth="1976-01-01"), 141), "one is unknown": (person(JANUARY), None),
    }),
    *numbers("ratio", f"{{ratio: [{{days_covered: {{of: {FILLS}, within: {Q1}}}}}, {{days_in: {Q1}}}]}}", {
        "a share": (person(JANUARY, FEBRUARY), 0.555555556), "none": (person(), 0),
    }),
    *numbers("ratio", f"{{ratio: [{{days_in: {Q1}}}, {{count: {{of: {FILLS}}}}}]}}", {
        "divided by 0": (person(), None), "divided by 2": (person(JANUARY, FEBRUARY), 45),
    }),
    *numbers("ratio", "{ratio: [{age: {at: period.end}}, {age: {at: period.end}}]}", {
        "of what is unknown": (person(), None),
    }),
]  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_number_of_a_subject(evaluate: Evaluate, example: Example) -> None:
    assert example.truths(evaluate) == example.expected


def test_a_named_number_is_the_number_it_names(evaluate: Evaluate) -> None:
    sections = f"numbers: {{fills: {{count: {{of: {FILLS}}}}}, again: fills, twice: {{plus: [again, fills]}}}}"
    people = {"one": (person(JANUARY), True), "two": (person(JANUARY, FEBRUARY), False)}
    example = Example("count", "{number: {of: twice, below: 3}}", people, sections)
    assert example.truths(evaluate) == example.expected


WEIGHTS = {"intercept": -2.0, "woman": 0.5, "aged": 1.0}
FEATURES = "features: {woman: {sex: female}, aged: {age: {at: period.end, from: 50}}}"


@pytest.mark.parametrize(("link", "tables", "record", "expected"), [
    ("logistic", {"stays": WEIGHTS}, person(sex="female", birth="1970-01-01"), 0.377540669),
    ("identity", {"stays": WEIGHTS}, person(sex="female", birth="1970-01-01"), -0.5),
    ("identity", {"stays": WEIGHTS}, person(sex="male", birth="1970-01-01"), -1),
    ("identity", {"stays": WEIGHTS}, person(), -2),  # what is unknown does not count
    ("logistic", {"stays": {**WEIGHTS, "woman": 2000.0}}, person(sex="female"), 1),
    ("logistic", {"stays": {**WEIGHTS, "woman": -2000.0}}, person(sex="female"), 0),
    ("logistic", {"other": WEIGHTS}, person(sex="female"), None),
])  # fmt: skip
def test_a_risk_needs_its_table(
    evaluate: Evaluate, link: str, tables: RiskTables, record: PersonRecord, expected: float | None
) -> None:
    number = f"{{risk: {{table: stays, link: {link}, {FEATURES}}}}}"
    for example in numbers("risk", number, {"somebody": (record, expected)}):
        variant = replace(example.variant, risk_tables=tables)
        found = replace(example, people={"somebody": (record, None)}).truths(
            lambda _, records, as_of, variant=variant: evaluate(variant, records, as_of)
        )
        assert found == example.expected


def test_every_key_of_a_number_has_an_example() -> None:
    assert {example.covers for example in EXAMPLES} | {"risk"} == set(NUMBER_TYPES)
