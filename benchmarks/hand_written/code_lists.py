"""The code lists that an analyst has beside the measures, written as a table that both ways by hand read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from measureharmony.spec_files import spec_folder
from measureharmony.value_sets import ValueSet, read_value_sets

Coding = tuple[str, str]

_LOINC = "http://loinc.org"
_SNOMED = "http://snomed.info/sct"
_CPT = "http://www.ama-assn.org/go/cpt"
_HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"

#: Value sets that the measures name.
_NAMED = (
    "advanced_illness", "bilateral_mastectomy", "colonoscopy", "congenital_or_acquired_absence_of_cervix",
    "ct_colonography", "dementia_medications", "diabetes", "encounter_inpatient", "esrd_monthly_outpatient_services",
    "essential_hypertension", "fecal_occult_blood_test_fobt", "flexible_sigmoidoscopy", "frailty_device",
    "frailty_diagnosis", "frailty_encounter", "frailty_symptom", "history_of_bilateral_mastectomy",
    "hospice_care_ambulatory", "hospice_diagnosis", "hospice_encounter", "hpv_test",
    "hysterectomy_with_no_residual_cervix", "malignant_neoplasm_of_colon", "mammography", "palliative_care_diagnosis",
    "palliative_care_encounter", "palliative_care_intervention", "pap_test", "sdna_fit_test",
    "status_post_left_mastectomy", "status_post_right_mastectomy", "total_colectomy", "unilateral_mastectomy_left",
    "unilateral_mastectomy_right", "unilateral_mastectomy_unspecified_laterality",
)  # fmt: skip
_OFFICE = (
    "office_visit", "preventive_care_established_office_visit_18_up", "preventive_care_initial_office_visit_18_up",
    "home_healthcare_services", "telephone_visits",
)  # fmt: skip
#: Several value sets, for one question each.
_COMBINED = {
    "visit": (*_OFFICE, "annual_wellness_visit", "virtual_encounter"),
    "ccs_visit": (*_OFFICE, "virtual_encounter"),
    "gsd_visit": (*_OFFICE, "annual_wellness_visit", "nutrition_services"),
    "assessment": ("hba1c_laboratory_test",),
    "pregnancy_or_kidney_disease": (
        "pregnancy", "end_stage_renal_disease", "kidney_transplant_recipient", "chronic_kidney_disease_stage_5",
    ),
    "kidney_replacement": ("kidney_transplant", "dialysis_services"),
    "acute_visit": ("encounter_inpatient", "emergency_department_evaluation_and_management_visit"),
}  # fmt: skip
#: Single codes, lists of their own or added to those above.
_SINGLE: dict[str, set[Coding]] = {
    "gsd_visit": {(_CPT, "97802"), (_CPT, "97803"), (_CPT, "97804"), (_HCPCS, "G0270"), (_HCPCS, "G0271")},
    "assessment": {(_LOINC, "97506-0")},
    "blood_pressure": {(_LOINC, "85354-9")},
    "systolic": {(_LOINC, "8480-6")},
    "diastolic": {(_LOINC, "8462-4")},
    "device_used": {(_LOINC, "98181-1")},
    "housing_status": {(_LOINC, "71802-3")},
    "hospice_question": {(_LOINC, "45755-6")},
    "palliative_question": {(_LOINC, "71007-9")},
    "nursing_home": {(_SNOMED, "160734000")},
    "yes": {(_SNOMED, "373066001")},
    "to_hospice": {(_SNOMED, "428361000124107"), (_SNOMED, "428371000124100")},
    "left": {(_SNOMED, "7771000")},
    "right": {(_SNOMED, "24028007")},
}


def write_code_lists(path: Path, data: Path) -> None:
    """Write all lists as one Parquet table (``list``, ``system``, ``code``).

    Where a value set holds every code with some beginning, those of the practice ``data`` are written out.
    """
    found = duckdb.sql(
        f"SELECT code_system, code FROM read_parquet('{data}/event/*.parquet') WHERE code IS NOT NULL "
        f"UNION SELECT system, code FROM read_parquet('{data}/event_code/*.parquet')"
    ).fetchall()
    sets, _ = read_value_sets(spec_folder() / "value_sets")
    parts = {name: (name,) for name in _NAMED} | _COMBINED
    lists = {name: {c for part in of for c in _codes(sets[part], found)} for name, of in parts.items()}
    for name, codes in _SINGLE.items():
        lists[name] = lists.get(name, set()) | codes
    rows = [{"list": name, "system": s, "code": code} for name, codes in lists.items() for s, code in sorted(codes)]
    pq.write_table(pa.Table.from_pylist(rows), path)


def _codes(value_set: ValueSet, found: Iterable[Coding]) -> set[Coding]:
    if not value_set.patterns:
        return set(value_set.codes)
    return {*value_set.codes, *(coding for coding in found if value_set.contains(*coding))}
