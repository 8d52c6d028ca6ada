"""Persons, providers and insurance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from measureharmony.practice.fhir import read_fhir_resources
from tests.unit.fhir.bundles import QICORE, US_CORE, bundle, patient, read, reasons_rejected, resource, rows

SEX = {"url": US_CORE + "us-core-sex", "valueCode": "248152002"}
BIRTH_SEX = {"url": US_CORE + "us-core-birthsex", "valueCode": "M"}


def person(folder: Path, **elements: Any) -> dict[str, Any]:
    file = folder / "bundle.json"
    file.write_text(json.dumps(bundle(patient(**elements))))
    return rows(read_fhir_resources(file), "person")[0]


@pytest.mark.parametrize(
    ("strict", "elements", "sex"),
    [
        (True, {"extension": [SEX], "gender": "male"}, "female"),
        (True, {"extension": [BIRTH_SEX], "gender": "female"}, None),
        (True, {"extension": [{**SEX, "valueCode": 7}]}, None),
        (False, {"extension": [BIRTH_SEX], "gender": "female"}, "male"),
        (False, {"extension": [BIRTH_SEX, SEX]}, "female"),
        (False, {"gender": "female"}, "female"),
        (False, {"gender": "other"}, None),
    ],
)
def test_sex_is_the_extension_and_only_a_lenient_source_may_stand_in(
    tmp_path: Path, strict: bool, elements: dict[str, Any], sex: str | None
) -> None:
    assert person(tmp_path, strict=strict, **elements).get("sex") == sex


def test_a_date_of_death_means_dead(tmp_path: Path) -> None:
    assert person(tmp_path, deceasedDateTime="2026-02-03")["deceased"] is True
    assert person(tmp_path, deceasedBoolean=True).get("death") is None
    assert person(tmp_path, deceasedBoolean=False)["deceased"] is False
    assert "deceased" not in person(tmp_path)


def test_what_is_passed_through(tmp_path: Path) -> None:
    race = {
        "url": US_CORE + "us-core-race",
        "extension": [
            {"url": "ombCategory", "valueCoding": {"system": "s", "code": "A"}},
            {"url": "detailed", "valueCoding": {"system": "s", "code": "B"}},
            {"url": "text", "valueString": "C"},
        ],
    }
    found = person(
        tmp_path,
        extension=[race],
        gender="unknown",
        name=[{"given": ["Ann", "B."], "family": "Lee"}],
        telecom=[{"system": "email", "value": "x"}, {"system": "phone", "value": "1"}],
        address=[{"postalCode": "02139"}],
        communication=[{"language": {"coding": [{"code": "es"}]}}],
    )
    assert found["race"] == "A B"
    assert (found["name"], found["phone"], found["postal_code"], found["language"]) == (
        "Ann B. Lee",
        "1",
        "02139",
        "es",
    )
    assert found["gender"] == "unknown"


def test_practitioners_and_organizations_are_providers(tmp_path: Path) -> None:
    doctor = resource(
        "Practitioner",
        "d1",
        identifier=[{"system": "http://hl7.org/fhir/sid/us-npi", "value": "123"}],
        name=[{"family": "Ode"}],
    )
    found = read(tmp_path, doctor, resource("Organization", "o1", name="Clinic"), resource("Goal", "l1"))
    assert [(row["provider_id"], row["name"], row.get("npi")) for row in rows(found, "provider")] == [
        ("d1", "Ode", "123"),
        ("o1", "Clinic", None),
    ]
    assert reasons_rejected(found) == [("Goal", "no-place-in-contract")]


def coverage(**elements: Any) -> dict[str, Any]:
    payor = [{"reference": "Organization/o9", "display": "Acme Health"}]
    return resource("Coverage", **{"status": "active", "payor": payor, "period": {"start": "2026-01-01"}, **elements})


def test_a_coverage_is_a_span(tmp_path: Path) -> None:
    found = rows(read(tmp_path, coverage(subscriberId="M1", period={"start": "2025-03", "end": "2026"})), "coverage")
    assert [(r["payer"], r["start"], r["end"], r["member_id"]) for r in found] == [
        ("Acme Health", "2025-03-01", "2026-12-31", "M1")
    ]
    assert rows(read(tmp_path, coverage(payor=[{"reference": "Organization/o9"}])), "coverage")[0]["payer"] == "o9"
    assert rows(read(tmp_path, coverage()), "coverage")[0]["end"] == "9999-12-31"


@pytest.mark.parametrize(
    ("elements", "rule"),
    [
        ({"period": {}}, "coverage-without-start"),
        ({"payor": []}, "coverage-without-payer"),
        ({"status": "entered-in-error"}, "coverage-not-in-force"),
        ({"payor": [{"display": "NO_INSURANCE"}]}, "coverage-not-in-force"),
    ],
)
def test_a_coverage_that_says_too_little_is_rejected(tmp_path: Path, elements: dict[str, Any], rule: str) -> None:
    assert reasons_rejected(read(tmp_path, coverage(**elements))) == [("Coverage", rule)]


@pytest.mark.parametrize(
    ("elements", "line"),
    [
        ({"payor": [{"display": "Medicaid"}]}, "medicaid"),
        ({"payor": [{"display": "Medicare"}]}, "medicare_ffs"),
        ({"class": [{"name": "Gold Medicare Advantage"}]}, "medicare_advantage"),
        ({"class": [{"name": "ACA SILVER"}]}, "marketplace"),
        ({"type": {"coding": [{"code": "PPO"}]}}, "commercial"),
        ({"type": {"coding": [{"system": "https://nahdo.org/sopt", "code": "111"}]}}, "medicare_advantage"),
        ({}, None),
    ],
)
def test_the_product_line_is_guessed_only_where_clear(
    tmp_path: Path, elements: dict[str, Any], line: str | None
) -> None:
    assert rows(read(tmp_path, coverage(**elements)), "coverage")[0].get("product_line") == line


def test_a_patient_without_id_cannot_be_referred_to(tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    nobody = {"resourceType": "Patient", "meta": {"profile": [QICORE + "qicore-patient"]}}
    file.write_text(json.dumps(bundle(nobody, resource("Encounter"))))
    assert reasons_rejected(read_fhir_resources(file)) == [("Patient", "missing-id"), ("Encounter", "unknown-person")]
