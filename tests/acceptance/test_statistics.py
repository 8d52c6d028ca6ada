"""Small numbers on the command line and in Python, over a made-up practice with the shipped contracts."""

from __future__ import annotations

import datetime as dt
import json

import pytest

import measureharmony as mh
from measureharmony.alignment import proved
from measureharmony.reports.results import Results
from measureharmony.specs import Specs
from tests.acceptance.conftest import Command


@pytest.fixture(scope="module")
def results(specs: Specs) -> Results:
    practice = mh.demo_practice(300)
    chosen = ["bluestone_commercial", "mssp_app_plus", "medicaid_adult_core"]
    return mh.evaluate(practice, specs, programs=chosen, measures=["dsf"], as_of=dt.date(2026, 10, 31))


def test_equal_definitions_are_pooled_and_proof_finds_no_fewer(results: Results, specs: Specs) -> None:
    written = {row["program"]: row["pooled_programs"] for row in results.statistics().to_dicts()}
    shown = {row["program"]: row["pooled_programs"] for row in results.statistics(
        aligned=proved(specs, results.variants)
    ).to_dicts()}  # fmt: skip
    assert written["bluestone_commercial"] is not None
    assert "mssp_app_plus" in str(written["bluestone_commercial"]).split()
    for program, together in written.items():
        assert set(str(together or "").split()) <= set(str(shown[program] or "").split())


def test_the_pooled_rate_counts_nobody_twice(results: Results) -> None:
    rows = {str(row["program"]): row for row in results.statistics().to_dicts()}
    one = rows["bluestone_commercial"]
    together = str(one["pooled_programs"]).split()
    assert isinstance(one["pooled_below"], int)
    assert one["pooled_below"] <= sum(int(str(rows[program]["below"])) for program in together)
    assert one["pooled_below"] <= int(str(rows["canonical"]["below"]))


def test_statistics_are_shown_in_80_columns_or_printed_as_json(
    command: Command, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("measureharmony.harmonize.demo_practice", lambda: results.practice)
    monkeypatch.setattr("measureharmony.harmonize.evaluate", lambda *_, **__: results)
    done = command("statistics", "--interval", "clopper_pearson", "--confidence", "0.9")
    assert done.exit_code == 0, done.output
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "90 % confidence (Clopper-Pearson)" in done.stdout
    printed = json.loads(command("statistics", "--json").stdout)
    assert {row["interval"] for row in printed} == {"wilson"}


def test_a_confidence_in_percent_is_refused_before_the_work(command: Command) -> None:
    done = command("statistics", "--confidence", "95")
    assert (done.exit_code, done.stderr) == (2, "A confidence of 95 is not between 0 and 1. Write 95 % as 0.95.\n")
