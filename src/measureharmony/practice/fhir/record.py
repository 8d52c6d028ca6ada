"""One resource on its way into the dataset, with everything its converter needs to know about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from measureharmony.practice.fhir.codings import Coding, of_concept, words
from measureharmony.practice.fhir.json_shapes import JsonObject, as_object, as_text, objects
from measureharmony.practice.fhir.profiles import ProfileReading
from measureharmony.practice.fhir.sheets import Cell, Harvest, Place, Row


@dataclass(frozen=True)
class Person:
    """A Patient already read. ``strict``: the record speaks QI-Core (see ``profiles``)."""

    person_id: str
    birth: str
    strict: bool


@dataclass
class Scope:
    """The set of resources within which references resolve: one bundle, or one folder of NDJSON files.

    ``full_urls``: entries whose fullUrl does not end with their id, as (resource type, id). ``types``: id → resource
    type, for ``urn:uuid:`` references that do not name a type. ``medications``: Medication id → codings.
    ``locations``: Location id → the resource.
    """

    full_urls: dict[str, tuple[str, str]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    medications: dict[str, list[Coding]] = field(default_factory=dict)
    locations: dict[str, JsonObject] = field(default_factory=dict)

    def target(self, reference: str, expected: str) -> tuple[str, str]:
        """(resource type, id) that a reference names; ``("", "")`` when it names none.

        The id is the text after the last slash (or after ``urn:uuid:``); ``expected`` is the resource type to
        assume where the reference does not say it.
        """
        if reference in self.full_urls:
            return self.full_urls[reference]
        if not reference or reference[0] == "#" or "?" in reference:
            return "", ""
        head, slash, name = reference.rpartition("/")
        if slash:
            return head.rpartition("/")[2] or expected, name
        name = reference.rpartition(":")[2]
        return self.types.get(name, expected), name


@dataclass(frozen=True, slots=True)
class Record:
    """One resource of one person, its event id and what its profiles say."""

    resource: JsonObject
    resource_type: str
    person: Person
    event_id: str
    place: Place
    reading: ProfileReading
    scope: Scope
    harvest: Harvest

    def link(self, reference: object, expected: str) -> str | None:
        """The event id that a FHIR Reference points to, or None."""
        if reference is None:
            return None
        kind, name = self.scope.target(as_text(as_object(reference).get("reference")), expected)
        return f"{self.person.person_id}/{kind}/{name}" if name else None

    def links(self, element: str, expected: str) -> str | None:
        """The event ids that the references of an element point to, each once, separated by blanks; None without."""
        if element not in self.resource:
            return None
        return joined(self.link(reference, expected) for reference in objects(self.resource[element]))

    def provider(self, reference: object) -> str | None:
        """The provider id that a FHIR Reference names, or None."""
        return self.scope.target(as_text(as_object(reference).get("reference")), "Practitioner")[1] or None

    def contained(self, reference: str) -> JsonObject:
        """The contained resource that ``#id`` names, or an empty object."""
        for candidate in objects(self.resource.get("contained")):
            if reference == "#" + as_text(candidate.get("id")):
                return candidate
        return {}

    def add(self, kind: str, codings: list[Coding], cells: dict[str, Cell]) -> None:
        """Write the event's row with its first coding inline, its other codings and its profiles."""
        self._write(self.event_id, kind, codings, {"type": self.reading.type or None, **cells})
        for url in profile_urls(self.resource):
            self.codes("profile", [("", url)])

    def add_part(self, name: str | int, kind: str, codings: list[Coding], cells: dict[str, Cell]) -> str:
        """Write a row of its own for a part of the event, ``<event_id>#<name>``, and return that event id."""
        event_id = f"{self.event_id}#{name}"
        self._write(event_id, kind, codings, {"parent_id": self.event_id, **cells})
        return event_id

    def _write(self, event_id: str, kind: str, codings: list[Coding], cells: dict[str, Cell]) -> None:
        row: Row = {
            "event_id": event_id,
            "person_id": self.person.person_id,
            "kind": kind,
            "source": "ehr",
            "status": as_text(self.resource.get("status")) or None,
            "sequence": self.place.row,
            "_file": self.place.file,
            "_row": self.place.row,
        }
        if codings:
            row["code_system"], row["code"] = codings[0]
        row.update(cells)
        self.harvest.events.append(row)
        if len(codings) > 1:
            self.harvest.add_codes(event_id, "code", codings[1:], self.place)

    def codes(self, role: str, codings: list[Coding]) -> None:
        """Write further codings of the event."""
        if codings:
            self.harvest.add_codes(self.event_id, role, codings, self.place)

    def category(self, codings: list[Coding]) -> str | None:
        """The ``category`` cell: words; ``none`` where a strict source has no category; None when it does not say."""
        self.codes("category", codings)
        return words(codings) or ("none" if self.reading.strict else None)

    def not_done(self) -> bool | None:
        """Whether this records something not done: by profile alone in a strict source, else by what stands in."""
        if self.reading.strict:
            return self.reading.not_done or None
        return self.resource.get("status") == "not-done" or self.resource.get("doNotPerform") is True or None

    def code_of(self, element: str) -> list[Coding]:
        """The codings of a CodeableConcept element."""
        return of_concept(self.resource.get(element))


def joined(event_ids: Iterable[str | None]) -> str | None:
    """The event ids there are, each once, separated by blanks: a link cell of the contract. None when there is none."""
    return " ".join(dict.fromkeys(filter(None, event_ids))) or None


def profile_urls(resource: JsonObject) -> tuple[str, ...]:
    """``meta.profile`` as texts, each once."""
    urls = as_object(resource.get("meta")).get("profile")
    if isinstance(urls, str):
        return (urls,) if urls else ()
    return tuple(dict.fromkeys(u for u in urls if isinstance(u, str) and u)) if isinstance(urls, list) else ()
