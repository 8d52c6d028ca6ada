"""YAML as plain data, with the line of every part kept beside it, and complaints instead of exceptions.

Only the plain part of YAML is read: mappings, lists, text, numbers, ``true``/``false``, ``null`` and dates. What YAML
1.1 silently reads as something else than the author wrote (``no``, ``on``, ``0123``, ``12:30``) is an issue, and so
are repeated keys, merge keys (``<<``) and tags. Aliases (``*name``) stand for a copy.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml
import yaml.resolver

from measureharmony.errors import Issue, shown

#: Where in a file: the keys and list positions from its top, ``("events", "bp", "codes", 0)``.
Place: TypeAlias = tuple[str | int, ...]
Scalar: TypeAlias = "str | int | float | bool | dt.date | None"
#: What a YAML file holds. Keys are text, as written.
Plain: TypeAlias = "Scalar | list[Plain] | dict[str, Plain]"

_TAG = "tag:yaml.org,2002:"
_TEXT, _BOOL, _MERGE = (f"{_TAG}{kind}" for kind in ("str", "bool", "merge"))
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DEEPEST = 50
_MOST_PARTS = 100_000  # far beyond any spec; aliases of aliases could go on for ever
_PLAIN_NUMBER = re.compile(r"[-+]?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")


class _TooDeepError(Exception):
    """Parts are nested more deeply than any spec's, ``line`` (from 1) being where."""

    def __init__(self, line: int):
        super().__init__(line)
        self.line = line


class _Loader(yaml.CSafeLoader):
    """Composes nodes as ever; what a bare word means is looked up once, and parts nested too deeply are an error."""

    depth = 0

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> Any:
        """The tag of a node; most words stand in many files."""
        return _tag(value, implicit) if kind is yaml.ScalarNode else super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]

    def descend_resolver(self, current_node: Any, current_index: Any) -> None:
        """A node begins inside ``current_node``. Composing text that is nested without end could crash."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _TooDeepError(current_node.start_mark.line + 1)

    def ascend_resolver(self) -> None:
        """A node has ended."""
        self.depth -= 1


_RESOLVER = yaml.resolver.Resolver()


@lru_cache(maxsize=10_000)
def _tag(word: str, implicit: tuple[bool, bool]) -> str:
    """What YAML takes a word for; ``implicit``: whether it stands without and with quotes."""
    return str(_RESOLVER.resolve(yaml.ScalarNode, word, implicit))  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Document:
    """One file as plain data. ``lines``: the line (from 1) of every part. ``data`` of a broken file is ``None``."""

    path: Path
    data: Plain
    lines: dict[Place, int]
    issues: tuple[Issue, ...] = ()

    def line(self, place: Place) -> int:
        """The line of the part at ``place``, or of the nearest part around it; 0 when nothing is known."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return 0

    def issue(self, place: Place, code: str, what: str, fix: str = "") -> Issue:
        """An issue about the part at ``place`` of this file."""
        return Issue(shown(self.path), self.line(place), code, what, fix)


def read_yaml(path: str | Path) -> Document:
    """The file at ``path``, whose top must be a mapping. Whatever is wrong with it is in ``issues``; never raises."""
    path = Path(path)
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"the file is not UTF-8 text (at byte {error.start})"
        return _unreadable(path, 0, "spec-unreadable", what, "save it as UTF-8")
    except OSError as error:
        what = f"the file cannot be read: {error.strerror or type(error).__name__}"
        return _unreadable(path, 0, "spec-unreadable", what, "check its name and your permissions")
    return read_yaml_text(text, path)


def read_yaml_text(text: str, path: Path) -> Document:
    """Like :func:`read_yaml`, for the text of a file; ``path`` is only named in issues."""
    right = _right(text)
    return Document(path, *right) if right else _parsed(text, path)


@lru_cache(maxsize=1024)
def _right(text: str) -> tuple[Plain, dict[Place, int]] | None:
    """What a text without issues holds, and its lines: whoever reads specs twice, reads the shipped ones twice."""
    document = _parsed(text, Path())
    return None if document.issues else (document.data, document.lines)


def _parsed(text: str, path: Path) -> Document:
    try:
        root = yaml.compose(text, Loader=_Loader)
    except _TooDeepError as error:
        what = "the parts of the file are nested too deeply"
        return _unreadable(path, error.line, "spec-syntax", what, "name some of them")
    except yaml.YAMLError as error:
        return _unreadable(path, *_syntax(error, text))
    if not isinstance(root, yaml.MappingNode):
        held = "nothing" if root is None else "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
        line = 0 if root is None else root.start_mark.line + 1
        what = f"the file holds {held}, where a mapping of keys is expected"
        return _unreadable(path, line, "spec-not-a-mapping", what, "begin with 'key: value' lines")
    reader = _Reader(path)
    reader.lines[()] = root.start_mark.line + 1
    data = reader.value(root, ())
    return Document(path, data, reader.lines, tuple(reader.issues))


def _unreadable(path: Path, line: int, code: str, what: str, fix: str) -> Document:
    return Document(path, None, {}, (Issue(shown(path), line, code, what, fix),))


