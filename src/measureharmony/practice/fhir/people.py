"""Patients as persons, practitioners and organizations as providers, coverages as spans of insurance."""

from __future__ import annotations

import re
from functools import lru_cache

from measureharmony.practice.contract import NO_END
from measureharmony.practice.fhir.codings import Coding, extension, first_code, of_coding, of_concepts
from measureharmony.practice.fhir.json_shapes import JsonObject, as_list, as_object, as_text, objects
from measureharmony.practice.fhir.profiles import QICORE_PATIENT, US_CORE
from measureharmony.practice.fhir.record import Person, Scope, profile_urls
from measureharmony.practice.fhir.sheets import Cell, Harvest, Place
from measureharmony.practice.fhir.times import first_day, last_day

_SEX_OF_SNOMED = {"248152002": "female", "248153007": "male"}
_SEX_OF_BIRTH_SEX = {"F": "female", "M": "male"}
_NPI = "http://hl7.org/fhir/sid/us-npi"


def read_person(resource: JsonObject) -> Person:
    """The person a Patient describes; its id is not checked."""
    return Person(
        as_text(resource.get("id")),
        as_text(resource.get("birthDate")),
        QICORE_PATIENT in profile_urls(resource),
    )


def add_person(harvest: Harvest, person: Person, resource: JsonObject, place: Place) -> None:
    """Write the person's row."""
    death = as_text(resource.get("deceasedDateTime"))
    deceased = resource.get("deceasedBoolean")
    name = next(iter(objects(resource.get("name"))), {})
    given = [part for part in as_list(name.get("given")) if isinstance(part, str)]
    address = next(iter(objects(resource.get("address"))), {})
    languages = objects(resource.get("communication"))
    harvest.persons.append(
        {
            "person_id": person.person_id,
            "birth": person.birth or None,
            "sex": sex(resource, strict=person.strict) or None,
            "gender": as_text(resource.get("gender")) or None,
            "deceased": True if death else deceased if isinstance(deceased, bool) else None,
            "death": death or None,
            "name": as_text(name.get("text")) or " ".join([*given, as_text(name.get("family"))]).strip() or None,
            "language": first_code(languages[0].get("language")) or None if languages else None,
            "phone": _phone(resource),
            "postal_code": as_text(address.get("postalCode")) or None,
            "race": _omb_codes(resource, "us-core-race"),
            "ethnicity": _omb_codes(resource, "us-core-ethnicity"),
            "_file": place.file,
            "_row": place.row,
        }
    )


def sex(resource: JsonObject, *, strict: bool) -> str:
    """``female``, ``male`` or empty: the us-core-sex extension; for a lenient source birth sex, then gender."""
    found = _SEX_OF_SNOMED.get(as_text(extension(resource, US_CORE + "us-core-sex").get("valueCode")), "")
    if found or strict:
        return found
    at_birth = as_text(extension(resource, US_CORE + "us-core-birthsex").get("valueCode"))
    gender = as_text(resource.get("gender"))
    return _SEX_OF_BIRTH_SEX.get(at_birth) or (gender if gender in ("female", "male") else "")


def _phone(resource: JsonObject) -> str | None:
    for contact in objects(resource.get("telecom")):
        if contact.get("system") == "phone":
            return as_text(contact.get("value")) or None
    return None


def _omb_codes(resource: JsonObject, name: str) -> str | None:
    """The race or ethnicity codes, blank-separated."""
    parts = objects(extension(resource, US_CORE + name).get("extension"))
    codings = [pair for part in parts if part.get("url") != "text" for pair in of_coding(part.get("valueCoding"))]
    return " ".join(dict.fromkeys(code for _, code in codings)) or None


