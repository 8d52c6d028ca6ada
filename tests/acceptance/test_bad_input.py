"""Whatever is wrong with the input, the command line says what, where and how to mend it, and exits with 2.

Rows and files that are wrong on their own cost only themselves: the rest is evaluated, and they are counted and listed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import Result

from measureharmony.spec_files import spec_folder
from tests.acceptance import small_practice
from tests.acceptance.conftest import Command
from tests.acceptance.small_practice import Tables, read_csv
from tests.conformance.hand_made import bundle


def refused(result: Result, *says: str) -> None:
    """Exit code 2, everything on standard error, and no traceback."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    message = " ".join(result.stderr.split())
    for text in says:
        assert text in message


# --- overlays and specs ---------------------------------------------------------------------------------------------

_FOOTER = """    effective: 2026-01-01
    source: {document: made for this test}
    reason: made for this test
"""


def overlay(changes: str) -> str:
    """An overlay of breast cancer screening with these changes, one a line."""
    items = [f"  - {line}\n{_FOOTER}" for line in changes.strip().splitlines()]
    return "overlay: bcs\nedition: 2026\nchanges:\n" + "".join(items)


@pytest.fixture
def own_specs(tmp_path: Path) -> Path:
    """One program and its overlay of breast cancer screening, which each test breaks, over the shipped measures."""
    home = tmp_path / "specs"
    program = home / "payers" / "acme"
    program.mkdir(parents=True)
    (program / "program.yaml").write_text(
        "program: acme\ntitle: Acme contract\npayer: acme\nfictional: true\nedition: 2026\n"
        "period: {start: 01-01, months: 12}\nmembership: {roster: false, covered: last_day}\n"
        "measures:\n  - {measure: bcs, overlay: true}\nsources:\n  - {document: made for this test}\n"
    )
    (program / "bcs.yaml").write_text(overlay("set_parameter: {name: age_from, to: 50}"))
    return home


OVERLAYS = {
    "unknown parameter": (
        "set_parameter: {name: age_form, to: 50}",
        ["acme/bcs.yaml:4:", "age_form", "did you mean 'age_from'?"],
    ),
    "unknown value set": (
        "swap_value_set: {value_set: palliative_care_diagnosis, with: hospice_diagnosys}",
        ["acme/bcs.yaml:4:", "hospice_diagnosys", "did you mean 'hospice_diagnosis'?"],
    ),
    "out of bounds": ("set_parameter: {name: age_from, to: 500}", ["acme/bcs.yaml:4:", "500", "75"]),
    "wrong unit": ("set_parameter: {name: age_from, to: 50, unit: months}", ["acme/bcs.yaml:4:", "months", "years"]),
    "two changes of one thing": (
        "set_parameter: {name: age_from, to: 50}\nset_parameter: {name: age_from, to: 52}",
        ["acme/bcs.yaml:8:", "age_from", "4"],
    ),
    "unknown change": ("change_age: {to: 50}", ["acme/bcs.yaml:4:", "change_age"]),
}


@pytest.mark.parametrize("mistake", OVERLAYS)
def test_a_wrong_overlay(command: Command, own_specs: Path, small_csv: Path, tmp_path: Path, mistake: str) -> None:
    changes, says = OVERLAYS[mistake]
    (own_specs / "payers" / "acme" / "bcs.yaml").write_text(overlay(changes))
    refused(command("run", small_csv, "--specs", own_specs, "--output", tmp_path / "output"), *says, "fix:")
    validated = command("validate", own_specs)
    assert validated.exit_code == 1
    assert all(text in validated.stdout for text in says)


def test_the_overlay_that_the_others_break_is_good(command: Command, own_specs: Path) -> None:
    shutil.copytree(spec_folder() / "canonical", own_specs / "canonical")  # a user's own copies are checked, too
    result = command("validate", own_specs)
    assert result.exit_code == 0, result.stdout


