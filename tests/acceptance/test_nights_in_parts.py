"""Nights in parts: the files of parts in which nobody has changed are left alone, and all are those of a full run."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from measureharmony.harmonize import evaluate
from measureharmony.out_of_core import evaluate_to
from measureharmony.practice import Practice, from_tables, stretches
from measureharmony.practice.demo import demo_tables
from measureharmony.reports import fingerprints
from measureharmony.reports.stored import StoredResults
from measureharmony.specs import Specs
from tests.acceptance import small_practice
from tests.acceptance.conftest import Command

DAY = dt.date(2026, 10, 31)
#: A measure of people, one of events, one with several rates and payers, one with observations.
MEASURES = ["gsd", "trc_mrp", "ais", "mcc_adm"]
PEOPLE = 80


@pytest.fixture(scope="module", autouse=True)
def small_parts() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretches, "PEOPLE", 8)
        yield


@pytest.fixture(scope="module")
def practices() -> tuple[Practice, Practice]:
    """Two practices: in the second, somebody is new, somebody gone, and somebody has lost all events."""
    tables = demo_tables(PEOPLE, 5)
    person, event = tables["person"], tables["event"]
    ids = person["person_id"].to_pylist()
    rows = [*range(9), *range(10, len(ids))]
    others = person.take(rows)
    others = others.set_column(0, "person_id", [[*others["person_id"].to_pylist()[:-1], "somebody new"]])
    left = event.filter([whose != ids[20] for whose in event["person_id"].to_pylist()])
    return from_tables(tables, "demo"), from_tables({**tables, "person": others, "event": left}, "demo")


def run(folder: Path, practice: Practice, specs: Specs, **how: Any) -> StoredResults:
    return evaluate_to(folder, practice, specs, **{"as_of": DAY, "measures": MEASURES, "workers": 1, **how})


@pytest.fixture(scope="module")
def first(practices: tuple[Practice, Practice], specs: Specs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("first")
    run(folder, practices[0], specs)
    return folder


@pytest.fixture(scope="module")
def full(practices: tuple[Practice, Practice], specs: Specs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("full")
    run(folder, practices[1], specs)
    return folder


@pytest.fixture
def results(first: Path, tmp_path: Path) -> Path:
    """The results of the first night, to be changed."""
    folder = tmp_path / "results"
    shutil.copytree(first, folder)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}
    del found["manifest.json"]
    return found


def told(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())["incremental"]
    return found


def test_only_parts_in_which_somebody_has_changed_are_written(
    practices: tuple[Practice, Practice], specs: Specs, full: Path, results: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in results.glob("outcomes/*")}
    found = run(results, practices[1], specs, previous=results)
    assert files(results) == files(full)
    left = [path for path, time in before.items() if path.exists() and path.stat().st_mtime_ns == time]
    assert len(before) - 4 <= len(left) < len(before)
    people = told(results)["people"]
    assert (people["new"], people["gone"]) == (1, 1)
    assert found.notes[-1].startswith(f"Evaluated anew: {people['evaluated']} of {people['of']} people")
    assert not (results / "unfinished").exists()


def test_into_another_folder_the_parts_that_stay_are_copied(
    practices: tuple[Practice, Practice], specs: Specs, first: Path, full: Path, tmp_path: Path
) -> None:
    run(tmp_path / "other", practices[1], specs, previous=first, people_at_once=1)
    assert files(tmp_path / "other") == files(full)


def test_a_variant_that_was_not_there_is_evaluated_for_everybody(
    practices: tuple[Practice, Practice], specs: Specs, results: Path, tmp_path: Path
) -> None:
    measures = [*MEASURES[1:], "bcs"]
    run(results, practices[1], specs, previous=results, measures=measures, people_at_once=30)
    run(tmp_path / "full", practices[1], specs, measures=measures)
    assert files(results) == files(tmp_path / "full")
    assert {name.partition("/")[2] for name in told(results)["variants"]["anew"]} == {"bcs"}


@pytest.mark.parametrize("days", [1, 40, -30])
def test_another_day_moves_some_people_and_lets_gaps_be_missed(
    practices: tuple[Practice, Practice], specs: Specs, results: Path, tmp_path: Path, days: int
) -> None:
    another = DAY + dt.timedelta(days)
    run(results, practices[0], specs, previous=results, as_of=another)
    run(tmp_path / "full", practices[0], specs, as_of=another)
    assert files(results) == files(tmp_path / "full")


def test_a_measure_that_the_day_moves_for_everybody_is_written_in_all_parts(
    practices: tuple[Practice, Practice], specs: Specs, results: Path, tmp_path: Path
) -> None:
    measures = [*MEASURES, "pdc_statin"]
    run(results, practices[0], specs, measures=measures)
    another: dict[str, Any] = {"as_of": DAY + dt.timedelta(1), "measures": measures}
    run(results, practices[1], specs, previous=results, **another)
    run(tmp_path / "full", practices[1], specs, **another)
    assert files(results) == files(tmp_path / "full")
    assert 0 < told(results)["people"]["moved"] < PEOPLE // 4
    assert {name.partition("/")[2] for name in told(results)["variants"]["anew"]} == {"pdc_statin"}


@pytest.mark.parametrize("name", ["outcomes", "care_gaps"])
def test_people_of_a_damaged_part_are_evaluated_again(
    practices: tuple[Practice, Practice], specs: Specs, first: Path, results: Path, name: str
) -> None:
    part = sorted((results / name).iterdir())[1]
    part.write_bytes(part.read_bytes()[:-1])
    found = run(results, practices[0], specs, previous=results)
    assert files(results) == files(first)
    assert told(results)["damaged_parts"] == 1
    assert 0 < told(results)["people"]["changed"] < PEOPLE // 2
    assert "everybody in 1 part whose files were damaged or missing" in found.notes[-1]


def test_a_night_that_is_stopped_loses_nothing(
    practices: tuple[Practice, Practice], specs: Specs, full: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[Path] = []
    move = Path.replace

    def until_the_third(path: Path, target: Path) -> Path:
        if fingerprints.UNFINISHED in path.parts and not path.name.startswith("."):
            if len(moved) == 2:
                raise KeyboardInterrupt
            moved.append(path)
        return move(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", until_the_third)
        with pytest.raises(KeyboardInterrupt):
            run(results, practices[1], specs, previous=results)
    run(results, practices[1], specs, previous=results)
    assert files(results) == files(full)


def test_results_of_the_other_form_are_of_no_use(
    practices: tuple[Practice, Practice], specs: Specs, first: Path, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {"as_of": DAY, "measures": ["gsd"]}
    whole = evaluate(practices[0], specs, previous=first, **asked)
    assert whole.notes[-1] == "Everything was evaluated: the earlier results are in parts (--memory)."
    whole.write(tmp_path)
    found = run(tmp_path, practices[0], specs, previous=tmp_path, measures=["gsd"])
    assert found.notes[-1] == "Everything was evaluated: the earlier results are not in parts (--memory)."


def test_the_command_of_every_night(command: Command, tmp_path: Path) -> None:
    data, output = tmp_path / "data", tmp_path / "results"
    small_practice.write_csv(data, small_practice.tables())
    asked = ("run", data, "-m", "bcs", "--as-of", DAY, "-o", output, "--previous", output, "--memory", "2GB")
    shown = " ".join(command(*asked).output.split())
    assert "Everything was evaluated: there are no results of a run that kept fingerprints." in shown
    assert "Evaluated anew: 0 of 8 people (0 changed, 0 new, 0 gone)" in " ".join(command(*asked).output.split())
