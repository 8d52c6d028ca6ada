"""How many calendar days of a window are covered by events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from measureharmony.evaluation.reference.bound import as_number, as_whole
from measureharmony.evaluation.reference.enrolment import Days, is_covered, window_days
from measureharmony.evaluation.reference.record import Event
from measureharmony.evaluation.reference.subject import Subject
from measureharmony.measures.criterion import CoveredDays, DaysCovered


@dataclass(frozen=True)
class DaysFound:
    """How many days of a window count, and on how many of these something is at hand."""

    covered: int
    counted: int


def days_covered(subject: Subject, criterion: DaysCovered) -> bool:
    """So many days, or such a share of the window's days that count, are covered; never where none counts."""
    found = days_found(subject, criterion)
    if found is None or found.counted == 0:
        return False
    at_least, share = as_whole(criterion.at_least), criterion.share
    enough = at_least is None or found.covered >= at_least
    return enough and (share is None or found.covered >= as_number(share) * found.counted)


def days_found(subject: Subject, criterion: CoveredDays) -> DaysFound | None:
    """The window's days one by one; ``None`` where its ends are not known to the day."""
    window = window_days(subject, criterion.within)
    if window is None:
        return None
    left_out = [days for ref in criterion.except_ for days in spells(subject.events(ref))]
    counted = {day for day in range(window[0], window[1] + 1) if not is_covered(day, left_out)}
    covered: set[int] = set()
    for ref in criterion.of:
        one_set = spells(subject.events(ref))
        covered.update(used_up(one_set, left_out, window[1]) if criterion.shift else days_of(one_set, window[1]))
    return DaysFound(len(covered & counted), len(counted))


def spells(rows: Iterable[Event]) -> list[Days]:
    """The first and last day of each event, where both are known, by first day."""
    return sorted((row.start.day_lo, row.end.day_lo) for row in rows if row.days_are_known)


def days_of(spells: list[Days], last: int) -> Iterator[int]:
    """The days of all spells, until the day ``last``."""
    for start, end in spells:
        yield from range(start, min(end, last) + 1)


def used_up(spells: list[Days], left_out: list[Days], last: int) -> Iterator[int]:
    """The days on which supplies are used up, until the day ``last``.

    A supply has one portion for each of its days. It is begun on its own first day, or when the supply before it is
    used up; on a day left out, none is taken.
    """
    day = min((start for start, _ in spells), default=last + 1)
    for start, end in spells:
        day, portions = max(day, start), end - start + 1
        while portions > 0 and day <= last:
            if not is_covered(day, left_out):
                yield day
                portions -= 1
            day += 1


__all__ = ["DaysFound", "days_covered", "days_found", "spells", "used_up"]
