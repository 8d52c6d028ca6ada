"""Which named parts a spec refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from measureharmony.measures.kept import kept
from measureharmony.measures.measure import SECTIONS, Definitions, Shared
from measureharmony.measures.names import (
    AnchorName,
    CriterionName,
    EventsName,
    FilterName,
    Name,
    NumberName,
    ParameterName,
    WindowName,
    pieces,
    walk,
)
from measureharmony.measures.yaml_lines import Place

#: The section in which each sort of name is declared.
SECTION_OF: Mapping[type[Name], str] = {
    ParameterName: "parameters",
    WindowName: "windows",
    AnchorName: "anchors",
    FilterName: "filters",
    EventsName: "events",
    NumberName: "numbers",
    CriterionName: "criteria",
}
#: Names that need no declaration, by section.
BUILT_IN: Mapping[str, frozenset[str]] = {
    "windows": frozenset({"period", "this", "other", "index"}),
    "anchors": frozenset({"period", "birth", "death", "this", "other", "index"}),
    "events": frozenset({"index"}),
}

#: A named part of a file: its section and its name, ``("events", "bp")``.
Part: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class Reference:
    """One mention of a named part: where it is mentioned, and what is meant."""

    place: Place
    section: str
    name: str

    @property
    def part(self) -> Part:
        """The part that is meant."""
        return self.section, self.name

    @property
    def is_built_in(self) -> bool:
        """True for ``period``, ``birth``, ``death``, ``this``, ``other`` and ``index``."""
        return self.name in BUILT_IN.get(self.section, ())


def references(part: object, place: Place = ()) -> Iterator[Reference]:
    """Every mention of a named part inside ``part`` (which stands at ``place``), built-in names included."""
    for where, found in walk(part, place):
        if isinstance(found, Name):
            yield Reference(where, *_meant(found))


def _meant(name: Name) -> Part:
    """The part that a name means."""
    return SECTION_OF[type(name)], name.key if isinstance(name, ParameterName) else str(name)


@kept(20_000)
def mentioned(part: object) -> tuple[Part, ...]:
    """The named parts that are mentioned inside ``part``, each once, in alphabetical order; built-in names too."""
    return tuple(sorted({_meant(found) for _, found in pieces(part) if isinstance(found, Name)}))


@kept(20_000)
def parameters_of(part: object) -> tuple[str, ...]:
    """The parameters that are mentioned inside ``part``, each once, in alphabetical order."""
    return tuple(name for section, name in mentioned(part) if section == "parameters")


@kept(64)
def graph(spec: Definitions) -> Mapping[Part, tuple[Part, ...]]:
    """The named parts of a file with the parts that each mentions, built-in names left out."""
    return {
        part: tuple((section, name) for section, name in mentioned(value) if name not in BUILT_IN.get(section, ()))
        for part, value in definitions(spec)
    }


def definitions(spec: Definitions) -> Iterator[tuple[Part, object]]:
    """The named parts that a file declares."""
    for section in SECTIONS:
        for name, value in getattr(spec, section).items():
            yield (section, name), value


def outside_definitions(spec: Definitions) -> Iterator[tuple[Place, object]]:
    """The parts of a file that are not in one of its sections: populations, rates, strata."""
    for name, field in type(spec).model_fields.items():
        if name not in SECTIONS:
            yield (field.alias or name,), getattr(spec, name)


def contents(spec: Definitions) -> Iterator[tuple[Place, object]]:
    """Everything a file holds, one named part after the other, and what is in no section."""
    yield from definitions(spec)
    yield from outside_definitions(spec)


def lookup(part: Part, spec: Definitions) -> object | None:
    """The part of ``spec`` under this very name; ``None`` when it has none."""
    section, name = part
    found: object | None = getattr(spec, section).get(name)
    return found


def resolve(part: Part, spec: Definitions, shared: Mapping[str, Shared]) -> object | None:
    """What a name means in ``spec``: its own part, or for ``file.name`` that of a shared file; ``None`` if unknown."""
    section, name = part
    own = lookup(part, spec)
    file, dot, own_name = name.partition(".")
    if own is not None or not dot or file not in shared:
        return own
    return lookup((section, own_name), shared[file])


__all__ = [
    "BUILT_IN",
    "SECTION_OF",
    "Part",
    "Reference",
    "contents",
    "definitions",
    "graph",
    "lookup",
    "mentioned",
    "outside_definitions",
    "parameters_of",
    "references",
    "resolve",
]
