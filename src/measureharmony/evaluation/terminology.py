"""Which codes a plan looks for: from a coding in the data to the sets of codes it belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from measureharmony.evaluation.nodes import Match
from measureharmony.evaluation.plan import Columns, EvaluationPlan
from measureharmony.measures.kept import kept
from measureharmony.value_sets import CodeSystems, ValueSet, ValueSets, parse_code, shipped_systems

#: System and code by which worked people stand for "some code of this value set".
STAND_IN_SYSTEM = "urn:measureharmony:value-set"

#: A role, and references to value sets or codes: what a :class:`Match` looks for among the codings of an event.
Group = tuple[str, tuple[str, ...]]


class Coding(NamedTuple):
    """A coding as the data have it; ``system`` is as written there, ``None`` where it is not stated."""

    role: str
    system: str | None
    code: str


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


def groups_of(matches: Iterable[Match]) -> tuple[Group, ...]:
    """The different groups of codes that are looked for."""
    return tuple(dict.fromkeys((match.role, match.codes) for match in matches if match.codes is not None))


class LookedAt(NamedTuple):
    """What a plan looks at: columns of events, sets of them, and groups of codes."""

    columns: Columns
    matches: tuple[Match, ...]
    groups: tuple[Group, ...]


@kept(8)
def looked_at(plan: EvaluationPlan, nodes: int) -> LookedAt:
    """What a plan of so many ``nodes`` looks at; kept, since saying so takes longer than looking at few people."""
    matches = tuple(plan.matches())
    return LookedAt(plan.columns(), matches, groups_of(matches))


class CodeIndex:
    """The groups of codes that a plan looks for, found from a coding: whole codes, beginnings, and any-system codes."""

    def __init__(self, groups: tuple[Group, ...], terminology: Terminology):
        self.groups = groups
        self._systems = terminology.systems
        self._whole: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        self._begun: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        for number, (role, refs) in enumerate(self.groups):
            for members in map(terminology.members, refs):
                for system, code in members.codes:
                    self._whole[role, system, code].append(number)
                for system, beginning in members.patterns:
                    self._begun[role, system, beginning].append(number)
        self._lengths = sorted({len(beginning) for _, _, beginning in self._begun})

    def groups_of(self, coding: Coding) -> list[int]:
        """The numbers of the groups that the coding belongs to, ascending."""
        found = set(self._whole.get((coding.role, "*", coding.code), ()))
        if coding.system is not None:
            uri = self._systems.canonical(coding.system)
            found.update(self._whole.get((coding.role, uri, coding.code), ()))
            for length in self._lengths:
                found.update(self._begun.get((coding.role, uri, coding.code[:length]), ()))
        return sorted(found)


@kept(8)
def code_index(terminology: Terminology, groups: tuple[Group, ...]) -> CodeIndex:
    """The index of ``groups``; kept, since all runs over the same specs look for the same."""
    return CodeIndex(groups, terminology)
