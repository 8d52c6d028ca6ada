"""When an order says that its medicine is to be taken: the bounds of its dosage instructions.

The dosing period of AHAOverall 2026: every bounds that is given becomes an interval of contract times; overlapping and
adjacent ones are merged; only the earliest merged one counts. ``docs/fhir.md`` says how each form of bounds is read.
"""

from __future__ import annotations

import datetime as dt

from measureharmony.periods import add_months
from measureharmony.practice.contract import NO_END
from measureharmony.practice.fhir.json_shapes import JsonObject, as_number, as_object, as_text, objects
from measureharmony.practice.fhir.supply import schedule
from measureharmony.practice.fhir.times import SINCE_EVER, Interval, first_day, just_before, last_day, period
from measureharmony.practice.fhir.values import UCUM

#: Units of a duration, by the largest thing they keep whole: calendar months, days, or a length of time.
_MONTHS = {"a": 12, "year": 12, "years": 12, "mo": 1, "month": 1, "months": 1}
_DAYS = {"wk": 7, "week": 7, "weeks": 7, "d": 1, "day": 1, "days": 1}
_SECONDS = {
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("s", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
}


def dosing_periods(resource: JsonObject) -> list[tuple[str, Interval]]:
    """(contract ``type``, interval) of a MedicationRequest: ``bounds`` of any form, ``bounds-period`` of Periods alone.

    Each only where there is such an interval; none of a request without bounds.
    """
    schedules = [schedule(dosage) for dosage in objects(resource.get("dosageInstruction"))]
    periods = [period(repeat["boundsPeriod"]) for repeat in schedules if "boundsPeriod" in repeat]
    authored = as_text(resource.get("authoredOn"))
    counted = [_of_duration(authored, repeat["boundsDuration"]) for repeat in schedules if "boundsDuration" in repeat]
    counted += [_of_range(authored, repeat["boundsRange"]) for repeat in schedules if "boundsRange" in repeat]
    found = (("bounds", _earliest(periods + counted)), ("bounds-period", _earliest(periods)))
    return [(word, interval) for word, interval in found if interval is not None]


def _of_duration(authored: str, value: object) -> Interval:
    """From the writing of the order to just before a duration later; no interval where either is missing."""
    end = later(authored, as_object(value))
    return (authored, just_before(end)) if end else ("", "")


def _of_range(authored: str, value: object) -> Interval:
    """From the low to the high end after the writing; without low since ever, without high without end."""
    low, high = (as_object(as_object(value).get(end)) for end in ("low", "high"))
    if not authored or not (low or high):
        return "", ""
    start, end = later(authored, low) if low else SINCE_EVER, later(authored, high) if high else NO_END
    return (start, end) if start and end else ("", "")


def later(moment: str, duration: JsonObject) -> str:
    """``moment`` plus a FHIR Duration, as precise as ``moment``; empty when either cannot be computed with.

    Only whole units count, except of seconds; a date moves by whole days (CQL's addition).

    >>> later("2026-01-31", {"value": 1, "code": "mo"}), later("2026-03-01T10:00:00Z", {"value": 36, "unit": "h"})
    ('2026-02-28', '2026-03-02T22:00:00Z')
    """
    amount, unit = as_number(duration.get("value")), as_text(duration.get("code")) or as_text(duration.get("unit"))
    start = _moment(moment)
    if amount is None or start is None or len(moment) < 10:
        return ""
    if duration.get("comparator") or duration.get("system") not in (None, "", UCUM):
        return ""
    try:
        after = _shifted(start, amount, unit, whole_days=len(moment) == 10)
    except (ValueError, OverflowError):  # beyond the calendar
        return ""
    if after is None:
        return ""
    if len(moment) == 10:
        return after.date().isoformat()
    text = after.isoformat(timespec="milliseconds" if "." in moment else "seconds")
    return text.removesuffix("+00:00") + "Z" if moment.endswith("Z") else text


def _shifted(start: dt.datetime, amount: float, unit: str, *, whole_days: bool) -> dt.datetime | None:
    if unit in _MONTHS:
        return dt.datetime.combine(add_months(start.date(), int(amount) * _MONTHS[unit]), start.timetz())
    if unit in _DAYS:
        return start + dt.timedelta(days=int(amount) * _DAYS[unit])
    if unit in _SECONDS:
        length = dt.timedelta(seconds=(amount if _SECONDS[unit] <= 1 else int(amount)) * _SECONDS[unit])
        return start + (dt.timedelta(days=int(length / dt.timedelta(days=1))) if whole_days else length)
    return None


def _earliest(intervals: list[Interval]) -> Interval | None:
    """The earliest interval after overlapping and adjacent ones are merged; None when there is none.

    A start that is not known could lie before all others, so that nothing is known then. An interval with a time that
    cannot be read is handed on as it is: the dataset's own checks reject its row and say why.
    """
    given = [interval for interval in intervals if interval != ("", "")]
    if not all(start for start, _ in given):
        return None
    timed: list[tuple[dt.datetime, dt.datetime, Interval]] = []
    for start, end in given:
        first, after = _moment(start), _after(end)
        if first is None or after is None:
            return start, end
        if _utc(first) < _utc(after):
            timed.append((_utc(first), _utc(after), (start, end)))
    if not timed:
        return None
    timed.sort(key=lambda entry: entry[0])
    _, reach, (start, end) = timed[0]
    for first, after, (_, its_end) in timed[1:]:
        if first > reach:
            break
        if after > reach:
            reach, end = after, its_end
    return start, end


def _moment(text: str) -> dt.datetime | None:
    """The first instant of a time as written, or None when it is no time."""
    try:
        return dt.datetime.fromisoformat(first_day(text) if len(text) <= 10 else text)
    except ValueError:
        return None


def _after(text: str) -> dt.datetime | None:
    """The first instant that a time as written no longer covers: the next day, second or millisecond."""
    if text == NO_END:
        return dt.datetime.max
    if len(text) > 10:
        step = dt.timedelta(milliseconds=1) if "." in text else dt.timedelta(seconds=1)
    else:
        text, step = last_day(text), dt.timedelta(days=1)
    moment = _moment(text)
    try:
        return None if moment is None else moment + step
    except OverflowError:
        return dt.datetime.max


def _utc(moment: dt.datetime) -> dt.datetime:
    """Without its offset, brought to UTC; a time without offset is taken as it is."""
    try:
        return (moment - (moment.utcoffset() or dt.timedelta())).replace(tzinfo=None)
    except OverflowError:
        return moment.replace(tzinfo=None)
