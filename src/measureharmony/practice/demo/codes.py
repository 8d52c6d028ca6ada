"""The codes that occur in the demo practice. All but local ones stand in the shipped value sets or are direct codes.

CPT codes by number only, without descriptors.
"""

from __future__ import annotations

from measureharmony.practice.demo.journal import Coding

LOINC = "http://loinc.org"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
CVX = "http://hl7.org/fhir/sid/cvx"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
SNOMED = "http://snomed.info/sct"
LOCAL_LAB = "http://demo.example/lab-codes"


def weighted(system: str, text: str) -> list[tuple[Coding, float]]:
    """Codings with weights from ``"4548-4:8 17856-6:2"``; a weight left out is 1."""
    entries = (entry.partition(":") for entry in text.split())
    return [((system, code), float(weight or 1)) for code, _, weight in entries]


# Visits
OFFICE = weighted(CPT, "99212:1 99213:5 99214:4 99215:1 99203:1 99204:1")
TELEPHONE = weighted(CPT, "98966:1 98967:1 99441:2 99442:2 99443:1")
VIRTUAL = weighted(CPT, "99421:3 99422:2 98970:1") + weighted(HCPCS, "G2010 G2012:2")
HOME = weighted(CPT, "99347:1 99348:2 99349:2 99341:1")
EMERGENCY = weighted(CPT, "99283:3 99284:4 99285:2 99282:1")
INPATIENT = weighted(ACT_CODE, "IMP")
WELLNESS = weighted(HCPCS, "G0439:8 G0438:2")
#: Preventive visits: upper age bound of the band, code of an established person.
PREVENTIVE_BY_AGE = (
    (0, "99391"), (4, "99392"), (11, "99393"), (17, "99394"), (39, "99395"), (64, "99396"), (200, "99397"),
)  # fmt: skip

# Direct codes of the official logic: the only SNOMED CT codes here, taken from the measures that name them.
DISCHARGED_TO_HOSPICE_AT_HOME = (SNOMED, "428361000124107")
NURSING_HOME = (SNOMED, "160734000")
HOUSING_STATUS = (LOINC, "71802-3")

# Results
A1C = weighted(LOINC, "4548-4:8 17856-6:1 4549-2:1")
GMI = (LOINC, "97506-0")
BLOOD_PRESSURE = (LOINC, "85354-9")
SYSTOLIC = (LOINC, "8480-6")
DIASTOLIC = (LOINC, "8462-4")
NEGATIVE = (LOINC, "LA6577-6")
POSITIVE = (LOINC, "LA6576-8")
#: Other results: coding, unit, mean, spread, type word, category.
OTHER_RESULTS = (
    ((LOINC, "2093-3"), "mg/dL", 188, 35, "lab", "laboratory"),
    ((LOINC, "2085-9"), "mg/dL", 52, 14, "lab", "laboratory"),
    ((LOINC, "13457-7"), "mg/dL", 108, 30, "lab", "laboratory"),
    ((LOINC, "2345-7"), "mg/dL", 101, 22, "lab", "laboratory"),
    ((LOINC, "2160-0"), "mg/dL", 0.95, 0.2, "lab", "laboratory"),
    ((LOINC, "718-7"), "g/dL", 13.8, 1.4, "lab", "laboratory"),
    ((LOINC, "2823-3"), "mmol/L", 4.2, 0.4, "lab", "laboratory"),
    ((LOINC, "8867-4"), "/min", 74, 10, "heart-rate", "vital-signs"),
    ((LOINC, "29463-7"), "kg", 82, 18, "body-weight", "vital-signs"),
    ((LOINC, "39156-5"), "kg/m2", 28.5, 5.5, "bmi", "vital-signs"),
)

# Screenings
MAMMOGRAM_RESULT = weighted(LOINC, "24606-6:7 37542-8:2 26346-7:1")
MAMMOGRAM_CLAIM = weighted(CPT, "77067:8 77066:1 77065:1")
COLONOSCOPY = weighted(CPT, "45378:4 45380:4 45385:3") + weighted(HCPCS, "G0121:2 G0105:1")
SIGMOIDOSCOPY = weighted(CPT, "45330:3 45331:1")
CT_COLONOGRAPHY = weighted(LOINC, "79101-2:2 60515-4:1")
FIT_RESULT = weighted(LOINC, "29771-3:4 57905-2:2 27396-1:1")
FIT_CLAIM = weighted(CPT, "82274:5 82270:1")
SDNA_RESULT = weighted(LOINC, "77353-1:3 77354-9:1")
SDNA_CLAIM = weighted(CPT, "81528")
PAP_RESULT = weighted(LOINC, "47527-7:5 19762-4:2 10524-7:1")
PAP_CLAIM = weighted(CPT, "88175:5 88142:3")
HPV_RESULT = weighted(LOINC, "82675-0:3 21440-3:2 77379-6:1")

