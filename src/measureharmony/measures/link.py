"""Linking: a measure together with every shared part it uses."""

from __future__ import annotations

from collections.abc import Mapping

from measureharmony.measures.kept import kept
from measureharmony.measures.measure import SECTIONS, Measure, Shared
from measureharmony.measures.names import Name, ParameterName, rewrite
from measureharmony.measures.references import BUILT_IN, SECTION_OF, Part, contents, definitions, mentioned


def link(measure: Measure, shared: Mapping[str, Shared]) -> Measure:
    """``measure`` with every part it uses of the ``shared`` files, directly or through others, as ``shared.name``.

    Names that nothing declares are left as they are: ``measureharmony.measures.rules`` reports them. Neither argument
    is altered.
    """
    found: dict[Part, object] = {}
    wanted = [part for _, content in contents(measure) for part in mentioned(content)]
    while wanted:
        part = wanted.pop()
        _, name = part
        file, dot, _ = name.partition(".")
        if not dot or part in found or file not in shared:
            continue
        content = qualified_parts(shared[file], file).get(part)
        if content is None:
            continue
        found[part] = content
        wanted += mentioned(content)
    return _with_parts(measure, found)


def unlinked(measure: Measure) -> Measure:
    """``measure`` without the parts of shared files that :func:`link` brought in."""
    own = {
        section: {name: part for name, part in getattr(measure, section).items() if "." not in name}
        for section in SECTIONS
    }
    return measure.model_copy(update=own)


@kept(512)  # every measure, overlay and edition asks for them
def qualified_parts(file: Shared, name: str) -> Mapping[Part, object]:
    """The parts of a shared file under the names by which other files know them: ``name.part``."""
    return {(section, f"{name}.{part}"): qualified(content, name) for (section, part), content in definitions(file)}


def qualified(part: object, file: str) -> object:
    """A part of the shared file ``file`` as other files see it: its bare names begin with ``file.``."""

    def change(found: object) -> object:
        if isinstance(found, ParameterName):
            return found if "." in found else ParameterName(f"${file}.{found.key}")
        if not isinstance(found, Name) or "." in found or found in BUILT_IN.get(SECTION_OF[type(found)], ()):
            return found
        return type(found)(f"{file}.{found}")

    return rewrite(part, change)


def _with_parts(measure: Measure, parts: Mapping[Part, object]) -> Measure:
    """``measure`` with further definitions, in alphabetical order after its own."""
    update: dict[str, object] = {}
    for section in SECTIONS:
        new = {name: parts[section, name] for where, name in sorted(parts) if where == section}
        if new:
            update[section] = {**getattr(measure, section), **new}
    return measure.model_copy(update=update) if update else measure


__all__ = ["link", "qualified", "qualified_parts", "unlinked"]
