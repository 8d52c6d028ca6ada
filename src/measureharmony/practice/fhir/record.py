"""To whom resources belong and what references mean; a claim on its way into the dataset."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from measureharmony.practice.fhir.codings import Coding
from measureharmony.practice.fhir.json_shapes import JsonObject, as_object, as_text
from measureharmony.practice.fhir.profiles import ProfileReading
from measureharmony.practice.fhir.sheets import Harvest, Place


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
    """One claim of one person, its event id and what its profiles say."""

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

    def provider(self, reference: object) -> str | None:
        """The provider id that a FHIR Reference names, or None."""
        return self.scope.target(as_text(as_object(reference).get("reference")), "Practitioner")[1] or None


def joined(event_ids: Iterable[str | None]) -> str | None:
    """The event ids there are, each once, separated by blanks: a link cell of the contract. None when there is none."""
    return " ".join(dict.fromkeys(filter(None, event_ids))) or None


def profile_urls(resource: JsonObject) -> tuple[str, ...]:
    """``meta.profile`` as texts, each once."""
    urls = as_object(resource.get("meta")).get("profile")
    if isinstance(urls, str):
        return (urls,) if urls else ()
    return tuple(dict.fromkeys(u for u in urls if isinstance(u, str) and u)) if isinstance(urls, list) else ()
