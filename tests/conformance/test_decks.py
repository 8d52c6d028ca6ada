"""The comparison works on any deck: people it has never seen, and everything that can be wrong with a folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from measureharmony.cli import app
from measureharmony.conformance import read_expected
from measureharmony.errors import DataError
from measureharmony.spec_files import spec_folder
from tests.conformance.hand_made import HEADER, bundle, lines, write_measure

ANNE, BEA = {"anne": bundle("anne")}, {"bea": bundle("bea", mammogram=None)}


def compare(deck: Path, *options: str | Path) -> Result:
    return CliRunner().invoke(app, ["conformance", str(deck), *map(str, options)])


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return tmp_path / "deck"


# --- agreement and disagreement -------------------------------------------------------------------------------------


def test_people_never_seen_before_agree(deck: Path) -> None:
    write_measure(deck, ANNE | BEA, lines("anne") + lines("bea", numerator=0))
    result = compare(deck)
    assert result.exit_code == 0
    assert "CMS125   bcs      2 of 2 people agree (8 counts)" in result.stdout


def test_a_disagreement_names_person_group_population_and_what_decided(deck: Path, tmp_path: Path) -> None:
    write_measure(deck, ANNE | BEA, lines("anne") + lines("bea"))
    result = compare(deck, "--json", tmp_path / "report.json")
    assert result.exit_code == 1
    assert "bea group 1 numerator: expected 1, found 0 (decided by: screened)" in result.stdout
    assert "1 of 2 people agree" in result.stdout
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["agrees"] is False
    (measure,) = report["measures"]
    assert (measure["measure"], measure["people"], measure["agreeing"], measure["unexcused"]) == ("CMS125", 2, 1, 1)
    (found,) = measure["disagreements"]
    assert (found["person"], found["population"], found["expected"], found["found"]) == ("bea", "numerator", 1, 0)


def test_strata_are_groups_within_groups(deck: Path) -> None:
    """Anne is 60: in the second stratum (52 to 74), not in the first."""
    first = lines("anne", group="1/1", initial_population=0, denominator=0, numerator=0)
    write_measure(deck, ANNE, lines("anne") + first + lines("anne", group="1/2"))
    assert compare(deck).exit_code == 0


def test_a_person_in_the_wrong_stratum_is_said_to_be_so(deck: Path) -> None:
    write_measure(deck, ANNE, lines("anne", group="1/1"))
    result = compare(deck)
    assert result.exit_code == 1
    assert "anne group 1/1 numerator: expected 1, found 0 (is not in stratum age_42_51)" in result.stdout


def test_measures_are_chosen_by_cms_id_or_by_key(deck: Path) -> None:
    write_measure(deck, ANNE, lines("anne"))
    write_measure(deck, ANNE, lines("anne", numerator=0), name="CMS130")
    for chosen in ("CMS125", "bcs"):
        result = compare(deck, "--measure", chosen)
        assert result.exit_code == 0
        assert "CMS130" not in result.stdout


def test_own_value_sets_complete_the_shipped_ones(deck: Path, tmp_path: Path) -> None:
    anne = bundle("anne", mammogram=None)
    visit = next(e["resource"] for e in anne["entry"] if e["resource"]["resourceType"] == "Encounter")
    visit["type"][0]["coding"][0] = {"system": "http://example.org/our-visits", "code": "V1"}
    write_measure(deck, {"anne": anne}, lines("anne", numerator=0))
    assert compare(deck).exit_code == 1
    own = tmp_path / "own"
    own.mkdir()
    (own / "visits.csv").write_text("name,system,code\noffice_visit,http://example.org/our-visits,V1\n")
    assert compare(deck, "--value-sets", own).exit_code == 0


def test_a_measure_of_ones_own_is_found_by_its_cms_id(deck: Path, tmp_path: Path) -> None:
    specs = tmp_path / "specs"
    shutil.copytree(spec_folder() / "canonical", specs / "canonical")
    for path in (specs / "canonical").glob("*.yaml"):
        path.unlink()
    (specs / "canonical" / "sixty.yaml").write_text(
        "measure: sixty\ntitle: Sixty and screened\nedition: 2026\ndescription: A measure made for this test.\n"
        "identifiers:\n  - {system: CMS eCQM, id: CMS999v1}\n"
        "steward: nobody\ndomain: cancer screening\ndirection: higher\nmethods: [eCQM]\nsources: [own]\n"
        "events:\n  image: {kind: observation, codes: [mammography]}\n"
        "criteria:\n  old: {age: {at: period.end, from: 60}}\n  screened: {exists: image}\n"
        "populations:\n  initial_population: {all: [old]}\n  numerator: {any: [screened]}\n"
        "rates:\n  - {id: screened, title: Screened}\n"
    )
    write_measure(deck, ANNE, lines("anne"), name="CMS999")
    result = compare(deck, "--specs", specs)
    assert result.exit_code == 0, result.output
    assert "CMS999   sixty    1 of 1 people agree" in result.stdout


# --- documented exceptions ------------------------------------------------------------------------------------------


def exceptions(folder: Path, people: str, more: str = "") -> Path:
    path = folder / "exceptions.yaml"
    path.write_text(
        f"exceptions:\n  - measure: CMS125\n    people: {people}\n{more}"
        "    reason: expected without any image\n    proof: The bundle holds no image at all.\n"
    )
    return path


def test_a_documented_exception_excuses(deck: Path, tmp_path: Path) -> None:
    write_measure(deck, ANNE | BEA, lines("anne") + lines("bea"))
    result = compare(deck, "--exceptions", exceptions(tmp_path, "[bea]", "    populations: [numerator]\n"))
    assert result.exit_code == 0
    assert "2 of 2 people agree (8 counts; 1 differ as documented)" in result.stdout


def test_it_excuses_nothing_but_what_it_names(deck: Path, tmp_path: Path) -> None:
    write_measure(deck, ANNE | BEA, lines("anne") + lines("bea"))
    other = exceptions(tmp_path, "[bea]", "    populations: [denominator]\n")
    assert compare(deck, "--exceptions", other).exit_code == 1


def test_an_exception_that_nobody_needs_any_more_is_named(deck: Path, tmp_path: Path) -> None:
    write_measure(deck, ANNE | BEA, lines("anne") + lines("bea"))
    result = compare(deck, "--exceptions", exceptions(tmp_path, "[anne, bea]"))
    assert "exception no longer needed: CMS125 anne: expected without any image" in result.stdout
    assert "no longer needed: CMS125 bea" not in result.stdout


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("    populations: [numertor]\n", "numertor"),
        ("    group: ['1']\n", "group"),
    ],
)
def test_a_wrong_list_of_exceptions_says_where(deck: Path, tmp_path: Path, more: str, says: str) -> None:
    write_measure(deck, ANNE, lines("anne"))
    result = compare(deck, "--exceptions", exceptions(tmp_path, "[anne]", more))
    assert result.exit_code == 2
    assert "exceptions.yaml:4" in result.stderr
    assert says in result.stderr


def test_a_list_of_exceptions_that_is_not_there(deck: Path, tmp_path: Path) -> None:
    write_measure(deck, ANNE, lines("anne"))
    result = compare(deck, "--exceptions", tmp_path / "none.yaml")
    assert result.exit_code == 2
    assert "none.yaml" in result.stderr


# --- incomplete decks: named, never lost ----------------------------------------------------------------------------


def test_a_person_whose_bundle_is_missing_disagrees(deck: Path) -> None:
    write_measure(deck, ANNE, lines("anne") + lines("bea"))
    result = compare(deck)
    assert result.exit_code == 1
    text = "bea group 1 initial-population: expected 1, nothing found (no bundle of this person could be read)"
    assert text in result.stdout


def test_a_bundle_that_cannot_be_read_costs_its_person_only(deck: Path) -> None:
    folder = write_measure(deck, ANNE | BEA, lines("anne") + lines("bea", numerator=0))
    whole = (folder / "bea.json").read_text()
    (folder / "bea.json").write_text(whole[: len(whole) // 2])
    result = compare(deck)
    assert result.exit_code == 1
    assert "1 of 2 people agree" in result.stdout
    assert "note: bea.json: not accepted: malformed-json" in result.stdout
    assert "bea group 1 denominator-exclusion: expected 0, nothing found" in result.stdout


def test_when_no_bundle_can_be_read_the_files_are_named(deck: Path) -> None:
    folder = write_measure(deck, ANNE, lines("anne"))
    (folder / "anne.json").write_text("{")
    result = compare(deck)
    assert result.exit_code == 2
    assert "anne.json" in result.stderr


def test_a_person_without_expectation_is_noted(deck: Path) -> None:
    write_measure(deck, ANNE | BEA, lines("anne"))
    result = compare(deck)
    assert result.exit_code == 0
    assert "note: people in the bundles without a line in expected.csv: bea" in result.stdout


def test_extra_and_missing_people_at_once_are_both_said(deck: Path) -> None:
    write_measure(deck, ANNE | BEA, lines("anne") + lines("cleo"))
    result = compare(deck)
    assert "without a line in expected.csv: bea" in result.stdout
    assert "cleo group 1 numerator: expected 1, nothing found" in result.stdout


def test_a_group_that_the_measure_does_not_have(deck: Path) -> None:
    write_measure(deck, ANNE, lines("anne", group="2"))
    result = compare(deck)
    assert result.exit_code == 1
    assert "anne group 2 numerator: expected 1, nothing found (the measure has no such group)" in result.stdout


def test_a_measure_that_the_specs_do_not_hold_is_noted(deck: Path) -> None:
    write_measure(deck, ANNE, lines("anne"))
    write_measure(deck, ANNE, lines("anne"), name="CMS998")
    result = compare(deck)
    assert result.exit_code == 0
    assert "note: not compared, because the specs do not hold it: CMS998" in result.stdout


def test_people_of_two_periods_are_each_compared_over_their_own(deck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fiscal year that ends in 2026 is of edition 2026, too; nobody is counted twice."""
    fiscal = [line.replace("2026-01-01,2026-12-31", "2025-07-01,2026-06-30") for line in lines("bea", numerator=0)]
    write_measure(deck, ANNE | BEA, lines("anne") + fiscal)
    assert compare(deck).exit_code == 0


