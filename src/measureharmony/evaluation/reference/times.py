"""Comparing moments, shifting them, and asking whether an event's time lies in a window.

Each function says one sentence of ``docs/spec-language.md``, section *Time*.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from measureharmony.evaluation.reference.record import NEG, POS, Event, Time
from measureharmony.evaluation.reference.truth import Truth, conjunction, negation
from measureharmony.measures.window import PointOfEvent, Precision, Shift, Timing
from measureharmony.periods import EPOCH, Period, Unit, add, completed_months, day_number

DAY_MS = 86_400_000


# --- moments --------------------------------------------------------------------------------------------------------


def start_of(period: Period) -> Time:
    """00:00:00.000 UTC of the period's first day."""
    day = day_number(period.start)
    return Time(day, day, day * DAY_MS)


def end_of(period: Period) -> Time:
    """23:59:59.999 UTC of the period's last day."""
    day = day_number(period.end)
    return Time(day, day, (day + 1) * DAY_MS - 1)


def as_date(time: Time) -> Time:
    """The same days, without the time of day."""
    return Time(time.day_lo, time.day_hi)


def moment_of(event: Event, point: PointOfEvent) -> Time:
    """One moment of an event.

    ``latest`` is the end, or the start where the end is unknown or never comes; ``earliest`` is the start, or the end
    where the start is unknown or "since ever".
    """
    if point == "latest":
        return event.start if event.end.is_unknown or event.end.is_never else event.end
    if point == "earliest":
        return event.end if event.start.is_unknown or event.start.is_ever else event.start
    return {"start": event.start, "end": event.end, "authored": event.authored, "recorded": event.recorded}[point]


def shifted(time: Time, shift: Shift) -> Time:
    """Calendar units later or earlier; the time of day (and its offset from UTC) stays."""
    if not isinstance(shift.amount, int) or shift.unit is None:
        raise TypeError(f"the measure is not bound: {shift.amount} has no value yet; resolve the variant first")
    amount = shift.sign * shift.amount
    if shift.unit == "milliseconds":
        return _moved_instant(time, amount)
    lo, hi = _shifted_day(time.day_lo, amount, shift.unit), _shifted_day(time.day_hi, amount, shift.unit)
    exact = time.ms is not None and Time(lo, hi).is_a_date
    return Time(lo, hi, time.ms + (lo - time.day_lo) * DAY_MS if exact and time.ms is not None else None)


