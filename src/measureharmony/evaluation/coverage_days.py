"""Calendar days covered by spells (medication at hand): the kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.evaluation.row_kernels import group_starts, running_maximum, spread, stretches
from measureharmony.evaluation.time_kernels import WholeDay

#: Person, first day and last day of each spell.
Spells = tuple[Ints, Ints, Ints]


def joined(spells: Sequence[Spells]) -> Spells:
    """All days that some of the spells cover, as few spells as possible, by person and start."""
    person, start, end = (np.concatenate(parts) for parts in zip(*spells, strict=True))
    order = _by_person_and_day(person, start)
    person, start = person[order], start[order]
    first, last = stretches(person, start, end[order])
    return person[first], start[first], last


def _by_person_and_day(person: Ints, day: Ints) -> Ints:
    """Positions by person, then day; equal ones stay in their order."""
    return np.argsort(_numbered(person, day), kind="stable")  # of rows in the source's order, which nearly is one


def _numbered(person: Ints, day: Ints) -> Ints:
    """Person and day as one number, which sorts and is found faster than two. No day lies outside of ±2**31."""
    return (person << 32) + day


def counted_day(person: Ints, day: Ints, left_out: Spells) -> Ints:
    """How many days to each ``day``, counted from that day 0 and without the days of ``left_out`` before it.

    Such numbers make a calendar in which the days left out do not exist: they take the number of the next day that
    counts. ``left_out`` is :func:`joined`.
    """
    whose, start, end = left_out
    passed = np.concatenate(([0], np.cumsum(end - start + 1)))
    begun = np.searchsorted(_numbered(whose, start), _numbered(person, day))
    before = passed[begun] - passed[np.searchsorted(whose, person)]
    previous = np.maximum(begun - 1, 0)
    still_on = (begun > 0) & (whose[previous] == person) if len(whose) else np.zeros(len(person), dtype=bool)
    unfinished = np.where(still_on, np.maximum(end[previous] + 1 - day, 0), 0) if len(whose) else 0
    return np.asarray(day - before + unfinished)


def counted_spells(spells: Spells, left_out: Spells, *, saved_up: bool) -> Spells:
    """Spells in the calendar of :func:`counted_day`.

    ``saved_up``: with as many days as before, none of which is used up on days left out. Otherwise those are lost.
    """
    person, start, end = spells
    first = counted_day(person, start, left_out)
    last = first + (end - start) if saved_up else counted_day(person, end + 1, left_out) - 1
    some = first <= last
    return person[some], first[some], last[some]


def spells_of(person: Ints, start: Ints, end: Ints, *, saved_up: bool) -> Spells:
    """Spells (person, first day, last day) by person and start.

    ``saved_up``: a spell that begins before the one before it has ended begins the day after, and keeps its length.
    """
    order = _by_person_and_day(person, start)
    person, start, end = person[order], start[order], end[order]
    if not saved_up or len(person) == 0:
        return person, start, end
    # The i-th spell ends after all lengths since some spell j that was not moved: the j that makes this the latest.
    starts = group_starts(person)
    length = end - start + 1
    used = np.cumsum(length)
    before = used - length
    used, before = (spent - spread(before[starts], starts, len(person)) for spent in (used, before))
    end = used + running_maximum(start - before, starts) - 1
    return person, end - length + 1, end


def covered_days(person: Ints, start: Ints, end: Ints, first: Ints, last: Ints) -> Ints:
    """How many days from ``first`` to ``last`` (one of each per person, both included) lie in some spell.

    The spells are sorted by person and start.
    """
    count = np.zeros(len(first), dtype=np.int64)
    start, end = np.maximum(start, first.take(person)), np.minimum(end, last.take(person))
    touching = np.flatnonzero(start <= end)
    person, start, end = person.take(touching), start.take(touching), end.take(touching)
    if len(person) == 0:
        return count
    starts = group_starts(person)
    reached = running_maximum(end, starts)
    fresh = start.copy()
    fresh[1:] = np.maximum(start[1:], reached[:-1] + 1)
    fresh[starts] = start[starts]
    count[person[starts]] = np.add.reduceat(np.maximum(end - fresh + 1, 0), starts)
    return count


class DaysFound(NamedTuple):
    """How many days of a window count, how many of them are covered, and whether the window is known to the day."""

    covered: Ints
    counted: Ints
    known: Bools


class InUse(NamedTuple):
    """Spells by person and start, in the calendar of :func:`counted_day` where some days are left out."""

    spells: Spells
    left_out: Spells | None


def in_use(sets: Sequence[Spells], excepted: Sequence[Spells], *, saved_up: bool) -> InUse:
    """The spells of the sets, each set moved as :func:`spells_of` says, without the days of ``excepted`` ones."""
    left_out = joined(excepted) if excepted else None
    if left_out is not None:
        sets = [counted_spells(spells, left_out, saved_up=saved_up) for spells in sets]
    moved = [spells_of(*spells, saved_up=saved_up) for spells in sets] or [(np.empty(0, dtype=np.int64),) * 3]
    person, start, end = (np.concatenate(parts) for parts in zip(*moved, strict=True))
    order = _by_person_and_day(person, start)
    return InUse((person.take(order), start.take(order), end.take(order)), left_out)


def days_found(found: InUse, first: WholeDay, last: WholeDay) -> DaysFound:
    """The days from ``first`` to ``last`` that spells in use cover, without those left out."""
    start, end = first.day, last.day
    if found.left_out is not None:
        everybody = np.arange(len(start))
        start = counted_day(everybody, start, found.left_out)
        end = counted_day(everybody, end + 1, found.left_out) - 1
    covered = covered_days(*found.spells, start, end)
    return DaysFound(covered, np.maximum(end - start + 1, 0), first.known & last.known)


def enough_days(days: DaysFound, at_least: int | None, share: float | None) -> Bools:
    """Where so many days, or such a share of those that count, are covered; never where none counts."""
    enough = np.asarray(days.counted > 0)
    if at_least is not None:
        enough &= days.covered >= at_least
    if share is not None:
        enough &= days.covered >= share * days.counted
    return enough


__all__ = [
    "DaysFound", "InUse", "Spells", "counted_day", "counted_spells", "covered_days", "days_found", "enough_days",
    "in_use", "joined", "spells_of",
]  # fmt: skip
