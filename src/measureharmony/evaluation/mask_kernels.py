"""What a row says of itself: the kernels. Each yields a mask over rows: a truth value for each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import Bools
from measureharmony.evaluation.dose_kernels import daily_doses
from measureharmony.evaluation.node_results import Evaluation
from measureharmony.evaluation.row_kernels import bound_number, in_sorted
from measureharmony.evaluation.time_kernels import age_between


def word_in(evaluation: Evaluation, node: n.WordIn) -> Bools:
    column = evaluation.events.value_type if node.column == "value_type" else evaluation.events.words[node.column]
    return np.asarray(column.lookup(dict.fromkeys(node.words, True)).take(column.codes.take(evaluation.get(node.rows))))


def any_word_in(evaluation: Evaluation, node: n.AnyWordIn) -> Bools:
    column = evaluation.events.words[node.column]
    wanted = set(node.words)
    accepts: dict[str | None, bool] = {word: not wanted.isdisjoint(word.split()) for word in column.words}
    return np.asarray(column.lookup({**accepts, None: True}).take(column.codes.take(evaluation.get(node.rows))))


def arrived(evaluation: Evaluation, node: n.Arrived) -> Bools:
    rows, source = evaluation.rows(node.rows), evaluation.events.words["source"]
    limits = {word: (np.inf if day is None else day, lag) for word, day, lag in node.arrivals}
    never = (-np.inf, 0)  # also of an empty cell, whose code -1 reaches the last entry
    day, lag = np.array([*(limits.get(word, never) for word in source.words), never]).T
    received, code = evaluation.events.numbers["received_day"].take(rows.numbers), source.codes.take(rows.numbers)
    here = np.where(np.isnan(received), rows.days("start", "lo") + lag.take(code), received)
    return np.asarray(here <= day.take(code))


def of_subjects(evaluation: Evaluation, node: n.OfSubjects) -> Bools:
    return np.asarray(evaluation.get(node.part).take(evaluation.rows(node.rows).person))


def in_rows(evaluation: Evaluation, node: n.InRows) -> Bools:
    return in_sorted(evaluation.get(node.rows), evaluation.get(node.other))


def compare_rows(evaluation: Evaluation, node: n.Compare) -> Bools:
    return evaluation.compare(node.comparison, evaluation.rows(node.rows), sure=node.sure)


def has_value(evaluation: Evaluation, node: n.HasValue) -> Bools:
    return np.asarray((evaluation.events.value_type.codes.take(evaluation.get(node.rows)) >= 0) == node.present)


def number_is(evaluation: Evaluation, node: n.NumberIs) -> Bools:
    numbers = evaluation.number(evaluation.rows(node.rows), node.column, node.unit)
    return bound_number(numbers, node.op, node.bound, sure=node.sure)


def daily_dose_is(evaluation: Evaluation, node: n.DailyDoseIs) -> Bools:
    drugs = [evaluation.get(drug) for drug in node.sets]
    doses = daily_doses(evaluation.get(node.rows), evaluation.events, zip(drugs, node.amounts, node.units, strict=True))
    return bound_number(doses, node.op, node.bound, sure=node.sure)


def age_at_row(evaluation: Evaluation, node: n.AgeAtRow) -> Bools:
    rows = evaluation.rows(node.rows)
    birth = evaluation.people.birth.take(rows.person)
    return age_between(birth, rows.times(node.moment), node.from_, node.to, months=False, sure=node.sure)


#: What computes each kind of node that yields a mask from the rows' own columns.
MASK_KERNELS: Mapping[type, Callable[[Evaluation, Any], Bools]] = {
    n.WordIn: word_in,
    n.AnyWordIn: any_word_in,
    n.Arrived: arrived,
    n.OfSubjects: of_subjects,
    n.InRows: in_rows,
    n.Compare: compare_rows,
    n.HasValue: has_value,
    n.NumberIs: number_is,
    n.DailyDoseIs: daily_dose_is,
    n.AgeAtRow: age_at_row,
}

__all__ = ["MASK_KERNELS"]
