"""No part may refer to itself, directly or through others."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from measureharmony.measures.measure import Definitions, Shared
from measureharmony.measures.references import Part, definitions, graph
from measureharmony.measures.rules.finding import Finding, Surroundings

_Graph: TypeAlias = Mapping[Part, tuple[Part, ...]]


def check(spec: Definitions, around: Surroundings) -> Iterator[Finding]:
    """Cycles that begin in this file. One that runs through several shared files is reported in the first of them."""
    own_file = spec.shared if isinstance(spec, Shared) else ""
    graph = _edges(spec, own_file)
    if own_file:  # shared files may lead to each other and back; none leads back to a measure
        for file, shared in around.shared.items():
            graph = {**graph, **(_edges(shared, file) if file != own_file else {})}
    graph = _without_ends(graph)
    for part, _ in definitions(spec):
        start = _seen_from_outside(part, own_file)
        cycle = _cycle(graph, start)
        if cycle and start == min(cycle):
            names = " → ".join(f"{section}.{name}" for section, name in [*cycle, start])
            what = f"'{part[1]}' refers to itself: {names}"
            yield Finding(part, "spec-reference-cycle", what, "remove one of these references")


def _edges(spec: Definitions, file: str) -> _Graph:
    """Each part of a file with the parts it mentions, all by the names that other files use for them."""
    if not file:
        return graph(spec)
    return {
        _seen_from_outside(part, file): tuple(sorted(_seen_from_outside(other, file) for other in mentioned))
        for part, mentioned in graph(spec).items()
    }


def _seen_from_outside(part: Part, file: str) -> Part:
    section, name = part
    return part if not file or "." in name else (section, f"{file}.{name}")


def _without_ends(graph: _Graph) -> _Graph:
    """What is left without parts that lead nowhere, over and over: the cycles, and what leads into them."""
    left = graph
    while ends := [part for part, after in left.items() if not any(other in left for other in after)]:
        left = {part: left[part] for part in left.keys() - ends}
    return left


def _cycle(graph: _Graph, start: Part) -> list[Part]:
    """A shortest way from ``start`` back to it, without its end; empty when there is none."""
    came_from: dict[Part, Part] = {}
    waiting = deque([start])
    while waiting:
        part = waiting.popleft()
        for after in graph.get(part, ()):
            if after == start:
                return _way(came_from, start, part)
            if after not in came_from:
                came_from[after] = part
                waiting.append(after)
    return []


def _way(came_from: Mapping[Part, Part], start: Part, end: Part) -> list[Part]:
    way = [end]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]


__all__ = ["check"]
