"""What ``meta.profile`` says about a resource: its finer type, and whether it records something *not* done.

QI-Core logic retrieves by profile: a resource is seen only if it lists the profile's URL exactly (shared logic
2026, section 2). A source that speaks QI-Core is therefore read strictly: the URL alone gives the ``type``, and a
misspelt or unlisted QI-Core profile gives ``other``, which answers no question. Any other source is read by the
nearest stand-ins (category, vital-sign codes, status, doNotPerform).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from measureharmony.practice.fhir.codings import Coding

QICORE = "http://hl7.org/fhir/us/qicore/StructureDefinition/"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
QICORE_PATIENT = QICORE + "qicore-patient"
#: The FHIR base profile of a blood pressure, which the 2025 edition asks for.
BASE_BLOOD_PRESSURE = "http://hl7.org/fhir/StructureDefinition/bp"

#: us-core profiles that the measures retrieve by; carrying one means speaking QI-Core.
_VITALS = {
    US_CORE + "us-core-blood-pressure": "blood-pressure",
    US_CORE + "us-core-bmi": "bmi",
    US_CORE + "us-core-body-height": "body-height",
    US_CORE + "us-core-body-weight": "body-weight",
    US_CORE + "pediatric-bmi-for-age": "pediatric-bmi",
    US_CORE + "us-core-heart-rate": "heart-rate",
    US_CORE + "us-core-smokingstatus": "smoking-status",
    US_CORE + "us-core-observation-pregnancystatus": "pregnancy-status",
}

#: Exact profile URL → the contract's ``type`` word, by resource type; an empty word has no finer sort.
TYPE_OF_PROFILE: dict[str, dict[str, str]] = {
    "Observation": {
        QICORE + "qicore-observation-lab": "lab",
        QICORE + "qicore-observation-clinical-result": "clinical-result",
        QICORE + "qicore-observation-screening-assessment": "screening",
        QICORE + "qicore-simple-observation": "simple",
        QICORE + "qicore-observation": "general",
        BASE_BLOOD_PRESSURE: "bp-panel",
        **_VITALS,
    },
    "Condition": {
        QICORE + "qicore-condition-problems-health-concerns": "problem",
        QICORE + "qicore-condition-encounter-diagnosis": "encounter-diagnosis",
        QICORE + "qicore-condition": "general",
    },
    "Encounter": {QICORE + "qicore-encounter": ""},
    "Procedure": {QICORE + "qicore-procedure": ""},
    "Immunization": {QICORE + "qicore-immunization": ""},
    "MedicationRequest": {QICORE + "qicore-medicationrequest": ""},
    "MedicationDispense": {QICORE + "qicore-medicationdispense": ""},
    "MedicationAdministration": {QICORE + "qicore-medicationadministration": ""},
    "ServiceRequest": {QICORE + "qicore-servicerequest": ""},
    "DeviceRequest": {QICORE + "qicore-devicerequest": ""},
    "Communication": {QICORE + "qicore-communication": ""},
    "AllergyIntolerance": {QICORE + "qicore-allergyintolerance": ""},
    "AdverseEvent": {QICORE + "qicore-adverseevent": ""},
    "Task": {QICORE + "qicore-task": ""},
    "Claim": {QICORE + "qicore-claim": ""},
    "Location": {QICORE + "qicore-location": ""},
}

#: Profiles that record something not done → ``type`` word, by resource type.
NOT_DONE_PROFILE: dict[str, dict[str, str]] = {
    "Observation": {QICORE + "qicore-observationcancelled": ""},
    "Procedure": {QICORE + "qicore-procedurenotdone": ""},
    "Immunization": {QICORE + "qicore-immunizationnotdone": ""},
    "MedicationRequest": {QICORE + "qicore-medicationnotrequested": ""},
    "MedicationDispense": {QICORE + "qicore-medicationdispensedeclined": ""},
    "MedicationAdministration": {QICORE + "qicore-medicationadministrationnotdone": ""},
    "ServiceRequest": {QICORE + "qicore-servicenotrequested": ""},
    "DeviceRequest": {QICORE + "qicore-devicenotrequested": ""},
    "Communication": {QICORE + "qicore-communicationnotdone": ""},
    "Task": {QICORE + "qicore-taskrejected": "rejected"},
}

#: Names of earlier QI-Core releases: strictly matching logic does not see the resource at all (``other``), but
#: it must not pass for a thing done either.
_OUTDATED_NOT_DONE = {
    QICORE + name
    for name in (
        "qicore-mednotrequested",
        "qicore-medicationnotdispensed",
        "qicore-mednotadministered",
        "qicore-observationnotdone",
        "qicore-tasknotdone",
    )
}

#: LOINC codes that stand in for the vital-sign and status profiles where a source has none.
TYPE_OF_LOINC = {
    "85354-9": "blood-pressure bp-panel",
    "39156-5": "bmi",
    "8302-2": "body-height",
    "29463-7": "body-weight",
    "59576-9": "pediatric-bmi",
    "8867-4": "heart-rate",
    "72166-2": "smoking-status",
    "82810-3": "pregnancy-status",
}
_TYPE_OF_CATEGORY = {
    "Observation": {
        "laboratory": "lab",
        "imaging": "clinical-result",
        "procedure": "clinical-result",
        "survey": "screening",
    },
    "Condition": {
        "problem-list-item": "problem",
        "health-concern": "problem",
        "encounter-diagnosis": "encounter-diagnosis",
    },
}
LOINC = "http://loinc.org"
#: Codes of earlier releases, and what stands in their place now: FHIR coded the blood pressure panel so until DSTU2.
_PRESENT_CODE = {(LOINC, "55284-4"): (LOINC, "85354-9")}
CODES_OF_EARLIER_RELEASES = [code for _, code in _PRESENT_CODE]


@dataclass(frozen=True)
class ProfileReading:
    """What the profiles decide. ``strict``: the source speaks QI-Core, so nothing may stand in for them."""

    strict: bool
    type: str
    not_done: bool


@lru_cache(maxsize=4096)
def read_profiles(resource_type: str, urls: tuple[str, ...], strict_person: bool) -> ProfileReading:
    """What ``urls`` say about a resource of ``resource_type``.

    ``strict_person``: the Patient carries the qicore-patient profile, so the person's whole record is read strictly,
    also resources without any profile (which QI-Core logic does not see).
    """
    if not strict_person and not any(_like_qicore(url) for url in urls):
        return ProfileReading(False, "", False)
    ordinary = TYPE_OF_PROFILE.get(resource_type, {})
    negative = NOT_DONE_PROFILE.get(resource_type, {})
    known = [url for url in urls if url in ordinary or url in negative]
    if not known:
        return ProfileReading(True, "other", any(url in _OUTDATED_NOT_DONE for url in urls))
    words = [ordinary.get(url) or negative.get(url) or "" for url in known]
    return ProfileReading(True, " ".join(dict.fromkeys(filter(None, words))), any(url in negative for url in known))


def _like_qicore(url: str) -> bool:
    return url in _VITALS or "qicore" in url.lower()


def stand_in_type(resource_type: str, categories: Iterable[str], codings: Iterable[Coding]) -> str:
    """The ``type`` words of a resource whose source does not speak QI-Core, from its categories and codes.

    ``general`` is added to whatever is known: the 2025 edition has one profile for every observation and every
    condition. Nothing known gives the empty text: the source does not say.
    """
    by_category = _TYPE_OF_CATEGORY.get(resource_type, {})
    words = [by_category[word] for word in categories if word in by_category]
    if resource_type == "Observation":
        words += [TYPE_OF_LOINC[code] for system, code in codings if code in TYPE_OF_LOINC and system == LOINC]
    return " ".join(dict.fromkeys([*words, "general"])) if words else ""


def present_codings(written: list[Coding]) -> list[Coding]:
    """The present codings of those of ``written`` that belong to an earlier release, unless they are written, too."""
    present = [_PRESENT_CODE[coding] for coding in written if coding in _PRESENT_CODE]
    return [coding for coding in present if coding not in written]
