"""Explanations that a nurse can act on."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from measureharmony.evaluation.reference import Explanation, LoadedCodes, explain
from measureharmony.evaluation.reference.record import Event, PersonRecord
from measureharmony.payers.variant import Variant
from measureharmony.periods import Period
from tests.criteria.example import VALUE_SETS, event, measure, person, span

SECTIONS = """
    filters: {final: {status: [final, amended]}}
    windows: {recent: {from: period.start - 15 months, to: period.end}}
    events:
      mammogram: {kind: observation, codes: mammogram, where: final, when: {end: recent}}
      either: {from: [mammogram]}
"""


def explained(
    criterion: str, record: PersonRecord, as_of: dt.date | None = None, **sources: tuple[str, ...]
) -> Explanation:
    populations = f"{{initial_population: {{always: true}}, numerator: {criterion}}}"
    variant = Variant("canonical", measure(SECTIONS, populations), Period.calendar_year(2026), None, sources)
    return explain(record, variant, LoadedCodes(VALUE_SETS), as_of)


def near_misses(criterion: str, *rows: Event, **how: object) -> tuple[str, ...]:
    record = person(*rows, birth="1980-01-01")
    return explained(criterion, record, **how).rates[0].criteria["numerator"].near_misses  # type: ignore[arg-type]


OLD = event("m", "2024-09-30", code="M-1", status="final")
DRAFT = event("m", "2026-03-01", code="M-1", status="preliminary")
FILL = event("f", "2026-03-01", code="M-1", quantity=30.0, days_supply=60.0)
GOOD = event("m", "2026-03-01", code="M-1", status="final", value=3.0, unit="%")


def test_a_near_miss_says_which_bound_it_misses() -> None:
    (told,) = near_misses("{exists: mammogram}", OLD)
    assert told == "2024-09-30 observation M-1 (mammogram) found, but 2024-09-30 is before 2024-10-01"


@pytest.mark.parametrize(("row", "condition", "reason"), [
    (DRAFT, "{status: [final, amended]}", "status is preliminary, not final or amended"),
    (GOOD, "{verification: confirmed}", "verification is not stated, not confirmed"),
    (GOOD, "{value: {above: 9, unit: '%'}}", "3 % is not above 9"),
    (GOOD, "{value: {above: 9, unit: kg}}", "it has no result in kg"),
    (GOOD, "{value: {present: false}}", "it has a result"),
    (GOOD, "{value: {type: coded}}", "its result is quantity, not coded"),
    (GOOD, "{days_supply: {at_least: 90}}", "its days supply is not known"),
    (FILL, "{daily_dose: {strengths: [{codes: 'LOINC|M-1', amount: 0.25}], above: 0.125}}",
     "daily dose 0.125 is not above 0.125"),
    (GOOD, "{daily_dose: {strengths: [{codes: 'LOINC|M-1', amount: 1}], above: 1}}", "its daily dose is not known"),
    (GOOD, "{age: {at: start, from: 50}}", "the person was 46 then"),
    (GOOD, "{coded: {role: reason, codes: diabetes}}", "its reason is not diabetes"),
    (GOOD, "{with: {events: {kind: encounter}}}", "no encounter goes with it"),
    (GOOD, "{without: {events: mammogram}}", "mammogram of 2026-03-01 speaks against it"),
    (GOOD, "{not: final}", "'final' holds"),
    (GOOD, "{any: [{status: draft}, {source: claim}]}", "status is final, not draft and source is ehr, not claim"),
    (GOOD, "{when: {start: {after: period.start + 3 months}}}", "2026-03-01 is not after 2026-04-01"),
    (GOOD, "{when: {authored: period}}", "it cannot be told whether an unknown time is before 2026-01-01"),
    (GOOD, "{when: {end: {from: period.start + 59 days + 1 day}, precision: exact}}",
     "2026-03-01 is before 2026-03-02T00:00:00.000Z"),
])  # fmt: skip
def test_each_condition_says_why_it_does_not_hold(row: Event, condition: str, reason: str) -> None:
    criterion = f"{{exists: {{kind: observation, codes: mammogram, where: {condition}}}}}"
    (told, *_) = near_misses(criterion, row)
    assert reason in told


@pytest.mark.parametrize(("criterion", "told"), [
    ("{number: {of: share_of_days, at_least: 0.8}}", "share of days 0.163934, at least 0.8"),
    ("{number: {of: {age: {at: birth}}, above: 1, below: 2}}", "age unknown, above 1 and below 2"),
    ("{number: {of: {plus: [share_of_days, {count: {of: mammogram}}]}, below: 1}}",
     "share of days + count of mammogram 1.163934, below 1"),
])  # fmt: skip
def test_a_number_is_told_with_its_bounds(criterion: str, told: str) -> None:
    sections = """
        events: {supply: {kind: observation}, mammogram: {kind: observation, codes: mammogram}}
        windows: {all_but_a_day: {after: period.start + 1 day - 1 day, to: period.end + 2 days}}
        numbers: {share_of_days: {ratio: [{days_covered: {of: supply, within: all_but_a_day}},
                                          {days_in: all_but_a_day}]}}
    """
    populations = f"{{initial_population: {{always: true}}, numerator: {criterion}}}"
    variant = Variant("canonical", measure(sections, populations), Period.calendar_year(2026))
    record = person(event("f", "2026-03-01", "2026-04-29", code="M-1"))
    (rate,) = explain(record, variant, LoadedCodes(VALUE_SETS)).rates
    assert rate.criteria["numerator"].text == told


def test_evidence_from_a_source_the_payer_does_not_see_is_told() -> None:
    (told,) = near_misses("{exists: mammogram}", GOOD, numerator=("claim",))
    assert told.endswith("found, but its source is ehr, and only claim counts here")


def test_evidence_that_arrived_after_the_as_of_date_is_told() -> None:
    late = event(
        "m", "2026-03-01", code="M-1", status="final", received_day=(dt.date(2026, 5, 1) - dt.date(1970, 1, 1)).days
    )
    (told,) = near_misses("{exists: mammogram}", late, as_of=dt.date(2026, 4, 1))
    assert told.endswith("found, but it was not known by then: it was received on 2026-05-01")


def test_a_union_tells_the_near_misses_of_its_sets_once() -> None:
    assert near_misses("{exists: either}", OLD) == near_misses("{exists: mammogram}", OLD)


def test_an_event_that_another_was_preferred_to_is_told() -> None:
    criterion = "{count: {of: {kind: observation, codes: mammogram, take: {last: start}}, at_least: 2}}"
    assert near_misses(criterion, OLD, event("n", "2026-03-01", code="M-2")) == (
        "2024-09-30 observation M-1 (mammogram) found, but another one was chosen (last)",
    )


def test_a_lapse_of_coverage_is_told_by_payer() -> None:
    record = person(coverage=(span("2026-01-01", "2026-03-31"), span("2026-06-01", "2026-11-30")))
    node = explained("{enrolled: {window: period, anchor: period.end}}", record).rates[0].criteria["numerator"]
    assert node.near_misses == (
        "blue: not covered 2026-04-01 to 2026-05-31 (61 days)",
        "blue: not covered 2026-12-01 to 2026-12-31 (31 days)",
        "blue: not covered on 2026-12-31",
    )


def test_the_whole_explanation_reads_like_this() -> None:
    record = person(OLD, person_id="P1", birth="1980-05-05", sex="female")
    told = explained("{all: [{age: {at: period.end, from: 40}}, {exists: mammogram}]}", record)
    assert str(told).splitlines() == [
        "Person P1: Example (canonical/example), 2026-01-01..2026-12-31",
        "",
        "Rate [rate]",
        "  result: care gap",
        "  is in: initial population, denominator",
        "  decided by: exists mammogram",
        "  initial population:",
        "    yes     everybody",
        "  numerator:",
        "    no      all of these",
        "      yes     age from 40 years on 2026-12-31 (is 46)",
        "      no      has mammogram, ending from 2024-10-01 to 2026-12-31",
        "                - 2024-09-30 observation M-1 (mammogram) found, but 2024-09-30 is before 2024-10-01",
    ]


def test_what_counted_is_shown_with_its_date_code_and_value() -> None:
    told = explained("{exists: mammogram}", person(GOOD))
    (counted,) = told.rates[0].criteria["numerator"].counted
    assert str(counted) == "2026-03-01 observation M-1 (mammogram) 3 %"
    assert told.rates[0].evidence == counted


def test_records_that_read_alike_are_told_once() -> None:
    record = person(OLD, event("c", "2024-09-30", code="M-1", status="final", source="claim"))
    told = str(explained("{exists: mammogram}", record))
    assert "2024-09-30 is before 2024-10-01 (2 records)" in told
    assert told.count("M-1") == 1


@pytest.mark.parametrize(("populations", "direction", "result"), [
    ("{initial_population: {sex: male}, numerator: {always: true}}", "higher", "not counted (outside the denominator)"),
    ("{initial_population: {always: true}, denominator_exclusion: {always: true}, numerator: {always: true}}", "higher",
     "not counted (excluded)"),
    ("{initial_population: {always: true}, denominator_exception: {always: true}, numerator: {sex: male}}", "higher",
     "not counted (excepted)"),
    ("{initial_population: {always: true}, numerator: {always: true}}", "higher", "met"),
    ("{initial_population: {always: true}, numerator: {sex: male}}", "higher", "care gap"),
    ("{initial_population: {always: true}, numerator: {always: true}, numerator_exclusion: {always: true}}", "higher",
     "care gap"),
    ("{initial_population: {always: true}, numerator: {always: true}}", "lower", "care gap"),
    ("{initial_population: {always: true}, numerator: {sex: male}}", "lower", "met"),
])  # fmt: skip
def test_the_result_says_what_the_populations_mean(populations: str, direction: str, result: str) -> None:
    rates = [{"id": "rate", "title": "Rate", "direction": direction}]
    variant = Variant("canonical", measure(SECTIONS, populations, rates), Period.calendar_year(2026))
    (rate,) = explain(person(sex="female"), variant, LoadedCodes(VALUE_SETS)).rates
    assert rate.result == result


def test_an_exclusion_in_which_nothing_was_found_takes_one_line() -> None:
    populations = """
        initial_population: {always: true}
        denominator_exclusion: {any: [ruled_out, {sex: male}]}
        numerator: {always: true}
    """
    sections = "criteria: {ruled_out: {any: [{exists: {kind: allergy}}, {exists: {kind: task}}]}}"
    variant = Variant("canonical", measure(sections, populations), Period.calendar_year(2026))
    lines = str(explain(person(sex="male"), variant, LoadedCodes(VALUE_SETS))).splitlines()
    assert "      no      ruled out" in lines
    assert not any("allergy" in line for line in lines)


def test_plain_data_is_fit_for_json() -> None:
    told = explained("{exists: mammogram}", person(OLD), dt.date(2026, 6, 30)).as_dict()
    assert json.loads(json.dumps(told))["as_of"] == "2026-06-30"
