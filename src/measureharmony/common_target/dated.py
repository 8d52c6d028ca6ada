"""A spec in words for people with a calendar: a period's days are dates, parts are called as programs call them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from measureharmony.measures.measure import Episodes, Measure
from measureharmony.measures.names import Name
from measureharmony.measures.number import NumberRef
from measureharmony.measures.plain_words import plain
from measureharmony.measures.references import Part
from measureharmony.measures.window import Point, WindowRef
from measureharmony.measures.words import Wording
from measureharmony.periods import Period, Unit, add


@dataclass(frozen=True)
class Span:
    """Days from ``first`` to ``last``, both included; ``None``: open."""

    first: dt.date | None = None
    last: dt.date | None = None

    @property
    def is_empty(self) -> bool:
        """No day lies in it."""
        return self.first is not None and self.last is not None and self.first > self.last

    def common(self, other: Span) -> Span:
        """The days that lie in both."""
        firsts = [day for day in (self.first, other.first) if day is not None]
        lasts = [day for day in (self.last, other.last) if day is not None]
        return Span(max(firsts, default=None), min(lasts, default=None))

    def __str__(self) -> str:
        first, last = self.first, self.last
        if first is None:
            return "at any time" if last is None else f"until {said(last)}"
        if last is None:
            return f"from {said(first)} on"
        if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
            return f"in {first.year}"
        if first == last:
            return f"on {said(first)}"
        return f"from {said(first, year=first.year != last.year)} to {said(last)}"


def said(day: dt.date, *, year: bool = True) -> str:
    """``30 June 2026``.

    >>> said(dt.date(2026, 6, 30))
    '30 June 2026'
    """
    return f"{day.day} {_MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


#: "from 3 days after it to 9 days after it", and "from it to 9 days after it".
_FROM_AND_TO = re.compile(r"from (.+?) (after|before) (.+) to (.+?) \2 \3")
_FROM_IT = re.compile(r"from (.+) to (.+?) after \1")


def _said_once(window: str) -> str:
    """A window whose both ends are told from one moment, naming that once.

    >>> _said_once("from 42 days after birth to 2 years after birth")
    'from 42 days to 2 years after birth'
    >>> _said_once("from birth to 2 years after birth")
    'within 2 years after birth'
    """
    if match := _FROM_IT.fullmatch(window):
        return f"within {match[2]} after {match[1]}"
    if match := _FROM_AND_TO.fullmatch(window):
        return f"from {match[1]} to {match[4]} {match[2]} {match[3]}"
    return window


@dataclass(frozen=True)
class DatedWording(Wording):
    """The words for a measure over one ``period``. ``originals``: what parts are called where they come from."""

    period: Period = field(default_factory=lambda: Period.calendar_year(2026))
    originals: Mapping[Part, str] = field(default_factory=dict)

    @classmethod
    def of(cls, measure: Measure, period: Period, originals: Mapping[Part, str]) -> DatedWording:
        """The words for a measure; names of parts are shown as their originals, too."""

        def name(section: str, part: str) -> str:
            return plain(originals.get((section, part), part).rpartition(".")[2])

        return cls(measure, name, period, originals)

    def called(self, section: str, name: str) -> str:
        """A named part in words."""
        return self.name(section, name)

    def number(self, ref: NumberRef) -> str:
        """A number by what it is called."""
        return self.called("numbers", ref) if isinstance(ref, Name) else super().number(ref)

    def day(self, point: Point) -> dt.date | None:
        """The day of a point that is the same for everybody; ``None`` for others."""
        if point.anchor != "period":
            return None
        day = self.period.start if point.edge == "start" else self.period.end
        for shift in point.shifts:
            if shift.unit == "milliseconds":
                day = day if (shift.sign > 0) == (point.edge == "start") else add(day, shift.sign, "days")
            else:
                day = add(day, shift.sign * cast(int, shift.amount), cast(Unit, shift.unit))
        return day

    def point(self, point: Point) -> str:
        """Such as: "30 June 2026", "2 years after birth"."""
        day = self.day(point)
        if day is not None:
            return said(day)
        counted = self.measure.subject
        if point.anchor == "index" and isinstance(counted, Episodes):
            return super().point(point).replace("what is counted", f"the {self.called('events', counted.episodes)}")
        return super().point(point.model_copy(update={"anchor": self.called("anchors", point.anchor)}))

    def window(self, ref: WindowRef) -> str:
        """Such as: "from 1 January 2025 to 30 June 2026"."""
        span = self.span(ref)
        return _said_once(super().window(ref)) if span is None else str(span)

    def span(self, ref: WindowRef) -> Span | None:
        """The days of a window that is the same for everybody; ``None`` for others."""
        if isinstance(ref, Name):
            if ref == "period":
                return Span(self.period.start, self.period.end)
            named = self.measure.windows.get(ref)
            return None if named is None else self.span(named)
        found = Span()
        for points, is_first, moved in (
            (ref.from_, True, 0), (ref.after, True, 1), (ref.to, False, 0), (ref.before, False, -1),
        ):  # fmt: skip
            for point in points or ():
                day = self.day(point)
                if day is None:
                    return None
                day = add(day, moved, "days")
                found = found.common(Span(first=day) if is_first else Span(last=day))
        return found


__all__ = ["DatedWording", "Span", "said"]
