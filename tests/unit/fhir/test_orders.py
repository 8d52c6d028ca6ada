"""Orders and supplies; the request and dispense periods of shared logic 2026, section 12."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.fhir.bundles import QICORE, codes, concept, event, read, resource, rows

UCUM = "http://unitsofmeasure.org"
UNKNOWN = ("unknown", "unknown", None)


def days(value: float, code: str = "d") -> dict[str, Any]:
    return {"value": value, "code": code}


def dosage(dose: float | None = None, **repeat: Any) -> dict[str, Any]:
    rate = {"doseAndRate": [{"doseQuantity": {"value": dose}}]} if dose else {}
    return {"dosageInstruction": [{"timing": {"repeat": repeat}, **rate}]}


def dispensed(**elements: Any) -> dict[str, Any]:
    return {"dispenseRequest": elements}


AUTHORED = {"authoredOn": "2026-01-10T09:00:00Z"}


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({**AUTHORED, **dispensed(expectedSupplyDuration=days(30))}, ("2026-01-10", "2026-02-08", 30)),
        ({**AUTHORED, **dispensed(expectedSupplyDuration=days(2, "wk"))}, ("2026-01-10", "2026-01-23", 14)),
        (
            {**AUTHORED, **dispensed(expectedSupplyDuration={"value": 3, "unit": "days"})},
            ("2026-01-10", "2026-01-12", 3),
        ),
        (
            {**AUTHORED, **dispensed(expectedSupplyDuration=days(30), numberOfRepeatsAllowed=2)},
            ("2026-01-10", "2026-04-09", 90),
        ),
        ({**AUTHORED, **dispensed(expectedSupplyDuration=days(1, "mo"))}, UNKNOWN),
        ({**AUTHORED, **dispensed(expectedSupplyDuration=days(0))}, ("unknown", "unknown", 0)),
        ({**AUTHORED, **dispensed(expectedSupplyDuration=days(2.5))}, ("2026-01-10", "2026-01-11", 2.5)),
        (
            {**AUTHORED, **dosage(2, frequency=2, period=1, periodUnit="d"), **dispensed(quantity={"value": 40})},
            ("2026-01-10", "2026-01-19", 10),
        ),
        (
            {
                **AUTHORED,
                **dosage(1, frequency=1, frequencyMax=2, period=1, periodUnit="d"),
                **dispensed(quantity={"value": 4}),
            },
            ("2026-01-10", "2026-01-11", 2),
        ),
        (
            {**AUTHORED, **dosage(1, frequency=1, period=1, periodUnit="mo"), **dispensed(quantity={"value": 1})},
            ("2026-01-10", "2026-02-08", 30),
        ),
        (
            {**AUTHORED, **dosage(1, timeOfDay=["08:00", "20:00"]), **dispensed(quantity={"value": 4})},
            ("2026-01-10", "2026-01-11", 2),
        ),
        ({**AUTHORED, **dosage(1), **dispensed(quantity={"value": 30})}, UNKNOWN),
        ({**AUTHORED, **dosage(frequency=1, period=1, periodUnit="d"), **dispensed(quantity={"value": 3})}, UNKNOWN),
        (
            {**AUTHORED, **dosage(boundsPeriod={"start": "2026-03-01"}), **dispensed(expectedSupplyDuration=days(2))},
            ("2026-03-01", "2026-03-02", 2),
        ),
        ({**AUTHORED, **dosage(boundsPeriod={"end": "2026-03-02T10:00:00Z"})}, ("2026-01-10", "2026-03-02", None)),
        ({**AUTHORED, **dosage(boundsPeriod={"start": "2026-03-01"})}, UNKNOWN),
        ({**AUTHORED, **dosage(boundsPeriod={"end": "2025-03-02"})}, UNKNOWN),
        (
            dispensed(validityPeriod={"start": "2026-05-01"}, expectedSupplyDuration=days(1)),
            ("2026-05-01", "2026-05-01", 1),
        ),
        (dispensed(expectedSupplyDuration=days(30)), ("unknown", "unknown", 30)),
        ({"authoredOn": "2026", **dispensed(expectedSupplyDuration=days(30))}, ("unknown", "unknown", 30)),
        ({**AUTHORED, **dispensed(expectedSupplyDuration=days(9e99))}, ("unknown", "unknown", 9e99)),
        (AUTHORED, UNKNOWN),
    ],
)
def test_the_request_period(tmp_path: Path, elements: dict[str, Any], expected: tuple[str, str, float | None]) -> None:
    found = event(tmp_path, resource("MedicationRequest", profile="qicore-medicationrequest", **elements))
    assert (found["start"], found["end"], found["days_supply"]) == expected
    assert found["authored"] == elements.get("authoredOn")


def test_several_dosages_are_an_error_of_the_official_logic_only(tmp_path: Path) -> None:
    two = {"dosageInstruction": [{}, {}], **AUTHORED, **dispensed(expectedSupplyDuration=days(30))}
    assert event(tmp_path, resource("MedicationRequest", profile="qicore-medicationrequest", **two))["end"] == "unknown"
    assert event(tmp_path, resource("MedicationRequest", **two))["end"] == "2026-02-08"


def test_refills_and_quantity_are_kept(tmp_path: Path) -> None:
    order = resource("MedicationRequest", **dispensed(quantity={"value": 90}, numberOfRepeatsAllowed=3))
    found = event(tmp_path, order)
    assert (found["quantity"], found["quantity_unit"], found["refills"]) == (90, None, 3)


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ({"value": 90, "code": "mL", "unit": "milliliter", "system": UCUM}, (90, "mL")),
        ({"value": 90, "unit": "tablet"}, (90, "tablet")),
        ({"value": 90, "comparator": ">"}, (None, None)),
        ({"code": "mL"}, (None, None)),
    ],
)
def test_a_quantity_keeps_its_unit(
    tmp_path: Path, quantity: dict[str, Any], expected: tuple[float | None, str | None]
) -> None:
    found = event(tmp_path, resource("MedicationRequest", **dispensed(quantity=quantity)))
    assert (found["quantity"], found["quantity_unit"]) == expected


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"whenHandedOver": "2026-01-02T10:00:00Z", "daysSupply": days(30)}, ("2026-01-02", "2026-01-31")),
        ({"whenPrepared": "2026-01-01", "daysSupply": {"value": 1, "unit": "days"}}, ("2026-01-01", "2026-01-01")),
        ({"daysSupply": days(30)}, ("unknown", "unknown")),
        ({"whenHandedOver": "2026-01-02", "quantity": {"value": 30}}, ("unknown", "unknown")),
    ],
)
def test_the_dispense_period(tmp_path: Path, elements: dict[str, Any], expected: tuple[str, str]) -> None:
    found = event(tmp_path, resource("MedicationDispense", profile="qicore-medicationdispense", **elements))
    assert (found["start"], found["end"]) == expected


def test_elsewhere_a_fill_without_days_lasts_its_own_day(tmp_path: Path) -> None:
    found = event(tmp_path, resource("MedicationDispense", whenHandedOver="2026-01-02T10:00:00Z"))
    assert (found["start"], found["end"], found["recorded"]) == ("2026-01-02", "2026-01-02", "2026-01-02T10:00:00Z")


@pytest.mark.parametrize("reference", ["Medication/m1", "http://server/fhir/Medication/m1", "#c1"])
def test_a_drug_by_reference_gives_its_codes_and_is_marked(tmp_path: Path, reference: str) -> None:
    drug = resource("Medication", "m1", code=concept("11", "12"))
    contained = {**drug, "id": "c1"}
    order = resource("MedicationRequest", contained=[contained], medicationReference={"reference": reference})
    found = read(tmp_path, order, drug)
    assert rows(found)[0]["code"] == "11"
    assert codes(found, "code") == ["12"]
    assert [r["system"] for r in found.tables["event_code"].to_pylist() if r["role"] == "category"] == [
        "medicationReference"
    ]


def test_a_drug_reference_that_leads_nowhere_gives_an_order_without_code(tmp_path: Path) -> None:
    order = resource("MedicationRequest", medicationReference={"reference": "Medication/none"})
    assert event(tmp_path, order)["code"] is None


def test_service_and_device_orders_happen_when_written(tmp_path: Path) -> None:
    found = event(tmp_path, resource("ServiceRequest", code=concept("1"), intent="order", **AUTHORED))
    assert (found["start"], found["end"], found["authored"], found["intent"]) == (
        *[AUTHORED["authoredOn"]] * 3,
        "order",
    )
    found = event(tmp_path, resource("DeviceRequest", codeCodeableConcept=concept("2"), **AUTHORED))
    assert (found["kind"], found["code"], found["start"]) == ("device_request", "2", AUTHORED["authoredOn"])


def test_why_something_was_not_ordered(tmp_path: Path) -> None:
    reason = {"url": QICORE + "qicore-doNotPerformReason", "valueCodeableConcept": concept("9")}
    order = resource(
        "ServiceRequest", profile="qicore-servicenotrequested", extension=[reason], reasonCode=[concept("8")]
    )
    found = read(tmp_path, order)
    assert codes(found, "not_done_reason") == ["9"]
    assert codes(found, "reason") == ["8"]


@pytest.mark.parametrize("element", ["statusReason", "statusReasonCodeableConcept"])
def test_a_status_reason_is_kept_apart_from_reasons_for_not_doing(tmp_path: Path, element: str) -> None:
    found = read(tmp_path, resource("MedicationDispense", status="declined", **{element: concept("1")}))
    assert codes(found, "status_reason") == ["1"]
    assert codes(found, "not_done_reason") == codes(found, "reason") == []


@pytest.mark.parametrize("kind", ["MedicationRequest", "MedicationAdministration", "Communication", "Task"])
def test_when_something_was_recorded(tmp_path: Path, kind: str) -> None:
    extensions = [{"url": QICORE + "qicore-recorded", "valueDateTime": "2026-01-01"}]
    assert event(tmp_path, resource(kind, extension=extensions))["recorded"] == "2026-01-01"


def test_a_task_is_linked_to_its_focus_and_orders_and_a_rejection_to_what_it_rejects(tmp_path: Path) -> None:
    links = {"basedOn": [{"reference": "ServiceRequest/s1"}], "focus": {"reference": "MedicationRequest/m1"}}
    period = {"executionPeriod": {"start": "2026-01-01"}, "reasonCode": concept("7"), "code": concept("fulfill")}
    found = read(tmp_path, resource("Task", **links, **period))
    assert rows(found)[0]["based_on_id"] == "p1/MedicationRequest/m1 p1/ServiceRequest/s1"
    assert (rows(found)[0]["start"], rows(found)[0]["end"]) == ("2026-01-01", "9999-12-31")
    assert codes(found, "reason") == ["7"]
    rejection = resource("Task", profile="qicore-taskrejected", **links)
    assert event(tmp_path, rejection)["based_on_id"] == "p1/MedicationRequest/m1"


def test_a_communication_and_an_administration(tmp_path: Path) -> None:
    sent = resource(
        "Communication", sent="2026-01-01T00:00:00Z", topic=concept("1"), basedOn=[{"reference": "Task/t1"}]
    )
    found = event(tmp_path, sent)
    assert (found["kind"], found["code"], found["start"], found["based_on_id"]) == (
        "communication",
        "1",
        "2026-01-01T00:00:00Z",
        "p1/Task/t1",
    )
    given = resource("MedicationAdministration", effectiveDateTime="2026-01-01", context={"reference": "Encounter/e1"})
    assert event(tmp_path, given)["encounter_id"] == "p1/Encounter/e1"
