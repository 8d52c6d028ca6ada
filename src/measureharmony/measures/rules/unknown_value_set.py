"""A value set that a spec names must be known."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.measure import Definitions
from measureharmony.measures.names import CodeRef, Model, walk
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.shape import nearest


def check(spec: Definitions | Model, around: Surroundings) -> Iterator[Finding]:
    """Names of value sets that are in no file."""
    if around.value_sets is None:
        return
    for place, part in walk(spec):
        if isinstance(part, CodeRef) and not part.is_code and part not in around.value_sets:
            close = nearest(part, around.value_sets)
            fix = f"did you mean '{close}'?" if close else f"add the file value_sets/{part}.yaml"
            yield Finding(place, "spec-unknown-value-set", f"there is no value set '{part}'", fix)


__all__ = ["check"]
