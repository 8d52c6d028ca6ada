"""The command `attribution`, as users meet it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.acceptance import small_practice
from tests.acceptance.conftest import Command


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small practice, whose women were all seen by one of two doctors."""
    made = small_practice.tables()
    made["provider"] = [{"provider_id": name, "primary_care": "true", "group_id": "east"} for name in ("d1", "d2")]
    for number, event in enumerate(made["event"]):
        event["provider_id"] = f"d{number % 2 + 1}"
    return small_practice.write_csv(tmp_path_factory.mktemp("practice"), made)


def test_it_counts_people_and_writes_the_tables(command: Command, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "whose"
    asked = ("--program", "mssp_app_plus", "--as-of", "2026-09-30", "--months", "2", "--output", output)
    found = command("attribution", folder, *asked)
    assert found.exit_code == 0, found.output
    assert "[2] Medicare Shared Savings Program" in found.output
    assert "no longer listed, still covered" in found.output
    names = ("attribution", "attribution_counts", "roster_disputes", "attribution_history")
    assert {path.name for path in output.iterdir()} == {
        f"{name}.{kind}" for name in names for kind in ("csv", "parquet")
    }
    with (output / "roster_disputes.csv").open(encoding="utf-8") as file:
        disputes = {(row["person_id"], row["dispute"]) for row in csv.DictReader(file)}
    assert ("delisted", "dropped_but_covered") in disputes


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (("--rule", "nearest"), "There is no attribution rule nearest. There are: allowed_amount"),
        (("--program", "nobody"), "There is no program nobody. There are: "),
        (("--output", "taken"), "taken is a file. Give a folder for the results with --output."),
        (("--year", "3026"), "The measurement year 3026 is not between"),
    ],
)
def test_what_cannot_be_answered_is_said(
    command: Command,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wrong: tuple[str, str],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("")
    found = command("attribution", folder, *wrong)
    assert found.exit_code == 2
    assert complaint in " ".join(found.output.split())


def test_one_rule_for_all_makes_rosters_fall_silent(command: Command, folder: Path) -> None:
    found = command("attribution", folder, "--rule", "group_then_clinician", "--program", "mssp_app_plus")
    assert found.exit_code == 0, found.output
    assert "by group_then_clinician: east" in " ".join(found.output.split())
    assert "Where rosters" not in found.output
