"""How long a medication lasts: shared logic 2026, section 12 (CumulativeMedicationDuration), to the letter.

A period is a pair of dates; ``None`` where the logic gives null.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

from measureharmony.practice.fhir.json_shapes import JsonObject, as_list, as_number, as_object, as_text, objects
from measureharmony.practice.fhir.times import UNKNOWN, Interval, full_date

_DAYS_PER_UNIT = {
    "ms": 1 / 86_400_000,
    "s": 1 / 86_400,
    "second": 1 / 86_400,
    "seconds": 1 / 86_400,
    "min": 1 / 1_440,
    "minute": 1 / 1_440,
    "minutes": 1 / 1_440,
    "h": 1 / 24,
    "hour": 1 / 24,
    "hours": 1 / 24,
    "d": 1.0,
    "day": 1.0,
    "days": 1.0,
    "wk": 7.0,
    "week": 7.0,
    "weeks": 7.0,
}
#: Only a dosing schedule counts months and years in days; a supply of "1 mo" has no computable days.
_SCHEDULE_DAYS = {
    **_DAYS_PER_UNIT,
    "mo": 30.0,
    "month": 30.0,
    "months": 30.0,
    "a": 365.0,
    "year": 365.0,
    "years": 365.0,
}


class Supply(NamedTuple):
    """What a fill or an order supplies: its period as contract times, and the days it lasts (refills included)."""

    period: Interval
    days: float | None


def request_supply(resource: JsonObject, strict: bool) -> Supply:
    """The supply of a MedicationRequest; its period is unknown where it cannot be computed."""
    dosage = _single_dosage(resource, strict)
    if dosage is None:
        return Supply((UNKNOWN, UNKNOWN), None)
    dispense = as_object(resource.get("dispenseRequest"))
    days = _in_days(dispense.get("expectedSupplyDuration"))
    if days is None:
        days = _days_of_quantity(dispense.get("quantity"), dosage)
    if days is not None:
        days *= 1 + (as_number(dispense.get("numberOfRepeatsAllowed")) or 0)
    bounds = as_object(schedule(dosage).get("boundsPeriod"))
    validity = as_object(dispense.get("validityPeriod"))
    written = (bounds.get("start"), resource.get("authoredOn"), validity.get("start"))
    start = _first_date(*written)
    if start is None:
        return Supply((UNKNOWN, UNKNOWN), days)
    if days is not None:
        return Supply(_span(start, days), days)
    return Supply(_ending(start, full_date(as_text(bounds.get("end")))), None)


def dispense_supply(resource: JsonObject, strict: bool) -> Supply:
    """The supply of a MedicationDispense; a lenient source's fill without days lasts its own day."""
    dosage = _single_dosage(resource, strict)
    days = _in_days(resource.get("daysSupply"))
    if days is None and dosage is not None:
        days = _days_of_quantity(resource.get("quantity"), dosage)
    start = _first_date(resource.get("whenHandedOver"), resource.get("whenPrepared"))
    if start is None:
        return Supply((UNKNOWN, UNKNOWN), days)
    if days is None:
        return Supply((UNKNOWN, UNKNOWN) if strict else (start.isoformat(), start.isoformat()), None)
    return Supply(_span(start, days), days)


def _single_dosage(resource: JsonObject, strict: bool) -> JsonObject | None:
    """The one dosage instruction (empty when there is none).

    Several are an error of the official logic, so None in a strict source; elsewhere they are set aside, so that a
    stated supply duration still counts.
    """
    dosages = objects(resource.get("dosageInstruction"))
    if len(dosages) > 1:
        return None if strict else {}
    return dosages[0] if dosages else {}


def schedule(dosage: JsonObject) -> JsonObject:
    """``timing.repeat`` of a dosage instruction: how often, from when to when."""
    return as_object(as_object(dosage.get("timing")).get("repeat"))


def doses_per_day(dosage: JsonObject) -> float | None:
    """Frequency over the schedule's period in days; without both, the number of times of day (0 when none)."""
    repeat = schedule(dosage)
    frequency = as_number(repeat.get("frequencyMax"))
    frequency = as_number(repeat.get("frequency")) if frequency is None else frequency
    length, unit = as_number(repeat.get("period")), as_text(repeat.get("periodUnit"))
    if frequency is None or length is None or not unit:
        return float(len(as_list(repeat.get("timeOfDay"))))
    days = length * _SCHEDULE_DAYS.get(unit, 0.0)
    return frequency / days if days > 0 else None


def dose(dosage: JsonObject) -> float | None:
    """The high end of the dose range, else the dose quantity; None when missing or when there are several rates."""
    rates = objects(dosage.get("doseAndRate"))
    if len(rates) != 1:
        return None
    high = as_number(as_object(as_object(rates[0].get("doseRange")).get("high")).get("value"))
    return as_number(as_object(rates[0].get("doseQuantity")).get("value")) if high is None else high


def _days_of_quantity(quantity: object, dosage: JsonObject) -> float | None:
    amount = as_number(as_object(quantity).get("value"))
    per_dose, per_day = dose(dosage), doses_per_day(dosage)
    if amount is None or per_dose is None or per_day is None or per_dose * per_day <= 0:
        return None
    return amount / (per_dose * per_day)


def _in_days(duration: object) -> float | None:
    fields = as_object(duration)
    amount = as_number(fields.get("value"))
    unit = as_text(fields.get("code")) or as_text(fields.get("unit"))
    if amount is None or fields.get("comparator") or unit not in _DAYS_PER_UNIT:
        return None
    return amount * _DAYS_PER_UNIT[unit]


def _first_date(*candidates: object) -> dt.date | None:
    """The date of the first candidate that is written at all."""
    written = [text for text in map(as_text, candidates) if text]
    return full_date(written[0]) if written else None


@lru_cache(maxsize=65_536)
def _span(start: dt.date, days: float) -> Interval:
    """[start, start + (days - 1)]: a fraction of a day is cut when added."""
    if abs(days) > 1_000_000:
        return UNKNOWN, UNKNOWN
    try:
        return _ending(start, start + dt.timedelta(days=int(days - 1)))
    except OverflowError:
        return UNKNOWN, UNKNOWN


def _ending(start: dt.date, end: dt.date | None) -> Interval:
    """The interval if it is one; an end before the start gives none."""
    return (start.isoformat(), end.isoformat()) if end is not None and end >= start else (UNKNOWN, UNKNOWN)
