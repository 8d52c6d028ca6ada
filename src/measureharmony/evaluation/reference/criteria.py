"""Conditions on a subject: one function for each key of a criterion.

Each answers true, false or unknown (``None``), as ``docs/spec-language.md`` says under *Conditions on a subject*.
"""

from __future__ import annotations

from collections.abc import Callable

from measureharmony.evaluation.conjuncts import resolved
from measureharmony.evaluation.reference.bound import as_whole, given
from measureharmony.evaluation.reference.coverage_days import days_covered
from measureharmony.evaluation.reference.enrolment import enrolled
from measureharmony.evaluation.reference.filters import within
from measureharmony.evaluation.reference.numbers import days_of, number
from measureharmony.evaluation.reference.subject import Subject
from measureharmony.evaluation.reference.times import age_between
from measureharmony.evaluation.reference.truth import Truth, at_least, conjunction, disjunction, negation
from measureharmony.measures.criterion import Criterion, CriterionRef
from measureharmony.measures.number import NumberRef


def holds(subject: Subject, ref: CriterionRef) -> Truth:
    """Whether a criterion, or the one behind a name, holds for the person."""
    criterion = resolved(subject.case.measure, ref)
    return TYPES[criterion.type](subject, criterion)


def _all(subject: Subject, criterion: Criterion) -> Truth:
    return conjunction(holds(subject, part) for part in given(criterion.all))


def _any(subject: Subject, criterion: Criterion) -> Truth:
    return disjunction(holds(subject, part) for part in given(criterion.any))


def _not(subject: Subject, criterion: Criterion) -> Truth:
    assert criterion.not_ is not None
    return negation(holds(subject, criterion.not_))


def _at_least(subject: Subject, criterion: Criterion) -> Truth:
    part = given(criterion.at_least)
    return at_least(given(as_whole(part.n)), (holds(subject, ref) for ref in part.of))


def _age(subject: Subject, criterion: Criterion) -> Truth:
    """Completed years (or months) at a point, bounds included."""
    age = given(criterion.age)
    at = subject.moment(age.at)
    return age_between(subject.record.birth, at, as_whole(age.from_), as_whole(age.to), age.unit)


def _sex(subject: Subject, criterion: Criterion) -> Truth:
    """As the source states it."""
    return None if subject.record.sex is None else subject.record.sex == criterion.sex


def _gender(subject: Subject, criterion: Criterion) -> Truth:
    """As the source states it."""
    return None if subject.record.gender is None else subject.record.gender == criterion.gender


def _exists(subject: Subject, criterion: Criterion) -> Truth:
    """The subject has an event in the set."""
    assert criterion.exists is not None
    return bool(subject.events(criterion.exists))


def _count(subject: Subject, criterion: Criterion) -> Truth:
    """So many events, or different calendar days of their start, bounds included."""
    count = given(criterion.count)
    rows = subject.events(count.of)
    number = len(rows) if count.distinct == "event" else len(days_of(rows))
    lowest, highest = as_whole(count.at_least), as_whole(count.at_most)
    return (lowest is None or number >= lowest) and (highest is None or number <= highest)


def _days_covered(subject: Subject, criterion: Criterion) -> Truth:
    return days_covered(subject, given(criterion.days_covered))


def _number(subject: Subject, criterion: Criterion) -> Truth:
    """The number keeps all bounds; an unknown one leaves that open."""
    asked = given(criterion.number)
    return within(number_of(subject, asked.of), asked.bounds)


def number_of(subject: Subject, ref: NumberRef) -> float | None:
    """A number of the person, or ``None`` where it is unknown."""
    return number(subject, ref, holds)


def _enrolled(subject: Subject, criterion: Criterion) -> Truth:
    return enrolled(subject, given(criterion.enrolled))


def _moment(subject: Subject, criterion: Criterion) -> Truth:
    """A point in time lies in the window."""
    asked = given(criterion.moment)
    return subject.bounds(asked.in_).holds(subject.moment(asked.point), asked.precision)


def _always(subject: Subject, criterion: Criterion) -> Truth:
    """Everybody (or nobody)."""
    return criterion.always


#: The function behind each key of a criterion.
TYPES: dict[str, Callable[[Subject, Criterion], Truth]] = {
    "all": _all, "any": _any, "not_": _not, "at_least": _at_least, "age": _age, "sex": _sex, "gender": _gender,
    "exists": _exists, "count": _count, "days_covered": _days_covered, "number": _number, "enrolled": _enrolled,
    "moment": _moment,
    "always": _always,
}  # fmt: skip
