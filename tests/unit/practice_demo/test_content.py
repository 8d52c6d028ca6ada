"""What the demo practice holds: codes that ship with the library, and lives as a practice knows them."""

from __future__ import annotations

import duckdb
import pytest

from measureharmony.practice.demo import codes, demo_tables
from measureharmony.practice.demo.illnesses import ILLNESSES, LATER_ILLNESSES
from measureharmony.value_sets import read_value_sets, shipped_folder

#: The value set that each list of demo codes must be in.
SETS = {
    "OFFICE": "office_visit",
    "TELEPHONE": "telephone_visits",
    "VIRTUAL": "virtual_encounter",
    "HOME": "home_healthcare_services",
    "EMERGENCY": "emergency_department_evaluation_and_management_visit",
    "INPATIENT": "encounter_inpatient",
    "WELLNESS": "annual_wellness_visit",
    "A1C": "hba1c_laboratory_test",
    "MAMMOGRAM_RESULT": "mammography",
    "MAMMOGRAM_CLAIM": "mammography",
    "COLONOSCOPY": "colonoscopy",
    "SIGMOIDOSCOPY": "flexible_sigmoidoscopy",
    "CT_COLONOGRAPHY": "ct_colonography",
    "FIT_RESULT": "fecal_occult_blood_test_fobt",
    "FIT_CLAIM": "fecal_occult_blood_test_fobt",
    "SDNA_RESULT": "sdna_fit_test",
    "SDNA_CLAIM": "sdna_fit_test",
    "PAP_RESULT": "pap_test",
    "PAP_CLAIM": "pap_test",
    "HPV_RESULT": "hpv_test",
    "DEMENTIA_DRUG": "dementia_medications",
    "FRAILTY_DEVICE": "frailty_device",
    "FRAILTY_DIAGNOSIS": "frailty_diagnosis",
    "FRAILTY_VISIT": "frailty_encounter",
    "FRAILTY_SYMPTOM": "frailty_symptom",
    "HOSPICE_VISIT": "hospice_encounter",
    "PALLIATIVE_VISIT": "palliative_care_encounter",
    "DIALYSIS": "dialysis_services",
    "DIALYSIS_MONTH": "esrd_monthly_outpatient_services",
    "COLECTOMY": "total_colectomy",
    "HYSTERECTOMY": "hysterectomy_with_no_residual_cervix",
    "MASTECTOMY": "bilateral_mastectomy",
    "FILTRATION_RATE": "estimated_glomerular_filtration_rate",
    "ALBUMIN_CREATININE": "urine_albumin_creatinine_ratio",
    "RETINOPATHY_GRADE": "diabetic_retinopathy_severity_level",
    "HIGH_INTENSITY_STATIN": "high_intensity_statin_therapy",
    "ANTIDEPRESSANT": "antidepressant_medication",
    "OSTEOPOROSIS_DRUG": "osteoporosis_medications",
    "ASTHMA_CONTROLLER": "inhaled_asthma_controllers",
    "ASTHMA_RELIEVER": "inhaled_asthma_relievers",
    "ADDICTION_DRUG": "medication_treatment_of_alcohol_or_opioid_use",
    "ANTIBIOTIC": "antibiotic_medications_for_upper_respiratory_infection",
    "SMOKER": "tobacco_user",
    "NO_SMOKER": "tobacco_non_user",
    "TOBACCO_COUNSELING": "tobacco_use_cessation_counseling",
    "RECONCILIATION": "medication_reconciliation",
    "CARE_MANAGEMENT": "complex_care_management_services",
    "CONSULTATION": "outpatient_consultation",
    "FRACTURE": "fractures",
    "DENSITY_TEST": "bone_mineral_density_tests",
    "BRONCHITIS": "acute_bronchitis",
    "COMMON_COLD": "upper_respiratory_infection",
    "STREP_TEST": "group_a_streptococcus_test",
    "NUTRITION_COUNSELING": "counseling_for_nutrition",
    "ACTIVITY_COUNSELING": "counseling_for_physical_activity",
    "LEAD_TEST": "lead_tests",
    "DEVELOPMENT_SCREEN": "developmental_screening",
    "DELIVERY": "deliveries",
    "PRENATAL_VISIT": "prenatal_visits",
    "POSTPARTUM_VISIT": "postpartum_visits",
    "CONTRACEPTIVE": "contraceptive_medications",
    "CHLAMYDIA_TEST": "chlamydia_screening",
}
ILLNESS_SETS = {
    "diabetes": "diabetes",
    "hypertension": "essential_hypertension",
    "heart_failure": "advanced_illness",
    "emphysema": "advanced_illness",
    "dementia": "advanced_illness",
    "metastatic_cancer": "advanced_illness",
    "kidney_failure": "end_stage_renal_disease",
    "kidney_disease_5": "chronic_kidney_disease_stage_5",
    "kidney_transplant": "kidney_transplant_recipient",
    "colorectal_cancer": "malignant_neoplasm_of_colon",
    "no_cervix": "congenital_or_acquired_absence_of_cervix",
    "no_breasts": "history_of_bilateral_mastectomy",
    "palliative_care": "palliative_care_diagnosis",
    "coronary_disease": "ischemic_vascular_disease",
    "atrial_fibrillation": "atrial_fibrillation_and_flutter",
    "stroke": "stroke_and_transient_ischemic_attack",
    "kidney_disease": "chronic_kidney_disease",
    "lung_disease": "chronic_obstructive_pulmonary_disease",
    "asthma": "asthma",
    "depression": "major_depression",
    "bipolar": "bipolar_disorder",
    "psychosis": "mental_illness",
    "alcohol_use": "alcohol_use_disorder",
    "opioid_use": "opioid_use_disorder",
    "muscle_pain": "myalgia",
}
#: The value set that each vaccine of the schedules must be in.
VACCINE_SETS = {
    "20": "dtap_vaccine",
    "10": "inactivated_polio_vaccine_ipv",
    "48": "hib_vaccine_4_dose_schedule",
    "08": "hepatitis_b_vaccine",
    "152": "pneumococcal_conjugate_vaccine",
    "116": "rotavirus_vaccine_3_dose_schedule",
    "03": "measles_mumps_and_rubella_mmr_vaccine",
    "21": "varicella_zoster_vaccine_vzv",
    "83": "hepatitis_a_vaccine",
    "150": "child_influenza_vaccine",
    "115": "tdap_vaccine",
    "114": "meningococcal_acwy_vaccine",
    "62": "human_papillomavirus_vaccine",
    codes.ZOSTER_VACCINE: "herpes_zoster_recombinant_vaccine",
    codes.TETANUS_VACCINE: "td_vaccine",
    codes.PNEUMOCOCCAL_VACCINE: "adult_pneumococcal_vaccine",
    codes.HEPATITIS_B_VACCINE: "hepatitis_b_vaccine_3_dose_schedule",
}


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name, table in demo_tables(2000, broken=False).items():
        connection.register(name, table)
    return connection


