"""Layouts: one bundle, folders of bundles, bulk exports, packed files; whose a resource is in each."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from measureharmony.practice.fhir import FhirTables, read_fhir_resources
from tests.unit.fhir.bundles import assert_accounts_add_up, bundle, concept, patient, reasons_rejected, resource, rows

OF_P1 = {"subject": {"reference": "Patient/p1"}}
OF_P2 = {"subject": {"reference": "Patient/p2"}}


def read_bundles(folder: Path, **bundles: dict[str, Any]) -> FhirTables:
    for name, content in bundles.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    found = read_fhir_resources(folder)
    assert_accounts_add_up(found)
    return found


def owners(found: FhirTables) -> list[str]:
    return [row["event_id"] for row in rows(found)]


def test_in_a_collection_about_one_person_everything_is_theirs(tmp_path: Path) -> None:
    content = bundle(resource("Encounter", "a", **OF_P2), resource("Encounter", "b"), patient())
    assert owners(read_bundles(tmp_path, x=content)) == ["p1/Encounter/a", "p1/Encounter/b"]


def test_in_another_bundle_the_reference_decides(tmp_path: Path) -> None:
    content = bundle(patient(), resource("Encounter", "a", **OF_P2), resource("Encounter", "b"), kind="searchset")
    found = read_bundles(tmp_path, x=content)
    assert owners(found) == ["p1/Encounter/b"]
    assert reasons_rejected(found) == [("Encounter", "unknown-person")]


def test_a_reference_may_lead_to_a_patient_of_a_later_file(tmp_path: Path) -> None:
    found = read_bundles(
        tmp_path,
        a=bundle(resource("Encounter", "a", **OF_P2), resource("Claim", "c", patient=OF_P2["subject"])),
        b=bundle(patient("p2")),
    )
    assert owners(found) == ["p2/Encounter/a"]
    assert reasons_rejected(found) == [("Claim", "claim-without-new-lines")]


def test_two_people_in_one_bundle_keep_their_own(tmp_path: Path) -> None:
    content = bundle(patient(), patient("p2"), resource("Encounter", "a", **OF_P1), resource("Encounter", "a", **OF_P2))
    assert owners(read_bundles(tmp_path, x=content)) == ["p1/Encounter/a", "p2/Encounter/a"]


def test_full_urls_resolve_whatever_the_ids_are(tmp_path: Path) -> None:
    content = bundle(
        patient(),
        resource("Encounter", "e1", subject={"reference": "urn:uuid:aaa"}),
        resource("Observation", "o1", subject={"reference": "urn:uuid:aaa"}, encounter={"reference": "urn:uuid:bbb"}),
        resource("Procedure", "x1", basedOn=[{"reference": "urn:uuid:s1"}], **OF_P1),
        resource("ServiceRequest", "s1", **OF_P1),
        kind="transaction",
    )
    content["entry"][0]["fullUrl"] = "urn:uuid:aaa"
    content["entry"][1]["fullUrl"] = "urn:uuid:bbb"
    content["entry"][4]["fullUrl"] = "urn:uuid:s1"
    found = rows(read_bundles(tmp_path, x=content))
    assert found[1]["encounter_id"] == "p1/Encounter/e1"
    assert found[2]["based_on_id"] == "p1/ServiceRequest/s1"


def test_the_same_provider_in_two_bundles_is_one(tmp_path: Path) -> None:
    doctor = resource("Practitioner", "d1")
    found = read_bundles(tmp_path, a=bundle(patient(), doctor), b=bundle(patient("p2"), doctor))
    assert found.tables["provider"].num_rows == 1
    assert reasons_rejected(found) == [("Practitioner", "repeated-resource")]


def test_a_bulk_export_in_any_order_packed_or_not(tmp_path: Path) -> None:
    order = resource("MedicationRequest", "m1", medicationReference={"reference": "Medication/d1"}, **OF_P1)
    visit = resource("Encounter", "e1", type=[concept("visit")], **OF_P2)
    bill = resource(
        "Claim",
        "c1",
        status="active",
        patient=OF_P2["subject"],
        item=[{"productOrService": concept("visit"), "encounter": [{"reference": "Encounter/e1"}]}],
    )
    (tmp_path / "Claim.ndjson").write_text(json.dumps(bill) + "\n")
    (tmp_path / "Encounter.ndjson").write_text(json.dumps(visit) + "\n\n{broken\n[]\n")
    (tmp_path / "MedicationRequest.ndjson").write_text("\ufeff" + json.dumps(order))
    lines = [patient(), patient("p2"), resource("Medication", "d1", code=concept("drug"))]
    packed = "\n".join(json.dumps(line) for line in lines).encode()
    (tmp_path / "zz.ndjson.gz").write_bytes(gzip.compress(packed))
    (tmp_path / "cut.ndjson.gz").write_bytes(gzip.compress(packed)[:-9])
    found = read_fhir_resources(tmp_path)
    assert_accounts_add_up(found)
    assert [(row["event_id"], row["code"]) for row in rows(found)] == [
        ("p2/Encounter/e1", "visit"),
        ("p1/MedicationRequest/m1", "drug"),
        ("p2/Claim/c1#1", "visit"),
    ]
    assert rows(found)[2]["kind"] == "encounter"
    assert [(r["file"], r["row"], r["rule"]) for r in found.rejects.to_pylist()] == [
        ("Encounter.ndjson", 3, "malformed-json"),
        ("Encounter.ndjson", 4, "not-a-resource"),
        ("cut.ndjson.gz", 0, "unreadable-file"),
    ]


def test_a_packed_bundle(tmp_path: Path) -> None:
    file = tmp_path / "one.json.gz"
    file.write_bytes(gzip.compress(json.dumps(bundle(patient(), resource("Encounter"))).encode()))
    assert owners(read_fhir_resources(file)) == ["p1/Encounter/r1"]


def test_a_medication_gives_codes_and_an_empty_bundle_gives_nothing(tmp_path: Path) -> None:
    found = read_bundles(tmp_path, a=bundle(patient(), resource("Medication", "m")), b=bundle())
    assert [(a["table"], a["accepted"]) for a in found.accounts.to_pylist()] == [("Medication", 1), ("Patient", 1)]