def add_provider(harvest: Harvest, resource: JsonObject, place: Place) -> None:
    """Write the provider row of a Practitioner or an Organization."""
    name = resource.get("name")
    if not isinstance(name, str):
        human = next(iter(objects(name)), {})
        given = [part for part in as_list(human.get("given")) if isinstance(part, str)]
        name = as_text(human.get("text")) or " ".join([*given, as_text(human.get("family"))]).strip()
    numbers = [as_text(i.get("value")) for i in objects(resource.get("identifier")) if i.get("system") == _NPI]
    qualifications = [first_code(q.get("code")) for q in objects(resource.get("qualification"))]
    harvest.providers.append(
        {
            "provider_id": as_text(resource.get("id")),
            "npi": next(filter(None, numbers), None),
            "name": name or None,
            "specialty": next(filter(None, qualifications), None),
            "_file": place.file,
            "_row": place.row,
        }
    )


#: What a payer's or product's name says about the product line, first match first; everything else stays empty.
_PRODUCT_LINE_OF_NAME = (
    (re.compile(r"medicare\s+advantage", re.I), "medicare_advantage"),
    (re.compile(r"\bACA\b|marketplace|exchange", re.I), "marketplace"),
    (re.compile(r"dual", re.I), "other"),
    (re.compile(r"medicaid", re.I), "medicaid"),
    (re.compile(r"medicare", re.I), "medicare_ffs"),
    (re.compile(r"^private$|commercial", re.I), "commercial"),
)
#: Type codes that name a product line: HL7 v3 ActCode policies, and leading digits of the Source of Payment Typology.
_PRODUCT_LINE_OF_CODE = {"HMO": "commercial", "PPO": "commercial", "POS": "commercial", "EHCPOL": "commercial"}
_SOURCE_OF_PAYMENT = "https://nahdo.org/sopt"
_PRODUCT_LINE_OF_PAYMENT = (
    ("11", "medicare_advantage"),
    ("12", "medicare_ffs"),
    ("2", "medicaid"),
    ("5", "commercial"),
    ("6", "commercial"),
)
_UNINSURED = re.compile(r"no[\s_-]*insurance|uninsured|self[\s_-]*pay", re.I)


@lru_cache(maxsize=4096)
def is_uninsured(payer: str) -> bool:
    """Whether a payer's name says that there is none."""
    return bool(_UNINSURED.search(payer))


@lru_cache(maxsize=4096)
def product_line(names: tuple[str, ...], codings: tuple[Coding, ...]) -> str | None:
    """The product line that names or type codes make clear, else None."""
    for system, code in codings:
        if system == _SOURCE_OF_PAYMENT:
            return next((line for prefix, line in _PRODUCT_LINE_OF_PAYMENT if code.startswith(prefix)), None)
        if code in _PRODUCT_LINE_OF_CODE:
            return _PRODUCT_LINE_OF_CODE[code]
    for pattern, line in _PRODUCT_LINE_OF_NAME:
        if any(pattern.search(name) for name in names):
            return line
    return None


def add_coverage(harvest: Harvest, person: Person, resource: JsonObject, scope: Scope, place: Place) -> tuple[str, str]:
    """Write a Coverage's span and return ``("", "")``, or the (column, rule) that speaks against it."""
    payors = objects(resource.get("payor"))
    first = payors[0] if payors else {}
    reference = scope.target(as_text(first.get("reference")), "Organization")[1]
    payer = as_text(first.get("display")) or reference
    if resource.get("status") in ("entered-in-error", "draft") or is_uninsured(payer):
        return "status", "coverage-not-in-force"
    if not payer:
        return "payor", "coverage-without-payer"
    span = as_object(resource.get("period"))
    start, end = as_text(span.get("start")), as_text(span.get("end"))
    if not start:
        return "period", "coverage-without-start"
    kind = as_object(resource.get("type"))
    names = [as_text(c.get("name")) for c in objects(resource.get("class"))]
    row: dict[str, Cell] = {
        "person_id": person.person_id,
        "payer": payer,
        "product_line": product_line((*names, as_text(kind.get("text")), payer), tuple(of_concepts(kind))),
        "start": first_day(start),
        "end": last_day(end) if end else NO_END,
        "member_id": as_text(resource.get("subscriberId")) or None,
        "_file": place.file,
        "_row": place.row,
    }
    harvest.coverage.append(row)
    return "", ""
