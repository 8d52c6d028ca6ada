"""One small dataset per rule that rows can break: the folder's name is the rule, `_expected.csv` the rejects."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from measureharmony.practice import read_folder
from measureharmony.practice.rejects import RULES

ROWS = Path(__file__).parent / "rows"


@pytest.mark.parametrize("rule", sorted(RULES))
def test_the_rule_rejects_exactly_the_rows_it_means(rule: str) -> None:
    with (ROWS / rule / "_expected.csv").open(encoding="utf-8") as stream:
        expected = [(r["file"], int(r["row"]), r["column"], rule, r["shape"]) for r in csv.DictReader(stream)]
    with read_folder(ROWS / rule) as practice:
        rejects = practice.rejects.to_pylist()
        accounts = practice.accounts.to_pylist()
    found = [(Path(r["file"]).name, r["row"], r["column"], r["rule"], r["shape"]) for r in rejects]
    assert found == expected
    for account in accounts:
        rejected = {r["row"] for r in rejects if r["file"] == account["file"]}
        assert account["rejected"] == len(rejected)
        assert account["rows_in"] == account["accepted"] + account["rejected"]


def test_every_folder_is_named_after_a_rule() -> None:
    assert {folder.name for folder in ROWS.iterdir()} == set(RULES)
