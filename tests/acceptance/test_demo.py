"""The demo, as a newcomer runs it: readable, complete, the same every time, and its figures add up."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from measureharmony.cli import app
from measureharmony.specs import Specs
from tests.acceptance.conftest import Command
from tests.acceptance.small_practice import Row, read_csv, read_outcomes

FILES = {
    "outcomes.parquet", "rates.parquet", "rates.csv", "care_gaps.parquet", "care_gaps.csv",
    "targets.parquet", "targets.csv", "payments.parquet", "payments.csv", "rejects.csv", "accounts.csv",
    "manifest.json",
}  # fmt: skip
POPULATIONS = ("initial_population", "denominator", "denominator_exclusion", "numerator", "numerator_exclusion",
               "denominator_exception")  # fmt: skip


class Demo:
    """One run of the demo by the real command."""

    def __init__(self, folder: Path):
        self.folder = folder
        call = [sys.executable, "-m", "measureharmony", "demo", "--output", str(folder)]
        self.done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=120)
        self.outcomes = read_outcomes(folder)
        self.rates = read_csv(folder / "rates.csv")
        self.gaps = read_csv(folder / "care_gaps.csv")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return Demo(tmp_path_factory.mktemp("demo") / "output")


# --- what it shows --------------------------------------------------------------------------------------------------


def test_it_ends_with_a_readable_summary_payer_by_payer(demo: Demo) -> None:
    assert demo.done.returncode == 0, demo.done.stderr
    shown = demo.done.stdout
    for heading in (
        "Practice from demo: 2,000 people",
        "The practice, all payers together  2026",
        "Bluestone commercial quality contract (fictional)  2026",
        "Harborview Advantage Plus commercial contract (fictional)",
        "Medicare Shared Savings Program, APP Plus quality measure set",
        "Medicare Advantage Star Ratings",
        "Medicaid adult core set",
        "Medicaid and CHIP child core set",
    ):
        assert heading in shown
    assert re.search(r"Breast cancer screening +\d\d\.\d % +\d+ of \d+ +\d+ +\d+", shown)
    assert shown.count("lower") == 4  # the inverse rate says so, once for each program that has it
    assert "2,000 people, each counted once in the practice's rate and once per payer." in " ".join(shown.split())
    assert "Traceback" not in demo.done.stderr


def test_nothing_in_the_summary_is_cut_off(demo: Demo) -> None:
    """Standard output is no terminal here, so it has 80 columns."""
    tables, _, closing = demo.done.stdout.partition("2,000 people, each")
    assert closing
    assert "…" not in tables
    assert max(len(line) for line in tables.splitlines()) <= 80


def test_rates_of_one_measure_stand_together_below_its_title(demo: Demo) -> None:
    shown = demo.done.stdout.partition("Bluestone")[0]
    assert re.search(r"\n Adult immunization status +\n +Influenza +\d\d\.\d %", shown)
    assert shown.count("Adult immunization status") == 1
    # A program that chose one of several rates says which.
    stars = demo.done.stdout.partition("Medicare Advantage Star Ratings")[2]
    assert "Glycemic status in diabetes: Poor" in stars


def test_it_writes_every_file_and_says_where(demo: Demo) -> None:
    assert {path.name for path in demo.folder.iterdir()} == FILES
    assert all(name in demo.done.stdout for name in FILES)
    assert str(demo.folder) in demo.done.stdout


def test_the_summary_is_the_rates(demo: Demo) -> None:
    for row in demo.rates:
        if not row["stratum"]:
            assert f"{row['above']} of {row['below']}" in demo.done.stdout


@pytest.mark.parametrize("name", ["rates", "care_gaps"])
def test_csv_and_parquet_say_the_same(demo: Demo, name: str) -> None:
    table = pq.read_table(demo.folder / f"{name}.parquet")
    written = {"rates": demo.rates, "care_gaps": demo.gaps}[name]
    assert table.num_rows == len(written)
    for column in table.column_names:
        cells = table[column].to_pylist()
        if pa.types.is_floating(table[column].type):
            assert [float(row[column]) if row[column] else None for row in written] == cells
        else:
            assert [row[column] for row in written] == [_as_csv(cell) for cell in cells]


def _as_csv(cell: object) -> str:
    return "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)


@pytest.fixture(scope="module")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the demo of 200 people writes."""
    folder = tmp_path_factory.mktemp("demo") / "small"
    result = CliRunner().invoke(app, ["demo", "--people", "200", "--output", str(folder)])
    assert result.exit_code == 0, result.output
    return folder


