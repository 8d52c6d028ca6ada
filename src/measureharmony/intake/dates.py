"""Days and measurement periods as payers write them."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from measureharmony.intake.written import plain
from measureharmony.payers.program import PeriodRule

_MONTHS = {name.casefold()[:3]: number for number, name in enumerate(calendar.month_name) if name}
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAYS = re.compile(
    r"(?P<iso>\d{4}-\d{1,2}-\d{1,2})"
    r"|(?P<slash>\d{1,2}[/.]\d{1,2}[/.](?:\d{4}|\d{2}))(?!\d)"
    rf"|{_MONTH}\s*(?P<md>\d{{1,2}})(?:st|nd|rd|th)?,?\s*(?P<my>\d{{4}})"
    rf"|(?P<dd>\d{{1,2}})(?:st|nd|rd|th)?\s*(?P<dm>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s*(?P<dy>\d{{4}})"
)
#: Spreadsheets count days from 1899-12-30; numbers like these are days of 2009 to 2064.
_SERIAL = range(40_000, 60_000)


def read_days(text: str, *, day_first: bool = False) -> list[dt.date]:
    """Every day of a text that has a year; days that no calendar has are left out.

    >>> read_days("Claims by 3/31/2027, charts by 28 February 2027")
    [datetime.date(2027, 3, 31), datetime.date(2027, 2, 28)]
    """
    if re.fullmatch(r"\d{5}", text) and int(text) in _SERIAL:
        return [dt.date(1899, 12, 30) + dt.timedelta(days=int(text))]
    found = (_day(match, day_first) for match in _DAYS.finditer(plain(text)))
    return [day for day in found if day is not None]


def _day(match: re.Match[str], day_first: bool) -> dt.date | None:
    if match["iso"]:
        year, month, day = (int(part) for part in match["iso"].split("-"))
    elif match["slash"]:
        first, second, year = (int(part) for part in re.split(r"[/.]", match["slash"]))
        month, day = (second, first) if day_first or first > 12 else (first, second)
        year += 2000 if year < 100 else 0
    elif match["md"]:
        month, day, year = _MONTHS[match[3][:3]], int(match["md"]), int(match["my"])
    else:
        month, day, year = _MONTHS[match["dm"]], int(match["dd"]), int(match["dy"])
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def is_ambiguous(text: str) -> bool:
    """Whether day and month of a text could change places: 03/04/2026."""
    found = re.search(r"\b(\d{1,2})[/.](\d{1,2})[/.]\d{2,4}", text)
    return found is not None and int(found[1]) <= 12 and int(found[2]) <= 12 and found[1] != found[2]


def read_period(text: str, edition: int, *, day_first: bool = False) -> PeriodRule | None:
    """The measurement period of a text: two days of it, a calendar year, or two months.

    >>> read_period("7/1/2025 – 6/30/2026", 2026)
    PeriodRule(start='07-01', months=12, named_for='end')
    >>> read_period("CY 2026", 2026)
    PeriodRule(start='01-01', months=12, named_for='start')
    """
    days = read_days(text, day_first=day_first)
    if len(days) == 2 and days[0] < days[1]:
        start, end = days[0], days[1] + dt.timedelta(days=1)
        if start.day != end.day:
            return None
        months = (end.year - start.year) * 12 + end.month - start.month
        return _rule(start, months, days[1], edition)
    known = plain(text)
    months_named = re.findall(rf"\b{_MONTH}", known)
    if len(months_named) == 2:
        first, last = (_MONTHS[name[:3]] for name in months_named)
        crosses = last < first
        named_for = "end" if crosses and re.search(r"\bfy|fiscal", known) else "start"
        return PeriodRule(start=f"{first:02}-01", months=(last - first) % 12 + 1, named_for=named_for)  # type: ignore[arg-type]
    if re.search(r"\b(cy|calendar|my)\b|\b(cy|my)\d{2,4}|january 1|^(19|20)\d\d$", known):
        return PeriodRule()
    return None


def _rule(start: dt.date, months: int, end: dt.date, edition: int) -> PeriodRule | None:
    if not 1 <= months <= 36:
        return None
    named_for = "end" if start.year != edition and end.year == edition else "start"
    if start.month == 1 and start.year == end.year:
        named_for = "start"
    return PeriodRule(start=f"{start:%m-%d}", months=months, named_for=named_for)  # type: ignore[arg-type]


__all__ = ["is_ambiguous", "read_days", "read_period"]
