"""A value set, and the named collection of them that specs refer to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Completeness = Literal["complete", "partial", "none"]
State = Literal["complete", "partial", "missing"]
#: The source of a value set that the library ships.
SHIPPED = "shipped"


@dataclass(frozen=True)
class ValueSet:
    """A named set of codes.

    ``codes`` holds (system URI, code) pairs. ``patterns`` holds (system URI, beginning) pairs: every code of the
    system that starts so belongs to the set. ``oid`` is the published object identifier, or empty. ``source`` says
    where the codes come from (``shipped``, or the loaded file's name), ``version`` which version of the set they are;
    ``completeness`` how much of the set that ``oid`` names they cover; ``note`` why not all.
    """

    name: str
    oid: str
    title: str
    codes: frozenset[tuple[str, str]]
    patterns: tuple[tuple[str, str], ...] = ()
    source: str = ""
    completeness: Completeness = "complete"
    note: str = ""
    version: str = ""

    def contains(self, system: str, code: str) -> bool:
        """Whether the code belongs to the set; ``system`` is the canonical URI (``CodeSystems.canonical``)."""
        return (system, code) in self.codes or any(
            system == uri and code.startswith(beginning) for uri, beginning in self.patterns
        )

    @property
    def is_empty(self) -> bool:
        """True when no code at all can match."""
        return not self.codes and not self.patterns

    @property
    def is_shipped(self) -> bool:
        """True for a set of openly usable codes that came with the specs, false for one that a user loaded."""
        return self.source == SHIPPED

    @property
    def state(self) -> State:
        """``missing`` when no code at all can match, else ``complete`` or ``partial``."""
        return "missing" if self.is_empty else "complete" if self.completeness == "complete" else "partial"

    def fingerprint(self) -> str:
        """SHA-256 (hexadecimal) of what the set matches; names, titles and sources do not enter."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        lines = sorted(f"={system}|{code}" for system, code in self.codes)
        lines += sorted(f"^{system}|{beginning}" for system, beginning in self.patterns)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, eq=False, repr=False)
class ValueSets(Mapping[str, ValueSet]):
    """Value sets by name; ``[…]`` and ``in`` also take an OID. Iteration gives names, in alphabetical order."""

    sets: tuple[ValueSet, ...] = ()
    _by_name: dict[str, ValueSet] = field(init=False)
    _by_oid: dict[str, ValueSet] = field(init=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.sets, key=lambda value_set: value_set.name))
        object.__setattr__(self, "sets", ordered)
        object.__setattr__(self, "_by_name", {s.name: s for s in ordered})
        object.__setattr__(self, "_by_oid", {s.oid: s for s in ordered if s.oid})
        if len(self._by_name) < len(ordered):
            raise ValueError("two value sets of one name; merge or rename them before building ValueSets")

    def __getitem__(self, key: str) -> ValueSet:
        """The value set of this name or OID; ``KeyError`` when there is none."""
        found = self._by_name.get(key) or self._by_oid.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self.sets)

    def __repr__(self) -> str:
        partial = sum(s.completeness != "complete" for s in self.sets)
        return f"<{len(self)} value sets, {partial} of them not complete>"

    @cached_property
    def codeless(self) -> frozenset[str]:
        """The names of the sets that have no codes at all."""
        return frozenset(value_set.name for value_set in self.sets if value_set.is_empty)

    def fingerprint(self, name: str) -> str:
        """SHA-256 (hexadecimal) of what the named set matches."""
        return self[name].fingerprint()

    def overlaid(self, replacing: Iterable[ValueSet]) -> ValueSets:
        """These sets, with every given one in place of the set of its OID or name, or added."""
        replacing = tuple(replacing)
        names = {s.name for s in replacing}
        oids = {s.oid for s in replacing if s.oid}
        return ValueSets((*(s for s in self.sets if s.name not in names and s.oid not in oids), *replacing))
