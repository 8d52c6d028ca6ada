"""What the demo practice holds: codes that ship with the library, and lives as a practice knows them."""

from __future__ import annotations

import duckdb
import pytest

from measureharmony.practice.demo import codes, demo_tables
from measureharmony.practice.demo.people import ILLNESSES
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
    used |= {name: (ILLNESSES[name].codings, ILLNESS_SETS[name]) for name in ILLNESS_SETS}
    strange = [
        (name, code)
        for name, (weighted, value_set) in used.items()
        for (system, code), _ in weighted
        if not shipped[value_set].contains(system, code)
    ]
    assert strange == []


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
        ("people in a nursing home", "SELECT count(*) FROM event_code WHERE code = '160734000'"),
    ],
)  # fmt: skip
def test_the_traps_of_real_data_are_there(con: duckdb.DuckDBPyConnection, what: str, query: str) -> None:
    assert number(con, query) > 0, what
