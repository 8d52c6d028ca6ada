"""Small hand-written FHIR resources, and the rows that the reader makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from measureharmony.practice.fhir import FhirTables, read_fhir_resources

QICORE = "http://hl7.org/fhir/us/qicore/StructureDefinition/"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
DX_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def concept(*codes: str, system: str = SNOMED) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for code in codes]}


def resource(kind: str, name: str = "r1", /, profile: str | None = None, **elements: Any) -> dict[str, Any]:
    meta = {"meta": {"profile": [profile if "://" in profile else QICORE + profile]}} if profile else {}
    return {"resourceType": kind, "id": name, **meta, **elements}


def patient(name: str = "p1", /, *, strict: bool = False, **elements: Any) -> dict[str, Any]:
    return resource("Patient", name, "qicore-patient" if strict else None, birthDate="1960-05-17", **elements)


def bundle(*resources: dict[str, Any], kind: str = "collection") -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": r} for r in resources]}


def read(folder: Path, *resources: dict[str, Any], strict: bool = False) -> FhirTables:
    """What the reader makes of one collection bundle about person ``p1``."""
    file = folder / "bundle.json"
    file.write_text(json.dumps(bundle(patient(strict=strict), *resources)))
    return read_fhir_resources(file)


def rows(found: FhirTables, table: str = "event") -> list[dict[str, Any]]:
    """The table's rows with only the cells that are filled."""
    return [{k: v for k, v in row.items() if v is not None} for row in found.tables[table].to_pylist()]


def event(folder: Path, *resources: dict[str, Any], strict: bool = False) -> dict[str, Any]:
    """The first event of the resources, every cell (None where empty)."""
    first: dict[str, Any] = read(folder, *resources, strict=strict).tables["event"].to_pylist()[0]
    return first


def codes(found: FhirTables, role: str, event_id: str | None = None) -> list[str]:
    """The further codes under ``role``, of one event or of all."""
    return [
        row["code"]
        for row in found.tables["event_code"].to_pylist()
        if row["role"] == role and event_id in (None, row["event_id"])
    ]


def contents(found: FhirTables) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, of the rejects and of the accounts."""
    tables = {**found.tables, "rejects": found.rejects, "accounts": found.accounts}
    return {name: table.to_pylist() for name, table in tables.items()}


def in_any_order(found: FhirTables) -> dict[str, list[str]]:
    """The same, whatever the order of the rows."""
    return {name: sorted(map(repr, rows)) for name, rows in contents(found).items()}


def reasons_rejected(found: FhirTables) -> list[tuple[str, str]]:
    """(resource type, rule) of every reject, in order."""
    return [(row["table"], row["rule"]) for row in found.rejects.to_pylist()]


def assert_accounts_add_up(found: FhirTables) -> None:
    for row in found.accounts.to_pylist():
        assert row["rows_in"] == row["accepted"] + row["rejected"], row
    assert sum(found.accounts["rejected"].to_pylist()) == found.rejects.num_rows
