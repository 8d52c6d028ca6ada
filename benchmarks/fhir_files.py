"""FHIR files of made-up people: each the 44 resources that the published test people of electronic measures have.

A few hundred people of the demo practice are written as FHIR R4 (a patient, a coverage, and the latest events), and
repeated under other ids until there are as many as wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from measureharmony.practice.demo import demo_tables

RESOURCES = 44
#: Different people; the others are the same under other ids.
DIFFERENT = 250
_SEED = 7

Resource = dict[str, Any]
Row = Mapping[str, Any]
#: A person's resources as JSON, with :data:`_WHO` wherever a person's id stands.
Person = tuple[bytes, ...]

_WHO = b"%WHO%"
_TERMS = "http://terminology.hl7.org/CodeSystem"


def write_ndjson(folder: Path, people: int, different: int = DIFFERENT) -> None:
    """Write a bulk export: one file for each type of resource."""
    folder.mkdir(parents=True)
    files: dict[bytes, Any] = {}
    try:
        for resources in _people(people, different):
            for resource in resources:
                kind = resource[17 : resource.index(b'"', 17)]  # {"resourceType":"…
                if kind not in files:
                    files[kind] = (folder / f"{kind.decode()}.ndjson").open("wb")
                files[kind].write(resource + b"\n")
    finally:
        for file in files.values():
            file.close()


def write_bundles(folder: Path, people: int, different: int = DIFFERENT) -> None:
    """Write one collection bundle a person."""
    folder.mkdir(parents=True)
    for number, resources in enumerate(_people(people, different)):
        entries = b",".join(b'{"resource":' + resource + b"}" for resource in resources)
        bundle = b'{"resourceType":"Bundle","type":"collection","entry":[' + entries + b"]}"
        (folder / f"person-{number:06}.json").write_bytes(bundle)


def _people(people: int, different: int) -> Iterator[Person]:
    """The resources of each person."""
    made = list(_different(different))
    for number in range(people):
        who = f"p{number:07}".encode()
        yield tuple(resource.replace(_WHO, who) for resource in made[number % len(made)])


def _different(count: int) -> Iterator[Person]:
    """People of the demo with enough events for a full record."""
    tables = demo_tables(2 * count, _SEED, events_per_person=100, broken=False)
    persons = {row["person_id"]: row for row in tables["person"].to_pylist()}
    covered = {row["person_id"]: row for row in tables["coverage"].to_pylist()}
    codings = _grouped(tables["event_code"], "event_id")
    parts = _grouped(tables["event"].filter(_is_given(tables["event"], "parent_id")), "parent_id")
    events = _grouped(tables["event"], "person_id")
    found = 0
    for who, person in persons.items():
        latest = sorted((e for e in events.get(who, ()) if not e["parent_id"]), key=lambda e: e["start"])
        latest = latest[-(RESOURCES - 2) :]
        if found < count and len(latest) == RESOURCES - 2 and who in covered:
            found += 1
            resources = [_patient(person), _coverage(covered[who])]
            resources += [_resource(e, codings.get(e["event_id"], ()), parts.get(e["event_id"], ())) for e in latest]
            yield tuple(orjson.dumps(resource) for resource in resources)


def _is_given(table: pa.Table, column: str) -> pa.ChunkedArray:
    return table[column].is_valid()


def _grouped(table: pa.Table, column: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in table.to_pylist():
        found.setdefault(row[column], []).append(row)
    return found


# --- resources -------------------------------------------------------------------------------------------------------


def _patient(person: Row) -> Resource:
    return {
        "resourceType": "Patient",
        "id": "%WHO%",
        "meta": {"lastUpdated": "2027-01-02T03:04:05Z"},
        "identifier": [{"system": "urn:example:record-number", "value": "%WHO%"}],
        "name": [{"family": "Made", "given": ["Up"]}],
        "gender": person["gender"],
        "birthDate": str(person["birth"]),
        "address": [{"city": "Somewhere", "postalCode": person["postal_code"]}],
    }


def _coverage(span: Row) -> Resource:
    return {
        **_head("Coverage", "c1"),
        "status": "active",
        "beneficiary": {"reference": "Patient/%WHO%"},
        "payor": [{"identifier": {"value": span["payer"]}, "display": span["payer"]}],
        "period": {"start": str(span["start"]), "end": str(span["end"] or "2026-12-31")},
    }


def _head(kind: str, number: str) -> Resource:
    return {"resourceType": kind, "id": f"%WHO%-{number}", "meta": {"lastUpdated": "2027-01-02T03:04:05Z"}}


def _concept(system: str | None, code: str | None) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": f"what {code} says"}], "text": f"{code} in words"}


def _resource(event: Row, codings: tuple[Row, ...] | list[Row], parts: tuple[Row, ...] | list[Row]) -> Resource:
    """An event as the resource that its kind is."""
    kind, elements = _KINDS[event["kind"]]
    made = {**_head(kind, event["event_id"]), "subject": {"reference": "Patient/%WHO%"}, **elements(event)}
    if event["encounter_id"]:
        made["encounter"] = {"reference": f"Encounter/%WHO%-{event['encounter_id']}"}
    for coding in codings:
        if coding["role"] == "class":
            made["class"] = {"system": coding["system"], "code": coding["code"]}
        elif coding["role"] == "value":
            made["valueCodeableConcept"] = _concept(coding["system"], coding["code"])
    if parts:
        made["component"] = [{"code": _code(part), **_quantity(part)} for part in parts]
    return {name: value for name, value in made.items() if value is not None}


def _code(event: Row) -> Resource:
    return _concept(event["code_system"], event["code"])


def _quantity(event: Row) -> Resource:
    if event["value"] is None:
        return {}
    unit = event["unit"] or "1"
    return {
        "valueQuantity": {
            "value": event["value"], "unit": unit, "system": "http://unitsofmeasure.org", "code": unit,
        }
    }  # fmt: skip


def _period(event: Row) -> Resource:
    return {"start": str(event["start"]), "end": str(event["end"] or event["start"])}


def _encounter(event: Row) -> Resource:
    return {"status": event["status"], "type": [_code(event)], "period": _period(event)}


def _condition(event: Row) -> Resource:
    category = "problem-list-item" if event["type"] == "problem" else "encounter-diagnosis"
    status = _concept(f"{_TERMS}/condition-clinical", event["clinical_status"] or "active")
    return {
        "clinicalStatus": status,
        "verificationStatus": _concept(f"{_TERMS}/condition-ver-status", event["verification"] or "confirmed"),
        "category": [_concept(f"{_TERMS}/condition-category", category)],
        "code": _code(event),
        "onsetDateTime": str(event["start"]),
        "abatementDateTime": str(event["end"]) if event["end"] else None,
    }


def _observation(event: Row) -> Resource:
    category = [_concept(f"{_TERMS}/observation-category", event["category"])] if event["category"] else None
    told = {"status": event["status"], "category": category, "code": _code(event), **_quantity(event)}
    return {**told, "effectiveDateTime": str(event["start"]), "issued": f"{event['start']}T12:00:00Z"}


def _procedure(event: Row) -> Resource:
    return {"status": event["status"], "code": _code(event), "performedPeriod": _period(event)}


def _immunization(event: Row) -> Resource:
    told = {"status": event["status"], "vaccineCode": _code(event), "occurrenceDateTime": str(event["start"])}
    return {**told, "subject": None, "patient": {"reference": "Patient/%WHO%"}}


def _dispense(event: Row) -> Resource:
    return {
        "status": event["status"],
        "medicationCodeableConcept": _code(event),
        "whenHandedOver": str(event["start"]),
        "quantity": {"value": event["quantity"] or 30},
        "daysSupply": {"value": event["days_supply"] or 30, "code": "d", "system": "http://unitsofmeasure.org"},
    }


def _order(event: Row) -> Resource:
    told = {"status": event["status"], "intent": event["intent"] or "order", "authoredOn": str(event["start"])}
    name = {"medication_order": "medicationCodeableConcept", "device_request": "codeCodeableConcept"}
    return {**told, name.get(event["kind"], "code"): _code(event)}


_KINDS = {
    "encounter": ("Encounter", _encounter),
    "condition": ("Condition", _condition),
    "observation": ("Observation", _observation),
    "procedure": ("Procedure", _procedure),
    "immunization": ("Immunization", _immunization),
    "medication_dispense": ("MedicationDispense", _dispense),
    "medication_order": ("MedicationRequest", _order),
    "service_request": ("ServiceRequest", _order),
    "device_request": ("DeviceRequest", _order),
}
