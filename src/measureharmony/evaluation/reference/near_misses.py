"""Events that almost counted, and what kept them out, in words.

A near miss is a row that a set of events starts from (right kind, right code) but does not keep: because of its time,
its value, its status, its source, or because it was not known yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from measureharmony.evaluation.conjuncts import set_label
from measureharmony.evaluation.reference import words
from measureharmony.evaluation.reference.bound import given
from measureharmony.evaluation.reference.enrolment import Asked, Days, cover, days_asked, gaps, is_covered, length
from measureharmony.evaluation.reference.events import kept, retrieved
from measureharmony.evaluation.reference.filters import (
    KEYS,
    daily_dose,
    given_keys,
    has_word,
    passes,
    related,
    result_type,
    usable_value,
    within,
)
from measureharmony.evaluation.reference.record import Event
from measureharmony.evaluation.reference.subject import Subject
from measureharmony.evaluation.reference.times import Bounds, Comparison, age_range, moment_of, timing_comparisons
from measureharmony.measures.criterion import Enrolled
from measureharmony.measures.event_set import EventSet, EventsRef, FilterRef, Number, NumberTest, RowFilter
from measureharmony.measures.plain_words import listed, plain
from measureharmony.measures.window import Timing

#: Says in words why one key of a row filter is not true for an event.
Reason = Callable[[Subject, RowFilter, Event], list[str]]

#: An event, and why it did not count.
NearMiss = tuple[Event, str]


def near_misses(subject: Subject, ref: EventsRef, accepted_sources: tuple[str, ...] | None) -> list[NearMiss]:
    """The rows that nearly are in a set, each once, in the order found.

    ``accepted_sources`` are those to which ``subject`` is restricted.
    """
    inside = {event.event_id for event in subject.events(ref)}
    unrestricted = Subject(subject.record, replace(subject.case, as_of=None))
    seen = {event.event_id: event for event in subject.visible}
    found: dict[str, NearMiss] = {}
    for event, reason in _rejected(subject, unrestricted, ref):
        if event.event_id not in seen:
            reason = _not_seen(event, accepted_sources)
        if event.event_id not in inside:
            found.setdefault(event.event_id, (event, reason))
    return list(found.values())


def _not_seen(event: Event, accepted_sources: tuple[str, ...] | None) -> str:
    if accepted_sources is not None and event.source not in accepted_sources:
        return f"its source is {event.source}, and only {listed(accepted_sources)} counts here"
    received = "" if event.received_day is None else f": it was received on {words.day(event.received_day)}"
    return f"it was not known by then{received}"


def _rejected(subject: Subject, unrestricted: Subject, ref: EventsRef) -> Iterator[NearMiss]:
    """The rows of a set, and of the sets it is built from, that their filters or choice leave out."""
    event_set = subject.event_set(ref)
    for name in event_set.from_ or ([event_set.components_of] if event_set.components_of else ()):
        yield from _rejected(subject, unrestricted, name)
    chosen = {event.event_id for event in subject.events(ref)}
    for event in retrieved(unrestricted, event_set):
        if event.event_id not in chosen:
            yield event, _why_left_out(subject, event_set, event)


def _why_left_out(subject: Subject, event_set: EventSet, event: Event) -> str:
    if kept(subject, event_set, event) is True:
        step = next(iter(event_set.take), None)
        return f"another one was chosen ({plain(step.choice)})" if step else "it does not count"
    reasons = [reason for timing in event_set.when for reason in _untimely(subject, timing, event)]
    if event_set.type is not None and not has_word(event.types, event_set.type):
        reasons.append(f"it is not of the type {listed(event_set.type)}")
    reasons += [reason for ref in event_set.where for reason in why_not(subject, ref, event)]
    return "; ".join(reasons)


def lapses(subject: Subject, criterion: Enrolled) -> list[str]:
    """Where each payer's cover leaves the days open that an enrolment rule asks for."""
    asked = days_asked(subject, criterion)
    if asked is None:
        return ["the days that should be covered are not known"]
    payers = cover(subject, criterion)
    told = [f"{payer}: {lapse}" for payer, stretches in payers.items() for lapse in _lapses(stretches, asked)]
    return told if payers else ["no coverage that counts here"]


def _lapses(stretches: list[Days], asked: Asked) -> Iterator[str]:
    for gap in gaps(stretches, asked.window):
        yield f"not covered {words.day(gap[0])} to {words.day(gap[1])} ({length(gap)} days)"
    if asked.anchor is not None and not is_covered(asked.anchor, stretches):
        yield f"not covered on {words.day(asked.anchor)}"


# --- row filters ----------------------------------------------------------------------------------------------------


def why_not(subject: Subject, ref: FilterRef, event: Event) -> list[str]:
    """Why a filter is not true for an event; empty when it is."""
    row_filter = subject.filter(ref)
    keys = [key for key in given_keys(row_filter) if KEYS[key](subject, row_filter, event) is not True]
    return [reason for key in keys for reason in _REASONS[key](subject, row_filter, event)]


def _all(subject: Subject, row_filter: RowFilter, event: Event) -> list[str]:
    return [reason for part in given(row_filter.all) for reason in why_not(subject, part, event)]


def _any(subject: Subject, row_filter: RowFilter, event: Event) -> list[str]:
    return [" and ".join(reason for part in given(row_filter.any) for reason in why_not(subject, part, event))]


