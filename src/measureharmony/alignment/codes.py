"""What is known about codes: which references of a spec hold which others, and which code to give somebody made up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from measureharmony.evaluation.terminology import STAND_IN_SYSTEM
from measureharmony.value_sets import CodeSystems, ValueSet, ValueSets, parse_code, shipped_systems

#: System (URI; empty: none is stated) and code.
Coding = tuple[str, str]


class CodeFacts:
    """Facts about the references (``hba1c``, ``LOINC|4548-4``, ``*|EMER``) that specs make to codes.

    Of a set that is not complete nobody knows what else it holds, so that it is in no other set.
    """

    def __init__(self, value_sets: ValueSets, systems: CodeSystems | None = None):
        self._value_sets = value_sets
        self._systems = systems or shipped_systems()
        self._contained: dict[tuple[str, str], bool] = {}
        self._classes: dict[frozenset[str], Mapping[str, tuple[frozenset[str], ...]]] = {}

    def holds(self, wider: str, narrower: str) -> bool:
        """Every code that ``narrower`` matches, ``wider`` matches too, whatever else may be loaded."""
        if (wider, narrower) not in self._contained:
            self._contained[wider, narrower] = wider == narrower or self._holds(wider, narrower)
        return self._contained[wider, narrower]

    def classes(self, refs: Collection[str]) -> Mapping[str, tuple[frozenset[str], ...]]:
        """For each of the references, which others match a code of its, too: one set for each sort of code.

        Sorts that entail all of another sort are left out. A set without any known code has one sort: codes of its own.
        """
        key = frozenset(refs)
        if key not in self._classes:
            self._classes[key] = {ref: self._sorts(ref, key) for ref in sorted(key)}
        return self._classes[key]

    def _sorts(self, ref: str, refs: frozenset[str]) -> tuple[frozenset[str], ...]:
        known = {
            frozenset(other for other in refs if other == ref or self._matches(other, system or None, code))
            for system, code in self._known(ref)
        }
        least = [sort for sort in known if not any(other < sort for other in known)]
        return tuple(sorted(least, key=sorted)) or (frozenset({ref}),)

    def related(self, one: str, other: str) -> bool:
        """One of the two holds the other."""
        return self.holds(one, other) or self.holds(other, one)

    def _holds(self, wider: str, narrower: str) -> bool:
        if "|" in narrower:
            system, code = parse_code(narrower, self._systems)
            return self._matches(wider, system, code)
        inner = self._value_sets[narrower]
        if inner.completeness != "complete" or inner.is_empty:
            return False
        if not all(self._matches(wider, system, code) for system, code in inner.codes):
            return False
        outer = None if "|" in wider else self._value_sets[wider]
        return all(outer is not None and _begins(outer, system, start) for system, start in inner.patterns)

    def _matches(self, ref: str, system: str | None, code: str) -> bool:
        """Whether a coding (``None``: of any system) is surely meant by ``ref``."""
        if "|" in ref:
            wanted_system, wanted = parse_code(ref, self._systems)
            return wanted == code and wanted_system in (None, system)
        return system is not None and self._value_sets[ref].contains(system, code)

    # --- codes for somebody made up -------------------------------------------------------------------------------

    def codings(self, wanted: Collection[str], refused: Collection[str]) -> tuple[Coding, ...] | None:
        """Codings that all of ``wanted`` match, and none of ``refused``; ``None`` where no such codes are known.

        A set without any known code is stood in for by its name, as worked people write it.
        """
        chosen: dict[Coding, None] = {}
        for ref in sorted(wanted, key=lambda ref: ("|" not in ref, ref)):
            if any(self._matches(ref, system or None, code) for system, code in chosen):
                continue
            coding = next((c for c in self._known(ref) if not self._refused(c, refused)), None)
            if coding is None and not self._is_unknown(ref):
                return None
            chosen[coding or (STAND_IN_SYSTEM, ref)] = None
        return tuple(chosen)

    def name_of(self, coding: Coding) -> str:
        """A coding as specs write it: ``LOINC 4548-4``; a stand-in by the name of its set."""
        system, code = coding
        if system == STAND_IN_SYSTEM:
            return code
        return f"{self._names.get(system, system)} {code}".strip()

    @cached_property
    def _names(self) -> dict[str, str]:
        return {system.uri: system.name for system in self._systems.systems}

    def _refused(self, coding: Coding, refused: Collection[str]) -> bool:
        return any(self._matches(ref, coding[0] or None, coding[1]) for ref in refused)

    def _known(self, ref: str) -> Iterator[Coding]:
        if "|" in ref:
            system, code = parse_code(ref, self._systems)
            yield (system or "", code)
            return
        known = self._value_sets[ref]
        yield from sorted(known.codes)
        yield from sorted(known.patterns)

    def _is_unknown(self, ref: str) -> bool:
        return "|" not in ref and self._value_sets[ref].is_empty


def _begins(outer: ValueSet, system: str, start: str) -> bool:
    return any(system == uri and start.startswith(beginning) for uri, beginning in outer.patterns)


__all__ = ["CodeFacts", "Coding"]
