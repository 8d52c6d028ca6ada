"""The command ``common-target``, as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import yaml

from tests.acceptance.conftest import Command


def test_sentences_are_what_people_see_first(command: Command) -> None:
    found = command("common-target", "chl")
    assert found.exit_code == 0
    assert "Chlamydia test in 2026." in found.output
    assert max(map(len, found.output.splitlines())) <= 80


def test_machines_get_everything(command: Command) -> None:
    [target] = json.loads(command("common-target", "chl", "--format", "json").output)
    [goal] = target["goals"]
    assert goal["standing"] == "common"
    assert goal["example"] is True
    assert all(rate["proved"] for rate in goal["rates"])
    assert yaml.safe_load(target["spec"])["measure"] == "chl_common_target"


def test_the_spec_is_printed_as_its_file(command: Command, tmp_path: Path) -> None:
    printed = command("common-target", "chl", "--format", "yaml", "--output", tmp_path).stdout
    assert printed == (tmp_path / "canonical" / "chl_common_target.yaml").read_text("utf-8")


def test_people_are_counted_and_written(command: Command, small_csv: Path, tmp_path: Path) -> None:
    found = command("common-target", "chl", "--practice", small_csv, "--output", tmp_path / "found")
    assert found.exit_code == 0
    assert pq.read_table(tmp_path / "found" / "common_targets.parquet").column_names[:2] == ["person_id", "subject_id"]


def test_why_something_is_not_decided_is_said(command: Command) -> None:
    output = " ".join(command("common-target", "pdc_ras").output.split())
    assert "not decided whether whoever meets it meets the rate of bluestone_commercial and ma_stars" in output
    assert "it depends on each payer's own coverage" in output


def test_a_file_is_no_folder_for_results(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    found = command("common-target", "chl", "--output", file)
    assert found.exit_code == 2
    assert "is a file" in found.output


def test_a_measure_that_nobody_asks_for_is_an_error(command: Command) -> None:
    found = command("common-target", "bmi")
    assert found.exit_code == 2
    assert "None of the programs asks for bmi" in found.output
