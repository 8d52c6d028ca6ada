"""Supplemental-data files: what goes in, how it is written, what is left out, and every error of a profile."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pytest
import python_calamine

from measureharmony.errors import SpecError
from measureharmony.payers.program import MembershipRule, Program, ProgramMeasure, Source
from measureharmony.practice import Practice
from measureharmony.practice.contract import EVENT_SOURCES
from measureharmony.reports.supplemental import PayerProfile, read_payer_profile, supplemental_data
from measureharmony.reports.supplemental.profile import EvidenceSource
from measureharmony.reports.supplemental.write import SupplementalData
from tests.unit.fhir_output.practice import HOSTILE, INVERSE, SCREENING, Row, outcome, practice, results

IN = ("initial_population", "denominator")
MET = (*IN, "numerator")
PROGRAM = Program(
    program="blue_plan",
    title="Blue plan",
    payer="blue",
    fictional=True,
    edition=2026,
    membership=MembershipRule(roster=True),
    measures=(ProgramMeasure(measure="screening", id="BP-1"), ProgramMeasure(measure="inverse")),
    sources=(Source(document="made up"),),
)
WHO = [{"heading": "WHO", "from": "person_id"}, {"heading": "WHEN", "from": "service_date"}]


def profile(columns: list[dict[str, Any]] | None = None, **parts: Any) -> PayerProfile:
    return PayerProfile.model_validate({"profile": "blue", "title": "Blue", "columns": columns or WHO, **parts})


def event(event_id: str, person: str = "a", **cells: str) -> Row:
    whole = {"event_id": event_id, "person_id": person, "kind": "procedure", "start": "2026-02-03", "code": "77067"}
    return {**whole, "code_system": "http://www.ama-assn.org/go/cpt", **cells}


def of(
    events: list[Row],
    chosen: PayerProfile | None = None,
    *,
    rows: list[Row] | None = None,
    coverage: list[Row] | None = None,
    codes: list[Row] | None = None,
    gaps: pa.Table | None = None,
) -> SupplementalData:
    """The file of a program in which everybody with an event has what the measure wants, by that event."""
    found = rows or [met(one["event_id"], one["person_id"]) for one in events]
    people = [{"person_id": p, "birth": "1960-05-04", "sex": "female", "name": "Ann Ash"} for p in ids(found)]
    where: Practice = practice(people, events, coverage, codes)
    told = results(found, (SCREENING, INVERSE), where=where, program="blue_plan")
    return supplemental_data(told, chosen or profile(), PROGRAM, gaps)


def ids(rows: list[Row]) -> Iterator[str]:
    return iter(dict.fromkeys(row["person_id"] for row in rows))


def met(event_id: str, person: str = "a", **cells: Any) -> Row:
    return outcome(person, "screening", *MET, program="blue_plan", evidence_id=event_id, **cells)


def lines(data: SupplementalData, folder: Path, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.write(folder)[0].read_text("utf-8")), delimiter=delimiter))


def test_a_file_holds_what_the_payer_has_not(tmp_path: Path) -> None:
    data = of([event("mine"), event("claimed", "b", source="claim"), event("told", "c", source="patient_reported")])
    assert lines(data, tmp_path) == [["WHO", "WHEN"], ["a", "2026-02-03"], ["c", "2026-02-03"]]


def test_only_evidence_that_closes_something_is_sent() -> None:
    rows = [
        met("met"),
        outcome("b", "screening", *IN, program="blue_plan", evidence_id="open"),
        outcome("c", "screening", *IN, "denominator_exclusion", program="blue_plan", evidence_id="excluded"),
        outcome("d", "inverse", *IN, program="blue_plan", evidence_id="good"),
        outcome("e", "inverse", *MET, program="blue_plan", evidence_id="bad"),
        {**met("other", "f"), "member": False},
        outcome("g", "screening", *MET, evidence_id="unified"),
    ]
    events = [event(row["evidence_id"], row["person_id"]) for row in rows]
    assert of(events, rows=rows).rows["WHO"].to_pylist() == ["a", "d"]


def test_gaps_with_reasons_decide_where_they_are_known() -> None:
    gap = {"program": "blue_plan", "measure": "screening", "rate": "met"}
    gaps = pa.Table.from_pylist(
        [
            {**gap, "person_id": "a", "evidence_id": "e1", "reason": "send_evidence"},
            {**gap, "person_id": "b", "evidence_id": "e2", "reason": "in_run_out"},
            {**gap, "person_id": "c", "evidence_id": None, "reason": "send_evidence"},
            {**gap, "person_id": "d", "evidence_id": "e4", "reason": "send_evidence", "program": "other"},
        ]
    )
    events = [event("e1", source="claim"), event("e2", "b")]
    assert of(events, gaps=gaps).rows["WHO"].to_pylist() == ["a"]
    both = profile(evidence={"reasons": ["send_evidence", "in_run_out"]})
    assert of(events, both, gaps=gaps).rows["WHO"].to_pylist() == ["a", "b"]


def test_columns_say_what_the_profile_asks_for(tmp_path: Path) -> None:
    chosen = profile(
        [
            {"heading": "Member", "from": "member_id"},
            {"heading": "Born", "from": "birth"},
            {"heading": "Sex", "from": "sex", "words": {"female": "F"}},
            {"heading": "Ours", "from": "measure"},
            {"heading": "Theirs", "from": "measure_id"},
            {"heading": "System", "from": "code_system"},
            {"heading": "Code", "from": "code"},
            {"heading": "Result", "from": "value"},
            {"heading": "Flag", "from": "source_flag"},
            {"heading": "From", "value": "US"},
        ],
        file={"delimiter": "|", "date_format": "MM/DD/YYYY"},
        code_systems={"LOINC": "LN", "CPT": "C4"},
        source_flags={"ehr": "S"},
    )
    coverage = [
        {"person_id": "a", "payer": "blue", "start": f"{year}-01-01", "member_id": f"B{year}"} for year in (2025, 2026)
    ]
    data = of([event("e", value="132.0", unit="mg/dL")], chosen, coverage=coverage)
    assert lines(data, tmp_path, "|")[1] == [
        "B2026", "05/04/1960", "F", "screening", "BP-1", "C4", "77067", "132", "S", "US",
    ]  # fmt: skip


def test_the_code_is_of_the_first_system_of_the_profile_that_the_event_has() -> None:
    columns = [{"heading": "S", "from": "code_system"}, {"heading": "C", "from": "code"}]
    codes = [{"event_id": "e", "system": "http://loinc.org", "code": "24606-6"}]
    both = {"CPT": "C4", "LOINC": "LN"}
    for systems, expected in (
        ({}, ("CPT", "77067")),
        (both, ("C4", "77067")),
        (dict(reversed(both.items())), ("LN", "24606-6")),
        ({"CVX": "CVX"}, (None, None)),
    ):
        (row,) = of([event("e")], profile(columns, code_systems=systems), codes=codes).rows.to_pylist()
        assert (row["S"], row["C"]) == expected


def test_rows_that_say_the_same_are_one_row_and_the_count_adds_up() -> None:
    rows = [met("e"), outcome("a", "inverse", *IN, program="blue_plan", evidence_id="e")]
    data = of([event("e")], rows=rows)
    assert (data.rows.num_rows, data.found) == (1, 2)


def test_what_lacks_a_required_cell_or_a_flag_is_left_out_and_listed(tmp_path: Path) -> None:
    chosen = profile(
        [*WHO, {"heading": "Code", "from": "code", "required": True}],
        code_systems={"LOINC": "LN"},
        source_flags={"ehr": "S"},
    )
    data = of([event("coded", code="24606-6", code_system="http://loinc.org"), event("cpt", "b"),
               event("registry", "c", source="registry")], chosen)  # fmt: skip
    assert data.rows["WHO"].to_pylist() == ["a"]
    file, left = data.write(tmp_path)
    assert left.name == f"{file.stem}_left_out.csv"
    told = {(row["event_id"], row["column"]) for row in data.left_out.to_pylist()}
    assert told == {("registry", ""), ("cpt", "Code")}
    assert data.rows.num_rows + data.left_out.num_rows == data.found


def test_hostile_text_is_neither_run_nor_does_it_choose_the_file(tmp_path: Path) -> None:
    columns = [
        {"heading": "=HEAD()", "from": "unit"},
        {"heading": "n", "from": "value"},
        {"heading": "h", "from": "person_id"},
    ]
    chosen = profile(columns, file={"name": "../../{profile}/{program}"})
    data = of([event("e", HOSTILE, unit="=cmd|' /C calc'!A0", value="-7.5")], chosen)
    head, row = lines(data, tmp_path)
    assert head[0] == "'=HEAD()"
    assert row == ["'=cmd|' /C calc'!A0", "-7.5", HOSTILE]
    assert [path.name for path in tmp_path.iterdir()] == ["blue-blue_plan.csv"]


def test_a_workbook_is_written_where_the_payer_wants_one(tmp_path: Path) -> None:
    chosen = profile(file={"kind": "xlsx", "sheet": "Chart data", "date_format": "YYYYMMDD"})
    (path,) = of([event("e", start="2026-02-03T09:30")], chosen).write(tmp_path)
    sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_name("Chart data")
    assert sheet.to_python() == [["WHO", "WHEN"], ["a", "20260203"]]


def test_the_sources_are_the_datasets() -> None:
    assert set(get_args(EvidenceSource)) == set(EVENT_SOURCES)


WHOLE = """\
profile: blue
title: Blue
columns:
  - {heading: WHO, from: person_id}
