"""Spreadsheets and tables in the layouts that people hold licensed codes in; all codes and sets here are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from measureharmony.errors import SpecError
from measureharmony.value_sets import ValueSet, ValueSets, load_value_sets, read_loaded_value_sets
from tests.unit.value_sets.workbook import Cell, write_workbook

LOINC, CPT, SNOMED = "http://loinc.org", "http://www.ama-assn.org/go/cpt", "http://snomed.info/sct"
OID = "1.2.840.1"
SHIPPED = ValueSets(
    (
        ValueSet("a1c_test", OID, "A1c Test", frozenset({(LOINC, "4548-4")}), completeness="partial"),
        ValueSet("eye_exam", "", "Eye Exam", frozenset({(CPT, "92002")}), completeness="partial"),
    )
)
LOINC_OID, SNOMED_OID = "2.16.840.1.113883.6.1", "2.16.840.1.113883.6.96"
INFO: list[list[Cell]] = [
    ["Value Set Info"],
    [],
    ["Value Set Name", "Haemoglobin A1c"],
    ["Code System", "LOINC"],
    ["OID", OID],
    ["Type", "Extensional"],
    ["Definition Version", 20260101],
    ["Steward", "Somebody"],
]
CODES: list[list[Cell]] = [
    ["Code List"],
    ["Expansion Version", "Update 2026"],
    [],
    ["Code", "Descriptor", "Code System", "Version", "Code System OID"],
    ["17856-6", "made up", "LOINC", "2.80", LOINC_OID],
    [99213, "made up", "CPT", 2026, "2.16.840.1.113883.6.12"],
    ["44054006", "made up", "SNOMEDCT", "2026-03", SNOMED_OID],
]
PER_CODE = [
    "CMS ID", "CBE Number", "Value Set Name", "Value Set OID", "QDM Category", "Definition Version",
    "Expansion Version", "Purpose: Clinical Focus", "Code", "Description", "Code System", "Code System OID",
    "Code System Version", "Expansion ID",
]  # fmt: skip


def per_code(oid: str, code: str, system: str, version: str = "20260101") -> list[Cell]:
    return [
        "CMS1v1", "0001", f"Set {oid}", oid, "Kind", version, "Update 2026", "made up", code, "made up", system, "",
        "2026", 20260508,
    ]  # fmt: skip


def issues_of(folder: Path) -> list[str]:
    return [f"{Path(i.file).name}:{i.line} {i.code}" for i in read_loaded_value_sets(SHIPPED, folder)[1]]


def test_a_workbook_of_one_value_set(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a1c.xlsx", {"Value Set Info": INFO, "Code List": CODES})
    for place in (tmp_path, path):
        loaded = load_value_sets(SHIPPED, place)["a1c_test"]
        assert loaded.codes == {(LOINC, "17856-6"), (CPT, "99213"), (SNOMED, "44054006")}
        assert (loaded.oid, loaded.title, loaded.version) == (OID, "Haemoglobin A1c", "20260101, Update 2026")
        assert (loaded.source, loaded.state) == ("a1c.xlsx", "complete")


def test_a_workbook_of_one_value_set_all_on_one_sheet(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a1c.xlsx", {"Sheet1": [*INFO, [], *CODES]})
    assert len(load_value_sets(SHIPPED, tmp_path)[OID].codes) == 3


def test_a_workbook_with_a_row_for_each_code_and_a_sheet_for_each_measure(tmp_path: Path) -> None:
    sheets: dict[str, list[list[Cell]]] = {
        "Read me": [["Every row is one code."]],
        "CMS1v1": [
            ["CMS1v1: made up"],
            [*PER_CODE],
            per_code(OID, "17856-6", "LOINC"),
            per_code("9.1", "92002", "CPT"),
        ],
        "CMS2v1": [
            ["CMS2v1: made up"],
            [*PER_CODE],
            per_code(OID, "4549-2", "LOINC"),
            per_code(OID, "17856-6", "LOINC"),
        ],
    }
    write_workbook(tmp_path / "ecqm.xlsx", sheets)
    loaded = load_value_sets(SHIPPED, tmp_path)
    assert loaded["a1c_test"].codes == {(LOINC, "17856-6"), (LOINC, "4549-2")}
    assert loaded["9.1"].codes == {(CPT, "92002")}
    assert loaded["9.1"].title == "Set 9.1"


@pytest.mark.parametrize(("name", "separator"), [("per_code.csv", ","), ("per_code.tsv", "\t")])
def test_the_same_table_as_text(tmp_path: Path, name: str, separator: str) -> None:
    rows = [PER_CODE, per_code(OID, "17856-6", "LOINC")]
    (tmp_path / name).write_text("\n".join(separator.join(map(str, row)) for row in rows), encoding="utf-8")
    assert load_value_sets(SHIPPED, tmp_path)[OID].codes == {(LOINC, "17856-6")}


DIRECTORY = (
    "Value Set Name,Value Set OID,Value Set Version,Code,Definition,Code System,Code System OID,Code System Version\n"
    f'Haemoglobin,{OID},2026-03-31,17856-6,"made up, too",LOINC,{LOINC_OID},2.80\n'
    "Eye Visit,8.8.1,2026-03-31,92002,made up,CPT-CAT-II,,2026\n"
)


def test_a_directory_is_known_by_its_headings(tmp_path: Path) -> None:
    (tmp_path / "directory.csv").write_text(DIRECTORY, encoding="utf-8")
    loaded = load_value_sets(SHIPPED, tmp_path)
    assert loaded["a1c_test"].codes == {(LOINC, "17856-6")}
    assert loaded["a1c_test"].version == "2026-03-31"
    assert loaded["8.8.1"].title == "Eye Visit"


def test_a_mapping_says_what_other_headings_and_words_mean(tmp_path: Path) -> None:
    (tmp_path / "columns.yaml").write_text(
        "columns: {title: Set, oid: Set Number, code: Member, system: Vocabulary}\n"
        "ignore: [Change, Code]\n"
        "sheets: [Members]\n"
        "systems: {Labs: LOINC}\n"
        "names: {Eye Visit: eye_exam}\n",
        encoding="utf-8",
    )
    heading: list[Cell] = ["Set", "Set Number", "Member", "Vocabulary", "Change", "Code"]
    members: list[list[Cell]] = [
        heading,
        ["A1c", OID, "17856-6", "labs", "none", "x"],
        ["Eye Visit", "8.8.1", "92004", "CPT", "added", "y"],
    ]
    removed: list[list[Cell]] = [heading, ["A1c", OID, "4548-4", "Labs", "removed", "x"]]
    write_workbook(tmp_path / "directory.xlsx", {"Removed": removed, "Members": members})
    loaded = load_value_sets(SHIPPED, tmp_path)
    assert loaded["a1c_test"].codes == {(LOINC, "17856-6")}
    assert loaded["eye_exam"].codes == {(CPT, "92004")}
    assert loaded["eye_exam"].oid == "8.8.1", "the name was given by hand, so the licensed OID goes with it"


def test_a_mapping_is_for_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "columns.yaml").write_text("columns: {code: Member}\n", encoding="utf-8")
    (tmp_path / "ours" / "a.csv").write_text("oid,system,member\n7.1,LOINC,4549-2\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("oid,system,code\n7.2,LOINC,4549-2\n", encoding="utf-8")
    assert {"7.1", "7.2"} < set(load_value_sets(SHIPPED, tmp_path))


def test_a_set_without_oid_replaces_the_one_of_its_title(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Value Set Name,Code System,Code\nEye  exam,CPT,92004\n", encoding="utf-8")
    assert load_value_sets(SHIPPED, tmp_path)["eye_exam"].codes == {(CPT, "92004")}


def test_a_column_that_nobody_knows_is_never_passed_by(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"oid,system,code,status\n{OID},LOINC,4548-4,retired\n", encoding="utf-8")
    assert issues_of(tmp_path) == ["a.csv:1 value-set-unknown-column"]


def test_number_cells_are_taken_only_where_no_zero_can_be_lost(tmp_path: Path) -> None:
    def codes(*cells: tuple[Cell, str]) -> list[list[Cell]]:
        return [["OID", "Code", "Code System"], *([OID, code, system] for code, system in cells)]

    write_workbook(tmp_path / "a.xlsx", {"A": codes((99213, "CPT"), (44054006, "SNOMED"), (860975, "RXNORM"))})
    assert {code for _, code in load_value_sets(SHIPPED, tmp_path)[OID].codes} == {"99213", "44054006", "860975"}
    doubtful = codes((450, "UBREV"), (50242001234, "NDC"), (250.5, "ICD9CM"), (12345678901234567, "SNOMED"))
    write_workbook(tmp_path / "a.xlsx", {"A": doubtful})
    told = [f"a.xlsx[A]:{row} value-set-malformed-code" for row in (2, 3, 4, 5)]
    assert issues_of(tmp_path) == ["a.xlsx[A]:2 value-set-empty", *told]


def test_every_row_is_taken_or_told(tmp_path: Path) -> None:
    rows = [f"{OID},LOINC,4548-4"] * 3 + [f"{OID},LOINC,{n}" for n in range(40)] + [f"{OID},LONIC,1"] * 7
    (tmp_path / "a.csv").write_text("oid,system,code\n" + "\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load_value_sets(SHIPPED, tmp_path)
    told = str(caught.value)
    assert len(caught.value.issues) == 7, "five mistyped codes, the rest of them together, and the unknown system once"
    assert "35 more problems of this kind, in rows 10, 11, 12, 13, 14 and 30 more" in told
    assert "'LONIC' is not a known code system; also in rows 46, 47, 48, 49, 50 and 1 more" in told


def test_forms_stand_side_by_side(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a1c.xlsx", {"Value Set Info": INFO, "Code List": CODES})
    write_workbook(tmp_path / "~$a1c.xlsx", {})
    (tmp_path / "directory.csv").write_text(DIRECTORY.replace(OID, "8.8.2"), encoding="utf-8")
    (tmp_path / "b.yaml").write_text("value_set: eye_exam\ncodes: {CPT: ['92004']}\n", encoding="utf-8")
    (tmp_path / "c.json").write_text(
        '{"resourceType": "ValueSet", "url": "http://example.org/ValueSet/7.1",'
        ' "compose": {"include": [{"system": "http://loinc.org", "concept": [{"code": "4549-2"}]}]}}',
        encoding="utf-8",
    )
    loaded = load_value_sets(SHIPPED, tmp_path)
    sources = {name: value_set.source for name, value_set in loaded.items()}
    assert sources == {
        "7.1": "c.json", "8.8.1": "directory.csv", "8.8.2": "directory.csv", "a1c_test": "a1c.xlsx",
        "eye_exam": "b.yaml",
    }  # fmt: skip


def test_a_protected_workbook_is_said(tmp_path: Path) -> None:
    # What a password makes of a workbook is a compound file, which starts so.
    (tmp_path / "a.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504))
    assert issues_of(tmp_path) == ["a.xlsx:0 value-set-unreadable"]
