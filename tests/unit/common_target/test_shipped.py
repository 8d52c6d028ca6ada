"""The common targets of the shipped programs: sentences, proofs, files, and the law about people."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from measureharmony.common_target import CommonTarget, common_targets, people_of_targets
from measureharmony.common_target.written import measure_text, write_specs
from measureharmony.harmonize import demo_practice, outcomes_of
from measureharmony.measures.bind import bind
from measureharmony.payers.variant import Variant
from measureharmony.practice import Practice
from measureharmony.reports.tables import ResultTable
from measureharmony.specs import Specs, read_specs
from tests.unit.common_target.contracts import shipped

DAY = dt.date(2026, 5, 31)
SENTENCES = {
    "gsd": "Latest assessment below 8 % from 1 January to 30 June 2026, and any later one until 31 December 2026.",
    "cbp": (
        "Last systolic below 140 mm[Hg] and last diastolic below 90 mm[Hg] from 1 January to 30 June 2026, and any "
        "later one until 31 December 2026; no incomplete readings from 1 July 2025 to 30 June 2026 and in 2026."
    ),
    "bcs": "Mammogram from 1 January 2025 to 30 June 2026.",
    "col": (
        "Stool blood test from 1 January to 30 June 2026, stool dna test from 1 January 2024 to 30 June 2026, "
        "sigmoidoscopy from 1 January 2022 to 30 June 2026, ct colonography from 1 January 2022 to 30 June 2026 or "
        "colonoscopy from 1 January 2017 to 30 June 2026."
    ),
    "cis": (
        "At least 4 dtap on different days (or dtap reaction), at least 3 polio on different days (or polio reaction) "
        "and at least 4 pneumococcal on different days (or pneumococcal reaction) from 42 days to 2 years after birth; "
        "mmr (or mmr reaction or had measles mumps rubella), varicella (or varicella reason) and hepatitis a (or "
        "hepatitis a reason) from 1 year to 2 years after birth; "
    ),
}


@pytest.fixture(scope="module")
def specs() -> Specs:
    return shipped()


@pytest.fixture(scope="module")
def targets(specs: Specs) -> dict[str, CommonTarget]:
    return {target.measure: target for target in common_targets(specs, measures=[*SENTENCES, "trc_mrp"])}


@pytest.fixture(scope="module")
def practice() -> Practice:
    return demo_practice(300)


@pytest.fixture(scope="module")
def people(practice: Practice, specs: Specs, targets: dict[str, CommonTarget]) -> ResultTable:
    return people_of_targets(practice, specs, tuple(targets.values()), as_of=DAY)


@pytest.mark.parametrize("measure", SENTENCES)
def test_the_sentence_says_what_is_enough_for_all(measure: str, targets: dict[str, CommonTarget]) -> None:
    [goal] = targets[measure].goals
    assert goal.sentence.startswith(SENTENCES[measure])


@pytest.mark.parametrize("measure", [*SENTENCES, "trc_mrp"])
def test_the_target_is_proved_to_be_enough_and_no_more_than_all_ask_for(
    measure: str, targets: dict[str, CommonTarget]
) -> None:
    [goal] = targets[measure].goals
    assert goal.standing == "common"
    assert goal.unproved == ()
    assert goal.proofs.exact is True
    assert goal.example is not None


def test_the_codes_of_the_things_are_told(targets: dict[str, CommonTarget]) -> None:
    assert targets["gsd"].goals[0].things == {"latest assessment": "hba1c laboratory test or LOINC|97506-0"}


def test_what_follows_from_the_rest_is_left_away(targets: dict[str, CommonTarget]) -> None:
    wanted = {key: target.goals[0].joint.wanted for key, target in targets.items()}
    assert wanted["bcs"] == ("screened_bluestone_commercial", "screened_harborview_advantage_plus")
    assert len(wanted["gsd"]) == 3
    assert len(wanted["cis"]) == 10
    assert wanted["trc_mrp"] == ("reconciled_harborview_advantage_plus",)


def test_inverse_and_direct_rates_of_one_thing_are_one_goal(targets: dict[str, CommonTarget]) -> None:
    [goal] = targets["gsd"].goals
    rates = {(asked.program, asked.rate.id) for asked in goal.goal.asked}
    assert ("bluestone_commercial", "good_control") in rates
    assert ("ma_stars", "poor_control") in rates


def test_whoever_meets_the_target_meets_every_program_that_counts_them(people: ResultTable) -> None:
    rows = people.to_dicts()
    counted = [row for row in rows if row["programs"]]
    assert [row for row in counted if row["met"] and row["missing_for"]] == []
    assert {row["met"] for row in counted} == {True, False}
    assert [row for row in counted if row["met"] is None] == []
    for row in counted:
        programs = [*str(row["satisfied"]).split(), *str(row["missing_for"]).split()]
        assert sorted(programs) == sorted(str(row["programs"]).split())


def test_what_is_missing_is_due_when_the_first_period_that_is_not_over_ends(people: ResultTable) -> None:
    fiscal, calendar = dt.date(2026, 6, 30), dt.date(2026, 12, 31)
    for row in people.to_dicts():
        missing = str(row["missing_for"]).split()
        assert row["due"] == (None if not missing else fiscal if "harborview_advantage_plus" in missing else calendar)


def test_the_table_counts_what_the_programs_rates_count(
    people: ResultTable, practice: Practice, specs: Specs, targets: dict[str, CommonTarget]
) -> None:
    [version] = [one for one in targets["bcs"].versions if one.program == "ma_stars"]
    outcomes = outcomes_of(practice, [version], specs, as_of=DAY).to_pylist()
    own = [row for row in outcomes if row["member"] and row["denominator"] and not row["denominator_exclusion"]]
    found = [row for row in people.to_dicts() if row["measure"] == "bcs" and "ma_stars" in str(row["programs"])]
    assert {row["person_id"] for row in own} == {row["person_id"] for row in found}
    satisfied = {row["person_id"] for row in found if "ma_stars" in str(row["satisfied"])}
    assert {row["person_id"] for row in own if row["numerator"]} == satisfied


def test_the_files_are_valid_and_mean_the_same(
    tmp_path: Path, practice: Practice, specs: Specs, targets: dict[str, CommonTarget]
) -> None:
    chosen = [targets["gsd"], targets["trc_mrp"]]
    assert len(write_specs(chosen, tmp_path)) == 2
    again = read_specs(tmp_path, trust_shipped=True)
    assert [issue for issue in again.issues if not issue.code.startswith("hint-")] == []
    for target in chosen:
        assert target.variant is not None
        key = target.variant.measure.measure
        read = Variant("common_target", bind(again.canonical.measures[key]), target.variant.period)
        mine, theirs = (outcomes_of(practice, [one], specs) for one in (target.variant, read))
        assert mine.equals(theirs)


def test_a_file_refers_to_shared_parts_and_does_not_repeat_them(targets: dict[str, CommonTarget]) -> None:
    variant = targets["gsd"].variant
    assert variant is not None
    text = measure_text(variant.measure)
    assert "hospice.received" in text
    assert "\n  hospice.received:" not in text
