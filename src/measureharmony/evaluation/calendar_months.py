"""Days as months and days of a month, for many days at once.

A lookup in a small table costs a tenth of NumPy's own conversions; days far from today go by those.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER, Ints

#: The first years of the table and after it: whoever is alive was born in them, and what is planned lies in them.
_FROM, _UNTIL = "1880-01-01", "2120-01-01"


class _Table(NamedTuple):
    """The months since 1970, and the days in them from 0, of the days from ``first_day`` on.

    ``begin`` gives the first days of the months from ``first_month`` on.
    """

    first_day: int
    month: Ints
    day: Ints
    first_month: int
    begin: Ints


@cache
def _table() -> _Table:
    days = np.arange(_FROM, _UNTIL, dtype="datetime64[D]").astype(np.int64)
    month, day = (numbers.astype(np.int32) for numbers in _months_and_days(days))
    begin = _first_days(np.arange(month[0], month[-1] + 1)).astype(np.int32)
    return _Table(int(days[0]), month, day, int(month[0]), begin)


def months_and_days(days: Ints) -> tuple[Ints, Ints]:
    """The months since 1970, and the days in them from 0; of "since ever" and "never ends" they mean nothing."""
    table, days = _table(), np.asarray(days)
    place = np.where((days == SINCE_EVER) | (days == NEVER_ENDS), 0, days - table.first_day)
    if _within(place, table.month):
        return table.month.take(place), table.day.take(place)
    return _months_and_days(days)


def first_days(months: Ints) -> Ints:
    """The first day of each month since 1970."""
    table = _table()
    place = np.asarray(months) - table.first_month
    return table.begin.take(place) if _within(place, table.begin) else _first_days(months)


def _within(place: Ints, table: Ints) -> bool:
    return place.size > 0 and bool(place.min() >= 0) and bool(place.max() < len(table))


def _months_and_days(days: Ints) -> tuple[Ints, Ints]:
    date = days.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    return month.astype(np.int64), (date - month.astype("datetime64[D]")).astype(np.int64)


def _first_days(months: Ints) -> Ints:
    first: Ints = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first


__all__ = ["first_days", "months_and_days"]
