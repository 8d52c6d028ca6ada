"""Continuous enrolment with one payer: the kernels."""

from __future__ import annotations

import numpy as np

from measureharmony.evaluation.columns import SINCE_EVER, Bools, Ints, Spans
from measureharmony.evaluation.row_kernels import group_starts, running_maximum, stretches


def enrolled(
    spans: Spans,
    window: tuple[Ints, Ints],
    anchor: Ints | None,
    allowed: tuple[int, int],
    wanted: Bools,
) -> Bools:
    """Who is covered over ``window`` (first and last days, one per person) by one payer, but for the allowed gaps.

    ``allowed`` is (how many gaps, of how many days each at most). ``wanted`` says which spans count at all. Spans of
    one person and payer are taken together. ``anchor`` gives a day, inside or outside of the window, that the same
    payer must cover. Whoever has no covered day in the window is not enrolled.
    """
    start, end = window
    touching = (spans.end >= start[spans.person]) & (spans.start <= end[spans.person]) & (spans.start <= spans.end)
    keep = np.flatnonzero(wanted & touching & (start <= end)[spans.person])
    result = np.zeros(len(start), dtype=bool)
    if len(keep) == 0:
        return result
    order = keep[np.lexsort((spans.start[keep], spans.name.codes[keep], spans.person[keep]))]
    person, payer = spans.person[order].astype(np.int64), _person_and_payer(spans)[order]
    starts = group_starts(payer)
    owner = person[starts]
    first = np.maximum(spans.start[order], start[person])
    last = np.minimum(spans.end[order], end[person])
    holds = _few_short_gaps(first, last, starts, (start[owner], end[owner]), allowed)
    if anchor is not None:
        covers = wanted & (spans.start <= anchor[spans.person]) & (spans.end >= anchor[spans.person])
        holds &= np.isin(payer[starts], _person_and_payer(spans)[covers])
    result[owner[holds]] = True
    return result


def covered_until(spans: Spans, day: Ints, gap_days: int, latest_end: int, wanted: Bools) -> Ints:
    """The last day of the stretch of coverage with one payer that ``day`` (one per person) belongs to.

    A stretch goes on over at most ``gap_days`` uncovered days, and ends at ``latest_end`` at the latest. The latest
    such day where several payers cover ``day``, :data:`SINCE_EVER` where nobody does.
    """
    result = np.full(len(day), SINCE_EVER, dtype=np.int64)
    keep = np.flatnonzero(wanted & (spans.start <= spans.end))
    order = keep[np.lexsort((spans.start[keep], spans.name.codes[keep], spans.person[keep]))]
    start, end = spans.start[order].astype(np.int64), spans.end[order].astype(np.int64)
    first, last = stretches(_person_and_payer(spans)[order], start, end, gap_days)
    person = spans.person[order][first]
    around = (start[first] <= day[person]) & (day[person] <= last)
    np.maximum.at(result, person[around], np.minimum(last[around], latest_end))
    return result


def _person_and_payer(spans: Spans) -> Ints:
    """One number for each pair of person and payer, ascending with them."""
    return spans.person.astype(np.int64) * (len(spans.name.words) + 1) + spans.name.codes


def _few_short_gaps(
    first: Ints, last: Ints, starts: Ints, window: tuple[Ints, Ints], allowed: tuple[int, int]
) -> Bools:
    """Which groups of spans, cut to their group's window and ordered by first day, have only the gaps allowed."""
    covered_to = running_maximum(last, starts)
    group_end = np.append(starts[1:], len(first)) - 1
    gap = np.zeros(len(first), dtype=np.int64)
    gap[1:] = first[1:] - covered_to[:-1] - 1
    gap[starts] = first[starts] - window[0]
    tail = window[1] - covered_to[group_end]
    gaps = np.add.reduceat((gap > 0).astype(np.int64), starts) + (tail > 0)
    longest = np.maximum(np.maximum.reduceat(gap, starts), tail)
    return np.asarray((gaps <= allowed[0]) & ((gaps == 0) | (longest <= allowed[1])))
