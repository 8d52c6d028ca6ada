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
