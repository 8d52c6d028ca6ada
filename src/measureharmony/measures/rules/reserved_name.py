"""Some names are taken, and names with a dot belong to shared files."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.measure import Definitions
from measureharmony.measures.references import BUILT_IN, definitions
from measureharmony.measures.rules.finding import Finding, Surroundings


def check(spec: Definitions, around: Surroundings) -> Iterator[Finding]:
    """Declarations of built-in names (``period``, ``birth``, ``death`` …), and of names with a dot."""
    for part, _ in definitions(spec):
        section, name = part
        if name in BUILT_IN.get(section, ()):
            what = f"'{name}' has a meaning of its own and cannot be declared under {section}"
            yield Finding(part, "spec-reserved-name", what, "choose another name")
        elif section == "anchors" and name in ("start", "end"):
            what = f"an anchor cannot be called '{name}': points end in .start and .end"
            yield Finding(part, "spec-reserved-name", what, "choose another name")
        elif "." in name:
            what = f"'{name}' has a dot, which stands between a shared file and its part"
            fix = f"call it '{name.replace('.', '_')}', or declare '{name.rpartition('.')[2]}' in the shared file"
            yield Finding(part, "spec-reserved-name", what, fix)


__all__ = ["check"]
