"""What the interpreter says beyond outcomes: why not, on what evidence, in which stratum."""

from __future__ import annotations

import pytest

from measureharmony.evaluation.reference import Interpreter, LoadedCodes
from measureharmony.evaluation.reference.record import PersonRecord
from measureharmony.payers.variant import Variant
from measureharmony.periods import Period
from tests.criteria.example import VALUE_SETS, event, measure, person

SECTIONS = """
    events:
      visit: {kind: encounter}
      mammogram: {kind: observation, codes: mammogram}
      other_test: {kind: procedure}
    criteria:
      age: {age: {at: period.end, from: 40}}
      eligible: {all: [age, {all: [{sex: female}, {exists: visit}]}]}
      in_hospice: {exists: {kind: allergy}}
      screened: {any: [{exists: mammogram}, {not: {not: {exists: other_test}}}, {not: {exists: visit}}]}
    strata:
      - {id: young, title: Young, criterion: {age: {at: period.end, to: 49}}}
      - {id: old, title: Old, criterion: {age: {at: period.end, from: 50}}}
"""
POPULATIONS = """
    initial_population: eligible
    denominator_exclusion: {any: [{exists: {kind: immunization}}, in_hospice]}
    numerator: screened
    denominator_exception: {exists: {kind: task}}
    numerator_exclusion: {exists: {kind: communication}}
"""


def interpreter(
    rate: dict[str, object] | None = None, sources: dict[str, tuple[str, ...]] | None = None
) -> Interpreter:
    made = measure(SECTIONS, POPULATIONS, [{"id": "rate", "title": "Rate", **(rate or {})}])
    variant = Variant("canonical", made, Period.calendar_year(2026), None, sources or {})
    return Interpreter(variant, LoadedCodes(VALUE_SETS))


def she(*kinds: str, **columns: object) -> PersonRecord:
    rows = [event(kind, kind=kind) for kind in ("encounter", *kinds)]
    return person(*rows, **{"birth": "1980-01-01", "sex": "female", **columns})


@pytest.mark.parametrize(("record", "expected"), [
    (person(birth="1999-01-01"), "age"),
    (person(birth="1980-01-01"), "sex"),
    (person(birth="1980-01-01", sex="female"), "exists visit"),
    (she("immunization", "allergy"), "exists immunization"),
    (she("allergy"), "in_hospice"),
    (she(), "screened"),
    (she("task"), "exists task"),
    (she("procedure"), None),
    (she("procedure", "communication"), "exists communication"),
    (she("procedure", "task"), None),
])  # fmt: skip
def test_the_first_part_that_decides(record: PersonRecord, expected: str | None) -> None:
    asked = interpreter()
    assert asked.first_failing(record, asked.variant.measure.rates[0]) == expected


def test_of_an_inverse_rate_what_puts_somebody_into_the_numerator_decides() -> None:
    """Whoever stays out of it has what the measure wants: nothing fails."""
    asked = interpreter({"direction": "lower"})
    rate = asked.variant.measure.rates[0]
    assert asked.first_failing(she("procedure"), rate) is not None
    assert asked.first_failing(she(), rate) is None


def latest_evidence(asked: Interpreter, record: PersonRecord) -> str | None:
    found = asked.evidence(record, asked.variant.measure.rates[0])
    return found.event_id if found else None


def test_evidence_is_the_latest_event_of_the_sets_the_numerator_asks_for() -> None:
    rows = (
        event("old", "2026-01-01", "2026-02-01", code="M-1"),
        event("new", "2026-01-15", "2026-02-02", kind="procedure"),
        event("visit", "2026-09-09", kind="encounter"),
        event("undated", code="M-2"),
    )
    assert latest_evidence(interpreter(), person(*rows)) == "new"
    assert latest_evidence(interpreter(), person(*rows[2:])) == "undated"
    assert latest_evidence(interpreter(), person(*rows[2:3])) is None


def test_of_two_latest_events_the_last_in_the_sources_order_is_the_evidence() -> None:
    rows = (event("a", "2026-01-01", code="M-1", sequence=2), event("b", "2026-01-01", code="M-1", sequence=1))
    assert latest_evidence(interpreter(), person(*rows)) == "a"


def test_a_rate_can_name_its_evidence() -> None:
    asked = interpreter({"evidence": ["mammogram"]})
    rows = (event("m", "2026-01-01", code="M-1"), event("p", "2026-05-05", kind="procedure"))
    assert latest_evidence(asked, person(*rows)) == "m"


def test_evidence_comes_from_sources_that_the_numerator_accepts() -> None:
    asked = interpreter(sources={"numerator": ("claim",)})
    rows = (event("m", "2026-01-01", code="M-1", source="claim"), event("p", "2026-05-05", kind="procedure"))
    assert latest_evidence(asked, person(*rows)) == "m"


def test_each_population_looks_at_its_own_sources() -> None:
    asked = interpreter(sources={"numerator": ("claim",)})
    visit, test = event("v", kind="encounter", source="claim"), event("t", kind="procedure", source="ehr")
    found = asked.outcome(person(visit, test, birth="1980-01-01", sex="female"))["rate"]
    assert (found["denominator"], found["numerator"]) == (True, False)


def test_a_stratum_narrows_every_population() -> None:
    found = interpreter().strata(she("procedure"))
    assert found["rate", "young"] == interpreter().outcome(she("procedure"))["rate"]
    assert set(found["rate", "old"].values()) == {False}
