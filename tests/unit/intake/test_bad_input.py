"""One bad input for every error of the intake: what, where, why, and how to fix it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from measureharmony.intake import IntakeError, take_in
from measureharmony.specs import Specs
from tests.unit.value_sets.workbook import write_workbook

SOURCES = Path(__file__).resolve().parents[3] / "src" / "measureharmony" / "intake"
HEAD = "program: {program: acme, title: Acme, payer: acme, edition: 2026}\n"
TABLE = "Measure,Age\nBCS-E,50-74\n"

#: Code: the file's name, its bytes, the profile (if any), and what its author reads.
CASES: dict[str, tuple[str, bytes, str | None, str]] = {
    "intake-kind-of-file": (
        "a.pdf", b"%PDF", None,
        "a.pdf: intake-kind-of-file: files that end in '.pdf' are not read here\n"
        "    fix: give a file of one of the kinds .xlsx, .xls, .csv, .tsv; copy a PDF's table into one",
    ),
    "intake-unreadable": (
        "a.csv", b"Measure\xff", None,
        "a.csv: intake-unreadable: byte 8 is not UTF-8 text\n    fix: save the file as UTF-8",
    ),
    "intake-empty": (
        "a.csv", b"\n,,\n", None,
        "a.csv: intake-empty: no cell of the file holds any text\n    fix: save it again with its measures",
    ),
    "intake-no-table": (
        "a.csv", b"Hello,world\n1,2\n", None,
        "a.csv: intake-no-table: no row looks like headings of a table of measures: none names the measure and "
        "something about it\n    fix: say with --profile which rows the headings are in, and what each column holds",
    ),
    "intake-unknown-column": (
        "a.csv", TABLE.encode(), HEAD + "header_rows: [1]\ncolumns: {Measure: name, Ages: age}\n",
        "a.csv:1: intake-unknown-column: there is no heading 'Ages'\n    fix: did you mean 'Age'?",
    ),
    "intake-no-sheet": (
        "a.csv", TABLE.encode(), HEAD + "sheets: [Two]\nheader_rows: [1]\ncolumns: {Measure: name}\n",
        "a.csv: intake-no-sheet: there is no sheet 'Two' with any text\n    fix: the file has no named sheets; "
        "take 'sheets' out of the profile",
    ),
    "intake-no-measure-column": (
        "a.csv", TABLE.encode(), HEAD + "header_rows: [1]\ncolumns: {Age: age}\n",
        "p.yaml:1: intake-no-measure-column: no column holds the measures' names\n"
        "    fix: under columns, give the column with the payer's names: 'Its heading: name'",
    ),
    "intake-unknown-measure": (
        "a.csv", TABLE.encode(), HEAD + "header_rows: [1]\ncolumns: {Measure: name}\nmeasures: {BCS-E: bcs2}\n",
        "p.yaml:4: intake-unknown-measure: there is no measure 'bcs2'\n    fix: did you mean 'bcs'?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", CASES)
def test_the_author_reads_what_where_and_how_to_fix_it(
    code: str, specs: Specs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name, content, profile, expected = CASES[code]
    Path(name).write_bytes(content)
    if profile is not None:
        Path("p.yaml").write_text(profile, "utf-8")
    with pytest.raises(IntakeError) as caught:
        take_in(name, specs, profile="p.yaml" if profile else None)
    assert str(caught.value) == expected


def test_every_error_has_its_bad_input() -> None:
    text = "".join(path.read_text("utf-8") for path in SOURCES.glob("*.py"))
    codes = {f"intake-{code}" for code in re.findall(r'complaints\.add\(0, "([a-z-]+)"', text)}
    codes |= set(re.findall(r'"(intake-[a-z-]+)"', text)) | {"intake-no-table", "intake-unknown-column"}
    assert codes == set(CASES)


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"PK\x03\x04 broken", "no workbook that can be read"), (b"", "no workbook that can be read")],
)
def test_a_broken_workbook(content: bytes, why: str, specs: Specs, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(IntakeError, match=why):
        take_in(tmp_path / "a.xlsx", specs)


def test_headings_in_another_row_than_the_profile_says(specs: Specs, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"S": [["Measure", "Age"], ["BCS-E", "50-74"]]})
    (tmp_path / "p.yaml").write_text(HEAD + "header_rows: [2]\ncolumns: {Measure: name, Age: age}\n", "utf-8")
    with pytest.raises(IntakeError, match=r"\[S\]:2: intake-no-table: none of the profile's headings stands in row 2"):
        take_in(path, specs, profile=tmp_path / "p.yaml")


def test_a_profile_of_the_wrong_shape_says_all_at_once(specs: Specs, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE, "utf-8")
    (tmp_path / "p.yaml").write_text(HEAD + "header_row: [1]\ncolumns: {Measure: nam}\n", "utf-8")
    with pytest.raises(IntakeError) as caught:
        take_in(tmp_path / "a.csv", specs, profile=tmp_path / "p.yaml")
    assert {"spec-unknown-key", "spec-missing-key"} <= {issue.code for issue in caught.value.issues}
    assert any("nam" in issue.what for issue in caught.value.issues)