def _moved_instant(time: Time, milliseconds: int) -> Time:
    """Some milliseconds later or earlier than an instant of the period, whose days are days of UTC."""
    if time.ms is None:  # a shift has led out of the calendar
        return time
    moved = time.ms + milliseconds
    return Time(moved // DAY_MS, moved // DAY_MS, moved)


def _shifted_day(day: int, amount: int, unit: Unit) -> int:
    """What is "since ever" or "never" stays so; what leaves the calendar (years 1 to 9999) becomes one of them."""
    if day in (NEG, POS):
        return day
    try:
        return day_number(add(EPOCH + dt.timedelta(days=day), amount, unit))
    except (ValueError, OverflowError):
        return POS if amount > 0 else NEG


# --- comparing ------------------------------------------------------------------------------------------------------


def not_after(a: Time, b: Time, precision: Precision) -> Truth:
    """Whether a ≤ b: true when it holds for every possibility, false when it holds for none, else unknown."""
    (a_lo, a_hi), (b_lo, b_hi), tie_decides = _on_one_scale(a, b, precision)
    if a_hi < b_lo or (tie_decides and a_hi == b_lo):
        return True
    return False if a_lo > b_hi else None


def before(a: Time, b: Time, precision: Precision) -> Truth:
    """Whether a < b: the opposite of b ≤ a."""
    return negation(not_after(b, a, precision))


Possibilities = tuple[int, int]


def _on_one_scale(a: Time, b: Time, precision: Precision) -> tuple[Possibilities, Possibilities, bool]:
    """The earliest and latest possibility of both as comparable numbers, and whether equal numbers decide.

    Day precision compares days as written. Exact precision compares instants in UTC; a date without time of day
    against an instant on that UTC day stays open, whichever way they are compared; two dates compare as dates.
    """
    if precision == "day" or (a.ms is None and b.ms is None):
        return (a.day_lo, a.day_hi), (b.day_lo, b.day_hi), True
    if a.ms is not None and b.ms is not None:
        return (a.ms, a.ms), (b.ms, b.ms), True
    return _utc_days(a), _utc_days(b), False


def _utc_days(time: Time) -> Possibilities:
    if time.ms is None:
        return time.day_lo, time.day_hi
    return time.ms // DAY_MS, time.ms // DAY_MS


# --- windows --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bounds:
    """A window whose ends have been worked out for one person (and one pair of events).

    The latest moment of ``lower`` and the earliest of ``upper`` are its ends; where there is none, it is open.
    """

    lower: tuple[Time, ...]
    upper: tuple[Time, ...]
    lower_included: bool = True
    upper_included: bool = True

    @property
    def begins(self) -> Time | None:
        """The latest of the lower bounds, to the day; ``None``: open."""
        days = [(time.day_lo, time.day_hi) for time in self.lower]
        return Time(max(lo for lo, _ in days), max(hi for _, hi in days)) if days else None

    @property
    def ends(self) -> Time | None:
        """The earliest of the upper bounds, to the day; ``None``: open."""
        days = [(time.day_lo, time.day_hi) for time in self.upper]
        return Time(min(lo for lo, _ in days), min(hi for _, hi in days)) if days else None

    def is_above(self, bound: Time, time: Time, precision: Precision) -> Truth:
        """``time`` is not too early for this lower bound."""
        return not_after(bound, time, precision) if self.lower_included else before(bound, time, precision)

    def is_below(self, bound: Time, time: Time, precision: Precision) -> Truth:
        """``time`` is not too late for this upper bound."""
        return not_after(time, bound, precision) if self.upper_included else before(time, bound, precision)

    def holds(self, time: Time, precision: Precision) -> Truth:
        """``time`` lies in the window."""
        return conjunction(comparison.holds for comparison in comparisons(time, time, self, precision))


@dataclass(frozen=True)
class Comparison:
    """One of the comparisons that a window asks for: a moment against one of the bounds on one side."""

    moment: Time
    bound: Time
    side: Literal["lower", "upper"]
    holds: Truth


def fits(timing: Timing, event: Event, bounds: Bounds) -> Truth:
    """The event's time stands to the window as ``timing`` says."""
    return conjunction(comparison.holds for comparison in timing_comparisons(timing, event, bounds))


def timing_comparisons(timing: Timing, event: Event, bounds: Bounds) -> list[Comparison]:
    """The comparisons that ``timing`` asks for."""
    if timing.relation == "whole":
        low, high = event.start, event.end
    elif timing.relation == "overlaps":
        low, high = event.end, event.start
    else:
        low = high = moment_of(event, timing.relation)  # type: ignore[arg-type]  # the other relations are points
    return comparisons(low, high, bounds, timing.precision)


def comparisons(low: Time, high: Time, bounds: Bounds, precision: Precision) -> list[Comparison]:
    """``low`` against each lower bound, ``high`` against each upper one: by the earliest is by all of them."""
    above = [Comparison(low, bound, "lower", bounds.is_above(bound, low, precision)) for bound in bounds.lower]
    return above + [Comparison(high, bound, "upper", bounds.is_below(bound, high, precision)) for bound in bounds.upper]


# --- ages -----------------------------------------------------------------------------------------------------------


def age_between(birth: Time, at: Time, from_: int | None, to: int | None, unit: str = "years") -> Truth:
    """Completed years (or months) from ``birth`` to the date of ``at`` lie between the bounds, both included."""
    ages = age_range(birth, at, unit)
    if ages is None:
        return None
    youngest, oldest = ages
    truths: list[Truth] = []
    if from_ is not None:
        truths.append(_at_least(youngest, oldest, from_))
    if to is not None:
        truths.append(negation(_at_least(youngest, oldest, to + 1)))
    return conjunction(truths)


def age_range(birth: Time, at: Time, unit: str = "years") -> tuple[int, int] | None:
    """The lowest and the highest possible age, or ``None`` where one of the two times is no date."""
    if not (birth.is_a_date and at.is_a_date):
        return None
    months_in_unit = 12 if unit == "years" else 1
    youngest = completed_months(_date(birth.day_hi), _date(at.day_lo)) // months_in_unit
    oldest = completed_months(_date(birth.day_lo), _date(at.day_hi)) // months_in_unit
    return youngest, oldest


def _at_least(lowest: int, highest: int, bound: int) -> Truth:
    if lowest >= bound:
        return True
    return False if highest < bound else None


def _date(day: int) -> dt.date:
    return EPOCH + dt.timedelta(days=day)
