"""Times as written, ages, and the prevalence interval of conditions (shared logic 2026, sections 3 and 4.3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from measureharmony.practice.fhir.times import first_day, just_before, last_day
from tests.unit.fhir.bundles import DX_CLINICAL, codes, concept, event, read, resource, rows

PROBLEM = "qicore-condition-problems-health-concerns"
FOREVER = "9999-12-31"


@pytest.mark.parametrize(
    ("elements", "start", "end"),
    [
        ({"performedDateTime": "2026-12-31T23:30:00-05:00"}, "2026-12-31T23:30:00-05:00", "2026-12-31T23:30:00-05:00"),
        ({"performedDateTime": "2026-03"}, "2026-03", "2026-03"),
        ({"performedPeriod": {"start": "2026-01-01", "end": "2026-01-03"}}, "2026-01-01", "2026-01-03"),
        ({"performedPeriod": {"start": "2026-01-01"}}, "2026-01-01", FOREVER),
        ({"performedPeriod": {"end": "2026-01-03"}}, "", "2026-01-03"),
        ({"performedPeriod": {}}, "", ""),
        ({"performedAge": {"value": 40, "code": "a"}}, "2000-05-17", "2001-05-16"),
        ({"performedAge": {"value": 6, "code": "mo"}}, "1960-11-17", "1961-11-16"),
        ({"performedRange": {"low": {"value": 10}, "high": {"value": 12}}}, "1970-05-17", "1973-05-16"),
        ({"performedAge": {"value": 40, "code": "parsec"}}, "", ""),
        ({"performedString": "last summer"}, "", ""),
        ({}, "", ""),
    ],
)
def test_performed_as_an_interval(tmp_path: Path, elements: dict[str, Any], start: str, end: str) -> None:
    found = event(tmp_path, resource("Procedure", **elements))
    assert (found["start"], found["end"]) == (start, end)


def test_other_times_of_events(tmp_path: Path) -> None:
    instant = event(tmp_path, resource("Observation", effectiveInstant="2026-01-01T00:00:00Z", issued="2026-01-02"))
    assert (instant["start"], instant["recorded"]) == ("2026-01-01T00:00:00Z", "2026-01-02")
    assert event(tmp_path, resource("Immunization", occurrenceString="once", recorded="2026-01-05"))["start"] == ""
    reaction = event(tmp_path, resource("AdverseEvent", recordedDate="2026-01-05", event=concept("1")))
    assert (reaction["start"], reaction["recorded"], reaction["code"]) == ("2026-01-05", "2026-01-05", "1")
    reaction = event(tmp_path, resource("AdverseEvent", date="2026-01-03", recordedDate="2026-01-05"))
    assert (reaction["start"], reaction["recorded"]) == ("2026-01-03", "2026-01-05")


def test_that_a_time_was_a_period_is_kept(tmp_path: Path) -> None:
    found = read(tmp_path, resource("Observation", effectivePeriod={"start": "2026-01-01"}))
    assert codes(found, "category") == ["Period"]


def status(word: str | None, system: str = DX_CLINICAL) -> dict[str, Any]:
    return {"clinicalStatus": concept(word, system=system)} if word else {}


@pytest.mark.parametrize("word", ["active", "recurrence", "relapse"])
def test_a_running_condition_has_no_end_until_it_abates(tmp_path: Path, word: str) -> None:
    running = resource("Condition", profile=PROBLEM, onsetDateTime="2020-01-01", **status(word))
    found = event(tmp_path, running)
    assert (found["start"], found["end"], found["clinical_status"]) == ("2020-01-01", FOREVER, word)
    assert event(tmp_path, {**running, "abatementDateTime": "2021-01-01"})["end"] == "2021-01-01"


@pytest.mark.parametrize("word", ["inactive", "remission", "resolved", None])
def test_another_condition_has_a_time_only_when_it_abated(tmp_path: Path, word: str | None) -> None:
    over = resource("Condition", profile=PROBLEM, onsetDateTime="2020-01-01", **status(word))
    found = event(tmp_path, over)
    assert (found["start"], found["end"]) == ("unknown", "unknown")
    found = event(tmp_path, {**over, "abatementDateTime": "2021-01-01"})
    assert (found["start"], found["end"]) == ("2020-01-01", "2021-01-01")


def test_the_status_counts_only_in_its_own_system(tmp_path: Path) -> None:
    strange = resource("Condition", profile=PROBLEM, onsetDateTime="2020-01-01", **status("active", "elsewhere"))
    assert event(tmp_path, strange)["end"] == "unknown"


def test_elsewhere_a_condition_without_status_runs_on(tmp_path: Path) -> None:
    assert event(tmp_path, resource("Condition", onsetDateTime="2020-01-01"))["end"] == FOREVER
    assert event(tmp_path, resource("Condition", onsetDateTime="2020-01-01", **status("resolved")))["end"] == "unknown"


@pytest.mark.parametrize(
    ("elements", "start", "end"),
    [
        ({}, "unknown", "unknown"),
        ({"onsetString": "long ago"}, "unknown", "unknown"),
        ({"abatementDateTime": "2021-01-01"}, "0001-01-01", "2021-01-01"),
        ({"onsetPeriod": {"start": "2019-01-01", "end": "2020-01-01"}}, "2019-01-01", FOREVER),
        ({"onsetPeriod": {"end": "2020-01-01"}}, "", FOREVER),
        ({"onsetAge": {"value": 50, "unit": "years"}}, "2010-05-17", FOREVER),
        ({"onsetRange": {"low": {"value": 5, "code": "d"}}}, "1960-05-22", FOREVER),
        ({"onsetDateTime": "2020", "abatementAge": {"value": 61, "code": "a"}}, "2020", "2022-05-16"),
        ({"onsetDateTime": "2020", "abatementRange": {"high": {"value": 61}}}, "2020", "2022-05-16"),
        (
            {"onsetDateTime": "2020", "abatementPeriod": {"start": "2021-01-01", "end": "2021-03-01"}},
            "2020",
            "2021-02-28",
        ),
        ({"onsetDateTime": "2020", "abatementPeriod": {"start": "2021-01-01"}}, "2020", FOREVER),
        ({"onsetDateTime": "2020", "abatementString": "gone"}, "2020", FOREVER),
    ],
)
def test_onset_and_abatement_of_an_active_condition(
    tmp_path: Path, elements: dict[str, Any], start: str, end: str
) -> None:
    found = event(tmp_path, resource("Condition", profile=PROBLEM, **status("active"), **elements))
    assert (found["start"], found["end"]) == (start, end)


@pytest.mark.parametrize(
    ("moment", "before"),
    [
        ("2026-01-01", "2025-12-31"),
        ("2026-01-01T00:00:00+02:00", "2025-12-31T23:59:59.999+02:00"),
        ("2026-01-01T10:00:00.500Z", "2026-01-01T10:00:00.499Z"),
        ("2026-01", "2025-12"),
        ("2026", "2025"),
        ("0001-01-01", "0001-01-01"),
        ("soon enough", "soon enough"),
    ],
)
def test_just_before(moment: str, before: str) -> None:
    assert just_before(moment) == before


def test_partial_dates_of_insurance_are_filled_up() -> None:
    assert [first_day(t) for t in ("2026", "2026-02", "2026-02-03T01:02:03Z")] == [
        "2026-01-01",
        "2026-02-01",
        "2026-02-03",
    ]
    assert [last_day(t) for t in ("2026", "2026-02", "2026-02-03")] == ["2026-12-31", "2026-02-28", "2026-02-03"]
    assert last_day("9999-12") == FOREVER


def test_an_allergy_lasts_until_its_last_occurrence(tmp_path: Path) -> None:
    found = event(tmp_path, resource("AllergyIntolerance", onsetDateTime="2020-01-01", category=["food"]))
    assert (found["start"], found["end"], found["category"]) == ("2020-01-01", FOREVER, "food")
    found = event(tmp_path, resource("AllergyIntolerance", lastOccurrence="2021-01-01"))
    assert (found["start"], found["end"]) == ("0001-01-01", "2021-01-01")
    found = event(tmp_path, resource("AllergyIntolerance", onsetString="as a child", lastOccurrence="2021-01-01"))
    assert (found["start"], found["end"]) == ("0001-01-01", "2021-01-01")
    found = event(tmp_path, resource("AllergyIntolerance"))
    assert (found["start"], found["end"], found["type"]) == ("0001-01-01", FOREVER, "course")


@pytest.mark.parametrize(
    ("onset", "expected"),
    [
        ({"onsetDateTime": "2020-01-01T10:00:00Z"}, ("2020-01-01T10:00:00Z", "2020-01-01T10:00:00Z")),
        ({"onsetPeriod": {"start": "2020-01-01"}}, ("2020-01-01", FOREVER)),
        ({"onsetPeriod": {"end": "2020-01-01"}}, ("", "2020-01-01")),
        ({"onsetAge": {"value": 40, "code": "a"}}, ("2000-05-17", "2001-05-16")),
    ],
)
def test_the_onset_of_an_allergy_is_an_event_of_its_own(
    tmp_path: Path, onset: dict[str, Any], expected: tuple[str, str]
) -> None:
    allergy = resource("AllergyIntolerance", "a1", **onset, code=concept("1", "2"), clinicalStatus=concept("active"))
    found = read(tmp_path, allergy)
    course, its_onset = rows(found)
    assert (course["type"], its_onset["type"]) == ("course", "onset")
    assert (its_onset["event_id"], its_onset["parent_id"]) == ("p1/AllergyIntolerance/a1#onset", course["event_id"])
    assert (its_onset["code"], its_onset["clinical_status"]) == ("1", "active")
    assert codes(found, "code", its_onset["event_id"]) == ["2"]
    assert (its_onset["start"], its_onset["end"]) == expected


def test_an_allergy_without_onset_or_of_an_unlisted_profile_has_no_onset_row(tmp_path: Path) -> None:
    assert len(rows(read(tmp_path, resource("AllergyIntolerance", lastOccurrence="2021-01-01")))) == 1
    unlisted = rows(read(tmp_path, resource("AllergyIntolerance", onsetDateTime="2020-01-01"), strict=True))
    assert [row["type"] for row in unlisted] == ["other"]


def test_the_form_of_an_abatement_is_kept(tmp_path: Path) -> None:
    assert codes(read(tmp_path, resource("Condition", abatementString="last year")), "category") == ["String"]
