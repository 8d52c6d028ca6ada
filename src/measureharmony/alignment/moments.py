"""Times whose day the solver does not know yet, compared as the kernels compare known ones.

A time is an interval of uncertainty, as everywhere (``docs/spec-language.md``, *Time*): its earliest and its latest
day, and the instant where a time of day is written. Days count from 1970, instants in half milliseconds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

import numpy as np

from measureharmony.alignment.logic import Formula, Logic, Whole, all_of, any_of, choice, implies, negated, truth_choice
from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER, Times
from measureharmony.evaluation.nodes import Op
from measureharmony.evaluation.time_kernels import FIRST_DAY, LAST_DAY, MS_PER_DAY, completed_months, shift

#: Half milliseconds of a day.
DAY = 2 * MS_PER_DAY


@dataclass(frozen=True, eq=False)
class Shifted:
    """A day some calendar units after one that is not known yet. ``day`` is a term for it, roughly bounded."""

    origin: Whole
    amount: int
    unit: str
    day: Whole


#: A day: a :data:`Whole`, or a day that is :class:`Shifted`. Rows' own moments are never shifted.
Day: TypeAlias = Any


class Moment:
    """A time: the earliest and the latest day it can be on, and the instant unless only its date is known.

    Few questions ask for instants: ``time`` says only then whether the time is ``dated`` only, and else its instant.
    """

    def __init__(self, lo: Day, hi: Day, time: Callable[[], tuple[Formula, Whole]] = lambda: (True, 0)):
        self.lo, self.hi = lo, hi
        self._time = time

    @cached_property
    def _known(self) -> tuple[Formula, Whole]:
        return self._time()

    @property
    def dated(self) -> Formula:
        """No time of day is known."""
        return self._known[0]

    @property
    def instant(self) -> Whole:
        """The instant in half milliseconds, where a time of day is known."""
        return self._known[1]

    @property
    def unknown(self) -> Formula:
        """Nothing at all is known about it."""
        return all_of([equal(self.lo, SINCE_EVER), equal(self.hi, NEVER_ENDS)])

    @property
    def is_a_date(self) -> Formula:
        """Some stretch of the calendar is known for it."""
        return all_of([negated(equal(self.lo, SINCE_EVER)), negated(equal(self.hi, NEVER_ENDS))])

    @property
    def certain(self) -> Formula:
        """Its day is known."""
        return equal(self.lo, self.hi)


UNKNOWN = Moment(SINCE_EVER, NEVER_ENDS)


def constant(day: int, ms: int | None) -> Moment:
    """A fixed day, with its instant if that is known."""
    return Moment(day, day, lambda: (ms is None, 0 if ms is None else 2 * ms))


def where(condition: Formula, one: Moment, other: Moment) -> Moment:
    """``one`` where the condition holds, ``other`` elsewhere."""
    return Moment(
        choice(condition, term(one.lo), term(other.lo)),
        choice(condition, term(one.hi), term(other.hi)),
        lambda: (
            truth_choice(condition, one.dated, other.dated), choice(condition, one.instant, other.instant)
        ),
    )  # fmt: skip


def latest(start: Moment, end: Moment) -> Moment:
    """The end, or the start where the end is unknown or never comes."""
    return where(equal(end.hi, NEVER_ENDS), start, end)


def earliest(start: Moment, end: Moment) -> Moment:
    """The start, or the end where the start is unknown or "since ever"."""
    return where(equal(start.lo, SINCE_EVER), end, start)


# --- comparing ------------------------------------------------------------------------------------------------------


def compare(left: Moment, op: Op, right: Moment, *, exact: bool, sure: bool) -> Formula:
    """``left op right``: certainly true (``sure``), or possibly."""
    by_day = _ordered((left.lo, left.hi), op, (right.lo, right.hi), sure)
    if not exact:
        return by_day
    both_dated = all_of([left.dated, right.dated])
    if both_dated is True:
        return by_day
    return truth_choice(both_dated, by_day, _by_instant(left, op, right, sure))


def _by_instant(left: Moment, op: Op, right: Moment, sure: bool) -> Formula:
    """A date without time of day reaches half a millisecond beyond the instants of its day, on both sides."""
    mine = _instants(left)
    if right.dated is False and isinstance(right.instant, int) and not isinstance(left.lo, int):
        # A date against a known instant is a date against a day, which is easier to decide.
        as_date = _ordered((left.lo, left.hi), op, _days_for(op, sure, right.instant), sure)
        as_instant = _ordered((left.instant, left.instant), op, (right.instant, right.instant), sure)
        return truth_choice(left.dated, as_date, as_instant)
    return _ordered(mine, op, _instants(right), sure)


def _days_for(op: Op, sure: bool, instant: int) -> tuple[int, int]:
    """The day that a date must reach (or not pass) for its half milliseconds to stand to ``instant`` as asked."""
    # The lower end of day d is d * DAY - 1, the upper one (d + 1) * DAY - 1.
    lower_end = (op in ("ge", "gt")) == sure
    offset = -1 if lower_end else DAY - 1
    # The first day with d * DAY + offset >= instant, or the last one that is not above it.
    day = -((offset - instant) // DAY) if op in ("ge", "lt") else (instant - offset) // DAY
    return day, day


def _instants(moment: Moment) -> tuple[Whole, Whole]:
    lo, hi = term(moment.lo), term(moment.hi)
    return (
        choice(moment.dated, lo * DAY - 1, moment.instant),
        choice(moment.dated, (hi + 1) * DAY - 1, moment.instant),
    )


def _ordered(left: tuple[Whole, Whole], op: Op, right: tuple[Whole, Whole], sure: bool) -> Formula:
    (left_lo, left_hi), (right_lo, right_hi) = left, right
    if not sure:
        left_lo, left_hi, right_lo, right_hi = left_hi, left_lo, right_hi, right_lo
    if op == "ge":
        return not_after(right_hi, left_lo)
    if op == "gt":
        return negated(not_after(left_lo, right_hi))
    if op == "le":
        return not_after(left_hi, right_lo)
    return negated(not_after(right_lo, left_hi))


def not_after(one: Day, other: Day) -> Formula:
    """``one`` ≤ ``other``; what is shifted is compared exactly with a known day."""
    if isinstance(one, Shifted) and isinstance(other, int):
        return one.origin < first_reaching(one.amount, one.unit, other + 1)
    if isinstance(other, Shifted) and isinstance(one, int):
        return other.origin >= first_reaching(other.amount, other.unit, one)
    return term(one) <= term(other)


def equal(one: Day, other: Day) -> Formula:
    """The same day."""
    return True if one is other else term(one) == term(other)


def term(day: Day) -> Whole:
    """The day as a number or a term of the solver."""
    return day.day if isinstance(day, Shifted) else day


# --- shifting ---------------------------------------------------------------------------------------------------------

#: A calendar unit has at least and at most so many days, as far as sums of it go.
_LENGTHS = {"days": (1, 1), "weeks": (7, 7), "months": (28, 31), "years": (365, 366)}


def shifted_day(day: int, amount: int, unit: str) -> int:
    """A known day, shifted."""
    one = np.asarray(day, dtype=np.int64)
    return int(shift(Times(one, one), amount, unit).lo)


@lru_cache(maxsize=4096)
def first_reaching(amount: int, unit: str, day: int) -> int:
    """The first day that, shifted, is ``day`` or later; beyond "never" where none is."""
    if shifted_day(SINCE_EVER, amount, unit) >= day:
        return SINCE_EVER
    if day > NEVER_ENDS:
        return NEVER_ENDS + 1
    found = bisect_left(range(FIRST_DAY, LAST_DAY + 1), True, key=lambda d: shifted_day(d, amount, unit) >= day)
    return FIRST_DAY + found if found <= LAST_DAY - FIRST_DAY else NEVER_ENDS


@lru_cache(maxsize=4096)
def last_birthday(at: int, months: int) -> int:
    """The last day of birth on which somebody has completed ``months`` months on the day ``at``."""
    at_day = np.asarray(at)
    years_back = bisect_left(
        range(FIRST_DAY, LAST_DAY + 1), True, key=lambda b: int(completed_months(np.asarray(b), at_day)) < months
    )
    return FIRST_DAY + years_back - 1


class Shifts:
    """Shifts moments, keeping one term for each shifted day. ``require`` takes what must hold of those terms."""

    def __init__(self, logic: Logic, require: Callable[[Formula], None]):
        self._logic = logic
        self._require = require
        self._made: dict[tuple[int, int, str], Shifted] = {}

    def shifted(self, moment: Moment, amount: int, unit: str) -> Moment:
        """The moment, some calendar units later; its time of day stays."""
        lo, hi = self._day(moment.lo, amount, unit), self._day(moment.hi, amount, unit)

        def time() -> tuple[Formula, Whole]:
            if moment.dated is True:
                return True, 0
            gone = any_of([moment.dated, equal(lo, SINCE_EVER), equal(hi, NEVER_ENDS)])
            return gone, moment.instant + (term(lo) - term(moment.lo)) * DAY

        return Moment(lo, hi, time)

    def _day(self, day: Day, amount: int, unit: str) -> Day:
        if isinstance(day, int):
            return shifted_day(day, amount, unit)
        origin = term(day)
        key = (origin.get_id(), amount, unit)
        if key not in self._made:
            self._made[key] = Shifted(origin, amount, unit, self._term(origin, amount, unit))
        return self._made[key]

    def _term(self, origin: Whole, amount: int, unit: str) -> Whole:
        moved = self._logic.whole("shifted")
        fewest, most = _LENGTHS[unit]
        low, high = min(amount * fewest, amount * most), max(amount * fewest, amount * most)
        outside = any_of([origin == SINCE_EVER, origin == NEVER_ENDS])
        in_calendar = all_of([origin + low >= FIRST_DAY, origin + high <= LAST_DAY])
        self._require(implies(outside, moved == origin))
        self._require(
            implies(all_of([negated(outside), in_calendar]), all_of([moved >= origin + low, moved <= origin + high]))
        )
        if low == high:  # what leaves the calendar is since ever, or never
            self._require(any_of([outside, origin + low >= FIRST_DAY, moved == SINCE_EVER]))
            self._require(any_of([outside, origin + low <= LAST_DAY, moved == NEVER_ENDS]))
        return moved


__all__ = [
    "DAY", "UNKNOWN", "Moment", "Shifted", "Shifts", "compare", "constant", "earliest", "equal", "first_reaching",
    "last_birthday", "latest", "not_after", "shifted_day", "term", "where",
]  # fmt: skip
