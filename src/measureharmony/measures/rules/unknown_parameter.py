"""``$name`` must be declared under ``parameters``."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.measure import Definitions
from measureharmony.measures.references import references, resolve
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.rules.unknown_name import fix


def check(spec: Definitions, around: Surroundings) -> Iterator[Finding]:
    """Parameters that nothing declares."""
    for reference in references(spec):
        if reference.section != "parameters" or reference.name.partition(".")[0] in around.broken:
            continue
        if resolve(reference.part, spec, around.shared) is None:
            what = f"the parameter '${reference.name}' is not declared under parameters"
            yield Finding(reference.place, "spec-unknown-parameter", what, fix(reference, spec, around))


__all__ = ["check"]
