"""FHIR times as the contract writes them.

Times stay text, exactly as the source wrote them (offset, precision); only what has to be *computed* (ages,
"just before", supply days) is parsed, and a text that cannot be parsed is handed on unchanged, so that the
dataset's own checks reject the row and say why. An interval is a pair ``(start, end)`` of contract times: an empty
text is "not known", ``NO_END`` is "known to have no end", ``UNKNOWN`` says so where an empty cell would mean
something else. Rules: shared logic 2026, sections 1, 3 and 4.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from measureharmony.periods import add_months
from measureharmony.practice.contract import NO_END
from measureharmony.practice.fhir.json_shapes import JsonObject, as_number, as_object, as_text

#: The contract's word for a time that the source leaves open.
UNKNOWN = "unknown"
#: "Since ever": the least date there is, standing for a start known to lie before everything.
SINCE_EVER = "0001-01-01"

Interval = tuple[str, str]

#: What ``element[x]`` can be besides a plain dateTime.
FORMS = ("Period", "Age", "Range", "Timing", "String", "Instant")

#: UCUM codes of calendar units, and the words that stand for them in the field.
_MONTHS = {"a": 12, "year": 12, "years": 12, "mo": 1, "month": 1, "months": 1}
_DAYS = {"wk": 7, "week": 7, "weeks": 7, "d": 1, "day": 1, "days": 1}


def period(value: object) -> Interval:
    """A FHIR Period: no end is ``NO_END``, no start is unknown, neither is wholly unknown."""
    fields = as_object(value)
    start, end = as_text(fields.get("start")), as_text(fields.get("end"))
    if not start and not end:
        return "", ""
    return start, end or NO_END


def choice(resource: JsonObject, element: str, birth: str) -> Interval:
    """``element[x]`` of ``resource`` as an interval; ``birth`` turns an Age or a Range of ages into dates.

    Timing, string and missing values are unknown.
    """
    moment = as_text(resource.get(element + "DateTime")) or as_text(resource.get(element + "Instant"))
    if moment:
        return moment, moment
    if element + "Period" in resource:
        return period(resource[element + "Period"])
    if element + "Age" in resource:
        age = as_object(resource[element + "Age"])
        return after_birth(birth, age), last_day_of_age(birth, age)
    if element + "Range" in resource:
        ages = as_object(resource[element + "Range"])
        return after_birth(birth, as_object(ages.get("low"))), last_day_of_age(birth, as_object(ages.get("high")))
    return "", ""


def form(resource: JsonObject, element: str) -> str:
    """Which form ``element[x]`` takes (``Period``, ``Age`` …); empty for a plain dateTime and when absent."""
    for name in FORMS:
        if element + name in resource:
            return name
    return ""


@lru_cache(maxsize=65_536)
def full_date(text: str) -> dt.date | None:
    """The calendar date of a time as written, or None when it has no day or is not a date."""
    try:
        return dt.date.fromisoformat(text[:10]) if len(text) >= 10 else None
    except ValueError:
        return None


def _plus(birth: str, quantity: JsonObject, extra_months: int) -> str:
    """``birth`` plus an age plus ``extra_months``; empty when either is missing, partial or out of range."""
    day, amount = full_date(birth), as_number(quantity.get("value"))
    unit = as_text(quantity.get("code")) or as_text(quantity.get("unit")) or "a"
    if day is None or amount is None or abs(amount) > 10_000:
        return ""
    try:
        if unit in _MONTHS:
            return add_months(day, int(amount * _MONTHS[unit]) + extra_months).isoformat()
        if unit in _DAYS:
            return add_months(day + dt.timedelta(days=int(amount * _DAYS[unit])), extra_months).isoformat()
    except (ValueError, OverflowError):  # beyond the calendar
        return ""
    return ""


def after_birth(birth: str, age: JsonObject) -> str:
    """The date somebody born on ``birth`` reaches ``age``; empty when it cannot be computed."""
    return _plus(birth, age, 0)


def last_day_of_age(birth: str, age: JsonObject) -> str:
    """The day before the next birthday after ``age``: an age lasts a year, its end excluded."""
    after = full_date(_plus(birth, age, 12))
    return (after - dt.timedelta(days=1)).isoformat() if after and after > dt.date.min else ""


def just_before(moment: str) -> str:
    """The value just before ``moment`` at its own precision: a day for a date, a millisecond for a time.

    >>> just_before("2026-03-01"), just_before("2026-03-01T00:00:00.000+01:00")
    ('2026-02-28', '2026-02-28T23:59:59.999+01:00')
    """
    try:
        if len(moment) == 4:
            return f"{int(moment) - 1:04d}"
        if len(moment) == 7:
            return add_months(dt.date.fromisoformat(moment + "-01"), -1).isoformat()[:7]
        if len(moment) == 10:
            return (dt.date.fromisoformat(moment) - dt.timedelta(days=1)).isoformat()
        before = dt.datetime.fromisoformat(moment) - dt.timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        return moment
    text = before.isoformat(timespec="milliseconds")
    return text[:-6] + "Z" if moment.endswith("Z") else text


def first_day(moment: str) -> str:
    """``moment`` as a whole date; a year or month alone begins on its first day (FHIR Period.start)."""
    return {4: moment + "-01-01", 7: moment + "-01"}.get(len(moment), moment[:10])


def last_day(moment: str) -> str:
    """``moment`` as a whole date; a year or month alone ends on its last day (FHIR Period.end)."""
    if len(moment) == 4:
        return moment + "-12-31"
    if len(moment) == 7:
        return month_end(moment + "-01") or moment
    return moment[:10]


def month_end(moment: str) -> str:
    """The last day of the month of ``moment``, or empty when it is no date."""
    day = full_date(moment)
    if day is None:
        return ""
    try:
        return (add_months(day.replace(day=1), 1) - dt.timedelta(days=1)).isoformat()
    except ValueError:  # December of the year 9999
        return NO_END
