"""One folder of bad data per rule: each says what is wrong, and nothing else is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from measureharmony.errors import DataError
from measureharmony.practice.fhir import read_fhir_resources
from measureharmony.practice.fhir.sheets import RULES
from tests.unit.fhir.bundles import assert_accounts_add_up, bundle, patient, reasons_rejected, resource, rows

FOLDER = Path("tests") / "bad_data" / "fhir"


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_has_a_folder_that_breaks_it_alone(repository: Path, rule: str) -> None:
    found = read_fhir_resources(repository / FOLDER / rule)
    assert {broken for _, broken in reasons_rejected(found)} == {rule}
    assert found.tables["person"].num_rows >= 1
    assert_accounts_add_up(found)


def test_a_bad_file_costs_only_itself(repository: Path) -> None:
    found = read_fhir_resources(repository / FOLDER / "malformed-json")
    assert [row["event_id"] for row in rows(found)] == ["p1/Encounter/e1"]
    reject = found.rejects.to_pylist()[0]
    assert (reject["file"], reject["table"]) == ("truncated.json", "(file)")
    assert reject["row"] > 1  # the line where the text stops


def test_a_folder_of_bundles_and_exports_is_refused_with_every_odd_file(repository: Path) -> None:
    with pytest.raises(DataError) as refused:
        read_fhir_resources(repository / FOLDER / "mixed-folder")
    files = {Path(issue.file).name for issue in refused.value.issues}
    assert files == {"mixed-folder", "bundle.json"}
    assert "mixes 2 .ndjson and 1 .json files" in str(refused.value)


def test_what_is_not_there_or_holds_no_fhir_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    for path in (tmp_path / "absent", tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(DataError):
            read_fhir_resources(path)


def test_when_no_file_can_be_read_all_are_listed(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text("[]")
    with pytest.raises(DataError) as refused:
        read_fhir_resources(tmp_path)
    assert [(Path(i.file).name, i.code) for i in refused.value.issues] == [
        ("a.json", "malformed-json"),
        ("b.json", "not-a-bundle"),
    ]


def test_rejects_never_quote_what_was_written(tmp_path: Path) -> None:
    stranger = resource("Encounter", "secret-id", subject={"reference": "Patient/secret-person"})
    file = tmp_path / "b.json"
    file.write_text(json.dumps(bundle(patient(), stranger, kind="transaction")))
    found = read_fhir_resources(file)
    assert found.rejects["shape"].to_pylist() == ["text of 21 characters"]
    assert "secret" not in str(found.rejects.to_pylist())
