"""Sets of events: where they start from, how filters narrow them, and how steps choose among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from measureharmony.evaluation.reference.bound import as_whole, given
from measureharmony.evaluation.reference.filters import all_fit, has_code, has_word, passes, usable_value
from measureharmony.evaluation.reference.record import Event, source_order
from measureharmony.evaluation.reference.times import DAY_MS, moment_of
from measureharmony.evaluation.reference.truth import Truth, conjunction
from measureharmony.measures.event_set import EventSet, Step
from measureharmony.measures.window import PointOfEvent

if TYPE_CHECKING:
    from measureharmony.evaluation.reference.subject import Subject

Events = tuple[Event, ...]


def select(subject: Subject, event_set: EventSet) -> Events:
    """The set's events: retrieved, narrowed, chosen; in the source's order."""
    rows = tuple(row for row in retrieved(subject, event_set) if kept(subject, event_set, row) is True)
    return chosen(event_set, rows)


# --- where a set starts from ----------------------------------------------------------------------------------------


def retrieved(subject: Subject, event_set: EventSet) -> Events:
    """The rows a set starts from, before its filters, in the source's order."""
    if event_set.from_ is not None:
        return union(subject.events(name) for name in event_set.from_)
    rows = (row for row in subject.visible if row.not_done == event_set.not_done)
    if event_set.components_of is not None:
        panels = {panel.event_id for panel in subject.events(event_set.components_of)}
        rows = (row for row in rows if row.parent_id in panels)
    else:
        rows = (row for row in rows if row.kind in given(event_set.kind))
    return tuple(row for row in rows if _coded(subject, event_set, row))


def union(sets: Iterable[Events]) -> Events:
    """The events of several sets; an event counts once."""
    rows = {row.event_id: row for rows in sets for row in rows}
    return tuple(sorted(rows.values(), key=source_order))


def _coded(subject: Subject, event_set: EventSet, row: Event) -> bool:
    """Without ``codes``: all."""
    return event_set.codes is None or has_code(subject, row, event_set.role, event_set.codes)


# --- filters --------------------------------------------------------------------------------------------------------


def kept(subject: Subject, event_set: EventSet, row: Event) -> Truth:
    """``type``, ``when`` and ``where`` are all conditions on one row; a row stays only where they are true."""
    typed = True if event_set.type is None else has_word(row.types, event_set.type)
    timed = all_fit(subject, event_set.when, row)
    return conjunction((typed, timed, *(passes(subject, ref, row) for ref in event_set.where)))


# --- choosing -------------------------------------------------------------------------------------------------------


def chosen(event_set: EventSet, rows: Events) -> Events:
    """What is left after each step of ``take``."""
    for step in event_set.take:
        rows = _STEPS[step.choice](step, rows)
    return rows


def _first(step: Step, rows: Events) -> Events:
    """The one event with the earliest such moment; ties: the one that comes first in the source's order."""
    point: PointOfEvent = given(step.first)
    return tuple(sorted(_dated(rows, point), key=lambda row: _sort_moment(row, point))[:1])


def _last(step: Step, rows: Events) -> Events:
    return last_of(rows, given(step.last))


def last_of(rows: Events, point: PointOfEvent) -> Events:
    """The one event with the latest such moment; ties: the one that comes last in the source's order."""
    return tuple(sorted(_dated(rows, point), key=lambda row: _sort_moment(row, point))[-1:])


def _first_day(step: Step, rows: Events) -> Events:
    """All events on the earliest calendar day of that moment."""
    point: PointOfEvent = given(step.first_day)
    dated = _dated(rows, point)
    day = min((moment_of(row, point).day_lo for row in dated), default=None)
    return tuple(row for row in dated if moment_of(row, point).day_lo == day)


def _last_day(step: Step, rows: Events) -> Events:
    """All events on the latest calendar day of that moment."""
    point: PointOfEvent = given(step.last_day)
    dated = _dated(rows, point)
    day = max((moment_of(row, point).day_lo for row in dated), default=None)
    return tuple(row for row in dated if moment_of(row, point).day_lo == day)


def _dated(rows: Events, point: PointOfEvent) -> Events:
    """Events whose moment is unknown are left out."""
    return tuple(row for row in rows if not moment_of(row, point).is_unknown)


def _sort_moment(row: Event, point: PointOfEvent) -> int:
    """Moments order by instant; a date alone sorts as the beginning of its day, a partial date as its earliest day."""
    time = moment_of(row, point)
    return time.day_lo * DAY_MS if time.ms is None else time.ms


def _lowest(step: Step, rows: Events) -> Events:
    """The one event with the smallest number; ties: the one that comes first in the source's order."""
    return _extreme(step, rows, lambda number: number)


def _highest(step: Step, rows: Events) -> Events:
    """The one event with the greatest number; ties: the one that comes first in the source's order."""
    return _extreme(step, rows, lambda number: -number)


def _extreme(step: Step, rows: Events, rank: Callable[[float], float]) -> Events:
    """``missing`` says whether events without a usable number go before all others, or after them."""
    numbers = [(row, _number(step, row)) for row in rows]
    without = [row for row, number in numbers if number is None]
    ordered = sorted(((row, n) for row, n in numbers if n is not None), key=lambda pair: rank(pair[1]))
    with_number = [row for row, _ in ordered]
    ranked = without + with_number if step.missing == "first" else with_number + without
    return tuple(ranked[:1])


def _spaced(step: Step, rows: Events) -> Events:
    """The earliest event, then each next one at least so many calendar days after the one kept before it."""
    point: PointOfEvent = given(step.spaced)
    apart = given(as_whole(step.days))
    kept: list[Event] = []
    for row in sorted(_dated(rows, point), key=lambda row: _sort_moment(row, point)):
        if not kept or moment_of(row, point).day_lo >= moment_of(kept[-1], point).day_lo + apart:
            kept.append(row)
    return tuple(sorted(kept, key=source_order))


def _chain(step: Step, rows: Events) -> Events:
    """The first or the last event of each chain: of events that start so many days after all before them have ended."""
    apart = given(as_whole(step.days))
    chains: list[list[Event]] = []
    for row in sorted((row for row in rows if row.days_are_known), key=lambda row: _sort_moment(row, "start")):
        if chains and row.start.day_lo <= max(event.end.day_lo for event in chains[-1]) + apart:
            chains[-1].append(row)
        else:
            chains.append([row])
    if step.chain == "first":
        kept = [chain[0] for chain in chains]
    else:
        kept = [row for chain in chains for row in last_of(tuple(sorted(chain, key=source_order)), "end")]
    return tuple(sorted(kept, key=source_order))


def _number(step: Step, row: Event) -> float | None:
    of = step.lowest or step.highest
    return row.days_supply if of == "days_supply" else usable_value(row, step.unit)


_STEPS: dict[str, Callable[[Step, Events], Events]] = {
    "first": _first, "last": _last, "first_day": _first_day, "last_day": _last_day, "lowest": _lowest,
    "highest": _highest, "spaced": _spaced, "chain": _chain,
}  # fmt: skip