@pytest.mark.parametrize("call", [["history", "NOWHERE"], ["report", "--history", "NOWHERE"]])
def test_a_history_that_is_not_there_is_told_before_the_work(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(command(*call), "There is no history NOWHERE. Record runs with: measureharmony run … --history NOWHERE")
    assert not list(tmp_path.iterdir())


def test_an_overlay_of_an_unknown_measure(command: Command, own_specs: Path) -> None:
    home = own_specs / "payers" / "acme"
    (home / "bcs.yaml").rename(home / "bcss.yaml")
    (home / "bcss.yaml").write_text((home / "bcss.yaml").read_text().replace("overlay: bcs", "overlay: bcss"))
    (home / "program.yaml").write_text((home / "program.yaml").read_text().replace("measure: bcs", "measure: bcss"))
    result = command("validate", own_specs)
    assert result.exit_code == 1
    assert "program.yaml:9: program-unknown-measure: there is no measure 'bcss'" in result.stdout
    assert "bcss.yaml:1: overlay-unknown-measure: there is no measure 'bcss'" in result.stdout
    assert "fix: did you mean 'bcs'?" in result.stdout


def test_a_cyclic_reference(command: Command, own_specs: Path) -> None:
    (own_specs / "canonical").mkdir()
    bcs = own_specs / "canonical" / "bcs.yaml"
    shipped = (spec_folder() / "canonical" / "bcs.yaml").read_text()
    text = shipped.replace("  woman: {sex: female}", "  woman: {all: [lady]}\n  lady: {all: [woman]}")
    bcs.write_text(text)
    result = command("validate", own_specs)
    assert result.exit_code == 1
    line = text.splitlines().index("  lady: {all: [woman]}") + 1
    assert f"canonical/bcs.yaml:{line}: spec-reference-cycle: 'lady' refers to itself" in result.stdout
    assert "criteria.lady → criteria.woman → criteria.lady" in result.stdout


def test_an_empty_value_set(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mammography.json").write_text(
        json.dumps({"resourceType": "ValueSet", "name": "Mammography", "expansion": {"contains": []},
                    "url": "http://cts.nlm.nih.gov/fhir/ValueSet/2.16.840.1.113883.3.464.1003.108.12.1018"})
    )  # fmt: skip
    result = command("validate", "--value-sets", tmp_path)
    assert result.exit_code == 1
    assert "mammography.json" in result.stdout
    assert "mammography has no usable code" in result.stdout
    assert "fix: supply the set with its codes" in result.stdout


def test_a_folder_without_specs(command: Command, small_csv: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(command("run", small_csv, "--specs", tmp_path / "empty"), "holds no specs. Give the folder")
    refused(command("validate", tmp_path / "nowhere"), "There is no folder", "Give the folder that holds canonical/")


# --- tables ---------------------------------------------------------------------------------------------------------


def without(made: Tables, table: str, column: str) -> Tables:
    """The tables, one of them without a column."""
    return {**made, table: [{k: v for k, v in row.items() if k != column} for row in made[table]]}


def test_a_missing_column(command: Command, tmp_path: Path) -> None:
    folder = small_practice.write_csv(tmp_path / "practice", without(small_practice.tables(), "event", "kind"))
    refused(command("run", folder), "event.csv:1: data-missing-column:", "`kind`", "fix: Add it.")


def test_all_that_is_wrong_with_the_columns_comes_at_once(command: Command, tmp_path: Path) -> None:
    made = without(without(small_practice.tables(), "event", "kind"), "coverage", "payer")
    made["person"] = [row | {"shoe_size": "38"} for row in made["person"]]
    folder = small_practice.write_csv(tmp_path / "practice", made)
    refused(command("run", folder), "`kind`", "`payer`", "`shoe_size`", "Rename it or leave it out; the columns are")


def test_a_column_of_the_wrong_type(command: Command, tmp_path: Path) -> None:
    folder = small_practice.write_parquet(tmp_path / "practice", small_practice.tables())
    pq.write_table(pa.table({"person_id": ["p1"], "birth": [True]}), folder / "person.parquet")
    refused(command("run", folder), "person.parquet: data-wrong-type: Column `birth`", "fix: Write it as text or date")


ROWS = {
    "an end before its start": ("event", {"start": "2026-03-02", "end": "2026-02-01"}, "end", "end-before-start"),
    "a day that does not exist": ("event", {"start": "2026-02-30"}, "start", "impossible-date"),
    "a date in another order": ("event", {"start": "03/02/2026"}, "start", "not-a-time"),
    "an event of an unknown person": ("event", {"person_id": "stranger"}, "person_id", "unknown-person"),
    "an unknown kind": ("event", {"kind": "visit"}, "kind", "not-in-list"),
    "an event without a kind": ("event", {"kind": ""}, "kind", "missing-value"),
    "a value that is no number": ("event", {"value": "about 7"}, "value", "not-a-number"),
    "an impossible birth": ("person", {"birth": "1966-13-01"}, "birth", "impossible-date"),
    "a second row of one person": ("person", {"birth": "1970-01-01"}, "person_id", "conflicting-duplicate"),
    "coverage that ends before it starts": ("coverage", {"end": "2023-01-01"}, "end", "end-before-start"),
}
_NEW_KEY = {"person": "person_id", "event": "event_id"}


@pytest.mark.parametrize("mistake", ROWS)
def test_a_wrong_row_costs_only_itself(command: Command, tmp_path: Path, mistake: str) -> None:
    table, cells, column, rule = ROWS[mistake]
    made = small_practice.tables()
    wrong = dict(made[table][0])
    if rule != "conflicting-duplicate" and table in _NEW_KEY:
        wrong[_NEW_KEY[table]] = "new"
    made[table].append(wrong | cells)
    folder = small_practice.write_csv(tmp_path / "practice", made)
    result = command("run", folder, "--measure", "bcs", "--output", tmp_path / "output")
    assert result.exit_code == 0, result.output
    assert f"Not accepted ({rule} × 1): see" in " ".join(result.stdout.split())
    (reject,) = read_csv(tmp_path / "output" / "rejects.csv")
    line = len(made[table]) + 1  # the last row, below the header
    assert (reject["file"].endswith(f"{table}.csv"), reject["row"]) == (True, str(line))
    assert (reject["table"], reject["column"], reject["rule"]) == (table, column, rule)
    rates = [row for row in read_csv(tmp_path / "output" / "rates.csv") if not row["stratum"]]
    assert {row["program"]: row["below"] for row in rates}["canonical"] == "8"
    (account,) = (row for row in read_csv(tmp_path / "output" / "accounts.csv") if row["table"] == table)
    assert int(account["rows_in"]) == int(account["accepted"]) + 1 == len(made[table])


def test_births_after_the_period_are_remarked_on(command: Command, tmp_path: Path) -> None:
    made = small_practice.tables()
    made["person"].append({"person_id": "unborn", "birth": "2066-03-02", "sex": "female"})
    folder = small_practice.write_csv(tmp_path / "practice", made)
    result = command("run", folder, "-m", "bcs", "--output", tmp_path / "output")
    assert result.exit_code == 0
    assert "1 of the people are born after the period ends (2026-12-31)" in " ".join(result.stdout.split())


def test_an_empty_practice(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "practice"
    folder.mkdir()
    refused(command("run", folder), "no-practice: the folder holds neither FHIR files (.json, .ndjson) nor tables")
    (folder / "person.csv").write_text("person_id,birth,sex\n")
    refused(command("run", folder), "data-no-persons: No person was accepted out of 0 rows", "fix:")


def test_the_folder_above_the_practice(command: Command, small_csv: Path) -> None:
    refused(command("run", small_csv.parent), "no-practice", "did you mean its sub-folder practice?")


def test_one_table_instead_of_its_folder(command: Command, small_csv: Path) -> None:
    refused(command("run", small_csv / "person.csv"), "one-table: a practice is a folder of tables", "name its folder")


def test_a_practice_that_is_not_there(command: Command, tmp_path: Path) -> None:
    refused(command("run", tmp_path / "nowhere"), "missing-folder: there is no such file or folder", "check the path")


def test_tables_twice(command: Command, tmp_path: Path) -> None:
    folder = small_practice.write_csv(tmp_path / "practice", small_practice.tables())
    small_practice.write_parquet(folder, {"person": small_practice.tables()["person"]})
    refused(command("run", folder), "data-mixed-formats: Table person is there as CSV and as Parquet", "Keep one")


def test_a_table_in_another_encoding(command: Command, tmp_path: Path) -> None:
    folder = small_practice.write_csv(tmp_path / "practice", small_practice.tables())
    (folder / "person.csv").write_bytes("person_id,name\np1,Zoë\n".encode("latin-1"))
    refused(command("run", folder), "person.csv", "data-not-utf8", "CSV UTF-8")


# --- FHIR -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def fhir(tmp_path: Path) -> Callable[..., Path]:
    """``fhir(name=content, …)`` writes a folder of bundles; a text is written as it is."""

    def write(**files: object) -> Path:
        folder = tmp_path / "practice"
        folder.mkdir()
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (folder / name.replace("_", ".")).write_text(text)
        return folder

    return write


def test_a_truncated_bundle_costs_only_itself(command: Command, fhir: Callable[..., Path], tmp_path: Path) -> None:
    whole = json.dumps(bundle("bea"))
    folder = fhir(anne_json=bundle("anne"), bea_json=whole[: len(whole) // 2])
    result = command("run", folder, "-m", "bcs", "--output", tmp_path / "output")
    assert result.exit_code == 0, result.output
    assert "malformed-json × 1" in result.stdout
    (reject,) = read_csv(tmp_path / "output" / "rejects.csv")
    assert (reject["file"], reject["row"], reject["rule"]) == ("bea.json", "1", "malformed-json")


@pytest.mark.parametrize(
    ("content", "code"),
    [("{", "malformed-json"), ("hello", "malformed-json"), ("[1, 2]", "not-a-bundle"), ("", "malformed-json")],
)
def test_no_file_is_fhir(command: Command, fhir: Callable[..., Path], content: str, code: str) -> None:
    refused(command("run", fhir(anne_json=content)), f"anne.json{':1' if code == 'malformed-json' else ''}: {code}:",
            "fix: export the files again")  # fmt: skip


def test_a_bundle_without_a_patient(command: Command, fhir: Callable[..., Path], tmp_path: Path) -> None:
    nobody = bundle("nobody")
    nobody["entry"] = nobody["entry"][1:]
    folder = fhir(nobody_json=nobody)
    refused(command("run", folder), "fhir-no-patients: none of the 2 resources read is a Patient", "export the Patient")
    (folder / "anne.json").write_text(json.dumps(bundle("anne")))
    result = command("run", folder, "-m", "bcs", "--output", tmp_path / "output")
    assert result.exit_code == 0, result.output
    assert "bundle-without-patient × 2" in result.stdout


def test_bundles_and_bulk_files_in_one_folder(command: Command, fhir: Callable[..., Path]) -> None:
    folder = fhir(anne_json=bundle("anne"), Patient_ndjson='{"resourceType": "Patient", "id": "p"}')
    refused(
        command("run", folder), "mixed-folder: the folder mixes 1 .ndjson and 1 .json files", "folders of their own"
    )


def test_fhir_and_tables_in_one_folder(command: Command, fhir: Callable[..., Path]) -> None:
    folder = fhir(anne_json=bundle("anne"), person_csv="person_id\np1\n")
    refused(
        command("run", folder), "mixed-folder: the folder mixes FHIR files (anne.json, …) and tables (person.csv, …)"
    )


# --- options --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--program", "medicare"], "There is no program medicare. There are: bluestone_commercial"),
        (["--measure", "BCS"], "There is no measure BCS. There are: aab, aaf"),
        (["--year", "26"], "The measurement year 26 is not between 1900 and 2199."),
        (["--year", "next"], "Invalid value for '--year'"),
        (["--as-of", "30.06.2026"], "Invalid value for '--as-of'"),
        (["--as-of", "2026-02-30"], "Invalid value for '--as-of'"),
        (["--colour"], "No such option: --colour"),
    ],
)
def test_an_option_that_cannot_be(
    command: Command, small_csv: Path, tmp_path: Path, options: list[str], says: str
) -> None:
    refused(command("run", small_csv, "--output", tmp_path / "output", *options), says)


def test_an_output_that_is_a_file_is_found_before_the_work(command: Command, small_csv: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    refused(command("run", small_csv, "--output", tmp_path / "taken"), "taken is a file. Give a folder for the results")
