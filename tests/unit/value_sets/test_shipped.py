"""The shipped value sets are whole, correctly typed, and free of licensed codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from measureharmony.value_sets import ValueSets, read_value_sets, shipped_folder, shipped_systems

SNOMED = "http://snomed.info/sct"


@pytest.fixture(scope="module")
def shipped() -> ValueSets:
    value_sets, issues = read_value_sets(shipped_folder())
    assert issues == ()
    return value_sets


def test_every_file_is_named_after_its_value_set(shipped: ValueSets) -> None:
    names = {path.stem for path in shipped_folder().glob("*.yaml")} - {"systems"}
    assert names == set(shipped)


def test_every_oid_finds_its_value_set(shipped: ValueSets) -> None:
    for value_set in shipped.values():
        assert not value_set.oid or shipped[value_set.oid] is value_set


def test_no_snomed_code_is_shipped(shipped: ValueSets) -> None:
    assert not [s.name for s in shipped.values() if any(system == SNOMED for system, _ in s.codes)]


def test_only_sets_that_say_so_are_empty(shipped: ValueSets) -> None:
    empty = {s.name for s in shipped.values() if s.is_empty}
    assert {"hospice_diagnosis", "palliative_care_intervention"} <= empty
    assert empty == {s.name for s in shipped.values() if s.completeness == "none"}


def test_diabetes_takes_every_type_2_code_and_no_drug_induced_one(shipped: ValueSets) -> None:
    icd = shipped_systems().canonical("ICD10CM")
    assert shipped["diabetes"].contains(icd, "E11.65")
    assert not shipped["diabetes"].contains(icd, "E09.9")
    assert not shipped["diabetes"].contains("http://loinc.org", "E11.65")


def test_the_notice_names_the_owners_of_the_codes() -> None:
    notice = (shipped_folder() / "NOTICE.md").read_text(encoding="utf-8")
    assert "copyright © Regenstrief Institute" in notice
    assert "American Medical Association" in notice


def test_a_broken_file_keeps_the_others_and_its_own_readable_codes(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("value_set: a\ncodes: {LOINC: [4548-4, 4548-5]}\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("value_set: [b\n", encoding="utf-8")
    value_sets, issues = read_value_sets(tmp_path)
    assert value_sets["a"].codes == {("http://loinc.org", "4548-4")}
    assert [(Path(i.file).name, i.line) for i in issues] == [("a.yaml", 2), ("b.yaml", 2)]


def test_codes_beside_the_yaml_in_a_csv(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("value_set: a\ncodes_file: a.csv\ncodes: {CVX: [088]}\n", encoding="utf-8")
    (tmp_path / "a.csv").write_text("system,code,display\nICD10CM,E11.*,any\nSNOMED,44054006,x\n", encoding="utf-8")
    value_sets, issues = read_value_sets(tmp_path)
    assert issues == ()
    assert value_sets["a"].codes == {(SNOMED, "44054006"), ("http://hl7.org/fhir/sid/cvx", "088")}
    assert value_sets["a"].patterns == (("http://hl7.org/fhir/sid/icd-10-cm", "E11."),)
