"""Worked people of a measure as people made up, to show what the solver's own people do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from measureharmony.alignment.enrolment import telling
from measureharmony.alignment.making import span_cells
from measureharmony.alignment.somebody import MadeEvent, Somebody
from measureharmony.alignment.variations import later
from measureharmony.alignment.versions import Versions
from measureharmony.measures.people import PeopleFile, Row, people_tables
from measureharmony.measures.reader import read_model
from measureharmony.periods import day_number
from measureharmony.spec_files import spec_folder
from measureharmony.specs import Specs
from measureharmony.value_sets import shipped_systems


def worked_people(specs: Specs, versions: Versions, measure: str = "") -> list[Somebody]:
    """The people beside a measure's spec, as they are, in each version's period, and with coverage that tells it apart.

    Of a measure that counts events, each of them comes once for each of their events. ``measure``: whose people; unless
    said, those of the measure that the versions are of.
    """
    measure = measure or versions.measure
    file = specs.canonical.people.get(measure) or _shipped(measure)
    if file is None:
        return []
    people = _people(file)
    if versions.any_counted is not None:
        people = [replace(one, counted=event.event_id) for one in people for event in one.events]
    starts = dict.fromkeys((variant.period.start - file.measurement_period.start).days for variant in versions.variants)
    moved = [later(one, days) for days in dict.fromkeys((0, *starts)) for one in people]
    middles = {day_number(v.period.start + (v.period.end - v.period.start) / 2) for v in versions.variants}
    spans = [tuple(map(span_cells, coverage)) for coverage in telling(versions.covers(), sorted(middles))]
    return moved + [replace(one, coverage=coverage) for coverage in spans for one in moved]


@lru_cache(maxsize=128)
def _shipped(measure: str) -> PeopleFile | None:
    """The people of a shipped measure, which are not read with the specs."""
    path = spec_folder() / "canonical" / f"{measure}.people.yaml"
    return read_model(path, PeopleFile).model if path.is_file() else None


def _people(file: PeopleFile) -> list[Somebody]:
    tables = people_tables(file, {system.name: system.uri for system in shipped_systems().systems})
    codes: dict[str, list[tuple[str, str, str]]] = {}
    for row in tables["event_code"]:
        codes.setdefault(row["event_id"], []).append((row["role"], row["system"], row["code"]))
    found = []
    for person in tables["person"]:
        events = [event for event in tables["event"] if event["person_id"] == person["person_id"]]
        spans = [_own(span) for span in tables["coverage"] if span["person_id"] == person["person_id"]]
        short = {event["event_id"]: str(number) for number, event in enumerate(events, start=1)}
        made = [MadeEvent(_shortened(_own(e), short), tuple(codes.get(e["event_id"], ()))) for e in events]
        found.append(Somebody(_own(person), tuple(spans), tuple(made)))
    return found


def _shortened(event: Row, short: Mapping[str, str]) -> Row:
    """An event whose identifiers, and those of events that it points to, are the short ones."""
    return {
        column: " ".join(short.get(one, one) for one in cell.split()) if column.endswith("_id") else cell
        for column, cell in event.items()
    }


def _own(row: Row) -> Row:
    return {column: cell for column, cell in row.items() if column != "person_id"}


__all__ = ["worked_people"]
