"""The published people of the official measures get their published populations."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import pytest

from measureharmony.conformance import DeckReport, check_deck
from measureharmony.documented_exceptions import read_exceptions
from measureharmony.harmonize import load_specs

EXCEPTIONS = Path(__file__).parent / "exceptions-2026.yaml"
#: Measure → people and counts compared.
COMPARED = {
    "CMS122": (32, 128),
    "CMS124": (26, 104),
    "CMS125": (35, 420),
    "CMS130": (44, 528),
    "CMS165": (49, 196),
}


@pytest.fixture(scope="module")
def deck(shared: Path) -> Path:
    return shared / "ecqm" / "2026"


@pytest.fixture(scope="module")
def report(deck: Path) -> DeckReport:
    return check_deck(deck, load_specs(None, deck / "valuesets"), COMPARED, EXCEPTIONS)


def test_every_published_count_is_met_or_a_documented_exception(report: DeckReport) -> None:
    unexcused = [str(disagreement) for measure in report.measures for disagreement in measure.unexcused]
    assert not unexcused, "\n" + "\n".join(unexcused)
    assert report.agrees


def test_no_exception_is_stale(report: DeckReport) -> None:
    assert report.stale == ()


def test_every_published_person_is_compared(report: DeckReport) -> None:
    assert {measure.measure: (measure.people, measure.counts) for measure in report.measures} == COMPARED
    assert {measure.measure: measure.agreeing for measure in report.measures} == {
        name: people for name, (people, _) in COMPARED.items()
    }


def test_only_people_in_both_age_strata_differ_and_only_there(report: DeckReport) -> None:
    differing = [d for measure in report.measures for d in measure.disagreements]
    assert {d.measure for d in differing} == {"CMS130"}
    assert {(d.expected, d.found) for d in differing} == {(1, 0)}
    assert {d.why for d in differing} == {"is not in stratum age_46_49", "is not in stratum age_50_75"}
    assert (len(differing), len({d.person for d in differing})) == (56, 25)


def test_the_proof_of_each_exception_holds_in_the_published_files(deck: Path) -> None:
    """The published expectation has each person in both strata, and the birth date allows only the other one."""
    in_strata = defaultdict(set)
    with (deck / "CMS130" / "expected.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["population"] == "initial-population" and row["count"] == "1":
                in_strata[row["patient_id"]].add(row["group"])
    entries = read_exceptions(EXCEPTIONS).entries
    listed = [person for entry in entries for person in entry.people]
    assert len(listed) == len(set(listed)) == 25
    assert set(listed) == {person for person, groups in in_strata.items() if {"1/1", "1/2"} <= groups}
    for entry in entries:
        for person in entry.people:
            age = 2026 - _birth_year(deck / "CMS130" / f"{person}.json")  # on 31 December nobody's birthday is to come
            assert entry.groups == (("1/2",) if 46 <= age <= 49 else ("1/1",) if 50 <= age <= 75 else ())


def _birth_year(path: Path) -> int:
    resources = (entry["resource"] for entry in json.loads(path.read_text())["entry"])
    (patient,) = (resource for resource in resources if resource["resourceType"] == "Patient")
    return int(patient["birthDate"][:4])
