"""A declared part that no population, rate or stratum asks for is probably a leftover."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.measure import Definitions, Measure
from measureharmony.measures.references import (
    Part,
    definitions,
    lookup,
    mentioned,
    outside_definitions,
    references,
    resolve,
)
from measureharmony.measures.rules.finding import Finding, Surroundings


def check(spec: Definitions, around: Surroundings) -> Iterator[Finding]:
    """Parts of a measure that nothing reaches. Shared files may hold parts for measures to come."""
    if not isinstance(spec, Measure):
        return
    named = [reference for reference in references(spec) if not reference.is_built_in]
    if any(resolve(reference.part, spec, around.shared) is None for reference in named):
        return  # a misspelt name would leave what it means unused
    used: set[Part] = set()
    waiting = [other for _, part in outside_definitions(spec) for other in mentioned(part)]
    while waiting:
        part = waiting.pop()
        if part not in used:
            used.add(part)
            waiting += mentioned(lookup(part, spec))
    for part, _ in definitions(spec):
        if part not in used:
            what = f"'{part[1]}' is declared under {part[0]}, but nothing uses it"
            yield Finding(part, "hint-unused", what, "remove it, or refer to it")


__all__ = ["check"]
