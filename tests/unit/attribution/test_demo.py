"""What holds for a whole practice: attribution agrees with membership, rates by clinician with rates."""

from __future__ import annotations

import datetime as dt

import pyarrow.compute as pc
import pytest

from measureharmony import harmonize
from measureharmony.reports.results import Results
from measureharmony.specs import read_specs

DAY = dt.date(2026, 10, 31)
MEASURES = ["bcs", "cbp", "w30", "pcr"]


@pytest.fixture(scope="module")
def results() -> Results:
    specs = read_specs(trust_shipped=True)
    known = [key for key in MEASURES if key in specs.canonical.measures]
    return harmonize.evaluate(harmonize.demo_practice(300), specs, as_of=DAY, measures=known)


def people(table: object, program: str, flag: str) -> set[str]:
    rows = table.arrow  # type: ignore[attr-defined]
    return set(rows.filter(pc.and_(pc.equal(rows["program"], program), rows[flag]))["person_id"].to_pylist())


@pytest.mark.parametrize("program", ["ma_stars", "mssp_app_plus"])
def test_whom_a_roster_attributes_are_the_members(results: Results, program: str) -> None:
    assert people(results.attribution, program, "attributed") == people(results.outcomes, program, "member")


def test_whom_a_payer_covers_on_the_day_are_the_members_of_its_program(results: Results) -> None:
    covered = people(results.attribution, "bluestone_commercial", "enrolled")
    assert covered == people(results.outcomes, "bluestone_commercial", "member")


def test_the_combinations_add_up_to_everybody(results: Results) -> None:
    counted = results.attribution_counts.arrow.group_by("program").aggregate([("people", "sum"), ("people", "count")])
    assert set(counted["people_sum"].to_pylist()) == {results.practice.person_count}
    assert set(counted["people_count"].to_pylist()) == {8}
    assert counted.num_rows == 7


@pytest.mark.parametrize("level", ["clinician", "group"])
def test_rates_by_clinician_and_group_add_up_to_the_rate(results: Results, level: str) -> None:
    keys = ["program", "measure", "edition", "rate"]
    numbers = [
        "initial_population",
        "denominator",
        "denominator_exclusion",
        "numerator",
        "below",
        "above",
        "observations",
    ]
    rows = results.provider_rates.arrow
    summed = rows.filter(pc.equal(rows["level"], level)).group_by(keys).aggregate([(name, "sum") for name in numbers])
    found = {tuple(row[key] for key in keys): [row[f"{name}_sum"] for name in numbers] for row in summed.to_pylist()}
    whole = {
        tuple(row[key] for key in keys): [row[name] for name in numbers]
        for row in results.rates.to_dicts()
        if not row["stratum"] and row["initial_population"]
    }
    assert whole
    assert {key: found[key] for key in whole} == whole


def test_a_clinicians_rate_is_that_of_their_people(results: Results) -> None:
    row = max(results.provider_rates.to_dicts(), key=lambda row: (row["provider_id"] is not None, row["below"]))
    theirs = {
        one["person_id"]
        for one in results.attribution.to_dicts()
        if one["attributed"] and (one["program"], one["provider_id"]) == (row["program"], row["provider_id"])
    }
    own = [
        one
        for one in results.outcomes.to_dicts()
        if one["person_id"] in theirs and all(one[key] == row[key] for key in ("program", "measure", "rate"))
    ]
    below = [one for one in own if one["denominator"] and not one["denominator_exclusion"]
             and not one["denominator_exception"]]  # fmt: skip
    above = [one for one in below if one["numerator"] and not one["numerator_exclusion"]]
    assert (len(below), len(above)) == (row["below"], row["above"])
    assert row["value"] == pytest.approx(len(above) / len(below))


def test_history_ends_where_the_run_stands(results: Results) -> None:
    now = results.attribution_history(1).arrow
    ours = people(results.attribution, "canonical", "attributed")
    assert set(now.filter(pc.equal(now["program"], "canonical"))["person_id"].to_pylist()) == ours
