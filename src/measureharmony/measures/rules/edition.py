"""A measure and the shared files it uses belong to one edition."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.measure import Definitions, Measure, Shared
from measureharmony.measures.references import references
from measureharmony.measures.rules.finding import Finding, Surroundings


def check(spec: Definitions, around: Surroundings) -> Iterator[Finding]:
    """The first use of each shared file of another edition."""
    if not isinstance(spec, (Measure, Shared)):
        return
    told: set[str] = set()
    for reference in references(spec):
        file, dot, _ = reference.name.partition(".")
        shared = around.shared.get(file) if dot else None
        if shared is None or file in told or shared.edition == spec.edition:
            continue
        told.add(file)
        what = f"this file is of edition {spec.edition}, but shared/{file} is of edition {shared.edition}"
        yield Finding(reference.place, "spec-edition", what, "use the shared file of the same edition")


__all__ = ["check"]
