"""Sorts the resources of FHIR files: by type, by whose they are, and by whether they can be accepted at all.

Events are held until enough of a type have come together to be converted as columns; the rest is converted at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from measureharmony.practice.fhir.afterwards import coverage_from_claims, diagnoses_of_visits
from measureharmony.practice.fhir.alike import NotAlikeError
from measureharmony.practice.fhir.alike_events import Converted
from measureharmony.practice.fhir.claims import ClaimReader, PayerMention
from measureharmony.practice.fhir.codings import of_concept
from measureharmony.practice.fhir.elements import Parsed
from measureharmony.practice.fhir.events import EVENTS, convert
from measureharmony.practice.fhir.facts import facts_of_stories
from measureharmony.practice.fhir.files import Fault, Piece, load_json, load_kinds, load_lines
from measureharmony.practice.fhir.held import Held
from measureharmony.practice.fhir.json_shapes import JsonObject, as_list, as_object, as_text
from measureharmony.practice.fhir.people import add_coverage, add_person, add_provider, read_person
from measureharmony.practice.fhir.profiles import read_profiles
from measureharmony.practice.fhir.record import Person, Record, Scope, profile_urls
from measureharmony.practice.fhir.rosters import Role, add_roster, complete_providers, read_role
from measureharmony.practice.fhir.shapes import subject_of
from measureharmony.practice.fhir.sheets import Harvest, Place
from measureharmony.practice.fhir.stacks import NO_OWNERS, Owners, Stack

#: Events that are held before they are converted; holding more of them is hardly faster.
_HELD = 20_000
#: The story (see ``held.Origins``) of what had to wait for its patient.
_WAITED = -1
#: What gives codes to the events that refer to it, and no row of its own.
_LOOKED_UP = ("Medication", "Location")
_PROVIDERS = ("Practitioner", "Organization")
_CLAIMS = ("Claim", "ExplanationOfBenefit")
#: Resource types that are learned before anything that refers to them.
_LEARNED = ("Patient", "Medication", "Location", "PractitionerRole")


@dataclass(frozen=True)
class Known:
    """What is learned from all files of a bulk export before any is read: its people, its roles, what it refers to."""

    people: dict[str, Person] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)


class Sorting:
    """The state of one run over files, or over some of them, of which another run then takes what was found."""

    def __init__(self, known: Known | None = None) -> None:
        self.known = known or Known()
        self.harvest = Harvest()
        self.people, self.roles = self.known.people, self.known.roles
        self.seen: set[str] = set()
        self.faults: dict[str, Fault] = {}
        self.waiting: list[tuple[Stack, Scope, str]] = []
        self.held: dict[str, Held] = {}
        self.story = 0
        self.claims: dict[int, list[Record]] = {}
        self.insured: set[str] = set()
        self.mentions: list[PayerMention] = []
        self.providers: list[tuple[Place, JsonObject, str]] = []
        self.groups: list[tuple[Place, JsonObject, Scope]] = []

    # --- files -----------------------------------------------------------------------------------------------

    def read_bundles(self, files: Iterable[Path]) -> None:
        """Read each bundle by itself; resources whose patient is not in their bundle wait until all are read."""
        for file in files:
            value = load_json(file)
            bundle = as_object(value)
            if isinstance(value, Fault):
                self._refuse_file(file, value)
            elif bundle.get("resourceType") != "Bundle" or not isinstance(bundle.get("entry", []), list):
                self._refuse_file(file, Fault("not-a-bundle", 0, 0), value)
            else:
                self._read_bundle(file, bundle)
        self._convert_held()
        self._read_claims()  # of what their own bundles say

    def _refuse_file(self, file: Path, fault: Fault, value: object = None) -> None:
        self.faults[file.name] = fault
        self.harvest.reject(Place(file.name, fault.row), "(file)", "", fault.rule, value)

    def _read_bundle(self, file: Path, bundle: JsonObject) -> None:
        scope = Scope()
        stacks = self._sorted(file.name, self._entries(bundle, scope))
        for stack in stacks:
            self._learn(stack.kind, stack.resources, scope)
        patients = [patient for stack in stacks if stack.kind == "Patient" for patient in stack.resources]
        ids = {as_text(patient.get("id")) for patient in patients}
        owners = Owners(
            only=self.people.get(ids.pop()) if len(ids) == 1 else None,
            of_everything=bundle.get("type") == "collection",
            rule="unknown-person" if patients else "bundle-without-patient",
        )
        self.story += 1
        for stack in stacks:
            self._read(stack, scope, owners)

    def _entries(self, bundle: JsonObject, scope: Scope) -> Iterator[tuple[int, object]]:
        """The resources of a bundle; ``scope`` learns their full URLs and types on the way."""
        for row, entry in enumerate(as_list(bundle.get("entry")), start=1):
            fields = as_object(entry)
            resource, url = as_object(fields.get("resource")), as_text(fields.get("fullUrl"))
            kind, name = as_text(resource.get("resourceType")), as_text(resource.get("id"))
            if kind and name:
                scope.types[name] = kind
                if url and not url.endswith(name):
                    scope.full_urls[url] = (kind, name)
            yield row, fields.get("resource")

    def learn_ndjson(self, files: Iterable[Path]) -> None:
        """Learn of patients, medications, locations and roles, wherever in a bulk export they are."""
        for file in files:
            for value in load_kinds(file, _LEARNED):
                resource = as_object(value)
                self._learn(as_text(resource.get("resourceType")), [resource], self.known.scope)

    def read_ndjson(self, pieces: Iterable[Piece]) -> None:
        """Read lines of a bulk export of which everything to be learned is known."""
        for piece in pieces:
            for lines in load_lines(piece):
                for stack in self._sorted(piece.path.name, lines):
                    self._read(stack, self.known.scope, NO_OWNERS)
        self._convert_held()

    def take_alike(self, parts: Iterable[Converted] | None) -> bool:
        """Take what was made of the lines of a file, once all is made, unless the file has to be read line by line."""
        try:
            made = list(parts or ())
        except NotAlikeError:
            return False
        event_ids = [name for part in made for name in part.event_ids.to_pylist()]
        fresh = set(event_ids)
        if parts is None or len(fresh) < len(event_ids) or not self.seen.isdisjoint(fresh):
            return False
        self.seen |= fresh
        for part in made:
            self.harvest.take(part.harvest)
            if part.unknown.rows:
                self.waiting.append((part.unknown, self.known.scope, NO_OWNERS.rule))
        return True

    def owner(self, reference: str) -> Person | None:
        """The person known by a reference within a bulk export."""
        return self.people.get(self.known.scope.target(reference, "Patient")[1])

    def _sorted(self, file: str, values: Iterable[tuple[int, object]]) -> list[Stack]:
        """The resources among the values of a file's rows by their types; the other values are rejected."""
        stacks: dict[str, Stack] = {}
        for row, value in values:
            resource = as_object(value)
            kind = resource.get("resourceType")
            if not kind or not isinstance(kind, str):
                self._refuse_value(file, row, value)
                continue
            stack = stacks.get(kind) or stacks.setdefault(kind, Stack(kind, file))
            stack.rows.append(row)
            stack.resources.append(resource)
        return list(stacks.values())

    def _refuse_value(self, file: str, row: int, value: object) -> None:
        """A line that is no JSON (or a file of lines that cannot be read), or a value that is no resource."""
        if not isinstance(value, Fault):
            self.harvest.reject(Place(file, row), "(no resource)", "resourceType", "not-a-resource", value)
            return
        if value.row == 0:
            self.faults[file] = value
        self.harvest.reject(Place(file, row), "(file)" if value.row == 0 else "(line)", "", value.rule)

    def _learn(self, kind: str, resources: Iterable[JsonObject], scope: Scope) -> None:
        """Learn who the patients are, what medications, locations and roles are, before anything refers to them."""
        for resource in resources:
            name = as_text(resource.get("id"))
            if kind == "Patient" and name:
                self._learned(name, resource)
            elif kind == "Medication" and name:
                scope.medications[name] = of_concept(resource.get("code"))
            elif kind == "Location" and name:
                scope.locations[name] = resource
            elif kind == "PractitionerRole" and name and (role := read_role(resource, scope)).practitioner:
                self.roles.setdefault(name, role)

    def _learned(self, name: str, patient: JsonObject) -> Person:
        """The person of that name: the first patient of whom we learn."""
        return self.people.get(name) or self.people.setdefault(name, read_person(patient))

    # --- resources -------------------------------------------------------------------------------------------

    def _read(self, stack: Stack, scope: Scope, owners: Owners) -> None:
        """Convert or hold resources of one type, or let them wait until the patients they name have been read."""
        kind = stack.kind
        if kind in EVENTS or kind in _CLAIMS or kind == "Coverage":
            unknown = self._read_known(stack, scope, owners)
            if unknown.rows:
                self.waiting.append((unknown, scope, owners.rule))
            return
        for place, resource in zip(stack.places(), stack.resources, strict=True):
            if kind == "Patient":
                self._read_once(place, resource, kind)
            elif kind in _PROVIDERS:
                self.providers.append((place, resource, kind))
            elif kind == "Group":
                self.groups.append((place, resource, scope))
            elif kind in _LOOKED_UP or (kind == "PractitionerRole" and _is_of_use(resource, scope)):
                self.harvest.accept(place, kind)
            else:
                self.harvest.reject(place, kind, "resourceType", "no-place-in-contract")

    def _people(self, stack: Stack, scope: Scope, owners: Owners) -> list[Person | None]:
        """Whose each resource is; None where the patient that it names is not known (yet)."""
        if owners.only is not None and owners.of_everything:
            return [owners.only] * len(stack.rows)
        references = [as_text(one.get("reference")) if isinstance(one, dict) else "" for one in stack.subjects()]
        known = {name: self.people.get(scope.target(name, "Patient")[1]) for name in set(references)}
        return [known[name] if name else owners.only for name in references]

    def _read_once(self, place: Place, resource: JsonObject, kind: str) -> None:
        """A patient or provider: once by id."""
        name = as_text(resource.get("id"))
        if not name:
            self.harvest.reject(place, kind, "id", "missing-id")
        elif self._is_new(f"{kind}/{name}", place, kind):
            self.harvest.accept(place, kind)
            if kind == "Patient":
                add_person(self.harvest, self._learned(name, resource), resource, place)
            else:
                add_provider(self.harvest, resource, place)

    def _is_new(self, key: str, place: Place, kind: str) -> bool:
        if key in self.seen:
            self.harvest.reject(place, kind, "id", "repeated-resource")
            return False
        self.seen.add(key)
        return True

    def _read_known(self, stack: Stack, scope: Scope, owners: Owners) -> Stack:
        """Convert or hold what belongs to known people; give back what belongs to nobody who is known (yet)."""
        people = self._people(stack, scope, owners)
        known = [person for person in people if person is not None]
        unknown = stack.only(n for n, person in enumerate(people) if person is None)
        if unknown.rows:
            stack = stack.only(n for n, person in enumerate(people) if person is not None)
        held = self.held.setdefault(stack.kind, Held()) if stack.kind in EVENTS else Held()
        self._hold_new(held, stack, known, scope)
        if stack.kind not in EVENTS:
            self._read_spans_or_claims(stack.kind, held)
        elif len(held.rows) >= _HELD:
            self._convert_held()
        return unknown

    def _hold_new(self, held: Held, stack: Stack, people: list[Person], scope: Scope) -> None:
        """Hold each resource once by its id."""
        event_ids = [f"{person.person_id}/{name}" for person, name in zip(people, stack.names(), strict=True)]
        fresh = set(event_ids)
        if len(fresh) < len(event_ids) or not self.seen.isdisjoint(fresh):
            new = [n for n, place in enumerate(stack.places()) if self._is_new(event_ids[n], place, stack.kind)]
            stack, people, event_ids = stack.only(new), [people[n] for n in new], [event_ids[n] for n in new]
        self.seen |= fresh
        count = len(event_ids)
        held.resources += stack.resources
        held.people += people
        held.event_ids += event_ids
        held.files += [stack.file] * count
        held.rows += stack.rows
        held.scopes += [scope] * count
        held.stories += [self.story] * count

    def _convert_held(self) -> None:
        """Make rows of the events held, one type after the other."""
        for kind, held in self.held.items():
            if held.rows:
                convert(kind, held.origins(), Parsed(held.resources, kind), self.harvest)
        self.held = {}

    def _read_spans_or_claims(self, kind: str, found: Held) -> None:
        for resource, person, event_id, place, scope in found.entries():
            if kind == "Coverage":
                self._read_coverage(person, place, resource, scope)
            else:
                profiles = read_profiles(kind, profile_urls(resource), person.strict)
                record = Record(resource, kind, person, event_id, place, profiles, scope, self.harvest)
                self.claims.setdefault(self.story, []).append(record)

    def _read_coverage(self, person: Person, place: Place, resource: JsonObject, scope: Scope) -> None:
        column, rule = add_coverage(self.harvest, person, resource, scope, place)
        self.insured.add(person.person_id)
        if rule:
            self.harvest.reject(place, "Coverage", column, rule, resource.get(column))
        else:
            self.harvest.accept(place, "Coverage")

    # --- the end ---------------------------------------------------------------------------------------------

    def would_change(self, part: Sorting) -> bool:
        """Whether ``part`` would have read something else after what was read here: repeats, or people known here."""
        waiting = (person for stack, scope, _ in part.waiting for person in self._people(stack, scope, NO_OWNERS))
        return not self.seen.isdisjoint(part.seen) or any(waiting)

    def take(self, part: Sorting) -> None:
        """Take what another run found in files, or lines, that come after those read here."""
        self.harvest.take(part.harvest)
        self.people |= part.people
        self.roles |= {name: role for name, role in part.roles.items() if name not in self.roles}
        self.seen |= part.seen
        self.faults |= part.faults
        self.waiting += part.waiting
        self.insured |= part.insured
        self.mentions += part.mentions
        self.providers += part.providers
        self.groups += part.groups
        for story, records in part.claims.items():
            self.claims.setdefault(story, []).extend(replace(record, harvest=self.harvest) for record in records)

    def finish(self) -> None:
        """Do what needs everything read: resources waiting for a patient, rosters, diagnoses, insurance from claims."""
        for listed in self.providers:
            self._read_once(*listed)
        self.story = _WAITED
        for stack, scope, rule in self.waiting:
            unknown, column = self._read_known(stack, scope, NO_OWNERS), subject_of(stack.kind)
            for place, subject in zip(unknown.places(), unknown.subjects(), strict=True):
                self.harvest.reject(place, stack.kind, column, rule, as_object(subject).get("reference"))
        self._convert_held()
        self._read_claims()
        complete_providers(self.harvest, self.roles)
        for group in self.groups:
            add_roster(self.harvest, self.people, self.roles, group)
        diagnoses_of_visits(self.harvest)
        coverage_from_claims(self.harvest, [m for m in self.mentions if m.person_id not in self.insured])

    def _read_claims(self) -> None:
        facts = facts_of_stories(self.harvest, self.claims)
        for story, records in self.claims.items():
            self.mentions += ClaimReader(records, facts[story]).read()
        self.claims = {}


def _is_of_use(role: JsonObject, scope: Scope) -> bool:
    """Whether a PractitionerRole can be referred to and says who it is."""
    return bool(as_text(role.get("id")) and read_role(role, scope).practitioner)
