"""YAML mappings with the lines of their keys, as value set files and column mappings are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import yaml

from measureharmony.value_sets.complaints import Complaints

#: The top-level keys of a file and what stands under them.
Entries = Mapping[str, yaml.Node]


def read_entries(complaints: Complaints, keys: tuple[str, ...], begin: str) -> dict[str, yaml.Node] | None:
    """The complaints' file as top-level keys and their nodes; unknown and repeated keys are complaints.

    None, with a complaint, when the file cannot be read or is no mapping. ``begin`` is a first line that such a file
    may have.
    """
    text = complaints.read_text()
    if text is None:
        return None
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        complaints.add(line, "syntax", f"not well-formed YAML: {error.problem}", "correct the line, or the one before")
        return None
    if not isinstance(root, yaml.MappingNode):
        fix = f"begin with '{begin}'"
        complaints.add(1 if root else 0, "not-a-value-set", "the file does not hold a mapping of keys", fix)
        return None
    entries: dict[str, yaml.Node] = {}
    for key, node in pairs(root):
        if key.value not in keys:
            complaints.add(line_of(key), "unknown-key", f"unknown key '{key.value}'", f"the keys are {', '.join(keys)}")
        elif key.value in entries:
            complaints.add(line_of(key), "repeated-key", f"'{key.value}' stands here twice", "keep one of them")
        else:
            entries[key.value] = node
    return entries


def pairs(node: yaml.MappingNode) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    """Key and value nodes of a mapping (a key that is itself a collection cannot be one of ours and is passed by)."""
    for key, value in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
        if isinstance(key, yaml.ScalarNode):
            yield key, value


def line_of(node: yaml.Node) -> int:
    """The line on which a node begins, from 1."""
    return int(node.start_mark.line) + 1


def is_null(node: yaml.Node) -> bool:
    """Whether nothing stands under a key."""
    return node.tag.endswith(":null")


def text_of(entries: Entries, key: str, complaints: Complaints) -> str:
    """The scalar under a key as written; empty when it is absent, null, or (a complaint) not a scalar."""
    node = entries.get(key)
    if node is None:
        return ""
    if not isinstance(node, yaml.ScalarNode):
        complaints.add(line_of(node), "bad-value", f"'{key}' is not a single text", f"write '{key}: <text>'")
        return ""
    return "" if is_null(node) else str(node.value)


def texts_of(entries: Entries, key: str, complaints: Complaints) -> tuple[str, ...]:
    """The scalars listed under a key (one alone may stand without brackets); anything else is a complaint."""
    node = entries.get(key)
    if node is None or is_null(node):
        return ()
    listed = cast("list[yaml.Node]", node.value) if isinstance(node, yaml.SequenceNode) else [node]
    texts = [str(item.value) for item in listed if isinstance(item, yaml.ScalarNode)]
    if len(texts) < len(listed):
        complaints.add(line_of(node), "bad-value", f"'{key}' is not a list of texts", f"write '{key}: [text, text]'")
    return tuple(texts)


def mapping_of(entries: Entries, key: str, complaints: Complaints) -> dict[str, yaml.ScalarNode]:
    """The texts under a key by their own keys; anything but a mapping of texts is a complaint."""
    node = entries.get(key)
    if node is None or is_null(node):
        return {}
    found = list(pairs(node)) if isinstance(node, yaml.MappingNode) else []
    texts = {str(name.value): value for name, value in found if isinstance(value, yaml.ScalarNode)}
    if len(texts) < len(found) or not found:
        what = f"'{key}' is not a mapping from text to text"
        complaints.add(line_of(node), "bad-value", what, f"write under '{key}' one line each: name: text")
    return texts


__all__ = ["Entries", "is_null", "line_of", "mapping_of", "pairs", "read_entries", "text_of", "texts_of"]
