"""Loads a folder of value sets that a user brings, licensed ones above all, over the shipped ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from measureharmony.errors import Issue, SpecError
from measureharmony.value_sets.complaints import Complaints
from measureharmony.value_sets.definition import Definition, read_definition
from measureharmony.value_sets.fhir import FhirValueSet, Resolver, read_resources
from measureharmony.value_sets.model import ValueSet, ValueSets
from measureharmony.value_sets.shipped import first_of_each
from measureharmony.value_sets.systems import SYSTEMS_FILE, CodeSystems, shipped_systems
from measureharmony.value_sets.table import ListedSet, read_listed_sets

#: Files that explain a folder and are passed by.
_COMPANIONS = (".md", ".txt", ".pdf")


def load_value_sets(shipped: ValueSets, folder: Path) -> ValueSets:
    """``shipped`` overlaid by the value sets of ``folder``; ``SpecError`` with every problem if there is any."""
    value_sets, issues = read_loaded_value_sets(shipped, folder)
    if issues:
        raise SpecError(issues)
    return value_sets


def read_loaded_value_sets(
    shipped: ValueSets, folder: Path, systems: CodeSystems | None = None
) -> tuple[ValueSets, tuple[Issue, ...]]:
    """``shipped`` overlaid by the value sets of ``folder`` (with its sub-folders), and every problem found.

    Read are FHIR ValueSet JSON (one resource, or a Bundle), CSV (columns oid or name, system, code) and YAML as
    shipped. A loaded set replaces the shipped one of its OID or name as a whole and takes over its name; one whose
    OID nobody knows is named by its OID.
    """
    complaints = Complaints(folder)
    if not folder.is_dir():
        complaints.add(0, "missing-file", "there is no such folder", "give the folder that holds your value sets")
        return shipped, tuple(complaints.issues)
    found = _Folder(folder, systems or shipped_systems(), complaints)
    definitions = [_renamed(definition, shipped) for definition in found.definitions()]
    kept = first_of_each(definitions, complaints)
    _complain_of_empty(kept, complaints)
    return shipped.overlaid(d.value_set for d in kept), tuple(sorted(set(complaints.issues)))


def _complain_of_empty(definitions: Iterable[Definition], complaints: Complaints) -> None:
    """A YAML file that says ``shipped: none`` means to be empty; anything else without codes is a mistake."""
    for definition in definitions:
        value_set = definition.value_set
        if value_set.is_empty and definition.path.suffix != ".yaml":
            why = f" ({value_set.note})" if value_set.note else ""
            what = f"{value_set.name} has no usable code{why}, so nothing could ever match it"
            complaints.of(definition.path).add(definition.name_line, "empty", what, "supply the set with its codes")


def _renamed(definition: Definition, shipped: ValueSets) -> Definition:
    """The definition under the shipped name, title and OID of the set it replaces."""
    value_set = definition.value_set
    known = shipped.get(value_set.oid) if value_set.oid else None
    known = known or shipped.get(value_set.name)
    if known is None:
        return definition
    title = known.title if value_set.title in ("", value_set.name) else value_set.title
    return replace(
        definition, value_set=replace(value_set, name=known.name, oid=known.oid or value_set.oid, title=title)
    )


@dataclass(frozen=True)
class _Folder:
    """A folder being loaded."""

    folder: Path
    systems: CodeSystems
    complaints: Complaints

    def definitions(self) -> Iterator[Definition]:
        """Every value set of every file, FHIR resources first."""
        paths = sorted(p for p in self.folder.rglob("*") if p.is_file() and not p.name.startswith("."))
        yield from self._fhir([p for p in paths if p.suffix == ".json"])
        beside: set[Path] = set()
        for path in paths:
            if path.suffix == ".yaml" and path.name != SYSTEMS_FILE:
                definition = read_definition(self.systems, self._source(path), self.complaints.of(path))
                if definition is not None:
                    beside.update({definition.codes_file} if definition.codes_file else ())
                    yield definition
        for path in paths:
            if path.suffix == ".csv" and path not in beside:
                for listed in read_listed_sets(self.systems, self.complaints.of(path)):
                    yield self._listed(listed, path)
        known = (".json", ".yaml", ".csv", *_COMPANIONS)
        for path in (p for p in paths if p.suffix not in known):
            fix = "keep only FHIR ValueSet .json, .csv and .yaml files here"
            self.complaints.of(path).add(0, "not-a-value-set", f"'{path.suffix}' files are not value sets", fix)

    def _source(self, path: Path, version: str = "") -> str:
        name = path.relative_to(self.folder).as_posix()
        return f"{name} (version {version})" if version else name

    def _fhir(self, paths: list[Path]) -> Iterator[Definition]:
        resources = [r for path in paths for r in read_resources(self.complaints.of(path))]
        resolver = Resolver(resources, self.systems)
        for resource in resources:
            if resource.oid:
                yield self._resolved(resource, resolver)
            else:
                fix = "add its url, which ends in the OID"
                resource.complaints.add(0, "missing-key", "the ValueSet has neither url, identifier nor id", fix)

    def _resolved(self, resource: FhirValueSet, resolver: Resolver) -> Definition:
        resolved = resolver.resolve(resource)
        value_set = ValueSet(
            name=resource.oid,
            oid=resource.oid,
            title=resource.title,
            codes=frozenset(resolved.codes),
            source=self._source(resource.complaints.path, resource.version),
            completeness="partial" if resolved.missing else "complete",
            note="; ".join(resolved.missing),
        )
        return Definition(value_set, resource.complaints.path, 0, 0)

    def _listed(self, listed: ListedSet, path: Path) -> Definition:
        value_set = ValueSet(
            name=listed.name or listed.oid,
            oid=listed.oid,
            title=listed.name or listed.oid,
            codes=frozenset(listed.list.codes),
            patterns=tuple(sorted(listed.list.patterns)),
            source=self._source(path),
        )
        return Definition(value_set, path, listed.line, listed.line)
