"""A user's value sets replace the shipped ones as a whole, whichever form they come in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from measureharmony.errors import SpecError
from measureharmony.value_sets import ValueSet, ValueSets, load_value_sets, read_value_sets, shipped_folder

LOINC = "http://loinc.org"
OID = "1.2.840.1"
SHIPPED = ValueSets((ValueSet("a1c_test", OID, "A1c Test", frozenset({(LOINC, "4548-4")}), completeness="partial"),))


def fhir(oid: str, **parts: object) -> dict[str, object]:
    return {"resourceType": "ValueSet", "url": f"http://example.org/ValueSet/{oid}", **parts}


def coded(*codes: str, total: int | None = None) -> dict[str, object]:
    contains = [{"system": LOINC, "code": code} for code in codes]
    return {"contains": contains} | ({} if total is None else {"total": total})


def concepts(*codes: str) -> dict[str, object]:
    return {"system": LOINC, "concept": [{"code": code} for code in codes]}


def members(*oids: str) -> dict[str, object]:
    return {"valueSet": [f"http://example.org/ValueSet/{oid}|2026" for oid in oids]}


def load(folder: Path, *resources: dict[str, object]) -> ValueSets:
    for number, resource in enumerate(resources):
        (folder / f"{number}.json").write_text(json.dumps(resource), encoding="utf-8")
    return load_value_sets(SHIPPED, folder)


def codes_of(value_set: ValueSet) -> set[str]:
    return {code for _, code in value_set.codes}


def test_a_loaded_set_replaces_the_shipped_one_and_takes_its_name(tmp_path: Path) -> None:
    loaded = load(tmp_path, fhir(OID, title="HbA1c", version="20260101", expansion=coded("17856-6", total=1)))
    assert list(loaded) == ["a1c_test"]
    assert codes_of(loaded["a1c_test"]) == {"17856-6"}
    assert loaded["a1c_test"].completeness == "complete"
    assert (loaded["a1c_test"].source, loaded["a1c_test"].version) == ("0.json", "20260101")
    assert codes_of(SHIPPED["a1c_test"]) == {"4548-4"}, "the shipped sets are not altered"
    assert loaded.fingerprint("a1c_test") != SHIPPED.fingerprint("a1c_test")


def test_a_set_nobody_knows_is_named_by_its_oid(tmp_path: Path) -> None:
    loaded = load(tmp_path, fhir("9.9.9", expansion=coded("17856-6")))
    assert set(loaded) == {"a1c_test", "9.9.9"}


def test_the_oid_may_stand_in_an_identifier(tmp_path: Path) -> None:
    resource = fhir("hba1c", identifier=[{"value": f"urn:oid:{OID}"}], expansion=coded("17856-6"))
    assert codes_of(load(tmp_path, resource)[OID]) == {"17856-6"}


def test_nested_and_abstract_entries_of_an_expansion(tmp_path: Path) -> None:
    inner = {"system": LOINC, "code": "17856-6"}
    group = {"system": LOINC, "code": "LP1-1", "abstract": True, "contains": [{"display": "x", "contains": [inner]}]}
    assert codes_of(load(tmp_path, fhir(OID, expansion={"contains": [group]}))[OID]) == {"17856-6"}


def test_a_whole_expansion_counts_alone_even_if_members_hold_more(tmp_path: Path) -> None:
    grouping = fhir(OID, expansion=coded("4548-4", total=1), compose={"include": [members("7.1")]})
    loaded = load(tmp_path, grouping, fhir("7.1", expansion=coded("4548-4", "17856-6")))
    assert codes_of(loaded[OID]) == {"4548-4"}


def test_a_cut_expansion_is_completed_from_members_of_members(tmp_path: Path) -> None:
    grouping = fhir(OID, expansion=coded("4548-4", total=3), compose={"include": [members("7.1"), members("7.2")]})
    loaded = load(
        tmp_path,
        grouping,
        fhir("7.1", compose={"include": [concepts("17856-6")]}),
        fhir("7.2", compose={"include": [members("7.3")]}),
        fhir("7.3", expansion=coded("4549-2")),
    )
    assert codes_of(loaded[OID]) == {"4548-4", "17856-6", "4549-2"}
    assert loaded[OID].completeness == "complete"


def test_what_cannot_be_completed_is_said(tmp_path: Path) -> None:
    grouping = fhir(OID, expansion=coded("4548-4", total=3), compose={"include": [members("7.1")]})
    loaded = load(tmp_path, grouping)[OID]
    assert loaded.completeness == "partial"
    assert loaded.note.startswith("1 of 3 codes; member set http://example.org/ValueSet/7.1")


def test_an_include_of_concepts_and_members_is_what_they_share(tmp_path: Path) -> None:
    both = concepts("4548-4", "4549-2") | members("7.1")
    compose = {"include": [both, concepts("96595-4", "17855-8")], "exclude": [concepts("17855-8")]}
    loaded = load(tmp_path, fhir(OID, compose=compose), fhir("7.1", expansion=coded("4549-2", "17856-6")))
    assert codes_of(loaded[OID]) == {"4549-2", "96595-4"}


def test_a_bundle_holds_many(tmp_path: Path) -> None:
    resources = [fhir(OID, expansion=coded("17856-6")), fhir("7.1", expansion=coded("4549-2"))]
    entries = [{"resource": resource} for resource in resources]
    loaded = load(tmp_path, {"resourceType": "Bundle", "entry": [*entries, {"resource": {"resourceType": "Library"}}]})
    assert set(loaded) == {"a1c_test", "7.1"}


def test_csv_by_oid_or_name_with_short_names_uris_and_patterns(tmp_path: Path) -> None:
    text = (
        f"oid,name,system,code\n{OID},,LOINC,17856-6\n,mine,{LOINC},4549-2\n,mine,ICD10CM,E11.*\n,mine,LOINC,4549-2\n"
    )
    (tmp_path / "sets.csv").write_text("\ufeff" + text, encoding="utf-8")
    loaded = load_value_sets(SHIPPED, tmp_path)
    assert codes_of(loaded["a1c_test"]) == {"17856-6"}
    assert loaded["mine"].contains("http://hl7.org/fhir/sid/icd-10-cm", "E11.9")
    assert codes_of(loaded["mine"]) == {"4549-2"}


def test_yaml_by_name_keeps_the_shipped_oid_and_its_own_csv_is_no_set(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("value_set: a1c_test\ncodes_file: a.csv\n", encoding="utf-8")
    (tmp_path / "a.csv").write_text("system,code\nLOINC,17856-6\n", encoding="utf-8")
    (tmp_path / "README.md").write_text("ours", encoding="utf-8")
    loaded = load_value_sets(SHIPPED, tmp_path)
    assert codes_of(loaded[OID]) == {"17856-6"}
    assert loaded[OID].source == "a.yaml"


def test_all_problems_come_together(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"resourceType": ', encoding="utf-8")
    (tmp_path / "b.csv").write_text("oid,system,code\n1.2,LONIC,1\n", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load_value_sets(SHIPPED, tmp_path)
    codes = [issue.code for issue in caught.value.issues]
    assert codes == ["value-set-malformed-json", "value-set-empty", "value-set-unknown-system"]


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="there is no such folder or file"):
        load_value_sets(SHIPPED, tmp_path / "nowhere")


def test_the_published_sets_load_over_the_shipped_ones(shared: Path) -> None:
    value_sets, _ = read_value_sets(shipped_folder())
    loaded = load_value_sets(value_sets, shared / "ecqm" / "2026" / "valuesets")
    published = [s for s in loaded.values() if s.source != "shipped"]
    assert len(published) == 312
    assert {s.completeness for s in published} == {"complete"}
    assert set(value_sets) <= set(loaded), "a published set takes the place of a shipped one under its own name"
