"""Times, events and criteria in words that staff read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

from measureharmony.evaluation.conjuncts import label, number_label, set_label
from measureharmony.evaluation.reference.bound import given
from measureharmony.evaluation.reference.coverage_days import days_found
from measureharmony.evaluation.reference.criteria import number_of
from measureharmony.evaluation.reference.numbers import days_of
from measureharmony.evaluation.reference.record import EVER, NEVER, Event, Time
from measureharmony.evaluation.reference.subject import Subject
from measureharmony.evaluation.reference.times import age_range
from measureharmony.evaluation.reference.truth import Truth
from measureharmony.measures.criterion import Criterion
from measureharmony.measures.event_set import EventSet, EventsRef
from measureharmony.measures.plain_words import listed, plain
from measureharmony.measures.window import Precision, WindowRef
from measureharmony.periods import EPOCH

TRUTH = {True: "yes", False: "no", None: "unknown"}


def truth(value: Truth) -> str:
    """``yes``, ``no`` or ``unknown``."""
    return TRUTH[value]


# --- times ----------------------------------------------------------------------------------------------------------


def day(number: int) -> str:
    """A day number as an ISO date."""
    if number == NEVER.day_lo:
        return "never"
    return "ever" if number == EVER.day_lo else (EPOCH + dt.timedelta(days=number)).isoformat()


def time(moment: Time, precision: Precision = "day") -> str:
    """A moment as an ISO date, both ends of a partial one, or for exact comparisons the instant in UTC."""
    if moment.is_unknown:
        return "an unknown time"
    if moment.day_lo != moment.day_hi:
        return f"{day(moment.day_lo)}..{day(moment.day_hi)}"
    if precision == "exact" and moment.ms is not None:
        instant = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=moment.ms)
        return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return day(moment.day_lo)


def stretch(event: Event) -> str:
    """When an event was: its day, or its first and last day."""
    first, last = time(event.start), time(event.end)
    if first == last or event.end.is_never or event.end.is_unknown:
        return first
    return f"until {last}" if event.start.is_unknown or event.start.is_ever else f"{first} to {last}"


def window(subject: Subject, ref: WindowRef) -> str:
    """A window's ends as dates."""
    bounds = subject.bounds(ref)
    first, last = bounds.begins, bounds.ends
    lower = "" if first is None else f"{'from' if bounds.lower_included else 'after'} {time(first)}"
    word = ("to" if lower else "until") if bounds.upper_included else "before"
    upper = "" if last is None else f"{word} {time(last)}"
    return " ".join(filter(None, (lower, upper)))


# --- events ---------------------------------------------------------------------------------------------------------


def kind(event: Event) -> str:
    """``medication order``."""
    return plain(event.kind)


def code(subject: Subject, refs: Iterable[EventsRef], event: Event) -> str:
    """The code by which an event is in one of these sets, and the value set that holds it; else all its codes."""
    for ref in refs:
        for event_set in _sources(subject, ref):
            for code_ref in event_set.codes or ():
                is_member = subject.case.codes.members(code_ref)
                found = sorted(code for system, code in event.codes.get(event_set.role, ()) if is_member(system, code))
                if found:
                    return found[0] if code_ref.is_code else f"{found[0]} ({plain(code_ref)})"
    return ", ".join(sorted({written for _, written in event.codes.get("code", ())}))


def _sources(subject: Subject, ref: EventsRef) -> Iterator[EventSet]:
    """The set, and the sets whose union it is."""
    event_set = subject.event_set(ref)
    yield event_set
    for name in event_set.from_ or ():
        yield from _sources(subject, name)


def value(event: Event) -> str:
    """The numeric result with its unit; empty where there is none."""
    return "" if event.value is None else f"{event.value:g} {event.unit or ''}".strip()


# --- criteria -------------------------------------------------------------------------------------------------------


def criterion(subject: Subject, part: Criterion) -> str:
    """What a criterion asks, with this person's dates in it, and what the person has."""
    say = _SAYINGS.get(part.type)
    return say(subject, part) if say else plain(label(part))


def _combination(text: str) -> Callable[[Subject, Criterion], str]:
    return lambda subject, part: text


def _at_least(subject: Subject, part: Criterion) -> str:
    return f"at least {given(part.at_least).n} of these"


def _age(subject: Subject, part: Criterion) -> str:
    age = given(part.age)
    at = subject.moment(age.at)
    ages = age_range(subject.record.birth, at, age.unit)
    now = "not known" if ages is None else str(ages[0]) if ages[0] == ages[1] else f"{ages[0]} or {ages[1]}"
    limits = " ".join(f"{word} {limit}" for word, limit in (("from", age.from_), ("to", age.to)) if limit is not None)
    return f"age {limits} {age.unit} on {time(at)} (is {now})"


