"""Types, not-done and categories: by exact profile in a QI-Core source, by stand-ins elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.fhir.bundles import LOINC, QICORE, US_CORE, codes, concept, event, read, resource


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("qicore-observation-lab", "lab"),
        ("qicore-observation-clinical-result", "clinical-result"),
        ("qicore-observation-screening-assessment", "screening"),
        ("qicore-simple-observation", "simple"),
        ("qicore-observation", "general"),
        (US_CORE + "us-core-blood-pressure", "blood-pressure"),
        (US_CORE + "pediatric-bmi-for-age", "pediatric-bmi"),
        (US_CORE + "us-core-smokingstatus", "smoking-status"),
        (US_CORE + "us-core-observation-pregnancystatus", "pregnancy-status"),
        ("qicore-nonpatient-observation", "other"),
        ("h" + QICORE + "qicore-observation-lab", "other"),
        ("http://hl7.org/fhir/us/qicore/StructureDefinition-qicore-observation-lab", "other"),
    ],
)
def test_a_profile_gives_the_type_only_when_it_matches_exactly(tmp_path: Path, profile: str, expected: str) -> None:
    observation = resource("Observation", profile=profile, category=[concept("laboratory")])
    assert event(tmp_path, observation)["type"] == expected


def test_two_profiles_give_both_types(tmp_path: Path) -> None:
    condition = resource("Condition", meta={"profile": [QICORE + "qicore-condition", "x", QICORE + "qicore-condition"]})
    assert event(tmp_path, condition)["type"] == "general"


def test_in_a_qicore_record_a_resource_without_profile_answers_no_question(tmp_path: Path) -> None:
    assert event(tmp_path, resource("Encounter", status="finished"), strict=True)["type"] == "other"


def test_the_base_blood_pressure_profile_is_a_type_of_its_own_in_a_qicore_record(tmp_path: Path) -> None:
    panel = resource(
        "Observation", profile="http://hl7.org/fhir/StructureDefinition/bp", code=concept("85354-9", system=LOINC)
    )
    assert event(tmp_path, panel, strict=True)["type"] == "bp-panel"
    assert event(tmp_path, panel)["type"] == "blood-pressure bp-panel general"


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"category": [concept("laboratory")]}, "lab general"),
        ({"category": [concept("imaging"), concept("procedure")]}, "clinical-result general"),
        ({"category": [concept("survey")]}, "screening general"),
        ({"code": concept("39156-5", system=LOINC)}, "bmi general"),
        ({"code": concept("39156-5", system="elsewhere")}, None),
        ({"category": [concept("social-history")]}, None),
        ({}, None),
    ],
)
def test_elsewhere_category_and_loinc_stand_in(tmp_path: Path, elements: dict[str, Any], expected: str | None) -> None:
    assert event(tmp_path, resource("Observation", **elements))["type"] == expected


def test_a_blood_pressure_coded_as_until_dstu2_is_one_of_today(tmp_path: Path) -> None:
    found = read(tmp_path, resource("Observation", code=concept("55284-4", system=LOINC)))
    (panel,) = found.tables["event"].to_pylist()
    assert (panel["code"], panel["type"]) == ("55284-4", "blood-pressure bp-panel general")
    codes = found.tables["event_code"].to_pylist()
    assert [(row["role"], row["code"]) for row in codes] == [("code", "85354-9")]


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("problem-list-item", "problem general"),
        ("health-concern", "problem general"),
        ("encounter-diagnosis", "encounter-diagnosis general"),
        ("something", None),
    ],
)
def test_a_condition_takes_its_type_from_its_category(tmp_path: Path, category: str, expected: str | None) -> None:
    assert event(tmp_path, resource("Condition", category=[concept(category)]))["type"] == expected


def test_categories_are_words_and_codes_and_their_absence_means_none_only_in_qicore(tmp_path: Path) -> None:
    observation = resource("Observation", category=[concept("laboratory", "a b"), {"text": "only text"}])
    found = read(tmp_path, observation)
    assert found.tables["event"]["category"].to_pylist() == ["laboratory a_b"]
    assert codes(found, "category") == ["laboratory", "a b"]
    assert event(tmp_path, resource("Observation"))["category"] is None
    assert event(tmp_path, resource("Observation", profile="qicore-observation-lab"))["category"] == "none"


@pytest.mark.parametrize(
    ("kind", "profile", "kind_of_type"),
    [
        ("Procedure", "qicore-procedurenotdone", None),
        ("ServiceRequest", "qicore-servicenotrequested", None),
        ("MedicationRequest", "qicore-medicationnotrequested", None),
        ("DeviceRequest", "qicore-devicenotrequested", None),
        ("Observation", "qicore-observationcancelled", None),
        ("Communication", "qicore-communicationnotdone", None),
        ("Immunization", "qicore-immunizationnotdone", None),
        ("Task", "qicore-taskrejected", "rejected"),
        ("MedicationRequest", "qicore-mednotrequested", "other"),
    ],
)
def test_not_done_profiles(tmp_path: Path, kind: str, profile: str, kind_of_type: str | None) -> None:
    found = event(tmp_path, resource(kind, profile=profile, status="completed"))
    assert found["not_done"] is True
    assert found["type"] == kind_of_type


def test_in_qicore_the_profile_alone_decides_not_done_and_the_flag_is_kept_aside(tmp_path: Path) -> None:
    order = resource("ServiceRequest", profile="qicore-servicerequest", doNotPerform=True)
    found = read(tmp_path, order)
    assert found.tables["event"]["not_done"].to_pylist() == [None]
    assert ("doNotPerform", "true") in [(r["system"], r["code"]) for r in found.tables["event_code"].to_pylist()]


@pytest.mark.parametrize(
    ("url", "written"),
    [
        (QICORE + "qicore-doNotPerform", True),
        (QICORE + "qicore-doNotPeform", False),
        ("http://hl7.org/fhir/5.0/StructureDefinition/extension-DeviceRequest.doNotPerform", False),
    ],
)
def test_only_the_exact_modifier_marks_a_device_request(tmp_path: Path, url: str, written: bool) -> None:
    modifier = [{"url": url, "valueBoolean": True}]
    found = read(tmp_path, resource("DeviceRequest", profile="qicore-devicerequest", modifierExtension=modifier))
    assert (codes(found, "category") == ["true"]) is written
    assert found.tables["event"]["not_done"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("kind", "elements", "not_done"),
    [
        ("Procedure", {"status": "not-done"}, True),
        ("Immunization", {"status": "not-done"}, True),
        ("MedicationRequest", {"doNotPerform": True}, True),
        ("ServiceRequest", {"doNotPerform": False}, None),
        ("ServiceRequest", {"doNotPerform": "true"}, None),
    ],
)
def test_elsewhere_status_and_flag_stand_in(
    tmp_path: Path, kind: str, elements: dict[str, Any], not_done: bool | None
) -> None:
    assert event(tmp_path, resource(kind, **elements))["not_done"] is not_done
