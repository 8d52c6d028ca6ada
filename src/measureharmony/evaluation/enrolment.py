"""Continuous enrolment with one payer: the kernel."""

from __future__ import annotations

import numpy as np

from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER, Bools, Ints, Spans
from measureharmony.evaluation.row_kernels import group_starts, spread


def enrolled(
    spans: Spans,
    people: int,
    start: Ints,
    end: Ints,
    anchor: Ints | None,
    allowed: tuple[int, int],
    wanted: Bools,
) -> Bools:
    """Who is covered from ``start`` to ``end`` (days, one per person) by one payer, but for the allowed gaps.

    ``allowed`` is (how many gaps, of how many days each at most). ``wanted`` says which spans count at all. Spans of
    one person and payer are taken together; whoever has no covered day in the window is not enrolled.
    """
    keep = np.flatnonzero(
        wanted & (spans.end >= start[spans.person]) & (spans.start <= end[spans.person]) & (spans.start <= spans.end)
    )
    result = np.zeros(people, dtype=bool)
    if len(keep) == 0:
        return result
    order = keep[np.lexsort((spans.start[keep], spans.name.codes[keep], spans.person[keep]))]
    person, payer = spans.person[order].astype(np.int64), spans.name.codes[order]
    first = np.maximum(spans.start[order], start[person])
    last = np.minimum(spans.end[order], end[person])
    starts = group_starts(person * (int(payer.max()) + 2) + payer)
    covered_to = _running_maximum(last, starts)
    owner = person[starts]
    group_end = np.append(starts[1:], len(order)) - 1

    gap = np.zeros(len(order), dtype=np.int64)
    gap[1:] = first[1:] - covered_to[:-1] - 1
    gap[starts] = first[starts] - start[owner]
    tail = end[owner] - covered_to[group_end]
    gaps = np.add.reduceat((gap > 0).astype(np.int64), starts) + (tail > 0)
    longest = np.maximum(np.maximum.reduceat(gap, starts), tail)
    holds = (gaps <= allowed[0]) & (longest <= np.where(gaps > 0, allowed[1], longest))
    if anchor is not None:
        holds &= _covers(spans, order, starts, anchor[person])
    known = (start[owner] != SINCE_EVER) & (end[owner] != NEVER_ENDS)
    result[owner[holds & known]] = True
    return result


def _running_maximum(values: Ints, starts: Ints) -> Ints:
    """The greatest value so far within each group."""
    low = int(values.min())
    step = int(values.max()) - low + 1
    offset = spread(np.arange(len(starts), dtype=np.int64) * step, starts, len(values))
    return np.maximum.accumulate(values - low + offset) - offset + low


def _covers(spans: Spans, order: Ints, starts: Ints, day: Ints) -> Bools:
    covered = (spans.start[order] <= day) & (spans.end[order] >= day)
    return np.asarray(np.logical_or.reduceat(covered, starts))
