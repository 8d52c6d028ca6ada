"""A file is called after what it holds."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.measure import Definitions, Measure, Shared
from measureharmony.measures.rules.finding import Finding, Surroundings


def check(spec: Definitions, around: Surroundings) -> Iterator[Finding]:
    """A measure or shared file whose key is not its file name."""
    kind, key = "", ""
    if isinstance(spec, Measure):
        kind, key = "measure", spec.measure
    elif isinstance(spec, Shared):
        kind, key = "shared", spec.shared
    if key != around.stem:
        what = f"the file holds '{kind}: {key}', but it is called {around.stem}.yaml"
        yield Finding((kind,), "spec-file-name", what, f"call the file {key}.yaml, or correct the key")


__all__ = ["check"]
