"""A payer's analyst takes in three sheets of quite different layout, and gets drafts that validate."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from measureharmony.cli import app
from measureharmony.intake.cells import read_grids
from tests.acceptance.conftest import Command
from tests.unit.intake.samples import EXAMPLES, write_samples

SAMPLES = ("lakeshore.xlsx", "pinecrest.csv", "summit.xlsx")
#: What each draft must say: measure, and lines of its overlay.
EXPECTED = {
    "lakeshore.xlsx": {
        "bcs": ["{name: mammogram_lookback, to: 12, unit: months}", "per_gap: '25.00', frequency: quarterly"],
        "col": ["set_parameter: {name: age_from, to: 50, unit: years}", "set_target: {rate: screened, at_least: 0.65}"],
        "gsd": ["choose_rates: {rates: [good_control]}"],
        "fuh": ["choose_rates: {rates: [within_7]}", "# NOT PLACED: Quality measures!H11 '$1.50 PMPM'"],
    },
    "pinecrest.csv": {
        "bcs": ["set_target: {rate: screened, at_least: 0.74}", "page: 14"],
        "gsd": ["at_most: 7.5, unit: '%'", "set_target: {rate: poor_control, at_most: 0.2}"],
        "spd": ["restrict_sources: {population: numerator, sources: [pharmacy_claim, claim]}"],
        "ked": ["shift_period: {start: 07-01, named_for: end}", "set_cut_off: {claims: 2026-09-30"],
    },
    "summit.xlsx": {
        "bcs": ["tiers: [{id: bronze, at_least: 0.7}", "minimum_denominator: 30", "gaps: 1, gap_days: 45"],
        "gsd": ["set_parameter: {name: good_control_below, to: 9, unit: '%'}"],
        "omw": ["# NOT PLACED: Grid!D7 '24'"],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("intake")


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, Result]:
    run = CliRunner().invoke
    return {name: run(app, ["intake", str(EXAMPLES / name), "--output", str(folder / name)]) for name in SAMPLES}


def test_the_drafts_pass_validate(command: Command, results: dict[str, Result], folder: Path, tmp_path: Path) -> None:
    for name in SAMPLES:
        assert results[name].exit_code == 0, results[name].output
        shutil.copytree(folder / name / "payers", tmp_path / "payers", dirs_exist_ok=True)
    checked = command("validate", str(tmp_path))
    assert checked.exit_code == 0, checked.output
    assert "3 programs, 17 overlays" in checked.output


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.usefixtures("results")
def test_the_drafts_say_what_the_sheet_says(folder: Path, name: str) -> None:
    home = folder / name / "payers" / Path(name).stem
    for measure, lines in EXPECTED[name].items():
        text = (home / f"{measure}.yaml").read_text("utf-8")
        assert [line for line in lines if line not in text] == []
        assert text.count("status: assumed") - 1 == text.count("  - ") == text.count("    source: {document: ")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.usefixtures("results")
def test_every_cell_of_the_file_is_accounted_for(folder: Path, name: str) -> None:
    there = [(c.sheet, str(c.row), c.letter, c.text) for g in read_grids(EXAMPLES / name) for c in g.cells.values()]
    with (folder / name / "intake-report.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert sorted((one["sheet"], one["row"], one["column"], one["text"]) for one in lines) == sorted(there)
    assert all(one["result"] and one["what"] for one in lines)


def test_a_profile_that_was_written_gives_the_same_drafts(
    command: Command, results: dict[str, Result], folder: Path, tmp_path: Path
) -> None:
    profile = folder / "summit.xlsx" / "intake-profile.yaml"
    again = command("intake", str(EXAMPLES / "summit.xlsx"), "--profile", str(profile), "--output", str(tmp_path))
    assert again.exit_code == 0
    first = sorted((folder / "summit.xlsx").rglob("*.yaml"))
    assert [path.read_text("utf-8") for path in first] == [
        (tmp_path / path.relative_to(folder / "summit.xlsx")).read_text("utf-8") for path in first
    ]


def test_a_sheet_without_any_measure_of_ours_is_a_no(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Measure,Goal\nMember satisfaction,80%\n", "utf-8")
    result = command("intake", str(tmp_path / "a.csv"), "--output", str(tmp_path / "drafts"))
    assert result.exit_code == 1
    assert (tmp_path / "drafts" / "intake-report.csv").is_file()


def test_a_file_that_cannot_be_read_is_an_error_with_its_fix(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    result = command("intake", str(tmp_path / "a.pdf"), "--output", str(tmp_path / "drafts"))
    assert result.exit_code == 2
    assert "copy a PDF's table into one" in result.output
    assert not (tmp_path / "drafts").exists()


def test_the_samples_of_the_documentation_are_what_their_script_makes(tmp_path: Path) -> None:
    write_samples(tmp_path)
    for name in SAMPLES:
        assert read_grids(tmp_path / name) == read_grids(EXAMPLES / name)
