"""Kernels that yield rows or masks over rows: choosing among a person's events, and relating events to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar, cast

import numpy as np

from measureharmony.evaluation.columns import Bools, Floats, Ints, Links, Times, beginnings, ranges
from measureharmony.evaluation.nodes import Op
from measureharmony.evaluation.time_kernels import days_known, order_key

#: Pairs compared at a time, which bounds the memory of a relation between two large sets.
PAIRS_AT_ONCE = 4_000_000

#: How many marks to set for each row that is looked up, before searching is cheaper.
_MARKED_PER_ROW = 32
#: The same for each row that would be sorted.
_MARKED_PER_SORTED = 24


def group_starts(person: Ints) -> Ints:
    """Where each run of equal persons begins; ``person`` is ascending."""
    begins = np.ones(len(person), dtype=bool)
    np.not_equal(person[1:], person[:-1], out=begins[1:])
    return np.flatnonzero(begins)


Numbers = TypeVar("Numbers", Ints, Floats)


def spread(values: Numbers, starts: Ints, length: int) -> Numbers:
    """One value per group → one per member."""
    return cast(Numbers, np.repeat(values, np.diff(np.append(starts, length))))


def running_maximum(values: Ints, starts: Ints) -> Ints:
    """The greatest value so far within each group."""
    low = int(values.min())
    step = int(values.max()) - low + 1
    offset = spread(np.arange(len(starts), dtype=np.int64) * step, starts, len(values))
    return np.maximum.accumulate(values - low + offset) - offset + low


def stretches(group: Ints, start: Ints, end: Ints, gap_days: int = 0) -> tuple[Ints, Ints]:
    """Spans joined where they overlap or touch, or leave at most ``gap_days`` days open between them.

    The spans are sorted by group and start. The position of each stretch's first span, and the stretch's last day.
    """
    if len(group) == 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    reached = running_maximum(end, group_starts(group))
    fresh = np.ones(len(group), dtype=bool)
    fresh[1:] = (group[1:] != group[:-1]) | (start[1:] > reached[:-1] + gap_days + 1)
    first = np.flatnonzero(fresh)
    return first, np.maximum.reduceat(end, first)


def choose_by_time(rows: Ints, person: Ints, times: Times, choice: str) -> Ints:
    """``first``/``last`` (one row a person) or ``first_day``/``last_day`` (all rows of that day) by a moment."""
    unknown = times.unknown()
    if unknown.any():
        known = np.flatnonzero(~unknown)
        rows, person, times = rows.take(known), person.take(known), times.take(known)
    if len(rows) == 0:
        return rows
    starts = group_starts(person)
    by_day = choice.endswith("_day")
    key = times.lo if by_day else order_key(times)
    best: Ints = (np.maximum if choice.startswith("last") else np.minimum).reduceat(key, starts)
    is_best = key == spread(best, starts, len(key))
    if by_day:
        return cast(Ints, rows[is_best])
    return rows[one_per_group(is_best, starts, last=choice == "last")]


def choose_by_number(rows: Ints, person: Ints, numbers: Floats, choice: str, *, missing_first: bool) -> Ints:
    """The row with the ``lowest``/``highest`` number of each person; NaN is missing."""
    if len(rows) == 0:
        return rows
    starts = group_starts(person)
    lowest = choice == "lowest"
    missing = np.inf if lowest != missing_first else -np.inf
    key = np.where(np.isnan(numbers), missing, numbers)
    best: Floats = (np.minimum if lowest else np.maximum).reduceat(key, starts)
    return rows[one_per_group(key == spread(best, starts, len(key)), starts, last=False)]


def choose_spaced(rows: Ints, person: Ints, times: Times, days: int) -> Ints:
    """Each person's earliest row by a moment, then the next one at least ``days`` later, and so on."""
    known = np.flatnonzero(~times.unknown())
    order = known[np.lexsort((order_key(times)[known], person[known]))]
    chosen = []
    while len(order):
        starts = group_starts(person[order])
        first = order[starts]
        chosen.append(rows[first])
        earliest_next = spread(times.lo[first].astype(np.int64) + days, starts, len(order))
        later = np.ones(len(order), dtype=bool)
        later[starts] = False
        order = order[later & (times.lo[order] >= earliest_next)]
    return np.sort(np.concatenate(chosen)) if chosen else rows[:0]


def choose_of_chains(rows: Ints, person: Ints, start: Times, end: Times, choice: str, days: int) -> Ints:
    """The ``first`` row (by start) or the ``last`` one (by end) of each chain of rows whose days are known.

    A row that starts at most ``days`` days after the latest end so far belongs to its person's running chain.
    """
    known = np.flatnonzero(days_known(start, end))
    order = known[np.lexsort((order_key(start)[known], person[known]))]
    first, _ = stretches(person[order], start.lo[order].astype(np.int64), end.lo[order].astype(np.int64), days - 1)
    if choice == "first":
        return np.sort(rows[order[first]])
    chain = spread(np.arange(len(first)), first, len(order))
    by_end = order[np.lexsort((order, order_key(end)[order], chain))]
    return np.sort(rows[by_end[np.append(first[1:], len(order)) - 1]]) if len(order) else rows[:0]


def one_per_group(candidates: Bools, starts: Ints, *, last: bool) -> Ints:
    """The position of the first (or last) candidate of each group; every group has one."""
    positions = np.flatnonzero(candidates)
    if len(positions) == len(starts):
        return positions
    following = np.append(starts[1:], len(candidates))
    return positions[np.searchsorted(positions, following) - 1 if last else np.searchsorted(positions, starts)]


