"""A folder of results is of one run: the last one, whole, and never of two that write at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from measureharmony.errors import UsageError
from measureharmony.harmonize import demo_practice, evaluate
from measureharmony.out_of_core import evaluate_to
from measureharmony.practice import Practice
from measureharmony.reports.fingerprints import PARTS
from measureharmony.reports.part_records import files_of, read_records
from measureharmony.reports.sole_writer import sole_writer
from measureharmony.reports.stored import is_whole, part_file
from measureharmony.reports.writing import FURTHER, TABLES
from measureharmony.specs import Specs, load_specs


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load_specs()


@pytest.fixture(scope="module")
def practice() -> Practice:
    return demo_practice(12)


def in_parts(folder: Path, practice: Practice, specs: Specs) -> None:
    evaluate_to(folder, practice, specs, measures=["gsd"], people_at_once=4, workers=1)


def test_two_runs_do_not_write_at_once(tmp_path: Path, practice: Practice, specs: Specs) -> None:
    with sole_writer(tmp_path), pytest.raises(UsageError, match="Another run is writing into"):
        in_parts(tmp_path, practice, specs)
    in_parts(tmp_path, practice, specs)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_killed_run_keeps_nobody_out(tmp_path: Path) -> None:
    script = f"""
import os, pathlib
from measureharmony.reports.sole_writer import sole_writer
with sole_writer(pathlib.Path({str(tmp_path)!r})):
    os._exit(3)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 3
    with sole_writer(tmp_path):
        assert list(tmp_path.iterdir())


def test_results_in_parts_and_whole_are_not_mixed(tmp_path: Path, practice: Practice, specs: Specs) -> None:
    whole = evaluate(practice, specs, measures=["gsd"])
    whole.write(tmp_path, formats=["csv", "parquet"])
    in_parts(tmp_path, practice, specs)
    assert not list(tmp_path.glob("outcomes.*"))
    assert not list(tmp_path.glob("care_gaps.*"))
    whole.write(tmp_path)
    assert not list(tmp_path.glob("*/part-*"))


def test_tables_of_an_earlier_run_do_not_stay(tmp_path: Path, practice: Practice, specs: Specs) -> None:
    results = evaluate(practice, specs, measures=["gsd"])
    earlier = results.write(tmp_path, also=FURTHER[:2], formats=["parquet", "csv"])
    assert set(TABLES) >= {path.stem for path in earlier if path.suffix == ".parquet"} > {"rate_statistics", "outcomes"}
    for name in ("targets.csv", "payments.parquet", "notes.csv"):
        (tmp_path / name).touch()
    written = results.write(tmp_path, formats=["csv"])
    assert {path.name for path in tmp_path.iterdir()} == {"notes.csv", *(path.name for path in written)}
    (tmp_path / "targets.csv").touch()
    in_parts(tmp_path, practice, specs)
    assert {path.stem for path in tmp_path.iterdir()} & {*TABLES} == {"rates", "outcomes", "care_gaps"}
    assert not {"outcomes.csv", "care_gaps.csv"} & {path.name for path in tmp_path.iterdir()}


def test_what_else_lies_among_the_parts_is_passed_over(tmp_path: Path, practice: Practice, specs: Specs) -> None:
    (tmp_path / "outcomes").mkdir()
    (tmp_path / "outcomes" / "notes.txt").write_text("ours")
    found = evaluate_to(tmp_path, practice, specs, measures=["gsd"], people_at_once=4, workers=1)
    assert found.outcomes.count_rows() == evaluate(practice, specs, measures=["gsd"]).outcomes.arrow.num_rows
    assert (tmp_path / "outcomes" / "notes.txt").read_text() == "ours"


@pytest.mark.parametrize("name", ["outcomes", "care_gaps"])
@pytest.mark.parametrize("size", [0, 900, None])
def test_a_damaged_part_is_noticed(
    tmp_path: Path, practice: Practice, specs: Specs, name: str, size: int | None
) -> None:
    in_parts(tmp_path, practice, specs)
    records = read_records(tmp_path / PARTS)
    assert records
    (part,) = files_of(records)
    assert is_whole(tmp_path, part)
    path = part_file(tmp_path, name, part["name"])
    if size is None:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:size])
    assert not is_whole(tmp_path, part)
