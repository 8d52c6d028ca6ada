"""What is true of subjects, and when something was: the kernels. Each yields one entry for each subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import NEVER_ENDS, NO_MS, SINCE_EVER, Bools, Ints, Times, Words
from measureharmony.evaluation.event_rows import EventRows
from measureharmony.evaluation.node_results import Evaluation
from measureharmony.evaluation.row_kernels import group_starts, one_per_group, spread, union
from measureharmony.evaluation.time_kernels import age_within, order_key


def constant(evaluation: Evaluation, node: n.Constant) -> Bools:
    return np.full(evaluation.people.count, node.value)


def exists(evaluation: Evaluation, node: n.Exists) -> Bools:
    found = np.zeros(evaluation.people.count, dtype=bool)
    if len(evaluation.get(node.rows)):
        found[evaluation.rows(node.rows).person] = True
    return found


def count_is(evaluation: Evaluation, node: n.CountIs) -> Bools:
    count = evaluation.counts(evaluation.rows(node.rows), by_day=node.by_day)
    holds = np.ones(evaluation.people.count, dtype=bool)
    if node.at_least is not None:
        holds &= count >= node.at_least
    if node.at_most is not None:
        holds &= count <= node.at_most
    return holds


def age_at(evaluation: Evaluation, node: n.AgeAt) -> Bools:
    return age_within(evaluation.ages_at(node.at, months=node.months), node.from_, node.to, sure=node.sure)


def person_word(evaluation: Evaluation, node: n.PersonWord) -> Bools:
    column: Words = getattr(evaluation.people, node.column)
    return column.lookup({node.word: True, None: not node.sure})[column.codes]


def moment_is(evaluation: Evaluation, node: n.MomentIs) -> Bools:
    return np.full(evaluation.people.count, evaluation.compare(node.comparison, sure=node.sure))


def anchor_time(evaluation: Evaluation, node: n.AnchorTime) -> Times:
    rows = evaluation.rows(node.rows)
    first = group_starts(rows.person)
    person = rows.person.take(first)
    found = rows.at(first).times(node.moment)
    lo = np.full(evaluation.people.count, SINCE_EVER, dtype=np.int64)
    hi = np.full(evaluation.people.count, NEVER_ENDS, dtype=np.int64)
    ms = np.full(evaluation.people.count, NO_MS, dtype=np.int64)
    lo[person], hi[person] = found.lo, found.hi
    if found.ms is not None:
        ms[person] = found.ms
    return Times(lo, hi, ms)


def latest_row(evaluation: Evaluation, node: n.LatestRow) -> Ints:
    result = np.full(evaluation.people.count, -1, dtype=np.int64)
    rows = _together(evaluation, node.sets)
    if len(rows) == 0:
        return result
    moments = rows.times("latest")
    key = order_key(moments)
    key = np.where(moments.unknown(), np.iinfo(key.dtype).min, key)
    starts = group_starts(rows.person)
    best = np.maximum.reduceat(key, starts)
    chosen = one_per_group(key == spread(best, starts, len(key)), starts, last=True)
    result[rows.person[starts]] = rows.numbers[chosen]
    return result


def _together(evaluation: Evaluation, sets: Sequence[n.NodeId]) -> EventRows:
    """The rows in any of some sets."""
    filled = [one for one in sets if len(evaluation.get(one))]
    if len(filled) == 1:
        return evaluation.rows(filled[0])
    parts = [evaluation.get(one) for one in filled]
    return evaluation.event_rows(union(parts) if parts else np.empty(0, dtype=np.int64))


#: What computes each kind of node that looks at a subject as a whole.
SUBJECT_KERNELS: Mapping[type, Callable[[Evaluation, Any], Any]] = {
    n.Constant: constant,
    n.Exists: exists,
    n.CountIs: count_is,
    n.AgeAt: age_at,
    n.PersonWord: person_word,
    n.MomentIs: moment_is,
    n.AnchorTime: anchor_time,
    n.LatestRow: latest_row,
}

__all__ = ["SUBJECT_KERNELS"]
