"""The published people of the edition 2025 get their published populations."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from measureharmony.conformance import DeckReport, check_deck
from measureharmony.documented_exceptions import read_exceptions
from measureharmony.specs import load_specs

EXCEPTIONS = Path(__file__).parent / "exceptions-2025.yaml"
#: Measure → people and counts compared.
COMPARED = {
    "CMS122": (24, 96),
    "CMS124": (24, 96),
    "CMS125": (32, 128),
    "CMS130": (43, 172),
    "CMS131": (27, 108),
    "CMS153": (17, 68),
    "CMS165": (41, 164),
    "CMS951": (27, 108),
}
CODED_RESULT, SAME_TEST = "8956ebb5-d3c0-4112-a34a-200961713efd", "5ed37c9e-85a3-4819-8051-3d960159cae0"


@pytest.fixture(scope="module")
def deck(shared: Path) -> Path:
    return shared / "ecqm" / "2025"


@pytest.fixture(scope="module")
def report(deck: Path) -> DeckReport:
    return check_deck(deck, load_specs(None, deck / "valuesets"), COMPARED, EXCEPTIONS, 2025)


def test_every_published_count_is_met_or_a_documented_exception(report: DeckReport) -> None:
    assert report.agrees, f"\n{report}"
    assert report.stale == ()
    assert {measure.measure: (measure.people, measure.counts) for measure in report.measures} == COMPARED
    differing = [d for measure in report.measures for d in measure.disagreements]
    assert [(d.measure, d.person, d.population) for d in differing] == [("CMS122", CODED_RESULT, "numerator")]


def test_the_proof_of_the_exception_holds_in_the_published_files(deck: Path) -> None:
    """Two people whose last tests are alike are expected to differ; the next edition has the number that is lost."""
    (entry,) = read_exceptions(EXCEPTIONS).entries
    assert entry.people == (CODED_RESULT,)
    here, alike = (_test_of(deck / "CMS122", person) for person in (CODED_RESULT, SAME_TEST))
    for key in ("code", "status", "category", "valueCodeableConcept"):
        assert here[key] == alike[key]
    assert (_numerator(deck, CODED_RESULT), _numerator(deck, SAME_TEST)) == ("1", "0")
    later = _test_of(deck.parent / "2026" / "CMS122", CODED_RESULT)
    assert later["valueQuantity"]["value"] == 9.1
    assert _numerator(deck.parent / "2026", CODED_RESULT) == "1"


def _test_of(folder: Path, person: str) -> dict[str, dict[str, object]]:
    resources = [entry["resource"] for entry in json.loads((folder / f"{person}.json").read_text())["entry"]]
    (found,) = (resource for resource in resources if resource["resourceType"] == "Observation")
    return dict(found)


def _numerator(deck: Path, person: str) -> str:
    with (deck / "CMS122" / "expected.csv").open(newline="") as file:
        rows = csv.DictReader(file)
        return next(r["count"] for r in rows if (r["patient_id"], r["population"]) == (person, "numerator"))
