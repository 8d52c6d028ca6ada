"""The visit or order that an event names is another event of the same worked person."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.people import PeopleFile
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.shape import suggestion


def check(file: PeopleFile, around: Surroundings) -> Iterator[Finding]:
    """``encounter`` and ``based_on`` that name no event."""
    for index, person in enumerate(file.people):
        ids = {event.id for event in person.events if event.id is not None}
        for position, event in enumerate(person.events):
            for key, target in (("encounter", event.encounter), ("based_on", event.based_on)):
                if target is not None and target not in ids:
                    place = ("people", index, "events", position, key)
                    what = f"no event of '{person.name}' has the id '{target}'"
                    yield Finding(place, "spec-unknown-event", what, suggestion(target, ids, f"add 'id: {target}'"))


__all__ = ["check"]
