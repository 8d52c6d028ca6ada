"""Worked people of a measure as people made up, to show what the solver's own people do not."""

from __future__ import annotations

from measureharmony.alignment.somebody import MadeEvent, Somebody
from measureharmony.harmonize import Specs
from measureharmony.measures.measure import Episodes
from measureharmony.measures.people import PeopleFile, Row, people_tables
from measureharmony.value_sets import shipped_systems


def worked_people(specs: Specs, measure: str) -> list[Somebody]:
    """The people beside the measure's spec, each once; of a measure that counts events, once for each of their events."""
    file = specs.canonical.people.get(measure)
    if file is None:
        return []
    by_event = isinstance(specs.canonical.measures[measure].subject, Episodes)
    people = _people(file)
    if not by_event:
        return people
    return [
        Somebody(one.person, one.coverage, one.events, event.event_id) for one in people for event in one.events
    ]


def _people(file: PeopleFile) -> list[Somebody]:
    tables = people_tables(file, {system.name: system.uri for system in shipped_systems().systems})
    codes: dict[str, list[tuple[str, str, str]]] = {}
    for row in tables["event_code"]:
        codes.setdefault(row["event_id"], []).append((row["role"], row["system"], row["code"]))
    return [
        Somebody(
            _own(person),
            tuple(_own(span) for span in tables["coverage"] if span["person_id"] == person["person_id"]),
            tuple(
                MadeEvent(_own(event), tuple(codes.get(event["event_id"], ())))
                for event in tables["event"]
                if event["person_id"] == person["person_id"]
            ),
        )
        for person in tables["person"]
    ]


def _own(row: Row) -> Row:
    return {column: cell for column, cell in row.items() if column != "person_id"}


__all__ = ["worked_people"]
