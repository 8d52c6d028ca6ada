"""Gaps in care: which status whom, and documents shaped like the guide's examples."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from measureharmony.reports.fhir import GUIDES, Setting, gaps_in_care, write_gaps_in_care
from measureharmony.reports.fhir.gaps import gap_status
from tests.unit.fhir_output.practice import (
    FOLLOW_UP,
    HOSTILE,
    INVERSE,
    NUMBERS,
    SCREENING,
    SUGAR,
    YEAR,
    measure,
    outcome,
    practice,
    results,
)
from tests.unit.fhir_output.validation import check

IN = ("initial_population", "denominator")
MET = (*IN, "numerator")
OUT = (*IN, "denominator_exclusion")
EXCEPTED = (*IN, "denominator_exception")
AFTER = YEAR.end + dt.timedelta(days=1)


def of_type(document: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [e["resource"] for e in document["entry"] if e["resource"]["resourceType"] == kind]


def statuses(document: dict[str, Any]) -> list[str]:
    return [status(issue) for issue in of_type(document, "DetectedIssue")]


def status(issue: dict[str, Any]) -> str:
    return str(issue["modifierExtension"][0]["valueCodeableConcept"]["coding"][0]["code"])


@pytest.mark.parametrize(
    ("inside", "direction", "expected"),
    [
        ((), "higher", "not-applicable"),
        (("initial_population",), "higher", "not-applicable"),
        (OUT, "higher", "not-applicable"),
        (EXCEPTED, "higher", "not-applicable"),
        (IN, "higher", "open-gap"),
        (MET, "higher", "closed-gap"),
        ((*MET, "numerator_exclusion"), "higher", "open-gap"),
        (MET, "lower", "open-gap"),
        (IN, "lower", "closed-gap"),
        (OUT, "lower", "not-applicable"),
        ((), "lower", "not-applicable"),
    ],
)
def test_who_has_which_gap(inside: tuple[str, ...], direction: Any, expected: str) -> None:
    assert gap_status(outcome("a", "screening", *inside), direction) == expected


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [(YEAR.end, "prospective-gap"), (AFTER, "open-gap"), (None, "open-gap")],
)
def test_a_gap_is_prospective_while_its_period_is_open(as_of: dt.date | None, expected: str) -> None:
    (document,) = gaps_in_care(results([outcome("a", "screening", *IN)], as_of=as_of), "canonical")
    check(document)
    assert statuses(document) == [expected]


def test_whoever_wants_unmet_gaps_open_from_the_start_says_so() -> None:
    setting = Setting(while_open="open-gap")
    (document,) = gaps_in_care(results([outcome("a", "screening", *IN)]), "canonical", setting)
    assert statuses(document) == ["open-gap"]


def test_what_is_averaged_is_nobodys_gap() -> None:
    rate = {"id": "met", "title": "Days", "observation": "days"}
    parts = {"numbers": NUMBERS, "events": {"stay": {"kind": "encounter"}}, "rates": [rate]}
    stays = measure("stays", scoring="continuous", aggregate="mean", **parts)
    assert list(gaps_in_care(results([outcome("a", "stays", *IN, observation=2.0)], (stays,)), "canonical")) == []


def test_each_rate_and_each_episode_is_an_issue_of_its_own() -> None:
    rows = [
        outcome("a", "sugar", *MET, rate="poor"),
        outcome("a", "sugar", *MET, rate="good"),
        outcome("a", "follow_up", *MET, subject_id="stay-1"),
        outcome("a", "follow_up", *IN, subject_id="stay-2"),
    ]
    where = practice(
        [{"person_id": "a"}],
        [{"event_id": f"stay-{n}", "person_id": "a", "kind": "encounter", "start": "2026-02-01"} for n in (1, 2)],
    )
    (document,) = gaps_in_care(results(rows, (SUGAR, FOLLOW_UP), where=where), "canonical")
    check(document)
    assert statuses(document) == ["prospective-gap", "closed-gap", "closed-gap", "prospective-gap"]
    last = of_type(document, "DetectedIssue")[-1]
    assert last["implicated"][0]["identifier"]["value"] == "stay-2"
    assert last["implicated"][0]["type"] == "Encounter"
    assert len({issue["id"] for issue in of_type(document, "DetectedIssue")}) == 4


def test_excluded_people_are_shown_as_not_applicable_and_outsiders_only_on_request() -> None:
    rows = [outcome("a", "screening", *OUT), outcome("b", "screening")]
    found = results(rows)
    assert [statuses(document) for document in gaps_in_care(found, "canonical")] == [["not-applicable"]]
    everybody = list(gaps_in_care(found, "canonical", outsiders=True))
    assert [statuses(document) for document in everybody] == [["not-applicable"], ["not-applicable"]]
    assert not any(of_type(document, "GuidanceResponse") for document in everybody)


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [({}, "NotFound"), ({"evidence_id": "e", "evidence_value": 9.5}, "ValueOutOfRange"), ({"evidence_id": "e"}, None)],
)
def test_a_gap_without_a_known_reason_is_told_by_its_evidence(evidence: dict[str, Any], reason: str | None) -> None:
    row = outcome("a", "inverse", *MET, first_failing="latest_above", **evidence)
    (document,) = gaps_in_care(results([row], (INVERSE,)), "canonical")
    check(document)
    (why,) = of_type(document, "GuidanceResponse")[0]["reasonCode"]
    assert [coding["code"] for coding in why.get("coding", [])] == ([reason] if reason else [])
    assert why["text"] == "needs care: latest above"


@pytest.mark.parametrize("inside", [IN, MET])
@pytest.mark.parametrize(
    ("reason", "code"),
    [("send_evidence", "Missing"), ("in_run_out", "Missing"), ("not_accepted", "InvalidAttribute")],
)
def test_the_programs_reason_decides_where_it_is_known(reason: str, code: str, inside: tuple[str, ...]) -> None:
    gaps = pa.Table.from_pylist(
        [
            {
                "program": "canonical", "person_id": "a", "subject_id": "a", "measure": "screening", "rate": "met",
                "reason": reason, "how_to_close": "send the report by 28 February",
            }
        ]
    )  # fmt: skip
    rows = [outcome("a", "screening", *inside, evidence_id="e")]
    (document,) = gaps_in_care(results(rows), "canonical", gaps=gaps)
    check(document)
    assert statuses(document) == ["prospective-gap"]
    (guidance,) = of_type(document, "GuidanceResponse")
    assert guidance["reasonCode"][0]["coding"][0]["code"] == code
    assert guidance["note"] == [{"text": "send the report by 28 February"}]


def test_a_payers_document_carries_the_payers_number_and_no_name() -> None:
    people = [{"person_id": "a", "name": "Ann Ash", "birth": "1960-05-04", "gender": "female"}]
    coverage = [{"person_id": "a", "payer": "blue", "start": "2020-01-01", "member_id": "B-77"}]
    rows = [outcome("a", "screening", *IN, program="blue_plan")]
    found = results(rows, where=practice(people, coverage=coverage), program="blue_plan")
    (document,) = gaps_in_care(found, "blue_plan")
    check(document)
    (patient,) = of_type(document, "Patient")
    assert [one["value"] for one in patient["identifier"]] == ["a", "B-77"]
    assert patient["birthDate"] == "1960-05-04"
    assert "Ann" not in json.dumps(document)


def test_every_reference_inside_a_document_is_answered_there() -> None:
    (document,) = gaps_in_care(results([outcome("a", "screening", *IN)]), "canonical")
    there = {f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in document["entry"]}
    assert set(references(document)) <= there
    assert document["entry"][0]["resource"]["resourceType"] == "Composition"


def test_hostile_text_stays_text_and_files_in_their_folder(tmp_path: Path) -> None:
    (path,) = write_gaps_in_care(results([outcome(HOSTILE, "screening", *IN, first_failing=HOSTILE)]), tmp_path)
    document = json.loads(path.read_text("utf-8"))
    check(document)
    assert of_type(document, "Patient")[0]["identifier"][0]["value"] == HOSTILE
    assert path == tmp_path / "gaps-in-care_canonical.ndjson"


def test_documents_have_the_shape_of_the_guides_example(shared: Path) -> None:
    example = json.loads((shared / "interop/deqm/Bundle-single-gaps-open-indv-report01.json").read_text("utf-8"))
    setting = Setting(guide=GUIDES["uv-ballot"])
    (document,) = gaps_in_care(results([outcome("a", "screening", *IN)], as_of=AFTER), "canonical", setting)
    assert document["meta"] == example["meta"]
    assert document["type"] == example["type"]
    for kind in ("Composition", "MeasureReport", "DetectedIssue"):
        ours, theirs = of_type(document, kind)[0], of_type(example, kind)[0]
        assert ours["meta"] == theirs["meta"], kind
        assert theirs.keys() - {"text"} <= ours.keys() | {"evaluatedResource"}, kind
    assert (
        of_type(document, "DetectedIssue")[0]["modifierExtension"]
        == of_type(example, "DetectedIssue")[0]["modifierExtension"]
    )
    assert of_type(document, "DetectedIssue")[0]["code"] == of_type(example, "DetectedIssue")[0]["code"]
    assert of_type(document, "Composition")[0]["type"] == of_type(example, "Composition")[0]["type"]
    section = of_type(document, "Composition")[0]["section"][0]
    assert section.keys() == of_type(example, "Composition")[0]["section"][0].keys()
    assert SCREENING.title == section["title"]


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["reference"]] if isinstance(part.get("reference"), str) else []
        return own + [found for value in part.values() for found in references(value)]
    return [found for value in part for found in references(value)] if isinstance(part, list) else []
