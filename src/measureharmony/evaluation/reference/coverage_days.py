"""How many calendar days of a window are covered by events."""

from __future__ import annotations

from measureharmony.evaluation.reference.bound import as_number, as_whole
from measureharmony.evaluation.reference.enrolment import Days, window_days
from measureharmony.evaluation.reference.record import Event
from measureharmony.evaluation.reference.subject import Subject
from measureharmony.measures.criterion import CoveredDays, DaysCovered


def days_covered(subject: Subject, criterion: DaysCovered) -> bool:
    """So many days, or such a share of the window's days, are covered; a window not known to the day has none."""
    window = window_days(subject, criterion.within)
    if window is None or window[1] < window[0]:
        return False
    days = covered_in(subject, criterion, window)
    at_least, share = as_whole(criterion.at_least), criterion.share
    enough = at_least is None or days >= at_least
    return enough and (share is None or days >= as_number(share) * (window[1] - window[0] + 1))


def covered_in(subject: Subject, criterion: CoveredDays, window: Days) -> int:
    """How many days of the window some event of the sets covers."""
    return number_of_days([days for ref in criterion.of for days in _used(subject.events(ref), criterion)], window)


def _used(rows: tuple[Event, ...], criterion: CoveredDays) -> list[Days]:
    """The days that each event of one set covers; saved up, they follow each other."""
    spells = sorted(((row.start.day_lo, row.end.day_lo) for row in rows if _has_days(row)), key=lambda days: days[0])
    return saved_up(spells) if criterion.shift else spells


def _has_days(row: Event) -> bool:
    """Start and end are known to the day; an end may be known never to come."""
    start_is_known = row.start.is_a_date and row.start.day_lo == row.start.day_hi
    return start_is_known and row.end.day_lo == row.end.day_hi and row.end.day_lo >= row.start.day_lo


def saved_up(spells: list[Days]) -> list[Days]:
    """Each spell begins at its own start, or the day after the one before it has ended, and keeps its length."""
    moved: list[Days] = []
    for start, end in spells:
        begin = max(start, moved[-1][1] + 1) if moved else start
        moved.append((begin, begin + end - start))
    return moved


def number_of_days(spells: list[Days], window: Days) -> int:
    """How many days of the window lie in some spell."""
    days, reached = 0, window[0] - 1
    for start, end in sorted(spells):
        first, last = max(start, reached + 1), min(end, window[1])
        days += max(last - first + 1, 0)
        reached = max(reached, last)
    return days


__all__ = ["covered_in", "days_covered", "number_of_days", "saved_up"]
