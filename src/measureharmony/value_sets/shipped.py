"""Reads the value sets that the library ships, or any folder written in the same way."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from measureharmony.errors import Issue
from measureharmony.value_sets.complaints import Complaints
from measureharmony.value_sets.definition import Definition, read_definition
from measureharmony.value_sets.model import SHIPPED, ValueSets
from measureharmony.value_sets.systems import SYSTEMS_FILE, CodeSystems, read_systems, shipped_systems


def read_value_sets(folder: Path) -> tuple[ValueSets, tuple[Issue, ...]]:
    """Every value set of ``folder`` (one YAML file each), and every problem found.

    A file with problems still gives what could be read of it, so that whatever refers to it is not reported as well.
    Of two sets with one name or OID the first file, in alphabetical order, counts. The folder's own ``systems.yaml``,
    if it has one, names the code systems.
    """
    complaints = Complaints(folder)
    if not folder.is_dir():
        complaints.add(0, "missing-file", "there is no such folder", "give the folder that holds the value set files")
        return ValueSets(), tuple(complaints.issues)
    systems = _systems_of(folder)
    paths = sorted(path for path in folder.glob("*.yaml") if path.name != SYSTEMS_FILE)
    read = (read_definition(systems, SHIPPED, complaints.of(path)) for path in paths)
    definitions = first_of_each([d for d in read if d is not None], complaints)
    return ValueSets(tuple(d.value_set for d in definitions)), tuple(sorted(complaints.issues))


def _systems_of(folder: Path) -> CodeSystems:
    own = folder / SYSTEMS_FILE
    return read_systems(own) if own.is_file() else shipped_systems()


def first_of_each(definitions: Iterable[Definition], complaints: Complaints) -> list[Definition]:
    """The definitions without those that repeat an earlier one's name or OID, each of which is a complaint."""
    names: dict[str, Definition] = {}
    oids: dict[str, Definition] = {}
    kept: list[Definition] = []
    for definition in definitions:
        value_set, of_file = definition.value_set, complaints.of(definition.path, definition.sheet)
        same_name, same_oid = names.get(value_set.name), oids.get(value_set.oid)
        if same_oid and value_set.version != same_oid.value_set.version:
            versions = f"version {value_set.version or '(none)'} here and {same_oid.value_set.version or '(none)'}"
            what = f"OID {value_set.oid} stands in {versions} in {same_oid.path.name}; only one can be in force"
            of_file.add(definition.oid_line, "conflicting-version", what, "keep the version that you report with")
        elif same_oid:
            what = f"OID {value_set.oid} already belongs to {same_oid.value_set.name} ({same_oid.path.name})"
            of_file.add(definition.oid_line, "duplicate-oid", what, "correct the OID, or remove one of the two files")
        elif same_name:
            what = f"{same_name.path.name} already defines {value_set.name}"
            of_file.add(definition.name_line, "duplicate-name", what, "rename one of them, or merge the two files")
        else:
            kept.append(definition)
            names[value_set.name] = definition
            if value_set.oid:
                oids[value_set.oid] = definition
    return kept
