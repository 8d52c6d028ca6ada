"""What the changes of an overlay are checked against."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from measureharmony.measures.measure import Measure, Shared
from measureharmony.measures.yaml_lines import Place
from measureharmony.payers.parts import with_shared_parts
from measureharmony.payers.program import Program


@dataclass(frozen=True)
class Context:
    """What changes are checked against.

    ``measure`` is linked. ``program``: whose changes they are, where they are a contract's. ``value_sets`` are the
    names that exist (``None``: not asked). ``line`` gives the line of a place in the file of changes, for findings that
    speak of a second place.
    """

    measure: Measure
    shared: Mapping[str, Shared]
    program: Program | None = None
    value_sets: Collection[str] | None = None
    line: Callable[[Place], int] = lambda place: 0

    @property
    def whose(self) -> str:
        """What has the parts, in words."""
        return f"measure {self.measure.measure}" if self.measure.rates else "the whole of the shared files"

    def at(self, places: Iterable[int]) -> Context:
        """The same for some of a file's changes, of which each has its own place in the file."""
        index = list(places)

        def line(place: Place) -> int:
            return self.line(("changes", index[int(place[1])], *place[2:]) if len(place) > 1 else place)

        return replace(self, line=line)

    @cached_property
    def everything(self) -> Measure:
        """The measure beside all shared parts: what changes can speak of."""
        return with_shared_parts(self.measure, self.shared)


__all__ = ["Context"]
