"""Measure reports: populations, scores, strata, and what is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from measureharmony.reports.fhir import Reporter, Setting, individual_reports, summary_reports, write_measure_reports
from measureharmony.reports.fhir.subjects import Subjects
from measureharmony.reports.measure_ids import MeasureIds
from tests.unit.fhir_output.practice import (
    FOLLOW_UP,
    HOSTILE,
    INVERSE,
    NUMBERS,
    SCREENING,
    SUGAR,
    measure,
    outcome,
    practice,
    results,
)
from tests.unit.fhir_output.validation import check

IN = ("initial_population", "denominator")
MET = (*IN, "numerator")
OUT = (*IN, "denominator_exclusion")


def counts(group: dict[str, Any]) -> dict[str, int]:
    return {one["code"]["coding"][0]["code"]: one["count"] for one in group["population"]}


def test_a_summary_counts_every_population_and_divides() -> None:
    (report,) = summary_reports(
        results([outcome("a", "screening", *MET), outcome("b", "screening", *IN), outcome("c", "screening", *OUT)])
    )
    check(report)
    (group,) = report["group"]
    assert counts(group) == {"initial-population": 3, "denominator": 3, "denominator-exclusion": 1, "numerator": 1}
    assert group["measureScore"] == {"value": 0.5}
    assert report["improvementNotation"]["coding"][0]["code"] == "increase"


def test_an_empty_denominator_has_no_score() -> None:
    (report,) = summary_reports(results([outcome("a", "screening", *OUT)]))
    check(report)
    assert "measureScore" not in report["group"][0]


def test_strata_stand_beside_the_whole() -> None:
    rows = [outcome("a", "screening", *MET, strata="young"), outcome("b", "screening", *IN, strata="old")]
    (report,) = summary_reports(results(rows))
    check(report)
    young, old = (one["stratum"][0] for one in report["group"][0]["stratifier"])
    assert (young["measureScore"]["value"], old["measureScore"]["value"]) == (1.0, 0.0)
    assert counts(young) == {"initial-population": 1, "denominator": 1, "denominator-exclusion": 0, "numerator": 1}


def test_rates_that_point_both_ways_each_say_their_own_direction() -> None:
    rows = [outcome("a", "sugar", *MET, rate="poor"), outcome("a", "sugar", *IN, rate="good")]
    (report,) = summary_reports(results(rows, (SUGAR,)))
    check(report)
    assert not {"improvementNotation", "extension"} & report.keys()
    told = [
        tuple(one["valueCodeableConcept"]["coding"][0]["code"] for one in part["extension"][1:3])
        for part in report["group"]
    ]
    assert told == [("proportion", "decrease"), ("proportion", "increase")]


def test_an_inverse_measure_says_that_lower_is_better() -> None:
    (report,) = summary_reports(results([outcome("a", "inverse", *MET)], (INVERSE,)))
    assert report["improvementNotation"]["coding"][0]["code"] == "decrease"


@pytest.mark.parametrize(
    ("scoring", "more", "code", "value"),
    [
        ("continuous", {"aggregate": "mean"}, "continuous-variable", 3.0),
        ("observed_to_expected", {}, "ratio", pytest.approx(1 / 6)),
    ],
)
def test_numbers_are_observations(scoring: str, more: dict[str, str], code: str, value: float) -> None:
    stays = measure(
        "stays",
        scoring=scoring,
        numbers=NUMBERS,
        events={"stay": {"kind": "encounter"}},
        rates=[{"id": "met", "title": "Met", "observation": "days"}],
        **more,
    )
    rows = [outcome("a", "stays", *MET, observation=2.0), outcome("b", "stays", *IN, observation=4.0)]
    (report,) = summary_reports(results(rows, (stays,)))
    check(report)
    (group,) = report["group"]
    observed = group["population"][-1]
    assert report["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == code
    assert (observed["count"], observed["extension"][1]["valueDecimal"]) == (2, 6.0)
    assert group["measureScore"]["value"] == value
    assert ("measure-population" in counts(group)) == (scoring == "continuous")


def test_a_person_has_one_report_with_a_group_for_each_rate() -> None:
    rows = [outcome("a", "sugar", *MET, rate="poor"), outcome("a", "sugar", *IN, rate="good")]
    (report,) = individual_reports(results(rows, (SUGAR,)))
    check(report)
    assert [one["code"]["text"] for one in report["group"]] == ["Poor control", "Good control"]
    assert report["subject"]["identifier"]["value"] == "a"


def test_episodes_are_counted_in_one_report() -> None:
    rows = [
        outcome("a", "follow_up", *MET, subject_id="stay-1"),
        outcome("a", "follow_up", *IN, subject_id="stay-2"),
    ]
    (report,) = individual_reports(results(rows, (FOLLOW_UP,)))
    check(report)
    assert counts(report["group"][0])["denominator"] == 2
    assert report["group"][0]["measureScore"] == {"value": 0.5}


def test_somebody_outside_has_no_report() -> None:
    assert list(individual_reports(results([outcome("a")]))) == []


def test_evidence_is_named_by_kind_and_by_the_practices_identifier() -> None:
    where = practice(
        [{"person_id": "a"}], [{"event_id": "e 1", "person_id": "a", "kind": "procedure", "start": "2026-02-01"}]
    )
    (report,) = individual_reports(results([outcome("a", "screening", *MET, evidence_id="e 1")], where=where))
    check(report)
    (evidence,) = report["evaluatedResource"]
    assert (evidence["type"], evidence["identifier"]["value"]) == ("Procedure", "e 1")
    assert evidence["extension"][0]["valueString"] == "numerator"


def test_a_programs_measure_has_a_version_of_its_own_and_the_official_one_its_official_address() -> None:
    ids = MeasureIds({("screening", 2026, "", "fhir_canonical"): "https://example.org/Measure/S|1.0.0"})
    found = results([outcome("a", "screening", *MET)], program="blue_plan")
    told = {report["measure"] for report in summary_reports(found, Setting(ids=ids))}
    assert told == {"https://example.org/Measure/S|1.0.0"}
    canonical, program = (report["measure"] for report in summary_reports(found))
    assert canonical != program
    assert program.startswith("https://measureharmony.example/fhir/Measure/blue_plan-screening|2026.")


def test_whatever_text_there_is_stays_text(tmp_path: Path) -> None:
    rows = [outcome(HOSTILE, "screening", *MET, evidence_id=HOSTILE)]
    setting = Setting(Reporter(HOSTILE))
    paths = write_measure_reports(results(rows), tmp_path, setting)
    individual = json.loads(paths[1].read_text("utf-8"))
    check(individual)
    assert individual["subject"]["identifier"]["value"] == HOSTILE
    assert {path.parent for path in paths} == {tmp_path}


def test_files_say_the_same_in_every_run_and_lists_name_the_reports(tmp_path: Path) -> None:
    rows = [outcome("a", "screening", *MET), outcome("b", "screening", *IN)]
    first, again = (write_measure_reports(results(rows), tmp_path / name) for name in ("first", "again"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    summary, individual, lists = first
    check(json.loads(summary.read_text("utf-8")))
    reports = {json.loads(line)["id"] for line in individual.read_text("utf-8").splitlines()}
    report, *listed = map(json.loads, lists.read_text("utf-8").splitlines())
    for resource in (report, *listed):
        check(resource)
    by_id = {f"List/{one['id']}": one for one in listed}
    named = [by_id[one["subjectResults"]["reference"]] for one in report["group"][0]["population"]]
    for population, one in zip(report["group"][0]["population"], named, strict=True):
        entries = {entry["item"]["reference"].removeprefix("MeasureReport/") for entry in one.get("entry", [])}
        assert len(entries) == population["count"]
        assert entries <= reports


def test_chunks_never_part_a_person() -> None:
    people = [f"p{number}" for number in range(7)]
    rows = [outcome(p, "sugar", *IN, rate=rate) for rate in ("poor", "good") for p in people]
    found = results(rows, (SUGAR,))
    for chunk in (1, 3, 100):
        told = list(Subjects(found).of(found.variants, chunk=chunk))
        assert [person for person, _ in told] == people
        assert all([row["rate"] for row in own] == ["poor", "good"] for _, own in told)


def test_people_who_are_not_the_programs_own_are_left_out() -> None:
    assert list(individual_reports(results([outcome("a", "screening", *MET, member=False)]))) == []
    assert SCREENING.strata