def _syntax(error: yaml.YAMLError, text: str) -> tuple[int, str, str, str]:
    """Line, code, what and fix for text that is no YAML."""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        problem = " ".join(part for part in (error.context, error.problem) if part)
        line = mark.line + 1 if mark else 0
        begun = "".join(text.split("\n")[line - 1 : line])[: mark.column + 1 if mark else 0]
        if "\t" in begun:
            return line, "spec-syntax", "a tab stands where YAML expects spaces", "indent with spaces"
        if "single document" in problem:
            return line, "spec-syntax", "the file holds a second document", "remove the '---' line; one file, one spec"
        fix = "check indentation, quotes and brackets here and on the line above"
        return line, "spec-syntax", f"this is not YAML: {problem}", fix
    return 0, "spec-syntax", "the file holds a character that YAML does not allow", "remove control characters"


@dataclass
class _Reader:
    """Turns YAML nodes into plain data, noting lines and issues on the way."""

    path: Path
    lines: dict[Place, int] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    read: int = 0
    open: list[yaml.Node] = field(default_factory=list)
    constructor: yaml.constructor.SafeConstructor = field(default_factory=yaml.constructor.SafeConstructor)

    def complain(self, node: yaml.Node, code: str, what: str, fix: str) -> None:
        self.issues.append(Issue(shown(self.path), node.start_mark.line + 1, code, what, fix))

    def value(self, node: yaml.Node, place: Place) -> Plain:
        """``node`` as plain data. An alias stands for a copy of what it names, hence the guards."""
        self.read += 1
        endless = self.read > _MOST_PARTS
        is_scalar = isinstance(node, yaml.ScalarNode)
        if endless or len(self.open) > _DEEPEST or (not is_scalar and node in self.open):
            if not endless or self.read == _MOST_PARTS + 1:  # said once
                fix = "write the part out, or give it a name in its section"
                self.complain(node, "spec-syntax", "the parts of the file are nested too deeply or endlessly", fix)
            return None
        if is_scalar:
            return self.scalar(node)
        self.open.append(node)
        many = isinstance(node, yaml.SequenceNode)
        held: Plain = self.items(node, place) if many else dict(self.pairs(node, place))
        self.open.pop()
        return held

    def items(self, node: yaml.Node, place: Place) -> list[Plain]:
        found: list[Plain] = []
        for index, item in enumerate(node.value):
            here = (*place, index)
            self.lines[here] = item.start_mark.line + 1
            found.append(self.value(item, here))
        return found

    def pairs(self, node: yaml.Node, place: Place) -> Iterator[tuple[str, Plain]]:
        for key_node, value_node in node.value:
            key = self.key(key_node)
            if key is None:
                continue
            here = (*place, key)
            if here in self.lines:
                what = f"the key '{key}' is given twice; the first is on line {self.lines[here]}"
                self.complain(key_node, "spec-duplicate-key", what, "remove or rename one of them")
                continue
            self.lines[here] = key_node.start_mark.line + 1
            yield key, self.value(value_node, here)

    def key(self, node: yaml.Node) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self.complain(node, "spec-syntax", "a key must be a single word", "put braces or brackets after the key")
            return None
        if node.tag == _MERGE:
            what = "'<<' merges another part of the file, which hides where a key comes from"
            self.complain(node, "spec-syntax", what, "write the keys out")
            return None
        if node.tag == _BOOL and node.value.lower() not in ("true", "false"):
            self.surprise(node, "true or false")
        return str(node.value)

    def scalar(self, node: yaml.Node) -> Scalar:
        text = str(node.value)
        if node.tag == _TEXT:
            return text
        kind = node.tag.removeprefix(_TAG)
        if kind == "value":
            return text
        if kind == "null":
            return None
        if kind == "bool":
            if text.lower() not in ("true", "false"):
                self.surprise(node, "true or false")
                return text
            return text.lower() == "true"
        if kind == "timestamp":
            return self.date(node, text)
        if kind in ("int", "float"):
            return self.number(node, text)
        self.complain(node, "spec-syntax", f"the tag '{node.tag}' is not used in specs", "remove it")
        return text

    def date(self, node: yaml.Node, text: str) -> Scalar:
        """A date; a date with a time of day stays text, as written, so that no time zone is applied."""
        if not _DATE.fullmatch(text):
            return text
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            self.complain(node, "spec-bad-value", f"{text} is not a day of the calendar", "correct the date")
            return text

    def number(self, node: yaml.Node, text: str) -> Scalar:
        if not _PLAIN_NUMBER.fullmatch(text):
            self.surprise(node, "a number that is not what you see")
            return text
        number = self.constructor.construct_object(node)
        if isinstance(number, float) and not math.isfinite(number):
            self.complain(node, "spec-bad-value", f"{text} is too large a number", "correct it")
            return text
        return int(number) if isinstance(number, int) else float(number)

    def surprise(self, node: yaml.Node, becomes: str) -> None:
        what = f"YAML reads the bare word {node.value} as {becomes}"
        fix = f'write "{node.value}" in quotes if you mean the text' + (
            "; else write true or false" if becomes == "true or false" else ""
        )
        self.complain(node, "spec-yaml-word", what, fix)


__all__ = ["Document", "Place", "Plain", "Scalar", "read_yaml", "read_yaml_text"]
