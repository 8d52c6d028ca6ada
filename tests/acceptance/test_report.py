"""Reports as files: what they say, what they never run, whom they do not name."""

from __future__ import annotations

import csv
import datetime as dt
import re
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from measureharmony.errors import UsageError
from measureharmony.harmonize import evaluate
from measureharmony.reporting import also_of
from measureharmony.reports import extra, report_files
from measureharmony.reports.content import Also, Content, content_of
from measureharmony.reports.content.content import Program
from measureharmony.reports.html import page
from measureharmony.reports.results import Results
from measureharmony.reports.tables import ResultTable
from measureharmony.specs import Specs
from tests.acceptance.conftest import Command
from tests.acceptance.report_practice import HOSTILE, PEOPLE, report_practice

DAY = dt.date(2026, 10, 31)
GAPS = PEOPLE - PEOPLE // 4


@pytest.fixture(scope="module")
def results(specs: Specs) -> Results:
    return evaluate(
        report_practice(), specs, as_of=DAY, measures=["bcs"], programs=["bluestone_commercial", "mssp_app_plus"]
    )


@pytest.fixture(scope="module")
def also(results: Results, specs: Specs) -> Also:
    return also_of(results, specs)


@pytest.fixture(scope="module")
def folder(results: Results, also: Also, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("report")
    results.write_report(target, also=also)
    return target


def cells(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def sheet(path: Path, name: str) -> list[list[object]]:
    rows: list[list[object]] = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python()
    return rows


# --- lists of gaps ---------------------------------------------------------------------------------------------------


def test_every_gap_is_in_the_practices_list_and_in_those_of_the_programs_it_counts_for(folder: Path) -> None:
    practice, bluestone = cells(folder / "gaps-practice.csv"), cells(folder / "gaps-bluestone_commercial.csv")
    assert len(practice) == len(bluestone) == GAPS + 1
    programs = practice[0].index("programs")
    listed = [row for row in practice if "mssp_app_plus" in row[programs].split()]
    assert len(listed) == PEOPLE // 4
    assert cells(folder / "gaps-mssp_app_plus.csv") == [practice[0], *listed]


def test_no_cell_of_a_list_is_run_by_a_spreadsheet(folder: Path) -> None:
    every = [cell for path in folder.glob("*.csv") for row in cells(path) for cell in row]
    assert not [cell for cell in every if cell[:1] in "=+-@\t\r" and cell]
    assert "'=cmd|' /C calc'!A0" in every
    assert "'@SUM(A1)" in every


def test_with_payers_views_a_list_tells_what_a_gap_takes_and_what_only_payers_miss(specs: Specs) -> None:
    viewed = evaluate(
        report_practice(), specs, as_of=DAY, payer_view=DAY, measures=["bcs"], programs=["bluestone_commercial"]
    )
    content = content_of(viewed, Also())
    assert content.gaps is not None
    counted = Counter((row["status"], row["reason"]) for row in content.gaps.to_pylist())
    told = Counter((row["here"], row["reason"]) for row in viewed.program_gaps.to_dicts())
    assert told["gap", "needs_care"] == counted["open", "needs care"] > 0
    assert told["closed", "send_evidence"] == counted["closed here", "send evidence"] > 0
    assert f">{counted['closed here', 'send evidence']}<" in page(content)


# --- workbooks -------------------------------------------------------------------------------------------------------


def test_a_workbook_has_its_sheets_and_dates_are_dates(folder: Path) -> None:
    book = CalamineWorkbook.from_path(str(folder / "practice.xlsx"))
    assert book.sheet_names == [
        "Overview", "Rates", "Gaps", "Divergences", "Payments", "Clinicians", "How computed", "Depends on"
    ]  # fmt: skip
    gaps = sheet(folder / "practice.xlsx", "Gaps")
    assert len(gaps) == GAPS + 1
    assert {row[gaps[0].index("Due")] for row in gaps[1:]} == {dt.date(2026, 12, 31)}


def test_rates_are_numbers_and_differences_are_sentences(folder: Path, results: Results) -> None:
    head, *rates = sheet(folder / "bluestone_commercial.xlsx", "Rates")
    value = next(row["value"] for row in results.rates.to_dicts() if row["program"] == "bluestone_commercial")
    assert [row[head.index("Rate")] for row in rates] == [pytest.approx(value)]
    head, *told = sheet(folder / "bluestone_commercial.xlsx", "Divergences")
    assert "Women of 50 to 74 instead of 42 to 74" in [row[head.index("Difference")] for row in told]


def test_text_that_looks_like_a_formula_stays_text_and_all_xml_is_well_formed(folder: Path) -> None:
    gaps = sheet(folder / "practice.xlsx", "Gaps")
    assert {person for place, person in enumerate(HOSTILE) if place % 4 != 3} <= {str(row[0]) for row in gaps}
    with zipfile.ZipFile(folder / "practice.xlsx") as parts:
        for name in parts.namelist():
            root = ElementTree.fromstring(parts.read(name))
            assert not list(root.iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}f"))
            assert not list(root.iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}hyperlink"))


def test_headings_stay_in_sight_and_filter(folder: Path) -> None:
    with zipfile.ZipFile(folder / "practice.xlsx") as parts:
        for place in range(1, 9):
            text = parts.read(f"xl/worksheets/sheet{place}.xml").decode()
            assert 'state="frozen"' in text
            assert "<autoFilter" in text


def test_equal_results_give_equal_files(results: Results, also: Also, folder: Path, tmp_path: Path) -> None:
    results.write_report(tmp_path, also=also)
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_escapes_what_comes_from_data(folder: Path) -> None:
    text = (folder / "report.html").read_text("utf-8")
    assert "<script>document.title" not in text
    assert "<img" not in text
    assert "&lt;b&gt;demo&lt;/b&gt;" in text
    assert text.count("</script>") == 2


def test_the_page_names_nothing_that_a_browser_would_load(folder: Path) -> None:
    text = (folder / "report.html").read_text("utf-8")
    loading = re.findall(r'(?:src|href|action)="(?!#|data:,)[^"]*"|url\(|@import', text)
    assert not loading


def test_the_page_tells_differences_in_words_and_whom_they_move(folder: Path) -> None:
    text = (folder / "report.html").read_text("utf-8")
    assert "How Bluestone commercial quality contract means it" in text
    assert "people end up elsewhere" in text


def test_clinicians_and_their_peoples_rates_are_told(results: Results, folder: Path) -> None:
    text = (folder / "report.html").read_text("utf-8")
    assert 'Dr. Grey <span class="aside">80 people, ' in text
    head, *rates = sheet(folder / "practice.xlsx", "Clinicians")
    unified = [row for row in rates if row[head.index("Program")] == "canonical"]
    assert sum(float(str(row[head.index("Counted")])) for row in unified) == PEOPLE
    assert "=1+1" in [row[0] for row in unified]


def test_intervals_targets_payments_and_earlier_rates_are_shown_where_given(results: Results, also: Also) -> None:
    key = {"program": "bluestone_commercial", "measure": "bcs", "rate": "screened"}
    amounts = {"earned": 750.0, "projected": None, "next_tier_amount": None, "value_per_gap": 25.0}
    paid = {"payment": "per gap", "currency": "USD", **amounts}
    given = replace(
        also,
        rate_statistics=table(**key, low=0.2, high=0.32),
        targets=table(**key, target=0.7, met=False, people_to_target=54),
        payments=table(**key, **paid),
        earlier_rates=table(**key, as_of=dt.date(2026, 6, 30), value=0.2),
    )  # fmt: skip
    text = page(content_of(results, given))
    assert "20–32" in text
    assert "≥ 70 %: 54 to go" in text
    assert "750.0 USD" in text
    assert "Earlier runs" in text


def test_targets_and_payments_are_the_runs_own_where_no_others_are_given(results: Results, folder: Path) -> None:
    text = (folder / "report.html").read_text("utf-8")
    target = next(row for row in results.targets.to_dicts() if row["measure"] == "bcs" and row["target"])
    assert f"≥ {100 * float(str(target['target'])):g} %: {target['people_to_target']} to go" in text
    head, *paid = sheet(folder / "bluestone_commercial.xlsx", "Payments")
    earned = next(row["earned"] for row in results.payments.to_dicts() if row["payment"] == "bcs.screened")
    assert [row[head.index("Earned")] for row in paid if row[head.index("Measure")] == "bcs"] == [float(str(earned))]


def table(**row: object) -> ResultTable:
    return ResultTable("given", pa.Table.from_pylist([row]), {})


# --- what names nobody -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shareable(results: Results, also: Also, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("shareable") / "new"
    results.write_report(target, also=also, de_identified=True)
    return target


def test_a_shareable_report_names_no_person_clinician_or_source(shareable: Path, results: Results) -> None:
    text = "".join(all_text(path) for path in shareable.iterdir())
    people = results.practice.table("person")
    for word in [*people["person_id"].to_pylist(), *people["name"].to_pylist(), "Dr. Grey", "demo</b>", "1966"]:
        assert word not in text


def test_a_shareable_report_hides_small_counts_and_their_rates(results: Results, shareable: Path) -> None:
    figures = content_of(results, Also(), de_identified=True).figures
    assert [(one.program, one.hidden) for one in figures] == [
        ("canonical", ""), ("bluestone_commercial", ""), ("mssp_app_plus", "")
    ]  # fmt: skip


def test_a_shareable_report_wants_a_folder_of_its_own(results: Results, folder: Path, shareable: Path) -> None:
    with pytest.raises(UsageError, match="holds other files, which may name people"):
        results.write_report(folder, de_identified=True)
    assert results.write_report(shareable, formats=["csv"], de_identified=True)


def all_text(path: Path) -> str:
    if path.suffix != ".xlsx":
        return path.read_text("utf-8")
    with zipfile.ZipFile(path) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())


# --- files and the command -------------------------------------------------------------------------------------------


def test_names_from_data_stay_in_the_folder(results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = tuple(Program(key, "<script>") for key in ("../../x", "x", "=cmd|' /C calc'!A0", "con", "practice"))

    def content(*given: object, **kept: object) -> Content:
        made = content_of(results, Also())
        return replace(made, programs=(*made.programs, *hostile))

    monkeypatch.setattr(report_files, "content_of", content)
    paths = results.write_report(tmp_path / "deep" / "report")
    assert len({path.name for path in paths}) == len(paths)
    assert {path.parent for path in paths} == {tmp_path / "deep" / "report"}
    assert sorted(tmp_path.rglob("*")) == sorted([tmp_path / "deep", tmp_path / "deep" / "report", *paths])


def test_an_unknown_format_is_refused(results: Results, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no format pdf\. There are: html, xlsx, csv."):
        results.write_report(tmp_path, formats=["pdf"])  # type: ignore[list-item]


def test_a_missing_package_is_asked_for_by_the_name_of_the_extra(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(extra, "import_module", absent)
    with pytest.raises(UsageError, match=r"xlsxwriter, which is not installed.*measureharmony\[reports\]"):
        results.write_report(tmp_path, formats=["xlsx"])
    assert not list(tmp_path.iterdir())
    assert results.write_report(tmp_path, formats=["csv"])


def test_the_command_writes_what_is_asked_for(command: Command, small_csv: Path, tmp_path: Path) -> None:
    done = command("report", small_csv, "-o", tmp_path, "-m", "bcs", "-p", "bluestone_commercial", "--format", "csv")
    assert done.exit_code == 0, done.output
    assert {path.name for path in tmp_path.iterdir()} == {"gaps-practice.csv", "gaps-bluestone_commercial.csv"}
    assert "wrote gaps-practice.csv, gaps-bluestone_commercial.csv to" in done.output.replace("\n", " ")
