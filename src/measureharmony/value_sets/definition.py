"""Reads one value set written as YAML, keeping line numbers beside the data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from measureharmony.value_sets.codes import CodeList, known_system
from measureharmony.value_sets.complaints import Complaints
from measureharmony.value_sets.model import Completeness, ValueSet
from measureharmony.value_sets.systems import CodeSystems
from measureharmony.value_sets.table import read_code_list
from measureharmony.value_sets.yaml_nodes import is_null, line_of, pairs, read_entries, text_of

KEYS = ("value_set", "title", "oid", "shipped", "note", "codes", "codes_file")
_COMPLETENESS = ("complete", "partial", "none")


@dataclass(frozen=True)
class Definition:
    """A value set as one file defines it, the lines of its name and OID, the CSV file a YAML file points at, and the
    sheet of a workbook.
    """

    value_set: ValueSet
    path: Path
    name_line: int
    oid_line: int
    codes_file: Path | None = None
    sheet: str = ""


def read_definition(systems: CodeSystems, source: str, complaints: Complaints) -> Definition | None:
    """The value set that the complaints' file defines; None when it has no name or is no YAML mapping.

    An empty ``shipped`` means complete. Codes are taken as written, so ``99213`` needs no quotes.
    """
    entries = _entries(complaints)
    name = text_of(entries, "value_set", complaints)
    if not name:
        return None
    oid = text_of(entries, "oid", complaints).removeprefix("urn:oid:")
    codes_file, codes = _codes(entries, systems, complaints)
    value_set = ValueSet(
        name=name,
        oid=oid,
        title=text_of(entries, "title", complaints) or name,
        codes=frozenset(codes.codes),
        patterns=tuple(sorted(codes.patterns)),
        source=source,
        completeness=_completeness(entries, complaints),
        note=text_of(entries, "note", complaints),
    )
    name_line = line_of(entries["value_set"])
    if value_set.is_empty and value_set.completeness != "none":
        fix = "list its codes under 'codes', or say 'shipped: none' when none can be shipped"
        complaints.add(name_line, "empty", f"{name} has no usable code, so nothing could ever match it", fix)
    return Definition(
        value_set, complaints.path, name_line, line_of(entries.get("oid", entries["value_set"])), codes_file
    )


def _entries(complaints: Complaints) -> dict[str, yaml.Node]:
    """The file's top-level keys and their nodes; unknown and missing keys are complaints."""
    entries = read_entries(complaints, KEYS, "value_set: <name>")
    if entries is not None and "value_set" not in entries:
        complaints.add(0, "missing-key", "the file does not say which value set it defines", "add 'value_set: <name>'")
    return entries or {}


def _completeness(entries: dict[str, yaml.Node], complaints: Complaints) -> Completeness:
    text = text_of(entries, "shipped", complaints) or "complete"
    if text not in _COMPLETENESS:
        fix = f"use one of {', '.join(_COMPLETENESS)}"
        complaints.add(line_of(entries["shipped"]), "bad-value", f"'shipped' cannot be '{text}'", fix)
        return "partial"
    return cast("Completeness", text)


def _codes(entries: dict[str, yaml.Node], systems: CodeSystems, complaints: Complaints) -> tuple[Path | None, CodeList]:
    """The codes under ``codes``, and those of the CSV file that ``codes_file`` names."""
    name = text_of(entries, "codes_file", complaints)
    path = complaints.path.parent / name if name else None
    codes = CodeList()
    if path is not None and path.is_file():
        codes = read_code_list(systems, complaints.of(path))
    elif path is not None:
        what = f"there is no file {name} beside this one"
        complaints.add(line_of(entries["codes_file"]), "missing-file", what, "correct the name, or add the file")
    node = entries.get("codes")
    if isinstance(node, yaml.MappingNode):
        for system, listed in pairs(node):
            _codes_of_system(system, listed, systems, codes, complaints)
    elif node is not None and not is_null(node):
        fix = 'write the code system, then its codes: LOINC: ["4548-4"]'
        complaints.add(line_of(node), "bad-value", "'codes' is not a mapping from code system to codes", fix)
    return path, codes


def _codes_of_system(
    key: yaml.ScalarNode, listed: yaml.Node, systems: CodeSystems, codes: CodeList, complaints: Complaints
) -> None:
    system = known_system(str(key.value), systems, line_of(key), complaints)
    if not isinstance(listed, yaml.SequenceNode):
        fix = f'write {key.value}: ["code", "code"]'
        complaints.add(line_of(listed), "bad-value", f"the codes of {key.value} are not a list", fix)
        return
    for node in cast("list[yaml.Node]", listed.value):
        if not isinstance(node, yaml.ScalarNode):
            complaints.add(
                line_of(node), "malformed-code", "a list or mapping where a code is expected", "write the code"
            )
        elif system is not None:
            codes.add(system, str(node.value), line_of(node), complaints)
