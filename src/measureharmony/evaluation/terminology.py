"""Which codes a plan looks for: every set of codes its matches name, spelt out as (system, code) pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from measureharmony.evaluation.nodes import Match
from measureharmony.value_sets import CodeSystems, ValueSet, ValueSets, parse_code, shipped_systems

#: System and code by which worked people stand for "some code of this value set".
STAND_IN_SYSTEM = "urn:measureharmony:value-set"

Group = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Terminology:
    """Value sets and code systems to look codes up in.

    With ``stand_ins``, the name of a value set, in :data:`STAND_IN_SYSTEM`, is one of its codes.
    """

    value_sets: ValueSets | Mapping[str, ValueSet]
    systems: CodeSystems
    stand_ins: bool = False

    @classmethod
    def of(cls, value_sets: ValueSets, *, stand_ins: bool = False) -> Terminology:
        """The terminology of ``value_sets`` with the shipped code systems."""
        return cls(value_sets, shipped_systems(), stand_ins)

    def members(self, ref: str) -> ValueSet:
        """What one reference of a spec (a value set's name, or ``SYSTEM|code``) matches. ``KeyError``: no such set."""
        if "|" in ref:
            system, code = parse_code(ref, self.systems)
            return ValueSet(ref, "", ref, frozenset({(system or "*", code)}))
        found = self.value_sets[ref]
        if not self.stand_ins:
            return found
        return ValueSet(
            found.name, found.oid, found.title, found.codes | {(STAND_IN_SYSTEM, found.name)}, found.patterns
        )


@dataclass(frozen=True)
class CodeTable:
    """The codes of each group of a plan: parallel columns, one entry per (group, role, system, code).

    A ``system`` of ``*`` matches whatever the system. ``prefix`` says that ``code`` is a beginning.
    """

    groups: tuple[Group, ...]
    group: list[int]
    role: list[str]
    system: list[str]
    code: list[str]
    prefix: list[bool]


def code_table(matches: Iterable[Match], terminology: Terminology) -> CodeTable:
    """The code table of every different (role, codes) that ``matches`` look for, in order of first use."""
    groups = tuple(dict.fromkeys((m.role, m.codes) for m in matches if m.codes is not None))
    table = CodeTable(groups, [], [], [], [], [])
    for number, (role, refs) in enumerate(groups):
        members = [terminology.members(ref) for ref in refs]
        exact = sorted(set().union(*(m.codes for m in members)))
        begun = sorted({pattern for m in members for pattern in m.patterns})
        for pairs, prefix in ((exact, False), (begun, True)):
            for system, code in pairs:
                table.group.append(number)
                table.role.append(role)
                table.system.append(system)
                table.code.append(code)
                table.prefix.append(prefix)
    return table
