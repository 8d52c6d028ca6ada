"""What is true of subjects, and when something was: the kernels. Each yields one entry for each subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import NEVER_ENDS, NO_MS, SINCE_EVER, Bools, Ints, Times, Words
from measureharmony.evaluation.event_rows import EventRows
from measureharmony.evaluation.node_results import Evaluation
from measureharmony.evaluation.row_kernels import group_starts, one_per_group, spread
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
    if len(person) == evaluation.people.count:
        return found
    return Times(
        _scattered(evaluation, person, found.lo, SINCE_EVER),
        _scattered(evaluation, person, found.hi, NEVER_ENDS),
        None if found.ms is None else _scattered(evaluation, person, found.ms, NO_MS),
    )


def _scattered(evaluation: Evaluation, person: Ints, values: Ints, others: int) -> Ints:
    """A value for each person; ``others`` for whoever is not among them."""
    everybody = np.full(evaluation.people.count, others, dtype=values.dtype)
    everybody[person] = values
    return everybody


def latest_row(evaluation: Evaluation, node: n.LatestRow) -> Ints:
    found = [_latest(rows) for rows in map(evaluation.rows, node.sets) if len(rows)]
    result = np.full(evaluation.people.count, -1, dtype=np.int64)
    if len(found) == 1:
        person, row, _ = found[0]
        result[person] = row
        return result
    latest = np.full(evaluation.people.count, np.iinfo(np.int64).min)
    for person, row, key in found:
        before = latest.take(person)
        later = (key > before) | ((key == before) & (row > result.take(person)))
        person = person.compress(later)
        result[person], latest[person] = row.compress(later), key.compress(later)
    return result


def _latest(rows: EventRows) -> tuple[Ints, Ints, Ints]:
    """Everybody with some of the rows, their latest one (the last of several), and what moments are ordered by."""
    moments = rows.times("latest")
    key, unknown = order_key(moments), moments.unknown()
    if unknown.any():
        key = np.where(unknown, np.iinfo(key.dtype).min, key)
    starts = group_starts(rows.person)
    best = np.maximum.reduceat(key, starts)
    chosen = one_per_group(key == spread(best, starts, len(key)), starts, last=True)
    return rows.person.take(starts), rows.numbers.take(chosen), best


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
