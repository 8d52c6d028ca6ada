"""Numbers of a subject: one function for each key of a number.

Each answers the number, or ``None`` where it is unknown, as ``docs/spec-language.md`` says under *Numbers*.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from measureharmony.evaluation.reference.bound import as_number, given
from measureharmony.evaluation.reference.coverage_days import days_found
from measureharmony.evaluation.reference.enrolment import window_days
from measureharmony.evaluation.reference.events import union
from measureharmony.evaluation.reference.filters import usable_value
from measureharmony.evaluation.reference.record import Event
from measureharmony.evaluation.reference.subject import Subject
from measureharmony.evaluation.reference.times import age_range
from measureharmony.evaluation.reference.truth import Truth
from measureharmony.evaluation.units import rounded
from measureharmony.measures.criterion import CriterionRef
from measureharmony.measures.number import INTERCEPT, LIMIT, AmountSum, NumberRef, SubjectNumber

#: Whether a condition holds for a person.
Holds = Callable[[Subject, CriterionRef], Truth]


def number(subject: Subject, ref: NumberRef, holds: Holds) -> float | None:
    """A number, or the one behind a name, for the person; rounded to nine decimals.

    ``holds`` answers conditions on the person: they bound numbers, and some numbers ask for conditions.
    """
    while not isinstance(ref, SubjectNumber):
        ref = subject.case.measure.numbers[ref]
    return usable(TYPES[ref.type](subject, ref, holds))


def usable(found: float | None) -> float | None:
    """What is beyond all that is measured is unknown."""
    return None if found is None or not -LIMIT < found < LIMIT else float(rounded(found))


def _count(subject: Subject, asked: SubjectNumber, holds: Holds) -> float | None:
    count = given(asked.count)
    rows = subject.events(count.of)
    return len(rows) if count.distinct == "event" else len(days_of(rows))


def days_of(rows: tuple[Event, ...]) -> set[int]:
    """The different calendar days on which events start; a partial date stands for its earliest day."""
    return {row.start.day_lo for row in rows if row.start.is_a_date}


def _sum(subject: Subject, asked: SubjectNumber, holds: Holds) -> float | None:
    """What the events have is added; without anything to add, that is 0."""
    part = given(asked.sum)
    rows = union(subject.events(ref) for ref in part.of)
    total = 0.0
    for amount in (_share(part, row) for row in rows):
        total += 0.0 if amount is None else amount
    return total


def _share(part: AmountSum, row: Event) -> float | None:
    """An event's amount in units of ``per``, rounded to whole ones if asked."""
    amount = _amount(part, row)
    share = None if amount is None else usable(amount / as_number(1 if part.per is None else part.per))
    if share is None or part.round is None:
        return share
    return math.ceil(share) if part.round == "up" else math.floor(share)


def _amount(part: AmountSum, row: Event) -> float | None:
    match part.amount:
        case "value":
            return usable_value(row, part.unit)
        case "days":
            dated = row.start.is_a_date and row.end.is_a_date
            certain = row.start.day_lo == row.start.day_hi and row.end.day_lo == row.end.day_hi
            days = row.end.day_lo - row.start.day_lo + 1
            return days if dated and certain and days > 0 else None
        case "quantity":
            return row.quantity
    return row.days_supply


def _days_covered(subject: Subject, asked: SubjectNumber, holds: Holds) -> float | None:
    found = days_found(subject, given(asked.days_covered))
    return None if found is None else found.covered


def _share_covered(subject: Subject, asked: SubjectNumber, holds: Holds) -> float | None:
    found = days_found(subject, given(asked.share_covered))
    return None if found is None or found.counted == 0 else found.covered / found.counted


def _days_in(subject: Subject, asked: SubjectNumber, holds: Holds) -> float | None:
    assert asked.days_in is not None
    window = window_days(subject, asked.days_in)
    return None if window is None else max(window[1] - window[0] + 1, 0)


def _age(subject: Subject, asked: SubjectNumber, holds: Holds) -> float | None:
    """Only an age that is certain."""
    age = given(asked.age)
    ages = age_range(subject.record.birth, subject.moment(age.at), age.unit)
    return ages[0] if ages is not None and ages[0] == ages[1] else None


def _plus(subject: Subject, asked: SubjectNumber, holds: Holds) -> float | None:
    total = 0.0
    for part in given(asked.plus):
        addend = number(subject, part, holds)
        if addend is None:
            return None
        total += addend
    return total


def _ratio(subject: Subject, asked: SubjectNumber, holds: Holds) -> float | None:
    above, below = (number(subject, part, holds) for part in given(asked.ratio))
    return None if above is None or not below else above / below


def _risk(subject: Subject, asked: SubjectNumber, holds: Holds) -> float | None:
    """Only features that are certain count; without the table nothing is known."""
    risk = given(asked.risk)
    weights = subject.case.risk_tables.get(risk.table)
    if weights is None:
        return None
    total = weights[INTERCEPT]
    for name in sorted(risk.features):
        total += weights[name] if holds(subject, risk.features[name]) is True else 0.0
    if risk.link == "identity":
        return total
    return 1 / (1 + math.exp(-total)) if total >= 0 else math.exp(total) / (1 + math.exp(total))


#: The function behind each key of a number.
TYPES: dict[str, Callable[[Subject, SubjectNumber, Holds], float | None]] = {
    "count": _count, "sum": _sum, "days_covered": _days_covered, "share_covered": _share_covered,
    "days_in": _days_in, "age": _age, "plus": _plus, "ratio": _ratio, "risk": _risk,
}  # fmt: skip

__all__ = ["days_of", "number", "usable"]
