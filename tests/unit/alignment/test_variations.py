"""People one step away from somebody: each differs by one thing, and steps come of how the versions differ."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from measureharmony.alignment.somebody import MadeEvent, Somebody
from measureharmony.alignment.variations import Steps, later, steps_between, variations
from measureharmony.alignment.versions import Versions
from measureharmony.periods import Period
from tests.unit.alignment.versions import version

EVENT = MadeEvent({"event_id": "1", "kind": "observation", "start": "2026-01-01", "end": "9999-12-31", "source": "ehr"})
SOMEBODY = Somebody({"birth": "1980-01-01"}, ({"start": "2020-01-01", "end": ""},), (EVENT,))


def starts(somebody: Somebody) -> list[str]:
    return [event.cells["start"] for event in somebody.events]


def test_everything_known_of_somebody_is_later_and_what_never_ends_does_not() -> None:
    moved = later(SOMEBODY, 31)
    assert (moved.person["birth"], moved.coverage[0]["start"]) == ("1980-02-01", "2020-02-01")
    assert (moved.events[0].cells["start"], moved.events[0].cells["end"]) == ("2026-02-01", "9999-12-31")


def test_a_step_is_of_one_event_of_all_of_them_or_of_the_birth() -> None:
    two = replace(SOMEBODY, events=(EVENT, MadeEvent({**EVENT.cells, "event_id": "2"})))
    found = list(variations(two, Steps((10,), ("claim",), ("1981-01-01",))))
    assert found[0].person["birth"] == "1981-01-01"
    assert {tuple(starts(one)) for one in found} == {
        ("2026-01-01", "2026-01-01"), ("2026-01-11", "2026-01-01"), ("2026-01-01", "2026-01-11"),
        ("2026-01-11", "2026-01-11"), ("2026-01-01",), (),
    }  # fmt: skip
    sources = [[event.cells["source"] for event in one.events] for one in found]
    assert ["claim", "ehr"] in sources
    assert ["claim", "claim"] in sources


def test_the_event_that_is_counted_stays() -> None:
    found = variations(replace(SOMEBODY, counted="1"), Steps((10,), (), ()))
    assert all(one.events for one in found)


def test_steps_are_the_bounds_of_ages_the_sources_and_the_distance_of_the_periods() -> None:
    fiscal = Period(dt.date(2025, 7, 1), dt.date(2026, 6, 30))
    band = "{age: {at: period.end, from: 50, to: 74}}"
    steps = steps_between(
        Versions([version(band, sources={"numerator": ("claim",)}), version(band, period=fiscal)]), 0, 1
    )
    assert steps.sources == ("claim",)
    assert {184, -184, 92, -92} <= set(steps.days)
    assert steps.births == ("1976-12-31", "1952-01-01", "1976-06-30", "1951-07-01")