# Drugs: RxNorm clinical drugs and ingredients
METFORMIN = weighted(RXNORM, "860975:4 6809:1")
STATIN = weighted(RXNORM, "312961:3 83367:2")
BLOOD_PRESSURE_DRUG = weighted(RXNORM, "314076:4 197361:3 310798:2 979485:2")
DEMENTIA_DRUG = weighted(RXNORM, "997223:3 996561:2 135447:1")
FLU_VACCINE = weighted(CVX, "150:5 140:3 185:2 197:1")
ADULT_VACCINE = weighted(CVX, "115:3 187:3 216:2 33:1")
CHILD_VACCINE = weighted(CVX, "20:4 10:3 03:2 21:2 114:1 62:1")

# Frailty, palliative and hospice care, kidney failure
FRAILTY_DEVICE = weighted(HCPCS, "E0143:4 E0100:3 E0260:1 E1130:2 E0431:1")
FRAILTY_DIAGNOSIS = weighted(ICD10CM, "Z74.1:3 Z91.81:3 M62.81:2 Z99.3:1 Z74.09:2")
FRAILTY_VISIT = weighted(HCPCS, "T1019:3 G0299:2 S9123:1")
FRAILTY_SYMPTOM = weighted(ICD10CM, "R26.2 R53.1:2 R54:2")
HOSPICE_VISIT = weighted(HCPCS, "T2042:3 Q5005:1 G9473:1")
PALLIATIVE_VISIT = weighted(HCPCS, "M1017:2 G9054:1")
DIALYSIS = weighted(CPT, "90935:4 90945:1")
DIALYSIS_MONTH = weighted(CPT, "90960:2 90961:2 90966:1")
COLECTOMY = weighted(CPT, "44150 44210")
HYSTERECTOMY = weighted(CPT, "58571:3 58150:2 58262:1")
MASTECTOMY = weighted(ICD10PCS, "0HTV0ZZ")
#: Complaints that fill charts and that no measure asks for.
EVERYDAY_DIAGNOSIS = weighted(ICD10CM, "J06.9:5 M54.50:4 K21.9:3 F41.1:2 N39.0:2 L30.9:2 R05.9:2 J30.9:2 G43.909:1")
EVERYDAY_PROCEDURE = weighted(CPT, "36415:6 93000:2 81002:2 96372:1")

# Diabetes: kidneys and eyes
FILTRATION_RATE = weighted(LOINC, "98979-8:6 62238-1:2 33914-3:1")
ALBUMIN_CREATININE = weighted(LOINC, "9318-7:5 14959-1:2 32294-1:1")
#: Graded pictures of the left and the right eye: the shipped sets hold these codes alone of all eye exams.
EYE_GRADE = ((LOINC, "71490-7"), (LOINC, "71491-5"))
RETINOPATHY_GRADE = weighted(LOINC, "LA18643-9:80 LA18644-7:10 LA18645-4:6 LA18646-2:2 LA18648-8:2")
EYE_EXAM_CLAIM = weighted(CPT, "92014:5 92012:2 92004:1 92228:1 2022F:1")

# Fills
HIGH_INTENSITY_STATIN = weighted(RXNORM, "617311:4 259255:2 859751:2")
SECOND_DIABETES_DRUG = weighted(RXNORM, "310488:3 1545653:3 1991302:3 274783:2")
ANTIDEPRESSANT = weighted(RXNORM, "312941:4 310385:3 321988:2 200371:2 39786:1")
OSTEOPOROSIS_DRUG = weighted(RXNORM, "46041:5 73056:2 77655:1")
ASTHMA_CONTROLLER = weighted(RXNORM, "895994")
ASTHMA_RELIEVER = weighted(RXNORM, "745679:3 2123111:2")
ADDICTION_DRUG = weighted(RXNORM, "1819:4 7243:2 82819:1")
ANTIBIOTIC = weighted(RXNORM, "308182:4 308191:2 308460:3 197517:1")

