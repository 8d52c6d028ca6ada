"""Numbers of subjects: the kernels. A number is a float, rounded to nine decimals; NaN where it is unknown.

Sums run over a person's rows in their order, so that no number depends on how people were divided into partitions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from measureharmony.evaluation import number_nodes as nn
from measureharmony.evaluation.columns import Bools, Floats
from measureharmony.evaluation.day_kernels import days_found
from measureharmony.evaluation.event_rows import EventRows
from measureharmony.evaluation.node_results import Evaluation
from measureharmony.evaluation.row_kernels import bound_number
from measureharmony.evaluation.units import rounded
from measureharmony.measures.number import LIMIT


def usable(numbers: Floats) -> Floats:
    """Rounded to nine decimals; NaN where they are beyond what is measured."""
    with np.errstate(invalid="ignore"):
        return rounded(np.where(np.abs(numbers) < LIMIT, numbers, np.nan))


def unknown_number(evaluation: Evaluation, node: nn.UnknownNumber) -> Floats:
    return np.full(evaluation.people.count, np.nan)


def count_of(evaluation: Evaluation, node: nn.CountOf) -> Floats:
    return evaluation.counts(evaluation.rows(node.rows), by_day=node.by_day).astype(np.float64)


def sum_of(evaluation: Evaluation, node: nn.SumOf) -> Floats:
    rows = evaluation.rows(node.rows)
    lasted = node.column == "days"
    amounts = days_lasted(rows) if lasted else evaluation.number(rows, node.column, node.unit)
    amounts = usable(amounts / node.per)
    if node.rounding:
        amounts = np.ceil(amounts) if node.rounding == "up" else np.floor(amounts)
    given = np.flatnonzero(~np.isnan(amounts))
    # Adds from the first to the last, each person's in the order of their rows.
    totals = np.bincount(rows.person.take(given), weights=amounts.take(given), minlength=evaluation.people.count)
    return usable(totals.astype(np.float64))  # without any row at all NumPy counts in whole numbers


def days_lasted(rows: EventRows) -> Floats:
    """Calendar days from the start to the end of rows, both included; NaN where one of them is not known to the day."""
    start, end = rows.times("start"), rows.times("end")
    dated = start.is_a_date() & end.is_a_date() & (start.lo == start.hi) & (end.lo == end.hi)
    lasted = end.lo.astype(np.int64) - start.lo + 1
    return np.where(dated & (lasted > 0), lasted, np.nan)


def days_covered_in(evaluation: Evaluation, node: nn.DaysCoveredIn) -> Floats:
    days = days_found(evaluation, node)
    covered = np.where(days.known, days.covered.astype(np.float64), np.nan)
    return usable(covered / np.where(days.counted > 0, days.counted, np.nan)) if node.as_share else covered


def days_in(evaluation: Evaluation, node: nn.DaysIn) -> Floats:
    first, last = evaluation.whole_day(node.start), evaluation.whole_day(node.end, np.minimum)
    days = np.maximum(last.day.astype(np.int64) - first.day + 1, 0)
    return np.where(first.known & last.known, days.astype(np.float64), np.nan)


def age_of(evaluation: Evaluation, node: nn.AgeOf) -> Floats:
    ages = evaluation.ages_at(node.at, months=node.months)
    return np.where(ages.known & (ages.youngest == ages.oldest), ages.youngest.astype(np.float64), np.nan)


def plus(evaluation: Evaluation, node: nn.Plus) -> Floats:
    total = np.zeros(evaluation.people.count)
    for part in node.parts:
        total = total + evaluation.get(part)
    return usable(total)


def ratio(evaluation: Evaluation, node: nn.Ratio) -> Floats:
    above, below = (evaluation.get(part) for part in node.parts)
    return usable(above / np.where(below == 0, np.nan, below))


def risk_of(evaluation: Evaluation, node: nn.RiskOf) -> Floats:
    total = np.full(evaluation.people.count, node.intercept)
    for part, weight in zip(node.parts, node.weights, strict=True):
        total = total + np.where(evaluation.get(part), weight, 0.0)
    return usable(logistic(total) if node.logistic else total)


def logistic(numbers: Floats) -> Floats:
    """1 / (1 + exp(-x)), without ever raising e to a great power."""
    small = np.exp(-np.abs(numbers))
    return np.where(numbers >= 0, 1.0, small) / (1.0 + small)


def number_within(evaluation: Evaluation, node: nn.NumberWithin) -> Bools:
    return bound_number(evaluation.get(node.number), node.op, node.bound, sure=node.sure)


#: What computes each kind of number node.
NUMBER_KERNELS: Mapping[type, Callable[[Evaluation, Any], Any]] = {
    nn.UnknownNumber: unknown_number,
    nn.CountOf: count_of,
    nn.SumOf: sum_of,
    nn.DaysCoveredIn: days_covered_in,
    nn.DaysIn: days_in,
    nn.AgeOf: age_of,
    nn.Plus: plus,
    nn.Ratio: ratio,
    nn.RiskOf: risk_of,
    nn.NumberWithin: number_within,
}

__all__ = ["NUMBER_KERNELS", "usable"]
