"""Conditions on one row of events: one function for each key of a row filter.

Each answers true, false or unknown (``None``), as ``docs/spec-language.md`` says under *Sets of events*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from measureharmony.evaluation.reference.bound import as_number, as_whole, given
from measureharmony.evaluation.reference.record import Event
from measureharmony.evaluation.reference.times import age_between, fits, moment_of
from measureharmony.evaluation.reference.truth import Truth, conjunction, disjunction, negation
from measureharmony.evaluation.units import convert, counts_pieces, rounded
from measureharmony.measures.event_set import Coded, Codes, DailyDose, FilterRef, Number, Relation, RowFilter, ValueTest
from measureharmony.measures.window import Timing

if TYPE_CHECKING:
    from measureharmony.evaluation.reference.subject import Subject


def passes(subject: Subject, ref: FilterRef, event: Event) -> Truth:
    """All keys of the filter hold for the event."""
    row_filter = subject.filter(ref)
    return conjunction(KEYS[key](subject, row_filter, event) for key in given_keys(row_filter))


def given_keys(row_filter: RowFilter) -> list[str]:
    """The keys a filter gives, in the order of the language."""
    return [key for key in KEYS if getattr(row_filter, key) is not None]


# --- combinations ---------------------------------------------------------------------------------------------------


def _all(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    return conjunction(passes(subject, part, event) for part in row_filter.all or ())


def _any(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    return disjunction(passes(subject, part, event) for part in row_filter.any or ())


def _not(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    assert row_filter.not_ is not None
    return negation(passes(subject, row_filter.not_, event))


# --- time -----------------------------------------------------------------------------------------------------------


def _when(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    return all_fit(subject, row_filter.when, event)


def all_fit(subject: Subject, timings: Iterable[Timing], event: Event) -> Truth:
    """Several timings must all hold; windows may mention the event itself as ``this``."""
    return conjunction(fits(timing, event, subject.bounds(timing.window, this=event)) for timing in timings)


def _age(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    age = given(row_filter.age)
    return age_between(subject.record.birth, moment_of(event, age.at), as_whole(age.from_), as_whole(age.to))


# --- words ----------------------------------------------------------------------------------------------------------


def _type(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    return has_word(event.types, row_filter.type or ())


def _category(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    return has_word(event.categories, row_filter.category or ())


def has_word(words: frozenset[str] | None, wanted: tuple[str | None, ...]) -> bool:
    """One of the words is wanted; where the source does not say, the answer is yes."""
    return words is None or any(word in words for word in wanted)


def _status(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    return event.status in (row_filter.status or ())


def _intent(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    return event.intent in (row_filter.intent or ())


def _verification(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    return event.verification in (row_filter.verification or ())


def _clinical_status(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    return event.clinical_status in (row_filter.clinical_status or ())


def _source(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    return event.source in (row_filter.source or ())


# --- codes and results ----------------------------------------------------------------------------------------------


def _coded(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    coded: Coded = given(row_filter.coded)
    return has_code(subject, event, coded.role, coded.codes)


def has_code(subject: Subject, event: Event, role: str, codes: Codes) -> bool:
    """Some coding of the event in this role is in one of the value sets, or equals one of the codes."""
    tests = [subject.case.codes.members(ref) for ref in codes]
    return any(is_member(system, code) for system, code in event.codes.get(role, ()) for is_member in tests)


def _value(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    test: ValueTest = given(row_filter.value)
    truths: list[Truth] = []
    if test.present is not None:
        truths.append((result_type(event) is not None) == test.present)
    if test.type is not None:
        truths.append(result_type(event) in test.type)
    if test.bounds:
        truths.append(within(usable_value(event, test.unit), test.bounds))
    return conjunction(truths)


def result_type(event: Event) -> str | None:
    """What kind of result there is: as the source says, else a quantity if there is a number, coded if a code."""
    if event.value_type is not None:
        return event.value_type
    if event.value is not None:
        return "quantity"
    return "coded" if event.codes.get("value") else None


def usable_value(event: Event, unit: str | None) -> float | None:
    """The numeric result in ``unit``; ``None`` where there is no number or its unit cannot be converted."""
    return None if event.value is None else convert(event.value, event.unit or "", unit or "")


def within(number: float | None, bounds: dict[str, Number]) -> Truth:
    """The number keeps all bounds; a missing number makes that unknown."""
    if number is None:
        return None
    return all(_BOUNDS[name](number, bound) for name, bound in bounds.items())


_BOUNDS: dict[str, Callable[[float, Number], bool]] = {
    "above": lambda number, bound: number > as_number(bound),
    "at_least": lambda number, bound: number >= as_number(bound),
    "below": lambda number, bound: number < as_number(bound),
    "at_most": lambda number, bound: number <= as_number(bound),
}


def _days_supply(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    return within(event.days_supply, given(row_filter.days_supply).bounds)


def _refills(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    return within(event.refills, given(row_filter.refills).bounds)


def _daily_dose(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    dose = given(row_filter.daily_dose)
    return within(daily_dose(subject, dose, event), dose.bounds)


def daily_dose(subject: Subject, dose: DailyDose, event: Event) -> float | None:
    """Quantity × strength ÷ days of supply; ``None`` where one of them is missing."""
    strength = next((s for s in dose.strengths if has_code(subject, event, "code", s.codes)), None)
    if strength is None or event.quantity is None or not event.days_supply:
        return None
    fits = counts_pieces(event.quantity_unit) if strength.per is None else event.quantity_unit == strength.per
    return rounded(event.quantity * strength.amount / event.days_supply) if fits else None


# --- relations ------------------------------------------------------------------------------------------------------


def _with(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    return bool(related(subject, given(row_filter.with_), event))


def _without(subject: Subject, row_filter: RowFilter, event: Event) -> Truth:
    return not related(subject, given(row_filter.without), event)


def related(subject: Subject, relation: Relation, event: Event) -> list[Event]:
    """The events of the related set (evaluated on its own first) for which all conditions are true."""
    return [other for other in subject.events(relation.events) if _stands_to(subject, relation, event, other)]


def _stands_to(subject: Subject, relation: Relation, this: Event, other: Event) -> bool:
    """All that the relation asks for is true: this event's time, the other's, the link, and that they are two."""
    if relation.distinct and this.event_id == other.event_id:
        return False
    if relation.link is not None and not _LINKS[relation.link](this, other):
        return False
    kinds = relation.alike or ()
    of_both = [all(has_code(subject, event, "code", (kind,)) for event in (this, other)) for kind in kinds]
    if relation.alike is not None and not any(of_both):
        return False
    ours = (fits(t, this, subject.bounds(t.window, this=this, other=other)) for t in relation.when)
    theirs = (fits(t, other, subject.bounds(t.window, this=this, other=other)) for t in relation.other_when)
    return conjunction((*ours, *theirs)) is True


_LINKS: dict[str, Callable[[Event, Event], bool]] = {
    "encounter": lambda this, other: other.event_id in (this.encounter_id or "").split(),
    "panel": lambda this, other: this.parent_id == other.event_id,
    "component": lambda this, other: other.parent_id == this.event_id,
    "based_on": lambda this, other: other.event_id in (this.based_on_id or "").split(),
    "fulfilment": lambda this, other: this.event_id in (other.based_on_id or "").split(),
}


# --- the table ------------------------------------------------------------------------------------------------------

KeyTest = Callable[["Subject", RowFilter, Event], Truth]

#: The function behind each key of a row filter.
KEYS: dict[str, KeyTest] = {
    "all": _all, "any": _any, "not_": _not, "when": _when, "type": _type, "category": _category, "status": _status,
    "intent": _intent, "verification": _verification, "clinical_status": _clinical_status, "source": _source,
    "coded": _coded, "value": _value, "days_supply": _days_supply, "refills": _refills, "daily_dose": _daily_dose,
    "age": _age, "with_": _with, "without": _without,
}  # fmt: skip