def _not(subject: Subject, row_filter: RowFilter, event: Event) -> list[str]:
    ref = row_filter.not_
    assert ref is not None
    condition = "a condition that rules it out" if isinstance(ref, RowFilter) else f"'{plain(ref)}'"
    return [f"{condition} {'holds' if passes(subject, ref, event) else 'may hold'}"]


def _when(subject: Subject, row_filter: RowFilter, event: Event) -> list[str]:
    return [reason for timing in row_filter.when for reason in _untimely(subject, timing, event)]


def _untimely(subject: Subject, timing: Timing, event: Event) -> list[str]:
    """Which end of the window an event misses: ``2024-09-30 is before 2024-10-01``."""
    bounds = subject.bounds(timing.window, this=event)
    return [
        _misses(bounds, comparison, timing)
        for comparison in timing_comparisons(timing, event, bounds)
        if comparison.holds is not True
    ]


def _misses(bounds: Bounds, missed_one: Comparison, timing: Timing) -> str:
    included = bounds.lower_included if missed_one.side == "lower" else bounds.upper_included
    missed = {"lower": "before", "upper": "after"} if included else {"lower": "not after", "upper": "not before"}
    relation = missed[missed_one.side]
    shown, limit_shown = (words.time(time, timing.precision) for time in (missed_one.moment, missed_one.bound))
    if missed_one.holds is None:
        return f"it cannot be told whether {shown} is {relation} {limit_shown}"
    return f"{shown} is {relation} {limit_shown}"


def _age(subject: Subject, row_filter: RowFilter, event: Event) -> list[str]:
    ages = age_range(subject.record.birth, moment_of(event, given(row_filter.age).at))
    return ["the age then is not known" if ages is None else f"the person was {ages[0]} then"]


def _word(column: str) -> Reason:
    """Why a word test fails: ``status is preliminary, not final or amended``."""

    def say(subject: Subject, row_filter: RowFilter, event: Event) -> list[str]:
        stated = getattr(event, column) or "not stated"
        return [f"{plain(column)} is {stated}, not {listed(getattr(row_filter, column))}"]

    return say


def _several_words(key: str, column: str) -> Reason:
    def say(subject: Subject, row_filter: RowFilter, event: Event) -> list[str]:
        stated = listed(sorted(getattr(event, column) or ()), "and")
        return [f"{key} is {stated}, not {listed(getattr(row_filter, key))}"]

    return say


def _coded(subject: Subject, row_filter: RowFilter, event: Event) -> list[str]:
    coded = given(row_filter.coded)
    return [f"its {plain(coded.role)} is not {listed(plain(ref) for ref in coded.codes)}"]


def _value(subject: Subject, row_filter: RowFilter, event: Event) -> list[str]:
    test, kind = given(row_filter.value), result_type(event)
    if test.present is not None and (kind is not None) != test.present:
        return ["it has no result" if test.present else "it has a result"]
    if test.type is not None and kind not in test.type:
        return [f"its result is {kind or 'missing'}, not {listed(test.type)}"]
    number = usable_value(event, test.unit)
    if number is None:
        return [f"it has no result in {test.unit}"]
    return _beyond(f"{number:g} {test.unit}", number, test.bounds)


def _days_supply(subject: Subject, row_filter: RowFilter, event: Event) -> list[str]:
    return _out_of_bounds("days supply", event.days_supply, given(row_filter.days_supply))


def _refills(subject: Subject, row_filter: RowFilter, event: Event) -> list[str]:
    return _out_of_bounds("refills", event.refills, given(row_filter.refills))


def _daily_dose(subject: Subject, row_filter: RowFilter, event: Event) -> list[str]:
    asked = given(row_filter.daily_dose)
    return _out_of_bounds("daily dose", daily_dose(subject, asked, event), asked)


def _out_of_bounds(name: str, number: float | None, test: NumberTest) -> list[str]:
    if number is None:
        return [f"its {name} is not known"]
    return _beyond(f"{name} {number:g}", number, test.bounds)


def _beyond(shown: str, number: float, bounds: dict[str, Number]) -> list[str]:
    broken = [(name, bound) for name, bound in bounds.items() if not within(number, {name: bound})]
    return [f"{shown} is not {plain(name)} {bound}" for name, bound in broken]


def _with(subject: Subject, row_filter: RowFilter, event: Event) -> list[str]:
    return [f"no {plain(set_label(given(row_filter.with_).events))} goes with it"]


def _without(subject: Subject, row_filter: RowFilter, event: Event) -> list[str]:
    relation = given(row_filter.without)
    days = listed((words.stretch(other) for other in related(subject, relation, event)), "and")
    return [f"{plain(set_label(relation.events))} of {days} speaks against it"]


_REASONS: dict[str, Reason] = {
    "all": _all, "any": _any, "not_": _not, "when": _when, "type": _several_words("type", "types"),
    "category": _several_words("category", "categories"), "status": _word("status"), "intent": _word("intent"),
    "verification": _word("verification"), "clinical_status": _word("clinical_status"), "source": _word("source"),
    "coded": _coded, "value": _value, "days_supply": _days_supply, "refills": _refills,
    "daily_dose": _daily_dose, "age": _age, "with_": _with, "without": _without,
}  # fmt: skip
