"""The command line as people and scripts meet it: help, examples, explanations, exit codes."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from measureharmony.spec_files import spec_folder
from tests.acceptance.conftest import Command

COMMANDS = (
    "run", "demo", "explain", "divergence", "validate", "conformance", "valuesets check", "compare", "changelog",
)  # fmt: skip


# --- help -----------------------------------------------------------------------------------------------------------


def test_called_without_anything_it_shows_the_commands(command: Command) -> None:
    shown = command().output
    assert all(name.split()[0] in shown for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(command: Command, name: str) -> None:
    for option in ("--help", "-h"):
        result = command(*name.split(), option)
        assert result.exit_code == 0
        assert f"Example: measureharmony {name}" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    "call", [[sys.executable, "-m", "measureharmony"], [str(Path(sys.executable).with_name("measureharmony"))]]
)
def test_the_module_and_the_installed_command_are_the_same(call: list[str]) -> None:
    done = subprocess.run([*call, "validate", "--help"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Check spec files" in done.stdout


# --- explain --------------------------------------------------------------------------------------------------------


def test_an_explanation_says_result_reason_and_dates(command: Command, small_csv: Path) -> None:
    result = command("explain", small_csv, "missing", "--measure", "bcs")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "Person missing: Breast cancer screening (canonical/bcs), 2026-01-01..2026-12-31"
    assert lines[2:6] == [
        "Mammogram in time [screened]",
        "  result: care gap",
        "  is in: initial population, denominator",
        "  decided by: screened",
    ]
    assert "      yes     woman: sex is female (stated: female)" in lines
    assert "                + 2026-03-02 encounter 99213 (office visit)" in lines


def test_it_says_what_counted(command: Command, small_csv: Path) -> None:
    shown = command("explain", small_csv, "screened", "-m", "bcs").stdout
    assert "result: met" in shown
    assert "evidence: 2026-02-01 observation 24606-6 (mammography)" in shown


def test_it_says_what_will_count_later(command: Command, small_csv: Path) -> None:
    shown = command("explain", small_csv, "claimed-late", "-m", "bcs", "--as-of", "2026-06-30").stdout
    assert "with what was known on 2026-06-30" in shown
    assert "it was not known by then: it was received on 2026-08-01" in shown


def test_a_payers_version_names_its_own_rules(command: Command, small_csv: Path) -> None:
    shown = command("explain", small_csv, "two-payers", "-m", "bcs", "-p", "bluestone_commercial").stdout
    assert "age from 50 to 74 years on 2026-12-31 (is 60)" in shown
    assert "enrolled with one payer from 2026-01-01 to 2026-12-31" in shown
    assert "does not count this person" not in shown


@pytest.mark.parametrize("program", ["bluestone_commercial", "ma_stars", "mssp_app_plus"])
def test_it_says_when_a_program_does_not_count_the_person(command: Command, small_csv: Path, program: str) -> None:
    shown = command("explain", small_csv, "uncovered", "-m", "bcs", "-p", program).stdout
    assert "The program does not count this person (not listed or covered); if it did:" in shown


def test_the_roster_of_the_day_decides_that(command: Command, small_csv: Path) -> None:
    asked = ("explain", small_csv, "delisted", "-m", "bcs", "-p", "mssp_app_plus")
    assert "does not count" not in command(*asked, "--as-of", "2026-05-31").stdout
    assert "does not count" in command(*asked, "--as-of", "2026-06-01").stdout


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("nobody", "-m", "bcs"), "There is no person of that identifier in the practice."),
        (("missing", "-m", "xyz"), "canonical does not measure xyz. It measures: aab, aaf"),
        (("missing", "-m", "bcs", "-p", "xyz"), "There is no program xyz. There are: bluestone_commercial"),
        (("missing", "-m", "ccs", "-p", "mssp_app_plus"), "mssp_app_plus does not measure ccs. It measures: gsd, bcs"),
    ],
)
def test_what_cannot_be_explained_says_why(
    command: Command, small_csv: Path, asked: tuple[str, ...], says: str
) -> None:
    result = command("explain", small_csv, *asked)
    assert result.exit_code == 2
    assert says in result.stderr


def test_an_edition_is_explained_as_it_was(command: Command, small_csv: Path) -> None:
    shown = command("explain", small_csv, "screened", "-m", "bcs", "--edition", "2025").stdout
    assert "age from 52 to 74 years on 2025-12-31" in shown
    result = command("explain", small_csv, "screened", "-m", "wcc", "--edition", "2025")
    assert result.exit_code == 2
    assert "The measure wcc has no edition 2025. It has: 2026." in result.stderr


# --- editions -------------------------------------------------------------------------------------------------------


def test_a_run_of_an_edition_says_what_it_leaves_out(command: Command, small_csv: Path, tmp_path: Path) -> None:
    result = command("run", small_csv, "--edition", "2025", "--output", tmp_path)
    assert result.exit_code == 0
    shown = " ".join(result.stdout.split())
    assert "measures have an edition 2025; the others are left out." in shown
    assert "Programs of another edition are left out: bluestone_commercial (2026)" in shown
    with (tmp_path / "rates.csv").open(newline="") as file:
        assert {(row["edition"], row["program"]) for row in csv.DictReader(file)} == {("2025", "canonical")}


def test_an_edition_that_nobody_has(command: Command, small_csv: Path, tmp_path: Path) -> None:
    result = command("run", small_csv, "--edition", "2019", "--output", tmp_path)
    assert result.exit_code == 2
    assert "There is no edition 2019 of any measure. There are: 2025, 2026." in result.stderr


# --- validate -------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_specs(tmp_path: Path) -> Path:
    """Copies of two measures and of a contract, to be broken, over the other shipped measures."""
    home = tmp_path / "specs"
    (home / "canonical").mkdir(parents=True)
    for name in ("bcs", "ccs"):
        shutil.copy(spec_folder() / "canonical" / f"{name}.yaml", home / "canonical")
        shutil.copy(spec_folder() / "canonical" / f"{name}.people.yaml", home / "canonical")
    shutil.copytree(spec_folder() / "payers" / "bluestone_commercial", home / "payers" / "bluestone_commercial")
    return home


def test_the_shipped_specs_have_no_problem_and_no_hint(command: Command) -> None:
    result = command("validate")
    assert result.exit_code == 0
    counted = r"\d+ measures, .*\d+ programs, \d+ overlays, \d+ value sets.*: 0 problems, 0 hints\n$"
    assert re.search(counted, result.stdout)


def line_of(path: Path, text: str) -> int:
    """The first line of a file, from 1, that has the text."""
    return next(number for number, line in enumerate(path.read_text().splitlines(), start=1) if text in line)


def test_every_problem_comes_at_once_with_file_line_and_fix(command: Command, own_specs: Path) -> None:
    bcs, ccs = (own_specs / "canonical" / f"{name}.yaml" for name in ("bcs", "ccs"))
    bcs.write_text(bcs.read_text().replace("sex: female", "sex: femal"))
    ccs.write_text(ccs.read_text().replace("hospice.received", "hospice.receivd"))
    result = command("validate", own_specs)
    assert result.exit_code == 1
    line = line_of(bcs, "sex: femal")
    assert f"canonical/bcs.yaml:{line}: spec-bad-value: criteria.woman.sex cannot be 'femal'" in result.stdout
    assert "fix: did you mean 'female'?" in result.stdout
    assert "canonical/ccs.yaml:" in result.stdout
    assert "fix: did you mean 'hospice.received'?" in result.stdout


def test_what_follows_from_a_broken_measure_does_not_hide_it(command: Command, own_specs: Path) -> None:
    bcs = own_specs / "canonical" / "bcs.yaml"
    bcs.write_text(bcs.read_text().replace("sex: female", "sex: femal"))
    lines = command("validate", own_specs).stdout.splitlines()
    problems = [line for line in lines[:-1] if not line.startswith(" ")]
    assert f"canonical/bcs.yaml:{line_of(bcs, 'sex: femal')}: spec-bad-value" in problems[0]
    assert {line.split(": ", 1)[1] for line in problems[1:]} == {
        "program-unknown-measure: the file of the measure 'bcs' has problems of its own"
    }


def test_hints_are_advice_and_can_be_left_out(command: Command, own_specs: Path) -> None:
    mine = (own_specs / "canonical" / "ccs.yaml").read_text().replace("measure: ccs", "measure: mine")
    (own_specs / "canonical" / "mine.yaml").write_text(mine)
    result = command("validate", own_specs)
    assert result.exit_code == 0
    assert "hint-no-people" in result.stdout
    assert "0 problems, 1 hint\n" in result.stdout
    assert "hint-no-people" not in command("validate", own_specs, "--no-hints").stdout


def test_specs_with_problems_are_not_run(command: Command, own_specs: Path, small_csv: Path, tmp_path: Path) -> None:
    bcs = own_specs / "canonical" / "bcs.yaml"
    bcs.write_text(bcs.read_text().replace("sex: female", "sex: femal"))
    result = command("run", small_csv, "--specs", own_specs, "--output", tmp_path / "output")
    assert result.exit_code == 2
    assert "bcs.yaml:" in result.stderr
    assert not (tmp_path / "output" / "rates.csv").exists()
