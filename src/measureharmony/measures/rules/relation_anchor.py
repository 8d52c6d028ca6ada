"""``this`` and ``other`` are the two events of a relation; elsewhere they mean nothing."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from measureharmony.measures.event_set import Relation
from measureharmony.measures.measure import Definitions
from measureharmony.measures.names import AnchorName, WindowName, walk
from measureharmony.measures.references import resolve
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.yaml_lines import Place

_EVENTS = ("this", "other")


def check(spec: Definitions, around: Surroundings) -> Iterator[Finding]:
    """``other`` outside the ``when``, and ``this`` outside the ``other_when``, of a relation (``with``, ``without``).

    Windows with a name may mention either; it is their use that counts.
    """
    for name in type(spec).model_fields:
        if name == "windows":
            continue
        for place, mentioned in _misused(getattr(spec, name), (name,), "", spec, around):
            key = {"other": "when", "this": "other_when"}[mentioned]
            what = f"'{mentioned}' means an event of a relation, and here there is none of that name"
            fix = f"mention '{mentioned}' only in the '{key}' of a relation (with, without)"
            yield Finding(place, "spec-anchor-outside-relation", what, fix)


def _misused(
    part: object, place: Place, allowed: str, spec: Definitions, around: Surroundings
) -> Iterator[tuple[Place, str]]:
    """Where ``this`` or ``other`` is mentioned inside ``part`` though it is not ``allowed`` there."""
    if isinstance(part, (WindowName, AnchorName)):
        yield from ((place, name) for name in _mentioned(part, spec, around) if name != allowed)
    elif isinstance(part, Relation):
        yield from _misused(part.events, (*place, "events"), "", spec, around)
        yield from _misused(part.when, (*place, "when"), "other", spec, around)
        yield from _misused(part.other_when, (*place, "other_when"), "this", spec, around)
    elif isinstance(part, BaseModel):
        for name, field in type(part).model_fields.items():
            yield from _misused(getattr(part, name), (*place, field.alias or name), allowed, spec, around)
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from _misused(value, (*place, key), allowed, spec, around)
    elif isinstance(part, tuple):
        for index, value in enumerate(part):
            yield from _misused(value, (*place, index), allowed, spec, around)


def _mentioned(name: WindowName | AnchorName, spec: Definitions, around: Surroundings) -> set[str]:
    """Which of ``this`` and ``other`` a name stands for, directly or as the name of a window."""
    if name in _EVENTS:
        return {str(name)}
    window = resolve(("windows", name), spec, around.shared) if isinstance(name, WindowName) else None
    return {str(part) for _, part in walk(window) if isinstance(part, AnchorName) and part in _EVENTS}


__all__ = ["check"]
