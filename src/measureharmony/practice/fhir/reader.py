"""Reads FHIR R4 files into the dataset contract's tables.

``read_fhir_resources`` is the whole way: find the files, learn who the patients are, convert resource by resource,
then do what needs the whole record (claims, visits' diagnoses, spans of insurance from claims). Every resource of every
file is counted as accepted or rejected. ``docs/fhir.md`` describes the mapping table by table.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pyarrow as pa

from measureharmony.errors import DataError, Issue, shown
from measureharmony.practice.fhir import clinical, orders
from measureharmony.practice.fhir.afterwards import coverage_from_claims, diagnoses_of_visits
from measureharmony.practice.fhir.batch import Batch, Entry
from measureharmony.practice.fhir.claims import ClaimReader, ClinicalFacts, PayerMention
from measureharmony.practice.fhir.codings import of_concept
from measureharmony.practice.fhir.files import Fault, find_files, load_json, load_lines
from measureharmony.practice.fhir.json_shapes import JsonObject, as_list, as_object, as_text
from measureharmony.practice.fhir.people import add_coverage, add_person, add_provider, read_person
from measureharmony.practice.fhir.profiles import read_profiles
from measureharmony.practice.fhir.record import Person, Record, Scope, profile_urls
from measureharmony.practice.fhir.rosters import Role, add_roster, complete_providers, read_role
from measureharmony.practice.fhir.sheets import RULES, Harvest, Place
from measureharmony.practice.practice import Practice
from measureharmony.practice.reading import from_tables

Located = tuple[Place, JsonObject]

#: What becomes an event, and how.
EVENTS: dict[str, Callable[[Batch], None]] = {
    "Encounter": clinical.encounter,
    "Condition": clinical.condition,
    "Procedure": clinical.procedure,
    "Observation": clinical.observation,
    "Immunization": clinical.immunization,
    "AllergyIntolerance": clinical.allergy,
    "AdverseEvent": clinical.adverse_event,
    "MedicationRequest": orders.medication_request,
    "MedicationDispense": orders.medication_dispense,
    "MedicationAdministration": orders.medication_administration,
    "ServiceRequest": orders.service_request,
    "DeviceRequest": orders.device_request,
    "Communication": orders.communication,
    "Task": orders.task,
}
#: Resources of known people that are held before they become columns; more of them at once are hardly faster.
_HELD = 20_000
#: The story (see ``batch.Entry``) of what had to wait for its patient.
_WAITED = -1
#: What gives codes to the events that refer to it, and no row of its own.
_LOOKED_UP = ("Medication", "Location")
_PROVIDERS = ("Practitioner", "Organization")
_CLAIMS = ("Claim", "ExplanationOfBenefit")
#: Where each resource type says whose it is; everything else says ``subject``.
_SUBJECT = {
    "AllergyIntolerance": "patient",
    "Immunization": "patient",
    "Claim": "patient",
    "ExplanationOfBenefit": "patient",
    "Coverage": "beneficiary",
    "Task": "for",
}


@dataclass(frozen=True)
class FhirTables:
    """What was read: the contract's tables, the rejects, and the accounts.

    ``tables``: table name → Arrow table in the contract's columns plus ``_file`` and ``_row``.
    ``rejects``: ``file, row, table, column, rule, shape``; ``table`` is the resource type.
    ``accounts``: ``file, table, rows_in, accepted, rejected``, with rows_in = accepted + rejected.
    """

    tables: dict[str, pa.Table]
    rejects: pa.Table
    accounts: pa.Table

    def __repr__(self) -> str:
        rows = ", ".join(f"{table.num_rows} {name}" for name, table in self.tables.items() if table.num_rows)
        return f"FhirTables({rows or 'empty'}; {self.rejects.num_rows} resources rejected)"


def read_fhir_resources(path: str | Path) -> FhirTables:
    """Read a bundle file, a folder of bundles (``*.json``) or of bulk-export files (``*.ndjson``), plain or ``.gz``.

    Raises DataError when there is nothing to read, when a folder mixes both kinds, or when no file can be read.
    """
    layout, files = find_files(path)
    reading = _Reading()
    with _collector_paused():
        if layout == "bundles":
            reading.read_bundles(files)
        else:
            reading.read_ndjson(files)
        reading.finish()
    _refuse_if_all_failed(files, reading)
    harvest = reading.harvest
    return FhirTables(harvest.tables(), harvest.rejects_table(), harvest.accounts_table())


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the cycle collector: parsed JSON has no cycles, and walking millions of live cells costs a quarter."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read_fhir(path: str | Path) -> Practice:
    """Read FHIR files as a validated practice dataset; see :func:`read_fhir_resources` for ``path`` and errors."""
    found = read_fhir_resources(path)
    _require_patients(found, path)
    return from_tables(found.tables, shown(path), found.rejects, found.accounts)


def _require_patients(found: FhirTables, path: str | Path) -> None:
    if found.tables["person"].num_rows:
        return
    read = sum(found.accounts["rows_in"].to_pylist())
    what = f"none of the {read} resources read is a Patient, so nobody can be evaluated"
    fix = "export the Patient resources, too, in the bundles or as Patient.ndjson"
    raise DataError([Issue(shown(path), 0, "fhir-no-patients", what, fix)])


def _refuse_if_all_failed(files: list[Path], reading: _Reading) -> None:
    """DataError listing every file when not one of them could be read."""
    if len(reading.faults) < len(files):
        return
    by_name = {file.name: file for file in files}
    fix = "export the files again, complete and uncut"
    raise DataError(
        [Issue(shown(by_name[n]), fault.row, fault.rule, RULES[fault.rule], fix) for n, fault in reading.faults.items()]
    )


@dataclass(frozen=True)
class _Owners:
    """To whom the resources of a bundle belong.

    ``only``: the bundle's one patient, to whom resources that name nobody belong; ``of_everything``: those that name
    somebody else too (a collection about one person); ``rule``: why a resource is rejected whose patient is not known.
    """

    only: Person | None = None
    of_everything: bool = False
    rule: str = "unknown-person"


_NO_OWNERS = _Owners()


class _Reading:
    """The state of one run over the files."""

    def __init__(self) -> None:
        self.harvest = Harvest()
        self.people: dict[str, Person] = {}
        self.seen: set[str] = set()
        self.faults: dict[str, Fault] = {}
        self.waiting: list[tuple[Place, JsonObject, Scope, str]] = []
        self.held: dict[str, list[Entry]] = {}
        self.held_count = 0
        self.story = 0
        self.claims: dict[int, list[Record]] = {}
        self.insured: set[str] = set()
        self.mentions: list[PayerMention] = []
        self.roles: dict[str, Role] = {}
        self.groups: list[tuple[Place, JsonObject, Scope]] = []

    # --- files -----------------------------------------------------------------------------------------------

    def read_bundles(self, files: list[Path]) -> None:
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

    def _refuse_file(self, file: Path, fault: Fault, value: object = None) -> None:
        self.faults[file.name] = fault
        self.harvest.reject(Place(file.name, fault.row), "(file)", "", fault.rule, value)

    def _read_bundle(self, file: Path, bundle: JsonObject) -> None:
        scope = Scope()
        resources = list(self._entries(file, bundle, scope))
        patients = [resource for _, resource in resources if resource.get("resourceType") == "Patient"]
        self._learn(resources, scope)
        ids = {as_text(patient.get("id")) for patient in patients}
        owners = _Owners(
            only=self.people.get(ids.pop()) if len(ids) == 1 else None,
            of_everything=bundle.get("type") == "collection",
            rule="unknown-person" if patients else "bundle-without-patient",
        )
        self.story += 1
        for place, resource in resources:
            self._read(place, resource, scope, owners)

    def _entries(self, file: Path, bundle: JsonObject, scope: Scope) -> Iterator[Located]:
        """The resources of a bundle; ``scope`` learns their full URLs and types on the way."""
        for row, entry in enumerate(as_list(bundle.get("entry")), start=1):
            place, fields = Place(file.name, row), as_object(entry)
            resource = as_object(fields.get("resource"))
            kind, name = as_text(resource.get("resourceType")), as_text(resource.get("id"))
            if not kind:
                self.harvest.reject(place, "(no resource)", "resourceType", "not-a-resource", fields.get("resource"))
                continue
            url = as_text(fields.get("fullUrl"))
            if name:
                scope.types[name] = kind
                if url and not url.endswith(name):
                    scope.full_urls[url] = (kind, name)
            yield place, resource

    def read_ndjson(self, files: list[Path]) -> None:
        """Read bulk-export files: first patients, medications and locations, wherever they are, then everything."""
        scope = Scope()
        for file in files:
            found = load_lines(file, (b'"Patient"', b'"Medication"', b'"Location"', b'"PractitionerRole"'))
            self._learn([(Place(file.name, row), as_object(value)) for row, value in found], scope)
        for file in files:
            for row, value in load_lines(file):
                self._read_line(Place(file.name, row), value, scope)

    def _read_line(self, place: Place, value: object, scope: Scope) -> None:
        if isinstance(value, Fault):
            if value.row == 0:
                self.faults[place.file] = value
            self.harvest.reject(place, "(file)" if value.row == 0 else "(line)", "", value.rule)
        elif not as_text(as_object(value).get("resourceType")):
            self.harvest.reject(place, "(no resource)", "resourceType", "not-a-resource", value)
        else:
            self._read(place, as_object(value), scope, _NO_OWNERS)

    def _learn(self, resources: Iterable[Located], scope: Scope) -> None:
        """Learn who the patients are, what medications, locations and roles are, before anything refers to them."""
        for _, resource in resources:
            kind, name = resource.get("resourceType"), as_text(resource.get("id"))
            if kind == "Patient" and name:
                self.people.setdefault(name, read_person(resource))
            elif kind == "Medication" and name:
                scope.medications[name] = of_concept(resource.get("code"))
            elif kind == "Location" and name:
                scope.locations[name] = resource
            elif kind == "PractitionerRole" and name and (role := read_role(resource, scope)).practitioner:
                self.roles.setdefault(name, role)

    # --- resources -------------------------------------------------------------------------------------------

    def _read(self, place: Place, resource: JsonObject, scope: Scope, owners: _Owners) -> None:
        """Convert one resource, or let it wait until the patient it names has been read."""
        kind = as_text(resource.get("resourceType"))
        if kind in EVENTS or kind in _CLAIMS or kind == "Coverage":
            person = self._person(resource, scope, owners)
            if person is None:
                self.waiting.append((place, resource, scope, owners.rule))
            else:
                self._read_of(person, place, resource, scope)
        elif kind == "Patient" or kind in _PROVIDERS:
            self._read_known(place, resource, kind)
        elif kind == "Group":
            self.groups.append((place, resource, scope))
        elif kind in _LOOKED_UP or (kind == "PractitionerRole" and as_text(resource.get("id")) in self.roles):
            self.harvest.accept(place, kind)
        else:
            self.harvest.reject(place, kind, "resourceType", "no-place-in-contract")

    def _person(self, resource: JsonObject, scope: Scope, owners: _Owners) -> Person | None:
        if owners.only is not None and owners.of_everything:
            return owners.only
        reference = as_text(self._subject(resource).get("reference"))
        return self.people.get(scope.target(reference, "Patient")[1]) if reference else owners.only

    def _subject(self, resource: JsonObject) -> JsonObject:
        return as_object(resource.get(_SUBJECT.get(as_text(resource.get("resourceType")), "subject")))

    def _read_known(self, place: Place, resource: JsonObject, kind: str) -> None:
        """A patient or provider: once by id."""
        name = as_text(resource.get("id"))
        if not name:
            self.harvest.reject(place, kind, "id", "missing-id")
        elif self._is_new(f"{kind}/{name}", place, kind):
            self.harvest.accept(place, kind)
            if kind == "Patient":
                add_person(self.harvest, self.people.setdefault(name, read_person(resource)), resource, place)
            else:
                add_provider(self.harvest, resource, place)

    def _is_new(self, key: str, place: Place, kind: str) -> bool:
        if key in self.seen:
            self.harvest.reject(place, kind, "id", "repeated-resource")
            return False
        self.seen.add(key)
        return True

    def _read_of(self, person: Person, place: Place, resource: JsonObject, scope: Scope) -> None:
        """An event, claim or coverage of a known person."""
        kind = as_text(resource.get("resourceType"))
        name = as_text(resource.get("id")) or f"{place.file}-{place.row}"
        event_id = f"{person.person_id}/{kind}/{name}"
        if not self._is_new(event_id, place, kind):
            return
        if kind == "Coverage":
            self._read_coverage(person, place, resource, scope)
        elif kind in _CLAIMS:
            profiles = read_profiles(kind, profile_urls(resource), person.strict)
            record = Record(resource, kind, person, event_id, place, profiles, scope, self.harvest)
            self.claims.setdefault(self.story, []).append(record)
        else:
            self.held.setdefault(kind, []).append(Entry(resource, person, event_id, place, scope, self.story))
            self.held_count += 1
            if self.held_count >= _HELD:
                self._convert_held()

    def _convert_held(self) -> None:
        """Make rows of the resources held, one type after the other."""
        for kind, entries in self.held.items():
            EVENTS[kind](Batch(kind, entries, self.harvest))
            for file, count in Counter(entry.place.file for entry in entries).items():
                self.harvest.accept(Place(file, 0), kind, count)
        self.held, self.held_count = {}, 0

    def _read_coverage(self, person: Person, place: Place, resource: JsonObject, scope: Scope) -> None:
        column, rule = add_coverage(self.harvest, person, resource, scope, place)
        self.insured.add(person.person_id)
        if rule:
            self.harvest.reject(place, "Coverage", column, rule, resource.get(column))
        else:
            self.harvest.accept(place, "Coverage")

    def _read_claims(self) -> None:
        """Read the claims of every story, now that its clinical rows are all there."""
        if self.claims:
            facts = self._facts()
            for story, records in self.claims.items():
                self.mentions += ClaimReader(records, facts.get(story, ClinicalFacts())).read()

    def _facts(self) -> dict[int, ClinicalFacts]:
        """What the clinical rows of each story with claims say."""
        found = {story: ClinicalFacts() for story in self.claims}
        stories: dict[str, ClinicalFacts] = {}
        cells = self.harvest.event_cells("_story", "event_id", "kind", "start", "end", "code_system", "code")
        for story, row_id, kind, start, end, system, code in cells:
            facts = found.get(cast(int, story))
            if facts is None:
                continue
            event_id = str(row_id)
            stories[event_id] = facts
            if code:
                facts.codes[event_id] = {(str(system), str(code))}
            if kind == "encounter":
                facts.times[event_id] = (str(start), str(end))
        for event_id, role, system, code in self.harvest.code_cells():
            if role == "code" and event_id in stories:
                stories[event_id].codes.setdefault(event_id, set()).add((system, code))
        for facts in found.values():
            for visit in facts.times:
                facts.encounter_codes.update(facts.codes.get(visit, ()))
        return found

    # --- the end ---------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Do what needs everything read: resources waiting for a patient, rosters, diagnoses, insurance from claims."""
        self.story = _WAITED
        for place, resource, scope, rule in self.waiting:
            person = self._person(resource, scope, _NO_OWNERS)
            if person is None:
                kind = as_text(resource.get("resourceType"))
                column = _SUBJECT.get(kind, "subject")
                self.harvest.reject(place, kind, column, rule, self._subject(resource).get("reference"))
            else:
                self._read_of(person, place, resource, scope)
        self._convert_held()
        self._read_claims()
        complete_providers(self.harvest, self.roles)
        for listed in self.groups:
            add_roster(self.harvest, self.people, self.roles, listed)
        diagnoses_of_visits(self.harvest)
        coverage_from_claims(self.harvest, [m for m in self.mentions if m.person_id not in self.insured])
