"""Reads one value set written as YAML, keeping line numbers beside the data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from measureharmony.value_sets.codes import CodeList, known_system
from measureharmony.value_sets.complaints import Complaints
from measureharmony.value_sets.model import Completeness, ValueSet
from measureharmony.value_sets.systems import CodeSystems
from measureharmony.value_sets.table import read_code_list

KEYS = ("value_set", "title", "oid", "shipped", "note", "codes", "codes_file")
_COMPLETENESS = ("complete", "partial", "none")


@dataclass(frozen=True)
class Definition:
    """A value set as one YAML file defines it, the lines of its name and OID, and the CSV file it points at."""

    value_set: ValueSet
    path: Path
    name_line: int
    oid_line: int
    codes_file: Path | None = None


def read_definition(systems: CodeSystems, source: str, complaints: Complaints) -> Definition | None:
    """The value set that the complaints' file defines; None when it has no name or is no YAML mapping.

    An empty ``shipped`` means complete. Codes are taken as written, so ``99213`` needs no quotes.
    """
    entries = _entries(complaints)
    name = _text(entries, "value_set", complaints)
    if not name:
        return None
    oid = _text(entries, "oid", complaints).removeprefix("urn:oid:")
    codes_file, codes = _codes(entries, systems, complaints)
    value_set = ValueSet(
        name=name,
        oid=oid,
        title=_text(entries, "title", complaints) or name,
        codes=frozenset(codes.codes),
        patterns=tuple(sorted(codes.patterns)),
        source=source,
        completeness=_completeness(entries, complaints),
        note=_text(entries, "note", complaints),
    )
    name_line = _line(entries["value_set"])
    if value_set.is_empty and value_set.completeness != "none":
        fix = "list its codes under 'codes', or say 'shipped: none' when none can be shipped"
        complaints.add(name_line, "empty", f"{name} has no usable code, so nothing could ever match it", fix)
    return Definition(
        value_set, complaints.path, name_line, _line(entries.get("oid", entries["value_set"])), codes_file
    )


def _entries(complaints: Complaints) -> dict[str, yaml.Node]:
    """The file's top-level keys and their nodes; unknown and missing keys are complaints."""
    text = complaints.read_text()
    if text is None:
        return {}
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        complaints.add(line, "syntax", f"not well-formed YAML: {error.problem}", "correct the line, or the one before")
        return {}
    if not isinstance(root, yaml.MappingNode):
        fix = "begin with 'value_set: <name>'"
        complaints.add(1 if root else 0, "not-a-value-set", "the file does not hold a mapping of keys", fix)
        return {}
    entries: dict[str, yaml.Node] = {}
    for key, node in _pairs(root):
        if key.value not in KEYS:
            complaints.add(_line(key), "unknown-key", f"unknown key '{key.value}'", f"the keys are {', '.join(KEYS)}")
        elif key.value in entries:
            complaints.add(_line(key), "repeated-key", f"'{key.value}' stands here twice", "keep one of them")
        else:
            entries[key.value] = node
    if "value_set" not in entries:
        complaints.add(0, "missing-key", "the file does not say which value set it defines", "add 'value_set: <name>'")
    return entries


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    """Key and value nodes of a mapping (a key that is itself a collection cannot be one of ours and is passed by)."""
    for key, value in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
        if isinstance(key, yaml.ScalarNode):
            yield key, value


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _text(entries: dict[str, yaml.Node], key: str, complaints: Complaints) -> str:
    """The scalar under a key as written; empty when it is absent, null, or (a complaint) not a scalar."""
    node = entries.get(key)
    if node is None:
        return ""
    if not isinstance(node, yaml.ScalarNode):
        complaints.add(_line(node), "bad-value", f"'{key}' is not a single text", f"write '{key}: <text>'")
        return ""
    return "" if node.tag.endswith(":null") else str(node.value)


def _completeness(entries: dict[str, yaml.Node], complaints: Complaints) -> Completeness:
    text = _text(entries, "shipped", complaints) or "complete"
    if text not in _COMPLETENESS:
        fix = f"use one of {', '.join(_COMPLETENESS)}"
        complaints.add(_line(entries["shipped"]), "bad-value", f"'shipped' cannot be '{text}'", fix)
        return "partial"
    return cast("Completeness", text)


def _codes(entries: dict[str, yaml.Node], systems: CodeSystems, complaints: Complaints) -> tuple[Path | None, CodeList]:
    """The codes under ``codes``, and those of the CSV file that ``codes_file`` names."""
    name = _text(entries, "codes_file", complaints)
    path = complaints.path.parent / name if name else None
    codes = CodeList()
    if path is not None and path.is_file():
        codes = read_code_list(systems, complaints.of(path))
    elif path is not None:
        what = f"there is no file {name} beside this one"
        complaints.add(_line(entries["codes_file"]), "missing-file", what, "correct the name, or add the file")
    node = entries.get("codes")
    if isinstance(node, yaml.MappingNode):
        for system, listed in _pairs(node):
            _codes_of_system(system, listed, systems, codes, complaints)
    elif node is not None and not node.tag.endswith(":null"):
        fix = 'write the code system, then its codes: LOINC: ["4548-4"]'
        complaints.add(_line(node), "bad-value", "'codes' is not a mapping from code system to codes", fix)
    return path, codes


def _codes_of_system(
    key: yaml.ScalarNode, listed: yaml.Node, systems: CodeSystems, codes: CodeList, complaints: Complaints
) -> None:
    system = known_system(str(key.value), systems, _line(key), complaints)
    if not isinstance(listed, yaml.SequenceNode):
        fix = f'write {key.value}: ["code", "code"]'
        complaints.add(_line(listed), "bad-value", f"the codes of {key.value} are not a list", fix)
        return
    for node in cast("list[yaml.Node]", listed.value):
        if not isinstance(node, yaml.ScalarNode):
            complaints.add(
                _line(node), "malformed-code", "a list or mapping where a code is expected", "write the code"
            )
        elif system is not None:
            codes.add(system, str(node.value), _line(node), complaints)
