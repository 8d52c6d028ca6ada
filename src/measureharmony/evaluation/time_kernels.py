"""Vectorised time: comparing times as intervals of uncertainty, shifting them by calendar units, ages.

Each function works on arrays of any length at once; see ``docs/spec-language.md``, "Time", for what they must mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from measureharmony.evaluation.calendar_months import first_days, months_and_days
from measureharmony.evaluation.columns import NEVER_ENDS, NO_MS, SINCE_EVER, Bools, Bound, Ints, Times
from measureharmony.evaluation.nodes import Op

MS_PER_DAY = 86_400_000
#: The calendar's first and last day: 0001-01-01 and 9999-12-31.
FIRST_DAY, LAST_DAY = -719_162, 2_932_896


def compare(left: Times, op: Op, right: Times, *, exact: bool, sure: bool) -> Bools:
    """``left op right``: where it is certainly true (``sure``), or where it may be."""
    ours, theirs = bounds_compared(op, sure)
    if not exact or (left.ms is None and right.ms is None):
        return ordered(left.bound(ours), op, right.bound(theirs))
    by_instant = ordered(_half_ms(left, ours), op, _half_ms(right, theirs))
    both_dates = _date_only(left) & _date_only(right)
    if not np.any(both_dates):
        return by_instant
    return np.where(both_dates, ordered(left.bound(ours), op, right.bound(theirs)), by_instant)


def bounds_compared(op: Op, sure: bool) -> tuple[Bound, Bound]:
    """Which bounds of left and right decide ``left op right``, certainly (``sure``) or possibly."""
    return ("lo", "hi") if (op in ("ge", "gt")) == sure else ("hi", "lo")


def ordered(left: Ints, op: Op, right: Ints) -> Bools:
    """``left op right`` of plain numbers."""
    if op == "ge":
        return np.asarray(left >= right)
    if op == "gt":
        return np.asarray(left > right)
    return np.asarray(left <= right if op == "le" else left < right)


def _date_only(times: Times) -> Bools:
    return np.ones(times.lo.shape, dtype=bool) if times.ms is None else np.asarray(times.ms == NO_MS)


def _half_ms(times: Times, bound: Bound) -> Ints:
    """A bound in half milliseconds. A date without time of day reaches half a millisecond beyond the instants of its
    day on both sides, so that it ties with none of them and still lies strictly between its neighbours' instants.
    """
    day = times.bound(bound).astype(np.int64) + (bound == "hi")
    edge = day * (2 * MS_PER_DAY) - 1
    return edge if times.ms is None else np.where(times.ms != NO_MS, times.ms * 2, edge)


def order_key(times: Times) -> Ints:
    """What moments are ordered by: the instant, or the beginning of the earliest day where none is known.

    Days, where all moments have only these: keys of different sets of times are not to be compared.
    """
    if times.ms is None:
        return times.lo
    return np.where(times.ms == NO_MS, times.lo.astype(np.int64) * MS_PER_DAY, times.ms)


def days_known(start: Times, end: Times) -> Bools:
    """Where it is known on which days something lasts; an end may be known never to come."""
    return np.asarray(start.is_a_date() & (start.lo == start.hi) & (end.lo == end.hi) & (start.lo <= end.lo))


def latest(start: Times, end: Times) -> Times:
    """The end, or the start where the end is unknown or never comes."""
    return start.where(np.asarray(end.hi == NEVER_ENDS), end)


def earliest(start: Times, end: Times) -> Times:
    """The start, or the end where the start is unknown or since ever."""
    return end.where(np.asarray(start.lo == SINCE_EVER), start)


def shift(times: Times, amount: int, unit: str) -> Times:
    """Calendar shift; the time of day stays. "Since ever" and "never ends" stay what they are, and what leaves the
    calendar (years 1 to 9999) becomes one of them.
    """
    lo = _shift_days(times.lo, amount, unit)
    hi = _shift_days(times.hi, amount, unit)
    if times.ms is None:
        return Times(lo, hi)
    moved = times.ms + (lo.astype(np.int64) - times.lo) * MS_PER_DAY
    return Times(lo, hi, np.where((times.ms != NO_MS) & Times(lo, hi).is_a_date(), moved, NO_MS))


def later_instant(times: Times, milliseconds: int) -> Times:
    """Some milliseconds later than instants whose days are days of UTC, as those of the period are.

    What a shift has led out of the calendar is no instant any more, and stays where it is.
    """
    assert times.ms is not None, "milliseconds are only added to the period's instants"
    known = times.ms != NO_MS
    moved = np.where(known, times.ms + milliseconds, NO_MS)
    day = np.floor_divide(moved, MS_PER_DAY)
    return Times(np.where(known, day, times.lo), np.where(known, day, times.hi), moved)


def shift_days(days: Ints, shifts: Iterable[tuple[int, str]]) -> Ints:
    """Days shifted by (amount, unit), one after the other, as :func:`shift` does."""
    for amount, unit in shifts:
        days = _shift_days(days, amount, unit)
    return days


def _shift_days(days: Ints, amount: int, unit: str) -> Ints:
    if unit in ("days", "weeks"):
        step = amount * (7 if unit == "weeks" else 1)
        if days.size and days.min() + min(step, 0) >= FIRST_DAY and days.max() + max(step, 0) <= LAST_DAY:
            return np.asarray(days + step)  # every day is one of the calendar, and stays one
        moved = days.astype(np.int64) + step
    else:
        month, day = months_and_days(days)
        target = month + amount * (12 if unit == "years" else 1)
        moved = np.minimum(first_days(target) + day, first_days(target + 1) - 1)
    moved = np.where(moved < FIRST_DAY, SINCE_EVER, np.where(moved > LAST_DAY, NEVER_ENDS, moved))
    fixed = (days == SINCE_EVER) | (days == NEVER_ENDS)
    return np.asarray(np.where(fixed, days, moved).astype(days.dtype))


def completed_months(birth: Ints, day: Ints) -> Ints:
    """Completed calendar months from days ``birth`` to days ``day``; clipped birthdays count from the next month."""
    born_month, born_day = months_and_days(birth)
    at_month, at_day = months_and_days(day)
    return np.asarray(at_month - born_month - (at_day < born_day))


class WholeDay(NamedTuple):
    """A day for each person, and whether it is known."""

    day: Ints
    known: Bools


class Ages(NamedTuple):
    """Completed years (or months): at least and at most, and where they are known at all."""

    youngest: Ints
    oldest: Ints
    known: Bools


def ages(birth: Times, at: Times, *, months: bool) -> Ages:
    """The ages at ``at``. Nothing is known where birth or ``at`` is no date (unknown, "since ever", "never")."""
    size = 1 if months else 12
    youngest = np.floor_divide(completed_months(birth.hi, at.lo), size)
    oldest = np.floor_divide(completed_months(birth.lo, at.hi), size)
    return Ages(youngest, oldest, birth.is_a_date() & at.is_a_date())


def age_within(age: Ages, from_: int | None, to: int | None, *, sure: bool) -> Bools:
    """Where the age lies in [from, to]; where it is not known, every age is possible, and none certain."""
    youngest, oldest = (age.youngest, age.oldest) if sure else (age.oldest, age.youngest)
    inside = np.ones(np.broadcast(youngest, oldest).shape, dtype=bool)
    if from_ is not None:
        inside &= youngest >= from_
    if to is not None:
        inside &= oldest <= to
    return np.where(age.known, inside, not sure)


def age_between(birth: Times, at: Times, from_: int | None, to: int | None, *, months: bool, sure: bool) -> Bools:
    """Where the age at ``at`` lies in [from, to], completed years (or months)."""
    return age_within(ages(birth, at, months=months), from_, to, sure=sure)