def _sex(subject: Subject, part: Criterion) -> str:
    return f"sex is {part.sex} (stated: {subject.record.sex or 'nothing'})"


def _gender(subject: Subject, part: Criterion) -> str:
    return f"gender is {part.gender} (stated: {subject.record.gender or 'nothing'})"


def _exists(subject: Subject, part: Criterion) -> str:
    assert part.exists is not None
    return f"has {events(part.exists)}{asked_time(subject, part.exists)}"


def _count(subject: Subject, part: Criterion) -> str:
    count = given(part.count)
    rows = subject.events(count.of)
    number = len(rows) if count.distinct == "event" else len(days_of(rows))
    limits = (("at least", count.at_least), ("at most", count.at_most))
    asked = " and ".join(f"{word} {limit}" for word, limit in limits if limit is not None)
    on_days = " on different days" if count.distinct == "day" else ""
    return f"has {events(count.of)} {asked} times{on_days}{asked_time(subject, count.of)} (has {number})"


def _days_covered(subject: Subject, part: Criterion) -> str:
    asked, found = given(part.days_covered), days_found(subject, given(part.days_covered))
    limits = [f"at least {asked.at_least} days"] if asked.at_least is not None else []
    limits += [f"at least {asked.share} of the days"] if asked.share is not None else []
    left_out = f" without those of {listed(map(events, asked.except_))}" if asked.except_ else ""
    now = "these days are not known" if found is None else f"{found.covered} of {found.counted} days are"
    sets, days = listed(map(events, asked.of)), f"{window(subject, asked.within)}{left_out}"
    return f"{' and '.join(limits)} {days} are covered by {sets} ({now})"


def _number(subject: Subject, part: Criterion) -> str:
    """Such as: "share of days covered 0.76, at least 0.8"."""
    asked = given(part.number)
    bounds = " and ".join(f"{plain(name)} {bound}" for name, bound in asked.bounds.items())
    return f"{plain(number_label(asked.of))} {shown(number_of(subject, asked.of))}, {bounds}"


def shown(number: float | None) -> str:
    """A number without needless digits."""
    return "unknown" if number is None else f"{round(number, 6):.15g}"


def _enrolled(subject: Subject, part: Criterion) -> str:
    asked = given(part.enrolled)
    gaps = f", at most {asked.gaps} gaps of at most {asked.gap_days} days" if asked.gaps else " without a gap"
    anchor = f", covered on {time(subject.moment(asked.anchor))}" if asked.anchor else ""
    return f"enrolled with one payer {window(subject, asked.window)}{gaps}{anchor}"


def _moment(subject: Subject, part: Criterion) -> str:
    asked = given(part.moment)
    found = time(subject.moment(asked.point), asked.precision)
    return f"{plain(str(asked.point))} falls {window(subject, asked.in_)} (is {found})"


def _always(subject: Subject, part: Criterion) -> str:
    return "everybody" if part.always else "nobody"


_SAYINGS: dict[str, Callable[[Subject, Criterion], str]] = {
    "all": _combination("all of these"), "any": _combination("any of these"), "not_": _combination("not this"),
    "at_least": _at_least, "age": _age, "sex": _sex, "gender": _gender, "exists": _exists, "count": _count,
    "days_covered": _days_covered, "number": _number, "enrolled": _enrolled, "moment": _moment, "always": _always,
}  # fmt: skip


def events(ref: EventsRef) -> str:
    """A set of events in words."""
    return plain(set_label(ref))


def asked_time(subject: Subject, ref: EventsRef) -> str:
    """When the events of a set must be, where that does not depend on other events."""
    event_set = subject.event_set(ref)
    fixed = [timing for timing in event_set.when if not _is_relative(subject, timing.window)]
    return "".join(f", {_RELATIONS[timing.relation]} {window(subject, timing.window)}" for timing in fixed)


def _is_relative(subject: Subject, ref: WindowRef) -> bool:
    asked = subject.window(ref)
    bounds = (asked.from_, asked.after, asked.to, asked.before)
    return any(point.anchor in ("this", "other") for points in bounds for point in points or ())


_RELATIONS = {
    "start": "starting", "end": "ending", "latest": "dated", "earliest": "dated", "authored": "ordered",
    "recorded": "recorded", "whole": "all of it", "overlaps": "some of it",
}  # fmt: skip
