"""``this`` and ``other`` are the two events of a relation; elsewhere they mean nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from pydantic import BaseModel

from measureharmony.measures.event_set import Relation
from measureharmony.measures.kept import kept
from measureharmony.measures.measure import Definitions
from measureharmony.measures.names import AnchorName, WindowName
from measureharmony.measures.references import Part, contents, mentioned
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.yaml_lines import Place

_EVENTS = ("this", "other")
#: Where a name stands, the name, and which of these events may be mentioned there.
_Name: TypeAlias = tuple[Place, WindowName | AnchorName, str]


def check(spec: Definitions, around: Surroundings) -> Iterator[Finding]:
    """``other`` outside the ``when``, and ``this`` outside the ``other_when``, of a relation (``with``, ``without``).

    Windows with a name may mention either; it is their use that counts.
    """
    meant = _meant(spec, around)
    for whole, content in contents(spec):
        if whole[0] == "windows" or meant.keys().isdisjoint(mentioned(content)):
            continue
        for place, name, allowed in _names(content):
            section = "windows" if isinstance(name, WindowName) else "anchors"
            for event in sorted(meant.get((section, name), frozenset()) - {allowed}):
                key = {"other": "when", "this": "other_when"}[event]
                what = f"'{event}' means an event of a relation, and here there is none of that name"
                fix = f"mention '{event}' only in the '{key}' of a relation (with, without)"
                yield Finding((*whole, *place), "spec-anchor-outside-relation", what, fix)


@kept(20_000)
def _names(content: object) -> tuple[_Name, ...]:
    """Everything inside a part that may stand for ``this`` or ``other``."""
    return tuple(_names_in(content, (), ""))


def _names_in(part: object, place: Place, allowed: str) -> Iterator[_Name]:
    """The same of what stands at ``place``, where the event ``allowed`` may be mentioned."""
    if isinstance(part, WindowName) or (isinstance(part, AnchorName) and part in _EVENTS):
        yield place, part, allowed
    elif isinstance(part, Relation):
        yield from _names_in(part.events, (*place, "events"), "")
        yield from _names_in(part.when, (*place, "when"), "other")
        yield from _names_in(part.other_when, (*place, "other_when"), "this")
    elif isinstance(part, BaseModel):
        for name, field in type(part).model_fields.items():
            yield from _names_in(getattr(part, name), (*place, field.alias or name), allowed)
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from _names_in(value, (*place, key), allowed)
    elif isinstance(part, tuple):
        for index, value in enumerate(part):
            yield from _names_in(value, (*place, index), allowed)


def _meant(spec: Definitions, around: Surroundings) -> dict[Part, frozenset[str]]:
    """The names that stand for ``this`` or ``other``, directly or as the name of a window, and for which of them."""
    meant = {(section, event): frozenset({event}) for section in ("windows", "anchors") for event in _EVENTS}
    shared = {f"{file}.{name}": window for file, of in around.shared.items() for name, window in of.windows.items()}
    for name, window in {**shared, **spec.windows}.items():
        events = frozenset(event for event in _EVENTS if ("anchors", event) in mentioned(window))
        if events:
            meant["windows", name] = events
    return meant


__all__ = ["check"]
