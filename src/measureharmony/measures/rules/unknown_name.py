"""A name must be declared: in the same file, or in a shared file as ``file.name``."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.measure import SECTIONS, Definitions
from measureharmony.measures.references import BUILT_IN, Reference, lookup, references, resolve
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.shape import nearest, suggestion


def check(spec: Definitions, around: Surroundings) -> Iterator[Finding]:
    """Names of windows, anchors, filters, events and criteria that nothing declares."""
    for reference in references(spec):
        if reference.section == "parameters" or reference.is_built_in:
            continue
        if resolve(reference.part, spec, around.shared) is not None:
            continue
        if reference.name.partition(".")[0] in around.broken:
            continue
        what = f"'{reference.name}' is not declared under {reference.section}"
        yield Finding(reference.place, "spec-unknown-name", what, fix(reference, spec, around))


def fix(reference: Reference, spec: Definitions, around: Surroundings) -> str:
    """What the author may have meant."""
    section, name = reference.part
    elsewhere = [other for other in SECTIONS if lookup((other, name), spec) is not None]
    if elsewhere:
        return f"'{name}' is declared under {elsewhere[0]}; here a name under {section} is needed"
    file, dot, own_name = name.partition(".")
    if dot and file not in around.shared:
        files = {*around.shared, *around.broken}
        return f"there is no shared file '{file}'; {suggestion(file, files, 'there are none at all')}"
    if dot:
        there = getattr(around.shared[file], section)
        close = nearest(own_name, there)
        none = f"shared/{file} declares no {section}"
        return f"did you mean '{file}.{close}'?" if close else suggestion(own_name, there, none)
    own = {*getattr(spec, section), *BUILT_IN.get(section, ())}
    in_shared = [f"{file}.{name}" for file, found in sorted(around.shared.items()) if lookup((section, name), found)]
    if nearest(name, own) is None and in_shared:
        return f"did you mean '{in_shared[0]}'?"
    return suggestion(name, own, f"declare it under {section}")


__all__ = ["check", "fix"]
