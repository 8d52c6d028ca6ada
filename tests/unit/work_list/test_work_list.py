"""The work list: one line a person, actions once, points that add up, files for those who work on it."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from measureharmony.errors import SpecError, UsageError
from measureharmony.harmonize import demo_practice, evaluate
from measureharmony.reports.results import Results
from measureharmony.reports.work_list import Weights, read_weights
from measureharmony.reports.work_list.gaps import workable
from measureharmony.reports.work_list.points import Kind, valued
from measureharmony.reports.work_list.shown import write_work_lists
from measureharmony.specs import load_specs

DAY = dt.date(2026, 10, 31)
YEAR_END = dt.date(2026, 12, 31)


@pytest.fixture(scope="module")
def results() -> Results:
    return evaluate(demo_practice(150), load_specs(), as_of=DAY, measures=["gsd", "cbp", "bpd", "bcs", "cwp"])


def weights(**said: object) -> Weights:
    return Weights.model_validate(said)


def test_points_are_what_the_weights_say() -> None:
    asked = weights(
        gap=1, measures={"cbp": 3}, further_program=0.5, due={"within_days": 122, "points": 2},
        per_amount={"amount": 50, "points": 1},
    )  # fmt: skip
    earnings = {("one", "cbp", "controlled"): (Decimal(75), "USD"), ("one", "bcs", "screened"): (Decimal(75), "USD")}
    kind = Kind("cbp", "controlled", ("one", "two", "three"), YEAR_END)
    # 3 for the measure, 2 × 0.5, 61 of 122 days left: half of 2, 75 of 50: 1.5.
    found = valued(kind, asked, earnings, DAY)
    assert (found.tenths, found.amounts) == (65, {"USD": Decimal(75)})
    assert found.steps == "3.0 for cbp + 1.0 for 2 more payers + 1.0 due in 61 days + 1.5 for 75 USD"


def test_far_from_the_last_day_there_are_no_points_for_it() -> None:
    asked = weights(due={"within_days": 30, "points": 2})
    assert valued(Kind("bcs", "screened", (), YEAR_END), asked, {}, DAY).steps == "1.0 for bcs"
    assert valued(Kind("bcs", "screened", (), None), asked, {}, DAY).tenths == 10


def test_there_is_one_line_for_each_person_with_a_gap_that_an_action_closes(results: Results) -> None:
    found = results.work_list()
    people = found.arrow["person_id"].to_pylist()
    gaps = [row for row in results.care_gaps.to_dicts() if row["status"] == "open" and row["measure"] != "cwp"]
    assert sorted(people) == sorted({row["person_id"] for row in gaps})
    assert sum(found.arrow["gaps"].to_pylist()) == len(gaps)


def test_one_action_closes_gaps_of_several_measures(results: Results) -> None:
    both = [row for row in results.work_list().to_dicts() if {"cbp", "bpd"} <= set(str(row["measures"]).split())]
    assert both
    assert all(str(row["actions"]).count("Measure blood pressure") == 1 for row in both)


def test_the_points_are_those_of_the_steps_and_the_most_urgent_comes_first(results: Results) -> None:
    rows = results.work_list(risk={"p000001": 2.5}).to_dicts()
    for row in rows:
        steps = str(row["priority_steps"]).replace("; ", " + ").split(" + ")
        points = [Decimal(step.rpartition(": ")[2].split()[0]) for step in steps]
        assert sum(points) == Decimal(str(row["priority"]))
    assert [row["priority"] for row in rows] == sorted((row["priority"] for row in rows), reverse=True)


def test_age_and_risk_add_points(results: Results) -> None:
    plain = {row["person_id"]: row for row in results.work_list(weights()).to_dicts()}
    person = next(iter(plain))
    asked = weights(per_risk=2, age={"from": 0, "points": 4})
    more = {row["person_id"]: row for row in results.work_list(asked, risk={person: 1.5}).to_dicts()}
    assert more[person]["priority"] == pytest.approx(plain[person]["priority"] + 7)
    assert more[person]["priority_steps"].endswith("; 3.0 for a risk score of 1.5")


def test_only_some_people(results: Results) -> None:
    some = results.work_list().arrow["person_id"].to_pylist()[:2]
    assert sorted(results.work_list(people=some).arrow["person_id"].to_pylist()) == sorted(some)


def test_without_a_day_nothing_is_open(results: Results) -> None:
    undated = Results(pa.table({}), results.variants, results.practice, results.value_sets)
    with pytest.raises(UsageError, match="as_of"):
        undated.work_list()


def test_each_clinician_gets_a_list_and_formulas_stay_text(results: Results, tmp_path: Path) -> None:
    found = results.work_list()
    names = pa.array([f"=1+{number}" for number in range(len(found))])
    hostile = found.arrow.set_column(1, "name", names)
    paths = write_work_lists(type(found)(found.name, hostile, found.columns), tmp_path, "provider_id")
    assert len(paths) == len(set(found.arrow["provider_id"].to_pylist()))
    with paths[0].open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["name"].startswith("'=1+")


def test_the_shipped_weights_are_read() -> None:
    assert read_weights().measures["cbp"] == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gap: -1\n", "weights.yaml:1"),
        ("gap: 1\nurgent: 2\n", "weights.yaml:2"),
        ("due: {within_days: 0, points: 1}\n", "weights.yaml:1"),
        ("per_amount: {amount: 0, points: 1}\n", "weights.yaml:1"),
        ("gap: 1.25\n", "weights.yaml:1"),
    ],
)
def test_wrong_weights_are_told_with_their_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "weights.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=said):
        read_weights(path)


def test_what_a_payer_lacks_is_sent_and_what_is_on_its_way_makes_no_line() -> None:
    variants = evaluate(demo_practice(5), load_specs(), as_of=DAY, measures=["bcs"]).variants
    gap = {"person_id": "ann", "subject_id": "ann", "measure": "bcs", "rate": "screened", "evidence_date": DAY}
    gap["missed_for"] = ""
    care = pa.Table.from_pylist([
        {**gap, "status": "open", "due": YEAR_END, "programs": "one two three"},
        {**gap, "person_id": "bob", "subject_id": "bob", "status": "open", "due": YEAR_END, "programs": ""},
    ])  # fmt: skip
    reasons = {"one": "needs_care", "two": "send_evidence", "three": "in_run_out", "four": "send_evidence"}
    theirs = pa.Table.from_pylist([
        {**gap, "program": program, "reason": reason, "due": dt.date(2026, 1, 1) if program == "four" else YEAR_END}
        for program, reason in reasons.items()
    ])  # fmt: skip
    found = {
        (row["person_id"], row["programs"], row["action"]) for row in workable(care, theirs, variants, DAY).to_pylist()
    }
    assert found == {
        ("ann", "one", "Order a mammogram"),
        ("ann", "two", "Send the record: Breast cancer screening"),
        ("bob", "", "Order a mammogram"),
    }
