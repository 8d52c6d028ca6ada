"""Codes, values, components and links of visits, observations and the rest of the record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.fhir.bundles import (
    LOINC,
    QICORE,
    SNOMED,
    assert_accounts_add_up,
    codes,
    concept,
    event,
    read,
    reasons_rejected,
    resource,
    rows,
)

UCUM = "http://unitsofmeasure.org"


def test_the_first_coding_is_inline_and_the_others_are_codes(tmp_path: Path) -> None:
    found = read(tmp_path, resource("Procedure", code=concept("1", "2", "3")))
    assert [(r["code_system"], r["code"]) for r in rows(found)] == [(SNOMED, "1")]
    assert codes(found, "code") == ["2", "3"]


def test_a_visit_with_all_its_coded_attributes(tmp_path: Path) -> None:
    visit = resource(
        "Encounter",
        "e1",
        profile="qicore-encounter",
        status="finished",
        type=[concept("1"), concept("2")],
        **{"class": {"system": "act", "code": "AMB"}},
        period={"start": "2026-01-01T08:00:00Z", "end": "2026-01-01T09:00:00Z"},
        hospitalization={"dischargeDisposition": concept("3")},
        reasonCode=[concept("4")],
        reasonReference=[{"reference": "Condition/c1"}, {"reference": "Condition/gone"}],
        diagnosis=[{"condition": {"reference": "Condition/c1"}}, {"condition": {"reference": "Procedure/x"}}],
        basedOn=[{"reference": "ServiceRequest/s1"}, {"reference": "ServiceRequest/s2"}],
        location=[{"location": {"reference": "Location/l1"}}, {"location": {"reference": "#l2"}}, {}],
        contained=[resource("Location", "l2", "qicore-location", type=[concept("8")])],
        participant=[{"individual": {"reference": "Practitioner/d1"}}],
    )
    place = resource("Location", "l1", "qicore-location", type=[concept("7")])
    found = read(tmp_path, visit, resource("Condition", "c1", code=concept("5", "6")), place)
    assert_accounts_add_up(found)
    assert reasons_rejected(found) == []
    row = rows(found)[0]
    assert (row["event_id"], row["person_id"], row["kind"], row["source"]) == (
        "p1/Encounter/e1",
        "p1",
        "encounter",
        "ehr",
    )
    assert (row["status"], row["provider_id"]) == ("finished", "d1")
    assert row["based_on_id"] == "p1/ServiceRequest/s1 p1/ServiceRequest/s2"
    assert codes(found, "class") == ["AMB"]
    assert codes(found, "discharge") == ["3"]
    assert codes(found, "reason") == ["4"]
    assert codes(found, "reason_condition") == ["5", "6"]
    assert codes(found, "diagnosis") == ["5", "6"]
    assert codes(found, "facility") == ["7", "8"]
    assert codes(found, "profile") == [QICORE + "qicore-encounter"]


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"valueQuantity": {"value": 7.5, "unit": "percent", "code": "%", "system": UCUM}}, (7.5, "%", "quantity")),
        ({"valueQuantity": {"value": 7, "unit": "mg/dL"}}, (7, "mg/dL", "quantity")),
        ({"valueQuantity": {"value": 7}}, (7, None, "quantity")),
        ({"valueQuantity": {"value": 7, "comparator": "<"}}, (None, None, None)),
        ({"valueQuantity": {"value": 7, "system": "elsewhere"}}, (None, None, None)),
        ({"valueQuantity": {"value": "7"}}, (None, None, None)),
        ({"valueQuantity": {"unit": "%"}}, (None, None, None)),
        ({"valueInteger": 9}, (9, None, "integer")),
        ({"valueInteger": True}, (None, None, None)),
        ({"valueCodeableConcept": concept("1")}, (None, None, "coded")),
        ({"valueCodeableConcept": {"text": "yes"}}, (None, None, "coded")),
        ({"valueString": "seven"}, (None, None, "text")),
        ({"valueBoolean": False}, (None, None, "other")),
        ({"valueRange": {"low": {"value": 1}}}, (None, None, "other")),
        ({"dataAbsentReason": concept("unknown")}, (None, None, None)),
    ],
)
def test_results(
    tmp_path: Path, elements: dict[str, Any], expected: tuple[float | None, str | None, str | None]
) -> None:
    found = event(tmp_path, resource("Observation", **elements))
    assert (found["value"], found["unit"], found["value_type"]) == expected


def test_a_coded_result_gives_all_its_codings(tmp_path: Path) -> None:
    assert codes(read(tmp_path, resource("Observation", valueCodeableConcept=concept("1", "2"))), "value") == ["1", "2"]


def test_components_are_events_of_their_own(tmp_path: Path) -> None:
    systolic = {"code": concept("8480-6", "x", system=LOINC), "valueQuantity": {"value": 128, "code": "mm[Hg]"}}
    answer = {"code": concept("q"), "valueCodeableConcept": concept("yes")}
    panel = resource(
        "Observation",
        "bp",
        status="final",
        component=[systolic, "nonsense", answer],
        effectiveDateTime="2026-02-03",
        encounter={"reference": "Encounter/e1"},
    )
    found = read(tmp_path, panel)
    first, second = rows(found)[1:]
    assert (first["event_id"], first["parent_id"]) == ("p1/Observation/bp#1", "p1/Observation/bp")
    assert (first["type"], first["status"], first["start"]) == ("component", "final", "2026-02-03")
    assert (first["code"], first["value"], first["unit"]) == ("8480-6", 128, "mm[Hg]")
    assert first["encounter_id"] == "p1/Encounter/e1"
    assert codes(found, "code", "p1/Observation/bp#1") == ["x"]
    assert (second["event_id"], second["value_type"]) == ("p1/Observation/bp#2", "coded")
    assert codes(found, "value", "p1/Observation/bp#2") == ["yes"]


def test_further_coded_attributes(tmp_path: Path) -> None:
    condition = resource(
        "Condition",
        bodySite=[concept("1")],
        severity=concept("2"),
        verificationStatus=concept("refuted"),
        recordedDate="2026",
    )
    found = read(tmp_path, condition)
    assert codes(found, "body_site") == ["1"]
    assert codes(found, "severity") == ["2"]
    assert (rows(found)[0]["verification"], rows(found)[0]["recorded"]) == ("refuted", "2026")
    observation = resource("Observation", method=concept("3"), bodySite=concept("4"))
    found = read(tmp_path, observation)
    assert (codes(found, "method"), codes(found, "body_site")) == (["3"], ["4"])


def test_when_and_why_something_was_recorded_as_not_done(tmp_path: Path) -> None:
    extensions = [
        {"url": QICORE + "qicore-recorded", "valueDateTime": "2026-01-01"},
        {"url": QICORE + "qicore-notDoneReason", "valueCodeableConcept": concept("9")},
    ]
    found = read(tmp_path, resource("Procedure", profile="qicore-procedurenotdone", extension=extensions))
    assert rows(found)[0]["recorded"] == "2026-01-01"
    assert codes(found, "not_done_reason") == ["9"]


def test_a_repeat_is_read_once(tmp_path: Path) -> None:
    found = read(tmp_path, resource("Encounter", "e1"), resource("Encounter", "e1"), resource("Procedure", "e1"))
    assert [row["event_id"] for row in rows(found)] == ["p1/Encounter/e1", "p1/Procedure/e1"]
    assert reasons_rejected(found) == [("Encounter", "repeated-resource")]


def test_a_resource_without_id_is_named_after_its_place(tmp_path: Path) -> None:
    nameless = {"resourceType": "Encounter"}
    found = read(tmp_path, nameless, nameless)
    assert [row["event_id"] for row in rows(found)] == ["p1/Encounter/bundle.json-2", "p1/Encounter/bundle.json-3"]


def test_every_row_says_where_it_came_from_and_in_which_order(tmp_path: Path) -> None:
    row = rows(read(tmp_path, resource("Encounter")))[0]
    assert (row["_file"], row["_row"], row["sequence"]) == ("bundle.json", 2, 2)
