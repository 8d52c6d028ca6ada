"""One check of meaning per module. Each yields findings; none raises, none knows of lines or files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from measureharmony.measures.measure import Definitions
from measureharmony.measures.people import PeopleFile
from measureharmony.measures.rules import (
    edition,
    file_name,
    impossible_bounds,
    parameter_unit,
    people_identity,
    people_links,
    people_measure,
    people_populations,
    people_rate,
    reference_cycle,
    relation_anchor,
    reserved_name,
    stratum_id,
    unknown_code_system,
    unknown_name,
    unknown_parameter,
    unknown_value_set,
    unused_part,
)
from measureharmony.measures.rules.finding import Finding, Surroundings

Rule: TypeAlias = Callable[[Definitions, Surroundings], Iterator[Finding]]
PeopleRule: TypeAlias = Callable[[PeopleFile, Surroundings], Iterator[Finding]]

#: The checks of measures and shared files.
RULES: tuple[Rule, ...] = (
    file_name.check,
    reserved_name.check,
    unknown_name.check,
    unknown_parameter.check,
    unknown_value_set.check,
    unknown_code_system.check,
    reference_cycle.check,
    relation_anchor.check,
    parameter_unit.check,
    impossible_bounds.check,
    stratum_id.check,
    edition.check,
    unused_part.check,
)
#: The checks of worked people.
PEOPLE_RULES: tuple[PeopleRule, ...] = (
    people_measure.check,
    people_identity.check,
    people_rate.check,
    people_populations.check,
    people_links.check,
    unknown_value_set.check,
    unknown_code_system.check,
)


def check(spec: Definitions, around: Surroundings) -> Iterator[Finding]:
    """Everything the rules find in a measure or shared file, as its author wrote it (not linked)."""
    for rule in RULES:
        yield from rule(spec, around)


def check_people(file: PeopleFile, around: Surroundings) -> Iterator[Finding]:
    """Everything the rules find in a file of worked people."""
    for rule in PEOPLE_RULES:
        yield from rule(file, around)


__all__ = ["PEOPLE_RULES", "RULES", "Finding", "PeopleRule", "Rule", "Surroundings", "check", "check_people"]
