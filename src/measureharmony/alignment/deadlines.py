"""Numerators that nobody can reach in time: what they ask for happens after the last day on which evidence counts."""

from __future__ import annotations

import datetime as dt

from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.finding import Group
from measureharmony.alignment.logic import Formula, all_of, any_of, implies, negated
from measureharmony.alignment.rows import Row
from measureharmony.alignment.versions import Versions
from measureharmony.evaluation.columns import NEVER_ENDS
from measureharmony.harmonize import Specs
from measureharmony.measures.measure import Rate
from measureharmony.payers.variant import Variant
from measureharmony.periods import day_number

#: Nobody tells the payer of these before they are over; of others (an order, a supply) the end may lie ahead.
_DONE = ("encounter", "procedure", "observation", "immunization")


def unreachable_by(specs: Specs, variant: Variant, day: dt.date) -> tuple[str, ...]:
    """The rates of which nobody can get what is wanted by events that begin by ``day``, though later ones would do.

    What is wanted is to be counted in the numerator; of a rate of which a lower one is better, to be counted and not
    in it. A proof: the solver has looked at every possible person.
    """
    group = Group(Versions([variant]), CodeFacts(specs.value_sets))
    wanted = {rate.id: _wanted(group, rate) for rate in variant.measure.rates}
    in_time = _in_time(group, day)
    return tuple(
        rate
        for rate, formula in wanted.items()
        if group.solving.can_be(formula, in_time) == "nobody" and group.solving.can_be(formula) != "nobody"
    )


def _wanted(group: Group, rate: Rate) -> Formula:
    members = group.solving.questions.in_order(0, rate.id)
    met = members["numerator_counted"]
    is_better = group.versions.variants[0].measure.direction_of(rate) == "higher"
    return met if is_better else all_of([members["denominator_counted"], negated(met)])


def _in_time(group: Group, day: dt.date) -> Formula:
    """Whatever is there begins by the day; what is done once it has ended has ended by then, or goes on."""
    return all_of(
        implies(row.present, _row_in_time(row, day_number(day))) for row in group.solving.questions.world.rows
    )


def _row_in_time(row: Row, last: int) -> Formula:
    end = row.moment("end").lo
    ended = any_of([end <= last, end == NEVER_ENDS])
    return all_of([row.moment("start").lo <= last, implies(row.is_of_kind(_DONE), ended)])


__all__ = ["unreachable_by"]
