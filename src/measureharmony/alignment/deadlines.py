"""Numerators that nobody can reach in time: what they ask for happens after the last day on which evidence counts."""

from __future__ import annotations

import datetime as dt

from measureharmony.alignment.finding import Group
from measureharmony.alignment.logic import Formula, all_of, any_of, implies, negated
from measureharmony.alignment.rows import Row
from measureharmony.alignment.seen import Seen
from measureharmony.alignment.somebody import MadeEvent
from measureharmony.evaluation.columns import NEVER_ENDS
from measureharmony.measures.measure import Rate
from measureharmony.payers.variant import Variant
from measureharmony.periods import day_number
from measureharmony.specs import Specs

#: Nobody tells the payer of these before they are over; of others (an order, a supply) the end may lie ahead.
_DONE = ("encounter", "procedure", "observation", "immunization")


def unreachable_by(specs: Specs, variant: Variant, day: dt.date, seen: Seen | None = None) -> tuple[str, ...]:
    """The rates of which nobody can get what is wanted by events that begin by ``day``, though later ones would do.

    What is wanted is to be counted in the numerator; of a rate of which a lower one is better, to be counted and not
    in it. A proof: where no worked person gets it in time, the solver has looked at every possible person. ``seen``:
    see :func:`~measureharmony.alignment.contradictions.empty_populations`.
    """
    seen = seen or Seen(specs, [variant])
    open_ = [rate for rate in variant.measure.rates if not _is_reached(seen, variant, rate, day.isoformat())]
    if not open_:
        return ()
    group = seen.group(variant)
    wanted = {rate.id: _wanted(group, rate) for rate in open_}
    in_time = _in_time(group, day)
    return tuple(
        rate
        for rate, formula in wanted.items()
        if group.solving.can_be(formula, in_time) == "nobody" and group.solving.can_be(formula) != "nobody"
    )


def _is_reached(seen: Seen, variant: Variant, rate: Rate, day: str) -> bool:
    """Some worked person has what is wanted, and all of it by the day."""
    places = ("numerator_counted",) if _is_better_above(variant, rate) else ("denominator_counted", "numerator_counted")
    people = seen.people(variant, rate.id, *places)
    return any(all(_happened_by(event, day) for event in somebody.events) for somebody in people)


def _happened_by(event: MadeEvent, day: str) -> bool:
    """It begins by a known day; what is done once it has ended says no end, or one by then."""
    start, end = (event.cells.get(column, "")[:10] for column in ("start", "end"))
    ended = event.cells["kind"] not in _DONE or end <= day
    return len(start) == len(day) and start <= day and ended


def _is_better_above(variant: Variant, rate: Rate) -> bool:
    return variant.measure.direction_of(rate) == "higher"


def _wanted(group: Group, rate: Rate) -> Formula:
    members = group.solving.questions.in_order(0, rate.id)
    met = members["numerator_counted"]
    above = _is_better_above(group.versions.variants[0], rate)
    return met if above else all_of([members["denominator_counted"], negated(met)])


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
