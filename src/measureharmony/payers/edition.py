"""A yearly edition of a measure: its name and identifiers that year, and its changes against the measure's own file.

``canonical/editions/<year>/<measure>.yaml`` holds an :class:`Edition`. What differs in the shared files is said once
for all measures of the year, in ``canonical/editions/<year>/shared.yaml``, a :class:`SharedEdition`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from measureharmony.measures.link import link, unlinked
from measureharmony.measures.measure import SECTIONS, Identifier, Key, Measure, Populations, Shared
from measureharmony.measures.names import Model
from measureharmony.measures.references import definitions
from measureharmony.measures.window import listed
from measureharmony.payers.apply import applied
from measureharmony.payers.change import MeasureChange, PartChange
from measureharmony.payers.parts import with_shared_parts, without_unused


class Edition(Model):
    """One measure's edition of one year. An edition without changes is the measure itself.

    ``title`` and ``description``: where that edition's are others. ``identifiers`` and ``sources`` are that edition's
    own; left out, there are none, because another year's would not be true.
    """

    edition_of: Key
    edition: int
    title: str | None = None
    description: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    sources: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    updated: dt.date | None = None
    changes: tuple[MeasureChange, ...] = ()


class SharedEdition(Model):
    """What all measures of one year's edition share: changes of parts of the shared files, named ``file.part``."""

    edition: int
    description: str = ""
    changes: Annotated[tuple[PartChange, ...], Field(min_length=1)]


def edition_measure(base: Measure, edition: Edition, shared: Mapping[str, Shared]) -> Measure:
    """``base`` (linked, of another edition) as ``edition`` means it: linked with that edition's ``shared`` files.

    The changes fit (``payers.check``). No argument is altered; parts that nothing uses any more fall away.
    """
    relinked = link(unlinked(base), shared)
    if edition.changes:
        relinked = without_unused(applied(with_shared_parts(relinked, shared), edition.changes), ())
    head = {"edition": edition.edition, "identifiers": edition.identifiers, "sources": edition.sources}
    own = {name: getattr(edition, name) for name in ("title", "description") if getattr(edition, name) is not None}
    return relinked.model_copy(update={**head, **own, "updated": edition.updated})


def shared_together(shared: Mapping[str, Shared]) -> Measure:
    """Every part of the shared files, under ``file.part``, in something like a measure that counts nothing."""
    nothing = Measure.model_construct(
        measure="shared", title="", edition=0, description="", populations=Populations(), rates=()
    )
    return with_shared_parts(nothing, shared)


def changed_shared(shared: Mapping[str, Shared], edition: SharedEdition) -> dict[str, Shared]:
    """The shared files as ``edition`` has them. The changes fit; no argument is altered."""
    parts: dict[str, dict[str, dict[str, object]]] = {name: {section: {} for section in SECTIONS} for name in shared}
    for (section, name), content in definitions(applied(shared_together(shared), edition.changes)):
        file, _, own = name.partition(".")
        parts[file][section][own] = content
    return {name: old.model_copy(update={**parts[name], "edition": edition.edition}) for name, old in shared.items()}


__all__ = ["Edition", "SharedEdition", "changed_shared", "edition_measure", "shared_together"]
