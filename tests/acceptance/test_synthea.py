"""Synthea's people read whole: every resource of every file is accounted for, and what comes out is plausible.

The counts are facts of the two published archives; a change here means that the reader's mapping changed.
"""

from __future__ import annotations

from collections import Counter

from measureharmony.practice.fhir import FhirTables

#: Resource type → (read, accepted) in the 235 bundles of 2010–2021.
BUNDLES = {
    "AllergyIntolerance": (120, 120),
    "CarePlan": (666, 0),
    "Claim": (8173, 1745),
    "Condition": (1781, 1781),
    "DiagnosticReport": (2431, 0),
    "Encounter": (6428, 6428),
    "ExplanationOfBenefit": (6428, 6428),
    "Goal": (463, 0),
    "ImagingStudy": (116, 0),
    "Immunization": (2728, 2728),
    "MedicationRequest": (1745, 1745),
    "Observation": (33534, 33534),
    "Organization": (473, 102),
    "Patient": (233, 233),
    "Practitioner": (473, 102),
    "Procedure": (5077, 5077),
}
#: The same of the ten people with named payers.
NAMED_PAYERS = {
    "AllergyIntolerance": (32, 32),
    "CarePlan": (69, 0),
    "CareTeam": (69, 0),
    "Claim": (963, 0),
    "Condition": (949, 949),
    "Coverage": (27, 27),
    "Device": (39, 0),
    "DiagnosticReport": (818, 0),
    "DocumentReference": (963, 0),
    "Encounter": (963, 963),
    "ExplanationOfBenefit": (963, 963),
    "Goal": (19, 0),
    "ImagingStudy": (29, 0),
    "Immunization": (578, 578),
    "Location": (37, 0),
    "MedicationAdministration": (38, 38),
    "MedicationRequest": (235, 235),
    "Observation": (9200, 9200),
    "Organization": (53, 33),
    "Patient": (10, 10),
    "Practitioner": (88, 72),
    "PractitionerRole": (88, 0),
    "Procedure": (1944, 1944),
    "Provenance": (10, 0),
    "SupplyDelivery": (164, 0),
}


def _counts(found: FhirTables) -> dict[str, tuple[int, int]]:
    """Resource type → (read, accepted), all files together; read is accepted + rejected, row by row."""
    totals: Counter[tuple[str, str]] = Counter()
    for row in found.accounts.to_pylist():
        assert row["rows_in"] == row["accepted"] + row["rejected"]
        totals[row["table"], "in"] += row["rows_in"]
        totals[row["table"], "accepted"] += row["accepted"]
    return {kind: (totals[kind, "in"], totals[kind, "accepted"]) for kind, _ in totals}


def _kinds(found: FhirTables) -> dict[tuple[str, str], int]:
    events = found.tables["event"]
    return dict(Counter(zip(events["kind"].to_pylist(), events["source"].to_pylist(), strict=True)))


def test_every_resource_of_the_235_bundles_is_accounted_for(bundles: FhirTables) -> None:
    assert _counts(bundles) == BUNDLES
    assert len(set(bundles.accounts["file"].to_pylist())) == 235
    assert Counter(bundles.rejects["rule"].to_pylist()) == {
        "claim-told-by-eob": 6428,
        "no-place-in-contract": 3676,
        "repeated-resource": 742,
    }


def test_the_235_bundles_become_233_people_and_their_record(bundles: FhirTables) -> None:
    people = bundles.tables["person"]
    assert Counter(people["sex"].to_pylist()) == {"male": 119, "female": 114}
    assert people["deceased"].to_pylist().count(True) == 43
    assert _kinds(bundles) == {
        ("allergy", "ehr"): 120,
        ("condition", "ehr"): 1781,
        ("encounter", "ehr"): 6428,
        ("encounter", "claim"): 6428,
        ("immunization", "ehr"): 2728,
        ("immunization", "claim"): 2728,
        ("medication_order", "ehr"): 1745,
        ("medication_dispense", "pharmacy_claim"): 1745,
        ("observation", "ehr"): 33534 + 4106,  # with the components of panels
        ("procedure", "ehr"): 5077,
        ("procedure", "claim"): 5077,
    }


def test_links_lead_to_events_of_the_same_dataset(bundles: FhirTables, named_payers: FhirTables) -> None:
    for found in (bundles, named_payers):
        events = found.tables["event"]
        known = set(events["event_id"].to_pylist())
        assert len(known) == events.num_rows
        for column in ("encounter_id", "parent_id", "based_on_id"):
            assert set(events[column].drop_null().to_pylist()) <= known
        assert set(events["provider_id"].drop_null().to_pylist()) <= set(
            found.tables["provider"]["provider_id"].to_pylist()
        )
        assert set(found.tables["event_code"]["event_id"].to_pylist()) <= known


def test_without_coverage_resources_insurance_comes_from_claims(bundles: FhirTables) -> None:
    coverage = bundles.tables["coverage"].to_pylist()
    assert Counter((row["payer"], row["product_line"]) for row in coverage) == {
        ("private", "commercial"): 1924,
        ("medicare", "medicare_ffs"): 529,
        ("medicaid", "medicaid"): 386,
        ("dual_eligible", "other"): 53,
    }
    assert all(row["start"][:4] == row["end"][:4] for row in coverage)


def test_claims_are_dated_like_the_visits_they_bill(bundles: FhirTables) -> None:
    events = bundles.tables["event"].to_pylist()
    visits = {row["event_id"]: row["start"][:10] for row in events if row["kind"] == "encounter"}
    billed = [row for row in events if row["source"] == "claim" and row["kind"] == "encounter"]
    assert sum(row["start"][:10] != visits[row["encounter_id"]] for row in billed) <= 1


def test_every_resource_of_the_ten_people_is_accounted_for(named_payers: FhirTables) -> None:
    assert _counts(named_payers) == NAMED_PAYERS
    assert Counter(named_payers.rejects["rule"].to_pylist())["claim-told-by-eob"] == 963


def test_the_ten_people_keep_their_named_payers(named_payers: FhirTables) -> None:
    payers = Counter(row["payer"] for row in named_payers.tables["coverage"].to_pylist() if "-" not in row["payer"])
    assert payers == {
        "Aetna": 9,
        "Anthem": 6,
        "Cigna Health": 6,
        "Humana": 1,
        "Medicaid": 1,
        "UnitedHealthcare": 1,
    }
    types = Counter(word for cell in named_payers.tables["event"]["type"].to_pylist() for word in (cell or "").split())
    assert types["blood-pressure"] == types["bp-panel"] == 330
    assert types["component"] == 660
    assert (types["problem"], types["encounter-diagnosis"], types["lab"]) == (23, 926, 4082)
