"""Finding the table in a sheet, and every cell of the file in the account."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measureharmony.errors import UsageError
from measureharmony.intake import Intake, IntakeError, take_in
from measureharmony.intake.profile import profile_text, read_profile
from measureharmony.intake.report import COLUMNS
from measureharmony.specs import Specs
from tests.unit.intake.conftest import Taken


def test_a_guessed_profile_can_be_written_and_read_again(taken: Taken, specs: Specs) -> None:
    rows = [["Acme Medicaid 2026"], ["Measure", "Look-back (months)", "Goal: all"], ["BCS-E", 24, "70 %"]]
    intake = taken(rows)
    path = Path("again.yaml")
    path.write_text(profile_text(intake.profile), "utf-8")
    assert read_profile(path, specs.canonical.measures) == intake.profile
    assert intake.profile.program.product_lines == ("medicaid",)
    assert intake.profile.header_rows == (2,)


def test_headings_may_stand_in_two_rows(taken: Taken) -> None:
    rows = [["Measure", "Age", None, "Goal"], [None, "From", "To", None], ["BCS-E", 50, 70, "70 %"]]
    intake = taken(rows, "A1:A2", "B1:C1", "D1:D2")
    assert intake.profile.header_rows == (1, 2)
    assert [said.change.kind for said, _ in intake.drafts[0].changes if said.change] == [
        "set_parameter", "set_parameter", "set_target",
    ]  # fmt: skip


def test_names_are_found_by_what_stands_in_the_column(taken: Taken) -> None:
    rows = [["What we want", "Age", "Goal"], ["Breast cancer screening", "50-74", 0.7], ["Pap test", "24-64", 0.7]]
    assert [draft.key for draft in taken(rows).drafts] == ["bcs", "ccs"]


def test_a_cell_merged_over_several_rows_speaks_for_each(taken: Taken) -> None:
    rows = [["Measure", "Goal"], ["BCS-E", "70 %"], ["COL-E", None]]
    intake = taken(rows, "B2:B3")
    assert [len(draft.changes) for draft in intake.drafts] == [1, 1]
    assert len(intake.accounts) == 5


def test_a_long_sheet_by_a_profile(taken: Taken) -> None:
    profile = (
        "program: {program: acme, title: Acme, payer: acme, edition: 2026, membership: {roster: true}}\n"
        "sheets: [S]\nlayout: long\nheader_rows: [1]\n"
        "columns: {A: name, Thing: attribute, Is: value}\n"
        "attributes: {Who: age, How far back: {holds: lookback, unit: months}, Colour: ignore}\n"
        "measures: {Rosa: bcs, Blau: none}\nwritten: {lookback: before_period}\n"
    )
    rows = [[None, "Thing", "Is"], ["Rosa", "Who", "50-74"], [None, "How far back", 24], [None, "Colour", "red"],
            ["Blau", "Who", "1-2"], [None, "Nobody's", None]]  # fmt: skip
    intake = taken(rows, profile=profile)
    payloads = [said.change.payload for said, _ in intake.drafts[0].changes if said.change]
    assert [payload["to"] for payload in payloads] == [50, 24]
    results = {account.cell.text: account.result for account in intake.accounts}
    assert (results["red"], results["1-2"], results["Blau"]) == ("ignored", "ignored", "ignored")
    assert results["Nobody's"] == "not understood"


def test_a_column_may_name_its_parameter(taken: Taken) -> None:
    profile = (
        "program: {program: acme, title: Acme, payer: acme, edition: 2026}\nheader_rows: [1]\n"
        "columns: {M: name, X: {holds: parameter, parameter: mammogram_lookback, unit: months}}\n"
    )
    intake = taken([["M", "X"], ["BCS-E", 24], ["COL-E", 24]], profile=profile)
    assert [len(draft.changes) for draft in intake.drafts] == [1, 0]


def test_sheets_that_are_not_named_are_accounted_for(specs: Specs, tmp_path: Path) -> None:
    from tests.unit.value_sets.workbook import write_workbook

    sheets = {"A": [["Measure", "Age"], ["BCS-E", "50-74"]], "B": [["Contact"], ["Anna"]], "Empty": []}
    intake = take_in(write_workbook(tmp_path / "x.xlsx", sheets), specs)
    assert [one.result for one in intake.accounts if one.cell.sheet == "B"] == ["ignored", "ignored"]


@pytest.mark.parametrize("key", ["canonical", "Acme Health", "1st"])
def test_a_key_that_no_program_can_have(key: str, specs: Specs, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Measure,Age\nBCS-E,50-74\n", "utf-8")
    with pytest.raises(UsageError, match="cannot be a program's key"):
        take_in(tmp_path / "a.csv", specs, program=key)


def test_what_people_confirmed_is_not_written_over(taken: Taken) -> None:
    intake = taken([["Measure", "Age"], ["BCS-E", "50-74"]])
    with pytest.raises(UsageError, match="may hold what people have confirmed"):
        intake.write("drafts")


def test_drafts_of_an_earlier_intake_go_and_peoples_own_files_stay(taken: Taken) -> None:
    home = Path("drafts/payers/acme")
    taken([["Measure", "Age"], ["BCS-E", "50-74"]])
    (home / "ccs.yaml").write_text("overlay: ccs\nedition: 2026\n", "utf-8")
    intake = taken([["Measure", "Age"], ["COL-E", "50-74"]], has_problems=True)
    assert {path.name for path in home.iterdir()} == {"program.yaml", "col.yaml", "ccs.yaml"}
    assert [draft.key for draft in intake.drafts] == ["col"]


def accounted(intake: Intake, rows: list[list[str]]) -> None:
    """Every cell with text has its line, in the account and in the written report, and a reason."""
    there = [(r, c) for r, row in enumerate(rows, 1) for c, text in enumerate(row, 1) if text.strip()]
    assert [(one.cell.row, one.cell.column) for one in intake.accounts] == there
    assert all(one.what and one.what != "nothing was made of it" for one in intake.accounts)


_HEADINGS = [
    "Measure", "Measure ID", "Age", "Look-back", "Threshold", "Enrollment", "Gaps allowed", "Gap days", "Anchor",
    "Goal", "4 Star", "Min denominator", "Incentive", "Payment schedule", "Claims deadline", "Data due", "Period",
    "Effective date", "Data source", "Exclusions", "Page", "Notes", "Attribute", "Value", "Rate", "Foo",
]  # fmt: skip
_VALUES = [
    "", "50-74", "18+", "≤ 9 %", "140/90", "27 months", "10 years; FIT 1 year", "1 gap ≤45 days", "none",
    "12/31/2026", "99/99/2026", "$25 per gap", "0.72", "101%", "75th percentile", "#REF!", "7/1/2025 – 6/30/2026",
    "claims", "Hospice", "{a: b}", "# x", "- y", ": z", "☃", "one", "a" * 300, "5 - ", "<",
    "0 years", "2 gaps of 400 days",
]  # fmt: skip
_NAMES = ["BCS-E", "COL-E", "CBP", "HbA1c < 8 %", "HbA1c poor control", "FUH", "WCV", "IET", "Nonsense", "", "PDC-STA"]


@st.composite
def _sheets(draw: st.DrawFn) -> list[list[str]]:
    heads = ["Measure", *draw(st.lists(st.sampled_from(_HEADINGS), min_size=1, max_size=6, unique=True))]
    values = st.sampled_from(_VALUES)
    rows = draw(st.lists(st.tuples(st.sampled_from(_NAMES), *(values for _ in heads[1:])), min_size=1, max_size=4))
    above = draw(st.sampled_from([[], [["Acme Commercial 2026"]]]))
    below = draw(st.sampled_from([[], [["All measures need continuous enrollment, 1 gap of 45 days"]], [["Note"]]]))
    return [*above, heads, *map(list, rows), *below]


@settings(max_examples=25)
@given(rows=_sheets())
def test_whatever_stands_in_a_sheet_every_cell_is_accounted_for_and_drafts_are_valid(
    specs: Specs, rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sheet")
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    (folder / "x.csv").write_text(text.getvalue(), "utf-8")
    try:
        intake = take_in(folder / "x.csv", specs)
    except IntakeError as refused:
        if "intake-no-table" in str(refused):
            return
        raise
    accounted(intake, rows)
    intake.write(folder / "drafts")
    assert intake.problems(folder / "drafts", specs) == ()
    with (folder / "drafts" / "intake-report.csv").open(encoding="utf-8", newline="") as file:
        report = list(csv.reader(file))
    assert tuple(report[0]) == COLUMNS
    assert len(report) - 1 == len(intake.accounts)
