"""The published people of the draft measures get their published populations, too."""

from __future__ import annotations

from pathlib import Path

from measureharmony.conformance import check_deck
from measureharmony.harmonize import load_specs

EXCEPTIONS = Path(__file__).parent / "exceptions-2026-drafts.yaml"
#: Measure → people compared.
PEOPLE = {
    "CMS117": 24,
    "CMS128": 19,
    "CMS131": 35,
    "CMS135": 24,
    "CMS136": 40,
    "CMS137": 26,
    "CMS138": 24,
    "CMS144": 27,
    "CMS145": 33,
    "CMS146": 26,
    "CMS153": 20,
    "CMS155": 23,
    "CMS156": 34,
    "CMS159": 36,
    "CMS2": 25,
    "CMS347": 116,
    "CMS50": 22,
    "CMS68": 11,
    "CMS69": 38,
    "CMS951": 30,
}


def test_every_difference_is_documented(shared: Path) -> None:
    deck = shared / "ecqm" / "2026"
    report = check_deck(deck, load_specs(value_sets=deck / "valuesets"), PEOPLE, EXCEPTIONS)
    assert {one.measure: one.people for one in report.measures} == PEOPLE
    assert report.agrees, f"\n{report}"
    assert not report.stale
