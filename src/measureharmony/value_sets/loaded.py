"""Loads value sets that a user brings, licensed ones above all, over the shipped ones."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from measureharmony.errors import Issue, SpecError
from measureharmony.value_sets.complaints import Complaints
from measureharmony.value_sets.definition import Definition, read_definition
from measureharmony.value_sets.fhir import FhirValueSet, Resolver, read_resources
from measureharmony.value_sets.model import ValueSet, ValueSets
from measureharmony.value_sets.shipped import first_of_each
from measureharmony.value_sets.sources.code_table import ListedSet, read_code_tables
from measureharmony.value_sets.sources.columns import COLUMNS_FILE, ColumnMapping, normal, read_column_mapping
from measureharmony.value_sets.sources.sheets import TABLES, read_sheets
from measureharmony.value_sets.systems import SYSTEMS_FILE, CodeSystems, shipped_systems

#: Files that explain a folder and are passed by.
_COMPANIONS = (".md", ".txt", ".pdf")
#: YAML files that are not value sets.
_NO_SETS = (SYSTEMS_FILE, COLUMNS_FILE)


def load_value_sets(shipped: ValueSets, place: Path) -> ValueSets:
    """``shipped`` overlaid by the value sets of ``place``; ``SpecError`` with every problem if there is any."""
    value_sets, issues = read_loaded_value_sets(shipped, place)
    if issues:
        raise SpecError(issues)
    return value_sets


def read_loaded_value_sets(
    shipped: ValueSets, place: Path, systems: CodeSystems | None = None
) -> tuple[ValueSets, tuple[Issue, ...]]:
    """``shipped`` overlaid by the value sets of ``place`` (a folder with its sub-folders, or one file), and every
    problem found.

    Read are FHIR ValueSet JSON (one resource, or a Bundle), spreadsheets and text tables (VSAC, NCQA directory, own
    columns: see ``docs/value-sets.md``), and YAML as shipped. A loaded set replaces the shipped one of its OID or name
    as a whole and takes over its name; one that nobody knows is named by its OID.
    """
    complaints = Complaints(place)
    if not place.exists():
        fix = "give the folder, or the file, that holds your value sets"
        complaints.add(0, "missing-file", "there is no such folder or file", fix)
        return shipped, tuple(complaints.issues)
    source = _Source(place, systems or shipped_systems(), complaints)
    definitions = [_renamed(definition, shipped, complaints) for definition in source.definitions()]
    source.complain_of_names(shipped)
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
            of_file = complaints.of(definition.path, definition.sheet)
            of_file.add(definition.name_line, "empty", what, "supply the set with its codes")


def _renamed(definition: Definition, shipped: ValueSets, complaints: Complaints) -> Definition:
    """The definition under the shipped name, title and OID of the set it replaces: the one of its name, of its OID,
    or, where it has no OID, of its title.
    """
    value_set = definition.value_set
    named, numbered = shipped.get(value_set.name), shipped.get(value_set.oid) if value_set.oid else None
    if named and numbered and named is not numbered:
        what = f"the name says {named.name}, the OID {value_set.oid} says {numbered.name}"
        of_file = complaints.of(definition.path, definition.sheet)
        of_file.add(definition.name_line, "conflicting-name", what, "leave one of them out, or correct it")
    known = named or numbered
    if known is None and not value_set.oid:
        known = shipped.get(re.sub(r"[^a-z0-9]+", "_", value_set.title.casefold()).strip("_"))
    if known is None:
        return definition
    title = known.title if value_set.title in ("", value_set.name) else value_set.title
    renamed = replace(value_set, name=known.name, oid=value_set.oid or known.oid, title=title)
    return replace(definition, value_set=renamed)


@dataclass(frozen=True)
class _Source:
    """A folder, or a file, being loaded."""

    place: Path
    systems: CodeSystems
    complaints: Complaints
    #: By folder, the OIDs and titles found in its tables.
    found: defaultdict[Path, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def home(self) -> Path:
        """The folder that files are named from."""
        return self.place if self.place.is_dir() else self.place.parent

    @cached_property
    def paths(self) -> list[Path]:
        """The files to read; hidden ones and those that an open spreadsheet program leaves are none."""
        every = self.place.rglob("*") if self.place.is_dir() else [self.place]
        return sorted(path for path in every if path.is_file() and not path.name.startswith((".", "~$")))

    @cached_property
    def mappings(self) -> Mapping[Path, ColumnMapping]:
        """By folder, the column mapping that stands there."""
        folders = sorted({path.parent for path in self.paths})
        written = (folder / COLUMNS_FILE for folder in folders)
        return {path.parent: read_column_mapping(self.complaints.of(path)) for path in written if path.is_file()}

    def definitions(self) -> Iterator[Definition]:
        """Every value set of every file, FHIR resources first."""
        yield from self._fhir([path for path in self.paths if path.suffix == ".json"])
        beside: set[Path] = set()
        for path in self.paths:
            if path.suffix == ".yaml" and path.name not in _NO_SETS:
                definition = read_definition(self.systems, self._source(path), self.complaints.of(path))
                if definition is not None:
                    beside.update({definition.codes_file} if definition.codes_file else ())
                    yield definition
        for path in self.paths:
            if path.suffix.lower() in TABLES and path not in beside:
                yield from self._tables(path)
        known = (".json", ".yaml", *TABLES, *_COMPANIONS)
        for path in (path for path in self.paths if path.suffix.lower() not in known):
            fix = f"keep only FHIR ValueSet .json, {', '.join(TABLES)} and .yaml files here"
            self.complaints.of(path).add(0, "not-a-value-set", f"'{path.suffix}' files are not value sets", fix)

    def complain_of_names(self, shipped: ValueSets) -> None:
        """What a mapping names must be there, on both sides: a mistyped name would replace nothing."""
        for folder, mapping in self.mappings.items():
            of_file = self.complaints.of(folder / COLUMNS_FILE)
            for key, (name, line) in mapping.names.items():
                if name not in shipped:
                    what = f"'{name}' is no value set that the specs know, so nothing would use it"
                    fix = "correct the name; `measureharmony valuesets list` shows them"
                    of_file.add(line, "unknown-name", what, fix)
                if key not in self.found[folder]:
                    what = f"no table beside this file has a value set of OID or name '{key}'"
                    of_file.add(line, "unknown-name", what, "correct it as it stands in the table, or remove the line")

    def _source(self, path: Path) -> str:
        return path.relative_to(self.home).as_posix()

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
            source=self._source(resource.complaints.path),
            completeness="partial" if resolved.missing else "complete",
            note="; ".join(resolved.missing),
            version=resource.version,
        )
        return Definition(value_set, resource.complaints.path, 0, 0)

    def _tables(self, path: Path) -> Iterator[Definition]:
        mapping = self.mappings.get(path.parent, ColumnMapping())
        complaints = self.complaints.of(path)
        for listed in read_code_tables(read_sheets(complaints), mapping, self.systems, complaints):
            self.found[path.parent] |= {normal(listed.oid), normal(listed.title)}
            yield self._listed(listed, path)

    def _listed(self, listed: ListedSet, path: Path) -> Definition:
        name = listed.name or listed.oid or listed.title
        value_set = ValueSet(
            name=name,
            oid=listed.oid,
            title=listed.title or name,
            codes=frozenset(listed.list.codes),
            patterns=tuple(sorted(listed.list.patterns)),
            source=self._source(path),
            version=listed.version,
        )
        return Definition(value_set, path, listed.line, listed.line, sheet=listed.sheet)
