"""Calendar arithmetic and measurement periods.

Ages and windows follow the conventions of the eCQMs (shared logic 2026, section 1): adding years or months keeps
the day, clipped to the last valid day; an age is the number of completed calendar years, the birthday included.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Literal

Unit = Literal["days", "weeks", "months", "years"]

EPOCH = dt.date(1970, 1, 1)


def add_months(day: dt.date, months: int) -> dt.date:
    """``day`` plus calendar months; the day of the month is clipped to the last valid one.

    >>> add_months(dt.date(2024, 2, 29), 24)
    datetime.date(2026, 2, 28)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add(day: dt.date, amount: int, unit: Unit) -> dt.date:
    """``day`` plus ``amount`` calendar units.

    >>> add(dt.date(2026, 1, 1), -15, "months")
    datetime.date(2024, 10, 1)
    """
    if unit == "days":
        return day + dt.timedelta(days=amount)
    if unit == "weeks":
        return day + dt.timedelta(weeks=amount)
    return add_months(day, amount * (12 if unit == "years" else 1))


def completed_months(birth: dt.date, day: dt.date) -> int:
    """Age in completed calendar months."""
    return (day.year - birth.year) * 12 + day.month - birth.month - (day.day < birth.day)


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def date_of(number: int) -> dt.date:
    """The day of a :func:`day_number`."""
    return EPOCH + dt.timedelta(days=number)


@dataclass(frozen=True, order=True)
class Period:
    """A measurement period: whole calendar days, both ends included.

    Exact comparisons read it as running from 00:00:00.000 of ``start`` to 23:59:59.999 of ``end``, UTC.
    """

    start: dt.date
    end: dt.date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    @classmethod
    def calendar_year(cls, year: int) -> Period:
        """1 January to 31 December of ``year``."""
        return cls(dt.date(year, 1, 1), dt.date(year, 12, 31))

    @classmethod
    def starting(cls, start: dt.date, months: int = 12) -> Period:
        """``months`` whole months from ``start``."""
        return cls(start, add_months(start, months) - dt.timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.start}..{self.end}"
