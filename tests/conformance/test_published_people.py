"""The published people of the official measures get their published populations."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import pytest

from measureharmony.conformance import DeckReport, check_deck
from measureharmony.documented_exceptions import read_exceptions
from measureharmony.payers.parts import codes_used
from measureharmony.specs import load_specs

EXCEPTIONS = Path(__file__).parent / "exceptions-2026.yaml"
#: Measure → people and counts compared.
COMPARED = {
    "CMS117": (24, 96),
    "CMS122": (32, 128),
    "CMS124": (26, 104),
    "CMS125": (35, 420),
    "CMS128": (19, 152),
    "CMS130": (44, 528),
    "CMS131": (35, 140),
    "CMS135": (24, 120),
    "CMS136": (40, 320),
    "CMS137": (26, 832),
    "CMS138": (24, 288),
    "CMS144": (27, 135),
    "CMS145": (33, 264),
    "CMS146": (26, 104),
    "CMS153": (20, 240),
    "CMS155": (23, 828),
    "CMS156": (34, 408),
    "CMS159": (36, 432),
    "CMS165": (49, 196),
    "CMS2": (25, 125),
    "CMS347": (116, 2320),
    "CMS50": (22, 66),
    "CMS68": (11, 44),
    "CMS69": (38, 190),
    "CMS951": (30, 120),
}

#: Measure → the value sets that the publication lacks, without which people known by SNOMED CT alone are not found.
UNPUBLISHED = {
    "CMS135": {"heart_failure"},
    "CMS144": {
        "heart_failure",
        "heart_transplant",
        "heart_transplant_complications",
        "left_ventricular_assist_device_complications",
        "left_ventricular_assist_device_placement",
    },
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


def test_differences_are_in_strata_or_where_value_sets_were_not_published(report: DeckReport) -> None:
    differing = [d for measure in report.measures for d in measure.disagreements]
    assert {d.measure for d in differing if "/" not in d.group} == UNPUBLISHED.keys()
    assert {d.measure for d in differing if "/" in d.group} == {"CMS130", "CMS137", "CMS155", "CMS159"}


def test_in_strata_the_published_expectation_contradicts_itself(deck: Path) -> None:
    """Whoever is excused in a stratum is expected in several disjoint age strata of one rate, or in none of them."""
    strata = {measure: _expected_strata(deck / measure) for measure in ("CMS130", "CMS137", "CMS155", "CMS159")}
    for entry in read_exceptions(EXCEPTIONS).entries:
        for person in entry.people if entry.measure in strata else ():
            for group in entry.groups:
                of_rate = strata[entry.measure][person, group.partition("/")[0]]
                assert len(of_rate) != 1, (entry.measure, person, group)


def test_ages_decide_between_the_strata_of_cms130(deck: Path) -> None:
    entries = [entry for entry in read_exceptions(EXCEPTIONS).entries if entry.measure == "CMS130"]
    assert sum(len(entry.people) for entry in entries) == 25
    for entry in entries:
        for person in entry.people:
            age = 2026 - _birth_year(deck / "CMS130" / f"{person}.json")  # on 31 December nobody's birthday is to come
            assert entry.groups == (("1/2",) if 46 <= age <= 49 else ("1/1",) if 50 <= age <= 75 else ())


def test_the_value_sets_that_are_said_to_be_unpublished_are(deck: Path) -> None:
    published = {path.stem for path in (deck / "valuesets").glob("*.json")}
    specs = load_specs()
    for measure, names in UNPUBLISHED.items():
        key = next(one.measure for one in specs.canonical.measures.values() if measure in str(one.identifiers))
        used = codes_used(specs.canonical.measures[key])
        assert {specs.value_sets[name].oid for name in names}.isdisjoint(published)
        assert names <= used, measure


def _expected_strata(folder: Path) -> dict[tuple[str, str], set[str]]:
    """The strata of each rate in whose initial population a person is expected."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    with (folder / "expected.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            rate, _, stratum = row["group"].partition("/")
            if stratum and row["population"] == "initial-population" and row["count"] == "1":
                found[row["patient_id"], rate].add(stratum)
    return found


def _birth_year(path: Path) -> int:
    resources = (entry["resource"] for entry in json.loads(path.read_text())["entry"])
    (patient,) = (resource for resource in resources if resource["resourceType"] == "Patient")
    return int(patient["birthDate"][:4])
