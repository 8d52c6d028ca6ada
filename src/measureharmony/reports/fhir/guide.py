"""What FHIR and the Da Vinci guide "Data Exchange for Quality Measures" (DEQM) call things: names, no logic.

The guide's published release is STU5 (5.0.0, US realm). Its successor (``uv``, 1.0.0-ballot), in which the guide's
newest examples are written, renames every profile; both are here, and a test holds the second against the examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

GapStatus = Literal["open-gap", "closed-gap", "prospective-gap", "not-applicable"]


@dataclass(frozen=True)
class Guide:
    """The names of one release of the guide: profiles, then extensions, then code systems."""

    release: str
    individual: str
    summary: str
    subject_list: str
    gaps_bundle: str
    composition: str
    detected_issue: str
    guidance: str
    scoring: str
    group_direction: str
    gap_status: str
    gap_statuses: str
    gap_reasons: str


def _guide(release: str, base: str, names: Mapping[str, str], systems: Mapping[str, str]) -> Guide:
    profiles = {part: f"{base}/StructureDefinition/{name}" for part, name in names.items()}
    return Guide(release, **profiles, **{part: f"{base}/CodeSystem/{name}" for part, name in systems.items()})


STU5 = _guide(
    "5.0.0",
    "http://hl7.org/fhir/us/davinci-deqm",
    {
        "individual": "indv-measurereport-deqm",
        "summary": "summary-measurereport-deqm",
        "subject_list": "subjectlist-measurereport-deqm",
        "gaps_bundle": "gaps-bundle-deqm",
        "composition": "gaps-composition-deqm",
        "detected_issue": "gaps-detectedissue-deqm",
        "guidance": "gaps-guidanceresponse-detailedcaregap",
        "scoring": "extension-measureScoring",
        "group_direction": "extension-groupImprovementNotation",
        "gap_status": "extension-gapStatus",
    },
    {"gap_statuses": "gaps-status", "gap_reasons": "care-gap-reason"},
)
BALLOT = _guide(
    "1.0.0-ballot",
    "http://hl7.org/fhir/uv/deqm",
    {
        "individual": "deqm-individualmeasurereport",
        "summary": "deqm-summarymeasurereport",
        "subject_list": "deqm-subjectlistmeasurereport",
        "gaps_bundle": "deqm-gapsincarebundle",
        "composition": "deqm-gapsincarecomposition",
        "detected_issue": "deqm-gapsincaredetectedissue",
        "guidance": "deqm-detailedcaregapguidanceresponse",
        "scoring": "deqm-measureScoring",
        "group_direction": "deqm-groupImprovementNotation",
        "gap_status": "deqm-gapStatus",
    },
    {"gap_statuses": "deqm-gaps-status", "gap_reasons": "deqm-care-gap-reason"},
)
#: The releases by the names that users ask for them.
GUIDES: Mapping[str, Guide] = {"stu5": STU5, "uv-ballot": BALLOT}

_TERMS = "http://terminology.hl7.org/CodeSystem"
POPULATION_SYSTEM = f"{_TERMS}/measure-population"
SCORING_SYSTEM = f"{_TERMS}/measure-scoring"
DIRECTION_SYSTEM = f"{_TERMS}/measure-improvement-notation"
IDENTIFIER_TYPES = f"{_TERMS}/v2-0203"
ACT_CODES = f"{_TERMS}/v3-ActCode"
LOINC = "http://loinc.org"
NPI, TIN = "http://hl7.org/fhir/sid/us-npi", "urn:oid:2.16.840.1.113883.4.4"
LINK_ID = "http://hl7.org/fhir/5.0/StructureDefinition/extension-MeasureReport.group"
CRITERIA_REFERENCE = "http://hl7.org/fhir/StructureDefinition/cqf-criteriaReference"

#: Our scoring as FHIR says it. What is observed, divided by what is expected, is a ratio there.
SCORING: Mapping[str, str] = {
    "proportion": "proportion", "continuous": "continuous-variable", "observed_to_expected": "ratio",
}  # fmt: skip
DIRECTION: Mapping[str, str] = {"higher": "increase", "lower": "decrease"}
#: Our populations as FHIR says them; those of a continuous measure have names of their own.
POPULATION: Mapping[str, str] = {
    "initial_population": "initial-population",
    "denominator": "denominator",
    "denominator_exclusion": "denominator-exclusion",
    "numerator": "numerator",
    "numerator_exclusion": "numerator-exclusion",
    "denominator_exception": "denominator-exception",
}
CONTINUOUS_POPULATION: Mapping[str, str] = {
    "initial_population": "initial-population",
    "denominator": "measure-population",
    "denominator_exclusion": "measure-population-exclusion",
}
POPULATION_DISPLAY: Mapping[str, str] = {
    code: code.replace("-", " ").title()
    for code in (*POPULATION.values(), *CONTINUOUS_POPULATION.values(), "measure-observation")
}
#: The resource type of each kind of event.
RESOURCE_TYPE: Mapping[str, str] = {
    "encounter": "Encounter",
    "condition": "Condition",
    "procedure": "Procedure",
    "observation": "Observation",
    "immunization": "Immunization",
    "medication_order": "MedicationRequest",
    "medication_dispense": "MedicationDispense",
    "medication_administration": "MedicationAdministration",
    "medication_dosing": "MedicationRequest",
    "service_request": "ServiceRequest",
    "device_request": "DeviceRequest",
    "communication": "Communication",
    "allergy": "AllergyIntolerance",
    "adverse_event": "AdverseEvent",
    "task": "Task",
}
#: Why a gap is open, as far as the guide has a code: by our reason, then by what evidence there is. ``needs_care`` is
#: also the reason where nobody has looked into what the payer can see.
GAP_REASON: Mapping[tuple[str, str], tuple[str, str]] = {
    ("needs_care", "none"): ("NotFound", "Data Element Not Found"),
    ("needs_care", "number"): ("ValueOutOfRange", "Value is out of specified range"),
    ("too_late", "none"): ("NotFound", "Data Element Not Found"),
    ("too_late", "number"): ("ValueOutOfRange", "Value is out of specified range"),
    ("send_evidence", "none"): ("Missing", "Missing Data Element"),
    ("send_evidence", "number"): ("Missing", "Missing Data Element"),
    ("send_evidence", "other"): ("Missing", "Missing Data Element"),
    ("in_run_out", "none"): ("Missing", "Missing Data Element"),
    ("in_run_out", "number"): ("Missing", "Missing Data Element"),
    ("in_run_out", "other"): ("Missing", "Missing Data Element"),
    ("not_accepted", "none"): ("InvalidAttribute", "Attribute is Invalid"),
    ("not_accepted", "number"): ("InvalidAttribute", "Attribute is Invalid"),
    ("not_accepted", "other"): ("InvalidAttribute", "Attribute is Invalid"),
}