"""


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        (WHOLE.replace("person_id", "shoe_size"), 4, "spec-bad-value"),
        (WHOLE.replace("from: person_id", "from: person_id, value: x"), 4, "spec-one-key"),
        (WHOLE.replace("from: person_id", "value: x, required: true"), 4, "spec-bad-value"),
        (WHOLE + "  - {heading: WHO, from: birth}\n", 1, "spec-bad-value"),
        (WHOLE + "  - {heading: FLAG, from: source_flag}\n", 1, "spec-"),
        (WHOLE + "file: {date_format: MM/DD}\n", 5, "spec-"),
        (WHOLE + "file: {date_format: MMM d}\n", 5, "spec-bad-value"),
        (WHOLE + "file: {name: '{person}'}\n", 5, "spec-bad-value"),
        (WHOLE + "file: {delimiter: ''}\n", 5, "spec-"),
        (WHOLE + "file: {kind: pdf}\n", 5, "spec-bad-value"),
        (WHOLE + "evidence: {measures: [screning]}\n", 5, "profile-unknown-measure"),
        (WHOLE + "code_systems: {LOINK: LN}\n", 5, "profile-unknown-code-system"),
        (WHOLE + "source_flags: {fax: F}\n", 5, "spec-"),
        (WHOLE + "colour: blue\n", 5, "spec-unknown-key"),
        (WHOLE.replace("title: Blue\n", ""), 1, "spec-missing-key"),
    ],
)
def test_a_wrong_profile_is_told_by_line(text: str, line: int, code: str, tmp_path: Path) -> None:
    file = tmp_path / "blue.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=rf"blue\.yaml:{line}: {code}"):
        read_payer_profile(file, ["screening"])


@pytest.mark.parametrize("name", ["bluestone", "harborview"])
def test_the_sample_profiles_are_right(name: str, repository: Path) -> None:
    path = repository / "docs" / "examples" / "supplemental" / f"{name}.yaml"
    assert read_payer_profile(path, ["bcs", "col", "cbp", "eed"]).fictional
