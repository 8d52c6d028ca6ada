"""The system of a code written ``SYSTEM|code`` must be known."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.measure import Definitions
from measureharmony.measures.names import CodeRef, Model, walk
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.shape import suggestion


def check(spec: Definitions | Model, around: Surroundings) -> Iterator[Finding]:
    """Codes of systems that nobody declared; ``*`` stands for any system."""
    if around.systems is None:
        return
    for place, part in walk(spec):
        if not (isinstance(part, CodeRef) and part.is_code):
            continue
        system = part.partition("|")[0]
        if system != "*" and system not in around.systems:
            what = f"the code '{part}' is of an unknown code system '{system}'"
            yield Finding(place, "spec-unknown-code-system", what, suggestion(system, around.systems))


__all__ = ["check"]
