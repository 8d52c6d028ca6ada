"""Which codings a spec's code references mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from measureharmony.measures.names import CodeRef
from measureharmony.value_sets import CodeSystems, ValueSets, parse_code, shipped_systems

#: Whether a coding (system, code) is meant.
Membership = Callable[[str | None, str], bool]


class CodeLookup(Protocol):
    """Knows what a value set's name, ``SYSTEM|code`` or ``*|code`` stands for."""

    def members(self, code_ref: CodeRef) -> Membership:
        """The test for one reference; ``KeyError`` when there is no such value set."""


class LoadedCodes:
    """The code lookup over loaded value sets. Data may spell a code system in any way that ``systems`` knows."""

    def __init__(self, value_sets: ValueSets, systems: CodeSystems | None = None):
        self._value_sets = value_sets
        self._systems = systems or shipped_systems()

    def members(self, code_ref: CodeRef) -> Membership:
        """Codings of the value set, or the one code (of any system for ``*|code``)."""
        if not code_ref.is_code:
            value_set = self._value_sets[code_ref]
            return lambda system, code: system is not None and value_set.contains(self._systems.canonical(system), code)
        wanted_system, wanted_code = parse_code(code_ref, self._systems)
        if wanted_system is None:
            return lambda _, code: code == wanted_code
        return lambda system, code: (
            code == wanted_code and system is not None and self._systems.canonical(system) == wanted_system
        )