# --- what cannot be compared ----------------------------------------------------------------------------------------


def test_a_known_measure_without_expectations_does_not_pass_as_agreeing(deck: Path) -> None:
    write_measure(deck, ANNE, lines("anne"))
    (write_measure(deck, ANNE, lines("anne"), name="CMS130") / "expected.csv").unlink()
    result = compare(deck)
    assert result.exit_code == 2
    assert "CMS130: deck-no-expectations" in result.stderr
    assert compare(deck, "-m", "bcs").exit_code == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["-m", "CMS1"], "The deck has no CMS1. It has: CMS125, CMS998."),
        (["-m", "CMS998"], "The specs do not hold CMS998. They hold: CMS117 (cis), CMS122 (gsd)"),
        (["-m", "col"], "The deck has no col."),
        (["--specs", "nowhere"], "There is no folder nowhere."),
        (["--value-sets", "nowhere"], "nowhere"),
    ],
)
def test_what_the_deck_or_the_specs_do_not_have(deck: Path, options: list[str], says: str) -> None:
    write_measure(deck, ANNE, lines("anne"))
    write_measure(deck, ANNE, lines("anne"), name="CMS998")
    result = compare(deck, *options)
    assert result.exit_code == 2
    assert says in result.stderr


def test_only_measures_that_the_specs_do_not_hold(deck: Path) -> None:
    write_measure(deck, ANNE, lines("anne"), name="CMS998")
    result = compare(deck)
    assert result.exit_code == 2
    assert "The specs hold none of the deck's measures: CMS998." in result.stderr


