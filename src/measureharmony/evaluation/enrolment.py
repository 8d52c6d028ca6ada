"""Continuous enrolment with one payer: the kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from measureharmony.evaluation.columns import SINCE_EVER, Bools, Ints, Spans
from measureharmony.evaluation.row_kernels import group_starts, stretches


@dataclass(frozen=True)
class Counted:
    """Spans that count, by payer of a person and first day: whose, which pair of person and payer, and their days.

    Between two spans of one pair there is a day at least that neither covers.
    """

    person: Ints
    payer: Ints
    start: Ints
    end: Ints


def counted(spans: Spans, wanted: Bools) -> Counted:
    """Those of ``spans`` that are ``wanted`` and have a day, joined where they overlap or touch."""
    keep = np.flatnonzero(wanted & (spans.start <= spans.end))
    order = keep[np.lexsort((spans.start[keep], spans.name.codes[keep], spans.person[keep]))]
    person, name = spans.person[order], spans.name.codes[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (person[1:] != person[:-1]) | (name[1:] != name[:-1])
    payer = np.cumsum(fresh) - 1
    start, end = spans.start[order].astype(np.int64), spans.end[order].astype(np.int64)
    first, last = stretches(payer, start, end)
    return Counted(person[first], payer[first], start[first], last)


def enrolled(spans: Counted, window: tuple[Ints, Ints], anchor: Ints | None, allowed: tuple[int, int]) -> Bools:
    """Who is covered over ``window`` (first and last days, one per person) by one payer, but for the allowed gaps.

    ``allowed`` is (how many gaps, of how many days each at most). Spans of one person and payer are taken together.
    ``anchor`` gives a day, inside or outside of the window, that the same payer must cover. Whoever has no covered day
    in the window is not enrolled.
    """
    start, end = (day.take(spans.person) for day in window)
    first, last = np.maximum(spans.start, start), np.minimum(spans.end, end)
    counts = first <= last
    if anchor is not None:
        day = anchor.take(spans.person)
        covers = np.zeros(int(spans.payer[-1]) + 1 if len(spans.payer) else 0, dtype=bool)
        covers[spans.payer[(spans.start <= day) & (spans.end >= day)]] = True
        counts &= covers.take(spans.payer)
    result = np.zeros(len(window[0]), dtype=bool)
    result[spans.person[counts & (first == start) & (last == end)]] = True  # no gap; that is most people
    left = np.flatnonzero(counts & ~result.take(spans.person))
    if len(left):
        starts = group_starts(spans.payer.take(left))
        owner = spans.person.take(left.take(starts))
        bounds = window[0].take(owner), window[1].take(owner)
        result[owner[_few_short_gaps(first.take(left), last.take(left), starts, bounds, allowed)]] = True
    return result


def covered_until(spans: Counted, day: Ints, gap_days: int, latest_end: int) -> Ints:
    """The last day of the stretch of coverage with one payer that ``day`` (one per person) belongs to.

    A stretch goes on over at most ``gap_days`` uncovered days, and ends at ``latest_end`` at the latest. The latest
    such day where several payers cover ``day``, :data:`SINCE_EVER` where nobody does.
    """
    result = np.full(len(day), SINCE_EVER, dtype=np.int64)
    first, last = stretches(spans.payer, spans.start, spans.end, gap_days)
    person = spans.person[first]
    around = np.flatnonzero((spans.start[first] <= day[person]) & (day[person] <= last))
    if len(around):
        person, last = person.take(around), np.minimum(last.take(around), latest_end)
        starts = group_starts(person)
        result[person.take(starts)] = np.maximum.reduceat(last, starts)
    return result


def _few_short_gaps(
    first: Ints, last: Ints, starts: Ints, window: tuple[Ints, Ints], allowed: tuple[int, int]
) -> Bools:
    """Which groups of spans, cut to their group's window and ordered by first day, have only the gaps allowed."""
    group_end = np.append(starts[1:], len(first)) - 1
    gap = np.zeros(len(first), dtype=np.int64)
    gap[1:] = first[1:] - last[:-1] - 1
    gap[starts] = first[starts] - window[0]
    tail = window[1] - last[group_end]
    gaps = np.add.reduceat((gap > 0).astype(np.int64), starts) + (tail > 0)
    longest = np.maximum(np.maximum.reduceat(gap, starts), tail)
    return np.asarray((gaps <= allowed[0]) & ((gaps == 0) | (longest <= allowed[1])))
