"""Each difference between a payer's list and our outcomes gets the cause that it has."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from measureharmony.errors import UsageError
from measureharmony.practice import Practice, from_tables
from measureharmony.reconciliation import (
    CAUSES,
    Profile,
    Reconciliation,
    ReconciliationError,
    read_profile,
    reconcile,
)
from measureharmony.specs import Specs, load_specs
from tests.acceptance.small_practice import arrow, tables

#: All of the small practice's women have Bluestone's coverage but for "uncovered", "listed" and "delisted".
PROFILE = """\
program: bluestone_commercial
as_of: 2026-09-30
columns: {Member: person_id, Measure: measure, Status: status, Result: value, Date: date}
statuses: {Open: open, Closed: closed, Excluded: excluded, N/A: not_applicable}
measures: {Breast: bcs.screened, Sugar: gsd.good_control}
"""


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load_specs()


@pytest.fixture(scope="module")
def practice() -> Practice:
    made = tables()
    for row in made["coverage"]:
        row["member_id"] = f"M-{row['person_id']}"
    made["coverage"].append(
        {"person_id": "delisted", "payer": "bluestone", "product_line": "medicaid", "start": "2024-01-01"}
    )
    for row in made["person"]:
        row["name"] = row["person_id"].replace("-", " ").title()
    return from_tables({name: arrow(rows) for name, rows in made.items()})


def profile(tmp_path: Path, text: str = PROFILE) -> Profile:
    path = tmp_path / "profile.yaml"
    path.write_text(text, encoding="utf-8")
    return read_profile(path)


def reconciled(
    tmp_path: Path, practice: Practice, specs: Specs, *rows: str, text: str = PROFILE, head: str = ""
) -> Reconciliation:
    path = tmp_path / "list.csv"
    path.write_text("\n".join([head or "Member,Measure,Status,Result,Date", *rows]) + "\n", encoding="utf-8")
    return reconcile(practice, specs, path, profile(tmp_path, text), measures=["bcs", "gsd"])


def cause_of(found: Reconciliation, person: str | None) -> str:
    return next(str(row["cause"]) for row in found.every.to_dicts() if row["person_id"] == person)


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("missing,Breast,Open,,", "agree"),
        ("screened,Breast,Closed,,2026-02-01", "agree"),
        ("screened,Breast,Open,,", "evidence_missing_there"),
        ("missing,Breast,Closed,,2026-05-04", "evidence_missing_here"),
        ("missing,Breast,Closed,,2026-11-04", "timing"),
        ("uncovered,Breast,Open,,", "enrolment"),
        ("delisted,Breast,Open,,", "attribution"),
        ("uncovered,Breast,N/A,,", "agree"),
        ("missing,Sugar,Open,,", "evidence_missing_here"),
    ],
)
def test_the_cause_of_one_row(tmp_path: Path, practice: Practice, specs: Specs, row: str, cause: str) -> None:
    text = PROFILE + "meaning: delta\n"
    found = reconciled(tmp_path, practice, specs, row, text=text)
    assert cause_of(found, row.split(",")[0]) == cause
    assert found.every.to_dicts()[0]["ask"] == CAUSES[cause][1]


def test_evidence_newer_than_the_list_is_a_matter_of_time(tmp_path: Path, practice: Practice, specs: Specs) -> None:
    text = PROFILE.replace("2026-09-30", "2026-07-31") + "meaning: delta\n"
    path = tmp_path / "list.csv"
    path.write_text("Member,Measure,Status,Result,Date\nclaimed-late,Breast,Open,,\n", encoding="utf-8")
    found = reconcile(
        practice, specs, path, profile(tmp_path, text), measures=["bcs", "gsd"], as_of=dt.date(2026, 9, 30)
    )
    row = found.every.to_dicts()[0]
    assert (row["cause"], row["evidence_source"]) == ("timing", "claim")
    assert row["why"] == "our evidence was known on 2026-08-01, the list is of 2026-07-31"


def test_the_same_result_read_differently_is_a_boundary(tmp_path: Path, specs: Specs) -> None:
    made = tables()
    sugar = {"kind": "observation", "type": "lab", "code_system": "LOINC", "code": "4548-4", "unit": "%"}
    illness = {"kind": "condition", "code_system": "ICD10CM", "code": "E11.9", "start": "2020-01-01",
               "verification": "confirmed"}  # fmt: skip
    for person, result in (("screened", "8.0"), ("missing", "7.9")):
        made["event"].append(
            {"event_id": f"{person}-a1c", "person_id": person, "start": "2026-08-03", "value": result, **sugar}
        )
        made["event"].append({"event_id": f"{person}-dm", "person_id": person, **illness})
    practice = from_tables({name: arrow(rows) for name, rows in made.items()})
    rows = ["screened,Sugar,Closed,8.0,2026-08-03", "missing,Sugar,Open,7.9 %,08/03/2026"]
    found = reconciled(tmp_path, practice, specs, *rows, text=PROFILE + "meaning: delta\n")
    assert {cause_of(found, "screened"), cause_of(found, "missing")} == {"value_boundary"}
    assert found.every.to_dicts()[0]["why"] == "both have 8.0 of 2026-08-03"


def test_the_canonical_answer_points_to_another_version(tmp_path: Path, practice: Practice, specs: Specs) -> None:
    # Bluestone counts women of 50 and over, the canonical rule those of 42.
    made = tables()
    for row in made["person"]:
        if row["person_id"] == "missing":
            row["birth"] = "1980-03-02"
    young = from_tables({name: arrow(rows) for name, rows in made.items()})
    found = reconciled(tmp_path, young, specs, "missing,Breast,Open,,", text=PROFILE + "meaning: delta\n")
    assert cause_of(found, "missing") == "version"


def test_a_snapshot_speaks_by_what_it_leaves_out_and_a_delta_does_not(
    tmp_path: Path, practice: Practice, specs: Specs
) -> None:
    snapshot = reconciled(tmp_path, practice, specs, "missing,Breast,Open,,")
    absent = [row for row in snapshot.disputes.to_dicts() if row["payer_says"] == "not_listed"]
    assert {row["person_id"] for row in absent} == {"two-payers"}
    assert {row["cause"] for row in absent} == {"evidence_missing_here"}
    delta = reconciled(tmp_path, practice, specs, "missing,Breast,Open,,", text=PROFILE + "meaning: delta\n")
    assert len(delta.disputes) == 0


def test_who_is_not_among_the_payers_results_at_all_is_a_matter_of_attribution(
    tmp_path: Path, practice: Practice, specs: Specs
) -> None:
    found = reconciled(tmp_path, practice, specs, "missing,Breast,Open,,", text=PROFILE + "lists: results\n")
    assert cause_of(found, "two-payers") == "attribution"


def test_people_are_recognised_by_either_number_or_by_name_and_birth(
    tmp_path: Path, practice: Practice, specs: Specs
) -> None:
    columns = "{Member: person_id, Number: member_id, Name: name, Born: birth, Measure: measure, Status: status}"
    text = PROFILE.replace(PROFILE.splitlines()[2], f"columns: {columns}") + "meaning: delta\n"
    rows = [
        "missing,,,,Breast,Open",
        ",M-screened,,,Breast,Open",
        ",X,LATER ,03/02/1966,Breast,Closed",
        ",X,Nobody,,Breast,Open",
    ]
    found = reconciled(tmp_path, practice, specs, *rows, text=text, head="Member,Number,Name,Born,Measure,Status")
    by_row = {row["row"]: (row["person_id"], row["matched_by"], row["cause"]) for row in found.every.to_dicts()}
    assert by_row == {
        2: ("missing", "person_id", "agree"),
        3: ("screened", "member_id", "evidence_missing_there"),
        4: ("later", "name_and_birth", "agree"),
        5: (None, None, "identity"),
    }


def test_it_is_written_ready_to_be_sent(tmp_path: Path, practice: Practice, specs: Specs) -> None:
    found = reconciled(tmp_path, practice, specs, "screened,Breast,Open,,", "missing,Breast,Open,,")
    paths = found.write(tmp_path / "out")
    assert [path.name for path in paths] == ["disputes.csv", "reconciliation.csv"]
    text = paths[0].read_text("utf-8-sig")
    assert "evidence of 2026-02-01 from ehr" in text
    assert "missing" not in text.replace("evidence_missing", "")
    assert sum(int(str(row["rows"])) for row in found.summary.to_dicts()) == len(found.every)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["missing,Chest,Open,,"], "list.csv:2: reconciliation-unknown-measure"),
        (["missing,Breast,Ajar,,"], "list.csv:2: reconciliation-unknown-status"),
        (["missing,Breast,,,"], "the row has no status"),
        (["missing,Breast,Open,,3rd of May"], "list.csv:2: reconciliation-not-a-date"),
    ],
)
def test_what_is_not_understood_is_told_with_its_row(
    tmp_path: Path, practice: Practice, specs: Specs, rows: list[str], said: str
) -> None:
    with pytest.raises(ReconciliationError) as caught:
        reconciled(tmp_path, practice, specs, *rows)
    assert said in str(caught.value)
    assert "3rd of May" not in str(caught.value)


def test_all_problems_are_told_together(tmp_path: Path, practice: Practice, specs: Specs) -> None:
    with pytest.raises(ReconciliationError) as caught:
        reconciled(tmp_path, practice, specs, "a,Chest,Ajar,,", "b,Breast,Open,,never")
    assert [issue.line for issue in caught.value.issues] == [2, 2, 3]


def test_headings_that_are_not_there(tmp_path: Path, practice: Practice, specs: Specs) -> None:
    with pytest.raises(ReconciliationError, match="there is no heading 'Result'"):
        reconciled(tmp_path, practice, specs, "x,Breast,Open", head="Member,Measure,Status")


def test_a_row_of_somebody_in_place_of_the_headings_is_not_quoted(
    tmp_path: Path, practice: Practice, specs: Specs
) -> None:
    with pytest.raises(ReconciliationError, match="none of the headings under columns stands in row 1") as caught:
        reconciled(tmp_path, practice, specs, "x,Breast,Open,,", head="Ann Doe,Breast,Open,,")
    assert "Ann" not in str(caught.value)


def test_a_column_of_other_words_than_measures_is_not_quoted(tmp_path: Path, practice: Practice, specs: Specs) -> None:
    people = [f"x,Person {number},Open,," for number in range(13)]
    with pytest.raises(ReconciliationError, match="13 different words under 'Measure' are no measure") as caught:
        reconciled(tmp_path, practice, specs, *people, *people)
    assert "Person" not in str(caught.value)
    with pytest.raises(ReconciliationError, match=r"'Chest' is no measure that is known \(in 2 rows\)"):
        reconciled(tmp_path, practice, specs, "a,Chest,Open,,", "b,Chest,Open,,")


def test_a_list_of_another_country_is_read(tmp_path: Path, practice: Practice, specs: Specs) -> None:
    path = tmp_path / "list.csv"
    rows = ("Member;Measure;Status;Result;Date", "missing;Sugar;Closed;7,5 %;2026-05-04", "=1+1;Breast;Open;;")
    path.write_text("\r\n".join(rows) + "\r\n", encoding="utf-8-sig")
    text = PROFILE + "meaning: delta\n"
    found = reconcile(practice, specs, path, profile(tmp_path, text), measures=["bcs", "gsd"])
    unknown, known = sorted(found.every.to_dicts(), key=lambda row: str(row["person_id"] or ""))
    assert (known["person_id"], known["payer_value"]) == ("missing", "7,5 %")
    assert (unknown["cause"], unknown["member_id"]) == ("identity", "=1+1")
    assert '"\'=1+1"' in found.write(tmp_path / "out")[0].read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("Measure: measure, ", ""), "no column holds the measure"),
        (("Member: person_id", "Member: name"), "nothing says who is meant"),
        (("Result: value", "Result: date"), "several columns hold date"),
        (("statuses: {Open: open, Closed: closed, Excluded: excluded, N/A: not_applicable}\n", ""), "not explained"),
        (("as_of: 2026-09-30", "as_of: soon"), "profile.yaml:2"),
    ],
)
def test_wrong_profiles_are_told(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(ReconciliationError, match=said):
        profile(tmp_path, PROFILE.replace(*change))


def test_unknown_names_of_a_profile(tmp_path: Path, practice: Practice, specs: Specs) -> None:
    with pytest.raises(UsageError, match="does not count"):
        reconciled(tmp_path, practice, specs, text=PROFILE.replace("bcs.screened", "bcs.seen"))
    with pytest.raises(UsageError, match="is not there"):
        reconciled(tmp_path, practice, specs, text=PROFILE.replace("bluestone_commercial", "nobody"))
    (tmp_path / "list.pdf").write_text("")
    with pytest.raises(UsageError, match="is no table"):
        reconcile(practice, specs, tmp_path / "list.pdf", profile(tmp_path))
