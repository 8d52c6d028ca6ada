"""Groups as rosters, in the way of Da Vinci member attribution lists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from measureharmony.practice.fhir import FhirTables, read_fhir, read_fhir_resources
from tests.unit.fhir.bundles import assert_accounts_add_up, bundle, patient, reasons_rejected, resource, rows

ATR = "http://hl7.org/fhir/us/davinci-atr/StructureDefinition/ext-"
NPI = "http://hl7.org/fhir/sid/us-npi"


def member(patient: str, provider: str = "", change: str = "", **elements: Any) -> dict[str, Any]:
    extensions = [{"url": f"{ATR}changeType", "valueCode": change}] if change else []
    if provider:
        extensions.append({"url": f"{ATR}attributedProvider", "valueReference": {"reference": provider}})
    period = {"period": {"start": "2026-01-01", "end": "2026-12-31"}}
    return {"extension": extensions, "entity": {"reference": f"Patient/{patient}"}, **period, **elements}


def group(*members: dict[str, Any], **elements: Any) -> dict[str, Any]:
    return resource("Group", "g1", type="person", actual=True, name="acme_hmo", member=list(members), **elements)


ROLE = resource(
    "PractitionerRole", "role1", practitioner={"reference": "Practitioner/d1"},
    organization={"reference": "Organization/north"}, specialty=[{"text": "family medicine"}],
)  # fmt: skip


def read(folder: Path, *resources: dict[str, Any]) -> FhirTables:
    file = folder / "list.json"
    file.write_text(json.dumps(bundle(*resources, patient("p1"), patient("p2"))))
    found = read_fhir_resources(file)
    assert_accounts_add_up(found)
    return found


def test_every_member_is_a_row(tmp_path: Path) -> None:
    found = read(tmp_path, group(member("p1", "Practitioner/d1", "new"), member("p2", period={"start": "2026-03"})))
    first, second = rows(found, "roster")
    assert first == {
        "person_id": "p1", "program": "acme_hmo", "start": "2026-01-01", "end": "2026-12-31", "provider_id": "d1",
        "change": "new", "_file": "list.json", "_row": 1,
    }  # fmt: skip
    assert (second["start"], second["end"]) == ("2026-03-01", "9999-12-31")
    counted = {row["table"]: row["accepted"] for row in found.accounts.to_pylist()}
    assert (counted["Group"], counted["Group.member"]) == (1, 2)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [("add", "new"), ("change", "changed"), ("drop", "dropped"), ("nochange", "nochange"), ("whatever", None)],
)
def test_changes_are_spelt_in_several_ways(tmp_path: Path, written: str, read_as: str | None) -> None:
    (row,) = rows(read(tmp_path, group(member("p1", change=written))), "roster")
    assert row.get("change") == read_as


def test_a_person_may_be_listed_for_several_providers(tmp_path: Path) -> None:
    found = read(tmp_path, group(member("p1", "Practitioner/d1"), member("p1", "Organization/north")))
    assert [row["provider_id"] for row in rows(found, "roster")] == ["d1", "north"]


def test_a_role_stands_for_its_practitioner_and_gives_group_and_specialty(tmp_path: Path) -> None:
    doctor = resource("Practitioner", "d1", name=[{"text": "Dr One"}])
    found = read(tmp_path, group(member("p1", "PractitionerRole/role1")), ROLE, doctor)
    assert rows(found, "roster")[0]["provider_id"] == "d1"
    (provider,) = rows(found, "provider")
    assert (provider["group_id"], provider["specialty"]) == ("north", "family medicine")
    assert reasons_rejected(found) == []


def test_the_contracts_first_day_stands_in_for_the_members(tmp_path: Path) -> None:
    contract = {"url": f"{ATR}contractValidityPeriod", "valuePeriod": {"start": "2025-07-01"}}
    (row,) = rows(read(tmp_path, group(member("p1", period={}), extension=[contract])), "roster")
    assert row["start"] == "2025-07-01"


def test_members_are_rejected_one_by_one(tmp_path: Path) -> None:
    over = member("p1", inactive=True, period={"start": "2026-01-01"})
    dropped = member("p2", change="drop", period={"start": "2026-01-01"})
    found = read(tmp_path, group(member("stranger"), over, dropped, member("p2")))
    assert reasons_rejected(found) == [
        ("Group.member", "unknown-person"), ("Group.member", "member-without-end"),
        ("Group.member", "member-without-end"),
    ]  # fmt: skip
    assert [row["person_id"] for row in rows(found, "roster")] == ["p2"]
    assert "stranger" not in str(found.rejects.to_pylist())


def test_a_list_of_a_bulk_export_reads_as_a_practice(tmp_path: Path) -> None:
    lines = {"Patient": [patient("p1")], "Group": [group(member("p1", "PractitionerRole/role1"))],
             "PractitionerRole": [ROLE]}  # fmt: skip
    for kind, resources in lines.items():
        (tmp_path / f"{kind}.ndjson").write_text("".join(f"{json.dumps(one)}\n" for one in resources))
    with read_fhir(tmp_path) as practice:
        assert practice.table("roster").to_pylist()[0]["provider_id"] == "d1"
        assert practice.rejects.num_rows == 0
