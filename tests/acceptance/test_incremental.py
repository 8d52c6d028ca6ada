"""The same command every night: only what has changed is evaluated; the files are those of a run over everything."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from measureharmony import incremental
from measureharmony.errors import UsageError
from measureharmony.harmonize import evaluate
from measureharmony.practice import Practice, from_tables
from measureharmony.practice.demo import demo_tables
from measureharmony.reports.results import Results
from measureharmony.specs import Specs
from tests.acceptance import small_practice
from tests.acceptance.conftest import Command

DAY = dt.date(2026, 10, 31)
#: A measure of people, one of events, one with several rates and payers, one with observations.
MEASURES = ["gsd", "trc_mrp", "ais", "mcc_adm"]
FILES = ["outcomes.parquet", "rates.parquet", "rates.csv", "care_gaps.parquet", "care_gaps.csv"]
FILES += ["rejects.csv", "accounts.csv"]


def told(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def assert_alike(found: Path, full: Path) -> None:
    for name in FILES:
        assert (found / name).read_bytes() == (full / name).read_bytes(), name
    manifest = told(found)
    del manifest["incremental"]
    assert manifest == told(full)


def test_the_command_of_every_night(command: Command, tmp_path: Path) -> None:
    data, output, rows = tmp_path / "data", tmp_path / "results", small_practice.tables()

    def night(*options: object) -> str:
        small_practice.write_csv(data, rows)
        asked = ("run", data, "-m", "bcs", "--as-of", DAY)
        result = command(*asked, "-o", output, "--previous", output, *options)
        assert result.exit_code == 0, result.output
        assert command(*asked, "-o", tmp_path / "full").exit_code == 0
        assert_alike(output, tmp_path / "full")
        assert not (output / "unfinished").exists()
        return " ".join(result.output.split())

    assert "Everything was evaluated: there are no results of a run that kept fingerprints." in night()
    assert "Evaluated anew: 0 of 8 people (0 changed, 0 new, 0 gone)" in night()
    rows["person"] = [row for row in rows["person"] if row["person_id"] != "missing"]
    rows["person"].append({"person_id": "new", "birth": "1966-03-02", "sex": "female"})
    rows["event"][0]["start"] = "2026-03-09"
    shown = night()
    assert "Evaluated anew: 2 of 8 people (1 changed, 1 new, 1 gone)" in shown
    assert "fingerprints.parquet" in shown


@pytest.fixture(scope="module")
def nights() -> tuple[Practice, Practice]:
    """Two practices, in the second of which three people have lost all their events."""
    tables = demo_tables(80, 5)
    events = tables["event"]
    some = set(tables["person"]["person_id"].to_pylist()[5:8])
    left = events.filter([person not in some for person in events["person_id"].to_pylist()])
    return from_tables(tables, "demo"), from_tables({**tables, "event": left}, "demo")


@pytest.fixture(scope="module")
def first(nights: tuple[Practice, Practice], specs: Specs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("first")
    evaluate(nights[0], specs, as_of=DAY, measures=MEASURES, previous=folder).write(folder)
    return folder


@pytest.fixture(scope="module")
def full(nights: tuple[Practice, Practice], specs: Specs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("full")
    evaluate(nights[1], specs, as_of=DAY, measures=MEASURES).write(folder)
    return folder


def test_episodes_observations_and_several_payers(
    nights: tuple[Practice, Practice], specs: Specs, first: Path, full: Path, tmp_path: Path
) -> None:
    found = evaluate(nights[1], specs, as_of=DAY, measures=MEASURES, previous=first)
    with pytest.raises(UsageError, match=r"goes on from outcomes\.parquet\. Add parquet to the formats"):
        found.write(tmp_path / "other", formats=["csv"])
    found.write(tmp_path)
    people = told(tmp_path)["incremental"]["people"]
    assert people == {"evaluated": 3, "of": 80, "new": 0, "changed": 3, "gone": 0, "moved": 0}
    assert_alike(tmp_path, full)


def test_only_the_people_are_evaluated_who_have_changed(
    nights: tuple[Practice, Practice], specs: Specs, first: Path
) -> None:
    seen: list[int] = []
    evaluate(
        nights[1], specs, as_of=DAY, measures=MEASURES, previous=first, progress=lambda done, all_: seen.append(all_)
    )
    assert seen == [3]


def test_a_variant_that_was_not_there_is_evaluated_for_everybody(
    nights: tuple[Practice, Practice], specs: Specs, first: Path, tmp_path: Path
) -> None:
    asked = {"as_of": DAY, "measures": [*MEASURES[1:], "bcs"]}
    evaluate(nights[1], specs, **asked, previous=first).write(tmp_path / "found")
    evaluate(nights[1], specs, **asked).write(tmp_path / "full")
    assert_alike(tmp_path / "found", tmp_path / "full")
    anew = told(tmp_path / "found")["incremental"]["variants"]["anew"]
    assert "canonical/bcs" in anew
    assert {name.partition("/")[2] for name in anew} == {"bcs"}


def why(results: Results) -> str:
    return str(results.manifest["incremental"]["everything_because"])


def test_what_concerns_everybody_costs_a_run_over_everything(
    nights: tuple[Practice, Practice], specs: Specs, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(**changed: Any) -> Results:
        return evaluate(nights[0], specs, previous=first, **{"as_of": DAY, "measures": ["ais"], **changed})

    assert why(run(everybody=True)).startswith("since the earlier run there is another answer to whether everybody")
    assert why(run(year=2025)) == "every variant is another than in the earlier run"
    monkeypatch.setattr(incremental, "_library", lambda: "of tomorrow")
    assert why(run()) == "since the earlier run there is another version of the library"


def test_of_another_day_only_those_are_evaluated_whom_it_moves(
    nights: tuple[Practice, Practice], specs: Specs, first: Path, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {"as_of": DAY + dt.timedelta(1), "measures": MEASURES}
    evaluate(nights[1], specs, **asked, previous=first).write(tmp_path / "found")
    evaluate(nights[1], specs, **asked).write(tmp_path / "full")
    assert_alike(tmp_path / "found", tmp_path / "full")
    people = told(tmp_path / "found")["incremental"]["people"]
    assert people["changed"] == 3
    assert 0 < people["moved"] < 20


def test_adherence_is_measured_until_the_day(nights: tuple[Practice, Practice], specs: Specs, tmp_path: Path) -> None:
    for day in (DAY, DAY + dt.timedelta(1)):
        found = evaluate(nights[0], specs, as_of=day, measures=["pdc_statin", "bcs"], previous=tmp_path)
        found.write(tmp_path)
    anew = told(tmp_path)["incremental"]["variants"]["anew"]
    assert "canonical/pdc_statin" in anew
    assert {name.partition("/")[2] for name in anew} == {"pdc_statin"}


def test_days_too_far_apart_move_too_many(nights: tuple[Practice, Practice], specs: Specs, first: Path) -> None:
    found = evaluate(nights[0], specs, as_of=DAY - dt.timedelta(100), measures=MEASURES, previous=first)
    assert why(found) == "more than half of the people have changed, or are moved by the other as-of day"


def test_most_people_changed_is_everybody_changed(nights: tuple[Practice, Practice], specs: Specs, first: Path) -> None:
    tables = {name: nights[0].table(name) for name in ("person", "coverage", "roster", "event")}
    others = from_tables({**tables, "event": tables["event"].slice(0, 1)}, "demo")
    found = evaluate(others, specs, as_of=DAY, measures=["ais"], previous=first)
    assert why(found) == "more than half of the people have changed since the earlier run"


def test_what_does_not_go_together_is_said(nights: tuple[Practice, Practice], specs: Specs, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="A payers' view needs everybody evaluated"):
        evaluate(nights[0], specs, previous=tmp_path, payer_view=DAY)