# Answers at visits
DEPRESSION_TOOL = ((LOINC, "73831-0"), (LOINC, "73832-8"))
PHQ9_SCORE = (LOINC, "44261-6")
DEPRESSION_NEGATIVE = (SNOMED, "428171000124102")
DEPRESSION_POSITIVE = (SNOMED, "428181000124104")
DECLINED = (SNOMED, "720834000")
TOBACCO_STATUS = (LOINC, "72166-2")
SMOKER = weighted(LOINC, "LA18976-3:3 LA18977-1:1")
NO_SMOKER = weighted(LOINC, "LA18978-9:3 LA15920-4:1")
TOBACCO_COUNSELING = weighted(CPT, "99406:3 99407:1")

# Hospitals and emergency departments
STAY_REASON = weighted(ICD10CM, "J18.9:4 A41.9:3 I50.33:3 N17.9:2 K35.80:1 I21.4:1 J44.1:1 K92.2:1")
EMERGENCY_REASON = weighted(ICD10CM, "R07.9:4 R10.9:4 S93.401A:2 N39.0:2 M54.50:2 R51.9:1 K59.00:1")
RECONCILIATION = weighted(CPT, "1111F:5 99495:3 99496:2")
CARE_MANAGEMENT = weighted(CPT, "99490:4 99491:1 99487:1")
PSYCHOTHERAPY = weighted(CPT, "90834:4 90837:3 90832:2 90791:1")
ADDICTION_CARE = weighted(HCPCS, "H0005:3 H0015:2 H0001:1") + weighted(CPT, "90834:2")
CONSULTATION = weighted(CPT, "99243:3 99244:2")

# Bones
FRACTURE = weighted(ICD10CM, "S52.501A:3 S52.502A:3 S42.201A:2 S72.001A:2 S32.010A:2 S22.31XA:1")
DENSITY_TEST = weighted(CPT, "77080:8 77085:1")

# Airways
BRONCHITIS = weighted(ICD10CM, "J20.9:6 J20.8:1")
SORE_THROAT = weighted(ICD10CM, "J02.9:5 J02.0:2 J03.90:1")
COMMON_COLD = weighted(ICD10CM, "J06.9:3 J00:1")
STREP_TEST = weighted(LOINC, "11268-0:2 6557-3:1 17656-0:1")

# Children
BMI_PERCENTILE = (LOINC, "59576-9")
BODY_HEIGHT = (LOINC, "8302-2")
BODY_WEIGHT = (LOINC, "29463-7")
NUTRITION_COUNSELING = weighted(HCPCS, "S9470:2 S9452:1") + weighted(CPT, "97802:1")
ACTIVITY_COUNSELING = weighted(HCPCS, "S9451")
LEAD_TEST = weighted(CPT, "83655")
DEVELOPMENT_SCREEN = weighted(CPT, "96110")

#: Vaccines of the first two years: CVX code, months of life at which a dose is due.
CHILDHOOD_SCHEDULE = {
    "20": (2, 4, 6, 15), "10": (2, 4, 6), "48": (2, 4, 6, 12), "08": (0, 2, 6), "152": (2, 4, 6, 12),
    "116": (2, 4, 6), "03": (12,), "21": (12,), "83": (12, 18), "150": (7, 8, 18),
}  # fmt: skip
#: Vaccines from the eleventh birthday on: CVX code, months of life, share of adolescents.
ADOLESCENT_SCHEDULE = {"115": ((133,), 0.86), "114": ((133,), 0.84), "62": ((133, 140), 0.62)}
ZOSTER_VACCINE, TETANUS_VACCINE, PNEUMOCOCCAL_VACCINE, HEPATITIS_B_VACCINE = "187", "113", "216", "44"

# Pregnancy, contraception
DELIVERY = weighted(CPT, "59400:4 59510:2 59409:1")
PRENATAL_VISIT = weighted(CPT, "0500F:3 0502F:1") + weighted(HCPCS, "H1001:1")
POSTPARTUM_VISIT = weighted(CPT, "59430:2 0503F:2")
CONTRACEPTIVE = weighted(RXNORM, "6373:1 7514:1")
CHLAMYDIA_TEST = weighted(LOINC, "21613-5:3 43304-5:2")
