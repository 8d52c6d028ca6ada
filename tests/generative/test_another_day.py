"""Whom another as-of day is not said to move has the very outcomes of the other day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from measureharmony.harmonize import outcomes_of
from measureharmony.measures.bind import bind
from measureharmony.measures.library import Library
from measureharmony.measures.measure import Measure
from measureharmony.moved_by_day import moved_by_day
from measureharmony.payers import Programs, Variant
from measureharmony.payers.variant import Membership, OwnCoverage
from measureharmony.preparing import Prepared
from measureharmony.specs import Specs
from tests.generative.budget import examples
from tests.generative.practices import PAYERS, PROGRAMS, VALUE_SETS, Row, Tables, read
from tests.generative.variants import MEMBERSHIPS, PERIODS, program_variants

#: A few days about the ends of periods, of coverage, and of gaps of 45 days after it.
DAYS = tuple(map(dt.date.fromisoformat, (
    "2025-12-31", "2026-01-01", "2026-02-28", "2026-03-31", "2026-04-01", "2026-04-02", "2026-05-15", "2026-05-16",
    "2026-06-29", "2026-06-30", "2026-07-01", "2026-12-30", "2026-12-31", "2027-01-01", "2027-02-14",
)))  # fmt: skip
SHIFTS = ("", "", "", " + 1 days", " - 30 days", " + 45 days", " - 1 months", " + 1 months", " - 1 years", " + 2 weeks")
MOMENTS = ("start", "end", "latest", "earliest", "authored")

one_of = st.sampled_from


def points(*anchors: str) -> st.SearchStrategy[str]:
    return st.builds("{}{}".format, one_of(("period.start", "period.end", "birth", "death", *anchors)), one_of(SHIFTS))


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    """Who is enrolled in a window of any kind; of people, or of encounters."""
    episodes = draw(st.booleans())
    anchors = ("visit", "visit", "left", *((f"index.{draw(one_of(MOMENTS))}",) * 3 if episodes else ()))
    bound = points(*anchors) | st.lists(points(*anchors), min_size=1, max_size=2)
    enrolled = st.fixed_dictionaries(
        {
            "window": st.just("period") | st.fixed_dictionaries({"from": bound, "to": bound}),
            "gaps": one_of((0, 1, 1)), "gap_days": one_of((0, 1, 45)), "payer": one_of(("own", "any")),
            "benefits": one_of(((), ("medical",), ("medical", "pharmacy"))),
        },
        optional={"anchor": points(*anchors)},
    )  # fmt: skip
    left: dict[str, Any] = {"enrolled": {"from": draw(points("visit")), "gap_days": draw(one_of((0, 45)))}}
    spec = {
        "measure": "made", "title": "Made", "edition": 2026, "description": "…", "direction": "higher",
        "subject": {"episodes": "visits"} if episodes else "person",
        "anchors": {"visit": {"of": "visits", "point": draw(one_of(MOMENTS))}, "left": left},
        "events": {"visits": {"kind": "encounter"}, "filled": {"kind": "medication_dispense"}},
        "populations": {"initial_population": {"enrolled": draw(enrolled)}, "numerator": {"exists": "filled"}},
        "rates": [{"id": "rate", "title": "Rate", "evidence": ["filled"]}],
    }  # fmt: skip
    return bind(Measure.model_validate(spec))


@st.composite
def variants(draw: st.DrawFn) -> list[Variant]:
    """One or two programs' versions; now and then any measures that there can be."""
    if draw(st.integers(0, 4)) == 0:
        return draw(program_variants())
    names = [f"program{number}" for number in range(draw(st.integers(1, 3)))]
    own = st.none() | st.builds(OwnCoverage, one_of(PAYERS))
    members: st.SearchStrategy[Membership | None] = st.none() | MEMBERSHIPS
    return [Variant(name, draw(measures()), draw(PERIODS), draw(own), {}, draw(members)) for name in names]


def rows(**cells: st.SearchStrategy[str]) -> st.SearchStrategy[Row]:
    """Rows of some cells; what would end before it starts does not end."""

    def in_order(row: Row) -> Row:
        return row if row.get("end", "9") >= row["start"] else {**row, "end": ""}

    return st.fixed_dictionaries(cells).map(in_order)


@st.composite
def practices(draw: st.DrawFn, dates: st.SearchStrategy[str]) -> Tables:
    """A few people to whom a little happens, mostly on few ``dates``."""
    start, end = one_of(("2020-01-01", "2026-01-01")) | dates, one_of(("", "2026-12-31")) | dates
    coverage = rows(payer=one_of(PAYERS), start=start, end=end, benefits=one_of(("", "", "medical", "pharmacy")))
    roster = rows(program=one_of(PROGRAMS), start=start, end=end)
    visit = rows(
        kind=st.just("encounter"), start=dates, end=one_of(("", "")) | dates, received=one_of(("", "")) | dates
    )
    fill = rows(kind=st.just("medication_dispense"), start=dates, days_supply=one_of(("30", "45")))
    found: Tables = {"person": [], "coverage": [], "roster": [], "event": [], "event_code": []}
    for number in range(draw(st.integers(1, 6))):
        birth = draw(one_of(("1960-02-29", "2025-05-16", "2024-12-31")) | dates)
        lists = {
            "person": [{"birth": birth, "death": draw(one_of(("", "", "2027-02-15")))}],
            "coverage": draw(st.lists(coverage, min_size=1, max_size=3)),
            "roster": draw(st.lists(roster, max_size=1)),
            "event": draw(st.lists(visit | visit | fill, max_size=2)),
        }
        for name, some in lists.items():
            found[name] += [{**row, "person_id": f"p{number}"} for row in some]
    found["event"] = [{**row, "event_id": str(number)} for number, row in enumerate(found["event"])]
    return found


@dataclass(frozen=True)
class Nights:
    """A practice and what is asked of it, on days that follow each other."""

    tables: Tables
    variants: list[Variant]
    days: list[dt.date | None]


@st.composite
def nights(draw: st.DrawFn) -> Nights:
    """Nights about whose days most things happen, and now and then one far off, which moves nearly everybody."""
    first = draw(st.integers(0, len(DAYS) - 4))
    days = DAYS[first : first + 4]
    dates = one_of([day.isoformat() for day in (*days, *days, *DAYS)])
    return Nights(draw(practices(dates)), draw(variants()), [*days, *draw(st.lists(one_of((None, *DAYS)), max_size=1))])


@examples(1 / 4)
@given(nights())
def test_whoever_is_not_moved_has_the_same_outcomes(made: Nights) -> None:
    specs = Specs(Library(), Programs({}, {}), VALUE_SETS)
    with read(made.tables) as practice:
        found = {day: outcomes_of(practice, made.variants, specs, as_of=day).to_pylist() for day in made.days}
        query = "SELECT person_id FROM accepted_person ORDER BY person_key"
        ids = [person for (person,) in practice.connection.execute(query).fetchall()]
        for before, now in pairwise(made.days):
            prepared = Prepared(specs, tuple(made.variants), 2026, None, now, frozenset(), frozenset())
            moved = moved_by_day(practice, prepared, before)
            people = [person for person, is_moved in zip(ids, moved.people, strict=True) if not is_moved]
            programs = {variant.program for variant in made.variants if variant.id not in moved.variants}
            earlier, later = (
                [row for row in found[day] if row["person_id"] in people and row["program"] in programs]
                for day in (before, now)
            )
            assert earlier == later
