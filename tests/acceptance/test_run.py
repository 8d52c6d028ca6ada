"""A practice from its files to rates and gaps: the same from every format, and at every moment of the year."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from measureharmony.harmonize import evaluate
from measureharmony.practice import Practice
from measureharmony.specs import Specs
from tests.acceptance import small_practice
from tests.acceptance.conftest import Command
from tests.acceptance.small_practice import Row, read_csv, read_outcomes

BREAST = ("--measure", "bcs")


def gaps(folder: Path) -> dict[str, Row]:
    """The gaps of breast cancer screening, by person."""
    return {row["person_id"]: row for row in read_csv(folder / "care_gaps.csv")}


@pytest.fixture
def run(command: Command, small_csv: Path, tmp_path: Path):
    """``run("--as-of", …)`` evaluates the small practice and returns the folder with its results."""

    def results(*options: object) -> Path:
        result = command("run", small_csv, *BREAST, "--output", tmp_path, *options)
        assert result.exit_code == 0, result.output
        return tmp_path

    return results


# --- formats --------------------------------------------------------------------------------------------------------


def test_csv_parquet_and_memory_give_the_same(
    command: Command, small: Practice, small_csv: Path, specs: Specs, tmp_path: Path
) -> None:
    parquet = small_practice.write_parquet(tmp_path / "parquet", small_practice.tables())
    for practice, output in ((small_csv, "from-csv"), (parquet, "from-parquet")):
        assert command("run", practice, "--output", tmp_path / output).exit_code == 0
    evaluate(small, specs).write(tmp_path / "from-memory")
    fingerprints = set()
    for name in ("outcomes.parquet", "rates.csv", "care_gaps.csv"):
        written = {(tmp_path / output / name).read_bytes() for output in ("from-csv", "from-parquet", "from-memory")}
        assert len(written) == 1, name
    for output in ("from-csv", "from-parquet", "from-memory"):
        fingerprints.add(json.loads((tmp_path / output / "manifest.json").read_text())["dataset"]["fingerprint"])
    assert len(fingerprints) == 1


def test_a_folder_of_fhir_bundles_runs_as_any_other(
    command: Command, named_payers_folder: Path, shared: Path, tmp_path: Path
) -> None:
    result = command(
        "run", named_payers_folder, "--year", 2023, "--output", tmp_path,
        "--value-sets", shared / "ecqm" / "2026" / "valuesets",
        *(word for measure in ("bcs", "cbp", "ccs", "col", "gsd") for word in ("--measure", measure)),
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    rates = {
        (row["measure"], row["rate"]): (row["above"], row["below"])
        for row in read_csv(tmp_path / "rates.csv")
        if row["program"] == "canonical" and not row["stratum"]
    }
    assert rates == {
        ("bcs", "screened"): ("0", "1"),
        ("cbp", "controlled"): ("0", "1"),
        ("ccs", "screened"): ("0", "1"),
        ("col", "screened"): ("1", "1"),
        ("gsd", "poor_control"): ("0", "0"),
        ("gsd", "good_control"): ("0", "0"),
    }
    assert {(gap["measure"], gap["status"]) for gap in read_csv(tmp_path / "care_gaps.csv")} == {
        ("bcs", "missed"), ("cbp", "missed"), ("ccs", "missed"),
    }  # fmt: skip
    shown = " ".join(result.stdout.split())
    assert "Nobody here is listed by, or covered for: Bluestone" in shown
    assert "Nobody is in the denominator of Glycemic status in diabetes: kept out" in shown
    assert "Measures of edition 2026, applied to 2023-01-01..2023-12-31" in shown
    assert "no-place-in-contract × " in shown


# --- the moment -----------------------------------------------------------------------------------------------------


def test_after_the_period_what_is_missing_is_missed(run) -> None:
    found = gaps(run())
    assert set(found) == {"missing", "two-payers", "uncovered", "listed", "delisted"}
    assert {row["status"] for row in found.values()} == {"missed"}
    assert {row["due"] for row in found.values()} == {""}
    assert found["missing"]["missed_for"] == found["missing"]["programs"] == "bluestone_commercial"


def test_during_the_period_gaps_are_open_until_a_date(run) -> None:
    found = gaps(run("--as-of", "2026-06-30"))
    assert {row["status"] for row in found.values()} == {"open"}
    assert {row["due"] for row in found.values()} == {"2026-12-31"}
    assert {row["missed_for"] for row in found.values()} == {""}


def test_on_the_last_day_they_are_still_open_and_on_the_next_missed(run) -> None:
    assert {row["status"] for row in gaps(run("--as-of", "2026-12-31")).values()} == {"open"}
    assert {row["status"] for row in gaps(run("--as-of", "2027-01-01")).values()} == {"missed"}


def test_what_has_not_happened_yet_is_not_known(run) -> None:
    assert "later" in gaps(run("--as-of", "2026-09-14"))
    assert "later" not in gaps(run("--as-of", "2026-09-15"))


def test_a_claim_is_not_known_before_it_was_received(run) -> None:
    assert "claimed-late" in gaps(run("--as-of", "2026-07-31"))
    assert "claimed-late" not in gaps(run("--as-of", "2026-08-01"))
    assert "claimed-late" not in gaps(run())


def test_before_the_visit_nobody_is_asked(run, command: Command, small_csv: Path, tmp_path: Path) -> None:
    """Bluestone asks whether seen or not; the practice's own rate asks those who were seen."""
    found = gaps(run("--as-of", "2026-03-01"))
    assert {row["unified"] for row in found.values()} <= {"false"}
    result = command("run", small_csv, "--as-of", "2025-03-01", "--output", tmp_path)
    assert "On 2025-03-01 the period 2026-01-01..2026-12-31 had not begun" in " ".join(result.stdout.split())