def test_a_folder_that_is_no_deck(tmp_path: Path) -> None:
    for folder, says in ((tmp_path / "nowhere", "There is no deck folder"), (tmp_path, "has an expected.csv")):
        result = compare(folder)
        assert result.exit_code == 2
        assert says in result.stderr


def test_a_year_that_the_specs_are_not_about(deck: Path) -> None:
    write_measure(deck, ANNE, lines("anne", year=2025))
    result = compare(deck)
    assert result.exit_code == 2
    assert "is about 2025-01-01..2025-12-31, but this is bcs of edition 2026" in result.stderr
    assert "Choose it with --edition 2025" in result.stderr
    assert compare(deck, "--edition", "2025").exit_code == 1  # Anne's mammogram is of February 2026


def test_a_report_that_cannot_be_written(deck: Path, tmp_path: Path) -> None:
    write_measure(deck, ANNE, lines("anne"))
    result = compare(deck, "--json", tmp_path / "nowhere" / "report.json")
    assert result.exit_code == 2
    assert "report.json: No such file or directory" in result.stderr


# --- expected.csv ---------------------------------------------------------------------------------------------------

GOOD = "anne,1,numerator,1,2026-01-01,2026-12-31"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (",1,numerator,1,2026-01-01,2026-12-31", "patient_id is empty"),
        ("anne,one,numerator,1,2026-01-01,2026-12-31", "group is neither"),
        ("anne,1,numertor,1,2026-01-01,2026-12-31", "population is none of initial-population, denominator"),
        ("anne,1,numerator,yes,2026-01-01,2026-12-31", "count is not a whole number"),
        ("anne,1,numerator,-1,2026-01-01,2026-12-31", "count is not a whole number"),
        ("anne,1,numerator,1,01/01/2026,2026-12-31", "period_start is not a date written YYYY-MM-DD"),
        ("anne,1,numerator,1,2026-12-31,2026-01-01", "period_end is before period_start"),
        ("anne,1,numerator,1,2026-01-01", "period_end is not a date"),
        ("anne,1,numerator,0,2026-01-01,2026-12-31", "another count"),
        ("anne,1,denominator,1,2025-01-01,2025-12-31", "another period"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_its_cell(tmp_path: Path, wrong: str, says: str) -> None:
    path = tmp_path / "expected.csv"
    path.write_text("\n".join([HEADER, GOOD, wrong]))
    with pytest.raises(DataError) as caught:
        read_expected(path)
    (issue,) = caught.value.issues
    assert (issue.line, issue.code) == (3, "deck-line")
    assert says in issue.what


def test_all_wrong_lines_are_reported_together(deck: Path) -> None:
    write_measure(deck, ANNE, [GOOD, GOOD.replace("numerator", "x"), GOOD.replace(",1,2026", ",?,2026")])
    result = compare(deck)
    assert result.exit_code == 2
    assert "expected.csv:3: deck-line" in result.stderr
    assert "expected.csv:4: deck-line" in result.stderr


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "deck-columns"),
        (b"person,group\n", "deck-columns"),
        (HEADER.encode(), "deck-empty"),
        (HEADER.encode() + b"\nan\xffne,1,numerator,1,2026-01-01,2026-12-31\n", "deck-columns"),
    ],
)
def test_a_file_that_is_no_list_of_expectations(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "expected.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_expected(path)
    assert [issue.code for issue in caught.value.issues] == [code]


def test_what_spreadsheets_write_is_read(tmp_path: Path) -> None:
    """A byte order mark, carriage returns, columns in another order, one column more."""
    path = tmp_path / "expected.csv"
    path.write_bytes(
        b"\xef\xbb\xbfpopulation,patient_id,group,count,period_start,period_end,remark\r\n"
        b"numerator,anne,1/2,1,2026-01-01,2026-12-31,\r\n"
    )
    (line,) = read_expected(path)
    assert (line.person, line.group, line.population, line.count) == ("anne", "1/2", "numerator", 1)
