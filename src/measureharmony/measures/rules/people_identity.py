"""Worked people, and the events of one of them, are told apart by their names."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.people import PeopleFile
from measureharmony.measures.rules.finding import Finding, Surroundings


def check(file: PeopleFile, around: Surroundings) -> Iterator[Finding]:
    """Two people whose names give the same identifier, and two events of a person with one id."""
    people: set[str] = set()
    for index, person in enumerate(file.people):
        if person.person_id in people:
            what = f"two people are called '{person.name}' (capitals and punctuation do not count)"
            yield Finding(("people", index, "name"), "spec-duplicate-id", what, "say in the name how they differ")
        people.add(person.person_id)
        events: set[str] = set()
        for position, event in enumerate(person.events):
            if event.id is not None and event.id in events:
                place = ("people", index, "events", position, "id")
                yield Finding(place, "spec-duplicate-id", f"two events have the id '{event.id}'", "rename one")
            events.add(event.id or "")


__all__ = ["check"]