# --- whose ----------------------------------------------------------------------------------------------------------


def members(folder: Path, program: str) -> set[str]:
    return {row["person_id"] for row in read_outcomes(folder) if row["program"] == program}


def test_a_gap_is_one_row_that_names_every_payer(run) -> None:
    found = gaps(run())
    assert found["two-payers"]["programs"] == "bluestone_commercial medicaid_adult_core"
    assert found["uncovered"]["programs"] == ""
    assert {row["unified"] for row in found.values()} == {"true"}


def test_a_program_without_roster_counts_whom_its_payer_covers(run) -> None:
    folder = run()
    assert members(folder, "bluestone_commercial") == {"screened", "later", "claimed-late", "missing", "two-payers"}
    assert members(folder, "medicaid_adult_core") == {"two-payers"}
    assert members(folder, "canonical") == set(small_practice.PEOPLE)


def test_a_program_with_a_roster_counts_whom_it_lists_that_day(run) -> None:
    """Both are covered by Medicare; the roster alone decides."""
    assert members(run(), "mssp_app_plus") == {"listed"}
    assert members(run("--as-of", "2026-05-31"), "mssp_app_plus") == {"listed", "delisted"}


def test_rates_count_a_person_with_two_payers_once_each(run) -> None:
    below = {
        row["program"]: (row["above"], row["below"]) for row in read_csv(run() / "rates.csv") if not row["stratum"]
    }
    assert below["canonical"] == ("3", "8")
    assert below["bluestone_commercial"] == ("3", "5")
    assert below["medicaid_adult_core"] == ("0", "1")
    assert below["mssp_app_plus"] == ("0", "1")


# --- choices --------------------------------------------------------------------------------------------------------


def test_only_what_was_asked_for_is_evaluated(run) -> None:
    rates = read_csv(run("--program", "ma_stars", "-p", "mssp_app_plus") / "rates.csv")
    assert {row["program"] for row in rates} == {"canonical", "ma_stars", "mssp_app_plus"}
    assert {row["measure"] for row in rates} == {"bcs"}


def test_a_program_of_ones_own_beside_the_shipped_measures(
    command: Command, named_payers_folder: Path, shared: Path, tmp_path: Path
) -> None:
    """Whom Aetna covered on some day of 2023, whatever the product line, by one file of a dozen lines."""
    home = tmp_path / "specs" / "payers" / "aetna_quality"
    home.mkdir(parents=True)
    (home / "program.yaml").write_text(
        "program: aetna_quality\ntitle: Aetna quality contract\npayer: Aetna\nfictional: false\nedition: 2026\n"
        "period: {start: 01-01, months: 12}\nmembership: {roster: false, covered: any_day}\n"
        "measures:\n  - {measure: col}\n  - {measure: cbp}\nsources:\n  - {document: made for this test}\n"
    )
    result = command(
        "run", named_payers_folder, "--specs", tmp_path / "specs", "--year", 2023, "--output", tmp_path / "output",
        "--value-sets", shared / "ecqm" / "2026" / "valuesets",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "Aetna quality contract" in result.stdout
    assert len(members(tmp_path / "output", "aetna_quality")) == 2


def test_a_manifest_of_other_value_sets_differs(command: Command, small_csv: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "office.csv").write_text("name,system,code\noffice_visit,CPT,99213\n")
    asked = ("run", small_csv, "--measure", "bcs", "--measure", "cbp")
    command(*asked, "--output", tmp_path / "shipped")
    command(*asked, "--value-sets", own, "--output", tmp_path / "replaced")
    shipped, replaced = (
        {
            entry["name"]: entry["fingerprint"]
            for entry in json.loads((tmp_path / name / "manifest.json").read_text())["value_sets"]
        }
        for name in ("shipped", "replaced")
    )
    assert {name for name in shipped if shipped[name] != replaced[name]} == {"office_visit"}


def test_results_do_not_depend_on_the_order_of_rows(small: Practice, specs: Specs) -> None:
    from measureharmony.practice import from_tables

    backwards = {name: small_practice.arrow(rows[::-1]) for name, rows in small_practice.tables().items()}
    as_of = dt.date(2026, 6, 30)
    one, other = (evaluate(p, specs, as_of=as_of) for p in (small, from_tables(backwards)))
    assert one.outcomes.to_dicts() == other.outcomes.to_dicts()
    assert one.manifest["variants"] == other.manifest["variants"]