def test_the_same_demo_comes_out_bit_for_bit_the_same(command: Command, small_demo: Path, tmp_path: Path) -> None:
    result = command("demo", "--people", 200, "--output", tmp_path)
    assert result.exit_code == 0, result.output
    for name in FILES:
        assert (small_demo / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_the_practice_it_writes_gives_the_same_results(command: Command, small_demo: Path, tmp_path: Path) -> None:
    practice, as_run = tmp_path / "practice", tmp_path / "run"
    command("demo", "--people", 200, "--practice-only", "--output", practice)
    result = command("run", practice, "--as-of", "2026-10-31", "--output", as_run)
    assert result.exit_code == 0, result.output
    for name in ("outcomes.parquet", "rates.csv", "care_gaps.csv"):
        assert (as_run / name).read_bytes() == (small_demo / name).read_bytes()


def test_the_manifest_names_everything_the_results_depend_on(demo: Demo, specs: Specs) -> None:
    manifest = json.loads((demo.folder / "manifest.json").read_text())
    whole = {"measureharmony", "as_of", "dataset", "variants", "value_sets", "risk_tables", "contracts"}
    assert set(manifest) == whole
    assert [contract["program"] for contract in manifest["contracts"]] == sorted(specs.programs.programs)
    assert manifest["as_of"] == "2026-10-31"
    assert manifest["dataset"]["people"] == 2000
    listed = [(p.program, m.measure) for p in specs.programs.programs.values() for m in p.measures]
    listed += [("canonical", measure) for measure in sorted({measure for _, measure in listed})]
    assert len({variant["fingerprint"] for variant in manifest["variants"]}) == len(manifest["variants"])
    assert sorted((v["program"], v["measure"]) for v in manifest["variants"]) == sorted(listed)
    assert all(re.fullmatch("[0-9a-f]{64}", entry["fingerprint"]) for entry in manifest["value_sets"])


# --- what it counts -------------------------------------------------------------------------------------------------


def _true(row: Row, name: str) -> bool:
    return row[name] == "true"


def _below(row: Row) -> bool:
    return (
        _true(row, "denominator")
        and not _true(row, "denominator_exclusion")
        and not _true(row, "denominator_exception")
    )


def _above(row: Row) -> bool:
    return _true(row, "numerator") and not _true(row, "numerator_exclusion")


def test_rates_can_be_counted_again_from_the_outcomes(demo: Demo) -> None:
    """Law 5, by a dozen lines of plain Python."""
    counted: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for row in demo.outcomes:
        assert _true(row, "member")
        for stratum in ("", *row["strata"].split()):
            counts = counted[row["program"], row["measure"], row["edition"], row["rate"], stratum]
            counts.update({name: int(_true(row, name)) for name in POPULATIONS})
            counts.update(below=int(_below(row)), above=int(_above(row)))
    for rate in demo.rates:
        counts = counted[rate["program"], rate["measure"], rate["edition"], rate["rate"], rate["stratum"]]
        assert {name: int(rate[name]) for name in (*POPULATIONS, "below", "above")} == {
            name: counts[name] for name in (*POPULATIONS, "below", "above")
        }
        assert rate["value"] == "" if not counts["below"] else float(rate["value"]) == counts["above"] / counts["below"]


def test_everybody_is_in_the_practice_rate_once(demo: Demo) -> None:
    """And every episode once: what a measure counts, be it people or what happens to them, is there once a rate."""
    unified = [row for row in demo.outcomes if row["program"] == "canonical"]
    assert set(Counter((row["measure"], row["rate"], row["subject_id"]) for row in unified).values()) == {1}
    of_people = Counter((row["measure"], row["rate"]) for row in unified if row["subject_id"] == row["person_id"])
    assert set(of_people.values()) == {2000}
    assert len(of_people) > 40


def test_a_person_with_two_payers_counts_once_for_each(demo: Demo) -> None:
    programs: dict[str, list[str]] = defaultdict(list)
    for row in demo.outcomes:
        if row["measure"] == "col":
            programs[row["person_id"]].append(row["program"])
    assert all(len(names) == len(set(names)) and "canonical" in names for names in programs.values())
    doubly_covered = [person for person, names in programs.items() if len(names) > 2]
    assert len(doubly_covered) > 10


def test_gaps_are_those_below_the_line_who_lack_what_is_wanted(demo: Demo) -> None:
    """Exactly them: nobody outside the denominator, nobody excluded, and everybody whom some program counts."""
    inverse = {(row["measure"], row["rate"]) for row in demo.rates if row["direction"] == "lower"}
    expected: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in demo.outcomes:
        if _below(row) and _above(row) == ((row["measure"], row["rate"]) in inverse):
            expected[row["subject_id"], row["measure"], row["rate"]].add(row["program"])
    found = {
        (gap["subject_id"], gap["measure"], gap["rate"]): {
            *gap["programs"].split(), *(["canonical"] if gap["unified"] == "true" else [])
        }
        for gap in demo.gaps
    }  # fmt: skip
    assert len(found) == len(demo.gaps) > 500
    assert found == expected


def test_gaps_are_open_until_their_earliest_open_day_is_over(demo: Demo) -> None:
    """The demo is as of 31 October 2026: calendar years are open, the fiscal year to June is over."""
    ends = {(row["program"], row["measure"]): row["period_end"] for row in demo.rates}
    names = ("program", "subject_id", "measure", "rate")
    close_by = {tuple(row[name] for name in names): row["close_by"] for row in demo.outcomes}
    early = 0
    for gap in demo.gaps:
        of = gap["subject_id"], gap["measure"], gap["rate"]
        own = gap["programs"].split()
        last = {one: close_by[one, *of] or ends[one, gap["measure"]] for one in own or ["canonical"]}
        early += any(close_by[one, *of] for one in last)
        still_open = [day for day in last.values() if day >= "2026-10-31"]
        assert gap["status"] == ("open" if still_open else "missed")
        assert gap["due"] == min(still_open, default="")
        assert gap["missed_for"].split() == [one for one in own if last[one] < "2026-10-31"]
    assert Counter(gap["status"] for gap in demo.gaps).keys() == {"open", "missed"}
    assert 0 < early < len(demo.gaps)


def test_who_has_what_the_measure_wants_has_nothing_failing(demo: Demo) -> None:
    inverse = {(row["measure"], row["rate"]) for row in demo.rates if row["direction"] == "lower"}
    for row in demo.outcomes:
        met = _below(row) and _above(row) != ((row["measure"], row["rate"]) in inverse)
        assert (row["first_failing"] == "") == met, row


def test_programs_with_a_roster_count_whom_it_lists(demo: Demo, command: Command, tmp_path: Path, specs: Specs) -> None:
    """Counted again from the roster file of the same practice."""
    everybody = {row["person_id"] for row in demo.outcomes if row["program"] == "canonical"}
    command("demo", "--practice-only", "--output", tmp_path)
    rejected = {row["row"] for row in read_csv(demo.folder / "rejects.csv") if row["table"] == "roster"}
    roster = [row for n, row in enumerate(read_csv(tmp_path / "roster.csv"), start=1) if str(n) not in rejected]
    for program in specs.programs.programs.values():
        if program.membership.roster:
            listed = {
                row["person_id"]
                for row in roster
                if row["program"] == program.program and row["start"] <= "2026-10-31" <= (row["end"] or "9999")
            }
            counted = {row["person_id"] for row in demo.outcomes if row["program"] == program.program}
            assert len(counted) > 50
            assert counted == listed & everybody


def test_rates_are_those_of_a_real_practice(demo: Demo) -> None:
    """Plausible to who knows the field: between a third and nearly all, few excluded; where few count, some."""
    for row in demo.rates:
        if row["program"] == "canonical" and not row["stratum"] and row["direction"] == "higher":
            lowest, highest = (0.3, 0.97) if int(row["below"]) >= 30 else (0.01, 0.99)
            assert lowest < float(row["value"]) < highest, row
            assert int(row["denominator_exclusion"]) < 2 + 0.12 * int(row["denominator"]), row


def test_every_measure_that_a_program_lists_has_people(demo: Demo) -> None:
    for row in demo.rates:
        assert row["stratum"] or int(row["below"]) > 0, row


def test_rows_that_were_not_accepted_are_counted_and_listed(demo: Demo) -> None:
    rejects = read_csv(demo.folder / "rejects.csv")
    accounts = read_csv(demo.folder / "accounts.csv")
    assert (
        sum(int(row["rejected"]) for row in accounts) == len({(r["file"], r["table"], r["row"]) for r in rejects}) == 12
    )
    assert all(int(a["rows_in"]) == int(a["accepted"]) + int(a["rejected"]) for a in accounts)
    assert "Not accepted (" in demo.done.stdout
