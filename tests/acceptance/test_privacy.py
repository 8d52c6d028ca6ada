"""Nothing personal in what is printed, nothing sent anywhere, nothing that depends on the day it runs."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.acceptance import small_practice
from tests.acceptance.conftest import Command
from tests.conformance.hand_made import bundle

#: Marks that stand for personal data: identifiers, names, dates, results. No message may hold any of them.
MARK = "QQPERSONQQ"


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """The small practice, good and bad rows full of marks."""
    made = small_practice.tables()
    made["person"] += [
        {"person_id": f"{MARK}1", "birth": f"{MARK}", "sex": f"{MARK}", "name": MARK},
        {"person_id": f"{MARK}2", "birth": "1950-01-01", "sex": "female", "name": MARK, "phone": MARK},
        {"person_id": f"{MARK}2", "birth": "1951-01-01", "sex": "female", "name": MARK},
    ]
    made["event"] += [
        {"event_id": f"{MARK}e", "person_id": MARK, "kind": MARK, "start": MARK, "value": MARK, "unit": MARK},
        {"event_id": f"{MARK}f", "person_id": f"{MARK}2", "kind": "encounter", "start": "2026-03-01", "end": MARK},
    ]
    made["coverage"].append({"person_id": f"{MARK}2", "payer": "bluestone", "product_line": MARK, "start": MARK})
    return small_practice.write_csv(tmp_path / "practice", made)


def test_a_run_prints_and_lists_no_personal_datum(command: Command, marked: Path, tmp_path: Path) -> None:
    result = command("run", marked, "--output", tmp_path / "output", "--format", "csv")
    assert result.exit_code == 0, result.output
    assert MARK not in result.output
    for name in ("rejects.csv", "accounts.csv", "manifest.json", "rates.csv"):
        assert MARK not in (tmp_path / "output" / name).read_text(), name
    assert MARK in (tmp_path / "output" / "outcomes.csv").read_text()  # the results themselves are about people


def test_a_question_about_nobody_does_not_repeat_who(command: Command, marked: Path) -> None:
    result = command("explain", marked, f"{MARK}9", "-m", "bcs")
    assert result.exit_code == 2
    assert MARK not in result.output


def test_broken_fhir_is_not_quoted(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "practice"
    folder.mkdir()
    good = bundle(f"{MARK}1")
    patient = good["entry"][0]["resource"]
    patient |= {"name": [{"family": MARK}], "birthDate": MARK, "gender": MARK}
    good["entry"][2]["resource"]["effectiveDateTime"] = MARK
    (folder / "a.json").write_text(json.dumps(good))
    (folder / "b.json").write_text(json.dumps(bundle(f"{MARK}2"))[:-40])
    result = command("run", folder, "--output", tmp_path / "output")
    assert MARK not in result.output
    (folder / "a.json").unlink()
    only_broken = command("run", folder, "--output", tmp_path / "output")
    assert only_broken.exit_code == 2
    assert MARK not in only_broken.output


def test_nothing_is_sent_anywhere(
    command: Command, marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was attempted")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert command("run", marked, "--output", tmp_path / "output").exit_code == 0
    assert command("demo", "--people", 20, "--output", tmp_path / "demo").exit_code == 0


def test_only_the_output_folder_is_written(
    command: Command, small_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in small_csv.rglob("*")}
    assert command("run", small_csv, "--output", "output").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["output"]
    assert {path: path.stat().st_mtime_ns for path in small_csv.rglob("*")} == before
