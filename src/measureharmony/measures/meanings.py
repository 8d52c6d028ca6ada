"""Parts of measures with what the names in them mean: what many versions of a measure share is looked at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from measureharmony.measures.criterion import Enrolled
from measureharmony.measures.kept import kept
from measureharmony.measures.measure import Definitions, EndOfCoverage
from measureharmony.measures.names import CodeRef, Name, pieces
from measureharmony.measures.references import SECTION_OF, Part, definitions, lookup


@dataclass(frozen=True, eq=False)
class Meaning:
    """A part of a measure, and what each name in it means.

    ``value_sets``: those that it reads, itself or through names; ``own_coverage``: whether it asks, itself or through
    names, for coverage by the program's own payer.
    """

    part: object
    names: Mapping[Part, Meaning]
    value_sets: frozenset[str]
    own_coverage: bool = False


class Meanings:
    """What the parts of many measures mean.

    Parts that are the same object, and whose names mean the same, mean the same: there is one meaning for all of them,
    whatever measures they belong to. Programs' versions of a measure share nearly all parts.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], Meaning] = {}
        # What is known by the number of an object is kept with it, so that nothing else gets its number.
        self._same: dict[tuple[tuple[Part, int], ...], MeasureMeanings] = {}
        self._asked: dict[int, tuple[Definitions, MeasureMeanings]] = {}

    def __reduce__(self) -> tuple[type[Meanings], tuple[()]]:
        """Objects have other numbers in another process, so nothing known is sent there."""
        return Meanings, ()

    def of_measure(self, measure: Definitions) -> MeasureMeanings:
        """What the parts of a measure mean."""
        asked = self._asked.get(id(measure))
        if asked is None:
            parts = tuple((named, id(part)) for named, part in definitions(measure))
            found = self._same.get(parts) or self._same.setdefault(parts, MeasureMeanings(self, measure))
            asked = self._asked[id(measure)] = measure, found
        return asked[1]

    def of(self, part: object, names: Mapping[Part, Meaning]) -> Meaning:
        """The meaning of a part, whose names (those of :func:`mentions`, in that order) mean ``names``."""
        key = (id(part), *map(id, names.values()))
        found = self._known.get(key)
        if found is None:
            said, meant = mentions(part), names.values()
            value_sets = said.value_sets.union(*(meaning.value_sets for meaning in meant))
            own_coverage = said.own_coverage or any(meaning.own_coverage for meaning in meant)
            found = self._known[key] = Meaning(part, names, value_sets, own_coverage)
        return found


class MeasureMeanings:
    """What the parts of one linked measure mean, and of all that declare the very same parts."""

    def __init__(self, meanings: Meanings, measure: Definitions):
        self._meanings, self._measure = meanings, measure
        self._named: dict[Part, Meaning] = {}
        self._known: dict[int, Meaning] = {}

    def of(self, part: object) -> Meaning:
        """The meaning of a part, named or not."""
        found = self._known.get(id(part))
        if found is None:
            names = {named: self._of_named(named) for named in mentions(part).parts}
            found = self._known[id(part)] = self._meanings.of(part, names)
        return found

    def _of_named(self, named: Part) -> Meaning:
        if named not in self._named:
            self._named[named] = self.of(lookup(named, self._measure))
        return self._named[named]


class Mentions(NamedTuple):
    """What a part says itself: value sets, named parts, and whether it asks for coverage by the program's payer."""

    value_sets: frozenset[str]
    parts: tuple[Part, ...]
    own_coverage: bool


@kept(20_000)
def mentions(part: object) -> Mentions:
    """What a part mentions itself, names in alphabetical order."""
    sets, parts, own_coverage = set(), set(), False
    for _, found in pieces(part):
        if isinstance(found, CodeRef) and not found.is_code:
            sets.add(str(found))
        elif isinstance(found, Name) and type(found) in SECTION_OF:
            parts.add((SECTION_OF[type(found)], str(found)))
        elif isinstance(found, (Enrolled, EndOfCoverage)):
            own_coverage = own_coverage or found.payer == "own"
    return Mentions(frozenset(sets), tuple(sorted(parts)), own_coverage)


__all__ = ["Meaning", "Meanings", "MeasureMeanings", "Mentions", "mentions"]
