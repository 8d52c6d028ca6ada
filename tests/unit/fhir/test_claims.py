"""Claims and explanations of benefit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.unit.fhir.bundles import (
    QICORE,
    assert_accounts_add_up,
    codes,
    concept,
    read,
    reasons_rejected,
    resource,
    rows,
)

SPAN = {"start": "2026-03-02T08:00:00Z", "end": "2026-03-04T08:00:00Z"}
VISIT = resource("Encounter", "e1", type=[concept("visit")], period=SPAN)
OF_VISIT = [{"reference": "Encounter/e1"}]


def line(code: str, **elements: Any) -> dict[str, Any]:
    return {"sequence": 1, "productOrService": concept(code), **elements}


def claim(name: str = "c1", /, **elements: Any) -> dict[str, Any]:
    return resource("Claim", name, **{"status": "active", "use": "claim", "billablePeriod": SPAN, **elements})


def eob(**elements: Any) -> dict[str, Any]:
    answered = {"reference": "Claim/c1"}
    return resource("ExplanationOfBenefit", "b1", **{"status": "active", "claim": answered, **elements})


def claimed(folder: Path, *resources: dict[str, Any]) -> list[dict[str, Any]]:
    """The events whose source is a claim."""
    return [row for row in rows(read(folder, *resources)) if "claim" in row["source"]]


def test_a_line_is_a_visit_an_immunization_or_a_procedure(tmp_path: Path) -> None:
    shot = {"sequence": 7, "valueReference": {"reference": "Immunization/i1"}}
    lines = [
        line("visit", encounter=OF_VISIT),
        line("visit"),
        line("vaccine", informationSequence=[7]),
        line("other", encounter=OF_VISIT, net={"value": 12.5}),
    ]
    found = claimed(tmp_path, VISIT, claim(item=lines, supportingInfo=[shot]))
    assert [row["kind"] for row in found] == ["encounter", "encounter", "immunization", "procedure"]
    assert (found[0]["encounter_id"], found[3]["amount"]) == ("p1/Encounter/e1", 12.5)
    assert found[0]["event_id"] == "p1/Claim/c1#1"
    assert {row["start"] for row in found} == {SPAN["start"]}


def test_a_claim_told_by_an_explanation_is_not_told_twice(tmp_path: Path) -> None:
    found = read(tmp_path, VISIT, claim(item=[line("x")]), eob(item=[line("x")]))
    assert [row["event_id"] for row in rows(found) if row["source"] == "claim"] == ["p1/ExplanationOfBenefit/b1#1"]
    assert reasons_rejected(found) == [("Claim", "claim-told-by-eob")]
    assert_accounts_add_up(found)


def test_a_line_dated_outside_its_claim_is_dated_by_the_claim(tmp_path: Path) -> None:
    inside = line("a", servicedDate="2026-03-03")
    outside = line("b", servicedPeriod={"start": "2024-03-03", "end": "2024-03-03"})
    found = claimed(tmp_path, claim(), eob(item=[inside, outside]))
    assert [row["start"] for row in found] == ["2026-03-03", SPAN["start"]]


def test_a_claim_without_dates_is_dated_by_its_visit_or_its_making(tmp_path: Path) -> None:
    undated = claim(billablePeriod=None, item=[line("x", encounter=OF_VISIT)], created="2026-09-09")
    assert claimed(tmp_path, VISIT, undated)[0]["end"] == SPAN["end"]
    assert claimed(tmp_path, undated)[0]["start"] == "2026-09-09"


def test_own_diagnoses_become_conditions_and_referred_ones_are_not_repeated(tmp_path: Path) -> None:
    known = resource("Condition", "d1", code=concept("sick"))
    diagnoses = [
        {"sequence": 1, "diagnosisReference": {"reference": "Condition/d1"}},
        {"sequence": 2, "diagnosisCodeableConcept": concept("icd"), "type": [concept("principal")]},
    ]
    lines = [line("sick", diagnosisSequence=[1]), line("x", diagnosisSequence=[2], servicedDate="2026-03-03")]
    found = read(tmp_path, known, claim(item=lines, diagnosis=diagnoses))
    assert [(r["kind"], r["code"], r["start"]) for r in rows(found) if r["source"] == "claim"] == [
        ("procedure", "x", "2026-03-03"),
        ("condition", "icd", "2026-03-03"),
    ]
    assert codes(found, "category", "p1/Claim/c1#diagnosis2") == ["principal"]


def test_in_qicore_claim_rows_are_kept_apart_from_the_record(tmp_path: Path) -> None:
    known = resource("Condition", "d1", code=concept("sick"))
    diagnoses = [{"sequence": 1, "diagnosisReference": {"reference": "Condition/d1"}}]
    found = read(tmp_path, known, claim(item=[line("x")], diagnosis=diagnoses), strict=True)
    assert [(r["kind"], r["type"]) for r in rows(found) if r["source"] == "claim"] == [
        ("procedure", "other"),
        ("condition", "claim-diagnosis"),
    ]


DIAGNOSIS_TYPE = "http://terminology.hl7.org/CodeSystem/ex-diagnosistype"


def diagnosed(**elements: Any) -> dict[str, Any]:
    """A claim for visit e1 with two diagnoses (the first one principal) on its line, and one on no line."""
    principal = {"type": [concept("principal", system=DIAGNOSIS_TYPE)]}
    diagnoses = [
        {"sequence": 1, "diagnosisReference": {"reference": "Condition/d1"}, **principal},
        {"sequence": 2, "diagnosisCodeableConcept": concept("icd", "icd")},
        {"sequence": 3, "diagnosisCodeableConcept": concept("elsewhere"), **principal},
    ]
    return claim(item=[line("x", encounter=OF_VISIT, diagnosisSequence=[1, 2])], diagnosis=diagnoses, **elements)


def test_a_visit_gets_the_diagnoses_of_its_claims(tmp_path: Path) -> None:
    known = resource("Condition", "d1", code=concept("sick", "ill"), clinicalStatus=concept("inactive"))
    found = read(tmp_path, VISIT, known, diagnosed())
    assert codes(found, "claim_diagnosis", "p1/Encounter/e1") == ["sick", "ill", "icd"]
    assert codes(found, "principal_diagnosis", "p1/Encounter/e1") == ["sick", "ill"]
    for gone in ([known, diagnosed()], [VISIT, known, diagnosed(status="draft")]):
        assert codes(read(tmp_path, *gone), "claim_diagnosis") == []


def test_in_qicore_only_the_profiles_of_claims_and_conditions_give_diagnoses(tmp_path: Path) -> None:
    visit = {**VISIT, "meta": {"profile": [QICORE + "qicore-encounter"]}}
    profile = "qicore-condition-encounter-diagnosis"
    bill = {**diagnosed(), "meta": {"profile": [QICORE + "qicore-claim"]}}
    for known, billed, expected in [
        (resource("Condition", "d1", profile, code=concept("sick")), bill, ["sick"]),
        (resource("Condition", "d1", "qicore-condition", code=concept("sick")), bill, []),
        (resource("Condition", "d1", profile, code=concept("sick")), diagnosed(), []),
    ]:
        found = read(tmp_path, visit, known, billed, strict=True)
        assert codes(found, "principal_diagnosis", "p1/Encounter/e1") == expected


def test_a_claim_that_only_names_diagnoses_of_its_visit_is_used(tmp_path: Path) -> None:
    known = resource("Condition", "d1", code=concept("sick"))
    named = [{"sequence": 1, "diagnosisReference": {"reference": "Condition/d1"}}]
    bill = claim(item=[{"sequence": 1, "encounter": OF_VISIT, "diagnosisSequence": [1]}], diagnosis=named)
    found = read(tmp_path, VISIT, known, bill)
    assert reasons_rejected(found) == []
    assert codes(found, "claim_diagnosis") == ["sick"]


def test_a_line_may_belong_to_several_visits(tmp_path: Path) -> None:
    visits = [*OF_VISIT, {"reference": "Encounter/e2"}, *OF_VISIT]
    found = claimed(tmp_path, VISIT, claim(item=[line("visit", encounter=visits)]))
    assert (found[0]["encounter_id"], found[0]["kind"]) == ("p1/Encounter/e1 p1/Encounter/e2", "encounter")


def test_procedures_that_the_claim_codes_itself(tmp_path: Path) -> None:
    own = {"sequence": 1, "date": "2026-03-03", "procedureCodeableConcept": concept("pcs")}
    found = claimed(tmp_path, claim(procedure=[own, {"procedureReference": {"reference": "Procedure/x"}}]))
    assert [(row["code"], row["start"]) for row in found] == [("pcs", "2026-03-03")]


def test_a_pharmacy_claim_is_a_fill_of_its_prescription(tmp_path: Path) -> None:
    order = resource("MedicationRequest", "m1", medicationCodeableConcept=concept("drug"))
    supply = {"sequence": 1, "category": concept("dayssupply"), "valueQuantity": {"value": 30}}
    pharmacy = claim(
        type=concept("pharmacy"),
        prescription={"reference": "MedicationRequest/m1"},
        supportingInfo=[supply],
        item=[line("visit", informationSequence=[1], quantity={"value": 60})],
    )
    fill = claimed(tmp_path, VISIT, order, pharmacy)[0]
    assert (fill["kind"], fill["source"], fill["code"]) == ("medication_dispense", "pharmacy_claim", "drug")
    assert (fill["days_supply"], fill["quantity"], fill["based_on_id"]) == (30, 60, "p1/MedicationRequest/m1")


def test_the_allowed_amount_comes_before_the_net_amount(tmp_path: Path) -> None:
    adjudication = [{"category": concept("eligible"), "amount": {"value": 80}}]
    assert claimed(tmp_path, claim(item=[line("x", adjudication=adjudication, net={"value": 100})]))[0]["amount"] == 80


def test_what_is_no_claim_for_payment_or_says_nothing_is_rejected(tmp_path: Path) -> None:
    drafts = [claim("a", status="draft"), claim("b", use="preauthorization"), claim("c", item=[])]
    assert reasons_rejected(read(tmp_path, *drafts)) == [
        ("Claim", "claim-not-active"),
        ("Claim", "claim-not-active"),
        ("Claim", "claim-without-new-lines"),
    ]


def test_spans_of_insurance_come_from_claims_only_where_no_coverage_is(tmp_path: Path) -> None:
    def paid(name: str, day: str, payer: str) -> dict[str, Any]:
        insurance = [{"coverage": {"display": payer}}]
        return claim(name, billablePeriod={"start": day, "end": day}, insurance=insurance, item=[line("x")])

    claims = [
        paid("1", "2026-02-10", "medicaid"),
        paid("2", "2026-05-20", "medicaid"),
        paid("3", "2027-01-01", "medicaid"),
        paid("4", "2026-03-01", "no_insurance"),
        paid("5", "nonsense!!", "medicaid"),
    ]
    found = rows(read(tmp_path, *claims), "coverage")
    assert [(r["payer"], r["product_line"], r["start"], r["end"]) for r in found] == [
        ("medicaid", "medicaid", "2026-02-01", "2026-05-31"),
        ("medicaid", "medicaid", "2027-01-01", "2027-01-31"),
    ]
    coverage = resource("Coverage", payor=[{"display": "Acme"}], period={"start": "2020"})
    assert [r["payer"] for r in rows(read(tmp_path, coverage, *claims), "coverage")] == ["Acme"]
