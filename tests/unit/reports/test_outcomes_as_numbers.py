"""What is counted from outcomes while they are numbers is what their table comes to; so are the files."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

import pytest

from measureharmony.engines import local
from measureharmony.evaluation.care_gaps import care_gap_table
from measureharmony.evaluation.outcome import part_outcomes
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.evaluation.rates import rate_table
from measureharmony.harmonize import demo_practice
from measureharmony.incentives import standings
from measureharmony.preparing import Prepared, prepare
from measureharmony.reports import outcome_files, tables
from measureharmony.reports.outcome_files import OutcomesToWrite
from measureharmony.reports.tables import write_parquet
from measureharmony.specs import load_specs

AS_OF = dt.date(2026, 9, 30)


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return prepare(load_specs(), 2026, AS_OF, programs=["ma_stars"])


@pytest.fixture(scope="module", params=[60, 25], ids=["one part", "parts"])
def outcomes(request: pytest.FixtureRequest, prepared: Prepared) -> Outcomes:
    finish = partial(part_outcomes, prepared.variants)
    how = {"partition_size": request.param, "workers": 1, "few": 0}
    with demo_practice(60) as practice:
        return Outcomes(local.each_part(practice, prepared.plan, prepared.terminology, AS_OF, finish, **how))


def test_rates_gaps_and_standings_are_those_of_the_table(outcomes: Outcomes, prepared: Prepared) -> None:
    table, variants = outcomes.table(), prepared.variants
    rates = rate_table(table, variants)
    assert rate_table(outcomes, variants).equals(rates)
    gaps = care_gap_table(table, variants, AS_OF)
    assert care_gap_table(outcomes, variants, AS_OF).equals(gaps)
    assert len(gaps) > 10
    found = standings(rates, table, variants, ["ma_stars"], AS_OF)
    assert standings(rates, outcomes, variants, ["ma_stars"], AS_OF) == found
    assert found["ma_stars"].members == 5


def test_files_are_those_of_the_whole_table(
    outcomes: Outcomes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (outcome_files, tables):
        monkeypatch.setattr(module, "ROWS_IN_GROUP", 300)
    monkeypatch.setattr(outcome_files, "_ROWS_AT_ONCE", 120)
    monkeypatch.setattr(tables, "_ROWS_AT_ONCE", 40)
    (path,) = OutcomesToWrite(outcomes).write(tmp_path, ("parquet",))
    write_parquet(outcomes.table(), tmp_path / "whole.parquet")
    assert len(outcomes) > 600  # three groups
    assert path.read_bytes() == (tmp_path / "whole.parquet").read_bytes()


def test_csv_is_made_of_the_whole_table(outcomes: Outcomes, tmp_path: Path) -> None:
    (path,) = OutcomesToWrite(outcomes).write(tmp_path, ("csv",))
    assert path.read_text().count("\n") == 1 + len(outcomes)
