"""Continuous enrolment with one payer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from measureharmony.evaluation.reference.bound import as_whole
from measureharmony.evaluation.reference.record import UNKNOWN, Span, Time
from measureharmony.measures.criterion import Enrolled
from measureharmony.measures.measure import EndOfCoverage
from measureharmony.measures.window import WindowRef
from measureharmony.payers.variant import OwnCoverage

if TYPE_CHECKING:
    from measureharmony.evaluation.reference.subject import Subject

#: First and last day, both included.
Days = tuple[int, int]


@dataclass(frozen=True)
class Asked:
    """What has to be covered: the window's days, and the anchor's day if there is one."""

    window: Days
    anchor: int | None


def enrolled(subject: Subject, criterion: Enrolled) -> bool:
    """Some payer's spans, merged, leave few and short enough gaps in the window and cover the anchor's day."""
    asked = days_asked(subject, criterion)
    if asked is None:
        return False
    return any(_holds(criterion, stretches, asked) for stretches in cover(subject, criterion).values())


def days_asked(subject: Subject, criterion: Enrolled) -> Asked | None:
    """The days that count; they end with the as-of date at the latest.

    ``None``, which holds for nobody, where the window or the anchor cannot be pinned to calendar days.
    """
    window = window_days(subject, criterion.window)
    anchor = _day(subject.moment(criterion.anchor)) if criterion.anchor else None
    if window is None or (criterion.anchor is not None and anchor is None):
        return None
    as_of = subject.case.as_of
    if as_of is None:
        return Asked(window, anchor)
    return Asked((window[0], min(window[1], as_of)), None if anchor is None else min(anchor, as_of))


def window_days(subject: Subject, window: WindowRef) -> Days | None:
    """First and last day of a window; ``None`` where they are not known to the day."""
    bounds = subject.bounds(window)
    first, last = _day(bounds.begins), _day(bounds.ends)
    if first is None or last is None:
        return None
    return (first if bounds.lower_included else first + 1), (last if bounds.upper_included else last - 1)


def _day(time: Time | None) -> int | None:
    """The calendar day of a moment, where it is known to the day."""
    return time.day_lo if time is not None and time.is_a_date and time.day_lo == time.day_hi else None


def cover(subject: Subject, criterion: Enrolled | EndOfCoverage) -> dict[str, list[Days]]:
    """The covered stretches by payer, of spans that may count: spans of different payers are never merged."""
    own = subject.case.own if criterion.payer == "own" else None
    spans = [span for span in subject.record.coverage if _offers(span, criterion.benefits) and _is_own(span, own)]
    payers = sorted({span.payer for span in spans})
    return {payer: merged(span for span in spans if span.payer == payer) for payer in payers}


def _is_own(span: Span, own: OwnCoverage | None) -> bool:
    """It is the program's payer and one of its product lines; any will do when the question names no program."""
    if own is None:
        return True
    return span.payer == own.payer and (not own.product_lines or span.product_line in own.product_lines)


def _offers(span: Span, benefits: tuple[str, ...]) -> bool:
    """The span offers every benefit listed; a span that lists none offers all."""
    return span.benefits is None or span.benefits.issuperset(benefits)


def merged(spans: Iterable[Span]) -> list[Days]:
    """Stretches of cover, joined where spans overlap or touch (one ends the day before the next begins)."""
    stretches: list[Days] = []
    for span in sorted(spans, key=lambda span: (span.start_day, span.end_day)):
        if stretches and span.start_day <= stretches[-1][1] + 1:
            stretches[-1] = (stretches[-1][0], max(stretches[-1][1], span.end_day))
        else:
            stretches.append((span.start_day, span.end_day))
    return stretches


def end_of_coverage(subject: Subject, asked: EndOfCoverage) -> Time:
    """The last day of the stretch around the day asked for; the latest one where several payers cover that day."""
    day, as_of = _day(subject.moment(asked.from_)), subject.case.as_of
    if day is None:
        return UNKNOWN
    if as_of is not None:
        day = min(day, as_of)
    allowed = as_whole(asked.gap_days) or 0
    stretches = (stretch for found in cover(subject, asked).values() for stretch in bridged(found, allowed))
    ends = [end for start, end in stretches if start <= day <= end]
    if not ends:
        return UNKNOWN
    last = max(ends) if as_of is None else min(max(ends), as_of)
    return Time(last, last)


def bridged(stretches: list[Days], gap_days: int) -> list[Days]:
    """Stretches, in order, joined where at most so many uncovered days lie between them."""
    joined: list[Days] = []
    for start, end in stretches:
        if joined and start - joined[-1][1] - 1 <= gap_days:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def gaps(stretches: Iterable[Days], window: Days) -> list[Days]:
    """The window's uncovered stretches, also those at its edges."""
    first_open, found = window[0], []
    for start, end in stretches:
        if start > window[1]:
            break
        if start > first_open:
            found.append((first_open, start - 1))
        first_open = max(first_open, end + 1)
    if first_open <= window[1]:
        found.append((first_open, window[1]))
    return found


def _holds(criterion: Enrolled, stretches: list[Days], asked: Asked) -> bool:
    """Some day is covered; at most so many gaps, each at most so long (never their sum); the anchor is covered."""
    first, last = asked.window
    if not any(max(first, start) <= min(last, end) for start, end in stretches):
        return False
    found = gaps(stretches, asked.window)
    if len(found) > (as_whole(criterion.gaps) or 0):
        return False
    if any(length(gap) > (as_whole(criterion.gap_days) or 0) for gap in found):
        return False
    return asked.anchor is None or is_covered(asked.anchor, stretches)


def length(days: Days) -> int:
    """How many days, both ends counted."""
    return days[1] - days[0] + 1


def is_covered(day: int, stretches: Iterable[Days]) -> bool:
    """The day lies in one of the stretches."""
    return any(start <= day <= end for start, end in stretches)
