"""From contracts to what is asked of a practice: each program's rule on its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from measureharmony.attribution.asked import Asked, AttributionFunction
from measureharmony.attribution.plug_ins import registered_rule, registered_rules
from measureharmony.errors import UsageError
from measureharmony.payers.attribution_rule import DEFAULT_RULE, AttributionRule, AttributionTerms
from measureharmony.payers.program import Program
from measureharmony.payers.variant import CANONICAL
from measureharmony.periods import Period

Rules: TypeAlias = Mapping[str, AttributionRule]
#: A rule by its name, as data, or as a function.
AnyRule: TypeAlias = str | AttributionRule | AttributionFunction


def questions(
    programs: Iterable[Program], rules: Rules, year: int, as_of: dt.date | None = None, rule: AnyRule | None = None
) -> tuple[Asked, ...]:
    """The practice as a whole, then each program: on the last day of the period, or on ``as_of`` if that is earlier.

    A program's roster comes first, then its rule. With ``rule``, that one counts for all of them instead of rosters.
    The practice's own groups, for the practice as a whole, are those that any program names. :class:`UsageError` for a
    rule that is not there.
    """
    contracts = tuple(programs)
    groups = tuple(dict.fromkeys(group for one in contracts for group in one.attribution.groups))
    whole = (CANONICAL, Period.calendar_year(year).end, None, AttributionTerms(groups=groups))
    every = [whole, *((one.program, one.period.period(year).end, one.own, one.attribution) for one in contracts)]
    asked = []
    for program, end, own, terms in every:
        day = min(end, as_of) if as_of else end
        found, function, name = _rule(rules, terms, rule)
        roster = None if rule is not None or program == CANONICAL else terms.roster or program
        asked.append(Asked(program, day, own, found, name, terms.groups, function, roster, as_of))
    return tuple(asked)


def _rule(
    rules: Rules, terms: AttributionTerms, rule: AnyRule | None
) -> tuple[AttributionRule, AttributionFunction | None, str]:
    """The rule as the program changes it, or ``rule`` as it stands; the function in its place; its name."""
    if isinstance(rule, AttributionRule):
        return rule, None, rule.attribution_rule
    if rule is not None and not isinstance(rule, str):
        return rules[DEFAULT_RULE], rule, getattr(rule, "__name__", "function")
    name = rule or terms.rule
    if name in rules:
        found = rules[name]
        return (found if rule else found.changed(terms)), None, name
    function = registered_rule(name)
    if function is None:
        known = ", ".join(sorted({*rules, *registered_rules()}))
        raise UsageError(f"There is no attribution rule {name}. There are: {known}.")
    default = rules[DEFAULT_RULE]
    return (default if rule else default.changed(terms)), function, name


__all__ = ["AnyRule", "questions"]
