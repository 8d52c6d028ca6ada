"""Files shared out among processes: what is found does not depend on the shares, nor on who reads them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from measureharmony.errors import UsageError
from measureharmony.practice.fhir import FhirTables, read_fhir_resources, sharing
from measureharmony.practice.fhir.files import Piece, cut_at_lines
from tests.unit.fhir.bundles import (
    assert_accounts_add_up,
    bundle,
    concept,
    contents,
    in_any_order,
    patient,
    reasons_rejected,
    resource,
)

PEOPLE = ["p1", "p2", "p3", "p4"]
#: Writes everybody into a folder in some way, and returns it.
Layout = Callable[[Path], Path]


def of(who: str, element: str = "subject") -> Any:
    return {element: {"reference": f"Patient/{who}"}}


def record(who: str) -> list[dict[str, Any]]:
    """A person's resources: events, a claim with a diagnosis of a visit, a doctor's role, a drug, and a mistake."""
    item = {"sequence": 1, "encounter": [{"reference": f"Encounter/v-{who}"}], "diagnosisSequence": [1]}
    diagnosis = {"sequence": 1, "diagnosisReference": {"reference": f"Condition/c-{who}"}}
    payer = [{"coverage": {"display": "Some Payer"}}]
    period: dict[str, Any] = {"period": {"start": "2025-01-01", "end": "2025-01-02"}}
    return [
        patient(who),
        resource("Encounter", f"v-{who}", type=[concept("visit")], **period, **of(who)),
        resource("Condition", f"c-{who}", code=concept("44054006", "73211009"), onsetDateTime="2020-01-01", **of(who)),
        resource("Observation", f"o-{who}", component=[{"code": concept("x"), "valueInteger": 3}], **of(who)),
        resource("Observation", f"o-{who}-unknown", **of("nobody")),
        resource("MedicationDispense", f"m-{who}", medicationReference={"reference": "Medication/m1"}, **of(who)),
        resource("Claim", f"cl-{who}", item=[item], diagnosis=[diagnosis], insurance=payer, **of(who, "patient")),
        resource("PractitionerRole", f"r-{who}", practitioner={"reference": "Practitioner/d1"}),
        resource("Group", f"g-{who}", type="person", name="Plan", member=[{"entity": of(who)["subject"], **period}]),
        resource("Spaceship", f"s-{who}"),
    ]


def bundles(folder: Path) -> Path:
    """A bundle for each person, all with the same doctor; a broken and an unreadable file between them."""
    folder.mkdir()
    for who in PEOPLE:
        everything = [*record(who), resource("Practitioner", "d1"), resource("Medication", "m1", code=concept("drug"))]
        (folder / f"{who}.json").write_text(json.dumps(bundle(*everything, kind="searchset")))
    (folder / "p2-broken.json").write_text('{"resourceType": "Bundle", "entry": [')
    (folder / "p3-unreadable.json.gz").write_bytes(b"not packed")
    return folder


def export(folder: Path) -> Path:
    """The same people as a bulk export, with blank and broken lines and Windows' line ends."""
    folder.mkdir()
    by_kind: dict[str, list[str]] = {"Medication": [json.dumps(resource("Medication", "m1", code=concept("drug")))]}
    by_kind["Practitioner"] = [json.dumps(resource("Practitioner", "d1"))]
    for one in (one for who in PEOPLE for one in record(who)):
        by_kind.setdefault(one["resourceType"], []).append(json.dumps(one))
    by_kind["Observation"][3:3] = ["", "{broken"]
    for kind, lines in by_kind.items():
        (folder / f"{kind}.ndjson").write_bytes("\r\n".join(lines).encode())
    (folder / "Unreadable.ndjson.gz").write_bytes(b"not packed")
    return folder


def shared(monkeypatch: pytest.MonkeyPatch, size: int = 1) -> None:
    """Shares of so many bytes from now on, and processes however few there are."""
    monkeypatch.setattr(sharing, "SHARE", size)
    monkeypatch.setattr(sharing, "WORTH_WHILE", 1)


@pytest.mark.parametrize("layout", [bundles, export])
def test_what_is_found_does_not_depend_on_the_shares(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = layout(tmp_path / "files")
    expected = read_fhir_resources(folder)
    assert_accounts_add_up(expected)
    assert {row["rule"] for row in expected.rejects.to_pylist()} > {"unreadable-file", "malformed-json"}
    for size in (1, 1_000, 5_000):
        shared(monkeypatch, size)
        assert in_any_order(read_fhir_resources(folder, workers=1)) == in_any_order(expected)


@pytest.mark.parametrize("layout", [bundles, export])
def test_what_is_found_does_not_depend_on_the_processes(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = layout(tmp_path / "files")
    shared(monkeypatch, 2_000)
    assert contents(read_fhir_resources(folder, workers=2)) == contents(read_fhir_resources(folder, workers=1))


def read_twice(folder: Path, monkeypatch: pytest.MonkeyPatch, files: Iterable[dict[str, Any]]) -> FhirTables:
    """What is found in bundles, the same however they are shared out."""
    for number, file in enumerate(files):
        (folder / f"{number}.json").write_text(json.dumps(file))
    expected = read_fhir_resources(folder)
    shared(monkeypatch)
    found = read_fhir_resources(folder, workers=1)
    assert contents(found) == contents(expected)
    return found


def test_what_is_repeated_in_another_share_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = resource("Encounter", "v", **of("p1"))
    found = read_twice(tmp_path, monkeypatch, [bundle(patient(), visit), bundle(patient(strict=True), visit)])
    assert reasons_rejected(found) == [("Patient", "repeated-resource"), ("Encounter", "repeated-resource")]


def test_a_patient_of_an_earlier_share_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [bundle(patient()), bundle(resource("Encounter", "v", **of("p1")))]
    assert read_twice(tmp_path, monkeypatch, files).tables["event"].num_rows == 1


def test_a_patient_of_a_later_share_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [bundle(resource("Encounter", "v", **of("p1"))), bundle(patient())]
    assert read_twice(tmp_path, monkeypatch, files).tables["event"].num_rows == 1


def test_files_are_cut_at_the_ends_of_lines(tmp_path: Path) -> None:
    file = tmp_path / "lines.ndjson"
    file.write_bytes(b"one\r\ntwo\rthree\n\nfive\nsix")
    assert cut_at_lines(file, 100) == [Piece(file)]
    pieces = cut_at_lines(file, 5)
    assert [(p.start, p.stop, p.first) for p in pieces] == [(0, 15, 1), (15, 21, 4), (21, 24, 6)]


class Deadly:
    """Ends the process that receives it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)


def test_a_process_ended_from_outside_is_told() -> None:
    share: Any = [Deadly()]
    with pytest.raises(UsageError, match="ended from outside"), sharing._sharing(2) as read:
        list(read([share, share], None))


def test_a_script_need_not_guard_its_main_part(tmp_path: Path) -> None:
    folder, script = bundles(tmp_path / "files"), tmp_path / "script.py"
    script.write_text(
        "from measureharmony.practice.fhir import read_fhir_resources, sharing\n"
        "sharing.SHARE = sharing.WORTH_WHILE = 1\n"
        f"print(read_fhir_resources({str(folder)!r}, workers=2).tables['person'].num_rows)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("4\n", "")
