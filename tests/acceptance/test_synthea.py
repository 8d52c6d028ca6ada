"""Synthea's people read whole: every resource of every file is accounted for, and what comes out is plausible.

The counts are facts of the two published archives; a change here means that the reader's mapping changed.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from measureharmony.harmonize import evaluate
from measureharmony.practice import Practice
from measureharmony.practice.fhir import FhirTables
from measureharmony.reports.remarks import remarks
from measureharmony.reports.results import Results
from measureharmony.specs import Specs

CORE = ("bcs", "cbp", "ccs", "col", "gsd")
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
    "Location": (37, 37),
    "MedicationAdministration": (38, 38),
    "MedicationRequest": (235, 235),
    "Observation": (9200, 9200),
    "Organization": (53, 33),
    "Patient": (10, 10),
    "Practitioner": (88, 72),
    "PractitionerRole": (88, 88),
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


# --- evaluated ------------------------------------------------------------------------------------------------------


def _with_general_hypertension(specs: Specs) -> Specs:
    """Synthea codes every hypertension as 38341003, which the published set of essential hypertension does not hold."""
    published = specs.value_sets["essential_hypertension"]
    general = ("http://snomed.info/sct", "38341003")
    return replace(specs, value_sets=specs.value_sets.overlaid([replace(published, codes=published.codes | {general})]))


@pytest.fixture(scope="module")
def results(synthea: Practice, published_specs: Specs) -> Results:
    """Five measures of the year 2020, in which most of them were seen."""
    return evaluate(synthea, _with_general_hypertension(published_specs), year=2020, measures=CORE)


def _whole(results: Results, program: str) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(measure, rate) → above, below, excluded."""
    return {
        (row["measure"], row["rate"]): (row["above"], row["below"], row["denominator_exclusion"])
        for row in results.rates.to_dicts()
        if row["program"] == program and not row["stratum"]
    }


def test_rates_of_2020_make_sense(results: Results) -> None:
    """No mammogram and no cell test is in the data, colonoscopies are; diabetes is mild and hypertension is not."""
    assert _whole(results, "canonical") == {
        ("bcs", "screened"): (0, 42, 0),
        ("cbp", "controlled"): (0, 34, 2),
        ("ccs", "screened"): (0, 43, 0),
        ("col", "screened"): (51, 82, 2),
        ("gsd", "poor_control"): (0, 11, 0),
        ("gsd", "good_control"): (11, 11, 0),
    }


def test_who_is_counted_can_be_seen_in_the_record(results: Results, synthea: Practice) -> None:
    """Counted again by hand: women of 42 to 74 at the year's end with a visit of an accepted type in it."""
    asked = {row["person_id"] for row in results.outcomes.to_dicts() if row["measure"] == "bcs" and row["denominator"]}
    women = {
        row["person_id"]
        for row in synthea.table("person").to_pylist()
        if row["sex"] == "female" and 42 <= 2020 - int(row["birth"][:4]) <= 74
    }
    seen = {
        row["person_id"]
        for row in synthea.table("event").to_pylist()
        if row["kind"] == "encounter" and row["start"].startswith("2020")
    }
    assert asked <= women & seen
    assert len(women & seen) - len(asked) <= 3  # seen for an emergency only


def test_every_uncontrolled_pressure_is_indeed_too_high(results: Results) -> None:
    gaps = [row for row in results.care_gaps.to_dicts() if row["measure"] == "cbp"]
    assert len(gaps) == 34
    for gap in gaps:
        systolic, diastolic = map(float, str(gap["evidence_values"]).split("/"))
        assert systolic >= 140 or diastolic >= 90
        assert str(gap["evidence_date"]).startswith("2020")


def test_colonoscopies_are_the_evidence_of_the_screened(results: Results) -> None:
    screened = [row for row in results.outcomes.to_dicts() if row["measure"] == "col" and row["numerator"]
                and row["program"] == "canonical"]  # fmt: skip
    assert len(screened) == 51
    assert {row["evidence_date"].year for row in screened} <= set(range(2011, 2021))
    # The record and the claim tell the same procedure; of two alike the later one told is shown.
    assert {str(row["evidence_id"]).split("/")[1] for row in screened} <= {"Procedure", "ExplanationOfBenefit"}


def test_gaps_are_missed_years_later_and_each_person_has_one_row(results: Results) -> None:
    gaps = results.care_gaps.to_dicts()
    assert Counter(gap["measure"] for gap in gaps) == {"bcs": 42, "ccs": 43, "col": 31, "cbp": 34}
    assert {gap["status"] for gap in gaps} == {"missed"}
    assert len({(gap["person_id"], gap["measure"], gap["rate"]) for gap in gaps}) == len(gaps)


def test_an_explanation_tells_visit_evidence_and_result(results: Results) -> None:
    gap = next(row for row in results.care_gaps.to_dicts() if row["measure"] == "cbp")
    told = str(results.explain(str(gap["person_id"]), "cbp"))
    assert "result: care gap" in told
    assert re.search(
        r"yes +has hypertension, some of it from 2020-01-01 to 2020-06-30\n +\+ \d{4}-\d\d-\d\d condition", told
    )
    assert re.search(r"yes +has visits: adult outpatient, .*\n +\+ 2020-\d\d-\d\d encounter \d+ \(", told)
    assert re.search(r"- 2020-\d\d-\d\d observation 8480-6 [\d.]+ mm\[Hg\] found, but .* is not below 140", told)


def test_programs_of_other_payers_have_nobody(results: Results) -> None:
    """Synthea's older people have payers of kinds, not of names: only Medicare's program finds its own."""
    programs = Counter(row["program"] for row in results.outcomes.to_dicts() if row["measure"] == "col")
    assert programs["canonical"] == 233
    assert set(programs) == {"canonical", "mssp_app_plus"}


def test_with_the_shipped_value_sets_alone_the_summary_says_what_is_missing(synthea: Practice, specs: Specs) -> None:
    """Everything is coded in SNOMED CT, which is not shipped: no rate, and the reason in words."""
    results = evaluate(synthea, specs, year=2020, programs=["canonical"], measures=CORE)
    assert {row["below"] for row in results.rates.to_dicts()} == {0}
    told = list(remarks(results, []))
    assert any("Nobody is in the denominator of Breast cancer screening" in text and "visits" in text for text in told)
