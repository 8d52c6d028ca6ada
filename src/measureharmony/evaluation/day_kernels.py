"""Days of subjects: enrolled, covered by medication, and the last one of something. The kernels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from measureharmony.evaluation import coverage_days, enrolment
from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER, Bools, Ints, Spans, Times
from measureharmony.evaluation.coverage_days import DaysFound, InUse, Spells, enough_days
from measureharmony.evaluation.enrolment import Counted
from measureharmony.evaluation.event_rows import EventRows
from measureharmony.evaluation.node_results import Evaluation
from measureharmony.evaluation.number_nodes import DaysCoveredIn
from measureharmony.evaluation.time_kernels import days_known


def days_covered_are(evaluation: Evaluation, node: n.DaysCoveredAre) -> Bools:
    days = days_found(evaluation, node)
    return days.known & enough_days(days, node.at_least, node.share)


def days_found(evaluation: Evaluation, node: n.DaysCoveredAre | DaysCoveredIn) -> DaysFound:
    """How many days of a window count, and on how many of them something is at hand, for each subject."""
    first, last = evaluation.whole_day(node.start), evaluation.whole_day(node.end, np.minimum)
    return coverage_days.days_found(_in_use(evaluation, node), first, last)


def _in_use(evaluation: Evaluation, node: n.DaysCoveredAre | DaysCoveredIn) -> InUse:
    """The spells that a node asks for: contracts differ in windows and shares more than in these."""
    key = node.sets, node.excepted, node.saved_up
    if key not in evaluation.in_use:
        sets, excepted = (
            [_spells(rows) for rows in map(evaluation.rows, some) if len(rows)] for some in (node.sets, node.excepted)
        )
        evaluation.in_use[key] = coverage_days.in_use(sets, excepted, saved_up=node.saved_up)
    return evaluation.in_use[key]


def _spells(rows: EventRows) -> Spells:
    """The days of the rows whose days are known."""
    start, end = rows.times("start"), rows.times("end")
    known = np.flatnonzero(days_known(start, end))
    person, first, last = (column.take(known).astype(np.int64) for column in (rows.person, start.lo, end.lo))
    return person, first, last


def enrolled_over(evaluation: Evaluation, node: n.EnrolledOver) -> Bools:
    start, end = evaluation.whole_day(node.start), evaluation.whole_day(node.end, np.minimum)
    known = start.known & end.known
    latest_end = NEVER_ENDS if node.latest_end is None else node.latest_end
    anchor = None
    if node.anchor is not None:
        anchor_day = evaluation.whole_day((node.anchor,))
        known &= anchor_day.known
        anchor = np.minimum(anchor_day.day, latest_end)
    window = start.day, np.minimum(end.day, latest_end)
    return known & enrolment.enrolled(_counted(evaluation, node), window, anchor, (node.gaps, node.gap_days))


def _counted(evaluation: Evaluation, node: n.EnrolledOver | n.CoveredUntil) -> Counted:
    """The spans of coverage that a node asks for: contracts differ in gaps and windows more than in these."""
    key = node.payer, node.product_lines, node.benefits
    if key not in evaluation.counted:
        spans = evaluation.partition.coverage
        wanted = _own(spans, node.payer, node.product_lines) & _offers(spans, node.benefits)
        evaluation.counted[key] = enrolment.counted(spans, wanted)
    return evaluation.counted[key]


def listed_on(evaluation: Evaluation, node: n.ListedOn) -> Bools:
    if node.program is not None and node.program in evaluation.partition.listed:
        spans, wanted = evaluation.partition.roster, _own(evaluation.partition.roster, node.program, ())
    else:
        spans = evaluation.partition.coverage
        wanted = _own(spans, node.payer, node.product_lines)
    touching = wanted & (spans.start <= node.end) & (spans.end >= node.start)
    listed = np.zeros(evaluation.people.count, dtype=bool)
    listed[spans.person[touching]] = True
    return listed


def covered_until(evaluation: Evaluation, node: n.CoveredUntil) -> Times:
    at = evaluation.whole_day((node.at,))
    latest_end = NEVER_ENDS if node.latest_end is None else node.latest_end
    day = np.minimum(at.day, latest_end)
    last = enrolment.covered_until(_counted(evaluation, node), day, node.gap_days, latest_end)
    last = np.where(at.known, last, SINCE_EVER)
    return Times(last, np.where(last == SINCE_EVER, NEVER_ENDS, last))


def last_day(evaluation: Evaluation, node: n.LastDay) -> Ints:
    ends = [evaluation.days(end, "hi") for end in node.end]
    return np.full(evaluation.people.count, reduce(np.minimum, ends), dtype=np.int64)


def earliest_of(evaluation: Evaluation, node: n.EarliestOf) -> Ints:
    days = [evaluation.get(part) for part in node.parts]
    if node.had:
        days = [np.where(evaluation.get(had), NEVER_ENDS, day) for day, had in zip(days, node.had, strict=True)]
    return np.asarray(reduce(np.minimum, days))


def latest_of(evaluation: Evaluation, node: n.LatestOf) -> Ints:
    return np.asarray(reduce(np.maximum, [evaluation.get(part) for part in node.parts]))


def _own(spans: Spans, name: str | None, product_lines: tuple[str, ...]) -> Bools:
    """Spans of this payer (or program) and one of these product lines; ``None`` and empty: any."""
    wanted = np.ones(len(spans.person), dtype=bool)
    if name is not None:
        wanted &= spans.name.lookup({name: True})[spans.name.codes]
    if product_lines:
        wanted &= spans.product_line.lookup(dict.fromkeys(product_lines, True))[spans.product_line.codes]
    return wanted


def _offers(spans: Spans, benefits: tuple[str, ...]) -> Bools:
    """Spans that offer all ``benefits``; an empty cell offers everything."""
    needed = set(benefits)
    accepts: Mapping[str | None, bool] = {word: needed <= set(word.split()) for word in spans.benefits.words}
    return spans.benefits.lookup({**accepts, None: True})[spans.benefits.codes]


#: What computes each kind of node that is about days.
DAY_KERNELS: Mapping[type, Callable[[Evaluation, Any], Any]] = {
    n.DaysCoveredAre: days_covered_are,
    n.EnrolledOver: enrolled_over,
    n.ListedOn: listed_on,
    n.CoveredUntil: covered_until,
    n.LastDay: last_day,
    n.EarliestOf: earliest_of,
    n.LatestOf: latest_of,
}

__all__ = ["DAY_KERNELS", "days_found"]
