"""Conditions on a subject: one key of a criterion after the other."""

from __future__ import annotations

import pytest

from measureharmony.evaluation.reference.record import Event
from tests.criteria.example import Evaluate, Example, event, person

BY_BIRTH = "{age: {at: period.end, from: 50, to: 60}}"
UNKNOWN_AGE = "{age: {at: period.end, from: 50}}"
WOMAN, MAN, NOBODY_KNOWS = person(sex="female"), person(sex="male"), person()


def fill(event_id: str, start: str, end: str = "unknown", code: str = "A") -> Event:
    """A dispense of medication with the days that it lasts."""
    return event(event_id, start, end, kind="medication_dispense", code=code)


def stay(event_id: str, start: str, end: str) -> Event:
    """A stay in hospital."""
    return event(event_id, start, end, kind="encounter")


TEN_DAYS = "{from: period.start, before: period.start + 10 days}"

EXAMPLES = [
    Example("always", "{always: true}", {"anybody": (person(), True)}),
    Example("always", "{always: false}", {"anybody": (person(), False)}),
    Example("sex", "{sex: female}", {
        "a woman": (WOMAN, True), "a man": (MAN, False), "not stated": (NOBODY_KNOWS, None),
        "gender is something else": (person(gender="female"), None),
    }),
    Example("gender", "{gender: other}", {
        "other": (person(gender="other"), True), "stated as unknown": (person(gender="unknown"), False),
        "not stated": (person(sex="female"), None),
    }),
    Example("age", BY_BIRTH, {
        "turns 50 on the last day": (person(birth="1976-12-31"), True),
        "turns 50 a day later": (person(birth="1977-01-01"), False),
        "still 60 on the last day": (person(birth="1966-01-01"), True),
        "turns 61 on the last day": (person(birth="1965-12-31"), False),
        "only the year is known, and it decides": (person(birth="1970"), True),
        "only the year is known, and it decides against": (person(birth="1965"), False),
        "no date of birth": (person(), None),
    }),
    Example("age", "{age: {at: period.start, from: 50, to: 50}}", {
        "the year leaves it open": (person(birth="1976"), None),
        "the month leaves it open": (person(birth="1975-01"), None),
        "born on the day": (person(birth="1976-01-01"), True),
    }),
    Example("age", "{age: {at: period.start, from: 6, to: 11, unit: months}}", {
        "six months old": (person(birth="2025-07-01"), True),
        "a day short of six months": (person(birth="2025-07-02"), False),
        "twelve months old": (person(birth="2025-01-01"), False),
    }),
    Example("age", "{age: {at: period.end + 2 months, from: 1}}", {
        "born on 29 February turns one on 1 March": (person(birth="2026-02-28"), True),
        "the shift is clipped to 28 February 2027": (person(birth="2026-03-01"), False),
    }),
    Example("all", "{all: [{always: true}, {sex: female}]}", {
        "true and true": (WOMAN, True), "true and false": (MAN, False), "true and unknown": (NOBODY_KNOWS, None),
    }),
    Example("all", "{all: [{always: false}, {sex: female}]}", {"false and unknown": (NOBODY_KNOWS, False)}),
    Example("any", "{any: [{always: false}, {sex: female}]}", {
        "false or true": (WOMAN, True), "false or false": (MAN, False), "false or unknown": (NOBODY_KNOWS, None),
    }),
    Example("any", "{any: [{always: true}, {sex: female}]}", {"true or unknown": (NOBODY_KNOWS, True)}),
    Example("not_", "{not: {sex: female}}", {
        "not true": (WOMAN, False), "not false": (MAN, True), "not unknown": (NOBODY_KNOWS, None),
    }),
    Example("at_least", "{at_least: {n: 2, of: [{sex: female}, {gender: female}, {always: true}]}}", {
        "two are true": (person(sex="female", gender="male"), True),
        "two are true, one unknown": (person(sex="female"), True),
        "one is true, two unknown": (person(), None),
        "one is true, one unknown": (person(sex="male"), None),
        "two cannot be reached": (person(sex="male", gender="male"), False),
    }),
    Example("exists", "{exists: {kind: observation, codes: mammogram}}", {
        "one code of the value set": (person(event(code="M-2")), True),
        "another kind": (person(event(code="M-2", kind="procedure")), False),
        "nothing": (person(), False),
    }),
    Example("exists", "{exists: mammograms}", {"by name": (person(event(code="M-1")), True)},
            sections="events: {mammograms: {kind: observation, codes: mammogram}}"),
    Example("count", "{count: {of: {kind: encounter}, at_least: 2, at_most: 3}}", {
        "one": (person(event("1", kind="encounter")), False),
        "two without dates": (person(*(event(str(n), kind="encounter") for n in range(2))), True),
        "four": (person(*(event(str(n), kind="encounter") for n in range(4))), False),
    }),
    Example("count", "{count: {of: {kind: encounter}, at_least: 2, distinct: day}}", {
        "two on one day": (person(event("1", "2026-03-01T08:00Z", kind="encounter"),
                                  event("2", "2026-03-01", kind="encounter")), False),
        "two on two days": (person(event("1", "2026-03-01", kind="encounter"),
                                   event("2", "2026-03-02", kind="encounter")), True),
        "an unknown day is no day": (person(event("1", "2026-03-01", kind="encounter"),
                                            event("2", kind="encounter")), False),
        "since ever is no day": (person(event("1", "2026-03-01", kind="encounter"),
                                        event("2", "ever", kind="encounter")), False),
        "days are as written": (person(event("1", "2026-03-01T23:00:00-05:00", kind="encounter"),
                                       event("2", "2026-03-02T01:00:00Z", kind="encounter")), True),
    }),
    Example("count", "{count: {of: {kind: encounter}, at_most: 0}}", {"none": (person(), True)}),
    Example("days_covered", "{days_covered: {of: {kind: medication_dispense}, within: period, at_least: 60}}", {
        "two fills one after the other": (person(fill("1", "2026-01-01", "2026-01-30"),
                                                 fill("2", "2026-03-01", "2026-03-30")), True),
        "overlapping days count once": (person(fill("1", "2026-01-01", "2026-01-30"),
                                               fill("2", "2026-01-21", "2026-02-19")), False),
        "only days in the period": (person(fill("1", "2025-12-31", "2026-02-28")), False),
        "an end that never comes": (person(fill("1", "2026-11-02", "never")), True),
        "an unknown end": (person(fill("1", "2026-01-01")), False),
    }),
    *[Example("days_covered", f"""{{days_covered: {{of: {{kind: medication_dispense}}, within: {TEN_DAYS},
            except: {{kind: encounter}}, shift: {shift}, {asked}}}}}""", {
        "a stay takes its days out of both counts": (person(fill("1", "2026-01-01", "2026-01-05"),
                                                            stay("s", "2026-01-03", "2026-01-07")), enough),
        "before the fill": (person(fill("1", "2026-01-09", "2026-01-20"), stay("s", "2025-01-01", "2026-01-08")), True),
        "nothing but stays": (person(fill("1", "2026-01-01", "2026-01-20"), stay("s", "2026-01-01", "2026-01-05"),
                                     stay("t", "2026-01-05", "never")), False),
        "no stays": (person(fill("1", "2026-01-01", "2026-01-09")), False),
        "all days": (person(fill("1", "2026-01-01", "2026-01-10")), True),
        "a stay whose days are not known": (person(fill("1", "2026-01-01", "2026-01-09"),
                                                   stay("s", "2026-01-10", "unknown")), False),
    }) for shift, asked, enough in (("false", "share: 1", False), ("true", "share: 1", True))],
    Example("days_covered", f"""{{days_covered: {{of: {{kind: medication_dispense}}, within: {TEN_DAYS},
            except: {{kind: encounter}}, shift: true, at_least: 6}}}}""", {
        "the supply of before the window lasts longer": (person(fill("1", "2025-12-28", "2026-01-02"),
            stay("s", "2025-12-30", "2026-01-01"), fill("2", "2026-01-06", "2026-01-07")), True),
        "without the stay it does not": (person(fill("1", "2025-12-28", "2026-01-02"),
                                                fill("2", "2026-01-06", "2026-01-07")), False),
        "saved up from one fill to the next, and past two stays": (person(
            fill("1", "2026-01-01", "2026-01-03"), fill("2", "2026-01-02", "2026-01-04"),
            stay("s", "2026-01-02", "2026-01-02"), stay("t", "2026-01-05", "2026-01-07")), True),
        "beyond the window": (person(
            fill("1", "2026-01-01", "2026-01-03"), fill("2", "2026-01-02", "2026-01-04"),
            stay("s", "2026-01-02", "2026-01-02"), stay("t", "2026-01-05", "2026-01-08")), False),
    }),
    Example("days_covered", """{days_covered: {of: {kind: medication_dispense},
            within: {from: [period.start, birth], to: [period.end, death]}, share: 0.5}}""", {
        "half of the days until death": (person(fill("1", "2026-01-06", "2026-01-10"), birth="1980-01-01",
                                                death="2026-01-10"), True),
        "not half of the year": (person(fill("1", "2026-01-06", "2026-01-10"), birth="1980-01-01"), False),
        "half of the days since birth": (person(fill("1", "2026-12-22", "2026-12-31"), birth="2026-12-12"), True),
        "dead in some month of the period": (person(fill("1", "2026-01-01", "2026-12-31"), birth="1980-01-01",
                                                    death="2026-05"), False),
        "dead some time after it": (person(fill("1", "2026-01-01", "2026-12-31"), birth="1980-01-01", death="2027"),
                                    True),
    }),
    Example("moment", "{moment: {point: period.end, in: {from: birth, before: [death, birth + 100 years]}}}", {
        "alive and not a hundred": (person(birth="1980"), True),
        "died that year": (person(birth="1980", death="2026"), False),
        "is a hundred": (person(birth="1926"), False), "will be": (person(birth="1927"), True),
        "dead, nobody knows when": (person(birth="1980", death="unknown"), None),
    }),
    Example("days_covered",
            "{days_covered: {of: {kind: medication_dispense}, within: period, shift: true, at_least: 60}}", {
        "an early refill is saved up": (person(fill("1", "2026-01-01", "2026-01-30"),
                                               fill("2", "2026-01-21", "2026-02-19")), True),
        "but not beyond the window": (person(fill("1", "2026-11-03", "2026-12-02"),
                                             fill("2", "2026-11-21", "2026-12-20")), False),
    }),
    Example("days_covered", """{days_covered: {of: [{kind: medication_dispense, codes: 'LOINC|A'},
            {kind: medication_dispense, codes: 'LOINC|B'}],
            within: {from: period.start, before: period.start + 10 days}, shift: true, share: 0.8}}""", {
        "two drugs are not saved up for each other": (person(fill("1", "2026-01-01", "2026-01-05", code="A"),
                                                             fill("2", "2026-01-03", "2026-01-07", code="B")), False),
        "together they cover eight of ten days": (person(fill("1", "2026-01-01", "2026-01-05", code="A"),
                                                         fill("2", "2026-01-06", "2026-01-08", code="B")), True),
    }),
    Example("moment", "{moment: {point: death, in: period}}", {
        "died in the period": (person(death="2026-06-01"), True), "before it": (person(death="2025-12-31"), False),
        "not dead": (person(), False), "dead, nobody knows when": (person(death="unknown"), None),
        "some time in 2026": (person(death="2026"), True),
    }),
    Example("moment", "{moment: {point: death, in: {to: period.end}, precision: exact}}", {
        "on the last day, time unknown": (person(death="2026-12-31"), None),
        "on the last day, at noon": (person(death="2026-12-31T12:00:00Z"), True),
        "not dead": (person(), False),
    }),
    Example("moment", "{moment: {point: death + 1 month, in: {from: period.start + 1 month, to: period.end}}}", {
        "some time in 2026 leaves it open": (person(death="2026"), None),
        "the shifted day is the last one": (person(death="2026-11-30"), True),
        "and a day too late": (person(death="2026-12-01"), False),
        "never stays never": (person(), False),
    }),
    Example("moment", "{moment: {point: birth + 15 months, in: period}}", {
        "the fifteenth month ends on the first day": (person(birth="2024-10-01"), True),
        "on the day before it": (person(birth="2024-09-30"), False),
        "no date of birth": (person(), None),
    }),
    Example("moment", "{moment: {point: period.start, in: {after: death}}}", {
        "died the day before": (person(death="2025-12-31"), True),
        "died on the day": (person(death="2026-01-01"), False), "not dead": (person(), False),
    }),
]  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_condition_on_a_subject(evaluate: Evaluate, example: Example) -> None:
    assert example.truths(evaluate) == example.expected


def test_a_named_criterion_is_the_criterion_it_names(evaluate: Evaluate) -> None:
    sections = "criteria: {woman: {sex: female}, she: woman, both: {all: [woman, she]}}"
    example = Example("all", "both", {"a woman": (WOMAN, True), "a man": (MAN, False)}, sections)
    assert example.truths(evaluate) == example.expected