def number(con: duckdb.DuckDBPyConnection, query: str) -> float:
    row = con.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def test_codes_that_measures_ask_for_are_in_the_shipped_value_sets() -> None:
    shipped, _ = read_value_sets(shipped_folder())
    used = {name: (getattr(codes, name), SETS[name]) for name in SETS}
    illnesses = ILLNESSES | LATER_ILLNESSES
    used |= {name: (illnesses[name].codings, ILLNESS_SETS[name]) for name in ILLNESS_SETS}
    used |= {code: ([((codes.CVX, code), 1)], name) for code, name in VACCINE_SETS.items()}
    strange = [
        (name, code)
        for name, (weighted, value_set) in used.items()
        for (system, code), _ in weighted
        if not shipped[value_set].contains(system, code)
    ]
    assert strange == []
    assert {*codes.CHILDHOOD_SCHEDULE, *codes.ADOLESCENT_SCHEDULE} <= set(VACCINE_SETS)


@pytest.mark.parametrize(
    ("what", "query", "low", "high"),
    [
        ("women", "SELECT avg((sex = 'female')::int) FROM person", 0.49, 0.56),
        ("children", "SELECT avg((birth > '2008-12-31')::int) FROM person", 0.10, 0.16),
        ("died", "SELECT avg(deceased::int) FROM person", 0.002, 0.02),
        (
            "diabetes",
            "SELECT count(DISTINCT person_id) / 2000 FROM event WHERE kind = 'condition' AND code LIKE 'E11%'",
            0.08, 0.16,
        ),
        (
            "hypertension",
            "SELECT count(DISTINCT person_id) / 2000 FROM event WHERE kind = 'condition' AND code = 'I10'",
            0.22, 0.36,
        ),
        (
            "seen this year",
            "SELECT count(DISTINCT person_id) / 2000 FROM event WHERE kind = 'encounter' AND source = 'ehr' "
            "AND start >= '2026-01-01'",
            0.6, 0.95,
        ),
        ("women with a mammogram in time",
         "SELECT count(DISTINCT e.person_id) / (SELECT count(*) FROM person WHERE sex = 'female' AND birth "
         "BETWEEN '1952-01-01' AND '1984-12-31') FROM event e JOIN person p USING (person_id) WHERE sex = 'female' "
         "AND birth BETWEEN '1952-01-01' AND '1984-12-31' AND type = 'clinical-result' AND e.start >= '2024-10-01'",
         0.62, 0.78),
        ("A1c over nine, of tests",
         "SELECT avg((value > 9)::int) FROM event WHERE code = '4548-4' AND unit = '%' AND value > 6.4", 0.08, 0.3),
    ],
)  # fmt: skip
def test_shares_are_those_of_a_primary_care_practice(
    con: duckdb.DuckDBPyConnection, what: str, query: str, low: float, high: float
) -> None:
    assert low <= number(con, query) <= high, what


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("two payers at once", "SELECT count(DISTINCT a.person_id) FROM coverage a JOIN coverage b USING (person_id) "
         "WHERE a.payer = 'medicare' AND b.payer = 'state_medicaid'"),
        ("a change of payer within the year", "SELECT count(*) FROM coverage a JOIN coverage b ON "
         "a.person_id = b.person_id AND a.payer <> b.payer AND b.start = a.\"end\" + 1"),
        ("a gap of 45 days", "SELECT count(*) FROM coverage a JOIN coverage b ON a.person_id = b.person_id AND "
         "a.payer = b.payer AND b.start - a.\"end\" - 1 = 45"),
        ("a gap of 46 days", "SELECT count(*) FROM coverage a JOIN coverage b ON a.person_id = b.person_id AND "
         "a.payer = b.payer AND b.start - a.\"end\" - 1 = 46"),
        ("spans within spans", "SELECT count(*) FROM coverage a JOIN coverage b ON a.person_id = b.person_id AND "
         "a.payer = b.payer AND b.start > a.start AND b.\"end\" < a.\"end\""),
        ("listed but not covered", "SELECT count(*) FROM roster r WHERE program = 'ma_stars' AND NOT EXISTS "
         "(FROM coverage c WHERE c.person_id = r.person_id AND payer = 'silver_shield')"),
        ("dropped from a list", "SELECT count(*) FROM roster WHERE change = 'dropped'"),
        ("several readings on a day", "SELECT count(*) FROM event WHERE code = '85354-9' AND sequence = 2"),
        ("readings as two single results", "SELECT count(*) FROM event WHERE code = '8480-6' AND parent_id IS NULL"),
        ("a result without a value", "SELECT count(*) FROM event WHERE code = '4548-4' AND value IS NULL"),
        ("a result in another unit", "SELECT count(*) FROM event WHERE code = '4548-4' AND unit = 'mmol/mol'"),
        ("a result in words", "SELECT count(*) FROM event WHERE value_type = 'text' AND code = '4548-4'"),
        ("screenings only claims know of", "SELECT count(*) FROM event c WHERE code = '77067' AND source = 'claim' AND "
         "NOT EXISTS (FROM event r WHERE r.person_id = c.person_id AND r.type = 'clinical-result' "
         "AND r.start >= '2024-10-01') AND c.start >= '2024-10-01'"),
        ("hypertension found after June", "SELECT count(*) FROM event WHERE code = 'I10' AND type = 'problem' "
         "AND start >= '2026-07-01'"),
        ("a condition over, nobody knows since when", "SELECT count(*) FROM event WHERE clinical_status = 'resolved' "
         "AND \"end\" IS NULL"),
        ("patient-reported evidence", "SELECT count(*) FROM event WHERE source = 'patient_reported'"),
        ("supplemental evidence", "SELECT count(*) FROM event WHERE source = 'supplemental_nonstandard'"),
        ("things not done", "SELECT count(*) FROM event WHERE not_done"),
        ("fills that were taken back", "SELECT count(*) FROM event WHERE kind = 'medication_dispense' AND status = "
         "'cancelled'"),
        ("two fills of a drug before the first one is used up", "SELECT count(*) FROM event a JOIN event b ON "
         "a.person_id = b.person_id AND a.code = b.code AND a.kind = 'medication_dispense' AND b.kind = a.kind AND "
         "b.start > a.start AND b.start < a.start + a.days_supply::int"),
        ("a stay soon after a stay", "SELECT count(*) FROM event a JOIN event b ON a.person_id = b.person_id AND "
         "a.code = 'IMP' AND b.code = 'IMP' AND b.start > a.\"end\" AND b.start <= a.\"end\" + 30"),
        ("an emergency visit that nothing follows in a month", "SELECT count(*) FROM event a JOIN event_code USING "
         "(event_id) WHERE role = 'class' AND event_code.code = 'EMER' AND NOT EXISTS (FROM event b WHERE "
         "b.person_id = a.person_id AND b.kind = 'encounter' AND b.start > a.start AND b.start <= a.start + 30)"),
        ("children who missed a dose", "SELECT count(*) FROM (SELECT person_id FROM person JOIN event e USING "
         "(person_id) WHERE birth BETWEEN '2022-01-01' AND '2023-12-31' AND e.code = '20' GROUP BY person_id "
         "HAVING count(*) < 4)"),
        ("screenings that were declined", "SELECT count(*) FROM event_code WHERE role = 'not_done_reason'"),
        ("eye exams only claims know of", "SELECT count(*) FROM event c WHERE code = '92014' AND NOT EXISTS "
         "(FROM event r WHERE r.person_id = c.person_id AND r.code = '71490-7' AND r.start = c.start)"),
        ("people in a nursing home", "SELECT count(*) FROM event_code WHERE code = '160734000'"),
    ],
)  # fmt: skip
def test_the_traps_of_real_data_are_there(con: duckdb.DuckDBPyConnection, what: str, query: str) -> None:
    assert number(con, query) > 0, what


def test_everybody_keeps_to_one_drug_of_a_kind(con: duckdb.DuckDBPyConnection) -> None:
    statins = "('312961', '83367')"
    both = (
        f"SELECT count(*) FROM (SELECT person_id FROM event WHERE kind = 'medication_dispense' AND code IN {statins} "
        "GROUP BY person_id HAVING count(DISTINCT code) > 1)"
    )
    assert number(con, both) == 0