def one_per_day(person: Ints, day: Ints, dated: Bools) -> Ints:
    """Each person as often as there are different days among their ``dated`` entries."""
    # Person and day as one number, which sorts and compares faster than two. No day lies outside of ±2**31.
    entries = (person[dated].astype(np.int64) << 32) + day[dated]
    entries.sort()
    fresh = entries[group_starts(entries)]
    return np.asarray((fresh + (1 << 31)) >> 32)


def union(sets: list[Ints]) -> Ints:
    """Rows in any of ``sets``, each once, ascending."""
    rows = np.concatenate(sets)
    most = int(rows.max(initial=0))
    if most < _MARKED_PER_SORTED * len(rows):
        # Marks are as many as there are rows at all, but cost far less than sorting each.
        marked = np.zeros(most + 1, dtype=bool)
        marked[rows] = True
        return np.flatnonzero(marked)
    rows.sort()  # np.unique would hash them, which takes many times longer
    return rows[group_starts(rows)]


def in_sorted(rows: Ints, others: Ints) -> Bools:
    """Which of ``rows`` are among the ascending ``others``."""
    if len(others) == 0:
        return np.zeros(len(rows), dtype=bool)
    size = int(others[-1]) + 1
    if size <= _MARKED_PER_ROW * len(rows):
        # Looking up a mark costs a fraction of searching, as long as there are not many more marks than rows.
        marked = np.zeros(size + 1, dtype=bool)  # the last one stands for whatever is out of reach
        marked[others] = True
        return marked.take(rows, mode="clip")
    found = np.searchsorted(others, rows)
    return np.asarray(others.take(found, mode="clip") == rows)


def places_in(rows: Ints, others: Ints) -> Ints:
    """Where each of ``rows`` is among the ascending ``others``, all of them different; -1 where it is not."""
    if len(others) == 0:
        return np.full(len(rows), -1, dtype=np.int64)
    size = int(others[-1]) + 1
    if size <= _MARKED_PER_ROW * len(rows):
        place = np.full(size + 1, -1, dtype=np.int32)  # the last one stands for whatever is out of reach
        place[others] = np.arange(len(others), dtype=np.int32)
        return place.take(rows, mode="clip").astype(np.intp)
    found = np.searchsorted(others, rows)
    return np.where(others.take(found, mode="clip") == rows, found, -1)


def bound_number(numbers: Floats, op: Op, bound: float, *, sure: bool) -> Bools:
    """A number against a bound; a missing one (NaN) is possible, never certain."""
    with np.errstate(invalid="ignore"):
        test: dict[Op, Callable[[], Bools]] = {
            "ge": lambda: np.asarray(numbers >= bound),
            "gt": lambda: np.asarray(numbers > bound),
            "le": lambda: np.asarray(numbers <= bound),
            "lt": lambda: np.asarray(numbers < bound),
        }
        return test[op]() if sure else test[op]() | np.isnan(numbers)


def any_between(person: Ints, low: Ints, high: Ints, other_person: Ints, other_day: Ints) -> Bools:
    """For each ``person``: whether one of the same person's other days lies in [low, high]."""
    if len(other_person) == 0:
        return np.zeros(len(person), dtype=bool)
    # Person and day as one number, so that one sorted array answers for everybody. No day lies outside of ±2**31.
    days = (other_person.astype(np.int64) << 32) + other_day
    days.sort()
    whose = person.astype(np.int64) << 32
    first = np.searchsorted(days, whose + low)
    return np.asarray((first < len(days)) & (days[np.minimum(first, len(days) - 1)] <= whose + high))


def pairs_of_person(person: Ints, other_person: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Every (this, other) position pair of one person, in blocks; both arrays are ascending."""
    if len(person) == 0 or len(other_person) == 0:
        return
    many = np.bincount(other_person, minlength=int(person[-1]) + 1)
    begin, counts = (np.cumsum(many) - many)[person], many[person]
    ends = np.cumsum(counts)
    block = 0
    while block < len(person):
        done = ends[block - 1] if block else 0
        stop = max(block + 1, int(np.searchsorted(ends, done + PAIRS_AT_ONCE, side="right")))
        here = counts[block:stop]
        yield np.repeat(np.arange(block, stop), here), ranges(begin[block:stop], here)
        block = stop


def linked_pairs(pointing: Ints, pointed: Ints, links: Links) -> tuple[Ints, Ints]:
    """(position in ``pointing``, position in ``pointed``) pairs that the links join; both are ascending rows."""
    which, target = links_of(pointing, links)
    place = places_in(target, pointed)
    there = np.flatnonzero(place >= 0)
    return which.take(there), place.take(there)


def links_of(rows: Ints, links: Links) -> tuple[Ints, Ints]:
    """(position in ``rows``, row it points to) pairs."""
    if links.only is not None:
        target = links.only.take(rows, mode="clip")
        which = np.flatnonzero(target >= 0)
        return which, target.take(which)
    several, place = _positions(rows, links.begin)
    return several, links.pointed.take(place)


def positions_of(wanted: Ints, values: Ints) -> tuple[Ints, Ints]:
    """For each of ``wanted``, the positions of its equals in the ascending ``values``: (which one, position) pairs."""
    return _positions(wanted, beginnings(values))


def _positions(wanted: Ints, begin: Ints) -> tuple[Ints, Ints]:
    """:func:`positions_of`, from the :func:`beginnings` of values."""
    first = begin.take(wanted, mode="clip")
    counts = begin.take(wanted + 1, mode="clip") - first
    if counts.max(initial=0) <= 1:
        which = np.flatnonzero(counts)
        return which, first.take(which)
    return np.repeat(np.arange(len(wanted)), counts), ranges(first, counts)
