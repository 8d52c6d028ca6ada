from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from measureharmony.errors import UsageError
from measureharmony.measures.people import VALUE_SET_SYSTEM, PeopleFile, people_tables
from measureharmony.measures.reader import read_document
from measureharmony.measures.yaml_lines import read_yaml_text
from measureharmony.periods import Period
from measureharmony.practice.contract import TABLES

TEXT = """
measure: cbp
period: {from: 2025-07-01, to: 2026-06-30}
people:
  - name: A man of 60, controlled!
    person: {birth: 1966, sex: male, deceased: false}
    coverage: [{payer: own, start: 2025-01-01, product_line: medicaid}]
    events:
      - {id: v, kind: encounter, code: office_visit, start: 2026-03-02T10:30}
      - kind: observation
        type: blood-pressure
        encounter: v
        status: final
        start: 2026-03-02
        components:
          - {code: "LOINC|8480-6", value: 138, unit: "mm[Hg]"}
          - {code: "LOINC|8462-4", value: 79.5, unit: "mm[Hg]"}
      - {kind: condition, codes: {code: [htn, "*|I10"], reason: htn}, start: 2020-02, end: unknown}
    expect: {controlled: [initial_population, denominator, numerator]}
"""
SYSTEMS = {"LOINC": "http://loinc.org"}


def people(text: str = TEXT) -> PeopleFile:
    reading = read_document(read_yaml_text(text, Path("cbp.people.yaml")), PeopleFile)
    assert reading.model is not None, reading.issues
    return reading.model


def test_the_period() -> None:
    assert people().measurement_period == Period(dt.date(2025, 7, 1), dt.date(2026, 6, 30))
    year = TEXT.replace("{from: 2025-07-01, to: 2026-06-30}", "2026")
    assert people(year).measurement_period == Period.calendar_year(2026)


def test_a_person_becomes_rows_of_the_contract() -> None:
    tables = people_tables(people(), SYSTEMS)
    assert tables["person"] == [
        {"person_id": "a-man-of-60-controlled", "birth": "1966", "sex": "male", "deceased": "false"}
    ]
    assert tables["coverage"] == [
        {"person_id": "a-man-of-60-controlled", "payer": "own", "start": "2025-01-01", "product_line": "medicaid"}
    ]
    for name, rows in tables.items():
        columns = {column.name for column in TABLES[name].columns}
        assert all(set(row) <= columns for row in rows)


def test_events_get_identifiers_links_and_codes() -> None:
    visit, panel, systolic, diastolic, condition = people_tables(people(), SYSTEMS)["event"]
    assert visit["event_id"] == "a-man-of-60-controlled-v"
    assert (visit["code_system"], visit["code"]) == (VALUE_SET_SYSTEM, "office_visit")
    assert visit["start"] == "2026-03-02T10:30"
    assert panel["encounter_id"] == visit["event_id"]
    assert "code" not in panel
    assert (systolic["event_id"], systolic["parent_id"]) == (f"{panel['event_id']}-1", panel["event_id"])
    assert (systolic["code_system"], systolic["code"], systolic["value"]) == ("http://loinc.org", "8480-6", "138")
    assert (diastolic["start"], diastolic["status"], diastolic["kind"]) == ("2026-03-02", "final", "observation")
    assert diastolic["value"] == "79.5"
    assert (condition["start"], condition["end"]) == ("2020-02", "unknown")


def test_further_codes_have_their_roles() -> None:
    rows = people_tables(people(), SYSTEMS)["event_code"]
    assert [(row["role"], row["system"], row["code"]) for row in rows] == [
        ("code", VALUE_SET_SYSTEM, "htn"),
        ("code", "", "I10"),
        ("reason", VALUE_SET_SYSTEM, "htn"),
    ]


def test_an_unknown_code_system_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'LOINC\|8480-6' names an unknown code system"):
        people_tables(people(), {})


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("sex: male", "sex: man"),
        ("kind: encounter", "kind: visit"),
        ("start: 2026-03-02T10:30", "start: last week"),
        ("start: 2025-01-01", "start: 2025"),
        ("numerator]", "denominators]"),
        ("to: 2026-06-30", "to: 2025-06-30"),
        ("code: office_visit", "cod: office_visit"),
    ],
)
def test_mistakes_are_found(good: str, bad: str) -> None:
    assert good in TEXT
    reading = read_document(read_yaml_text(TEXT.replace(good, bad), Path("cbp.people.yaml")), PeopleFile)
    assert len(reading.issues) == 1
