"""Strata are told apart by their ids."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.measure import Definitions, Measure
from measureharmony.measures.rules.finding import Finding, Surroundings


def check(spec: Definitions, around: Surroundings) -> Iterator[Finding]:
    """Strata with the id of an earlier stratum."""
    seen: set[str] = set()
    for index, stratum in enumerate(spec.strata if isinstance(spec, Measure) else ()):
        if stratum.id in seen:
            what = f"two strata have the id '{stratum.id}'"
            yield Finding(("strata", index, "id"), "spec-duplicate-id", what, "give each its own id")
        seen.add(stratum.id)


__all__ = ["check"]
