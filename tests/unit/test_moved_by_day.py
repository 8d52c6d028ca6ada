"""Whom another as-of day moves: nobody where nothing depends on it, else those whose dates lie between the days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from measureharmony.measures.library import Library
from measureharmony.moved_by_day import Moved, moved_by_day
from measureharmony.payers import Programs, Variant
from measureharmony.periods import day_number
from measureharmony.practice import Practice
from measureharmony.preparing import Prepared
from measureharmony.specs import Specs
from tests.criteria.example import VALUE_SETS, YEAR, event, measure, person, span
from tests.criteria.kernels import practice_of

JUNE_30, JULY_1 = dt.date(2026, 6, 30), dt.date(2026, 7, 1)
#: People by what happens to them. From 31 May to 30 June are 30 days, to 1 July 31.
PEOPLE = {
    "covered until March": person(coverage=(span("2026-01-01", "2026-03-31"),)),
    "covered until May": person(coverage=(span("2026-01-01", "2026-05-31"),)),
    "covered until June": person(coverage=(span("2026-01-01", "2026-06-30"),)),
    "covered until December": person(coverage=(span("2026-01-01", "2026-12-31"),)),
    "received in July": person(event(start="2026-03-01", received_day=day_number(JULY_1))),
    "seen in July": person(event(start="2026-07-01")),
    "seen in August": person(event(start="2026-08-01")),
}
IN_JULY = {"received in July", "seen in July"}
LEAVING = """
anchors: {left: {enrolled: {from: period.start}}}
windows: {treatment: {to: left}}
"""


@pytest.fixture(scope="module")
def practice() -> Iterator[Practice]:
    """``PEOPLE``, whose keys are in the order of their names."""
    records = [person(*one.events, coverage=one.coverage, person_id=name) for name, one in PEOPLE.items()]
    with practice_of(records) as made:
        yield made


def moved(practice: Practice, criterion: str, before: dt.date | None, now: dt.date | None, sections: str = "") -> Moved:
    """Whom the day moves of a measure with the initial population ``criterion``."""
    asked = measure(sections, f"{{initial_population: {criterion}, numerator: {{always: true}}}}")
    specs = Specs(Library(), Programs({}, {}), VALUE_SETS)
    variants = (Variant("blue", asked, YEAR),)
    return moved_by_day(practice, Prepared(specs, variants, 2026, None, now, frozenset(), frozenset()), before)


def names(found: Moved) -> set[str]:
    return {name for name, is_moved in zip(sorted(PEOPLE), found.people, strict=True) if is_moved}


def test_the_same_day_moves_nobody(practice: Practice) -> None:
    assert names(moved(practice, "{enrolled: {window: period}}", JUNE_30, JUNE_30)) == set()


@pytest.mark.parametrize("days", [(JUNE_30, JULY_1), (JULY_1, JUNE_30)])
def test_where_nothing_else_depends_on_the_day_only_hidden_events_move(
    practice: Practice, days: tuple[dt.date, dt.date]
) -> None:
    assert names(moved(practice, "{always: true}", *days)) == IN_JULY


@pytest.mark.parametrize("days", [(JUNE_30, JULY_1), (JULY_1, JUNE_30)])
def test_those_are_moved_whose_coverage_ends_between_the_days_or_whose_gap_grows_too_long(
    practice: Practice, days: tuple[dt.date, dt.date]
) -> None:
    found = moved(practice, "{enrolled: {window: period, gaps: 1, gap_days: 30}}", *days)
    assert names(found) == {*IN_JULY, "covered until May", "covered until June"}
    assert found.variants == set()


def test_without_a_day_nothing_is_hidden(practice: Practice) -> None:
    found = moved(practice, "{enrolled: {window: period}}", JULY_1, None)
    assert names(found) == {"seen in August"}


def test_after_the_period_nothing_depends_on_the_day(practice: Practice) -> None:
    found = moved(practice, "{enrolled: {window: period}}", dt.date(2026, 12, 31), dt.date(2027, 1, 31))
    assert names(found) == set()


def test_a_variant_that_asks_until_when_somebody_is_covered_is_moved_as_a_whole(practice: Practice) -> None:
    found = moved(practice, "{exists: {kind: encounter, when: {start: treatment}}}", JUNE_30, JULY_1, LEAVING)
    assert found.variants == {"blue/example"}
    assert names(found) == IN_JULY
