"""Calendar days covered by spells (medication at hand): the kernels."""

from __future__ import annotations

import numpy as np

from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.evaluation.row_kernels import group_starts, running_maximum, spread


def spells_of(person: Ints, start: Ints, end: Ints, *, saved_up: bool) -> tuple[Ints, Ints, Ints]:
    """Spells (person, first day, last day) by person and start.

    ``saved_up``: a spell that begins before the one before it has ended begins the day after, and keeps its length.
    """
    order = np.lexsort((start, person))
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
    """How many days from ``first`` to ``last`` (one of each per person, both included) lie in some spell."""
    count = np.zeros(len(first), dtype=np.int64)
    touching = (end >= first[person]) & (start <= last[person])
    person, start, end = person[touching], start[touching], end[touching]
    if len(person) == 0:
        return count
    order = np.lexsort((start, person))
    person = person[order]
    start, end = np.maximum(start[order], first[person]), np.minimum(end[order], last[person])
    starts = group_starts(person)
    reached = running_maximum(end, starts)
    fresh = start.copy()
    fresh[1:] = np.maximum(start[1:], reached[:-1] + 1)
    fresh[starts] = start[starts]
    count[person[starts]] = np.add.reduceat(np.maximum(end - fresh + 1, 0), starts)
    return count


def enough_days(days: Ints, first: Ints, last: Ints, at_least: int | None, share: float | None) -> Bools:
    """Where so many days, or such a share of the days from ``first`` to ``last``, are reached; never in no days."""
    window = last - first + 1
    enough = np.asarray(window > 0)
    if at_least is not None:
        enough &= days >= at_least
    if share is not None:
        enough &= days >= share * window
    return enough


__all__ = ["covered_days", "enough_days", "spells_of"]
