"""Targets, payments and what-if on the command line, over a made-up practice with the shipped contracts."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from measureharmony.practice.demo import write_demo
from tests.acceptance.conftest import Command

ASKED = ("--as-of", "2026-10-31", "--program", "bluestone_commercial")


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("payments") / "practice"
    write_demo(folder, people=300, seed=2026, format="csv", broken=False)
    return folder


def test_payments_are_shown_in_80_columns_and_written(command: Command, practice: Path, tmp_path: Path) -> None:
    done = command("payments", practice, *ASKED, "--steps", "--output", tmp_path / "money")
    assert done.exit_code == 0, done.output
    *shown, wrote = done.stdout.splitlines()
    assert wrote.startswith("wrote targets.parquet, ")
    assert max(map(len, shown)) <= 80
    assert "Gate quality: " in done.stdout
    written = {path.name for path in (tmp_path / "money").iterdir()}
    assert written == {"payments.csv", "payments.parquet", "targets.csv", "targets.parquet"}


def test_closing_gaps_is_worth_what_the_contract_pays(command: Command, practice: Path) -> None:
    done = command("payments", practice, *ASKED, "--what-if", "bcs.screened=+2", "--json")
    assert done.exit_code == 0, done.output
    more = {row["payment"]: Decimal(row["difference"]) for row in json.loads(done.stdout)}
    # So few women do not count for the target: 2 × 10.00 and nothing else.
    assert more.pop("bcs.screened") == Decimal("20.00")
    assert set(more.values()) == {Decimal("0.00")}


@pytest.mark.parametrize("wish", ["bcs.screened", "=+10", "bcs.screened=", "bcs.screened=+ten"])
def test_a_what_if_that_says_nothing_is_refused(command: Command, practice: Path, wish: str) -> None:
    done = command("payments", practice, "--what-if", wish)
    assert done.exit_code == 2
    assert "Write a rate and a number of gaps" in done.stderr
